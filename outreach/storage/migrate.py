"""Creates the database and brings an older one up to date: Alembic, with a backup before every upgrade."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, inspect, select
from sqlalchemy import text as sql

HEAD = "0001"
"""The migration this programme is written for; a test keeps it equal to the newest one."""

MIGRATIONS = Path(__file__).parent / "migrations"


def current_revision(engine: Engine) -> str | None:
    """The migration the database stands at; ``None`` for an empty one."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(sql("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def upgrade(engine: Engine, *, backups: Path, now: datetime) -> Path | None:
    """Bring the database to ``HEAD``; returns the backup made before it, or ``None`` where nothing had to be kept.

    The whole upgrade is one transaction: it stands, or the database is as it was.
    """
    from alembic import command
    from alembic.config import Config

    before = current_revision(engine)
    if before == HEAD:
        return None
    backup = None if before is None else back_up(engine, backups=backups, now=now)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, HEAD)
    return backup


def back_up(engine: Engine, *, backups: Path, now: datetime) -> Path:
    """Write a copy of the whole database into ``backups`` and return its path.

    SQLite is copied page by page (its own backup call, safe beside readers); PostgreSQL as a zip of one JSON-lines
    file a table, read in one consistent transaction.
    """
    backups.mkdir(parents=True, exist_ok=True)
    stamp = now.strftime("%Y%m%dT%H%M%S")
    if engine.dialect.name == "sqlite":
        target = backups / f"outreach-{stamp}.sqlite3"
        source_connection = sqlite3.connect(str(engine.url.database))
        target_connection = sqlite3.connect(target)
        try:
            source_connection.backup(target_connection)
        finally:
            target_connection.close()
            source_connection.close()
        return target
    target = backups / f"outreach-{stamp}.zip"
    found = MetaData()
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        found.reflect(connection)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for table in sorted(found.tables.values(), key=lambda table: table.name):
                lines = [json.dumps(dict(row), default=_plain) for row in connection.execute(select(table)).mappings()]
                archive.writestr(f"{table.name}.jsonl", "\n".join(lines))
    return target


def _plain(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(f"no plain form for {type(value).__name__}")
