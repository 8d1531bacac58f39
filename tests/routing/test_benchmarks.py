"""The days we measure ourselves on, and the programme that measures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import solve
from benchmarks.days import SIZES, generate_day
from benchmarks.solve import HEAD
from routing.plan import PlanStatus
from routing.problem import DEFAULT_MAX_LEG_S
from routing.solver import SearchBudget, solve_day

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]} visits")
def test_a_promised_far_booking_is_on_a_route_of_a_full_day(size: tuple[int, int]) -> None:
    """As 高崎町笛水, the farthest town: beyond an hour from the hall, taken with the manager's word."""
    problem = generate_day(*size, seed=11, far_booking=True)
    (far,) = [visit for visit in problem.visits if visit.long_leg_ok]
    assert far.required
    assert min(problem.driving_s("hall", far.place) or 0, problem.driving_s(far.place, "hall") or 0) > DEFAULT_MAX_LEG_S
    plan = solve_day(problem, budget=SearchBudget(solutions=40))
    assert plan.status in (PlanStatus.OPTIMAL, PlanStatus.FEASIBLE)
    assert plan.route_of(far.id) is not None
    assert all(visit.id in plan.served for visit in problem.visits if visit.required)


def test_equal_arguments_give_an_equal_day() -> None:
    assert generate_day(15, 3, 4, far_booking=True) == generate_day(15, 3, 4, far_booking=True)
    assert generate_day(15, 3, 4) != generate_day(15, 3, 5)


def test_the_smoke_run_prints_the_table_and_ends_well() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.solve", "--smoke"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    lines = done.stdout.splitlines()
    assert lines[2:4] == list(HEAD)
    assert lines[4].startswith("| 15/3 | 0 | ")
    assert len(lines[4].split("|")) == len(HEAD[0].split("|"))
    assert lines[-2].startswith("method: branch-and-price ortools ")
    assert lines[-1] == "every plan is right"


def test_a_wrong_plan_makes_the_run_fail(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(solve, "check", lambda problem, plan: ("a violation",))
    assert solve.main(["--smoke"]) == 1
    assert capsys.readouterr().out.endswith("WRONG: a plan breaks a rule or a promise\n")
