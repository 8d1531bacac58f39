"""A day problem that exists is valid."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.errors import ProblemError
from routing.problem import Break, Place, Window, clock_text
from tests.routing.days import day, four_visits, shift, visit


def refused(build: object) -> tuple[str, str]:
    with pytest.raises(ProblemError) as caught:
        build()  # type: ignore[operator]
    return caught.value.code, caught.value.path


@pytest.mark.parametrize(
    ("build", "code", "path"),
    [
        (lambda: Window(36_000, 35_999), "WINDOW_BACKWARDS", ""),
        (lambda: Window(-1, 5), "TIME_OUT_OF_RANGE", "opens"),
        (lambda: Window(0, 86_400), "TIME_OUT_OF_RANGE", "closes"),
        (lambda: Break(0, 0, 0), "DURATION_OUT_OF_RANGE", "duration_s"),
        (lambda: Break(60, 10, 9), "BREAK_BACKWARDS", ""),
        (lambda: shift(end_s=30_600), "SHIFT_BACKWARDS", ""),
        (lambda: shift(crew=("s",)), "CREW_NOT_TWO", "crew"),
        (lambda: shift(crew=("s", "s")), "CREW_NOT_TWO", "crew"),
        (lambda: shift(crew=("s", "t", "u")), "CREW_NOT_TWO", "crew"),
        (lambda: Place("", 0, 0), "EMPTY_ID", "id"),
        (lambda: Place("x", float("nan"), 0), "COORDINATE_OUT_OF_RANGE", "lat"),
        (lambda: Place("x", 0, 180.5), "COORDINATE_OUT_OF_RANGE", "lon"),
        (lambda: visit("A", service_s=-1), "DURATION_OUT_OF_RANGE", "service_s"),
        (lambda: visit("A", windows=()), "NO_WINDOW", "windows"),
        (lambda: visit("A", drop_penalty_s=-1), "PENALTY_OUT_OF_RANGE", "drop_penalty_s"),
        (lambda: day((visit("A"), visit("A"))), "DUPLICATE_ID", "visits[1].id"),
        (lambda: day((visit("A", pinned_shift="van-9"),)), "UNKNOWN_SHIFT", "visits[0].pinned_shift"),
        (lambda: replace(four_visits, places=four_visits.places[:-1]), "MATRIX_SIZE", "travel_s"),
        (lambda: replace(four_visits, travel_s=((0,),) * 5), "MATRIX_SIZE", "travel_s[0]"),
        (lambda: replace(four_visits, visits=(visit("X"),)), "UNKNOWN_PLACE", "visits[0].place"),
        (lambda: replace(four_visits, shifts=(shift(start_place="x"),)), "UNKNOWN_PLACE", "shifts[0].start_place"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_place(build: object, code: str, path: str) -> None:
    assert refused(build) == (code, path)


def test_a_window_holds_both_its_ends() -> None:
    window = Window(100, 200)
    assert [moment in window for moment in (99, 100, 200, 201)] == [False, True, True, False]


def test_seconds_are_written_only_where_there_are_any() -> None:
    assert [clock_text(0), clock_text(34_200), clock_text(34_201)] == ["00:00", "09:30", "09:30:01"]
