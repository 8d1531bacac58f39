"""A window is full at a glance where as many visits are certainly under way as there are vans; and that is a proof."""

from __future__ import annotations

import pytest

from routing.quote import Effort, Refusal, RefusalReason, Verdict, decide_window
from routing.quote.compulsory import certainly_full
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
