"""Carries a plan over to a day that changed: the same routes in the same order, timed anew, new promises put in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import takewhile

from routing.explain import why_left_out
from routing.files import problem_sha256
from routing.plan import Certificate, DayPlan, PlanStatus, Route, Stop
from routing.problem import DayProblem, Visit
from routing.schedule import schedule_route


def keep_routes(problem: DayProblem, plan: DayPlan, *, leave_out: Collection[str] = ()) -> DayPlan | None:
    """The routes of ``plan`` without ``leave_out``, timed on ``problem``; visits unknown to it are dropped.

    Returns ``None`` where an order of stops can no longer be driven (a shift is gone, a leg became too long, a window
    is missed) or a required visit would be left out. Optional visits that are on no route are unassigned with their
    reason.
    """
    routes = _kept(problem, plan, frozenset(leave_out))
    if routes is None or any(visit.required for visit in _left_out(problem, routes)):
        return None
    return _as_plan(problem, routes, "kept")


def keep_and_insert(problem: DayProblem, plan: DayPlan | None, *, now_s: int | None = None) -> DayPlan | None:
    """The routes of ``plan`` kept, and every required visit that is on none of them put in where it adds least driving.

    Nothing is moved to make room, so ``None`` (it cannot be done this way) proves nothing.

    Args:
        plan: what the day stands on; ``None`` where it stands on nothing yet.
        now_s: where the day is under way, the second of the day it is: what has begun by then stays as it was, and
            nothing new begins before it.
    """
    routes = {} if plan is None else _kept(problem, plan, frozenset())
    if routes is None:
        return None
    before = {} if plan is None else {route.shift: route for route in plan.routes}
    new = [visit for visit in _left_out(problem, routes) if visit.required]
    for visit in sorted(new, key=lambda visit: (visit.windows[0], visit.id)):
        route = _cheapest(problem, routes, visit, before, now_s)
        if route is None:
            return None
        routes = {**routes, route.shift: route}
    return _as_plan(problem, routes, "inserted")


def begun_alike(before: DayPlan | None, after: DayPlan, now_s: int) -> bool:
    """Whether everything that ``after`` lets begin before ``now_s`` is what ``before`` let begin: vans cannot go back.

    A van has begun a stop when it has set out for it: that stop stays where it is. Stops that ``after`` no longer has
    are not looked for.
    """
    old = {} if before is None else {route.shift: route for route in before.routes}
    new = {route.shift: route for route in after.routes}
    kept = all(_keeps_begun(route, new.get(route.shift), after.served, now_s) for route in old.values())
    return kept and all(_begun_alike(old.get(route.shift), route, now_s) for route in after.routes)


def _keeps_begun(before: Route, after: Route | None, served: frozenset[str], now_s: int) -> bool:
    """Whether a van that is on its way goes where it set out for, before anything new."""
    begun = [stop.visit for stop in _begun(before, now_s) if stop.visit in served]
    return begun == ([] if after is None else [stop.visit for stop in after.stops[: len(begun)]])


def _begun_alike(before: Route | None, after: Route, now_s: int) -> bool:
    if before is not None and not _keeps_begun(before, after, frozenset(stop.visit for stop in after.stops), now_s):
        return False
    begun = _begun(after, now_s)
    if not begun:
        return True
    if before is None or before.start_s != after.start_s or before.stops[: len(begun)] != begun:
        return False
    return after.break_ is None or after.break_.start_s >= now_s or after.break_ == before.break_


def _begun(route: Route, now_s: int) -> tuple[Stop, ...]:
    """The stops the van has set out for before ``now_s``."""
    sets_out_s = [route.start_s, *(stop.depart_s for stop in route.stops)]
    pairs = zip(sets_out_s, route.stops, strict=False)
    return tuple(stop for _, stop in takewhile(lambda pair: pair[0] < now_s, pairs))


def _kept(problem: DayProblem, plan: DayPlan, leave_out: frozenset[str]) -> Mapping[str, Route] | None:
    """The plan's routes on the problem, by shift; ``None`` where one of them is not legal there."""
    routes: dict[str, Route] = {}
    for route in plan.routes:
        order = [
            stop.visit for stop in route.stops if stop.visit in problem.visit_by_id and stop.visit not in leave_out
        ]
        if not order:
            continue
        shift = problem.shift_by_id.get(route.shift)
        timed = None if shift is None else schedule_route(problem, shift, order)
        if not isinstance(timed, Route):
            return None
        routes[route.shift] = timed
    return routes


def _left_out(problem: DayProblem, routes: Mapping[str, Route]) -> list[Visit]:
    served = {stop.visit for route in routes.values() for stop in route.stops}
    return [visit for visit in problem.visits if visit.id not in served]


def _cheapest(
    problem: DayProblem, routes: Mapping[str, Route], visit: Visit, before: Mapping[str, Route], now_s: int | None
) -> Route | None:
    """The route that takes ``visit`` in with the least more driving; ties go to the shift and place named first."""
    best: tuple[int, Route] | None = None
    for shift in problem.shifts:
        old = routes.get(shift.id)
        order = () if old is None else tuple(stop.visit for stop in old.stops)
        driven_s = 0 if old is None else old.travel_s
        for at in range(len(order) + 1):
            route = schedule_route(problem, shift, (*order[:at], visit.id, *order[at:]))
            if not isinstance(route, Route) or (best is not None and route.travel_s - driven_s >= best[0]):
                continue
            if now_s is None or _begun_alike(before.get(shift.id), route, now_s):
                best = (route.travel_s - driven_s, route)
    return None if best is None else best[1]


def _as_plan(problem: DayProblem, routes: Mapping[str, Route], method: str) -> DayPlan:
    driven = tuple(routes[shift.id] for shift in problem.shifts if shift.id in routes)
    orders = {route.shift: tuple(stop.visit for stop in route.stops) for route in driven}
    left = _left_out(problem, routes)
    return DayPlan(
        date=problem.date,
        status=PlanStatus.FEASIBLE,
        objective_s=sum(route.travel_s for route in driven) + sum(visit.drop_penalty_s for visit in left),
        lower_bound_s=None,
        problem_sha256=problem_sha256(problem),
        certificate=Certificate(method=method, seconds=0.0),
        routes=driven,
        unassigned=tuple(why_left_out(problem, orders, visit) for visit in left),
    )
