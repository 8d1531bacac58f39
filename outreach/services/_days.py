"""Service day <-> DayProblem: what days have promised, as problems to solve.

Read in one transaction (:func:`read_days`), think between transactions (:func:`build_problem`), write in another under
the day's version (:func:`outreach.services._day_writes.store_plan`): if anybody changed the day meanwhile, nothing is
written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import datetime
from functools import lru_cache

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from bookings.models import Booking
from bookings.statuses import Status
from outreach.programme.rules import Rules
from outreach.services._day_state import Candidate, DayState, Promise, Standing
from outreach.services._memory import Memory
from outreach.services._travel import travel_matrix
from outreach.services.office import Office
from outreach.storage.tables import (
    Depot,
    PlanStop,
    PlanVersion,
    ServiceDay,
    SessionState,
    ShiftCrew,
    ShiftRow,
    SiteSession,
    Staff,
    Van,
    VanDown,
    Visit,
    VisitState,
)
from routing.files import read_plan, read_problem
from routing.plan import DayPlan
from routing.problem import Break, DayProblem, Place, Shift
from routing.problem import Visit as RoutingVisit


def read_day(session: Session, office: Office, day: Date) -> DayState | None:
    """What the day is now, or ``None`` where nothing was ever done for it."""
    state = read_days(session, office, [day])[day]
    return state if state.day_id else None


@dataclass(frozen=True, slots=True)
class _Known:
    """A day as it was read, with what else it hangs on."""

    state: DayState
    shift_rules: object
    holds_end: datetime | None

    def holds(self, version: int, shift_rules: object, now: datetime) -> bool:
        """Whether the day is still as it was read."""
        return (
            self.state.version == version
            and self.state.read_at <= now
            and (self.holds_end is None or now < self.holds_end)
            and self.shift_rules == shift_rules
        )


_KNOWN: Memory[_Known] = Memory(most=256)
"""Days a process remembers: two months of a few installations."""


def glance_at_days(session: Session, office: Office, days: Sequence[Date]) -> dict[Date, DayState]:
    """The same as :func:`read_days`, from memory where the day's version is still the one remembered.

    For offering windows only: whoever stores reads the day itself. A remembered day is looked at again as soon as its
    version is another, a hold of it has ended, or the clock was put back.
    """
    now, url, shift_rules = office.now(), str(office.engine.url), office.rules.shift
    wanted = set(days)
    versions = session.exec(
        select(col(ServiceDay.day), col(ServiceDay.version)).where(
            col(ServiceDay.day).between(min(wanted), max(wanted))  # a span is asked faster than each of its days
        )
    ).all()
    found: dict[Date, DayState] = {}
    for day, version in versions:
        known = _KNOWN.get((url, day)) if day in wanted else None
        if known is not None and known.holds(version, shift_rules, now):
            found[day] = known.state
    missing = [day for day in days if day not in found]
    if missing:
        for day, state in read_days(session, office, missing).items():
            found[day] = state
            if state.day_id:
                ends = [promise.held_until for promise in state.promises if promise.held_until is not None]
                _KNOWN.keep((url, day), _Known(state, shift_rules, min(ends, default=None)))
    return found


def read_days(session: Session, office: Office, days: Sequence[Date]) -> dict[Date, DayState]:
    """What each of ``days`` is now; one for which nothing was ever done has the id 0 and no promise.

    The number of queries does not depend on the number of days; what only days somebody has touched can have is not
    asked where there are none. Holds that have expired by the office's clock are nobody's promise, whether or not
    anybody has noticed.
    """
    wanted = sorted(set(days))
    rows = {row.day: row for row in session.exec(select(ServiceDay).where(col(ServiceDay.day).in_(wanted))).all()}
    ids = [row.id for row in rows.values() if row.id is not None]
    version_ids = [
        version
        for row in rows.values()
        for version in (row.standing_plan_id, row.published_plan_id)
        if version is not None
    ]
    now = office.now()
    versions = read_versions(session, version_ids) if version_ids else {}
    promises = _promises(session, ids, now) if ids else {}
    shifts = _shifts(session, office.rules, wanted)
    depots = tuple(
        Place(id=depot_place(depot.id), lat=depot.lat, lon=depot.lon)
        for depot in session.exec(select(Depot).order_by(col(Depot.id))).all()
    )
    states: dict[Date, DayState] = {}
    for day in wanted:
        row = rows.get(day)
        states[day] = DayState(
            day=day,
            day_id=0 if row is None else row.id or 0,
            version=0 if row is None else row.version,
            closed=row is not None and row.closed,
            promises=() if row is None else promises.get(row.id or 0, ()),
            depots=depots,
            shifts=shifts.get(day, ()),
            standing=None if row is None else versions.get(row.standing_plan_id or 0),
            published=None if row is None else versions.get(row.published_plan_id or 0),
            read_at=now,
        )
    return states


def depot_place(depot_id: str) -> str:
    """The place id of a depot; no reference looks like it."""
    return f"depot-{depot_id}"


def _promises(session: Session, day_ids: Sequence[int], now: datetime) -> dict[int, tuple[Promise, ...]]:
    """The promises of each day by reference: of bookings that are promised, held for now or done, and of sessions."""
    rows = session.exec(
        select(Visit, Booking)
        .where(col(Visit.booking_id) == col(Booking.id))
        .where(
            col(Visit.service_day_id).in_(day_ids),
            or_(
                col(Visit.state) == VisitState.PROMISED,
                and_(col(Visit.state) == VisitState.HELD, col(Visit.expires_at) > now),
                and_(
                    col(Visit.state) == VisitState.DONE,
                    col(Booking.status).in_([Status.VISITED.value, Status.NO_SHOW.value]),
                ),
            ),
        )
        .order_by(col(Booking.reference), col(Visit.id))
    ).all()
    # Somebody not at home in the morning may have been promised the afternoon, and visited then: the last one counts.
    latest = {(visit.service_day_id, booking.reference): (visit, booking.reference) for visit, booking in rows}
    found: dict[int, list[Promise]] = {}
    for (day_id, _), (visit, reference) in latest.items():
        found.setdefault(day_id, []).append(_promise_of(visit, reference))
    sessions = session.exec(
        select(SiteSession)
        .where(col(SiteSession.service_day_id).in_(day_ids), SiteSession.state == SessionState.OPEN)
        .order_by(col(SiteSession.number))
    ).all()
    for site in sessions:
        found.setdefault(site.service_day_id, []).append(session_promise(site))
    return {
        day_id: tuple(sorted(promises, key=lambda promise: promise.reference)) for day_id, promises in found.items()
    }


def _promise_of(visit: Visit, reference: str) -> Promise:
    return Promise(
        reference=reference,
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
        held_until=visit.expires_at if visit.state == VisitState.HELD else None,
    )


def session_promise(site: SiteSession) -> Promise:
    """A hall's session as the visit its day owns: begun to the minute, on its own van, however far."""
    begins_s = site.opens_s - site.set_up_s
    return Promise(
        reference=site.reference,
        booking_id=None,
        visit_id=0,
        opens_s=begins_s,
        closes_s=begins_s,
        service_s=site.closes_s + site.packing_s - begins_s,
        needs=frozenset(),
        lat=site.lat,
        lon=site.lon,
        pinned_van=site.van_id,
        long_leg_ok=True,
        site_session_id=site.id or 0,
    )


