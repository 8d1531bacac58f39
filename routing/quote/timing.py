"""How early and how late each stop of one route can be, with the break still before the crew and with it behind.

The rules are those of :mod:`routing.schedule`. Every step is monotone (leaving later never lets anyone arrive
earlier), so the earliest and the latest moment of each of the two states tell all that can be done before and after:
a stop squeezed in between is possible exactly if, in one state, it is reached before it must be left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from routing.plan import Route
from routing.problem import DayProblem, Shift, Window
from routing.schedule import Infeasible, break_bounds, earliest_start, route_legs

NEVER = 10**9
"""Later than any time of day plus any duration; ``-NEVER`` earlier. What lies beyond either cannot be."""

States = tuple[int, int]
"""A time with the break still to be taken, and the same with the break taken."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The two states of one shift: where they begin, where they may end, and the step from the first to the second.

    Attributes:
        first_s, last_s: when the break may begin.
        duration_s: how long it is.
        begin_s: when the van may leave the depot in each state.
        end_s: when it must be back in each state; with the break still to be taken, when it must at last begin.
    """

    first_s: int
    last_s: int
    duration_s: int
    begin_s: States
    end_s: States

    @classmethod
    def of(cls, shift: Shift) -> Rest:
        """The states of a shift: without a break it is rested from the start, one without room for it never drives."""
        if shift.break_ is None:
            return cls(0, -NEVER, 0, (NEVER, shift.start_s), (-NEVER, shift.end_s))
        bounds = break_bounds(shift)
        if bounds is None:
            return cls(0, -NEVER, 0, (NEVER, NEVER), (-NEVER, -NEVER))
        return cls(bounds[0], bounds[1], shift.break_.duration_s, (shift.start_s, NEVER), (bounds[1], shift.end_s))

    def arrive(self, depart: States, driving_s: int) -> States:
        """The earliest the crew stands ready at the end of a leg; resting on the way, or on arrival, is one way to."""
        unrested = depart[0] + driving_s
        rested = depart[1] + driving_s
        if depart[0] <= self.last_s:
            rested = min(rested, max(unrested, self.first_s) + self.duration_s)
        return unrested, rested

    def leave(self, ready: States, driving_s: int) -> States:
        """The latest departure from which the crew is ready at the end of a leg by ``ready``."""
        unrested = ready[0] - driving_s
        if self.first_s + self.duration_s <= ready[1]:
            unrested = max(unrested, min(self.last_s, ready[1] - self.duration_s - driving_s))
        return unrested, ready[1] - driving_s


@dataclass(frozen=True, slots=True)
class RouteTimes:
    """Bounds of one route's stops: ``n`` stops, ``n + 1`` legs.

    Attributes:
        arrive: the earliest readiness at each stop.
        depart: the earliest departure from the depot and from each stop (``n + 1``).
        latest_ready: the latest readiness at each stop and, last, at the end depot (``n + 1``).
        latest_start: the latest begin of service at each stop.
    """

    arrive: tuple[States, ...]
    depart: tuple[States, ...]
    latest_ready: tuple[States, ...]
    latest_start: tuple[States, ...]

    @property
    def legal(self) -> bool:
        """Whether the route can be driven at all; one without stops always can."""
        return not self.arrive or any(self.arrive[0][state] <= self.latest_start[0][state] for state in (0, 1))


@dataclass(frozen=True, slots=True)
class TimedTask:
    """A stop as timing sees it: sorted windows and service duration."""

    windows: tuple[Window, ...]
    service_s: int


def route_times(rest: Rest, legs: Sequence[int], tasks: Sequence[TimedTask]) -> RouteTimes:
    """The bounds of a route given in order; ``legs`` are the driving seconds, one more than ``tasks``."""
    arrivals: list[States] = []
    departures: list[States] = [rest.begin_s]
    for task, driving_s in zip(tasks, legs, strict=False):
        ready = rest.arrive(departures[-1], driving_s)
        arrivals.append(ready)
        departures.append((_served(task, ready[0]), _served(task, ready[1])))
    ready = rest.end_s
    latest_ready, latest_start = [ready], []
    for task, driving_s in zip(reversed(tasks), reversed(legs), strict=False):
        leave = rest.leave(ready, driving_s)
        ready = (latest_in(task.windows, leave[0] - task.service_s), latest_in(task.windows, leave[1] - task.service_s))
        latest_start.append(ready)
        latest_ready.append(ready)
    return RouteTimes(tuple(arrivals), tuple(departures), tuple(reversed(latest_ready)), tuple(reversed(latest_start)))


def _served(task: TimedTask, ready_s: int) -> int:
    start_s = earliest_start(task.windows, ready_s)
    return NEVER if start_s is None else start_s + task.service_s


def latest_in(windows: Sequence[Window], by_s: int) -> int:
    """The last moment up to ``by_s`` inside one of the windows, ``-NEVER`` where there is none."""
    return max((min(window.closes_s, by_s) for window in windows if window.opens_s <= by_s), default=-NEVER)


def slacks(problem: DayProblem, route: Route) -> tuple[int, ...]:
    """How much later than planned each service could begin with every later stop and the shift's end still kept.

    Each stop on its own, the order kept, the break free to move in its bounds: what
    :func:`routing.explain.latest_starts` finds by bisection, from one pass each way.

    Raises:
        ValueError: when the route is not legal on this problem.
    """
    shift = problem.shift_by_id[route.shift]
    visits = [problem.visit_by_id[stop.visit] for stop in route.stops]
    legs = route_legs(problem, shift, visits)
    if isinstance(legs, Infeasible):
        raise ValueError(f"route of {route.shift} is not legal on this problem")
    times = route_times(
        Rest.of(shift), legs, [TimedTask(tuple(sorted(visit.windows)), visit.service_s) for visit in visits]
    )
    found = []
    for visit, stop, ready, latest in zip(visits, route.stops, times.arrive, times.latest_start, strict=True):
        possible = [
            latest[state]
            for state in (0, 1)
            if (start_s := earliest_start(sorted(visit.windows), ready[state])) is not None and start_s <= latest[state]
        ]
        if not possible:
            raise ValueError(f"route of {route.shift} is not legal on this problem")
        found.append(max(possible) - stop.start_s)
    return tuple(found)
