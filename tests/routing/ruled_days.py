"""Random days in which every rule of the design binds now and then, all times multiples of five minutes."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date as Date

from routing.problem import Break, DayProblem, Place, Shift, Visit, Window
from tests.routing.days import clock

GRID_S = 300
_DEPOTS = ("hall", "west")
_OPENS, _LAST = clock("09:00"), clock("15:00")


def ruled_day(rng: random.Random, *, visits: int, shifts: int) -> DayProblem:
    """A day on a small plain: unlike shifts, two depots, windows, breaks, skills, pins, promises, one-way detours."""
    names = [*_DEPOTS, *(f"p{number}" for number in range(visits))]
    points = {name: (rng.uniform(0, 10), rng.uniform(0, 10)) for name in names}
    points["hall"] = (3.0, 5.0)
    travel = tuple(
        tuple(0 if here == there else _driving(rng, points[here], points[there]) for there in names) for here in names
    )
    vans = tuple(_shift(rng, number) for number in range(shifts))
    return DayProblem(
        date=Date(2026, 11, 24),
        places=tuple(Place(name, 31.7 + y / 100, 131.0 + x / 100) for name, (x, y) in points.items()),
        travel_s=travel,
        shifts=vans,
        visits=tuple(_visit(rng, number, vans) for number in range(visits)),
        max_leg_s=rng.choice((900, 1500, 1800)),
    )


def _driving(rng: random.Random, here: tuple[float, float], there: tuple[float, float]) -> int | None:
    """Up to an hour across the plain; each way its own, some with no road, some by way of everywhere."""
    if rng.random() < 0.1:
        return None
    straight_s = 200 * (abs(here[0] - there[0]) + abs(here[1] - there[1]))
    return GRID_S * round(straight_s * rng.choice((0.8, 1, 1, 1.2, 3)) / GRID_S)


def _shift(rng: random.Random, number: int) -> Shift:
    start_s = clock("08:30") + 1800 * rng.randrange(4)
    end_s = rng.choice((clock("12:30"), clock("15:30"), clock("17:15")))
    earliest_s = rng.choice((clock("08:30"), clock("11:00"), clock("11:30"), clock("12:00")))
    rest = Break(rng.choice((2700, 3600, 5400)), earliest_s, earliest_s + 1800 * rng.randrange(3))
    return Shift(
        f"van-{number}",
        rng.choice(_DEPOTS),
        rng.choice(_DEPOTS),
        start_s,
        end_s,
        (f"s-{number}a", f"s-{number}b"),
        frozenset({"wheelchair"}) if rng.random() < 0.5 else frozenset(),
        rest if rng.random() < 0.9 else None,
    )


def _visit(rng: random.Random, number: int, vans: tuple[Shift, ...]) -> Visit:
    opens = {_OPENS + 1800 * rng.randrange(1 + (_LAST - _OPENS) // 1800) for _ in range(rng.choice((1, 2, 2, 3)))}
    windows = tuple(Window(open_s, open_s + rng.choice((0, 1800, 3600))) for open_s in sorted(opens))
    return Visit(
        f"V{number}",
        rng.choice(_DEPOTS)
        if rng.random() < 0.04
        else f"p{rng.randrange(number + 1) if rng.random() < 0.1 else number}",
        rng.choice((0, 900, 2400, 2400, 3600, 5400)),
        windows,
        frozenset({"wheelchair"}) if rng.random() < 0.4 else frozenset(),
        rng.choice(vans).id if vans and rng.random() < 0.4 else None,
        rng.random() < 0.12,
        rng.random() < 0.42,
        rng.choice((1200, 1800, 2400, 3600, 20_000, 60_000)),
    )


# ------------------------------------------------------------------------------------ the same day with one rule less


def without_rule(problem: DayProblem, rule: str) -> DayProblem:
    """The day with one rule taken away (or, where the rule is a permission, with the permission taken away)."""
    return _WITHOUT[rule](problem)


def _visits(problem: DayProblem, **changes: object) -> DayProblem:
    return replace(problem, visits=tuple(replace(visit, **changes) for visit in problem.visits))  # type: ignore[arg-type]


def _shifts(problem: DayProblem, **changes: object) -> DayProblem:
    return replace(problem, shifts=tuple(replace(shift, **changes) for shift in problem.shifts))  # type: ignore[arg-type]


def _first_window_only(problem: DayProblem) -> DayProblem:
    return replace(problem, visits=tuple(replace(visit, windows=visit.windows[:1]) for visit in problem.visits))


def _break_at_any_time(problem: DayProblem) -> DayProblem:
    return replace(
        problem,
        shifts=tuple(
            shift if shift.break_ is None else replace(shift, break_=Break(shift.break_.duration_s, 0, 24 * 3600 - 1))
            for shift in problem.shifts
        ),
    )


def _a_road_everywhere(problem: DayProblem) -> DayProblem:
    return replace(problem, travel_s=tuple(tuple(600 if s is None else s for s in row) for row in problem.travel_s))


def _no_instant_service(problem: DayProblem) -> DayProblem:
    return _visits(problem, service_s=0)


def _the_other_way_round(problem: DayProblem) -> DayProblem:
    return replace(problem, travel_s=tuple(zip(*problem.travel_s, strict=True)))


def _never_longer_than_a_detour(problem: DayProblem) -> DayProblem:
    table = [[10**9 if s is None else s for s in row] for row in problem.travel_s]
    size = range(len(table))
    for via in size:
        for here in size:
            for there in size:
                table[here][there] = min(table[here][there], table[here][via] + table[via][there])
    return replace(problem, travel_s=tuple(tuple(None if s >= 10**9 else s for s in row) for row in table))


_WITHOUT: dict[str, Callable[[DayProblem], DayProblem]] = {
    "windows": lambda day: _visits(day, windows=(Window(0, 24 * 3600 - 1),)),
    "several windows": _first_window_only,
    "service durations": _no_instant_service,
    "break": lambda day: _shifts(day, break_=None),
    "break bounds": _break_at_any_time,
    "leg limit": lambda day: replace(day, max_leg_s=24 * 3600),
    "long legs allowed": lambda day: _visits(day, long_leg_ok=False),
    "roads": _a_road_everywhere,
    "needs": lambda day: _visits(day, needs=frozenset()),
    "pins": lambda day: _visits(day, pinned_shift=None),
    "required": lambda day: _visits(day, required=False),
    "drop penalties": lambda day: _visits(day, drop_penalty_s=1_000_000),
    "several depots": lambda day: _shifts(day, start_place="hall", end_place="hall"),
    "shift hours": lambda day: _shifts(day, start_s=0, end_s=24 * 3600 - 1),
    "asymmetric travel": _the_other_way_round,
    "travel longer than a detour": _never_longer_than_a_detour,
}
RULES = tuple(_WITHOUT)
"""Every rule of section 4 of the design that can bind; taking it away changes what the best plan costs."""
