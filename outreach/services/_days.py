"""Service day <-> DayProblem: what a day has promised, as a problem to solve, and a plan as what the day stands on.

Read in one transaction (:func:`read_day`), think between transactions (:func:`build_problem`), write in another under
the day's version (:func:`store_plan`): if anybody changed the day meanwhile, nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date as Date

from sqlalchemy import and_, func, or_, update
from sqlmodel import Session, col, select

from bookings.models import Booking
from bookings.statuses import Status
from outreach.errors import Busy, Refused
from outreach.programme.rules import Rules
from outreach.services._day_state import Candidate, DayState, Promise, Standing
from outreach.services._travel import travel_matrix
from outreach.services.office import Office
from outreach.storage.tables import (
    Depot,
    MadeBy,
    PlanStop,
    PlanVersion,
    Publication,
    ServiceDay,
    ServiceDayChange,
    ShiftCrew,
    ShiftRow,
    Staff,
    StopRole,
    Van,
    VanDown,
    Visit,
    VisitState,
)
from routing.files import plan_sha256, problem_sha256, read_plan, read_problem, write_plan, write_problem
from routing.plan import DayPlan
from routing.problem import Break, DayProblem, Place, Shift
from routing.problem import Visit as RoutingVisit


def ensure_day(session: Session, day: Date) -> ServiceDay:
    """The row of ``day``, made if there is none. Two writers at once end with one row: the day is unique."""
    found = session.exec(select(ServiceDay).where(ServiceDay.day == day)).first()
    if found is None:
        found = ServiceDay(day=day)
        session.add(found)
        session.flush()
    return found


def read_day(session: Session, rules: Rules, day: Date) -> DayState | None:
    """What the day is now, or ``None`` where nothing was ever done for it."""
    row = session.exec(select(ServiceDay).where(ServiceDay.day == day)).first()
    if row is None or row.id is None:
        return None
    depots = session.exec(select(Depot).order_by(col(Depot.id))).all()
    return DayState(
        day=day,
        day_id=row.id,
        version=row.version,
        closed=row.closed,
        promises=_promises(session, row.id),
        depots=tuple(Place(id=depot_place(depot.id), lat=depot.lat, lon=depot.lon) for depot in depots),
        shifts=read_shifts(session, rules, day),
        standing=read_version(session, row.standing_plan_id),
        published=read_version(session, row.published_plan_id),
    )


def depot_place(depot_id: str) -> str:
    """The place id of a depot; no reference looks like it."""
    return f"depot-{depot_id}"


def _promises(session: Session, day_id: int) -> tuple[Promise, ...]:
    rows = session.exec(
        select(Visit, Booking)
        .where(col(Visit.booking_id) == col(Booking.id))
        .where(
            Visit.service_day_id == day_id,
            or_(
                col(Visit.state) == VisitState.PROMISED,
                and_(
                    col(Visit.state) == VisitState.DONE,
                    col(Booking.status).in_([Status.VISITED.value, Status.NO_SHOW.value]),
                ),
            ),
        )
        .order_by(col(Booking.reference), col(Visit.id))
    ).all()
    # Somebody not at home in the morning may have been promised the afternoon, and visited then: the last one counts.
    latest = {booking.reference: (visit, booking) for visit, booking in rows}
    return tuple(
        Promise(
            reference=booking.reference,
            booking_id=visit.booking_id,
            visit_id=visit.id or 0,
            opens_s=visit.opens_s,
            closes_s=visit.closes_s,
            service_s=visit.service_s,
            needs=frozenset(visit.needs),
            lat=visit.lat,
            lon=visit.lon,
            pinned_van=visit.pinned_van_id,
            long_leg_ok=visit.long_leg_ok,
            done=visit.state == VisitState.DONE,
        )
        for visit, booking in latest.values()
    )


def read_shifts(session: Session, rules: Rules, day: Date) -> tuple[Shift, ...]:
    """The shifts that can drive on ``day``: vans in service, crews complete. A shift's id is its van's."""
    down = {
        row.van_id
        for row in session.exec(select(VanDown).where(VanDown.first_day <= day)).all()
        if row.last_day is None or row.last_day >= day
    }
    rows = session.exec(
        select(ShiftRow, Van)
        .where(col(ShiftRow.van_id) == col(Van.id), ShiftRow.day == day)
        .order_by(col(ShiftRow.van_id))
    ).all()
    crews = _crews(session, day)
    lunch = lunch_break(rules)
    shifts = []
    for row, van in rows:
        crew = crews.get(row.id or 0, ())
        if van.id in down or len(crew) != 2:
            continue
        shifts.append(
            Shift(
                id=van.id,
                start_place=depot_place(van.depot_id),
                end_place=depot_place(van.depot_id),
                start_s=row.start_s,
                end_s=row.end_s,
                crew=(crew[0].id, crew[1].id),
                skills=frozenset(van.skills) | frozenset(crew[0].skills) | frozenset(crew[1].skills),
                break_=lunch,
            )
        )
    return tuple(shifts)


def lunch_break(rules: Rules) -> Break | None:
    """The crew's rest under the city's rules; none where lunch takes no time."""
    shift = rules.shift
    if shift.lunch_s == 0:
        return None
    return Break(shift.lunch_s, shift.lunch_earliest_start_s, shift.lunch_latest_start_s)


def _crews(session: Session, day: Date) -> dict[int, tuple[Staff, ...]]:
    seats = session.exec(
        select(ShiftCrew, Staff)
        .where(col(ShiftCrew.staff_id) == col(Staff.id), ShiftCrew.day == day)
        .order_by(col(ShiftCrew.shift_id), col(ShiftCrew.seat))
    ).all()
    crews: dict[int, tuple[Staff, ...]] = {}
    for seat, person in seats:
        crews[seat.shift_id] = (*crews.get(seat.shift_id, ()), person)
    return crews


def read_version(session: Session, version_id: int | None) -> Standing | None:
    """A stored plan version by its row's id."""
    row = None if version_id is None else session.get(PlanVersion, version_id)
    if row is None or row.id is None:
        return None
    stops = session.exec(
        select(PlanStop, Booking)
        .where(col(PlanStop.booking_id) == col(Booking.id), PlanStop.plan_version_id == row.id)
        .order_by(col(PlanStop.van_id), col(PlanStop.position))
    ).all()
    return Standing(
        id=row.id,
        number=row.number,
        made_by=row.made_by,
        problem=read_problem(row.problem),
        plan=read_plan(row.plan),
        sha256=row.plan_sha256,
        roles={booking.reference: stop.role for stop, booking in stops},
        waiting=frozenset(booking.reference for _, booking in stops if booking.status == Status.REQUESTED),
    )


