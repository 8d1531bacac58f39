"""What tests let happen in a process of its own: writers that are killed, small disks, other people's folders.

Children are forked from a server that has imported all this once: quick, and without the threads of the test runner.
"""

from __future__ import annotations

import ctypes
import json
import multiprocessing
import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from sqlmodel import select

from outreach.errors import present
from outreach.services import installation
from outreach.services.office import Office, open_office
from outreach.storage import migrate
from outreach.storage.engine import open_engine, reading, writing
from outreach.storage.tables import ServiceDay
from outreach.words import Words
from tests.outreach.city import NOW, a_booking, demo_rules, settings_of
from tests.outreach.storage.plans import store, tuesday

NOBODY = 65_534
_CLONE_NEWNS = 0x00020000

WORDS = Words("en")
"""Read while this process may still read everything."""

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([__name__, "tests.outreach.storage.promiser", "tests.outreach.services.racers"])


def start(target: Callable[..., None], *arguments: object) -> BaseProcess:
    """Start ``target`` in a child and return it."""
    process = _context.Process(target=target, args=arguments, daemon=True)
    process.start()
    return process


def run(target: Callable[..., None], *arguments: object) -> None:
    """Run ``target`` in a child to its end, which must be a good one."""
    process = start(target, *arguments)
    process.join()
    assert process.exitcode == 0, process.exitcode


def told(target: Callable[..., Any], folder: Path, *arguments: object) -> Any:
    """What ``target`` returns in a child, by way of a file in ``folder``."""
    answer = folder / "answer.json"
    run(_tell, target, str(answer), *arguments)
    return json.loads(answer.read_text(encoding="utf-8"))


def _tell(target: Callable[..., Any], answer: str, *arguments: object) -> None:
    with open(answer, "w", encoding="utf-8") as stream:  # opened first: the child may not be allowed to later
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        json.dump(target(*arguments), stream)


def code_of(error: BaseException) -> str:
    """How an error is presented to people."""
    return present(error, WORDS).code


# -- writers -----------------------------------------------------------------------------------------------------------


def count_up(url: str, times: int) -> None:
    """Add one to the only service day's version, by reading it and writing it back."""
    engine = open_engine(url)
    for _ in range(times):
        with writing(engine) as session:
            row = session.exec(select(ServiceDay)).one()
            row.version = row.version + 1
            session.add(row)
    engine.dispose()


def write_for_ever(home: str, url: str, ids: dict[str, int], first: int, acknowledged: str) -> None:
    """Store bookings and plan versions in turn; each is acknowledged by a line once it is stored."""
    office = open_office(settings_of(Path(home), url))
    told_to = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in range(first, first + 500):
        with writing(office.engine) as session:
            booking = a_booking(number)
            session.add(booking)
            reference = booking.reference
        os.write(told_to, f"booking {reference}\n".encode())
        version = store(office, tuesday(office), number)
        os.write(told_to, f"plan {version}\n".encode())


# -- upgrades ----------------------------------------------------------------------------------------------------------


def upgrade_with(url: str, migrations: str, head: str, backups: str) -> None:
    """Upgrade by another folder of migrations."""
    migrate.MIGRATIONS, migrate.HEAD = Path(migrations), head
    engine = open_engine(url)
    migrate.upgrade(engine, backups=Path(backups), now=NOW)
    engine.dispose()


# -- small disks and other people's folders ----------------------------------------------------------------------------


def fill_file_limit(home: str, url: str, limit: int) -> dict[str, Any]:
    """Write until no file may grow beyond ``limit`` bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    return _fill(Path(home), url)


def fill_small_disk(folder: str, size: int) -> dict[str, Any]:
    """The same on a disk of ``size`` bytes."""
    with _small_disk(folder, size):
        home = Path(folder) / "home"
        settings = settings_of(home, f"sqlite:///{home}/outreach.sqlite3")
        installation.init(settings, WORDS, rules=demo_rules())
        return _fill(home, settings.database_url)


def init_on_small_disk(folder: str, size: int) -> dict[str, str]:
    """``init`` on a disk that is too small for it, and again when there is room."""
    settings = settings_of(Path(folder), f"sqlite:///{folder}/outreach.sqlite3")
    with _small_disk(folder, size) as grow:
        first = _attempt(lambda: installation.init(settings, WORDS, rules=demo_rules()))
        grow()
        second = _attempt(lambda: installation.init(settings, WORDS, rules=demo_rules()))
        return {"first": first, "second": second, "opens": _attempt(lambda: open_office(settings))}


@contextmanager
def _small_disk(folder: str, size: int) -> Iterator[Callable[[], object]]:
    """Put a disk of ``size`` bytes at ``folder``, for this process's eyes only; hands out what makes it big.

    Where no disk may be mounted, a limit on the size of files stands in for it.
    """
    private = ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNS) == 0
    steps = (["--make-rprivate", "/"], ["-t", "tmpfs", "-o", f"size={size}", "none", folder])
    if private and all(_mount(*step) for step in steps):
        yield lambda: _mount("-o", "remount,size=64m", folder)
    else:
        most = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, most))
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


def _mount(*arguments: str) -> bool:
    try:
        return subprocess.run(["mount", *arguments], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


def _fill(home: Path, url: str) -> dict[str, Any]:
    """Store ten bookings at a time until that fails; then say how, and what is there."""
    office = open_office(settings_of(home, url))
    stored = 0
    while not (code := _attempt(partial(_ten_more, office, stored + 1))):
        stored += 10
    with reading(office.engine) as session:
        check = session.connection().exec_driver_sql("PRAGMA integrity_check").scalar_one()
        found = session.connection().exec_driver_sql("SELECT count(*) FROM booking").scalar_one()
    return {"code": code, "acknowledged": stored, "found": found, "check": check}


def _ten_more(office: Office, first: int) -> None:
    with writing(office.engine) as session:
        session.add_all([a_booking(number, note="長い覚え書き" * 500) for number in range(first, first + 10)])


def use_read_only(home: str, url: str) -> dict[str, str]:
    """Use a home as somebody who may only look at it."""
    open_office(settings_of(Path(home), url))  # as root first, so that all code is loaded
    _become_nobody()
    settings = settings_of(Path(home), url)
    answers = {"init": _attempt(lambda: installation.init(settings, WORDS))}
    try:
        office = open_office(settings)
    except Exception as error:
        return {**answers, "open": code_of(error)}
    return {
        **answers,
        "open": "",
        "read": _attempt(lambda: _look(office)),
        "write": _attempt(lambda: _ten_more(office, 100)),
        "backup": _attempt(lambda: migrate.back_up(office.engine, backups=settings.backups, now=NOW)),
    }


def init_as_nobody(home: str, url: str) -> str:
    """``init`` of a home in a folder of somebody else's."""
    _become_nobody()
    return _attempt(lambda: installation.init(settings_of(Path(home), url), WORDS))


def _become_nobody() -> None:
    """Root may write everywhere whatever the modes say; anybody else is held by them already."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _look(office: Office) -> None:
    with reading(office.engine) as session:
        session.exec(select(ServiceDay)).all()


def _attempt(action: Callable[[], object]) -> str:
    """The code an action fails with, or nothing."""
    try:
        action()
    except Exception as error:
        return code_of(error)
    return ""
