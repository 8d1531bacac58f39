"""``booking ledger`` and ``booking decline`` as a clerk and a manager see them, in both languages."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from outreach.words import Words
from tests.outreach.terminal.conftest import Console, Take
from tests.outreach.terminal.words import LEFT_OPEN, assert_refused, foreign_words

PERIOD = ("--from", "2026-11-01", "--to", "2026-11-30")
LEDGER = ("booking", "ledger", *PERIOD)
LANGUAGES = ("ja", "en")
AXES = ("reason", "district", "channel", "age")


@pytest.fixture
def counted(console: Console, take: Take) -> Console:
    """Four contacts: one waiting, one declined, one turned down, one cut off."""
    take()
    declined = take(address="泉町5番地", phone="0991-23-0121", channel="web", birth_year="昭和30年")
    assert console("booking", "decline", declined).status == 0
    cut_off = console("booking", "add", "--json", "--name", "谷 ウメ", "--people", "3")
    assert cut_off.json["status"] == "draft"
    turned_down = console(
        *("booking", "add", "--json", "--name", "原 タケ", "--people", "1"),
        *("--address", "泉町7番地", "--resident", "no", "--channel", "counter"),
    )
    assert turned_down.json["status"] == "turned_down"
    return console


def shown(counted: Console, *options: str) -> Any:
    said = counted(*LEDGER, "--json", *options)
    assert (said.status, said.told) == (0, [])
    return said.json


def test_the_ledger_as_json_adds_up_in_every_breakdown(counted: Console) -> None:
    found = shown(counted)
    assert {name: found[name] for name in ("from", "to", "contacts", "people", "people_unknown")} == {
        "from": "2026-11-01",
        "to": "2026-11-30",
        "contacts": 4,
        "people": 8,
        "people_unknown": 0,
    }
    assert list(found)[5:] == [*(f"by_{axis}" for axis in AXES), "rows"]
    for name in list(found)[5:]:
        for count in ("contacts", "people", "people_unknown"):
            assert sum(line[count] for line in found[name]) == found[count], name
    assert found["by_reason"] == [
        {"result": "waiting", "rule": None, "contacts": 1, "people": 2, "people_unknown": 0},
        {"result": "turned_down", "rule": "NOT_RESIDENT", "contacts": 1, "people": 1, "people_unknown": 0},
        {"result": "declined", "rule": None, "contacts": 1, "people": 2, "people_unknown": 0},
        {"result": "cut_off", "rule": None, "contacts": 1, "people": 3, "people_unknown": 0},
    ]
    assert [(line["age_band"], line["contacts"]) for line in found["by_age"]] == [
        *(("65-74", 1), ("85-plus", 1), (None, 2)),
    ]
    assert list(found["rows"][0]) == [
        *("result", "rule", "district", "channel", "age_band", "contacts", "people", "people_unknown"),
    ]


@pytest.mark.parametrize("axis", AXES)
def test_one_breakdown_alone(counted: Console, axis: str) -> None:
    whole, one = shown(counted), shown(counted, "--by", axis)
    assert list(one)[5:] == [f"by_{axis}"]
    assert one == {name: whole[name] for name in one}
    said = counted(*LEDGER, "--by", axis, lang="en")
    assert said.out.count("Total") == 1
    assert len([line for line in said.out.splitlines() if line.strip()]) == 4 + len(one[f"by_{axis}"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_tables_are_in_one_language_and_end_in_their_sums(counted: Console, lang: str) -> None:
    words = Words(lang)
    said = counted(*LEDGER, lang=lang)
    assert (said.status, said.told) == (0, [])
    assert LEFT_OPEN.search(said.out) is None, said.out
    totals = [line.split() for line in said.out.splitlines() if line.split()[:1] == [words.say("ledger.total")]]
    assert totals == [[words.say("ledger.total"), "4", "8", "0"]] * 4
    for key in ("result.declined", "rule.NOT_RESIDENT", "district.unknown", "age.FROM_85", "column.channel"):
        assert words.say(f"ledger.{key}") in said.out
    if lang == "ja":
        assert foreign_words(said.out) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_period_without_contacts_says_so_in_one_line(console: Console, lang: str) -> None:
    said = console("booking", "ledger", "--from", "2026-01-01", "--to", "2026-01-31", lang=lang)
    line = Words(lang).say("terminal.ledger.head", first="2026-01-01", last="2026-01-31", contacts=0)
    assert (said.status, said.out.splitlines()) == (0, [line])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_file_is_for_excel_and_says_that_it_is_for_the_office(counted: Console, tmp_path: Path, lang: str) -> None:
    file = tmp_path / "meeting" / "ledger.csv"
    said = counted(*LEDGER, "--json", "--out", str(file), lang=lang)
    words = Words(lang)
    assert said.told == [words.say("terminal.written", file=str(file)), words.say("terminal.ledger.internal")]
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert len(rows) == len(said.json["rows"])
    assert sum(int(row[words.say("ledger.column.contacts")]) for row in rows) == 4
    assert {row[words.say("ledger.column.first_day")] for row in rows} == {"2026-11-01"}


def test_a_folder_is_not_replaced_by_the_file(console: Console, tmp_path: Path) -> None:
    folder = tmp_path / "meeting"
    folder.mkdir()
    (folder / "minutes.txt").write_text("kept", encoding="utf-8")
    assert_refused(console, [*LEDGER, "--out", str(folder)], "FILE_UNUSABLE", 2)
    assert (folder / "minutes.txt").read_text(encoding="utf-8") == "kept"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--from", "2026-12-01", "--to", "2026-11-01"], "PERIOD_BACKWARDS"),
        (["--from", "November", "--to", "2026-11-30"], "DATE_UNREADABLE"),
        ([*PERIOD, "--by", "town"], "ARGUMENT_UNREADABLE"),
        (["--from", "2026-11-01"], "ARGUMENT_MISSING"),
    ],
)
def test_a_ledger_that_cannot_be_counted_is_told(console: Console, options: list[str], code: str) -> None:
    assert_refused(console, ["booking", "ledger", *options], code, 2)


def test_what_waited_past_its_date_is_unmet_and_its_card_says_why(console: Console, take: Take) -> None:
    reference = take(wishes="12月1日")
    days = {"2026-12-01T23:59": "waiting", "2026-12-02T00:00": "unmet"}
    for now, result in days.items():
        assert [line["result"] for line in console(*LEDGER, "--json", now=now).json["by_reason"]] == [result]
    for lang in LANGUAGES:
        said = console("booking", "show", reference, lang=lang)
        assert Words(lang).say("history.unmet") in said.out
        assert LEFT_OPEN.search(said.out) is None


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_request_is_declined(console: Console, take: Take, lang: str) -> None:
    reference = take()
    said = console("booking", "decline", reference.lower(), "--why", "入院", lang=lang)
    assert (said.status, said.told) == (0, [])
    assert said.out.splitlines() == [Words(lang).say("terminal.ledger.declined", reference=reference)]
    last = console("booking", "show", reference, "--json").json["history"][-1]
    assert (last["status_after"], last["why"], last["who"]) == ("declined", "入院", "clerk")
    assert_refused(
        *(console, ["booking", "decline", reference], "STATUS_STEP", 1),
        allowed=("declined",),
    )


def test_declining_as_json(console: Console, take: Take) -> None:
    reference = take()
    said = console("booking", "decline", reference, "--json")
    assert said.json == {"reference": reference, "status_before": "requested"}


def test_a_reference_nobody_has_is_told(console: Console) -> None:
    assert_refused(console, ["booking", "decline", "A00000"], "BOOKING_UNKNOWN", 2)
