"""A home that cannot be used: missing, damaged, read-only, on a full disk. A sentence, and nothing half written."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outreach.programme.settings import DATABASE_FILE, RULES_FILE
from outreach.terminal.app import run
from tests.outreach.terminal.conftest import DAY, NOW, Console, Promised, Said, answers
from tests.outreach.terminal.words import assert_well_put, files_of

ROOT = Path(__file__).resolve().parents[3]
NOBODY = 65_534
LANGUAGES = ("ja", "en")


def test_a_home_that_is_not_there_is_not_made_by_looking(no_home: Console) -> None:
    for command in (["booking", "list"], ["plan", "make", DAY], ["fleet", "show"], ["booking", "add", *answers()]):
        for lang in LANGUAGES:
            said = no_home(*command, lang=lang)
            assert (said.status, said.out) == (2, "")
            assert_well_put(said, "HOME_NOT_SET_UP", lang)
    assert not no_home.home.exists()


def test_the_doctor_says_that_a_home_is_not_there(no_home: Console) -> None:
    said = no_home("doctor", "--json")
    assert (said.status, [d["code"] for d in said.json["diagnoses"]]) == (1, ["HOME_MISSING"])


def test_a_home_with_other_files_is_no_demo(no_home: Console) -> None:
    no_home.home.mkdir()
    (no_home.home / "letter.txt").write_text("mine", encoding="utf-8")
    for lang in LANGUAGES:
        said = no_home("init", "--demo", lang=lang)
        assert (said.status, said.out) == (1, "")
        assert_well_put(said, "HOME_NOT_DEMO", lang)
    assert files_of(no_home.home) == ["letter.txt"]


DAMAGES = {
    "all of it": lambda data: b"\x00garbage" * (len(data) // 8),
    "its head": lambda data: b"not a database!!" + data[16:],
    "its pages": lambda data: data[:4096] + b"\xa5" * (len(data) - 4096),
}


@pytest.mark.parametrize("part", DAMAGES)
def test_a_damaged_database_is_said_to_be_damaged_and_left_alone(console: Console, part: str) -> None:
    database = console.home / DATABASE_FILE
    damaged = DAMAGES[part](database.read_bytes())
    database.write_bytes(damaged)
    for lang in LANGUAGES:
        for command in (["booking", "list"], ["booking", "add", *answers()], ["plan", "make", DAY]):
            said = console(*command, lang=lang)
            assert (said.status, said.out) == (2, ""), said
            assert_well_put(said, "DATABASE_CORRUPT", lang)
        doctor = console("doctor", lang=lang)
        assert (doctor.status, doctor.told) == (1, [])
        assert "DATABASE_CORRUPT" not in doctor.out  # in words
    codes = {d["code"]: d["level"] for d in console("doctor", "--json").json["diagnoses"]}
    assert codes["DATABASE_DAMAGED"] == "error"
    assert database.read_bytes() == damaged


def test_a_database_without_our_tables_is_not_set_up(console: Console) -> None:
    database = console.home / DATABASE_FILE
    database.unlink()
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE letters (text TEXT)")
    connection.close()
    for lang in LANGUAGES:
        said = console("booking", "list", lang=lang)
        assert said.status == 2
        assert_well_put(said, "HOME_NOT_SET_UP", lang)


def test_a_newer_database_is_left_to_a_newer_programme(console: Console) -> None:
    with sqlite3.connect(console.home / DATABASE_FILE) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = console.stored()
    for command in (["booking", "list"], ["init"]):
        for lang in LANGUAGES:
            said = console(*command, lang=lang)
            assert said.status == 1
            assert_well_put(said, "DATABASE_NEWER", lang)
    assert console.stored() == before


def test_a_wrong_rules_file_is_told_with_its_line(console: Console) -> None:
    rules = console.home / RULES_FILE
    rules.write_text(rules.read_text(encoding="utf-8") + "\n[lunch]\nsoup = true\n", encoding="utf-8")
    for lang in LANGUAGES:
        said = console("booking", "list", lang=lang)
        assert said.status == 2
        assert_well_put(said, "RULES_REFUSED", lang, allowed=("lunch", "soup", "outreach", "toml"))
        assert any("lunch" in line for line in said.told), said.err


def test_a_wrong_language_or_clock_or_database_is_told(console: Console) -> None:
    for name, value, code in (
        ("OUTREACH_LANG", "fr", "LANGUAGE_UNKNOWN"),
        ("OUTREACH_NOW", "noon", "NOW_UNREADABLE"),
        ("OUTREACH_DATABASE_URL", "mysql://x", "DATABASE_URL_UNKNOWN"),
    ):
        environ = {"OUTREACH_HOME": str(console.home), "LANG": "ja_JP.UTF-8", name: value}
        console.capture.readouterr()
        status = run(["booking", "list"], environ)
        printed = console.capture.readouterr()
        assert (status, printed.out) == (2, "")
        said = Said(status, printed.out, printed.err)
        assert_well_put(said, code, "ja", allowed=("postgresql", "sqlite"))


def said_in_child(environ: dict[str, str], commands: list[list[str]], **taken_away: Any) -> list[tuple[int, str, str]]:
    """What commands say in a process of their own."""
    asked = {"environ": environ, "warm": [], "warm_environ": {}, "commands": commands, **taken_away}
    done = subprocess.run(
        [sys.executable, "-m", "tests.outreach.terminal.child"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    found: list[tuple[int, str, str]] = json.loads(done.stdout)
    return found


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter: those of pytest are for their owner alone."""
    folder = Path(tempfile.mkdtemp(prefix="outreach-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become somebody else")
def test_a_read_only_home_is_told_and_stays_as_it_is(open_folder: Path, promised: Promised) -> None:
    home = open_folder / "home"
    shutil.copytree(promised.console.home, home)
    for path in [home, *home.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    looking = ["booking", "list"]
    writing = [
        ["booking", "add", *answers(address="泉町5番地")],
        ["plan", "make", DAY, "--seconds", "1"],
        ["van", "down", "van-1"],
    ]
    commands = [["--lang", lang, *command] for lang in LANGUAGES for command in (*writing, looking)]
    environ = {"OUTREACH_HOME": str(home), "OUTREACH_NOW": NOW}
    told = said_in_child(
        environ,
        commands,
        warm=[["--lang", "ja", *looking], *commands[-4:]],
        warm_environ={"OUTREACH_HOME": str(promised.console.home), "OUTREACH_NOW": NOW},
        uid=NOBODY,
    )  # fmt: skip
    for lang, results in zip(LANGUAGES, (told[:4], told[4:]), strict=True):
        for status, out, err in results[:-1]:
            assert (status, out) == (2, ""), err
            assert_well_put(Said(status, out, err), _one_of(err, "PLACE_READ_ONLY", "NO_PERMISSION"), lang)
        status, out, _ = results[-1]
        assert status == 0  # looking is allowed
        assert promised.reference in out
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_a_disk_too_full_to_publish_leaves_nothing_of_it(promised: Promised) -> None:
    home = promised.console.home
    files, before = files_of(home), promised.console.stored()
    (said,) = said_on_full_disk(home, [["--lang", "ja", "plan", "publish", DAY]], file_limit=100_000)
    assert (said.status, said.out) == (2, ""), said.err
    assert_well_put(said, "DISK_FULL", "ja")
    assert [name for name in files_of(home) if name.endswith((".pdf", ".html", ".xlsx", ".json"))] == [
        name for name in files if name.endswith((".pdf", ".html", ".xlsx", ".json"))
    ]
    assert promised.console.stored() == before


def test_a_disk_that_fills_up_keeps_what_was_stored_and_nothing_by_halves(promised: Promised) -> None:
    home = promised.console.home
    size = (home / DATABASE_FILE).stat().st_size
    before = bookings_in(promised.console)
    add = ["booking", "add", *answers(note="長い覚え書き。" * 100, address="泉町5番地")]
    told = said_on_full_disk(home, [["--lang", lang, *add] for lang in LANGUAGES * 4], file_limit=size)
    assert any(said.status == 2 for said in told), "the disk never was full"
    for lang, said in zip(LANGUAGES * 4, told, strict=True):
        if said.status == 2:
            assert said.out == ""
            assert_well_put(said, _one_of(said.err, "DISK_FULL", "DISK_FAULT"), lang)
    assert bookings_in(promised.console) - before == sum(said.status != 2 for said in told)
    with sqlite3.connect(home / DATABASE_FILE) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


def said_on_full_disk(home: Path, commands: list[list[str]], *, file_limit: int) -> list[Said]:
    """What commands say where no file may grow beyond ``file_limit`` bytes."""
    environ = {"OUTREACH_HOME": str(home), "OUTREACH_NOW": NOW}
    return [Said(*said) for said in said_in_child(environ, commands, file_limit=file_limit)]


def bookings_in(console: Console) -> int:
    """How many bookings a home holds."""
    return sum(line.startswith('INSERT INTO "booking" ') for line in console.stored())


def _one_of(text: str, *codes: str) -> str:
    return next((code for code in codes if f"{code}: " in text), codes[0])
