"""Where a site session stands: the point, town and district of a hall, from its address or set by a person."""

from __future__ import annotations

from dataclasses import dataclass

from bookings.findings import Finding, Severity
from bookings.located import Level
from outreach.errors import BadInput
from outreach.services.gazetteer import list_districts, match
from outreach.services.office import Office

_SURE_ENOUGH = (Level.ADDRESS, Level.BLOCK, Level.PINNED)


@dataclass(frozen=True, slots=True)
class Hall:
    """A hall on the map; ``town`` and ``address`` are empty where only its point is known."""

    lat: float
    lon: float
    address: str
    town: str
    district: str | None


def hall_at(office: Office, address: str, point: tuple[float, float] | None) -> Hall:
    """The hall of an address, at the point set by a person where there is one.

    Raises:
        BadInput: ``SESSION_PLACE_MISSING`` with neither; ``SESSION_PLACE_UNSURE`` with the findings where the address
            leads nowhere, or no nearer than a town and no point was set, or the point lies outside the city.
        PrivacyError: when the address holds what must never be kept.
    """
    address = address.strip()
    if not address and point is None:
        raise BadInput("SESSION_PLACE_MISSING")
    town, found = "", point
    if address:
        matched = match(office, address)
        result = matched.result
        if result is None and point is None:
            raise BadInput("SESSION_PLACE_UNSURE", findings=matched.findings)
        if result is not None:
            town = result.town
            if found is None and result.level not in _SURE_ENOUGH:
                raise BadInput("SESSION_PLACE_UNSURE", findings=matched.findings)
            found = found or (result.lat, result.lon)
    assert found is not None
    districts = list_districts(office)
    if point is not None and districts.boundary is not None and not districts.contains(*point):
        outside = Finding("at", "OUTSIDE_BOUNDARY", Severity.ERROR, {"lat": point[0], "lon": point[1]})
        raise BadInput("SESSION_PLACE_UNSURE", findings=[outside])
    district = districts.district_of(*found, town)
    return Hall(*found, address=address, town=town, district=None if district is None else district.name)
