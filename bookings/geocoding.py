"""Geocodes without a network: geopy's interface over the gazetteer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from geopy.adapters import BaseSyncAdapter
from geopy.exc import ConfigurationError, GeocoderQueryError, GeocoderUnavailable
from geopy.geocoders.base import DEFAULT_SENTINEL, Geocoder
from geopy.location import Location
from geopy.point import Point

from bookings.address_match import choose, match_address
from bookings.gazetteer import Gazetteer
from bookings.located import AddressMatch, Boundary, Candidate, Level, Located, MatchedTown, Reason, pin
from bookings.towns import Town

__all__ = [
    "AddressMatch",
    "Boundary",
    "Candidate",
    "GazetteerGeocoder",
    "Level",
    "Located",
    "MatchedTown",
    "Reason",
    "choose",
    "match_address",
    "pin",
]


class _NoNetwork(BaseSyncAdapter):  # type: ignore[misc]
    """What geopy would ask the network with; here every request is refused."""

    def __init__(self, *, proxies: object, ssl_context: object) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)

    def get_json(self, url: str, *, timeout: object, headers: object) -> Any:
        raise GeocoderUnavailable("the gazetteer asks no network")

    def get_text(self, url: str, *, timeout: object, headers: object) -> Any:
        raise GeocoderUnavailable("the gazetteer asks no network")


class GazetteerGeocoder(Geocoder):  # type: ignore[misc]
    """A geopy geocoder over a :class:`~bookings.gazetteer.Gazetteer`; asks no network and ignores timeouts.

    Every :class:`geopy.location.Location` carries in ``raw`` the keys ``town``, ``rest``, ``level``, ``source`` and
    ``text`` (what it rests on).

    Raises:
        geopy.exc.ConfigurationError: when the gazetteer has no town of its home city.
    """

    def __init__(
        self, gazetteer: Gazetteer, *, boundary: Boundary | None = None, pins: Mapping[str, Located] | None = None
    ) -> None:
        if not gazetteer.home_towns:
            raise ConfigurationError("the gazetteer has no town of the home city")
        super().__init__(scheme="https", user_agent="outreach", adapter_factory=_NoNetwork)
        self.gazetteer = gazetteer
        self.boundary = boundary
        self.pins = {} if pins is None else pins

    def geocode(
        self, query: str, *, exactly_one: bool = True, timeout: object = DEFAULT_SENTINEL
    ) -> Location | list[Location] | None:
        """The place of an address; None when there is no certain one, whatever the candidates.

        Raises:
            geopy.exc.GeocoderQueryError: for an empty query or one that is no text.
        """
        if not isinstance(query, str) or not query.strip():
            raise GeocoderQueryError("an address is a text that is not empty")
        match = match_address(query, self.gazetteer, boundary=self.boundary, pins=self.pins)
        found = match.result
        if found is None:
            return None
        prefecture, city = self.gazetteer.home
        raw = {
            "town": found.town,
            "rest": found.rest,
            "level": str(found.level),
            "source": found.source,
            "text": match.normalised,
        }
        location = Location(f"{prefecture}{city}{found.town}{found.rest}", (found.lat, found.lon, 0.0), raw)
        return location if exactly_one else [location]

    def reverse(
        self, query: Point | str | tuple[float, float], *, exactly_one: bool = True, timeout: object = DEFAULT_SENTINEL
    ) -> Location | list[Location] | None:
        """The town whose point is nearest, of any city of the gazetteer; five of them unless ``exactly_one``.

        ``raw["distance_m"]`` is the straight distance. Inside a boundary only: a point outside gives None.

        Raises:
            geopy.exc.GeocoderQueryError: for what is no point.
        """
        try:
            here = query if isinstance(query, Point) else Point(query)
        except (TypeError, ValueError) as error:
            raise GeocoderQueryError("not a point") from error
        if not (math.isfinite(here.latitude) and math.isfinite(here.longitude)):
            raise GeocoderQueryError("not a point")
        if self.boundary is not None and not self.boundary.contains(here.latitude, here.longitude):
            return None
        found = [
            self._of_town(town, distance_m)
            for distance_m, town in self.gazetteer.nearest(here.latitude, here.longitude, 1 if exactly_one else 5)
        ]
        return found[0] if exactly_one else found

    def _of_town(self, town: Town, distance_m: float) -> Location:
        level = Level.BLOCK if town.koaza else Level.TOWN
        raw = {
            "town": town.town,
            "rest": town.koaza,
            "level": str(level),
            "source": self.gazetteer.source,
            "text": "",
            "distance_m": round(distance_m),
        }
        return Location(f"{town.prefecture}{town.city}{town.town}{town.koaza}", (town.lat, town.lon, 0.0), raw)
