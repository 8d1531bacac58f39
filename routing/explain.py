"""Says why: why a visit is on no route, and why a stop has its van and its time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from routing.insertion import Insertion, Orders, cheapest_insertion, insert_into, orders_of, travel_of
from routing.plan import DayPlan, Reason, Route, Unassigned
from routing.problem import DayProblem, Shift, Visit, Window
from routing.schedule import (
    Infeasible,
    StopTask,
    break_bounds,
    crew_refusal,
    leg_refusal,
    route_legs,
    schedule_route,
    stop_task,
    time_stops,
)

# ---------------------------------------------------------------------------------------------- why it is on no route


def why_not_alone(problem: DayProblem, visit: Visit) -> Unassigned | None:
    """Why no shift could serve the visit even if it were the only one of the day; ``None`` where one could.

    Of several shifts the one that comes nearest to serving it gives the reason.
    """
    if not problem.shifts:
        return Unassigned(visit.id, Reason.NO_SHIFT)
    allowed = [shift for shift in problem.shifts if visit.pinned_shift in (None, shift.id)]
    able = [shift for shift in allowed if crew_refusal(shift, visit) is None]
    if not able:
        missing = min((sorted(visit.needs - shift.skills) for shift in allowed), key=len)
        return Unassigned(visit.id, Reason.NEEDS_UNMET, {"missing": tuple(missing)})
    obstacles = [_obstacle(problem, shift, visit) for shift in able]
    if None in obstacles:
        return None
    nearest = min(obstacle for obstacle in obstacles if obstacle is not None)
    return Unassigned(visit.id, nearest.reason, nearest.values)


def proved_impossible(problem: DayProblem) -> dict[str, Unassigned]:
    """The visits that no plan of the day can serve, by id.

    A visit that cannot be served alone is proved impossible where no other visit on the way could help: then any route
    with it reaches it no earlier, and is back no earlier, than the route of this visit alone. (A far place may lie
    beyond the leg limit from the depot, yet be legal from a visit half way.)
    """
    shortest: _Ways | None = None
    impossible: dict[str, Unassigned] = {}
    for visit in problem.visits:
        reason = why_not_alone(problem, visit)
        if reason is None:
            continue
        shortest = shortest or _Ways(problem)
        if all(
            crew_refusal(shift, visit) is not None
            or (shift.break_ is not None and break_bounds(shift) is None)
            or shortest.direct_is_best(shift, visit)
            for shift in problem.shifts
        ):
            impossible[visit.id] = reason
    return impossible


def stepping_stones_help(problem: DayProblem, among: Collection[str]) -> bool:
    """Whether stopping for any visit can make a way between two of ``among``, or to and from a depot, shorter or legal.

    Never so where travel is metric and no such leg passes the limit. Where it is not so, leaving the other visits out
    never makes serving ``among`` harder.
    """
    return _Ways(problem).detour_helps(among)


def why_left_out(problem: DayProblem, orders: Orders, visit: Visit) -> Unassigned:
    """Why the visit is not on these routes: it cannot be served at all, or the others crowd it out."""
    reason = why_not_alone(problem, visit)
    if reason is not None:
        return reason
    insertion = cheapest_insertion(problem, orders, visit.id)
    return Unassigned(
        visit.id,
        Reason.CROWDED_OUT,
        {
            "best_detour_s": None if insertion is None else insertion.detour_s,
            "drop_penalty_s": visit.drop_penalty_s,
        },
    )


@dataclass(frozen=True, order=True)
class _Obstacle:
    """Why one able shift cannot serve a visit alone; the least is the one nearest to serving it."""

    rank: int
    excess: int
    reason: Reason = field(compare=False)
    values: Mapping[str, object] = field(compare=False, default_factory=dict)


def _obstacle(problem: DayProblem, shift: Shift, visit: Visit) -> _Obstacle | None:
    out_s = problem.driving_s(shift.start_place, visit.place)
    back_s = problem.driving_s(visit.place, shift.end_place)
    if out_s is None or back_s is None:
        return _Obstacle(3, 0, Reason.UNREACHABLE)
    driving_s = max(out_s, back_s)
    if leg_refusal(problem, driving_s, exempt=visit.long_leg_ok) is not None:
        return _Obstacle(2, driving_s, Reason.LEG_TOO_LONG, {"driving_s": driving_s, "limit_s": problem.max_leg_s})
    timed = time_stops(shift, [out_s, back_s], [stop_task(visit)])
    if not isinstance(timed, Infeasible):
        return None
    if timed.code == "BREAK_IN_THE_WAY":
        return _Obstacle(0, 0, Reason.BREAK_IN_THE_WAY)
    early, late = (value for value in timed.values.values() if isinstance(value, int))
    return _Obstacle(1, early - late, Reason.OUTSIDE_SHIFT, timed.values)


class _Ways:
    """Shortest legal ways between depots and visits when other visits may be served on the way."""

    def __init__(self, problem: DayProblem) -> None:
        import numpy as np  # here, because few days need it

        depots = sorted({place for shift in problem.shifts for place in (shift.start_place, shift.end_place)})
        visits = problem.visits
        self._depots = {place: len(visits) + index for index, place in enumerate(depots)}
        self._visits = {visit.id: index for index, visit in enumerate(visits)}
        places = [problem.place_index[place] for place in (*(visit.place for visit in visits), *depots)]
        table = np.array([[np.inf if s is None else s for s in row] for row in problem.travel_s], dtype=float)
        direct = table[np.ix_(places, places)]
        far = np.array([*(visit.long_leg_ok for visit in visits), *(False for _ in depots)], dtype=bool)
        direct[(direct > problem.max_leg_s) & ~(far[:, None] | far[None, :])] = np.inf
        np.fill_diagonal(direct, 0.0)
        self._direct = direct
        self._best = direct.copy()
        for via, visit in enumerate(visits):
            through = self._best[:, via, None] + visit.service_s + self._best[None, via, :]
            through[via, :] = through[:, via] = np.inf  # a way that begins or ends there does not go through
            np.minimum(self._best, through, out=self._best)

    def detour_helps(self, among: Collection[str]) -> bool:
        """Whether any direct way, legal or not, between these visits and the depots is beaten."""
        visits, depots = [self._visits[visit] for visit in among], list(self._depots.values())
        beaten = self._best < self._direct
        return any(
            bool(beaten[here, there]) or bool(beaten[there, here]) for here in visits for there in (*visits, *depots)
        )

    def direct_is_best(self, shift: Shift, visit: Visit) -> bool:
        """Whether nothing beats the direct ways from the shift's start to the visit and on to its end."""
        start, end, here = self._depots[shift.start_place], self._depots[shift.end_place], self._visits[visit.id]
        return bool(
            self._best[start, here] == self._direct[start, here] and self._best[here, end] == self._direct[here, end]
        )


