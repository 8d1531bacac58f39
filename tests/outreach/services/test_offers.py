"""The nearest window that works is the one a clerk would name first: of the nearest day, then of its times."""

from __future__ import annotations

from datetime import date as Date
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from outreach.services._offers import IMPOSSIBLE, NotOffered, Offer, Slot, distance, with_nearest

FIRST = Date(2026, 11, 24)
slots = st.tuples(st.integers(0, 6), st.integers(18, 30))
"""Days after the first, and half hours of the day."""


def offered(day: int, half_hour: int) -> Offer:
    opens_s = half_hour * 1800
    return Offer(FIRST + timedelta(days=day), opens_s, opens_s + 1800, 0, 0, 1, "van-1", True, "inserted")


def refused(day: int, half_hour: int | None) -> NotOffered:
    opens_s = None if half_hour is None else half_hour * 1800
    closes_s = None if opens_s is None else opens_s + 1800
    return NotOffered(FIRST + timedelta(days=day), opens_s, closes_s, "CROWDED_OUT", IMPOSSIBLE)


@given(st.lists(slots, min_size=1), st.lists(st.tuples(st.integers(0, 6), st.none() | st.integers(18, 30))))
def test_every_refusal_names_the_least_distant_of_all_offers(
    offers: list[tuple[int, int]], refusals: list[tuple[int, int | None]]
) -> None:
    read_out = [offered(*offer) for offer in offers]
    entries = [refused(*refusal) for refusal in refusals]
    for entry, told in zip(entries, with_nearest(entries, read_out), strict=True):
        every = (Slot(offer.day, offer.opens_s, offer.closes_s) for offer in read_out)
        opens_s = entry.opens_s or 0
        assert told.nearest == min(every, key=lambda slot: distance(slot, entry.day, opens_s))


def test_without_an_offer_there_is_no_nearest() -> None:
    assert with_nearest([refused(0, 20)], []) == [refused(0, 20)]
