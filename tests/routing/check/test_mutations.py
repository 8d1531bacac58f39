"""Every kind of mistake in a right plan is caught, as exactly the rule that it breaks."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import pytest

from routing.check import NAMES, ViolationCode, check
from routing.checking.violations import CLAIMS
from routing.plan import DayPlan, Route
from tests.conftest import SEED, Soak
from tests.routing.check import break_mutations, plan_mutations, route_mutations
from tests.routing.check.days import Day, random_day, right_plans
from tests.routing.check.mutation_kit import MUTATIONS, Mutation

KINDS = (break_mutations, plan_mutations, route_mutations)
"""Each lists its mutations as it is imported."""

DAYS = 40


@cache
def some_right_plans() -> tuple[tuple[Day, DayPlan], ...]:
    """The same right plans for every kind of mistake: three of each day."""
    rng = random.Random(f"{SEED}/right plans")
    days = [random_day(rng) for _ in range(DAYS)]
    return tuple((day, plan) for day in days for plan in right_plans(day, rng, most=3) if plan.routes)


@pytest.mark.heavy
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mistake_is_caught_as_exactly_its_code(mutation: Mutation, soak: Soak) -> None:
    wanted, caught = soak.count(200), 0
    for _ in range(60 * wanted):
        day, plan = soak.rng.choice(some_right_plans())
        broken = mutation.apply(day, plan, soak.rng)
        if broken is None:
            continue
        other_day, other_plan = broken
        violations = check(other_day.problem, other_plan)
        assert {violation.code for violation in violations} == {mutation.code}, (
            violations,
            other_day,
            other_plan,
            plan,
        )
        for violation in violations:
            here = {"visit": violation.visit, "shift": violation.shift}
            said = {name for name, where in here.items() if where is not None} | set(violation.values)
            assert said - {"visit", "shift"} == set(NAMES[violation.code]) - {"visit", "shift"}
        caught += 1
        if caught == wanted:
            return
    pytest.fail(f"only {caught} of {wanted} occasions for this mistake")


def test_there_are_thirty_kinds_of_mistake_and_more_for_every_rule() -> None:
    assert len(MUTATIONS) >= 30
    assert {mutation.code for mutation in MUTATIONS} == set(ViolationCode) - CLAIMS
    assert len({mutation.name for mutation in MUTATIONS}) == len(MUTATIONS)


@pytest.mark.heavy
def test_no_number_of_a_right_plan_can_be_changed_unseen(soak: Soak) -> None:
    for _ in range(soak.count(4000)):
        day, plan = soak.rng.choice(some_right_plans())
        other = with_one_number_changed(plan, soak.rng)
        assert check(day.problem, other) != (), (day, other)


@pytest.mark.heavy
def test_times_that_pass_the_checker_are_the_times_found_by_trying(soak: Soak) -> None:
    """Several times of a route changed at once may fit each other; then they must be right ones of another break."""
    for _ in range(soak.count(4000)):
        day, plan = soak.rng.choice(some_right_plans())
        route = soak.rng.choice(plan.routes)
        other = shaken(day, route, soak.rng)
        accepted = check(
            day.problem, replace(plan, routes=tuple(other if one is route else one for one in plan.routes))
        )
        shift = day.problem.shift_by_id[route.shift]
        order = [day.problem.visit_by_id[stop.visit] for stop in route.stops]
        assert (accepted == ()) == (other in set(day.routes(shift, order))), (day, other)


def with_one_number_changed(plan: DayPlan, rng: random.Random) -> DayPlan:
    by_s = rng.choice((-600, -300, -1, 1, 300, 600))
    route = rng.choice(plan.routes)
    at = rng.randrange(len(route.stops))
    stop = route.stops[at]
    changes: list[Route | DayPlan] = [
        replace(plan, objective_s=(plan.objective_s or 0) + by_s),
        replace(route, start_s=route.start_s + by_s),
        replace(route, end_s=route.end_s + by_s),
        replace(route, travel_s=route.travel_s + by_s),
    ]
    for wrong in (
        replace(stop, arrive_s=stop.arrive_s + by_s),
        replace(stop, start_s=stop.start_s + by_s),
        replace(stop, depart_s=stop.depart_s + by_s),
    ):
        stops = (*route.stops[:at], wrong, *route.stops[at + 1 :])
        changes.append(replace(route, stops=stops))
    if route.break_ is not None:
        changes.append(replace(route, break_=replace(route.break_, end_s=route.break_.end_s + by_s)))
    changed = rng.choice(changes)
    if isinstance(changed, DayPlan):
        return changed
    return replace(plan, routes=tuple(changed if one is route else one for one in plan.routes))


def shaken(day: Day, route: Route, rng: random.Random) -> Route:
    """The route with its break moved, or all of it from some stop on, or a few times of it, by small steps."""
    by_s = rng.choice((-1, 1)) * day.unit_s * rng.randint(1, 3)
    rest, stops, start_s, end_s = route.break_, list(route.stops), route.start_s, route.end_s
    if rest is not None and rng.random() < 0.6:
        rest = replace(rest, start_s=rest.start_s + by_s, end_s=rest.end_s + by_s)
    if rng.random() < 0.5:
        cut = rng.randint(0, len(stops))
        for at in range(cut, len(stops)):
            stop = stops[at]
            arrive_s = stop.arrive_s + (by_s if at > cut or rng.random() < 0.5 else 0)
            stops[at] = replace(stop, arrive_s=arrive_s, start_s=stop.start_s + by_s, depart_s=stop.depart_s + by_s)
        end_s += by_s
    if rng.random() < 0.4:
        start_s += by_s
        if rng.random() < 0.7:
            stops[0] = replace(stops[0], arrive_s=stops[0].arrive_s + by_s)
    return replace(route, start_s=start_s, end_s=end_s, break_=rest, stops=tuple(stops))
