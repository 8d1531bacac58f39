"""Copies the database while the office is at work, and puts a copy back on the day it is needed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from outreach.programme.settings import Settings
from outreach.storage.engine import open_engine
from outreach.storage.migrate import back_up, upgrade
from outreach.storage.restore import restore as put_back


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A copy of the database: where it is and how large."""

    file: Path
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: from which file, and the migration it stood at before it was brought up to date."""

    file: Path
    revision: str


def make(settings: Settings, folder: Path | None = None) -> BackedUp:
    """Write a copy of the whole database into ``folder``, or into the home's own folder for backups.

    Raises:
        Unusable: ``DATABASE_CORRUPT``.
        OSError: when the folder cannot be written.
    """
    engine = open_engine(settings.database_url)
    try:
        file = back_up(engine, backups=folder or settings.backups, now=settings.clock.now())
    finally:
        engine.dispose()
    return BackedUp(file, file.stat().st_size)


def restore(settings: Settings, source: Path) -> Restored:
    """Put a backup into the empty database of a home and bring it up to date.

    Raises:
        NotFound, BadInput, Refused: see :func:`outreach.storage.restore.restore`.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database_url)
    try:
        revision = put_back(engine, source)
        upgrade(engine, backups=settings.backups, now=settings.clock.now())
    finally:
        engine.dispose()
    return Restored(source, revision)
