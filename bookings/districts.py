"""The city's outline and its districts with their counts: read from a file, and asked where a place lies."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from bookings.csvfiles import MAX_FINDINGS, RowsRefused, decode, read_table
from bookings.errors import FileRefused
from bookings.findings import Finding, Severity
from bookings.place_names import fold, town_key
from bookings.privacy import require_clean_within
from bookings.towns import in_japan

# Borders digitised apart never meet exactly: this share of the smaller area may overlap or lie outside.
TOLERATED_SHARE = 0.01

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "district": ("district", "name", "地区", "地区名"),
    "name_en": ("district_en", "name_en", "地区名英語"),
    "town": ("town", "towns", "町名", "町丁目名", "大字町丁目名"),
    "population": ("population", "人口"),
    "aged_65": ("aged_65", "65歳以上", "65歳以上人口"),
}
_BETWEEN_TOWNS = re.compile(r"[、,;；/|]")
# Which columns of the State's N03 file name the prefecture, the county or designated city, and the municipality.
_N03_PREFECTURE, _N03_COUNTY, _N03_CITY = "N03_001", "N03_003", "N03_004"


@dataclass(frozen=True, slots=True)
class District:
    """A part of the city for statistics: residents, those aged 65 or more, and its area or its towns (or both).

    ``population`` and ``aged_65`` are None where the file does not say. ``polygon`` is in WGS 84, x = longitude.
    """

    name: str
    name_en: str = ""
    population: int | None = None
    aged_65: int | None = None
    polygon: Polygon | MultiPolygon | None = None
    towns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a district has a name")
        for count in (self.population, self.aged_65):
            if count is not None and count < 0:
                raise ValueError(f"a district has no {count} people")
        if self.population is not None and self.aged_65 is not None and self.aged_65 > self.population:
            raise ValueError(f"{self.aged_65} aged 65 or more of {self.population} people")
        if self.polygon is None and not self.towns:
            raise ValueError("a district has an area or towns")


@dataclass(frozen=True, slots=True)
class Districts:
    """The outline of the city (None: not known) and its districts; ``findings`` are the warnings of reading them."""

    boundary: Polygon | MultiPolygon | None = None
    districts: tuple[District, ...] = ()
    findings: tuple[Finding, ...] = ()
    _of_town: Mapping[str, District] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        of_town = {town_key(town): district for district in self.districts for town in district.towns}
        object.__setattr__(self, "_of_town", of_town)

    def contains(self, lat: float, lon: float) -> bool:
        """Whether the point is in the city, its border included; True as long as no boundary is known."""
        return self.boundary is None or bool(shapely.intersects_xy(self.boundary, lon, lat))

    def district_of(self, lat: float | None, lon: float | None, town: str = "") -> District | None:
        """The district of a place: by its town where a list names it, else by its point; None where neither tells.

        On a border shared by two districts the first of the file is taken, so that each place counts once.
        """
        if town and (listed := self._of_town.get(town_key(town))):
            return listed
        if lat is None or lon is None:
            return None
        for district in self.districts:
            if district.polygon is not None and shapely.intersects_xy(district.polygon, lon, lat):
                return district
        return None


def read_districts(data: bytes, name: str, *, city: tuple[str, str] | None = None) -> Districts:
    """Read the city's boundary, its districts or both from one file, all or nothing.

    GeoJSON: features with ``kind`` "boundary" or "district"; a district has ``name`` and may have ``name_en``,
    ``population``, ``aged_65`` and ``towns`` (a list, or names parted by 、). Features without ``kind`` are parts of
    the boundary, as in the State's N03 file; of an N03 file with several municipalities those of ``city`` (prefecture
    and city) are taken.

    CSV: columns ``district``, ``town`` and, optionally, ``district_en``, ``population``, ``aged_65`` (Japanese headers
    too); a row per district with its towns parted by 、, or a row per town. The counts are those of the *district*, on
    one of its rows or the same on all.

    Returns:
        the districts, with warnings (``DISTRICT_POPULATION_MISSING``, ``DISTRICT_AGED_65_MISSING``,
        ``DISTRICT_OUTSIDE_BOUNDARY``) in ``findings``.

    Raises:
        FileRefused: ``FILE_EMPTY``, ``FILE_ENCODING``, ``CSV_BROKEN``, ``DISTRICTS_FORMAT`` (values: ``missing``),
            ``DISTRICTS_JSON``, ``BOUNDARY_MANY_CITIES``, ``BOUNDARY_OTHER_CITY``.
        RowsRefused: ``DISTRICTS_ROWS`` with findings whose ``row`` is the CSV row, or the feature counted from 1:
            ``DISTRICT_NAME_MISSING``, ``DISTRICT_DUPLICATE``, ``DISTRICT_KIND_UNKNOWN``, ``DISTRICT_GEOMETRY_MISSING``,
            ``DISTRICT_GEOMETRY_INVALID``, ``DISTRICT_COORDINATES``, ``DISTRICT_COUNT``, ``DISTRICT_COUNTS_DIFFER``,
            ``DISTRICT_AGED_65_ABOVE_POPULATION``, ``DISTRICT_OVERLAP``, ``DISTRICT_TOWN_TWICE``,
            ``DISTRICT_TOWNS_MISSING``; a CSV file with a cell that must never be kept is named by its row.
        PrivacyError: when a GeoJSON file holds what must never be kept, in any key or value.
    """
    text = decode(data, name=name)
    if text.lstrip().startswith(("{", "[")):
        return _from_geojson(text, name, city)
    return _from_csv(data, name)


def merge_districts(known: Districts, imported: Districts) -> Districts:
    """What stands after a second import: a boundary replaces the boundary, districts replace all districts."""
    return Districts(
        imported.boundary if imported.boundary is not None else known.boundary,
        imported.districts or known.districts,
        imported.findings,
    )


# -- GeoJSON -----------------------------------------------------------------------------------------------------------


def _from_geojson(text: str, name: str, city: tuple[str, str] | None) -> Districts:
    features = _features(text, name)
    properties = [feature.get("properties") or {} for feature in features]
    if any(_N03_CITY in known for known in properties):
        features, properties = _of_city(features, properties, name, city)

    findings: list[Finding] = []
    outline: list[BaseGeometry] = []
    districts: list[tuple[int, District]] = []
    for number, (feature, known) in enumerate(zip(features, properties, strict=True), start=1):
        before = len(findings)
        if before >= MAX_FINDINGS:
            break
        kind = known.get("kind", "boundary")
        if kind not in ("boundary", "district"):
            findings.append(_error("kind", "DISTRICT_KIND_UNKNOWN", number, value=str(kind)[:40]))
            continue
        area = _area(feature.get("geometry"), number, findings)
        if kind == "boundary":
            if area is not None:
                outline.append(area)
            continue
        district_name = _text(known.get("name"))
        if not district_name:
            findings.append(_error("name", "DISTRICT_NAME_MISSING", number))
        population = _count(known.get("population"), "population", number, district_name, findings)
        aged_65 = _count(known.get("aged_65"), "aged_65", number, district_name, findings)
        towns = _town_names(known.get("towns"))
        if population is not None and aged_65 is not None and aged_65 > population:
            findings.append(_error("aged_65", "DISTRICT_AGED_65_ABOVE_POPULATION", number, district=district_name))
        if len(findings) == before:
            district = District(district_name, _text(known.get("name_en")), population, aged_65, area, towns)
            districts.append((number, district))
    boundary = shapely.union_all(outline) if outline else None
    findings += _between(districts)
    return _whole(name, boundary, districts, findings)


def _features(text: str, name: str) -> list[dict[str, Any]]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileRefused("DISTRICTS_JSON", "not JSON", name=name) from error
    require_clean_within(content, "file", but=("coordinates",))
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(
        isinstance(feature, dict) and isinstance(feature.get("properties") or {}, dict) for feature in features
    ):
        raise FileRefused("DISTRICTS_JSON", "not a GeoJSON FeatureCollection", name=name)
    if not features:
        raise FileRefused("FILE_EMPTY", "no feature", name=name)
    return features


def _of_city(
    features: list[dict[str, Any]], properties: list[dict[str, Any]], name: str, city: tuple[str, str] | None
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Of the State's file (a whole prefecture, or one city) the features of the city."""

    def written(known: Mapping[str, Any]) -> tuple[str, str]:
        return _text(known.get(_N03_PREFECTURE)), _text(known.get(_N03_COUNTY)) + _text(known.get(_N03_CITY))

    cities = sorted({written(known) for known in properties})
    if city is None:
        if len(cities) > 1:
            raise FileRefused("BOUNDARY_MANY_CITIES", f"{len(cities)} cities", name=name, count=len(cities))
        return features, properties
    wanted = [
        (feature, known)
        for feature, known in zip(features, properties, strict=True)
        if written(known) == city or (written(known)[0], _text(known.get(_N03_CITY))) == city
    ]
    if not wanted:
        raise FileRefused("BOUNDARY_OTHER_CITY", "no such city in the file", name=name, city="".join(city))
    return [feature for feature, _ in wanted], [known for _, known in wanted]


