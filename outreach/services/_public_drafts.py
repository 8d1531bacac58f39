"""The draft of a public form: what somebody has typed so far, by the visitor's session, erased soon.

Only this module writes the table. No text gets in before it was looked through for what must never be kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete
from sqlmodel import Session, col

from outreach.errors import Refused
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.web_tables import PublicForm

KEPT_FOR = timedelta(hours=1)
"""How long a draft is kept after it was last touched."""


class Outcome(StrEnum):
    """What became of a form that was sent: windows are offered, the call centre phones, or it is handed over."""

    WINDOWS = "windows"
    PHONE = "phone"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Form:
    """A draft, or what is left of it when it was sent: no answers any more, but which booking it became.

    Attributes:
        key: of the session it belongs to.
        seen: pages that were left forwards.
        send_key: under which it is sent, so that sent twice it is one booking.
        reference: of the booking it became.
        outcome: what became of it; ``None`` while it is typed.
        number: what the resident was told where it is handed over.
        own: somebody opened their own page, with the link and the digits.
    """

    key: str
    answers: Mapping[str, str] = field(default_factory=dict)
    seen: frozenset[str] = frozenset()
    send_key: str = ""
    reference: str = ""
    outcome: Outcome | None = None
    number: str = ""
    own: bool = False

    @property
    def sent(self) -> bool:
        """Whether there is nothing to type any more."""
        return self.outcome is not None


def begin(office: Office, key: str) -> Form:
    """Begin a form; what the session had typed before is erased."""
    return _put_new(office, Form(key, send_key=secrets.token_urlsafe(24)))


def begin_own(office: Office, key: str, reference: str) -> Form:
    """Let a session see one booking: its link and the digits were right."""
    return _put_new(office, Form(key, reference=reference, own=True))


def find(office: Office, key: str) -> Form | None:
    """The session's form while it lasts."""
    with reading(office.engine) as session:
        row = session.get(PublicForm, key)
    return None if row is None or row.expires_at <= office.now() else _form(row)


def change(office: Office, key: str, alter: Callable[[Session, Form], Form]) -> Form:
    """Change the form in one transaction; it lasts an hour from now.

    Raises:
        Refused: ``FORM_OVER`` when its hour is over, or it was never begun.
    """
    with writing(office.engine) as session:
        row = session.get(PublicForm, key)
        if row is None or row.expires_at <= office.now():
            raise Refused("FORM_OVER")
        changed = alter(session, _form(row))
        row.answers, row.state, row.reference = dict(changed.answers), _state(changed), changed.reference
        row.expires_at = office.now() + KEPT_FOR
        session.add(row)
    return changed


def erase(office: Office, key: str) -> None:
    """Erase the form, whatever became of it."""
    with writing(office.engine) as session:
        session.connection().execute(delete(PublicForm).where(col(PublicForm.id_sha256) == key))


def erase_expired(session: Session, now: datetime) -> None:
    """Erase every form whose hour is over."""
    session.connection().execute(delete(PublicForm).where(col(PublicForm.expires_at) <= now))


def _put_new(office: Office, form: Form) -> Form:
    now = office.now()
    with writing(office.engine) as session:
        erase_expired(session, now)
        session.connection().execute(delete(PublicForm).where(col(PublicForm.id_sha256) == form.key))
        session.add(
            PublicForm(
                id_sha256=form.key,
                answers=dict(form.answers),
                state=_state(form),
                reference=form.reference,
                created_at=now,
                expires_at=now + KEPT_FOR,
            )
        )
    return form


def _state(form: Form) -> dict[str, Any]:
    return {
        "seen": sorted(form.seen),
        "send_key": form.send_key,
        "outcome": None if form.outcome is None else form.outcome.value,
        "number": form.number,
        "own": form.own,
    }


def _form(row: PublicForm) -> Form:
    outcome = row.state.get("outcome")
    return Form(
        key=row.id_sha256,
        answers=dict(row.answers),
        seen=frozenset(row.state.get("seen", ())),
        send_key=row.state.get("send_key", ""),
        reference=row.reference,
        outcome=None if outcome is None else Outcome(outcome),
        number=row.state.get("number", ""),
        own=bool(row.state.get("own")),
    )
