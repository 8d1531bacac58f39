"""Compiles the solver's inner loops once and keeps them, so that no search has to: ``python -m routing.solver.warm``.

Every compiled function is called once with the types it is always called with, by solving a small day to its proof.
"""

from __future__ import annotations

import sys
import time
from datetime import date as Date

from routing.problem import Break, DayProblem, Place, Shift, Visit, Window
from routing.solver.budget import SearchBudget
from routing.solver.compiled import is_compiled
from routing.solver.exact.cuts import violated
from routing.solver.solving import solve
from routing.solver.task import SearchTask


def warm() -> None:
    """Solve a small day on which every compiled function has something to do."""
    problem = _day()
    visits = tuple(visit.id for visit in problem.visits)
    solve(SearchTask(problem, visits, tuple(shift.id for shift in problem.shifts), SearchBudget(solutions=60)))
    violated([(0, 1), (0, 2), (1, 2)], [0.5, 0.5, 0.5], 3)


def _day() -> DayProblem:
    """Nine visits around the depot for two vans with lunch, more than fit; legs unlike enough to leave halves open."""
    names = ["depot", *(f"p{number}" for number in range(9))]
    travel_s = tuple(
        tuple(0 if here == there else 600 + 97 * (3 * here + 7 * there + here * there) % 1100 for there in range(10))
        for here in range(10)
    )
    rest = Break(3600, 41_400, 48_600)
    return DayProblem(
        date=Date(2026, 1, 5),
        places=tuple(Place(name, 31.7, 131.0) for name in names),
        travel_s=travel_s,
        shifts=tuple(
            Shift(f"van-{number}", "depot", "depot", 30_600, 62_100, (f"a{number}", f"b{number}"), frozenset(), rest)
            for number in range(2)
        ),
        visits=tuple(
            Visit(name, name, 2400, (Window(34_200 + 1800 * number, 45_000 + 1800 * number),), drop_penalty_s=4000)
            for number, name in enumerate(names[1:])
        ),
    )


if __name__ == "__main__":
    began = time.monotonic()
    warm()
    state = "compiled" if is_compiled() else "not compiled: numba is not installed, days take longer"
    sys.stderr.write(f"solver: {state} ({time.monotonic() - began:.0f} s)\n")
