"""Better plans for the same promises: at night every standing plan is searched again, and its leftovers are cleared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta
from enum import StrEnum

from sqlmodel import col, select

from outreach.errors import BadInput, Refused
from outreach.services._day_state import Candidate, DayState
from outreach.services._day_writes import DayChanged, note_day, store_plan
from outreach.services._days import read_days
from outreach.services._holds import sweep
from outreach.services._plans import check_against, require_day
from outreach.services._recheck import DayRechecked, recheck
from outreach.services._solving import Found, find_plan, refuse_unchecked
from outreach.services._waiting import waiting_for
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy, ServiceDay, StopRole
from routing.certificate import Says, Statement, bounded, statement_of
from routing.errors import SolveError
from routing.replan import keep_routes

Progress = Callable[[Date, int, int], None]
"""Told before each day: the day, which one it is, and of how many."""


class Result(StrEnum):
    """What came of a day's search."""

    IMPROVED = "improved"
    """A plan with less driving, or without a ghost, was stored."""
    CERTIFIED = "certified"
    """The same routes, stored with what the search proved of them: nothing was known of them before, or less."""
    CLEARED = "cleared"
    """Only what expired holds had left was taken off; nothing better was found, or the day is published."""
    AS_GOOD = "as_good"
    """Nothing better was found; the plan stays."""
    SKIPPED = "skipped"
    """The plan stays, see ``skipped``."""
    RECHECKED = "rechecked"
    """The standing plan was no longer legal; see ``rechecked``."""


class Skipped(StrEnum):
    """Why a day was left alone."""

    CHANGED_MEANWHILE = "changed_meanwhile"
    """Somebody wrote to the day while its plan was searched; what they did stands."""
    PUBLISHED = "published"
    """The plan is in people's hands."""
    SEARCH_FAILED = "search_failed"
    """The search died or found nothing; the next night tries again."""


@dataclass(frozen=True, slots=True)
class DayImproved:
    """A day that was looked at: seconds of driving of its standing plan before and after, and what was done.

    ``version`` is the number of the last plan stored, where one was. Ghosts are stops nobody waits for any more.
    ``statement`` is how good the standing plan is known to be now.
    """

    day: Date
    result: Result
    before_s: int
    after_s: int
    ghosts_freed: tuple[str, ...] = ()
    ghosts_left: tuple[str, ...] = ()
    version: int | None = None
    skipped: Skipped | None = None
    rechecked: DayRechecked | None = None
    statement: Statement | None = None

    @property
    def saved_s(self) -> int:
        """Seconds of driving less; negative where freeing a ghost, or making the plan legal again, cost driving."""
        return self.before_s - self.after_s


@dataclass(frozen=True, slots=True)
class Improvement:
    """A night's work: holds that were over, requests whose date was past, and every day that was looked at."""

    lapsed: tuple[str, ...]
    unmet: tuple[str, ...]
    days: tuple[DayImproved, ...]


