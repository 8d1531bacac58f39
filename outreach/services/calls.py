"""The pre-visit calls: who is to be phoned, and how each call ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date as Date

from sqlmodel import Session, col, select

from bookings.models import Booking
from bookings.privacy import require_clean
from bookings.statuses import Status
from maps.views import CallEntry, CallList
from outreach.errors import BadInput, Refused
from outreach.services import _artefacts, desk
from outreach.services._bookings import require_booking
from outreach.services._day_writes import is_outdated
from outreach.services._once import Receipt
from outreach.services._plans import require_day, show
from outreach.services._sites import promised_place, sites_named
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import CallAttempt, CallOutcome, ServiceDay, Visit, VisitState

__all__ = ["CallOutcome", "Logged", "list_calls", "log_call"]


@dataclass(frozen=True, slots=True)
class Logged:
    """A call as it was logged; ``cancelled`` when the resident called the visit off."""

    reference: str
    day: Date
    outcome: CallOutcome
    attempts: int
    cancelled: bool


def list_calls(office: Office, day: Date, *, language: str) -> CallList:
    """The calls of a day: from the published plan while it is what people hold, else from the standing one.

    Nobody is on it who called off since.

    Raises:
        NotFound: ``DAY_UNKNOWN`` or ``NO_PLAN``.
    """
    with reading(office.engine) as session:
        state = require_day(session, office, day)
        in_force = state.published is not None and not is_outdated(session, state)
        sites = sites_named(session, office, state.promised)
    view = show(office, day, "published" if in_force else "standing")
    found = _artefacts.call_list(_artefacts.gather(office, view, language))

    expected = state.promised | {taken.booking.reference for site in sites.values() for taken in site.taken}

    def still_promised(entries: tuple[CallEntry, ...]) -> tuple[CallEntry, ...]:
        return tuple(entry for entry in entries if entry.reference in expected)

    return replace(found, calls=still_promised(found.calls), without_phone=still_promised(found.without_phone))


def log_call(office: Office, reference: str, outcome: str, *, note: str = "", key: str = "") -> Logged:
    """Keep how a pre-visit call ended; ``cancelled`` also cancels the booking, in the same transaction.

    Args:
        key: the sender's own key of this request (see :mod:`outreach.services._once`).

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
        BadInput: ``OUTCOME_UNKNOWN``.
        Refused: ``NOTHING_TO_CALL_ABOUT`` when no window is promised.
        Busy: ``DAY_BUSY`` when a cancellation met others at work on the day until the patience was used up.
        PrivacyError: when the note holds what must never be kept.
    """
    require_clean(note, "note")
    try:
        kind = CallOutcome(outcome.strip().lower().replace("-", "_"))
    except ValueError:
        raise BadInput("OUTCOME_UNKNOWN", known=[each.value for each in CallOutcome]) from None
    receipt = Receipt(key, "call", {"reference": reference, "outcome": kind, "note": note}, Logged)
    return receipt.once(office, lambda: _log(office, reference, kind, note, receipt))


def _log(office: Office, reference: str, kind: CallOutcome, note: str, receipt: Receipt[Logged]) -> Logged:
    cancelled = kind is CallOutcome.CANCELLED
    with reading(office.engine) as session:
        day = _called_about(session, reference)
    done: list[Logged] = []

    def keep(session: Session) -> None:
        booking = require_booking(session, reference)
        session.add(
            CallAttempt(
                booking_id=booking.id or 0, day=day, at=office.now(), who=office.who, outcome=kind.value, note=note
            )
        )
        session.flush()
        done.append(Logged(reference, day, kind, _attempts(session, booking, day), cancelled))
        receipt.keep(session, office, done[-1])

    if cancelled:
        desk.cancel(office, reference, why=note, beside=keep)
    else:
        with writing(office.engine) as session:
            day = _called_about(session, reference)
            keep(session)
    return done[-1]


def _called_about(session: Session, reference: str) -> Date:
    """The day a booking is promised a visit, or a place in a hall.

    Raises:
        Refused: ``NOTHING_TO_CALL_ABOUT``.
    """
    booking = require_booking(session, reference)
    day = session.exec(
        select(col(ServiceDay.day))
        .where(col(Visit.service_day_id) == col(ServiceDay.id))
        .where(Visit.booking_id == booking.id, Visit.state == VisitState.PROMISED)
    ).first()
    place = promised_place(session, booking)
    if day is None and place is not None:
        day = place[1].day
    if day is None or booking.status != Status.CONFIRMED:
        raise Refused("NOTHING_TO_CALL_ABOUT", reference=reference)
    return day


def _attempts(session: Session, booking: Booking, day: Date) -> int:
    return len(
        session.exec(select(CallAttempt.id).where(CallAttempt.booking_id == booking.id, CallAttempt.day == day)).all()
    )
