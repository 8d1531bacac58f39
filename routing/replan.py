"""Carries a plan over to a day that changed: the same routes in the same order, timed anew on the new problem."""

from __future__ import annotations

from collections.abc import Collection

from routing.explain import why_left_out
from routing.plan import Certificate, DayPlan, PlanStatus, Route
from routing.problem import DayProblem
from routing.schedule import Infeasible, schedule_route


def keep_routes(problem: DayProblem, plan: DayPlan, *, leave_out: Collection[str] = ()) -> DayPlan | None:
    """The routes of ``plan`` without ``leave_out``, timed on ``problem``; visits unknown to it are dropped.

    Returns ``None`` where an order of stops can no longer be driven (a shift is gone, a leg became too long, a window
    is missed) or a required visit would be left out. Optional visits that are on no route are unassigned with their
    reason.
    """
    routes: list[Route] = []
    for route in plan.routes:
        order = [
            stop.visit for stop in route.stops if stop.visit in problem.visit_by_id and stop.visit not in leave_out
        ]
        if not order:
            continue
        shift = problem.shift_by_id.get(route.shift)
        timed = None if shift is None else schedule_route(problem, shift, order)
        if timed is None or isinstance(timed, Infeasible):
            return None
        routes.append(timed)
    served = {stop.visit for route in routes for stop in route.stops}
    orders = {route.shift: tuple(stop.visit for stop in route.stops) for route in routes}
    left = [visit for visit in problem.visits if visit.id not in served]
    if any(visit.required for visit in left):
        return None
    return DayPlan(
        date=problem.date,
        status=PlanStatus.FEASIBLE,
        objective_s=sum(route.travel_s for route in routes) + sum(visit.drop_penalty_s for visit in left),
        lower_bound_s=None,
        problem_sha256=None,
        certificate=Certificate(method="kept", seconds=0.0),
        routes=tuple(routes),
        unassigned=tuple(why_left_out(problem, orders, visit) for visit in left),
    )
