"""Mistakes with the break of a route."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from routing.check import ViolationCode as Code
from routing.plan import BreakTaken, DayPlan, Route, Stop
from tests.routing.check.days import Day
from tests.routing.check.mutation_kit import Broken, breaks, served_again, shift_of, steps, with_route

# --- the break --------------------------------------------------------------------------------------------------------


def _a_route(day: Day, plan: DayPlan, rng: random.Random, *, rests: bool) -> Route | None:
    choices = [route for route in plan.routes if (shift_of(day, route).break_ is not None) is rests]
    return rng.choice(choices) if choices else None


def _with_bounds_around(day: Day, plan: DayPlan, route: Route, rest: BreakTaken) -> tuple[Day, DayPlan] | None:
    """The day that allows a break to begin where ``rest`` does, and the plan with its reasons told anew."""
    asked = shift_of(day, route).break_
    if asked is None or rest.start_s < 0:
        return None
    first_s, last_s = min(asked.earliest_start_s, rest.start_s), max(asked.latest_start_s, rest.start_s)
    bounds = replace(asked, earliest_start_s=first_s, latest_start_s=last_s)
    wider = day.with_shift(route.shift, break_=bounds)
    return wider, wider.retold(plan)


@breaks(Code.BREAK_MISSING)
def no_break(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = _a_route(day, plan, rng, rests=True)
    without_rest = None if route is None else served_again(day, plan, route, None)
    return None if without_rest is None else (day, without_rest)


@breaks(Code.BREAK_UNASKED)
def a_break_nobody_asked_for(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = _a_route(day, plan, rng, rests=False)
    if route is None:
        return None
    start_s = shift_of(day, route).start_s + day.unit_s * rng.randint(0, 30)
    rested = served_again(day, plan, route, BreakTaken(start_s, start_s + steps(day, rng)))
    return None if rested is None else (day, rested)


@breaks(Code.BREAK_OUT_OF_BOUNDS)
def a_break_out_of_bounds(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = _a_route(day, plan, rng, rests=True)
    if route is None or route.break_ is None:
        return None
    asked, start_s = shift_of(day, route).break_, route.break_.start_s
    assert asked is not None
    if rng.random() < 0.5:
        first_s, last_s = start_s + day.unit_s, max(asked.latest_start_s, start_s + day.unit_s)
    else:
        last_s = start_s - day.unit_s
        first_s = min(asked.earliest_start_s, last_s)
    moved = day.with_shift(route.shift, break_=replace(asked, earliest_start_s=first_s, latest_start_s=last_s))
    return moved, moved.retold(plan)


@breaks(Code.BREAK_LENGTH_WRONG)
def a_break_of_another_length(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = _a_route(day, plan, rng, rests=True)
    if route is None or route.break_ is None:
        return None
    end_s = route.break_.end_s + rng.choice((-1, 1)) * steps(day, rng, most=4)
    if end_s > shift_of(day, route).end_s:
        return None
    rested = served_again(day, plan, route, replace(route.break_, end_s=end_s))
    return None if rested is None else (day, rested)


@breaks(Code.BREAK_LENGTH_WRONG)
def a_break_end_that_stands_alone(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = _a_route(day, plan, rng, rests=True)
    if route is None or route.break_ is None:
        return None
    end_s = route.break_.end_s + rng.choice((-1, 1)) * rng.choice((1, steps(day, rng, most=4)))
    return day, with_route(plan, route, replace(route, break_=replace(route.break_, end_s=end_s)))


@breaks(Code.BREAK_OUTSIDE_SHIFT)
def a_break_that_outlasts_the_shift(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = _a_route(day, plan, rng, rests=True)
    if route is None or route.break_ is None:
        return None
    end_s = shift_of(day, route).end_s + rng.choice((1, steps(day, rng)))
    rest = BreakTaken(end_s - (route.break_.end_s - route.break_.start_s), end_s)
    rested = served_again(day, plan, route, rest)
    if rested is None or any(one.shift == route.shift and one.end_s > rest.start_s for one in rested.routes):
        return None
    return _with_bounds_around(day, rested, route, rest)


@breaks(Code.BREAK_OUTSIDE_SHIFT)
def a_break_before_the_shift(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = _a_route(day, plan, rng, rests=True)
    if route is None or route.break_ is None:
        return None
    start_s = shift_of(day, route).start_s - steps(day, rng)
    rest = BreakTaken(start_s, start_s + (route.break_.end_s - route.break_.start_s))
    free = served_again(day, plan, route, None)
    if free is None:
        return None
    rested = next(one for one in free.routes if one.shift == route.shift)
    if rested.start_s < rest.end_s:
        return None
    return _with_bounds_around(day, with_route(free, rested, replace(rested, break_=rest)), route, rest)


@breaks(Code.BREAK_OVERLAPS_SERVICE)
def a_break_in_the_midst_of_a_service(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    return _with_break_laid_over(day, plan, rng, lambda stop: (stop.start_s, stop.depart_s))


@breaks(Code.BREAK_OVERLAPS_SERVICE)
def a_service_that_does_not_wait_for_the_end_of_the_break(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    return _with_break_laid_over(day, plan, rng, lambda stop: (stop.arrive_s, stop.start_s))


def _with_break_laid_over(
    day: Day, plan: DayPlan, rng: random.Random, span: Callable[[Stop], tuple[int, int]]
) -> Broken:
    """A route as without a break, and then a break that begins in the span of a stop and reaches into its service."""
    route = _a_route(day, plan, rng, rests=True)
    if route is None or route.break_ is None:
        return None
    free = served_again(day, plan, route, None)
    if free is None:
        return None
    unrested = next(one for one in free.routes if one.shift == route.shift)
    length_s = route.break_.end_s - route.break_.start_s
    choices = [
        BreakTaken(start_s, start_s + length_s)
        for stop in unrested.stops
        for start_s in range(*span(stop), day.unit_s)
        if start_s + length_s > stop.start_s and start_s + length_s <= shift_of(day, route).end_s
    ]
    if not choices:
        return None
    rest = rng.choice(choices)
    return _with_bounds_around(day, with_route(free, unrested, replace(unrested, break_=rest)), route, rest)


@breaks(Code.BREAK_ACROSS_DEPARTURE)
def a_departure_in_the_midst_of_the_break(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = _a_route(day, plan, rng, rests=True)
    if route is None or route.break_ is None:
        return None
    free = served_again(day, plan, route, None)
    if free is None:
        return None
    unrested, shift = next(one for one in free.routes if one.shift == route.shift), shift_of(day, route)
    length_s = route.break_.end_s - route.break_.start_s
    start_s = unrested.start_s - day.unit_s * rng.randint(1, max(1, length_s // day.unit_s - 1))
    if start_s < shift.start_s or start_s + length_s > shift.end_s:
        return None
    rest = BreakTaken(start_s, start_s + length_s)
    return _with_bounds_around(day, with_route(free, unrested, replace(unrested, break_=rest)), route, rest)
