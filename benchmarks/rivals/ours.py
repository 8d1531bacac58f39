"""The product itself: ``solve_without_check``, its child process warm, the CPU seconds of parent and child counted."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from benchmarks.case import Answer, Case
from benchmarks.days import generate_day
from routing.insertion import orders_of
from routing.plan import PlanStatus
from routing.solver import SearchBudget, solve_without_check, worker
from routing.solver.compiled import is_compiled
from routing.solver.compiled import version as numba_version

NAME = "ours"

WARM_SIZES, WARM_S = ((15, 3), (50, 10)), 15.0
"""Days that make every loop run once; seconds are needed only where nothing has been compiled yet."""

_GRACE_S = 600.0
"""The machine may be busy: CPU seconds are counted, the wall clock only ends what hangs."""


def version() -> str | None:
    """What our speed depends on."""
    import ortools

    numba = numba_version()
    return f"ortools {ortools.__version__}, " + (f"numba {numba}" if numba is not None else "no numba")


def refuses(case: Case) -> str | None:
    """Days of the product carry no goods; for those there is :mod:`benchmarks.rivals.proof`."""
    return "no goods on a day of the product" if case.goods is not None else None


def warm() -> None:
    """Start the child and let it compile, or load what was compiled."""
    for visits, vans in warm_sizes():
        solve_without_check(generate_day(visits, vans, 1), budget=SearchBudget(cpu_seconds=WARM_S, grace_s=_GRACE_S))


def warm_sizes() -> tuple[tuple[int, int], ...]:
    """Visits and vans of the days to warm up with; a small one where there is nothing to compile."""
    return WARM_SIZES if is_compiled() else ((6, 1),)


def solve(case: Case, seconds: float) -> Answer:
    """The plan the product makes."""
    child = worker.worker_pid()
    before_s = _cpu_s(child)
    if child is not None:
        forget_peak(child)
    plan = solve_without_check(case.problem, budget=SearchBudget(cpu_seconds=seconds, grace_s=_GRACE_S))
    after = worker.worker_pid()
    return Answer(
        orders=orders_of(plan),
        bound_s=plan.lower_bound_s,
        finished=plan.status in (PlanStatus.OPTIMAL, PlanStatus.INFEASIBLE),
        plan=plan,
        elsewhere_cpu_s=_cpu_s(after) - (before_s if after == child else 0.0),
        peak_mb=peak_mb(after),
    )


def _cpu_s(pid: int | None) -> float:
    """CPU seconds a process has spent (Linux; elsewhere 0)."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def forget_peak(pid: int | str) -> None:
    """Begin to look for the peak of a process's memory anew (Linux; elsewhere nothing happens)."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def peak_mb(pid: int | str | None) -> float:
    """The most memory a process has held, in megabytes (Linux; elsewhere 0)."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return 0.0
