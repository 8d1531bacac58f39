"""Opens the database, SQLite embedded or PostgreSQL, and hands out sessions whose transactions mean what they say.

A *reading* session sees one consistent state. A *writing* session holds the write lock from its first statement
(``BEGIN IMMEDIATE`` on SQLite), so that what it read is still true when it writes. Slow work (geocoding, travel times,
solving, drawing) never happens inside either.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.pool import NullPool
from sqlmodel import Session

BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for the lock before the answer is "busy, try again"."""

WAL_SAFE = ((3, 44, 6), (3, 50, 7), (3, 51, 3))
"""SQLite releases from which a WAL database cannot be corrupted by a known fault (3.7.0 to 3.51.2 can)."""


def sqlite_may_use_wal(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite release is safe with a write-ahead log: the fix is in 3.44.6, 3.50.7 and from 3.51.3 on.

    >>> sqlite_may_use_wal((3, 40, 1)), sqlite_may_use_wal((3, 44, 7)), sqlite_may_use_wal((3, 45, 0))
    (False, True, False)
    """
    if version >= max(WAL_SAFE):
        return True
    return any(version[:2] == safe[:2] and version >= safe for safe in WAL_SAFE)


def open_engine(url: str) -> Engine:
    """Open the database at ``url`` (``sqlite:///...`` or ``postgresql+psycopg://...``).

    A plain ``postgresql://`` or ``postgres://`` address is taken for psycopg 3.
    """
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, pool_size=5, max_overflow=10)
    engine = create_engine(parsed, poolclass=NullPool, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})
    journal = "WAL" if sqlite_may_use_wal(sqlite3.sqlite_version_info) else "DELETE"

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin or commit on its own
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA foreign_keys = ON")
        if cursor.execute("PRAGMA journal_mode").fetchone()[0].upper() != journal:
            cursor.execute(f"PRAGMA journal_mode = {journal}")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        writing = connection.get_execution_options().get("writing", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def sqlite_url(path: Path) -> str:
    """The address of an embedded database file."""
    return f"sqlite:///{path}"


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session for looking: one consistent state, rolled back at the end."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect().execution_options(**options) as connection, Session(connection) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session for changing: committed at the end, rolled back whole on any exception."""
    with (
        engine.connect().execution_options(writing=True) as connection,
        Session(connection, expire_on_commit=False) as session,
    ):
        yield session
        session.commit()
