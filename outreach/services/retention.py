"""Erases what may not be kept for ever: personal fields and papers, some days after the visit; the counts stay."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, func, or_
from sqlmodel import Session, SQLModel, col, select

from bookings.models import Booking, BookingChange, BookingFinding, PinRow
from bookings.statuses import LIVE
from outreach.services._history import note_booking
from outreach.services._tallies import band_at_contact
from outreach.services.accounts import long_over
from outreach.services.handing_over import erase_handed_over
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import CallAttempt, ServiceDay, Visit, VisitOutcome
from outreach.storage.web_tables import CountedTries, OwnLink, PublicForm, RecordAccess, WebSession

PERSONAL_TEXTS = (
    "caller_name",
    "name",
    "name_folded",
    "kana",
    "kana_folded",
    "phone_spoken",
    "second_phone_spoken",
    "fax",
    "mail",
    "address_written",
    "address_normalised",
    "building",
    "landmark",
    "household_reason",
    "wishes_text",
    "note",
)
"""Columns that are emptied; district, town, people, visit type and channel stay for the counts."""

PERSONAL_VALUES = ("birth_year", "phone_e164", "second_phone_e164", "household_key", "lat", "lon", "location_level")
"""Columns that become empty altogether; of the year of birth the band of ages stays."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was (or with a dry run would be) erased: bookings, and days whose published papers were removed.

    ``looks``: lines of the log of looks; ``leftovers``: sessions, forms, links and counts whose time is over.
    """

    before: Date
    references: tuple[str, ...]
    days: tuple[Date, ...]
    looks: int = 0
    leftovers: int = 0


def erase_due(office: Office, *, dry_run: bool = False) -> Erased:
    """Erase bookings that ended more than the rules' ``privacy.retention_days`` ago, and the papers of those days.

    A booking ends with its visit, or with the last change where it never had one. Live bookings are never touched.
    History rows stay, without their reasons; plan versions hold references and points, no names. With them goes what
    the pages leave behind: lines of the log of looks after ``privacy.access_log_days``, and what has expired.
    """
    before = office.clock.today() - timedelta(days=office.rules.privacy.retention_days)
    with reading(office.engine) as session:
        references = _due(session, office, before)
        looks, leftovers = _count(session, _old_looks(office)), _count(session, *_expired(office))
    days = _papers_before(office, before)
    if dry_run:
        return Erased(before, references, days, looks, leftovers)
    with writing(office.engine) as session:
        looks, leftovers = _delete(session, _old_looks(office)), _delete(session, *_expired(office))
        erase_handed_over(session, office)
        for reference in references:
            _erase(session, office, session.exec(select(Booking).where(Booking.reference == reference)).one())
    for day in days:
        shutil.rmtree(office.settings.published / day.isoformat())
    return Erased(before, references, days, looks, leftovers)


Old = tuple[type[SQLModel], ColumnElement[bool]]


def _old_looks(office: Office) -> Old:
    kept_from = office.now() - timedelta(days=office.rules.privacy.access_log_days)
    return RecordAccess, col(RecordAccess.at) < kept_from


def _expired(office: Office) -> tuple[Old, ...]:
    now = office.now()
    return (
        (WebSession, col(WebSession.seen_at) < long_over(office)),
        (CountedTries, col(CountedTries.ends_at) <= now),
        (PublicForm, col(PublicForm.expires_at) <= now),
        (OwnLink, col(OwnLink.expires_at) <= now),
    )


def _count(session: Session, *old: Old) -> int:
    return sum(session.exec(select(func.count()).select_from(table).where(which)).one() for table, which in old)


def _delete(session: Session, *old: Old) -> int:
    return sum(session.connection().execute(delete(table).where(which)).rowcount for table, which in old)


def _due(session: Session, office: Office, before: Date) -> tuple[str, ...]:
    """References of bookings that ended before a day and hold personal fields, or were given some after erasure."""
    rows = session.exec(
        select(Booking)
        .where(col(Booking.status).not_in([status.value for status in LIVE]))
        .where(or_(col(Booking.erased_at).is_(None), col(Booking.changed_at) > col(Booking.erased_at)))
        .order_by(col(Booking.id))
    ).all()
    visits = session.exec(
        select(col(Visit.booking_id), col(ServiceDay.day)).where(col(Visit.service_day_id) == col(ServiceDay.id))
    ).all()
    last_visit: dict[int, Date] = {}
    for booking_id, day in visits:
        last_visit[booking_id] = max(day, last_visit.get(booking_id, day))
    zone = office.now().tzinfo
    return tuple(
        booking.reference
        for booking in rows
        if max(last_visit.get(booking.id or 0, Date.min), booking.changed_at.astimezone(zone).date()) < before
    )


def _erase(session: Session, office: Office, booking: Booking) -> None:
    """Empty the personal fields of one booking and of everything written about it."""
    if booking.household_key:
        pin = session.get(PinRow, booking.household_key)
        if pin is not None:
            session.delete(pin)
    band = band_at_contact(booking.birth_year, booking.received_at)
    if band is not None:
        booking.age_band = band.value  # what the year of birth counted as, so that old ledgers stay what they were
    for column in PERSONAL_TEXTS:
        setattr(booking, column, "")
    for column in PERSONAL_VALUES:
        setattr(booking, column, None)
    booking.answers, booking.wishes = {}, {}
    booking.erased_at = office.now()
    booking.revision += 1
    session.add(booking)
    for finding in session.exec(select(BookingFinding).where(BookingFinding.booking_id == booking.id)).all():
        session.delete(finding)
    for change in session.exec(select(BookingChange).where(BookingChange.booking_id == booking.id)).all():
        change.why, change.details = "", {}
        session.add(change)
    session.connection().execute(delete(OwnLink).where(col(OwnLink.booking_id) == booking.id))
    for attempt in session.exec(select(CallAttempt).where(CallAttempt.booking_id == booking.id)).all():
        attempt.note = ""
        session.add(attempt)
    for outcome in session.exec(select(VisitOutcome).where(VisitOutcome.booking_id == booking.id)).all():
        outcome.note = ""
        session.add(outcome)
    note_booking(session, office, booking, "erased", status_before=booking.status)


def _papers_before(office: Office, before: Date) -> tuple[Date, ...]:
    """Days whose published sheets and call lists are older than may be kept."""
    folder = office.settings.published
    if not folder.is_dir():
        return ()
    days = []
    for entry in sorted(folder.iterdir()):
        try:
            day = Date.fromisoformat(entry.name)
        except ValueError:
            continue
        if entry.is_dir() and day < before:
            days.append(day)
    return tuple(days)
