"""A terminal in this process: the demo's city in a home of the test's own, what a command printed, and how it ended."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from outreach.programme.settings import DATABASE_FILE
from outreach.terminal.app import run
from tests.outreach import once

once.build_commands_once()

NOW = "2026-11-20T16:00"
"""A Friday afternoon; Monday the 23rd is a holiday, the vans go out again on Tuesday the 24th."""


@dataclass(frozen=True)
class Said:
    """What one command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def code(self) -> str:
        """The code at the head of the error."""
        return self.told[0].partition(":")[0]

    @property
    def told(self) -> list[str]:
        """The lines on stderr, without the banner of the fixed clock."""
        return [line for line in self.err.splitlines() if not line.startswith(("※ 時計は", "Note: the clock"))]


@dataclass
class Console:
    """Runs commands on one home: ``console("plan", "show", "2026-11-24")``."""

    home: Path
    capture: pytest.CaptureFixture[str]
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str, lang: str = "en", now: str = NOW) -> Said:
        environ = {"OUTREACH_HOME": str(self.home), "OUTREACH_NOW": now, "USER": "clerk", **self.environ}
        self.capture.readouterr()
        status = run(["--lang", lang, *arguments], environ)
        printed = self.capture.readouterr()
        return Said(status, printed.out, printed.err)

    def stored(self) -> list[str]:
        """Everything in the database, line by line; driving times may be computed for whoever asks."""
        with sqlite3.connect(self.home / DATABASE_FILE) as connection:
            lines = [line for line in connection.iterdump() if not line.startswith('INSERT INTO "travel_time"')]
        connection.close()
        return lines

    def references(self) -> list[str]:
        """The references of all bookings, the newest first."""
        return [booking["reference"] for booking in self("booking", "list", "--json").json]


@pytest.fixture(scope="session")
def demo_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demo's city and no booking, to copy."""
    home = tmp_path_factory.mktemp("demo") / "home"
    assert run(["init", "--demo"], {"OUTREACH_HOME": str(home), "OUTREACH_NOW": NOW}) == 0
    return home


@pytest.fixture
def console(tmp_path: Path, demo_city: Path, capsys: pytest.CaptureFixture[str]) -> Console:
    """A terminal in the demo's city, nothing booked yet."""
    return Console(Path(shutil.copytree(demo_city, tmp_path / "home")), capsys)


@pytest.fixture
def no_home(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Console:
    """A terminal whose home is not there."""
    return Console(tmp_path / "nowhere", capsys)


Take = Callable[..., str]

GOOD = {
    "name": "磯貝 ハル",
    "kana": "イソガイ ハル",
    "phone": "0991-23-0118",
    "address": "松ヶ丘290番地4",
    "people": "2",
    "visit-type": "new_card",
    "resident": "yes",
    "moving-soon": "no",
    "under-15": "0",
    "birth-year": "昭和8年",
    "parking": "yes",
    "access": "yes",
    "papers": "two_without",
    "application-form": "yes",
    "caller": "self",
    "wishes": "午前",
    "heard-from": "newsletter",
}
"""Answers with which nothing is wrong."""


def answers(**changed: str) -> list[str]:
    """The good answers as options; ``changed`` replace them, an empty text leaves one out."""
    given = GOOD | {name.replace("_", "-"): text for name, text in changed.items()}
    return [part for name, text in given.items() if text for part in (f"--{name}", text)]


@pytest.fixture
def take(console: Console) -> Take:
    """Takes a good booking and returns its reference."""

    def take_one(*options: str, **changed: str) -> str:
        said = console("booking", "add", "--json", *answers(**changed), *options)
        assert said.status == 0, said
        reference: str = said.json["reference"]
        return reference

    return take_one


DAY = "2026-11-24"
WINDOW = ("--date", DAY, "--window", "10:00-10:30", "--accept", "LEAD_TIME")


@pytest.fixture(scope="session")
def promised_city(tmp_path_factory: pytest.TempPathFactory, demo_city: Path) -> tuple[Path, str]:
    """The demo's city with one promise on Tuesday the 24th, to copy; and the promise's reference."""
    home = Path(shutil.copytree(demo_city, tmp_path_factory.mktemp("promised") / "home"))
    environ = {"OUTREACH_HOME": str(home), "OUTREACH_NOW": NOW, "OUTREACH_LANG": "en"}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        assert run(["booking", "add", "--json", *answers()], environ) == 0
        reference = json.loads(printed.getvalue())["reference"]
        assert run(["booking", "confirm", reference, *WINDOW], environ) == 0
    return home, reference


@dataclass(frozen=True)
class Promised:
    """A terminal in a city with one promise: ``reference``, on Tuesday the 24th, 10:00-10:30."""

    console: Console
    reference: str


@pytest.fixture
def promised(tmp_path: Path, promised_city: tuple[Path, str], capsys: pytest.CaptureFixture[str]) -> Promised:
    """A terminal in the demo's city with one promise."""
    home, reference = promised_city
    return Promised(Console(Path(shutil.copytree(home, tmp_path / "promised")), capsys), reference)
