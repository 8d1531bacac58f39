"""Runs a solver on a day in a process of its own, on one core and one thread, and says what it took.

Every run begins with nothing of the one before. Loading and compiling are done before the clock starts. As many runs go
on at once as cores are given, each pinned to its own. A solver that dies takes nothing with it but its answer.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import queue
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection

from benchmarks.case import Answer, Case
from benchmarks.evaluate import Judged, judge

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Ran:
    """One run.

    Attributes:
        solver, case: who and what.
        seconds: what it was given.
        cpu_s: CPU seconds it spent, its own children included.
        peak_mb: its memory at the peak, loaded libraries included.
        answer: what it found, ``None`` where it failed.
        judged: that by our rules.
        error: why it failed.
    """

    solver: str
    case: Case
    seconds: float
    cpu_s: float = 0.0
    peak_mb: float = 0.0
    answer: Answer | None = None
    judged: Judged | None = None
    error: str | None = None


class Cores:
    """Some cores, each with one run at a time. Use in a ``with``.

    Args:
        number: how many runs go on at once; at most as many as there are.
    """

    def __init__(self, number: int) -> None:
        usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
        self.number = max(1, min(number, len(usable)))
        self._free: queue.SimpleQueue[int] = queue.SimpleQueue()
        for core in usable[-self.number :]:
            self._free.put(core)
        self._threads = ThreadPoolExecutor(self.number)
        for name in _ONE_THREAD:
            os.environ[name] = "1"

    def __enter__(self) -> Cores:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(cancel_futures=True)

    def run(self, solver: str, case: Case, budgets: Sequence[float]) -> Future[list[Ran]]:
        """One run for each budget; where a shorter one was enough, its answer stands for the longer ones too."""
        return self._threads.submit(self._runs, solver, case, sorted(budgets))

    def _runs(self, solver: str, case: Case, budgets: Sequence[float]) -> list[Ran]:
        core = self._free.get()
        try:
            done: list[Ran] = []
            for seconds in budgets:
                if done and done[-1].answer is not None and done[-1].answer.finished:
                    done.append(replace(done[-1], seconds=seconds))
                else:
                    done.append(_run(solver, case, seconds, core))
            return done
        finally:
            self._free.put(core)


def _run(solver: str, case: Case, seconds: float, core: int) -> Ran:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(theirs, solver, case, seconds, core))
    child.start()
    theirs.close()
    blank = Ran(solver, case, seconds)
    try:
        heard: Ran = ours.recv()
    except EOFError:
        child.join()
        return replace(blank, error=f"its process ended with {child.exitcode}")
    finally:
        ours.close()
    child.join()
    return heard if heard.answer is None else replace(heard, judged=judge(case, heard.answer))


def _child(pipe: Connection, solver: str, case: Case, seconds: float, core: int) -> None:
    """The life of a run."""
    if hasattr(os, "sched_setaffinity"):
        with contextlib.suppress(OSError):
            os.sched_setaffinity(0, {core})
    from benchmarks.rivals import SOLVERS
    from benchmarks.rivals.ours import forget_peak, peak_mb

    chosen = SOLVERS[solver]
    try:
        chosen.warm()
        forget_peak("self")
        began = time.process_time()
        answer = chosen.solve(case, seconds)
        cpu_s = time.process_time() - began + answer.elsewhere_cpu_s
        pipe.send(Ran(solver, case, seconds, cpu_s, max(peak_mb("self"), answer.peak_mb), answer))
    except Exception as error:  # a rival's mistake is a row of the table, not the end of it
        pipe.send(Ran(solver, case, seconds, error=f"{type(error).__name__}: {error}"))
    finally:
        pipe.close()
