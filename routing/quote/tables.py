"""One standing day in arrays: at every gap of every route, when a van can leave it and when it must be there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from routing.errors import PlanError
from routing.insertion import Orders, orders_of
from routing.plan import DayPlan, Route, Stop
from routing.problem import MAX_DURATION_S, DayProblem, Shift, Visit
from routing.quote.compulsory import Span, full_spans
from routing.quote.timing import NEVER, Rest, RouteTimes, TimedTask, route_times
from routing.quote.ways import Ways
from routing.schedule import Infeasible, route_legs

Ints = npt.NDArray[np.int32]


class Gap(IntEnum):
    """What is known of a gap between two stops (or a depot and a stop) of a route; rows of :attr:`RouteTable.gaps`."""

    LEAVE_UNRESTED = 0
    """Earliest departure from the stop before, the break still to be taken."""
    LEAVE_RESTED = 1
    READY_UNRESTED = 2
    """Latest readiness at the stop behind, the break still to be taken."""
    READY_RESTED = 3
    BREAK_FIRST = 4
    BREAK_LAST = 5
    BREAK_LENGTH = 6
    DRIVING = 7
    """Driving from the stop before to the stop behind; 0 for a van that stays at the depot."""
    BEFORE = 8
    """Index of the place before."""
    BEHIND = 9
    BEFORE_LIMIT = 10
    """The longest leg allowed from the place before to a visit without ``long_leg_ok``."""
    BEHIND_LIMIT = 11


@dataclass(frozen=True)
class RouteTable:
    """The gaps of all routes of a day, padded to the longest: shapes ``[Gap, shift, gap]`` and ``[shift]``.

    A padded gap, and every gap of a shift that must not drive, is left at ``NEVER``.
    """

    orders: Orders
    gaps: Ints
    reach_s: Ints
    """The farthest any stop lies from the shift's depot, driving there directly; 0 without stops."""
    depot: Ints
    """Index of the place each shift starts from."""


@dataclass(frozen=True, slots=True)
class DrivingVan:
    """A van on its standing route: its stops, when each is over, and the index of the place of each."""

    shift: Shift
    stops: tuple[Stop, ...]
    departs_s: tuple[int, ...]
    places: tuple[int, ...]


_PADDING = np.zeros((len(Gap), 1, 1), dtype=np.int32)
_PADDING[[Gap.LEAVE_UNRESTED, Gap.LEAVE_RESTED]] = NEVER
_PADDING[[Gap.READY_UNRESTED, Gap.READY_RESTED, Gap.BREAK_LAST]] = -NEVER


def padding() -> Ints:
    """A gap in which nothing is possible, to fill larger arrays with."""
    return _PADDING


