"""Looks on larger days for windows that insertion refuses, as long as the effort lasts.

Up to three vans are planned anew by trying everything: with promised windows there are few orders to try, and what is
not found is proved impossible. Of more vans the whole day is asked: branch and price looks for a plan that keeps every
promise and has the visit in one of the windows left (:func:`routing.solver.find_plan`). The window it lands in is taken
out, and the day asked again, until it is proved that no plan has the visit in any of the rest. Where time runs out
before that, groups of two and three vans are tried, the others left alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from routing.errors import SolveError
from routing.plan import PlanStatus, Route
from routing.problem import Place, Visit, Window
from routing.quote.choices import can_choose
from routing.quote.exhaustive import Driven, exhaustive_routes
from routing.quote.sequences import TooManySequences
from routing.quote.slots import Effort, QuotedDay
from routing.quote.tables import DayRoutes
from routing.quote.witness import problem_with
from routing.replan import keep_routes
from routing.schedule import crew_refusal
from routing.solver.budget import SearchBudget

_MOST_SEQUENCES = 1_000_000
_GROUPS = 12
"""Groups of vans tried where no clock ends it."""
_DAYS_AT_ONCE = 4
"""No day may spend more than what is left by as many, while as many are left."""
_SHORTEST_SEARCH_S = 0.1
"""Below this, a search seldom ends with an answer."""
_FEW_VANS = 3
"""So many vans are one group: trying everything decides each window for good. Of more, the whole day is asked first."""


class Purse:
    """What is left of an effort, spent on one day after the other: the first ones, the wished ones, may spend most.

    Args:
        effort: how much.
        days: how many days may draw on it.
        clock: seconds that only go forward.
    """

    def __init__(self, effort: Effort, days: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._effort, self._days, self._clock = effort, days, clock
        self._until: float | None = None

    def share(self) -> Share:
        """The next day's share; the clock starts with the first."""
        if self._effort.solutions is not None:
            return Share(None, self._effort.solutions, self._clock)
        now = self._clock()
        self._until = self._until if self._until is not None else now + self._effort.seconds
        share_s = max(0.0, self._until - now) / min(_DAYS_AT_ONCE, max(1, self._days))
        self._days -= 1
        return Share(now + share_s, None, self._clock)


class Share:
    """One day's part of an effort: until a moment, or a number of solutions a search."""

    def __init__(self, until: float | None, solutions: int | None, clock: Callable[[], float]) -> None:
        self._until, self._solutions, self._clock = until, solutions, clock

    def left_s(self) -> float:
        """Seconds left; endless where solutions are counted instead."""
        return float("inf") if self._until is None else self._until - self._clock()

    @property
    def counted(self) -> bool:
        """Whether solutions are counted instead of seconds."""
        return self._until is None

    def search_budget(self) -> SearchBudget | None:
        """What one search may cost; ``None`` where too little is left."""
        if self._until is None:
            return SearchBudget(solutions=self._solutions)
        seconds = self.left_s()
        return SearchBudget(seconds=seconds) if seconds >= _SHORTEST_SEARCH_S else None


def search_routes(
    visit: Visit, place: Place, day: QuotedDay, windows: Sequence[Window], share: Share
) -> tuple[dict[Window, Driven], set[Window]]:
    """All routes of the day for each window found, reserves left out; and the windows proved impossible."""
    ways = [_by_groups, _by_searching] if len(day.routes.problem.shifts) <= _FEW_VANS else [_by_searching, _by_groups]
    found: dict[Window, Driven] = {}
    impossible: set[Window] = set()
    for way in ways if day.now_s is None else [_by_groups]:
        left = [window for window in windows if window not in found and window not in impossible]
        if left:
            more, never = way(visit, place, day, left, share)
            found, impossible = found | more, impossible | never
    return found, impossible


# ------------------------------------------------------------------------------------------------- some vans at a time


def _by_groups(
    visit: Visit, place: Place, day: QuotedDay, windows: Sequence[Window], share: Share
) -> tuple[dict[Window, Driven], set[Window]]:
    found: dict[Window, Driven] = {}
    for tried, vans in enumerate(_groups(visit, day)):
        left = [window for window in windows if window not in found]
        if not left or share.left_s() <= 0 or (share.counted and tried >= _GROUPS):
            break
        part = _part_of(day, vans)
        problem = part.routes.problem
        if not can_choose(len(vans), len(problem.visits) + len(part.reserves) + 1):
            continue
        try:
            routes, impossible = exhaustive_routes(visit, place, part, left, most=_MOST_SEQUENCES)
        except TooManySequences:
            continue
        found |= {window: _beside_the_others(day, vans, driven) for window, driven in routes.items()}
        if len(vans) == len(day.routes.problem.shifts):
            return found, impossible
    return found, set()


