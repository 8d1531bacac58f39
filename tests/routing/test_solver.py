"""Planning a day: each rule on a tiny day where it binds, what happens when promises conflict, and repeatability."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from importlib import metadata
from itertools import permutations

import pytest

from benchmarks.days import generate_day
from routing.check import check
from routing.errors import SolveError
from routing.files import plan_sha256, problem_sha256, read_plan, read_problem
from routing.insertion import Orders, orders_of
from routing.plan import DayPlan, PlanStatus, Reason, Route, Unassigned
from routing.problem import Break, DayProblem
from routing.schedule import schedule_route
from routing.solver import (
    SearchBudget,
    day,
    relax_required,
    search,
    solve_breaking_fewest,
    solve_day,
    solve_without_check,
)
from routing.solver.model import DayModel, build, local_search
from routing.solver.solving import METHOD_EXACT
from routing.solver.task import SearchResult, SearchTask
from tests.conftest import Soak
from tests.routing.days import DATA, both_ways, clock, random_day, shift, visit, window
from tests.routing.days import day as make_day

QUICK = SearchBudget(solutions=24)


def by_search(problem: DayProblem, solutions: int = 30) -> Orders:
    """The orders OR-Tools finds, whatever the size of the day: the model itself, not the shortcut for small days."""
    visits, shifts = tuple(v.id for v in problem.visits), tuple(s.id for s in problem.shifts)
    task = SearchTask(problem, visits, shifts, SearchBudget(solutions=solutions))
    return local_search(task, strategy="PARALLEL_CHEAPEST_INSERTION", seconds=None, solutions=solutions)


def served(orders: Orders) -> set[str]:
    return {visit_id for order in orders.values() for visit_id in order}


def by_both(problem: DayProblem) -> Orders:
    """The model and the exhaustive method serve the same visits of a tiny day."""
    found, plan = by_search(problem), solve_day(problem, budget=QUICK)
    assert served(found) == plan.served
    return found


# ------------------------------------------------------------------------------------- one rule, one day, both methods


def test_a_window_that_cannot_be_reached_is_not_served() -> None:
    problem = make_day((visit("A", "08:30", "08:39"), visit("B", "08:30", "08:40")))
    assert served(by_both(problem)) == {"B"}


def test_two_visits_at_the_same_minute_need_two_vans() -> None:
    visits = (visit("A", "10:00", "10:00"), visit("B", "10:00", "10:00"))
    assert len(served(by_both(make_day(visits)))) == 1
    assert served(by_both(make_day(visits, (shift(), shift("van-2"))))) == {"A", "B"}


def test_service_never_begins_between_two_windows() -> None:
    split = (window("08:30", "08:45"), window("16:00", "16:15"))
    first = visit("A", "08:40", "08:40", service_s=600)
    assert served(by_both(make_day((first, visit("B", windows=split, service_s=600))))) == {"A", "B"}
    gap = (window("08:30", "08:45"), window("16:46", "16:50"))
    assert len(served(by_both(make_day((first, visit("B", windows=gap, service_s=1200)))))) == 1


def test_the_break_takes_its_hour_from_the_day() -> None:
    visits = (visit("A", "11:00", "11:00", service_s=3600), visit("B", "12:40", "12:40", service_s=3600))
    lunch = Break(3600, clock("11:30"), clock("13:00"))
    assert len(served(by_both(make_day(visits, (shift(break_=lunch),))))) == 1
    assert served(by_both(make_day(visits, (shift(break_=None),)))) == {"A", "B"}


def test_a_leg_beyond_the_limit_is_driven_only_to_a_visit_that_may_be_far() -> None:
    far = both_ways("hall", "a", 3700)
    assert served(by_both(make_day((visit("A"),), driving=far))) == set()
    assert served(by_both(make_day((visit("A", long_leg_ok=True),), driving=far))) == {"A"}


def test_a_far_place_is_reached_by_way_of_another_visit() -> None:
    far = both_ways("hall", "a", 3700)
    problem = make_day((visit("A", required=True), visit("B", "09:30", "10:00")), driving=far)
    problem = replace(problem, visits=(*problem.visits, visit("C", "14:00", "15:00", place="b")))
    assert by_both(problem) == {"van-1": ("B", "A", "C")}


def test_no_leg_is_driven_where_there_is_no_way() -> None:
    problem = make_day((visit("A"), visit("B")), driving={("hall", "b"): None, ("b", "hall"): None, ("b", "a"): None})
    assert served(by_both(problem)) == {"A"}


def test_needs_are_met_by_a_crew_with_the_skill() -> None:
    wheelchair = frozenset({"wheelchair"})
    shifts = (shift(), shift("van-2", skills=wheelchair))
    assert by_both(make_day((visit("A", needs=wheelchair),), shifts)) == {"van-2": ("A",)}
    assert by_both(make_day((visit("A", needs=wheelchair),))) == {}


def test_a_pin_keeps_its_van_even_where_another_is_nearer() -> None:
    shifts = (shift(start_place="a", end_place="a"), shift("van-2"))
    assert by_both(make_day((visit("A"),), shifts)) == {"van-1": ("A",)}
    assert by_both(make_day((visit("A", pinned_shift="van-2"),), shifts)) == {"van-2": ("A",)}


def test_a_required_visit_goes_before_any_penalty() -> None:
    visits = (visit("A", "10:00", "10:00", required=True, drop_penalty_s=0), visit("B", "10:00", "10:00"))
    assert served(by_both(make_day(visits))) == {"A"}


def test_what_costs_more_than_its_penalty_is_left_out_and_what_costs_less_is_served() -> None:
    assert served(by_both(make_day((visit("A", drop_penalty_s=1199),)))) == set()
    assert served(by_both(make_day((visit("A", drop_penalty_s=1201),)))) == {"A"}


def test_each_van_leaves_its_own_depot_and_returns_to_its_own() -> None:
    driving = {**both_ways("hall", "a", 60), **both_ways("west", "b", 60)}
    shifts = (shift(), shift("van-2", start_place="west", end_place="west"))
    problem = make_day((visit("A"), visit("B")), shifts, driving, otherwise_s=3000)
    assert by_both(problem) == {"van-1": ("A",), "van-2": ("B",)}
    one_way = (shift(end_place="west"),)
    found = solve_day(make_day((visit("A"), visit("B")), one_way, driving, otherwise_s=3000), budget=QUICK)
    assert (orders_of(found), found.travel_s) == ({"van-1": ("A", "B")}, 60 + 3000 + 60)


def test_each_shift_keeps_its_own_hours() -> None:
    shifts = (shift(end_s=clock("12:00"), break_=None), shift("van-2", start_s=clock("13:00"), break_=None))
    visits = (visit("A", "09:00", "10:00"), visit("B", "14:00", "15:00"))
    assert by_both(make_day(visits, shifts)) == {"van-1": ("A",), "van-2": ("B",)}


def test_a_van_without_room_for_its_break_does_not_drive() -> None:
    no_room = shift(break_=Break(3600, clock("16:30"), clock("17:00")))
    visits = tuple(visit(name) for name in "ABCDEF")
    plan = solve_day(make_day(visits, (no_room, shift("van-2"))), budget=QUICK)
    assert [route.shift for route in plan.routes] == ["van-2"]


# ------------------------------------------------------------------------------------------------- small days, exactly


def test_the_sample_day_gives_the_sample_plan() -> None:
    problem = read_problem((DATA / "sample_day.json").read_bytes())
    expected = read_plan((DATA / "sample_plan.json").read_bytes())
    plan = solve_day(problem, budget=QUICK)
    certificate = replace(plan.certificate, seconds=expected.certificate.seconds)
    assert replace(plan, problem_sha256=None, certificate=certificate) == expected


@pytest.mark.parametrize("seed", range(12))
def test_a_day_of_four_visits_is_as_cheap_as_any_order_tried_by_hand(seed: int) -> None:
    problem = random_day(random.Random(seed), visits=4, vans=1)
    plan = solve_without_check(problem, budget=QUICK)
    best = None
    ids = [v.id for v in problem.visits]
    for size in range(5):
        for order in permutations(ids, size):
            left = [v for v in problem.visits if v.id not in order]
            route = schedule_route(problem, problem.shifts[0], order) if order else None
            if any(v.required for v in left) or not (route is None or isinstance(route, Route)):
                continue
            cost = (route.travel_s if route else 0) + sum(v.drop_penalty_s for v in left)
            best = cost if best is None else min(best, cost)
    assert (plan.objective_s, plan.lower_bound_s) == (best, best)
    assert plan.status is (PlanStatus.INFEASIBLE if best is None else PlanStatus.OPTIMAL)


def test_a_day_without_visits_or_without_shifts_has_a_plan_too() -> None:
    assert solve_day(make_day(()), budget=QUICK).objective_s == 0
    plan = solve_day(make_day((visit("A"),), ()), budget=QUICK)
    assert plan.unassigned == (Unassigned("A", Reason.NO_SHIFT),)


# ----------------------------------------------------------------------------------------------- promises that conflict


def crowd(count: int, *, required: bool = True) -> tuple[DayProblem, list[str]]:
    """Two visits that cannot both be kept, among ``count`` others that can."""
    others = [visit(f"V{i}", f"{9 + i // 2:02d}:30", "15:30", service_s=600) for i in range(count)]
    pair = [visit("A", "10:00", "10:05", required=required), visit("B", "10:00", "10:05", required=required)]
    return make_day((*others, *pair)), ["A", "B"]


@pytest.mark.parametrize("others", [0, 2, 6])
def test_a_conflict_is_proved_and_named_and_nobody_else_is(others: int) -> None:
    problem, _ = crowd(others)
    plan = solve_day(problem, budget=QUICK)
    assert (plan.status, plan.routes, plan.objective_s) == (PlanStatus.INFEASIBLE, (), None)
    assert plan.unassigned == (
        Unassigned("A", Reason.CONFLICT, {"with": ("B",)}),
        Unassigned("B", Reason.CONFLICT, {"with": ("A",)}),
    )


def test_a_conflict_is_proved_where_another_place_is_reached_only_by_way_of_somebody() -> None:
    """What is far lies elsewhere: no stop on the way could help those in conflict."""
    problem, _ = crowd(6)
    far = visit("F")
    with_far = make_day((*problem.visits, far), driving=both_ways("hall", "f", 3700))
    plan = solve_day(with_far, budget=QUICK)
    assert plan.status is PlanStatus.INFEASIBLE
    assert [left_out.visit for left_out in plan.unassigned] == ["A", "B"]


def test_a_conflict_of_a_small_day_is_proved_even_where_stops_on_the_way_help() -> None:
    problem, _ = crowd(4)
    roundabout = make_day(problem.visits, driving=both_ways("hall", "a", 3500))
    plan = solve_day(roundabout, budget=QUICK)
    assert (plan.status, plan.certificate.method) == (PlanStatus.INFEASIBLE, METHOD_EXACT)
    assert [left_out.visit for left_out in plan.unassigned] == ["A", "B"]


def test_a_small_budget_is_not_shared_by_many_runs() -> None:
    def runs(problem: DayProblem, **measure: float) -> int:
        visits, shifts = tuple(v.id for v in problem.visits), tuple(s.id for s in problem.shifts)
        return search._runs(SearchTask(problem, visits, shifts, SearchBudget(**measure)))  # type: ignore[arg-type]

    small, large = generate_day(10, 2, 0), generate_day(50, 10, 0)
    assert [runs(small, solutions=n) for n in (1, 39, 40, 1000)] == [1, 1, 2, search.RUNS]
    assert [runs(large, seconds=n) for n in (0.1, 1, 3, 10)] == [1, 1, 3, search.RUNS]


def test_a_promise_impossible_by_itself_says_what_is_in_its_way() -> None:
    nowhere = both_ways("hall", "a", None) | {("b", "a"): None}
    problem = make_day((visit("A", required=True), visit("B")), driving=nowhere)
    plan = solve_day(problem, budget=QUICK)
    assert plan.status is PlanStatus.INFEASIBLE
    assert plan.unassigned == (Unassigned("A", Reason.CONFLICT, {"with": (), "because": "UNREACHABLE"}),)


def test_breaking_fewest_keeps_all_promises_but_one() -> None:
    problem, pair = crowd(6)
    plan = solve_breaking_fewest(problem, budget=QUICK)
    relaxed = relax_required(problem)
    assert plan.problem_sha256 == problem_sha256(relaxed)
    assert check(relaxed, plan) == ()
    assert {left_out.visit for left_out in plan.unassigned} < set(pair)
    assert len(plan.unassigned) == 1


def test_a_promise_the_search_missed_is_found_by_trying_or_called_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the search says: no required visit is silently dropped, and unknown is never called infeasible."""
    problem = make_day(tuple(visit(f"V{i}", required=i < 3) for i in range(6)))

    class Blind:
        @staticmethod
        def run(task: SearchTask) -> object:
            return SearchResult({}, method="blind")

    monkeypatch.setattr("routing.solver.day.worker", Blind)
    monkeypatch.setattr(day, "_complete", lambda problem, visits, routes: dict(routes))
    plan = solve_day(problem, budget=QUICK)
    assert plan.status is PlanStatus.FEASIBLE
    assert {"V0", "V1", "V2"} <= plan.served
    monkeypatch.setattr("routing.solver.exhaustive.can_be_tried", lambda problem, required: False)
    plan = solve_day(problem, budget=QUICK)
    assert (plan.status, plan.routes) == (PlanStatus.UNKNOWN, ())
    assert [left_out.visit for left_out in plan.unassigned] == ["V0", "V1", "V2"]


