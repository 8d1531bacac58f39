"""PyVRP (iterated local search), on days without breaks, which it does not know.

What of a day it can be told: windows (a visit of several is a group of clients of which one is served), prizes for
optional visits, skills and pins (a profile of ways for every kind of shift), legs that are not allowed (as legs of ten
days), several depots, goods. It stops by CPU seconds.
"""

from __future__ import annotations

import importlib.util
import time
from importlib import metadata
from typing import Any

from benchmarks.case import Answer, Case, Moment
from benchmarks.days import generate_day, without_lunch
from routing.problem import DAY_S, Shift, Visit
from routing.schedule import crew_refusal, leg_refusal
from routing.solver.task import shift_kind

NAME = "PyVRP"
SEED = 1
FORBIDDEN_S = 10 * DAY_S


def version() -> str | None:
    """Of the package."""
    return metadata.version("pyvrp") if importlib.util.find_spec("pyvrp") is not None else None


def refuses(case: Case) -> str | None:
    """Days with breaks."""
    return "knows no breaks" if any(shift.break_ is not None for shift in case.problem.shifts) else None


def warm() -> None:
    """Load it."""
    solve(Case("warm", without_lunch(generate_day(6, 1, 1))), 0.1)


def solve(case: Case, seconds: float) -> Answer:
    """The best feasible day it finds."""
    began = time.process_time()
    told = _Model(case)
    trace: list[Moment] = []

    def stop(best_cost: int) -> bool:
        now_s = time.process_time() - began
        cost_s = int(best_cost) - told.offset_s
        if not trace or cost_s < (trace[-1].cost_s or 0):
            trace.append(Moment(now_s, cost_s, None))
        return now_s > seconds

    result: Any = told.model.solve(stop, seed=SEED, collect_stats=False, display=False)
    return Answer(told.orders(result.best) if result.is_feasible() else {}, trace=tuple(trace))


class _Model:
    """The day in PyVRP's words.

    Attributes:
        model: what it solves.
        offset_s: what its objective says too much: of a visit of several windows all but one are always left out.
    """

    def __init__(self, case: Case) -> None:
        import pyvrp

        self.model: Any = pyvrp.Model()
        self.offset_s = 0
        self._case, self._problem = case, case.problem
        kinds: dict[Any, list[Shift]] = {}
        for shift in self._problem.shifts:
            kinds.setdefault(shift_kind(self._problem, shift), []).append(shift)
        self._shifts = list(kinds.values())
        names = sorted({place for shift in self._problem.shifts for place in (shift.start_place, shift.end_place)})
        self._depot_at = {name: self.model.add_location(0, 0) for name in names}
        self._visit_at = [self.model.add_location(0, 0) for _ in self._problem.visits]
        self._depots = {name: self.model.add_depot(location) for name, location in self._depot_at.items()}
        self._visit_of: list[str] = []
        for visit, location in zip(self._problem.visits, self._visit_at, strict=True):
            self._add_visit(visit, location)
        for shifts in self._shifts:
            self._add_kind(shifts)

    def orders(self, best: Any) -> dict[str, tuple[str, ...]]:
        """A solution of it as orders of ours."""
        free = [list(shifts) for shifts in self._shifts]
        orders: dict[str, tuple[str, ...]] = {}
        for route in best.routes():
            visits = tuple(self._visit_of[activity.idx] for activity in route if activity.is_client())
            if visits:
                orders[free[route.vehicle_type()].pop(0).id] = visits
        return orders

    def _add_visit(self, visit: Visit, location: Any) -> None:
        goods = self._case.goods
        windows = sorted(visit.windows)
        group = self.model.add_client_group(required=visit.required) if len(windows) > 1 else None
        prize = 0 if visit.required else visit.drop_penalty_s
        for window in windows:
            self.model.add_client(
                location,
                delivery=[] if goods is None else [goods.load[visit.id]],
                service_duration=visit.service_s,
                tw_early=window.opens_s,
                tw_late=window.closes_s,
                prize=prize,
                required=visit.required and group is None,
                group=group,
            )
            self._visit_of.append(visit.id)
        self.offset_s += prize * (len(windows) - 1)

    def _add_kind(self, shifts: list[Shift]) -> None:
        shift, visits = shifts[0], self._problem.visits
        profile = self.model.add_profile()
        able = [crew_refusal(shift, visit) is None for visit in visits]
        for i, here in enumerate(visits):
            for depot, location in self._depot_at.items():
                out_s = self._leg(depot, here.place, here.long_leg_ok) if able[i] else FORBIDDEN_S
                home_s = self._leg(here.place, depot, here.long_leg_ok) if able[i] else FORBIDDEN_S
                self.model.add_edge(location, self._visit_at[i], out_s, out_s, profile)
                self.model.add_edge(self._visit_at[i], location, home_s, home_s, profile)
            for j, there in enumerate(visits):
                if i != j:
                    exempt = here.long_leg_ok or there.long_leg_ok
                    way_s = self._leg(here.place, there.place, exempt) if able[i] and able[j] else FORBIDDEN_S
                    self.model.add_edge(self._visit_at[i], self._visit_at[j], way_s, way_s, profile)
        goods = self._case.goods
        self.model.add_vehicle_type(
            num_available=len(shifts),
            capacity=[] if goods is None else [goods.capacity],
            start_depot=self._depots[shift.start_place],
            end_depot=self._depots[shift.end_place],
            tw_early=shift.start_s,
            tw_late=shift.end_s,
            profile=profile,
        )

    def _leg(self, here: str, there: str, exempt: bool) -> int:
        driving_s = self._problem.driving_s(here, there)
        refused = leg_refusal(self._problem, driving_s, exempt=exempt) is not None
        return FORBIDDEN_S if refused or driving_s is None else driving_s
