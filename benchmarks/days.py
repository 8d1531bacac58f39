"""Invents outreach days that can be served: a dense centre, far hamlets, lunch, 30-minute windows, crews with skills.

Every day is made backwards from a hidden plan: each van drives a sector of about 35 x 35 km, takes lunch, and the
grid window each service falls into is the one promised. So all visits of a day fit, and nobody told the solver how.
Where the hidden plan has more vans than the day, more visits wait than fit; what is promised still does.

How windows come about when residents ring one after the other is another story: :mod:`benchmarks.booked`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Date

from routing.plan import Route
from routing.problem import DEFAULT_MAX_LEG_S, Break, DayProblem, Place, Shift, Visit, Window
from routing.schedule import schedule_route
from routing.travel import EstimatedTravel

HALL = Place("hall", 31.72, 131.06)
"""The depot: the middle of the invented city."""

SIZES = ((15, 3), (30, 6), (50, 10))
"""Visits and vans of the days that are measured."""

DATE = Date(2026, 11, 24)
SHIFT = (8 * 3600 + 1800, 17 * 3600 + 900)
LUNCH = Break(3600, 11 * 3600 + 1800, 13 * 3600 + 1800)
GRID_START, GRID_STEP, GRID_COUNT = 9 * 3600 + 1800, 1800, 12

SERVICE_MIN = (30, 35, 35, 40, 40, 45)
SHORT_SERVICE_MIN = (20, 20, 25, 25, 30)
"""Service minutes, one of them each; the short ones where a van makes more than some six visits."""

FAR_KM, FAR_VAN_VISITS = 25.0, 3
"""A far booking by straight line (some 3,680 s of driving), and how many visits its van makes in the hidden plan."""

_KM_PER_DEGREE = 111.0
_TRIES = 200


def generate_day(
    visits: int,
    vans: int,
    seed: int,
    *,
    far_booking: bool = False,
    service_min: Sequence[int] = SERVICE_MIN,
    hidden_vans: int | None = None,
) -> DayProblem:
    """A day of ``visits`` visits for ``vans`` vans; equal arguments, equal day.

    Two thirds of the visits are required (promised, one window); the others may also begin in a second window. Every
    second van takes wheelchairs, and about one in six visits needs one; about one in twelve lies far outside. With
    ``far_booking`` one promised visit lies more than an hour from the hall, taken with the manager's word. Services
    take one of ``service_min`` minutes. With more ``hidden_vans`` than ``vans`` the visits of the surplus are all
    optional.

    Raises:
        ValueError: when no such day was found (of :data:`SERVICE_MIN`, more than about six visits a van do not fit).
    """
    rng = random.Random(f"outreach-day/{visits}/{vans}/{seed}")
    turn = rng.uniform(0, 2 * math.pi)
    hidden = max(vans, hidden_vans or vans)
    made: list[tuple[Visit, Place]] = []
    for van, share in enumerate(_shares(visits, hidden, far_booking)):
        sector = (turn + 2 * math.pi * van / hidden, 2 * math.pi / hidden)
        maker = _VanMaker(rng, service_min, promises=van < vans)
        made += maker.sector(_shift(van), share, sector, far=far_booking and van == 0)
    rng.shuffle(made)
    named = [
        (replace(visit, id=f"V{number:03d}", place=f"p{number:03d}"), replace(place, id=f"p{number:03d}"))
        for number, (visit, place) in enumerate(made)
    ]
    places = (HALL, *(place for _, place in named))
    travel = EstimatedTravel()
    return DayProblem(
        date=DATE,
        places=places,
        travel_s=travel.matrix(places).seconds,
        shifts=shifts_of(vans),
        visits=tuple(visit for visit, _ in named),
        travel_source=travel.name,
    )


def _shares(visits: int, vans: int, far_booking: bool) -> list[int]:
    """How many visits each van gets; one that drives far has time for few others."""
    first = [min(FAR_VAN_VISITS, visits)] if far_booking and vans > 1 else []
    left, others = visits - sum(first), vans - len(first)
    return first + [left // others + (1 if van < left % others else 0) for van in range(others)]


def without_lunch(problem: DayProblem) -> DayProblem:
    """The same day with crews that take no break."""
    return replace(problem, shifts=tuple(replace(shift, break_=None) for shift in problem.shifts))


def shifts_of(vans: int) -> tuple[Shift, ...]:
    """The vans of a day: alike but for wheelchairs, which every second one takes."""
    return tuple(_shift(van) for van in range(vans))


def _shift(van: int) -> Shift:
    skills = frozenset({"wheelchair"}) if van % 2 == 0 else frozenset[str]()
    return Shift(f"van-{van + 1}", "hall", "hall", *SHIFT, (f"s-{van:02d}a", f"s-{van:02d}b"), skills, LUNCH)


def place_in(rng: random.Random, sector: tuple[float, float], reach: float) -> Place:
    """Half of the visits lie within 4 km of the hall, one in twelve beyond 15 km."""
    kind = rng.random()
    radius_km = rng.uniform(0.3, 4) if kind < 0.5 else rng.uniform(4, 12) if kind < 0.92 else rng.uniform(15, 20)
    angle = sector[0] + rng.uniform(-0.8, 0.8) * sector[1]
    return _place(min(radius_km, 17.5 / max(abs(math.sin(angle)), abs(math.cos(angle)))) * reach, angle)


def _place(radius_km: float, angle: float) -> Place:
    radius = radius_km / _KM_PER_DEGREE
    lat = HALL.lat + radius * math.sin(angle)
    lon = HALL.lon + radius * math.cos(angle) / math.cos(math.radians(HALL.lat))
    return Place("somewhere", round(lat, 6), round(lon, 6))


def _nearest_first(points: list[Place]) -> list[Place]:
    order: list[Place] = []
    here, left = HALL, list(points)
    while left:
        here = min(left, key=lambda point: (point.lat - here.lat) ** 2 + (point.lon - here.lon) ** 2)
        left.remove(here)
        order.append(here)
    return order


@dataclass(frozen=True, slots=True)
class _VanMaker:
    """Makes the visits of one van of the hidden plan; ``promises``: whether any of them is required."""

    rng: random.Random
    service_min: Sequence[int]
    promises: bool

    def sector(self, shift: Shift, share: int, sector: tuple[float, float], *, far: bool) -> list[tuple[Visit, Place]]:
        """Visits one van can serve in the grid, found by trying ever nearer places."""
        for attempt in range(_TRIES):
            points = [place_in(self.rng, sector, 0.98**attempt) for _ in range(share)]
            if far:
                points[0] = _place(FAR_KM, sector[0])
            served = self._drive_through(shift, _nearest_first(points))
            if served is not None:
                return served
        raise ValueError(f"found no day with {share} visits on one van")

    def _drive_through(self, shift: Shift, points: list[Place]) -> list[tuple[Visit, Place]] | None:
        """The hidden plan of one van: service whenever it gets there; ``None`` where the grid's end is missed."""
        rng = self.rng
        places = (HALL, *(replace(point, id=f"p{number}") for number, point in enumerate(points)))
        travel_s = EstimatedTravel().matrix(places).seconds
        grid = Window(GRID_START, GRID_START + GRID_COUNT * GRID_STEP)
        visits: list[Visit] = []
        for place in places[1:]:
            service_s = 60 * rng.choice(self.service_min)
            needs = frozenset({"wheelchair"}) if shift.skills and rng.random() < 1 / 3 else frozenset[str]()
            far = (travel_s[0][len(visits) + 1] or 0) > DEFAULT_MAX_LEG_S
            required = (rng.random() < 2 / 3 or far) and self.promises
            visits.append(Visit(place.id, place.id, service_s, (grid,), needs, required=required, long_leg_ok=far))
        problem = DayProblem(DATE, places, travel_s, (shift,), tuple(visits))
        route = schedule_route(problem, shift, [visit.id for visit in visits])
        if not isinstance(route, Route):
            return None
        return [
            (_promised(rng, visit, stop.start_s), place)
            for visit, stop, place in zip(visits, route.stops, places[1:], strict=True)
        ]


def grid_window(number: int) -> Window:
    """One of the city's windows, by its number in the day."""
    return Window(GRID_START + number * GRID_STEP, GRID_START + (number + 1) * GRID_STEP)


def _promised(rng: random.Random, visit: Visit, start_s: int) -> Visit:
    """The visit with the grid window its service falls into, and, where it is not required, a second one."""
    windows = {grid_window(min((start_s - GRID_START) // GRID_STEP, GRID_COUNT - 1))}
    if not visit.required:
        windows.add(grid_window(rng.randrange(GRID_COUNT)))
    return replace(visit, windows=tuple(sorted(windows)))
