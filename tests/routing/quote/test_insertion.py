"""The pass over all gaps at once, against timing each order by itself."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.errors import PlanError
from routing.plan import Route
from routing.problem import DayProblem, Visit, Window
from routing.quote import DayRoutes, QuotedDay, RankWeights
from routing.quote.insertion import Insertions, insert_everywhere
from routing.quote.witness import problem_with, promised
from routing.schedule import schedule_route
from tests.routing.days import day, random_day, visit
from tests.routing.quote.standing import GRID, NEW, asked, plan_of, quoted, random_standing, standing
from tests.routing.ruled_days import ruled_day

ODD = (Window(34_211, 34_211), Window(40_000, 41_399), Window(45_000, 50_000), Window(61_000, 80_000))


def some_day(rng: random.Random) -> DayProblem:
    if rng.random() < 0.5:
        return ruled_day(rng, visits=rng.randrange(1, 12), shifts=rng.randrange(1, 4))
    return random_day(rng, visits=rng.randrange(1, 12), vans=rng.randrange(1, 4))


def every_gap(new: Visit, asked_day: QuotedDay, window: Window) -> dict[tuple[int, int], int]:
    """Detours of all legal insertions, each order timed by itself: by number of the shift and position."""
    problem = problem_with(asked_day, promised(new, window), NEW)
    found = {}
    for number, shift in enumerate(problem.shifts):
        order = asked_day.routes.orders.get(shift.id, ())
        before = asked_day.routes.route_by_shift.get(shift.id)
        for at in range(len(order) + 1):
            route = schedule_route(problem, shift, (*order[:at], new.id, *order[at:]))
            if isinstance(route, Route):
                found[number, at] = route.travel_s - (0 if before is None else before.travel_s)
    return found


def insert(new: Visit, days: list[QuotedDay], grid: tuple[Window, ...]) -> Insertions:
    return insert_everywhere(new, days, [each.routes.table for each in days], grid, RankWeights())


@settings(max_examples=150)
@given(st.integers(0, 2**32))
def test_a_visit_fits_a_gap_exactly_where_timing_that_order_gives_a_route(seed: int) -> None:
    rng = random.Random(seed)
    asked_days, new = [], asked()
    for _ in range(rng.randrange(1, 4)):
        one, new = random_standing(rng, some_day(rng))
        asked_days.append(one)
    pinned = {shift.id for one in asked_days for shift in one.routes.problem.shifts}
    new = replace(new, pinned_shift=new.pinned_shift if new.pinned_shift in pinned else None)
    grid = (*rng.sample(GRID, 3), *ODD)
    found = insert(new, asked_days, grid)
    for row, one in enumerate(asked_days):
        known = {van.id for van in one.routes.problem.shifts}
        for column, window in enumerate(grid):
            spots = {(spot.shift, spot.after): spot.detour_s for spot in found.spots(row, column)}
            if new.pinned_shift is not None and new.pinned_shift not in known:
                assert spots == {}
            else:
                assert spots == every_gap(new, one, window)


def test_an_empty_van_is_a_route_of_one_gap() -> None:
    routes = DayRoutes(day(()), None)
    (spot,) = insert(asked(), [quoted(routes)], GRID[:1]).spots(0, 0)
    assert (spot.shift, spot.after, spot.detour_s) == (0, 0, 1200)


def test_of_two_gaps_the_cheaper_is_the_best() -> None:
    routes = standing(day((visit("A", "12:30", "13:00"),)), {"van-1": ("A",)})
    found = insert(asked(), [quoted(routes, {"a": 60})], (Window(34_200, 54_000),))
    gaps, _ = found.best()
    best = found.spot(0, int(gaps[0, 0]), 0)
    assert best == found.spots(0, 0)[0]
    assert best.detour_s == 60


def test_a_plan_that_serves_not_everybody_is_no_standing_plan() -> None:
    problem = day((visit("A"), visit("B")))
    with pytest.raises(PlanError) as refused:
        DayRoutes(problem, plan_of(problem, {"van-1": ("A",)}))
    assert refused.value.code == "PLAN_INCOMPLETE"


def test_a_route_that_cannot_be_driven_is_no_standing_route() -> None:
    problem = day((visit("A", "09:30", "10:00"),))
    plan = plan_of(problem, {"van-1": ("A",)})
    late = replace(problem, visits=(visit("A", "08:30", "08:35"),))
    with pytest.raises(PlanError) as refused:
        _ = DayRoutes(late, plan).table
    assert refused.value.code == "ROUTE_NOT_LEGAL"
