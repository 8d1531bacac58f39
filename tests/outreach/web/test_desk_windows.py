"""Which windows stand on the desk's nine keys."""

from __future__ import annotations

from datetime import date as Date
from datetime import timedelta

from outreach.services.slots import Offer
from outreach.web.desk.promises import MOST_WINDOWS, spread

FIRST = Date(2026, 11, 26)


def offers(*days: int) -> list[Offer]:
    """Offers in the order of rank, each on so many days after the first."""
    return [
        Offer(FIRST + timedelta(days=day), 34200 + 1800 * rank, 36000 + 1800 * rank, 300, 600, rank, "van-1", True, "x")
        for rank, day in enumerate(days)
    ]


def test_a_few_of_each_day_in_the_order_of_rank() -> None:
    shown = spread(offers(*[0] * 12, *[1] * 12, *[2] * 12))
    assert [(offer.day - FIRST).days for offer in shown] == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_where_no_other_day_is_left_one_day_fills_all_keys() -> None:
    everything = offers(*[0] * 12, 1)
    shown = spread(everything)
    assert shown == [*everything[:8], everything[12]]


def test_few_offers_are_all_shown() -> None:
    everything = offers(0, 0, 0, 0, 1)
    assert (spread(everything), MOST_WINDOWS) == (everything, 9)
