"""Keeps the counts of the ``limits`` library in the database, so that all processes count together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from limits.storage import Storage
from sqlalchemy import Engine, delete
from sqlmodel import Session, col

from outreach.storage.engine import reading, writing
from outreach.storage.web_tables import CountedTries


class CountedInDatabase(Storage):
    """A store of counts over the table ``counted_tries``; whatever fails is raised as ``limits.errors.StorageError``.

    A window of time begins with the first try in it and is compared with ``now`` at every look.
    """

    STORAGE_SCHEME = None  # not made from an address: the engine is the office's

    def __init__(self, engine: Engine, now: Callable[[], datetime]) -> None:
        super().__init__(wrap_exceptions=True)
        self._engine, self._now = engine, now

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing that goes wrong here may pass for "not counted yet"."""
        return Exception

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count ``amount`` more and return the count, in one transaction; a negative amount takes tries back."""
        now = self._now()
        with writing(self._engine) as session:
            _forget_ended(session, now)
            row = session.get(CountedTries, key)
            if row is None:
                row = CountedTries(key=key, tries=0, ends_at=now + timedelta(seconds=expiry))
            row.tries = max(0, row.tries + amount)
            session.add(row)
            return row.tries

    def get(self, key: str) -> int:
        """The count of a window that has not ended, else 0."""
        row = self._row(key)
        return 0 if row is None else row.tries

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970; now, where there is none."""
        row = self._row(key)
        return self._now().timestamp() if row is None else row.ends_at.timestamp()

    def check(self) -> bool:
        """Whether the table can be read."""
        self._row("")
        return True

    def reset(self) -> int:
        """Forget every count; returns how many there were."""
        with writing(self._engine) as session:
            return session.connection().execute(delete(CountedTries)).rowcount

    def clear(self, key: str) -> None:
        """Forget one count."""
        with writing(self._engine) as session:
            session.connection().execute(delete(CountedTries).where(col(CountedTries.key) == key))
            session.flush()

    def _row(self, key: str) -> CountedTries | None:
        with reading(self._engine) as session:
            row = session.get(CountedTries, key)
            return None if row is None or row.ends_at <= self._now() else row


def _forget_ended(session: Session, now: datetime) -> None:
    session.connection().execute(delete(CountedTries).where(col(CountedTries.ends_at) <= now))
