"""Measures how soon a window that insertion refuses is decided: offered after all, or proved impossible.

``python -m benchmarks.decide`` makes busy days (10 vans with 6 promised visits each), asks for a new visit somewhere in
the city, and has each window that insertion refuses decided by itself, as a hold does (:func:`routing.quote.quote_days`
with an effort of five seconds). Goal: 300 ms each. ``--windows`` says how many windows; ``--smoke`` asks for five.

Exit status: 1 where a witness is missing.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from benchmarks.days import GRID_COUNT, GRID_START, GRID_STEP, generate_day
from routing.problem import Place, Visit, Window
from routing.quote import DayRoutes, Effort, QuotedDay, quote_days
from routing.quote.slots import Verdict
from routing.replan import keep_routes
from routing.solver import SearchBudget, get_ready, solve_day
from routing.travel import EstimatedTravel

VANS, VISITS_A_VAN = 10, 6
GOAL_S, EFFORT = 0.3, Effort(seconds=5.0)
GRID = tuple(Window(GRID_START + n * GRID_STEP, GRID_START + (n + 1) * GRID_STEP) for n in range(GRID_COUNT))
ASKED = Visit("N", "new", 2400, (GRID[0],), required=True)

HEAD = (
    "| windows | offered after all | proved impossible | not found | within 300 ms | median ms | p95 ms | worst ms |",
    "|---|---|---|---|---|---|---|---|",
)


def busy_days(rng: random.Random) -> Iterator[tuple[QuotedDay, Place]]:
    """Days on which every van has its six promised visits, standing where they were found; and a place within 12 km."""
    while True:
        problem = generate_day(VANS * VISITS_A_VAN, VANS, rng.randrange(10**6))
        problem = replace(problem, visits=tuple(replace(visit, required=True) for visit in problem.visits))
        plan = solve_day(problem, budget=SearchBudget(solutions=100))
        if len(plan.served) < len(problem.visits):
            continue
        starts_s = {stop.visit: stop.start_s for route in plan.routes for stop in route.stops}
        promised = tuple(
            replace(visit, windows=(next(each for each in visit.windows if starts_s[visit.id] in each),))
            for visit in problem.visits
        )
        problem = replace(problem, visits=promised)
        turn, degrees = rng.uniform(0, 2 * math.pi), rng.uniform(0, 12) / 111
        hall = problem.places[0]
        place = Place("new", hall.lat + degrees * math.sin(turn), hall.lon + degrees * math.cos(turn) / 0.85)
        travel_s = EstimatedTravel().matrix((*problem.places, place)).seconds
        ways = travel_s[-1][:-1], tuple(row[-1] for row in travel_s[:-1])
        yield QuotedDay(DayRoutes(problem, keep_routes(problem, plan)), GRID, *ways), place


def decided(day: QuotedDay, place: Place, window: Window) -> tuple[float, str]:
    """Seconds until the window was decided, and how."""
    began = time.perf_counter()
    quotes = quote_days(ASKED, place, [replace(day, windows=(window,))], effort=EFFORT)
    took_s = time.perf_counter() - began
    if quotes.quotes:
        assert quotes.quotes[0].witness.served
        return took_s, "offered"
    return took_s, quotes.refused[0].verdict.value


def measure(windows: int, seed: int) -> list[tuple[float, str]]:
    """Decide so many windows that insertion refuses."""
    rng = random.Random(f"busy/{seed}")
    get_ready()
    rows: list[tuple[float, str]] = []
    for day, place in busy_days(rng):
        at_once = quote_days(ASKED, place, [day], effort=Effort())
        for refusal in at_once.refused:
            if refusal.verdict is not Verdict.IMPOSSIBLE:
                rows.append(decided(day, place, refusal.window))
                if len(rows) == windows:
                    return rows
    return rows


def main(arguments: list[str] | None = None) -> int:
    """The table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=5000)
    parser.add_argument("--smoke", action="store_true")
    asked = parser.parse_args(arguments)
    rows = measure(5 if asked.smoke else asked.windows, asked.seed)
    took = sorted(seconds for seconds, _ in rows)
    ends = Counter(end for _, end in rows)
    within = sum(seconds <= GOAL_S and end != Verdict.NOT_FOUND_IN_TIME for seconds, end in rows)
    cells = (
        *(len(rows), ends["offered"], ends[Verdict.IMPOSSIBLE], ends[Verdict.NOT_FOUND_IN_TIME]),
        f"{within / len(rows):.1%}",
        *(f"{1000 * s:.0f}" for s in (statistics.median(took), took[int(0.95 * (len(took) - 1))], took[-1])),
    )
    print(*HEAD, f"| {' | '.join(map(str, cells))} |", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
