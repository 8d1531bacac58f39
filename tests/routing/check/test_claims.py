"""Claims of optimality held against trying everything, and trying everything against another way to do it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from outreach.terminal.app import run
from outreach.words import LANGUAGES, Words
from routing.check import Verdict, ViolationCode, check, check_certificate
from routing.checking.optimum import MOST_VISITS, find_optimum
from routing.files import read_plan, read_problem, write_plan
from routing.plan import Certificate, DayPlan, PlanStatus, Reason, Route, Unassigned
from routing.problem import Break, DayProblem, Window
from routing.schedule import schedule_route
from tests.conftest import Soak
from tests.routing.brute_force import least_cost
from tests.routing.days import DATA, day, four_visits, random_day, shift, visit, window
from tests.routing.ruled_days import RULES, ruled_day, without_rule

DAY, PLAN = DATA / "sample_day.json", DATA / "sample_plan.json"
SAMPLE_DAY, SAMPLE = read_problem(DAY.read_bytes()), read_plan(PLAN.read_bytes())


def planned(problem: DayProblem, orders: dict[str, tuple[str, ...]], status: PlanStatus, **changes: object) -> DayPlan:
    """A plan of given orders, timed by the schedule."""
    routes = [schedule_route(problem, problem.shift_by_id[name], list(order)) for name, order in orders.items()]
    driven = tuple(route for route in routes if isinstance(route, Route))
    assert len(driven) == len(routes)
    served = {stop.visit for route in driven for stop in route.stops}
    left = [v for v in problem.visits if v.id not in served]
    objective_s = sum(route.travel_s for route in driven) + sum(v.drop_penalty_s for v in left)
    bound_s = objective_s if status is PlanStatus.OPTIMAL else None
    unassigned = tuple(Unassigned(v.id, Reason.CROWDED_OUT) for v in left)
    plan = DayPlan(problem.date, status, objective_s, bound_s, None, Certificate("by hand", 0.0), driven, unassigned)
    return replace(plan, **changes)  # type: ignore[arg-type]


def nothing(problem: DayProblem, status: PlanStatus, conflict: tuple[str, ...] = ()) -> DayPlan:
    left = tuple(Unassigned(name, Reason.CONFLICT, {"with": [n for n in conflict if n != name]}) for name in conflict)
    return DayPlan(problem.date, status, None, None, None, Certificate("by hand", 0.0), (), left)


# ---------------------------------------------------------------------------------------------- trying everything


@pytest.mark.heavy
def test_the_optimum_is_the_one_found_route_by_route_with_the_checker(soak: Soak) -> None:
    for _ in range(soak.count(300)):
        problem = ruled_day(soak.rng, visits=soak.rng.choice((1, 2, 3, 3, 4, 4, 5)), shifts=soak.rng.randrange(0, 4))
        found = find_optimum(problem)
        assert found is not None
        assert found.objective_s == least_cost(problem), problem


@pytest.mark.heavy
def test_its_orders_are_a_legal_plan_as_dear_to_the_second(soak: Soak) -> None:
    """On days that keep to no grid: the schedule finds times for the orders, and the checker accepts them."""
    for _ in range(soak.count(400)):
        problem = random_day(soak.rng, visits=soak.rng.randrange(1, 8), vans=soak.rng.randrange(1, 4))
        found = find_optimum(problem)
        assert found is not None
        if found.objective_s is not None:
            plan = planned(problem, dict(found.orders), PlanStatus.OPTIMAL)
            assert plan.objective_s == found.objective_s
            assert not [v for v in check(problem, plan) if not v.code.startswith("REASON")]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_changes_some_optimum(rule: str) -> None:
    from tests.conftest import seeded

    rng = seeded(f"optimum without {rule}")
    for _ in range(300):
        problem = ruled_day(rng, visits=5, shifts=2)
        with_it, without_it = find_optimum(problem), find_optimum(without_rule(problem, rule))
        assert with_it is not None
        assert without_it is not None
        if with_it.objective_s != without_it.objective_s:
            return
    pytest.fail(f"{rule} never mattered")


@pytest.mark.parametrize(
    ("rest", "windows", "fits"),
    [
        # The leg lasts from 08:30 to 08:40; service takes 40 min, the way home 10; the shift ends at 17:15.
        (Break(600, 30_600, 30_600), (31_800, 31_800), True),  # in the first leg, or before it
        (Break(600, 30_600, 30_600), (31_799, 31_799), False),
        (Break(600, 31_199, 31_199), (31_800, 31_800), True),  # in its last second
        (Break(600, 31_200, 31_200), (31_800, 31_800), True),  # on arrival: waiting
        (Break(600, 31_201, 31_201), (31_800, 31_800), False),
        (Break(600, 31_201, 31_201), (31_801, 31_801), True),  # while waiting
        (Break(600, 33_600, 33_600), (31_200, 31_200), True),  # just as the service ends
        (Break(600, 33_599, 33_599), (31_200, 31_200), False),  # still serving
        (Break(600, 61_500, 61_500), (31_200, 31_200), True),  # after the return, until the last second
        (Break(600, 61_501, 61_501), (31_200, 31_200), False),
        (Break(600, 60_000, 60_000), (58_500, 58_500), False),  # serving when it should begin
        (Break(600, 60_900, 61_500), (58_500, 58_500), True),  # in the leg home, 61 500
        (Break(601, 61_499, 61_499), (58_500, 58_500), False),  # home by 61 500 or in the leg: a second too late
        (Break(1, 61_499, 61_499), (58_500, 58_500), True),
    ],
)
def test_a_break_fits_to_the_second(rest: Break, windows: tuple[int, int], fits: bool) -> None:
    problem = day((visit("A", windows=(Window(*windows),)),), (shift(break_=rest),))
    found = find_optimum(problem)
    assert found is not None
    assert (found.objective_s == 1200) == fits
    assert isinstance(schedule_route(problem, problem.shifts[0], ["A"]), Route) == fits


def test_alike_vans_share_a_table_and_a_day_of_many_of_them_is_no_work() -> None:
    problem = day(tuple(visit(name) for name in "ABCDEFGHI"), tuple(shift(f"van-{number}") for number in range(1, 41)))
    began = time.process_time()
    found = find_optimum(problem)
    assert found is not None
    assert found.objective_s == 6600  # two vans
    assert time.process_time() - began < 20


def test_ten_visits_are_too_many() -> None:
    many = tuple(visit(f"V{number}") for number in range(MOST_VISITS + 1))
    assert find_optimum(day(many)) is None
    assert find_optimum(day(many[:-1])) is not None


def test_too_many_ways_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("routing.checking.optimum.MOST_BEGINNINGS", 20)
    assert find_optimum(four_visits) is None
    assert check_certificate(four_visits, SAMPLE).verdict is Verdict.TOO_LARGE


# ------------------------------------------------------------------------------------------------------- the claims

APART = day(
    (visit("A"), visit("B")),
    driving={("hall", "a"): 600, ("a", "b"): 600, ("b", "hall"): 900, ("hall", "b"): 900, ("b", "a"): 1500},
)
BEST = planned(APART, {"van-1": ("A", "B")}, PlanStatus.OPTIMAL)
WORSE = planned(APART, {"van-1": ("B", "A")}, PlanStatus.OPTIMAL)


def test_a_true_claim_is_confirmed() -> None:
    checked = check_certificate(APART, BEST)
    assert (checked.verdict, checked.derived_s, checked.optimum_s) == (Verdict.BEST, 2100, 2100)
    assert (checked.holds, checked.violations, checked.better) == (True, (), ())


def test_a_false_claim_is_refuted_with_a_better_plan() -> None:
    checked = check_certificate(APART, WORSE)
    assert (checked.verdict, checked.derived_s, checked.optimum_s) == (Verdict.BETTER_EXISTS, 3000, 2100)
    assert {v.code: dict(v.values) for v in checked.violations} == {
        ViolationCode.OPTIMUM_REFUTED: {"objective_s": 3000, "optimum_s": 2100},
        ViolationCode.BOUND_REFUTED: {"lower_bound_s": 3000, "optimum_s": 2100},
    }
    assert checked.better == (("van-1", ("A", "B")),)
    assert not checked.holds


def test_a_plan_that_claims_nothing_breaks_no_rule_by_being_worse() -> None:
    modest = replace(WORSE, status=PlanStatus.FEASIBLE, lower_bound_s=2100)
    checked = check_certificate(APART, modest)
    assert (checked.verdict, checked.violations, checked.holds) == (Verdict.BETTER_EXISTS, (), False)
    checked = check_certificate(APART, replace(modest, lower_bound_s=2101))
    assert [v.code for v in checked.violations] == [ViolationCode.BOUND_REFUTED]


def test_a_wrong_objective_is_told_and_the_right_one_judged() -> None:
    checked = check_certificate(APART, replace(BEST, objective_s=2000, lower_bound_s=2000))
    assert (checked.objective_is_right, checked.derived_s, checked.verdict) == (False, 2100, Verdict.BEST)
    assert not checked.holds


def test_a_plan_that_is_too_good_breaks_a_rule() -> None:
    tight = replace(APART, max_leg_s=600)
    checked = check_certificate(tight, BEST)
    assert (checked.verdict, checked.holds) == (Verdict.BELOW_OPTIMUM, False)


def required(*windows: tuple[str, str]) -> DayProblem:
    return day(
        tuple(visit(name, windows=(window(*span),), required=True) for name, span in zip("ABC", windows, strict=False))
    )


CLASH = required(("10:00", "10:00"), ("10:00", "10:00"), ("14:00", "14:30"))


def test_an_infeasible_claim_is_confirmed() -> None:
    checked = check_certificate(CLASH, nothing(CLASH, PlanStatus.INFEASIBLE, ("A", "B")))
    assert (checked.verdict, checked.derived_s, checked.optimum_s) == (Verdict.INFEASIBLE, None, None)
    assert checked.holds


def test_an_infeasible_claim_is_refuted() -> None:
    apart = required(("10:00", "10:00"), ("11:00", "11:30"))
    checked = check_certificate(apart, nothing(apart, PlanStatus.INFEASIBLE, ("A", "B")))
    assert [v.code for v in checked.violations] == [ViolationCode.INFEASIBLE_REFUTED]
    assert (checked.verdict, checked.optimum_s, checked.holds) == (Verdict.BETTER_EXISTS, 1800, False)


def test_a_conflict_that_is_none_is_refuted() -> None:
    checked = check_certificate(CLASH, nothing(CLASH, PlanStatus.INFEASIBLE, ("A", "C")))
    assert [(v.code, dict(v.values)) for v in checked.violations] == [
        (ViolationCode.CONFLICT_REFUTED, {"visits": ["A", "C"]})
    ]
    assert not checked.holds


def test_a_plan_that_was_not_found_is_no_wrong_claim() -> None:
    checked = check_certificate(APART, nothing(APART, PlanStatus.UNKNOWN))
    assert (checked.verdict, checked.optimum_s, checked.violations) == (Verdict.BETTER_EXISTS, 2100, ())
    assert check_certificate(CLASH, nothing(CLASH, PlanStatus.UNKNOWN)).verdict is Verdict.INFEASIBLE


# ----------------------------------------------------------------------------------------------------- the terminal


@pytest.fixture(params=LANGUAGES)
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    return {"OUTREACH_HOME": str(tmp_path / "home"), "OUTREACH_LANG": request.param}


def test_the_sample_plan_of_the_design_is_proved(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(DAY), str(PLAN), "--certificate"], environ) == 0
    words = Words(environ["OUTREACH_LANG"])
    assert capsys.readouterr().out.splitlines() == [
        words.say("terminal.check.silent"),
        words.say("terminal.certificate.plan", statement=words.say("certificate.PROVED")),
        words.say("terminal.certificate.objective_right", derived_s=62220),
        words.say("terminal.certificate.BEST", optimum_s=62220),
    ]
    assert run(["check", str(DAY), str(PLAN), "--certificate", "--json"], environ) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["violations"] == []
    assert {name: shown["certificate"][name] for name in ("status", "verdict", "optimum_s", "gap_s", "holds")} == {
        "status": "OPTIMAL",
        "verdict": "BEST",
        "optimum_s": 62220,
        "gap_s": 0,
        "holds": True,
    }


def test_a_doctored_plan_is_not(environ: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lazy = replace(
        SAMPLE,
        routes=(),
        objective_s=120_000,
        lower_bound_s=120_000,
        unassigned=(*SAMPLE.unassigned, Unassigned("H10472", Reason.CROWDED_OUT)),
    )
    optional = replace(SAMPLE_DAY, visits=tuple(replace(v, required=False) for v in SAMPLE_DAY.visits))
    from routing.files import write_problem

    (tmp_path / "day.json").write_text(write_problem(optional), encoding="utf-8")
    (tmp_path / "plan.json").write_text(write_plan(lazy), encoding="utf-8")
    files = [str(tmp_path / "day.json"), str(tmp_path / "plan.json")]
    assert run(["check", *files, "--json"], environ) == 0  # every rule is kept
    capsys.readouterr()
    assert run(["check", *files, "--certificate", "--json"], environ) == 1
    shown = json.loads(capsys.readouterr().out)
    assert [violation["code"] for violation in shown["violations"]] == ["OPTIMUM_REFUTED", "BOUND_REFUTED"]
    assert shown["certificate"]["better"] == {"van-1": ["H10472"]}
    assert run(["check", *files, "--certificate"], environ) == 1
    assert "  van-1: H10472" in capsys.readouterr().out.splitlines()


def test_a_large_day_says_so_and_ends_as_the_check_does(
    environ: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from routing.files import write_problem

    many = day(tuple(visit(f"V{number}") for number in range(12)), (shift(), shift("van-2")))
    plan = planned(many, {"van-1": ("V0",)}, PlanStatus.FEASIBLE)
    (tmp_path / "day.json").write_text(write_problem(many), encoding="utf-8")
    (tmp_path / "plan.json").write_text(write_plan(plan), encoding="utf-8")
    assert run(["check", str(tmp_path / "day.json"), str(tmp_path / "plan.json"), "--certificate"], environ) == 0
    words = Words(environ["OUTREACH_LANG"])
    assert capsys.readouterr().out.splitlines()[-1] == words.say("terminal.certificate.TOO_LARGE")


def test_solve_says_how_good_the_plan_is(environ: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["solve", str(DAY), "--seconds", "1"], environ) == 0
    words = Words(environ["OUTREACH_LANG"])
    told = words.say("terminal.certificate.plan", statement=words.say("certificate.PROVED"))
    assert told in capsys.readouterr().err.splitlines()
