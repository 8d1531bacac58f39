"""Puts a backup back: into a database that is still empty, whole or not at all."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, Table, inspect
from sqlalchemy import text as sql
from sqlalchemy.types import Date, DateTime

from outreach.errors import BadInput, NotFound, Refused
from outreach.storage.migrate import HEAD, climb, rebuilding

ROWS_AT_ONCE = 500


def restore(engine: Engine, source: Path) -> str:
    """Put a backup of the same kind of database back and return the migration it stood at.

    Only into a database without tables: what is there is never overwritten. A backup that cannot be read whole leaves
    the database empty.

    Raises:
        NotFound: ``BACKUP_MISSING``.
        BadInput: ``BACKUP_UNREADABLE`` for a file that is no whole backup of this kind of database.
        Refused: ``DATABASE_NOT_EMPTY``; ``DATABASE_NEWER`` for a backup of a newer programme.
    """
    if not source.is_file():
        raise NotFound("BACKUP_MISSING", file=source.name)
    if inspect(engine).get_table_names():
        raise Refused("DATABASE_NOT_EMPTY")
    try:
        if engine.dialect.name == "sqlite":
            return _restore_sqlite(Path(str(engine.url.database)), source)
        return _restore_tables(engine, source)
    except (sqlite3.DatabaseError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise BadInput("BACKUP_UNREADABLE", file=source.name) from error


def _not_newer(revision: str) -> str:
    if revision > HEAD:
        raise Refused("DATABASE_NEWER", found=revision, expected=HEAD)
    return revision


def _restore_sqlite(target: Path, source: Path) -> str:
    with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as old:
        if old.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError
        revision = _not_newer(old.execute("SELECT version_num FROM alembic_version").fetchone()[0])
        with closing(sqlite3.connect(target)) as new:
            old.backup(new)  # one transaction: the whole or nothing
    return revision


def _restore_tables(engine: Engine, source: Path) -> str:
    with zipfile.ZipFile(source) as archive, rebuilding(engine) as connection:
        (version,) = _rows(archive, "alembic_version")
        revision = _not_newer(str(version["version_num"]))
        climb(connection, revision)
        tables = MetaData()
        tables.reflect(connection)
        with _unbound(connection):
            for table in tables.tables.values():
                if table.name != "alembic_version":
                    _fill(connection, archive, table)
    return revision


@contextmanager
def _unbound(connection: Connection) -> Iterator[None]:
    """Without foreign keys, for tables point at each other in a circle; all are checked when they are put back."""
    bonds = connection.execute(
        sql(
            "SELECT conrelid::regclass::text AS at, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS rule "
            "FROM pg_constraint WHERE contype = 'f' AND connamespace = current_schema()::regnamespace"
        )
    ).all()
    for bond in bonds:
        connection.execute(sql(f"ALTER TABLE {bond.at} DROP CONSTRAINT {bond.name}"))
    yield
    for bond in bonds:
        connection.execute(sql(f"ALTER TABLE {bond.at} ADD CONSTRAINT {bond.name} {bond.rule}"))


def _fill(connection: Connection, archive: zipfile.ZipFile, table: Table) -> None:
    columns = {column.name: column for column in table.columns}
    rows = [{name: _typed(columns[name], value) for name, value in row.items()} for row in _rows(archive, table.name)]
    for first in range(0, len(rows), ROWS_AT_ONCE):
        connection.execute(table.insert(), rows[first : first + ROWS_AT_ONCE])
    for column in table.primary_key:
        if rows and isinstance(rows[-1][column.name], int):
            _go_on_counting(connection, table.name, column.name)


def _go_on_counting(connection: Connection, table: str, column: str) -> None:
    """The next row's number follows the largest there is."""
    counter = connection.execute(
        sql("SELECT pg_get_serial_sequence(:table, :column)"), {"table": table, "column": column}
    ).scalar_one()
    if counter is not None:
        statement = f'SELECT setval(:counter, (SELECT max("{column}") FROM "{table}"))'
        connection.execute(sql(statement), {"counter": counter})


def _rows(archive: zipfile.ZipFile, table: str) -> Iterator[Mapping[str, Any]]:
    with archive.open(f"{table}.jsonl") as stream:
        for line in stream:
            yield json.loads(line)


def _typed(column: Column[Any], value: Any) -> Any:
    if value is not None and isinstance(column.type, DateTime):
        return datetime.fromisoformat(value)
    if value is not None and isinstance(column.type, Date):
        return date.fromisoformat(value)
    return value
