"""Reads the lists of towns that the State and others publish, whole or not at all."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bookings.csvfiles import MAX_FINDINGS, RowsRefused, Table, read_table
from bookings.errors import FileRefused
from bookings.findings import Finding, Severity
from bookings.place_names import town_key

# Every place in Japan, Okinotorishima to Etorofu and Yonaguni to Minamitorishima.
LATITUDES: Final = (20.0, 46.0)
LONGITUDES: Final = (122.0, 154.5)

# Our name of a column -> the headers it goes by. The first set of Japanese names is Geolonia's and the Ministry's.
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "prefecture": ("都道府県名", "都道府県", "prefecture", "pref"),
    "city": ("市区町村名", "市区町村", "city"),
    "town": ("大字町丁目名", "町丁目名", "町名", "town"),
    "koaza": ("小字・通称名", "小字", "koaza"),
    "kana": ("大字町丁目名カナ", "カナ", "kana", "kana_unofficial"),
    "romaji": ("大字町丁目名ローマ字", "ローマ字", "romaji", "romaji_unofficial"),
    "postal_code": ("郵便番号", "postal_code"),
    "lat": ("緯度", "緯度(代表点)", "lat", "latitude"),
    "lon": ("経度", "経度(代表点)", "lon", "lng", "longitude"),
    "former": ("旧市町村名", "former", "former_municipality"),
}
_REQUIRED = ("prefecture", "city", "town", "lat", "lon")
_POSTAL_CODES = re.compile(r"\d{7}(/\d{7})*")


@dataclass(frozen=True, slots=True)
class Town:
    """One 大字 or 町丁目 (or a 小字 of it) with the point that stands for it (WGS 84 degrees).

    ``former`` is the municipality it belonged to before a merger whose name it still carries in front (高崎町), or "".
    ``postal_code`` has seven digits, several joined by ``/``, or is "".
    """

    prefecture: str
    city: str
    town: str
    kana: str
    romaji: str
    lat: float
    lon: float
    postal_code: str = ""
    former: str = ""
    koaza: str = ""

    def __post_init__(self) -> None:
        if not (self.prefecture and self.city and self.town):
            raise ValueError("a town has a prefecture, a city and a name")
        if not in_japan(self.lat, self.lon):
            raise ValueError(f"the point {self.lat}, {self.lon} is not in Japan")

    @property
    def key(self) -> str:
        """The name as it is compared: variants folded, 丁目 in digits."""
        return town_key(self.town)

    @property
    def identity(self) -> tuple[str, str, str, str]:
        """What makes it the same town in a second import."""
        return (self.prefecture, self.city, self.key, self.koaza)


def in_japan(lat: float, lon: float) -> bool:
    """Whether a point can be in Japan at all; tells swapped coordinates and zeros."""
    return LATITUDES[0] <= lat <= LATITUDES[1] and LONGITUDES[0] <= lon <= LONGITUDES[1]


def read_towns(data: bytes, *, name: str) -> tuple[Town, ...]:
    """Read a gazetteer: the Geolonia CSV, the Ministry's 位置参照情報 CSV (CP932) or a plain CSV, told by its header.

    Rows that repeat another one to the letter are taken once. In the official files one name may stand at several
    points (Kyoto has such towns); in a plain file that is a ``TOWN_ROW_DUPLICATE``.

    Raises:
        FileRefused: ``FILE_EMPTY``, ``FILE_ENCODING``, ``CSV_BROKEN``, ``GAZETTEER_FORMAT`` (values: ``missing``).
        RowsRefused: ``GAZETTEER_ROWS``, with a finding per bad row (at most 200): ``TOWN_ROW_PREFECTURE_MISSING``,
            ``TOWN_ROW_CITY_MISSING``, ``TOWN_ROW_TOWN_MISSING``, ``TOWN_ROW_COORDINATE_MISSING``,
            ``TOWN_ROW_COORDINATE_UNREADABLE``, ``TOWN_ROW_COORDINATE_OUT_OF_RANGE``, ``TOWN_ROW_POSTAL_CODE``,
            ``TOWN_ROW_DUPLICATE``. ``MY_NUMBER`` and its like, with the cell, where one holds what must never be kept.
    """
    table = read_table(data, name=name)
    columns = _columns(table)
    official = "大字町丁目名" in table.header
    towns: list[Town] = []
    findings: list[Finding] = []
    first_row: dict[tuple[str, str, str, str], tuple[int, Town]] = {}
    for number, row in table.rows():
        town = _town(number, row, columns, table.header, findings)
        if town is not None:
            seen = first_row.setdefault((town.prefecture, town.city, town.town, town.koaza), (number, town))
            if seen[0] == number:
                towns.append(town)
            elif seen[1] != town:
                if official:
                    towns.append(town)
                else:
                    findings.append(
                        Finding("town", "TOWN_ROW_DUPLICATE", Severity.ERROR, {"first_row": seen[0]}, row=number)
                    )
        if len(findings) >= MAX_FINDINGS:
            break
    if findings:
        raise RowsRefused("GAZETTEER_ROWS", f"{len(findings)} bad rows", findings, name=name)
    if not towns:
        raise FileRefused("FILE_EMPTY", "a header and no row", name=name)
    return tuple(towns)


def merge_towns(known: Iterable[Town], imported: Iterable[Town]) -> tuple[Town, ...]:
    """What stands after a second import: imported towns replace known ones and keep what the new file leaves blank."""
    standing: dict[tuple[str, str, str, str], list[Town]] = {}
    for town in known:
        standing.setdefault(town.identity, []).append(town)
    fresh: dict[tuple[str, str, str, str], list[Town]] = {}
    for town in imported:
        old = standing.get(town.identity)
        if old:
            town = replace(
                town,
                kana=town.kana or old[0].kana,
                romaji=town.romaji or old[0].romaji,
                postal_code=town.postal_code or old[0].postal_code,
                former=town.former or old[0].former,
            )
        fresh.setdefault(town.identity, []).append(town)
    standing.update(fresh)
    return tuple(town for group in standing.values() for town in group)


def _columns(table: Table) -> dict[str, int]:
    """Where each of our columns stands in the file."""
    header = {
        cell.strip().lower().replace("（", "(").replace("）", ")"): index for index, cell in enumerate(table.header)
    }
    columns: dict[str, int] = {}
    for column, names in _COLUMNS.items():
        for spelling in names:
            if spelling in header:
                columns[column] = header[spelling]
                break
    missing = [column for column in _REQUIRED if column not in columns]
    if missing:
        raise FileRefused("GAZETTEER_FORMAT", f"no column for {missing}", name=table.name, missing=missing)
    return columns


def _town(
    number: int, row: list[str], columns: Mapping[str, int], header: tuple[str, ...], findings: list[Finding]
) -> Town | None:
    """One row as a town, or None with the findings added."""
    # A short row has empty cells at its end; -1, a column the file lacks, is the empty cell appended last.
    row += [""] * max(1, len(header) - len(row) + 1)
    prefecture, city, town, koaza, kana, romaji, written_code, written_lat, written_lon, former = [
        row[columns.get(column, -1)].strip() for column in _COLUMNS
    ]
    postal_code = (
        unicodedata.normalize("NFKC", written_code).replace("-", "").removeprefix("〒") if written_code else ""
    )
    lat, lon = _degrees(written_lat), _degrees(written_lon)
    if not (
        prefecture
        and city
        and town
        and in_japan(lat, lon)
        and (not postal_code or _POSTAL_CODES.fullmatch(postal_code))
    ):
        found = _wrong(prefecture, city, town, written_lat, written_lon, postal_code)
        findings.extend(
            Finding(column, code, Severity.ERROR, values, row=number, column=header[columns[column]])
            for column, code, values in found
        )
        return None
    # 旧都城市 is the city itself before the merger: no name in front.
    former = "" if former.startswith("旧") else former
    return Town(prefecture, city, town, kana, romaji, lat, lon, postal_code, former, koaza)


def _wrong(
    prefecture: str, city: str, town: str, lat: str, lon: str, postal_code: str
) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """Everything wrong with a row: column, code, values."""
    if not prefecture:
        yield "prefecture", "TOWN_ROW_PREFECTURE_MISSING", {}
    if not city:
        yield "city", "TOWN_ROW_CITY_MISSING", {}
    if not town:
        yield "town", "TOWN_ROW_TOWN_MISSING", {}
    for column, written, (lowest, highest) in (("lat", lat, LATITUDES), ("lon", lon, LONGITUDES)):
        degrees = _degrees(written)
        if not written:
            yield column, "TOWN_ROW_COORDINATE_MISSING", {}
        elif math.isnan(degrees):
            yield column, "TOWN_ROW_COORDINATE_UNREADABLE", {"value": written[:40]}
        elif not lowest <= degrees <= highest:
            values = {"value": written[:40], "lowest": lowest, "highest": highest}
            yield column, "TOWN_ROW_COORDINATE_OUT_OF_RANGE", values
    if postal_code and _POSTAL_CODES.fullmatch(postal_code) is None:
        yield "postal_code", "TOWN_ROW_POSTAL_CODE", {"value": postal_code[:40]}


def _degrees(text: str) -> float:
    """A coordinate as a number, nan where it is none."""
    try:
        return float(text)
    except ValueError:
        return math.nan
