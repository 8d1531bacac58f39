"""Looks bookings up: one whole, for the person at the desk, or a list by reference, phone, name or kana."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select

from bookings.models import Booking, BookingChange, BookingFinding
from bookings.names import fold
from bookings.privacy import require_clean
from bookings.statuses import Status
from outreach.errors import BadInput
from outreach.services._bookings import promise_of, require_booking
from outreach.services.office import Office
from outreach.storage.engine import reading


@dataclass(frozen=True, slots=True)
class BookingCard:
    """One booking with all that is known of it, for the person at the desk."""

    booking: Booking
    promise: tuple[Date, int, int] | None
    findings: tuple[BookingFinding, ...]
    history: tuple[BookingChange, ...]


def show(office: Office, reference: str) -> BookingCard:
    """One booking with its promise, findings and history.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
    """
    promise = promise_of(office, reference)
    with reading(office.engine) as session:
        booking = require_booking(session, reference)
        findings = session.exec(
            select(BookingFinding).where(BookingFinding.booking_id == booking.id).order_by(col(BookingFinding.id))
        ).all()
        history = session.exec(
            select(BookingChange).where(BookingChange.booking_id == booking.id).order_by(col(BookingChange.id))
        ).all()
    return BookingCard(booking, promise, tuple(findings), tuple(history))


@dataclass(frozen=True, slots=True)
class Search:
    """What a list of bookings is narrowed by; empty means all."""

    statuses: frozenset[Status] = frozenset()
    text: str = ""
    """A reference, a phone, or a part of name or kana, as spoken."""
    town: str = ""
    limit: int = 200


def find(office: Office, search: Search) -> tuple[Booking, ...]:
    """Bookings, the newest first.

    Raises:
        PrivacyError: when the text searched for holds a My Number.
    """
    require_clean(search.text, "search")
    query = select(Booking).order_by(col(Booking.received_at).desc(), col(Booking.id).desc()).limit(search.limit)
    if search.statuses:
        query = query.where(col(Booking.status).in_(sorted(status.value for status in search.statuses)))
    if search.town:
        query = query.where(Booking.town == search.town)
    if search.text:
        query = query.where(_matches(search.text))
    with reading(office.engine) as session:
        return tuple(session.exec(query).all())


def _matches(text: str) -> Any:
    folded = fold(text)
    conditions = [
        col(Booking.reference) == text.strip().upper(),
        col(Booking.name_folded).contains(folded, autoescape=True),
        col(Booking.kana_folded).contains(folded, autoescape=True),
    ]
    digits = "".join(character for character in text if character.isdecimal())
    if len(digits) >= 4:
        conditions.append(col(Booking.phone_e164).contains(digits.lstrip("0"), autoescape=True))
    return or_(*conditions)


def status_of(text: str) -> Status:
    """A status by its code, with a blank or hyphen for the underscore.

    Raises:
        BadInput: ``STATUS_UNKNOWN``.
    """
    try:
        return Status(text.strip().lower().replace(" ", "_").replace("-", "_"))
    except ValueError:
        raise BadInput("STATUS_UNKNOWN", known=[status.value for status in Status]) from None
