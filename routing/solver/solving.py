"""What the child process does with a task: find the best orders it can, and prove as much as it can. Child only.

Branch and price does the work (:mod:`routing.solver.anytime`). Guided local search of OR-Tools
(:mod:`routing.solver.search`) makes the first
day where loops are not compiled, and the last attempt where nothing kept every promise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import ortools

from routing.solver.anytime import best_day
from routing.solver.budget import SearchBudget
from routing.solver.compiled import is_compiled, version
from routing.solver.exact.conflict import any_day, smallest_conflict
from routing.solver.exact.labels import MOST_VISITS
from routing.solver.exact.network import Network, Routes, network_of
from routing.solver.exact.prove import Proved
from routing.solver.search import search
from routing.solver.spending import Spending
from routing.solver.task import SearchResult, SearchTask

METHOD_EXACT = "branch-and-price"
METHOD_RUIN = "ruin-and-recreate"
METHOD_GUIDED = "guided-local-search+set-partitioning"

_CONFLICT_S, _CONFLICT_SOLUTIONS = 2.0, 500
"""Most that naming the promises in each other's way may take, beyond the proof that they are."""
_GUIDED_SHARE = 0.2
_GUIDED_SOLUTIONS = 60


def solve(task: SearchTask, tell: Callable[[SearchResult], None] | None = None) -> SearchResult:
    """The best orders found within the task's budget, with a bound; ``tell`` hears of everything better on the way."""
    network = network_of(task)
    spending = Spending(task.budget)
    start = network.routes_of(task.start)
    if task.any_plan and network.size <= MOST_VISITS:
        return _result(network, any_day(network, spending, start))
    if not is_compiled():
        start = _guided(task, network, start, spending)
    proved = best_day(
        network, spending, start=start, tell=None if tell is None else lambda state: tell(_result(network, state))
    )
    result = _result(network, proved)
    if proved.routes is not None:
        return result
    if proved.optimal:
        kept = smallest_conflict(network, Spending(_conflict_budget(spending)))
        return replace(result, conflict=tuple(network.visits[visit] for visit in kept))
    return _as_it_is(task, result)


def _result(network: Network, proved: Proved) -> SearchResult:
    return SearchResult(
        orders=None if proved.routes is None else network.orders_of(proved.routes),
        bound_s=proved.bound_s,
        proved=proved.optimal,
        method=METHOD_EXACT if network.size <= MOST_VISITS else METHOD_RUIN,
        versions=_versions(),
    )


def _guided(task: SearchTask, network: Network, start: Routes, spending: Spending) -> Routes:
    """The better of the start and what a share of the budget finds by guided local search."""
    if spending.left_s is not None:
        budget = SearchBudget(seconds=max(0.02, _GUIDED_SHARE * spending.left_s))
    else:
        budget = SearchBudget(solutions=min(_GUIDED_SOLUTIONS, spending.left or 1))
    found = network.routes_of(search(replace(task, budget=budget)).orders or {})
    return min(start, found, key=network.cost_s)


def _conflict_budget(spending: Spending) -> SearchBudget:
    if spending.left_s is None:
        return SearchBudget(solutions=_CONFLICT_SOLUTIONS)
    return SearchBudget(seconds=min(_CONFLICT_S, max(0.1, spending.left_s)))


def _as_it_is(task: SearchTask, result: SearchResult) -> SearchResult:
    """No day keeps every promise so far: one more attempt by another way, so that what breaks can be named."""
    budget = task.budget if task.budget.solutions is not None else SearchBudget(seconds=1.0)
    if task.budget.solutions is not None:
        budget = SearchBudget(solutions=min(_GUIDED_SOLUTIONS, task.budget.solutions))
    orders = search(replace(task, budget=budget)).orders
    return replace(result, orders=orders, method=METHOD_GUIDED)


def _versions() -> dict[str, str]:
    numba = version()
    return {"ortools": ortools.__version__} | ({} if numba is None else {"numba": numba})
