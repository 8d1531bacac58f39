"""What a stored plan version looks like to people: looked up, shown, checked against the day as it is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date

from sqlalchemy import or_
from sqlmodel import Session, col, select

from bookings.models import Booking
from outreach.errors import BadInput, NotFound, Refused
from outreach.services._day_state import Candidate, DayState, Standing
from outreach.services._day_writes import is_outdated
from outreach.services._days import build_problem, read_day, read_version
from outreach.services._sites import site_number, sites_named
from outreach.services._solving import spare_candidates
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.tables import (
    SITE_PREFIX,
    PlaceState,
    PlanVersion,
    SitePlace,
    SiteSession,
    StopRole,
    Van,
    Visit,
    VisitState,
)
from routing.certificate import Statement, statement_of
from routing.check import Violation, check
from routing.errors import SolveError
from routing.plan import DayPlan, PlanStatus
from routing.problem import DayProblem


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
    """One stored plan version with what is shown of it. ``vans`` gives names by shift id, ``towns`` where a stop is.

    ``published_number`` is the version in people's hands, if any; ``outdated`` says that the day changed since then.
    ``proposals`` are waiting bookings the plan has room for: to phone, not promised. ``day_version`` is the day's when
    it was read.
    """

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
    proposals: tuple[str, ...] = ()
    published_number: int | None = None
    outdated: bool = False
    day_version: int = 0

    @property
    def statement(self) -> Statement:
        """How good the plan is known to be for the problem it was made for."""
        return statement_of(self.problem, self.plan)


def show(office: Office, day: Date, version: str = "standing") -> PlanView:
    """A stored version of a day's plan: a number, ``standing`` or ``published``.

    Raises:
        NotFound: ``DAY_UNKNOWN``, ``NO_PLAN`` or ``NO_SUCH_VERSION``.
        BadInput: ``VERSION_UNREADABLE``.
    """
    with reading(office.engine) as session:
        state = require_day(session, office, day)
        found = version_of(session, state, version)
        broken = _broken_on(session, state.day_id)
        references = [visit.id for visit in found.problem.visits]
        rows = session.exec(select(Booking).where(col(Booking.reference).in_(references))).all()
        sites = sites_named(session, office, references)
        proposed = {reference for reference, role in found.roles.items() if role == StopRole.PROPOSED}
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
            roles=_roles(state, found),
            vans={van.id: van.named(office.settings.language) for van in session.exec(select(Van)).all()},
            towns={booking.reference: booking.town or "" for booking in rows}
            | {name: site.row.named(office.settings.language) for name, site in sites.items()},
            broken=whom_to_phone(session, broken),
            proposals=tuple(sorted(proposed & found.waiting - state.promised)),
            published_number=None if state.published is None else state.published.number,
            outdated=is_outdated(session, state),
            day_version=state.version,
        )


def _roles(state: DayState, found: Standing) -> Mapping[str, str]:
    """What each stop stands for: of the standing plan as it is now, of an older version as it was."""
    if state.standing is None or state.standing.id != found.id:
        return found.roles
    released = state.ghosts
    return {
        reference: StopRole.GHOST.value if role == StopRole.PROMISED and reference in released else role
        for reference, role in found.roles.items()
    }


def version_of(session: Session, state: DayState, version: str) -> Standing:
    """A version by its number, or by ``standing`` or ``published``.

    Raises:
        NotFound: ``NO_PLAN`` or ``NO_SUCH_VERSION``.
        BadInput: ``VERSION_UNREADABLE``.
    """
    if version == "standing":
        found = state.standing
    elif version == "published":
        found = state.published
    else:
        if not (version.isascii() and version.isdecimal()) or len(version) > 9:
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
    """Check a stored plan against the day as it is now: its shifts, promises and rules of this moment.

    What the plan still drives to although nobody is promised there is looked at as the plan knew it.

    Raises:
        NotFound: ``DAY_UNKNOWN``, ``NO_PLAN`` or ``NO_SUCH_VERSION``.
        BadInput: ``VERSION_UNREADABLE``.
    """
    with reading(office.engine) as session:
        state = require_day(session, office, day)
        found = version_of(session, state, version)
    return check_against(office, state, found)


def check_against(office: Office, state: DayState, found: Standing) -> tuple[Violation, ...]:
    """The same for a version and a day that were read already."""
    others: tuple[Candidate, ...] = spare_candidates(replace(state, standing=found))
    problem = build_problem(office, state, others=others)
    missing_s = sum(visit.drop_penalty_s for visit in problem.visits if visit.id not in found.plan.served)
    plan = replace(
        found.plan,
        status=PlanStatus.FEASIBLE,
        problem_sha256=None,
        objective_s=found.plan.travel_s + missing_s,
        lower_bound_s=None,
        unassigned=(),
    )
    return check(problem, plan)


def require_day(session: Session, office: Office, day: Date) -> DayState:
    """What the day is now.

    Raises:
        NotFound: ``DAY_UNKNOWN`` where nothing was ever done for it.
    """
    state = read_day(session, office, day)
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


def _broken_on(session: Session, day_id: int) -> list[str]:
    """Bookings with a broken promise on a day: of a visit, or of a place in a session that was cancelled."""
    visits = session.exec(
        select(Booking.reference)
        .where(col(Visit.booking_id) == col(Booking.id))
        .where(Visit.service_day_id == day_id, Visit.state == VisitState.BROKEN)
    ).all()
    places = session.exec(
        select(Booking.reference)
        .where(col(SitePlace.booking_id) == col(Booking.id))
        .where(col(SitePlace.site_session_id) == col(SiteSession.id))
        .where(SiteSession.service_day_id == day_id, SitePlace.state == PlaceState.BROKEN)
    ).all()
    return sorted({*visits, *places})


def whom_to_phone(session: Session, references: Sequence[str]) -> tuple[ToPhone, ...]:
    """Name, phone and window of bookings whose promise is in question.

    A session's reference stands for everybody with a place in it, whose window is when their place begins.
    """
    visits = session.exec(
        select(Booking, Visit)
        .where(col(Visit.booking_id) == col(Booking.id))
        .where(
            col(Booking.reference).in_(list(references)),
            col(Visit.state).in_([VisitState.PROMISED.value, VisitState.BROKEN.value]),
        )
    ).all()
    sites = [site_number(reference) for reference in references if reference.startswith(SITE_PREFIX)]
    places = session.exec(
        select(Booking, SitePlace)
        .where(col(SitePlace.booking_id) == col(Booking.id))
        .where(col(SitePlace.site_session_id) == col(SiteSession.id))
        .where(
            or_(col(Booking.reference).in_(list(references)), col(SiteSession.number).in_(sites)),
            col(SitePlace.state).in_([PlaceState.PROMISED.value, PlaceState.BROKEN.value]),
        )
    ).all()
    people = [person_to_phone(booking, visit.opens_s, visit.closes_s) for booking, visit in visits]
    people += [person_to_phone(booking, place.start_s, place.start_s) for booking, place in places]
    return tuple(sorted(people, key=lambda person: (person.opens_s, person.reference)))


def person_to_phone(booking: Booking, opens_s: int, closes_s: int) -> ToPhone:
    """Somebody to phone about a window."""
    return ToPhone(
        reference=booking.reference,
        name=booking.name,
        kana=booking.kana,
        phone=booking.phone_spoken or booking.second_phone_spoken or booking.fax or booking.mail,
        opens_s=opens_s,
        closes_s=closes_s,
    )
