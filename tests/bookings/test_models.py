"""The database itself refuses two live bookings of a household, a naive time and numbers that cannot be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, select

from bookings.models import Booking, BookingFinding, DistrictRow, TownRow, metadata
from bookings.statuses import LIVE, Status

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
INTAKE_TABLES = ["booking", "booking_change", "booking_finding", "town", "district", "boundary"]


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine, tables=[metadata.tables[name] for name in INTAKE_TABLES])
    with Session(engine) as open_session:
        yield open_session
    engine.dispose()


def a_booking(reference: str = "H10472", **changes: Any) -> Booking:
    values: dict[str, Any] = {
        "reference": reference,
        "status": "requested",
        "people": 2,
        "visit_type": "new_card",
        "household_key": "白瀬市緑町|3-5|",
        "received_at": NOON,
        "changed_at": NOON,
    }
    return Booking(**{**values, **changes})


def stored(session: Session, *rows: Any) -> None:
    session.add_all(rows)
    session.commit()


def refused(session: Session, *rows: Any) -> None:
    session.add_all(rows)
    with pytest.raises(IntegrityError):
        session.commit()


def test_a_second_live_booking_of_a_household_is_refused(session: Session) -> None:
    refused(session, a_booking(), a_booking("P20391"))


@pytest.mark.parametrize("status", sorted(LIVE))
def test_every_live_status_counts(session: Session, status: Status) -> None:
    refused(session, a_booking(), a_booking("P20391", status=status.value))


@pytest.mark.parametrize(
    "changes",
    [
        *({"status": status.value} for status in sorted(set(Status) - LIVE)),
        {"household_number": 1},
        {"visit_type": "pin_reset"},
        {"household_key": None},
        {"household_key": "白瀬市緑町|3-5|201"},
    ],
    ids=str,
)
def test_what_is_not_the_same_live_booking_is_stored(session: Session, changes: dict[str, Any]) -> None:
    stored(session, a_booking(), a_booking("P20391", **changes))
    assert len(session.exec(select(Booking)).all()) == 2


def test_two_drafts_without_an_address_stand_side_by_side(session: Session) -> None:
    stored(session, *(a_booking(r, status="draft", household_key=None, people=None) for r in ("A00000", "B00001")))
    assert len(session.exec(select(Booking)).all()) == 2


def test_a_reference_is_given_once(session: Session) -> None:
    refused(session, a_booking(), a_booking(status="cancelled"))


@pytest.mark.parametrize(
    "changes",
    [{"status": "lost"}, {"people": 0}, {"under_15": -1}, {"lat": 31.7}, {"lon": 131.1}],
    ids=str,
)
def test_impossible_values_are_refused(session: Session, changes: dict[str, Any]) -> None:
    refused(session, a_booking(**changes))


def test_a_time_comes_back_aware_and_in_utc(session: Session) -> None:
    in_japan = timezone(timedelta(hours=9))
    stored(session, a_booking(received_at=datetime(2026, 11, 20, 16, 0, tzinfo=in_japan)))
    session.expire_all()
    read = session.exec(select(Booking)).one().received_at
    assert (read, read.utcoffset()) == (datetime(2026, 11, 20, 7, 0, tzinfo=UTC), timedelta(0))


def test_a_naive_time_is_refused(session: Session) -> None:
    session.add(a_booking(received_at=datetime(2026, 11, 20, 16, 0)))  # noqa: DTZ001
    with pytest.raises(StatementError, match="aware"):
        session.commit()


def test_lists_and_answers_come_back_as_they_went_in(session: Session) -> None:
    stored(session, a_booking(answers={"people": "２人"}, needs=["wheelchair"], open_answers=["kana"]))
    session.expire_all()
    read = session.exec(select(Booking)).one()
    assert (read.answers, read.needs, read.open_answers) == ({"people": "２人"}, ["wheelchair"], ["kana"])


def test_a_finding_of_unknown_severity_is_refused(session: Session) -> None:
    booking = a_booking()
    stored(session, booking)
    refused(session, BookingFinding(booking_id=booking.id, field="name", code="X", severity="grave"))


@pytest.mark.parametrize(("population", "aged"), [(-1, 0), (100, -1), (100, 101)])
def test_a_district_whose_people_do_not_add_up_is_refused(session: Session, population: int, aged: int) -> None:
    refused(session, DistrictRow(name="中央", population=population, aged_65=aged))


def test_a_town_stands_once(session: Session) -> None:
    town = {"prefecture": "白羽県", "city": "白瀬市", "town": "緑町", "lat": 38.0, "lon": 139.0}
    refused(session, TownRow(**town), TownRow(**town))
