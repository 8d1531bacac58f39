"""A booking's history: one row for everything that was done to it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session

from bookings.models import Booking, BookingChange
from outreach.services.office import Office


def note_booking(
    session: Session,
    office: Office,
    booking: Booking,
    what: str,
    *,
    status_before: str | None,
    channel: str | None = None,
    why: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Keep who did what to a booking, when, why and by which channel (the office's where none is given).

    Called after the change: the status the booking has now is the one it came to.
    """
    session.add(
        BookingChange(
            booking_id=booking.id or 0,
            at=office.now(),
            who=office.who,
            channel=office.channel if channel is None else channel,
            what=what,
            status_before=status_before,
            status_after=booking.status,
            why=why,
            details=dict(details or {}),
        )
    )
