"""Times one route: the visits of a shift in a fixed order become arrivals, service starts, a break and a return.

One forward pass, exact to the second. The rules are those of the plan file:

* ``arrive`` = previous departure + driving + the break where it lies in that leg; ``start >= arrive`` inside a window;
  ``depart = start + service``. Every service starts as early as the route allows.
* A break begun at ``b`` with ``d <= b < d + driving`` (``d`` = departure) lies in that leg, whole: the van arrives
  later by its length. With ``b >= d + driving`` it is taken waiting at the stop, or after the return. With
  ``b + duration <=`` the route's start it is taken before departure. No service runs while it lasts; all of it lies
  inside the shift, and it is taken on every route.
* Of all break starts that keep every window, the one is taken with the earliest return; then with the
  lexicographically earliest service starts; then the earliest.
* The route starts as late as it can without making any service later (and without moving the break).

Why a handful of break starts is enough: put the break between stop ``k-1`` and stop ``k``. The stops before are not
touched by it, and everything after only gets later when the break does. So the only candidate is the earliest start
in the bounds at or after departure from ``k-1``: it gives the earliest everything (in the leg or waiting, the service
cannot start before ``max(departure + driving, b) + duration``). Only the return leg has two, since a break after the
return, unlike one on the road, does not delay it. ``tests/routing/test_schedule.py`` proves this by brute force.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from routing.plan import BreakTaken, Route, Stop
from routing.problem import DayProblem, Shift, Visit, Window


@dataclass(frozen=True, slots=True)
class Infeasible:
    """Why an order of visits cannot be driven.

    Attributes:
        code: ``NEEDS_UNMET`` (``missing``), ``PINNED_ELSEWHERE`` (``pinned_shift``), ``UNREACHABLE``, ``LEG_TOO_LONG``
            (``driving_s``, ``limit_s``), ``WINDOW_MISSED`` (``earliest_start_s``, ``latest_close_s``), ``SHIFT_OVER``
            (``return_s``, ``shift_end_s``) or ``BREAK_IN_THE_WAY``.
        at: position of the stop at fault; the number of stops for the way back; ``None`` for the break. Before the
            way back, nothing added behind the last stop can help.
        values: the values named above, in plain types.
    """

    code: str
    at: int | None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StopTask:
    """What the forward pass knows of a stop: the windows its service may begin in (sorted) and how long it takes."""

    windows: tuple[Window, ...]
    service_s: int


def schedule_route(problem: DayProblem, shift: Shift, visit_ids: Sequence[str]) -> Route | Infeasible:
    """Time the visits of ``visit_ids`` in this order on ``shift``.

    Returns:
        The route, or the first rule it breaks: skills, pins and legs before times.

    Raises:
        ValueError: for no visit at all, or the same one twice: that is not a route.
    """
    if not visit_ids or len(set(visit_ids)) != len(visit_ids):
        raise ValueError(f"a route is at least one visit, each once, not {list(visit_ids)}")
    visits = [problem.visit_by_id[visit_id] for visit_id in visit_ids]
    for at, visit in enumerate(visits):
        refusal = crew_refusal(shift, visit)
        if refusal is not None:
            return Infeasible(refusal.code, at, refusal.values)
    legs = route_legs(problem, shift, visits)
    if isinstance(legs, Infeasible):
        return legs
    timed = time_stops(shift, legs, [stop_task(visit) for visit in visits])
    if isinstance(timed, Infeasible):
        return timed
    return _as_route(shift, visits, legs, timed)


def crew_refusal(shift: Shift, visit: Visit) -> Infeasible | None:
    """Why this shift must not serve the visit whatever the time: pinned to another, or lacking a skill."""
    if visit.pinned_shift is not None and visit.pinned_shift != shift.id:
        return Infeasible("PINNED_ELSEWHERE", 0, {"pinned_shift": visit.pinned_shift})
    missing = visit.needs - shift.skills
    if missing:
        return Infeasible("NEEDS_UNMET", 0, {"missing": tuple(sorted(missing))})
    return None


def leg_refusal(problem: DayProblem, driving_s: int | None, *, exempt: bool) -> Infeasible | None:
    """Why a leg of ``driving_s`` must not be driven; ``exempt``: one of its ends is a visit with ``long_leg_ok``."""
    if driving_s is None:
        return Infeasible("UNREACHABLE", 0)
    if driving_s > problem.max_leg_s and not exempt:
        return Infeasible("LEG_TOO_LONG", 0, {"driving_s": driving_s, "limit_s": problem.max_leg_s})
    return None


def route_legs(problem: DayProblem, shift: Shift, visits: Sequence[Visit]) -> list[int] | Infeasible:
    """Driving seconds of every leg, depot to depot: one more than visits; or the first leg that is not allowed."""
    places = [shift.start_place, *(visit.place for visit in visits), shift.end_place]
    exempt = [False, *(visit.long_leg_ok for visit in visits), False]
    legs: list[int] = []
    for at in range(len(places) - 1):
        driving_s = problem.driving_s(places[at], places[at + 1])
        refusal = leg_refusal(problem, driving_s, exempt=exempt[at] or exempt[at + 1])
        if refusal is not None or driving_s is None:
            assert refusal is not None
            return Infeasible(refusal.code, at, refusal.values)
        legs.append(driving_s)
    return legs


def stop_task(visit: Visit) -> StopTask:
    """The visit as the forward pass sees it."""
    return StopTask(tuple(sorted(visit.windows)), visit.service_s)


def break_bounds(shift: Shift) -> tuple[int, int] | None:
    """First and last second at which the shift's break may start and still lie inside the shift, or ``None``.

    Raises:
        ValueError: for a shift without a break.
    """
    if shift.break_ is None:
        raise ValueError(f"shift {shift.id} has no break")
    first = max(shift.start_s, shift.break_.earliest_start_s)
    last = min(shift.break_.latest_start_s, shift.end_s - shift.break_.duration_s)
    return (first, last) if first <= last else None


@dataclass(frozen=True, slots=True, order=True)
class TimedStops:
    """Outcome of the forward pass; the order of the fields is the order of preference."""

    end_s: int
    starts_s: tuple[int, ...]
    break_start_s: int


def time_stops(shift: Shift, legs: Sequence[int], tasks: Sequence[StopTask]) -> TimedStops | Infeasible:
    """The earliest times of the stops, with the shift's break where it hurts least.

    Args:
        shift: its times and its break.
        legs: driving seconds, one more than tasks.
        tasks: the stops in order.
    """
    free = _pass_without_break(shift, legs, tasks)
    if isinstance(free, Infeasible):
        return free
    if shift.break_ is None:
        return free
    best = min(_with_break(shift, legs, tasks, free.starts_s), default=None)
    return best if best is not None else Infeasible("BREAK_IN_THE_WAY", None)


def earliest_start(windows: Sequence[Window], from_s: int) -> int | None:
    """First moment at or after ``from_s`` inside one of the sorted ``windows``."""
    for window in windows:
        if from_s <= window.closes_s:
            return max(from_s, window.opens_s)
    return None


def _pass_without_break(shift: Shift, legs: Sequence[int], tasks: Sequence[StopTask]) -> TimedStops | Infeasible:
    starts: list[int] = []
    now = shift.start_s
    for at, task in enumerate(tasks):
        start = earliest_start(task.windows, now + legs[at])
        if start is None:
            return Infeasible(
                "WINDOW_MISSED",
                at,
                {"earliest_start_s": now + legs[at], "latest_close_s": max(w.closes_s for w in task.windows)},
            )
        starts.append(start)
        now = start + task.service_s
    end = now + legs[-1]
    if end > shift.end_s:
        return Infeasible("SHIFT_OVER", len(tasks), {"return_s": end, "shift_end_s": shift.end_s})
    return TimedStops(end, tuple(starts), -1)


def _with_break(
    shift: Shift, legs: Sequence[int], tasks: Sequence[StopTask], free_starts: Sequence[int]
) -> Iterator[TimedStops]:
    """Every candidate of the module's docstring that keeps all windows and the shift's end."""
    bounds = break_bounds(shift)
    if bounds is None or shift.break_ is None:
        return
    first, last = bounds
    duration = shift.break_.duration_s
    departure = shift.start_s
    for at, task in enumerate(tasks):
        begin = max(first, departure)
        if begin > last:
            return
        rest = _rest_of_pass(max(departure + legs[at], begin) + duration, legs, tasks, at)
        if rest is not None and rest[-1] <= shift.end_s:
            yield TimedStops(rest[-1], (*free_starts[:at], *rest[:-1]), begin)
        departure = free_starts[at] + task.service_s
    on_the_road, back = max(first, departure), departure + legs[-1]
    if on_the_road < back and on_the_road <= last and back + duration <= shift.end_s:
        yield TimedStops(back + duration, tuple(free_starts), on_the_road)
    if max(first, back) <= last:
        yield TimedStops(back, tuple(free_starts), max(first, back))


def _rest_of_pass(ready: int, legs: Sequence[int], tasks: Sequence[StopTask], at: int) -> list[int] | None:
    """Starts of ``tasks[at:]`` and the return, when the van stands rested at stop ``at`` from ``ready`` on."""
    times: list[int] = []
    for index in range(at, len(tasks)):
        start = earliest_start(tasks[index].windows, ready)
        if start is None:
            return None
        times.append(start)
        ready = start + tasks[index].service_s + legs[index + 1]
    return [*times, ready]


def _latest_departure(shift: Shift, first_leg_s: int, first_start_s: int, break_start_s: int) -> int:
    """The latest departure from the depot that still starts the first service at ``first_start_s``."""
    departure = first_start_s - first_leg_s
    if shift.break_ is None or break_start_s >= first_start_s:
        return departure
    if break_start_s + shift.break_.duration_s <= departure:
        return departure  # the break is over before the van leaves
    return departure - shift.break_.duration_s  # taken on the first leg, or waiting at its end


def _as_route(shift: Shift, visits: Sequence[Visit], legs: Sequence[int], timed: TimedStops) -> Route:
    taken = None
    if shift.break_ is not None:
        taken = BreakTaken(timed.break_start_s, timed.break_start_s + shift.break_.duration_s)
    route_start = departure = _latest_departure(shift, legs[0], timed.starts_s[0], timed.break_start_s)
    stops: list[Stop] = []
    for visit, driving_s, start in zip(visits, legs[:-1], timed.starts_s, strict=True):
        arrive = departure + driving_s
        if taken is not None and departure <= taken.start_s < arrive:
            arrive += taken.end_s - taken.start_s
        departure = start + visit.service_s
        stops.append(Stop(visit.id, arrive, start, departure))
    return Route(shift.id, route_start, timed.end_s, sum(legs), taken, tuple(stops))
