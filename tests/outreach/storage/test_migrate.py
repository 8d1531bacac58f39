"""An upgrade makes the tables the programme means, after a backup that can be read, or leaves everything as it was."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, inspect, make_url
from sqlmodel import select

import outreach.storage.tables  # noqa: F401  (fills the metadata)
from bookings.models import NAMING_CONVENTION, Booking, metadata
from outreach.errors import present
from outreach.storage import migrate
from outreach.storage.engine import reading, writing
from outreach.storage.migrate import HEAD, back_up, current_revision, upgrade
from outreach.storage.tables import ShiftCrew, ShiftRow
from outreach.words import Words
from tests.outreach.city import NOW, a_booking, demo_rules, put_small_city
from tests.outreach.storage import child

NEXT = '''"""A column for the shift, and changes of rows before and after what happens in the middle."""

import os

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("shift") as batch:
        batch.add_column(sa.Column("motto", sa.String(), nullable=True))
        batch.create_check_constraint(op.f("ck_shift_motto_said"), "motto <> ''")  # SQLite makes the table anew for it
    op.execute("UPDATE shift SET motto = 'early'")
    op.execute("DELETE FROM booking_change")
    {middle}
    op.execute("UPDATE booking SET note = 'migrated'")
'''

Make = Callable[[str], None]


@pytest.fixture
def next_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """Makes the programme one migration newer than the database; the argument is what happens in its middle."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, folder)

    def make(middle: str) -> None:
        (folder / "versions" / "9999_next.py").write_text(NEXT.format(head=HEAD, middle=middle), encoding="utf-8")
        monkeypatch.setattr(migrate, "MIGRATIONS", folder)
        monkeypatch.setattr(migrate, "HEAD", "9999")

    return make


@pytest.fixture
def city(engine: Engine) -> Engine:
    """The small city with a booking, on both databases."""
    with writing(engine) as session:
        put_small_city(session, demo_rules())
        session.add(a_booking(1, note="as it was"))
    return engine


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))


