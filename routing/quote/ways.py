"""The shortest legal ways of a standing day when a van may stop for any of its visits on the way.

A place may lie beyond the leg limit from the depot, yet be legal, or sooner, from a visit half way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.problem import DayProblem, Visit
from routing.schedule import break_bounds, crew_refusal

Seconds = npt.NDArray[np.float64]
Way = Sequence[int | None]


@dataclass(frozen=True)
class Ways:
    """The shortest legal ways between the stops and depots of a day, stopping (with service) for any visit between."""

    problem: DayProblem
    places: Sequence[int]
    best_s: Seconds
    long_leg_ok: npt.NDArray[np.bool_]
    service_s: Seconds
    depots: dict[str, int]

    @classmethod
    def of(cls, problem: DayProblem) -> Ways:
        """Work them out (Floyd and Warshall, every stop between costing its service)."""
        names = sorted({place for shift in problem.shifts for place in (shift.start_place, shift.end_place)})
        visits = problem.visits
        places = [problem.place_index[place] for place in (*(visit.place for visit in visits), *names)]
        table = np.array(problem.travel_s, dtype=np.float64).reshape(len(problem.places), -1)[np.ix_(places, places)]
        far = np.array([*(visit.long_leg_ok for visit in visits), *(False for _ in names)], dtype=np.bool_)
        best = _legal(table, problem.max_leg_s, far[:, None] | far[None, :])
        np.fill_diagonal(best, 0.0)
        for via, visit in enumerate(visits):
            through = best[:, via, None] + visit.service_s + best[None, via, :]
            through[via, :] = through[:, via] = np.inf
            np.minimum(best, through, out=best)
        service = np.array([*(visit.service_s for visit in visits), *(0 for _ in names)], dtype=np.float64)
        return cls(problem, places, best, far, service, {name: len(visits) + at for at, name in enumerate(names)})

    def stones_help(self, visit: Visit, to_new_s: Way, from_new_s: Way) -> bool:
        """Whether for a van that may serve a new visit a stop on the way beats the direct way there or back.

        Where none does, a visit that cannot be served alone cannot be served at all (as in
        :func:`routing.explain.proved_impossible`).
        """
        limit_s, may = self.problem.max_leg_s, self.long_leg_ok | visit.long_leg_ok
        there = _legal(np.array(to_new_s, dtype=np.float64)[self.places], limit_s, may)
        back = _legal(np.array(from_new_s, dtype=np.float64)[self.places], limit_s, may)
        stops = slice(0, len(self.places) - len(self.depots))
        for shift in self.problem.shifts:
            if crew_refusal(shift, visit) is not None or (shift.break_ is not None and break_bounds(shift) is None):
                continue
            start, end = self.depots[shift.start_place], self.depots[shift.end_place]
            out_s = self.best_s[start, stops] + self.service_s[stops] + there[stops]
            home_s = back[stops] + self.service_s[stops] + self.best_s[stops, end]
            if out_s.min(initial=np.inf) < there[start] or home_s.min(initial=np.inf) < back[end]:
                return True
        return False


def _legal(seconds: Seconds, limit_s: int, may_be_long: npt.NDArray[np.bool_]) -> Seconds:
    """Driving times with roads that do not exist, and legs that are too long, infinite."""
    known = np.nan_to_num(seconds, nan=np.inf)
    return np.where((known > limit_s) & ~may_be_long, np.inf, known)
