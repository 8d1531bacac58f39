"""The plan of a day: made, shown, pinned, explained, checked and exported. A promise is never lost on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date

from sqlmodel import Session, col, select

from bookings.models import Booking
from bookings.statuses import Status
from bookings.wishes import Wishes
from outreach.errors import BadInput, NotFound, Refused
from outreach.services._days import (
    Candidate,
    DayChanged,
    DayState,
    Standing,
    ensure_day,
    note_day,
    read_day,
    read_version,
    store_plan,
)
from outreach.services._solving import Found, find_plan, refuse_unchecked
from outreach.services._visits import optional_candidate
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy, PlanVersion, ServiceDay, StopRole, Van, Visit, VisitState
from routing.check import Violation, check
from routing.errors import SolveError
from routing.explain import StopExplained, explain_stop, why_left_out
from routing.insertion import orders_of
from routing.plan import DayPlan, PlanStatus, Unassigned
from routing.problem import DayProblem

MOST_PROPOSALS = 30
"""Waiting bookings offered to one day: more than its crews could serve, few enough to search well."""


@dataclass(frozen=True, slots=True)
class ToPhone:
    """Somebody to phone, with the window they were promised."""

    reference: str
    name: str
    kana: str
    phone: str
    opens_s: int
    closes_s: int


@dataclass(frozen=True, slots=True)
class PlanView:
    """One stored plan version with what the terminal shows of it. ``vans`` gives names by shift id."""

    day: Date
    number: int
    made_by: str
    sha256: str
    published: bool
    standing: bool
    closed: bool
    problem: DayProblem
    plan: DayPlan
    roles: Mapping[str, str]
    vans: Mapping[str, str]
    towns: Mapping[str, str]
    broken: tuple[ToPhone, ...]

    @property
    def proposals(self) -> tuple[str, ...]:
        """References of waiting bookings the plan has room for: to phone, not promised."""
        return tuple(sorted(reference for reference, role in self.roles.items() if role == StopRole.PROPOSED))


class PromisesConflict(Refused):
    """The promises of a day can no longer all be kept; ``to_phone`` are those that conflict."""

    def __init__(self, code: str, *, to_phone: tuple[ToPhone, ...], **values: object) -> None:
        super().__init__(code, findings=(), **values)
        self.to_phone = to_phone


def make(
    office: Office, day: Date, *, seconds: float | None = None, accept_broken: bool = False, why: str = ""
) -> PlanView:
    """Plan ``day`` anew from its standing plan: promises kept, waiting bookings proposed where they fit.

    Args:
        seconds: how long to search; the rules' ``solver.make_seconds`` when not given.
        accept_broken: store the plan that breaks fewest promises, where they cannot all be kept.

    Raises:
        Refused: ``DAY_WITHOUT_SHIFT``; ``PLAN_STALE`` when a promise came in meanwhile; ``PLAN_NOT_MADE`` when solving
            failed and the stored version stands.
        PromisesConflict: ``PROMISES_CONFLICT`` when the promises cannot all be kept; nothing is stored.
    """
    budget = office.rules.solver.make_seconds if seconds is None else seconds
    with writing(office.engine) as session:
        ensure_day(session, day)
    with reading(office.engine) as session:
        state = require_day(session, office, day)
        waiting = () if state.closed else _waiting(session, office, state)
    if not state.shifts:
        raise Refused("DAY_WITHOUT_SHIFT", date=day)
    try:
        found = find_plan(office, state, waiting, seconds=budget, quick=False)
        broken: tuple[str, ...] = ()
        if not found.keeps_promises:
            if not accept_broken:
                raise _conflict(office, state, found.plan)
            found, broken = _breaking_fewest(office, state, seconds=budget)
        refuse_unchecked(found.problem, found.plan)
    except SolveError as error:
        raise not_made(state, error) from error
    with writing(office.engine) as session:
        try:
            store_plan(
                session,
                office,
                state,
                found.problem,
                found.plan,
                made_by=MadeBy.REMAKE if broken else MadeBy.MAKE,
                booking_ids=booking_ids(session, found.plan),
                ghosts=found.ghosts,
                broken=broken,
            )
        except DayChanged as error:
            raise Refused("PLAN_STALE", date=day) from error
        _mark_broken(session, office, state, broken)
        note_day(session, office, state.day_id, "make", why=why, details={"broken": list(broken)})
    return show(office, day)


def require_day(session: Session, office: Office, day: Date) -> DayState:
    """What the day is now.

    Raises:
        NotFound: ``DAY_UNKNOWN`` where nothing was ever done for it.
    """
    state = read_day(session, office.rules, day)
    if state is None:
        raise NotFound("DAY_UNKNOWN", date=day)
    return state


def not_made(state: DayState, error: SolveError) -> Refused:
    """The sentence for a search that failed: which version stands, and that nothing was lost."""
    return Refused(
        "PLAN_NOT_MADE",
        date=state.day,
        standing=0 if state.standing is None else state.standing.number,
        cause=error.code,
    )


def booking_ids(session: Session, plan: DayPlan) -> dict[str, int]:
    """The bookings' ids for every stop of a plan, by reference."""
    rows = session.exec(select(Booking).where(col(Booking.reference).in_(sorted(plan.served)))).all()
    return {booking.reference: booking.id for booking in rows if booking.id is not None}


