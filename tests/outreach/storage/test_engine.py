"""A writer is alone, a reader sees one state, what fails leaves nothing; on SQLite the file is set up to survive."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, insert
from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from outreach.errors import Busy, present
from outreach.storage import engine as engine_module
from outreach.storage.engine import open_engine, reading, sqlite_may_use_wal, sqlite_url, writing
from outreach.storage.tables import ServiceDay
from outreach.words import Words
from tests.outreach.storage import child

DAY = date(2026, 11, 24)


def pragma(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def days(engine: Engine) -> list[date]:
    with reading(engine) as session:
        return sorted(session.exec(select(col(ServiceDay.day))).all())


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 44, 99), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_a_write_ahead_log_is_used_only_by_releases_that_do_not_corrupt_it(
    version: tuple[int, int, int], safe: bool
) -> None:
    assert sqlite_may_use_wal(version) is safe


@pytest.mark.parametrize(("version", "mode"), [((3, 40, 1), "delete"), ((3, 51, 3), "wal")])
def test_every_connection_enforces_references_waits_for_the_disk_and_has_the_safe_journal(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], mode: str
) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    engine = open_engine(sqlite_database_url)
    for _ in range(2):  # a second connection is set up like the first
        assert (pragma(engine, "foreign_keys"), pragma(engine, "synchronous")) == (1, 2)
        assert (pragma(engine, "journal_mode"), pragma(engine, "busy_timeout")) == (mode, 15_000)
    engine.dispose()


def test_a_file_with_a_write_ahead_log_is_brought_back_by_a_release_that_would_corrupt_it(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version, mode in (((3, 51, 3), "wal"), ((3, 40, 1), "delete")):
        monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
        engine = open_engine(sqlite_database_url)
        with writing(engine) as session:
            session.add(ServiceDay(day=DAY.replace(day=version[1] % 28 + 1)))
        assert pragma(engine, "journal_mode") == mode
        engine.dispose()
    assert len(days(engine)) == 2


def test_a_file_that_somebody_uses_with_a_write_ahead_log_is_busy_for_a_release_that_would_corrupt_it(
    sqlite_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(sqlite_database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM booking").fetchone()
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    engine = open_engine(sqlite_database_url)
    with pytest.raises((Busy, DBAPIError, sqlite3.Error)) as caught, reading(engine):
        pass
    other.close()
    assert present(caught.value, Words("en")).code == "DATABASE_BUSY"
    assert days(engine) == []


def test_writers_in_eight_threads_lose_no_change_of_one_another(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(ServiceDay(day=DAY))
    url = engine.url.render_as_string(hide_password=False)
    threads = [threading.Thread(target=child.count_up, args=(url, 5)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(engine) as session:
        assert session.exec(select(ServiceDay.version)).one() == 40


def test_writers_in_two_processes_lose_no_change_of_one_another(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(ServiceDay(day=DAY))
    url = engine.url.render_as_string(hide_password=False)
    processes = [child.start(child.count_up, url, 20) for _ in range(2)]
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    with reading(engine) as session:
        assert session.exec(select(ServiceDay.version)).one() == 40


def test_a_writer_that_finds_the_lock_taken_for_too_long_is_told_that_the_database_is_busy(
    database_url: str, open_database: Callable[[str], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "BUSY_TIMEOUT_MS", 100)
    engine = open_database(database_url)
    with writing(engine) as session:
        session.add(ServiceDay(day=DAY))
        session.flush()
        with pytest.raises((DBAPIError, Busy)) as caught, writing(engine) as second:
            second.exec(select(ServiceDay)).all()
    assert (present(caught.value, Words("en")).code, days(engine)) == ("DATABASE_BUSY", [DAY])
    with writing(engine) as session:  # and the next one gets it
        session.add(ServiceDay(day=DAY.replace(day=25)))


def test_a_writer_keeps_no_reader_out_before_it_is_done(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(ServiceDay(day=DAY))
        session.flush()
        assert days(engine) == []
    assert days(engine) == [DAY]


def test_a_reader_sees_one_state_while_others_write(engine: Engine) -> None:
    def write() -> None:
        with writing(engine) as session:
            session.add(ServiceDay(day=DAY))

    writer = threading.Thread(target=write)
    with reading(engine) as session:
        before = session.exec(select(func.count()).select_from(ServiceDay)).one()
        writer.start()
        writer.join(timeout=0.5)  # PostgreSQL lets it through; SQLite without a log makes it wait for us
        after = session.exec(select(func.count()).select_from(ServiceDay)).one()
    writer.join()
    assert (before, after, days(engine)) == (0, 0, [DAY])


def test_a_reader_cannot_change_anything(engine: Engine) -> None:
    with pytest.raises(DBAPIError), reading(engine) as session:
        session.connection().execute(insert(ServiceDay).values(day=DAY, version=0, closed=False))
    assert days(engine) == []


def test_a_writer_after_a_reader_on_the_same_connection_may_write(engine: Engine) -> None:
    assert days(engine) == []
    with writing(engine) as session:
        session.add(ServiceDay(day=DAY))
    assert days(engine) == [DAY]


def test_an_exception_takes_back_everything_the_writer_did(engine: Engine) -> None:
    with pytest.raises(KeyError), writing(engine) as session:  # noqa: PT012
        session.add(ServiceDay(day=DAY))
        session.flush()
        raise KeyError
    assert days(engine) == []


def test_what_was_written_can_be_looked_at_after_the_end(engine: Engine) -> None:
    with writing(engine) as session:
        row = ServiceDay(day=DAY)
        session.add(row)
    assert (row.day, row.version) == (DAY, 0)


def test_a_path_is_taken_as_it_is_whatever_is_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "市役所 100% #1?mode=ro&x"
    folder.mkdir()
    engine = open_engine(sqlite_url(folder / "a b.sqlite3"))
    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
    assert [path.name for path in folder.iterdir()] == ["a b.sqlite3"]


@pytest.mark.postgres
@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_a_postgresql_address_is_taken_in_each_of_its_spellings(
    postgres_database_url: str, open_database: Callable[[str], Engine], scheme: str
) -> None:
    engine = open_database(scheme + postgres_database_url.removeprefix("postgresql+psycopg"))
    assert (engine.driver, days(engine)) == ("psycopg", [])


def test_a_database_that_is_not_there_is_unreachable() -> None:
    engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(DBAPIError) as caught, reading(engine) as session:
        session.exec(select(ServiceDay)).all()
    engine.dispose()
    assert present(caught.value, Words("en")).code == "DATABASE_UNREACHABLE"
