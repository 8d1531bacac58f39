"""Small days decided exactly: the windows offered are those that brute force with the checker as judge can serve."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.check import check
from routing.plan import Route
from routing.problem import DayProblem, Visit, Window
from routing.quote import Effort, QuotedDay, Refusal, SlotQuote, Verdict, decide_window, quote_days
from routing.quote.choices import cheapest, possible_bits
from routing.quote.compulsory import certainly_full
from routing.quote.sequences import Board, Sequences
from routing.quote.witness import problem_with, promised
from routing.replan import begun_alike
from routing.schedule import schedule_route
from routing.solver.exhaustive import best_day
from tests.conftest import Soak
from tests.routing.brute_force import least_cost
from tests.routing.days import both_ways, clock, day, random_day, shift, visit, window
from tests.routing.quote.standing import GRID, NEW, asked, quoted, random_standing, standing
from tests.routing.ruled_days import ruled_day


def can_be_served(new: Visit, asked_day: QuotedDay, window: Window) -> bool:
    """By every plan there is, reserves included, and by every plan without them."""
    return all(
        least_cost(problem_with(asked_day, promised(new, window), NEW, reserves)) is not None
        for reserves in {asked_day.reserves, ()}
    )


@pytest.mark.heavy
def test_on_small_days_the_offered_windows_are_those_that_brute_force_can_serve(soak: Soak) -> None:
    """Every window is decided; brute force tries one of any kind and one that is not plain to see."""
    decided: Counter[str] = Counter()
    for _ in range(soak.count(1000)):
        rng = soak.rng
        asked_day, new = random_standing(rng, ruled_day(rng, visits=rng.randrange(3, 6), shifts=rng.randrange(1, 3)))
        if rng.random() < 0.8:
            new = replace(new, needs=frozenset(), pinned_shift=None, long_leg_ok=True)
        if rng.random() < 0.3:
            asked_day = replace(asked_day, reserves=(reserve(rng, asked_day),))
        slots = quote_days(new, NEW, [asked_day]).by_slot
        telling = [slot for slot in slots.values() if kind_of(slot) in ("exhaustive", "CROWDED_OUT", "RESERVED")]
        for slot in [rng.choice([*slots.values()]), *rng.sample(telling, min(1, len(telling)))]:
            assert isinstance(slot, SlotQuote) == can_be_served(new, asked_day, slot.window), (slot, asked_day, new)
            decided[kind_of(slot)] += 1
        for slot in slots.values():
            if isinstance(slot, SlotQuote):
                assert check(slot.problem, slot.witness) == ()
            else:
                assert slot.verdict is Verdict.IMPOSSIBLE
    soak.table("windows", dict(decided))
    assert {"inserted", "exhaustive", "CROWDED_OUT"} <= set(decided)


@pytest.mark.heavy
def test_on_days_of_six_or_seven_visits_the_offered_windows_are_those_of_all_orders(soak: Soak) -> None:
    """Too many plans for the checker to judge each; here every order of every choice is timed by itself."""
    decided: Counter[str] = Counter()
    for _ in range(soak.count(100)):
        asked_day, new = busy_day(soak.rng)
        slots = quote_days(new, NEW, [asked_day]).by_slot.values()
        telling = [slot for slot in slots if kind_of(slot) in ("exhaustive", "CROWDED_OUT")] or list(slots)
        for slot in soak.rng.sample(telling, min(2, len(telling))):
            problem = problem_with(asked_day, promised(new, slot.window), NEW)
            possible = best_day(problem, [visit.id for visit in problem.visits]) is not None
            assert isinstance(slot, SlotQuote) == possible, (slot, asked_day, new)
            decided[kind_of(slot)] += 1
    soak.table("windows", dict(decided))


def busy_day(rng: random.Random) -> tuple[QuotedDay, Visit]:
    """Six or seven promises on two vans."""
    while True:
        asked_day, new = random_standing(rng, random_day(rng, visits=rng.randrange(9, 14), vans=2))
        if len(asked_day.routes.problem.visits) in (6, 7):
            return asked_day, replace(new, needs=frozenset(), pinned_shift=None)


def reserve(rng: random.Random, asked_day: QuotedDay) -> Visit:
    """Forty minutes at a depot in one of the halves of the day."""
    depot = rng.choice([van.start_place for van in asked_day.routes.problem.shifts])
    half = window("09:30", "12:00") if rng.random() < 0.5 else window("13:00", "15:30")
    return Visit("~", depot, 2400, (half,), required=True)


def kind_of(slot: SlotQuote | Refusal) -> str:
    return slot.method if isinstance(slot, SlotQuote) else slot.reason.value


def full_van() -> QuotedDay:
    """Two vans; the first serves A at nine thirty and B from noon on, the second C all day long."""
    visits = (
        visit("A", "09:30", "10:00"),
        visit("B", "10:30", "11:00"),
        visit("C", "09:30", "10:00", service_s=5 * 3600),
    )
    vans = (shift("van-1", break_=None), shift("van-2", break_=None))
    return quoted(standing(day(visits, vans), {"van-1": ("A", "B"), "van-2": ("C",)}))


def test_where_another_order_makes_room_the_window_is_offered() -> None:
    """Only one van has the lift; it gives its last stop to the other, which is cheaper than giving both."""
    visits = (visit("A", "09:30", "10:00"), visit("B", "10:30", "11:00"))
    vans = (shift("van-1", break_=None, skills=frozenset({"lift"})), shift("van-2", break_=None))
    routes = standing(day(visits, vans), {"van-1": ("A", "B")})
    slot = decide_window(asked(needs=frozenset({"lift"})), NEW, quoted(routes, {"a": 300}), window("10:30", "11:00"))
    assert isinstance(slot, SlotQuote)
    assert (slot.method, slot.shift, slot.start_s) == ("exhaustive", "van-1", clock("10:30"))
    assert slot.detour_s == (600 + 300 + 600) + (600 + 600) - (600 + 600 + 600)
    assert {route.shift: tuple(s.visit for s in route.stops) for route in slot.witness.routes} == {
        "van-1": ("A", "N"),
        "van-2": ("B",),
    }
    assert check(slot.problem, slot.witness) == ()


def test_a_van_that_need_not_change_keeps_its_route() -> None:
    """The third has no room for B and drives a longer way round than it must: still it is left alone."""
    long = [visit(name, service_s=7200) for name in "CD"]
    visits = (visit("A", "09:30", "10:00"), visit("B", "10:30", "11:00"), *long)
    vans = (
        shift("van-1", break_=None, skills=frozenset({"lift"}), end_s=clock("12:00")),
        shift("van-2", break_=None),
        shift("van-3", end_s=clock("15:35")),
    )
    driving: dict[tuple[str, str], int | None] = {("hall", "c"): 3000, ("d", "hall"): 3000}
    routes = standing(day(visits, vans, driving), {"van-1": ("A", "B"), "van-3": ("C", "D")})
    slot = decide_window(asked(needs=frozenset({"lift"})), NEW, quoted(routes), window("10:30", "11:00"))
    assert isinstance(slot, SlotQuote)
    assert slot.method == "exhaustive"
    assert slot.witness.routes[-1] == routes.route_by_shift["van-3"]


def test_a_far_place_between_the_stops_of_two_vans_is_had_by_giving_both_to_one() -> None:
    """Beyond the leg limit from the hall, legal from A and to B: not to be had alone, nor on a standing route."""
    visits = (visit("A", "10:00", "10:30"), visit("B", "13:00", "13:30"))
    vans = (shift("van-1", break_=None), shift("van-2", break_=None))
    routes = standing(day(visits, vans), {"van-1": ("A",), "van-2": ("B",)})
    slot = decide_window(asked(), NEW, quoted(routes, {"hall": 5000, "a": 1800, "b": 1800}), window("11:10", "11:30"))
    assert isinstance(slot, SlotQuote)
    (route,) = slot.witness.routes
    assert [stop.visit for stop in route.stops] == ["A", "N", "B"]
    assert check(slot.problem, slot.witness) == ()


def test_what_is_refused_on_a_small_day_is_impossible() -> None:
    refused = quote_days(asked(), NEW, [full_van()]).refused
    assert {refusal.verdict for refusal in refused} == {Verdict.IMPOSSIBLE}


def test_above_the_limit_of_visits_nothing_is_proved_without_effort() -> None:
    """But for the windows in which its one van is certainly at another visit."""
    today = full_van()
    refused = quote_days(asked(), NEW, [today], effort=Effort(exhaustive_visits=2)).refused
    assert {refusal.verdict for refusal in refused} == {Verdict.NOT_FOUND_IN_TIME, Verdict.IMPOSSIBLE}
    for refusal in refused:
        assert (refusal.verdict is Verdict.IMPOSSIBLE) == certainly_full(asked(), today, refusal.window)


# ------------------------------------------------------------------------------------------------------- its two parts


@settings(max_examples=100)
@given(st.integers(0, 2**32))
def test_the_sets_a_van_can_serve_are_those_with_a_legal_order(seed: int) -> None:
    rng = random.Random(seed)
    problem = ruled_day(rng, visits=5, shifts=1)
    problem = replace(problem, visits=tuple(replace(v, needs=frozenset(), long_leg_ok=True) for v in problem.visits))
    new = rng.randrange(5)
    windows = tuple(rng.sample(GRID, 2))
    sequences = Sequences(Board(problem, problem.visits, new, windows), problem.shifts[0])
    masks, can = sequences.sets
    for column, each in enumerate(windows):
        changed = tuple(replace(v, windows=(each,)) if v.id == f"V{new}" else v for v in problem.visits)
        asked_for = replace(problem, visits=changed)
        served = {mask for mask, ok in zip(masks.tolist(), can[:, column].tolist(), strict=True) if ok}
        assert served == servable(asked_for)
        for mask in served - {0}:
            order = [problem.visits[number].id for number in sequences.order(mask, column)]
            assert sum(1 << int(name[1:]) for name in order) == mask
            route = schedule_route(asked_for, problem.shifts[0], order)
            assert isinstance(route, Route)
            assert sequences.driving_s(masks[masks == mask])[0] <= route.travel_s


def servable(problem: DayProblem) -> set[int]:
    """The sets with a legal order, every order of every one of them timed by itself."""
    found = {0}
    for size in range(1, len(problem.visits) + 1):
        for order in permutations(range(len(problem.visits)), size):
            names = [problem.visits[number].id for number in order]
            if isinstance(schedule_route(problem, problem.shifts[0], names), Route):
                found.add(sum(1 << number for number in order))
    return found


@given(st.integers(0, 2**32), st.integers(1, 5))
def test_joining_up_to_three_vans_and_going_van_by_van_agree(seed: int, vans: int) -> None:
    """More than three vans are asked again with the others idle: the same sets, the other way to choose."""
    import numpy as np

    rng = random.Random(seed)
    full = 2**5 - 1
    lists = []
    for _ in range(min(vans, 3)):
        masks = np.array(sorted({0, *rng.sample(range(32), rng.randrange(1, 20))}), dtype=np.int64)
        lists.append((masks, np.array([rng.randrange(1, 8) for _ in masks], dtype=np.int64)))
    idle = [(np.zeros(1, dtype=np.int64), np.array([7], dtype=np.int64))] * 3
    free = [(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64))] * 3
    assert possible_bits(full, lists) == possible_bits(full, [*lists, *idle]) & 7
    few, many = cheapest(full, lists), cheapest(full, [*lists, *free])
    assert (few is None) == (many is None)
    if few is not None and many is not None:
        cost = [dict(zip(m.tolist(), c.tolist(), strict=True)) for m, c in lists]
        assert sum(few) == sum(many) == full
        assert sum(c[s] for c, s in zip(cost, few, strict=True)) == sum(
            c[s] for c, s in zip(cost, many[: len(cost)], strict=True)
        )


# --------------------------------------------------------------------------------------------------- the day under way


@pytest.mark.heavy
def test_on_the_day_itself_what_has_begun_is_left_alone_and_the_rest_is_decided_exactly(soak: Soak) -> None:
    """Against every plan of the orders that begin with what has begun, timed and judged one by one."""
    offered: Counter[bool] = Counter()
    for _ in range(soak.count(200)):
        rng = soak.rng
        asked_day, new = random_standing(rng, ruled_day(rng, visits=rng.randrange(3, 6), shifts=rng.randrange(1, 3)))
        new = replace(new, needs=frozenset(), pinned_shift=None, long_leg_ok=True)
        asked_day = replace(asked_day, now_s=clock("08:30") + 300 * rng.randrange(60), windows=GRID[::2])
        for slot in quote_days(new, NEW, [asked_day]).by_slot.values():
            problem = problem_with(asked_day, promised(new, slot.window), NEW)
            assert isinstance(slot, SlotQuote) == any_plan_under_way(asked_day, problem), (slot, asked_day)
            offered[isinstance(slot, SlotQuote)] += 1
    soak.table("offered", dict(offered))
    assert offered[True]
    assert offered[False]


def any_plan_under_way(asked_day: QuotedDay, problem: DayProblem) -> bool:
    """Whether visits can be dealt to vans and put in order so that all is legal and what has begun stays."""
    now_s = asked_day.now_s
    assert now_s is not None
    begun = {van: begun_by(route, now_s) for van, route in asked_day.routes.route_by_shift.items()}
    fixed = {visit: van for van, visits in begun.items() for visit in visits}

    def deal(left: list[str], orders: dict[str, tuple[str, ...]]) -> bool:
        if not left:
            return all(legal(van, order) for van, order in orders.items())
        first, *rest = left
        vans = [fixed[first]] if first in fixed else list(orders)
        return any(
            deal(rest, {**orders, van: (*orders[van][:at], first, *orders[van][at:])})
            for van in vans
            for at in range(len(orders[van]) + 1)
        )

    def legal(van: str, order: tuple[str, ...]) -> bool:
        before = begun.get(van, ())
        if order[: len(before)] != before:
            return False
        if not order:
            return True
        route = schedule_route(problem, problem.shift_by_id[van], order)
        if not isinstance(route, Route):
            return False
        standing_route = asked_day.routes.route_by_shift.get(van)
        if route == standing_route:
            return True
        plan = asked_day.routes.plan
        assert plan is not None
        return begun_alike(plan, replace(plan, routes=(route,)), now_s)

    return deal([visit.id for visit in problem.visits], {shift.id: () for shift in problem.shifts})


def begun_by(route: Route, now_s: int) -> tuple[str, ...]:
    leaves_s = [route.start_s, *(stop.depart_s for stop in route.stops)]
    return tuple(stop.visit for left_s, stop in zip(leaves_s, route.stops, strict=False) if left_s < now_s)


def test_a_far_place_is_reached_from_half_way() -> None:
    """Beyond the leg limit from the hall, legal from A: only together with A can it be had, so A is no obstacle."""
    problem = day((visit("A", "10:00", "10:30"),), driving=both_ways("hall", "a", 3000))
    routes = standing(problem, {"van-1": ("A",)})
    asked_day = quoted(routes, {"hall": 5000, "a": 1800})
    slot = decide_window(asked(), NEW, asked_day, window("11:00", "12:00"))
    assert isinstance(slot, Refusal)  # and there is no way home
    assert (slot.verdict, slot.reason.value) == (Verdict.IMPOSSIBLE, "LEG_TOO_LONG")
