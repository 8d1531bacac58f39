"""The restore drill: a day's work is backed up, put into an empty place, and the doctor finds it whole."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select

from outreach.errors import BadInput, NotFound, Refused
from outreach.programme.settings import DATABASE_FILE, Settings
from outreach.services import backups, desk
from outreach.services.installation import doctor
from outreach.services.office import Office, open_office
from outreach.storage.engine import sqlite_url
from outreach.storage.migrate import HEAD
from outreach.words import Words
from tests.outreach.city import MORNING, WEDNESDAY, put_bookings, small_city
from tests.outreach.services.promised import promised, quick


@pytest.fixture
def elsewhere(office: Office, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Settings]:
    """Another home with an empty database of the same kind, and the rules of the first."""
    home = tmp_path / "elsewhere"
    home.mkdir()
    (home / "outreach.toml").write_bytes(office.settings.rules_file.read_bytes())
    if office.engine.dialect.name == "sqlite":
        yield replace(office.settings, home=home, database_url=sqlite_url(home / DATABASE_FILE))
        return
    server = request.getfixturevalue("postgres_server")
    url = server.create_database(migrated=False)
    yield replace(office.settings, home=home, database_url=url)
    server.drop_database(url)


def contents(office: Office) -> dict[str, list[str]]:
    """Every row of every table."""
    found = MetaData()
    with office.engine.connect() as connection:
        found.reflect(connection)
        return {
            table.name: sorted(repr(dict(row)) for row in connection.execute(select(table)).mappings())
            for table in found.tables.values()
        }


def a_days_work(office: Office) -> Office:
    """Promises, a hold, and bookings that wait."""
    small_city(office)
    promised(quick(office), "10:00", "13:30")
    held, _ = put_bookings(office, 2, first=3)
    desk.hold(quick(office), held, WEDNESDAY, MORNING)
    return office


def test_what_is_put_back_is_what_was_there(office: Office, elsewhere: Settings) -> None:
    a_days_work(office)
    copy = backups.make(office.settings)
    assert backups.restore(elsewhere, copy.file).revision == HEAD
    again = open_office(elsewhere)
    assert contents(again) == contents(office)
    again.engine.dispose()


def test_the_doctor_finds_a_restored_home_as_well_as_the_first(office: Office, elsewhere: Settings) -> None:
    a_days_work(office)
    backups.restore(elsewhere, backups.make(office.settings).file)
    words = Words("en")

    def ills(settings: Settings) -> list[str]:
        return [each.code for each in doctor(settings, words) if each.level == "error"]

    assert ills(elsewhere) == ills(office.settings)


def test_work_goes_on_in_what_was_put_back(office: Office, elsewhere: Settings) -> None:
    a_days_work(office)
    backups.restore(elsewhere, backups.make(office.settings).file)
    again = open_office(elsewhere, who="tester", channel="phone")
    (new,) = put_bookings(again, 1, first=10)
    assert new in {row["reference"] for row in _bookings(again)}
    again.engine.dispose()


def _bookings(office: Office) -> list[dict[str, Any]]:
    found = MetaData()
    with office.engine.connect() as connection:
        found.reflect(connection, only=["booking"])
        return [dict(row) for row in connection.execute(select(found.tables["booking"])).mappings()]


def test_a_database_in_use_is_never_overwritten(office: Office) -> None:
    a_days_work(office)
    copy = backups.make(office.settings)
    before = contents(office)
    with pytest.raises(Refused) as refused:
        backups.restore(office.settings, copy.file)
    assert refused.value.code == "DATABASE_NOT_EMPTY"
    assert contents(office) == before


def test_half_a_backup_leaves_the_place_empty(office: Office, elsewhere: Settings, tmp_path: Path) -> None:
    a_days_work(office)
    copy = backups.make(office.settings)
    half = tmp_path / f"half{copy.file.suffix}"
    if copy.file.suffix == ".zip":
        with zipfile.ZipFile(copy.file) as whole, zipfile.ZipFile(half, "w") as part:
            for name in whole.namelist():
                if name != "visit.jsonl":
                    part.writestr(name, whole.read(name))
    else:
        half.write_bytes(copy.file.read_bytes()[: copy.size_bytes // 2])
    with pytest.raises(BadInput) as refused:
        backups.restore(elsewhere, half)
    assert refused.value.code == "BACKUP_UNREADABLE"
    assert backups.restore(elsewhere, copy.file).revision == HEAD


def test_a_missing_backup_is_named(office: Office, elsewhere: Settings, tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        backups.restore(elsewhere, tmp_path / "outreach-never.zip")
    assert (refused.value.code, refused.value.values) == ("BACKUP_MISSING", {"file": "outreach-never.zip"})


def test_a_copy_goes_where_it_is_told(office: Office, tmp_path: Path) -> None:
    made = backups.make(office.settings, tmp_path / "safe")
    assert made.file.parent == tmp_path / "safe"
    assert made.size_bytes == made.file.stat().st_size > 0
