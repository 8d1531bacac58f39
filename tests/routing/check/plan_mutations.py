"""Mistakes in a plan as a whole: who is on it, what it adds up to, why a visit is left out."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from routing.check import ViolationCode as Code
from routing.plan import DayPlan, PlanStatus, Reason, Route, Unassigned
from tests.routing.check.days import Day, empty_plan
from tests.routing.check.mutation_kit import (
    Broken,
    a_shift_like,
    a_stop,
    breaks,
    order_of,
    shift_of,
    with_route,
    with_stop,
    without,
)

# --- the plan as a whole ----------------------------------------------------------------------------------------------


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


# --- sums and status --------------------------------------------------------------------------------------------------


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


# --- visits left out --------------------------------------------------------------------------------------------------


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
