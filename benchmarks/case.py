"""What every solver is given and what it gives back: a day, perhaps with goods; orders, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from routing.insertion import Orders
from routing.plan import DayPlan
from routing.problem import DayProblem
from routing.solver import SearchBudget
from routing.solver.task import SearchTask


@dataclass(frozen=True, slots=True)
class Goods:
    """What each visit takes of a van, by visit id, and the most a van carries. No day of the product has any."""

    load: Mapping[str, int]
    capacity: int

    def carried(self, order: tuple[str, ...]) -> int:
        """What a route carries."""
        return sum(self.load[visit] for visit in order)


@dataclass(frozen=True)
class Case:
    """One day to be solved by everybody.

    Attributes:
        name: what the tables call it.
        problem: the day.
        goods: what it carries, if anything.
    """

    name: str
    problem: DayProblem
    goods: Goods | None = None

    def task(self, budget: SearchBudget) -> SearchTask:
        """All visits and all shifts as a task of the solver."""
        visits, shifts = self.problem.visits, self.problem.shifts
        return SearchTask(self.problem, tuple(v.id for v in visits), tuple(s.id for s in shifts), budget)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a solver knew after some CPU seconds; ``None`` where it had no such thing."""

    cpu_s: float
    cost_s: int | None
    bound_s: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a solver found.

    Attributes:
        orders: visits by shift; empty where nothing was found.
        bound_s: what no day can cost less than, where the solver proves such a thing.
        finished: it ended by itself: more seconds would change nothing.
        plan: the whole plan, where the solver makes one.
        trace: better days and bounds over time.
        elsewhere_cpu_s: CPU seconds spent in processes of its own.
        peak_mb: memory of such a process at its peak.
    """

    orders: Orders
    bound_s: int | None = None
    finished: bool = False
    plan: DayPlan | None = None
    trace: tuple[Moment, ...] = field(default=(), repr=False)
    elsewhere_cpu_s: float = 0.0
    peak_mb: float = 0.0
