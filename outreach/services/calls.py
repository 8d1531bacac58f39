"""The pre-visit calls: who is to be phoned, and how each call ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date

from sqlmodel import col, select

from bookings.privacy import require_clean
from bookings.statuses import Status
from maps.views import CallList
from outreach.errors import BadInput, Refused
from outreach.services import _artefacts, desk
from outreach.services.desk import require_booking
from outreach.services.office import Office
from outreach.services.planning import require_day, show
from outreach.storage.engine import reading, writing
from outreach.storage.tables import CallAttempt, CallOutcome, ServiceDay, Visit, VisitState


@dataclass(frozen=True, slots=True)
class Logged:
    """A call as it was logged; ``cancelled`` when the resident called the visit off."""

    reference: str
    day: Date
    outcome: CallOutcome
    attempts: int
    cancelled: bool


def list_calls(office: Office, day: Date, *, language: str) -> CallList:
    """The calls of a day: from the published plan where there is one, else from the standing one.

    Raises:
        NotFound: ``DAY_UNKNOWN`` or ``NO_PLAN``.
    """
    with reading(office.engine) as session:
        state = require_day(session, office, day)
    view = show(office, day, "published" if state.published is not None else "standing")
    return _artefacts.call_list(_artefacts.gather(office, view, language))


def log_call(office: Office, reference: str, outcome: str, *, note: str = "") -> Logged:
    """Keep how a pre-visit call ended; ``cancelled`` also cancels the booking.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
        BadInput: ``OUTCOME_UNKNOWN``.
        Refused: ``NOTHING_TO_CALL_ABOUT`` when no window is promised.
        PrivacyError: when the note holds what must never be kept.
    """
    require_clean(note, "note")
    try:
        kind = CallOutcome(outcome.strip().lower().replace("-", "_"))
    except ValueError:
        raise BadInput("OUTCOME_UNKNOWN", known=[each.value for each in CallOutcome]) from None
    with writing(office.engine) as session:
        booking = require_booking(session, reference)
        row = session.exec(
            select(col(ServiceDay.day))
            .where(col(Visit.service_day_id) == col(ServiceDay.id))
            .where(Visit.booking_id == booking.id, Visit.state == VisitState.PROMISED)
        ).first()
        if row is None or booking.status != Status.CONFIRMED:
            raise Refused("NOTHING_TO_CALL_ABOUT", reference=reference)
        session.add(
            CallAttempt(
                booking_id=booking.id or 0, day=row, at=office.now(), who=office.who, outcome=kind.value, note=note
            )
        )
        session.flush()
        attempts = session.exec(
            select(CallAttempt.id).where(CallAttempt.booking_id == booking.id, CallAttempt.day == row)
        ).all()
    if kind is CallOutcome.CANCELLED:
        desk.cancel(office, reference, why="call")
    return Logged(reference, row, kind, len(attempts), kind is CallOutcome.CANCELLED)
