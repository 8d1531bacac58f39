"""The day everybody knows: four visits, one van, lunch; tests change one thing of it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date as Date
from pathlib import Path

from routing.problem import Break, DayProblem, Place, Shift, Visit, Window

DATA = Path(__file__).parent / "data"
HALF_PAST_EIGHT, QUARTER_PAST_FIVE = 30_600, 62_100
LUNCH = Break(3600, 41_400, 48_600)
HALL = "hall"


def clock(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def window(opens: str, closes: str) -> Window:
    return Window(clock(opens), clock(closes))


def shift(identifier: str = "van-1", **changes: object) -> Shift:
    usual = Shift(
        identifier, HALL, HALL, HALF_PAST_EIGHT, QUARTER_PAST_FIVE, (f"{identifier}-a", f"{identifier}-b"),
        frozenset(), LUNCH,
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


def visit(identifier: str, opens: str = "09:30", closes: str = "15:30", **changes: object) -> Visit:
    usual = Visit(identifier, identifier.lower(), 2400, (window(opens, closes),))
    return replace(usual, **changes)  # type: ignore[arg-type]


def day(
    visits: tuple[Visit, ...],
    shifts: tuple[Shift, ...] | None = None,
    driving: dict[tuple[str, str], int | None] | None = None,
    otherwise_s: int = 600,
    **changes: object,
) -> DayProblem:
    """A day whose places are the hall and one per visit; legs of ``otherwise_s`` except those in ``driving``."""
    shifts = shifts if shifts is not None else (shift(),)
    names = list(
        dict.fromkeys([HALL, *(p for s in shifts for p in (s.start_place, s.end_place)), *(v.place for v in visits)])
    )
    table = driving or {}
    travel = tuple(
        tuple(0 if here == there else table.get((here, there), otherwise_s) for there in names) for here in names
    )
    places = tuple(Place(name, 31.7 + index / 100, 131.0) for index, name in enumerate(names))
    made = DayProblem(Date(2026, 11, 24), places, travel, shifts, visits)
    return replace(made, **changes)  # type: ignore[arg-type]


def both_ways(here: str, there: str, seconds: int | None) -> dict[tuple[str, str], int | None]:
    return {(here, there): seconds, (there, here): seconds}


four_visits = day((visit("A"), visit("B"), visit("C"), visit("D")))


def busy_day() -> DayProblem:
    """A day of more visits than can be proved: a search uses up all the time it is given."""
    return day(tuple(visit(f"V{i:03d}") for i in range(150)), tuple(shift(f"van-{k:02d}") for k in range(25)))


def random_day(rng: random.Random, *, visits: int, vans: int) -> DayProblem:
    """A small day in which rules of every kind may bind; not always servable."""
    depots = [HALL, "west"]
    points = {name: (rng.uniform(0, 60), rng.uniform(0, 60)) for name in [*depots, *(f"v{i}" for i in range(visits))]}
    shifts = tuple(
        shift(
            f"van-{k}",
            start_place=rng.choice(depots),
            end_place=rng.choice(depots),
            start_s=HALF_PAST_EIGHT + 900 * rng.randrange(4),
            skills=frozenset(rng.sample(["wheelchair", "sign"], rng.randrange(3))),
            break_=rng.choice([LUNCH, LUNCH, Break(1800, 43_200, 45_000), None]),
        )
        for k in range(vans)
    )
    made = []
    for i in range(visits):
        windows = sorted({34_200 + 1800 * rng.randrange(12) for _ in range(rng.randrange(1, 3))})
        made.append(
            Visit(
                f"V{i}",
                f"v{i}",
                60 * rng.randrange(10, 50),
                tuple(Window(o, o + 1800) for o in windows),
                frozenset(rng.sample(["wheelchair", "sign"], 1)) if rng.random() < 0.2 else frozenset(),
                rng.choice(shifts).id if rng.random() < 0.1 else None,
                rng.random() < 0.25,
                rng.random() < 0.15,
                rng.choice([6000, 60_000]),
            )
        )
    names = list(points)
    travel = tuple(
        tuple(
            0 if a == b else None if rng.random() < 0.02 else round(
                100 * (abs(points[a][0] - points[b][0]) + abs(points[a][1] - points[b][1])) * rng.uniform(0.4, 0.6)
            )
            for b in names
        )
        for a in names
    )  # fmt: skip
    places = tuple(Place(name, 31.5 + y / 100, 131 + x / 100) for name, (x, y) in points.items())
    return DayProblem(Date(2026, 11, 24), places, travel, shifts, tuple(made), max_leg_s=rng.choice([2400, 3600]))
