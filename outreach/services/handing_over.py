"""Hands over what a form took that stands alone, outside: kept under a number, written to a file, taken in inside.

Outside, a request is a row until it is exported; what it says is erased some days later (``booking erase``). Inside,
the numbers that were taken in are remembered, so that the same file taken twice makes no second booking.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import update
from sqlmodel import Session, col, select

from bookings.answers import SCRIPT
from bookings.privacy import require_clean
from bookings.spreadsheets import write_csv, write_xlsx
from outreach.errors import Busy
from outreach.services import _public_drafts as drafts
from outreach.services._files import write_together
from outreach.services._intake_city import Call
from outreach.services._public_drafts import Form, Outcome
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.web_tables import HandedOver
from outreach.words import Words

NUMBER_COLUMN, RECEIVED_COLUMN, TOWN_COLUMN = "number", "received_at", "chosen_town"
"""Columns of the file that are no answers: what the resident was told, when, and the town chosen among candidates."""

OUTSIDE_DAYS = 7
"""How long an exported request keeps what it says outside, where the rules do not erase it sooner."""

_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_TAKEN_IN = "in/"
"""Before a number in the table: that request was taken in here, from a file; it was not taken by this form."""

_TRIES = 20


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote: the requests by their numbers."""

    file: Path
    numbers: tuple[str, ...]


def keep(office: Office, form: Form, call: Call) -> Form:
    """Keep what was typed under a new number, and erase it from the draft, in one transaction.

    Raises:
        Refused: ``FORM_OVER``.
    """

    def alter(session: Session, now: Form) -> Form:
        if now.sent:
            return now
        number = _new_number(session)
        answers = {**call.answers, **({TOWN_COLUMN: call.chosen_town} if call.chosen_town else {})}
        session.add(HandedOver(number=number, answers=answers, received_at=office.now()))
        return replace(now, answers={}, number=number, outcome=Outcome.OUTSIDE)

    return drafts.change(office, form.key, alter)


def _new_number(session: Session) -> str:
    """Six signs nobody mixes up, such as ``W-7KQ-3MX``. It opens nothing: it is only for the telephone."""
    for _ in range(_TRIES):
        signs = "".join(secrets.choice(_SIGNS) for _ in range(6))
        number = f"W-{signs[:3]}-{signs[3:]}"
        if session.exec(select(HandedOver.id).where(HandedOver.number == number)).first() is None:
            return number
    raise Busy("DAY_BUSY")


# -- outside: to a file ------------------------------------------------------------------------------------------------


def export_requests(office: Office, file: Path, words: Words, *, again: bool = False) -> Exported:
    """Write the requests that were not handed over yet: the columns of ``booking import``, CSV or XLSX by the ending.

    They count as handed over only when the file is whole on the disk.

    Args:
        again: also those that were handed over before, as long as they still say something.

    Raises:
        PrivacyError: when the file's name holds what must never be kept.
        IsADirectoryError: for a folder of that name.
    """
    require_clean(file.name, "file_name")
    if file.is_dir():
        raise IsADirectoryError(21, "a folder where a file is to be written")
    with reading(office.engine) as session:
        query = select(HandedOver).where(col(HandedOver.number).not_like(f"{_TAKEN_IN}%"))
        if not again:
            query = query.where(col(HandedOver.exported_at).is_(None))
        rows = [row for row in session.exec(query.order_by(col(HandedOver.id))).all() if row.answers]
    write_together(file.parent, {file.name: _table(office, rows, words, as_csv=file.suffix.lower() == ".csv")})
    with writing(office.engine) as session:
        session.connection().execute(
            update(HandedOver)
            .where(col(HandedOver.id).in_([row.id for row in rows]), col(HandedOver.exported_at).is_(None))
            .values(exported_at=office.now())
        )
    return Exported(file, tuple(row.number for row in rows))


def _table(office: Office, rows: list[HandedOver], words: Words, *, as_csv: bool) -> bytes:
    zone = office.now().tzinfo
    headers = [words.say(question.word_key) for question in SCRIPT]
    headers += [TOWN_COLUMN, NUMBER_COLUMN, RECEIVED_COLUMN]
    cells = [
        [
            *(row.answers.get(question.field, "") for question in SCRIPT),
            row.answers.get(TOWN_COLUMN, ""),
            row.number,
            row.received_at.astimezone(zone).isoformat(timespec="minutes"),
        ]
        for row in rows
    ]
    return write_csv(headers, cells) if as_csv else write_xlsx({words.say("terminal.template.sheet"): (headers, cells)})


def erase_handed_over(session: Session, office: Office) -> None:
    """Erase what exported requests say, some days after they were exported; their numbers stay."""
    days = min(OUTSIDE_DAYS, office.rules.privacy.retention_days)
    before = office.now() - timedelta(days=days)
    rows = session.exec(select(HandedOver).where(col(HandedOver.exported_at) <= before)).all()
    for row in rows:
        if row.answers:
            row.answers = {}
            session.add(row)


# -- inside: from a file -----------------------------------------------------------------------------------------------


def known_numbers(session: Session) -> frozenset[str]:
    """Numbers whose requests were taken in already."""
    rows = session.exec(select(HandedOver.number).where(col(HandedOver.number).like(f"{_TAKEN_IN}%"))).all()
    return frozenset(number.removeprefix(_TAKEN_IN) for number in rows)


def remember(session: Session, office: Office, number: str, received_at: datetime) -> None:
    """Remember a number in the transaction that takes its request in."""
    session.add(
        HandedOver(number=f"{_TAKEN_IN}{number}", answers={}, received_at=received_at, exported_at=office.now())
    )


def is_handed_over(cells: Mapping[str, str]) -> bool:
    """Whether a row of a file is a request of a form outside."""
    return bool(cells.get(NUMBER_COLUMN, "").strip())
