"""Tries again while others are faster: at first as everybody does, then one at a time, in the end "busy", never "full".

A writer reads the day, thinks with no transaction open, and stores only if the day is still the same. Where many want
the same day this throws most thinking away; so after a moment each waits for the day's lock and thinks alone. The lock
only makes losing unlikely; what is right is decided by the day's version.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from datetime import date as Date
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from outreach.errors import Busy
from outreach.services._day_writes import DayChanged
from outreach.services.office import Office

PATIENCE_S = 20.0
"""How long a promise is tried again when somebody else keeps changing the same day; then "busy", never "full"."""

OPTIMISTIC_S = 0.25
"""How long it is tried without the day's lock."""

_LOCK_SPACE = 0x0DA7
"""Sets the locks of days apart from other advisory locks of a PostgreSQL database."""

Answer = TypeVar("Answer")


def until_stored(office: Office, days: Collection[Date], attempt: Callable[[], Answer]) -> Answer:
    """Run ``attempt`` until it stores.

    Args:
        days: the service days it writes.
        attempt: reads, decides, stores; raises :class:`DayChanged` where somebody was faster.

    Raises:
        Busy: ``DAY_BUSY`` when the patience was used up.
    """
    started = time.monotonic()
    while True:
        waited_s = time.monotonic() - started
        try:
            if waited_s < OPTIMISTIC_S:
                return attempt()
            with _alone(office, days, PATIENCE_S - waited_s):
                return attempt()
        except DayChanged as error:
            if time.monotonic() - started > PATIENCE_S:
                raise Busy("DAY_BUSY") from error


@contextmanager
def _alone(office: Office, days: Collection[Date], seconds: float) -> Iterator[None]:
    """The locks of ``days``, the earliest first; whoever holds them and dies lets go of them."""
    with ExitStack() as locks:
        for day in sorted(days):
            locks.enter_context(_day_lock(office, day, max(seconds, 0.1)))
        yield


@contextmanager
def _day_lock(office: Office, day: Date, seconds: float) -> Iterator[None]:
    if office.engine.dialect.name == "postgresql":
        with office.engine.connect() as connection:
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
