"""Measures quoting: what a window costs by insertion, and how that grows with days, vans and visits.

``python -m benchmarks.quote`` prints a table (Markdown). Every row quotes one new visit on ``days`` service days of
``vans`` vans with ``visits`` promised visits a route, in each of the 12 windows of the grid, travel times given:

* *tables*: compiling the standing days, once for each plan that is stored;
* *pass*: all gaps of all routes in all windows, with the best gap of every window: the insertion pass;
* *quotes*: every window decided, every witness route timed and checked; *first 20*: the twenty best offers alone.

CPU time of this process, median of many runs (tables: of fresh days each time). ``--smoke`` measures the smallest row
in few runs and compares nothing.

Exit status: 1 where a witness is refused by the checker, or the goal is missed (30 days, 5 vans, 12 windows, 6 visits a
route: the pass within 2 ms).
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from benchmarks.days import DATE, GRID_COUNT, GRID_START, GRID_STEP, HALL, generate_day
from routing.check import check
from routing.insertion import Orders, orders_of
from routing.plan import Certificate, DayPlan, PlanStatus, Route
from routing.problem import DayProblem, Place, Visit, Window
from routing.quote import DayRoutes, QuotedDay, Quotes, RankWeights, quote_days
from routing.quote.offers import Inserter
from routing.schedule import schedule_route
from routing.solver import SearchBudget, solve_day
from routing.travel import EstimatedTravel

GOAL_MS = 2.0
GOAL_SIZE = (30, 5, 6)
SIZES = ((1, 5, 6), (10, 5, 6), GOAL_SIZE, (60, 5, 6), (30, 2, 6), (30, 10, 6), (30, 5, 0), (30, 5, 3), (30, 5, 4))
"""Days, vans and visits a route."""

GRID = tuple(
    Window(GRID_START + GRID_STEP * number, GRID_START + GRID_STEP * (number + 1)) for number in range(GRID_COUNT)
)
PLACE = Place("new", HALL.lat + 0.05, HALL.lon + 0.03)
"""Some six kilometres from the hall."""
VISIT = Visit("~new", PLACE.id, 2400, GRID)

HEAD = (
    "| days | vans | visits a route | tables ms | pass ms | offered | quotes ms | first 20 ms |",
    "|---|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """One size: medians in milliseconds of CPU, and what was found."""

    days: int
    vans: int
    visits: int
    tables_ms: float
    pass_ms: float
    offered: int
    windows: int
    quotes_ms: float
    first_ms: float
    violations: int

    @property
    def met(self) -> bool:
        """Whether the size the goal is set for keeps it."""
        return (self.days, self.vans, self.visits) != GOAL_SIZE or self.pass_ms <= GOAL_MS

    def row(self) -> str:
        """The line of the table."""
        times = (f"{ms:.2f}" for ms in (self.tables_ms, self.pass_ms))
        rest = (f"{ms:.0f}" for ms in (self.quotes_ms, self.first_ms))
        cells = (self.days, self.vans, self.visits, *times, f"{self.offered}/{self.windows}", *rest)
        return f"| {' | '.join(map(str, cells))} |"


def measure(days: int, vans: int, visits: int, *, runs: int) -> Measured:
    """Quote on ``days`` days, all alike but for their date and a few visits that each lacks."""
    standing = standing_days(days, vans, visits)
    asked = quoted(standing)
    inserter = Inserter(VISIT, PLACE, asked, RankWeights())
    inserter.fits()
    quotes = quote_days(VISIT, PLACE, asked)
    return Measured(
        days=days,
        vans=vans,
        visits=visits,
        tables_ms=median_ms(lambda: [fresh.table for fresh in fresh_days(standing)], max(3, runs // 20)),
        pass_ms=median_ms(inserter.fits, runs),
        offered=len(quotes.quotes),
        windows=days * len(GRID),
        quotes_ms=median_ms(lambda: quote_days(VISIT, PLACE, asked), max(3, runs // 40)),
        first_ms=median_ms(lambda: quote_days(VISIT, PLACE, asked, most=20), max(3, runs // 40)),
        violations=violations(quotes),
    )


def violations(quotes: Quotes) -> int:
    """What the checker says of some of the whole witnesses."""
    return sum(len(check(quote.problem, quote.witness)) for quote in quotes.quotes[::10])


def median_ms(work: Callable[[], object], runs: int) -> float:
    """The median CPU time of a run."""
    times = []
    for _ in range(runs):
        began = time.process_time()
        work()
        times.append(1000 * (time.process_time() - began))
    return statistics.median(times)


def fresh_days(standing: Sequence[DayRoutes]) -> list[DayRoutes]:
    """The same days, nothing compiled yet."""
    return [DayRoutes(day.problem, day.plan) for day in standing]


def quoted(standing: Sequence[DayRoutes]) -> list[QuotedDay]:
    """The days with the ways to and from the new place."""
    places = (*standing[0].problem.places, PLACE)
    travel_s = EstimatedTravel().matrix(places).seconds
    ways = travel_s[-1][:-1], tuple(row[-1] for row in travel_s[:-1])
    return [QuotedDay(day, GRID, *ways) for day in standing]


def standing_days(days: int, vans: int, visits: int) -> list[DayRoutes]:
    """Days with routes of ``visits`` promised stops: of one solved day, a few of its six a route left out each time."""
    problem, orders = _full_day(vans)
    made = []
    for number in range(days):
        kept = {
            van: tuple(v for at, v in enumerate(order) if (at + number) % len(order) < visits)
            for van, order in orders.items()
        }
        served = {visit for order in kept.values() for visit in order}
        left = replace(
            problem,
            date=DATE + timedelta(number),
            visits=tuple(visit for visit in problem.visits if visit.id in served),
        )
        made.append(DayRoutes(left, _plan(left, kept)))
    return made


def _full_day(vans: int) -> tuple[DayProblem, Orders]:
    """A day of six promised visits a van, each in the one window it was served in."""
    for seed in range(20):
        problem = generate_day(6 * vans, vans, seed)
        problem = replace(problem, visits=tuple(replace(visit, required=True) for visit in problem.visits))
        plan = solve_day(problem, budget=SearchBudget(solutions=100))
        if len(plan.served) == len(problem.visits) and len(plan.routes) == vans:
            break
    else:
        raise ValueError(f"no day of {vans} vans was solved")
    starts_s = {stop.visit: stop.start_s for route in plan.routes for stop in route.stops}
    visits = tuple(
        replace(visit, windows=(next(window for window in visit.windows if starts_s[visit.id] in window),))
        for visit in problem.visits
    )
    return replace(problem, visits=visits), orders_of(plan)


def _plan(problem: DayProblem, orders: Orders) -> DayPlan:
    routes = []
    for shift in problem.shifts:
        if orders.get(shift.id):
            route = schedule_route(problem, shift, orders[shift.id])
            if not isinstance(route, Route):
                raise ValueError(f"the route of {shift.id} is not legal without some of its stops")
            routes.append(route)
    driven_s = sum(route.travel_s for route in routes)
    return DayPlan(problem.date, PlanStatus.FEASIBLE, driven_s, None, None, Certificate("kept", 0.0), tuple(routes), ())


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how it was measured, the table, and whether the goal is met; return the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runs", type=int, default=200, help="runs of the pass; of the rest a share of it")
    options.add_argument("--smoke", action="store_true", help="the smallest row, few runs, no comparison")
    given = options.parse_args(arguments)
    sizes, runs = ((SIZES[0],), 5) if given.smoke else (SIZES, given.runs)
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    versions = f"Python {platform.python_version()}, numpy {np.__version__} on {platform.system()}"
    print(f"{versions}, {os.cpu_count()} processors{load}")
    print(f"{len(GRID)} windows a day; CPU time, median of {runs} runs", "", *HEAD, sep="\n", flush=True)
    rows = []
    for size in sizes:
        rows.append(measure(*size, runs=runs))
        print(rows[-1].row(), flush=True)
    right = not any(row.violations for row in rows)
    print("", "every witness is right" if right else "WRONG: the checker refuses a witness", sep="\n")
    if given.smoke:
        return 0 if right else 1
    met = all(row.met for row in rows)
    print(f"goal of the pass ({GOAL_MS:g} ms) {'met' if met else 'MISSED'}")
    return 0 if right and met else 1


if __name__ == "__main__":
    sys.exit(main())