# --------------------------------------------------------------------------------------------------- bigger, generated


@pytest.fixture(scope="module")
def generated() -> tuple[DayProblem, DayPlan]:
    problem = generate_day(12, 3, 1)
    return problem, solve_day(problem, budget=SearchBudget(solutions=60))


def test_a_generated_day_is_served_whole_and_the_plan_says_how_it_came_about(
    generated: tuple[DayProblem, DayPlan],
) -> None:
    problem, plan = generated
    assert plan.status is PlanStatus.OPTIMAL
    assert plan.unassigned == ()
    assert plan.lower_bound_s == plan.objective_s == plan.travel_s
    assert plan.problem_sha256 == problem_sha256(problem)
    assert plan.certificate.method == METHOD_EXACT
    assert plan.certificate.versions == {name: metadata.version(name) for name in ("ortools", "numba")}


def test_the_same_solutions_give_the_same_plan(generated: tuple[DayProblem, DayPlan]) -> None:
    problem, plan = generated
    assert plan_sha256(solve_day(problem, budget=SearchBudget(solutions=60))) == plan_sha256(plan)


def test_a_plan_to_start_from_is_never_made_worse(generated: tuple[DayProblem, DayPlan]) -> None:
    problem, plan = generated
    again = solve_day(problem, budget=SearchBudget(solutions=1), start_from=plan)
    assert again.objective_s is not None
    assert plan.objective_s is not None
    assert again.objective_s <= plan.objective_s


