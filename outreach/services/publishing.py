"""Publishes a plan version: map, route sheets and call list as files, written aside and renamed, all or none."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path

from sqlmodel import Session, col, select

from outreach.errors import Refused
from outreach.services import _artefacts
from outreach.services._days import DayChanged, DayState, build_problem, note_day, store_plan
from outreach.services._solving import find_plan, ghost_candidates, refuse_unchecked
from outreach.services.office import Office
from outreach.services.planning import PlanView, booking_ids, not_made, require_day, show
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy, Publication, ServiceDay
from outreach.words import Words
from routing.errors import SolveError
from routing.files import write_plan, write_problem
from routing.replan import keep_routes

SHEETS, CALLS, MAP, FILES = "sheets", "calls", "map", "files"
"""The parts of a publication."""


@dataclass(frozen=True, slots=True)
class Published:
    """What was written: the plan version, the folder and its files with their SHA-256."""

    day: Date
    number: int
    folder: Path
    files: Mapping[str, str]
    outdated: bool = False


def publish(office: Office, day: Date, *, language: str, why: str = "") -> Published:
    """Publish the standing plan of ``day`` and close the day to new promises.

    Proposals that nobody confirmed are taken off first (that makes a new version). Publishing again after a change
    publishes the new standing plan; the older files stay beside it.

    Raises:
        NotFound: ``DAY_UNKNOWN`` or ``NO_PLAN``.
        Refused: ``PLAN_STALE``, ``PLAN_NOT_MADE``, ``NOTHING_TO_PUBLISH``.
    """
    _settle_proposals(office, day)
    view = show(office, day)
    if not view.plan.routes:
        raise Refused("NOTHING_TO_PUBLISH", date=day)
    folder = office.settings.published / day.isoformat() / f"v{view.number}-{language}"
    files = write_artefacts(office, view, folder, language=language, parts={SHEETS, CALLS, MAP, FILES})
    with writing(office.engine) as session:
        state = require_day(session, office, day)
        if state.standing is None or state.standing.number != view.number:
            raise Refused("PLAN_STALE", date=day)
        row = session.get_one(ServiceDay, state.day_id)
        row.published_plan_id = state.standing.id
        row.closed = True
        row.version += 1
        session.add(row)
        _outdate_others(session, office, state)
        session.add(
            Publication(
                plan_version_id=state.standing.id,
                at=office.now(),
                who=office.who,
                language=language,
                files=dict(files),
            )
        )
        note_day(session, office, state.day_id, "publish", why=why, details={"version": view.number})
    return Published(day, view.number, folder, files)


def _outdate_others(session: Session, office: Office, state: DayState) -> None:
    """Sheets of an older version are outdated once another is published."""
    if state.published is None or state.standing is None or state.published.id == state.standing.id:
        return
    for old in session.exec(select(Publication).where(Publication.plan_version_id == state.published.id)).all():
        if old.outdated_at is None:
            old.outdated_at = office.now()
            session.add(old)


def _settle_proposals(office: Office, day: Date) -> None:
    """Take unconfirmed proposals off the standing plan: the same routes without them, else a plan made anew."""
    view = show(office, day)
    if not view.proposals:
        return
    with reading(office.engine) as session:
        state = require_day(session, office, day)
    assert state.standing is not None
    problem = build_problem(office, state, others=ghost_candidates(state))
    plan = keep_routes(problem, state.standing.plan)
    ghosts = state.standing.ghosts
    try:
        if plan is None:
            found = find_plan(office, state, (), seconds=office.rules.solver.confirm_seconds, quick=True)
            if not found.keeps_promises:
                raise Refused("PLAN_NOT_MADE", date=day, standing=state.standing.number, cause="NOT_FOUND_IN_TIME")
            problem, plan, ghosts = found.problem, found.plan, found.ghosts
        refuse_unchecked(problem, plan)
    except SolveError as error:
        raise not_made(state, error) from error
    with writing(office.engine) as session:
        try:
            store_plan(
                session,
                office,
                state,
                problem,
                plan,
                made_by=MadeBy.REMAKE,
                booking_ids=booking_ids(session, plan),
                ghosts=ghosts,
            )
        except DayChanged as error:
            raise Refused("PLAN_STALE", date=day) from error
        note_day(session, office, state.day_id, "settle", details={"proposals": list(view.proposals)})


def artefacts(office: Office, day: Date, folder: Path | None, *, language: str, parts: Collection[str]) -> Published:
    """Write some of a day's artefacts again: from the published version where there is one, else the standing one.

    Raises:
        NotFound: ``DAY_UNKNOWN`` or ``NO_PLAN``.
        Refused: ``NOTHING_TO_PUBLISH``.
    """
    with reading(office.engine) as session:
        state = require_day(session, office, day)
    version = "published" if state.published is not None else "standing"
    view = show(office, day, version)
    if not view.plan.routes:
        raise Refused("NOTHING_TO_PUBLISH", date=day)
    target = folder or office.settings.published / day.isoformat() / f"v{view.number}-{language}"
    files = write_artefacts(office, view, target, language=language, parts=parts)
    outdated = state.published is not None and state.standing is not None and state.published.id != state.standing.id
    return Published(day, view.number, target, files, outdated)


def publications(office: Office, day: Date) -> tuple[Publication, ...]:
    """What was published for a day, the newest last."""
    with reading(office.engine) as session:
        state = require_day(session, office, day)
        return tuple(
            session.exec(
                select(Publication)
                .where(Publication.plan_version_id == (state.published.id if state.published else 0))
                .order_by(col(Publication.id))
            ).all()
        )


def export(office: Office, day: Date, folder: Path, *, version: str = "standing") -> Published:
    """Write a version as its two files, ``outreach-day/1`` and ``outreach-plan/1``.

    Raises:
        NotFound: ``DAY_UNKNOWN``, ``NO_PLAN`` or ``NO_SUCH_VERSION``.
    """
    view = show(office, day, version)
    files = write_together(folder, _exchange_files(office, view, office.settings.language))
    return Published(day, view.number, folder, files)


def write_artefacts(
    office: Office, view: PlanView, folder: Path, *, language: str, parts: Collection[str]
) -> Mapping[str, str]:
    """Draw the parts asked for and write them into ``folder``; returns each name with its SHA-256."""
    words = Words(language)
    material = _artefacts.gather(office, view, language)
    contents: dict[str, bytes] = {}
    if SHEETS in parts:
        from maps.sheets import route_sheets_html, route_sheets_pdf

        sheets = _artefacts.route_sheets(material)
        contents["route-sheets.pdf"] = route_sheets_pdf(sheets, words.say)
        contents["route-sheets.html"] = route_sheets_html(sheets, words.say).encode("utf-8")
    if CALLS in parts:
        from maps.call_list import call_list_html, call_list_pdf, call_list_xlsx

        calls = _artefacts.call_list(material)
        contents["call-list.pdf"] = call_list_pdf(calls, words.say)
        contents["call-list.html"] = call_list_html(calls, words.say).encode("utf-8")
        contents["call-list.xlsx"] = call_list_xlsx(calls, words.say)
    if MAP in parts:
        from maps.route_map import draw_day_map

        contents["route-map.html"] = draw_day_map(_artefacts.day_map(material), words.say).encode("utf-8")
    if FILES in parts:
        contents |= _exchange_files(office, view, language)
    return write_together(folder, contents)


def _exchange_files(office: Office, view: PlanView, language: str) -> dict[str, bytes]:
    return {
        f"day-{view.day.isoformat()}.json": write_problem(view.problem).encode("utf-8"),
        f"plan-{view.day.isoformat()}.json": write_plan(view.plan, unassigned_words(language)).encode("utf-8"),
    }


def unassigned_words(language: str) -> Callable[..., tuple[str, str]]:
    """Sentence and action for an unassigned visit, in one language, as the plan file carries them."""
    words = Words(language)

    def say(reason: str, values: Mapping[str, object]) -> tuple[str, str]:
        return (
            words.say(f"reason.{reason}.sentence", **values),
            words.say(f"reason.{reason}.action", **values),
        )

    return say


def write_together(folder: Path, contents: Mapping[str, bytes]) -> Mapping[str, str]:
    """Write files aside and move them into ``folder`` when all of them are whole; an existing file is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder))
    try:
        for name, data in contents.items():
            (aside / name).write_bytes(data)
        for name in contents:
            (aside / name).replace(folder / name)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return {name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents.items())}
