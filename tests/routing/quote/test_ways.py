"""Whether a stop on the way brings a van sooner to a new place: asked once a day, against the solver's own proof."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.explain import proved_impossible, why_not_alone
from routing.problem import Window
from routing.quote import quote_days
from routing.quote.witness import problem_with, promised
from tests.routing.days import both_ways, day, random_day, visit
from tests.routing.quote.standing import NEW, asked, quoted, random_standing, standing
from tests.routing.ruled_days import ruled_day

NEVER_ALONE = Window(0, 0)
"""Midnight: no van of these days is out then, so nothing can be served alone."""


@settings(max_examples=200)
@given(st.integers(0, 2**32))
def test_a_window_out_of_reach_is_proved_so_exactly_where_the_solver_proves_it(seed: int) -> None:
    rng = random.Random(seed)
    if rng.random() < 0.5:
        problem = ruled_day(rng, visits=rng.randrange(1, 9), shifts=rng.randrange(1, 4))
    else:
        problem = random_day(rng, visits=rng.randrange(1, 9), vans=rng.randrange(1, 4))
    asked_day, new = random_standing(rng, problem)
    whole = problem_with(asked_day, promised(new, NEVER_ALONE), NEW)
    helped = asked_day.routes.ways.stones_help(new, asked_day.to_new_s, asked_day.from_new_s)
    assert helped == (new.id not in proved_impossible(whole))


@given(st.integers(0, 2**32))
def test_a_window_is_refused_as_out_of_reach_exactly_where_no_van_could_come_alone(seed: int) -> None:
    rng = random.Random(seed)
    asked_day, new = random_standing(rng, ruled_day(rng, visits=rng.randrange(2, 6), shifts=rng.randrange(1, 3)))
    for refusal in quote_days(new, NEW, [asked_day]).refused:
        problem = problem_with(asked_day, promised(new, refusal.window), NEW)
        alone = why_not_alone(problem, problem.visit_by_id[new.id])
        if alone is None:
            assert refusal.reason.value == "CROWDED_OUT"
        else:
            assert (refusal.reason.value, refusal.values) == (alone.reason.value, alone.values)


def test_a_stop_half_way_helps_to_a_place_beyond_the_leg_limit() -> None:
    problem = day((visit("A", "10:00", "10:30"),), driving=both_ways("hall", "a", 3000))
    asked_day = quoted(standing(problem, {"van-1": ("A",)}), {"hall": 5000, "a": 1800})
    assert asked_day.routes.ways.stones_help(asked(), asked_day.to_new_s, asked_day.from_new_s)
    near = replace(asked_day, to_new_s=(600, 600), from_new_s=(600, 600))
    assert not near.routes.ways.stones_help(asked(), near.to_new_s, near.from_new_s)