def _area(geometry: object, number: int, findings: list[Finding]) -> Polygon | MultiPolygon | None:
    """A feature's polygon, or None with the finding added."""
    if not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
        findings.append(_error("geometry", "DISTRICT_GEOMETRY_MISSING", number))
        return None
    try:
        area = shape(geometry)
        corners = shapely.get_coordinates(area)
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, shapely.GEOSException):
        findings.append(_error("geometry", "DISTRICT_GEOMETRY_INVALID", number, reason="no rings"))
        return None
    if area.is_empty:
        findings.append(_error("geometry", "DISTRICT_GEOMETRY_MISSING", number))
        return None
    # Swapped latitude and longitude, or metres of a plane system, show at once.
    outside = next((corner for corner in corners if not in_japan(float(corner[1]), float(corner[0]))), None)
    if outside is not None:
        values = {"lon": float(outside[0]), "lat": float(outside[1])}
        findings.append(_error("geometry", "DISTRICT_COORDINATES", number, **values))
        return None
    if not area.is_valid:
        findings.append(_error("geometry", "DISTRICT_GEOMETRY_INVALID", number, reason=explain_validity(area)))
        return None
    return area


# -- CSV ---------------------------------------------------------------------------------------------------------------


def _from_csv(data: bytes, name: str) -> Districts:
    table = read_table(data, name=name)
    header = {cell.lower(): index for index, cell in enumerate(table.header)}
    columns = {
        column: next((header[spelling] for spelling in spellings if spelling in header), None)
        for column, spellings in _COLUMNS.items()
    }
    missing = [column for column in ("district", "town") if columns[column] is None]
    if missing:
        raise FileRefused("DISTRICTS_FORMAT", f"no column for {missing}", name=name, missing=missing)

    findings: list[Finding] = []
    gathered: dict[str, _Gathered] = {}
    for number, row in table.rows():
        cells = {
            column: row[index].strip() if index is not None and index < len(row) else ""
            for column, index in columns.items()
        }
        if not cells["district"]:
            findings.append(_error("name", "DISTRICT_NAME_MISSING", number))
            continue
        district = gathered.setdefault(cells["district"], _Gathered(number))
        district.name_en = district.name_en or cells["name_en"]
        district.towns += _town_names(cells["town"])
        for column in ("population", "aged_65"):
            count = _count(cells[column] or None, column, number, cells["district"], findings)
            if count is not None and district.counts.setdefault(column, count) != count:
                findings.append(_error(column, "DISTRICT_COUNTS_DIFFER", number, district=cells["district"]))
        if len(findings) >= MAX_FINDINGS:
            break
    districts: list[tuple[int, District]] = []
    for district_name, found in gathered.items():
        population, aged_65 = found.counts.get("population"), found.counts.get("aged_65")
        if not found.towns:
            findings.append(_error("town", "DISTRICT_TOWNS_MISSING", found.row, district=district_name))
        elif population is not None and aged_65 is not None and aged_65 > population:
            findings.append(_error("aged_65", "DISTRICT_AGED_65_ABOVE_POPULATION", found.row, district=district_name))
        else:
            districts.append(
                (found.row, District(district_name, found.name_en, population, aged_65, None, found.towns))
            )
    findings += _between(districts)
    return _whole(name, None, districts, findings)