# ------------------------------------------------------------------------------------------- why this van, this time


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What serving the visit on another shift would mean, the other stops there kept in order.

    ``detour_s`` is the driving it would add; ``None`` where it is not possible, and ``code`` says why (a code of
    :class:`routing.schedule.Infeasible`, or ``NO_ROOM`` where the other stops are in its way).
    """

    shift: str
    detour_s: int | None
    code: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StopExplained:
    """Why a stop has its van and its time.

    Attributes:
        visit, shift: the stop.
        arrive_s, start_s: as planned, seconds since midnight.
        detour_s: driving seconds its route would save without it.
        waiting_s: from arrival to the begin of service.
        latest_start_s: how late service could begin with everything after it still kept, in this order.
        slack_s: ``latest_start_s - start_s``.
        elsewhere: the other shifts, in the problem's order.
    """

    visit: str
    shift: str
    arrive_s: int
    start_s: int
    detour_s: int
    waiting_s: int
    latest_start_s: int
    slack_s: int
    elsewhere: tuple[Elsewhere, ...]


def explain_stop(problem: DayProblem, plan: DayPlan, visit_id: str) -> StopExplained:
    """Explain the stop of ``visit_id`` in ``plan``.

    Raises:
        KeyError: when the visit is on no route (:func:`why_left_out` explains those).
        ValueError: when its route is not legal on this problem.
    """
    route = plan.route_of(visit_id)
    if route is None:
        raise KeyError(visit_id)
    stop = next(stop for stop in route.stops if stop.visit == visit_id)
    orders = orders_of(plan)
    latest_s = latest_starts(problem, route)[visit_id]
    without = tuple(visit for visit in orders[route.shift] if visit != visit_id)
    others = {**orders, route.shift: without}
    return StopExplained(
        visit=visit_id,
        shift=route.shift,
        arrive_s=stop.arrive_s,
        start_s=stop.start_s,
        detour_s=route.travel_s - travel_of(problem, route.shift, without),
        waiting_s=stop.start_s - stop.arrive_s,
        latest_start_s=latest_s,
        slack_s=latest_s - stop.start_s,
        elsewhere=tuple(
            _elsewhere(shift, insert_into(problem, others, visit_id, shift.id))
            for shift in problem.shifts
            if shift.id != route.shift
        ),
    )


def latest_starts(problem: DayProblem, route: Route) -> dict[str, int]:
    """How late service could begin at each stop, by visit id, with every later stop and the shift's end still kept.

    The order stays; the break may move within its bounds. Each stop is asked on its own: being that late at one
    leaves nothing for the next.

    Raises:
        ValueError: when the route is not legal on this problem.
    """
    shift = problem.shift_by_id[route.shift]
    visits = [problem.visit_by_id[stop.visit] for stop in route.stops]
    if isinstance(schedule_route(problem, shift, [visit.id for visit in visits]), Infeasible):
        raise ValueError(f"route of {route.shift} is not legal on this problem")
    legs = route_legs(problem, shift, visits)
    assert not isinstance(legs, Infeasible)
    tasks = [stop_task(visit) for visit in visits]
    return {visit.id: _latest_start(shift, legs, tasks, at) for at, visit in enumerate(visits)}


def _latest_start(shift: Shift, legs: list[int], tasks: list[StopTask], at: int) -> int:
    """Bisection: what is possible from a moment on is possible from any earlier moment on."""
    windows = tasks[at].windows
    possible_s, impossible_s = windows[0].opens_s, max(window.closes_s for window in windows) + 1
    while impossible_s - possible_s > 1:
        middle_s = (possible_s + impossible_s) // 2
        later = tuple(
            Window(max(window.opens_s, middle_s), window.closes_s) for window in windows if window.closes_s >= middle_s
        )
        timed = time_stops(shift, legs, [*tasks[:at], replace(tasks[at], windows=later), *tasks[at + 1 :]])
        if isinstance(timed, Infeasible):
            impossible_s = middle_s
        else:
            possible_s = timed.starts_s[at]
    return possible_s


def _elsewhere(shift: Shift, found: Insertion | Infeasible) -> Elsewhere:
    if isinstance(found, Insertion):
        return Elsewhere(shift.id, found.detour_s)
    return Elsewhere(shift.id, None, found.code, found.values)
