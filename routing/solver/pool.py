"""Remembers the routes a search came across and puts the best day together from them. Child process only.

Local search walks from day to day; the best day is often made of routes it saw on different days. Choosing routes so
that every visit is on one of them or pays its penalty is a set partitioning problem, solved here by SCIP.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ortools.linear_solver import pywraplp

from routing.insertion import Orders, travel_of
from routing.plan import Route
from routing.problem import Shift
from routing.schedule import schedule_route
from routing.solver.task import SearchTask, ShiftKind, omission_penalty_s, shift_kind

MAX_ROUTES = 20_000
"""Routes kept; the cheapest by driving per visit stay when a search sees more."""


class RoutePool:
    """The cheapest legal order seen for every set of visits on every kind of shift."""

    def __init__(self, task: SearchTask) -> None:
        self.task = task
        self._kinds: dict[ShiftKind, list[Shift]] = {}
        for shift_id in task.shifts:
            shift = task.problem.shift_by_id[shift_id]
            self._kinds.setdefault(shift_kind(task.problem, shift), []).append(shift)
        self._kind_of = {shift.id: kind for kind, shifts in self._kinds.items() for shift in shifts}
        self._seen: set[tuple[ShiftKind, tuple[str, ...]]] = set()
        self._best: dict[tuple[ShiftKind, frozenset[str]], tuple[int, tuple[str, ...]]] = {}

    def add(self, shift_id: str, order: tuple[str, ...]) -> None:
        """Remember an order; it is timed only when it is new, and dropped when it is not legal."""
        kind = self._kind_of[shift_id]
        if not order or (kind, order) in self._seen or len(self._seen) >= 10 * MAX_ROUTES:
            return
        self._seen.add((kind, order))
        travel_s = travel_of(self.task.problem, shift_id, order)
        key = (kind, frozenset(order))
        known = self._best.get(key)
        if known is not None and known[0] <= travel_s:
            return
        if isinstance(schedule_route(self.task.problem, self.task.problem.shift_by_id[shift_id], order), Route):
            self._best[key] = (travel_s, order)

    def add_day(self, orders: Orders) -> None:
        """Remember all routes of a day."""
        for shift_id, order in orders.items():
            self.add(shift_id, order)

    def cost(self, orders: Orders) -> int:
        """What a day of these orders costs, omissions included."""
        problem = self.task.problem
        served = {visit for order in orders.values() for visit in order}
        left_out = sum(omission_penalty_s(problem, visit) for visit in self.task.visits if visit not in served)
        return left_out + sum(travel_of(problem, shift_id, order) for shift_id, order in orders.items())

    def best_day(self, below: int, *, limit_s: float | None) -> dict[str, tuple[str, ...]] | None:
        """The cheapest day made of remembered routes that costs less than ``below``; ``None`` where there is none.

        First the linear relaxation (GLOP): a column whose reduced cost fills the gap to ``below`` cannot be in such a
        day. The few columns left are SCIP's.
        """
        columns = self._columns()
        relaxed = self._partition("GLOP", columns, None)
        if relaxed is None:
            return None
        gap = below - 1 - relaxed.cost
        near = [column for column, price in zip(columns, relaxed.reduced_costs, strict=True) if price <= gap + 1e-3]
        whole = self._partition("SCIP", near, limit_s) if gap > -1e-3 else None
        if whole is None:
            return None
        orders = self._handed_out(column for column, value in zip(near, whole.values, strict=True) if value > 0.5)
        return orders if self.cost(orders) < below else None

    def _columns(self) -> list[_Column]:
        routes = [_Column(kind, travel_s, order) for (kind, _), (travel_s, order) in self._best.items()]
        routes.sort(key=lambda route: (route.cost_s / len(route.visits), route.visits))
        omissions = [
            _Column(None, omission_penalty_s(self.task.problem, visit), (visit,)) for visit in self.task.visits
        ]
        return routes[:MAX_ROUTES] + omissions

    def _partition(self, engine: str, columns: Sequence[_Column], limit_s: float | None) -> _Solved | None:
        """Every visit in exactly one column, no kind of shift used more often than there are shifts of it."""
        solver: Any = pywraplp.Solver.CreateSolver(engine)
        if limit_s is not None:
            solver.SetTimeLimit(max(1, round(limit_s * 1000)))
        covered = {visit: solver.Constraint(1, 1) for visit in self.task.visits}
        used = {kind: solver.Constraint(0, len(shifts)) for kind, shifts in self._kinds.items()}
        cost = solver.Objective()
        takes = [solver.BoolVar("") if engine == "SCIP" else solver.NumVar(0, solver.infinity(), "") for _ in columns]
        for take, column in zip(takes, columns, strict=True):
            cost.SetCoefficient(take, column.cost_s)
            if column.kind is not None:
                used[column.kind].SetCoefficient(take, 1)
            for visit in column.visits:
                covered[visit].SetCoefficient(take, 1)
        cost.SetMinimization()
        if solver.Solve() not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
            return None
        prices = [take.reduced_cost() for take in takes] if engine != "SCIP" else []
        return _Solved(cost.Value(), [take.solution_value() for take in takes], prices)

    def _handed_out(self, chosen: Iterable[_Column]) -> dict[str, tuple[str, ...]]:
        free = {kind: list(shifts) for kind, shifts in self._kinds.items()}
        return {free[column.kind].pop(0).id: column.visits for column in chosen if column.kind is not None}


@dataclass(frozen=True, slots=True)
class _Column:
    """A route on a kind of shift, or (kind ``None``) one visit left out."""

    kind: ShiftKind | None
    cost_s: int
    visits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Solved:
    cost: float
    values: list[float]
    reduced_costs: list[float]
