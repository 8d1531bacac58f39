"""Draws what tables cannot say: how the gap closes over time, and how the time to a proof grows.

``python -m benchmarks.plots`` writes three SVG files to ``docs/images/``: the cost above the proved bound over CPU
seconds of a day of 80 visits and one of more than fit; CPU seconds to the proof with visits a van, and with vans. Equal
figures, equal file: no date, no random ids.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.alone import Cores, Ran
from benchmarks.case import Case, Moment
from benchmarks.days import SERVICE_MIN, SHORT_SERVICE_MIN, generate_day, without_lunch
from benchmarks.report import circumstances, gathered, proved
from benchmarks.rivals import installed, ortools, proof, pyvrp, vroom
from benchmarks.solve import FIRST_SEED, FULL, OVER_FULL, hidden_day

FOLDER = Path(__file__).parents[1] / "docs" / "images"
NAMES = (proof.NAME, ortools.NAME, vroom.NAME, pyvrp.NAME)
VISITS_A_VAN, VANS = (2, 3, 4, 5, 6, 7, 8, 9), (2, 4, 6, 8, 10, 12, 14)
VANS_GROWN, VISITS_GROWN = 10, 6
LEAST_GAP = 1e-4
"""What is proved stands here: a logarithm knows no nothing."""

Curve = list[tuple[float, float]]


def gap_curves(runs: Sequence[Ran]) -> dict[str, Curve]:
    """CPU seconds and cost above the best bound of all, of every solver; ``gap still open`` is cost above the bound
    known at that moment."""
    bound_s = max((ran.answer.bound_s or 0 for ran in runs if ran.answer is not None), default=0)
    curves: dict[str, Curve] = {}
    for ran in runs:
        if ran.answer is None or ran.judged is None or not bound_s:
            continue
        last = Moment(ran.cpu_s, ran.judged.objective_s, ran.answer.bound_s)
        trace = [*(ran.answer.trace or ()), last]
        curves[ran.solver] = [
            (moment.cpu_s, max(LEAST_GAP, moment.cost_s / bound_s - 1)) for moment in trace if moment.cost_s is not None
        ]
        known = [moment for moment in trace if moment.cost_s is not None and moment.bound_s]
        if known:
            curves[f"{ran.solver}, still open"] = [
                (m.cpu_s, max(LEAST_GAP, m.cost_s / m.bound_s - 1)) for m in known if m.cost_s and m.bound_s
            ]
    return {name: curve for name, curve in curves.items() if curve}


def draw_gaps(path: Path, panels: dict[str, dict[str, Curve]]) -> None:
    """Gap over time, one panel a day."""
    plot = _pyplot()
    figure, axes = plot.subplots(1, len(panels), figsize=(5.2 * len(panels), 3.6), squeeze=False)
    for axis, (title, curves) in zip(axes[0], panels.items(), strict=True):
        for name, curve in curves.items():
            dashed = name.endswith("still open")
            axis.step(
                *zip(*curve, strict=True), where="post", label=name, linestyle="--" if dashed else "-", marker="."
            )
        axis.set(title=title, xlabel="CPU seconds", ylabel="above the bound", xscale="log", yscale="log")
        axis.grid(alpha=0.3)
        axis.legend(fontsize=7)
    _save(plot, figure, path)


def draw_growth(path: Path, xlabel: str, title: str, series: dict[str, list[tuple[int, float, bool]]]) -> None:
    """CPU seconds to the proof; a hollow mark is a run that ended without one."""
    plot = _pyplot()
    figure, axis = plot.subplots(figsize=(5.6, 3.6))
    for name, points in series.items():
        line = axis.plot([x for x, _, _ in points], [y for _, y, _ in points], label=name)[0]
        for x, y, done in points:
            colour = line.get_color()
            axis.plot([x], [y], marker="o", color=colour, markerfacecolor=colour if done else "white")
    axis.set(title=title, xlabel=xlabel, ylabel="CPU seconds", yscale="log")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=7)
    _save(plot, figure, path)


def _pyplot() -> Any:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "outreach", "svg.fonttype": "none", "font.size": 9})
    from matplotlib import pyplot

    return pyplot


def _save(plot: Any, figure: Any, path: Path) -> None:
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, format="svg", metadata={"Date": None})
    plot.close(figure)
    text = path.read_text(encoding="utf-8")
    path.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n", encoding="utf-8")


def measure_gaps(seed: int, seconds: float, cores: Cores) -> dict[str, dict[str, Curve]]:
    """Three days: full, full without lunch (so that PyVRP can have it), and more than fit."""
    days = {
        f"80 visits, 10 vans, lunch (#{seed})": hidden_day(FULL, seed),
        f"80 visits, 10 vans, no lunch (#{seed})": without_lunch(hidden_day(FULL, seed)),
        f"120 visits, 14 vans, lunch (#{seed})": hidden_day(OVER_FULL, seed),
    }
    started = {}
    for title, problem in days.items():
        case = Case(title, problem)
        solvers = [name for name in installed(NAMES) if name != pyvrp.NAME or "no lunch" in title]
        started[title] = [cores.run(name, case, [seconds]) for name in solvers]
    return {title: gap_curves(gathered(runs)) for title, runs in started.items()}


def measure_growth(
    sizes: Sequence[tuple[int, int]], seeds: Sequence[int], seconds: float, cores: Cores
) -> dict[tuple[int, int], list[Ran]]:
    """The proof on days of some sizes (visits, vans), lunch, short services where a van makes more than six."""
    started = {}
    for visits, vans in sizes:
        service = SHORT_SERVICE_MIN if visits > 6 * vans else SERVICE_MIN
        days = [generate_day(visits, vans, seed, far_booking=True, service_min=service) for seed in seeds]
        cases = [Case(f"{visits}/{vans} #{seed}", day) for seed, day in zip(seeds, days, strict=True)]
        started[visits, vans] = [cores.run(proof.NAME, case, [seconds]) for case in cases]
    return {size: gathered(runs) for size, runs in started.items()}


def growth(runs: dict[int, list[Ran]]) -> dict[str, list[tuple[int, float, bool]]]:
    """Median and worst CPU seconds; ``False`` where a run ended without a proof."""
    series: dict[str, list[tuple[int, float, bool]]] = {"median": [], "worst": []}
    for size, those in sorted(runs.items()):
        ranked = sorted((ran.cpu_s, proved(ran)) for ran in those)
        for name, at in (("median", len(ranked) // 2), ("worst", len(ranked) - 1)):
            series[name].append((size, max(0.001, ranked[at][0]), ranked[at][1]))
    return series


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and draw."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folder", type=Path, default=FOLDER)
    options.add_argument("--first-seed", type=int, default=FIRST_SEED + 100)
    options.add_argument("--days", type=int, default=5, help="days of every size")
    options.add_argument("--seconds", type=float, default=30.0)
    options.add_argument("--cores", type=int, default=64)
    options.add_argument("--only", choices=("gaps", "growth"))
    given = options.parse_args(arguments)
    seeds = range(given.first_seed, given.first_seed + given.days)
    with Cores(given.cores) as cores:
        print(*circumstances(NAMES, cores.number), f"- seeds {seeds[0]} to {seeds[-1]}", "", sep="\n", flush=True)
        proof.warm()
        if given.only != "growth":
            draw_gaps(given.folder / "gap-over-time.svg", measure_gaps(seeds[0], given.seconds, cores))
        if given.only != "gaps":
            _grow(given.folder, seeds, given.seconds, cores)
    return 0


def _grow(folder: Path, seeds: Sequence[int], seconds: float, cores: Cores) -> None:
    by_visits = [(VANS_GROWN * each, VANS_GROWN) for each in VISITS_A_VAN]
    by_vans = [(VISITS_GROWN * vans, vans) for vans in VANS]
    runs = measure_growth(sorted({*by_visits, *by_vans}), seeds, seconds, cores)
    visits_a_van = {visits // vans: runs[visits, vans] for visits, vans in by_visits}
    vans_alike = {vans: runs[visits, vans] for visits, vans in by_vans}
    for name, those, xlabel, title in (
        ("growth-visits", visits_a_van, "visits a van", f"{VANS_GROWN} vans, lunch"),
        ("growth-vans", vans_alike, "vans", f"{VISITS_GROWN} visits a van, lunch"),
    ):
        series = growth(those)
        draw_growth(folder / f"{name}.svg", xlabel, f"CPU seconds to the proof: {title}", series)
        print(f"| {xlabel} | CPU s median | worst | proved |", "|---|---|---|---|", sep="\n")
        for (x, median_s, _), (_, worst_s, _) in zip(series["median"], series["worst"], strict=True):
            done = sum(map(proved, those[x]))
            print(f"| {x} | {median_s:.2f} | {worst_s:.2f} | {done} of {len(those[x])} |")
        print(flush=True)


if __name__ == "__main__":
    sys.exit(main())
