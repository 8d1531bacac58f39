"""OR-Tools' routing library alone: the product's model of the day and guided local search, by CPU seconds."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.case import Answer, Case, Moment
from benchmarks.days import generate_day
from routing.solver import SearchBudget
from routing.solver.model import DayModel, build, read_orders

NAME = "OR-Tools routing"
STRATEGY = "PARALLEL_CHEAPEST_INSERTION"


def version() -> str | None:
    """Of the package."""
    import ortools

    return str(ortools.__version__)


def refuses(case: Case) -> str | None:
    """Nothing."""
    return None


def warm() -> None:
    """Load it."""
    solve(Case("warm", generate_day(6, 1, 1)), 0.1)


def solve(case: Case, seconds: float) -> Answer:
    """The best day of one run of guided local search."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    began = time.process_time()
    model = build(case.task(SearchBudget(cpu_seconds=seconds)))
    if case.goods is not None:
        _carry(model, case)
    parameters: Any = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.Value.Value(STRATEGY)
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromSeconds(3600)  # of the wall clock, and not meant to be reached
    model.routing.CloseModelWithParameters(parameters)
    solver = model.routing.solver()
    model.routing.AddSearchMonitor(solver.CustomLimit(lambda: time.process_time() - began > seconds))
    trace: list[Moment] = []

    def seen() -> None:
        cost_s = model.routing.CostVar().Value()
        if not trace or cost_s < (trace[-1].cost_s or 0):
            trace.append(Moment(time.process_time() - began, cost_s, None))

    model.routing.AddAtSolutionCallback(seen)
    found = model.routing.SolveWithParameters(parameters)
    return Answer({} if found is None else read_orders(model, found.Value), trace=tuple(trace))


def _carry(model: DayModel, case: Case) -> None:
    """One more rule: no van carries more than it can."""
    assert case.goods is not None
    loads = [case.goods.load[visit.id] for visit in model.visits]
    loads += [0] * (len(model.node_places) - len(loads))
    taken = model.routing.RegisterUnaryTransitVector(loads)
    capacity = [case.goods.capacity] * len(model.shifts)
    model.routing.AddDimensionWithVehicleCapacity(taken, 0, capacity, True, "goods")
