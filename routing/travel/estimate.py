"""Estimates driving without a road map: distance over the ellipsoid x a detour factor, at a speed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from routing.errors import TravelError
from routing.problem import Place
from routing.travel.source import COORDINATE_DIGITS, Around, TravelMatrix

DEFAULT_DETOUR = 1.35
DEFAULT_SPEED_KMH = 33.0

Point = tuple[float, float]

_NOISE_S = 1e-6
"""Rounding up must not turn 60.0000000001 s into 61 s."""


@dataclass(frozen=True, slots=True)
class SpeedBand:
    """The way up to ``up_to_m`` metres (from where the band before ends) is driven at ``speed_kmh``."""

    up_to_m: int
    speed_kmh: float

    def __post_init__(self) -> None:
        _require("up_to_m", self.up_to_m, 1, 1_000_000)
        _require("speed_kmh", self.speed_kmh, 1, 200)


@dataclass(frozen=True, slots=True)
class EstimatedTravel:
    """Geodesic distance (WGS 84, by geopy) x ``detour``, driven at ``speed_kmh``; symmetric; always marked an estimate.

    Off by a factor of 0.85 to 2.1 in mountains. With ``bands`` the first metres of a way are driven at the first
    band's speed, the next at the second's, and what lies beyond the last at ``speed_kmh``: a longer way never takes
    less time.

    Raises:
        TravelError: ``BAD_TRAVEL_PARAMETER`` for a detour below 1 or above 5, a speed outside 1..200 km/h, or bands out
            of order.
    """

    detour: float = DEFAULT_DETOUR
    speed_kmh: float = DEFAULT_SPEED_KMH
    bands: tuple[SpeedBand, ...] = ()

    def __post_init__(self) -> None:
        _require("detour", self.detour, 1, 5)
        _require("speed_kmh", self.speed_kmh, 1, 200)
        ends = [band.up_to_m for band in self.bands]
        if ends != sorted(set(ends)):
            raise TravelError(
                "BAD_TRAVEL_PARAMETER", f"speed bands {ends} are not in rising order", parameter="bands", value=ends
            )

    @property
    def name(self) -> str:
        """The name kept with every plan."""
        return "estimate"

    @property
    def parameters(self) -> Mapping[str, object]:
        """Detour, speed and bands."""
        return {
            "detour": float(self.detour),
            "speed_kmh": float(self.speed_kmh),
            "bands": [[band.up_to_m, float(band.speed_kmh)] for band in self.bands],
        }

    @property
    def is_estimate(self) -> bool:
        """Always: no road was looked at."""
        return True

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Travel between all of ``places``; 0 between equal coordinates."""
        points = [_point(place) for place in places]
        size = len(points)
        metres = [[0] * size for _ in range(size)]
        seconds = [[0] * size for _ in range(size)]
        for i in range(size):
            for j in range(i + 1, size):
                way_s, way_m = self._way(points[i], points[j])
                metres[i][j] = metres[j][i] = round(way_m)
                seconds[i][j] = seconds[j][i] = way_s
        return TravelMatrix(tuple(map(tuple, seconds)), tuple(map(tuple, metres)))

    def around(self, place: Place, others: Sequence[Place]) -> Around:
        """Travel from ``place`` to each of ``others``; the way back takes as long."""
        from pyproj import Geod  # here, because it loads a library of projections

        if not others:
            return Around((), (), (), ())
        lat, lon = _point(place)
        points = [_point(other) for other in others]
        here = ([lon] * len(points), [lat] * len(points))
        # The same geodesics as geopy's, to a few nanometres (both are Karney's), for hundreds of places at once.
        _, _, metres = Geod(ellps="WGS84").inv(*here, [point[1] for point in points], [point[0] for point in points])
        ways_m = [
            0.0 if point == (lat, lon) else way_m * self.detour for point, way_m in zip(points, metres, strict=True)
        ]
        seconds = tuple(self._seconds_up(way_m) if way_m else 0 for way_m in ways_m)
        rounded = tuple(round(way_m) for way_m in ways_m)
        return Around(seconds, seconds, rounded, rounded)

    def _way(self, one: Point, other: Point) -> tuple[int, float]:
        """Seconds, rounded up, and metres of a way."""
        from geopy.distance import geodesic  # here, because it loads all of geopy's geocoders

        if one == other:
            return 0, 0.0
        # Asked in a fixed direction: the same two places give the same number in every list.
        way_m = float(geodesic(*sorted((one, other))).meters) * self.detour
        return self._seconds_up(way_m), way_m

    def _seconds_up(self, way_m: float) -> int:
        return math.ceil(self._seconds(way_m) - _NOISE_S)

    def _seconds(self, way_m: float) -> float:
        seconds, done_m = 0.0, 0.0
        for band in self.bands:
            part_m = min(way_m, band.up_to_m) - done_m
            if part_m <= 0:
                break
            seconds += part_m / (band.speed_kmh / 3.6)
            done_m += part_m
        return seconds + (way_m - done_m) / (self.speed_kmh / 3.6)


def _point(place: Place) -> Point:
    return round(place.lat, COORDINATE_DIGITS), round(place.lon, COORDINATE_DIGITS)


def _require(parameter: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:  # also refuses NaN
        raise TravelError(
            "BAD_TRAVEL_PARAMETER",
            f"{parameter} {value} is not in {least}..{most}",
            parameter=parameter,
            value=value,
            least=least,
            most=most,
        )
