"""The city on the map: towns, districts and boundary imported, looked up, and addresses matched against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry import mapping, shape
from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, select

from bookings.address_match import match_address
from bookings.districts import District, Districts, merge_districts, read_districts
from bookings.findings import Finding
from bookings.gazetteer import Gazetteer, Town, merge_towns, read_towns
from bookings.located import AddressMatch, Level, Located
from bookings.models import BoundaryRow, DistrictRow, PinRow, TownRow
from bookings.privacy import require_clean
from outreach.services._memory import Memory
from outreach.services.office import Office
from outreach.storage.engine import reading, writing

_ROWS_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class GazetteerImport:
    """What an import of towns came to: rows in the file, towns known now, towns of the home city among them."""

    rows: int
    towns: int
    home_towns: int


@dataclass(frozen=True, slots=True)
class DistrictImport:
    """What an import of districts came to, with its warnings."""

    districts: int
    boundary: bool
    findings: tuple[Finding, ...]


def import_gazetteer(office: Office, data: bytes, *, name: str) -> GazetteerImport:
    """Take a file of towns, all or nothing; a second import updates what it names.

    Raises:
        FileRefused, RowsRefused: see :func:`bookings.gazetteer.read_towns`.
        PrivacyError: when the file's name holds a My Number.
    """
    require_clean(name, "file_name")
    imported = read_towns(data, name=name)
    with writing(office.engine) as session:
        towns = merge_towns(_towns(session), imported)
        # Ids go on from the last ones, so that every process sees by the newest that its index is out of date.
        newest = session.exec(select(func.max(TownRow.id))).one() or 0
        session.connection().execute(delete(TownRow))
        rows = [{"id": newest + number, **_town_columns(town)} for number, town in enumerate(towns, start=1)]
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            session.connection().execute(insert(TownRow), rows[first : first + _ROWS_AT_ONCE])
    home = _home(office)
    return GazetteerImport(len(imported), len(towns), sum((t.prefecture, t.city) == home for t in towns))


def import_districts(office: Office, data: bytes, *, name: str) -> DistrictImport:
    """Take a file of districts, of the city's boundary, or of both, all or nothing.

    Raises:
        FileRefused, RowsRefused: see :func:`bookings.districts.read_districts`.
        PrivacyError: when the file's name holds a My Number.
    """
    require_clean(name, "file_name")
    imported = read_districts(data, name, city=_home(office))
    with writing(office.engine) as session:
        merged = merge_districts(districts_in(session), imported)
        session.connection().execute(delete(DistrictRow))
        session.connection().execute(delete(BoundaryRow))
        for district in merged.districts:
            session.add(
                DistrictRow(
                    name=district.name,
                    name_en=district.name_en,
                    population=district.population,
                    aged_65=district.aged_65,
                    geometry={} if district.polygon is None else dict(mapping(district.polygon)),
                    towns=list(district.towns),
                )
            )
        if merged.boundary is not None:
            geometry = dict(mapping(merged.boundary))
            session.add(
                BoundaryRow(id=1, name=office.rules.city.name, geometry=geometry, imported_on=office.clock.today())
            )
    return DistrictImport(len(merged.districts), merged.boundary is not None, imported.findings)


def list_towns(office: Office) -> tuple[Town, ...]:
    """The home city's towns in the order of the gazetteer."""
    return gazetteer_of(office).home_towns


def list_districts(office: Office) -> Districts:
    """The districts with the city's boundary."""
    with reading(office.engine) as session:
        return districts_in(session)


def match(office: Office, text: str) -> AddressMatch:
    """Match an address as typed.

    Raises:
        PrivacyError: when the text holds a My Number.
    """
    require_clean(text, "address")
    with reading(office.engine) as session:
        towns, districts, pins = gazetteer_in(session, office), districts_in(session), read_pins(session)
    return match_address(text, towns, boundary=districts, pins=pins)


def read_pins(session: Session) -> dict[str, Located]:
    """The points set by persons, by household key."""
    return {
        row.household_key: Located(row.lat, row.lon, Level.PINNED, f"pin:{row.set_by}")
        for row in session.exec(select(PinRow)).all()
    }


def set_pin(session: Session, office: Office, household_key: str, lat: float, lon: float) -> None:
    """Keep a point for a household; a second one replaces the first."""
    session.merge(PinRow(household_key=household_key, lat=lat, lon=lon, set_by=office.who, set_at=office.now()))


def gazetteer_of(office: Office) -> Gazetteer:
    """The index over all towns; built once while the towns stay as they are."""
    with reading(office.engine) as session:
        return gazetteer_in(session, office)


def gazetteer_in(session: Session, office: Office) -> Gazetteer:
    """The same, for a caller who reads more at the same moment."""
    count, newest = session.exec(select(func.count(), func.max(TownRow.id)).select_from(TownRow)).one()
    home, former_counties = _home(office), office.rules.city.former_counties
    key = (office.engine, home, former_counties, count, newest)
    known = _INDEXES.get(key)
    if known is not None:
        return known
    # By this very session: a second one beside it could wait for a writer who waits for the first to end.
    return _INDEXES.keep(key, Gazetteer(_towns(session), home, former_counties=former_counties))


_INDEXES: Memory[Gazetteer] = Memory(most=4)


def _home(office: Office) -> tuple[str, str]:
    return office.rules.city.prefecture, office.rules.city.name


def _towns(session: Session) -> list[Town]:
    return [
        Town(
            prefecture=row.prefecture,
            city=row.city,
            town=row.town,
            kana=row.kana,
            romaji=row.romaji,
            lat=row.lat,
            lon=row.lon,
            postal_code=row.postal_code,
            former=row.former,
            koaza=row.koaza,
        )
        for row in session.exec(select(TownRow).order_by(col(TownRow.id))).all()
    ]


def _town_columns(town: Town) -> dict[str, Any]:
    names = ("prefecture", "city", "town", "kana", "romaji", "lat", "lon", "postal_code", "former", "koaza")
    return {name: getattr(town, name) for name in names}


def districts_in(session: Session) -> Districts:
    """The districts with the city's boundary, as they are stored."""
    boundary = session.get(BoundaryRow, 1)
    rows = session.exec(select(DistrictRow).order_by(col(DistrictRow.id))).all()
    return Districts(
        boundary=None if boundary is None else _polygon(boundary.geometry),
        districts=tuple(
            District(
                name=row.name,
                name_en=row.name_en,
                population=row.population,
                aged_65=row.aged_65,
                polygon=_polygon(row.geometry) if row.geometry else None,
                towns=tuple(row.towns),
            )
            for row in rows
        ),
    )


def _polygon(geometry: Mapping[str, Any]) -> Any:
    return shapely.normalize(shape(geometry))
