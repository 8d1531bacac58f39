"""A day as arrays: what may follow what, for every kind of shift, so that inner loops see numbers only.

Shifts that nothing tells apart are one *lane* with a count: a route of one is a route of the other (they are grouped so
that no search tries the same day twice under two names). Times are whole seconds since midnight, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.insertion import Orders
from routing.problem import DayProblem, Shift, Visit
from routing.schedule import break_bounds, crew_refusal, leg_refusal
from routing.solver.compiled import Cube, Ints, Table
from routing.solver.task import SearchTask, ShiftKind, shift_kind

NEVER = 1 << 40
"""A moment that does not come, a way that is not there; sums of a few of them stay far inside 64 bits."""

NO_LEG = -1

UNIT_S = 1000
"""What leaving out a promise costs where nothing else does: so much that a thousandth of it is seen."""

MUST_S = 10**9
"""What leaving out a visit that must be served costs: more than any plan that serves it, and than any part of it in a
linear programme."""

Routes = list[tuple[int, tuple[int, ...]]]
"""Routes as lane and visit numbers in order."""


class Fleet(NamedTuple):
    """What the lanes may drive: ``n`` visits, ``m`` lanes; ``NO_LEG`` where a leg is not allowed.

    Attributes:
        service_s: (n,) service seconds.
        opens_s, closes_s: (n, w) windows, sorted and apart, the missing ones at the end as ``NEVER``.
        leg_s: (m, n, n) driving seconds between visits, without legs that no legal route of the lane can drive.
        first_s, last_s: (m, n) driving seconds from the depot and to it.
        reach_s: (m, n, n) least seconds from the departure at one visit to the arrival at another by any way.
        earliest_s: (m, n) earliest begin of service; ``NEVER`` where the lane cannot serve the visit.
        start_s, end_s: (m,) the shift.
        rest_first_s, rest_last_s, rest_s: (m,) first and last begin of the break, and its length; ``-1``: no break.
        load: (n,) what a visit takes of the capacity (nothing on a day of the product; benchmarks carry goods).
        capacity: (m,) most of it on one route.
    """

    service_s: Ints
    opens_s: Table
    closes_s: Table
    leg_s: Cube
    first_s: Table
    last_s: Table
    reach_s: Cube
    earliest_s: Table
    start_s: Ints
    end_s: Ints
    rest_first_s: Ints
    rest_last_s: Ints
    rest_s: Ints
    load: Ints
    capacity: Ints


@dataclass(frozen=True)
class Network:
    """The lanes of a day, how many shifts each has, and what leaving a visit out costs.

    Attributes:
        visits: ids; position = number in every array.
        fleet: the arrays.
        counts: shifts of each lane.
        shifts: their ids, lane by lane.
        omission_s: (n,) penalty of leaving a visit out.
        required: (n,) whether a visit may not be left out.
        second_cost: what a second of driving costs: 1, or 0 where nothing counts but who is served.
    """

    visits: tuple[str, ...]
    fleet: Fleet
    counts: tuple[int, ...]
    shifts: tuple[tuple[str, ...], ...]
    omission_s: Ints
    required: NDArray[np.bool_]
    second_cost: int = 1

    @property
    def size(self) -> int:
        """How many visits."""
        return len(self.visits)

    @property
    def ceiling_s(self) -> int:
        """More than any plan costs that serves everybody it must."""
        longest = int((self.fleet.end_s - self.fleet.start_s) @ np.array(self.counts, dtype=np.int64))
        return int(self.omission_s[~self.required].sum()) + self.second_cost * longest + 1

    def keeps_all(self, routes: Routes) -> bool:
        """Whether everybody who must be served is."""
        served = {number for _, numbers in routes for number in numbers}
        return all(number in served for number in np.flatnonzero(self.required).tolist())

    @cached_property
    def _number(self) -> dict[str, int]:
        return {visit: number for number, visit in enumerate(self.visits)}

    @cached_property
    def _lane(self) -> dict[str, int]:
        return {shift: lane for lane, shifts in enumerate(self.shifts) for shift in shifts}

    def routes_of(self, orders: Orders) -> Routes:
        """Orders by shift as lanes and visit numbers."""
        return [
            (self._lane[shift], tuple(self._number[visit] for visit in order))
            for shift, order in orders.items()
            if order
        ]

    def orders_of(self, routes: Routes) -> dict[str, tuple[str, ...]]:
        """Routes handed out to the shifts of their lanes."""
        free = [list(shifts) for shifts in self.shifts]
        return {
            free[lane].pop(0): tuple(self.visits[number] for number in numbers) for lane, numbers in routes if numbers
        }

    def driving_s(self, lane: int, numbers: Sequence[int]) -> int:
        """Driving seconds of a route, depot legs included."""
        fleet = self.fleet
        between = sum(int(fleet.leg_s[lane, here, there]) for here, there in pairwise(numbers))
        return int(fleet.first_s[lane, numbers[0]]) + between + int(fleet.last_s[lane, numbers[-1]])

    def route_cost_s(self, lane: int, numbers: Sequence[int]) -> int:
        """What a route costs: its driving, where that counts."""
        return self.second_cost * self.driving_s(lane, numbers)

    def cost_s(self, routes: Routes) -> int:
        """What a day of these routes costs, omissions included."""
        served = {number for _, numbers in routes for number in numbers}
        left_out = sum(int(self.omission_s[number]) for number in range(self.size) if number not in served)
        return left_out + sum(self.route_cost_s(lane, numbers) for lane, numbers in routes)


def who_is_served(network: Network) -> Network:
    """The network in which only leaving out a visit that must be served costs anything: below a second, all are."""
    return replace(network, omission_s=np.where(network.required, UNIT_S, 0).astype(np.int64), second_cost=0)


def network_of(task: SearchTask) -> Network:
    """The task's visits and shifts as arrays."""
    problem = task.problem
    visits = [problem.visit_by_id[visit] for visit in task.visits]
    by_kind: dict[ShiftKind, list[Shift]] = {}
    for shift_id in task.shifts:
        shift = problem.shift_by_id[shift_id]
        by_kind.setdefault(shift_kind(problem, shift), []).append(shift)
    groups = list(by_kind.values())
    return Network(
        visits=task.visits,
        fleet=_fleet(problem, visits, [shifts[0] for shifts in groups]),
        counts=tuple(len(shifts) for shifts in groups),
        shifts=tuple(tuple(shift.id for shift in shifts) for shifts in groups),
        omission_s=np.array([MUST_S if v.required else v.drop_penalty_s for v in visits], dtype=np.int64),
        required=np.array([visit.required for visit in visits], dtype=np.bool_),
    )


