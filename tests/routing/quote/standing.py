"""Standing days to quote on: known ones written by hand, random ones put together stop by stop."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace

from routing.plan import Certificate, DayPlan, PlanStatus, Route
from routing.problem import DayProblem, Place, Visit, Window
from routing.quote import DayRoutes, QuotedDay
from routing.schedule import schedule_route
from tests.routing.days import clock

GRID = tuple(Window(clock("09:30") + 1800 * n, clock("10:00") + 1800 * n) for n in range(12))
NEW = Place("new", 31.8, 131.1)
HALL_LAST_S = clock("15:30")


def asked(**changes: object) -> Visit:
    """The new visit: forty minutes, no needs; the window is the caller's affair."""
    return replace(Visit("N", NEW.id, 2400, GRID), **changes)  # type: ignore[arg-type]


def plan_of(problem: DayProblem, orders: Mapping[str, Sequence[str]]) -> DayPlan:
    """The plan of given orders, all legal."""
    routes = []
    for shift in problem.shifts:
        if orders.get(shift.id):
            route = schedule_route(problem, shift, orders[shift.id])
            assert isinstance(route, Route), route
            routes.append(route)
    driven_s = sum(route.travel_s for route in routes)
    return DayPlan(
        problem.date, PlanStatus.FEASIBLE, driven_s, None, None, Certificate("by hand", 0.0), tuple(routes), ()
    )


def standing(problem: DayProblem, orders: Mapping[str, Sequence[str]]) -> DayRoutes:
    """A day standing on given orders, all its visits promised."""
    promised = replace(problem, visits=tuple(replace(visit, required=True) for visit in problem.visits))
    return DayRoutes(promised, plan_of(promised, orders))


def quoted(
    routes: DayRoutes,
    ways_s: Mapping[str, int | None] | None = None,
    otherwise_s: int | None = 600,
    windows: tuple[Window, ...] = GRID,
    **changes: object,
) -> QuotedDay:
    """The day with a new place as far from each place in either direction as ``ways_s`` says."""
    ways = tuple((ways_s or {}).get(place.id, otherwise_s) for place in routes.problem.places)
    return replace(QuotedDay(routes, windows, ways, ways), **changes)  # type: ignore[arg-type]


def random_standing(rng: random.Random, problem: DayProblem) -> tuple[QuotedDay, Visit]:
    """One visit of the day taken out as the new one; of the others those that fit, in random gaps, promised."""
    new, *others = rng.sample(problem.visits, len(problem.visits))
    others = [replace(visit, required=True) for visit in others]
    everyone = replace(problem, visits=tuple(others))
    orders: dict[str, tuple[str, ...]] = {}
    for visit in others:
        ways = []
        for shift in problem.shifts:
            order = orders.get(shift.id, ())
            for at in range(len(order) + 1):
                longer = (*order[:at], visit.id, *order[at:])
                if isinstance(schedule_route(everyone, shift, longer), Route):
                    ways.append((shift.id, longer))
        if ways:
            shift_id, longer = rng.choice(ways)
            orders[shift_id] = longer
    served = {visit for order in orders.values() for visit in order}
    routes = standing(replace(everyone, visits=tuple(v for v in others if v.id in served)), orders)
    here = problem.place_index[new.place]
    day = QuotedDay(routes, GRID, problem.travel_s[here], tuple(row[here] for row in problem.travel_s))
    return day, replace(new, id="N", place=NEW.id)
