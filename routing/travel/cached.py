"""Keeps the answers of a travel source behind two callables, so that any store can hold them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from routing.errors import TravelError
from routing.problem import Place
from routing.travel.source import COORDINATE_DIGITS, Around, TravelMatrix, TravelSource, parameters_sha256

Point = tuple[int, int]
"""Latitude and longitude in millionths of a degree."""
Leg = tuple[Point, Point]
LegTravel = tuple[int | None, int | None]
"""Seconds and metres of a leg; both ``None``: no way."""

_SCALE = 10**COORDINATE_DIGITS


class CachedTravel:
    """A travel source that asks its store first.

    Args:
        source: who knows what the store does not.
        lookup: ``(source name, parameters hash, legs)`` -> the legs it knows, with their travel. Called once a matrix.
        store: ``(source name, parameters hash, legs with travel)`` keeps new ones; called only when there are any.

    Coordinates are rounded before the source is asked, so a number never depends on who asked first.
    """

    def __init__(
        self,
        source: TravelSource,
        lookup: Callable[[str, str, Iterable[Leg]], Mapping[Leg, LegTravel]],
        store: Callable[[str, str, Mapping[Leg, LegTravel]], None],
    ) -> None:
        self._source = source
        self._lookup = lookup
        self._store = store

    @property
    def name(self) -> str:
        """The name of the source behind the cache."""
        return self._source.name

    @property
    def parameters(self) -> Mapping[str, object]:
        """The parameters of the source behind the cache."""
        return self._source.parameters

    @property
    def is_estimate(self) -> bool:
        """Whether the source behind the cache estimates."""
        return self._source.is_estimate

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Travel between all of ``places``; the source is asked only about legs the store lacks.

        Raises:
            TravelError: when the source cannot answer, or answers about another number of places.
        """
        points = [_point(place) for place in places]
        legs = {(a, b) for a in points for b in points if a != b}
        key = parameters_sha256(self._source)
        known = dict(self._lookup(self.name, key, sorted(legs)))
        missing = legs - known.keys()
        if missing:
            fresh = self._ask(missing)
            self._store(self.name, key, {leg: fresh[leg] for leg in sorted(missing)})
            known.update((leg, fresh[leg]) for leg in missing)
        table = [[known[a, b] if a != b else (0, 0) for b in points] for a in points]
        return TravelMatrix(
            tuple(tuple(travel[0] for travel in row) for row in table),
            tuple(tuple(travel[1] for travel in row) for row in table),
        )

    def around(self, place: Place, others: Sequence[Place]) -> Around:
        """Travel from and to one place, asked of the source: what is looked at once is not worth a row in a store."""
        return self._source.around(_rounded(place), [_rounded(other) for other in others])

    def _ask(self, missing: Collection[Leg]) -> dict[Leg, LegTravel]:
        """Travel of the legs the store lacks: around each new point, so that one more visit costs one question."""
        lacking: dict[Point, set[Point]] = {}
        for start, end in missing:
            lacking.setdefault(start, set()).add(end)
            lacking.setdefault(end, set()).add(start)
        found: dict[Leg, LegTravel] = {}
        while lacking:
            # The point that lacks most is the one that is new.
            new = max(lacking, key=lambda point: (len(lacking[point]), point))
            others = sorted(lacking.pop(new))
            around = self._around(new, others)
            there = zip(around.there_s, around.there_m, strict=True)
            back = zip(around.back_s, around.back_m, strict=True)
            for other, out, home in zip(others, there, back, strict=True):
                found[new, other], found[other, new] = out, home
                lacking[other].discard(new)
                if not lacking[other]:
                    del lacking[other]
        return found

    def _around(self, point: Point, others: Sequence[Point]) -> Around:
        around = self._source.around(_place(point), [_place(other) for other in others])
        for answers in (around.there_s, around.back_s, around.there_m, around.back_m):
            if len(answers) != len(others):
                raise TravelError(
                    "TRAVEL_MATRIX_SIZE",
                    f"{self.name} answered {len(answers)} ways for {len(others)} places",
                    expected=len(others),
                )
        return around


def _place(point: Point) -> Place:
    return Place(f"{point[0]},{point[1]}", point[0] / _SCALE, point[1] / _SCALE)


def _rounded(place: Place) -> Place:
    lat, lon = _point(place)
    return Place(place.id, lat / _SCALE, lon / _SCALE)


def _point(place: Place) -> Point:
    return round(place.lat * _SCALE), round(place.lon * _SCALE)