def _fleet(problem: DayProblem, visits: Sequence[Visit], shifts: Sequence[Shift]) -> Fleet:
    legs = [
        [
            NO_LEG if here is there else _leg(problem, here.place, there.place, here.long_leg_ok or there.long_leg_ok)
            for there in visits
        ]
        for here in visits
    ]
    return make_fleet(
        service_s=[visit.service_s for visit in visits],
        windows=[[(window.opens_s, window.closes_s) for window in visit.windows] for visit in visits],
        legs=legs,
        firsts=[[_leg(problem, shift.start_place, v.place, v.long_leg_ok) for v in visits] for shift in shifts],
        lasts=[[_leg(problem, v.place, shift.end_place, v.long_leg_ok) for v in visits] for shift in shifts],
        able=[[crew_refusal(shift, visit) is None for visit in visits] for shift in shifts],
        hours=[(shift.start_s, shift.end_s) for shift in shifts],
        rests=[_rest(shift) for shift in shifts],
    )


def _leg(problem: DayProblem, here: str, there: str, exempt: bool) -> int:
    driving_s = problem.driving_s(here, there)
    refused = leg_refusal(problem, driving_s, exempt=exempt) is not None
    return NO_LEG if refused or driving_s is None else driving_s


def _rest(shift: Shift) -> tuple[int, int, int]:
    if shift.break_ is None:
        return (0, 0, -1)
    bounds = break_bounds(shift)
    if bounds is None:
        raise ValueError(f"shift {shift.id} has no room for its break and must not be searched")
    return (*bounds, shift.break_.duration_s)


