"""A home for the tests of what must never be kept: nothing in it may change, nothing may be left or printed."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

import pytest

from outreach.terminal import app
from outreach.words import Words
from tests.outreach.terminal.conftest import Console, Said, demo_city, promised_city
from tests.privacy_vectors import (
    Vector,
)

VALID = Vector("123456789018", "123456789018")
"""The number everybody knows, as everybody writes it."""


__all__ = ["demo_city", "promised_city"]  # fixtures of the terminal's tests, used here too


@pytest.fixture(scope="module")
def city(promised_city: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A home with the demo's city and one promise, and its reference; every test here leaves it as it is."""
    home, reference = promised_city
    return Path(shutil.copytree(home, tmp_path_factory.mktemp("city") / "home")), reference


@pytest.fixture
def console(
    city: tuple[Path, str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Console:
    """A terminal in that city, whose temporary files are seen too."""
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    return Console(city[0], capsys)


@pytest.fixture
def ungated(console: Console, monkeypatch: pytest.MonkeyPatch) -> Console:
    """The same without the look at the whole command: every use case has to guard itself."""
    monkeypatch.setattr(app, "refuse_private", lambda *_: None)
    return console


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder for the files of one test, apart from the home."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return folder


def state_of(home: Path) -> dict[str, str]:
    """Every file under the home with its hash."""
    files = (path for path in sorted(home.rglob("*")) if path.is_file())
    return {str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def left_by(vector: Vector, said: Said, home: Path) -> list[str]:
    """Where a refused number was left: what was printed, the files under the home, temporary ones."""
    folders = home, Path(tempfile.gettempdir())
    return [*vector.traces_in(said.out), *vector.traces_in(said.err), *vector.traces_under(*folders)]


CLEAR_CODES = {"MY_NUMBER", "RULES_REFUSED", "IMPORT_REFUSED", "SHEET_REFUSED", "FLEET_REFUSED"}
"""MY_NUMBER, or a file refused with it among the findings."""


def assert_refused(vector: Vector, said: Said, home: Path, way: str) -> None:
    """Exit status 2, a clear code, and not a trace."""
    assert (way, said.status, said.out, left_by(vector, said, home)) == (way, 2, "", [])
    code = next((line.partition(":")[0] for line in said.told if line.partition(":")[0] in CLEAR_CODES), "")
    told = Words("en").say("finding.MY_NUMBER.sentence"), Words("en").say("finding.RULE_MY_NUMBER.sentence")
    assert code == "MY_NUMBER" or (code and any(sentence in said.err for sentence in told)), (way, said.err)
