"""Day and plan files that are wrong, and files that are none, through ``solve``, ``check`` and every import."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.outreach.terminal.conftest import Console
from tests.outreach.terminal.words import LEFT_OPEN, assert_refused, assert_well_put, foreign_words

DAY: dict[str, Any] = {
    "format": "outreach-day/1",
    "date": "2026-11-24",
    "places": [{"id": "hall", "lat": 38.2336, "lon": 143.4588}, {"id": "p1", "lat": 38.26, "lon": 143.43}],
    "travel_s": [[0, 600], [600, 0]],
    "shifts": [
        {
            "id": "van-1",
            "start_place": "hall",
            "end_place": "hall",
            "start": "08:30",
            "end": "17:15",
            "crew": ["s-01", "s-02"],
        }
    ],
    "visits": [
        {"id": "H10472", "place": "p1", "service_s": 2400, "windows": [["09:30", "10:00"]], "required": True},
    ],
}

FILE_WORDS = (
    *("string", "integer", "number", "object", "array", "boolean"),
    *("day", "outreach", "plan", "format", "date", "shifts", "visits", "places", "travel", "windows", "crew", "colour"),
)
"""What a day file itself is written in: kinds of JSON values, and its keys."""

Change = Callable[[dict[str, Any]], object]

WRONG_DAYS: dict[str, tuple[Change, str]] = {
    "a number for a text": (lambda day: day["visits"][0].update(id=10472), "$.visits[0].id"),
    "a text for a number": (lambda day: day["visits"][0].update(service_s="2400"), "$.visits[0].service_s"),
    "an unknown key": (lambda day: day["visits"][0].update(colour="red"), "$.visits[0].colour"),
    "a negative time": (lambda day: day["visits"][0].update(service_s=-1), "$.visits[0].service_s"),
    "negative driving": (lambda day: day.update(travel_s=[[0, -5], [600, 0]]), "$.travel_s[0][1]"),
    "a window backwards": (
        lambda day: day["visits"][0].update(windows=[["10:00", "09:30"]]),
        "$.visits[0].windows[0]",
    ),
    "no window": (lambda day: day["visits"][0].update(windows=[]), "$.visits[0].windows"),
    "a shift backwards": (lambda day: day["shifts"][0].update(start="18:00"), "$.shifts[0]"),
    "a crew of one": (lambda day: day["shifts"][0].update(crew=["s-01"]), "$.shifts[0].crew"),
    "a matrix of the wrong size": (lambda day: day.update(travel_s=[[0, 600]]), "$.travel_s"),
    "a short row": (lambda day: day.update(travel_s=[[0, 600], [600]]), "$.travel_s[1]"),
    "an unknown place": (lambda day: day["visits"][0].update(place="p9"), "$.visits[0].place"),
    "the wrong format": (lambda day: day.update(format="outreach-day/9"), "$.format"),
    "no date": (lambda day: day.update(date="2026-11-31"), "$.date"),
    "nothing needed": (lambda day: day.pop("shifts"), "$"),
}


def changed(change: Change) -> bytes:
    day = copy.deepcopy(DAY)
    change(day)
    return json.dumps(day).encode()


@pytest.mark.parametrize("case", WRONG_DAYS)
def test_a_wrong_day_file_is_refused_with_its_path(no_home: Console, tmp_path: Path, case: str) -> None:
    change, path = WRONG_DAYS[case]
    file = tmp_path / "day.json"
    file.write_bytes(changed(change))
    for lang in ("ja", "en"):
        for command in (["solve", str(file)], ["check", str(file), str(file)]):
            said = no_home(*command, lang=lang)
            assert (said.status, said.out) == (2, ""), said
            assert path in said.err
            assert_well_put(said, said.code, lang, allowed=FILE_WORDS)


NO_FILES = {
    "nothing": b"",
    "no JSON": b"{'format': 1}",
    "not text": b"\xff\xfe\x00\x01",
    "a list": b"[]",
    "ten megabytes of nesting": b"[" * 5_000_000 + b"]" * 5_000_000,
    "ten megabytes of nested objects": b'{"a":' * 2_000_000 + b"1" + b"}" * 2_000_000,
    "numbers without end": b'{"format": "outreach-day/1", "max_leg_s": 1' + b"0" * 10_000 + b"}",
    "NaN": b'{"format": "outreach-day/1", "max_leg_s": NaN}',
    "a key twice": b'{"format": "outreach-day/1", "format": "outreach-day/1"}',
}


@pytest.mark.parametrize("case", NO_FILES)
def test_what_is_no_day_file_is_refused_in_words(no_home: Console, tmp_path: Path, case: str) -> None:
    file = tmp_path / "day.json"
    file.write_bytes(NO_FILES[case])
    for lang in ("ja", "en"):
        said = no_home("solve", str(file), lang=lang)
        assert (said.status, said.out) == (2, ""), said
        assert_well_put(said, said.code, lang, allowed=FILE_WORDS)
        assert len(said.err) < 1000


def test_a_file_that_is_not_there_is_named(no_home: Console) -> None:
    for lang in ("ja", "en"):
        for command in (["solve", "nowhere.json"], ["check", "nowhere.json", "nowhere.json"]):
            said = no_home(*command, lang=lang)
            assert said.status == 2
            assert_well_put(said, "FILE_MISSING", lang)
        assert_well_put(no_home("solve", lang=lang), "DAY_FILE_NEEDED", lang, allowed=("day", "DAY"))


def test_a_my_number_in_a_file_is_refused_and_repeated_nowhere(no_home: Console, tmp_path: Path) -> None:
    file = tmp_path / "day.json"
    for change in (
        lambda day: day["visits"][0].update(id="123456789018"),
        lambda day: day["places"][1].update(id="1234-5678-9018"),
        lambda day: day.update({"123456789018": 1}),
    ):
        file.write_bytes(changed(change))
        for command in (["solve", str(file)], ["check", str(file), str(file)]):
            said = no_home(*command)
            assert (said.status, said.code, said.out) == (2, "MY_NUMBER", "")
            assert "5678" not in said.err


def test_an_unreachable_place_has_no_plan_and_the_file_says_why(no_home: Console, tmp_path: Path) -> None:
    file, out = tmp_path / "day.json", tmp_path / "plan.json"
    file.write_bytes(changed(lambda day: day.update(travel_s=[[0, None], [None, 0]])))
    for lang in ("ja", "en"):
        said = no_home("solve", str(file), "--seconds", "1", "--out", str(out), lang=lang)
        plan = json.loads(out.read_text(encoding="utf-8"))
        assert (said.status, said.out, plan["status"]) == (1, "", "INFEASIBLE")
        (left,) = plan["unassigned"]
        assert left["visit"] == "H10472"
        assert left["sentence"]
        assert left["action"]
        assert LEFT_OPEN.search(left["sentence"] + left["action"]) is None
        assert lang == "en" or foreign_words(left["sentence"] + left["action"]) == []


def test_a_day_that_can_be_solved_is_solved_and_checked(no_home: Console, tmp_path: Path) -> None:
    file, out = tmp_path / "day.json", tmp_path / "plan.json"
    file.write_bytes(changed(lambda day: None))
    printed = no_home("solve", str(file), "--seconds", "1")
    assert printed.status == 0
    assert json.loads(printed.out)["routes"][0]["stops"][0]["visit"] == "H10472"
    assert no_home("solve", str(file), "--seconds", "1", "--out", str(out)).status == 0
    assert no_home("check", str(file), str(out), "--json").json == {"violations": []}
    broken = json.loads(out.read_text(encoding="utf-8"))
    broken["routes"][0]["stops"][0]["start"] = "11:00:00"
    out.write_text(json.dumps(broken), encoding="utf-8")
    said = no_home("check", str(file), str(out), "--json")
    assert said.status == 1
    assert all(set(violation) == {"code", "visit", "shift", "values"} for violation in said.json["violations"])
    for lang in ("ja", "en"):
        told = no_home("check", str(file), str(out), lang=lang)
        assert told.status == 1
        assert LEFT_OPEN.search(told.out) is None
        assert lang == "en" or foreign_words(told.out) == []


IMPORTS = {
    "gazetteer": "towns.csv",
    "district": "districts.geojson",
    "fleet": "fleet.toml",
    "booking": "bookings.csv",
}

RUBBISH = {
    "nothing": b"",
    "zeros": b"\x00" * 64,
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\x00" * 64,
    "a line": b"hello\n",
}


COLUMNS = ("prefecture", "city", "town", "district", "lat", "lon", "kana", "hello")
"""Headers a file may have: the action names them because they are to be written so."""


@pytest.mark.parametrize(
    ("noun", "rubbish"),
    [(noun, rubbish) for noun in IMPORTS for rubbish in RUBBISH if (noun, rubbish) != ("fleet", "nothing")],
)
def test_rubbish_is_taken_by_no_import(console: Console, tmp_path: Path, noun: str, rubbish: str) -> None:
    file = tmp_path / IMPORTS[noun]
    file.write_bytes(RUBBISH[rubbish])
    said = console(noun, "import", str(file), lang="ja")
    assert_refused(console, [noun, "import", str(file)], said.code, 2, allowed=COLUMNS)
    assert said.code not in ("UNEXPECTED", "UNTOLD")


def test_an_import_of_bookings_is_all_or_nothing_with_row_and_column(console: Console, tmp_path: Path) -> None:
    file = tmp_path / "bookings.csv"
    assert console("booking", "template", str(file), lang="ja").status == 0
    head = file.read_text(encoding="utf-8-sig").strip().split(",")
    good = {"名前": "磯貝 ハル", "住所": "泉町5番地", "電話": "0991-23-0118", "人数": "2"}
    bad = good | {"住所": "霧ヶ峰町1", "人数": "２〜３人", "電話": "0991-23-01"}
    rows = [",".join(row.get(column, "") for column in head) for row in (good, bad)]
    file.write_text("\ufeff" + "\n".join([",".join(head), *rows]) + "\n", encoding="utf-8")
    before = console.stored()
    for lang, place in (("ja", "3行目"), ("en", "3")):
        said = console("booking", "import", str(file), lang=lang)
        assert (said.status, said.out) == (2, "")
        assert_well_put(said, "IMPORT_REFUSED", lang, allowed=("accept",))
        assert sum(place in line for line in said.told) >= 3
        dry = console("booking", "import", str(file), "--dry-run", lang=lang)
        assert dry.status == 2
    assert console.stored() == before
    file.write_text("\ufeff" + "\n".join([",".join(head), rows[0]]) + "\n", encoding="utf-8")
    assert console("booking", "import", str(file), "--dry-run", "--json").json["references"] == []
    assert console.stored() == before
    taken = console("booking", "import", str(file), "--json").json
    assert (taken["rows"], taken["statuses"]) == (1, ["requested"])
