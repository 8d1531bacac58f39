"""What all mutations share: each breaks exactly one rule of a right plan and re-derives the times after its mistake.

Each takes a day, a right plan of it and a random source, and returns the day and the plan with one rule broken, or
``None`` where this day gives no occasion for it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

from routing.check import ViolationCode as Code
from routing.plan import BreakTaken, DayPlan, Route
from routing.problem import Shift, Visit
from tests.routing.check.days import TRUTH, Day, Twist, serve

Broken = tuple[Day, DayPlan] | None
Mutate = Callable[[Day, DayPlan, random.Random], Broken]


@dataclass(frozen=True)
class Mutation:
    """One kind of mistake and the only code it may raise."""

    name: str
    code: Code
    apply: Mutate


MUTATIONS: list[Mutation] = []


def breaks(code: Code) -> Callable[[Mutate], Mutate]:
    """List a mutation with the one code it may raise."""

    def listed(mutate: Mutate) -> Mutate:
        MUTATIONS.append(Mutation(mutate.__name__, code, mutate))
        return mutate

    return listed


def shift_of(day: Day, route: Route) -> Shift:
    return day.problem.shift_by_id[route.shift]


def order_of(day: Day, route: Route) -> list[Visit]:
    return [day.problem.visit_by_id[stop.visit] for stop in route.stops]


def with_route(plan: DayPlan, old: Route, new: Route) -> DayPlan:
    return replace(plan, routes=tuple(new if route is old else route for route in plan.routes))


def with_stop(plan: DayPlan, route: Route, index: int, **changes: int | str) -> DayPlan:
    stops = [
        replace(stop, **changes) if at == index else stop  # type: ignore[arg-type]
        for at, stop in enumerate(route.stops)
    ]
    return with_route(plan, route, replace(route, stops=tuple(stops)))


def served_again(
    day: Day, plan: DayPlan, route: Route, rest: BreakTaken | None, *, twist: Twist = TRUTH
) -> DayPlan | None:
    """The plan with this route driven anew, with another break or a lie in it."""
    new = serve(day, shift_of(day, route), order_of(day, route), rest, twist=twist)
    return None if new is None else with_route(plan, route, new)


def a_stop(plan: DayPlan, rng: random.Random) -> tuple[Route, int]:
    route = rng.choice(plan.routes)
    return route, rng.randrange(len(route.stops))


def a_later_stop(plan: DayPlan, rng: random.Random) -> tuple[Route, int] | None:
    """A stop that is not the first of its route."""
    choices = [(route, at) for route in plan.routes for at in range(1, len(route.stops))]
    return rng.choice(choices) if choices else None


def a_shift_like(day: Day, route: Route) -> tuple[Day, str]:
    """The day with one more shift, the twin of that of ``route``."""
    twin = replace(shift_of(day, route), id="twin", crew=("twin-x", "twin-y"))
    return day.with_problem(shifts=(*day.problem.shifts, twin)), twin.id


def without(day: Day, plan: DayPlan, route: Route, visit: str, rng: random.Random) -> DayPlan | None:
    """The plan with one stop taken out and the others driven anew; nothing is said of the visit."""
    order = [other for other in order_of(day, route) if other.id != visit]
    others = tuple(other for other in plan.routes if other is not route)
    if not order:
        return replace(plan, routes=others)
    choices = list(day.routes(shift_of(day, route), order))
    return replace(plan, routes=(*others, rng.choice(choices))) if choices else None


def steps(day: Day, rng: random.Random, most: int = 6) -> int:
    """A small positive time, in whole units of the day."""
    return day.unit_s * rng.randint(1, most)
