"""What is proved is true: against brute force, with cuts and without, and against everything any other search finds."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from benchmarks.days import generate_day
from routing.check import check
from routing.plan import PlanStatus
from routing.problem import DayProblem
from routing.solver import SearchBudget, solve_without_check
from routing.solver.exact.prove import Proof, Proved
from routing.solver.ruin import Ruiner
from routing.solver.search import search
from routing.solver.spending import Spending
from routing.solver.task import omission_penalty_s
from tests.conftest import SOAKING, Soak
from tests.routing.brute_force import least_cost
from tests.routing.days import both_ways, day, shift, visit
from tests.routing.exact.proofs import ENOUGH, network, optimum, proved, proved_from_nothing, task_of
from tests.routing.ruled_days import RULES, ruled_day, without_rule


@pytest.mark.heavy
def test_the_exact_solver_equals_brute_force_on_days_that_use_every_rule(soak: Soak) -> None:
    count = soak.count(500)
    binding: Counter[str] = Counter()
    infeasible = 0
    for _ in range(count):
        problem = ruled_day(soak.rng, visits=soak.rng.randrange(3, 6), shifts=soak.rng.randrange(1, 4))
        least = least_cost(problem)
        assert optimum(problem) == least, problem
        infeasible += least is None
        for rule in RULES:
            binding[rule] += optimum(without_rule(problem, rule)) != least
    soak.table("binding", dict(sorted(binding.items())))
    soak.table("infeasible", infeasible)
    assert infeasible > 0
    if SOAKING:
        assert min(binding[rule] for rule in RULES) >= 50, binding


@pytest.mark.heavy
def test_the_proof_is_the_same_with_cuts_and_without(soak: Soak) -> None:
    for _ in range(soak.count(100)):
        problem = generate_day(soak.rng.randrange(9, 16), 3, soak.rng.randrange(10**6))
        with_cuts, without = proved_from_nothing(problem), proved_from_nothing(problem, cuts=False)
        assert with_cuts.optimal
        assert without.optimal
        assert with_cuts.cost_s == without.cost_s == proved(problem).cost_s


@pytest.mark.heavy
def test_no_search_beats_a_proved_day_and_every_bound_on_the_way_lies_below(soak: Soak) -> None:
    """The bounds of a proof broken off anywhere, against the days of ruin, guided local search and the whole proof."""
    for number in range(soak.count(300)):
        if number % 2:
            problem = generate_day(soak.rng.randrange(8, 19), 3, soak.rng.randrange(10**6))
        else:
            problem = replace(ruled_day(soak.rng, visits=8, shifts=3), max_leg_s=3600)
        net = network(problem)
        told: list[Proved] = []
        final = Proof(net, Spending(ENOUGH), tell=told.append).run()
        assert final.optimal, problem
        known = [final.cost_s, *(state.cost_s for state in told)]
        ruiner = Ruiner(net, [], seed=number, steps=300)
        ruiner.work(300)
        guided = net.routes_of(search(task_of(problem, SearchBudget(solutions=20))).orders or {})
        for routes in (ruiner.result.routes, guided):
            if net.keeps_all(routes):
                known.append(net.cost_s(routes))
        stopped = Proof(net, Spending(SearchBudget(solutions=1 + soak.rng.randrange(12)))).run()
        assert max([*(state.bound_s for state in told), stopped.bound_s]) <= final.cost_s
        assert min(known) == final.cost_s or (final.routes is None and min(known) >= final.cost_s)


@pytest.mark.heavy
def test_a_day_that_cannot_keep_its_promises_names_a_smallest_conflict(soak: Soak) -> None:
    """On days of up to seven visits: what is named cannot be kept together, and no fewer of the promises clash."""
    found = 0
    for _ in range(soak.count(200)):
        problem = ruled_day(soak.rng, visits=soak.rng.randrange(6, 8), shifts=2)
        problem = replace(
            problem, visits=tuple(replace(v, required=soak.rng.random() < 0.6) for v in problem.visits), max_leg_s=3600
        )
        plan = solve_without_check(problem, budget=SearchBudget(solutions=200))
        if plan.status is not PlanStatus.INFEASIBLE:
            continue
        found += 1
        assert check(problem, plan) == ()
        for left_out in plan.unassigned:
            together = {left_out.visit, *left_out.values["with"]}  # type: ignore[misc]
            assert optimum(_only(problem, together)) is None
            for one in together:
                assert optimum(_only(problem, together - {one})) is not None
    soak.table("in conflict", found)
    assert found > 0


def _only(problem: DayProblem, required: set[str]) -> DayProblem:
    return replace(problem, visits=tuple(replace(v, required=v.id in required) for v in problem.visits))


def test_a_conflict_of_many_promises_is_proved_and_named_without_the_others() -> None:
    """Eighteen promises, three vans; four of the promises want the same quarter of an hour."""
    crowd = tuple(visit(f"C{i}", "10:00", "10:15", required=True) for i in range(4))
    others = tuple(visit(f"V{i:02d}", required=True) for i in range(14))
    problem = day((*crowd, *others), tuple(shift(f"van-{k}") for k in range(3)), otherwise_s=60)
    plan = solve_without_check(problem, budget=SearchBudget(solutions=400))
    assert plan.status is PlanStatus.INFEASIBLE
    assert [left_out.visit for left_out in plan.unassigned] == ["C0", "C1", "C2", "C3"]
    assert check(problem, plan) == ()


def test_a_far_stop_reached_only_by_way_of_another_is_no_conflict() -> None:
    stones = {**both_ways("hall", "far", 4000), **both_ways("hall", "near", 1500), **both_ways("near", "far", 1500)}
    for number in range(4):
        stones |= both_ways(f"v{number}", "far", None)
    visits = (
        visit("FAR", place="far", required=True),
        *(visit(f"N{i}", place="near", drop_penalty_s=1) for i in range(2)),
        *(visit(f"V{i}") for i in range(4)),
    )
    problem = day(visits, (shift("van-1"), shift("van-2")), stones)
    state = proved(problem)
    assert state.optimal
    assert state.routes is not None
    route = next(numbers for _, numbers in state.routes if 0 in numbers)
    assert {1, 2} <= set(route)  # one on the way there, one on the way back


def test_what_is_broken_off_has_a_bound_and_a_plan() -> None:
    problem = generate_day(30, 6, 11)
    plan = solve_without_check(problem, budget=SearchBudget(solutions=25))
    assert plan.objective_s is not None
    assert plan.lower_bound_s is not None
    assert 0 < plan.lower_bound_s <= plan.objective_s
    assert check(problem, plan) == ()


def test_equal_budgets_in_solutions_give_equal_plans() -> None:
    problem = generate_day(18, 4, 5)
    states = [proved(problem) for _ in range(2)]
    assert states[0] == states[1]


def test_a_promise_costs_more_than_all_that_could_be_gained_by_breaking_it() -> None:
    problem = generate_day(12, 3, 3)
    net = network(problem)
    assert all(
        net.omission_s[number] > net.ceiling_s > omission_penalty_s(problem, net.visits[number]) - 10**6
        for number in range(net.size)
        if net.required[number]
    )


def test_days_of_one_visit_and_of_none_at_all_are_proved() -> None:
    assert optimum(day((visit("A"),))) == 1200
    assert optimum(day((visit("A", needs=frozenset({"sign"}), drop_penalty_s=77),))) == 77


def test_random_numbers_of_ruin_repeat() -> None:
    net = network(generate_day(12, 3, random.Random(1).randrange(100)))
    days = []
    for _ in range(2):
        ruiner = Ruiner(net, [], seed=5, steps=200)
        ruiner.work(120)
        ruiner.work(80)
        days.append(ruiner.result)
    assert days[0] == days[1]
    assert net.cost_s(days[0].routes) == days[0].cost_s
