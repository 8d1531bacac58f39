"""VROOM (pyvroom), at its highest exploration level, on one thread.

What of a day it can be told: windows, service, skills, shifts, the break (somewhere on the route, its start inside its
bounds), legs that are not allowed (as legs of a day's length), pins (as skills). It serves the highest sum of
priorities first and drives least second: a required visit has more than all optional ones together. So it cannot weigh
a detour against a penalty; on days of the product a penalty is above every detour, so that costs it nothing. Its limit
is of the wall clock, and mostly it ends long before.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Sequence
from datetime import timedelta
from importlib import metadata
from typing import Any

from benchmarks.case import Answer, Case
from benchmarks.days import generate_day
from routing.problem import DAY_S, DayProblem, Shift, Visit, Window
from routing.schedule import break_bounds, crew_refusal, leg_refusal

NAME = "VROOM"
EXPLORATION = 5
HIGHEST = 100
"""VROOM's highest priority, that of a required visit."""


def version() -> str | None:
    """Of pyvroom, which carries its VROOM within."""
    return metadata.version("pyvroom") if importlib.util.find_spec("vroom") is not None else None


def refuses(case: Case) -> str | None:
    """Nothing."""
    return None


def warm() -> None:
    """Load it."""
    solve(Case("warm", generate_day(6, 1, 1)), 1)


def solve(case: Case, seconds: float) -> Answer:
    """What it finds before it ends, or the seconds do."""
    import vroom

    problem = case.problem
    asked: Any = vroom.Input()
    places = _Places(problem)
    asked.set_durations_matrix("car", places.matrix())
    asked.add_vehicle([_vehicle(number, shift, places, case) for number, shift in enumerate(problem.shifts)])
    asked.add_job([_job(number, priority, case) for number, priority in enumerate(priorities(problem.visits))])
    began = time.perf_counter()
    solved = asked.solve(exploration_level=EXPLORATION, nb_threads=1, timeout=timedelta(seconds=seconds))
    took_s = time.perf_counter() - began
    orders: dict[str, tuple[str, ...]] = {}
    for vehicle, kind, job in solved.routes[["vehicle_id", "type", "id"]].itertuples(index=False):
        if kind == "job":
            shift = problem.shifts[int(vehicle)].id
            orders[shift] = (*orders.get(shift, ()), problem.visits[int(job)].id)
    return Answer(orders, finished=took_s < 0.9 * seconds)


class _Places:
    """The numbers of visits, then of depots, and the driving between them."""

    def __init__(self, problem: DayProblem) -> None:
        self._problem = problem
        depots = sorted({place for shift in problem.shifts for place in (shift.start_place, shift.end_place)})
        self._names = [*(visit.place for visit in problem.visits), *depots]
        self.depot = {place: len(problem.visits) + number for number, place in enumerate(depots)}

    def matrix(self) -> list[list[int]]:
        """Driving seconds; a day where a leg is not allowed."""
        exempt = [visit.long_leg_ok for visit in self._problem.visits] + [False] * len(self.depot)
        size = range(len(self._names))
        return [[0 if i == j else self._leg(i, j, exempt[i] or exempt[j]) for j in size] for i in size]

    def _leg(self, here: int, there: int, exempt: bool) -> int:
        driving_s = self._problem.driving_s(self._names[here], self._names[there])
        refused = leg_refusal(self._problem, driving_s, exempt=exempt) is not None
        return DAY_S if refused or driving_s is None else driving_s


def _skills(shift: Shift, visits: Sequence[Visit]) -> set[int]:
    """Every visit with needs or a pin is a skill of its own, and this crew has those it may serve."""
    return {n for n, v in enumerate(visits) if (v.needs or v.pinned_shift) and crew_refusal(shift, v) is None}


def _vehicle(number: int, shift: Shift, places: _Places, case: Case) -> Any:
    import vroom

    breaks = []
    if shift.break_ is not None and (bounds := break_bounds(shift)) is not None:
        breaks.append(vroom.Break(number, [vroom.TimeWindow(*bounds)], shift.break_.duration_s))
    return vroom.Vehicle(
        number,
        start=places.depot[shift.start_place],
        end=places.depot[shift.end_place],
        capacity=[] if case.goods is None else [case.goods.capacity],
        skills=_skills(shift, case.problem.visits),
        time_window=vroom.TimeWindow(shift.start_s, shift.end_s),
        breaks=breaks,
    )


def _job(number: int, priority: int, case: Case) -> Any:
    import vroom

    visit = case.problem.visits[number]
    return vroom.Job(
        number,
        location=number,
        default_service=visit.service_s,
        delivery=vroom.Amount([] if case.goods is None else [case.goods.load[visit.id]]),
        skills={number} if visit.needs or visit.pinned_shift else set(),
        priority=priority,
        time_windows=[vroom.TimeWindow(*span) for span in joined(visit.windows)],
    )


def priorities(visits: Sequence[Visit]) -> list[int]:
    """Of required visits the highest; of optional ones by their penalties, where possible in all less than that."""
    optional = [visit.drop_penalty_s for visit in visits if not visit.required]
    share = max(1.0, (HIGHEST - 1) / max(1, len(optional)))
    dearest = max(1, *optional) if optional else 1
    return [HIGHEST if v.required else max(1, int(share * v.drop_penalty_s / dearest)) for v in visits]


def joined(windows: Sequence[Window]) -> list[tuple[int, int]]:
    """Windows in order, those that touch as one: VROOM takes no others."""
    spans: list[tuple[int, int]] = []
    for window in sorted(windows):
        if spans and window.opens_s <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], max(spans[-1][1], window.closes_s))
        else:
            spans.append((window.opens_s, window.closes_s))
    return spans
