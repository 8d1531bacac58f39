"""Compiles the solver's inner loops once and keeps them, so that no search has to: ``python -m routing.solver.warm``.

Every compiled function is called once with the types it is always called with, by solving a small day to its proof.
"""

from __future__ import annotations

import sys
import time

from routing.solver.compiled import is_compiled
from routing.solver.exact.cuts import violated
from routing.solver.solving import solve
from routing.solver.task import small_task


def warm() -> None:
    """Solve a small day on which every compiled function has something to do."""
    solve(small_task())
    violated([(0, 1), (0, 2), (1, 2)], [0.5, 0.5, 0.5], 3)


if __name__ == "__main__":
    began = time.monotonic()
    warm()
    state = "compiled" if is_compiled() else "not compiled: numba is not installed, days take longer"
    sys.stderr.write(f"solver: {state} ({time.monotonic() - began:.0f} s)\n")
