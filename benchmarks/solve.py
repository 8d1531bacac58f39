"""Measures solving: outreach days of 15 to 120 visits, ours against OR-Tools routing, VROOM and PyVRP, side by side.

``python -m benchmarks.solve`` prints tables (Markdown) of generated days with lunch and without. Half of the days get
their windows from a hidden plan (:mod:`benchmarks.days`; one promised far booking in each), half from bookings one
after the other (:mod:`benchmarks.booked`). Every run has one core and one thread; the objective is driving seconds,
depot legs included, plus 60,000 for every optional visit left out, by our own rules for everybody
(:mod:`benchmarks.evaluate`).
*Above the bound* is above what is proved that no day can go below. PyVRP knows no breaks: days without lunch only.

``--quick``: one day of each kind, ten seconds at most. ``--smoke``: one small day, a blink of time, no goals.

Exit status: 1 where the checker is not silent on a plan of ours, a promise is not on a route, or anybody's day costs
less than our bound. The goals are told, met or missed.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks.alone import Cores, Ran
from benchmarks.booked import book_day
from benchmarks.case import Case
from benchmarks.days import SERVICE_MIN, SHORT_SERVICE_MIN, generate_day, without_lunch
from benchmarks.report import HEAD, Bounds, bounds_of, circumstances, gathered, mistakes, proved, row
from benchmarks.rivals import SOLVERS, installed, ortools, ours, pyvrp, vroom
from routing.problem import DayProblem
from routing.solver.warm import warm as compile_all

FIRST_SEED = 5000
SECONDS = (2.0, 10.0, 30.0)
NAMES = (ours.NAME, ortools.NAME, vroom.NAME, pyvrp.NAME)


@dataclass(frozen=True, slots=True)
class Size:
    """How many visits and vans; ``hidden_vans`` where more vans would be needed for all of them."""

    visits: int
    vans: int
    hidden_vans: int | None = None

    @property
    def service_min(self) -> Sequence[int]:
        """Shorter services where a van makes more than six visits."""
        many = self.visits > 6 * self.vans and self.hidden_vans is None
        return SHORT_SERVICE_MIN if many else SERVICE_MIN

    def __str__(self) -> str:
        return f"{self.visits}/{self.vans}"


SIZES = (Size(15, 3), Size(30, 6), Size(50, 10), Size(80, 10), Size(120, 14, 21))
FULL, OVER_FULL = SIZES[3], SIZES[4]


def hidden_day(size: Size, seed: int) -> DayProblem:
    """A day whose windows a hidden plan gave."""
    return generate_day(
        size.visits,
        size.vans,
        seed,
        far_booking=True,
        service_min=size.service_min,
        hidden_vans=size.hidden_vans,
    )


def booked_day(size: Size, seed: int) -> DayProblem:
    """A day whose windows were offered and taken one after the other."""
    over_full = size.hidden_vans is not None
    return book_day(size.visits, size.vans, seed, service_min=size.service_min, over_full=over_full)


WINDOWS: dict[str, Callable[[Size, int], DayProblem]] = {"hidden plan": hidden_day, "booked": booked_day}


@dataclass(frozen=True, slots=True)
class Kind:
    """Days that are alike: a row of the table for every solver and budget."""

    size: Size
    windows: str
    lunch: bool

    def __str__(self) -> str:
        return f"{self.size} {self.windows}"

    def cases(self, seeds: Sequence[int]) -> Iterator[Case]:
        """The days."""
        for seed in seeds:
            problem = WINDOWS[self.windows](self.size, seed)
            lunch = "lunch" if self.lunch else "no lunch"
            yield Case(f"{self} {lunch} #{seed}", problem if self.lunch else without_lunch(problem))


Table = dict[Kind, list[Ran]]


def measure(
    kinds: Sequence[Kind], seeds: Sequence[int], seconds: Sequence[float], solvers: Sequence[str], cores: Cores
) -> Table:
    """Everybody on every day; VROOM and PyVRP where they are installed and can have the day."""
    started = {}
    for kind in kinds:
        started[kind] = [
            cores.run(name, case, seconds)
            for case in kind.cases(seeds)
            for name in solvers
            if SOLVERS[name].refuses(case) is None
        ]
    return {kind: gathered(runs) for kind, runs in started.items()}


def rows(table: Table, bounds: Bounds) -> Iterator[str]:
    """The lines of a table: kinds in order, then solvers, then seconds."""
    for kind, runs in table.items():
        for name in NAMES:
            for seconds in sorted({ran.seconds for ran in runs}):
                alike = [ran for ran in runs if ran.solver == name and ran.seconds == seconds]
                if alike:
                    yield row(str(kind), alike, bounds)


def goals(table: Table, bounds: Bounds) -> Iterator[str]:
    """Every goal that these days can tell of, with what was measured."""
    ran = [(kind, each) for kind, runs in table.items() for each in runs if each.judged is not None]
    mine = [(kind, each) for kind, each in ran if each.solver == ours.NAME]
    longest = max((each.seconds for _, each in ran), default=0.0)
    small = [e for k, e in mine if k.lunch and k.size.visits <= 50 and e.seconds == longest]
    if small:
        cpu_s = [each.cpu_s for each in small]
        met = all(map(proved, small)) and statistics.median(cpu_s) <= 1 and max(cpu_s) <= 8
        yield _goal(
            "15-50 visits, lunch: all proved, median 1 CPU s, each 8",
            met,
            f"{sum(map(proved, small))} of {len(small)}, median {statistics.median(cpu_s):.2f}, worst {max(cpu_s):.2f}",
        )
    full = [e for k, e in mine if k.lunch and k.size == FULL and e.seconds == longest]
    if full:
        gaps = [gap for each in full if (gap := bounds.above(each)) is not None]
        out = sum(each.judged.left_out for each in full if each.judged)
        best = sum(map(proved, full))
        met = out == 0 and max(gaps, default=1) <= 0.003 and 2 * best >= len(full)
        text = f"{out} left out, worst {max(gaps, default=1):.2%}, {best} of {len(full)} optimal after {longest:g} s"
        yield _goal("80 visits, lunch: nobody left out, within 0.3%, half optimal, 30 CPU s", met, text)
    for size, lunch, rivals, text in (
        (FULL, True, (vroom.NAME, ortools.NAME), "80 visits, lunch: at 10 s never worse than"),
        (OVER_FULL, True, (vroom.NAME, ortools.NAME), "120 visits, more than fit: at 10 s never worse than"),
        (FULL, False, (pyvrp.NAME,), "80 visits without lunch: at 10 s on average no worse than"),
    ):
        for rival in rivals:
            pairs = _pairs([(k, e) for k, e in ran if k.size == size and k.lunch == lunch and e.seconds == 10], rival)
            if pairs:
                worse = sum(a > b for a, b in pairs)
                a, b = (statistics.mean(side) for side in zip(*pairs, strict=True))
                met = a <= b if not lunch else worse == 0
                yield _goal(f"{text} {rival}", met, f"mean {a:.0f} against {b:.0f}; worse on {worse} of {len(pairs)}")
    heavy = [e.peak_mb for k, e in mine if k.size == OVER_FULL]
    if heavy:
        yield _goal("120 visits: 1,500 MB", max(heavy) <= 1500, f"{max(heavy):.0f} MB")


def _pairs(ran: Sequence[tuple[Kind, Ran]], rival: str) -> list[tuple[float, float]]:
    """Our cost and the rival's on every day; a day without a plan that keeps all promises costs without end."""
    cost = {
        (each.case.name, each.solver): each.judged.objective_s or float("inf")
        for _, each in ran
        if each.judged is not None
    }
    return [
        (cost[name, ours.NAME], cost[name, rival])
        for name, solver in cost
        if solver == rival and (name, ours.NAME) in cost
    ]


