"""Creates the database and brings an older one up to date: Alembic, with a backup before every upgrade."""

from __future__ import annotations

import json
import os
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, inspect, select
from sqlalchemy import text as sql

from outreach.errors import Unusable

HEAD = "0003"
"""The migration this programme is written for; a test keeps it equal to the newest one."""

MIGRATIONS = Path(__file__).parent / "migrations"


def current_revision(engine: Engine) -> str | None:
    """The migration the database stands at; ``None`` for an empty one."""
    with engine.connect() as connection:
        return _revision(connection)


def upgrade(engine: Engine, *, backups: Path, now: datetime) -> Path | None:
    """Bring the database to ``HEAD``; returns the backup made before it, or ``None`` where nothing had to be kept.

    The whole upgrade is one transaction under the write lock: it stands, or the database is as it was. The backup is
    taken under the same lock, so that it lacks nothing. Two upgrades at once end with one.

    Raises:
        Unusable: ``DATABASE_CORRUPT`` when the database cannot be read whole, or has rows that point nowhere.
    """
    if current_revision(engine) == HEAD:
        return None
    with rebuilding(engine) as connection:
        before = _revision(connection)
        if before == HEAD:  # somebody else was faster
            return None
        backup = None if before is None else back_up(engine, backups=backups, now=now)
        climb(connection, HEAD)
    return backup


def climb(connection: Connection, revision: str) -> None:
    """Bring the tables to a migration, inside the transaction of that connection."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def back_up(engine: Engine, *, backups: Path, now: datetime) -> Path:
    """Write a copy of the whole database into ``backups`` and return its path.

    SQLite is copied page by page (its own backup call, safe beside readers) and the copy is checked; PostgreSQL as a
    zip of one JSON-lines file a table, read in one consistent transaction. The copy has its name only when it is whole
    and on the disk, is for its owner's eyes only, and takes no other copy's place.

    Raises:
        Unusable: ``DATABASE_CORRUPT`` when the copy does not pass SQLite's own check.
    """
    stamp = now.strftime("%Y%m%dT%H%M%S")
    if engine.dialect.name == "sqlite":
        with _aside(backups, f"outreach-{stamp}", ".sqlite3") as (part, target):
            _copy_sqlite(Path(str(engine.url.database)), part)
    else:
        with _aside(backups, f"outreach-{stamp}", ".zip") as (part, target):
            _copy_tables(engine, part)
    return target


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sql("SELECT version_num FROM alembic_version")).scalar_one_or_none()


@contextmanager
def rebuilding(engine: Engine) -> Iterator[Connection]:
    """A transaction in which tables may be rebuilt.

    SQLite changes a table by making it anew and dropping the old one, and dropping it would delete, by cascade, what
    points at it. So references are not enforced meanwhile (https://www.sqlite.org/lang_altertable.html, section 7)
    but looked through before the commit.
    """
    with engine.connect().execution_options(writing=True) as connection:
        embedded = engine.dialect.name == "sqlite"
        if embedded:
            with closing(connection.connection.cursor()) as cursor:
                cursor.execute(
                    "PRAGMA foreign_keys = OFF"
                )  # has no effect inside a transaction; ends with the connection
        with connection.begin():
            yield connection
            if embedded and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise Unusable("DATABASE_CORRUPT")


@contextmanager
def _aside(folder: Path, stem: str, suffix: str) -> Iterator[tuple[Path, Path]]:
    """A file to write beside its place, and the place it is renamed to when it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{stem}{suffix}"
    others = 1
    while target.exists():
        others += 1
        target = folder / f"{stem}-{others}{suffix}"
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{stem}-")
    os.close(handle)
    part = Path(name)
    try:
        yield part, target
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        if new.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise Unusable("DATABASE_CORRUPT")


def _copy_tables(engine: Engine, target: Path) -> None:
    found = MetaData()
    with engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
        found.reflect(connection)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in sorted(found.tables.values(), key=lambda table: table.name):
                with archive.open(f"{table.name}.jsonl", "w") as stream:
                    for row in connection.execute(select(table)).mappings():
                        stream.write(json.dumps(dict(row), default=_plain).encode() + b"\n")


def _plain(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"no plain form for {type(value).__name__}")
