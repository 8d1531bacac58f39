"""Mistakes in a route: its times, its legs, whom it serves."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

from routing.check import ViolationCode as Code
from routing.plan import DayPlan, Route
from routing.problem import Window
from tests.routing.check.days import Day, Twist, walk
from tests.routing.check.mutation_kit import (
    Broken,
    a_later_stop,
    a_stop,
    breaks,
    order_of,
    served_again,
    shift_of,
    steps,
    with_route,
    with_stop,
)

# --- times ------------------------------------------------------------------------------------------------------------


@breaks(Code.WINDOW_MISSED)
def a_window_that_closed_before(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route, at = a_stop(plan, rng)
    stop = route.stops[at]
    closed = Window(stop.start_s - steps(day, rng) - day.unit_s, stop.start_s - rng.choice((1, day.unit_s)))
    return day.with_visit(stop.visit, windows=(closed,)), plan


@breaks(Code.WINDOW_MISSED)
def a_service_begun_before_its_window(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route, at = a_stop(plan, rng)
    stop = route.stops[at]
    opens_s = stop.start_s + rng.choice((1, day.unit_s))
    windows = (Window(opens_s, opens_s + steps(day, rng)), Window(opens_s + 20000, opens_s + 20000))
    return day.with_visit(stop.visit, windows=windows), plan


@breaks(Code.ARRIVE_WRONG)
def an_arrival_that_does_not_add_up(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route, at = a_stop(plan, rng)
    wrong = route.stops[at].arrive_s + rng.choice((-1, 1)) * rng.choice((1, steps(day, rng)))
    return day, with_stop(plan, route, at, arrive_s=wrong)


@breaks(Code.ARRIVE_WRONG)
def an_arrival_too_late_and_all_after_it(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    return _twisted(day, plan, rng, lambda at: Twist(at, arrive_s=steps(day, rng)))


@breaks(Code.ARRIVE_WRONG)
def an_arrival_too_early_and_all_after_it(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    return _twisted(day, plan, rng, lambda at: Twist(at, arrive_s=-steps(day, rng)))


@breaks(Code.START_BEFORE_ARRIVE)
def a_service_begun_before_arrival(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    broken = _twisted(day, plan, rng, lambda at: Twist(at, start_s=-steps(day, rng)))
    if broken is None or all(stop.start_s >= stop.arrive_s for route in broken[1].routes for stop in route.stops):
        return None
    return broken


@breaks(Code.SERVICE_LATE)
def a_service_begun_late(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    return _twisted(day, plan, rng, lambda at: Twist(at, start_s=steps(day, rng)))


@breaks(Code.SERVICE_LATE)
def a_first_service_begun_late(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = rng.choice(plan.routes)
    later = served_again(day, plan, route, route.break_, twist=Twist(0, start_s=steps(day, rng)))
    return None if later is None else (day, later)


@breaks(Code.DEPART_WRONG)
def a_departure_that_does_not_add_up(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route, at = a_stop(plan, rng)
    wrong = route.stops[at].depart_s + rng.choice((-1, 1)) * rng.choice((1, steps(day, rng)))
    return day, with_stop(plan, route, at, depart_s=wrong)


@breaks(Code.DEPART_WRONG)
def a_departure_and_all_after_it(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    sign = rng.choice((-1, 1))
    return _twisted(day, plan, rng, lambda at: Twist(at, depart_s=sign * steps(day, rng)), first=True)


def _twisted(
    day: Day, plan: DayPlan, rng: random.Random, lie: Callable[[int], Twist], *, first: bool = False
) -> Broken:
    chosen = a_stop(plan, rng) if first else a_later_stop(plan, rng)
    if chosen is None:
        return None
    route, at = chosen
    twisted = served_again(day, plan, route, route.break_, twist=lie(at))
    return None if twisted is None else (day, twisted)


@breaks(Code.ROUTE_START_EARLY)
def a_departure_from_the_depot_for_nothing(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route, earlier_s = rng.choice(plan.routes), steps(day, rng, most=3)
    shift = shift_of(day, route)
    if route.start_s - earlier_s < shift.start_s:
        return None
    order, first_s = order_of(day, route), route.stops[0].start_s
    early = walk(day, shift, order, route.start_s - earlier_s, route.break_, first_start_s=first_s)
    return None if early is None else (day, with_route(plan, route, early))


@breaks(Code.ROUTE_START_EARLY)
def a_start_that_stands_alone(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    broken = a_departure_from_the_depot_for_nothing(day, plan, rng)
    if broken is None:
        return None
    pairs = zip(plan.routes, broken[1].routes, strict=True)
    return day, replace(plan, routes=tuple(replace(right, start_s=wrong.start_s) for right, wrong in pairs))


@breaks(Code.ROUTE_END_WRONG)
def an_end_that_does_not_add_up(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = rng.choice(plan.routes)
    end_s = route.end_s + rng.choice((-1, 1)) * rng.choice((1, steps(day, rng)))
    return None if end_s > shift_of(day, route).end_s else (day, with_route(plan, route, replace(route, end_s=end_s)))


@breaks(Code.STARTS_BEFORE_SHIFT)
def a_shift_that_begins_later(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = rng.choice(plan.routes)
    start_s = route.start_s + steps(day, rng)
    if (route.break_ is not None and route.break_.start_s < start_s) or start_s >= shift_of(day, route).end_s:
        return None
    later = day.with_shift(route.shift, start_s=start_s)
    return later, later.retold(plan)


@breaks(Code.ENDS_AFTER_SHIFT)
def a_shift_that_ends_sooner(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = rng.choice(plan.routes)
    end_s = route.end_s - steps(day, rng)
    if (route.break_ is not None and route.break_.end_s > end_s) or end_s <= shift_of(day, route).start_s:
        return None
    sooner = day.with_shift(route.shift, end_s=end_s)
    return sooner, sooner.retold(plan)


# --- legs -------------------------------------------------------------------------------------------------------------


def _legs(day: Day, route: Route) -> list[tuple[str, str, bool]]:
    """Places of every leg and whether it may be long."""
    shift, order = shift_of(day, route), order_of(day, route)
    places = [shift.start_place, *(visit.place for visit in order), shift.end_place]
    excepted = [False, *(visit.long_leg_ok for visit in order), False]
    return [(places[at], places[at + 1], excepted[at] or excepted[at + 1]) for at in range(len(places) - 1)]


@breaks(Code.LEG_TOO_LONG)
def a_lower_leg_limit(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    legs = [leg for route in plan.routes for leg in _legs(day, route)]
    longest_s = max((day.problem.driving_s(*leg[:2]) or 0 for leg in legs if not leg[2]), default=0)
    if longest_s == 0:
        return None
    lower = day.with_problem(max_leg_s=longest_s - rng.choice((1, day.unit_s)))
    return lower, lower.retold(plan)


@breaks(Code.LEG_TOO_LONG)
def a_managers_word_withdrawn(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    far = []
    for route in plan.routes:
        for visit in order_of(day, route):
            alone = day.with_visit(visit.id, long_leg_ok=False)
            if visit.long_leg_ok and not alone.is_allowed(shift_of(alone, route), order_of(alone, route)):
                far.append(alone)
    return (rng.choice(far), plan) if far else None


@breaks(Code.LEG_UNREACHABLE)
def a_road_that_is_closed(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    here, there, _ = rng.choice(_legs(day, rng.choice(plan.routes)))
    rows = [list(row) for row in day.problem.travel_s]
    rows[day.problem.place_index[here]][day.problem.place_index[there]] = None
    closed = day.with_problem(travel_s=tuple(tuple(row) for row in rows))
    return closed, closed.retold(plan)


# --- whom a shift may serve -------------------------------------------------------------------------------------------


@breaks(Code.NEEDS_UNMET)
def a_need_the_shift_does_not_meet(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route, at = a_stop(plan, rng)
    visit = day.problem.visit_by_id[route.stops[at].visit]
    return day.with_visit(visit.id, needs=visit.needs | {"sign language"}), plan


@breaks(Code.PIN_BROKEN)
def a_pin_to_another_shift(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route, at = a_stop(plan, rng)
    others = [shift.id for shift in day.problem.shifts if shift.id != route.shift]
    return day.with_visit(route.stops[at].visit, pinned_shift=rng.choice(others)), plan
