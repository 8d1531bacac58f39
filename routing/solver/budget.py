"""How much searching a plan may cost: seconds in production, solutions in tests."""

from __future__ import annotations

from dataclasses import dataclass

from routing.errors import SolveError

_SOLUTIONS_LIMIT_S = 300.0
_MAX_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchBudget:
    """Exactly one of two measures.

    Args:
        seconds: wall-clock seconds of search. The plan then depends on the machine.
        solutions: accepted moves of the local search. Repeatable: same problem, same plan.
        grace_s: how much longer the child process may take for everything besides searching before it is killed.

    Raises:
        SolveError: ``BAD_BUDGET`` for none or both, or nothing to spend.
    """

    seconds: float | None = None
    solutions: int | None = None
    grace_s: float = 30.0

    def __post_init__(self) -> None:
        if (self.seconds is None) == (self.solutions is None):
            raise SolveError("BAD_BUDGET", "a budget is seconds or solutions, exactly one")
        if self.seconds is not None and not 0 < self.seconds <= _MAX_SECONDS:
            raise SolveError("BAD_BUDGET", f"{self.seconds} seconds is not in 0..{_MAX_SECONDS}")
        if self.solutions is not None and self.solutions < 1:
            raise SolveError("BAD_BUDGET", f"{self.solutions} solutions is not at least 1")

    @property
    def wall_limit_s(self) -> float:
        """When the child process is killed, in seconds after it got the task."""
        return (self.seconds if self.seconds is not None else _SOLUTIONS_LIMIT_S) + self.grace_s
