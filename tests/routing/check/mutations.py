"""Ways to break exactly one rule of a right plan; the times after the mistake are re-derived from it.

Each takes a day, a right plan of it and a random source, and returns the day and the plan with one rule broken, or
``None`` where this day gives no occasion for it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from routing.check import ViolationCode as Code
from routing.plan import BreakTaken, DayPlan, PlanStatus, Reason, Route, Stop, Unassigned
from routing.problem import Shift, Visit, Window
from tests.routing.check.days import TRUTH, Day, Twist, empty_plan, serve, walk

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


# --- what mutations have in common ---------------------------------------------------------------------------------


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


# --- the plan as a whole -------------------------------------------------------------------------------------------


@breaks(Code.DATE_DIFFERS)
def another_date(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    return day, replace(plan, date=plan.date + timedelta(days=rng.choice((-1, 1, 365))))


@breaks(Code.PROBLEM_DIFFERS)
def another_hash(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    return day, replace(plan, problem_sha256=f"{rng.getrandbits(256):064x}")


@breaks(Code.SHIFT_UNKNOWN)
def a_shift_nobody_knows(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = rng.choice(plan.routes)
    return day, with_route(plan, route, replace(route, shift="van-9"))


@breaks(Code.SHIFT_TWICE)
def one_shift_on_two_routes(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    longer = [route for route in plan.routes if len(route.stops) > 1]
    if not longer:
        return None
    route = rng.choice(longer)
    shift, order = shift_of(day, route), order_of(day, route)
    cut = rng.randint(1, len(order) - 1)
    halves = [list(day.routes(shift, order[:cut])), list(day.routes(shift, order[cut:]))]
    if not all(halves):
        return None
    others = [other for other in plan.routes if other is not route]
    return day, day.retold(replace(plan, routes=(*others, *(rng.choice(half) for half in halves))))


@breaks(Code.ROUTE_EMPTY)
def a_route_without_stops(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    wider, twin = a_shift_like(day, rng.choice(plan.routes))
    start_s = wider.problem.shift_by_id[twin].start_s
    return wider, wider.retold(replace(plan, routes=(*plan.routes, Route(twin, start_s, start_s, 0, None, ()))))


@breaks(Code.VISIT_UNKNOWN)
def a_stranger_left_out(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    stranger = Unassigned("Z9", rng.choice(list(Reason)))
    return day, replace(plan, unassigned=(*plan.unassigned, stranger))


@breaks(Code.VISIT_UNKNOWN)
def a_stranger_served(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route, at = a_stop(plan, rng)
    if day.problem.visit_by_id[route.stops[at].visit].required:
        return None
    return day, day.retold(with_stop(plan, route, at, visit="Z9"))


@breaks(Code.VISIT_TWICE)
def a_visit_on_two_routes(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route, at = a_stop(plan, rng)
    visit = day.problem.visit_by_id[route.stops[at].visit]
    wider, twin = a_shift_like(day, route)
    again = list(wider.routes(wider.problem.shift_by_id[twin], [visit]))
    return (wider, wider.retold(replace(plan, routes=(*plan.routes, rng.choice(again))))) if again else None


@breaks(Code.VISIT_TWICE)
def a_visit_served_and_left_out(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    left_out = Unassigned(rng.choice(sorted(plan.served)), Reason.CROWDED_OUT)
    return day, replace(plan, unassigned=(*plan.unassigned, left_out))


@breaks(Code.VISIT_TWICE)
def a_visit_left_out_twice(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    if not plan.unassigned:
        return None
    return day, replace(plan, unassigned=(*plan.unassigned, rng.choice(plan.unassigned)))


@breaks(Code.VISIT_MISSING)
def a_visit_left_out_in_silence(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    if not plan.unassigned:
        return None
    forgotten = rng.choice(plan.unassigned)
    return day, replace(plan, unassigned=tuple(left for left in plan.unassigned if left is not forgotten))


@breaks(Code.VISIT_MISSING)
def a_stop_taken_out_in_silence(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route, at = a_stop(plan, rng)
    visit = route.stops[at].visit
    rest = without(day, plan, route, visit, rng)
    if rest is None:
        return None
    retold = day.retold(rest)
    return day, replace(retold, unassigned=tuple(left for left in retold.unassigned if left.visit != visit))


@breaks(Code.REQUIRED_LEFT_OUT)
def a_promise_among_the_left_out(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    if not plan.unassigned:
        return None
    return day.with_visit(rng.choice(plan.unassigned).visit, required=True), plan


@breaks(Code.REQUIRED_LEFT_OUT)
def a_promised_stop_taken_out(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route, at = a_stop(plan, rng)
    visit = route.stops[at].visit
    if any(one.required and one.id != visit and one.id not in plan.served for one in day.problem.visits):
        return None
    rest = without(day, plan, route, visit, rng)
    return None if rest is None else (day.with_visit(visit, required=True), day.retold(rest))


# --- times ---------------------------------------------------------------------------------------------------------


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


# --- legs ----------------------------------------------------------------------------------------------------------


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


# --- whom a shift may serve ----------------------------------------------------------------------------------------


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


# --- the break -----------------------------------------------------------------------------------------------------


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


# --- sums and status -----------------------------------------------------------------------------------------------


@breaks(Code.TRAVEL_WRONG)
def a_wrong_sum_of_driving(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route = rng.choice(plan.routes)
    return day, with_route(plan, route, replace(route, travel_s=route.travel_s + rng.choice((-1, 1, day.unit_s))))


@breaks(Code.TRAVEL_WRONG)
def a_wrong_sum_of_driving_and_the_objective_after_it(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    route, wrong_s = rng.choice(plan.routes), rng.choice((-1, 1, day.unit_s))
    longer = with_route(plan, route, replace(route, travel_s=route.travel_s + wrong_s))
    return day, replace(longer, objective_s=(plan.objective_s or 0) + wrong_s)


@breaks(Code.OBJECTIVE_WRONG)
def a_wrong_objective(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    objective_s = (plan.objective_s or 0) + rng.choice((-1, 1, day.unit_s))
    return day, replace(plan, objective_s=objective_s)


@breaks(Code.OBJECTIVE_WRONG)
def a_wrong_objective_proved(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    objective_s = (plan.objective_s or 0) + rng.choice((-1, 1, day.unit_s))
    bound_s = rng.choice((objective_s, plan.objective_s))
    return day, replace(plan, objective_s=objective_s, lower_bound_s=bound_s, status=PlanStatus.OPTIMAL)


@breaks(Code.OBJECTIVE_WRONG)
def no_objective(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    return day, replace(plan, objective_s=None)


@breaks(Code.BOUND_ABOVE_OBJECTIVE)
def a_bound_too_high(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    status = rng.choice((PlanStatus.OPTIMAL, PlanStatus.FEASIBLE))
    return day, replace(plan, status=status, lower_bound_s=(plan.objective_s or 0) + rng.choice((1, day.unit_s)))


@breaks(Code.OPTIMAL_UNPROVEN)
def optimal_on_a_word(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    bound_s = rng.choice((None, (plan.objective_s or 0) - 1))
    return day, replace(plan, status=PlanStatus.OPTIMAL, lower_bound_s=bound_s)


@breaks(Code.ROUTES_DESPITE_STATUS)
def routes_of_a_plan_that_was_not_found(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    return day, replace(plan, status=rng.choice((PlanStatus.INFEASIBLE, PlanStatus.UNKNOWN)))


@breaks(Code.CONFLICT_UNNAMED)
def infeasible_without_a_name(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    nothing = day.retold(empty_plan(day.problem, ()))
    return day, replace(nothing, status=PlanStatus.INFEASIBLE, objective_s=None)


# --- visits left out -----------------------------------------------------------------------------------------------


def _other_reason(plan: DayPlan, left: Unassigned, **changes: object) -> DayPlan:
    other = replace(left, **changes)  # type: ignore[arg-type]
    return replace(plan, unassigned=tuple(other if one is left else one for one in plan.unassigned))


@breaks(Code.REASON_FALSE)
def a_reason_that_the_day_refutes(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    if not plan.unassigned:
        return None
    left = rng.choice(plan.unassigned)
    ladder = [
        Reason.NEEDS_UNMET,
        Reason.UNREACHABLE,
        Reason.LEG_TOO_LONG,
        Reason.OUTSIDE_SHIFT,
        Reason.BREAK_IN_THE_WAY,
    ]
    ladder.append(Reason.CROWDED_OUT)
    passed: Sequence[Reason] = ladder[: ladder.index(left.reason)]  # it got further than these
    false = [Reason.NO_SHIFT, Reason.CONFLICT, *passed]
    if left.reason is not Reason.CROWDED_OUT:
        false.append(Reason.CROWDED_OUT)
    return day, _other_reason(plan, left, reason=rng.choice(false), values={})


@breaks(Code.REASON_VALUES_WRONG)
def a_reason_with_wrong_values(day: Day, plan: DayPlan, rng: random.Random) -> Broken:
    wrong = {
        Reason.CROWDED_OUT: {"drop_penalty_s": -1},
        Reason.LEG_TOO_LONG: rng.choice(({"limit_s": day.problem.max_leg_s + 1}, {"driving_s": day.problem.max_leg_s})),
        Reason.NEEDS_UNMET: {"missing": ["a brass band"]},
    }
    choices = [left for left in plan.unassigned if left.reason in wrong]
    if not choices:
        return None
    left = rng.choice(choices)
    return day, _other_reason(plan, left, values={**left.values, **wrong[left.reason]})