def build_problem(office: Office, state: DayState, *, others: Sequence[Candidate] = ()) -> DayProblem:
    """The day as a problem: every promise required, ``others`` as they say; travel times from the source's cache.

    Reads and fills the travel cache in transactions of its own, so it is called between transactions.
    """
    visits = [(promise.place, promise.visit) for promise in state.promises]
    visits += [(other.place, other.visit) for other in others]
    visits.sort(key=lambda pair: pair[1].id)
    used = {shift.start_place for shift in state.shifts} | {shift.end_place for shift in state.shifts}
    places = tuple(depot for depot in state.depots if depot.id in used) + tuple(place for place, _ in visits)
    matrix = travel_matrix(office, places)
    shift_ids = {shift.id for shift in state.shifts}
    return DayProblem(
        date=state.day,
        places=places,
        travel_s=matrix.seconds,
        shifts=state.shifts,
        visits=tuple(_on_existing_shift(visit, shift_ids) for _, visit in visits),
        max_leg_s=office.rules.travel.max_leg_s,
        travel_source=office.travel.name,
    )


def _on_existing_shift(visit: RoutingVisit, shift_ids: set[str]) -> RoutingVisit:
    """A pin on a van that does not drive today cannot be kept: the need nobody has says so in the plan."""
    if visit.pinned_shift is None or visit.pinned_shift in shift_ids:
        return visit
    return replace(visit, pinned_shift=None, needs=visit.needs | {f"van:{visit.pinned_shift}"})


