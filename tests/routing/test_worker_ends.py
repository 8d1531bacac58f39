"""Nothing is left behind: the search process ends with its parent, however that ends, and is replaced when killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from benchmarks.days import generate_day
from routing.check import check
from routing.errors import SolveError
from routing.files import plan_sha256
from routing.plan import PlanStatus
from routing.solver import SearchBudget, solve_day, worker
from routing.solver.task import SearchTask
from tests.conftest import Soak
from tests.routing.days import busy_day

ROOT = Path(__file__).parents[2]
DAY, BUSY = generate_day(12, 3, 2), busy_day()
ONCE, LONG = SearchBudget(solutions=1), SearchBudget(seconds=120)
PATIENCE_S = 60


def task(budget: SearchBudget) -> SearchTask:
    return SearchTask(DAY, tuple(v.id for v in DAY.visits), tuple(s.id for s in DAY.shifts), budget)


@pytest.fixture(autouse=True)
def no_child_before_or_after() -> Iterator[None]:
    worker.close()
    yield
    worker.close()


def wait_until_at_work(pid: int, more_s: float = 0.1) -> None:
    """Until the process has spent so much more processor time: a warm child spends none while it waits for a task."""
    child = psutil.Process(pid)
    spent = child.cpu_times().user
    while child.cpu_times().user < spent + more_s:
        time.sleep(0.01)


def wait_until_gone(pid: int) -> bool:
    until = time.monotonic() + PATIENCE_S
    while psutil.pid_exists(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not psutil.pid_exists(pid)


# -------------------------------------------------------------------------------------------------------- killed child


@pytest.mark.heavy
def test_a_child_killed_at_any_moment_is_replaced_and_leaves_no_zombie(soak: Soak) -> None:
    me = psutil.Process()
    before = {process.pid for process in me.children()}
    ends: Counter[str] = Counter()
    for _ in range(soak.count(50)):
        worker.run(task(ONCE))
        pid = worker.worker_pid()
        assert pid is not None
        errors: list[str] = []

        def solve(errors: list[str] = errors) -> None:
            try:
                plan = solve_day(BUSY, budget=LONG)
            except SolveError as error:
                errors.append(error.code)
            else:
                assert check(BUSY, plan) == ()
                errors.append(plan.certificate.method)

        solving = threading.Thread(target=solve)
        solving.start()
        wait_until_at_work(pid, soak.rng.choice((0.01, soak.rng.uniform(0.01, 0.5))))
        os.kill(pid, signal.SIGKILL)
        solving.join()
        assert errors in (["SOLVER_KILLED"], ["ruin-and-recreate (interrupted)"])
        ends.update(errors)
        assert {process.pid for process in me.children()} <= before
        assert solve_day(DAY, budget=SearchBudget(solutions=12)).status is PlanStatus.OPTIMAL
    soak.table("ends", dict(ends))


@pytest.mark.heavy
def test_a_child_killed_at_any_moment_never_costs_the_plan_that_stands(soak: Soak) -> None:
    """The parent returns the best plan told so far, or the one it began with, and says that it was cut short."""
    standing = solve_day(BUSY, budget=SearchBudget(solutions=4))
    methods: Counter[str] = Counter()
    for _ in range(soak.count(50)):
        worker.run(task(ONCE))
        pid = worker.worker_pid()
        assert pid is not None

        def kill(pid: int = pid, after_s: float = soak.rng.uniform(0.0, 1.5)) -> None:
            wait_until_at_work(pid, 0.01)
            time.sleep(after_s)
            os.kill(pid, signal.SIGKILL)

        killing = threading.Thread(target=kill)
        killing.start()
        plan = solve_day(BUSY, budget=LONG, start_from=standing)
        killing.join()
        assert check(BUSY, plan) == ()
        assert plan.status is PlanStatus.FEASIBLE
        assert (plan.objective_s or 0) <= (standing.objective_s or 0)
        assert plan.certificate.method.endswith(" (interrupted)")
        methods[plan.certificate.method] += 1
    soak.table("methods", dict(methods))


# ------------------------------------------------------------------------------------------------------- ended parents

SOLVES = """
import signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background hands it on as ignored
from routing import SearchBudget, solve_day
from routing.solver.worker import worker_pid
from tests.routing.days import busy_day
day = busy_day()
solve_day(day, budget=SearchBudget(solutions=1))
print(worker_pid(), flush=True)
"""
IN_THE_MAIN_THREAD = "solve_day(day, budget=SearchBudget(seconds=120))"
IN_A_DAEMON = """
threading.Thread(target=solve_day, args=(day,), kwargs={"budget": SearchBudget(seconds=120)}, daemon=True).start()
sys.stdin.read(1)
"""


@contextmanager
def another_programme(code: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A Python that solves, and the process id of its search."""
    with subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    ) as parent:
        assert parent.stdout is not None
        try:
            yield parent, int(parent.stdout.readline())
        finally:
            parent.kill()


