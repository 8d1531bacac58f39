"""Who looked at or changed whose record: noted before the page is shown, and told to the manager who asks.

A look is a row of its own, and so is a call that was kept; a change of the booking stands in its history already and is
told from there. Nothing but references, account names and the address of a page as it is declared is kept: no name, no
phone, no text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, select

from bookings.errors import BookingsError
from bookings.models import Booking, BookingChange
from bookings.privacy import require_clean
from bookings.references import read_reference
from outreach.errors import BadInput
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.web_tables import Access, RecordAccess

__all__ = ["Access", "Look", "looked_at", "note", "note_all"]

NO_RECORD = "?"
"""Stands in the log where what was asked for is no reference: it may be anything, and is not kept."""

MOST_TOLD = 1000


@dataclass(frozen=True, slots=True)
class Look:
    """One line of the log.

    Attributes:
        role: of the account at that time; empty for the terminal and the public form.
        what: ``view``, ``listed``, ``print``, ``change``.
        page: the page as declared, or the channel a change came by.
        change: of a change, the word of the booking's history (``created``, ``confirmed``, ...), else empty.
        allowed: false where somebody asked for what is not theirs, or not there.
    """

    at: datetime
    who: str
    role: str
    reference: str
    what: str
    page: str
    change: str = ""
    allowed: bool = True


def note(office: Office, reference: str, what: str, page: str, allowed: bool = True, *, role: str = "") -> None:
    """Note that ``office.who`` looked at one record; one insert, committed before this returns.

    Where it cannot be noted, the record is not shown: the error of the database goes on.
    """
    note_all(office, (reference,), what, page, allowed, role=role)


def note_all(
    office: Office, references: Iterable[str], what: str, page: str, allowed: bool = True, *, role: str = ""
) -> None:
    """The same for all records of a list, in one transaction."""
    kind, now = Access(what).value, office.now()
    rows = [
        {
            "at": now,
            "who": office.who,
            "role": role,
            "reference": _kept(reference),
            "what": kind,
            "page": page,
            "allowed": allowed,
        }
        for reference in references
    ]
    if rows:
        with writing(office.engine) as session:
            session.connection().execute(insert(RecordAccess), rows)
            session.flush()


def _kept(reference: str) -> str:
    """A reference as it is; anything else that was typed in its place is not."""
    try:
        return read_reference(reference)
    except BookingsError:
        return NO_RECORD


def looked_at(
    office: Office,
    *,
    reference: str = "",
    who: str = "",
    first: Date | None = None,
    last: Date | None = None,
    most: int = MOST_TOLD,
) -> tuple[Look, ...]:
    """Looks and changes by record, by account, or by both, the latest first.

    Args:
        reference: a booking's; forgiving as everywhere.
        who: an account's name, or a terminal's user.
        first: from the beginning of this day; without it, from the beginning of the log.
        last: to the end of this day.
        most: no more lines than that.

    Raises:
        BadInput: ``RECORDS_UNASKED`` without record and account, ``PERIOD_BACKWARDS``.
        ReferenceRefused: ``REFERENCE_SHAPE``, ``REFERENCE_CHECK``.
        PrivacyError: for a text that holds what must never be kept.
    """
    require_clean(reference, "reference")
    require_clean(who, "who")
    reference = read_reference(reference) if reference.strip() else ""
    who = who.strip()
    if not reference and not who:
        raise BadInput("RECORDS_UNASKED")
    if first is not None and last is not None and last < first:
        raise BadInput("PERIOD_BACKWARDS", first=first, last=last)
    zone = office.now().tzinfo
    begin = None if first is None else datetime.combine(first, time.min, zone)
    end = None if last is None else datetime.combine(last + timedelta(days=1), time.min, zone)
    with reading(office.engine) as session:
        found = [
            *_looks(session, reference, who, begin, end, most),
            *_changes(session, reference, who, begin, end, most),
        ]
    return tuple(sorted(found, key=lambda look: look.at, reverse=True)[:most])


def _looks(
    session: Session, reference: str, who: str, begin: datetime | None, end: datetime | None, most: int
) -> list[Look]:
    query = (
        select(RecordAccess)
        .where(*_asked(reference, who, begin, end, of=RecordAccess, name=col(RecordAccess.reference)))
        .order_by(col(RecordAccess.at).desc(), col(RecordAccess.id).desc())
        .limit(most)
    )
    return [
        Look(row.at, row.who, row.role, row.reference, row.what, row.page, allowed=row.allowed)
        for row in session.exec(query).all()
    ]


def _changes(
    session: Session, reference: str, who: str, begin: datetime | None, end: datetime | None, most: int
) -> list[Look]:
    query = (
        select(BookingChange, col(Booking.reference))
        .join(Booking, col(Booking.id) == col(BookingChange.booking_id))
        .where(*_asked(reference, who, begin, end, of=BookingChange, name=col(Booking.reference)))
        .order_by(col(BookingChange.at).desc(), col(BookingChange.id).desc())
        .limit(most)
    )
    return [
        Look(change.at, change.who, "", booking, Access.CHANGE.value, change.channel, change.what)
        for change, booking in session.exec(query).all()
    ]


def _asked(
    reference: str,
    who: str,
    begin: datetime | None,
    end: datetime | None,
    *,
    of: type[RecordAccess] | type[BookingChange],
    name: Any,
) -> list[Any]:
    """What is asked for, as conditions on either table; ``name`` is where the reference stands."""
    conditions: list[Any] = []
    if reference:
        conditions.append(name == reference)
    if who:
        conditions.append(col(of.who) == who)
    if begin is not None:
        conditions.append(col(of.at) >= begin)
    if end is not None:
        conditions.append(col(of.at) < end)
    return conditions
