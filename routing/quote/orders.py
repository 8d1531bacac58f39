"""Finds a good order of one van's visits: legal, and with little driving."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from routing.plan import Certificate, DayPlan, PlanStatus, Route
from routing.problem import MAX_DURATION_S, DayProblem, Shift, Visit
from routing.quote.slots import QuotedDay
from routing.quote.timing import NEVER, Rest, States
from routing.replan import begun_alike
from routing.schedule import earliest_start, schedule_route

NODES = 400
"""Stops tried behind one another before the best order so far is taken."""

Accept = Callable[[Route], bool]


def good_route(
    problem: DayProblem,
    shift: Shift,
    visit_ids: Sequence[str],
    *,
    first: tuple[str, ...] = (),
    begun: Sequence[str] = (),
    accept: Accept = lambda route: True,
) -> Route | None:
    """The legal route with the least driving among the orders that were tried; ``None`` where none at all is legal.

    Args:
        problem: has the visits with the windows that count.
        shift: the van.
        visit_ids: whom to serve.
        first: an order known to be legal, or none.
        begun: the stops that come first, in this order.
        accept: what else a route must be. Where it refuses ``first``, or none is known, every order is tried.
    """
    known = schedule_route(problem, shift, first) if first else None
    best = known if isinstance(known, Route) and accept(known) else None
    search = _Search(problem, shift, begun, accept, best)
    search.go_on(tuple(begun), [visit for visit in visit_ids if visit not in begun])
    return search.best


class _Search:
    """Depth first, the nearest stop next; cut off where a window is missed or the driving passes the best."""

    def __init__(
        self, problem: DayProblem, shift: Shift, begun: Sequence[str], accept: Accept, best: Route | None
    ) -> None:
        self.best = best
        self._problem, self._shift, self._accept = problem, shift, accept
        self._rest = Rest.of(shift)
        self._depart: States = self._rest.begin_s
        self._nodes = 0
        self._here: Visit | None = None
        self._driven_s = 0
        for visit in begun:
            step = self._step(problem.visit_by_id[visit], self._here, self._depart)
            if step is None:
                self._nodes = NODES
                self._depart = (NEVER, NEVER)
                return
            self._depart, leg_s = step
            self._driven_s += leg_s
            self._here = problem.visit_by_id[visit]

    def go_on(self, order: tuple[str, ...], left: Sequence[str]) -> None:
        """Try every continuation of the stops that have begun."""
        if self._depart != (NEVER, NEVER):
            self._deeper(order, left, self._here, self._depart, self._driven_s)

    def _deeper(
        self, order: tuple[str, ...], left: Sequence[str], here: Visit | None, depart: States, driven_s: int
    ) -> None:
        if self.best is not None and (self._nodes >= NODES or driven_s >= self.best.travel_s):
            return
        if not left:
            self._arrived(order)
            return
        self._nodes += 1
        steps = []
        for visit_id in left:
            visit = self._problem.visit_by_id[visit_id]
            step = self._step(visit, here, depart)
            if step is not None:
                steps.append((step[1], visit_id, visit, step[0]))
        for leg_s, visit_id, visit, then in sorted(steps, key=lambda step: step[:2]):
            rest = [other for other in left if other != visit_id]
            self._deeper((*order, visit_id), rest, visit, then, driven_s + leg_s)

    def _arrived(self, order: tuple[str, ...]) -> None:
        route = schedule_route(self._problem, self._shift, order)
        shorter = isinstance(route, Route) and (self.best is None or route.travel_s < self.best.travel_s)
        if isinstance(route, Route) and shorter and self._accept(route):
            self.best = route

    def _step(self, visit: Visit, here: Visit | None, depart: States) -> tuple[States, int] | None:
        """Drive on to a visit and serve it: departures and the leg, ``None`` where it is too late or not allowed."""
        leg_s = self._problem.driving_s(self._shift.start_place if here is None else here.place, visit.place)
        far = visit.long_leg_ok or (here is not None and here.long_leg_ok)
        if leg_s is None or leg_s > (MAX_DURATION_S if far else self._problem.max_leg_s):
            return None
        windows = sorted(visit.windows)
        starts = [earliest_start(windows, ready_s) for ready_s in self._rest.arrive(depart, leg_s)]
        if starts[0] is None and starts[1] is None:
            return None
        first, second = (NEVER if start is None else start + visit.service_s for start in starts)
        return (first, second), leg_s


def stops_begun(day: QuotedDay, shift: str) -> tuple[str, ...]:
    """The stops a van has set out for by now, in order; none on a day that is not under way."""
    route = day.routes.route_by_shift.get(shift)
    if day.now_s is None or route is None:
        return ()
    sets_out_s = [route.start_s, *(stop.depart_s for stop in route.stops)]
    return tuple(stop.visit for left_s, stop in zip(sets_out_s, route.stops, strict=False) if left_s < day.now_s)


def keeps_what_has_begun(day: QuotedDay, route: Route) -> bool:
    """Whether a route leaves alone what its van has begun by now, and begins nothing new before."""
    if day.now_s is None:
        return True
    alone = DayPlan(day.date, PlanStatus.FEASIBLE, None, None, None, Certificate("", 0.0), (route,), ())
    begun = stops_begun(day, route.shift)
    return tuple(stop.visit for stop in route.stops[: len(begun)]) == begun and begun_alike(
        day.routes.plan, alone, day.now_s
    )
