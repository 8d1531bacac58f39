"""Promises at the desk: a window is confirmed only with a checked plan that keeps every earlier promise too.

Each use case reads the day, thinks with no transaction open, and stores promise and plan in one transaction under the
day's version. Somebody faster means: read again, decide again, until the time is up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date as Date
from typing import TypeVar

from sqlmodel import Session, col, select

from bookings.models import Booking
from bookings.privacy import require_clean
from bookings.statuses import Status, require_step
from bookings.wishes import Wishes
from outreach.errors import Because, Busy, NotFound, Refused
from outreach.services._day_state import DayState
from outreach.services._days import (
    DayChanged,
    claim_day,
    ensure_day,
    mark_outdated,
    note_day,
    read_day,
    require_open,
    store_plan,
)
from outreach.services._history import note_booking
from outreach.services._plans import booking_ids, not_made
from outreach.services._solving import Found, find_plan, refuse_unchecked
from outreach.services._visits import half_of, promised_candidate
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy, ServiceDay, Visit, VisitState
from routing.errors import SolveError
from routing.plan import PlanStatus
from routing.problem import clock_text

PATIENCE_S = 20.0
"""How long a promise is tried again when somebody else keeps changing the same day; then "busy", never "full"."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A promise made: the window read out, and the van that keeps it as things stand."""

    reference: str
    day: Date
    opens_s: int
    closes_s: int
    van: str
    start_s: int
    plan_version: int


@dataclass(frozen=True, slots=True)
class Cancellation:
    """What a cancellation did: the status before, the day it freed, and whether the stop had to stay as a ghost.

    ``late``: it came after the hour until which the rules let residents cancel; the crew should hear of it.
    """

    reference: str
    status_before: str
    freed_day: Date | None
    ghost: bool
    published: bool
    late: bool = False


def confirm(
    office: Office,
    reference: str,
    day: Date,
    window: tuple[int, int],
    *,
    accept: Collection[str] = (),
    why: str = "",
) -> Confirmation:
    """Promise a window to a requested booking (or a new one to a booking whose promise was broken).

    Args:
        window: first and last second of the day at which service may begin; one of the city's grid.
        accept: codes of the rules that may be passed by a clerk's word: ``LEAD_TIME``, ``BEYOND_HORIZON``,
            ``AGAINST_WISH``.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
        IllegalStep: when the booking's status does not lead to a promise.
        Refused: the rule that speaks against it, or ``WINDOW_IMPOSSIBLE`` (proved, with the reason)
            or ``WINDOW_NOT_FOUND`` (in the time given), or ``DAY_IN_CONFLICT`` (the day cannot keep what it has
            promised already), or ``PLAN_NOT_MADE`` (the search failed).
        Busy: ``DAY_BUSY`` when others kept changing the day until the patience was used up.
        PrivacyError: when the reason holds what must never be kept.
    """
    require_clean(why, "why")
    accepted = frozenset(accept)
    with reading(office.engine) as session:
        booking = require_booking(session, reference)
        _require_promisable(session, booking)
        _require_good_day(office, booking, day, window, accepted)
    with writing(office.engine) as session:
        ensure_day(session, day)
    return _until_stored(lambda: _confirm_once(office, reference, day, window, why))


def _confirm_once(office: Office, reference: str, day: Date, window: tuple[int, int], why: str) -> Confirmation:
    """One try: read, solve, check, store."""
    with reading(office.engine) as session:
        booking = require_booking(session, reference)
        _require_promisable(session, booking)
        state = read_day(session, office.rules, day)
        revision = booking.revision
    assert state is not None
    require_open(state)
    if not state.shifts:
        raise Refused("DAY_WITHOUT_SHIFT", date=day)
    candidate = promised_candidate(office, booking, window)
    try:
        found = find_plan(office, state, [candidate], seconds=office.rules.solver.confirm_seconds, quick=True)
        if not found.keeps_promises:
            raise _cannot_be_kept(state, reference, window, found)
        refuse_unchecked(found.problem, found.plan)
    except SolveError as error:
        raise not_made(state, error) from error
    with writing(office.engine) as session:
        booking = require_booking(session, reference)
        if booking.revision != revision:
            raise DayChanged("BOOKING_CHANGED", reference=reference)
        before = Status(booking.status)
        require_step(reference, before, Status.CONFIRMED)
        version = store_plan(
            session,
            office,
            state,
            found.problem,
            found.plan,
            made_by=MadeBy.CONFIRM,
            booking_ids=booking_ids(session, found.plan),
            ghosts=found.ghosts,
        )
        session.add(
            Visit(
                booking_id=candidate.booking_id,
                service_day_id=state.day_id,
                opens_s=window[0],
                closes_s=window[1],
                service_s=candidate.visit.service_s,
                needs=sorted(candidate.visit.needs),
                lat=candidate.place.lat,
                lon=candidate.place.lon,
                long_leg_ok=candidate.visit.long_leg_ok,
                promised_at=office.now(),
            )
        )
        _release_broken(session, office, candidate.booking_id)
        change_status(
            session,
            office,
            booking,
            Status.CONFIRMED,
            why=why,
            details={"date": day.isoformat(), "opens_s": window[0], "closes_s": window[1], "plan": version.number},
        )
        number = version.number
    route = found.plan.route_of(reference)
    assert route is not None
    stop = next(stop for stop in route.stops if stop.visit == reference)
    return Confirmation(reference, day, window[0], window[1], route.shift, stop.start_s, number)


