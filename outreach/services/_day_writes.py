"""What a writer does to a service day, under its version: store a plan as the standing one, or mark that it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date as Date

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from bookings.models import Booking
from outreach.errors import Busy, Fault, Refused
from outreach.services._day_state import DayState
from outreach.services._holds import lapse
from outreach.services._outdated import mark_outdated as mark_outdated  # _bookings, below this module, needs them too
from outreach.services._outdated import touch_day as touch_day
from outreach.services.office import Office
from outreach.storage.tables import (
    SITE_PREFIX,
    MadeBy,
    PlanStop,
    PlanVersion,
    Publication,
    ServiceDay,
    ServiceDayChange,
    SiteSession,
    StopRole,
)
from routing.files import plan_sha256, problem_sha256, write_plan, write_problem
from routing.plan import DayPlan
from routing.problem import DayProblem


def ensure_day(session: Session, day: Date) -> ServiceDay:
    """The row of ``day``, made if there is none. Two writers at once end with one row: the day is unique."""
    found = session.exec(select(ServiceDay).where(ServiceDay.day == day)).first()
    if found is None:
        found = ServiceDay(day=day)
        session.add(found)
        session.flush()
    return found


def store_plan(
    session: Session,
    office: Office,
    state: DayState,
    problem: DayProblem,
    plan: DayPlan,
    *,
    made_by: MadeBy,
    ghosts: Iterable[str] = (),
    broken: Iterable[str] = (),
) -> PlanVersion:
    """Store ``plan`` as the day's new standing plan, if the day is still what ``state`` says.

    The caller's other changes belong in the same transaction. A publication made from an older version is marked
    outdated.

    Raises:
        DayChanged: when somebody else changed the day since it was read.
    """
    claim_day(session, state)
    lapse(session, office, day_id=state.day_id, read_at=state.read_at)
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
    ghost_set, owners = set(ghosts), _owners(session, plan)
    for route in plan.routes:
        for position, stop in enumerate(route.stops, start=1):
            session.add(
                PlanStop(
                    plan_version_id=version.id or 0,
                    **owners[stop.visit],
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


def _owners(session: Session, plan: DayPlan) -> dict[str, dict[str, int]]:
    """Whose each stop of a plan is, as the columns of a stop: a booking's or a site session's.

    Raises:
        Fault: ``STOP_OF_NOBODY`` when a stop is neither's; a plan of the day has none.
    """
    bookings = session.exec(
        select(Booking.reference, Booking.id).where(col(Booking.reference).in_(sorted(plan.served)))
    ).all()
    numbers = [int(visit.removeprefix(SITE_PREFIX)) for visit in plan.served if visit.startswith(SITE_PREFIX)]
    sessions = session.exec(select(SiteSession).where(col(SiteSession.number).in_(numbers))).all() if numbers else []
    owners = {reference: {"booking_id": booking_id or 0} for reference, booking_id in bookings}
    owners |= {site.reference: {"site_session_id": site.id or 0} for site in sessions}
    if owners.keys() != plan.served:
        raise Fault("STOP_OF_NOBODY")
    return owners


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
    session.flush()  # what was changed of another day in this transaction is not forgotten below
    done = session.connection().execute(
        update(ServiceDay)
        .where(col(ServiceDay.id) == state.day_id, col(ServiceDay.version) == state.version)
        .values(version=state.version + 1)
    )
    if done.rowcount != 1:
        raise DayChanged("DAY_CHANGED", date=state.day)
    session.expire_all()  # what this session read of the day before is no longer so


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