def _waiting(session: Session, office: Office, state: DayState) -> tuple[Candidate, ...]:
    """Waiting bookings whose wishes include the day, as optional visits: the longest waiting first."""
    rows = session.exec(
        select(Booking)
        .where(Booking.status == Status.REQUESTED.value, col(Booking.lat).is_not(None))
        .order_by(col(Booking.received_at), col(Booking.id))
    ).all()
    found: list[Candidate] = []
    for booking in rows:
        wishes = Wishes.from_plain(booking.wishes)
        if not wishes.allows(state.day):
            continue
        candidate = optional_candidate(office, booking, state.day, wishes.half_days(state.day))
        if candidate is not None:
            found.append(candidate)
        if len(found) == MOST_PROPOSALS:
            break
    return tuple(found)


def _conflict(office: Office, state: DayState, plan: DayPlan) -> PromisesConflict:
    """Name the promises that cannot be kept together: the proved ones, else those the fewest-breaking plan leaves."""
    named = [left.visit for left in plan.unassigned if left.visit in state.promised]
    proved = plan.status == PlanStatus.INFEASIBLE and bool(named)
    if not proved:
        _, broken = _breaking_fewest(office, state, seconds=office.rules.solver.confirm_seconds)
        named = list(broken)
    with reading(office.engine) as session:
        to_phone = whom_to_phone(session, named)
    return PromisesConflict(
        "PROMISES_CONFLICT",
        to_phone=to_phone,
        date=state.day,
        references=sorted(named),
        proved=proved,
    )


def _breaking_fewest(office: Office, state: DayState, *, seconds: float) -> tuple[Found, tuple[str, ...]]:
    """The plan that leaves out fewest promises, and their references."""
    from outreach.services._days import build_problem
    from routing.solver import SearchBudget, solve_breaking_fewest, solve_day

    problem = build_problem(office, state)
    start = None if state.standing is None else state.standing.plan
    fewest = solve_breaking_fewest(problem, budget=SearchBudget(seconds=seconds), start_from=start)
    broken = tuple(sorted(visit.id for visit in problem.visits if visit.id not in fewest.served))
    kept = without_visits(problem, frozenset(broken))
    plan = solve_day(kept, budget=SearchBudget(solutions=1), start_from=fewest)
    return Found(kept, plan), broken


def without_visits(problem: DayProblem, references: frozenset[str]) -> DayProblem:
    """The same day without some of its visits (their places stay)."""
    from dataclasses import replace

    return replace(problem, visits=tuple(visit for visit in problem.visits if visit.id not in references))


def _mark_broken(session: Session, office: Office, state: DayState, broken: Sequence[str]) -> None:
    for reference in broken:
        promise = state.promise_of(reference)
        if promise is None:
            continue
        visit = session.get_one(Visit, promise.visit_id)
        visit.state = VisitState.BROKEN.value
        visit.ended_at = office.now()
        session.add(visit)


def whom_to_phone(session: Session, references: Sequence[str]) -> tuple[ToPhone, ...]:
    """Name, phone and window of bookings whose promise is in question."""
    rows = session.exec(
        select(Booking, Visit)
        .where(col(Visit.booking_id) == col(Booking.id))
        .where(
            col(Booking.reference).in_(list(references)),
            col(Visit.state).in_([VisitState.PROMISED.value, VisitState.BROKEN.value]),
        )
        .order_by(col(Visit.opens_s), col(Booking.reference))
    ).all()
    return tuple(
        ToPhone(
            reference=booking.reference,
            name=booking.name,
            kana=booking.kana,
            phone=booking.phone_spoken or booking.fax or booking.mail,
            opens_s=visit.opens_s,
            closes_s=visit.closes_s,
        )
        for booking, visit in rows
    )


def show(office: Office, day: Date, version: str = "standing") -> PlanView:
    """A stored version of a day's plan: a number, ``standing`` or ``published``.

    Raises:
        NotFound: ``DAY_UNKNOWN``, ``NO_PLAN`` or ``NO_SUCH_VERSION``.
        BadInput: ``VERSION_UNREADABLE``.
    """
    with reading(office.engine) as session:
        state = require_day(session, office, day)
        found = _version(session, state, version)
        broken = session.exec(
            select(Booking.reference)
            .where(col(Visit.booking_id) == col(Booking.id))
            .where(Visit.service_day_id == state.day_id, Visit.state == VisitState.BROKEN)
        ).all()
        references = [visit.id for visit in found.problem.visits]
        rows = session.exec(select(Booking).where(col(Booking.reference).in_(references))).all()
        return PlanView(
            day=day,
            number=found.number,
            made_by=found.made_by,
            sha256=found.sha256,
            published=state.published is not None and state.published.id == found.id,
            standing=state.standing is not None and state.standing.id == found.id,
            closed=state.closed,
            problem=found.problem,
            plan=found.plan,
            roles=found.roles,
            vans={van.id: van.name for van in session.exec(select(Van)).all()},
            towns={booking.reference: booking.town or "" for booking in rows},
            broken=whom_to_phone(session, broken),
        )


