"""The rules of a plan as a whole: its day, its status, who is on it once, and what it adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from routing.checking.drive import Drive
from routing.checking.violations import Violation, ViolationCode
from routing.plan import DayPlan, PlanStatus, Reason
from routing.problem import DayProblem

_CODE = ViolationCode
_FOUND = frozenset({PlanStatus.OPTIMAL, PlanStatus.FEASIBLE})
"""The statuses of a plan that may be driven; the others say that there is none."""

# --- the day and the status ----------------------------------------------------------------------------------------


def _date_is_the_day(problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    if plan.date != problem.date:
        dates = {"plan_date": plan.date.isoformat(), "day_date": problem.date.isoformat()}
        yield Violation(_CODE.DATE_DIFFERS, values=dates)


def _made_for_this_problem(problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    if plan.problem_sha256 is None:  # not stated
        return
    from routing.files import problem_sha256  # here: checking values needs no file format

    day_sha256 = problem_sha256(problem)
    if plan.problem_sha256 != day_sha256:
        hashes = {"plan_sha256": plan.problem_sha256, "day_sha256": day_sha256}
        yield Violation(_CODE.PROBLEM_DIFFERS, values=hashes)


def _no_routes_where_none_was_found(_problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    if plan.routes and plan.status not in _FOUND:
        values = {"status": plan.status.value, "routes": len(plan.routes)}
        yield Violation(_CODE.ROUTES_DESPITE_STATUS, values=values)


def _infeasible_names_the_conflict(problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    if plan.status is not PlanStatus.INFEASIBLE or plan.routes:
        return
    in_conflict = {left.visit for left in plan.unassigned if left.reason is Reason.CONFLICT}
    if not any(visit.required and visit.id in in_conflict for visit in problem.visits):
        yield Violation(_CODE.CONFLICT_UNNAMED)


# --- who is on it --------------------------------------------------------------------------------------------------


def _shifts_are_known(problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    for shift in dict.fromkeys(route.shift for route in plan.routes):
        if shift not in problem.shift_by_id:
            yield Violation(_CODE.SHIFT_UNKNOWN, shift=shift)


def _shifts_drive_once(_problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    for shift, routes in Counter(route.shift for route in plan.routes).items():
        if routes > 1:
            yield Violation(_CODE.SHIFT_TWICE, shift=shift, values={"routes": routes})


def _routes_have_stops(_problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    for route in plan.routes:
        if not route.stops:
            yield Violation(_CODE.ROUTE_EMPTY, shift=route.shift)


def _visits_are_known(problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    for route in plan.routes:
        for stop in route.stops:
            if stop.visit not in problem.visit_by_id:
                yield Violation(_CODE.VISIT_UNKNOWN, visit=stop.visit, shift=route.shift)
    for left in plan.unassigned:
        if left.visit not in problem.visit_by_id:
            yield Violation(_CODE.VISIT_UNKNOWN, visit=left.visit)


def _visits_are_there_once(problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    served = Counter(stop.visit for route in plan.routes for stop in route.stops)
    unassigned = Counter(left.visit for left in plan.unassigned)
    for visit in problem.visits:
        if served[visit.id] + unassigned[visit.id] > 1:
            times = {"served": served[visit.id], "unassigned": unassigned[visit.id]}
            yield Violation(_CODE.VISIT_TWICE, visit=visit.id, values=times)


def _visits_are_all_there(problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    if plan.status not in _FOUND:  # then only the conflict has to be named
        return
    there = plan.served | {left.visit for left in plan.unassigned}
    for visit in problem.visits:
        if visit.id not in there:
            yield Violation(_CODE.VISIT_MISSING, visit=visit.id)


def _required_visits_are_served(problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    if plan.status not in _FOUND:
        return
    left_out = {left.visit for left in plan.unassigned} - plan.served  # neither served nor left out: VISIT_MISSING
    for visit in problem.visits:
        if visit.required and visit.id in left_out:
            yield Violation(_CODE.REQUIRED_LEFT_OUT, visit=visit.id)


# --- what it adds up to --------------------------------------------------------------------------------------------


def _objective_adds_up(problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    if plan.objective_s is None and plan.status not in _FOUND:
        return
    by_the_legs = objective_by_the_legs(problem, plan)
    by_the_routes = plan.travel_s + _penalties_s(problem, plan)  # a route's wrong travel has its own code
    if plan.objective_s not in (by_the_legs, by_the_routes):
        values = {"objective_s": plan.objective_s, "expected_s": by_the_legs}
        yield Violation(_CODE.OBJECTIVE_WRONG, values=values)


def _bound_is_not_above(problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    if plan.objective_s is None and plan.status not in _FOUND:  # a bound on plans of which none was found
        return
    if plan.lower_bound_s is not None and plan.lower_bound_s > max(_objectives(problem, plan)):
        yield Violation(_CODE.BOUND_ABOVE_OBJECTIVE, values=_bound(plan))


def _optimal_is_proved(problem: DayProblem, plan: DayPlan) -> Iterator[Violation]:
    if plan.status is not PlanStatus.OPTIMAL:
        return
    objectives = _objectives(problem, plan)
    bound_s = plan.lower_bound_s
    if bound_s is None or (bound_s < max(objectives) and bound_s not in objectives):
        yield Violation(_CODE.OPTIMAL_UNPROVEN, values=_bound(plan))


def _objectives(problem: DayProblem, plan: DayPlan) -> set[int]:
    """The right objective and, because a wrong one has its own code, the stated one."""
    right = objective_by_the_legs(problem, plan)
    return {right} if plan.objective_s is None else {right, plan.objective_s}


def objective_by_the_legs(problem: DayProblem, plan: DayPlan) -> int:
    """Driving of all legs plus the penalties; a route with a leg that is not known is taken at its word."""
    driving_s = 0
    for route in plan.routes:
        known_s = Drive(problem, route).travel_s if route.stops else 0
        driving_s += route.travel_s if known_s is None else known_s
    return driving_s + _penalties_s(problem, plan)


def _penalties_s(problem: DayProblem, plan: DayPlan) -> int:
    return sum(visit.drop_penalty_s for visit in problem.visits if visit.id not in plan.served)


def _bound(plan: DayPlan) -> dict[str, object]:
    return {"lower_bound_s": plan.lower_bound_s, "objective_s": plan.objective_s}


PLAN_RULES: tuple[Callable[[DayProblem, DayPlan], Iterator[Violation]], ...] = (
    _date_is_the_day,
    _made_for_this_problem,
    _no_routes_where_none_was_found,
    _infeasible_names_the_conflict,
    _shifts_are_known,
    _shifts_drive_once,
    _routes_have_stops,
    _visits_are_known,
    _visits_are_there_once,
    _visits_are_all_there,
    _required_visits_are_served,
    _objective_adds_up,
    _bound_is_not_above,
    _optimal_is_proved,
)
"""Every rule of the plan as a whole, in the order of the report."""
