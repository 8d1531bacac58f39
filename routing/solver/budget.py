"""How much searching a plan may cost: seconds in production, solutions in tests."""

from __future__ import annotations

from dataclasses import dataclass

from routing.errors import SolveError

_SOLUTIONS_LIMIT_S = 300.0
_MAX_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchBudget:
    """Exactly one of three measures.

    Args:
        seconds: wall-clock seconds of search. The plan then depends on the machine.
        cpu_seconds: processor seconds of search: the same, but other work on the machine takes nothing away.
        solutions: steps of every part of the search. Repeatable: same problem, same plan.
        grace_s: how much longer the child process may take for everything besides searching before it is killed.

    Raises:
        SolveError: ``BAD_BUDGET`` for none or both, or nothing to spend.
    """

    seconds: float | None = None
    cpu_seconds: float | None = None
    solutions: int | None = None
    grace_s: float = 30.0

    def __post_init__(self) -> None:
        if sum(measure is not None for measure in (self.seconds, self.cpu_seconds, self.solutions)) != 1:
            raise SolveError("BAD_BUDGET", "a budget is seconds, processor seconds or solutions, exactly one")
        for seconds in (self.seconds, self.cpu_seconds):
            if seconds is not None and not 0 < seconds <= _MAX_SECONDS:
                raise SolveError("BAD_BUDGET", f"{seconds} seconds is not in 0..{_MAX_SECONDS}")
        if self.solutions is not None and self.solutions < 1:
            raise SolveError("BAD_BUDGET", f"{self.solutions} solutions is not at least 1")

    @property
    def wall_limit_s(self) -> float:
        """When the child process is killed, in seconds after it got the task."""
        if self.cpu_seconds is not None:  # a busy machine may give a process half of its time, or less
            return 4 * self.cpu_seconds + self.grace_s
        return (self.seconds if self.seconds is not None else _SOLUTIONS_LIMIT_S) + self.grace_s
