"""Finds a plan that keeps every promise of a day: without its ghosts where that works, with them where it must.

Everything here runs between transactions; the search itself runs in a child process that may be killed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from outreach.services._day_state import Candidate, DayState
from outreach.services._days import build_problem
from outreach.services.office import Office
from routing.certificate import bounded
from routing.check import check
from routing.errors import SolveError
from routing.plan import DayPlan, PlanStatus
from routing.problem import DayProblem, Visit
from routing.replan import begun_alike, keep_and_insert, keep_routes
from routing.solver import SearchBudget, solve_day


@dataclass(frozen=True, slots=True)
class Found:
    """A problem and the best plan found for it. ``ghosts`` are the stops in it that nobody waits for."""

    problem: DayProblem
    plan: DayPlan
    ghosts: frozenset[str] = frozenset()

    @property
    def keeps_promises(self) -> bool:
        """Whether there is a plan with every required visit on it."""
        return self.plan.status in (PlanStatus.OPTIMAL, PlanStatus.FEASIBLE)


QUICK_SOLUTIONS = 24
"""The first search for a promise stops at the first plan: with the standing plan to start from it is mostly there."""

REPEATABLE_SOLUTIONS = 300
"""What a repeatable office spends instead of seconds: about a second on a day of three vans."""


def find_plan(
    office: Office,
    state: DayState,
    others: Sequence[Candidate],
    *,
    seconds: float,
    quick: bool,
    proposals: bool = True,
) -> Found:
    """A plan of the day as it is promised, with ``others`` beside the promises.

    Args:
        seconds: wall-clock budget of the thorough search.
        quick: be content with the standing routes and the new visits put in where they fit; the search only comes when
            that does not work.
        proposals: keep the standing plan's proposals where they are not in the way (only where ``quick``).

    Raises:
        SolveError: when the solver's process died or a plan did not pass the checker, and there is no other way.
    """
    if quick:
        kept = _kept(office, state, others, proposals=proposals)
        if kept is not None:
            return kept
    spare = spare_candidates(state, others)
    try:
        found = _search(office, state, build_problem(office, state, others=others), seconds, quick=quick)
    except SolveError:
        if not spare:
            raise
        found = None
    if not spare or (found is not None and found.keeps_promises):
        assert found is not None
        return found
    return _haunted(office, state, others, spare, seconds, quick=quick)


def find_without_search(office: Office, state: DayState, others: Sequence[Candidate]) -> Found | None:
    """The standing routes with ``others`` put in where they fit, checked; ``None`` proves nothing."""
    return _kept(office, state, others, proposals=True)


def spare_candidates(state: DayState, others: Sequence[Candidate] = ()) -> tuple[Candidate, ...]:
    """Stops of the standing plan that nobody is promised, as visits whose leaving out costs nothing: ghosts to be.

    Those that ``others`` bring along themselves are not among them.
    """
    own = {other.visit.id for other in others}
    return tuple(
        replace(candidate, visit=replace(candidate.visit, required=False, drop_penalty_s=0))
        for candidate in standing_candidates(state, state.spare - own)
    )


def standing_candidates(state: DayState, references: Collection[str]) -> tuple[Candidate, ...]:
    """Visits as the standing plan knows them."""
    standing = state.standing
    if standing is None:
        return ()
    places = {place.id: place for place in standing.problem.places}
    return tuple(
        Candidate(booking_id=0, place=places[visit.place], visit=_unpinned(state, visit.id, standing.problem))
        for visit in standing.problem.visits
        if visit.id in references
    )


def _unpinned(state: DayState, reference: str, problem: DayProblem) -> Visit:
    """A visit as the plan knows it; a pin on a van that no longer drives is nobody's wish any more."""
    visit = problem.visit_by_id[reference]
    drives = visit.pinned_shift is None or visit.pinned_shift in {shift.id for shift in state.shifts}
    return visit if drives else replace(visit, pinned_shift=None)


def now_on(office: Office, state: DayState) -> int | None:
    """The second of the day it is, where the day is today; what has begun by then can no longer be changed."""
    now = office.now()
    if state.day != now.date():
        return None
    return now.hour * 3600 + now.minute * 60 + now.second


