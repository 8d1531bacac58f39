"""The ledger: every contact has one stored result, and the counts of a period add up exactly to its contacts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import Session, col, select

from bookings.models import Booking, BookingChange, DistrictRow
from bookings.privacy import require_clean
from bookings.spreadsheets import write_csv
from bookings.statuses import Status
from bookings.wareki import AgeBand
from bookings.wishes import Wishes
from outreach.errors import BadInput
from outreach.programme.clock import TOKYO
from outreach.services._bookings import change_status, require_booking
from outreach.services._holds import lapse
from outreach.services._once import Receipt
from outreach.services._tallies import (
    RESULT_OF,
    Axis,
    Contact,
    District,
    Ledger,
    Line,
    Result,
    Tally,
    band_at_contact,
)
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.words import Words

__all__ = [
    "Axis",
    "Contact",
    "Declined",
    "District",
    "Ledger",
    "Line",
    "Result",
    "Tally",
    "decline",
    "ledger",
    "ledger_csv",
    "line_words",
    "move_unmet",
    "rule_words",
]

TAKEN_UP_AGAIN = (Status.DRAFT, Status.NO_SHOW, Status.UNMET)
"""A request that comes from one of these begins to wait on that day, not on the day of its first contact."""


# -- counting ----------------------------------------------------------------------------------------------------------


def ledger(office: Office, first: Date, last: Date) -> Ledger:
    """Count the contacts received between two days in Japan (both included) by what came of them.

    What has waited past its date becomes ``unmet`` first, so that the ledger says how things are. It is for the office:
    small numbers are not withheld (for the public there is :func:`outreach.services.coverage.coverage`). The age is
    that of the person the booking is made for, at the time of the contact.

    Raises:
        BadInput: ``PERIOD_BACKWARDS``.
    """
    if last < first:
        raise BadInput("PERIOD_BACKWARDS", first=first, last=last)
    move_unmet(office)
    with reading(office.engine) as session:
        rows = _rows(session, first, last)
        # Counted once more by the database itself: the cross table has to come to the same.
        contacts, people, known = session.exec(
            select(func.count(), func.sum(Booking.people), func.count(col(Booking.people)))
            .select_from(Booking)
            .where(_received(first, last))
        ).one()
        districts = session.exec(select(DistrictRow.name, DistrictRow.name_en).order_by(col(DistrictRow.id))).all()
    return Ledger(
        first=first,
        last=last,
        total=Tally(contacts, int(people or 0), contacts - known),
        rows=rows,
        districts=tuple(District(name, name_en) for name, name_en in districts),
    )


def _received(first: Date, last: Date) -> ColumnElement[bool]:
    """Received on one of these days; the very first hours of the calendar have no instant in UTC."""
    begins = datetime.combine(max(first, Date.min + timedelta(days=1)), time.min, TOKYO)
    ends = datetime.combine(max(last, Date.min + timedelta(days=1)), time.max, TOKYO)
    return and_(col(Booking.received_at) >= begins, col(Booking.received_at) <= ends)


def _rows(session: Session, first: Date, last: Date) -> tuple[tuple[Contact, Tally], ...]:
    """The cross table, sorted so that equal contents are equal rows."""
    found = session.exec(select(Booking).where(_received(first, last))).all()
    sums: dict[Contact, Tally] = {}
    for booking in found:
        contact = _contact(booking)
        one = Tally(1, booking.people or 0, int(booking.people is None))
        sums[contact] = sums.get(contact, Tally()) + one
    results = list(Result)
    return tuple(
        sorted(
            sums.items(),
            key=lambda row: (
                results.index(row[0].result),
                row[0].rule or "",
                row[0].district or "",
                row[0].channel,
                row[0].age_band or "",
            ),
        )
    )


def _contact(booking: Booking) -> Contact:
    result = RESULT_OF[Status(booking.status)]
    band = band_at_contact(booking.birth_year, booking.received_at)
    if band is None and booking.age_band:
        band = AgeBand(booking.age_band)  # the year of birth was erased
    return Contact(
        result=result,
        rule=(booking.refused_by or None) if result is Result.TURNED_DOWN else None,
        district=booking.district or None,
        channel=booking.channel,
        age_band=band,
    )


# -- in words ----------------------------------------------------------------------------------------------------------


def line_words(counted: Ledger, axis: Axis, code: str | None, words: Words) -> str:
    """A code of a breakdown in words."""
    if axis is Axis.REASON:
        return words.say(f"ledger.result.{code}")
    if axis is Axis.AGE:
        return words.say("ledger.age.UNKNOWN") if code is None else words.say(f"ledger.age.{AgeBand(code).name}")
    if axis is Axis.CHANNEL:
        return words.say(f"channel.{code}") if words.has(f"channel.{code}") else str(code)
    if code is None:
        return words.say("ledger.district.unknown")
    english = {district.name: district.name_en for district in counted.districts}.get(code, "")
    return english if words.language == "en" and english else code


def rule_words(contact: Contact | Line, words: Words) -> str:
    """The rule that turned a contact down, in words; nothing for one that was not turned down."""
    result = contact.result.value if isinstance(contact, Contact) else contact.code
    if result != Result.TURNED_DOWN:
        return ""
    key = f"ledger.rule.{contact.rule or 'UNKNOWN'}"
    return words.say(key) if words.has(key) else str(contact.rule)


CSV_COLUMNS = (
    "result",
    "rule",
    "district",
    "channel",
    "age_band",
    "contacts",
    "people",
    "people_unknown",
    "first_day",
    "last_day",
)
"""Columns of the CSV file, in order; ``ledger.column.<name>`` are their headers."""


def ledger_csv(counted: Ledger, words: Words) -> bytes:
    """The cross table for Excel: UTF-8 with BOM, dates ISO, no cell that would run as a formula.

    It has no row of sums, so that a pivot table of it adds up.
    """
    return write_csv(
        [words.say(f"ledger.column.{name}") for name in CSV_COLUMNS],
        (
            (
                line_words(counted, Axis.REASON, contact.result.value, words),
                rule_words(contact, words),
                line_words(counted, Axis.DISTRICT, contact.district, words),
                line_words(counted, Axis.CHANNEL, contact.channel, words),
                line_words(counted, Axis.AGE, contact.age_band, words),
                tally.contacts,
                tally.people,
                tally.people_unknown,
                counted.first.isoformat(),
                counted.last.isoformat(),
            )
            for contact, tally in counted.rows
        ),
    )


# -- the two results that are nobody's visit ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Declined:
    """A request that ended because none of the windows suited."""

    reference: str
    status_before: str


def decline(office: Office, reference: str, *, why: str = "", key: str = "") -> Declined:
    """Keep that none of the windows read out suited; the request ends.

    Args:
        key: the sender's own key of this request (see :mod:`outreach.services._once`).

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
        IllegalStep: ``STATUS_STEP`` unless the booking is waiting.
        Refused: ``KEY_REUSED``.
        PrivacyError: when the reason holds what must never be kept.
    """
    require_clean(why, "why")
    receipt = Receipt(key, "decline", {"reference": reference, "why": why}, Declined)

    def write() -> Declined:
        with writing(office.engine) as session:
            booking = require_booking(session, reference)
            lapse(session, office, booking_id=booking.id)
            done = Declined(reference, booking.status)
            change_status(session, office, booking, Status.DECLINED, why=why)
            receipt.keep(session, office, done)
        return done

    return receipt.once(office, write)


def move_unmet(office: Office) -> tuple[str, ...]:
    """Move every request whose date has passed to ``unmet``; returns their references, the oldest first.

    Its date is the last day wished, or else the end of the horizon, counted from the day it was received (or, where a
    draft was completed or a no-show or an unmet request taken up again, from that day). Nothing is written when there
    is nothing to move.
    """
    with reading(office.engine) as session:
        if not _overdue(session, office):
            return ()
    with writing(office.engine) as session:
        overdue = _overdue(session, office)  # once more: somebody may have been faster
        for booking, date in overdue:
            details: dict[str, object] = {"last_day": date.isoformat()}
            change_status(session, office, booking, Status.UNMET, what="unmet", details=details)
        return tuple(booking.reference for booking, _ in overdue)


def _overdue(session: Session, office: Office) -> list[tuple[Booking, Date]]:
    """Waiting bookings whose last day lies before today, each with that day."""
    waiting = session.exec(
        select(Booking).where(Booking.status == Status.REQUESTED.value).order_by(col(Booking.id))
    ).all()
    again = session.exec(
        select(BookingChange.booking_id, func.max(BookingChange.at))
        .where(col(BookingChange.booking_id) == col(Booking.id), Booking.status == Status.REQUESTED.value)
        .where(BookingChange.status_after == Status.REQUESTED.value)
        .where(col(BookingChange.status_before).in_([status.value for status in TAKEN_UP_AGAIN]))
        .group_by(col(BookingChange.booking_id))
    ).all()
    begun: dict[int, datetime] = dict(again)
    dates = [
        (booking, _date_of(office, booking, begun.get(booking.id or 0, booking.received_at))) for booking in waiting
    ]
    return [(booking, date) for booking, date in dates if date < office.clock.today()]


def _date_of(office: Office, booking: Booking, since: datetime) -> Date:
    """The last day on which a request that waits since some instant can be met."""
    wished = _last_wished(Wishes.from_plain(booking.wishes))
    # Wishes that were over when it began to wait again are no wishes any more.
    if wished is not None and wished >= since.astimezone(TOKYO).date():
        return wished
    return office.calendar.latest_day(since)


def _last_wished(wishes: Wishes) -> Date | None:
    """The last day of the wishes; None where they have no end (any day, or weekdays)."""
    ends = [wishes.latest] if wishes.latest is not None else []
    if wishes.days and not wishes.weekdays:
        ends.append(max(wish.day for wish in wishes.days))
    return min(ends, default=None)
