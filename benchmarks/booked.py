"""Invents outreach days whose windows come from bookings: one resident after the other is read what can be kept.

The process of "The promise": the new visit is quoted on the standing plan (:mod:`routing.quote`, by insertion), one of
the windows offered is taken at random, and its witness is the standing plan from then on. A resident who is offered
nothing takes another day and the next one rings, until the day has its number of visits. So the promises of such a day
lie where a clerk would put them, not where a good plan wants them.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from benchmarks.days import DATE, GRID_COUNT, HALL, SERVICE_MIN, grid_window, place_in, shifts_of
from routing.problem import DayProblem, Place, Visit
from routing.quote import DayRoutes, QuotedDay, RankWeights, promised
from routing.quote.offers import Inserter
from routing.travel import EstimatedTravel

GRID = tuple(grid_window(number) for number in range(GRID_COUNT))

_PATIENCE = 400
"""Residents in a row who are offered nothing before the day is taken for full."""
_ATTEMPTS = 20
"""Some days are full too early, by the places of the first to call: others call then."""


def book_day(
    visits: int, vans: int, seed: int, *, service_min: Sequence[int] = SERVICE_MIN, over_full: bool = False
) -> DayProblem:
    """A day of ``visits`` visits for ``vans`` vans, booked one after the other; equal arguments, equal day.

    Every visit was promised a window; one in three is optional when the day is planned (a proposal, not yet confirmed)
    and may also begin in a second window. All of them fit. ``over_full``: when the day is full the rest waits too, each
    for two windows of its own wish: more than fit.

    Raises:
        ValueError: where so many do not fit and ``over_full`` is not said.
    """
    for attempt in range(_ATTEMPTS):
        rng = random.Random(f"booked-day/{visits}/{vans}/{seed}" + (f"/{attempt}" if attempt else ""))
        day = _booked(rng, visits, vans, service_min, over_full=over_full)
        if day is not None:
            return day
    raise ValueError(f"{visits} visits could not be booked on {vans} vans")


def _booked(
    rng: random.Random, visits: int, vans: int, service_min: Sequence[int], *, over_full: bool
) -> DayProblem | None:
    """A day as residents happen to call; ``None`` where it is full before so many are booked."""
    book = _Book(vans)
    turned_down: list[tuple[Visit, Place]] = []
    number = 0
    while len(book.visits) < visits:
        visit, place = _resident(rng, number, service_min)
        number += 1
        if book.takes(rng, visit, place):
            turned_down = turned_down if over_full else []
            continue
        turned_down.append((visit, place))
        if over_full and len(book.visits) + len(turned_down) >= visits:
            return _day(book.problem, rng, turned_down)
        if not over_full and len(turned_down) >= _PATIENCE:
            return None
    return _day(book.problem, rng, ())


@dataclass
class _Book:
    """The day as it stands, with everything promised so far."""

    standing: DayRoutes

    def __init__(self, vans: int) -> None:
        empty = DayProblem(DATE, (HALL,), ((0,),), shifts_of(vans), (), travel_source=EstimatedTravel().name)
        self.standing = DayRoutes(empty, None)

    @property
    def problem(self) -> DayProblem:
        """The promises."""
        return self.standing.problem

    @property
    def visits(self) -> Sequence[Visit]:
        """Everybody who was promised a window."""
        return self.problem.visits

    def takes(self, rng: random.Random, visit: Visit, place: Place) -> bool:
        """Promise one of the windows that the standing routes have room for, if there is any."""
        to_new, from_new = _ways(self.problem.places, place)
        inserter = Inserter(visit, place, [QuotedDay(self.standing, GRID, from_new, to_new)], RankWeights())
        fits = inserter.fits()
        for fit in rng.sample(fits, len(fits)):
            quote = inserter.quote(0, fit.window, fit)
            if quote is not None:
                self.standing = DayRoutes(quote.problem, quote.witness)
                return True
        return False


def _ways(places: Sequence[Place], new: Place) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
    """Driving to the new place from each of the others, and from it."""
    ways = [EstimatedTravel().matrix((place, new)).seconds for place in places]
    return tuple(way[0][1] for way in ways), tuple(way[1][0] for way in ways)


def _resident(rng: random.Random, number: int, service_min: Sequence[int]) -> tuple[Visit, Place]:
    """Somebody anywhere in the city; one in six needs a van that takes wheelchairs."""
    place = replace(place_in(rng, (rng.uniform(0, 2 * math.pi), 1.0), 1.0), id=f"p{number:03d}")
    needs = frozenset({"wheelchair"}) if rng.random() < 1 / 6 else frozenset[str]()
    return Visit(f"V{number:03d}", place.id, 60 * rng.choice(service_min), GRID, needs), place


def _day(standing: DayProblem, rng: random.Random, waiting: Sequence[tuple[Visit, Place]]) -> DayProblem:
    """The promises, some of them not yet confirmed, and those who wait."""
    visits = [visit if rng.random() < 2 / 3 else _proposal(rng, visit) for visit in standing.visits]
    for visit, _ in waiting:
        first = promised(visit, grid_window(rng.randrange(GRID_COUNT)))
        visits.append(_proposal(rng, first))
    places = (*standing.places, *(place for _, place in waiting))
    return replace(
        standing,
        places=places,
        travel_s=EstimatedTravel().matrix(places).seconds,
        visits=tuple(sorted(visits, key=lambda visit: visit.id)),
    )


def _proposal(rng: random.Random, visit: Visit) -> Visit:
    """The visit as an optional one, with a second window."""
    windows = {*visit.windows, grid_window(rng.randrange(GRID_COUNT))}
    return replace(visit, required=False, windows=tuple(sorted(windows)))
