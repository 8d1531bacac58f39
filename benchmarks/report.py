"""Tables in Markdown of what solvers found, and the sentence that says with what and on what it was measured."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.alone import Ran
from benchmarks.rivals import MISSING, SOLVERS

HEAD = (
    "| days | solver | s | objective | above the bound | worst | above the least | left out | promises broken "
    "| stops dropped | proved | CPU s | CPU s worst | MB |",
    "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
)


def circumstances(names: Iterable[str], cores: int) -> list[str]:
    """When, on what and with which versions; a sentence for every solver that is not there."""
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    at_once = "one run at a time" if cores == 1 else f"{cores} runs at a time, each on a core of its own"
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, Python {platform.python_version()} on {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} processors{load}; {at_once}, one thread each, CPU seconds."
    ]
    for name in names:
        version = SOLVERS[name].version()
        lines.append(f"- {name}: {MISSING if version is None else version}")
    return lines


def gathered(runs: Iterable[Future[list[Ran]]], *, quiet: bool = False) -> list[Ran]:
    """All runs; each is told of on stderr as it ends."""
    done: list[Ran] = []
    for future in runs:
        for ran in future.result():
            done.append(ran)
            if not quiet:
                cost = "-" if ran.judged is None else ran.judged.objective_s
                told = ran.error or f"{cost} in {ran.cpu_s:.1f} CPU s"
                print(f"{ran.case.name} {ran.solver} {ran.seconds:g} s: {told}", file=sys.stderr, flush=True)
    return done


@dataclass(frozen=True)
class Bounds:
    """Of every case what no day can cost less than, and the least that anybody found."""

    bound_s: Mapping[str, int]
    least_s: Mapping[str, int]

    def above(self, ran: Ran) -> float | None:
        """How far a day lies above the bound, or, where there is none, above the least found."""
        cost_s = None if ran.judged is None else ran.judged.objective_s
        ground = self.bound_s.get(ran.case.name) or self.least_s.get(ran.case.name)
        return None if cost_s is None or not ground else cost_s / ground - 1

    def above_least(self, ran: Ran) -> float | None:
        """How far a day lies above the least that anybody found."""
        cost_s = None if ran.judged is None else ran.judged.objective_s
        least_s = self.least_s.get(ran.case.name)
        return None if cost_s is None or not least_s else cost_s / least_s - 1

    @property
    def refuted(self) -> list[str]:
        """Cases in which somebody found a day below a bound: a bound of ours is wrong."""
        return [name for name, bound_s in self.bound_s.items() if self.least_s.get(name, bound_s) < bound_s]


def bounds_of(runs: Iterable[Ran]) -> Bounds:
    """The highest bound and the least cost of every case."""
    bound_s: dict[str, int] = {}
    least_s: dict[str, int] = {}
    for ran in runs:
        name = ran.case.name
        if ran.answer is not None and ran.answer.bound_s is not None:
            bound_s[name] = max(bound_s.get(name, 0), ran.answer.bound_s)
        if ran.judged is not None and ran.judged.objective_s is not None:
            least_s[name] = min(least_s.get(name, ran.judged.objective_s), ran.judged.objective_s)
    return Bounds(bound_s, least_s)


def proved(ran: Ran) -> bool:
    """Whether a run proved its own day the best."""
    if ran.answer is None or ran.judged is None or ran.answer.bound_s is None:
        return False
    return ran.judged.objective_s == ran.answer.bound_s


def row(days: str, runs: Sequence[Ran], bounds: Bounds) -> str:
    """One solver with one budget on alike days: means, and what must not be averaged away."""
    judged = [ran.judged for ran in runs if ran.judged is not None]
    costs = [each.objective_s for each in judged if each.objective_s is not None]
    gaps = [gap for ran in runs if (gap := bounds.above(ran)) is not None]
    beyond = [gap for ran in runs if (gap := bounds.above_least(ran)) is not None]
    failed = sum(ran.judged is None for ran in runs)
    cpu_s = [ran.cpu_s for ran in runs]
    cells = (
        days,
        runs[0].solver,
        f"{runs[0].seconds:g}",
        (f"{statistics.mean(costs):.0f}" if costs else "-") + _of(len(costs), len(runs)),
        f"{statistics.mean(gaps):.2%}" if gaps else "-",
        f"{max(gaps):.2%}" if gaps else "-",
        f"{statistics.mean(beyond):.2%}" if beyond else "-",
        sum(each.left_out for each in judged),
        sum(each.broken for each in judged),
        f"{sum(each.dropped for each in judged)}" + (f", {failed} failed" if failed else ""),
        f"{sum(map(proved, runs))} of {len(runs)}"
        if any(r.answer and r.answer.bound_s is not None for r in runs)
        else "",
        f"{statistics.mean(cpu_s):.1f}",
        f"{max(cpu_s):.1f}",
        f"{max(ran.peak_mb for ran in runs):.0f}",
    )
    return f"| {' | '.join(map(str, cells))} |"


def _of(found: int, asked: int) -> str:
    """Said where not every day got a plan that keeps all promises."""
    return "" if found == asked else f" ({found} of {asked} days)"


def mistakes(runs: Sequence[Ran], bounds: Bounds, ours: Iterable[str]) -> list[str]:
    """What is wrong with our own plans: violations, broken promises, failures, bounds that somebody went below."""
    found = [f"{name}: a day below the proved bound" for name in bounds.refuted]
    for ran in runs:
        if ran.solver in ours:
            if ran.judged is None:
                found.append(f"{ran.case.name}, {ran.seconds:g} s: {ran.error}")
            elif ran.judged.violations or ran.judged.broken or ran.judged.dropped:
                found.append(f"{ran.case.name}, {ran.seconds:g} s: {ran.judged}")
    return found