def _kept(office: Office, state: DayState, others: Sequence[Candidate], *, proposals: bool) -> Found | None:
    """The standing routes with the new visits put in, with the proposals if there is room for them, else without."""
    standing = None if state.standing is None else state.standing.plan
    mine = {other.visit.id for other in others}
    proposed = standing_candidates(state, state.proposals - mine) if proposals else ()
    for company in ((*others, *proposed), tuple(others)) if proposed else (tuple(others),):
        problem = build_problem(office, state, others=company)
        plan = keep_and_insert(problem, standing, now_s=now_on(office, state))
        if plan is not None and not check(problem, plan):
            return Found(problem, plan)
    return None


def _haunted(
    office: Office,
    state: DayState,
    others: Sequence[Candidate],
    spare: Sequence[Candidate],
    seconds: float,
    *,
    quick: bool,
) -> Found:
    """A plan that may still drive to any of the stops nobody waits for.

    None of them has to be on it, so "impossible" is proved with and without each of them.
    """
    problem = build_problem(office, state, others=[*others, *spare])
    standing = None if state.standing is None else state.standing.plan
    plan = keep_and_insert(problem, standing, now_s=now_on(office, state))
    found = None if plan is None or check(problem, plan) else Found(problem, plan)
    if found is None or not quick:
        try:
            searched = _search(office, state, problem, seconds, quick=quick)
        except SolveError:
            if found is None:
                raise
        else:
            found = searched if searched.keeps_promises or found is None else found
    ghosts = frozenset(candidate.visit.id for candidate in spare)
    return _exorcised(found, ghosts, now_on(office, state)) if found.keeps_promises else found


def _exorcised(found: Found, ghosts: frozenset[str], now_s: int | None) -> Found:
    """The same routes without every ghost that need not stay; those that stay may not be left out any more.

    The bound stays: leaving a ghost out cost nothing, so whatever is a plan now was one before, as dear.
    """
    staying = ghosts & found.plan.served
    problem = without_visits(found.problem, ghosts - staying)
    problem = replace(
        problem,
        visits=tuple(replace(visit, required=True) if visit.id in staying else visit for visit in problem.visits),
    )
    plan = keep_routes(problem, found.plan)
    assert plan is not None  # the same routes on the same day
    searched = found.plan
    found = Found(problem, bounded(plan, searched), staying)
    for ghost in sorted(staying):
        problem = without_visits(found.problem, frozenset({ghost}))
        plan = keep_routes(problem, found.plan)
        in_time = plan is not None and (now_s is None or begun_alike(found.plan, plan, now_s))
        if plan is not None and in_time and not check(problem, plan):
            found = Found(problem, bounded(plan, searched), found.ghosts - {ghost})
    return found


def without_visits(problem: DayProblem, references: Collection[str]) -> DayProblem:
    """The same day without some of its visits (their places stay)."""
    return replace(problem, visits=tuple(visit for visit in problem.visits if visit.id not in references))


def search_budget(office: Office, seconds: float) -> SearchBudget:
    """The budget of a search: seconds, or in a repeatable office a number of solutions."""
    return SearchBudget(solutions=REPEATABLE_SOLUTIONS) if office.repeatable else SearchBudget(seconds=seconds)


def _search(office: Office, state: DayState, problem: DayProblem, seconds: float, *, quick: bool) -> Found:
    standing = None if state.standing is None else state.standing.plan
    if quick:
        first = solve_day(problem, budget=SearchBudget(solutions=QUICK_SOLUTIONS), start_from=standing)
        found = Found(problem, _in_time(office, state, first))
        if found.keeps_promises or first.status == PlanStatus.INFEASIBLE:
            return found
    plan = solve_day(problem, budget=search_budget(office, seconds), start_from=standing)
    return Found(problem, _in_time(office, state, plan))


def _in_time(office: Office, state: DayState, plan: DayPlan) -> DayPlan:
    """The plan, unless it wants a van to have done what it did not: then nothing was found, and nothing proved."""
    now_s = now_on(office, state)
    standing = None if state.standing is None else state.standing.plan
    if now_s is None or begun_alike(standing, plan, now_s):
        return plan
    return replace(plan, status=PlanStatus.UNKNOWN, objective_s=None, lower_bound_s=None, routes=(), unassigned=())


def refuse_unchecked(problem: DayProblem, plan: DayPlan) -> None:
    """The last gate before a plan is stored: code that did not make the plan looks at it once more.

    Raises:
        SolveError: ``PLAN_REFUSED`` with the violation codes.
    """
    violations = check(problem, plan)
    if violations:
        codes = sorted({violation.code.value for violation in violations})
        raise SolveError("PLAN_REFUSED", f"the checker refused a plan of {problem.date}: {codes}", codes=codes)
