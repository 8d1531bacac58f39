"""Plans one service day: set aside what cannot be, search, time every route again, say why for the rest, check."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from routing.errors import SolveError
from routing.explain import proved_impossible, stepping_stones_help, why_left_out, why_not_alone
from routing.files import problem_sha256
from routing.insertion import Orders, cheapest_insertion, orders_of
from routing.plan import Certificate, DayPlan, PlanStatus, Reason, Route, Unassigned
from routing.problem import DAY_S, MAX_PENALTY_S, DayProblem, Visit
from routing.schedule import break_bounds, schedule_route
from routing.solver import exhaustive, worker
from routing.solver.budget import SearchBudget
from routing.solver.task import SearchTask, omission_penalty_s

METHOD_EXHAUSTIVE = "exhaustive"
METHOD_KEPT = "kept"
INTERRUPTED = " (interrupted)"
"""Behind the method of a plan whose search ended before it was done: the best it had told, or what it began with."""


def solve_day(problem: DayProblem, *, budget: SearchBudget, start_from: DayPlan | None = None) -> DayPlan:
    """Plan the day within the budget and have the plan checked by code that did not make it.

    Args:
        problem: the day.
        budget: seconds, processor seconds, or solutions (repeatable). Days of a few visits are solved by trying
            everything and spend none.
        start_from: a plan to begin from, of this day or an earlier state of it; the result is never worse than what of
            it is still legal.

    Returns:
        A plan with status ``OPTIMAL`` (proved), ``FEASIBLE``, ``INFEASIBLE`` (proved; no routes; the conflicting visits
        named) or ``UNKNOWN`` (a required visit was not placed, and nothing was proved; no routes).

    Raises:
        SolveError: ``PLAN_REFUSED`` (``codes``) when the checker refuses the plan; ``SOLVER_TIMEOUT``,
            ``SOLVER_KILLED`` when the search process ended before it had told of any day and there was none to begin
            from (otherwise the plan says ``(interrupted)`` in its method); ``SOLVER_FAILED`` when it raised.
    """
    return _checked(problem, solve_without_check(problem, budget=budget, start_from=start_from))


def _checked(problem: DayProblem, plan: DayPlan) -> DayPlan:
    from routing.check import check  # here, so that the checker never depends on what it checks

    codes = sorted({str(violation.code) for violation in check(problem, plan)})
    if codes:
        raise SolveError("PLAN_REFUSED", f"the checker refuses the plan: {', '.join(codes)}", codes=tuple(codes))
    return plan


def solve_breaking_fewest(problem: DayProblem, *, budget: SearchBudget, start_from: DayPlan | None = None) -> DayPlan:
    """The checked plan that serves as many required visits as were found to fit, for a day that cannot keep them all.

    The plan belongs to ``relax_required(problem)``: its hash, its objective, and the problem to check it against.
    """
    return solve_day(relax_required(problem), budget=budget, start_from=start_from)


def relax_required(problem: DayProblem) -> DayProblem:
    """The same day with no visit required, and leaving out a formerly required one dearer than all the rest."""
    optional = sum(visit.drop_penalty_s for visit in problem.visits if not visit.required)
    broken_promise_s = min(MAX_PENALTY_S, optional + DAY_S * len(problem.shifts) + 1)
    return replace(
        problem,
        visits=tuple(
            replace(visit, required=False, drop_penalty_s=broken_promise_s) if visit.required else visit
            for visit in problem.visits
        ),
    )


def find_plan(problem: DayProblem, *, budget: SearchBudget, start_from: DayPlan | None = None) -> DayPlan:
    """Any checked plan that serves everybody it must, however long the driving, or the proof that there is none.

    For whoever asks on the phone whether a day can be kept at all: far quicker than :func:`solve_day`. Status,
    arguments and errors are those of :func:`solve_day`, except that an infeasible day names no conflict.
    """
    return _checked(problem, solve_without_check(problem, budget=budget, start_from=start_from, any_plan=True))


def solve_without_check(
    problem: DayProblem, *, budget: SearchBudget, start_from: DayPlan | None = None, any_plan: bool = False
) -> DayPlan:
    """:func:`solve_day` (or, with ``any_plan``, :func:`find_plan`) without the checker, for measuring and for tests."""
    writer = _PlanWriter(problem)
    impossible = proved_impossible(problem)
    hopeless = [visit for visit in impossible if problem.visit_by_id[visit].required]
    if hopeless:
        reasons = {visit: _conflict(problem, [visit])[visit] for visit in hopeless}
        return writer.no_plan(PlanStatus.INFEASIBLE, METHOD_EXHAUSTIVE, reasons)
    visits = [visit.id for visit in problem.visits if visit.id not in impossible]
    if len(visits) <= exhaustive.MAX_VISITS:
        orders = exhaustive.best_day(problem, visits)
        if orders is None:
            reasons = _conflict(problem, _required_conflict(problem, visits))
            return writer.no_plan(PlanStatus.INFEASIBLE, METHOD_EXHAUSTIVE, reasons)
        return writer.plan(PlanStatus.OPTIMAL, METHOD_EXHAUSTIVE, _legal_routes(problem, orders))
    found = worker.run(
        SearchTask(
            problem=problem,
            visits=tuple(visits),
            shifts=tuple(
                shift.id for shift in problem.shifts if shift.break_ is None or break_bounds(shift) is not None
            ),
            budget=budget,
            start=_still_legal(problem, visits, start_from),
            any_plan=any_plan,
        )
    )
    writer.versions = found.versions
    method = (found.method or METHOD_KEPT) + (INTERRUPTED if found.interrupted else "")
    routes = _complete(problem, visits, _legal_routes(problem, found.orders or {}))
    missing = _missing_required(problem, routes)
    if any_plan:
        return _any_plan(problem, routes, missing, found.proved, method, writer)
    if not missing:
        aside_s = sum(problem.visit_by_id[visit].drop_penalty_s for visit in impossible)
        bound_s = None if found.bound_s is None else found.bound_s + aside_s
        return writer.plan(PlanStatus.FEASIBLE, method, routes, bound_s)
    if found.conflict:
        tried = exhaustive.can_be_tried(problem, visits)
        conflict = _required_conflict(problem, visits) if tried else found.conflict
        return writer.no_plan(PlanStatus.INFEASIBLE, method, _conflict(problem, conflict))
    return _without_all_required(problem, visits, routes, missing, writer, method)


def _any_plan(
    problem: DayProblem,
    routes: dict[str, Route],
    missing: Sequence[Visit],
    proved: bool,
    method: str,
    writer: _PlanWriter,
) -> DayPlan:
    if not missing:
        return writer.plan(PlanStatus.FEASIBLE, method, routes)
    if proved:
        required = [visit.id for visit in problem.visits if visit.required]
        return writer.no_plan(PlanStatus.INFEASIBLE, method, _conflict(problem, required))
    found = {shift_id: tuple(stop.visit for stop in route.stops) for shift_id, route in routes.items()}
    reasons = {visit.id: why_left_out(problem, found, visit) for visit in missing}
    return writer.no_plan(PlanStatus.UNKNOWN, method, reasons)


# ------------------------------------------------------------------------------------------ from orders to routes


def _legal_routes(problem: DayProblem, orders: Orders) -> dict[str, Route]:
    """Orders timed by :mod:`routing.schedule`. One it refuses loses its cheapest visit until it is legal."""
    routes: dict[str, Route] = {}
    for shift_id, order in orders.items():
        while order:
            route = schedule_route(problem, problem.shift_by_id[shift_id], order)
            if isinstance(route, Route):
                routes[shift_id] = route
                break
            order = _lightened(problem, shift_id, order)
    return routes


def _lightened(problem: DayProblem, shift_id: str, order: tuple[str, ...]) -> tuple[str, ...]:
    """The order without the visit that is cheapest to leave out; first of all one whose going makes it legal."""
    shift = problem.shift_by_id[shift_id]
    ranked = sorted(order, key=lambda visit: omission_penalty_s(problem, visit))
    shorter = [tuple(other for other in order if other != visit) for visit in ranked]
    legal = [rest for rest in shorter if rest and isinstance(schedule_route(problem, shift, rest), Route)]
    return legal[0] if legal else shorter[0]


def _complete(problem: DayProblem, visits: Sequence[str], routes: dict[str, Route]) -> dict[str, Route]:
    """Insert what is on no route where it fits and costs less than leaving it out; required visits first."""
    routes = dict(routes)
    served = {stop.visit for route in routes.values() for stop in route.stops}
    waiting = [problem.visit_by_id[visit] for visit in visits if visit not in served]
    for visit in sorted(waiting, key=lambda visit: -omission_penalty_s(problem, visit.id)):
        orders = {shift_id: tuple(stop.visit for stop in route.stops) for shift_id, route in routes.items()}
        insertion = cheapest_insertion(problem, orders, visit.id)
        if insertion is not None and insertion.detour_s < omission_penalty_s(problem, visit.id):
            routes[insertion.route.shift] = insertion.route
    return routes


def _still_legal(problem: DayProblem, visits: Sequence[str], plan: DayPlan | None) -> Orders:
    """What of an earlier plan can be driven on this problem, with the visits new since then inserted where they fit."""
    if plan is None:
        return {}
    wanted = set(visits)
    orders = {
        shift_id: tuple(visit for visit in order if visit in wanted)
        for shift_id, order in orders_of(plan).items()
        if shift_id in problem.shift_by_id
    }
    routes = _complete(problem, visits, _legal_routes(problem, orders))
    return {shift_id: tuple(stop.visit for stop in route.stops) for shift_id, route in routes.items()}


# ------------------------------------------------------------------------------------ when promises are not all kept


def _missing_required(problem: DayProblem, routes: Mapping[str, Route]) -> list[Visit]:
    served = {stop.visit for route in routes.values() for stop in route.stops}
    return [visit for visit in problem.visits if visit.required and visit.id not in served]


def _without_all_required(
    problem: DayProblem,
    visits: Sequence[str],
    routes: dict[str, Route],
    missing: Sequence[Visit],
    writer: _PlanWriter,
    method: str,
) -> DayPlan:
    """The search left a required visit out: prove that it had to, or find the plan it missed, or say unknown."""
    suspects = _suspects(problem, missing[0])
    if exhaustive.can_be_tried(problem, suspects) and not stepping_stones_help(problem, suspects):
        conflict = exhaustive.smallest_conflict(problem, suspects, suspects)
        if conflict is not None:
            return writer.no_plan(PlanStatus.INFEASIBLE, METHOD_EXHAUSTIVE, _conflict(problem, conflict))
    required = [visit.id for visit in problem.visits if visit.required]
    tried = visits if exhaustive.can_be_tried(problem, visits) else required
    if exhaustive.can_be_tried(problem, tried):
        orders = exhaustive.best_day(problem, tried)
        if orders is not None:
            complete = _complete(problem, visits, _legal_routes(problem, orders))
            return writer.plan(PlanStatus.FEASIBLE, method, complete)
        if tried is visits:
            reasons = _conflict(problem, _required_conflict(problem, visits))
            return writer.no_plan(PlanStatus.INFEASIBLE, METHOD_EXHAUSTIVE, reasons)
    found = {shift_id: tuple(stop.visit for stop in route.stops) for shift_id, route in routes.items()}
    reasons = {visit.id: why_left_out(problem, found, visit) for visit in missing}
    return writer.no_plan(PlanStatus.UNKNOWN, method, reasons)


def _suspects(problem: DayProblem, missing: Visit) -> list[str]:
    """The missing visit and the required ones nearest to it in time, few enough to try everything."""
    opens_s = missing.windows[0].opens_s
    required = [visit for visit in problem.visits if visit.required]
    required.sort(key=lambda visit: (visit.id != missing.id, abs(visit.windows[0].opens_s - opens_s)))
    return [visit.id for visit in required[: exhaustive.MAX_REQUIRED]]


def _required_conflict(problem: DayProblem, visits: Sequence[str]) -> tuple[str, ...]:
    """Which required visits to name on a day proved infeasible by trying all its visits."""
    required = tuple(visit.id for visit in problem.visits if visit.required)
    smallest = exhaustive.smallest_conflict(problem, visits, required)
    assert smallest is not None
    return smallest


def _conflict(problem: DayProblem, visits: Sequence[str]) -> dict[str, Unassigned]:
    """Why these visits cannot all be kept; of a single one, what is in its way on this day."""
    alone = why_not_alone(problem, problem.visit_by_id[visits[0]]) if len(visits) == 1 else None
    because = {} if alone is None else {"because": alone.reason.value, **alone.values}
    return {
        visit: Unassigned(
            visit, Reason.CONFLICT, {"with": tuple(other for other in visits if other != visit), **because}
        )
        for visit in visits
    }


# ---------------------------------------------------------------------------------------------------- the plan itself


class _PlanWriter:
    """Makes plans of one problem, and knows when the work on them began."""

    def __init__(self, problem: DayProblem) -> None:
        self._problem = problem
        self._began = time.monotonic()
        self.versions: Mapping[str, str] = {}

    def plan(self, status: PlanStatus, method: str, routes: Mapping[str, Route], bound_s: int | None = None) -> DayPlan:
        """A plan of these routes, with a reason for every visit they leave out; optimal where the bound says so."""
        problem = self._problem
        driven = tuple(routes[shift.id] for shift in problem.shifts if shift.id in routes)
        orders = {route.shift: tuple(stop.visit for stop in route.stops) for route in driven}
        served = {visit for order in orders.values() for visit in order}
        left_out = [visit for visit in problem.visits if visit.id not in served]
        objective_s = sum(route.travel_s for route in driven) + sum(visit.drop_penalty_s for visit in left_out)
        if status is PlanStatus.OPTIMAL:
            bound_s = objective_s
        return DayPlan(
            date=problem.date,
            status=PlanStatus.OPTIMAL if bound_s == objective_s else status,
            objective_s=objective_s,
            lower_bound_s=bound_s,
            problem_sha256=problem_sha256(problem),
            certificate=self._certificate(method),
            routes=driven,
            unassigned=tuple(why_left_out(problem, orders, visit) for visit in left_out),
        )

    def no_plan(self, status: PlanStatus, method: str, reasons: Mapping[str, Unassigned]) -> DayPlan:
        """No routes; unassigned are the visits that are the reason for it, not those that merely share the day."""
        return DayPlan(
            date=self._problem.date,
            status=status,
            objective_s=None,
            lower_bound_s=None,
            problem_sha256=problem_sha256(self._problem),
            certificate=self._certificate(method),
            routes=(),
            unassigned=tuple(reasons[visit.id] for visit in self._problem.visits if visit.id in reasons),
        )

    def _certificate(self, method: str) -> Certificate:
        return Certificate(method, round(time.monotonic() - self._began, 3), dict(self.versions))
