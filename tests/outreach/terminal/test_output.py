"""What is printed where: help in two languages, results on stdout, progress on stderr, JSON, quiet ends."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bookings.answers import SCRIPT
from outreach.terminal.app import build, run
from outreach.words import Words
from tests.outreach.terminal.conftest import DAY, Console, Promised, answers
from tests.outreach.terminal.words import KANA, LEFT_OPEN, assert_well_put, foreign_words

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = ("ja", "en")


def commands(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every node of the command tree with the words that name it."""
    yield path, tree
    for name, below in getattr(tree, "commands", {}).items():
        yield from commands(below, (*path, name))


TREES = {lang: dict(commands(build(Words(lang)))) for lang in LANGUAGES}
TREE = list(TREES["en"].items())
LEAVES = [(path, command) for path, command in TREE if not hasattr(command, "commands")]

PLACES = (
    *("DIR", "FILE", "TEXT", "DATE", "REF", "VAN", "STAFF", "CODE", "STATUS", "DAY", "PLAN", "LAT", "LON", "YYYY"),
    *("plan", "day", "outreach", "yes", "chair", "wheelchair", "draft", "standing", "published", "visited", "show"),
)
"""What stands for a value in a usage line, and what is typed as it stands."""


@pytest.mark.parametrize("path", [path for path, _ in TREE], ids=lambda path: " ".join(path) or "outreach")
def test_help_is_in_one_language(no_home: Console, path: tuple[str, ...]) -> None:
    pages = {}
    for lang in LANGUAGES:
        said = no_home(*path, "--help", lang=lang)
        assert (said.status, said.told) == (0, [])
        assert LEFT_OPEN.search(said.out) is None, said.out
        pages[lang] = said.out
    for leftover in (
        "Usage",
        "Options",
        "Arguments",
        "Commands",
        "Show this",
        "required",
        "default",
        "<str>",
        "range>",
    ):
        assert leftover not in pages["ja"]
    assert pages["ja"].startswith("使い方： outreach")
    assert pages["en"].startswith("Usage: outreach")
    assert KANA.search(pages["en"].replace("位置参照情報", "")) is None


@pytest.mark.parametrize("path", [path for path, _ in TREE], ids=lambda path: " ".join(path) or "outreach")
def test_every_option_and_command_is_explained(path: tuple[str, ...]) -> None:
    for lang in LANGUAGES:
        tree = TREES[lang][path]
        texts = [tree.help, *(parameter.help for parameter in tree.params)]
        assert all(texts), texts
        assert lang == "en" or not any(text.isascii() for text in texts), texts


def test_a_noun_without_its_verb_shows_its_help(no_home: Console) -> None:
    for lang in LANGUAGES:
        for path in ((), ("plan",), ("booking",)):
            said = no_home(*path, lang=lang)
            assert (said.status, said.out) == (2, "")
            assert "\n".join(said.told) + "\n" == no_home(*path, "--help", lang=lang).out


USAGE = {
    "an unknown option": (["booking", "list", "--zzz"], "OPTION_UNKNOWN"),
    "a misspelt option": (["booking", "list", "--limt", "3"], "OPTION_MISSPELT"),
    "an option without its value": (["plan", "make", DAY, "--seconds"], "OPTION_WRONGLY_GIVEN"),
    "a value too many": (["booking", "list", "--json=3"], "OPTION_WRONGLY_GIVEN"),
    "a missing argument": (["plan", "make"], "ARGUMENT_MISSING"),
    "a missing option": (["shift", "add", DAY, "--van", "van-1"], "ARGUMENT_MISSING"),
    "a word for a number": (["plan", "make", DAY, "--seconds", "soon"], "ARGUMENT_UNREADABLE"),
    "a number out of range": (["plan", "make", DAY, "--seconds", "0"], "ARGUMENT_UNREADABLE"),
    "an unknown verb": (["plan", "mak", DAY], "COMMAND_UNKNOWN"),
    "an unknown noun": (["plans"], "COMMAND_UNKNOWN"),
    "too many words": (["plan", "show", DAY, "磯貝", "ハル"], "ARGUMENTS_TOO_MANY"),
    "an unknown language": (["--lang", "fr", "plan", "show", DAY], "LANGUAGE_UNKNOWN"),
}


