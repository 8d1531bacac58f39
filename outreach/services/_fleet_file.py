"""Reads a fleet file, TOML or workbook, into rows; everything wrong with it is found at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime
from typing import Any

from bookings.errors import FileRefused
from bookings.findings import Finding, Severity
from bookings.privacy import require_clean, require_clean_within
from outreach.errors import BadInput
from outreach.services.shifts import ShiftRequest
from outreach.storage.tables import Depot, Staff, StaffLeave, Van

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "depot": ("id", "name", "name_en", "address", "lat", "lon"),
    "van": ("id", "name", "name_en", "depot", "skills", "kit"),
    "staff": ("id", "name", "kana", "skills", "trainee", "leave"),
    "shift": ("date", "van", "crew", "start", "end"),
}
"""The tables of a fleet file and their columns; the same names in TOML and as sheets of a workbook."""

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "depot": ("id", "name", "lat", "lon"),
    "van": ("id", "name", "depot"),
    "staff": ("id", "name"),
    "shift": ("date", "van", "crew"),
}

_CLOCK = re.compile(r"(?P<hours>[01]?[0-9]|2[0-3]):(?P<minutes>[0-5][0-9])(:00)?", re.ASCII)


Tables = dict[str, list[tuple[int, dict[str, Any]]]]
"""The entries of each table with their row: of a workbook as Excel counts, of TOML the how-manieth of its table."""


class FleetRefused(BadInput):
    """A fleet file with findings; nothing of it was taken."""


def read_fleet(data: bytes, *, name: str) -> FleetRows:
    """Read a fleet file.

    Raises:
        FleetRefused: ``FLEET_REFUSED`` with every finding (table, row, column).
        FileRefused: when the file cannot be read at all.
        PrivacyError: when a text in it is a My Number.
    """
    tables = _read_xlsx(data, name) if name.lower().endswith((".xlsx", ".xlsm")) else _read_toml(data)
    if not any(tables.values()):
        raise FileRefused("FLEET_EMPTY", "no entry in any table", known=list(COLUMNS))
    rows = FleetRows()
    for kind, entries in tables.items():
        for number, entry in entries:
            rows.take(kind, number, entry)
    if rows.findings:
        raise FleetRefused("FLEET_REFUSED", findings=rows.findings, count=len(rows.findings))
    return rows


def _read_toml(data: bytes) -> Tables:
    try:
        text = data.decode("utf-8-sig")
        tables = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise FileRefused("FLEET_NOT_TOML", "not a TOML file", line=getattr(error, "lineno", 0)) from None
    require_clean(text, "file")  # comments too
    require_clean_within(tables, "file")  # what escapes stand for
    unknown = sorted(set(tables) - set(COLUMNS))
    if unknown:
        raise FileRefused("FLEET_TABLE_UNKNOWN", f"unknown tables {unknown}", known=list(COLUMNS))
    for kind, entries in tables.items():
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise FileRefused("FLEET_TABLE_SHAPE", f"{kind} is not a list of tables", table=kind)
    return {kind: list(enumerate(entries, start=1)) for kind, entries in tables.items()}


def _read_xlsx(data: bytes, name: str) -> Tables:
    from bookings.spreadsheets import read_table, sheet_names

    tables: Tables = {}
    for sheet in sheet_names(data, name=name):
        if sheet not in COLUMNS:
            raise FileRefused("FLEET_TABLE_UNKNOWN", "a sheet that is no table of a fleet", known=list(COLUMNS))
        table = read_table(data, name=name, sheet=sheet)
        if any(finding.severity is Severity.ERROR for finding in table.findings):
            raise FleetRefused("FLEET_REFUSED", findings=table.findings, count=len(table.findings))
        tables[sheet] = [(row.number, {key: cell for key, cell in row.cells.items() if cell}) for row in table.rows]
    return tables


@dataclass
class FleetRows:
    """The entries of a fleet file while they are read, with everything found wrong."""

    depots: dict[str, Depot] = field(default_factory=dict)
    vans: dict[str, Van] = field(default_factory=dict)
    staff: dict[str, Staff] = field(default_factory=dict)
    leave: list[StaffLeave] = field(default_factory=list)
    shifts: list[tuple[int, ShiftRequest]] = field(default_factory=list)
    van_rows: list[tuple[int, Van]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def take(self, kind: str, row: int, entry: Mapping[str, Any]) -> None:
        """Read one entry of one table."""
        before = len(self.findings)
        for key in entry:
            if key not in COLUMNS[kind]:
                self._refuse(kind, row, str(key), "FLEET_COLUMN_UNKNOWN", known=list(COLUMNS[kind]))
        for key in _NEEDED[kind]:
            if entry.get(key) in (None, "", []):
                self._refuse(kind, row, key, "FLEET_VALUE_MISSING")
        if len(self.findings) > before:
            return
        getattr(self, f"_take_{kind}")(row, entry)

    def _take_depot(self, row: int, entry: Mapping[str, Any]) -> None:
        lat, lon = self._number("depot", row, "lat", entry, 90), self._number("depot", row, "lon", entry, 180)
        if lat is None or lon is None or not self._fresh("depot", row, str(entry["id"]), self.depots):
            return
        self.depots[str(entry["id"])] = Depot(
            id=str(entry["id"]),
            name=str(entry["name"]),
            name_en=str(entry.get("name_en", "")),
            address=str(entry.get("address", "")),
            lat=lat,
            lon=lon,
        )

    def _take_van(self, row: int, entry: Mapping[str, Any]) -> None:
        if self._fresh("van", row, str(entry["id"]), self.vans):
            van = Van(
                id=str(entry["id"]),
                name=str(entry["name"]),
                name_en=str(entry.get("name_en", "")),
                depot_id=str(entry["depot"]),
                skills=_listed(entry.get("skills")),
                kit=_listed(entry.get("kit")),
            )
            self.vans[van.id] = van
            self.van_rows.append((row, van))

    def _take_staff(self, row: int, entry: Mapping[str, Any]) -> None:
        if not self._fresh("staff", row, str(entry["id"]), self.staff):
            return
        trainee = _yes_or_no(entry.get("trainee", False))
        if trainee is None:
            self._refuse("staff", row, "trainee", "FLEET_YES_OR_NO")
            return
        self.staff[str(entry["id"])] = Staff(
            id=str(entry["id"]),
            name=str(entry["name"]),
            kana=str(entry.get("kana", "")),
            skills=_listed(entry.get("skills")),
            trainee=trainee,
        )
        for period in _periods(entry.get("leave")):
            if period is None:
                self._refuse("staff", row, "leave", "FLEET_PERIOD")
            else:
                self.leave.append(StaffLeave(staff_id=str(entry["id"]), first_day=period[0], last_day=period[1]))

    def _take_shift(self, row: int, entry: Mapping[str, Any]) -> None:
        day = _date(entry["date"])
        crew = _listed(entry["crew"])
        start_s, end_s = _clock(entry.get("start")), _clock(entry.get("end"))
        if day is None:
            self._refuse("shift", row, "date", "FLEET_DATE")
        elif len(crew) != 2 or crew[0] == crew[1]:
            self._refuse("shift", row, "crew", "CREW_NOT_TWO", people=len(set(crew)))
        elif start_s == -1 or end_s == -1:
            self._refuse("shift", row, "start" if start_s == -1 else "end", "FLEET_TIME")
        else:
            self.shifts.append((row, ShiftRequest(day, str(entry["van"]), (crew[0], crew[1]), start_s, end_s)))

    def _fresh(self, kind: str, row: int, identifier: str, known: Mapping[str, object]) -> bool:
        if identifier in known:
            self._refuse(kind, row, "id", "FLEET_ID_TWICE", id=identifier)
            return False
        return True

    def _number(self, kind: str, row: int, key: str, entry: Mapping[str, Any], bound: float) -> float | None:
        try:
            value = float(entry[key])
        except (TypeError, ValueError, OverflowError):
            value = float("nan")
        if -bound <= value <= bound:
            return value
        self._refuse(kind, row, key, "FLEET_COORDINATE")
        return None

    def _refuse(self, kind: str, row: int, column: str, code: str, **values: object) -> None:
        self.findings.append(
            Finding(f"{kind}.{column}", code, Severity.ERROR, {"table": kind, **values}, row=row, column=column)
        )


def _listed(value: Any) -> list[str]:
    """A list of words: from TOML as it is, from a cell by commas."""
    if value is None:
        return []
    parts = value if isinstance(value, list) else str(value).replace("、", ",").split(",")
    return [str(part).strip() for part in parts if str(part).strip()]


def _yes_or_no(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in {"yes", "true", "1", "はい", "○"}:
        return True
    return False if word in {"", "no", "false", "0", "いいえ", "×"} else None


def _periods(value: Any) -> list[tuple[Date, Date] | None]:
    """Leave as ``["2026-12-24..2026-12-25", "2027-01-08"]``, pairs of dates, or the same with commas in a cell."""
    if value is None:
        return []
    entries = value if isinstance(value, list) else _listed(value)
    periods: list[tuple[Date, Date] | None] = []
    for entry in entries:
        ends = entry if isinstance(entry, list) else str(entry).split("..")
        first, last = _date(ends[0]), _date(ends[-1])
        periods.append((first, last) if first and last and first <= last and len(ends) <= 2 else None)
    return periods


def _date(value: Any) -> Date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, Date):
        return value
    text = str(value).strip()
    try:
        return Date.fromisoformat(text.removesuffix(" 00:00"))  # a cell formatted as a date
    except ValueError:
        return None


def _clock(value: Any) -> int | None:
    """Seconds since midnight; ``None`` where nothing is given, -1 where it cannot be read."""
    if value in (None, ""):
        return None
    found = _CLOCK.fullmatch(str(value).strip())  # 8:30, or 08:30:00 as Excel and TOML write a time
    if found is None:
        return -1
    return int(found["hours"]) * 3600 + int(found["minutes"]) * 60
