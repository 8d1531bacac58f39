"""Finds a plan that keeps every promise of a day: without its ghosts where that works, with them where it must.

Everything here runs between transactions; the solver itself runs in a child process that may be killed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from outreach.services._days import Candidate, DayState, build_problem
from outreach.services.office import Office
from routing.check import check
from routing.errors import SolveError
from routing.plan import DayPlan, PlanStatus
from routing.problem import DayProblem


@dataclass(frozen=True, slots=True)
class Found:
    """A problem and the best plan found for it. ``ghosts`` are the released visits that had to stay in it."""

    problem: DayProblem
    plan: DayPlan
    ghosts: frozenset[str] = frozenset()

    @property
    def keeps_promises(self) -> bool:
        """Whether there is a plan with every required visit on it."""
        return self.plan.status in (PlanStatus.OPTIMAL, PlanStatus.FEASIBLE)


QUICK_SOLUTIONS = 1
"""The first try of a promise stops at the first plan: with the standing plan to start from it is mostly there."""


def find_plan(office: Office, state: DayState, others: Sequence[Candidate], *, seconds: float, quick: bool) -> Found:
    """Solve the day as it is promised, with ``others`` beside the promises.

    Args:
        seconds: wall-clock budget of the thorough search.
        quick: be content with the first plan found; the thorough search only comes when the quick one finds none.

    Raises:
        SolveError: when the solver's process died or a plan did not pass the checker.
    """
    found = _search(build_problem(office, state, others=others), state, seconds=seconds, quick=quick)
    if found.keeps_promises or state.standing is None or not state.standing.ghosts:
        return found
    haunted = build_problem(office, state, others=[*others, *ghost_candidates(state)])
    with_ghosts = _search(haunted, state, seconds=seconds, quick=quick)
    if not with_ghosts.keeps_promises:
        return found
    return Found(with_ghosts.problem, with_ghosts.plan, state.standing.ghosts)


def ghost_candidates(state: DayState) -> tuple[Candidate, ...]:
    """The released visits that the standing plan still drives to, as required visits."""
    standing = state.standing
    if standing is None:
        return ()
    places = {place.id: place for place in standing.problem.places}
    return tuple(
        Candidate(booking_id=0, place=places[visit.place], visit=visit)
        for visit in standing.problem.visits
        if visit.id in standing.ghosts
    )


def _search(problem: DayProblem, state: DayState, *, seconds: float, quick: bool) -> Found:
    from routing.solver import SearchBudget, solve_day

    start = None if state.standing is None else state.standing.plan
    if quick:
        found = Found(problem, solve_day(problem, budget=SearchBudget(solutions=QUICK_SOLUTIONS), start_from=start))
        if found.keeps_promises or found.plan.status == PlanStatus.INFEASIBLE:
            return found
    return Found(problem, solve_day(problem, budget=SearchBudget(seconds=seconds), start_from=start))


def without(state: DayState, reference: str, problem: DayProblem) -> DayPlan | None:
    """The standing plan less one visit, its times re-derived; ``None`` where what is left is not legal.

    Taking a stop out joins two legs into one that may be too long, so the remainder is checked like any other plan.
    """
    from routing.replan import keep_routes

    if state.standing is None:
        return None
    plan = keep_routes(problem, state.standing.plan, leave_out=frozenset({reference}))
    return plan if plan is not None and not check(problem, plan) else None


def refuse_unchecked(problem: DayProblem, plan: DayPlan) -> None:
    """The last gate before a plan is stored: code that did not make the plan looks at it once more.

    Raises:
        SolveError: ``PLAN_REFUSED`` with the violation codes.
    """
    violations = check(problem, plan)
    if violations:
        codes = sorted({violation.code.value for violation in violations})
        raise SolveError("PLAN_REFUSED", f"the checker refused a plan of {problem.date}: {codes}", codes=codes)