def test_a_plan_to_start_from_carries_over_to_a_changed_day(generated: tuple[DayProblem, DayPlan]) -> None:
    problem, plan = generated
    gone = problem.visits[0].id
    fewer = replace(problem, visits=problem.visits[1:])
    kept = solve_day(fewer, budget=SearchBudget(solutions=1), start_from=plan)
    assert kept.served == plan.served - {gone}
    back = solve_day(problem, budget=SearchBudget(solutions=1), start_from=kept)
    assert back.served == plan.served


@pytest.mark.heavy
def test_ortools_and_the_forward_pass_agree_on_every_route_of_random_days(soak: Soak) -> None:
    """A route the model calls legal is legal: the repair after the search is for a bug that was never seen."""
    days = soak.count(300)
    for number in range(days):
        problem = random_day(soak.rng, visits=soak.rng.randrange(4, 10), vans=soak.rng.randrange(1, 4))
        shifts = [s for s in problem.shifts if s.break_ is None or s.break_.latest_start_s < s.end_s]
        task = SearchTask(
            problem, tuple(v.id for v in problem.visits), tuple(s.id for s in shifts), SearchBudget(solutions=30)
        )
        orders = local_search(task, strategy="SAVINGS", seconds=None, solutions=30)
        for shift_id, order in orders.items():
            assert isinstance(schedule_route(problem, problem.shift_by_id[shift_id], order), Route), (number, order)
    soak.table("days", days)


