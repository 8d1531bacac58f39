from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from outreach.errors import BadInput
from outreach.programme.clock import TOKYO, FixedClock, SystemClock
from outreach.programme.settings import language_asked_for, settings_from


def test_the_option_comes_before_the_variable_before_the_data_folder(tmp_path: Path) -> None:
    environ = {"OUTREACH_HOME": str(tmp_path / "a"), "XDG_DATA_HOME": str(tmp_path / "x"), "HOME": str(tmp_path / "h")}
    assert settings_from(environ, tmp_path / "b").home == tmp_path / "b"
    assert settings_from(environ).home == tmp_path / "a"
    del environ["OUTREACH_HOME"]
    assert settings_from(environ).home == tmp_path / "x" / "outreach"
    del environ["XDG_DATA_HOME"]
    assert settings_from(environ).home == tmp_path / "h" / ".local" / "share" / "outreach"
    assert settings_from({"LOCALAPPDATA": str(tmp_path / "w")}).home == tmp_path / "w" / "outreach"


def test_a_relative_home_becomes_absolute() -> None:
    assert settings_from({}, "somewhere").home == Path.cwd() / "somewhere"


def test_everything_has_its_place_in_the_home(tmp_path: Path) -> None:
    settings = settings_from({}, tmp_path)
    assert settings.rules_file == tmp_path / "outreach.toml"
    assert settings.database_file == tmp_path / "outreach.sqlite3"
    assert settings.database_url == f"sqlite:///{tmp_path}/outreach.sqlite3"
    assert settings.published == tmp_path / "published"
    assert settings.backups == tmp_path / "backups"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("start", ["postgresql://", "postgres://", "postgresql+psycopg://"])
def test_a_postgresql_address_is_reached_by_psycopg_and_its_password_is_not_shown(start: str, tmp_path: Path) -> None:
    settings = settings_from({"OUTREACH_DATABASE_URL": start + "van:geheim@db/outreach"}, tmp_path)
    assert settings.database_url == "postgresql+psycopg://van:geheim@db/outreach"
    assert settings.database_file is None
    assert "geheim" not in repr(settings)


def test_another_database_is_bad_input_and_its_address_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        settings_from({"OUTREACH_DATABASE_URL": "mysql://van:geheim@db/outreach"}, tmp_path)
    assert (refused.value.code, refused.value.values) == ("DATABASE_URL_UNKNOWN", {})


def test_the_language_is_the_options_then_the_variables_then_the_rules_then_the_computers(tmp_path: Path) -> None:
    (tmp_path / "outreach.toml").write_text('[city]\nlanguage = "en"\n', encoding="utf-8")
    environ = {"OUTREACH_LANG": "ja", "LANG": "ja_JP.UTF-8"}
    assert settings_from(environ, tmp_path, "en").language == "en"
    assert settings_from(environ, tmp_path).language == "ja"
    assert settings_from({"LANG": "ja_JP.UTF-8"}, tmp_path).language == "en"
    assert settings_from({"LANG": "ja_JP.UTF-8"}, tmp_path / "empty").language == "ja"


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LC_ALL": "ja_JP.eucJP", "LANG": "en_US.UTF-8"}, "ja"),
        ({"LC_MESSAGES": "en_GB.UTF-8", "LANG": "ja_JP.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_computers_language_is_japanese_or_else_english(
    environ: dict[str, str], language: str, tmp_path: Path
) -> None:
    assert settings_from(environ, tmp_path).language == language


@pytest.mark.parametrize(
    ("content", "language"),
    [
        (b"", "ja"),
        ("\ufeff[city]\nlanguage = 'en'".encode(), "en"),
        (b"[city]\nname = 'x'", "ja"),
        (b"[city", "en"),
        (b"city = 1", "en"),
        (b"[city]\nlanguage = 'fr'", "en"),
        (b"\x8a\xff", "en"),
    ],
)
def test_a_rules_file_speaks_its_language_and_a_broken_one_leaves_it_to_the_computer(
    content: bytes, language: str, tmp_path: Path
) -> None:
    (tmp_path / "outreach.toml").write_bytes(content)
    assert settings_from({"LANG": "en_US.UTF-8"}, tmp_path).language == language


@pytest.mark.parametrize("text", ["ja", "JA", " ja ", "ja_JP.UTF-8", "ja-JP"])
def test_a_language_may_be_written_as_a_locale(text: str) -> None:
    assert language_asked_for(text) == "ja"


@pytest.mark.parametrize("text", ["fr", "jp", "japanese", "日本語"])
def test_a_language_there_is_not_is_bad_input(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        settings_from({"OUTREACH_LANG": text}, tmp_path)
    assert (refused.value.code, refused.value.values) == ("LANGUAGE_UNKNOWN", {"known": ["ja", "en"]})


def test_the_clock_stands_still_only_where_outreach_now_says_so(tmp_path: Path) -> None:
    fixed = settings_from({"OUTREACH_NOW": "2026-11-24T09:00"}, tmp_path)
    assert fixed.now == datetime(2026, 11, 24, 9, 0, tzinfo=TOKYO)
    assert fixed.clock == FixedClock(datetime(2026, 11, 24, 9, 0, tzinfo=TOKYO))
    running = settings_from({}, tmp_path)
    assert (running.now, running.clock) == (None, SystemClock())


def test_settings_and_errors_load_nothing_heavy() -> None:
    heavy = ("pydantic", "sqlmodel", "sqlalchemy", "jpholiday", "ortools", "folium", "numpy", "bookings", "routing")
    script = (
        "import sys, outreach.programme.settings, outreach.errors\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown == "[]\n"
