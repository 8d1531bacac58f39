"""Makes one promise: a witness found and checked between transactions, then plan, visit and status stored in one.

Hold, confirm, move and a changed visit are the same thing here: a booking gets a window, and what it had before ends in
the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date as Date
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, select

from bookings.models import Booking
from bookings.statuses import Status
from outreach.errors import Refused
from outreach.programme.durations import is_group
from outreach.services._bookings import (
    Kept,
    change_status,
    end_kept,
    kept_of,
    release_broken,
    require_booking,
)
from outreach.services._day_state import Candidate, DayState
from outreach.services._day_writes import (
    DayChanged,
    claim_day,
    ensure_day,
    mark_outdated,
    note_day,
    require_open,
    store_plan,
)
from outreach.services._days import read_days
from outreach.services._holds import lapse
from outreach.services._quoting import asked_by
from outreach.services._solving import Found, find_plan, refuse_unchecked
from outreach.services._visits import promised_candidate
from outreach.services._witness import refused, witness
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy, ServiceDay, Visit, VisitState
from routing.errors import SolveError

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Order:
    """A promise to be made.

    Attributes:
        expires_at: until when it is only held; ``None``: it is firm.
        accepted: what a clerk's word passes; ``URGENT`` opens the places kept free.
        require: refuses, inside the reading transaction, what the booking's status or the rules do not allow.
        candidate: the visit where it is not the booking as it stands (an edit).
        change: what else is written about the booking in the same transaction.
        visit_type: the visit's type where ``change`` alters it.
        takes_step: whether the booking comes to ``held`` or ``confirmed`` by it; an edit leaves it where it is.
    """

    reference: str
    day: Date
    window: tuple[int, int]
    made_by: MadeBy
    expires_at: datetime | None = None
    accepted: frozenset[str] = frozenset()
    require: Callable[[Session, Booking], None] | None = None
    candidate: Candidate | None = None
    change: Callable[[Session, Booking], None] | None = None
    visit_type: str = ""
    takes_step: bool = True
    why: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """A promise made: the van that keeps it as things stand, when, and what ended for it."""

    van: str
    start_s: int
    plan_version: int
    before: Kept | None
    left_ghost: bool
    """The stop it had before had to stay on its day for now."""


def put(office: Office, order: Order, keep: Callable[[Session, Made], None], *, searching: bool = True) -> Made:
    """One try to make a promise: read, find a witness, check it, store. ``keep`` runs in the writing transaction.

    Args:
        searching: whether days may be planned anew to find the witness, which takes its time.

    Raises:
        DayChanged: when somebody was faster; try again.
        ThinkLonger: when not ``searching`` and nothing was found or proved at a glance.
        WindowRefused: ``WINDOW_IMPOSSIBLE`` (proved), ``WINDOW_NOT_FOUND`` (in the time given), ``DAY_IN_CONFLICT``.
        Refused: ``DAY_PUBLISHED``, ``DAY_WITHOUT_SHIFT``, ``PLAN_NOT_MADE``, ``GROUP_TOO_LARGE``.
    """
    with reading(office.engine) as session:
        booking = require_booking(session, order.reference)
        if order.require is not None:
            order.require(session, booking)
        kept = kept_of(session, office, booking)
        days = {order.day} | ({kept.day} if kept is not None and kept.visit_id else set())
        states = read_days(session, office, sorted(days))
        revision, urgent = booking.revision, asked_by(booking, order.accepted).urgent
    target = without(states[order.day], order.reference)
    require_open(target)
    if not target.shifts:
        raise Refused("DAY_WITHOUT_SHIFT", date=order.day)
    if not target.day_id:
        _make_day(office, order.day)
    candidate = order.candidate or promised_candidate(office, booking, order.window)
    try:
        found = witness(office, target, candidate, urgent=urgent, searching=searching)
    except Refused as refusal:
        # "No" is said of the day as it is now, not as it was before somebody made room.
        _require_unchanged(office, states)
        if refusal.code == "DAY_IN_CONFLICT" and kept is not None and kept.day == order.day:
            # The day is fine with the visit where it is; it is without it that it is not.
            raise refused("WINDOW_IMPOSSIBLE", target, candidate, "CROWDED_OUT", {}) from refusal
        raise
    if is_group(office.rules, order.visit_type or booking.visit_type):
        found, candidate = _pinned(found, candidate)
    left = states[kept.day] if kept is not None and kept.visit_id and kept.day != order.day else None
    remainder = None if left is None else remainder_of(office, left, order.reference)
    try:
        with writing(office.engine) as session:
            return _store(session, office, order, found, candidate, target, left, remainder, revision, keep)
    except IntegrityError as error:
        if "uq_booking_live_household" in str(error) or "household" in str(error):
            raise Refused("HOUSEHOLD_LIVE", reference=order.reference) from error
        raise


def _make_day(office: Office, day: Date) -> None:
    """Give a day nobody has touched yet its row, and look again."""
    with writing(office.engine) as session:
        ensure_day(session, day)
    raise DayChanged("DAY_CHANGED", date=day)


def _require_unchanged(office: Office, states: Mapping[Date, DayState]) -> None:
    """Raise :class:`DayChanged` where a day is no longer what it was when it was read."""
    with reading(office.engine) as session:
        for day, state in states.items():
            version = session.exec(select(ServiceDay.version).where(ServiceDay.day == day)).first()
            if (version or 0) != state.version:
                raise DayChanged("DAY_CHANGED", date=day)


def _store(
    session: Session,
    office: Office,
    order: Order,
    found: Found,
    candidate: Candidate,
    target: DayState,
    left: DayState | None,
    remainder: Found | None,
    revision: int,
    keep: Callable[[Session, Made], None],
) -> Made:
    booking = require_booking(session, order.reference)
    if booking.revision != revision:
        raise DayChanged("BOOKING_CHANGED", reference=order.reference)
    lapse(session, office, booking_id=booking.id)
    kept = kept_of(session, office, booking)
    # The earlier day first: two moves in opposite directions take turns.
    writes: list[tuple[Date, Callable[[], int]]] = [
        (order.day, lambda: _store_found(session, office, target, found, order.made_by))
    ]
    if left is not None:
        writes.append((left.day, lambda: store_remainder(session, office, left, remainder, order.made_by)))
    numbers = {day: write() for day, write in sorted(writes, key=lambda pair: pair[0])}
    if kept is not None:
        end_kept(session, office, kept)
    release_broken(session, office, booking.id or 0)
    session.flush()
    firm = order.expires_at is None
    visit = candidate.visit
    session.add(
        Visit(
            booking_id=booking.id or 0,
            service_day_id=target.day_id,
            opens_s=order.window[0],
            closes_s=order.window[1],
            service_s=visit.service_s,
            needs=sorted(visit.needs),
            lat=candidate.place.lat,
            lon=candidate.place.lon,
            pinned_van_id=visit.pinned_shift,
            long_leg_ok=visit.long_leg_ok,
            state=(VisitState.PROMISED if firm else VisitState.HELD).value,
            promised_at=office.now(),
            expires_at=order.expires_at,
        )
    )
    if order.change is not None:
        order.change(session, booking)
    details: dict[str, object] = {
        "date": order.day.isoformat(),
        "opens_s": order.window[0],
        "closes_s": order.window[1],
        "plan": numbers[order.day],
        **order.details,
    }
    if kept is not None:
        details["instead_of"] = {"date": kept.day.isoformat(), "opens_s": kept.opens_s, "closes_s": kept.closes_s}
    if order.takes_step:
        take_steps(session, office, booking, Status.CONFIRMED if firm else Status.HELD, why=order.why, details=details)
    route = found.plan.route_of(order.reference)
    assert route is not None
    made = Made(
        van=route.shift,
        start_s=next(stop.start_s for stop in route.stops if stop.visit == order.reference),
        plan_version=numbers[order.day],
        before=kept,
        left_ghost=left is not None and (remainder is None or order.reference in remainder.ghosts),
    )
    keep(session, made)
    return made


def take_steps(
    session: Session,
    office: Office,
    booking: Booking,
    to: Status,
    *,
    why: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Lead a booking to ``held`` or ``confirmed``, by way of ``requested`` where its life goes that way."""
    now = Status(booking.status)
    again = now in (Status.NO_SHOW, Status.UNMET) or (now is Status.HELD and to is Status.HELD)
    if again:
        change_status(session, office, booking, Status.REQUESTED, what="taken_up")
    change_status(session, office, booking, to, why=why, details=dict(details or {}))


