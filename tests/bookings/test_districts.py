"""The city's outline and its districts are read whole or not at all, and say where a place lies."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bookings.csvfiles import MAX_FINDINGS, RowsRefused
from bookings.districts import District, Districts, merge_districts, read_districts
from bookings.errors import FileRefused
from bookings.findings import Finding, Severity
from bookings.towns import read_towns


def square(lon: float, lat: float, size: float = 1.0) -> dict[str, Any]:
    corners = [(lon, lat), (lon + size, lat), (lon + size, lat + size), (lon, lat + size), (lon, lat)]
    return {"type": "Polygon", "coordinates": [corners]}


def feature(geometry: object, **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def geojson(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False).encode()


CITY = feature(square(138, 34, 2), kind="boundary", name="星見市")
WEST = feature(square(138, 34), kind="district", name="西地区", name_en="West", population=900, aged_65=300)
EAST = feature(square(139, 34), kind="district", name="東地区", name_en="East", population=500, aged_65=250)


def known() -> Districts:
    return read_districts(geojson(CITY, WEST, EAST), "city.geojson")


def refused(data: bytes) -> tuple[Finding, ...]:
    with pytest.raises(RowsRefused) as caught:
        read_districts(data, "districts")
    assert caught.value.code == "DISTRICTS_ROWS"
    assert caught.value.values == {"count": len(caught.value.findings), "name": "districts"}
    return caught.value.findings


def test_a_city_and_its_districts_are_read() -> None:
    districts = known()

    west, east = districts.districts
    assert (west.name, west.name_en, west.population, west.aged_65, west.towns) == ("西地区", "West", 900, 300, ())
    assert east.polygon is not None
    assert east.polygon.bounds == (139.0, 34.0, 140.0, 35.0)
    assert districts.boundary is not None
    assert districts.boundary.bounds == (138.0, 34.0, 140.0, 36.0)
    assert districts.findings == ()


@pytest.mark.parametrize(
    ("lat", "lon", "inside"),
    [(34.5, 138.5, True), (34.0, 138.0, True), (35.9, 139.9, True), (33.9, 138.5, False), (138.5, 34.5, False)],
)
def test_the_boundary_contains(lat: float, lon: float, inside: bool) -> None:
    assert known().contains(lat, lon) is inside


def test_without_a_boundary_every_place_is_taken() -> None:
    assert read_districts(geojson(WEST), "west.geojson").contains(20.0, 122.0)


@pytest.mark.parametrize(
    ("lat", "lon", "name"),
    [
        (34.5, 138.5, "西地区"),
        (34.5, 139.5, "東地区"),
        (34.5, 139.0, "西地区"),
        (35.5, 138.5, None),
        (None, None, None),
    ],
)
def test_a_place_lies_in_one_district(lat: float | None, lon: float | None, name: str | None) -> None:
    district = known().district_of(lat, lon)

    assert (district.name if district else None) == name


def test_a_town_list_goes_before_the_point() -> None:
    listed = feature(
        square(139, 34), kind="district", name="東地区", population=1, aged_65=0, towns=["風ケ丘", "若竹二丁目"]
    )
    districts = read_districts(geojson(WEST, listed), "city.geojson")

    for town in ("風ヶ丘", "若竹２丁目"):
        found = districts.district_of(34.5, 138.5, town)
        assert found is not None
        assert found.name == "東地区"
    west = districts.district_of(34.5, 138.5, "月影町")
    assert west is not None
    assert west.name == "西地区"


def test_a_second_import_replaces_what_it_brings() -> None:
    moved = read_districts(geojson(feature(square(137, 34, 3))), "boundary.geojson")
    other = read_districts("district,town\n南地区,渚町\n".encode(), "list.csv")

    both = merge_districts(merge_districts(known(), moved), other)

    assert both.boundary == moved.boundary
    assert [district.name for district in both.districts] == ["南地区"]


# -- CSV ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_list_of_towns_is_read_in(encoding: str) -> None:
    text = "地区,町名,人口,65歳以上\r\n西地区,月影町,900,300\r\n西地区,若竹町,,\r\n東地区,渚町、風ケ丘,５００,-\r\n"
    districts = read_districts(text.encode(encoding), "list.csv")

    assert districts.districts == (
        District("西地区", "", 900, 300, None, ("月影町", "若竹町")),
        District("東地区", "", 500, None, None, ("渚町", "風ケ丘")),
    )
    assert districts.findings == (
        Finding("aged_65", "DISTRICT_AGED_65_MISSING", Severity.WARNING, {"district": "東地区"}, row=4),
    )


@pytest.mark.parametrize(
    ("rows", "finding"),
    [
        (",月影町,1,1", Finding("name", "DISTRICT_NAME_MISSING", Severity.ERROR, row=2)),
        (
            "西,月影町,9.5,1",
            Finding("population", "DISTRICT_COUNT", Severity.ERROR, {"district": "西", "value": "9.5"}, row=2),
        ),
        (
            "西,月影町,9,-1",
            Finding("aged_65", "DISTRICT_COUNT", Severity.ERROR, {"district": "西", "value": "-1"}, row=2),
        ),
        (
            "西,月影町,9,1\n西,若竹町,8,1",
            Finding("population", "DISTRICT_COUNTS_DIFFER", Severity.ERROR, {"district": "西"}, row=3),
        ),
        (
            "西,月影町,9,10",
            Finding("aged_65", "DISTRICT_AGED_65_ABOVE_POPULATION", Severity.ERROR, {"district": "西"}, row=2),
        ),
        (
            "西,風ヶ丘,9,1\n東,風ケ丘,9,1",
            Finding(
                "towns",
                "DISTRICT_TOWN_TWICE",
                Severity.ERROR,
                {"town": "風ケ丘", "district": "東", "other": "西"},
                row=3,
            ),
        ),
        ("西,,9,1", Finding("town", "DISTRICT_TOWNS_MISSING", Severity.ERROR, {"district": "西"}, row=2)),
    ],
)
def test_a_bad_row_is_named(rows: str, finding: Finding) -> None:
    assert refused(f"district,town,population,aged_65\n{rows}\n".encode()) == (finding,)


# -- GeoJSON -----------------------------------------------------------------------------------------------------------

BOW = {"type": "Polygon", "coordinates": [[(138, 34), (139, 35), (139, 34), (138, 35), (138, 34)]]}


@pytest.mark.parametrize(
    ("features", "finding"),
    [
        (
            [feature(square(138, 34), kind="district", name=" ")],
            Finding("name", "DISTRICT_NAME_MISSING", Severity.ERROR, row=1),
        ),
        (
            [WEST, feature(square(139, 34), kind="district", name="西地区")],
            Finding("name", "DISTRICT_DUPLICATE", Severity.ERROR, {"district": "西地区"}, row=2),
        ),
        (
            [feature(square(138, 34), kind="ward", name="西")],
            Finding("kind", "DISTRICT_KIND_UNKNOWN", Severity.ERROR, {"value": "ward"}, row=1),
        ),
        ([feature(None, kind="boundary")], Finding("geometry", "DISTRICT_GEOMETRY_MISSING", Severity.ERROR, row=1)),
        (
            [feature({"type": "Point", "coordinates": [138, 34]}, kind="boundary")],
            Finding("geometry", "DISTRICT_GEOMETRY_MISSING", Severity.ERROR, row=1),
        ),
        (
            [feature({"type": "Polygon", "coordinates": []}, kind="boundary")],
            Finding("geometry", "DISTRICT_GEOMETRY_MISSING", Severity.ERROR, row=1),
        ),
        (
            [feature({"type": "Polygon", "coordinates": "here"}, kind="boundary")],
            Finding("geometry", "DISTRICT_GEOMETRY_INVALID", Severity.ERROR, {"reason": "no rings"}, row=1),
        ),
        (
            [feature(BOW, kind="boundary")],
            Finding(
                "geometry",
                "DISTRICT_GEOMETRY_INVALID",
                Severity.ERROR,
                {"reason": "Self-intersection[138.5 34.5]"},
                row=1,
            ),
        ),
        (
            [feature(square(34, 138), kind="boundary")],
            Finding("geometry", "DISTRICT_COORDINATES", Severity.ERROR, {"lon": 34.0, "lat": 138.0}, row=1),
        ),
        (
            [WEST, feature(square(138.5, 34), kind="district", name="中地区", population=1, aged_65=1)],
            Finding("geometry", "DISTRICT_OVERLAP", Severity.ERROR, {"district": "中地区", "other": "西地区"}, row=2),
        ),
        (
            [feature(square(138, 34), kind="district", name="西", population=True)],
            Finding("population", "DISTRICT_COUNT", Severity.ERROR, {"district": "西", "value": "True"}, row=1),
        ),
        (
            [feature(square(138, 34), kind="district", name="西", population=1, aged_65=2)],
            Finding("aged_65", "DISTRICT_AGED_65_ABOVE_POPULATION", Severity.ERROR, {"district": "西"}, row=1),
        ),
    ],
)
def test_a_bad_feature_is_named(features: list[object], finding: Finding) -> None:
    assert refused(geojson(*features)) == (finding,)


def test_borders_that_overlap_by_a_hair_are_let_pass() -> None:
    near = feature(square(138.995, 34), kind="district", name="東地区", population=1, aged_65=1)

    assert len(read_districts(geojson(WEST, near), "city.geojson").districts) == 2


def test_missing_counts_and_a_district_outside_warn() -> None:
    far = feature(square(139.5, 34), kind="district", name="遠い地区", population=5.0)

    assert read_districts(geojson(CITY, far), "city.geojson").findings == (
        Finding("aged_65", "DISTRICT_AGED_65_MISSING", Severity.WARNING, {"district": "遠い地区"}, row=2),
        Finding(
            "geometry", "DISTRICT_OUTSIDE_BOUNDARY", Severity.WARNING, {"district": "遠い地区", "percent": 50}, row=2
        ),
    )


def test_a_file_of_nothing_but_mistakes_names_the_first_of_them() -> None:
    assert len(refused(geojson(*[feature(None)] * 1000))) == MAX_FINDINGS


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b"{", "DISTRICTS_JSON"),
        (b"[]", "DISTRICTS_JSON"),
        (b'{"features": [1]}', "DISTRICTS_JSON"),
        (b'{"features": [{"properties": 5}]}', "DISTRICTS_JSON"),
        (b'{"features": []}', "FILE_EMPTY"),
        (b'{"features": ' + b"[" * 100_000, "DISTRICTS_JSON"),
        ("地区,人口\n西,5\n".encode(), "DISTRICTS_FORMAT"),
        (b"district,town\n", "FILE_EMPTY"),
        (b"\xff\xfe\x00", "FILE_ENCODING"),
    ],
)
def test_a_file_that_is_neither_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as caught:
        read_districts(data, "districts")

    assert caught.value.code == code


# -- the State's file --------------------------------------------------------------------------------------------------


def n03(lon: float, prefecture: str, county: str | None, city: str) -> dict[str, Any]:
    return feature(square(lon, 34), N03_001=prefecture, N03_003=county, N03_004=city, N03_007="22999")


STATE = geojson(
    n03(138, "静岡県", None, "星見市"), n03(139, "静岡県", None, "星見市"), n03(140, "静岡県", "東雲郡", "霧里町")
)


@pytest.mark.parametrize(
    ("city", "bounds"),
    [("星見市", (138, 34, 140, 35)), ("東雲郡霧里町", (140, 34, 141, 35)), ("霧里町", (140, 34, 141, 35))],
)
def test_of_the_states_file_the_parts_of_the_city_are_taken(city: str, bounds: tuple[int, ...]) -> None:
    boundary = read_districts(STATE, "N03-22.geojson", city=("静岡県", city)).boundary

    assert boundary is not None
    assert boundary.bounds == bounds


def test_of_the_states_file_the_city_must_be_named() -> None:
    with pytest.raises(FileRefused) as caught:
        read_districts(STATE, "N03-22.geojson")

    assert (caught.value.code, caught.value.values["count"]) == ("BOUNDARY_MANY_CITIES", 2)


def test_a_city_that_is_not_in_the_states_file_is_refused() -> None:
    with pytest.raises(FileRefused) as caught:
        read_districts(STATE, "N03-22.geojson", city=("宮崎県", "都城市"))

    assert (caught.value.code, caught.value.values["city"]) == ("BOUNDARY_OTHER_CITY", "宮崎県都城市")


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"population": -1}, {"aged_65": 901}, {"polygon": None}],
)
def test_a_district_that_cannot_be_is_not_made(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"district|people"):
        replace(known().districts[0], **change)


def test_the_real_boundary_holds_the_city_hall_and_every_town(shared_data: Path) -> None:
    name = "boundary_miyakonojo_45202.geojson"
    city = read_districts((shared_data / name).read_bytes(), name)

    assert city.contains(31.719519, 131.061497)
    assert not city.contains(31.7306, 131.1250)  # the town hall of 三股町
    assert not city.contains(31.911, 131.424)  # 宮崎市
    towns = read_towns((shared_data / "gazetteer_miyakonojo.csv").read_bytes(), name="gazetteer_miyakonojo.csv")
    assert [town.town for town in towns if not city.contains(town.lat, town.lon)] == []
