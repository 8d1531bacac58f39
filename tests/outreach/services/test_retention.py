"""Personal data goes when its time is over; counts and live bookings stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date
from datetime import timedelta

import pytest
from sqlmodel import select

from bookings.models import Booking, BookingFinding
from outreach.services import desk, field, lookup, reception
from outreach.services.coverage import coverage
from outreach.services.office import Office
from outreach.services.retention import PERSONAL_TEXTS, PERSONAL_VALUES, erase_due
from outreach.storage.engine import reading
from tests.outreach.city import NEAR, TUESDAY, small_city

WINDOW = (10 * 3600, 10 * 3600 + 1800)
CALL = reception.Call(
    answers={
        "name": "星野 あかり",
        "kana": "ホシノ アカリ",
        "phone": "23-0118",
        "address": NEAR.address,
        "people": "2",
        "landmark": "赤い屋根",
        "note": "鍵は隣の家",
    }
)


@pytest.fixture
def visited(office: Office) -> tuple[Office, str]:
    """A booking visited on the Tuesday of the small city."""
    small_city(office)
    taken = reception.add(office, CALL)
    desk.confirm(office, taken.reference, TUESDAY, WINDOW, accept=["LEAD_TIME"])
    evening = on(office, TUESDAY)
    field.log_visit(evening, field.Outcome(taken.reference, "visited", 2, note="元気"))
    return office, taken.reference


def on(office: Office, day: Date) -> Office:
    """The office on the evening of another day."""
    now = office.now().replace(year=day.year, month=day.month, day=day.day, hour=18)
    return replace(office, settings=replace(office.settings, now=now))


def booking_of(office: Office, reference: str) -> Booking:
    with reading(office.engine) as session:
        return session.exec(select(Booking).where(Booking.reference == reference)).one()


def test_nothing_is_erased_while_the_time_is_not_over(visited: tuple[Office, str]) -> None:
    office, _ = visited
    assert erase_due(on(office, TUESDAY + timedelta(days=90))).references == ()


def test_everything_personal_is_empty_a_day_later(visited: tuple[Office, str]) -> None:
    office, reference = visited
    later = on(office, TUESDAY + timedelta(days=91))
    assert erase_due(later).references == (reference,)
    booking = booking_of(office, reference)
    assert {getattr(booking, name) for name in PERSONAL_TEXTS} == {""}
    assert {getattr(booking, name) for name in PERSONAL_VALUES} == {None}
    assert (booking.answers, booking.wishes) == ({}, {})
    with reading(office.engine) as session:
        assert session.exec(select(BookingFinding).where(BookingFinding.booking_id == booking.id)).all() == []
    assert {change.why for change in lookup.show(office, reference).history} == {""}


def test_the_counts_stay(visited: tuple[Office, str]) -> None:
    office, _ = visited
    before = coverage(office, TUESDAY, TUESDAY, language="en").districts
    erase_due(on(office, TUESDAY + timedelta(days=91)))
    assert coverage(office, TUESDAY, TUESDAY, language="en").districts == before


def test_a_dry_run_erases_nothing(visited: tuple[Office, str]) -> None:
    office, reference = visited
    assert erase_due(on(office, TUESDAY + timedelta(days=91)), dry_run=True).references == (reference,)
    assert booking_of(office, reference).name == "星野 あかり"


def test_a_waiting_booking_is_never_erased(office: Office) -> None:
    small_city(office)
    reference = reception.add(office, CALL).reference
    assert erase_due(on(office, TUESDAY + timedelta(days=1000))).references == ()
    assert booking_of(office, reference).name == "星野 あかり"


def test_old_papers_are_removed_and_young_ones_stay(office: Office) -> None:
    old, young = office.settings.published / "2026-08-01" / "v1-ja", office.settings.published / "2026-11-24" / "v1-ja"
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "route-sheets.pdf").write_bytes(b"names")
    assert erase_due(office).days == (Date(2026, 8, 1),)
    assert (old.exists(), young.exists()) == (False, True)
