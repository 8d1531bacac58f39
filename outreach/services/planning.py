"""The plan of a day: made, pinned, explained and reopened. A promise is never lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date

from sqlmodel import Session, col, select

from bookings.models import Booking
from bookings.privacy import require_clean
from outreach.errors import BadInput, NotFound, Refused
from outreach.services._conflicts import PromisesConflict, breaking_fewest, conflict, mark_broken
from outreach.services._day_state import DayState
from outreach.services._day_writes import DayChanged, ensure_day, note_day, store_plan
from outreach.services._plans import (
    PlanView,
    ToPhone,
    check_standing,
    not_made,
    require_day,
    show,
    whom_to_phone,
)
from outreach.services._solving import Found, find_plan, now_on, refuse_unchecked
from outreach.services._waiting import waiting_for
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy, PlanStop, ServiceDay, Visit, VisitState
from routing.errors import SolveError
from routing.explain import StopExplained, explain_stop, why_left_out
from routing.insertion import orders_of
from routing.plan import Unassigned

__all__ = [
    "PlanView",
    "PromisesConflict",
    "ToPhone",
    "check_standing",
    "explain",
    "make",
    "pin",
    "reopen",
    "show",
    "whom_to_phone",
]


def make(
    office: Office, day: Date, *, seconds: float | None = None, accept_broken: bool = False, why: str = ""
) -> PlanView:
    """Plan ``day`` anew from its standing plan: promises kept, waiting bookings proposed where they fit.

    Args:
        seconds: how long to search; the rules' ``solver.make_seconds`` when not given.
        accept_broken: store the plan that breaks fewest promises, where they cannot all be kept.

    Raises:
        Refused: ``DAY_PAST``; ``DAY_UNDER_WAY`` once its vans are on the road; ``DAY_WITHOUT_SHIFT`` where there is
            nothing to plan with and nothing to keep; ``PLAN_STALE`` when a promise came in meanwhile;
            ``PLAN_NOT_MADE`` when solving failed and the stored version stands.
        PromisesConflict: ``PROMISES_CONFLICT`` when the promises cannot all be kept; nothing is stored.
        PrivacyError: when the reason holds what must never be kept.
    """
    require_clean(why, "why")
    budget = office.rules.solver.make_seconds if seconds is None else seconds
    if day < office.clock.today():
        raise Refused("DAY_PAST", date=day)
    with writing(office.engine) as session:
        ensure_day(session, day)
    with reading(office.engine) as session:
        state = require_day(session, office, day)
        waiting = () if state.closed else waiting_for(session, office, state)
    _require_not_under_way(office, state)
    if not state.shifts and not state.promises:
        raise Refused("DAY_WITHOUT_SHIFT", date=day)
    try:
        found = find_plan(office, state, waiting, seconds=budget, quick=False)
        broken: tuple[str, ...] = ()
        if not found.keeps_promises:
            least_bad = breaking_fewest(office, state, seconds=budget)
            if least_bad.broken and not accept_broken:
                raise conflict(office, state, found.plan, least_bad.broken)
            found, broken = least_bad.found, least_bad.broken
        refuse_unchecked(found.problem, found.plan)
    except SolveError as error:
        raise not_made(state, error) from error
    with writing(office.engine) as session:
        _store(session, office, state, found, MadeBy.REMAKE if broken else MadeBy.MAKE, broken=broken)
        mark_broken(session, office, state, broken)
        note_day(session, office, state.day_id, "make", why=why, details={"broken": list(broken)})
    return show(office, day)


def pin(office: Office, day: Date, reference: str, van: str | None, *, why: str = "") -> PlanView:
    """Fix a promised visit to one van (or free it with ``None``); stored only with a checked plan that obeys.

    Raises:
        NotFound: ``DAY_UNKNOWN``, ``VISIT_NOT_PROMISED`` or ``VAN_NOT_ON_SHIFT``.
        Refused: ``DAY_PAST``, ``DAY_UNDER_WAY``; ``PIN_CANNOT_BE_KEPT`` when no plan with it was found;
            ``PLAN_STALE``, ``PLAN_NOT_MADE``.
        PrivacyError: when the reason holds what must never be kept.
    """
    require_clean(why, "why")
    with reading(office.engine) as session:
        state = require_day(session, office, day)
    promise = state.promise_of(reference)
    if promise is None or promise.done or promise.booking_id is None:
        raise NotFound("VISIT_NOT_PROMISED", reference=reference, date=day)
    if van is not None and van not in {shift.id for shift in state.shifts}:
        raise NotFound("VAN_NOT_ON_SHIFT", van=van, date=day)
    if day < office.clock.today():
        raise Refused("DAY_PAST", date=day)
    _require_not_under_way(office, state)
    pinned = replace(
        state,
        promises=tuple(
            replace(other, pinned_van=van) if other.reference == reference else other for other in state.promises
        ),
    )
    try:
        found = find_plan(office, pinned, (), seconds=office.rules.solver.confirm_seconds, quick=True)
        if not found.keeps_promises:
            raise Refused("PIN_CANNOT_BE_KEPT", reference=reference, van=van or "", date=day)
        refuse_unchecked(found.problem, found.plan)
    except SolveError as error:
        raise not_made(state, error) from error
    with writing(office.engine) as session:
        _store(session, office, state, found, MadeBy.REMAKE)
        visit = session.get_one(Visit, promise.visit_id)
        visit.pinned_van_id = van
        session.add(visit)
        note_day(session, office, state.day_id, "pin", why=why, details={"reference": reference, "van": van})
    return show(office, day)


def reopen(office: Office, day: Date, *, why: str) -> None:
    """Open a published day to promises again; the reason is kept.

    Raises:
        BadInput: ``REASON_NEEDED``.
        NotFound: ``DAY_UNKNOWN``.
        Refused: ``DAY_NOT_CLOSED``.
        PrivacyError: when the reason holds what must never be kept.
    """
    require_clean(why, "why")
    if not why.strip():
        raise BadInput("REASON_NEEDED")
    with writing(office.engine) as session:
        state = require_day(session, office, day)
        if not state.closed:
            raise Refused("DAY_NOT_CLOSED", date=day)
        row = session.get_one(ServiceDay, state.day_id)
        row.closed = False
        row.version += 1
        session.add(row)
        note_day(session, office, state.day_id, "reopen", why=why)


def explain(office: Office, reference: str) -> tuple[PlanView, StopExplained | Unassigned]:
    """Why a visit is on its van at its time, or on none: from the standing plan of its day.

    Raises:
        NotFound: ``VISIT_NOT_PLANNED`` when no standing plan knows the booking.
    """
    with reading(office.engine) as session:
        days = _days_with(session, reference)
    for day in days:
        view = show(office, day)
        if reference not in view.problem.visit_by_id:
            continue
        if view.plan.route_of(reference) is not None:
            return view, explain_stop(view.problem, view.plan, reference)
        visit = view.problem.visit_by_id[reference]
        return view, why_left_out(view.problem, orders_of(view.plan), visit)
    raise NotFound("VISIT_NOT_PLANNED", reference=reference)


def _days_with(session: Session, reference: str) -> list[Date]:
    """Days whose standing plan may know a booking: where it is promised, where a stop is its own, then all others."""
    standing = select(col(ServiceDay.day)).where(col(ServiceDay.standing_plan_id).is_not(None))
    promised = (
        standing.where(col(Visit.service_day_id) == col(ServiceDay.id), Visit.state == VisitState.PROMISED)
        .where(col(Visit.booking_id) == col(Booking.id))
        .where(Booking.reference == reference)
    )
    stops = (
        standing.where(col(PlanStop.plan_version_id) == col(ServiceDay.standing_plan_id))
        .where(col(PlanStop.booking_id) == col(Booking.id))
        .where(Booking.reference == reference)
        .order_by(col(ServiceDay.day).desc())
    )
    rest = standing.order_by(col(ServiceDay.day).desc())
    return list(dict.fromkeys(day for query in (promised, stops, rest) for day in session.exec(query).all()))


def _require_not_under_way(office: Office, state: DayState) -> None:
    """Once a van has left, its day cannot be planned anew: nobody knows here how far it has come."""
    now_s = now_on(office, state)
    if now_s is None or state.standing is None:
        return
    if any(route.start_s < now_s for route in state.standing.plan.routes):
        raise Refused("DAY_UNDER_WAY", date=state.day)


def _store(
    session: Session,
    office: Office,
    state: DayState,
    found: Found,
    made_by: MadeBy,
    *,
    broken: tuple[str, ...] = (),
) -> None:
    """Store what was found, or say that the day changed meanwhile."""
    try:
        store_plan(
            session,
            office,
            state,
            found.problem,
            found.plan,
            made_by=made_by,
            ghosts=found.ghosts,
            broken=broken,
        )
    except DayChanged as error:
        raise Refused("PLAN_STALE", date=state.day) from error