def checks(engine: Engine) -> dict[str, list[str]]:
    """The names of all checks and references by table: Alembic does not compare the former."""
    found = inspect(engine)
    return {
        table: sorted(
            str(constraint["name"])
            for constraint in [*found.get_check_constraints(table), *found.get_foreign_keys(table)]
        )
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def crews(engine: Engine) -> list[tuple[int, str]]:
    with reading(engine) as session:
        return sorted(session.exec(select(ShiftCrew.shift_id, ShiftCrew.staff_id)).all())


def notes(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return list(session.exec(select(Booking.note)).all())


def backup_of(backups: Path) -> Path:
    (backup,) = backups.iterdir()
    return backup


def bookings_in(backup: Path) -> list[str]:
    """The references in a backup."""
    if backup.suffix == ".sqlite3":
        with closing(sqlite3.connect(backup)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            return [reference for (reference,) in connection.execute("SELECT reference FROM booking")]
    with zipfile.ZipFile(backup) as archive:
        assert archive.testzip() is None
        return [json.loads(line)["reference"] for line in archive.read("booking.jsonl").splitlines()]


def test_the_head_of_the_programme_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_an_empty_database_becomes_the_tables_the_programme_means(
    empty_database_url: str, open_database: Callable[[str], Engine], tmp_path: Path
) -> None:
    engine = open_database(empty_database_url)
    assert current_revision(engine) is None
    assert upgrade(engine, backups=tmp_path / "backups", now=NOW) is None  # there was nothing to keep
    assert (current_revision(engine), differences(engine)) == (HEAD, [])


def test_checks_and_references_are_those_of_the_tables_the_programme_means(
    empty_database_url: str, open_database: Callable[[str], Engine], tmp_path: Path
) -> None:
    engine = open_database(empty_database_url)
    # A copy: creating tables on PostgreSQL marks the constraints of a cycle as made, for good and for SQLite too.
    tables = MetaData(naming_convention=NAMING_CONVENTION)
    for table in metadata.tables.values():
        table.to_metadata(tables)
    tables.create_all(engine)
    meant = checks(engine)
    tables.drop_all(engine)
    upgrade(engine, backups=tmp_path / "backups", now=NOW)
    assert (checks(engine), len(meant)) == (meant, len(metadata.tables))


def test_a_current_database_is_left_alone(city: Engine, tmp_path: Path) -> None:
    assert upgrade(city, backups=tmp_path / "backups", now=NOW) is None
    assert not (tmp_path / "backups").exists()


def test_an_older_database_is_backed_up_and_upgraded_and_loses_nothing(
    city: Engine, next_migration: Make, tmp_path: Path
) -> None:
    before = crews(city)
    next_migration("pass")
    backup = upgrade(city, backups=tmp_path / "backups", now=NOW)
    assert backup == backup_of(tmp_path / "backups")
    assert backup.name.startswith("outreach-20261120T160000.")
    assert (current_revision(city), notes(city)) == ("9999", ["migrated"])
    assert (len(before), crews(city)) == (8, before)  # making the shifts anew took no crew along
    assert bookings_in(backup) == ["B00001"]


def test_a_second_upgrade_at_the_same_second_makes_a_backup_of_its_own(city: Engine, tmp_path: Path) -> None:
    first, second = (back_up(city, backups=tmp_path / "backups", now=NOW) for _ in range(2))
    assert (first != second, bookings_in(first), bookings_in(second)) == (True, ["B00001"], ["B00001"])


def test_a_backup_is_for_its_owner_alone(city: Engine, tmp_path: Path) -> None:
    backup = back_up(city, backups=tmp_path / "backups", now=NOW)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


@pytest.mark.postgres
def test_a_backup_of_postgresql_holds_every_row_of_every_table(postgres_engine: Engine, tmp_path: Path) -> None:
    with writing(postgres_engine) as session:
        put_small_city(session, demo_rules())
        session.add(a_booking(1, name="髙﨑 𠮷", note='"quoted"\nand broken'))
    with zipfile.ZipFile(back_up(postgres_engine, backups=tmp_path, now=NOW)) as archive:
        rows = {
            name.removesuffix(".jsonl"): [json.loads(line) for line in archive.read(name).splitlines()]
            for name in archive.namelist()
        }
    assert set(rows) == {*metadata.tables, "alembic_version"}
    assert rows["alembic_version"] == [{"version_num": HEAD}]
    assert [(row["name"], row["note"], row["lat"]) for row in rows["booking"]] == [
        ("髙﨑 𠮷", '"quoted"\nand broken', a_booking(1).lat)
    ]
    assert [(row["id"], row["skills"]) for row in rows["van"]] == [("van-1", []), ("van-2", [])]
    assert {row["day"] for row in rows["shift"]} == {"2026-11-24", "2026-11-25"}


def test_a_migration_that_fails_leaves_the_database_as_it_was_and_its_backup(
    city: Engine, next_migration: Make, tmp_path: Path
) -> None:
    before = crews(city)
    next_migration("raise ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        upgrade(city, backups=tmp_path / "backups", now=NOW)
    assert (current_revision(city), notes(city), crews(city)) == (HEAD, ["as it was"], before)
    assert differences(city) == []
    assert bookings_in(backup_of(tmp_path / "backups")) == ["B00001"]


def test_a_migration_that_is_killed_leaves_the_database_as_it_was_and_can_be_done_again(
    city: Engine, next_migration: Make, tmp_path: Path
) -> None:
    before = crews(city)
    next_migration("os.kill(os.getpid(), 9)")
    url = city.url.render_as_string(hide_password=False)
    killed = child.start(child.upgrade_with, url, str(migrate.MIGRATIONS), "9999", str(tmp_path / "backups"))
    killed.join()
    assert killed.exitcode == -9
    assert (current_revision(city), notes(city), crews(city)) == (HEAD, ["as it was"], before)
    assert differences(city) == []
    assert bookings_in(backup_of(tmp_path / "backups")) == ["B00001"]
    next_migration("pass")
    upgrade(city, backups=tmp_path / "later", now=NOW)
    assert (current_revision(city), notes(city), crews(city)) == ("9999", ["migrated"], before)


def test_an_upgrade_whose_backup_fails_does_not_begin(city: Engine, next_migration: Make, tmp_path: Path) -> None:
    next_migration("pass")
    (tmp_path / "backups").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(FileExistsError):
        upgrade(city, backups=tmp_path / "backups", now=NOW)
    assert (current_revision(city), notes(city)) == (HEAD, ["as it was"])


def test_two_upgrades_at_once_end_with_one(city: Engine, next_migration: Make, tmp_path: Path) -> None:
    next_migration("pass")
    url = city.url.render_as_string(hide_password=False)
    arguments = (url, str(migrate.MIGRATIONS), "9999", str(tmp_path / "backups"))
    both = [child.start(child.upgrade_with, *arguments) for _ in range(2)]
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert (current_revision(city), len(crews(city))) == ("9999", 8)
    assert bookings_in(backup_of(tmp_path / "backups")) == ["B00001"]  # and with one backup


def test_an_upgrade_that_would_leave_rows_pointing_nowhere_is_taken_back(
    sqlite_engine: Engine, next_migration: Make, tmp_path: Path
) -> None:
    with writing(sqlite_engine) as session:
        put_small_city(session, demo_rules())
    next_migration("op.execute('DELETE FROM van')")
    with pytest.raises(Exception, match="DATABASE_CORRUPT"):
        upgrade(sqlite_engine, backups=tmp_path / "backups", now=NOW)
    with reading(sqlite_engine) as session:
        assert sorted(session.exec(select(ShiftRow.van_id)).all()) == ["van-1", "van-1", "van-2", "van-2"]


@pytest.mark.parametrize("damage", ["not a database", "torn page", "cut short"])
def test_a_damaged_database_is_told_to_be_damaged_and_is_not_upgraded(
    sqlite_engine: Engine, next_migration: Make, tmp_path: Path, damage: str
) -> None:
    with writing(sqlite_engine) as session:
        session.add_all([a_booking(number, note="x" * 3000) for number in range(100)])
    path = Path(str(make_url(str(sqlite_engine.url)).database))
    content = bytearray(path.read_bytes())
    if damage == "not a database":
        content[:4096] = b"<html>" * 682 + b"...."
    elif damage == "torn page":
        content[4096 * 10 : 4096 * 60] = b"\xff" * (4096 * 50)
    else:
        del content[len(content) // 2 :]
    path.write_bytes(content)
    next_migration("pass")
    with pytest.raises(Exception) as caught:  # noqa: PT011
        upgrade(sqlite_engine, backups=tmp_path / "backups", now=NOW)
    assert present(caught.value, Words("en")).code == "DATABASE_CORRUPT"
    assert path.read_bytes() == content
    assert not (tmp_path / "backups").exists() or list((tmp_path / "backups").iterdir()) == []