def make_fleet(
    *,
    service_s: Sequence[int],
    windows: Sequence[Sequence[tuple[int, int]]],
    legs: Sequence[Sequence[int]],
    firsts: Sequence[Sequence[int]],
    lasts: Sequence[Sequence[int]],
    able: Sequence[Sequence[bool]],
    hours: Sequence[tuple[int, int]],
    rests: Sequence[tuple[int, int, int]],
    load: Sequence[int] | None = None,
    capacity: int = 0,
) -> Fleet:
    """The arrays of a fleet, freed of the legs that no legal route can drive.

    Args:
        service_s: (n,) service seconds.
        windows: of every visit, opening and closing second of each.
        legs: (n, n) driving seconds, ``NO_LEG`` where not allowed.
        firsts: (m, n) from the depot.
        lasts: (m, n) to the depot.
        able: (m, n) whether the crew may serve the visit.
        hours: (m,) begin and end of the shifts.
        rests: (m,) first and last begin of the break and its length, or ``(0, 0, -1)``.
        load: (n,) what each visit takes of the capacity; nothing by default.
        capacity: most on one route.
    """
    service = np.array(service_s, dtype=np.int64)
    opens, closes = _window_arrays(windows)
    table = np.array(legs, dtype=np.int64).reshape(len(service), len(service))
    lanes = [
        _Lane(service, opens, closes, table, np.array(first), np.array(last), np.array(crew), shift)
        for first, last, crew, shift in zip(firsts, lasts, able, hours, strict=True)
    ]
    return Fleet(
        service_s=service,
        opens_s=opens,
        closes_s=closes,
        leg_s=np.array([lane.legs for lane in lanes], dtype=np.int64),
        first_s=np.array([lane.first for lane in lanes], dtype=np.int64),
        last_s=np.array([lane.last for lane in lanes], dtype=np.int64),
        reach_s=np.array([lane.reach for lane in lanes], dtype=np.int64),
        earliest_s=np.array([lane.earliest for lane in lanes], dtype=np.int64),
        start_s=np.array([start for start, _ in hours], dtype=np.int64),
        end_s=np.array([end for _, end in hours], dtype=np.int64),
        rest_first_s=np.array([rest[0] for rest in rests], dtype=np.int64),
        rest_last_s=np.array([rest[1] for rest in rests], dtype=np.int64),
        rest_s=np.array([rest[2] for rest in rests], dtype=np.int64),
        load=np.zeros(len(service), dtype=np.int64) if load is None else np.array(load, dtype=np.int64),
        capacity=np.full(len(hours), capacity, dtype=np.int64),
    )


def _window_arrays(windows: Sequence[Sequence[tuple[int, int]]]) -> tuple[Table, Table]:
    """Opening and closing seconds; windows that touch or overlap become one."""
    joined: list[list[list[int]]] = []
    for those in windows:
        apart: list[list[int]] = []
        for opens_s, closes_s in sorted(those):
            if apart and opens_s <= apart[-1][1] + 1:
                apart[-1][1] = max(apart[-1][1], closes_s)
            else:
                apart.append([opens_s, closes_s])
        joined.append(apart)
    most = max((len(apart) for apart in joined), default=1)
    opens = np.full((len(joined), most), NEVER, dtype=np.int64)
    closes = np.full((len(joined), most), NEVER, dtype=np.int64)
    for number, apart in enumerate(joined):
        for at, (opens_s, closes_s) in enumerate(apart):
            opens[number, at], closes[number, at] = opens_s, closes_s
    return opens, closes


class _Lane:
    """One lane's share of the arrays."""

    def __init__(
        self,
        service: Ints,
        opens: Table,
        closes: Table,
        legs: Table,
        first: Ints,
        last: Ints,
        able: NDArray[np.bool_],
        hours: tuple[int, int],
    ) -> None:
        legs = np.where(able[:, None] & able[None, :], legs, NO_LEG)
        latest = np.where(closes < NEVER, closes, -1).max(axis=1, initial=-1)
        out = np.where(able & (first >= 0), first, NEVER)
        home = np.where(able & (last >= 0), last, NEVER)
        way = np.where(legs >= 0, legs, NEVER)
        self.reach = _closure(way, service)
        arrive = np.minimum(out, (out[:, None] + service[:, None] + self.reach).min(axis=0, initial=NEVER))
        begin = _begin(opens, closes, hours[0] + arrive)
        to_depot = np.minimum(home, (self.reach + service[None, :] + home[None, :]).min(axis=1, initial=NEVER))
        served = begin + service + to_depot <= hours[1]
        self.earliest = np.where(served, begin, NEVER)
        in_time = begin[:, None] + service[:, None] + way <= latest[None, :]
        self.legs = np.where(in_time & served[:, None] & served[None, :], legs, NO_LEG)
        self.first = np.where(served & (hours[0] + out <= latest), first, NO_LEG)
        self.last = np.where(served & (home < NEVER), last, NO_LEG)


def _closure(way: Table, service: Ints) -> Table:
    """Least seconds from departure to arrival over any stops between, their service included (Floyd and Warshall)."""
    reach = way.copy()
    for via in range(len(reach)):
        reach = np.minimum(reach, reach[:, via, None] + service[via] + reach[None, via, :])
    return np.minimum(reach, NEVER)


def _begin(opens: Table, closes: Table, ready: Ints) -> Ints:
    """First begin of service at or after ``ready``; ``NEVER``: none."""
    begins = np.where((opens < NEVER) & (ready[:, None] <= closes), np.maximum(opens, ready[:, None]), NEVER)
    return begins.min(axis=1, initial=NEVER)
