"""The product's search without the product around it: days with goods, and what it knew at every moment."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from benchmarks.case import Answer, Case, Moment
from benchmarks.days import generate_day
from benchmarks.rivals import ours
from routing.solver import SearchBudget
from routing.solver.anytime import best_day
from routing.solver.exact.network import Network, network_of
from routing.solver.exact.prove import Proved
from routing.solver.spending import Spending
from routing.solver.warm import warm as compile_all

NAME = "ours (search)"

version = ours.version


def refuses(case: Case) -> str | None:
    """Nothing."""
    return None


def warm() -> None:
    """Compile, or load what was compiled."""
    compile_all()
    for visits, vans in ours.warm_sizes():
        solve(Case("warm", generate_day(visits, vans, 1)), ours.WARM_S)


def network(case: Case, budget: SearchBudget) -> Network:
    """The day as arrays, its goods in them."""
    made = network_of(case.task(budget))
    if case.goods is None:
        return made
    load = np.array([case.goods.load[visit] for visit in made.visits], dtype=np.int64)
    capacity = np.full(len(made.counts), case.goods.capacity, dtype=np.int64)
    return replace(made, fleet=made.fleet._replace(load=load, capacity=capacity))


def solve(case: Case, seconds: float) -> Answer:
    """The best day of the search in this very process."""
    budget = SearchBudget(cpu_seconds=seconds)
    spending = Spending(budget)
    began = time.process_time()
    trace: list[Moment] = []

    def tell(state: Proved) -> None:
        cost_s = None if state.routes is None else state.cost_s
        trace.append(Moment(time.process_time() - began, cost_s, state.bound_s or None))

    day = network(case, budget)
    found = best_day(day, spending, tell=tell)
    tell(found)
    orders = {} if found.routes is None else day.orders_of(found.routes)
    return Answer(orders, bound_s=found.bound_s, finished=found.optimal, trace=tuple(trace))