def cancel(
    office: Office, reference: str, *, why: str = "", beside: Callable[[Session], None] | None = None
) -> Cancellation:
    """Cancel a booking; a promised window is freed, and the rest of its day stays a checked plan.

    Args:
        beside: stores what belongs in the same transaction.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
        IllegalStep: when the booking is already at an end.
        Busy: ``DAY_BUSY`` when others kept changing the day until the patience was used up.
        PrivacyError: when the reason holds what must never be kept.
    """
    require_clean(why, "why")
    return _until_stored(lambda: _cancel_once(office, reference, why, beside))


def _cancel_once(office: Office, reference: str, why: str, beside: Callable[[Session], None] | None) -> Cancellation:
    with reading(office.engine) as session:
        booking = require_booking(session, reference)
        before, revision = Status(booking.status), booking.revision
        require_step(reference, before, Status.CANCELLED)
        visit = promised_visit(session, booking)
        state = None
        if visit is not None:
            state = read_day(session, office.rules, session.get_one(ServiceDay, visit.service_day_id).day)
    remainder = None if state is None else _without(office, state, reference)
    with writing(office.engine) as session:
        booking = require_booking(session, reference)
        if booking.revision != revision:
            raise DayChanged("BOOKING_CHANGED", reference=reference)
        if state is not None:
            _store_remainder(session, office, state, remainder)
            release(session, office, state, reference)
            note_day(session, office, state.day_id, "cancel", why=why, details={"reference": reference})
        _release_broken(session, office, booking.id or 0)
        change_status(session, office, booking, Status.CANCELLED, why=why)
        if beside is not None:
            beside(session)
    still_driven_to = state is not None and (remainder is None or reference in remainder.ghosts)
    return Cancellation(
        reference=reference,
        status_before=before.value,
        freed_day=None if state is None else state.day,
        ghost=still_driven_to,
        published=state is not None and state.published is not None,
        late=state is not None and office.now() > office.calendar.cancel_deadline(state.day),
    )


def _without(office: Office, state: DayState, reference: str) -> Found | None:
    """A checked plan of the day without one promise: shortened, else searched for, else with the freed stop as a ghost.

    ``None`` where the day cannot keep even what is left (a van went down and nobody has planned it anew yet), or where
    the search failed: then the standing plan stays what it is, and somebody has to plan the day anew. A resident who
    calls off is never told to wait for that.
    """
    remaining = replace(state, promises=tuple(promise for promise in state.promises if promise.reference != reference))
    try:
        found = find_plan(office, remaining, (), seconds=office.rules.solver.confirm_seconds, quick=True)
        if not found.keeps_promises:
            return None
        refuse_unchecked(found.problem, found.plan)
    except SolveError:
        return None
    return found


def _store_remainder(session: Session, office: Office, state: DayState, remainder: Found | None) -> None:
    """The new standing plan; without one the day's version is raised all the same, for a promise of it ends."""
    if remainder is None:
        claim_day(session, state)
        mark_outdated(session, office, session.get_one(ServiceDay, state.day_id))
        return
    store_plan(
        session,
        office,
        state,
        remainder.problem,
        remainder.plan,
        made_by=MadeBy.CANCEL,
        booking_ids=booking_ids(session, remainder.plan),
        ghosts=remainder.ghosts,
    )


def require_booking(session: Session, reference: str) -> Booking:
    """The booking of a reference.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
    """
    booking = session.exec(select(Booking).where(Booking.reference == reference)).first()
    if booking is None:
        raise NotFound("BOOKING_UNKNOWN", reference=reference)
    return booking


def promised_visit(session: Session, booking: Booking) -> Visit | None:
    """The promise a booking holds, if any."""
    return session.exec(select(Visit).where(Visit.booking_id == booking.id, Visit.state == VisitState.PROMISED)).first()


def release(session: Session, office: Office, state: DayState, reference: str) -> None:
    """End the promise of one booking on one day."""
    promise = state.promise_of(reference)
    if promise is None:
        return
    visit = session.get_one(Visit, promise.visit_id)
    visit.state = VisitState.RELEASED.value
    visit.ended_at = office.now()
    session.add(visit)