def _groups(visit: Visit, day: QuotedDay) -> Iterator[tuple[str, ...]]:
    """The vans to plan anew together: all of three at most, else pairs and then threes, those that come near first."""
    problem = day.routes.problem
    if len(problem.shifts) <= 3:
        yield tuple(shift.id for shift in problem.shifts)
        return
    near = {shift.id: _nearest_s(day, shift.id) for shift in problem.shifts}
    able = {shift.id for shift in problem.shifts if crew_refusal(shift, visit) is None}
    for size in (2, 3):
        groups = [vans for vans in combinations(near, size) if able & set(vans)]
        yield from sorted(groups, key=lambda vans: (sum(near[van] for van in vans), vans))


def _nearest_s(day: QuotedDay, shift: str) -> int:
    """How near the van comes to the new place that day."""
    problem = day.routes.problem
    stops = [problem.visit_by_id[visit].place for visit in day.routes.orders.get(shift, ())]
    places = (problem.shift_by_id[shift].start_place, *stops)
    ways_s = [day.to_new_s[problem.place_index[name]] for name in places]
    return min((way_s for way_s in ways_s if way_s is not None), default=10**6)


def _part_of(day: QuotedDay, vans: tuple[str, ...]) -> QuotedDay:
    """The day of some vans and their stops; of the reserves those that are with none of the others."""
    problem, orders = day.routes.problem, day.routes.orders
    mine = {visit for van in vans for visit in orders.get(van, ())}
    ways = day.routes.with_reserves(day.reserves)
    kept = ways[0].orders if ways else orders
    elsewhere = {visit for van, order in kept.items() if van not in vans for visit in order}
    part = replace(
        problem,
        shifts=tuple(shift for shift in problem.shifts if shift.id in vans),
        visits=tuple(visit for visit in problem.visits if visit.id in mine),
    )
    plan = day.routes.plan
    if plan is not None:
        plan = replace(plan, routes=tuple(route for route in plan.routes if route.shift in vans))
    reserves = tuple(reserve for reserve in day.reserves if reserve.id not in elsewhere)
    return replace(day, routes=DayRoutes(part, plan), reserves=reserves)


def _beside_the_others(day: QuotedDay, vans: tuple[str, ...], driven: Driven) -> Driven:
    """The new routes of some vans and the standing ones of the others, in the order of the shifts."""
    routes: dict[str, Route] = {van: route for van, route in day.routes.route_by_shift.items() if van not in vans}
    routes |= {route.shift: route for route in driven}
    return tuple(routes[shift.id] for shift in day.routes.problem.shifts if shift.id in routes)


# ------------------------------------------------------------------------------------------------------- the whole day


def _by_searching(
    visit: Visit, place: Place, day: QuotedDay, windows: Sequence[Window], share: Share
) -> tuple[dict[Window, Driven], set[Window]]:
    """Search for a plan with the visit in any of the windows, again and again, the window found taken out."""
    from routing.solver import find_plan  # here, because most quotes need no search

    found: dict[Window, Driven] = {}
    left = sorted(windows)
    while left and (budget := share.search_budget()) is not None:
        asked = replace(visit, windows=tuple(left), required=True)
        problem = problem_with(day, asked, place, day.reserves)
        try:
            plan = find_plan(problem, budget=_part_of_budget(budget, len(left)), start_from=day.routes.plan)
        except SolveError as error:
            if error.code == "PLAN_REFUSED":
                raise
            break  # the child died or ran out of time: nothing found is an answer
        if plan.status is PlanStatus.INFEASIBLE:
            return found, set(left)
        route = plan.route_of(visit.id)
        if route is None:
            break
        start_s = next(stop.start_s for stop in route.stops if stop.visit == visit.id)
        window = next(window for window in left if start_s in window)
        left.remove(window)
        without = keep_routes(
            problem_with(day, replace(asked, windows=(window,)), place),
            plan,
            leave_out={reserve.id for reserve in day.reserves},
        )
        if without is not None:
            found[window] = without.routes
    return found, set()


def _part_of_budget(budget: SearchBudget, windows: int) -> SearchBudget:
    """Of the seconds left an even part for each window left."""
    if budget.seconds is None:
        return budget
    return SearchBudget(seconds=max(_SHORTEST_SEARCH_S, budget.seconds / (windows + 1)))
