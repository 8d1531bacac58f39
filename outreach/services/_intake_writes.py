"""Stores what intake made of a call: the booking, its findings and its row of history, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from bookings.findings import Severity
from bookings.intake import IntakeResult
from bookings.models import Booking, BookingFinding
from bookings.references import NUMBERS
from bookings.references import reference as reference_of
from bookings.request import columns
from bookings.statuses import LIVE, Status
from outreach.errors import Refused
from outreach.services._bookings import require_booking
from outreach.services._history import note_booking
from outreach.services._intake_city import LONG_LEG, Call
from outreach.services.gazetteer import set_pin
from outreach.services.office import Office

SAID_ON = "said_on"
"""The key in a booking's stored wishes that holds the day they were said."""

_STRIDE = 61_803
"""Numbers of references go round in this stride: neighbours do not look alike, none repeats in 100,000."""


def write(
    session: Session,
    office: Office,
    call: Call,
    result: IntakeResult,
    existing: Booking | None,
    received_at: datetime | None,
) -> Booking:
    """Store the booking, its findings and its row of history, in the caller's transaction."""
    assert result.request is not None
    values = columns(result.request)
    now = office.now()
    if existing is None:
        booking = Booking(
            reference=_next_reference(session),
            status=result.status.value,
            received_at=received_at or now,
            changed_at=now,
        )
        before = None
    else:
        booking = require_booking(session, existing.reference)
        if booking.revision != existing.revision:
            raise Refused("BOOKING_CHANGED", reference=booking.reference)
        before = booking.status
        booking.revision += 1
        booking.changed_at = now
        booking.status = status_after(Status(booking.status), result).value
    with session.no_autoflush:  # a half-changed row must not meet the unique index before its number is known
        for name, value in values.items():
            setattr(booking, name, value)
        booking.wishes = {**booking.wishes, SAID_ON: wishes_said_on(office, call, existing).isoformat()}
        booking.long_leg_ok = LONG_LEG in result.accepted
        booking.household_number = _household_number(session, booking)
    session.add(booking)
    session.flush()
    _keep_findings(session, office, booking, result)
    if call.pin is not None and result.match is not None and result.match.result is not None:
        set_pin(session, office, result.match.household_key, *call.pin)
    note_booking(
        session,
        office,
        booking,
        "taken" if existing is None else "edited",
        status_before=before,
        channel=booking.channel,
        why=call.why,
        details={
            "fields": sorted(call.answers if existing is None else _changed(existing.answers, call.answers)),
            "accepted": sorted(result.accepted),
        },
    )
    return booking


def _changed(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    return {name for name in after if before.get(name) != after[name]}


def status_after(current: Status, result: IntakeResult) -> Status:
    """A draft follows the judgement; a live booking stays where it is as long as it is still a good request.

    Raises:
        Refused: ``EDIT_SPOILS_BOOKING`` with the findings that speak against it.
    """
    if current is Status.DRAFT:
        return result.status
    if result.status is Status.REQUESTED:
        return current
    asked = [found for found in result.findings if found.code in result.open_confirms]
    raise Refused("EDIT_SPOILS_BOOKING", findings=(*result.errors, *asked), status=result.status.value)


def _next_reference(session: Session) -> str:
    """The next free reference. Two writers may find the same one: the column is unique, and the slower tries again."""
    newest = session.exec(select(func.max(Booking.id))).one() or 0
    for step in range(1, NUMBERS):
        candidate = reference_of((newest + step) * _STRIDE % NUMBERS)
        if session.exec(select(Booking.id).where(Booking.reference == candidate)).first() is None:
            return candidate
    raise Refused("REFERENCES_USED_UP")


def _household_number(session: Session, booking: Booking) -> int:
    """0 for the first live booking of a household and visit type; an override takes the next free number."""
    if booking.household_key is None or Status(booking.status) not in LIVE:
        return booking.household_number if booking.id else 0
    taken = session.exec(
        select(Booking.household_number).where(
            Booking.household_key == booking.household_key,
            Booking.visit_type == booking.visit_type,
            col(Booking.status).in_([status.value for status in LIVE]),
            col(Booking.reference) != booking.reference,
        )
    ).all()
    if booking.household_reason:
        return next(number for number in range(len(taken) + 1) if number not in set(taken))
    return 0


def _keep_findings(session: Session, office: Office, booking: Booking, result: IntakeResult) -> None:
    """Confirms and warnings stay with the booking; an accepted one carries who accepted it."""
    for row in session.exec(select(BookingFinding).where(BookingFinding.booking_id == booking.id)).all():
        session.delete(row)
    session.flush()
    kept: set[tuple[str, str]] = set()
    for finding in result.findings:
        if (finding.field, finding.code) in kept:
            continue
        kept.add((finding.field, finding.code))
        accepted = finding.severity is Severity.CONFIRM and finding.code in result.accepted
        session.add(
            BookingFinding(
                booking_id=booking.id or 0,
                field=finding.field,
                code=finding.code,
                severity=finding.severity.value,
                details=_plain(finding.values),
                accepted_by=office.who if accepted else None,
                accepted_at=office.now() if accepted else None,
            )
        )


def _plain(values: Mapping[str, object]) -> dict[str, Any]:
    """Values as JSON has them."""

    def one(value: object) -> Any:
        if isinstance(value, (str, int, float, bool)) or value is None:
            return value
        if isinstance(value, (list, tuple, set, frozenset)):
            return [one(item) for item in value]
        return str(value)

    return {name: one(value) for name, value in values.items()}


def wishes_said_on(office: Office, call: Call, existing: Booking | None) -> Date:
    """The day the wishes were said: "next week" of an old call stays the week after that call."""
    if existing is not None and existing.answers.get("wishes") == call.answers.get("wishes"):
        known = existing.wishes.get(SAID_ON)
        if known:
            return Date.fromisoformat(known)
    return office.clock.today()
