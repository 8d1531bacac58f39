"""What the child process is given and what it gives back: plain values, so that only the child loads OR-Tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Date

from routing.insertion import Orders
from routing.problem import DAY_S, Break, DayProblem, Place, Shift, Visit, Window
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


def small_task() -> SearchTask:
    """A day that takes a moment, on which every part of the search has something to do: to get it ready."""
    problem = _small_day()
    visits = tuple(visit.id for visit in problem.visits)
    return SearchTask(problem, visits, tuple(shift.id for shift in problem.shifts), SearchBudget(solutions=60))


def _small_day() -> DayProblem:
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
