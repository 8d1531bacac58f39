"""Turns routes that serve the new visit into a proof: a plan of the day with the visit in it, accepted by the checker.

A quote changes one route of a standing plan, seldom more. What the checker says of a route depends on that route, its
shift and its visits alone, so a quote is checked on a day of just the changed vans. The whole day is put together, and
checked as a whole, when somebody asks for the witness.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from routing.check import check
from routing.errors import SolveError
from routing.files import problem_sha256
from routing.plan import Certificate, DayPlan, PlanStatus, Route
from routing.problem import DayProblem, Place, Visit, Window
from routing.quote.slots import Method, QuotedDay, SlotQuote
from routing.quote.timing import slacks


@dataclass(frozen=True)
class Proof:
    """All routes of the day with the new visit on one of them.

    Attributes:
        day: the day as it stands.
        visit: the new visit, required, with the one window it is quoted for.
        place: where it is.
        routes: every route that drives, in the order of the problem's shifts.
        method: how they were found.
    """

    day: QuotedDay
    visit: Visit
    place: Place
    routes: tuple[Route, ...]
    method: Method

    @cached_property
    def problem(self) -> DayProblem:
        """The standing day with the new visit in it."""
        return problem_with(self.day, self.visit, self.place)

    @cached_property
    def witness(self) -> DayPlan:
        """The plan, checked.

        Raises:
            SolveError: ``PLAN_REFUSED``.
        """
        plan = _plan(self.problem, self.routes, self.method, problem_sha256(self.problem))
        _refuse_unless_legal(self.problem, plan)
        return plan

    @cached_property
    def changed(self) -> tuple[Route, ...]:
        """The routes that are not standing ones."""
        standing = self.day.routes.route_by_shift
        return tuple(route for route in self.routes if standing.get(route.shift) != route)


def problem_with(day: QuotedDay, visit: Visit, place: Place, reserves: Sequence[Visit] = ()) -> DayProblem:
    """The day with the new place last and the new visit (and, where named, the reserves) among its visits by id."""
    problem = day.routes.problem
    travel_s = (*(map(_longer, problem.travel_s, day.to_new_s)), (*day.from_new_s, 0))
    visits = sorted((*problem.visits, visit, *reserves), key=lambda other: other.id)
    return replace(problem, places=(*problem.places, place), travel_s=travel_s, visits=tuple(visits))


def problem_of_vans(day: QuotedDay, visit: Visit, place: Place, shifts: Iterable[str], others: set[str]) -> DayProblem:
    """A day of some of the vans, the new visit and some of the standing ones, and no place besides theirs."""
    problem = day.routes.problem
    vans = tuple(problem.shift_by_id[shift] for shift in shifts)
    visits = tuple(other for other in problem.visits if other.id in others)
    names = dict.fromkeys(
        [*(p for van in vans for p in (van.start_place, van.end_place)), *(other.place for other in visits)]
    )
    indices = [problem.place_index[name] for name in names]
    rows = [problem.travel_s[here] for here in indices]
    return DayProblem(
        date=problem.date,
        places=(*(problem.places[index] for index in indices), place),
        travel_s=(
            *(
                (*(row[there] for there in indices), day.to_new_s[here])
                for here, row in zip(indices, rows, strict=True)
            ),
            (*(day.from_new_s[there] for there in indices), 0),
        ),
        shifts=vans,
        visits=(*visits, visit),
        max_leg_s=problem.max_leg_s,
    )


def promised(visit: Visit, window: Window) -> Visit:
    """The visit as it would be promised: required, in this window."""
    return replace(visit, windows=(window,), required=True)


def quote_of(proof: Proof, part: DayProblem | None = None) -> SlotQuote:
    """The quote of a proof whose changed routes the checker accepts.

    Args:
        proof: the routes.
        part: the day of the changed vans and their visits alone, where it has been built already.

    Raises:
        SolveError: ``PLAN_REFUSED`` (``codes``) where the checker refuses a route: it is never offered.
    """
    if part is None:
        shifts = [route.shift for route in proof.changed]
        others = {stop.visit for route in proof.changed for stop in route.stops} - {proof.visit.id}
        part = problem_of_vans(proof.day, proof.visit, proof.place, shifts, others)
    _refuse_unless_legal(part, _plan(part, proof.changed, proof.method, None))
    route = next(r for r in proof.changed if any(stop.visit == proof.visit.id for stop in r.stops))
    at = next(index for index, stop in enumerate(route.stops) if stop.visit == proof.visit.id)
    spare_s = slacks(part, route)
    return SlotQuote(
        date=proof.day.date,
        window=proof.visit.windows[0],
        shift=route.shift,
        proof=proof,
        start_s=route.stops[at].start_s,
        detour_s=sum(route.travel_s for route in proof.routes) - proof.day.routes.travel_s,
        slack_s=spare_s[at],
        least_slack_s=min(spare_s),
        method=proof.method,
    )


def _longer(row: tuple[int | None, ...], last: int | None) -> tuple[int | None, ...]:
    return (*row, last)


def _plan(problem: DayProblem, routes: Sequence[Route], method: Method, sha256: str | None) -> DayPlan:
    return DayPlan(
        date=problem.date,
        status=PlanStatus.FEASIBLE,
        objective_s=sum(route.travel_s for route in routes),
        lower_bound_s=None,
        problem_sha256=sha256,
        certificate=Certificate(method=method, seconds=0.0),
        routes=tuple(routes),
        unassigned=(),
    )


def _refuse_unless_legal(problem: DayProblem, plan: DayPlan) -> None:
    codes = sorted({str(violation.code) for violation in check(problem, plan)})
    if codes:
        raise SolveError("PLAN_REFUSED", f"the checker refuses the plan: {', '.join(codes)}", codes=tuple(codes))
