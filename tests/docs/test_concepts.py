"""The worked examples of docs/concepts.md are what the code computes, and its sentences about them are true."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bookings.eligibility import Circumstances, EligibilityRules, judge
from bookings.findings import Severity
from bookings.statuses import LIVE, STEPS, Status
from outreach.programme.calendar import ServiceCalendar
from outreach.programme.rules import Rules
from outreach.services._waiting import MOST_PROPOSALS
from outreach.storage.tables import MadeBy
from outreach.words import Words
from routing.check import check
from routing.explain import latest_starts
from routing.plan import BreakTaken, Certificate, DayPlan, PlanStatus, Route
from routing.problem import DayProblem, clock_text
from routing.replan import keep_routes
from routing.slack import latest_departures
from routing.solver import SearchBudget, solve_day
from tests.docs.drawings import time_line
from tests.docs.examples import (
    AFTER_THE_RETURN,
    BEFORE_DEPARTURE,
    GHOST_DAY,
    IN_A_LEG,
    THREE_STOPS,
    WHILE_WAITING,
    routed,
)
from tests.docs.generate import CONCEPTS, DOCS
from tests.routing.days import clock

TEXT = " ".join(CONCEPTS.read_text(encoding="utf-8").split())


def plan_of(problem: DayProblem, route: Route) -> DayPlan:
    return DayPlan(
        problem.date, PlanStatus.FEASIBLE, route.travel_s, None, None, Certificate("by hand", 0.0), (route,), ()
    )


@pytest.mark.parametrize(
    "problem", [THREE_STOPS, BEFORE_DEPARTURE, IN_A_LEG, WHILE_WAITING, AFTER_THE_RETURN, GHOST_DAY]
)
def test_the_checker_is_silent_on_every_example(problem: DayProblem) -> None:
    assert check(problem, plan_of(problem, routed(problem))) == ()


def test_the_three_stops_are_as_the_text_says() -> None:
    route = routed(THREE_STOPS)
    a, b, c = route.stops
    assert c.arrive_s == clock("12:45")
    assert (c.start_s - c.arrive_s) // 60 == 15
    assert "the van is at C at 12:45, the window opens at 13:00, so it waits 15 minutes" in TEXT
    latest = latest_starts(THREE_STOPS, route)
    assert THREE_STOPS.visit_by_id["A"].windows[0].closes_s == clock("10:00")
    assert (latest["A"] - a.start_s, latest["A"]) == (20 * 60, clock("09:50"))
    assert "A's window is open until 10:00, but its slack is only 20 minutes: begun after 09:50" in TEXT
    leave_by = latest_departures(THREE_STOPS, route)
    assert leave_by.stops_s[1] == clock("12:05")
    assert leave_by.stops_s[1] + (25 + 60) * 60 == THREE_STOPS.visit_by_id["C"].windows[0].closes_s == clock("13:30")
    assert THREE_STOPS.driving_s("b", "c") == 25 * 60
    assert "until 12:05: 25 minutes of driving and 60 of break then bring it to C at 13:30" in TEXT
    assert (route.start_s, leave_by.depot_s) == (clock("09:10"), clock("09:30"))
    assert "at 09:10, so that A begins on arrival. It could leave by 09:30." in TEXT
    assert b.start_s == b.arrive_s


@pytest.mark.parametrize(
    ("problem", "where"),
    [(BEFORE_DEPARTURE, "before"), (IN_A_LEG, "in a leg"), (WHILE_WAITING, "waiting"), (AFTER_THE_RETURN, "after")],
)
def test_every_break_lies_where_its_heading_says(problem: DayProblem, where: str) -> None:
    route = routed(problem)
    rest, last = route.break_, route.stops[-1]
    assert rest is not None
    previous_s = route.stops[-2].depart_s if len(route.stops) > 1 else route.start_s
    driving_s = problem.travel_s[problem.place_index[problem.visits[-1].place]][0] or 0
    places = {
        "before": rest.end_s <= route.start_s,
        "in a leg": previous_s <= rest.start_s < rest.end_s < last.arrive_s,
        "waiting": last.arrive_s <= rest.start_s < rest.end_s <= last.start_s,
        "after": rest.start_s >= last.depart_s + driving_s == route.end_s,
    }
    assert [name for name, holds in places.items() if holds] == [where]


def test_a_break_in_a_leg_leaves_the_driving_as_it_is() -> None:
    assert IN_A_LEG.driving_s("a", "b") == 50 * 60
    longer = replace(IN_A_LEG, max_leg_s=50 * 60)
    assert check(longer, plan_of(longer, routed(longer))) == ()
    assert "count driving only (50 minutes here, however long the break)" in TEXT


def test_the_checker_allows_a_break_elsewhere_in_the_waiting_time() -> None:
    route = routed(WHILE_WAITING)
    assert route.break_ is not None
    later = replace(route, break_=BreakTaken(route.break_.start_s + 900, route.break_.end_s + 900))
    assert check(WHILE_WAITING, plan_of(WHILE_WAITING, later)) == ()


def test_lunch_is_what_the_default_rules_say() -> None:
    shift = Rules().shift
    bounds = clock_text(shift.lunch_earliest_start_s), clock_text(shift.lunch_latest_start_s)
    assert f"{shift.lunch_min} minutes, begun between {bounds[0]} and {bounds[1]}" in TEXT


def test_the_ghost_stays_because_no_plan_without_it_is_legal() -> None:
    assert (GHOST_DAY.driving_s("a", "c"), GHOST_DAY.max_leg_s) == (75 * 60, 60 * 60)
    assert GHOST_DAY.driving_s("a", "g") == GHOST_DAY.driving_s("g", "c") == 40 * 60
    remaining = replace(GHOST_DAY, visits=tuple(each for each in GHOST_DAY.visits if each.id != "G"))
    assert keep_routes(remaining, plan_of(GHOST_DAY, routed(GHOST_DAY)), leave_out={"G"}) is None
    assert solve_day(remaining, budget=SearchBudget(solutions=1)).status is PlanStatus.INFEASIBLE


def test_every_maker_of_a_plan_version_is_named() -> None:
    section = TEXT.split("### Plan versions")[1].split("## ")[0]
    assert [kind.value for kind in MadeBy if f"`{kind.value}`" not in section] == []


def test_the_drawing_of_statuses_names_every_status_but_no_other() -> None:
    drawing = CONCEPTS.read_text(encoding="utf-8").split("## The life of a booking")[1].split("```")[1]
    words = {word.strip(",:") for word in drawing.replace("-", " ").split()}
    assert {status.value for status in Status} <= words
    assert "cancelled: from draft, requested, held and confirmed" in drawing
    leaving = {status for status, steps in STEPS.items() if Status.CANCELLED in steps}
    assert leaving == {Status.DRAFT, Status.REQUESTED, Status.HELD, Status.CONFIRMED}
    assert Status.DRAFT not in LIVE


def test_the_example_of_an_error_is_one() -> None:
    (found,) = judge(Circumstances({"visit_type": "new_card"}, people=40), EligibilityRules()).findings
    assert (found.code, found.severity) == ("TOO_MANY_PEOPLE", Severity.ERROR)


@pytest.mark.parametrize("code", ["TOO_MANY_PEOPLE", "LONG_LEG", "SAME_PHONE", "DUPLICATE_HOUSEHOLD"])
def test_the_findings_named_have_words(code: str) -> None:
    assert f"`{code}`" in TEXT or f"--accept {code}" in TEXT
    assert Words("en").has(f"finding.{code}.sentence")


def test_the_numbers_of_the_readme_are_those_of_the_rules() -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert f"A {Rules().windows.length_min}-minute window is read out" in readme
    proposals = (DOCS / "decisions" / "0012-proposals-and-publishing.md").read_text(encoding="utf-8")
    assert f"(at most {MOST_PROPOSALS}, " in proposals
    day = THREE_STOPS.date
    assert (clock("10:00"), clock("10:30")) in ServiceCalendar(Rules()).windows(day)


def test_a_time_between_two_characters_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="09:30 has no column"):
        time_line(THREE_STOPS, routed(THREE_STOPS), first_s=clock("09:02"), last_s=clock("15:02"))
