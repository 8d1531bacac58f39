"""How late a crew may leave: proved against trying every second and every break on tiny days."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date as Date

import pytest

from routing.plan import Route
from routing.problem import Break, DayProblem, Place, Shift, Visit, Window
from routing.schedule import schedule_route
from routing.slack import latest_departures
from tests.conftest import Soak
from tests.routing.days import clock, day, four_visits, visit, window


def tiny_day(rng: random.Random) -> DayProblem:
    """One van and one to three visits in a shift of 90 seconds, so that every second can be tried."""
    count = rng.randrange(1, 4)
    names = ["hall", *(f"v{i}" for i in range(count))]
    travel = tuple(tuple(0 if a == b else rng.randrange(1, 13) for b in names) for a in names)
    earliest = rng.randrange(10, 60)
    rest = None if rng.random() < 0.15 else Break(rng.randrange(3, 15), earliest, earliest + rng.randrange(0, 20))
    shift = Shift("van-1", "hall", "hall", rng.randrange(0, 8), 90, ("a", "b"), frozenset(), rest)
    visits = []
    for i in range(count):
        opens = sorted(rng.randrange(5, 75) for _ in range(rng.choice([1, 1, 2])))
        windows = tuple(Window(at, at + rng.randrange(0, 9)) for at in opens)
        visits.append(Visit(f"V{i}", f"v{i}", rng.randrange(1, 12), windows))
    places = tuple(Place(name, 31.0, 131.0) for name in names)
    return DayProblem(Date(2026, 11, 24), places, travel, (shift,), tuple(visits))


def rests(shift: Shift) -> Iterable[int]:
    """Every second at which the break may begin."""
    assert shift.break_ is not None
    last = min(shift.break_.latest_start_s, shift.end_s - shift.break_.duration_s)
    return range(max(shift.start_s, shift.break_.earliest_start_s), last + 1)


def drives_home(problem: DayProblem, shift: Shift, here: str, visits: list[Visit], now: int, rest: int | None) -> bool:
    """Whether the rest of the route works, second by second, with the break begun at ``rest`` (or over: ``None``)."""
    length = 0 if shift.break_ is None or rest is None else shift.break_.duration_s
    for next_visit in visits:
        driving = problem.driving_s(here, next_visit.place)
        assert driving is not None
        arrive = now + driving
        if rest is not None and now <= rest < arrive:
            arrive += length
        start = next((second for second in range(arrive, 91) if _may_begin(next_visit, second, rest, length)), None)
        if start is None:
            return False
        here, now = next_visit.place, start + next_visit.service_s
    driving = problem.driving_s(here, shift.end_place)
    assert driving is not None
    home = now + driving
    if rest is not None and now <= rest < home:
        home += length
    return home <= shift.end_s


def _may_begin(visit: Visit, start: int, rest: int | None, length: int) -> bool:
    if not any(start in window for window in visit.windows):
        return False
    return rest is None or start + visit.service_s <= rest or start >= rest + length


def may_leave_depot(problem: DayProblem, visits: list[Visit], leave: int) -> bool:
    (shift,) = problem.shifts
    if shift.break_ is None:
        return drives_home(problem, shift, "hall", visits, leave, None)
    if any(rest + shift.break_.duration_s <= leave for rest in rests(shift)) and drives_home(
        problem, shift, "hall", visits, leave, None
    ):
        return True
    return any(drives_home(problem, shift, "hall", visits, leave, rest) for rest in rests(shift) if rest >= leave)


def may_leave_stop(problem: DayProblem, route: Route, visits: list[Visit], at: int, leave: int) -> bool:
    (shift,) = problem.shifts
    here, later = visits[at].place, visits[at + 1 :]
    if route.break_ is None or route.break_.start_s < route.stops[at].start_s:
        return drives_home(problem, shift, here, later, leave, None)
    return any(drives_home(problem, shift, here, later, leave, rest) for rest in rests(shift) if rest >= leave)


def last_of_unbroken(possible: list[bool]) -> int:
    """The index before the first that fails; the first must hold."""
    assert possible[0]
    return next((at for at, holds in enumerate(possible) if not holds), len(possible)) - 1


@pytest.mark.heavy
def test_every_second_up_to_the_latest_departure_works_and_the_next_does_not(soak: Soak) -> None:
    routes = with_break = gaps = 0
    for _ in range(soak.count(20_000)):
        problem = tiny_day(soak.rng)
        visits = list(problem.visits)
        route = schedule_route(problem, problem.shifts[0], [each.id for each in visits])
        if not isinstance(route, Route):
            continue
        routes += 1
        with_break += route.break_ is not None
        found = latest_departures(problem, route)
        depot = [may_leave_depot(problem, visits, leave) for leave in range(route.start_s, 90)]
        assert found.depot_s == route.start_s + last_of_unbroken(depot), problem
        gaps += any(depot[last_of_unbroken(depot) + 1 :])
        for at, stop in enumerate(route.stops):
            leaves = [may_leave_stop(problem, route, visits, at, leave) for leave in range(stop.depart_s, 91)]
            assert found.stops_s[at] == stop.depart_s + last_of_unbroken(leaves), (at, problem)
    assert routes >= 150
    assert with_break >= 100
    assert gaps >= 1  # a departure that works again after one that does not: it must not be promised


def test_a_crew_that_reads_leave_by_does_not_fall_between_resting_on_the_way_and_being_rested() -> None:
    problem = day((visit("A", "12:40", "12:50", service_s=10_800),), otherwise_s=1200)
    route = schedule_route(problem, problem.shifts[0], ["A"])
    assert isinstance(route, Route)
    assert route.start_s == clock("11:20")  # an hour of rest on the way, from 11:30
    # Having rested at the hall it could leave at 12:30 too; but not at 12:00, and who leaves then reads "by 12:30".
    assert latest_departures(problem, route).depot_s == clock("11:30")


def test_the_last_stop_must_be_left_in_time_for_the_end_of_the_shift() -> None:
    problem = day((visit("A"),))
    route = schedule_route(problem, problem.shifts[0], ["A"])
    assert isinstance(route, Route)
    # The break may still begin at 13:30, in the leg or after the return.
    assert latest_departures(problem, route).stops_s == (clock("13:30"),)


def test_without_a_break_the_next_window_decides() -> None:
    from dataclasses import replace

    shiftless = tuple(replace(shift, break_=None) for shift in four_visits.shifts)
    problem = day((visit("A"), replace(visit("B"), windows=(window("13:00", "13:30"),))), shiftless)
    route = schedule_route(problem, problem.shifts[0], ["A", "B"])
    assert isinstance(route, Route)
    assert latest_departures(problem, route).stops_s == (clock("13:20"), clock("17:05"))


def test_a_route_that_is_not_legal_has_no_latest_departure() -> None:
    problem = day((visit("A"),))
    route = schedule_route(problem, problem.shifts[0], ["A"])
    assert isinstance(route, Route)
    with pytest.raises(ValueError, match="not legal"):
        latest_departures(day((visit("A"),), otherwise_s=20_000), route)