@dataclass(slots=True)
class _Gathered:
    """A district while its rows are read."""

    row: int
    name_en: str = ""
    towns: tuple[str, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)


# -- what holds between districts --------------------------------------------------------------------------------------


def _between(districts: Sequence[tuple[int, District]]) -> list[Finding]:
    """One name twice, one town in two districts, areas that overlap."""
    findings: list[Finding] = []
    names: dict[str, int] = {}
    towns: dict[str, str] = {}
    for number, district in districts:
        if names.setdefault(fold(district.name), number) != number:
            findings.append(_error("name", "DISTRICT_DUPLICATE", number, district=district.name))
        for town in district.towns:
            if (other := towns.setdefault(town_key(town), district.name)) != district.name:
                findings.append(
                    _error("towns", "DISTRICT_TOWN_TWICE", number, town=town, district=district.name, other=other)
                )
    areas = [(number, district) for number, district in districts if district.polygon is not None]
    tree = shapely.STRtree([district.polygon for _, district in areas])
    for index, (_, district) in enumerate(areas):
        assert district.polygon is not None
        for other_index in sorted(int(found) for found in tree.query(district.polygon, predicate="intersects")):
            if other_index <= index:
                continue
            other_number, neighbour = areas[other_index]
            assert neighbour.polygon is not None
            shared = district.polygon.intersection(neighbour.polygon).area
            if shared > TOLERATED_SHARE * min(district.polygon.area, neighbour.polygon.area):
                values = {"district": neighbour.name, "other": district.name}
                findings.append(_error("geometry", "DISTRICT_OVERLAP", other_number, **values))
    return findings


