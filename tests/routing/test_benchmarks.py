"""The days we measure ourselves on, and the programme that measures."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import alone, evaluate, solve
from benchmarks.alone import Ran
from benchmarks.booked import book_day
from benchmarks.case import Answer, Case, Goods
from benchmarks.days import SERVICE_MIN, SHORT_SERVICE_MIN, SIZES, generate_day, without_lunch
from benchmarks.evaluate import Judged, judge
from benchmarks.plots import draw_gaps, draw_growth, gap_curves, growth
from benchmarks.report import HEAD, bounds_of, mistakes, row
from benchmarks.rivals import SOLVERS, ours, pyvrp, vroom
from benchmarks.solve import FULL, OVER_FULL, Kind, goals
from routing.insertion import orders_of
from routing.plan import PlanStatus
from routing.problem import DEFAULT_MAX_LEG_S, DayProblem, Window
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
    assert book_day(8, 2, 4) == book_day(8, 2, 4)
    assert book_day(8, 2, 4) != book_day(8, 2, 5)


def test_eight_visits_a_van_fit_with_shorter_services() -> None:
    problem = generate_day(16, 2, 1, service_min=SHORT_SERVICE_MIN)
    assert len(problem.visits) == 16
    assert {visit.service_s for visit in problem.visits} <= {60 * minutes for minutes in SHORT_SERVICE_MIN}


def test_of_a_day_with_more_than_fits_the_surplus_is_optional() -> None:
    problem = generate_day(18, 2, 1, hidden_vans=3)
    assert (len(problem.visits), len(problem.shifts)) == (18, 2)
    assert sum(not visit.required for visit in problem.visits) >= 6
    assert all(len(visit.windows) <= 2 for visit in problem.visits)


def test_a_booked_day_keeps_every_promise() -> None:
    problem = book_day(10, 2, 1)
    assert len(problem.visits) == 10
    plan = solve_day(problem, budget=SearchBudget(solutions=100))
    assert all(visit.id in plan.served for visit in problem.visits if visit.required)
    assert all(len(visit.windows) == 1 for visit in problem.visits if visit.required)


def test_more_can_wait_for_a_booked_day_than_fit() -> None:
    problem = book_day(12, 1, 1, service_min=SERVICE_MIN, over_full=True)
    assert len(problem.visits) == 12
    assert sum(visit.required for visit in problem.visits) <= 8


def test_where_those_who_call_fill_the_day_too_early_others_call(monkeypatch: pytest.MonkeyPatch) -> None:
    first = book_day(5, 1, 1)
    called: list[float] = []

    def too_early_twice(rng: random.Random, *_: object, **__: object) -> DayProblem | None:
        called.append(rng.random())
        return first if len(called) == 3 else None

    monkeypatch.setattr("benchmarks.booked._booked", too_early_twice)
    assert book_day(5, 1, 1) is first
    assert len(set(called)) == 3


def test_too_many_bookings_are_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.booked._ATTEMPTS", 2)
    with pytest.raises(ValueError, match="15 visits could not be booked on 1 vans"):
        book_day(15, 1, 1)


# -------------------------------------------------------------------------------------------------------------- judging


@pytest.fixture(scope="module")
def day() -> DayProblem:
    return generate_day(5, 1, 3)


def _solved(day: DayProblem) -> Answer:
    plan = solve_day(day, budget=SearchBudget(solutions=1))
    return Answer(orders_of(plan), bound_s=plan.lower_bound_s, finished=True, plan=plan)


def test_a_plan_of_ours_is_judged_as_it_says_itself(day: DayProblem) -> None:
    answer = _solved(day)
    assert answer.plan is not None
    assert judge(Case("day", day), answer) == Judged(answer.plan.objective_s, 0, 0, 0, 0)


def test_a_plan_that_says_another_cost_than_it_has_is_a_violation(day: DayProblem) -> None:
    answer = _solved(day)
    assert answer.plan is not None
    lying = replace(answer, plan=replace(answer.plan, objective_s=1))
    assert judge(Case("day", day), lying).violations >= 1


def test_a_route_that_cannot_be_driven_loses_stops_and_that_is_counted(day: DayProblem) -> None:
    (order,) = _solved(day).orders.values()
    backwards = Answer({"van-1": tuple(reversed(order))})
    optional = replace(day, visits=tuple(replace(visit, required=False) for visit in day.visits))
    judged = judge(Case("day", optional), backwards)
    assert judged.dropped > 0
    assert judged.left_out == judged.dropped
    assert judged.violations == 0


def test_a_broken_promise_has_no_objective(day: DayProblem) -> None:
    promised = replace(day, visits=tuple(replace(visit, required=True) for visit in day.visits))
    judged = judge(Case("day", promised), Answer({}))
    assert (judged.objective_s, judged.broken, judged.left_out) == (None, 5, 5)


def test_a_van_that_carries_too_much_loses_stops(day: DayProblem) -> None:
    optional = replace(day, visits=tuple(replace(visit, required=False) for visit in day.visits))
    case = Case("day", optional, Goods({visit.id: 2 for visit in day.visits}, 7))
    assert judge(case, _solved(day).__class__(_solved(day).orders)).dropped == 2


# ---------------------------------------------------------------------------------------------------------- the solvers


def test_windows_that_touch_are_one_for_vroom() -> None:
    windows = (Window(1800, 3600), Window(0, 1800), Window(7200, 9000))
    assert vroom.joined(windows) == [(0, 3600), (7200, 9000)]


def test_no_number_of_optional_visits_is_worth_a_promise_to_vroom(day: DayProblem) -> None:
    promised, *optional = day.visits
    visits = (replace(promised, required=True), *(replace(visit, required=False) for visit in optional))
    first, *others = vroom.priorities(visits)
    assert first > sum(others) >= len(others)


def test_pyvrp_is_not_asked_for_breaks(day: DayProblem) -> None:
    assert pyvrp.refuses(Case("day", day)) == "knows no breaks"
    assert pyvrp.refuses(Case("day", without_lunch(day))) is None


INSTALLED = [name for name, solver in SOLVERS.items() if name != ours.NAME and solver.version() is not None]


@pytest.mark.parametrize("name", INSTALLED)
def test_every_solver_finds_the_best_day_of_five_visits(name: str, day: DayProblem) -> None:
    solver, case = SOLVERS[name], Case("day", without_lunch(day))
    judged = judge(case, solver.solve(case, 0.2))
    assert judged == Judged(_solved(case.problem).bound_s, 0, 0, 0, 0)


def test_a_solver_that_raises_or_dies_is_a_run_with_an_error(day: DayProblem) -> None:
    with alone.Cores(1) as cores:
        (ran,) = cores.run("nobody", Case("day", day), [0.1]).result()
    assert (ran.judged, ran.answer) == (None, None)
    assert ran.error is not None


# ----------------------------------------------------------------------------------------------------------- the report


def _ran(day: DayProblem, solver: str, cost_s: int | None, bound_s: int | None = None, seconds: float = 10) -> Ran:
    judged = Judged(cost_s, 0, 0 if cost_s is not None else 1, 0, 0)
    return Ran(solver, Case("day", day), seconds, 1.0, 100.0, Answer({}, bound_s), judged)


def test_the_gap_is_above_the_highest_bound_of_all(day: DayProblem) -> None:
    runs = [_ran(day, "ours", 110, 90), _ran(day, "ours", 105, 100), _ran(day, "VROOM", 120)]
    bounds = bounds_of(runs)
    assert bounds.above(runs[2]) == pytest.approx(0.2)
    cells = row("5/1", runs[2:], bounds).split(" | ")
    assert len(cells) == HEAD[0].count(" | ") + 1
    assert cells[3:7] == ["120", "20.00%", "20.00%", "14.29%"]


def test_a_day_below_a_bound_is_a_mistake_of_ours(day: DayProblem) -> None:
    runs = [_ran(day, "ours", 110, 100), _ran(day, "VROOM", 99)]
    assert mistakes(runs, bounds_of(runs), ["ours"]) == ["day: a day below the proved bound"]


def test_a_promise_that_ours_breaks_is_a_mistake_and_one_of_a_rival_is_not(day: DayProblem) -> None:
    assert mistakes([_ran(day, "VROOM", None)], bounds_of([]), ["ours"]) == []
    assert len(mistakes([_ran(day, "ours", None)], bounds_of([]), ["ours"])) == 1


def test_goals_are_told_with_what_was_measured(day: DayProblem) -> None:
    runs = [_ran(day, "ours", 100, 100), _ran(day, "VROOM", 99), _ran(day, "OR-Tools routing", None)]
    told = list(goals({Kind(OVER_FULL, "booked", lunch=True): runs}, bounds_of(runs)))
    assert told[0].endswith("than VROOM: MISSED (mean 100 against 99; worse on 1 of 1)")
    assert told[1].endswith("than OR-Tools routing: met (mean 100 against inf; worse on 0 of 1)")
    assert told[2] == "- 120 visits: 1,500 MB: met (100 MB)"
    assert list(goals({Kind(FULL, "booked", lunch=False): runs}, bounds_of(runs))) == []


def test_equal_figures_give_an_equal_drawing(day: DayProblem, tmp_path: Path) -> None:
    runs = [_ran(day, "ours", 100, 99)]
    curves = gap_curves(runs)
    assert set(curves) == {"ours", "ours, still open"}
    series = growth({4: runs, 5: runs})
    for name in ("one", "two"):
        draw_gaps(tmp_path / f"{name}-gap.svg", {"a day": curves})
        draw_growth(tmp_path / f"{name}-growth.svg", "vans", "growth", series)
    for kind in ("gap", "growth"):
        drawn = (tmp_path / f"one-{kind}.svg").read_bytes()
        assert drawn == (tmp_path / f"two-{kind}.svg").read_bytes()
        assert b"<dc:date>" not in drawn


# -------------------------------------------------------------------------------------------------------- the programme


def test_the_smoke_run_prints_the_table_and_ends_well() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.solve", "--smoke"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    lines = done.stdout.splitlines()
    assert "- ours: ortools " in done.stdout
    at = lines.index(HEAD[0])
    assert lines[at + 2].startswith("| 15/3 hidden plan | ours | 0.5 | ")
    assert len(lines[at + 2].split("|")) == len(HEAD[0].split("|"))
    assert lines[-1] == "every plan of ours is right"


def test_a_wrong_plan_makes_the_run_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], day: DayProblem
) -> None:
    class Cores(alone.Cores):
        def run(self, solver: str, case: Case, budgets: Sequence[float]) -> Future[list[Ran]]:
            future: Future[list[Ran]] = Future()
            answer = _solved(day)
            future.set_result([Ran(solver, case, 0.5, answer=answer, judged=judge(Case("day", day), answer))])
            return future

    monkeypatch.setattr(solve, "Cores", Cores)
    assert solve.main(["--smoke"]) == 0
    monkeypatch.setattr(evaluate, "check", lambda problem, plan: ("a violation",))
    assert solve.main(["--smoke"]) == 1
    assert capsys.readouterr().out.endswith("WRONG: a plan breaks a rule or a promise\n")
