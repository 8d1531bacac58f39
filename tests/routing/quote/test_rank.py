"""What the rank prefers: remote days for remote visits, one far trip rather than two, room to breathe, and soon."""

from __future__ import annotations

from datetime import date as Date
from datetime import timedelta

from routing.problem import Window
from routing.quote import DayRoutes, QuotedDay, RankWeights, SlotQuote, quote_days
from tests.routing.days import both_ways, clock, day, shift, visit, window
from tests.routing.quote.standing import GRID, NEW, asked, quoted, standing

FIRST = Date(2026, 11, 24)
TEN = (window("10:30", "11:00"),)
ONLY_DETOUR = RankWeights(keep_far=0, gather_far=0, tight_s=0, wait_s_per_day=0)


def a_day(number: int, driving_s: int, to_new_s: int, *, hall_s: int, windows: tuple[Window, ...] = TEN) -> QuotedDay:
    """One stop, ``driving_s`` from the hall; the new place ``to_new_s`` from it and ``hall_s`` from the hall."""
    problem = day(
        (visit("A", "09:30", "09:45"),), (shift(break_=None),), both_ways("hall", "a", driving_s),
        date=FIRST + timedelta(number),
    )  # fmt: skip
    routes = standing(problem, {"van-1": ("A",)})
    return quoted(routes, {"a": to_new_s, "hall": hall_s}, windows=windows)


def ranked(days: list[QuotedDay], weights: RankWeights | None = None) -> list[SlotQuote]:
    quotes = quote_days(asked(), NEW, days, weights=weights)
    assert quotes.refused == ()
    return list(quotes.quotes)


def test_a_near_visit_leaves_the_far_trip_to_those_who_live_there() -> None:
    """On the way back from afar it adds 600 s, beside a near stop 1,100 s; the far van's room is worth more."""
    days = [a_day(0, 2400, 2200, hall_s=800), a_day(1, 600, 900, hall_s=800)]
    assert [quote.detour_s for quote in ranked(days, ONLY_DETOUR)] == [600, 1100]
    assert [quote.date for quote in ranked(days, ONLY_DETOUR)] == [FIRST, FIRST + timedelta(1)]
    assert [quote.date for quote in ranked(days)] == [FIRST + timedelta(1), FIRST]


def test_a_route_that_goes_not_far_takes_anybody_in() -> None:
    """29 minutes out is not yet far; from 30 on half of what it goes farther than the visit is charged."""
    keeping = RankWeights(gather_far=0, tight_s=0, wait_s_per_day=0)
    (near,) = ranked([a_day(0, 1740, 600, hall_s=600)], keeping)
    (far,) = ranked([a_day(0, 1800, 600, hall_s=600)], keeping)
    assert near.cost_s - near.detour_s == 0
    assert far.cost_s - far.detour_s == (1800 - 600) / 2


def test_a_far_visit_goes_with_the_far_trip() -> None:
    days = [a_day(0, 600, 2500, hall_s=2400), a_day(1, 2400, 300, hall_s=2400)]
    best, other = ranked(days)
    assert (best.date, best.detour_s) == (FIRST + timedelta(1), 300)
    assert other.detour_s == 2500 + 2400 - 600


def test_a_far_visit_without_a_neighbour_pays_for_scattering() -> None:
    """On one day the nearest stop is fifty minutes away, on the other ten: it pays the difference beside its detour."""
    alone, beside = a_day(0, 2400, 3000, hall_s=3300), a_day(1, 2400, 600, hall_s=3300)
    gathering = RankWeights(keep_far=0, tight_s=0, wait_s_per_day=0, gather_far=1.0)
    extra = {quote.date: quote.cost_s - quote.detour_s for quote in ranked([alone, beside], gathering)}
    assert extra == {FIRST: 3000 - 600, FIRST + timedelta(1): 0}


def test_a_near_visit_pays_nothing_for_being_alone() -> None:
    gathering = RankWeights(keep_far=0, tight_s=0, wait_s_per_day=0)
    for quote in ranked([a_day(0, 600, 1000, hall_s=900), a_day(1, 600, 300, hall_s=900)], gathering):
        assert quote.cost_s == quote.detour_s


def test_a_tight_route_costs_what_its_slack_lacks() -> None:
    """The window of one second leaves no slack: the whole price; half an hour leaves enough: nothing."""
    tight = RankWeights(keep_far=0, gather_far=0, tight_s=600, enough_slack_s=900, wait_s_per_day=0)
    windows = (window("11:00", "11:00"), window("12:00", "12:30"), window("13:00", "13:05"))
    problem = DayRoutes(day((), (shift(break_=None),)), None)
    costs = {quote.window: quote.cost_s for quote in ranked([quoted(problem, windows=windows)], tight)}
    assert costs == {windows[0]: 1200 + 600, windows[1]: 1200, windows[2]: 1200 + 400}


def test_of_equal_windows_the_earliest_day_comes_first_and_waiting_costs_by_the_day() -> None:
    days = [quoted(DayRoutes(day((), date=FIRST + timedelta(n)), None), windows=TEN) for n in (5, 0, 2)]
    quotes = ranked(days)
    assert [quote.date for quote in quotes] == [FIRST + timedelta(n) for n in (0, 2, 5)]
    assert [quote.cost_s - quotes[0].cost_s for quote in quotes] == [0, 120, 300]


def test_waiting_is_counted_from_the_day_that_is_asked_for() -> None:
    days = [quoted(DayRoutes(day((), date=FIRST + timedelta(n)), None), windows=TEN) for n in (0, 2)]
    quotes = quote_days(asked(), NEW, days, earlier_is_better_from=FIRST + timedelta(1)).quotes
    assert [quote.cost_s - quotes[0].cost_s for quote in quotes] == [0, 60]


def test_ties_go_by_date_window_and_shift() -> None:
    days = [
        quoted(DayRoutes(day((), (shift("van-2"), shift("van-1")), date=FIRST + timedelta(n)), None)) for n in (1, 0)
    ]
    quotes = ranked(days, ONLY_DETOUR)
    slots = [(quote.date, quote.window) for quote in quotes if quote.cost_s == quotes[0].cost_s]
    assert slots == sorted(slots)
    assert len(slots) == 2 * len(GRID)


def test_the_van_of_a_window_is_chosen_by_the_same_terms() -> None:
    """One van comes back from afar and would add less; the other is near and has its room for near visits."""
    problem = day(
        (visit("A", "09:30", "09:45"), visit("B", "09:30", "09:45")),
        (shift("van-1", break_=None), shift("van-2", break_=None)),
        both_ways("hall", "a", 2400),
    )
    routes = standing(problem, {"van-1": ("A",), "van-2": ("B",)})
    asked_day = quoted(routes, {"a": 2200, "b": 900, "hall": 800}, windows=(window("11:00", "11:30"),))
    assert ranked([asked_day], ONLY_DETOUR)[0].shift == "van-1"
    assert ranked([asked_day])[0].shift == "van-2"
    assert ranked([asked_day])[0].start_s == clock("11:00")