def _whole(
    name: str, boundary: Any, districts: Sequence[tuple[int, District]], findings: Sequence[Finding]
) -> Districts:
    """All of the file with its warnings, or nothing of it."""
    if findings:
        raise RowsRefused("DISTRICTS_ROWS", f"{len(findings)} bad rows", findings, name=name)
    if boundary is None and not districts:
        raise FileRefused("FILE_EMPTY", "neither a boundary nor a district", name=name)
    warnings: list[Finding] = []
    for number, district in districts:
        for column, code, count in (
            ("population", "DISTRICT_POPULATION_MISSING", district.population),
            ("aged_65", "DISTRICT_AGED_65_MISSING", district.aged_65),
        ):
            if count is None:
                warnings.append(Finding(column, code, Severity.WARNING, {"district": district.name}, row=number))
        if boundary is not None and district.polygon is not None:
            outside = district.polygon.difference(boundary).area / district.polygon.area
            if outside > TOLERATED_SHARE:
                values = {"district": district.name, "percent": math.ceil(100 * outside)}
                warnings.append(Finding("geometry", "DISTRICT_OUTSIDE_BOUNDARY", Severity.WARNING, values, row=number))
    return Districts(boundary, tuple(district for _, district in districts), tuple(warnings))


# -- single values -----------------------------------------------------------------------------------------------------


def _error(column: str, code: str, number: int, **values: object) -> Finding:
    return Finding(column, code, Severity.ERROR, values, row=number)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _count(value: object, column: str, number: int, district: str, findings: list[Finding]) -> int | None:
    """A count of people, None where nothing is given (the Ministry writes - for that) or a finding was added."""
    if value is None or value in ("", "-", "－"):
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, float) and value >= 0 and value.is_integer():
        return int(value)
    if isinstance(value, str):
        digits = unicodedata.normalize("NFKC", value).replace(",", "").strip()
        if digits.isascii() and digits.isdigit() and len(digits) <= 9:
            return int(digits)
    findings.append(_error(column, "DISTRICT_COUNT", number, district=district, value=str(value)[:40]))
    return None


def _town_names(value: object) -> tuple[str, ...]:
    names: Iterable[object] = _BETWEEN_TOWNS.split(value) if isinstance(value, str) else value or ()  # type: ignore[assignment]
    if not isinstance(names, (list, tuple)):
        return ()
    return tuple(name for name in (_text(item) for item in names) if name)
