"""What a change elsewhere does to the days it concerns: each plan looked at again, made anew, or what breaks named.

A van down, leave, a shift or a rule changed: whoever changes it raises the version of the days concerned in the same
transaction (:func:`touch_days`) and then has them looked at (:func:`recheck`). No broken promise is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from enum import StrEnum

from sqlmodel import Session, col, select

from bookings.models import Booking
from outreach.errors import Busy
from outreach.services._conflicts import LeastBad, breaking_fewest
from outreach.services._day_state import DayState
from outreach.services._day_writes import is_outdated, note_day, store_plan, touch_day
from outreach.services._days import read_days
from outreach.services._patience import until_stored
from outreach.services._plans import ToPhone, check_against, require_day
from outreach.services._solving import Found, find_plan, now_on, refuse_unchecked
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy, PlaceState, ServiceDay, SitePlace, Visit
from routing.check import Violation
from routing.errors import SolveError
from routing.plan import PlanStatus
from routing.replan import begun_alike

TOGETHER_S = 60.0
"""What the thorough searches of one event may take together: somebody waits for the answer, and then has to phone."""

LEAST_S = 1.0
"""What the thorough search of one day may always take, however many days there are."""

Progress = Callable[[Date, int, int], None]
"""Told before each day that needs another plan: the day, which one it is, and of how many."""


class Outcome(StrEnum):
    """What became of a day that was looked at again."""

    KEPT = "kept"
    """Its standing plan is legal as it is."""
    REMADE = "remade"
    """Another plan keeps every promise; it was checked and stored."""
    BROKEN = "broken"
    """No plan that keeps every promise was found; nothing was stored."""
    UNDECIDED = "undecided"
    """The search failed or others kept changing the day; nothing was stored. What is in question is named."""


@dataclass(frozen=True, slots=True)
class DayRechecked:
    """A day that was looked at again.

    Attributes:
        version: number of the plan stored, where one was (``remade``).
        broken: references of the promises that the least bad plan found does not keep.
        proved: whether it is certain that the promises cannot all be kept; otherwise no way was found in time.
        to_phone: everybody behind ``broken``; of a hall's session everybody with a place in it.
        outdated: what was published for the day is no longer what the day is.
    """

    day: Date
    outcome: Outcome
    version: int | None = None
    broken: tuple[str, ...] = ()
    proved: bool = False
    to_phone: tuple[ToPhone, ...] = ()
    outdated: bool = False

    @property
    def keeps_promises(self) -> bool:
        """Whether every promise of the day is kept by its standing plan."""
        return self.outcome in (Outcome.KEPT, Outcome.REMADE)


def touch_days(
    session: Session, office: Office, first: Date, last: Date | None, what: str, details: Mapping[str, object]
) -> list[Date]:
    """Raise the version of the days concerned, past ones left out: no plan made for what they were will be stored.

    Args:
        last: ``None`` for no end.
        what: the word of its row in the history of each day.
    """
    query = select(ServiceDay).where(col(ServiceDay.day) >= max(first, office.clock.today()))
    if last is not None:
        query = query.where(col(ServiceDay.day) <= last)
    days = list(session.exec(query.order_by(col(ServiceDay.day))).all())
    for row in days:
        touch_day(session, office, row)
        note_day(session, office, row.id or 0, what, details=details)
    return [row.day for row in days]


def recheck(
    office: Office, days: Collection[Date], *, cause: str, progress: Progress | None = None
) -> tuple[DayRechecked, ...]:
    """Hold the standing plan of each of ``days`` against the day as it is now, and make it anew where it must be.

    Called between transactions, after the one that changed the days. Past days are never touched, and days that stand
    on nothing are left out. Of a day under way what its vans have begun stays as it is.

    Args:
        cause: the word for what happened; it goes into the history of a day that is planned anew.

    Returns:
        One entry for each day with a promise or a plan, by date.
    """
    states, outdated = _concerned(office, days)
    illegal = [state.day for state in states if not _stands(office, state)]
    seconds = min(office.rules.solver.confirm_seconds, max(LEAST_S, TOGETHER_S / max(1, len(illegal))))
    settled: dict[Date, DayRechecked] = {}
    for number, day in enumerate(illegal, start=1):
        if progress is not None:
            progress(day, number, len(illegal))
        settled[day] = _settle(office, day, cause, seconds)
    return tuple(
        settled.get(state.day) or DayRechecked(state.day, Outcome.KEPT, outdated=state.day in outdated)
        for state in states
    )


def _concerned(office: Office, days: Collection[Date]) -> tuple[list[DayState], set[Date]]:
    """The days, from today on, on which there is anything to keep; and those of them whose sheets are outdated."""
    wanted = sorted(day for day in set(days) if day >= office.clock.today())
    if not wanted:
        return [], set()
    with reading(office.engine) as session:
        states = [
            state
            for state in read_days(session, office, wanted).values()
            if state.promises or (state.standing is not None and state.standing.plan.served)
        ]
        return states, {state.day for state in states if is_outdated(session, state)}


def _violations(office: Office, state: DayState) -> tuple[Violation, ...]:
    return () if state.standing is None else check_against(office, state, state.standing)


def _stands(office: Office, state: DayState) -> bool:
    """Whether the day stands on a plan that is legal for it."""
    return (state.standing is not None or not state.promises) and not _violations(office, state)


def _settle(office: Office, day: Date, cause: str, seconds: float) -> DayRechecked:
    try:
        return until_stored(office, [day], lambda: _try(office, day, cause, seconds))
    except (SolveError, Busy):
        return _undecided(office, day)


def _try(office: Office, day: Date, cause: str, seconds: float) -> DayRechecked:
    """One try: read, look for a plan that keeps every promise, store it; or say which promises break."""
    with reading(office.engine) as session:
        state = require_day(session, office, day)
        outdated = is_outdated(session, state)
    if _stands(office, state):  # somebody else was faster
        return DayRechecked(day, Outcome.KEPT, outdated=outdated)
    found = find_plan(office, state, (), seconds=seconds, quick=True)
    if not found.keeps_promises:
        proved = found.plan.status is PlanStatus.INFEASIBLE
        least_bad = _least_bad(office, state, seconds)
        if least_bad is None:
            broken = _in_question(office, state)
            return _told(office, state, broken, proved=proved, outdated=outdated)
        if least_bad.broken:
            return _told(office, state, least_bad.broken, proved=proved, outdated=outdated)
        found = least_bad.found  # the other search got out of it after all
    refuse_unchecked(found.problem, found.plan)
    number = _store(office, state, found, cause)
    return DayRechecked(day, Outcome.REMADE, version=number, outdated=state.published is not None)


def _store(office: Office, state: DayState, found: Found, cause: str) -> int:
    with writing(office.engine) as session:
        version = store_plan(
            session, office, state, found.problem, found.plan, made_by=MadeBy.REMAKE, ghosts=found.ghosts
        )
        details = {"cause": cause, "plan": version.number}
        note_day(session, office, state.day_id, "remake", details=details)
        return version.number


def _least_bad(office: Office, state: DayState, seconds: float) -> LeastBad | None:
    """The plan that breaks fewest promises; ``None`` where it wants of vans on the road what they did not do."""
    least_bad = breaking_fewest(office, state, seconds=seconds)
    now_s = now_on(office, state)
    if now_s is None:
        return least_bad
    standing = None if state.standing is None else state.standing.plan
    over = any(promise.done for promise in state.promises)  # such a plan no longer has what was done
    return None if over or not begun_alike(standing, least_bad.found.plan, now_s) else least_bad


def _in_question(office: Office, state: DayState) -> tuple[str, ...]:
    """The promises still to be kept at whose stop, or on whose van, the standing plan is no longer legal."""
    open_ = {promise.reference for promise in state.promises if not promise.done}
    standing, now_s = state.standing, now_on(office, state)
    if standing is None:
        return tuple(sorted(open_))
    violations = _violations(office, state)
    visits = {violation.visit for violation in violations}
    vans = {violation.shift for violation in violations}
    fine = {
        stop.visit
        for route in standing.plan.routes
        for stop in route.stops
        if (route.shift not in vans and stop.visit not in visits) or (now_s is not None and stop.depart_s <= now_s)
    }
    return tuple(sorted(open_ - fine))


def _told(office: Office, state: DayState, broken: Sequence[str], *, proved: bool, outdated: bool) -> DayRechecked:
    """The day with its broken promises; one whose vans have been everywhere already has none."""
    if not broken:
        return DayRechecked(state.day, Outcome.KEPT, outdated=outdated)
    with reading(office.engine) as session:
        people = _behind(session, state, broken)
    return DayRechecked(
        state.day, Outcome.BROKEN, broken=tuple(broken), proved=proved, to_phone=people, outdated=outdated
    )


def _undecided(office: Office, day: Date) -> DayRechecked:
    with reading(office.engine) as session:
        state = require_day(session, office, day)
        outdated = is_outdated(session, state)
    broken = _in_question(office, state)
    with reading(office.engine) as session:
        people = _behind(session, state, broken)
    return DayRechecked(day, Outcome.UNDECIDED, broken=broken, to_phone=people, outdated=outdated)


def _behind(session: Session, state: DayState, references: Collection[str]) -> tuple[ToPhone, ...]:
    """Everybody to phone about some of a day's promises: held or firm, at home or with a place in a hall."""
    concerned = [promise for promise in state.promises if promise.reference in references]
    at_home = session.exec(
        select(Booking, Visit)
        .where(col(Visit.booking_id) == col(Booking.id))
        .where(col(Visit.id).in_([promise.visit_id for promise in concerned if promise.visit_id]))
    ).all()
    in_halls = session.exec(
        select(Booking, SitePlace)
        .where(col(SitePlace.booking_id) == col(Booking.id))
        .where(
            col(SitePlace.site_session_id).in_([p.site_session_id for p in concerned if p.site_session_id is not None]),
            col(SitePlace.state).in_([PlaceState.HELD.value, PlaceState.PROMISED.value]),
        )
    ).all()
    people = [_person(booking, visit.opens_s, visit.closes_s) for booking, visit in at_home]
    people += [_person(booking, place.start_s, place.start_s) for booking, place in in_halls]
    return tuple(sorted(people, key=lambda person: (person.opens_s, person.reference)))


def _person(booking: Booking, opens_s: int, closes_s: int) -> ToPhone:
    return ToPhone(
        reference=booking.reference,
        name=booking.name,
        kana=booking.kana,
        phone=booking.phone_spoken or booking.second_phone_spoken or booking.fax or booking.mail,
        opens_s=opens_s,
        closes_s=closes_s,
    )
