"""Publishes a plan version: map, route sheets and call list as files, written aside and renamed, all or none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date as Date
from pathlib import Path

from sqlmodel import Session, col, select

from bookings.privacy import require_clean
from outreach.errors import Refused
from outreach.services import _artefacts
from outreach.services._day_state import DayState
from outreach.services._day_writes import DayChanged, note_day, store_plan
from outreach.services._files import Staged, staged, write_together
from outreach.services._plans import (
    PlanView,
    check_against,
    not_made,
    require_day,
    show,
)
from outreach.services._solving import find_plan, refuse_unchecked
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy, PlanVersion, Publication, ServiceDay, StopRole
from outreach.words import Words
from routing.errors import SolveError
from routing.files import write_plan, write_problem

__all__ = [
    "CALLS",
    "FILES",
    "MAP",
    "SHEETS",
    "Published",
    "artefacts",
    "export",
    "publications",
    "publish",
    "unassigned_words",
    "write_together",
]

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
    publishes the new standing plan; the older files stay beside it. The files appear under their names in the moment in
    which the day is marked as published, all or none.

    Raises:
        NotFound: ``DAY_UNKNOWN`` or ``NO_PLAN``.
        Refused: ``NOTHING_TO_PUBLISH``; ``PLAN_NO_LONGER_HOLDS`` when the day changed so that its plan breaks a rule or
            a promise; ``PLAN_STALE``, ``PLAN_NOT_MADE``.
        PrivacyError: when the reason holds what must never be kept.
    """
    require_clean(why, "why")
    _settle_proposals(office, day)
    view = show(office, day)
    if not view.plan.routes:
        raise Refused("NOTHING_TO_PUBLISH", date=day)
    _require_holding(office, day)
    folder = office.settings.published / day.isoformat() / f"v{view.number}-{language}"
    contents = draw(office, view, language=language, parts={SHEETS, CALLS, MAP, FILES})
    with staged(folder, contents) as files:
        try:
            with writing(office.engine) as session:
                _mark_published(session, office, view, files, language=language, why=why)
                files.put_in_place()
        except BaseException:
            files.take_back()  # nothing was published, so nothing lies there as if it were
            raise
    return Published(day, view.number, folder, files.digests)


def _require_holding(office: Office, day: Date) -> None:
    """What is published is what the day can keep now: a van may have gone down since the plan was made."""
    with reading(office.engine) as session:
        state = require_day(session, office, day)
    assert state.standing is not None
    codes = sorted({violation.code.value for violation in check_against(office, state, state.standing)})
    if codes:
        raise Refused("PLAN_NO_LONGER_HOLDS", date=day, version=state.standing.number, codes=codes)


def _mark_published(
    session: Session, office: Office, view: PlanView, files: Staged, *, language: str, why: str
) -> None:
    """The day's row, its publication and its history, if the plan that was drawn still stands."""
    state = require_day(session, office, view.day)
    if state.standing is None or state.standing.number != view.number or state.version != view.day_version:
        raise Refused("PLAN_STALE", date=view.day)
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
            files=dict(files.digests),
        )
    )
    note_day(session, office, state.day_id, "publish", why=why, details={"version": view.number})
    session.flush()


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
    if StopRole.PROPOSED not in view.roles.values():
        return
    with reading(office.engine) as session:
        state = require_day(session, office, day)
    try:
        seconds = office.rules.solver.confirm_seconds
        found = find_plan(office, state, (), seconds=seconds, quick=True, proposals=False)
        if not found.keeps_promises:
            raise Refused("PLAN_NO_LONGER_HOLDS", date=day, version=view.number, codes=["PROMISES_CONFLICT"])
        refuse_unchecked(found.problem, found.plan)
    except SolveError as error:
        raise not_made(state, error) from error
    with writing(office.engine) as session:
        try:
            store_plan(
                session,
                office,
                state,
                found.problem,
                found.plan,
                made_by=MadeBy.REMAKE,
                ghosts=found.ghosts,
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
    files = write_together(target, draw(office, view, language=language, parts=parts))
    return Published(day, view.number, target, files, view.outdated)


def publications(office: Office, day: Date) -> tuple[Publication, ...]:
    """Everything that was published for a day, the newest last; ``outdated_at`` says since when one no longer holds.

    Raises:
        NotFound: ``DAY_UNKNOWN``.
    """
    with reading(office.engine) as session:
        state = require_day(session, office, day)
        return tuple(
            session.exec(
                select(Publication)
                .where(col(Publication.plan_version_id) == col(PlanVersion.id))
                .where(PlanVersion.service_day_id == state.day_id)
                .order_by(col(Publication.id))
            ).all()
        )


def export(office: Office, day: Date, folder: Path, *, version: str = "standing") -> Published:
    """Write a version as its two files, ``outreach-day/1`` and ``outreach-plan/1``.

    Raises:
        NotFound: ``DAY_UNKNOWN``, ``NO_PLAN`` or ``NO_SUCH_VERSION``.
    """
    view = show(office, day, version)
    files = write_together(folder, _exchange_files(view, office.settings.language))
    return Published(day, view.number, folder, files)


def draw(office: Office, view: PlanView, *, language: str, parts: Collection[str]) -> dict[str, bytes]:
    """Draw the parts asked for: each file's name with its bytes."""
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
        contents |= _exchange_files(view, language)
    return contents


def _exchange_files(view: PlanView, language: str) -> dict[str, bytes]:
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
