"""Where the vans go: day problems, plans, schedules, an independent checker and, loaded lazily, the solver.

Knows nothing of bookings, maps or the city's programme.
"""

from __future__ import annotations

from typing import Any

_OF_THE_SOLVER = frozenset(
    {"SearchBudget", "find_plan", "relax_required", "solve_breaking_fewest", "solve_day", "solve_without_check"}
)


def __getattr__(name: str) -> Any:
    """``routing.solve_day`` and its like load :mod:`routing.solver` when first asked for."""
    if name in _OF_THE_SOLVER:
        import importlib

        return getattr(importlib.import_module("routing.solver"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
