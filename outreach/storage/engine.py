"""Opens the database, SQLite embedded or PostgreSQL, and hands out sessions whose transactions mean what they say.

A *reading* session sees one consistent state and cannot change it. A *writing* session holds the one write lock from
its first statement (``BEGIN IMMEDIATE`` on SQLite, an advisory lock on PostgreSQL), so that what it read is still true
when it writes, on either database. Slow work (geocoding, travel times, solving, drawing) never happens inside either.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.pool import NullPool
from sqlmodel import Session

from outreach.errors import Busy

BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for the lock before the answer is "busy, try again"."""

CONNECT_TIMEOUT_S = 10
"""How long to wait for a database server that does not answer."""

WAL_SAFE = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""SQLite releases from which a WAL database cannot be corrupted by a known fault (3.7.0 to 3.51.2 can)."""

WRITER_LOCK = 0x4F55545245414348
"""The advisory lock of whoever writes to a PostgreSQL database; it belongs to that database alone."""


def sqlite_may_use_wal(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite release is safe with a write-ahead log: the fix is in 3.44.6, 3.50.7 and from 3.51.3 on.

    >>> sqlite_may_use_wal((3, 40, 1)), sqlite_may_use_wal((3, 44, 7)), sqlite_may_use_wal((3, 45, 0))
    (False, True, False)
    """
    if version >= max(WAL_SAFE):
        return True
    return any(version[:2] == safe[:2] and version >= safe for safe in WAL_SAFE)


def open_engine(url: str) -> Engine:
    """Open the database at ``url`` (``sqlite:///...`` or ``postgresql+psycopg://...``); nothing is connected yet.

    A plain ``postgresql://`` or ``postgres://`` address is taken for psycopg 3. What follows ``sqlite:///`` is a path
    and nothing but a path.
    """
    scheme, _, path = url.partition(":///")
    return _open_sqlite(path) if scheme == "sqlite" else _open_postgresql(make_url(url))


def sqlite_url(path: Path) -> str:
    """The address of an embedded database file."""
    return f"sqlite:///{path}"


def _open_sqlite(path: str) -> Engine:
    # A path is taken as it is: one with a question mark in it has no query.
    url = URL.create("sqlite", database=path)
    engine = create_engine(
        url, poolclass=NullPool, hide_parameters=True, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000}
    )
    journal = "WAL" if sqlite_may_use_wal(sqlite3.sqlite_version_info) else "DELETE"

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin or commit on its own
        try:
            connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")  # what is erased leaves the file too
            _use_journal(connection, journal)
        except BaseException:
            connection.close()
            raise

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _use_journal(connection: sqlite3.Connection, journal: str) -> None:
    """Bring the file into the journal mode this SQLite is safe with; a file that has it already is not touched."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0].upper() == journal:
        return
    if connection.execute(f"PRAGMA journal_mode = {journal}").fetchone()[0].upper() != journal:
        raise Busy("DATABASE_BUSY")  # somebody else has the file open in the other mode


def _open_postgresql(url: URL) -> Engine:
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(
        url,
        hide_parameters=True,  # an exception of the database names the statement and no resident
        isolation_level="READ COMMITTED",  # a writer sees what was committed before it got the lock
        pool_pre_ping=True,
        pool_size=5,
        max_overflow=10,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S},
    )

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if connection.get_execution_options().get("writing", False):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {BUSY_TIMEOUT_MS}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")

    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session for looking: one consistent state, rolled back at the end. The database refuses changes in it."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, Session(connection) as session:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = ON")  # ends with the connection: there is no pool
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session for changing: committed at the end, rolled back whole on any exception.

    Raises:
        sqlalchemy.exc.OperationalError: when another writer kept the lock for ``BUSY_TIMEOUT_MS``;
            :func:`outreach.errors.present` calls it ``DATABASE_BUSY``.
    """
    with (
        _turn(engine),
        engine.connect().execution_options(writing=True) as connection,
        Session(connection, expire_on_commit=False) as session,
    ):
        yield session
        session.commit()


_turns: dict[str, threading.Lock] = {}


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """The turn of this thread among the writers of this process, on the embedded database.

    SQLite lets whoever waits for its lock ask again at growing intervals, so that of many writers some wait long while
    others pass; threads of one process wait for each other here, and only other processes are left to SQLite's way.

    Raises:
        Busy: ``DATABASE_BUSY`` when the turn did not come within ``BUSY_TIMEOUT_MS``.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    lock = _turns.setdefault(str(engine.url.database), threading.Lock())
    if not lock.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
        raise Busy("DATABASE_BUSY")
    try:
        yield
    finally:
        lock.release()
