"""Judges the orders of any solver by the same rules: times every route, drops what cannot be driven, asks the checker.

A rival's model is not quite ours (it may know no breaks, no limit of a leg), so its route may be illegal here. Such a
route loses one stop after the other until it is legal; how many were dropped is counted and said. A day that leaves
out a required visit has no objective: it may not be driven.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.case import Answer, Case, Goods
from routing.check import check
from routing.explain import why_left_out
from routing.files import problem_sha256
from routing.insertion import Orders
from routing.plan import Certificate, DayPlan, PlanStatus, Route
from routing.problem import DayProblem, Shift
from routing.schedule import schedule_route
from routing.solver.task import omission_penalty_s


@dataclass(frozen=True, slots=True)
class Judged:
    """Orders by our rules.

    Attributes:
        objective_s: driving and omissions; ``None`` where a promise is broken.
        left_out: visits on no route, promises among them.
        broken: promises on no route.
        dropped: stops taken off because their route could not be driven.
        violations: what the checker says of the plan.
    """

    objective_s: int | None
    left_out: int
    broken: int
    dropped: int
    violations: int


def judge(case: Case, answer: Answer) -> Judged:
    """The answer by our rules; a plan the solver made itself is checked as it is."""
    problem = case.problem
    routes, dropped = legal_routes(case, answer.orders)
    served = {stop.visit for route in routes for stop in route.stops}
    left_out = [visit for visit in problem.visits if visit.id not in served]
    broken = sum(visit.required for visit in left_out)
    driven_s = sum(route.travel_s for route in routes)
    objective_s = None if broken else driven_s + sum(visit.drop_penalty_s for visit in left_out)
    plan = answer.plan or plan_of(problem, routes)
    violations = len(check(problem, plan)) if not broken or answer.plan is not None else 0
    if answer.plan is not None and answer.plan.objective_s != objective_s:
        violations += 1  # the plan and its own orders tell two stories
    return Judged(objective_s, len(left_out), broken, dropped, violations)


def legal_routes(case: Case, orders: Orders) -> tuple[list[Route], int]:
    """The orders as routes of ours, and how many stops had to be dropped for that."""
    routes, dropped = [], 0
    for shift in case.problem.shifts:
        order = tuple(orders.get(shift.id, ()))
        while order:
            route = _driven(case, shift, order)
            if route is not None:
                routes.append(route)
                break
            order = _lightened(case, shift, order)
            dropped += 1
    return routes, dropped


def plan_of(problem: DayProblem, routes: Sequence[Route]) -> DayPlan:
    """The plan of legal routes, with a reason for every visit that is out."""
    orders = {route.shift: tuple(stop.visit for stop in route.stops) for route in routes}
    served = {visit for order in orders.values() for visit in order}
    left_out = [visit for visit in problem.visits if visit.id not in served]
    objective_s = sum(route.travel_s for route in routes) + sum(visit.drop_penalty_s for visit in left_out)
    return DayPlan(
        date=problem.date,
        status=PlanStatus.FEASIBLE,
        objective_s=objective_s,
        lower_bound_s=None,
        problem_sha256=problem_sha256(problem),
        certificate=Certificate("a rival's orders", 0.0),
        routes=tuple(routes),
        unassigned=tuple(why_left_out(problem, orders, visit) for visit in left_out),
    )


def _driven(case: Case, shift: Shift, order: tuple[str, ...]) -> Route | None:
    if _too_heavy(case.goods, order):
        return None
    route = schedule_route(case.problem, shift, order)
    return route if isinstance(route, Route) else None


def _too_heavy(goods: Goods | None, order: tuple[str, ...]) -> bool:
    return goods is not None and goods.carried(order) > goods.capacity


def _lightened(case: Case, shift: Shift, order: tuple[str, ...]) -> tuple[str, ...]:
    """The order without the stop that is cheapest to leave out, if possible one whose going makes it legal."""
    cheapest = sorted(order, key=lambda visit: omission_penalty_s(case.problem, visit))
    shorter = [tuple(other for other in order if other != visit) for visit in cheapest]
    legal = (rest for rest in shorter if rest and _driven(case, shift, rest) is not None)
    return next(legal, shorter[0])
