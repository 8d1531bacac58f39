"""Earliest and latest times of a route, against the forward pass and against bisection."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.explain import latest_starts
from routing.problem import Window
from routing.quote.timing import NEVER, Rest, latest_in, slacks
from tests.routing.days import LUNCH, clock, day, random_day, shift, visit
from tests.routing.quote.standing import plan_of, random_standing
from tests.routing.ruled_days import ruled_day


@given(st.integers(0, 2**32))
def test_the_slack_of_every_stop_is_what_bisection_finds(seed: int) -> None:
    rng = random.Random(seed)
    make = rng.choice((ruled_day, lambda rng, visits, shifts: random_day(rng, visits=visits, vans=shifts)))
    standing, _ = random_standing(rng, make(rng, visits=7, shifts=2))
    for route in standing.routes.route_by_shift.values():
        latest = latest_starts(standing.routes.problem, route)
        assert slacks(standing.routes.problem, route) == tuple(latest[s.visit] - s.start_s for s in route.stops)


def test_the_slack_of_a_lone_stop_ends_with_its_window() -> None:
    problem = day((visit("A", "09:30", "10:00"),))
    (route,) = plan_of(problem, {"van-1": ("A",)}).routes
    assert slacks(problem, route) == (1800,)


def test_the_slack_before_a_tight_stop_is_what_that_one_leaves() -> None:
    problem = day((visit("A", "09:30", "10:00"), visit("B", "10:25", "10:30")))
    (route,) = plan_of(problem, {"van-1": ("A", "B")}).routes
    assert [stop.start_s for stop in route.stops] == [clock("09:30"), clock("10:25")]
    assert slacks(problem, route) == (600, 300)


def test_slack_of_an_illegal_route_is_refused() -> None:
    problem = day((visit("A", "09:30", "10:00"), visit("B", "10:25", "10:30")))
    (route,) = plan_of(problem, {"van-1": ("A", "B")}).routes
    later = day((visit("A", "10:00", "10:00"), visit("B", "10:25", "10:30")))
    with pytest.raises(ValueError, match="not legal"):
        slacks(later, route)


def test_a_shift_with_no_room_for_its_break_never_leaves() -> None:
    assert Rest.of(shift(end_s=clock("12:00"))).begin_s == (NEVER, NEVER)


def test_a_break_on_the_way_makes_the_crew_ready_later_by_its_length() -> None:
    rest = Rest.of(shift(break_=LUNCH))
    assert rest.arrive((clock("11:20"), NEVER), 1200) == (clock("11:40"), clock("12:40"))
    assert rest.arrive((clock("13:31"), NEVER), 600)[1] > 24 * 3600


def test_the_last_moment_in_windows_that_overlap_is_in_any_of_them() -> None:
    windows = (Window(0, 100), Window(10, 50))
    assert [latest_in(windows, by_s) for by_s in (5, 60, 120)] == [5, 60, 100]
    assert latest_in(windows, -1) == -NEVER
