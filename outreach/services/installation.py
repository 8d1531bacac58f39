"""Sets an installation up, brings its database up to date, and says what is wrong with it."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, col, select

from bookings.models import BoundaryRow, DistrictRow, TownRow
from outreach.errors import Refused, present
from outreach.programme.rules import Rules
from outreach.programme.rules_file import load_rules, write_rules
from outreach.programme.settings import Settings
from outreach.services._days import read_day
from outreach.services.office import Office, open_office
from outreach.services.planning import check_standing
from outreach.services.rules_in_force import remember_rules
from outreach.storage.engine import open_engine, reading, sqlite_may_use_wal
from outreach.storage.migrate import HEAD, current_revision, upgrade
from outreach.storage.tables import Depot, PlanVersion, Publication, ServiceDay, ShiftRow, Van
from outreach.words import Words

DEMO_MARK = "THIS-IS-A-DEMO"
"""A file that marks a home as a demo: what is in it may be thrown away."""

_LEAST_FREE_BYTES = 200 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Initialised:
    """What ``init`` did."""

    home: Path
    rules_written: bool
    database_made: bool
    backup: Path | None


def init(settings: Settings, words: Words, *, rules: Rules | None = None) -> Initialised:
    """Set up a home: rules file with every field explained, and the database; an older one is upgraded after a backup.

    What is there already stays: a rules file is never overwritten.

    Raises:
        RulesError: when there is a rules file and it is wrong.
        Refused: ``DATABASE_NEWER``.
        OSError: when the home cannot be written.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    written = not settings.rules_file.exists()
    if written:
        _write_aside(settings.rules_file, write_rules(rules or Rules(), words))
    kept_rules = load_rules(settings.rules_file)
    engine = open_engine(settings.database_url)
    try:
        before = current_revision(engine)
        if before is not None and before > HEAD:
            raise Refused("DATABASE_NEWER", found=before, expected=HEAD)
        backup = upgrade(engine, backups=settings.backups, now=settings.clock.now())
        remember_rules(Office(settings, kept_rules, engine))
    finally:
        engine.dispose()
    return Initialised(settings.home, written, before is None, backup)


