"""Measures the search on Solomon's days with goods: what it proves of 25 and 50 customers, how near it comes at 100.

``python -m benchmarks.solomon`` reads the files of ``../shared/data/solomon`` beside the repository and says so where
they are not there. Distances are cut off after one decimal and their sum is minimised, as in the literature; a cost of
617.1 is shown as such. The product has no goods: this is its search with one more row (:mod:`benchmarks.rivals.proof`).

``--quick``: ten seconds, and 100 customers of three files only. ``--smoke``: one file, 25 customers, 3 seconds.

Exit status: 1 where a route is not legal, a day costs less than a bound proved here, or a proved optimum is not the
literature's.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.alone import Cores, Ran
from benchmarks.report import Bounds, bounds_of, circumstances, gathered, mistakes, proved
from benchmarks.rivals import installed, ortools, proof, pyvrp, vroom
from benchmarks.vrplib import SCALE, case_of, instance_at, read_cost

FOLDER = Path(__file__).parents[1].parent / "shared" / "data" / "solomon"
NAMES = (proof.NAME, ortools.NAME, vroom.NAME, pyvrp.NAME)
QUICK = ("R101", "RC105", "R201")

OPTIMA = {
    "C101.25": 1913,
    "R101.25": 6171,
    "R104.25": 4169,
    "R109.25": 4413,
    "R201.25": 4633,
    "R205.25": 3930,
    "RC101.25": 4611,
    "RC105.25": 4113,
    "C101.50": 3624,
    "R101.50": 10440,
    "R104.50": 6254,
    "R109.50": 7868,
    "R201.50": 7919,
    "R205.50": 6901,
    "RC101.50": 9440,
    "RC105.50": 8553,
}
"""In tenths; for the first 25 and 50 customers as the literature on exact methods has them (N. Kohl, J. Desrosiers,
O. B. G. Madsen, M. M. Solomon, F. Soumis, "2-Path Cuts for the Vehicle Routing Problem with Time Windows",
Transportation Science 33, 1999, and later ones for R2), written down without the papers at hand: a proof here that
differs is said. At 100 customers the best known are in the ``.sol`` files."""

HEAD = (
    "| instance | best known | ours | s | bound | above best known | proved | CPU s | in s | {rivals} |",
    "|---|---|---|---|---|---|---|---|---|{bars}|",
)


def best_known(folder: Path, name: str, customers: int) -> int | None:
    """In tenths: the literature's optimum, or what the solution file of all customers says."""
    if customers == 100:
        return read_cost((folder / f"{name}.sol").read_text(encoding="ascii"))
    return OPTIMA.get(f"{name}.{customers}")


def measure(
    folder: Path, names: Sequence[str], customers: int, seconds: float, solvers: Sequence[str], cores: Cores
) -> dict[str, list[Ran]]:
    """Everybody on every file's first customers."""
    started = {}
    for name in names:
        case = case_of(instance_at(folder, name), customers)
        started[name] = [cores.run(solver, case, [seconds]) for solver in solvers]
    return {name: gathered(runs) for name, runs in started.items()}


def rows(folder: Path, customers: int, table: dict[str, list[Ran]], solvers: Sequence[str]) -> Iterator[str]:
    """The lines of a table."""
    for name, runs in table.items():
        known = best_known(folder, name, customers)
        by_solver = {ran.solver: ran for ran in runs}
        mine = by_solver[proof.NAME]
        bound = None if mine.answer is None else mine.answer.bound_s
        reached = next(
            (moment.cpu_s for moment in (mine.answer.trace if mine.answer else ()) if moment.cost_s == _cost(mine)),
            None,
        )
        cells = (
            f"{name}.{customers}",
            _text(known),
            _text(_cost(mine)),
            f"{mine.seconds:g}",
            _text(bound),
            _above(_cost(mine), known),
            "yes" if proved(mine) else "",
            f"{mine.cpu_s:.1f}",
            "-" if reached is None else f"{reached:.1f}",
            *(_above(_cost(by_solver[solver]), known) for solver in solvers if solver != proof.NAME),
        )
        yield f"| {' | '.join(cells)} |"


