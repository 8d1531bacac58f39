"""Plans a service day: ``solve_day`` and what it takes. OR-Tools lives in a child process behind it."""

from routing.solver.budget import SearchBudget
from routing.solver.day import find_plan, relax_required, solve_breaking_fewest, solve_day, solve_without_check
from routing.solver.worker import get_ready

__all__ = [
    "SearchBudget",
    "find_plan",
    "get_ready",
    "relax_required",
    "solve_breaking_fewest",
    "solve_day",
    "solve_without_check",
]
