"""A My Number gets in by no way: every option, argument, cell, key, comment and name refuses it and keeps nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bookings.answers import SCRIPT
from bookings.privacy import passes_check_digit
from outreach.terminal import app
from outreach.words import Words
from tests.conftest import Soak
from tests.outreach.terminal.conftest import NOW, Console
from tests.privacy_files import BOOKINGS, FILES, day_file, number_cell, workbook, written_to
from tests.privacy_home import (
    VALID,
    assert_refused,
    city,
    console,
    demo_city,
    desk,
    left_by,
    promised_city,
    state_of,
    ungated,
)
from tests.privacy_vectors import (
    NOTATIONS,
    ON_ONE_LINE,
    Vector,
    with_check_digit,
)

__all__ = ["city", "console", "demo_city", "desk", "promised_city", "ungated"]  # fixtures

PLACE = Path(__file__).parents[1]


# -- every word of every command ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Way:
    """One option or argument of one command."""

    command: tuple[str, ...]
    option: str | None

    def __str__(self) -> str:
        return " ".join((*self.command, self.option or "ARGUMENT"))

    def words(self, text: str) -> list[str]:
        """A command in which ``text`` stands there."""
        return [*self.command, *([self.option] if self.option else []), text]


def _ways(command: Any, path: tuple[str, ...] = ()) -> Iterator[Way]:
    below = getattr(command, "commands", None)
    if below is not None:
        for name, deeper in below.items():
            yield from _ways(deeper, (*path, name))
        return
    for parameter in command.params:
        if not getattr(parameter, "is_flag", False):
            yield Way(path, parameter.opts[0] if parameter.param_type_name == "option" else None)


WAYS = tuple(_ways(app.build(Words("en"))))


def test_every_answer_of_the_script_is_among_the_ways_in() -> None:
    options = {way.option for way in WAYS if way.command == ("booking", "add")}
    assert {f"--{question.field.replace('_', '-')}" for question in SCRIPT} <= options
    assert {("calls", "log"), ("visit", "log"), ("van", "down"), ("plan", "publish"), ("plan", "reopen")} <= {
        way.command for way in WAYS
    }


@pytest.mark.heavy
def test_no_word_of_any_command_takes_a_my_number(console: Console, soak: Soak) -> None:
    pairs = [(way, notation) for way in WAYS for notation in NOTATIONS]
    before = state_of(console.home)
    for way, notation in soak.rng.sample(pairs, soak.count(len(pairs))):
        vector = Vector.drawn(notation, soak.rng)
        said = console(*way.words(vector.written))
        assert (str(way), said.status, said.code, vector.traces_in(said.out + said.err)) == (
            *(str(way), 2, "MY_NUMBER"),
            [],
        )
    assert state_of(console.home) == before


def test_a_number_typed_without_quotes_is_three_arguments_and_still_refused(console: Console) -> None:
    said = console("booking", "add", "--note", "1234", "5678", "9018")
    assert_refused(VALID, said, console.home, "without quotes")


@pytest.mark.parametrize("form", ["--note={}", "--note=番号は{}です"])
def test_an_option_with_an_equals_sign_is_looked_at(console: Console, form: str) -> None:
    assert_refused(VALID, console("booking", "add", form.format(VALID.number)), console.home, form)


@pytest.mark.parametrize("name", ["OUTREACH_HOME", "OUTREACH_DATABASE_URL", "OUTREACH_NOW", "OUTREACH_LANG", "USER"])
def test_the_environment_is_looked_at(console: Console, name: str, tmp_path: Path) -> None:
    value = f"sqlite:///{tmp_path}/123456789018" if name == "OUTREACH_DATABASE_URL" else f"{tmp_path}/1234-5678-9018"
    console.environ[name] = value
    assert_refused(VALID, console("doctor"), console.home, name)
    assert [path.name for path in tmp_path.rglob("*")] == ["temp"]


# -- every use case by itself ------------------------------------------------------------------------------------------

_DAY = "2026-11-24"

TYPED: dict[str, tuple[str, ...]] = {
    **{f"add {q.field}": ("booking", "add", f"--{q.field.replace('_', '-')}") for q in SCRIPT},
    "add household reason": ("booking", "add", "--household-reason"),
    "add town": ("booking", "add", "--town"),
    "edit note": ("booking", "edit", "REF", "--note"),
    "edit why": ("booking", "edit", "REF", "--why"),
    "search": ("booking", "list", "--search"),
    "confirm why": ("booking", "confirm", "REF", "--date", _DAY, "--window", "10:00-10:30", "--why"),
    "decline why": ("booking", "decline", "REF", "--why"),
    "cancel why": ("booking", "cancel", "REF", "--why"),
    "call note": ("calls", "log", "REF", "reached", "--note"),
    "visit note": ("visit", "log", "REF", "visited", "--note"),
    "van reason": ("van", "down", "van-1", "--from", _DAY, "--reason"),
    "make why": ("plan", "make", _DAY, "--why"),
    "publish why": ("plan", "publish", _DAY, "--why"),
    "reopen why": ("plan", "reopen", _DAY, "--why"),
    "pin why": ("plan", "pin", _DAY, "REF", "--van", "van-1", "--why"),
    "address": ("address", "match"),
    "account name": ("user", "add", "--role", "clerk", "--password-stdin"),
    "account display name": ("user", "add", "sato", "--role", "clerk", "--password-stdin", "--display"),
}
"""Every text that a use case takes and keeps, or looks for."""


@pytest.mark.heavy
@pytest.mark.parametrize("way", TYPED)
def test_every_use_case_refuses_by_itself(way: str, ungated: Console, city: tuple[Path, str], soak: Soak) -> None:
    before = state_of(ungated.home)
    for notation in soak.rng.sample(list(NOTATIONS), soak.count(len(NOTATIONS))):
        vector = Vector.drawn(notation, soak.rng)
        command = [city[1] if word == "REF" else word for word in TYPED[way]]
        assert_refused(vector, ungated(*command, vector.written), ungated.home, f"{way} ({notation})")
    assert state_of(ungated.home) == before


def test_what_is_only_looked_up_is_not_repeated(ungated: Console, soak: Soak) -> None:
    words = [
        *(("booking", "show", "X"), ("booking", "confirm", "X", "--date", "X", "--window", "X")),
        *(("booking", "list", "--in-town", "X"), ("booking", "list", "--status", "X"), ("shift", "remove", _DAY, "X")),
        *(("van", "up", "X"), ("van", "down", "X"), ("staff", "leave", "X", "--from", _DAY), ("plan", "explain", "X")),
        *(("plan", "show", "X"), ("plan", "show", _DAY, "--version", "X"), ("calls", "list", "X"), ("sheets", "X")),
        *(("solve", "X"), ("check", "X", "X"), ("gazetteer", "import", "X"), ("visit", "log", "--file", "X")),
        *(("booking", "import", "X"), ("district", "import", "X"), ("fleet", "import", "X"), ("X",), ("booking", "X")),
    ]
    for command in words:
        vector = Vector.drawn("plain", soak.rng)
        said = ungated(*(vector.written if word == "X" else word for word in command))
        assert (command, left_by(vector, said, ungated.home)) == (command, [])


# -- every file --------------------------------------------------------------------------------------------------------


@pytest.mark.heavy
@pytest.mark.parametrize("way", FILES)
def test_no_file_brings_a_my_number_in(way: str, ungated: Console, desk: Path, soak: Soak) -> None:
    before = state_of(ungated.home)
    notations = list(ON_ONE_LINE if not way.startswith(("csv", "xlsx", "sheet")) else NOTATIONS)
    for notation in soak.rng.sample(notations, soak.count(len(notations))):
        vector = Vector.drawn(notation, soak.rng)
        command = FILES[way](vector, desk)
        assert_refused(vector, ungated(*command), ungated.home, f"{way} ({notation})")
    assert state_of(ungated.home) == before


@pytest.mark.parametrize("number", [123456789018, 123456789018.0])
def test_a_whole_number_in_a_day_file_is_not_repeated(ungated: Console, desk: Path, number: float) -> None:
    place = {"id": "hall", "lat": 31.7, "lon": 131.0}
    path = written_to(desk / "day.json", day_file(places=[place], max_leg_s=number))
    assert_refused(VALID, ungated("solve", str(path)), ungated.home, "number")


def test_a_number_that_lost_its_leading_zero_in_a_spreadsheet_is_found(ungated: Console, desk: Path) -> None:
    vector = Vector(number := with_check_digit("01234567890"), number[1:])
    csv = written_to(desk / "table.csv", f"{BOOKINGS}{vector.written}\n")
    assert_refused(vector, ungated("booking", "import", str(csv)), ungated.home, "csv")
    put = workbook(lambda _, sheet, v: number_cell(sheet, v, "General"))(vector, desk)
    assert_refused(vector, ungated(*put), ungated.home, "xlsx")


def test_the_states_codes_of_towns_are_no_my_numbers(console: Console, desk: Path) -> None:
    code = next(code for end in range(10**6) if passes_check_digit(code := f"452020{end:06d}"))
    header, row = (
        "市区町村コード,大字町丁目コード,都道府県名,市区町村名,大字町丁目名,緯度,経度",
        f"{code},宮崎県,都城市,今町,31.6,131.0",
    )
    taken = written_to(desk / "towns.csv", f"{header}\n45202,{row}\n")
    copy = Console(Path(shutil.copytree(console.home, desk / "home")), console.capture)
    assert copy("gazetteer", "import", str(taken)).status == 0
    alone = written_to(desk / "alone.csv", f"{header}\n,{row}\n")
    assert_refused(Vector(code, code), copy("gazetteer", "import", str(alone)), copy.home, "alone")


@pytest.mark.parametrize("text", ["# X\n", 'note = "X"\n', '"X" = 1\n', '[city]\nname = "E"\n'])
def test_a_rules_file_with_a_my_number_opens_no_home(console: Console, desk: Path, text: str) -> None:
    home = Path(shutil.copytree(console.home, desk / "home"))
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in VALID.number)
    (home / "outreach.toml").write_text(text.replace("X", VALID.number).replace("E", escaped), encoding="utf-8")
    before = state_of(home)
    said = Console(home, console.capture)("booking", "list")
    assert (said.status, said.code, VALID.traces_in(said.out + said.err)) == (2, "RULES_REFUSED", [])
    assert state_of(home) == before


# -- in a process of its own -------------------------------------------------------------------------------------------

CHILD = {
    "note": ("booking", "add", "--note", "番号は１２３４ー５６７８ー９０１８です"),
    "search": ("booking", "list", "--search", "1234 5678 9018"),
    "reference": ("booking", "show", "123456789018"),
    "no such command": ("booking", "一二三四五六七八九〇一八"),
}


@pytest.mark.parametrize("way", CHILD)
def test_a_real_process_leaves_nothing(way: str, city: tuple[Path, str], tmp_path: Path) -> None:
    before = state_of(city[0])
    environ = {"OUTREACH_HOME": str(city[0]), "OUTREACH_NOW": NOW, "TMPDIR": str(tmp_path), "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "cli", *CHILD[way]],
        cwd=PLACE,
        env={"PATH": os.environ.get("PATH", ""), "OUTREACH_LANG": "en", **environ},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    vector = Vector(VALID.number, CHILD[way][-1])
    assert (done.returncode, done.stdout, done.stderr.splitlines()[0]) == (
        *(2, "", "MY_NUMBER: " + Words("en").say("error.MY_NUMBER.sentence")),
    )
    assert vector.traces_in(done.stderr) == []
    assert (state_of(city[0]), list(tmp_path.iterdir())) == (before, [])
