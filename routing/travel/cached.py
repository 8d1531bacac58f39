"""Keeps the answers of a travel source behind two callables, so that any store can hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

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
        """Travel between all of ``places``; the source is asked only about places with a leg the store lacks.

        Raises:
            TravelError: when the source cannot answer, or answers with a matrix of the wrong size.
        """
        points = [_point(place) for place in places]
        legs = {(a, b) for a in points for b in points if a != b}
        key = parameters_sha256(self._source)
        known = dict(self._lookup(self.name, key, sorted(legs)))
        missing = legs - known.keys()
        if missing:
            fresh = self._ask(sorted({point for leg in missing for point in leg}))
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

    def _ask(self, points: Sequence[Point]) -> dict[Leg, LegTravel]:
        answer = self._source.matrix([Place(f"{a},{b}", a / _SCALE, b / _SCALE) for a, b in points])
        if len(answer.seconds) != len(points):
            raise TravelError(
                "TRAVEL_MATRIX_SIZE",
                f"{self.name} answered {len(answer.seconds)} rows for {len(points)} places",
                expected=len(points),
            )
        return {
            (a, b): (answer.seconds[i][j], answer.metres[i][j])
            for i, a in enumerate(points)
            for j, b in enumerate(points)
        }


def _rounded(place: Place) -> Place:
    lat, lon = _point(place)
    return Place(place.id, lat / _SCALE, lon / _SCALE)


def _point(place: Place) -> Point:
    return round(place.lat * _SCALE), round(place.lon * _SCALE)
