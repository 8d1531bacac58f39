"""The checker is silent on right plans of random days in which every rule of the design binds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from routing.check import check
from routing.plan import Route
from tests.conftest import Soak
from tests.routing.check.days import Day, random_day, relaxed, right_plans

RULES = frozenset(
    relaxed_name
    for relaxed_name in (
        "windows",
        "several windows",
        "break",
        "break bounds",
        "leg limit",
        "long legs allowed",
        "roads",
        "needs",
        "pins",
        "required",
        "shift begin",
        "shift end",
        "service durations",
    )
)

BREAK_PLACES = frozenset(
    (
        "none",
        "before departure",
        "in the first leg",
        "in a later leg",
        "on the way home",
        "waiting",
        "after return",
        "just on departure",
        "just on arrival",
    )
)


@pytest.mark.heavy
def test_the_checker_is_silent_on_right_plans_of_days_in_which_each_rule_binds(soak: Soak) -> None:
    days, enough, some = soak.count(300), soak.count(50), soak.count(20)
    binds: Counter[str] = Counter()
    rests: Counter[str] = Counter()
    drawn = 0

    while drawn < days or least(binds, RULES) < enough or least(rests, BREAK_PLACES) < some:
        drawn += 1
        assert drawn <= 3 * days, f"some rule hardly ever binds: {binds}, {rests}"
        day = random_day(soak.rng)
        plans = list(right_plans(day, soak.rng, most=6))
        assert plans
        for plan in plans:
            assert check(day.problem, plan) == ()
        binds.update(rules_that_bind(day))
        rests.update({place for plan in plans for route in plan.routes for place in places_of_break(day, route)})

    assert {rule for rule, times in binds.items() if times >= enough} == RULES
    assert {place for place, times in rests.items() if times >= some} == BREAK_PLACES


def rules_that_bind(day: Day) -> Iterator[str]:
    """A rule binds where the best plan is another one without it."""
    return (rule for rule, other in relaxed(day).items() if other.best_s != day.best_s)


def least(counts: Counter[str], names: frozenset[str]) -> int:
    return min(counts[name] for name in names)


def places_of_break(day: Day, route: Route) -> Iterator[str]:
    """Where the break lies, told from the stated times of a right route."""
    rest = route.break_
    if rest is None:
        yield "none"
        return
    if rest.end_s <= route.start_s:
        yield "before departure"
    if rest.start_s >= route.end_s:
        yield "after return"
    departures = [route.start_s, *(stop.depart_s for stop in route.stops)]
    arrivals = [*(stop.arrive_s for stop in route.stops), route.end_s]
    for leg, (depart_s, arrive_s) in enumerate(zip(departures, arrivals, strict=True)):
        if depart_s <= rest.start_s and rest.end_s <= arrive_s and depart_s < arrive_s:
            yield {0: "in the first leg", len(route.stops): "on the way home"}.get(leg, "in a later leg")
            if rest.start_s == depart_s:
                yield "just on departure"
    for stop in route.stops:
        if stop.arrive_s <= rest.start_s and rest.end_s <= stop.start_s:
            yield "waiting"
            if rest.start_s == stop.arrive_s:
                yield "just on arrival"
