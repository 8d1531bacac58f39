"""Why a visit is on no route, and why a stop has its van and its time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.explain import (
    Elsewhere,
    explain_stop,
    latest_starts,
    proved_impossible,
    stepping_stones_help,
    why_left_out,
)
from routing.plan import Reason, Route, Unassigned
from routing.problem import Break, DayProblem, Visit, Window
from routing.schedule import schedule_route
from routing.solver import SearchBudget, solve_day
from tests.routing.days import both_ways, clock, day, shift, visit, window

QUICK = SearchBudget(solutions=10)
WHEELCHAIR = frozenset({"wheelchair"})


def reasons(problem: DayProblem) -> tuple[Unassigned, ...]:
    return solve_day(problem, budget=QUICK).unassigned


@pytest.mark.parametrize(
    ("problem", "reason", "values"),
    [
        (day((visit("A"),), ()), Reason.NO_SHIFT, {}),
        (day((visit("A", needs=WHEELCHAIR),)), Reason.NEEDS_UNMET, {"missing": ("wheelchair",)}),
        (
            day((visit("A", needs=WHEELCHAIR, pinned_shift="van-1"),), (shift(), shift("van-2", skills=WHEELCHAIR))),
            Reason.NEEDS_UNMET,
            {"missing": ("wheelchair",)},
        ),
        (day((visit("A"),), driving={("a", "hall"): None}), Reason.UNREACHABLE, {}),
        (day((visit("A"),), driving={("a", "hall"): 3601}), Reason.LEG_TOO_LONG, {"driving_s": 3601, "limit_s": 3600}),
        (
            day((visit("A", "08:30", "08:35"),)),
            Reason.OUTSIDE_SHIFT,
            {"earliest_start_s": clock("08:40"), "latest_close_s": clock("08:35")},
        ),
        (
            day((visit("A", "16:40", "17:00"),)),
            Reason.OUTSIDE_SHIFT,
            {"return_s": clock("17:30"), "shift_end_s": clock("17:15")},
        ),
        (day((visit("A", "11:00", "11:00", service_s=4 * 3600),)), Reason.BREAK_IN_THE_WAY, {}),
        (day((visit("A"),), (shift(break_=Break(3600, clock("16:30"), clock("17:00"))),)), Reason.BREAK_IN_THE_WAY, {}),
    ],
)
def test_a_visit_impossible_even_alone_says_why(problem: DayProblem, reason: Reason, values: dict[str, object]) -> None:
    assert reasons(problem) == (Unassigned("A", reason, values),)
    assert set(proved_impossible(problem)) == {"A"}


def test_the_shift_that_comes_nearest_gives_the_reason() -> None:
    shifts = (shift(start_place="west", end_place="west"), shift("van-2"))
    problem = day((visit("A", "08:30", "08:35"),), shifts, both_ways("west", "a", None))
    assert reasons(problem)[0].reason is Reason.OUTSIDE_SHIFT


def test_a_visit_crowded_out_names_the_detour_that_would_be_legal_and_its_penalty() -> None:
    busy = visit("A", "10:00", "10:00", drop_penalty_s=90_000)
    assert reasons(day((busy, visit("B", "10:00", "10:00")))) == (
        Unassigned("B", Reason.CROWDED_OUT, {"best_detour_s": None, "drop_penalty_s": 60_000}),
    )
    assert reasons(day((busy, visit("B", drop_penalty_s=500)))) == (
        Unassigned("B", Reason.CROWDED_OUT, {"best_detour_s": 600, "drop_penalty_s": 500}),
    )


def test_a_far_visit_is_not_called_impossible_where_another_lies_half_way() -> None:
    far = both_ways("hall", "a", 3700)
    alone = day((visit("A"),), driving=far)
    assert set(proved_impossible(alone)) == {"A"}
    half_way = day((visit("A"), visit("B"), visit("C", place="b")), driving=far)
    assert proved_impossible(half_way) == {}
    assert stepping_stones_help(half_way, ["A"])
    assert not stepping_stones_help(half_way, ["B", "C"])
    assert not stepping_stones_help(alone, ["A"])
    assert why_left_out(half_way, {}, half_way.visits[0]).reason is Reason.LEG_TOO_LONG


def explained(problem: DayProblem, visit_id: str):  # type: ignore[no-untyped-def]
    return explain_stop(problem, solve_day(problem, budget=QUICK), visit_id)


def test_a_stop_says_its_detour_its_slack_and_what_the_other_vans_would_do() -> None:
    shifts = (
        shift(),
        shift("van-2", start_place="west", end_place="west"),
        shift("van-3", skills=WHEELCHAIR, start_s=clock("11:00")),
    )
    visits = (
        visit("A", "09:30", "10:00"),
        visit("B", "10:30", "11:00"),
        visit("C", "10:00", "10:30", pinned_shift="van-2"),
    )
    driving = {**both_ways("west", "c", 300), **both_ways("west", "b", 1200), **both_ways("c", "b", 900)}
    found = explained(day(visits, shifts, driving), "B")
    assert (found.shift, found.arrive_s, found.start_s, found.waiting_s) == (
        "van-1",
        clock("10:20"),
        clock("10:30"),
        600,
    )
    assert found.detour_s == 600
    assert (found.latest_start_s, found.slack_s) == (clock("11:00"), 1800)
    assert found.elsewhere == (
        Elsewhere("van-2", 900 + 1200 - 300),
        Elsewhere(
            "van-3", None, "WINDOW_MISSED", {"earliest_start_s": clock("11:10"), "latest_close_s": clock("11:00")}
        ),
    )


def test_a_van_full_at_that_hour_has_no_room() -> None:
    shifts = (shift(), shift("van-2"))
    visits = (visit("A", "10:00", "10:00", pinned_shift="van-1"), visit("B", "10:00", "10:00"))
    assert explained(day(visits, shifts), "B").elsewhere == (Elsewhere("van-1", None, "NO_ROOM"),)


def test_the_slack_of_a_stop_ends_where_a_later_promise_would_be_missed() -> None:
    visits = (visit("A", "09:30", "12:00"), visit("B", "10:30", "10:40"))
    problem = day(visits)
    route = schedule_route(problem, problem.shifts[0], ["A", "B"])
    assert isinstance(route, Route)
    assert latest_starts(problem, route) == {"A": clock("09:50"), "B": clock("10:40")}


def test_the_slack_never_ends_between_two_windows() -> None:
    split = (window("09:30", "09:40"), window("10:00", "10:10"))
    problem = day((visit("A", windows=split), visit("B", "10:45", "10:55")))
    route = schedule_route(problem, problem.shifts[0], ["A", "B"])
    assert isinstance(route, Route)
    assert latest_starts(problem, route)["A"] == clock("10:05")
    earlier = replace(problem, visits=(problem.visits[0], visit("B", "10:45", "10:49")))
    route = schedule_route(earlier, earlier.shifts[0], ["A", "B"])
    assert isinstance(route, Route)
    assert latest_starts(earlier, route)["A"] == clock("09:40")


@given(st.integers(0, 3600), st.integers(0, 3600), st.integers(0, 5400))
def test_one_second_later_than_the_latest_start_is_too_late(width: int, gap: int, spare: int) -> None:
    opens = clock("12:00") + gap
    first = Visit("A", "a", 2400, (Window(clock("11:00"), clock("11:00") + width),))
    second = Visit("B", "b", 2400, (Window(opens, opens + spare),))
    problem = day((first, second))
    route = schedule_route(problem, problem.shifts[0], ["A", "B"])
    if not isinstance(route, Route):
        return
    latest = latest_starts(problem, route)["A"]

    def possible(start: int) -> bool:
        fixed = replace(first, windows=(replace(first.windows[0], opens_s=start, closes_s=start),))
        return isinstance(
            schedule_route(replace(problem, visits=(fixed, second)), problem.shifts[0], ["A", "B"]), Route
        )

    assert possible(latest)
    assert latest == first.windows[0].closes_s or not possible(latest + 1)


def test_a_visit_on_no_route_has_no_stop_to_explain() -> None:
    problem = day((visit("A", "08:30", "08:35"),))
    with pytest.raises(KeyError):
        explained(problem, "A")