def read_shifts(session: Session, rules: Rules, day: Date) -> tuple[Shift, ...]:
    """The shifts that can drive on ``day``: vans in service, crews complete. A shift's id is its van's."""
    return _shifts(session, rules, [day]).get(day, ())


def _shifts(session: Session, rules: Rules, days: Sequence[Date]) -> dict[Date, tuple[Shift, ...]]:
    rows = session.exec(
        select(ShiftRow, Van)
        .where(col(ShiftRow.van_id) == col(Van.id), col(ShiftRow.day).in_(days))
        .order_by(col(ShiftRow.van_id))
    ).all()
    if not rows:
        return {}
    down = session.exec(select(VanDown).where(col(VanDown.first_day) <= max(days))).all()
    crews = _crews(session, days)
    lunch = lunch_break(rules)
    found: dict[Date, list[Shift]] = {}
    for row, van in rows:
        crew = crews.get(row.id or 0, ())
        if len(crew) != 2 or any(period.van_id == van.id and _covers(period, row.day) for period in down):
            continue
        found.setdefault(row.day, []).append(
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
    return {day: tuple(shifts) for day, shifts in found.items()}


def _covers(period: VanDown, day: Date) -> bool:
    return period.first_day <= day and (period.last_day is None or period.last_day >= day)


def lunch_break(rules: Rules) -> Break | None:
    """The crew's rest under the city's rules; none where lunch takes no time."""
    shift = rules.shift
    if shift.lunch_s == 0:
        return None
    return Break(shift.lunch_s, shift.lunch_earliest_start_s, shift.lunch_latest_start_s)


def _crews(session: Session, days: Sequence[Date]) -> dict[int, tuple[Staff, ...]]:
    seats = session.exec(
        select(ShiftCrew, Staff)
        .where(col(ShiftCrew.staff_id) == col(Staff.id), col(ShiftCrew.day).in_(days))
        .order_by(col(ShiftCrew.shift_id), col(ShiftCrew.seat))
    ).all()
    crews: dict[int, tuple[Staff, ...]] = {}
    for seat, person in seats:
        crews[seat.shift_id] = (*crews.get(seat.shift_id, ()), person)
    return crews


def read_version(session: Session, version_id: int | None) -> Standing | None:
    """A stored plan version by its row's id."""
    return None if version_id is None else read_versions(session, [version_id]).get(version_id)


def read_versions(session: Session, version_ids: Sequence[int]) -> dict[int, Standing]:
    """Stored plan versions by their rows' ids; those there are not are left out."""
    rows = session.exec(select(PlanVersion).where(col(PlanVersion.id).in_(version_ids))).all()
    stops = session.exec(
        select(PlanStop, Booking, SiteSession)
        .join(Booking, col(PlanStop.booking_id) == col(Booking.id), isouter=True)
        .join(SiteSession, col(PlanStop.site_session_id) == col(SiteSession.id), isouter=True)
        .where(col(PlanStop.plan_version_id).in_(version_ids))
        .order_by(col(PlanStop.van_id), col(PlanStop.position))
    ).all()
    roles: dict[int, dict[str, str]] = {}
    waiting: dict[int, set[str]] = {}
    for stop, booking, site in stops:
        owner = booking or site
        roles.setdefault(stop.plan_version_id, {})[owner.reference] = stop.role
        if booking is not None and booking.status == Status.REQUESTED:
            waiting.setdefault(stop.plan_version_id, set()).add(booking.reference)
    return {
        row.id: Standing(
            id=row.id,
            number=row.number,
            made_by=row.made_by,
            problem=_problem_in(row.problem),
            plan=_plan_in(row.plan),
            sha256=row.plan_sha256,
            roles=roles.get(row.id, {}),
            waiting=frozenset(waiting.get(row.id, ())),
        )
        for row in rows
        if row.id is not None
    }


@lru_cache(maxsize=512)
def _problem_in(text: str) -> DayProblem:
    """A stored problem; a version never changes, so its text is read once."""
    return read_problem(text)


@lru_cache(maxsize=512)
def _plan_in(text: str) -> DayPlan:
    return read_plan(text)


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
