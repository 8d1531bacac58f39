"""Solver and checker against each other, and both against every plan there is, on days in which every rule binds."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection
from dataclasses import replace

import pytest

from routing.check import check
from routing.explain import stepping_stones_help
from routing.plan import DayPlan, PlanStatus, Route
from routing.problem import DAY_S, Break, DayProblem, Window
from routing.schedule import break_bounds, schedule_route
from routing.solver import SearchBudget, solve_day, solve_without_check
from routing.solver.solving import METHOD_EXACT
from tests.conftest import SOAKING, Soak
from tests.routing.brute_force import least_cost
from tests.routing.days import clock, shift, visit
from tests.routing.days import day as make_day
from tests.routing.ruled_days import RULES, ruled_day, without_rule

EXACT = SearchBudget(solutions=1)
"""Days of up to five visits are solved by trying everything and spend nothing of it."""

QUICK = SearchBudget(solutions=20)


def binds(rule: str, plan: DayPlan, without: DayPlan) -> bool:
    """Whether the best plan without the rule is another one: it costs otherwise, or, for the penalty, serves more."""
    if rule == "drop penalties":
        return plan.served < without.served
    return plan.objective_s != without.objective_s


def requiring(problem: DayProblem, visits: Collection[str]) -> DayProblem:
    """The day with only these visits required."""
    return replace(problem, visits=tuple(replace(v, required=v.id in visits) for v in problem.visits))


@pytest.mark.heavy
def test_the_checker_is_silent_on_the_best_plan_of_days_in_which_each_rule_binds(soak: Soak) -> None:
    """``solve_day`` raises where the checker is not silent. A rule binds where taking it away changes the best plan."""
    days = soak.count(300)
    bound: Counter[str] = Counter()
    for _ in range(days):
        problem = ruled_day(soak.rng, visits=soak.rng.randrange(4, 6), shifts=soak.rng.randrange(2, 4))
        plan = solve_day(problem, budget=EXACT)
        bound.update(rule for rule in RULES if binds(rule, plan, solve_day(without_rule(problem, rule), budget=EXACT)))
    soak.table("bound", dict(bound))
    assert sum(bound.values()) > days
    if SOAKING:
        assert {rule: bound[rule] for rule in RULES if bound[rule] < 50} == {}


@pytest.mark.heavy
def test_the_checker_is_silent_on_the_plans_that_searching_finds(soak: Soak) -> None:
    """A sample of days goes on until some plan was found by searching: most days are easier or cannot be served."""
    statuses: Counter[str] = Counter()
    days = soak.count(150)
    while statuses.total() < days or (not statuses["FEASIBLE"] and statuses.total() < 150):
        problem = ruled_day(soak.rng, visits=soak.rng.randrange(7, 12), shifts=soak.rng.randrange(2, 5))
        statuses[solve_day(problem, budget=QUICK).status.value] += 1
    soak.table("statuses", dict(statuses))
    assert statuses["OPTIMAL"] > 0
    assert set(statuses) <= {"OPTIMAL", "INFEASIBLE"}  # days of this size are decided


@pytest.mark.heavy
def test_a_small_day_is_solved_as_well_as_by_trying_every_plan_the_checker_accepts(soak: Soak) -> None:
    """Neither is a plan missed, nor is infeasible said where there is one."""
    statuses: Counter[str] = Counter()
    for _ in range(soak.count(160)):
        problem = ruled_day(soak.rng, visits=soak.rng.choice((2, 3, 3, 4, 4, 5)), shifts=soak.rng.randrange(1, 4))
        plan = solve_day(problem, budget=EXACT)
        least_s = least_cost(problem)
        assert plan.objective_s == least_s
        assert plan.status is (PlanStatus.INFEASIBLE if least_s is None else PlanStatus.OPTIMAL)
        for left_out in plan.unassigned if least_s is None else ():
            conflict = [left_out.visit, *left_out.values["with"]]  # type: ignore[misc]
            assert least_cost(requiring(problem, conflict)) is None
            for innocent in conflict:
                assert least_cost(requiring(problem, [visit for visit in conflict if visit != innocent])) is not None
        statuses[plan.status.value] += 1
    soak.table("statuses", dict(statuses))


@pytest.mark.heavy
def test_a_conflict_that_is_claimed_is_one_for_every_plan_the_checker_accepts(soak: Soak) -> None:
    """Days too large for the exact method: the visits named cannot be served together, not even alone on the day."""
    claimed, claims = 0, soak.count(60)
    while claimed < claims:
        problem = ruled_day(soak.rng, visits=soak.rng.randrange(6, 10), shifts=soak.rng.randrange(1, 4))
        plan = solve_day(problem, budget=QUICK)
        if plan.status is not PlanStatus.INFEASIBLE or len(plan.unassigned) > 4:
            continue
        claimed += 1
        for left_out in plan.unassigned:
            conflict = [left_out.visit, *left_out.values["with"]]  # type: ignore[misc]
            alone = replace(problem, visits=tuple(v for v in problem.visits if v.id in conflict))
            assert least_cost(alone) is None
            if stepping_stones_help(problem, conflict):
                continue  # others may help with a part of them
            for innocent in conflict:
                fewer = replace(alone, visits=tuple(v for v in alone.visits if v.id != innocent))
                assert least_cost(requiring(fewer, [v.id for v in fewer.visits])) is not None


@pytest.mark.heavy
def test_a_day_made_to_be_served_is_never_called_infeasible_and_seldom_unknown(soak: Soak) -> None:
    """The visits of a plan that the checker accepts are all made required: so there is a plan."""
    days = soak.count(120)
    statuses: Counter[str] = Counter()
    while statuses.total() < days:
        problem = ruled_day(soak.rng, visits=soak.rng.randrange(8, 14), shifts=soak.rng.randrange(2, 5))
        served = solve_day(requiring(problem, ()), budget=QUICK).served
        if len(served) < 4:
            continue
        statuses[solve_day(requiring(problem, served), budget=QUICK).status.value] += 1
    soak.table("statuses", dict(statuses))
    assert set(statuses) <= {"FEASIBLE", "OPTIMAL", "UNKNOWN"}
    assert statuses["UNKNOWN"] <= days / 20


# ------------------------------------------------------------------------------------ OR-Tools and the forward pass


def odd_day(rng: random.Random) -> DayProblem:
    """One van and up to four visits with everything at the edge: no service time, equal places, no gap, no room."""
    unit = rng.choice((1, 60, 600))
    start_s = rng.choice((0, 100, 3600))
    end_s = min(start_s + unit * rng.choice((20, 30, 60, 100)), DAY_S - 1)

    def time_s(least: int, most: int) -> int:
        return min(DAY_S - 1, max(0, start_s + unit * rng.randrange(least, most)))

    def window_s() -> Window:
        opens_s = time_s(-3, 40)
        return Window(opens_s, min(DAY_S - 1, opens_s + unit * rng.choice((0, 0, 1, 2, 5, 60))))

    earliest_s = time_s(-5, 30)
    latest_s = min(DAY_S - 1, earliest_s + unit * rng.choice((0, 0, 1, 3, 10, 40)))
    rest = Break(rng.choice((1, unit, 3 * unit, 10 * unit, 30 * unit)), earliest_s, latest_s)
    visits = tuple(
        visit(
            name,
            place=rng.choice(("hall", "a")) if rng.random() < 0.2 else name.lower(),
            service_s=unit * rng.choice((0, 0, 1, 2, 4, 10)),
            windows=tuple(window_s() for _ in range(rng.randrange(1, 4))),
            long_leg_ok=rng.random() < 0.2,
        )
        for name in "ABCD"[: rng.randrange(1, 5)]
    )
    van = shift(start_s=start_s, end_s=end_s, break_=rest if rng.random() < 0.85 else None)
    problem = make_day(visits, (van,), max_leg_s=unit * rng.choice((5, 8)))
    size = range(len(problem.places))
    travel = tuple(
        tuple(
            0
            if here == there and rng.random() < 0.9
            else None
            if rng.random() < 0.03
            else unit * rng.choice((0, 0, 1, 2, 3, 5, 8))
            for there in size
        )
        for here in size
    )
    return replace(problem, travel_s=travel)


@pytest.mark.heavy
def test_ortools_accepts_exactly_the_orders_that_the_forward_pass_accepts(soak: Soak) -> None:
    """Neither a plan is refused after the search, nor an order kept from it."""
    from ortools.constraint_solver import pywrapcp

    from routing.solver.model import build
    from routing.solver.task import SearchTask

    agreed: Counter[bool] = Counter()
    orders = soak.count(8_000)
    while agreed.total() < orders:
        problem = odd_day(soak.rng)
        van = problem.shifts[0]
        if van.break_ is not None and break_bounds(van) is None:
            continue  # never searched
        order = [v.id for v in problem.visits]
        soak.rng.shuffle(order)
        model = build(SearchTask(problem, tuple(order), (van.id,), EXACT))
        model.routing.CloseModelWithParameters(pywrapcp.DefaultRoutingSearchParameters())
        routes = [[model.index_of[visit_id] for visit_id in order]]
        accepted = model.routing.ReadAssignmentFromRoutes(routes, True) is not None
        assert accepted == isinstance(schedule_route(problem, van, order), Route), (problem, order)
        agreed[accepted] += 1
    soak.table("accepted", agreed[True])
    assert min(agreed[True], agreed[False]) > agreed.total() / 10


# ------------------------------------------------------------------------------------------------------------- edges

MANY = tuple("ABCDEF")
"""One visit more than are solved by trying everything."""


def searched(problem: DayProblem) -> DayPlan:
    """The checked plan of a day that is really searched."""
    plan = solve_day(problem, budget=QUICK)
    assert plan.certificate.method == METHOD_EXACT
    return plan


def test_a_day_of_one_place_needs_no_driving() -> None:
    visits = tuple(visit(name, place="hall") for name in MANY)
    plan = searched(make_day(visits))
    assert (plan.served, plan.objective_s) == (frozenset(MANY), 0)


def test_service_of_no_length_is_a_stop_like_any_other() -> None:
    visits = tuple(visit(name, "12:00", "12:00", service_s=0, place="a") for name in MANY)
    plan = searched(make_day(visits))
    assert (plan.served, plan.objective_s) == (frozenset(MANY), 1200)
    assert {stop.depart_s for stop in plan.routes[0].stops} == {clock("12:00")}


def test_windows_may_touch_both_ends_of_the_shift() -> None:
    visits = (
        visit("A", "08:30", "08:30", service_s=0, place="hall"),
        visit("B", "17:15", "17:15", service_s=0, place="hall"),
        *(visit(name) for name in "CDEF"),
    )
    plan = searched(make_day(visits))
    assert plan.served == set(MANY)
    assert (plan.routes[0].start_s, plan.routes[0].end_s) == (clock("08:30"), clock("17:15"))


def test_a_break_longer_than_any_gap_costs_a_visit() -> None:
    visits = tuple(
        visit(name, f"{9 + number}:00", f"{9 + number}:00", service_s=3000) for number, name in enumerate(MANY)
    )
    assert searched(make_day(visits, (shift(break_=None),))).served == set(MANY)
    plan = searched(make_day(visits))
    assert len(plan.served) == len(MANY) - 1
    assert plan.routes[0].break_ is not None


def test_only_shifts_with_room_for_their_break_are_searched() -> None:
    no_room = shift("van-2", break_=Break(3600, clock("16:30"), clock("17:00")))
    pinned = visit("G", pinned_shift="van-2")
    plan = searched(make_day((*(visit(name) for name in MANY), pinned), (shift(), no_room)))
    assert (plan.served, [left_out.visit for left_out in plan.unassigned]) == (frozenset(MANY), ["G"])
    assert plan.unassigned[0].reason == "BREAK_IN_THE_WAY"


def test_vans_without_a_stop_stay_at_home() -> None:
    vans = tuple(shift(f"van-{number}") for number in range(30))
    plan = searched(make_day(tuple(visit(name) for name in MANY), vans))
    assert plan.served == set(MANY)
    assert len(plan.routes) == 1


@pytest.mark.parametrize("shifts", [(), (shift(),)])
def test_a_day_without_visits_is_done(shifts: tuple[()]) -> None:
    plan = solve_day(make_day((), shifts), budget=QUICK)
    assert (plan.status, plan.objective_s, plan.routes) == (PlanStatus.OPTIMAL, 0, ())


def test_many_visits_without_a_shift_are_all_told_so() -> None:
    plan = solve_day(make_day(tuple(visit(name) for name in MANY), ()), budget=QUICK)
    assert {left_out.reason for left_out in plan.unassigned} == {"NO_SHIFT"}
    required = solve_day(make_day(tuple(visit(name, required=True) for name in MANY), ()), budget=QUICK)
    assert required.status is PlanStatus.INFEASIBLE


def test_penalties_of_any_size_keep_their_order() -> None:
    cheap = tuple(visit(name, "10:00", "10:00", drop_penalty_s=1_000_000_000) for name in "ABCDEF")
    promised = visit("G", "10:00", "10:00", required=True, drop_penalty_s=0)
    plan = searched(make_day((*cheap, promised)))
    assert plan.served == {"G"}
    assert plan.objective_s == 6_000_000_000 + 1200


def test_orders_to_begin_from_may_name_what_the_day_no_longer_has() -> None:
    visits = tuple(visit(name, f"{9 + number}:00", "15:30") for number, name in enumerate(MANY))
    vans = (shift(), shift("van-2"))
    plan = searched(make_day((*visits, visit("G", "09:00", "09:10"), visit("H", "09:00", "09:10")), vans))
    assert len(plan.routes) == 2
    fewer = make_day((*visits, visit("H", "09:00", "09:10")), (shift(),))
    again = solve_day(fewer, budget=EXACT, start_from=plan)
    assert check(fewer, again) == ()
    assert "G" not in again.served


@pytest.mark.parametrize("unlike", [False, True])
def test_a_day_of_a_hundred_and_twenty_visits_is_planned(unlike: bool) -> None:
    """Twenty vans, alike or each with hours of its own: nothing here grows beyond measure."""
    from benchmarks.days import generate_day

    problem = generate_day(120, 24, 0)
    if unlike:
        problem = replace(
            problem,
            shifts=tuple(replace(van, end_s=van.end_s + 60 * number) for number, van in enumerate(problem.shifts)),
        )
    plan = solve_without_check(problem, budget=SearchBudget(solutions=30))
    assert check(problem, plan) == ()
    assert len(plan.served) >= 110
