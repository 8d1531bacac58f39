"""A day proved in this process, whatever its size: what the tests of the exact solver begin with."""

from __future__ import annotations

from routing.problem import DayProblem
from routing.solver.anytime import best_day
from routing.solver.budget import SearchBudget
from routing.solver.exact.network import Network, network_of
from routing.solver.exact.prove import Proof, Proved
from routing.solver.spending import Spending
from routing.solver.task import SearchTask

ENOUGH = SearchBudget(solutions=20_000)


def task_of(problem: DayProblem, budget: SearchBudget = ENOUGH) -> SearchTask:
    """All visits of the day on all shifts that have room for their break."""
    from routing.schedule import break_bounds

    shifts = tuple(shift.id for shift in problem.shifts if shift.break_ is None or break_bounds(shift) is not None)
    return SearchTask(problem, tuple(visit.id for visit in problem.visits), shifts, budget)


def network(problem: DayProblem) -> Network:
    return network_of(task_of(problem))


def proved(problem: DayProblem) -> Proved:
    """Quick days, then the proof."""
    return best_day(network(problem), Spending(ENOUGH))


def proved_from_nothing(problem: DayProblem, *, cuts: bool = True) -> Proved:
    """The proof alone, with no route known at the beginning."""
    return Proof(network(problem), Spending(ENOUGH), cuts=cuts).run()


def optimum(problem: DayProblem) -> int | None:
    """The cost of the best plan, ``None`` where a required visit cannot be served; it is proved."""
    if not task_of(problem).shifts:
        kept = not any(visit.required for visit in problem.visits)
        return sum(visit.drop_penalty_s for visit in problem.visits) if kept else None
    state = proved(problem)
    assert state.optimal
    return None if state.routes is None else state.cost_s