def _version(session: Session, state: DayState, version: str) -> Standing:
    if version == "standing":
        found = state.standing
    elif version == "published":
        found = state.published
    else:
        if not version.isdecimal():
            raise BadInput("VERSION_UNREADABLE", version=version)
        row_id = session.exec(
            select(PlanVersion.id).where(PlanVersion.service_day_id == state.day_id, PlanVersion.number == int(version))
        ).first()
        found = read_version(session, row_id)
    if found is None:
        code = "NO_PLAN" if version in ("standing", "published") else "NO_SUCH_VERSION"
        raise NotFound(code, date=state.day, version=version)
    return found


def check_standing(office: Office, day: Date, version: str = "standing") -> tuple[Violation, ...]:
    """Check a stored plan against the day as it is now: its shifts, promises and rules of this moment."""
    from outreach.services._days import build_problem
    from outreach.services._solving import ghost_candidates

    with reading(office.engine) as session:
        state = require_day(session, office, day)
        found = _version(session, state, version)
        proposed = [r for r, role in found.roles.items() if role == StopRole.PROPOSED]
        waiting = [c for c in _waiting(session, office, state) if c.visit.id in proposed]
    places = {place.id: place for place in found.problem.places}
    present = {candidate.visit.id for candidate in waiting} | state.promised
    # What the plan still drives to although nobody waits there any more is looked at as the plan knew it.
    others = [
        Candidate(0, places[visit.place], visit)
        for visit in found.problem.visits
        if visit.id in found.plan.served and visit.id not in present
    ]
    ghosts = [g for g in ghost_candidates(state) if g.visit.id not in present | {o.visit.id for o in others}]
    problem = build_problem(office, state, others=[*waiting, *others, *ghosts])
    from dataclasses import replace

    left_out = {left.visit for left in found.plan.unassigned} - {visit.id for visit in problem.visits}
    plan = replace(
        found.plan,
        problem_sha256=None,
        unassigned=tuple(left for left in found.plan.unassigned if left.visit not in left_out),
        objective_s=None,
        lower_bound_s=None,
        status=PlanStatus.FEASIBLE,
    )
    return check(problem, plan)


def pin(office: Office, day: Date, reference: str, van: str | None, *, why: str = "") -> PlanView:
    """Fix a promised visit to one van (or free it with ``None``); stored only with a checked plan that obeys.

    Raises:
        NotFound: ``VISIT_NOT_PROMISED`` or ``VAN_NOT_ON_SHIFT``.
        Refused: ``PIN_CANNOT_BE_KEPT`` when no plan with it was found; ``PLAN_STALE``, ``PLAN_NOT_MADE``.
    """
    from dataclasses import replace

    with reading(office.engine) as session:
        state = require_day(session, office, day)
    promise = state.promise_of(reference)
    if promise is None:
        raise NotFound("VISIT_NOT_PROMISED", reference=reference, date=day)
    if van is not None and van not in {shift.id for shift in state.shifts}:
        raise NotFound("VAN_NOT_ON_SHIFT", van=van, date=day)
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
        try:
            store_plan(
                session,
                office,
                state,
                found.problem,
                found.plan,
                made_by=MadeBy.REMAKE,
                booking_ids=booking_ids(session, found.plan),
                ghosts=found.ghosts,
            )
        except DayChanged as error:
            raise Refused("PLAN_STALE", date=day) from error
        visit = session.get_one(Visit, promise.visit_id)
        visit.pinned_van_id = van
        session.add(visit)
        note_day(session, office, state.day_id, "pin", why=why, details={"reference": reference, "van": van})
    return show(office, day)


def explain(office: Office, reference: str) -> tuple[PlanView, StopExplained | Unassigned]:
    """Why a visit is on its van at its time, or on none: from the standing plan of its day.

    Raises:
        NotFound: ``VISIT_NOT_PLANNED`` when no standing plan knows the booking.
    """
    with reading(office.engine) as session:
        days = session.exec(
            select(col(ServiceDay.day))
            .where(col(PlanVersion.id) == col(ServiceDay.standing_plan_id))
            .order_by(col(ServiceDay.day).desc())
        ).all()
    for day in days:
        view = show(office, day)
        if reference in view.problem.visit_by_id:
            if view.plan.route_of(reference) is not None:
                return view, explain_stop(view.problem, view.plan, reference)
            visit = view.problem.visit_by_id[reference]
            return view, why_left_out(view.problem, orders_of(view.plan), visit)
    raise NotFound("VISIT_NOT_PLANNED", reference=reference)


def reopen(office: Office, day: Date, *, why: str) -> None:
    """Open a published day to promises again; the reason is kept.

    Raises:
        BadInput: ``REASON_NEEDED``.
        Refused: ``DAY_NOT_CLOSED``.
    """
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
