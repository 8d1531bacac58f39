"""Measures solving: what ten seconds find against the least that anything here finds in sixty.

``python -m benchmarks.solve`` prints a table (Markdown) of generated days, each with lunch, one promised far booking,
and two thirds of its visits promised. The rivals are the product's own search and OR-Tools' guided local search from
each first solution strategy alone. ``--smoke`` solves one small day in a second and compares nothing.

Exit status: 1 where the checker is not silent, a promise is not on a route, or a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.days import SIZES, generate_day
from routing.check import check
from routing.errors import SolveError
from routing.problem import DayProblem
from routing.solver import SearchBudget, solve_without_check
from routing.solver.model import local_search
from routing.solver.pool import RoutePool
from routing.solver.search import STRATEGIES
from routing.solver.task import SearchTask

MEDIAN_GOAL, WORST_GOAL = 0.03, 0.06

HEAD = (
    "| visits/vans | seed | ours s | least s | gap | left out | promises broken | violations | least found by |",
    "|---|---|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One day: our objective after the short time, the least of all after the long one, and who found it."""

    visits: int
    vans: int
    seed: int
    ours_s: int
    least_s: int
    by: str
    left_out: int
    broken: int
    violations: int
    made_by: str

    @property
    def gap(self) -> float:
        """How far ours lies above the least."""
        return self.ours_s / self.least_s - 1

    @property
    def right(self) -> bool:
        """Whether the checker is silent and every promise, the far one too, is on a route."""
        return self.violations == 0 and self.broken == 0

    def row(self) -> str:
        """The line of the table."""
        cells = (
            f"{self.visits}/{self.vans}",
            *(self.seed, self.ours_s, self.least_s, f"{self.gap:.2%}", self.left_out, self.broken, self.violations),
            self.by,
        )
        return f"| {' | '.join(map(str, cells))} |"


def measure(
    sizes: Sequence[tuple[int, int]], seeds: Sequence[int], seconds: float, long_seconds: float | None
) -> Iterator[Measured]:
    """Solve one day of every size and seed, one after the other; ``long_seconds=None`` compares with nothing."""
    for visits, vans in sizes:
        for seed in seeds:
            problem = generate_day(visits, vans, seed, far_booking=True)
            plan = solve_without_check(problem, budget=SearchBudget(seconds=seconds))
            if plan.objective_s is None:
                raise SolveError("SOLVER_FAILED", f"no plan for {visits}/{vans} seed {seed}, made to be served")
            found = [(plan.objective_s, "this plan")]
            if long_seconds is not None:
                found += rivals(problem, long_seconds)
            least_s, by = min(found, key=lambda rival: rival[0])
            left_out = [visit for visit in problem.visits if visit.id not in plan.served]
            yield Measured(
                visits=visits,
                vans=vans,
                seed=seed,
                ours_s=plan.objective_s,
                least_s=least_s,
                by=by,
                left_out=len(left_out),
                broken=sum(visit.required for visit in left_out),
                violations=len(check(problem, plan)),
                made_by=" ".join((plan.certificate.method, *map(" ".join, plan.certificate.versions.items()))),
            )


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how it was measured, the table, and whether the goals are met; return the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--days", type=int, default=3, help="days of every size")
    options.add_argument("--first-seed", type=int, default=0, help="the days have this seed and the next ones")
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--long", type=float, default=60.0)
    options.add_argument("--smoke", action="store_true", help="one small day, one second, no comparison")
    given = options.parse_args(arguments)
    if given.smoke:
        return _report(measure(SIZES[:1], [0], 1.0, None), compared=False)
    seeds = range(given.first_seed, given.first_seed + given.days)
    print(f"ours: {given.seconds:g} s; the least of all: {given.long:g} s each; seeds {seeds[0]}-{seeds[-1]}")
    return _report(measure(SIZES, seeds, given.seconds, given.long), compared=True)


def _report(days: Iterator[Measured], *, compared: bool) -> int:
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    print(f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} processors{load}", flush=True)
    print("", *HEAD, sep="\n", flush=True)
    rows = []
    for row in days:
        rows.append(row)
        print(row.row(), flush=True)
    print("", f"method: {rows[0].made_by}", sep="\n")
    right = all(row.right for row in rows)
    print("every plan is right" if right else "WRONG: a plan breaks a rule or a promise")
    if not compared:
        return 0 if right else 1
    gaps = [row.gap for row in rows]
    median, worst = statistics.median(gaps), max(gaps)
    met = median <= MEDIAN_GOAL and worst <= WORST_GOAL
    print(f"median {median:.2%} (goal {MEDIAN_GOAL:.0%}), worst {worst:.2%} (goal {WORST_GOAL:.0%})")
    print("goals met" if met else "goals MISSED")
    return 0 if right and met else 1


if __name__ == "__main__":
    sys.exit(main())