def test_a_killed_parent_takes_its_search_along() -> None:
    with another_programme(SOLVES + IN_THE_MAIN_THREAD) as (parent, searching):
        wait_until_at_work(searching)
        parent.kill()
        assert wait_until_gone(searching)


def test_a_killed_parent_takes_its_idle_child_along() -> None:
    with another_programme(SOLVES + "sys.stdin.read(1)") as (parent, waiting):
        parent.kill()
        assert wait_until_gone(waiting)


@pytest.mark.parametrize("to", ["the parent", "the whole group, as a terminal does"])
def test_ctrl_c_ends_the_search_and_the_parent_hears_of_it(to: str) -> None:
    with another_programme(SOLVES + IN_THE_MAIN_THREAD) as (parent, searching):
        wait_until_at_work(searching)
        if to == "the parent":
            parent.send_signal(signal.SIGINT)
        else:
            os.killpg(parent.pid, signal.SIGINT)
        assert parent.stderr is not None
        assert parent.stderr.read().endswith("KeyboardInterrupt\n")
        assert parent.wait(PATIENCE_S) != 0
        assert wait_until_gone(searching)


def test_after_ctrl_c_the_same_parent_solves_again() -> None:
    code = f"""
try:
    {IN_THE_MAIN_THREAD}
except KeyboardInterrupt:
    print(solve_day(day, budget=SearchBudget(solutions=12)).status, worker_pid())
"""
    with another_programme(SOLVES + code) as (parent, searching):
        wait_until_at_work(searching)
        parent.send_signal(signal.SIGINT)
        said, wrong = parent.communicate(timeout=PATIENCE_S)
        status, pid = said.split()
        assert (status, wrong, parent.returncode) == ("FEASIBLE", "", 0)  # a busy day is not proved
        assert int(pid) != searching
        assert wait_until_gone(int(pid))


def test_a_search_in_a_forgotten_thread_does_not_hold_up_the_end_of_the_programme() -> None:
    with another_programme(SOLVES + IN_A_DAEMON) as (parent, searching):
        wait_until_at_work(searching)
        parent.communicate("x", timeout=PATIENCE_S)
        assert parent.returncode == 0
        assert wait_until_gone(searching)


# ----------------------------------------------------------------------------------------------------------- odd tasks


class Noise:
    """Writes to standard output where it is unpickled: in the child, in the place of a library that does."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.write, (1, b"noise" * 100)


def test_what_a_library_prints_in_the_child_never_stands_between_results() -> None:
    noisy = replace(DAY, travel_source=Noise())  # type: ignore[arg-type]
    found = worker.run(replace(task(ONCE), problem=noisy))
    pid = worker.worker_pid()
    assert worker.run(task(ONCE)) == found
    assert worker.worker_pid() == pid


def test_a_tenth_of_a_second_ends_with_a_plan_or_an_honest_unknown() -> None:
    for problem in (DAY, generate_day(50, 10, 0)):
        plan = solve_day(problem, budget=SearchBudget(seconds=0.1))
        assert plan.status in (PlanStatus.OPTIMAL, PlanStatus.FEASIBLE, PlanStatus.UNKNOWN)
        assert check(problem, plan) == ()


def test_two_threads_that_solve_at_once_get_each_their_own_plan() -> None:
    days = [generate_day(9, 2, seed) for seed in range(2)]
    alone = [plan_sha256(solve_day(day, budget=SearchBudget(solutions=12))) for day in days]
    together: dict[int, str] = {}

    def solve(which: int) -> None:
        together[which] = plan_sha256(solve_day(days[which], budget=SearchBudget(solutions=12)))

    threads = [threading.Thread(target=solve, args=(which,)) for which in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[0], together[1]] == alone


def test_a_forked_process_searches_with_a_child_of_its_own() -> None:
    worker.run(task(ONCE))
    first = worker.worker_pid()
    reads, writes = os.pipe()
    forked = os.fork()
    if forked == 0:
        status = 1
        try:
            worker.run(task(ONCE))
            mine = worker.worker_pid()
            os.write(writes, str(mine).encode())
            worker.close()
            status = 0 if mine != first else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == 0
    os.close(writes)
    with os.fdopen(reads) as pipe:
        assert wait_until_gone(int(pipe.read()))
    worker.run(task(ONCE))
    assert worker.worker_pid() == first


# ---------------------------------------------------------------------------------------------------------- repeatable

PLANS = """
from benchmarks.days import generate_day
from routing import SearchBudget, solve_day
from routing.files import plan_sha256
for visits, vans in ((9, 2), (14, 3)):
    print(plan_sha256(solve_day(generate_day(visits, vans, 7), budget=SearchBudget(solutions=60))))
"""


def test_the_same_solutions_give_the_same_plan_in_every_process() -> None:
    worker.run(task(SearchBudget(solutions=5)))  # here the child is warm from another day, there it is new
    here = [
        plan_sha256(solve_day(generate_day(visits, vans, 7), budget=SearchBudget(solutions=60)))
        for visits, vans in ((9, 2), (14, 3))
    ]
    for hash_seed in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", PLANS],
            check=True,
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hash_seed},
        )
        assert done.stdout.split() == here
