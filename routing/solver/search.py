"""Searches orders for a day: guided local search from several starts, and the best day of all routes they saw.

Guided local search alone often stays 5-10 % above the best known day, wherever it starts. Runs from different starts
see different routes; a set partitioning over all of them (:mod:`routing.solver.pool`) joins the best. Then come runs
from that day with a part of its visits taken out. Child process only.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace

import ortools

from routing.insertion import Orders
from routing.solver.model import local_search
from routing.solver.pool import RoutePool
from routing.solver.task import SearchResult, SearchTask

STRATEGIES = ("PARALLEL_CHEAPEST_INSERTION", "SAVINGS", "LOCAL_CHEAPEST_INSERTION", "PATH_CHEAPEST_ARC")
"""First solutions, in the order they are tried."""

RUNS = 8
"""Most runs of local search a budget is shared by."""

SOLUTIONS_PER_RUN = 20
SECONDS_PER_VISIT = 0.02
"""A run of fewer accepted moves (at least one a visit), or less time, mostly ends with visits left out that another
would serve: of a small budget there are fewer runs."""

_TAKEN_OUT = 0.15
_RECOMBINE_SHARE = 0.5
"""Most that putting routes together may take, in runs."""


def search(task: SearchTask) -> SearchResult:
    """The best orders found within the task's budget (seconds or solutions), and the version of OR-Tools."""
    began = time.monotonic()
    pool = RoutePool(task)
    best: Orders = dict(task.start)
    pool.add_day(best)
    best_cost = pool.cost(best)
    runs = _runs(task)
    beginnings = _beginnings(task)
    run = 0
    while run < runs or (run == runs and _breaks_a_promise(task, best)):  # one more run where it would end in UNKNOWN
        left = max(1, runs - run)
        seconds = solutions = None
        if task.budget.seconds is not None:
            remaining = task.budget.seconds - (time.monotonic() - began)
            if remaining <= 0.01:
                break
            seconds = remaining / (left + _RECOMBINE_SHARE) if left > 1 else remaining * 0.8
        if task.budget.solutions is not None:
            solutions = task.budget.solutions // runs
        aim, strategy, begin = task, STRATEGIES[(run + 1) // 2 % len(STRATEGIES)], None
        if run % 2 and _breaks_a_promise(task, best):
            aim = _promises_only(task)
        else:
            strategy, begin_with = next(beginnings)
            begin = _thinned(best, random.Random(left)) if begin_with == "best" else task.start or None
        found = local_search(
            aim, strategy=strategy, seconds=seconds, solutions=solutions, begin=begin, watch=pool.add_day
        )
        run += 1
        pool.add_day(found)
        limit_s = None if seconds is None else max(0.05, seconds * _RECOMBINE_SHARE)
        if pool.cost(found) < best_cost:
            best, best_cost = found, pool.cost(found)
        joined = pool.best_day(best_cost, limit_s=limit_s)
        if joined is not None:
            best, best_cost = joined, pool.cost(joined)
    return SearchResult(dict(best), versions={"ortools": ortools.__version__})


def _runs(task: SearchTask) -> int:
    """How many runs the budget is enough for."""
    if task.budget.solutions is not None:
        enough = task.budget.solutions // max(SOLUTIONS_PER_RUN, len(task.visits))
    else:
        enough = int((task.budget.seconds or 0) / (SECONDS_PER_VISIT * len(task.visits)))
    return min(RUNS, max(1, enough))


def _breaks_a_promise(task: SearchTask, orders: Orders) -> bool:
    served = {visit for order in orders.values() for visit in order}
    return any(task.problem.visit_by_id[visit].required and visit not in served for visit in task.visits)


def _promises_only(task: SearchTask) -> SearchTask:
    """The task without its optional visits: what a promise stumbles over is often one of them.

    Not always: an optional stop may also be the only way to a far one, so every other run keeps them.
    """
    return replace(task, visits=tuple(visit for visit in task.visits if task.problem.visit_by_id[visit].required))


def _beginnings(task: SearchTask) -> Iterator[tuple[str, str]]:
    """Strategy and what each run begins with."""
    if task.start:
        yield STRATEGIES[0], "start"
    for strategy in STRATEGIES:
        yield strategy, "strategy"
    while True:
        yield STRATEGIES[0], "best"


def _thinned(orders: Orders, rng: random.Random) -> dict[str, tuple[str, ...]]:
    """The orders with a part of their visits taken out."""
    thin = {
        shift_id: tuple(visit for visit in order if rng.random() >= _TAKEN_OUT) for shift_id, order in orders.items()
    }
    return {shift_id: order for shift_id, order in thin.items() if order}