def improve(
    office: Office,
    *,
    first: Date | None = None,
    last: Date | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> Improvement:
    """Search the standing plans of a span of days again; no promised window ever moves.

    First expired holds end and requests whose date is past become unmet. Then each day with a promise, or with a stop
    nobody waits for, is searched from its standing plan. A plan is stored only if the checker accepts it, it drives
    less or drives to a ghost less, it leaves no proposal out, and nobody changed the day meanwhile. Where nothing
    better is found but more is proved of the plan than was known, its routes are stored once more with the certificate.

    A published day is left alone: a few minutes less are not worth new sheets for everybody. Only what an expired hold
    left on it is taken off, for a crew that drives to somebody who was promised nothing is worse than new sheets. A
    standing plan that is no longer legal is made anew as after any change; what cannot be kept is named.

    Args:
        first: the first day; tomorrow when not given. Days before tomorrow are never searched: today's vans drive.
        last: the last day; no end when not given.
        seconds: how long to search each day; the rules' ``solver.make_seconds`` when not given.

    Raises:
        BadInput: ``PERIOD_BACKWARDS``.
        Refused: ``IMPROVE_FROM_TOMORROW`` when the last day is not after today.
    """
    if first is not None and last is not None and last < first:
        raise BadInput("PERIOD_BACKWARDS", first=first, last=last)
    tomorrow = office.clock.today() + timedelta(days=1)
    if last is not None and last < tomorrow:
        raise Refused("IMPROVE_FROM_TOMORROW", first=tomorrow)
    from outreach.services.ledger import move_unmet

    lapsed = sweep(office)
    unmet = move_unmet(office)
    days = _days(office, max(tomorrow, first or tomorrow), last)
    budget = office.rules.solver.make_seconds if seconds is None else seconds
    found: list[DayImproved] = []
    for number, day in enumerate(days, start=1):
        if progress is not None:
            progress(day, number, len(days))
        found.append(improve_day(office, day, budget))
    return Improvement(lapsed, unmet, tuple(found))


def _days(office: Office, first: Date, last: Date | None) -> list[Date]:
    """The days whose standing plan has a promise to keep or a ghost to lose."""
    with reading(office.engine) as session:
        query = select(col(ServiceDay.day)).where(col(ServiceDay.day) >= first)
        if last is not None:
            query = query.where(col(ServiceDay.day) <= last)
        wanted = list(session.exec(query).all())
        states = read_days(session, office, wanted).values() if wanted else ()
        return sorted(state.day for state in states if state.promises or state.ghosts)


def improve_day(office: Office, day: Date, seconds: float) -> DayImproved:
    """One day of :func:`improve`."""
    state = _read(office, day)
    if state.standing is None or check_against(office, state, state.standing):
        return _legal_again(office, state)
    before, ghosts = state.standing.plan, state.ghosts
    stored: list[_Better] = []
    numbers: list[int] = []
    skipped: Skipped | None = None
    try:
        for look in (_without_leftovers, _driving_less):
            if look is _driving_less and state.closed:
                skipped = Skipped.PUBLISHED
                break
            better = look(office, state, seconds)
            if better is not None:
                numbers.append(_store(office, state, better))
                stored.append(better)
                state = _read(office, day)
    except DayChanged:
        skipped = Skipped.CHANGED_MEANWHILE
    except SolveError:
        skipped = Skipped.SEARCH_FAILED
    after = stored[-1].found.plan if stored else before
    left = ghosts & after.served
    return DayImproved(
        day,
        _result(stored, skipped),
        before.travel_s,
        after.travel_s,
        ghosts_freed=tuple(sorted(ghosts - left)),
        ghosts_left=tuple(sorted(left)),
        version=numbers[-1] if numbers else None,
        skipped=skipped,
        statement=_statement(state),
    )


@dataclass(frozen=True, slots=True)
class _Better:
    found: Found
    made_by: MadeBy
    only_certified: bool = False


def _result(stored: list[_Better], skipped: Skipped | None) -> Result:
    if any(better.made_by is MadeBy.IMPROVE and not better.only_certified for better in stored):
        return Result.IMPROVED
    if any(not better.only_certified for better in stored):
        return Result.CLEARED
    if stored:
        return Result.CERTIFIED
    return Result.AS_GOOD if skipped is None else Result.SKIPPED


def _statement(state: DayState) -> Statement | None:
    return None if state.standing is None else statement_of(state.standing.problem, state.standing.plan)


def _read(office: Office, day: Date) -> DayState:
    with reading(office.engine) as session:
        return require_day(session, office, day)


def _without_leftovers(office: Office, state: DayState, seconds: float) -> _Better | None:
    """The standing routes without what expired holds left on them, or another plan where those are not legal.

    A stop that had to stay when its promise ended is marked as a ghost; what a hold left nobody has marked yet.
    """
    assert state.standing is not None
    leftovers = {ghost for ghost in state.ghosts if state.standing.roles.get(ghost) != StopRole.GHOST}
    if not leftovers:
        return None
    proposed = _proposed(office, state)
    found = find_plan(office, state, proposed, seconds=min(seconds, office.rules.solver.confirm_seconds), quick=True)
    if not _keeps(found, proposed) or leftovers <= found.plan.served:
        return None
    return _Better(found, MadeBy.EXPIRY)


def _driving_less(office: Office, state: DayState, seconds: float) -> _Better | None:
    """A plan that drives less than the standing one, or to fewer stops nobody waits for; else one known better."""
    assert state.standing is not None
    proposed = _proposed(office, state)
    found = find_plan(office, state, proposed, seconds=seconds, quick=False)
    freed = not state.ghosts <= found.plan.served
    if not _keeps(found, proposed):
        return None
    if freed or found.plan.travel_s < state.standing.plan.travel_s:
        return _Better(found, MadeBy.IMPROVE)
    return _certified(state, found)


_KNOWS = {Says.PROVED: 2, Says.AT_MOST: 1, Says.ONE_MORE: 1}
"""How much a statement says; a plan is stored anew for more only, not for every second a bound rises."""


def _certified(state: DayState, found: Found) -> _Better | None:
    """The standing routes with the bound of a search that found nothing better, where that says more than before.

    Not of a day that was ever published: a new version would make the sheets in people's hands out of date.
    """
    assert state.standing is not None
    if state.ghosts or state.published is not None:
        return None
    before, kept = _statement(state), keep_routes(found.problem, state.standing.plan)
    if before is None or kept is None or kept.routes != state.standing.plan.routes:
        return None
    plan = bounded(kept, found.plan)
    if _KNOWS.get(statement_of(found.problem, plan).says, 0) <= _KNOWS.get(before.says, 0):
        return None
    return _Better(Found(found.problem, plan), MadeBy.IMPROVE, only_certified=True)


def _proposed(office: Office, state: DayState) -> tuple[Candidate, ...]:
    """The standing plan's proposals as they are now; no new ones are made at night."""
    if state.closed or not state.proposals:
        return ()
    with reading(office.engine) as session:
        waiting = waiting_for(session, office, state)
    return tuple(candidate for candidate in waiting if candidate.visit.id in state.proposals)


def _keeps(found: Found, proposed: tuple[Candidate, ...]) -> bool:
    """Whether a plan keeps every promise and leaves no proposal out."""
    return found.keeps_promises and {candidate.visit.id for candidate in proposed} <= found.plan.served


def _store(office: Office, state: DayState, better: _Better) -> int:
    """Store it as the standing plan, if the day is still the one that was read.

    Raises:
        DayChanged: when it is not.
        SolveError: ``PLAN_REFUSED`` when the checker refuses the plan.
    """
    found = better.found
    refuse_unchecked(found.problem, found.plan)
    with writing(office.engine) as session:
        version = store_plan(
            session, office, state, found.problem, found.plan, made_by=better.made_by, ghosts=found.ghosts
        )
        note_day(session, office, state.day_id, better.made_by.value, details={"plan": version.number})
        return version.number


def _legal_again(office: Office, state: DayState) -> DayImproved:
    """A day whose plan is no longer legal, for somebody was interrupted before it was looked at again."""
    before_s = 0 if state.standing is None else state.standing.plan.travel_s
    looked_at = next(iter(recheck(office, [state.day], cause="improve")), None)
    if looked_at is None:  # whoever was promised something called off meanwhile
        return DayImproved(state.day, Result.SKIPPED, before_s, before_s, skipped=Skipped.CHANGED_MEANWHILE)
    after = _read(office, state.day)
    return DayImproved(
        state.day,
        Result.RECHECKED,
        before_s,
        0 if after.standing is None else after.standing.plan.travel_s,
        ghosts_left=tuple(sorted(after.ghosts)),
        version=looked_at.version,
        rechecked=looked_at,
        statement=_statement(after),
    )