def _store_found(session: Session, office: Office, state: DayState, found: Found, made_by: MadeBy) -> int:
    stored = store_plan(session, office, state, found.problem, found.plan, made_by=made_by, ghosts=found.ghosts)
    return stored.number


def _pinned(found: Found, candidate: Candidate) -> tuple[Found, Candidate]:
    """A group visit belongs to the van its witness gave it to: no later plan takes it elsewhere."""
    route = found.plan.route_of(candidate.visit.id)
    assert route is not None
    visit = replace(candidate.visit, pinned_shift=route.shift)
    problem = replace(
        found.problem,
        visits=tuple(
            replace(other, pinned_shift=route.shift) if other.id == visit.id else other
            for other in found.problem.visits
        ),
    )
    from routing.files import problem_sha256

    plan = replace(found.plan, problem_sha256=problem_sha256(problem))
    refuse_unchecked(problem, plan)
    return replace(found, problem=problem, plan=plan), replace(candidate, visit=visit)


# -- what is left ------------------------------------------------------------------------------------------------------


def without(state: DayState, reference: str) -> DayState:
    """The day as if the booking had no promise there: neither in its promises nor on its standing routes."""
    promises = tuple(promise for promise in state.promises if promise.reference != reference)
    standing = state.standing
    if standing is not None and reference in standing.plan.served:
        routes = tuple(
            replace(route, stops=tuple(stop for stop in route.stops if stop.visit != reference))
            for route in standing.plan.routes
        )
        standing = replace(standing, plan=replace(standing.plan, routes=routes))
    return replace(state, promises=promises, standing=standing)


def remainder_of(office: Office, state: DayState, reference: str) -> Found | None:
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


def store_remainder(session: Session, office: Office, state: DayState, remainder: Found | None, made_by: MadeBy) -> int:
    """The new standing plan; without one the day's version is raised all the same, for a promise of it ends."""
    if remainder is None:
        claim_day(session, state)
        mark_outdated(session, office, session.get_one(ServiceDay, state.day_id))
        return 0
    note_day(session, office, state.day_id, made_by.value)
    return _store_found(session, office, state, remainder, made_by)
