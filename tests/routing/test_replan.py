"""A plan carried over to a day that changed: kept where it can be, never a promise left behind, never back in time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from routing.check import check
from routing.plan import DayPlan, PlanStatus, Route
from routing.problem import DayProblem, Visit
from routing.replan import begun_alike, keep_and_insert, keep_routes
from routing.schedule import schedule_route
from tests.conftest import Soak
from tests.routing.days import both_ways, clock, day, random_day, shift, visit


def promised(identifier: str, opens: str, closes: str, **changes: object) -> Visit:
    return visit(identifier, opens, closes, required=True, **changes)


TWO = day((promised("A", "10:00", "10:30"), promised("B", "14:00", "14:30")))


def plan_of(problem: DayProblem) -> DayPlan:
    found = keep_and_insert(problem, None)
    assert found is not None
    assert check(problem, found) == ()
    return found


def without(problem: DayProblem, *gone: str) -> DayProblem:
    return replace(problem, visits=tuple(each for each in problem.visits if each.id not in gone))


# -- keeping -----------------------------------------------------------------------------------------------------------


def test_routes_are_kept_as_they_were_on_the_same_day() -> None:
    before = plan_of(TWO)
    after = keep_routes(TWO, before)
    assert after is not None
    assert (after.routes, after.objective_s, after.problem_sha256) == (
        before.routes,
        before.objective_s,
        before.problem_sha256,
    )


def test_a_visit_that_is_gone_leaves_the_others_in_their_order() -> None:
    after = keep_routes(without(TWO, "A"), plan_of(TWO))
    assert after is not None
    assert [stop.visit for route in after.routes for stop in route.stops] == ["B"]
    assert check(without(TWO, "A"), after) == ()


def test_a_route_that_loses_its_last_visit_is_not_driven() -> None:
    after = keep_routes(without(TWO, "A", "B"), plan_of(TWO))
    assert after is not None
    assert (after.routes, after.objective_s) == ((), 0)


def test_a_leg_that_becomes_too_long_a_shift_that_is_gone_and_a_promise_left_out_are_not_kept() -> None:
    far = day(
        (promised("A", "09:30", "10:00"), promised("B", "11:00", "11:30"), promised("C", "14:00", "14:30")),
        driving=both_ways("hall", "b", 5000),
    )
    order = schedule_route(far, far.shifts[0], ["A", "B", "C"])
    assert isinstance(order, Route)
    before = replace(plan_of(TWO), routes=(order,))
    assert keep_routes(far, before) is not None
    assert keep_routes(without(far, "A"), before) is None  # hall to B is beyond the limit
    elsewhere = replace(far, shifts=(replace(far.shifts[0], id="van-2"),))
    assert keep_routes(elsewhere, before) is None
    assert keep_routes(far, before, leave_out=["C"]) is None


def test_an_optional_visit_on_no_route_is_unassigned_with_its_reason() -> None:
    more = day((*TWO.visits, visit("C", "10:00", "10:10")))
    after = keep_routes(more, plan_of(TWO))
    assert after is not None
    assert [(left.visit, left.reason.value) for left in after.unassigned] == [("C", "CROWDED_OUT")]
    assert check(more, after) == ()


# -- inserting ---------------------------------------------------------------------------------------------------------


def test_a_new_promise_goes_where_it_adds_least_driving() -> None:
    visits = (promised("A", "10:00", "10:30"), promised("B", "14:00", "14:30"), promised("C", "11:00", "11:30"))
    shifts = (shift("van-1"), shift("van-2"))
    near = day(visits, shifts, driving={**both_ways("a", "c", 60), **both_ways("c", "hall", 700)})
    before = plan_of(day(visits[:2], shifts))
    after = keep_and_insert(near, before)
    assert after is not None
    assert [[stop.visit for stop in route.stops] for route in after.routes] == [["A", "C", "B"]]
    assert check(near, after) == ()


def test_a_promise_that_fits_nowhere_is_not_forced_in() -> None:
    full = day((promised("A", "10:00", "10:10"), promised("B", "10:00", "10:10")))
    assert keep_and_insert(full, None) is None


@pytest.mark.heavy
def test_on_random_days_whatever_is_inserted_passes_the_checker_and_nobody_is_lost(soak: Soak) -> None:
    accepted = refused = 0
    for _ in range(soak.count(3000)):
        whole = random_day(soak.rng, visits=8, vans=2)
        whole = replace(whole, visits=tuple(replace(each, required=True) for each in whole.visits))
        standing: DayPlan | None = None
        kept: tuple[str, ...] = ()
        for each in whole.visits:
            problem = without(whole, *(other.id for other in whole.visits if other.id not in (*kept, each.id)))
            found = keep_and_insert(problem, standing)
            if found is None:
                refused += 1
                continue
            assert check(problem, found) == ()
            assert found.served == {*kept, each.id}
            assert found.status is PlanStatus.FEASIBLE
            standing, kept = found, (*kept, each.id)
            accepted += 1
    assert accepted > refused > 0


# -- on the day itself -------------------------------------------------------------------------------------------------


def test_what_has_begun_stays_and_what_has_not_may_change() -> None:
    before = plan_of(TWO)
    assert begun_alike(before, before, clock("12:00"))
    later = day((*TWO.visits, promised("C", "11:00", "11:30")))
    with_c = keep_and_insert(later, before)
    assert with_c is not None
    assert begun_alike(before, with_c, clock("10:40"))  # the van is just done at A
    assert not begun_alike(before, with_c, clock("10:45"))  # it has left for B, so it cannot have left for C


def test_a_van_on_its_way_to_its_first_stop_is_given_no_other_first_stop() -> None:
    before = plan_of(TWO)
    (route,) = before.routes
    now_s = route.start_s + 60  # it has just set out for A
    another_first = replace(route, start_s=now_s, stops=tuple(reversed(route.stops)))
    assert not begun_alike(before, replace(before, routes=(another_first,)), now_s)
    assert begun_alike(before, replace(before, routes=(another_first,)), route.start_s)


def test_a_van_that_has_not_left_can_still_leave_but_not_before_now() -> None:
    before = plan_of(TWO)
    assert begun_alike(None, before, clock("09:00"))
    assert not begun_alike(None, before, clock("09:55"))


def test_an_insertion_on_the_day_itself_is_made_only_where_time_allows() -> None:
    before = plan_of(TWO)
    later = day((*TWO.visits, promised("C", "11:00", "11:30")))
    assert keep_and_insert(later, before, now_s=clock("10:40")) is not None
    assert keep_and_insert(later, before, now_s=clock("10:45")) is None
    two_vans = day((*TWO.visits, promised("C", "11:00", "11:30")), (shift("van-1"), shift("van-2")))
    found = keep_and_insert(two_vans, before, now_s=clock("10:45"))
    assert found is not None
    assert found.route_of("C").shift == "van-2"  # type: ignore[union-attr]


def test_a_break_that_was_taken_cannot_be_moved() -> None:
    before = plan_of(TWO)
    route = before.routes[0]
    assert route.break_ is not None
    moved = replace(route.break_, start_s=route.break_.start_s + 600, end_s=route.break_.end_s + 600)
    after = replace(before, routes=(replace(route, break_=moved),))
    assert not begun_alike(before, after, clock("15:00"))
    assert begun_alike(before, after, route.break_.start_s)
