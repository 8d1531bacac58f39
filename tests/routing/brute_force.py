"""Every plan of a small day, tried one by one with the checker as the judge; shares nothing with schedule or solver.

Every order of every choice of visits, with every break start on the five-minute grid of
:mod:`tests.routing.ruled_days`, is written down as a route in the plainest way and handed to
:func:`routing.check.check`. What it accepts is a route.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, permutations

from routing.check import check
from routing.plan import BreakTaken, Certificate, DayPlan, PlanStatus, Route, Stop
from routing.problem import DayProblem, Shift, Visit
from tests.routing.ruled_days import GRID_S

Served = frozenset[str]


def least_cost(problem: DayProblem) -> int | None:
    """Driving and penalties of the best plan of a day on the grid; ``None`` where none serves all required visits."""
    best: dict[Served, int] = {frozenset(): 0}
    for shift in problem.shifts:
        routes = _accepted_routes(problem, shift)
        longer = dict(best)
        for served, cost_s in best.items():
            for more, travel_s in routes.items():
                both = served | more
                if not served & more and cost_s + travel_s < longer.get(both, 10**12):
                    longer[both] = cost_s + travel_s
        best = longer
    costs = [
        cost_s + sum(visit.drop_penalty_s for visit in problem.visits if visit.id not in served)
        for served, cost_s in best.items()
        if all(visit.id in served for visit in problem.visits if visit.required)
    ]
    return min(costs, default=None)


def _accepted_routes(problem: DayProblem, shift: Shift) -> dict[Served, int]:
    """The shortest route the checker accepts for every set of visits."""
    found: dict[Served, int] = {}
    for size in range(1, len(problem.visits) + 1):
        for order in permutations(problem.visits, size):
            served = frozenset(visit.id for visit in order)
            legs = _legs(problem, shift, order)
            if None in legs or sum(leg or 0 for leg in legs) >= found.get(served, 10**12):
                continue  # no road, or known to be done with less driving
            driving = [leg or 0 for leg in legs]
            if any(_is_accepted(problem, shift, route) for route in _routes(shift, order, driving)):
                found[served] = sum(driving)
    return found


def _legs(problem: DayProblem, shift: Shift, order: tuple[Visit, ...]) -> list[int | None]:
    places = [shift.start_place, *(visit.place for visit in order), shift.end_place]
    return [problem.driving_s(here, there) for here, there in pairwise(places)]


def _is_accepted(problem: DayProblem, shift: Shift, route: Route) -> bool:
    alone = DayPlan(problem.date, PlanStatus.FEASIBLE, None, None, None, Certificate("", 0), (route,), ())
    return not any(violation.shift == shift.id for violation in check(problem, alone))


def _routes(shift: Shift, order: tuple[Visit, ...], legs: list[int]) -> Iterator[Route]:
    """The order with every possible break start; right or wrong is for the checker to say."""
    if shift.break_ is None:
        yield _route(shift, order, legs, None)
        return
    for start_s in range(shift.break_.earliest_start_s, shift.break_.latest_start_s + 1, GRID_S):
        yield _route(shift, order, legs, BreakTaken(start_s, start_s + shift.break_.duration_s))


def _route(shift: Shift, order: tuple[Visit, ...], legs: list[int], rest: BreakTaken | None) -> Route:
    first_s = _first_start_s(order[0], _arrival_s(_awake_s(shift.start_s, rest), legs[0], rest), rest)
    start_s = depart_s = _latest_departure_s(shift, legs[0], first_s, rest)
    stops = []
    for visit, driving_s in zip(order, legs, strict=False):
        arrive_s = _arrival_s(depart_s, driving_s, rest)
        begin_s = _first_start_s(visit, arrive_s, rest)
        depart_s = begin_s + visit.service_s
        stops.append(Stop(visit.id, arrive_s, begin_s, depart_s))
    return Route(shift.id, start_s, _arrival_s(depart_s, legs[-1], rest), sum(legs), rest, tuple(stops))


def _awake_s(from_s: int, rest: BreakTaken | None) -> int:
    return rest.end_s if rest is not None and rest.start_s < from_s < rest.end_s else from_s


def _arrival_s(depart_s: int, driving_s: int, rest: BreakTaken | None) -> int:
    """Second by second it would be: drive unless the break is on."""
    if rest is not None and depart_s <= rest.start_s < depart_s + driving_s:
        return depart_s + driving_s + rest.end_s - rest.start_s
    return depart_s + driving_s


def _first_start_s(visit: Visit, arrive_s: int, rest: BreakTaken | None) -> int:
    """The first grid moment in a window at which service and break are apart; the arrival where there is none."""
    last_s = max(window.closes_s for window in visit.windows)
    for begin_s in range(arrive_s, last_s + 1, GRID_S):
        apart = rest is None or begin_s + visit.service_s <= rest.start_s or begin_s >= rest.end_s
        if apart and any(begin_s in window for window in visit.windows):
            return begin_s
    return arrive_s


def _latest_departure_s(shift: Shift, driving_s: int, first_start_s: int, rest: BreakTaken | None) -> int:
    """The last grid moment from which the first service is reached in time, the crew not just at rest."""
    for depart_s in range(first_start_s, shift.start_s, -GRID_S):
        if depart_s == _awake_s(depart_s, rest) and _arrival_s(depart_s, driving_s, rest) <= first_start_s:
            return depart_s
    return shift.start_s
