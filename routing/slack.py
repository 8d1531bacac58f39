"""How late a crew may leave each place and still keep every promise that is left: the number on the route sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from routing.plan import Route
from routing.problem import DayProblem, Shift, Window
from routing.schedule import Infeasible, StopTask, break_bounds, route_legs, schedule_route, stop_task, time_stops


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
    """The last moment of the unbroken stretch from the planned departure on in which the van may leave.

    It may leave either with the break still before it, up to some moment, or rested, from some moment to another. There
    may be a gap between the two, and a crew that reads "leave by" must not fall into it.
    """

    def resting_later(leave_s: int) -> bool:
        return not isinstance(time_stops(replace(shift, start_s=leave_s), legs, tasks), Infeasible)

    def rested(leave_s: int) -> bool:
        return not isinstance(time_stops(replace(shift, start_s=leave_s, break_=None), legs, tasks), Infeasible)

    latest_s = planned_s
    if resting_later(planned_s):
        latest_s = _latest(resting_later, planned_s, shift.end_s - 1)
    rested_from_s = _rested_from(shift)
    if rested_from_s is None or rested_from_s > latest_s + 1 or not rested(max(planned_s, rested_from_s)):
        return latest_s
    return max(latest_s, _latest(rested, max(planned_s, rested_from_s), shift.end_s - 1))


def _rested_from(shift: Shift) -> int | None:
    """From when on the crew can have had its break at the depot; ``None`` without a break, or where it has no room."""
    bounds = None if shift.break_ is None else break_bounds(shift)
    if bounds is None or shift.break_ is None or bounds[0] + shift.break_.duration_s >= shift.end_s:
        return None
    return bounds[0] + shift.break_.duration_s


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
    """The latest moment up to ``bound_s`` for which ``possible`` holds, given that it does at ``known_s``.

    Once it fails, it fails for good: leaving later never helps those who are as rested.
    """
    good, bad = known_s, bound_s + 1
    while bad - good > 1:
        middle = (good + bad) // 2
        if possible(middle):
            good = middle
        else:
            bad = middle
    return good
