"""Measures solving: what ten seconds find against the least that anything here finds in sixty.

``python -m benchmarks.solve`` prints a table of generated days; ``--days`` and the seconds can be made smaller. The
rivals are the product's own search and OR-Tools' guided local search from each first solution strategy alone.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.days import SIZES, generate_day
from routing.check import check
from routing.problem import DayProblem
from routing.solver import SearchBudget, solve_without_check
from routing.solver.model import local_search
from routing.solver.pool import RoutePool
from routing.solver.search import STRATEGIES
from routing.solver.task import SearchTask

MEDIAN_GOAL, WORST_GOAL = 0.03, 0.06


@dataclass(frozen=True, slots=True)
class Measured:
    """One day: our objective after the short time, the least of all after the long one, and who found it."""

    day: str
    ours_s: int
    least_s: int
    by: str
    left_out: int
    violations: int

    @property
    def gap(self) -> float:
        """How far ours lies above the least."""
        return self.ours_s / self.least_s - 1


def measure(days: int, seconds: float, long_seconds: float) -> Iterator[Measured]:
    """Solve ``days`` days of every size, one after the other."""
    for visits, vans in SIZES:
        for seed in range(days):
            problem = generate_day(visits, vans, seed)
            plan = solve_without_check(problem, budget=SearchBudget(seconds=seconds))
            ours_s = plan.objective_s
            if ours_s is None:
                raise RuntimeError(f"no plan for {visits}/{vans}/{seed}, a day made to be served")
            least_s, by = min(((ours_s, "this plan"), *rivals(problem, long_seconds)), key=lambda found: found[0])
            name = f"{visits}/{vans} #{seed}"
            yield Measured(name, ours_s, least_s, by, len(plan.unassigned), len(check(problem, plan)))


def rivals(problem: DayProblem, seconds: float) -> Iterator[tuple[int, str]]:
    """Objective and name of every other configuration after ``seconds``; those that break a promise are left out."""
    longer = solve_without_check(problem, budget=SearchBudget(seconds=seconds))
    if longer.objective_s is not None:
        yield longer.objective_s, "the same, longer"
    visits, shifts = tuple(v.id for v in problem.visits), tuple(s.id for s in problem.shifts)
    task = SearchTask(problem, visits, shifts, SearchBudget(seconds=seconds))
    required = {visit.id for visit in problem.visits if visit.required}
    for strategy in STRATEGIES:
        orders = local_search(task, strategy=strategy, seconds=seconds, solutions=None)
        if required <= {visit for order in orders.values() for visit in order}:
            yield RoutePool(task).cost(orders), strategy.lower()


def main() -> None:
    """Print the table and whether the goals are met."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--days", type=int, default=3, help="days of every size")
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--long", type=float, default=60.0)
    given = options.parse_args()
    print(f"{'day':>10} {'ours':>8} {'least':>8} {'gap':>7}  left out  violations  found by", flush=True)
    gaps = []
    for row in measure(given.days, given.seconds, given.long):
        gaps.append(row.gap)
        print(
            f"{row.day:>10} {row.ours_s:>8} {row.least_s:>8} {row.gap:>7.2%}"
            f" {row.left_out:>9} {row.violations:>11}  {row.by}",
            flush=True,
        )
    median, worst = statistics.median(gaps), max(gaps)
    met = median <= MEDIAN_GOAL and worst <= WORST_GOAL
    print(f"median {median:.2%} (goal {MEDIAN_GOAL:.0%}), worst {worst:.2%} (goal {WORST_GOAL:.0%})")
    print("goals met" if met else "goals MISSED")


if __name__ == "__main__":
    main()