class DayRoutes:
    """A service day as it stands, compiled once and asked many times: nothing here changes.

    Args:
        problem: the day's promises, all required, without the visit that is asked for.
        plan: a legal plan of exactly that problem; ``None`` where there is no visit on it.

    Raises:
        PlanError: ``PLAN_INCOMPLETE`` where a visit of the problem is not on the plan exactly once or the plan has a
            stranger; ``ROUTE_NOT_LEGAL`` (``shift``) where a route cannot be driven.
    """

    def __init__(self, problem: DayProblem, plan: DayPlan | None) -> None:
        served = [] if plan is None else [stop.visit for route in plan.routes for stop in route.stops]
        if sorted(served) != sorted(problem.visit_by_id):
            raise PlanError("PLAN_INCOMPLETE", f"the plan of {problem.date} does not serve each visit of its day once")
        self.problem = problem
        self.plan = plan
        self._with_reserves: dict[tuple[Visit, ...], tuple[RouteTable, ...]] = {}
        self._full_spans: dict[tuple[Visit, ...], tuple[Span, ...]] = {}

    @cached_property
    def orders(self) -> Orders:
        """The visits of each shift that drives."""
        return {} if self.plan is None else orders_of(self.plan)

    @cached_property
    def route_by_shift(self) -> Mapping[str, Route]:
        """The standing routes by shift id."""
        return {} if self.plan is None else {route.shift: route for route in self.plan.routes}

    @cached_property
    def travel_s(self) -> int:
        """Driving seconds of the standing plan."""
        return 0 if self.plan is None else self.plan.travel_s

    @cached_property
    def table(self) -> RouteTable:
        """The standing routes compiled."""
        return compile_routes(self.problem, self.orders)

    @cached_property
    def empty_table(self) -> RouteTable:
        """All vans at their depots with nothing to do: what can be served alone."""
        return compile_routes(self.problem, {})

    @cached_property
    def ways(self) -> Ways:
        """The shortest legal ways between the stops and depots."""
        return Ways.of(self.problem)

    @cached_property
    def driving_vans(self) -> tuple[DrivingVan, ...]:
        """The vans that have a route, in the order of the problem's shifts."""
        place_index, visits = self.problem.place_index, self.problem.visit_by_id
        return tuple(
            DrivingVan(
                shift,
                route.stops,
                tuple(stop.depart_s for stop in route.stops),
                tuple(place_index[visits[stop.visit].place] for stop in route.stops),
            )
            for shift in self.problem.shifts
            if (route := self.route_by_shift.get(shift.id)) is not None
        )

    def full_spans(self, reserves: tuple[Visit, ...]) -> tuple[Span, ...]:
        """When every van is certainly at one of the day's visits or at a reserve (:mod:`routing.quote.compulsory`)."""
        if reserves not in self._full_spans:
            visits = (*self.problem.visits, *reserves)
            self._full_spans[reserves] = full_spans(visits, len(self.problem.shifts))
        return self._full_spans[reserves]

    def with_reserves(self, reserves: tuple[Visit, ...]) -> tuple[RouteTable, ...]:
        """The routes with the reserves put in, compiled; several ways where there are several.

        The first puts each reserve where it adds least driving; the others keep them all with one van. Empty where
        they fit in none of these ways.
        """
        if not reserves:
            return (self.table,)
        if reserves not in self._with_reserves:
            from routing.quote.reserves import reserved_orders

            problem = self.with_visits(reserves)
            self._with_reserves[reserves] = tuple(
                compile_routes(problem, orders) for orders in reserved_orders(problem, self.orders, reserves)
            )
        return self._with_reserves[reserves]

    def with_visits(self, more: tuple[Visit, ...]) -> DayProblem:
        """The day with more visits at places it knows."""
        return replace(self.problem, visits=tuple(sorted((*self.problem.visits, *more), key=lambda visit: visit.id)))


def compile_routes(problem: DayProblem, orders: Orders) -> RouteTable:
    """The gaps of given routes.

    Raises:
        PlanError: ``ROUTE_NOT_LEGAL`` where one cannot be driven.
    """
    longest = max((len(order) for order in orders.values()), default=0)
    gaps = np.broadcast_to(padding(), (len(Gap), len(problem.shifts), longest + 1)).copy()
    reach_s = np.zeros(len(problem.shifts), dtype=np.int32)
    depots = [problem.place_index[shift.start_place] for shift in problem.shifts]
    for row, shift in enumerate(problem.shifts):
        visits = [problem.visit_by_id[visit] for visit in orders.get(shift.id, ())]
        gaps[:, row, : len(visits) + 1] = _gaps_of(problem, shift, visits)
        reach_s[row] = max((problem.driving_s(shift.start_place, visit.place) or 0 for visit in visits), default=0)
    return RouteTable(dict(orders), gaps, reach_s, np.array(depots, dtype=np.int32))


def _gaps_of(problem: DayProblem, shift: Shift, visits: list[Visit]) -> Ints:
    rest = Rest.of(shift)
    legs, times = _timed(problem, shift, rest, visits)
    places = [problem.place_index[place] for place in (shift.start_place, *(v.place for v in visits), shift.end_place)]
    limits = [
        problem.max_leg_s,
        *(MAX_DURATION_S if visit.long_leg_ok else problem.max_leg_s for visit in visits),
        problem.max_leg_s,
    ]
    rows = []
    for at, ((before, behind), (before_limit, behind_limit)) in enumerate(
        zip(pairwise(places), pairwise(limits), strict=True)
    ):
        rows.append(
            (
                *times.depart[at],
                *times.latest_ready[at],
                rest.first_s,
                rest.last_s,
                rest.duration_s,
                legs[at] if visits else 0,
                before,
                behind,
                before_limit,
                behind_limit,
            )
        )
    return np.array(rows, dtype=np.int32).T


def _timed(problem: DayProblem, shift: Shift, rest: Rest, visits: list[Visit]) -> tuple[list[int], RouteTimes]:
    """The legs and the bounds of a route; a van that stays at the depot has no leg to check."""
    if not visits:
        return [0], route_times(rest, [0], [])
    legs = route_legs(problem, shift, visits)
    if not isinstance(legs, Infeasible):
        times = route_times(rest, legs, [TimedTask(tuple(sorted(v.windows)), v.service_s) for v in visits])
        if times.legal:
            return legs, times
    raise PlanError("ROUTE_NOT_LEGAL", f"the route of {shift.id} cannot be driven", shift=shift.id)
