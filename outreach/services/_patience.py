"""Lets writers of one day take turns: one thinks at a time, nobody waits for a search; the end is "busy", never "full".

A writer reads the day, thinks with no transaction open, and stores only if the day is still the same. Where many want
the same day nearly all of that thinking is thrown away; so each waits for the day's lock, and a turn is short: what is
not seen at a glance is searched for without the lock, and tried again. The lock only makes losing unlikely; what is
right is decided by the day's version.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date as Date
from functools import partial
from typing import TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from outreach.errors import Busy
from outreach.services._day_writes import DayChanged
from outreach.services.office import Office

PATIENCE_S = 20.0
"""How long a promise is tried again when somebody else keeps changing the same day; then "busy", never "full"."""

OPTIMISTIC_S = 0.0
"""How long it is tried without the day's lock. None: measured with forty clerks, thinking all at once takes longer."""

_LOCK_SPACE = 0x0DA7
"""Sets the locks of days apart from other advisory locks of a PostgreSQL database."""

Answer = TypeVar("Answer")


class ThinkLonger(Exception):
    """Nothing was found at a glance; a search may find something, and need not keep others waiting."""


def until_stored(office: Office, days: Collection[Date], attempt: Callable[[], Answer]) -> Answer:
    """Run ``attempt`` until it stores.

    Args:
        days: the service days it writes.
        attempt: reads, decides, stores; raises :class:`DayChanged` where somebody was faster.

    Raises:
        Busy: ``DAY_BUSY`` when the patience was used up.
    """
    return until_decided(office, days, lambda _: attempt())


def until_decided(office: Office, days: Collection[Date], attempt: Callable[[bool], Answer]) -> Answer:
    """The same for an attempt that is told whether it may search: nobody searches while others wait for the day.

    With ``False`` it decides at a glance or raises :class:`ThinkLonger`; then it is asked again without the lock.

    Raises:
        Busy: ``DAY_BUSY`` when the patience was used up.
    """
    started = time.monotonic()
    searching = OPTIMISTIC_S > 0
    while True:
        waited_s = time.monotonic() - started
        try:
            if waited_s < OPTIMISTIC_S or (searching and waited_s < PATIENCE_S):
                return attempt(searching)
            with _alone(office, days, PATIENCE_S - waited_s):
                return attempt(False)
        except ThinkLonger:
            searching = True
            continue
        except DayChanged as error:
            searching = time.monotonic() - started < OPTIMISTIC_S
            if time.monotonic() - started > PATIENCE_S:
                raise Busy("DAY_BUSY") from error


@contextmanager
def _alone(office: Office, days: Collection[Date], seconds: float) -> Iterator[None]:
    """The locks of ``days``, the earliest first; whoever holds them and dies lets go of them."""
    with ExitStack() as locks:
        for day in sorted(days):
            locks.enter_context(_day_lock(office, day, max(seconds, 0.1)))
        yield


_TURNS: dict[tuple[str, Date], threading.Lock] = {}
_TURNS_LOCK = threading.Lock()


@contextmanager
def _day_lock(office: Office, day: Date, seconds: float) -> Iterator[None]:
    """The day's lock: first among the threads of this process, so that one of them waits for the others' processes."""
    deadline = time.monotonic() + seconds
    with _TURNS_LOCK:
        turn = _TURNS.setdefault((str(office.engine.url), day), threading.Lock())
    if not turn.acquire(timeout=seconds):
        raise Busy("DAY_BUSY")
    try:
        with _lock_among_processes(office, day, max(deadline - time.monotonic(), 0.1)):
            yield
    finally:
        turn.release()


_WAITING_ROOMS: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()


def _waiting_room(engine: Engine) -> Engine:
    """Connections for waiting alone: who waits must not use up those that whoever holds the lock works with.

    One is kept for the next who waits, as long as the engine keeps its own: to greet a server takes longer than most
    turns.
    """
    with _TURNS_LOCK:
        room = _WAITING_ROOMS.get(engine)
        if room is None:
            room = create_engine(engine.url, pool_size=1, max_overflow=-1, pool_pre_ping=True, hide_parameters=True)
            _WAITING_ROOMS[engine] = room
            event.listen(engine, "engine_disposed", partial(_close, room))
    return room


def _close(room: Engine, _: Engine) -> None:
    room.dispose()


@contextmanager
def _lock_among_processes(office: Office, day: Date, seconds: float) -> Iterator[None]:
    if office.engine.dialect.name == "postgresql":
        with _waiting_room(office.engine).connect() as connection:
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {int(seconds * 1000)}")
            try:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK_SPACE}, {day.toordinal()})")
            except OperationalError as error:
                raise Busy("DAY_BUSY") from error
            yield
        return
    from filelock import FileLock, Timeout

    folder = office.settings.locks
    folder.mkdir(parents=True, exist_ok=True)
    database = hashlib.sha256(str(office.engine.url.database).encode()).hexdigest()[:10]
    try:
        lock = FileLock(folder / f"{database}-{day.isoformat()}.lock", timeout=seconds, poll_interval=0.01)
        lock.acquire()
    except Timeout as error:
        raise Busy("DAY_BUSY") from error
    try:
        yield
    finally:
        lock.release()