def _release_broken(session: Session, office: Office, booking_id: int) -> None:
    """A broken promise is settled by a new one or by a cancellation."""
    broken = session.exec(select(Visit).where(Visit.booking_id == booking_id, Visit.state == VisitState.BROKEN)).all()
    for visit in broken:
        visit.state = VisitState.RELEASED.value
        visit.ended_at = office.now()
        session.add(visit)


def change_status(
    session: Session,
    office: Office,
    booking: Booking,
    following: Status,
    *,
    why: str = "",
    details: dict[str, object] | None = None,
) -> None:
    """Take one legal step of a booking's life and keep who, when and why.

    Raises:
        IllegalStep: for a step the life of a booking does not have.
    """
    before = Status(booking.status)
    require_step(booking.reference, before, following)
    booking.status = following.value
    booking.changed_at = office.now()
    booking.revision += 1
    session.add(booking)
    note_booking(session, office, booking, "status", status_before=before.value, why=why, details=details)


def _until_stored(attempt: Callable[[], Answer]) -> Answer:
    """Try again while others are faster, until the patience is used up; that is "busy", never "full"."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return attempt()
        except DayChanged as error:
            if time.monotonic() > deadline:
                raise Busy("DAY_BUSY") from error


def _require_promisable(session: Session, booking: Booking) -> None:
    if booking.lat is None or booking.people is None or booking.status == Status.DRAFT:
        raise Refused("BOOKING_INCOMPLETE", reference=booking.reference)
    require_step(booking.reference, Status(booking.status), Status.CONFIRMED)
    if booking.status == Status.CONFIRMED and promised_visit(session, booking) is not None:
        raise Refused("ALREADY_PROMISED", reference=booking.reference)


def _require_good_day(
    office: Office, booking: Booking, day: Date, window: tuple[int, int], accepted: frozenset[str]
) -> None:
    """What the calendar, the rules and the resident's own words say of a day and a window."""
    calendar, now = office.calendar, office.now()
    reason = calendar.closed_reason(day)
    if reason is not None:
        raise Refused("NOT_A_SERVICE_DAY", findings=[reason], date=day, next=calendar.next_service_day(day))
    if day < now.date() or (day == now.date() and window[1] <= now.hour * 3600 + now.minute * 60):
        raise Refused("WINDOW_PAST", date=day)
    if not calendar.is_on_grid(window):
        grid = [f"{clock_text(opens)}-{clock_text(closes)}" for opens, closes in calendar.windows(day)]
        raise Refused("WINDOW_OFF_GRID", date=day, opens_s=window[0], closes_s=window[1], windows=grid)
    earliest = calendar.earliest_day(booking.channel, now)
    if day < earliest and "LEAD_TIME" not in accepted:
        raise Refused("LEAD_TIME", date=day, earliest=earliest)
    latest = calendar.latest_day(now)
    if day > latest and "BEYOND_HORIZON" not in accepted:
        raise Refused("BEYOND_HORIZON", date=day, latest=latest)
    wishes = Wishes.from_plain(booking.wishes)
    wishes = replace(wishes, half_day=wishes.half_day & {half_of(window)})  # never mornings: then no morning window
    if not wishes.may(day) and "AGAINST_WISH" not in accepted:
        raise Refused("AGAINST_WISH", date=day, reference=booking.reference)


def _cannot_be_kept(state: DayState, reference: str, window: tuple[int, int], found: Found) -> Refused:
    """The refusal with its reason: proved impossible, not found in the time given, or the day's own fault."""
    proved = found.plan.status == PlanStatus.INFEASIBLE
    left = next((left for left in found.plan.unassigned if left.visit == reference), None)
    if proved and left is None:
        conflicting = sorted(left.visit for left in found.plan.unassigned)
        return Refused("DAY_IN_CONFLICT", date=state.day, references=conflicting)
    because = [Because(left.reason.value, left.values)] if proved and left is not None else []
    return Refused(
        "WINDOW_IMPOSSIBLE" if proved else "WINDOW_NOT_FOUND",
        findings=because,
        reference=reference,
        date=state.day,
        opens_s=window[0],
        closes_s=window[1],
    )


def promise_of(office: Office, reference: str) -> tuple[Date, int, int] | None:
    """Day and window a booking is promised, if it is."""
    with reading(office.engine) as session:
        booking = require_booking(session, reference)
        row = session.exec(
            select(Visit, ServiceDay)
            .where(col(Visit.service_day_id) == col(ServiceDay.id))
            .where(Visit.booking_id == booking.id, Visit.state == VisitState.PROMISED)
        ).first()
    return None if row is None else (row[1].day, row[0].opens_s, row[0].closes_s)
