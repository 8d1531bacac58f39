"""Lists of towns are read whole or not at all, and searched the way a clerk types."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bookings.csvfiles import MAX_FINDINGS, RowsRefused
from bookings.errors import FileRefused
from bookings.findings import Finding, Severity
from bookings.gazetteer import Gazetteer, Town, merge_towns, read_towns
from tests.bookings import little_city

GEOLONIA = (
    '"都道府県コード","都道府県名","都道府県名カナ","都道府県名ローマ字","市区町村コード","市区町村名","市区町村名カナ",'
    '"市区町村名ローマ字","大字町丁目名","大字町丁目名カナ","大字町丁目名ローマ字","小字・通称名","緯度","経度"\n'
    '"22","静岡県","シズオカケン","SHIZUOKA KEN","22999","星見市","ホシミシ","HOSHIMI SHI",'
    '"月影町","ツキカゲチョウ","TSUKIKAGECHO","","34.700000","138.000000"\n'
    '"22","静岡県","シズオカケン","SHIZUOKA KEN","22999","星見市","ホシミシ","HOSHIMI SHI",'
    '"月影町","ツキカゲチョウ","TSUKIKAGECHO","奥","34.701000","138.001000"\n'
)
MINISTRY = (
    '"都道府県コード","都道府県名","市区町村コード","市区町村名","大字町丁目コード","大字町丁目名","緯度","経度",'
    '"原典資料コード","大字・字・丁目区分コード"\r\n'
    '"22","静岡県","22999","星見市","229990001000","月影町","34.700000","138.000000","0","1"\r\n'
    '"22","静岡県","22999","星見市","229990002001","若竹一丁目","34.701000","138.011000","0","3"\r\n'
)
PLAIN = "prefecture,city,town,kana,romaji,postal_code,lat,lon\n"


def refused(text: str) -> tuple[Finding, ...]:
    with pytest.raises(RowsRefused) as caught:
        read_towns(text.encode(), name="towns.csv")
    assert caught.value.code == "GAZETTEER_ROWS"
    assert caught.value.values == {"count": len(caught.value.findings), "name": "towns.csv"}
    return caught.value.findings


def test_a_geolonia_file_is_told_by_its_header() -> None:
    town, koaza = read_towns(GEOLONIA.encode(), name="latest.csv")

    assert town == Town("静岡県", "星見市", "月影町", "ツキカゲチョウ", "TSUKIKAGECHO", 34.7, 138.0)
    assert koaza == replace(town, koaza="奥", lat=34.701, lon=138.001)


def test_a_ministry_file_in_cp932_is_told_by_its_header() -> None:
    towns = read_towns(MINISTRY.encode("cp932"), name="45_2023.csv")

    assert towns == (
        Town("静岡県", "星見市", "月影町", "", "", 34.7, 138.0),
        Town("静岡県", "星見市", "若竹一丁目", "", "", 34.701, 138.011),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_plain_file_is_read_in(encoding: str) -> None:
    text = PLAIN + "静岡県,星見市,月影町,ツキカゲチョウ,Tsukikagecho,437-0001,34.7,138.0\r\n\r\n"

    assert read_towns(text.encode(encoding), name="towns.csv") == (
        Town("静岡県", "星見市", "月影町", "ツキカゲチョウ", "Tsukikagecho", 34.7, 138.0, "4370001"),
    )


def test_the_columns_of_a_prepared_file_are_known() -> None:
    text = (
        "lg_code,pref,city,town,koaza,former_municipality,kana_unofficial,romaji_unofficial,postal_code,lat,lon,lat_geolonia\n"
        "229,静岡県,星見市,深沢町清水,,深沢町,フカザワチョウシミズ,Fukazawachoshimizu,4371101/4371102,34.8,138.1,9\n"
        "229,静岡県,星見市,月影町,,旧星見市,,,,34.7,138.0,9\n"
    )

    merged, old = read_towns(text.encode(), name="towns.csv")

    assert (merged.former, merged.postal_code, merged.lat) == ("深沢町", "4371101/4371102", 34.8)
    assert old.former == ""


def test_a_row_written_twice_is_taken_once() -> None:
    row = "静岡県,星見市,月影町,,,,34.7,138.0\n"

    assert len(read_towns((PLAIN + row + row).encode(), name="towns.csv")) == 1


def test_an_official_file_may_name_two_places_alike() -> None:
    text = GEOLONIA + GEOLONIA.splitlines()[1].replace("34.700000", "34.750000") + "\n"

    assert [town.lat for town in read_towns(text.encode(), name="latest.csv")] == [34.7, 34.701, 34.75]


@pytest.mark.parametrize(
    ("row", "column", "code", "values"),
    [
        (",星見市,月影町,,,,34.7,138", "prefecture", "TOWN_ROW_PREFECTURE_MISSING", {}),
        ("静岡県, ,月影町,,,,34.7,138", "city", "TOWN_ROW_CITY_MISSING", {}),
        ("静岡県,星見市,,,,,34.7,138", "town", "TOWN_ROW_TOWN_MISSING", {}),
        ("静岡県,星見市,月影町,,,,,138", "lat", "TOWN_ROW_COORDINATE_MISSING", {}),
        ("静岡県,星見市,月影町,,,,34.7", "lon", "TOWN_ROW_COORDINATE_MISSING", {}),
        ("静岡県,星見市,月影町,,,,三四,138", "lat", "TOWN_ROW_COORDINATE_UNREADABLE", {"value": "三四"}),
        ("静岡県,星見市,月影町,,,,nan,138", "lat", "TOWN_ROW_COORDINATE_UNREADABLE", {"value": "nan"}),
        (
            "静岡県,星見市,月影町,,,,34.7,13.8",
            "lon",
            "TOWN_ROW_COORDINATE_OUT_OF_RANGE",
            {"value": "13.8", "lowest": 122.0, "highest": 154.5},
        ),
        (
            "静岡県,星見市,月影町,,,,inf,138",
            "lat",
            "TOWN_ROW_COORDINATE_OUT_OF_RANGE",
            {"value": "inf", "lowest": 20.0, "highest": 46.0},
        ),
        ("静岡県,星見市,月影町,,,43700,34.7,138", "postal_code", "TOWN_ROW_POSTAL_CODE", {"value": "43700"}),
    ],
)
def test_a_bad_row_is_named(row: str, column: str, code: str, values: dict[str, object]) -> None:
    good = "静岡県,星見市,若竹町,,,,34.7,138.0\n"

    assert refused(PLAIN + good + row + "\n") == (Finding(column, code, Severity.ERROR, values, row=3, column=column),)


def test_every_bad_row_is_named_at_once() -> None:
    found = refused(PLAIN + "静岡県,,,,,,0,0\n" + "静岡県,星見市,月影町,,,,138.0,34.7\n")

    assert [(finding.row, finding.code) for finding in found] == [
        (2, "TOWN_ROW_CITY_MISSING"),
        (2, "TOWN_ROW_TOWN_MISSING"),
        (2, "TOWN_ROW_COORDINATE_OUT_OF_RANGE"),
        (2, "TOWN_ROW_COORDINATE_OUT_OF_RANGE"),
        (3, "TOWN_ROW_COORDINATE_OUT_OF_RANGE"),
        (3, "TOWN_ROW_COORDINATE_OUT_OF_RANGE"),
    ]


def test_a_town_at_two_places_in_a_plain_file_is_refused() -> None:
    found = refused(PLAIN + "静岡県,星見市,月影町,,,,34.7,138.0\n静岡県,星見市,月影町,,,,34.8,138.0\n")

    assert found == (Finding("town", "TOWN_ROW_DUPLICATE", Severity.ERROR, {"first_row": 2}, row=3),)


def test_a_file_of_nothing_but_mistakes_names_the_first_of_them() -> None:
    assert len(refused(PLAIN + "静岡県,星見市,,,,,34.7,138\n" * 1000)) == MAX_FINDINGS


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "FILE_EMPTY"),
        (b" \r\n ", "FILE_EMPTY"),
        (PLAIN.encode(), "FILE_EMPTY"),
        (b"\xff\xfe\x00\x00", "FILE_ENCODING"),
        (b"PK\x03\x04\x00\x00\x00", "FILE_ENCODING"),
        ("町,かな\n月影町,つきかげ\n".encode(), "GAZETTEER_FORMAT"),
        (PLAIN.encode() + b'"' + b"x" * 200_000, "CSV_BROKEN"),
    ],
)
def test_a_file_that_is_no_gazetteer_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as caught:
        read_towns(data, name="towns.csv")

    assert (caught.value.code, caught.value.values["name"]) == (code, "towns.csv")


def test_a_missing_column_is_named() -> None:
    with pytest.raises(FileRefused) as caught:
        read_towns("prefecture,city,town,lat\n静岡県,星見市,月影町,34.7\n".encode(), name="towns.csv")

    assert caught.value.values == {"name": "towns.csv", "missing": ["lon"]}


@pytest.mark.parametrize("change", [{"town": ""}, {"lat": 0.0}, {"lon": 13.8}, {"lat": float("nan")}])
def test_a_town_that_cannot_be_is_not_made(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"town|point"):
        replace(little_city.towns()[0], **change)  # type: ignore[arg-type]


def test_a_second_import_updates_and_keeps_what_it_does_not_say() -> None:
    known = little_city.towns()
    moved = replace(known[0], lat=34.75, kana="", romaji="", postal_code="")
    added = replace(known[0], town="新町")

    standing = merge_towns(known, [moved, added])

    assert standing == (replace(known[0], lat=34.75), *known[1:], added)


# -- search ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("月影", ["月影町", "深沢町月影"]),
        ("つきかげ", ["月影町", "深沢町月影"]),
        ("ﾂｷ", ["月影町", "深沢町月影"]),
        ("tsuki", ["月影町", "深沢町月影"]),
        ("フカザワチョウシ", ["深沢町清水"]),
        ("フカザワシ", ["深沢町清水"]),
        ("fukazawashi", ["深沢町清水"]),
        ("若竹二", ["若竹二丁目"]),
        ("若竹2", ["若竹二丁目"]),
        ("わかたけ", ["若竹一丁目", "若竹二丁目", "若竹町"]),
        ("風が", ["風ケ丘"]),
        ("なぎさ", []),
        ("", []),
        ("!", []),
    ],
)
def test_typing_suggests(typed: str, names: list[str]) -> None:
    assert [town.town for town in little_city.gazetteer().suggest(typed)] == names


def test_suggestions_stop_at_the_limit() -> None:
    assert [town.town for town in little_city.gazetteer().suggest("わかたけ", 2)] == ["若竹一丁目", "若竹二丁目"]
    assert little_city.gazetteer().suggest("わかたけ", 0) == ()


@pytest.mark.parametrize(
    ("reading", "names"),
    [
        ("ツキカゲチョウ", ["月影町"]),
        ("つきかげ", ["月影町", "深沢町月影"]),
        ("イスズ", ["五十鈴町"]),
        ("フカザワシミズ", ["深沢町清水"]),
        ("ツキ", []),
    ],
)
def test_a_reading_finds_towns_without_チョウ(reading: str, names: list[str]) -> None:
    assert [town.town for town in little_city.gazetteer().by_kana(reading)] == names


def test_other_cities_only_tell_themselves() -> None:
    gazetteer = little_city.gazetteer()

    assert gazetteer.at_start("渚町") == (0, ())
    assert gazetteer.elsewhere("渚町") == (("静岡県", "海鳴市"),)
    assert gazetteer.other_city_at_start("霧里町大谷") == ("静岡県", "東雲郡霧里町")
    assert gazetteer.other_city_at_start("星見市月影町") is None


def test_a_town_known_by_its_parts_stands_in_their_middle() -> None:
    part = replace(little_city.towns()[0], town="港", koaza="東", lat=34.0, lon=138.0)
    gazetteer = Gazetteer([part, replace(part, koaza="西", lat=34.2, lon=138.4)], little_city.HOME)

    assert [(town.town, town.koaza) for town in gazetteer.home_towns] == [("港", "")]
    assert (gazetteer.home_towns[0].lat, gazetteer.home_towns[0].lon) == pytest.approx((34.1, 138.2))


def test_the_nearest_towns_come_with_their_distance() -> None:
    distances = little_city.gazetteer().nearest(34.71, 138.0, 2)

    assert [town.town for _, town in distances] == ["北月影町", "月影町"]
    assert distances[0][0] == pytest.approx(0.0, abs=0.01)
    assert distances[1][0] == pytest.approx(1112, abs=3)  # a hundredth of a degree of latitude


def test_a_gazetteer_without_towns_answers_nothing() -> None:
    empty = Gazetteer([], little_city.HOME)

    assert (empty.nearest(34.7, 138.0), empty.suggest("月"), empty.at_start("月影町")) == ([], (), (0, ()))


# -- the real files ----------------------------------------------------------------------------------------------------


def test_the_real_files_are_read(shared_data: Path) -> None:
    def count(name: str) -> int:
        return len(read_towns((shared_data / name).read_bytes(), name=name))

    assert count("gazetteer_miyakonojo.csv") == 109
    assert count("gazetteer_kaga_omaezaki.csv") == 1412
    assert count("mlit_isj_oaza_45_2023_cp932.csv") == 1308


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("アヤメバル", "菖蒲原町"),
        ("ひめぎ", "姫城町"),
        ("イワヨシ", "祝吉町"),
        ("ホマンボウ", "高城町穂満坊"),
        ("ゴジッ", "五十町"),
        ("おおむた", "高崎町大牟田"),
        ("タカザキフエミズ", "高崎町笛水"),
        ("omuta", "高崎町大牟田"),
        ("himegi", "姫城町"),
        ("さかえ", "栄町"),
    ],
)
def test_real_readings_are_found_without_チョウ_and_マチ(shared_data: Path, typed: str, first: str) -> None:
    data = (shared_data / "gazetteer_miyakonojo.csv").read_bytes()
    gazetteer = Gazetteer(read_towns(data, name="real"), ("宮崎県", "都城市"))

    assert first in [town.town for town in gazetteer.suggest(typed, 4)]
