"""One forward pass, against the timeline tried second by second and minute by minute."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.plan import BreakTaken, Route, Stop
from routing.problem import Break, DayProblem, Shift, Window
from routing.schedule import Infeasible, schedule_route
from tests.routing.days import LUNCH, both_ways, clock, day, shift, visit, window


def route(problem: DayProblem, *order: str) -> Route:
    found = schedule_route(problem, problem.shifts[0], order)
    assert isinstance(found, Route), found
    return found


def refusal(problem: DayProblem, *order: str) -> Infeasible:
    found = schedule_route(problem, problem.shifts[0], order)
    assert isinstance(found, Infeasible), found
    return found


def test_the_van_leaves_as_late_as_the_first_window_allows() -> None:
    found = route(day((visit("A", "09:30", "10:00"),)), "A")
    assert found == Route(
        "van-1", clock("09:20"), clock("10:20"), 1200, BreakTaken(clock("11:30"), clock("12:30")),
        (Stop("A", clock("09:30"), clock("09:30"), clock("10:10")),),
    )  # fmt: skip


def test_a_break_before_departure_lets_the_van_leave_after_it() -> None:
    found = route(day((visit("A", "13:00", "13:30"),), (shift(end_s=clock("14:00")),)), "A")
    assert found.break_ == BreakTaken(clock("11:30"), clock("12:30"))
    assert (found.start_s, found.end_s) == (clock("12:50"), clock("13:50"))


def test_a_break_on_the_road_makes_the_arrival_later_by_its_length() -> None:
    problem = day((visit("A", "11:20", "11:20", service_s=600), visit("B", "12:40", "12:40")))
    found = route(problem, "A", "B")
    assert found.break_ == BreakTaken(clock("11:30"), clock("12:30"))
    assert found.stops[1] == Stop("B", clock("12:40"), clock("12:40"), clock("13:20"))
    assert found.travel_s == 1800


def test_a_break_begun_on_arrival_is_waiting_and_arrival_stays() -> None:
    problem = day(
        (visit("A", "09:30", "09:30", service_s=600), visit("B", "12:30", "12:30")), (shift(end_s=clock("13:30")),)
    )
    found = route(problem, "A", "B")
    assert found.stops[1] == Stop("B", clock("09:50"), clock("12:30"), clock("13:10"))
    assert found.break_ == BreakTaken(clock("11:30"), clock("12:30"))


def test_service_may_begin_when_the_break_ends_and_the_break_when_service_ends() -> None:
    tight = Break(3600, clock("11:30"), clock("11:30"))
    problem = day((visit("A", "10:50", "10:50"), visit("B", "12:30", "12:30", place="a")), (shift(break_=tight),))
    assert [stop.start_s for stop in route(problem, "A", "B").stops] == [clock("10:50"), clock("12:30")]
    late = day((visit("A", "10:51", "10:51"), visit("B", "12:30", "12:30", place="a")), (shift(break_=tight),))
    assert refusal(late, "A", "B").code == "BREAK_IN_THE_WAY"


def test_a_later_window_is_taken_when_the_first_is_missed_and_no_moment_between() -> None:
    two = (window("08:30", "08:39"), window("14:00", "14:30"))
    assert route(day((visit("A", windows=two),)), "A").stops[0].start_s == clock("14:00")
    just = (window("08:30", "08:40"), window("14:00", "14:30"))
    assert route(day((visit("A", windows=just),)), "A").stops[0].start_s == clock("08:40")


@pytest.mark.parametrize(
    ("problem", "code", "at"),
    [
        (day((visit("A", "08:30", "08:39"),)), "WINDOW_MISSED", 0),
        (day((visit("A", "16:30", "16:30"),)), "SHIFT_OVER", 1),
        (day((visit("A", needs=frozenset({"wheelchair"})),)), "NEEDS_UNMET", 0),
        (day((visit("A", pinned_shift="van-2"),), (shift(), shift("van-2"))), "PINNED_ELSEWHERE", 0),
        (day((visit("A"),), driving={("hall", "a"): None}), "UNREACHABLE", 0),
        (day((visit("A"),), driving={("a", "hall"): 3601}), "LEG_TOO_LONG", 1),
        (
            day((visit("A", "09:30", "16:00", service_s=6 * 3600),), (shift(end_s=clock("16:30")),)),
            "BREAK_IN_THE_WAY",
            None,
        ),
        (day((visit("A"),), (shift(break_=Break(3600, clock("16:30"), clock("17:00"))),)), "BREAK_IN_THE_WAY", None),
    ],
)
def test_what_cannot_be_driven_says_why_and_where(problem: DayProblem, code: str, at: int | None) -> None:
    found = refusal(problem, "A")
    assert (found.code, found.at) == (code, at)


def test_a_leg_may_pass_the_limit_when_either_end_may_be_far() -> None:
    far = both_ways("a", "b", 4000)
    visits = (visit("A"), visit("B"))
    assert refusal(day(visits, driving=far), "A", "B").values == {"driving_s": 4000, "limit_s": 3600}
    for first, second in ((True, False), (False, True)):
        excused = (visit("A", long_leg_ok=first), visit("B", long_leg_ok=second))
        assert route(day(excused, driving=far), "A", "B").travel_s == 5200


def test_no_visit_or_one_visit_twice_is_no_route() -> None:
    problem = day((visit("A"),))
    for order in ((), ("A", "A")):
        with pytest.raises(ValueError, match="at least one visit"):
            schedule_route(problem, problem.shifts[0], order)


# ------------------------------------------------------------------------------------------------ by brute force


Timeline = tuple[int, tuple[int, ...], tuple[int, ...]]


def drive(
    shift: Shift, legs: list[int], services: list[int], windows: list[list[Window]], begin: int, rest: int | None
) -> Timeline | None:
    """The timeline from a departure and a break start, straight from the rules; ``None`` where a rule is broken."""
    length = shift.break_.duration_s if shift.break_ is not None else 0
    now = begin
    arrivals: list[int] = []
    starts: list[int] = []
    for at, leg in enumerate(legs):
        arrive = now + leg
        if rest is not None and now <= rest < arrive:
            arrive += length
        arrivals.append(arrive)
        if at == len(services):
            return None if arrive > shift.end_s else (arrive, tuple(starts), tuple(arrivals))
        for start in range(arrive, 24 * 60):
            if not any(w.opens_s <= start <= w.closes_s for w in windows[at]):
                continue
            end = start + services[at]
            if rest is None or end <= rest or rest + length <= start or begin >= rest + length:
                break
        else:
            return None
        starts.append(start)
        now = end
    raise AssertionError("the last leg returned")


def brute_force(
    shift: Shift, legs: list[int], services: list[int], windows: list[list[Window]]
) -> tuple[object, ...] | None:
    rests: list[int | None] = [None]
    if shift.break_ is not None:
        rests = [
            b
            for b in range(shift.break_.earliest_start_s, shift.break_.latest_start_s + 1)
            if b >= shift.start_s and b + shift.break_.duration_s <= shift.end_s
        ]
    best: tuple[int, tuple[int, ...], int, int | None] | None = None
    for rest in rests:
        timed = drive(shift, legs, services, windows, shift.start_s, rest)
        if timed is not None and (best is None or (timed[0], timed[1], rest or 0) < best[:3]):
            best = (timed[0], timed[1], rest or 0, rest)
    if best is None:
        return None
    for begin in range(best[1][0], shift.start_s - 1, -1):
        rest = best[3]
        if rest is not None and shift.break_ is not None and rest < begin < rest + shift.break_.duration_s:
            continue  # nobody departs during the break
        timed = drive(shift, legs, services, windows, begin, rest)
        if timed is not None and timed[:2] == best[:2]:
            return begin, best[0], best[1], timed[2][:-1], rest
    return None


@st.composite
def small_routes(draw: st.DrawFn) -> tuple[Shift, list[int], list[int], list[list[Window]]]:
    """Times are small whole numbers (minutes in a short day): every corner is met often."""
    count = draw(st.integers(1, 4))
    legs = draw(st.lists(st.integers(0, 6), min_size=count + 1, max_size=count + 1))
    services = draw(st.lists(st.integers(1, 6), min_size=count, max_size=count))
    windows = []
    for _ in range(count):
        opens = sorted(draw(st.lists(st.integers(0, 40), min_size=1, max_size=2)))
        windows.append([Window(o, o + draw(st.integers(0, 15))) for o in opens])
    earliest = draw(st.integers(0, 30))
    rests = st.builds(Break, st.integers(1, 8), st.just(earliest), st.integers(earliest, earliest + 25))
    rest = draw(st.one_of(st.none(), rests))
    start = draw(st.integers(0, 10))
    return shift(start_s=start, end_s=start + draw(st.integers(10, 70)), break_=rest), legs, services, windows


@given(small_routes())
def test_every_time_equals_what_trying_all_break_starts_and_departures_finds(
    drawn: tuple[Shift, list[int], list[int], list[list[Window]]],
) -> None:
    van, legs, services, windows = drawn
    names = [f"p{i}" for i in range(len(services))]
    stops = ["hall", *names, "hall"]
    driving: dict[tuple[str, str], int | None] = {(stops[i], stops[i + 1]): leg for i, leg in enumerate(legs)}
    problem = day(
        tuple(
            visit(name.upper(), service_s=service, windows=tuple(w))
            for name, service, w in zip(names, services, windows, strict=True)
        ),
        (van,),
        driving,
    )
    found = schedule_route(problem, van, [name.upper() for name in names])
    expected = brute_force(van, legs, services, windows)
    if isinstance(found, Infeasible):
        assert expected is None
        return
    assert expected == (
        found.start_s,
        found.end_s,
        tuple(stop.start_s for stop in found.stops),
        tuple(stop.arrive_s for stop in found.stops),
        None if found.break_ is None else found.break_.start_s,
    )
    assert all(stop.depart_s == stop.start_s + service for stop, service in zip(found.stops, services, strict=True))
    assert found.travel_s == sum(legs)


def test_lunch_is_where_it_delays_the_return_least_at_minute_granularity() -> None:
    problem = day(
        (visit("A", "10:00", "10:30"), visit("B", "11:30", "12:00"), visit("C", "14:00", "14:30")),
        driving=both_ways("b", "c", 1800),
    )
    ends = []
    for start in range(LUNCH.earliest_start_s, LUNCH.latest_start_s + 1, 60):
        fixed = day(problem.visits, (shift(break_=Break(3600, start, start)),), both_ways("b", "c", 1800))
        found = schedule_route(fixed, fixed.shifts[0], ["A", "B", "C"])
        if isinstance(found, Route):
            ends.append((found.end_s, tuple(stop.start_s for stop in found.stops), start))
    best = route(problem, "A", "B", "C")
    assert best.break_ is not None
    assert (best.end_s, tuple(stop.start_s for stop in best.stops), best.break_.start_s) == min(ends)