def _write_aside(target: Path, content: str) -> None:
    """Write a file beside its place and rename it: it is whole or not there."""
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing the doctor looked at: ``ok``, ``warning`` or ``error``; the words are ``doctor.<code>``."""

    code: str
    level: str
    values: dict[str, object] = field(default_factory=dict)


def doctor(settings: Settings, words: Words) -> tuple[Diagnosis, ...]:
    """Look at everything an installation stands on; nothing is changed. Whatever stops the look is a diagnosis too."""
    found: list[Diagnosis] = []
    try:
        for diagnosis in _examine(settings):
            found.append(diagnosis)  # one by one: what was seen before it stopped stays
    except Exception as error:
        told = present(error, words)
        if told.http_status == 500:
            raise  # our own mistake is nobody's illness
        sentence = " ".join((told.sentence, *told.details))
        found.append(Diagnosis("NOT_OPEN", "error", {"cause": told.code, "sentence": sentence}))
    return tuple(found)


def _examine(settings: Settings) -> Iterator[Diagnosis]:
    if not settings.home.is_dir():
        yield Diagnosis("HOME_MISSING", "error", {"home": str(settings.home)})
        return
    writable = os.access(settings.home, os.W_OK)
    yield Diagnosis("HOME_WRITABLE" if writable else "HOME_READ_ONLY", "ok" if writable else "error")
    free = shutil.disk_usage(settings.home).free
    enough = free >= _LEAST_FREE_BYTES
    yield Diagnosis("DISK_FREE" if enough else "DISK_SHORT", "ok" if enough else "warning", {"megabytes": free >> 20})
    if settings.now is not None:
        yield Diagnosis("CLOCK_FIXED", "warning", {"now": settings.now.isoformat()})
    yield from _fonts()
    database = settings.database_file
    if database is not None:
        yield from _sqlite(database)
    office = open_office(settings)
    yield Diagnosis("RULES_READ", "ok")
    yield Diagnosis("DATABASE_CURRENT", "ok", {"revision": HEAD})
    try:
        with reading(office.engine) as session:
            yield from _contents(session, office)
            yield from _publications(session, office)
        yield from _standing_plans(office)
    finally:
        office.engine.dispose()


def _fonts() -> Iterator[Diagnosis]:
    from maps.errors import MapsError
    from maps.fonts import bundled_font

    try:
        bundled_font()
        yield Diagnosis("FONT_FOUND", "ok")
    except MapsError:
        yield Diagnosis("FONT_MISSING", "error")


def _sqlite(database: Path) -> Iterator[Diagnosis]:
    version = sqlite3.sqlite_version_info
    mode = "WAL" if sqlite_may_use_wal(version) else "DELETE"
    yield Diagnosis("SQLITE_VERSION", "ok", {"version": sqlite3.sqlite_version, "mode": mode})
    if not database.is_file():
        yield Diagnosis("DATABASE_MISSING", "error")
        return
    try:
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
        try:
            damaged = connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok"
            dangling = connection.execute("PRAGMA foreign_key_check").fetchone() is not None
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        damaged, dangling = True, False
    if damaged or dangling:
        yield Diagnosis("DATABASE_DAMAGED", "error")
    else:
        yield Diagnosis("DATABASE_SOUND", "ok")


def _contents(session: Session, office: Office) -> Iterator[Diagnosis]:
    """A city without towns, depots, vans or shifts cannot take a booking."""
    city = office.rules.city
    towns = session.exec(
        select(func.count())
        .select_from(TownRow)
        .where(TownRow.prefecture == city.prefecture, TownRow.city == city.name)
    ).one()
    yield Diagnosis("TOWNS", "ok" if towns else "error", {"count": towns})
    for code, table in (("DISTRICTS", DistrictRow), ("BOUNDARY", BoundaryRow), ("DEPOTS", Depot), ("VANS", Van)):
        count = session.exec(select(func.count()).select_from(table)).one()
        level = "ok" if count else "warning" if code in ("DISTRICTS", "BOUNDARY") else "error"
        yield Diagnosis(code, level, {"count": count})
    following = office.calendar.next_service_day(office.clock.today())
    if following is not None:
        shifts = session.exec(select(func.count()).select_from(ShiftRow).where(ShiftRow.day == following)).one()
        yield Diagnosis("SHIFTS_NEXT_DAY", "ok" if shifts else "warning", {"date": following, "count": shifts})


def _publications(session: Session, office: Office) -> Iterator[Diagnosis]:
    """Published files are still what was written."""
    rows = session.exec(
        select(Publication, PlanVersion, ServiceDay)
        .where(col(Publication.plan_version_id) == col(PlanVersion.id))
        .where(col(PlanVersion.service_day_id) == col(ServiceDay.id))
        .where(ServiceDay.day >= office.clock.today())
    ).all()
    for publication, version, day in rows:
        folder = office.settings.published / day.day.isoformat() / f"v{version.number}-{publication.language}"
        changed = sorted(name for name, digest in publication.files.items() if _digest(folder / name) != digest)
        if changed:
            yield Diagnosis("FILES_CHANGED", "warning", {"date": day.day, "files": changed})


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _standing_plans(office: Office) -> Iterator[Diagnosis]:
    """Every standing plan from today on passes the checker as the day is now."""
    with reading(office.engine) as session:
        days = session.exec(
            select(col(ServiceDay.day))
            .where(ServiceDay.day >= office.clock.today(), col(ServiceDay.standing_plan_id).is_not(None))
            .order_by(col(ServiceDay.day))
        ).all()
        empty = [
            day.day
            for day in session.exec(select(ServiceDay).where(col(ServiceDay.standing_plan_id).is_(None))).all()
            if (state := read_day(session, office, day.day)) is not None and state.promises
        ]
    for day in empty:
        yield Diagnosis("PROMISES_WITHOUT_PLAN", "error", {"date": day})
    for day in days:
        violations = check_standing(office, day)
        codes = sorted({violation.code.value for violation in violations})
        if codes:
            yield Diagnosis("PLAN_BROKEN", "error", {"date": day, "codes": codes})
    yield Diagnosis("PLANS_CHECKED", "ok", {"count": len(days)})
