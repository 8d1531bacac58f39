"""The day as an OR-Tools routing model, one function per rule. Runs in the child process only.

Nodes are the visits, then every start depot, then every end depot. The cumul variable of dimension ``time`` is the
moment service begins; at a depot, departure and return. What comes out are orders only: all times are made again by
:mod:`routing.schedule`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from routing.insertion import Orders
from routing.problem import DAY_S, DayProblem, Shift, Visit
from routing.schedule import break_bounds, crew_refusal, leg_refusal
from routing.solver.task import SearchTask, omission_penalty_s

FORBIDDEN_S = 8 * DAY_S
"""Stands in the matrices for a leg that is not allowed; longer than the time dimension."""

_BRANCHES_PER_SOLUTION = 2000


class DayModel:
    """One routing model of one task: variables and numbering; the rules are the functions below."""

    def __init__(self, task: SearchTask) -> None:
        problem = task.problem
        self.problem: DayProblem = problem
        self.visits: list[Visit] = [problem.visit_by_id[visit] for visit in task.visits]
        self.shifts: list[Shift] = [problem.shift_by_id[shift] for shift in task.shifts]
        starts = sorted({shift.start_place for shift in self.shifts})
        ends = sorted({shift.end_place for shift in self.shifts})
        count = len(self.visits)
        self.node_places = [*(visit.place for visit in self.visits), *starts, *ends]
        self.manager: Any = pywrapcp.RoutingIndexManager(
            len(self.node_places),
            len(self.shifts),
            [count + starts.index(shift.start_place) for shift in self.shifts],
            [count + len(starts) + ends.index(shift.end_place) for shift in self.shifts],
        )
        self.routing: Any = pywrapcp.RoutingModel(self.manager)
        self.indices: list[int] = [self.manager.NodeToIndex(node) for node in range(count)]
        self.index_of = {visit.id: index for visit, index in zip(self.visits, self.indices, strict=True)}
        self.visit_at = {index: visit for visit, index in self.index_of.items()}
        self.driving_s = [
            [self._driving(here, there) for there in range(len(self.node_places))]
            for here in range(len(self.node_places))
        ]
        self.time: Any = None

    def service_s(self, node: int) -> int:
        """Service seconds at a node; 0 at depots."""
        return self.visits[node].service_s if node < len(self.visits) else 0

    def _driving(self, here: int, there: int) -> int:
        """Driving of an allowed leg; 0 from depot to depot (a van that stays), ``FORBIDDEN_S`` otherwise."""
        count = len(self.visits)
        if here == there or (here >= count and there >= count):
            return 0
        driving_s = self.problem.driving_s(self.node_places[here], self.node_places[there])
        exempt = any(node < count and self.visits[node].long_leg_ok for node in (here, there))
        refused = leg_refusal(self.problem, driving_s, exempt=exempt) is not None
        return FORBIDDEN_S if refused or driving_s is None else driving_s


def drive_little(model: DayModel) -> None:
    """Cost: driving seconds of all legs of the vans that leave."""
    model.routing.SetArcCostEvaluatorOfAllVehicles(model.routing.RegisterTransitMatrix(model.driving_s))


def keep_time(model: DayModel) -> None:
    """Time passes by service and driving; waiting is free; every van stays inside its own shift."""
    transit = [[driving_s + model.service_s(here) for driving_s in row] for here, row in enumerate(model.driving_s)]
    model.routing.AddDimension(model.routing.RegisterTransitMatrix(transit), DAY_S, DAY_S, False, "time")
    model.time = model.routing.GetDimensionOrDie("time")
    for vehicle, shift in enumerate(model.shifts):
        for index in (model.routing.Start(vehicle), model.routing.End(vehicle)):
            model.time.CumulVar(index).SetRange(shift.start_s, shift.end_s)


def begin_in_a_window(model: DayModel) -> None:
    """Service begins between first opening and last closing, and not between two windows."""
    for index, visit in zip(model.indices, model.visits, strict=True):
        begin = model.time.CumulVar(index)
        windows = sorted(visit.windows)
        begin.SetRange(windows[0].opens_s, max(window.closes_s for window in windows))
        closed_until = windows[0].closes_s
        for window in windows[1:]:
            if closed_until + 1 < window.opens_s:
                begin.RemoveInterval(closed_until + 1, window.opens_s - 1)
            closed_until = max(closed_until, window.closes_s)


def take_breaks(model: DayModel) -> None:
    """Each van rests once, anywhere in its shift where no service runs."""
    solver = model.routing.solver()
    service = [model.service_s(model.manager.IndexToNode(index)) for index in range(model.routing.Size())]
    for vehicle, shift in enumerate(model.shifts):
        if shift.break_ is None:
            continue
        bounds = break_bounds(shift)
        if bounds is None:
            raise ValueError(f"shift {shift.id} has no room for its break and must not be searched")
        rest = solver.FixedDurationIntervalVar(*bounds, shift.break_.duration_s, False, f"break of {shift.id}")
        model.time.SetBreakIntervalsOfVehicle([rest], vehicle, service)


def drive_allowed_legs(model: DayModel) -> None:
    """No leg without a way, none beyond the limit unless one of its ends may be far."""
    count = len(model.visits)
    for here in range(count):
        for there in range(count):
            if model.driving_s[here][there] == FORBIDDEN_S:
                model.routing.NextVar(model.indices[here]).RemoveValue(model.indices[there])
    for vehicle in range(len(model.shifts)):
        start, end = model.routing.Start(vehicle), model.routing.End(vehicle)
        start_node, end_node = model.manager.IndexToNode(start), model.manager.IndexToNode(end)
        for node in range(count):
            if model.driving_s[start_node][node] == FORBIDDEN_S:
                model.routing.NextVar(start).RemoveValue(model.indices[node])
            if model.driving_s[node][end_node] == FORBIDDEN_S:
                model.routing.NextVar(model.indices[node]).RemoveValue(end)


def send_the_right_crew(model: DayModel) -> None:
    """Needs within skills, pins kept."""
    for index, visit in zip(model.indices, model.visits, strict=True):
        able = [vehicle for vehicle, shift in enumerate(model.shifts) if crew_refusal(shift, visit) is None]
        if len(able) < len(model.shifts):
            model.routing.VehicleVar(index).SetValues([-1, *able])  # -1: left out


def price_omissions(model: DayModel) -> None:
    """Leaving out an optional visit costs its penalty; a required one, more than all the rest of the day."""
    for index, visit in zip(model.indices, model.visits, strict=True):
        model.routing.AddDisjunction([index], omission_penalty_s(model.problem, visit.id))


RULES = (
    drive_little,
    keep_time,
    begin_in_a_window,
    take_breaks,
    drive_allowed_legs,
    send_the_right_crew,
    price_omissions,
)


def build(task: SearchTask) -> DayModel:
    """The model of ``task`` with all rules."""
    model = DayModel(task)
    for rule in RULES:
        rule(model)
    return model


def local_search(
    task: SearchTask,
    *,
    strategy: str,
    seconds: float | None,
    solutions: int | None,
    begin: Orders | None = None,
    watch: Callable[[dict[str, tuple[str, ...]]], None] | None = None,
) -> dict[str, tuple[str, ...]]:
    """One run of guided local search.

    Args:
        task: the day.
        strategy: name of an OR-Tools first solution strategy.
        seconds: when to stop, or
        solutions: after how many accepted moves.
        begin: orders to begin from instead; visits missing there count as left out.
        watch: called with the orders of every accepted day that costs at most a tenth more than the best so far.

    Returns:
        The best orders; empty when not even an empty day was found.
    """
    model = build(task)
    parameters = _parameters(strategy, seconds, solutions)
    model.routing.CloseModelWithParameters(parameters)
    if solutions is not None:
        model.routing.AddSearchMonitor(_last_resort(model, solutions))
    if watch is not None:
        model.routing.AddAtSolutionCallback(_Watcher(model, watch))
    found = None
    if begin is not None:
        routes = [[model.index_of[visit] for visit in begin.get(shift.id, ())] for shift in model.shifts]
        known = model.routing.ReadAssignmentFromRoutes(routes, True)
        if known is not None:
            found = model.routing.SolveFromAssignmentWithParameters(known, parameters)
    if found is None:
        found = model.routing.SolveWithParameters(parameters)
    return {} if found is None else read_orders(model, found.Value)


def _last_resort(model: DayModel, solutions: int) -> Any:
    """Ends a search that accepts no more moves (a day too small for its budget), counted in branches: repeatable."""
    solver = model.routing.solver()
    endless = 2**62
    return solver.Limit(endless, _BRANCHES_PER_SOLUTION * (solutions + 100), endless, endless)


class _Watcher:
    """Hands every good accepted day on."""

    def __init__(self, model: DayModel, watch: Callable[[dict[str, tuple[str, ...]]], None]) -> None:
        self._model, self._watch = model, watch
        self._best: float = math.inf

    def __call__(self) -> None:
        cost = self._model.routing.CostVar().Value()
        self._best = min(self._best, cost)
        if cost <= 1.1 * self._best:
            self._watch(read_orders(self._model, lambda variable: variable.Value()))


def _parameters(strategy: str, seconds: float | None, solutions: int | None) -> Any:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.Value.Value(strategy)
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    if seconds is not None:
        parameters.time_limit.FromMilliseconds(max(1, round(seconds * 1000)))
    if solutions is not None:
        parameters.solution_limit = solutions
    return parameters


def read_orders(model: DayModel, value: Callable[[Any], int]) -> dict[str, tuple[str, ...]]:
    """The orders in the model's variables; ``value`` reads one."""
    routing = model.routing
    orders: dict[str, tuple[str, ...]] = {}
    for vehicle, shift in enumerate(model.shifts):
        order: list[str] = []
        index = value(routing.NextVar(routing.Start(vehicle)))
        while not routing.IsEnd(index):
            order.append(model.visit_at[index])
            index = value(routing.NextVar(index))
        if order:
            orders[shift.id] = tuple(order)
    return orders