def _goal(text: str, met: bool, measured: str) -> str:
    return f"- {text}: {'met' if met else 'MISSED'} ({measured})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how it was measured, the tables and the goals; return the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--days", type=int, default=3, help="days of every size and kind of windows")
    options.add_argument("--first-seed", type=int, default=FIRST_SEED, help="the days have this seed and the next ones")
    options.add_argument("--seconds", type=float, nargs="+", default=list(SECONDS), help="CPU seconds of each run")
    options.add_argument("--visits", type=int, nargs="+", help="only days of so many visits")
    options.add_argument("--cores", type=int, default=64, help="runs at once, each on a core of its own")
    options.add_argument("--quick", action="store_true", help="one day of each kind; two and ten seconds")
    options.add_argument("--smoke", action="store_true", help="one small day, half a second")
    given = options.parse_args(arguments)
    sizes = [size for size in SIZES if given.visits is None or size.visits in given.visits]
    kinds = [Kind(size, windows, lunch) for lunch in (True, False) for size in sizes for windows in WINDOWS]
    if given.smoke:
        kinds, given.days, given.seconds = [Kind(SIZES[0], "hidden plan", lunch=False)], 1, [0.5]
    if given.quick:
        given.days, given.seconds = 1, [2.0, 10.0]
        odd = {Kind(size, windows, False) for size, windows in zip(sizes, [*WINDOWS] * len(sizes), strict=False)}
        kinds = [kind for kind in kinds if kind.lunch or kind in odd]
    seeds = range(given.first_seed, given.first_seed + given.days)
    with Cores(given.cores) as cores:
        return _measured(kinds, seeds, given.seconds, cores)


def _measured(kinds: Sequence[Kind], seeds: Sequence[int], seconds: Sequence[float], cores: Cores) -> int:
    print(*circumstances(NAMES, cores.number), f"- seeds {seeds[0]} to {seeds[-1]}", sep="\n", flush=True)
    solvers = list(installed(NAMES))
    if len(kinds) > 1:
        compile_all()  # so that it is there before several want it at once
    whole: Table = {}
    for lunch, title in ((True, "With lunch"), (False, "Without lunch")):
        if not any(kind.lunch == lunch for kind in kinds):
            continue
        table = measure([kind for kind in kinds if kind.lunch == lunch], seeds, seconds, solvers, cores)
        bounds = bounds_of(ran for runs in table.values() for ran in runs)
        print("", f"### {title}", "", *HEAD, *rows(table, bounds), sep="\n", flush=True)
        whole |= table
    runs = [ran for part in whole.values() for ran in part]
    bounds = bounds_of(runs)
    print("", *(f"- failed: {ran.case.name} {ran.solver}: {ran.error}" for ran in runs if ran.error), sep="\n")
    print(*goals(whole, bounds), sep="\n")
    wrong = mistakes(runs, bounds, [ours.NAME])
    print("", *(f"WRONG: {each}" for each in wrong), sep="\n")
    print("every plan of ours is right" if not wrong else "WRONG: a plan breaks a rule or a promise")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
