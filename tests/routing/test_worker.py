"""The child process that searches: killed, late, failing, and replaced each time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import psutil  # type: ignore[import-untyped]
import pytest

from benchmarks.days import generate_day
from routing.errors import SolveError
from routing.insertion import orders_of
from routing.plan import DayPlan, PlanStatus
from routing.solver import SearchBudget, solve_day, worker
from routing.solver.task import SearchResult, SearchTask
from tests.routing.days import busy_day

DAY = generate_day(12, 3, 2)
BUSY = busy_day()
VISITS = tuple(visit.id for visit in DAY.visits)
SHIFTS = tuple(shift.id for shift in DAY.shifts)


def task(budget: SearchBudget) -> SearchTask:
    return SearchTask(DAY, VISITS, SHIFTS, budget)


@pytest.fixture(autouse=True)
def no_child_before_or_after() -> Iterator[None]:
    worker.close()
    yield
    worker.close()


def pid_of_worker() -> int:
    pid = worker.worker_pid()
    assert pid is not None
    return pid


def test_one_warm_child_serves_task_after_task() -> None:
    worker.run(task(SearchBudget(solutions=1)))
    first = pid_of_worker()
    worker.run(task(SearchBudget(solutions=1)))
    assert pid_of_worker() == first


def busy_task(budget: SearchBudget, start: DayPlan | None = None) -> SearchTask:
    orders = {} if start is None else orders_of(start)
    return SearchTask(BUSY, tuple(v.id for v in BUSY.visits), tuple(s.id for s in BUSY.shifts), budget, orders)


def test_a_child_killed_before_it_told_anything_is_a_coded_error_and_the_next_call_gets_a_new_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker.run(task(SearchBudget(solutions=1)))
    first = pid_of_worker()
    errors: list[str] = []
    real = worker.pickle.loads
    monkeypatch.setattr(worker.pickle, "loads", lambda message: _without_news(real(message)))

    def solve() -> None:
        try:
            solve_day(BUSY, budget=SearchBudget(seconds=60))
        except SolveError as error:
            errors.append(error.code)

    solving = threading.Thread(target=solve)
    spent = psutil.Process(first).cpu_times().user
    solving.start()
    while psutil.Process(first).cpu_times().user < spent + 0.2:  # it is at work
        time.sleep(0.01)
    os.kill(first, signal.SIGKILL)
    solving.join(30)
    assert errors == ["SOLVER_KILLED"]
    monkeypatch.undo()
    assert worker.worker_pid() is None
    assert not psutil.pid_exists(first)  # no zombie either
    assert solve_day(DAY, budget=SearchBudget(solutions=12)).status is PlanStatus.OPTIMAL
    assert pid_of_worker() != first


def test_a_child_killed_between_tasks_is_replaced_unnoticed() -> None:
    worker.run(task(SearchBudget(solutions=1)))
    first = pid_of_worker()
    os.kill(first, signal.SIGKILL)
    psutil.Process(first).wait(10)
    worker.run(task(SearchBudget(solutions=1)))
    assert pid_of_worker() != first


def _without_news(message: object) -> object:
    """What a child that dies at once has told."""
    return replace(message, result=SearchResult(None)) if isinstance(message, worker._News) else message


def test_a_search_past_its_wall_limit_is_killed_and_what_it_had_told_is_the_plan() -> None:
    worker.run(task(SearchBudget(solutions=1)))
    first = pid_of_worker()
    plan = solve_day(BUSY, budget=SearchBudget(seconds=60, grace_s=-50))
    assert not psutil.pid_exists(first)
    assert (plan.status, plan.certificate.method) == (PlanStatus.FEASIBLE, "ruin-and-recreate (interrupted)")


def test_a_search_killed_before_it_told_anything_gives_the_plan_it_began_with_or_a_coded_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    standing = solve_day(BUSY, budget=SearchBudget(solutions=4))
    real = worker.pickle.loads
    monkeypatch.setattr(worker.pickle, "loads", lambda message: _without_news(real(message)))
    late = SearchBudget(seconds=60, grace_s=-59.7)
    kept = solve_day(BUSY, budget=late, start_from=standing)
    assert (kept.certificate.method, kept.routes) == ("kept (interrupted)", standing.routes)
    with pytest.raises(SolveError) as caught:
        worker.run(busy_task(late))
    assert caught.value.code == "SOLVER_TIMEOUT"


def test_a_search_that_raises_says_what_and_the_child_lives_on() -> None:
    nobody = replace(task(SearchBudget(solutions=1)), visits=("nobody",))
    with pytest.raises(SolveError) as caught:
        worker.run(nobody)
    assert (caught.value.code, caught.value.values["exception"]) == ("SOLVER_FAILED", "KeyError")
    first = pid_of_worker()
    worker.run(task(SearchBudget(solutions=1)))
    assert pid_of_worker() == first


def test_callers_on_several_threads_take_turns() -> None:
    versions: list[str] = []
    threads = [
        threading.Thread(
            target=lambda: versions.append(worker.run(task(SearchBudget(solutions=1))).versions["ortools"])
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(versions) == 4
    assert len(set(versions)) == 1


SCRIPT = """
import sys
from benchmarks.days import generate_day
from routing import SearchBudget, solve_day
from routing.solver.worker import worker_pid
plan = solve_day(generate_day(8, 2, 0), budget=SearchBudget(solutions=40))
print(plan.status.value, worker_pid())
"""


@pytest.mark.parametrize("how", ["as -c", "as a script without a guard"])
def test_any_main_module_may_solve_and_leaves_no_child_behind(how: str, tmp_path: object) -> None:
    path = f"{tmp_path}/script.py"
    with open(path, "w", encoding="utf-8") as stream:
        stream.write(SCRIPT)
    command = [sys.executable, "-c", SCRIPT] if how == "as -c" else [sys.executable, path]
    root = str(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, cwd=root, env={**os.environ, "PYTHONPATH": root}
    )
    status, pid = done.stdout.split()  # nothing else was printed
    assert (status, done.stderr) == ("OPTIMAL", "")
    assert not psutil.pid_exists(int(pid))


def test_a_forked_process_leaves_its_parents_child_alone() -> None:
    worker.run(task(SearchBudget(solutions=1)))
    first = pid_of_worker()
    forked = os.fork()
    if forked == 0:
        worker.close()
        os._exit(0 if worker.worker_pid() is None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]) == 0
    worker.run(task(SearchBudget(solutions=1)))
    assert pid_of_worker() == first