@pytest.mark.heavy
def test_the_checker_accepts_the_plan_of_every_random_day(soak: Soak) -> None:
    for _ in range(soak.count(200)):
        problem = random_day(soak.rng, visits=soak.rng.randrange(6, 10), vans=2)
        solve_day(problem, budget=SearchBudget(solutions=12))
        solve_breaking_fewest(problem, budget=SearchBudget(solutions=12))


def test_a_route_the_forward_pass_refuses_is_lightened_and_its_visit_inserted_elsewhere() -> None:
    visits = (visit("A", "10:00", "10:05"), visit("B", "10:00", "10:05", required=True), visit("C"))
    problem = make_day(visits, (shift(), shift("van-2")))
    routes = day._legal_routes(problem, {"van-1": ("A", "B", "C")})
    assert {shift_id: [s.visit for s in r.stops] for shift_id, r in routes.items()} == {"van-1": ["B", "C"]}
    complete = day._complete(problem, ["A", "B", "C"], routes)
    assert sorted(stop.visit for route in complete.values() for stop in route.stops) == ["A", "B", "C"]


def test_the_model_is_made_of_one_function_per_rule() -> None:
    problem = generate_day(6, 2, 0)
    task = SearchTask(problem, tuple(v.id for v in problem.visits), ("van-1", "van-2"), QUICK)
    assert isinstance(build(task), DayModel)