def store_plan(
    session: Session,
    office: Office,
    state: DayState,
    problem: DayProblem,
    plan: DayPlan,
    *,
    made_by: MadeBy,
    booking_ids: Mapping[str, int],
    ghosts: Iterable[str] = (),
    broken: Iterable[str] = (),
) -> PlanVersion:
    """Store ``plan`` as the day's new standing plan, if the day is still what ``state`` says.

    The caller's other changes belong in the same transaction. ``booking_ids`` maps every stop's reference to its
    booking. A publication made from an older version is marked outdated.

    Raises:
        DayChanged: when somebody else changed the day since it was read.
    """
    claim_day(session, state)
    newest = session.exec(select(func.max(PlanVersion.number)).where(PlanVersion.service_day_id == state.day_id)).one()
    number = 1 + (newest or 0)
    version = PlanVersion(
        service_day_id=state.day_id,
        number=number,
        made_by=made_by.value,
        made_at=office.now(),
        who=office.who,
        problem=write_problem(problem),
        plan=write_plan(plan),
        problem_sha256=problem_sha256(problem),
        plan_sha256=plan_sha256(plan),
        broken=sorted(broken),
    )
    session.add(version)
    session.flush()
    ghost_set = set(ghosts)
    for route in plan.routes:
        for position, stop in enumerate(route.stops, start=1):
            session.add(
                PlanStop(
                    plan_version_id=version.id or 0,
                    booking_id=booking_ids[stop.visit],
                    van_id=route.shift,
                    position=position,
                    arrive_s=stop.arrive_s,
                    start_s=stop.start_s,
                    depart_s=stop.depart_s,
                    role=_role(stop.visit, problem, ghost_set),
                )
            )
    row = session.get_one(ServiceDay, state.day_id)
    row.standing_plan_id = version.id
    session.add(row)
    mark_outdated(session, office, row)
    return version


def _role(reference: str, problem: DayProblem, ghosts: set[str]) -> str:
    if reference in ghosts:
        return StopRole.GHOST.value
    return (StopRole.PROMISED if problem.visit_by_id[reference].required else StopRole.PROPOSED).value


class DayChanged(Busy):
    """Somebody else changed the day since it was read; read again and decide again."""


def claim_day(session: Session, state: DayState) -> None:
    """Raise the day's version by one, if it is still the one that was read (compare and swap).

    Raises:
        DayChanged: code ``DAY_CHANGED`` when it is not.
    """
    done = session.connection().execute(
        update(ServiceDay)
        .where(col(ServiceDay.id) == state.day_id, col(ServiceDay.version) == state.version)
        .values(version=state.version + 1)
    )
    if done.rowcount != 1:
        raise DayChanged("DAY_CHANGED", date=state.day)
    session.expire_all()  # what this session read of the day before is no longer so


def touch_day(session: Session, office: Office, row: ServiceDay) -> None:
    """Raise a day's version because what it stands on changed: no plan made for what it was will be stored."""
    row.version += 1
    session.add(row)
    session.flush()
    mark_outdated(session, office, row)


def mark_outdated(session: Session, office: Office, row: ServiceDay) -> None:
    """Mark what was published for the day as outdated: people hold sheets of what is no longer so."""
    if row.published_plan_id is None:
        return
    for publication in session.exec(
        select(Publication).where(Publication.plan_version_id == row.published_plan_id)
    ).all():
        if publication.outdated_at is None:
            publication.outdated_at = office.now()
            session.add(publication)


def is_outdated(session: Session, state: DayState) -> bool:
    """Whether the day changed since it was published."""
    if state.published is None:
        return False
    newest = session.exec(
        select(Publication)
        .where(Publication.plan_version_id == state.published.id)
        .order_by(col(Publication.id).desc())
        .limit(1)
    ).first()
    moved_on = state.standing is None or state.standing.id != state.published.id
    return moved_on or (newest is not None and newest.outdated_at is not None)


def note_day(
    session: Session,
    office: Office,
    day_id: int,
    what: str,
    *,
    why: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Add a row to the day's history."""
    session.add(
        ServiceDayChange(
            service_day_id=day_id, at=office.now(), who=office.who, what=what, why=why, details=dict(details or {})
        )
    )


def require_open(state: DayState) -> None:
    """A published day takes no new promise until it is reopened.

    Raises:
        Refused: ``DAY_PUBLISHED``.
    """
    if state.closed:
        raise Refused("DAY_PUBLISHED", date=state.day)
