"""Quotes and refusals on days small enough to work out by hand."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date as Date
from pathlib import Path

import pytest

from routing.check import check
from routing.errors import ProblemError, SolveError
from routing.problem import Break, Visit
from routing.quote import (
    DayRoutes,
    Effort,
    QuotedDay,
    RankWeights,
    Refusal,
    RefusalReason,
    SlotQuote,
    Verdict,
    decide_window,
    quote_days,
)
from tests.routing.days import LUNCH, clock, day, shift, visit, window
from tests.routing.quote.standing import GRID, NEW, asked, plan_of, quoted, standing

IMPOSSIBLE = Verdict.IMPOSSIBLE
NO_BREAK = (shift(break_=None),)
AB = standing(day((visit("A", "09:30", "10:00"), visit("B", "11:00", "11:30")), NO_BREAK), {"van-1": ("A", "B")})
"""Two stops, ten minutes from everywhere, no lunch."""


def refused(asked_day: QuotedDay, opens: str, closes: str, new: Visit | None = None, **effort: int) -> Refusal:
    slot = decide_window(new or asked(), NEW, asked_day, window(opens, closes), effort=Effort(**effort))
    assert isinstance(slot, Refusal), slot
    return slot


def offered(asked_day: QuotedDay, opens: str, closes: str, new: Visit | None = None) -> SlotQuote:
    slot = decide_window(new or asked(), NEW, asked_day, window(opens, closes))
    assert isinstance(slot, SlotQuote), slot
    assert check(slot.problem, slot.witness) == ()
    return slot


# ------------------------------------------------------------------------------------------------------ what is offered


def test_a_quote_says_van_time_detour_and_slack() -> None:
    """A 09:30-10:10, five minutes, N 10:15-10:55, 400 s, B 11:01:40: N may slip to 10:30, A then to 09:45."""
    slot = offered(quoted(AB, {"a": 300, "b": 400}), "10:00", "10:30")
    assert (slot.shift, slot.start_s, slot.method) == ("van-1", clock("10:15"), "inserted")
    assert slot.detour_s == 300 + 400 - 600
    assert (slot.slack_s, slot.least_slack_s) == (900, 900)
    assert slot.rank == 1


def test_the_slack_of_the_route_is_that_of_its_tightest_stop() -> None:
    """After N at 10:25 B can begin at 11:15 and has fifteen minutes; N itself is bound by its window first."""
    slot = offered(quoted(AB), "10:25", "10:30")
    assert slot.start_s == clock("10:25")
    assert (slot.slack_s, slot.least_slack_s) == (300, 300)


def test_the_problem_of_a_quote_has_the_new_visit_required_in_that_window_alone_and_its_place_last() -> None:
    slot = offered(quoted(AB), "10:00", "10:30")
    assert slot.problem.places[-1] == NEW
    assert slot.problem.visit_by_id["N"] == asked(windows=(window("10:00", "10:30"),), required=True)
    assert [visit.id for visit in slot.problem.visits] == ["A", "B", "N"]
    assert slot.problem.travel_s[-1] == (600, 600, 600, 0)
    assert slot.witness.problem_sha256 is not None
    assert slot.witness.served == {"A", "B", "N"}


def test_on_an_empty_day_every_window_is_offered() -> None:
    quotes = quote_days(asked(), NEW, [quoted(DayRoutes(day(()), None))])
    assert sorted(quote.window for quote in quotes.quotes) == list(GRID)
    assert quotes.refused == ()
    assert {quote.detour_s for quote in quotes.quotes} == {1200}


def test_lunch_moves_out_of_the_way_where_its_bounds_allow() -> None:
    routes = standing(day((visit("A", "10:50", "10:50"),), (shift(break_=LUNCH),)), {"van-1": ("A",)})
    slot = offered(quoted(routes), "11:40", "11:40")
    (route,) = slot.witness.routes
    assert route.break_ is not None
    assert route.break_.start_s == clock("12:30")  # after the return, which it does not delay


def test_a_long_leg_is_driven_for_whom_it_is_allowed() -> None:
    far = quoted(DayRoutes(day((), NO_BREAK), None), {"hall": 4000})
    assert refused(far, "11:00", "11:30").reason is RefusalReason.LEG_TOO_LONG
    assert offered(far, "11:00", "11:30", asked(long_leg_ok=True)).detour_s == 8000


def test_the_exception_of_a_standing_visit_holds_for_the_leg_to_the_new_one() -> None:
    visits = (visit("A", "09:30", "10:00", long_leg_ok=True), visit("B", "13:00", "13:30", long_leg_ok=True))
    routes = standing(day(visits, NO_BREAK), {"van-1": ("A", "B")})
    slot = offered(quoted(routes, {"a": 4000, "b": 4000}), "11:30", "12:00")
    assert slot.detour_s == 8000 - 600


def test_a_pinned_visit_comes_with_its_van() -> None:
    routes = DayRoutes(day((), (shift("van-1"), shift("van-2"))), None)
    assert offered(quoted(routes), "09:30", "10:00", asked(pinned_shift="van-2")).shift == "van-2"


def test_all_that_is_asked_is_answered_once() -> None:
    days = [quoted(AB), quoted(DayRoutes(replace(day(()), date=Date(2026, 11, 25)), None), windows=GRID[3:5])]
    quotes = quote_days(asked(), NEW, days)
    wanted = [(each.date, window) for each in days for window in each.windows]
    assert sorted(quotes.by_slot) == sorted(wanted)
    assert len(quotes.quotes) + len(quotes.refused) == len(wanted)
    assert [quote.rank for quote in quotes.quotes] == list(range(1, len(quotes.quotes) + 1))
    assert [(refusal.date, refusal.window) for refusal in quotes.refused] == [
        slot for slot in wanted if slot in {(refusal.date, refusal.window) for refusal in quotes.refused}
    ]


def test_no_more_witnesses_than_asked_for_are_built_and_they_are_the_best() -> None:
    days = [quoted(AB), quoted(DayRoutes(replace(day(()), date=Date(2026, 11, 25)), None))]
    every, few = quote_days(asked(), NEW, days), quote_days(asked(), NEW, days, most=3)
    assert len(few.quotes) == 3
    assert few.beyond == len(every.quotes) - 3
    assert [refusal.window for refusal in few.refused] == [refusal.window for refusal in every.refused]
    assert few.quotes == every.quotes[:3]


def test_without_days_there_is_nothing_to_say() -> None:
    assert quote_days(asked(), NEW, []).by_slot == {}


# ------------------------------------------------------------------------------------------------- why a window is not


def test_a_day_without_a_shift_says_so() -> None:
    routes = DayRoutes(replace(day((visit("A"),), ()), visits=()), None)
    slot = refused(quoted(routes), "09:30", "10:00")
    assert (slot.verdict, slot.reason, slot.values) == (IMPOSSIBLE, RefusalReason.NO_SHIFT, {})


def test_a_need_that_nobody_meets_is_named() -> None:
    slot = refused(quoted(AB), "09:30", "10:00", asked(needs=frozenset({"lift"})))
    assert (slot.verdict, slot.reason) == (IMPOSSIBLE, RefusalReason.NEEDS_UNMET)
    assert slot.values == {"missing": ("lift",)}


def test_a_place_without_a_road_says_so() -> None:
    slot = refused(quoted(AB, otherwise_s=None), "09:30", "10:00")
    assert (slot.verdict, slot.reason) == (IMPOSSIBLE, RefusalReason.UNREACHABLE)


def test_a_place_beyond_the_leg_limit_says_how_far() -> None:
    slot = refused(quoted(AB, otherwise_s=3601), "10:00", "10:30")
    assert (slot.verdict, slot.reason) == (IMPOSSIBLE, RefusalReason.LEG_TOO_LONG)
    assert slot.values == {"driving_s": 3601, "limit_s": 3600}


def test_a_window_before_anybody_can_be_there_says_when() -> None:
    slot = refused(quoted(DayRoutes(day((), NO_BREAK), None), otherwise_s=3600), "08:40", "09:00")
    assert (slot.verdict, slot.reason) == (IMPOSSIBLE, RefusalReason.OUTSIDE_SHIFT)
    assert slot.values == {"earliest_start_s": clock("09:30"), "latest_close_s": clock("09:00")}


def test_a_break_that_cannot_move_says_so() -> None:
    lunch = (shift(break_=Break(3600, clock("11:30"), clock("11:30"))),)
    slot = refused(quoted(DayRoutes(day((), lunch), None)), "11:10", "11:50")
    assert (slot.verdict, slot.reason) == (IMPOSSIBLE, RefusalReason.BREAK_IN_THE_WAY)


def test_a_crowded_window_names_the_stop_in_the_way_on_the_van_that_is_nearest() -> None:
    """Both vans are with somebody at ten; the second one is twenty minutes nearer."""
    visits = (visit("A", "09:45", "09:50"), visit("B", "09:45", "09:50"), visit("C", "14:00", "14:30"))
    routes = standing(
        day(visits, (shift("van-1", break_=None), shift("van-2", break_=None))), {"van-1": ("A",), "van-2": ("B", "C")}
    )
    slot = refused(quoted(routes, {"a": 1800, "b": 600, "c": 60}), "09:50", "10:00")
    assert (slot.verdict, slot.reason) == (IMPOSSIBLE, RefusalReason.CROWDED_OUT)
    assert slot.values == {"visit": "B", "shift": "van-2", "start_s": clock("09:45"), "driving_s": 600}


def test_a_van_that_must_not_come_is_not_named_as_crowded() -> None:
    visits = (visit("A", "09:45", "09:50"), visit("B", "09:45", "09:50"))
    vans = (shift("van-1", break_=None, skills=frozenset({"lift"})), shift("van-2", break_=None))
    problem = day((replace(visits[0], pinned_shift="van-1"), visits[1]), vans)
    routes = standing(problem, {"van-1": ("A",), "van-2": ("B",)})
    slot = refused(quoted(routes, {"b": 60}), "09:50", "10:00", asked(needs=frozenset({"lift"})))
    assert slot.values["visit"] == "A"


def test_the_nearest_window_that_works_is_named_the_earlier_of_two() -> None:
    routes = standing(day((visit("A", "10:30", "10:30"),), NO_BREAK), {"van-1": ("A",)})
    quotes = quote_days(asked(), NEW, [quoted(routes)])
    nearest = {refusal.window: refusal.nearest for refusal in quotes.refused}
    assert nearest == {window("10:00", "10:30"): window("09:30", "10:00"),
                       window("10:30", "11:00"): window("11:00", "11:30")}  # fmt: skip


def test_a_refusal_of_a_full_day_has_no_nearest() -> None:
    routes = standing(day((visit("A", "09:00", "09:30", service_s=7 * 3600),), NO_BREAK), {"van-1": ("A",)})
    quotes = quote_days(asked(), NEW, [quoted(routes)])
    assert {refusal.nearest for refusal in quotes.refused} == {None}
    assert len(quotes.refused) == len(GRID)


# ------------------------------------------------------------------------------------------------------------- reserves

MORNING = Visit("~morning", "hall", 2400, (window("09:30", "11:20"),), required=True)


def test_a_reserve_is_kept_free_and_is_on_no_witness() -> None:
    """A to 10:10 and B from 11:00 leave room for one more between them: for the urgent case, or for the new one."""
    free, kept = quoted(AB), quoted(AB, reserves=(MORNING,))
    assert offered(free, "10:00", "10:30").start_s == clock("10:20")
    slot = refused(kept, "10:00", "10:30")
    assert (slot.verdict, slot.reason, slot.values) == (IMPOSSIBLE, RefusalReason.RESERVED, {})
    afternoon = offered(kept, "14:00", "14:30")
    assert afternoon.witness.served == {"A", "B", "N"}


def test_a_reserve_moves_to_another_van_for_a_visit_that_cannot() -> None:
    vans = (shift("van-1", break_=None, skills=frozenset({"lift"})), shift("van-2", break_=None))
    routes = DayRoutes(day((), vans), None)
    reserve = Visit("~", "hall", 3 * 3600, (window("09:30", "09:30"),), required=True)
    slot = offered(quoted(routes, reserves=(reserve,)), "09:30", "10:00", asked(needs=frozenset({"lift"})))
    assert (slot.shift, slot.method) == ("van-1", "inserted")


def test_a_reserve_that_is_used_up_refuses_what_would_be_possible() -> None:
    whole_day = Visit("~", "hall", 9 * 3600, (window("08:30", "17:00"),), required=True)
    slot = refused(quoted(AB, reserves=(whole_day,)), "14:00", "14:30")
    assert slot.reason is RefusalReason.RESERVED


# ------------------------------------------------------------------------------------------------------- the day itself


def test_what_the_van_has_set_out_for_comes_first() -> None:
    """At 09:25 the van is on its way to A; N at 09:30 would have to be before it."""
    routes = standing(day((visit("A", "09:30", "10:30"),), NO_BREAK), {"van-1": ("A",)})
    assert offered(quoted(routes), "09:30", "09:40").start_s == clock("09:30")
    slot = refused(quoted(routes, now_s=clock("09:25")), "09:30", "09:40")
    assert (slot.verdict, slot.reason) == (IMPOSSIBLE, RefusalReason.RUNNING)
    assert slot.values == {"now_s": clock("09:25")}
    assert offered(quoted(routes, now_s=clock("09:25")), "10:20", "10:50").start_s == clock("10:20")


def test_a_van_on_its_way_does_not_turn_off_to_somebody_it_could_still_reach_first() -> None:
    """It left for A at 09:20. At 09:25 it could still be with N by 09:35 and with A by 10:25, but it is on the way."""
    routes = standing(day((visit("A", "09:30", "10:30"),), NO_BREAK), {"van-1": ("A",)})
    assert offered(quoted(routes, now_s=clock("09:20")), "09:35", "09:40").start_s == clock("09:35")
    slot = refused(quoted(routes, now_s=clock("09:25")), "09:35", "09:40")
    assert (slot.verdict, slot.reason) == (IMPOSSIBLE, RefusalReason.RUNNING)


def test_a_window_that_is_over_is_refused_as_past() -> None:
    slot = refused(quoted(DayRoutes(day((), NO_BREAK), None), now_s=clock("12:00")), "09:30", "10:00")
    assert slot.reason is RefusalReason.RUNNING


# --------------------------------------------------------------------------------------------------- what is not a day


def test_ways_that_do_not_match_the_places_are_refused() -> None:
    with pytest.raises(ProblemError) as error:
        QuotedDay(AB, GRID, (600,), (600, 600, 600))
    assert (error.value.code, error.value.path) == ("MATRIX_SIZE", "from_new_s")


def test_a_reserve_with_the_id_of_a_promise_is_refused() -> None:
    with pytest.raises(ProblemError) as error:
        quoted(AB, reserves=(replace(MORNING, id="A"),))
    assert error.value.code == "DUPLICATE_ID"


def test_a_witness_the_checker_refuses_is_never_handed_out() -> None:
    """A standing plan that breaks its window: its other van's quote stands, but the whole plan does not."""
    vans = (shift("van-1", break_=None), shift("van-2", break_=None))
    problem = day((visit("A", "09:30", "10:00", required=True),), vans)
    plan = plan_of(problem, {"van-1": ("A",)})
    (route,) = plan.routes
    wrong = replace(plan, routes=(replace(route, start_s=route.start_s - 60),))
    slot = decide_window(asked(pinned_shift="van-2"), NEW, quoted(DayRoutes(problem, wrong)), GRID[0])
    assert isinstance(slot, SlotQuote)
    with pytest.raises(SolveError) as error:
        _ = slot.witness
    assert error.value.code == "PLAN_REFUSED"


def test_an_effort_or_a_weight_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="not less than nothing"):
        Effort(seconds=-1)
    with pytest.raises(ValueError, match="exhaustive_visits"):
        Effort(exhaustive_visits=10)
    with pytest.raises(ValueError, match="not negative"):
        RankWeights(tight_s=-1)


def test_quoting_loads_no_solver_library() -> None:
    code = (
        "import sys; import routing.quote; from tests.routing.quote.test_quotes import AB, quoted, asked, NEW;"
        "from routing.quote import quote_days; quote_days(asked(), NEW, [quoted(AB)]); print('ortools' in sys.modules)"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
