"""A window is full at a glance where as many visits are certainly under way as there are vans; and that is a proof."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.problem import Window
from routing.quote import Effort, Refusal, RefusalReason, Verdict, decide_window
from routing.quote.compulsory import certainly_full, full_spans
from tests.routing.days import day, shift, visit, window
from tests.routing.quote.standing import NEW, asked, quoted, standing

VANS = (shift("van-1", break_=None), shift("van-2", break_=None))
TWO_AT_TEN = quoted(
    standing(
        day((visit("A", "10:00", "10:30"), visit("B", "10:00", "10:30")), VANS), {"van-1": ("A",), "van-2": ("B",)}
    )
)
"""Both vans promised at ten; each is certainly at its visit from 10:30 to 10:40."""


@pytest.mark.parametrize(
    ("opens", "closes", "full"),
    [
        ("10:00", "10:30", True),
        ("10:05", "10:35", True),  # certainly there from 10:35 to 10:45
        ("09:30", "10:00", False),  # certainly there from 10:00 to 10:10 only
        ("10:10", "10:40", False),  # a van may leave at 10:40 and be there at 10:40
        ("10:00", "10:50", False),  # may begin before or after: nothing is certain
    ],
)
def test_a_window_is_full_where_every_van_is_certainly_elsewhere(opens: str, closes: str, full: bool) -> None:
    assert certainly_full(asked(), TWO_AT_TEN, window(opens, closes)) is full


def test_one_van_more_and_nothing_is_certain() -> None:
    third = quoted(
        standing(
            day(TWO_AT_TEN.routes.problem.visits, (*VANS, shift("van-3", break_=None))),
            {"van-1": ("A",), "van-2": ("B",)},
        )
    )
    assert not certainly_full(asked(), third, window("10:00", "10:30"))


def test_a_full_window_of_a_large_day_is_proved_without_any_search() -> None:
    clocks = ("10:00", "11:00", "12:00", "13:00", "14:00")
    visits = [visit(f"{van}{at}", at, f"{at[:2]}:30") for van in ("a", "b") for at in clocks]
    orders = {"van-1": tuple(f"a{at}" for at in clocks), "van-2": tuple(f"b{at}" for at in clocks)}
    busy = quoted(standing(day(tuple(visits), VANS), orders))
    slot = decide_window(asked(), NEW, busy, window("12:00", "12:30"), effort=Effort(seconds=0.0))
    assert isinstance(slot, Refusal)
    assert (slot.verdict, slot.reason) == (Verdict.IMPOSSIBLE, RefusalReason.CROWDED_OUT)


@given(
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 6), st.integers(0, 9)), max_size=12),
    st.integers(0, 3),
)
def test_all_vans_are_taken_at_exactly_the_moments_of_the_full_spans(
    visits: list[tuple[int, int, int]], vans: int
) -> None:
    """Compared minute by minute; a visit opens at a minute, for so many, and takes so many."""
    day_visits = [
        visit(f"V{at}", windows=(Window(60 * opens, 60 * (opens + length)),), service_s=60 * takes)
        for at, (opens, length, takes) in enumerate(visits)
    ]
    spans = full_spans(day_visits, vans)
    for minute in range(40):
        under_way = sum(opens + length <= minute < opens + takes for opens, length, takes in visits)
        assert any(begins_s <= 60 * minute < ends_s for begins_s, ends_s in spans) is (under_way >= vans)