@pytest.mark.parametrize("case", USAGE)
def test_a_wrong_call_is_told_like_every_other_error(no_home: Console, case: str) -> None:
    arguments, code = USAGE[case]
    for lang in LANGUAGES:
        said = no_home(*arguments, lang=lang)
        assert (said.status, said.out) == (2, "")
        known = tuple(word for path, _ in TREE for word in path)
        assert_well_put(said, code, "en" if code == "LANGUAGE_UNKNOWN" else lang, allowed=(*known, *PLACES))
        assert "磯貝" not in said.err  # an argument may be somebody's name


def test_every_command_that_shows_something_can_show_it_as_json() -> None:
    writes_a_file = {("booking", "template"), ("fleet", "template")}
    prints_json_anyway = {("solve",)}
    without = {path for path, command in LEAVES if not any("--json" in parameter.opts for parameter in command.params)}
    assert without == writes_a_file | prints_json_anyway


def test_json_is_one_document_on_stdout_and_nothing_else(
    promised: Promised, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole story with --json, progress and banner on stderr."""
    monkeypatch.setattr("sys.stdin", Typist("a long enough password\n" * 2))
    console, reference = promised.console, promised.reference
    city = console.home / "city"
    second = console("booking", "add", "--json", *answers(address="泉町5番地", phone="0991-23-0199"))
    assert second.status == 0
    other = second.json["reference"]
    third = console("booking", "add", "--json", *answers(address="泉町9番地", phone="0991-23-0177")).json["reference"]
    fourth = console("booking", "add", "--json", *answers(address="港町9番地", phone="0991-23-0188")).json["reference"]
    csv = tmp_path / "bookings.csv"
    assert console("booking", "template", str(csv)).status == 0
    story: list[list[str]] = [
        ["init"],
        ["doctor"],
        ["gazetteer", "import", str(city / "towns.csv")],
        ["gazetteer", "list"],
        ["district", "import", str(city / "districts.geojson")],
        ["district", "list"],
        ["fleet", "import", str(city / "fleet.toml")],
        ["fleet", "show"],
        ["address", "match", "泉町5番地"],
        ["booking", "show", reference],
        ["booking", "list"],
        ["booking", "decline", third],
        ["booking", "ledger", "--from", "2026-11-01", "--to", "2026-11-30"],
        ["booking", "edit", other, "--landmark", "公民館の前"],
        ["booking", "import", str(csv)],
        ["slots", "find", other, "--accept", "LEAD_TIME"],
        ["slots", "explain", other, "--date", DAY, "--window", "11:00-11:30", "--accept", "LEAD_TIME"],
        ["booking", "hold", other, "--date", DAY, "--window", "11:00-11:30", "--accept", "LEAD_TIME"],
        ["booking", "confirm", other],
        ["booking", "move", other, "--date", DAY, "--window", "10:30-11:00", "--accept", "LEAD_TIME"],
        ["shift", "list"],
        ["shift", "add", "2026-12-21", "--van", "van-1", "--crew", "s-01,s-02"],
        ["shift", "remove", "2026-12-21", "--van", "van-1"],
        [
            "session",
            "add",
            "2026-12-02",
            "--name",
            "南浦公民館",
            "--at",
            "38.1899,143.4571",
            "--from",
            "13:00",
            "--to",
            "15:00",
        ],
        ["session", "list"],
        ["session", "show", "SITE-1"],
        ["session", "book", fourth, "SITE-1", "13:00", "--accept", "AGAINST_WISH"],
        ["session", "cancel", "SITE-1", "--why", "会場の都合"],
        ["van", "down", "van-3", "--from", "2026-12-21"],
        ["van", "up", "van-3", "--from", "2026-12-22"],
        ["staff", "leave", "s-10", "--from", "2026-12-21"],
        ["plan", "make", DAY, "--seconds", "0.5"],
        ["plan", "improve", "--seconds", "0.5"],
        ["plan", "show", DAY],
        ["plan", "check", DAY],
        ["plan", "pin", DAY, other, "--van", "van-1"],
        ["plan", "explain", other],
        ["plan", "publish", DAY],
        ["plan", "export", DAY, "--out", str(tmp_path / "export")],
        ["plan", "reopen", DAY, "--why", "急用"],
        ["booking", "erase"],
        ["sheets", DAY, "--out", str(tmp_path / "sheets")],
        ["calls", "list", DAY],
        ["calls", "list", DAY, "--out", str(tmp_path / "calls")],
        ["calls", "log", other, "reached"],
        ["map", "route", DAY, "--out", str(tmp_path / "map")],
        ["map", "coverage", "--from", "2026-11-01", "--to", "2026-11-30", "--out", str(tmp_path / "coverage")],
        ["booking", "cancel", reference],
        ["booking", "seen", reference],
        ["user", "add", "sato", "--role", "clerk", "--password-stdin"],
        ["user", "list"],
        ["user", "role", "sato", "manager"],
        ["user", "password", "sato", "--password-stdin"],
        ["user", "sign-out", "sato"],
        ["user", "disable", "sato"],
        ["user", "enable", "sato"],
        ["booking", "export-requests", str(csv.with_name("requests.csv"))],
        ["backup", "--to", str(csv.with_name("backups"))],
    ]
    for command in story:
        said = console(*command, "--json")
        assert said.status == 0, (command, said)
        json.loads(said.out)
    evening = console("visit", "log", other, "visited", "--people", "2", "--json", now=f"{DAY}T17:30")
    assert [visit["status"] for visit in evening.json["visits"]] == ["visited"]
    told = {
        " ".join(command[:2]) if command[0] not in ("init", "doctor", "sheets", "backup") else command[0]
        for command in story
    }
    not_here = {
        "demo",
        "serve",
        "restore",
        "check",
        "solve",
        "booking add",
        "booking template",
        "fleet template",
        "visit log",
    }
    assert told | not_here == {" ".join(path) for path, _ in LEAVES}


def test_an_address_is_matched_as_the_document_says(console: Console) -> None:
    said = console("address", "match", "松ヶ丘２９０番地の四", "--json")
    assert (said.status, list(said.json)) == (0, ["input", "normalised", "result", "candidates", "findings"])
    assert list(said.json["result"]) == ["town", "rest", "level", "lat", "lon", "source"]
    assert said.json["result"]["town"] == "松ヶ丘"
    two = console("address", "match", "前田3番地", "--json")
    assert (two.status, two.json["result"]) == (1, None)
    assert [candidate["town"] for candidate in two.json["candidates"]] == ["八重町前田", "南浦町前田"]
    assert [finding["code"] for finding in two.json["findings"]] == ["ADDRESS_AMBIGUOUS"]
    for lang in LANGUAGES:
        assert_well_put(console("address", "match", "汐見市港町1", lang=lang), "ADDRESS_OTHER_CITY", lang)


def test_what_is_shown_is_in_japanese_throughout(promised: Promised) -> None:
    """Tables and cards: no key, no field, no English word."""
    names = ("van", "outreach", "plan", "make", "hall", "south", "CARD")
    for command in (
        ["booking", "show", promised.reference],
        ["booking", "list"],
        ["booking", "ledger", "--from", "2026-11-01", "--to", "2026-11-30"],
        ["shift", "list"],
        ["plan", "show", DAY],
        ["plan", "explain", promised.reference],
        ["plan", "check", DAY],
        ["calls", "list", DAY],
        ["doctor"],
        ["district", "list"],
    ):
        said = promised.console(*command, lang="ja")
        assert said.status == 0, said
        assert LEFT_OPEN.search(said.out) is None, said.out
        typed = ("clerk", "terminal", "DELETE", "WAL")
        assert foreign_words(said.out, allowed=(*names, *typed)) == [], said.out


def test_the_clock_is_shown_as_a_banner_on_stderr(console: Console) -> None:
    for lang, banner in (("ja", "時計は 2026-11-20 16:00"), ("en", "clock stands at 2026-11-20 16:00")):
        said = console("booking", "list", lang=lang)
        assert banner in said.err
        assert "2026-11-20" not in said.out


def test_the_environment_given_is_the_one_that_counts(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OUTREACH_HOME", "/nowhere")
    monkeypatch.setenv("OUTREACH_LANG", "en")
    environ = {"OUTREACH_HOME": str(console.home), "OUTREACH_LANG": "ja", "USER": "desk-7"}
    assert run(["staff", "leave", "s-10", "--from", "2026-12-21"], environ) == 0
    assert "登録しました" in console.capture.readouterr().out


def test_who_did_it_is_kept(console: Console) -> None:
    console.environ = {"USER": "desk-7"}
    reference = console("booking", "add", "--json", *answers()).json["reference"]
    assert [change["who"] for change in console("booking", "show", reference, "--json").json["history"]] == ["desk-7"]


@pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")
def test_a_reader_that_has_enough_ends_it_quietly(console: Console) -> None:
    environ = {**os.environ, "OUTREACH_HOME": str(console.home), "OUTREACH_LANG": "en"}
    process = subprocess.Popen(
        [sys.executable, "cli.py", "gazetteer", "list", "--json"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()  # before anything is written
    complaint = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), complaint) == (141, b"")


def test_ctrl_c_ends_it_quietly(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("outreach.services.lookup.find", interrupted)
    said = console("booking", "list")
    assert (said.status, said.out, said.told) == (130, "", [])


def test_our_own_fault_is_a_sentence_without_its_text(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("磯貝 ハル 0991-23-0118")

    monkeypatch.setattr("outreach.services.lookup.find", broken)
    for lang in LANGUAGES:
        said = console("booking", "list", lang=lang)
        assert (said.status, said.out) == (70, "")
        assert_well_put(said, "UNEXPECTED", lang)
        assert "磯貝" not in said.err


HEAVY = {
    "folium",
    "ortools",
    "sqlalchemy",
    "sqlmodel",
    "shapely",
    "numpy",
    "geopy",
    "phonenumbers",
    "openpyxl",
    "typst",
}


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from outreach.terminal.app import run; run(['--help'], {}); "
        f"print(sorted({HEAVY} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


class Typist(io.StringIO):
    """Somebody at the keyboard who answers line by line."""

    def isatty(self) -> bool:
        return True


def test_ask_asks_in_the_order_of_the_script_what_was_not_given(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = ["--name", "磯貝 ハル", "--phone", "0991-23-0118", "--address", "泉町5番地"]
    asked = [question for question in SCRIPT if question.field not in ("name", "phone", "address")]
    answered = {"people": "2", "visit_type": "新しいカード"}
    monkeypatch.setattr("sys.stdin", Typist("".join(answered.get(q.field, "") + "\n" for q in asked)))
    said = console("booking", "add", "--ask", *given, "--json", lang="ja")
    assert (said.status, said.json["status"]) == (0, "requested")
    words = Words("ja")
    assert said.err.index(words.say("answer.say_first")) < said.err.index(words.say("answer.people"))
    labels = [said.err.index(words.say(question.word_key)) for question in asked]
    assert labels == sorted(labels)
    assert "people" not in said.json["open_answers"]
    assert "caller" in said.json["open_answers"]


def test_a_my_number_typed_when_asked_stores_nothing(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    before = console.stored()
    monkeypatch.setattr("sys.stdin", Typist("123456789018\n" * len(SCRIPT)))
    said = console("booking", "add", "--ask", "--json")
    assert (said.status, said.json["reference"], said.json["status"]) == (2, None, None)
    assert console.stored() == before


def test_nobody_is_asked_where_nobody_types(console: Console) -> None:
    said = console("booking", "add", "--ask", "--json", "--name", "磯貝 ハル")
    assert (said.status, said.json["status"]) == (0, "draft")
