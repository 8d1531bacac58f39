"""The demo is the same everywhere: two runs on two system dates give the same files, byte for byte.

Its maps hold not a word of any resident: that is looked at here because a run takes its time.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from outreach import demo
from outreach.demo import NOW, calls
from outreach.programme.settings import DATABASE_FILE
from outreach.terminal.app import run

ROOT = Path(__file__).resolve().parents[1]

ANOTHER_DATE = '''"""Another system date for this Python and every one it starts: its clock runs, some days away."""

import contextlib
import datetime
import os
import time

with contextlib.suppress(ImportError):
    import pandas  # compiled against the real clock, and loaded by Folium: it must meet the real one first

_DAYS = int(os.environ["SHIFTED_DAYS"])
_SECONDS = _DAYS * 86400
_now, _now_ns, _real = time.time, time.time_ns, datetime.datetime


class _Same(type(_real)):
    def __instancecheck__(cls, value):
        return isinstance(value, _real)

    def __subclasscheck__(cls, other):
        return issubclass(other, _real)


class _Shifted(_real, metaclass=_Same):
    @classmethod
    def now(cls, tz=None):
        return _real.now(tz) + datetime.timedelta(days=_DAYS)

    @classmethod
    def today(cls):
        return _real.today() + datetime.timedelta(days=_DAYS)

    @classmethod
    def utcnow(cls):
        return _real.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(days=_DAYS)


time.time = lambda: _now() + _SECONDS
time.time_ns = lambda: _now_ns() + _SECONDS * 10**9
datetime.datetime = _Shifted
'''


@dataclass(frozen=True)
class Told:
    """One run of the demo: what it printed, and its files by name with their SHA-256; they lie in ``folder``."""

    out: str
    err: str
    files: dict[str, str]
    folder: Path


@dataclass(frozen=True)
class Stage:
    """Runs the demo in processes of their own, as people do: ``OUTREACH_NOW`` unset."""

    folder: Path

    def __call__(self, name: str, *options: str, lang: str, days: int, seed: int) -> Told:
        shift = self.folder / "another-date"
        shift.mkdir(exist_ok=True)
        (shift / "sitecustomize.py").write_text(ANOTHER_DATE, encoding="utf-8")
        out = self.folder / name
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("OUTREACH_", "PYTHON"))}
        environ = kept | {
            "PYTHONPATH": f"{shift}{os.pathsep}{ROOT}",
            "PYTHONHASHSEED": str(seed),
            "SHIFTED_DAYS": str(days),
            "TZ": "UTC" if seed % 2 else "Asia/Tokyo",
        }
        if sys.dont_write_bytecode:  # then nothing is compiled beforehand: do it once for all runs
            environ["PYTHONPYCACHEPREFIX"] = str(self.folder / "compiled")

        def python(*arguments: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, *arguments], cwd=self.folder, env=environ, capture_output=True, text=True, check=False
            )

        shifted = python("-c", "import sitecustomize as s, time; print(round((time.time() - s._now()) / 86400))").stdout
        assert shifted.strip() == str(days), "the system date was not shifted"
        done = python(str(ROOT / "cli.py"), "--lang", lang, "demo", "--out", str(out), *options)
        assert done.returncode == 0, done.stderr
        files = {path.name: path for path in out.iterdir() if path.is_file()}
        return Told(
            done.stdout.replace(str(out), "OUT"),
            done.stderr,
            {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted(files.items())},
            out,
        )


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


FILES = [
    "call-list.html",
    "call-list.pdf",
    "call-list.xlsx",
    "coverage-map.html",
    "coverage.csv",
    "day-2026-11-24.json",
    "plan-2026-11-24.json",
    "route-map.html",
    "route-sheets.html",
    "route-sheets.pdf",
]


SAID = {
    "ja": (
        "受け付けられなかった電話",
        "しらせ1号",
        "しらせ2号",
        "みなみ号",
        "11月24日（火よう日）",
        "出発",
        "帰着",
    ),
    "en": (
        "Calls that did not become a booking",
        "Shirase 1",
        "Shirase 2",
        "Minami",
        "Tue 24 Nov 2026",
        "departs",
        "returns",
    ),
}


@pytest.mark.heavy(take=1)
@pytest.mark.parametrize("lang", SAID)
def test_two_runs_on_two_system_dates_give_the_same_files_and_tell_the_same_story(stage: Stage, lang: str) -> None:
    """One run in words, one with ``--json``; a run takes its time, so that all is looked at here."""
    in_2025 = stage("2025", lang=lang, days=-400, seed=1)
    in_2028 = stage("2028", "--json", lang=lang, days=700, seed=2)
    assert sorted(in_2025.files) == FILES
    assert in_2025.files == in_2028.files
    look_at_progress(in_2025)
    look_at_progress(in_2028)
    look_at_words(in_2025, SAID[lang])
    look_at_json(in_2028)
    look_at_maps(in_2025)


def look_at_words(told: Told, said: tuple[str, ...]) -> None:
    """The routes as a table, the refused calls with their reasons, the paths of the files: all on stdout."""
    assert [text for text in said if text not in told.out] == []
    assert [line.strip().removeprefix("OUT/") for line in told.out.splitlines()[-len(FILES) :]] == [
        *[name for name in FILES if not name.startswith("coverage")],
        *[name for name in FILES if name.startswith("coverage")],
    ]


def look_at_progress(told: Told) -> None:
    """Progress on stderr, and nothing else there."""
    assert [line.endswith(("…", " ...")) for line in told.err.splitlines()] == [True] * 3


def look_at_json(told: Told) -> None:
    """One document on stdout."""
    story: dict[str, Any] = json.loads(told.out)
    assert (story["day"], story["calls"]) == ("2026-11-24", 67)
    assert story["promised"] >= 20
    assert sorted(Path(path).name for path in story["files"]) == FILES
    assert {outcome["status"] for outcome in story["refused"]} == {"draft", "turned_down", "refused"}
    assert all(outcome["sentence"] for outcome in story["refused"])


_PERSONAL = ("name", "kana", "caller_name", "phone", "second_phone", "fax", "mail", "address", "landmark", "note")
_STORED = "name, kana, phone_e164, phone_spoken, address_written, address_normalised"


def look_at_maps(told: Told) -> None:
    """No map holds a name, a phone, an address or a note, neither as it was said nor as it is stored."""
    said = {
        answers.get(field, "").strip() for c in calls() for answers in (c.answers, c.corrected) for field in _PERSONAL
    }
    with closing(sqlite3.connect(told.folder / "home" / DATABASE_FILE)) as database:
        said |= {
            str(value).strip() for row in database.execute(f"SELECT {_STORED} FROM booking") for value in row if value
        }
    maps = {path.name: path.read_text(encoding="utf-8") for path in told.folder.glob("*map*.html")}
    assert sorted(maps) == ["coverage-map.html", "route-map.html"]
    towns = set(demo.city_file("towns.csv").read_text(encoding="utf-8").replace("\n", ",").split(","))
    words = sorted(word for word in said if len(word) > 1 and word not in towns)
    assert len(words) > 150
    assert [(name, word) for name, html in maps.items() for word in words if word in html] == []


def test_the_demo_stands_on_a_friday_afternoon() -> None:
    assert datetime.fromisoformat(NOW).strftime("%A %H:%M") == "Friday 16:00"


@pytest.mark.parametrize(("lang", "word"), [("ja", "デモ用"), ("en", "not a demo")])
def test_a_home_that_is_not_a_demo_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, word: str
) -> None:
    home = tmp_path / "out" / "home"
    home.mkdir(parents=True)
    (home / "outreach.toml").write_text("mine", encoding="utf-8")
    assert run(["--lang", lang, "demo", "--out", str(tmp_path / "out")], {"HOME": str(tmp_path)}) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("HOME_NOT_DEMO: ")
    assert word in said.err
    assert (home / "outreach.toml").read_text(encoding="utf-8") == "mine"
    assert [path.name for path in (tmp_path / "out").rglob("*")] == ["home", "outreach.toml"]


def test_the_language_may_stand_behind_the_command(tmp_path: Path) -> None:
    """``make demo`` says ``outreach demo --lang ja --out DIR``; a language nobody speaks here is refused."""
    from outreach.terminal.app import run

    assert run(["demo", "--lang", "xx", "--out", str(tmp_path)], {}) == 2
    assert run(["demo", "--lang", "ja", "--help"], {}) == 0
    assert list(tmp_path.iterdir()) == []
