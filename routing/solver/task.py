"""What the child process is given and what it gives back: plain values, so that only the child loads OR-Tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.insertion import Orders
from routing.problem import DAY_S, DayProblem, Shift
from routing.solver.budget import SearchBudget


@dataclass(frozen=True, slots=True)
class SearchTask:
    """Find orders for some visits on some shifts.

    Attributes:
        problem: the day.
        visits: ids of the visits to place, at least one.
        shifts: ids of the shifts to place them on, at least one; each has room for its break.
        budget: when to stop.
        start: legal orders to begin from, or empty.
        any_plan: whether any orders that serve everybody they must will do, however long the driving.
    """

    problem: DayProblem
    visits: tuple[str, ...]
    shifts: tuple[str, ...]
    budget: SearchBudget
    start: Orders = field(default_factory=dict)
    any_plan: bool = False


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What is known of the task.

    Attributes:
        orders: the best orders found (not yet timed; visits left out are in none), ``None`` where none keeps all
            that is required.
        bound_s: driving and omissions of the task's visits that no day goes below, ``None`` where nothing is known.
        proved: whether the orders are proved best, or, where there are none, that there are none.
        conflict: where there are none: required visits proved impossible to keep together, as few as time allowed.
        method: how they were found.
        versions: of the libraries that found them.
        interrupted: the process that searched ended before it was done; this is what it had told by then.
    """

    orders: Mapping[str, tuple[str, ...]] | None
    bound_s: int | None = None
    proved: bool = False
    conflict: tuple[str, ...] = ()
    method: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    interrupted: bool = False


def omission_penalty_s(problem: DayProblem, visit_id: str) -> int:
    """What leaving a visit out costs in the search.

    An optional visit costs its drop penalty; a required one more than a whole plan that leaves out no required visit.
    """
    visit = problem.visit_by_id[visit_id]
    if not visit.required:
        return visit.drop_penalty_s
    optional = sum(other.drop_penalty_s for other in problem.visits if not other.required)
    return optional + DAY_S * len(problem.shifts) + 1


ShiftKind = tuple[object, ...]
"""What makes two shifts exchangeable."""


def shift_kind(problem: DayProblem, shift: Shift) -> ShiftKind:
    """All that matters of a shift when visits are put on it; the crew's names do not."""
    pinned = frozenset(visit.id for visit in problem.visits if visit.pinned_shift == shift.id)
    return (shift.start_place, shift.end_place, shift.start_s, shift.end_s, shift.skills, shift.break_, pinned)