def summary(folder: Path, customers: int, table: dict[str, list[Ran]], solvers: Sequence[str]) -> Iterator[str]:
    """What was proved, what differs from the literature, and the mean gaps."""
    mine = {name: ran for name, runs in table.items() for ran in runs if ran.solver == proof.NAME}
    yield f"- {customers} customers: {sum(map(proved, mine.values()))} of {len(mine)} proved"
    for name, ran in mine.items():
        if differs(ran, best_known(folder, name, customers)):
            yield f"- DIFFERS: {name}.{customers} is proved {_text(_cost(ran))}, the literature says otherwise"
    for solver in solvers:
        gaps = []
        for name, runs in table.items():
            known = best_known(folder, name, customers)
            gaps += [_cost(r) / known - 1 for r in runs if r.solver == solver and known and _cost(r)]  # type: ignore[operator]
        if gaps:
            found = f", {len(gaps)} of {len(table)} found" if len(gaps) < len(table) else ""
            figures = f"mean gap {statistics.mean(gaps):.2%}, worst {max(gaps):.2%}"
            yield f"- {customers} customers, {solver}: {figures}{found}"


def differs(ran: Ran, known: int | None) -> bool:
    """Whether what is proved here is not what the literature calls optimal or best known."""
    if known is None or ran.answer is None or ran.answer.bound_s is None:
        return False
    return ran.answer.bound_s > known or (proved(ran) and _cost(ran) != known)


def _cost(ran: Ran) -> int | None:
    return None if ran.judged is None else ran.judged.objective_s


def _text(tenths: int | None) -> str:
    return "-" if tenths is None else f"{tenths / SCALE:.1f}"


def _above(cost: int | None, known: int | None) -> str:
    return "-" if cost is None or not known else f"{cost / known - 1:.2%}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how it was measured and the tables; return the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folder", type=Path, default=FOLDER)
    options.add_argument("--names", nargs="+", help="only these files")
    options.add_argument("--customers", type=int, nargs="+", default=[25, 50, 100])
    options.add_argument("--seconds", type=float, nargs="+", default=[60.0, 60.0, 20.0], help="for each of the above")
    options.add_argument("--cores", type=int, default=64)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--smoke", action="store_true")
    given = options.parse_args(arguments)
    if not given.folder.is_dir():
        print(f"skipped: no Solomon files at {given.folder}")
        return 0
    names = given.names or sorted(path.stem for path in given.folder.glob("*.txt"))
    plan = list(zip(given.customers, given.seconds * len(given.customers), strict=False))
    if given.smoke:
        names, plan = names[:1], [(25, 3.0)]
    if given.quick:
        plan = [(25, 10.0), (50, 10.0), (100, 10.0)]
    with Cores(given.cores) as cores:
        print(*circumstances(NAMES, cores.number), sep="\n", flush=True)
        if not given.smoke:
            proof.warm()
        everything: list[Ran] = []
        odd = False
        for customers, seconds in plan:
            chosen = [name for name in names if name in QUICK] if given.quick and customers == 100 else names
            solvers = list(installed(NAMES)) if customers == 100 or given.smoke else [proof.NAME]
            table = measure(given.folder, chosen, customers, seconds, solvers, cores)
            others = [solver for solver in solvers if solver != proof.NAME]
            head = [line.format(rivals=" | ".join(others), bars="|".join(["---"] * len(others))) for line in HEAD]
            print("", *(line.replace(" |  |", " |").replace("||", "|") for line in head), sep="\n")
            print(*rows(given.folder, customers, table, solvers), "", sep="\n")
            print(*summary(given.folder, customers, table, solvers), sep="\n", flush=True)
            runs = [ran for part in table.values() for ran in part]
            odd |= any(differs(r, best_known(given.folder, n, customers)) for n, part in table.items() for r in part)
            everything += runs
    return _end(everything, bounds_of(everything), odd)


def _end(runs: Sequence[Ran], bounds: Bounds, odd: bool) -> int:
    print("", *(f"- failed: {ran.case.name} {ran.solver}: {ran.error}" for ran in runs if ran.error), sep="\n")
    wrong = mistakes(runs, bounds, [proof.NAME])
    print(*(f"WRONG: {each}" for each in wrong), sep="\n")
    print("every route of ours is legal, every bound holds" if not wrong else "WRONG: a route, a promise or a bound")
    return 1 if wrong or odd else 0


if __name__ == "__main__":
    sys.exit(main())
