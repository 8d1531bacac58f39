"""Cancels bookings: what was held or promised is freed, and the rest of its day stays a checked plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date as Date

from sqlmodel import Session

from bookings.privacy import require_clean
from bookings.statuses import Status, require_step
from outreach.services._bookings import (
    change_status,
    end_kept,
    kept_of,
    promise_of,
    release_broken,
    require_booking,
)
from outreach.services._day_writes import DayChanged, note_day
from outreach.services._days import read_day
from outreach.services._holds import lapse
from outreach.services._once import Receipt
from outreach.services._patience import until_stored
from outreach.services._promising import remainder_of, store_remainder
from outreach.services._waiting import best_waiting
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What a cancellation did: the status before, the day it freed, and whether the stop had to stay as a ghost.

    ``late``: it came after the hour until which the rules let residents cancel; the crew should hear of it.
    ``waiting``: the booking without a promise that fits best into the place that became free.
    """

    reference: str
    status_before: str
    freed_day: Date | None
    ghost: bool
    published: bool
    late: bool = False
    waiting: str = ""


def cancel(
    office: Office,
    reference: str,
    *,
    why: str = "",
    beside: Callable[[Session], None] | None = None,
    key: str = "",
) -> Cancellation:
    """Cancel a booking; a window held or promised is freed, and the rest of its day stays a checked plan.

    Args:
        beside: stores what belongs in the same transaction.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
        IllegalStep: when the booking is already at an end.
        Busy: ``DAY_BUSY`` when others kept changing the day until the patience was used up.
        PrivacyError: when the reason holds what must never be kept.
    """
    require_clean(why, "why")
    receipt = Receipt(key, "cancel", {"reference": reference, "why": why}, Cancellation)

    def write() -> Cancellation:
        before = promise_of(office, reference)
        days = [] if before is None else [before[0]]
        return until_stored(office, days, lambda: _cancel_once(office, reference, why, beside, receipt))

    return receipt.once(office, write)


def _cancel_once(
    office: Office,
    reference: str,
    why: str,
    beside: Callable[[Session], None] | None,
    receipt: Receipt[Cancellation],
) -> Cancellation:
    with reading(office.engine) as session:
        booking = require_booking(session, reference)
        before, revision = Status(booking.status), booking.revision
        require_step(reference, before, Status.CANCELLED)
        kept = kept_of(session, office, booking)
        day_state = None if kept is None else read_day(session, office, kept.day)
        published = day_state is not None and day_state.published is not None
        state = day_state if kept is not None and kept.visit_id else None
    remainder = None if state is None else remainder_of(office, state, reference)
    waiting = "" if kept is None or kept.held_until is not None else best_waiting(office, kept, remainder)
    with writing(office.engine) as session:
        booking = require_booking(session, reference)
        if booking.revision != revision:
            raise DayChanged("BOOKING_CHANGED", reference=reference)
        if state is not None:
            store_remainder(session, office, state, remainder, MadeBy.CANCEL)
            note_day(session, office, state.day_id, "cancel", why=why, details={"reference": reference})
            booking = require_booking(session, reference)
        lapse(session, office, booking_id=booking.id)
        now_kept = kept_of(session, office, booking)
        if now_kept is not None:
            end_kept(session, office, now_kept)
        release_broken(session, office, booking.id or 0)
        change_status(session, office, booking, Status.CANCELLED, why=why)
        if beside is not None:
            beside(session)
        day = None if kept is None else kept.day
        done = Cancellation(
            reference=reference,
            status_before=before.value,
            freed_day=day,
            ghost=state is not None and (remainder is None or reference in remainder.ghosts),
            published=published,
            late=day is not None and office.now() > office.calendar.cancel_deadline(day),
            waiting=waiting,
        )
        receipt.keep(session, office, done)
    return done
