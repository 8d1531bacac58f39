"""Puts one more visit into given routes where it adds the least driving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from routing.plan import DayPlan, Route
from routing.problem import DayProblem
from routing.schedule import Infeasible, crew_refusal, schedule_route

Orders = Mapping[str, tuple[str, ...]]
"""Visit ids in order by shift id; a shift that does not drive is left out."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """A legal way to add a visit to a shift: the route with it in, and the driving seconds it adds."""

    route: Route
    detour_s: int


def orders_of(plan: DayPlan) -> dict[str, tuple[str, ...]]:
    """The bare orders of a plan's routes."""
    return {route.shift: tuple(stop.visit for stop in route.stops) for route in plan.routes}


def travel_of(problem: DayProblem, shift_id: str, order: tuple[str, ...]) -> int:
    """Driving seconds of an order, depot legs included; 0 for none.

    Raises:
        ValueError: when a leg has no way.
    """
    if not order:
        return 0
    shift = problem.shift_by_id[shift_id]
    places = [shift.start_place, *(problem.visit_by_id[visit].place for visit in order), shift.end_place]
    legs = [problem.driving_s(here, there) for here, there in pairwise(places)]
    if None in legs:
        raise ValueError(f"no way along {places}")
    return sum(leg for leg in legs if leg is not None)


def insert_into(problem: DayProblem, orders: Orders, visit_id: str, shift_id: str) -> Insertion | Infeasible:
    """The cheapest legal position of ``visit_id`` on one shift, the order of the others kept.

    Returns:
        The insertion; or why there is none: the crew's reason, what forbids the visit even alone on this shift, or
        ``NO_ROOM`` where only the other stops are in its way.
    """
    shift, visit = problem.shift_by_id[shift_id], problem.visit_by_id[visit_id]
    refusal = crew_refusal(shift, visit)
    if refusal is not None:
        return refusal
    order = tuple(orders.get(shift_id, ()))
    before_s = travel_of(problem, shift_id, order)
    best: Insertion | None = None
    for at in range(len(order) + 1):
        route = schedule_route(problem, shift, (*order[:at], visit_id, *order[at:]))
        if isinstance(route, Route) and (best is None or route.travel_s - before_s < best.detour_s):
            best = Insertion(route, route.travel_s - before_s)
    if best is not None:
        return best
    alone = schedule_route(problem, shift, (visit_id,))
    return alone if isinstance(alone, Infeasible) else Infeasible("NO_ROOM", None)


def cheapest_insertion(problem: DayProblem, orders: Orders, visit_id: str) -> Insertion | None:
    """The cheapest legal insertion over all shifts; ties go to the shift named first in the problem."""
    found = [insert_into(problem, orders, visit_id, shift.id) for shift in problem.shifts]
    legal = [insertion for insertion in found if isinstance(insertion, Insertion)]
    return min(legal, key=lambda insertion: insertion.detour_s, default=None)
