"""How late a crew may leave each place and still keep every promise that is left: the number on the route sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from routing.plan import Route
from routing.problem import DayProblem, Shift, Window
from routing.schedule import Infeasible, StopTask, route_legs, schedule_route, stop_task, time_stops


@dataclass(frozen=True, slots=True)
class LatestDepartures:
    """Latest departures in seconds since midnight: from the depot, and from each stop in the route's order."""

    depot_s: int
    stops_s: tuple[int, ...]


def latest_departures(problem: DayProblem, route: Route) -> LatestDepartures:
    """How late the van may leave the depot and each stop, everything before having gone as planned.

    The order stays, the break may move within its bounds, every later window and the shift's end are kept.

    Raises:
        ValueError: when the route is not legal on this problem.
    """
    shift = problem.shift_by_id[route.shift]
    order = [stop.visit for stop in route.stops]
    visits = [problem.visit_by_id[visit] for visit in order]
    legs = route_legs(problem, shift, visits)
    if isinstance(legs, Infeasible) or isinstance(schedule_route(problem, shift, order), Infeasible):
        raise ValueError(f"route of {route.shift} is not legal on this problem")
    tasks = [stop_task(visit) for visit in visits]
    return LatestDepartures(
        depot_s=_latest_from_depot(shift, legs, tasks, route.start_s),
        stops_s=tuple(_latest_from_stop(shift, legs, tasks, route, at) for at in range(len(tasks))),
    )


def _latest_from_depot(shift: Shift, legs: Sequence[int], tasks: Sequence[StopTask], planned_s: int) -> int:
    def possible(leave_s: int) -> bool:
        # The shift's own start moves: a break taken before a late departure is a break taken waiting at the depot.
        later = replace(shift, start_s=leave_s)
        if not isinstance(time_stops(later, legs, tasks), Infeasible):
            return True
        return shift.break_ is not None and _rested_before(shift, leave_s, legs, tasks)

    return _latest(possible, planned_s, shift.end_s - 1)


def _rested_before(shift: Shift, leave_s: int, legs: Sequence[int], tasks: Sequence[StopTask]) -> bool:
    """Whether the crew can have had its break at the depot before leaving at ``leave_s``."""
    assert shift.break_ is not None
    first = max(shift.start_s, shift.break_.earliest_start_s)
    if first > shift.break_.latest_start_s or first + shift.break_.duration_s > leave_s:
        return False
    return not isinstance(time_stops(replace(shift, start_s=leave_s, break_=None), legs, tasks), Infeasible)


def _latest_from_stop(shift: Shift, legs: Sequence[int], tasks: Sequence[StopTask], route: Route, at: int) -> int:
    fixed = [
        replace(task, windows=(Window(stop.start_s, stop.start_s),))
        for task, stop in zip(tasks, route.stops, strict=True)
    ]

    def possible(leave_s: int) -> bool:
        here = replace(fixed[at], service_s=leave_s - route.stops[at].start_s)
        return not isinstance(time_stops(shift, legs, [*fixed[:at], here, *tasks[at + 1 :]]), Infeasible)

    return _latest(possible, route.stops[at].depart_s, shift.end_s)


def _latest(possible: Callable[[int], bool], known_s: int, bound_s: int) -> int:
    """The latest moment for which ``possible`` holds; it holds at ``known_s`` and, once it fails, for good."""
    good, bad = known_s, bound_s + 1
    while bad - good > 1:
        middle = (good + bad) // 2
        if possible(middle):
            good = middle
        else:
            bad = middle
    return good
