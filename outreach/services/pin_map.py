"""The small map on which a clerk pins a house by hand: the city's towns and districts, and nobody's name."""

from __future__ import annotations

from sqlmodel import col, select

from maps.views import MapDepot, PinMap
from outreach.services._artefacts import district_name, rings_of
from outreach.services._bookings import require_booking
from outreach.services.gazetteer import districts_in, gazetteer_of
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.tables import Depot
from outreach.words import Words


def pin_map(office: Office, reference: str = "", *, language: str) -> str:
    """The map as one stand-alone page for a frame; with a booking, the pin where it lies.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
    """
    from maps.pin_map import draw_pin_map  # here, because it brings Folium and pandas

    with reading(office.engine) as session:
        districts = districts_in(session)
        depots = session.exec(select(Depot).order_by(col(Depot.id))).all()
        booking = require_booking(session, reference) if reference else None
    at = None if booking is None or booking.lat is None or booking.lon is None else (booking.lat, booking.lon)
    view = PinMap(
        towns=tuple(
            (town.romaji.title() if language == "en" and town.romaji else town.town, (town.lat, town.lon))
            for town in {town.town: town for town in gazetteer_of(office).home_towns}.values()
        ),
        depots=tuple(
            MapDepot(depot.name_en if language == "en" and depot.name_en else depot.name, (depot.lat, depot.lon))
            for depot in depots
        ),
        boundary=rings_of(districts.boundary),
        districts=tuple(
            (district_name(district, language), rings_of(district.polygon))
            for district in districts.districts
            if district.polygon is not None
        ),
        pin=at,
    )
    return draw_pin_map(view, Words(language).say)
