"""What a search has spent of its budget: wall-clock seconds, processor seconds, or counted steps (repeatable)."""

from __future__ import annotations

import time

from routing.solver.budget import SearchBudget

_LABELS_A_SECOND, _LABELS_AT_LEAST = 150_000, 300_000
"""Labels there is time for in a second, and how many may always be made: fewer leave windows undecided."""
_LABELS_A_STEP = 5000
"""Labels that take about as long as one counted step does otherwise."""


class Spending:
    """A budget being spent; the clock starts now.

    Args:
        budget: what may be spent.
    """

    def __init__(self, budget: SearchBudget) -> None:
        self._budget = budget
        self._began, self._cpu_began = time.monotonic(), time.process_time()
        self._counted = 0

    @property
    def used_s(self) -> float:
        """Seconds spent, of the kind the budget counts."""
        if self._budget.cpu_seconds is not None:
            return time.process_time() - self._cpu_began
        return time.monotonic() - self._began

    @property
    def left_s(self) -> float | None:
        """Seconds left, ``None`` where steps are counted."""
        limit = self._budget.cpu_seconds if self._budget.cpu_seconds is not None else self._budget.seconds
        return None if limit is None else max(0.0, limit - self.used_s)

    def count(self, steps: int = 1) -> None:
        """Steps taken."""
        self._counted += steps

    def labels(self, most: int) -> int:
        """How many labels may be made at once: ``most``, or those there is time for."""
        return most if self.left_s is None else min(most, _LABELS_AT_LEAST + int(_LABELS_A_SECOND * self.left_s))

    def count_labels(self, number: int) -> None:
        """Labels made: so many of them are a step."""
        self.count(number // _LABELS_A_STEP)

    @property
    def left(self) -> int | None:
        """Steps left, ``None`` where seconds are counted."""
        return None if self._budget.solutions is None else max(0, self._budget.solutions - self._counted)

    @property
    def over(self) -> bool:
        """Whether the budget is spent."""
        left_s, left = self.left_s, self.left
        return (left_s is not None and left_s <= 0) or (left is not None and left <= 0)