def test_the_checker_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = solve_without_check

    def lying(problem: DayProblem, **given: SearchBudget) -> DayPlan:
        plan = honest(problem, budget=QUICK)
        return replace(plan, objective_s=(plan.objective_s or 0) + 1, lower_bound_s=None, status=PlanStatus.FEASIBLE)

    monkeypatch.setattr(day, "solve_without_check", lying)
    with pytest.raises(SolveError) as caught:
        solve_day(make_day((visit("A"),)), budget=QUICK)
    assert caught.value.code == "PLAN_REFUSED"
    assert caught.value.values["codes"]


# ------------------------------------------------------------------------------------------------------------ budget


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"seconds": 1.0, "solutions": 5},
        {"seconds": 0},
        {"seconds": -1.0},
        {"seconds": float("nan")},
        {"seconds": float("inf")},
        {"solutions": 0},
    ],
)
def test_a_budget_is_one_positive_measure(given: dict[str, float]) -> None:
    with pytest.raises(SolveError) as caught:
        SearchBudget(**given)  # type: ignore[arg-type]
    assert caught.value.code == "BAD_BUDGET"


def test_the_parent_and_the_checker_never_load_ortools() -> None:
    code = (
        "import sys, routing, routing.check, routing.files; assert 'routing.solver' not in sys.modules;"
        "routing.solve_day; assert 'routing.solver' in sys.modules;"
        "assert not [name for name in sys.modules if name.startswith('ortools')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
