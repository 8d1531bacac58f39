"""Accounts of those who work with the pages, and the sessions by which a browser is known from one page to the next.

A session's id is 32 random bytes and is stored as its SHA-256. It is new at every login, ends after so long without a
page (``web.idle_min``), after so long altogether (``web.absolute_hours``), at sign-out, and when the account is
disabled or its password or role is changed.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from bookings.privacy import require_clean
from outreach.errors import BadInput, NotFound, PermissionDenied, Refused
from outreach.services._passwords import hashed, verified
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.web_tables import Account, Role, WebSession

__all__ = [
    "AccountView",
    "Opened",
    "Role",
    "SessionView",
    "add",
    "change_password",
    "disable",
    "enable",
    "end_session",
    "end_sessions",
    "listed",
    "open_session",
    "own_sessions",
    "session_of",
    "set_password",
    "set_role",
    "sign_in",
]

SEEN_EVERY = timedelta(seconds=60)
"""A page does not write to the database only to say that somebody is still there, unless that long has passed."""

LONGEST_NAME, LONGEST_DISPLAY_NAME = 40, 100


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account without what proves it."""

    name: str
    display_name: str
    role: Role
    must_change: bool
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class SessionView:
    """A visitor's session: its own key in the tables, its token against forged requests, and who is signed in."""

    key: str
    csrf: str
    account: AccountView | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OwnSession:
    """One place where an account is signed in now."""

    key: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Opened:
    """A session just made: its id goes into a cookie and nowhere else."""

    id: str
    session: SessionView


# -- accounts ----------------------------------------------------------------------------------------------------------


def add(
    office: Office, name: str, role: str, password: str, *, display_name: str = "", must_change: bool = True
) -> AccountView:
    """Make an account.

    Args:
        name: what is typed at login and stands in the history: letters, digits, ``. _ -``; compared without case.
        role: ``clerk``, ``crew``, ``manager`` or ``admin``.
        display_name: shown to colleagues; the name, where it is empty.
        must_change: whoever it is for changes the password at the first login.

    Raises:
        BadInput: ``ACCOUNT_NAME_UNUSABLE``, ``ROLE_UNKNOWN``, ``PASSWORD_TOO_SHORT``, ``PASSWORD_TOO_LONG``.
        Refused: ``ACCOUNT_EXISTS``.
        PrivacyError: when a text holds what must never be kept.
    """
    name, kind = account_name(name), role_of(role)
    require_clean(display_name, "display_name")
    proof = hashed(password, name)
    with writing(office.engine) as session:
        if _account(session, name) is not None:
            raise Refused("ACCOUNT_EXISTS", name=name)
        account = Account(
            name=name,
            display_name=display_name.strip()[:LONGEST_DISPLAY_NAME],
            role=kind.value,
            password_hash=proof,
            must_change=must_change,
            created_at=office.now(),
        )
        session.add(account)
        session.flush()
        return _view(account)


def listed(office: Office) -> tuple[AccountView, ...]:
    """All accounts by name, the disabled ones too."""
    with reading(office.engine) as session:
        return tuple(_view(account) for account in session.exec(select(Account).order_by(col(Account.name))).all())


def disable(office: Office, name: str) -> AccountView:
    """Disable an account and end its sessions at once. Its name stays in the history and is not given again.

    Raises:
        NotFound: ``ACCOUNT_UNKNOWN``.
    """
    with writing(office.engine) as session:
        account = _require(session, name)
        account.disabled_at = account.disabled_at or office.now()
        session.add(account)
        _end_all(session, office, account)
        return _view(account)


def enable(office: Office, name: str) -> AccountView:
    """Let a disabled account in again, with the password it had.

    Raises:
        NotFound: ``ACCOUNT_UNKNOWN``.
    """
    with writing(office.engine) as session:
        account = _require(session, name)
        account.disabled_at = None
        session.add(account)
        return _view(account)


def set_role(office: Office, name: str, role: str) -> AccountView:
    """Give an account another role; its sessions end, so that no page is open with more than it may.

    Raises:
        NotFound: ``ACCOUNT_UNKNOWN``.
        BadInput: ``ROLE_UNKNOWN``.
    """
    kind = role_of(role)
    with writing(office.engine) as session:
        account = _require(session, name)
        account.role = kind.value
        session.add(account)
        _end_all(session, office, account)
        return _view(account)


def change_password(office: Office, name: str, old: str, new: str, *, keep: str = "") -> None:
    """Change one's own password; all other sessions of the account end.

    Args:
        keep: the key of the session that stays.

    Raises:
        PermissionDenied: ``PASSWORD_WRONG``.
        BadInput: ``PASSWORD_TOO_SHORT``, ``PASSWORD_TOO_LONG``, ``PASSWORD_SAME``.
        PrivacyError: for a password that holds what must never be kept.
    """
    with reading(office.engine) as session:
        account = _require(session, name)
    proof = account.password_hash
    if not verified(old, proof):
        raise PermissionDenied("PASSWORD_WRONG")
    if old == new:
        raise BadInput("PASSWORD_SAME")
    new_proof = hashed(new, account.name)
    with writing(office.engine) as session:
        account = _require(session, name)
        if account.password_hash != proof:  # somebody gave it another one in the meantime: theirs counts
            raise PermissionDenied("PASSWORD_WRONG")
        account.password_hash, account.must_change = new_proof, False
        session.add(account)
        _end_all(session, office, account, but=keep)


def set_password(office: Office, name: str, password: str, *, must_change: bool = True) -> AccountView:
    """Give an account a new password, to be changed at its next login; all its sessions end.

    Raises:
        NotFound: ``ACCOUNT_UNKNOWN``.
        BadInput: ``PASSWORD_TOO_SHORT``, ``PASSWORD_TOO_LONG``.
        PrivacyError: for a password that holds what must never be kept.
    """
    with reading(office.engine) as session:
        _require(session, name)
    proof = hashed(password, account_name(name))
    with writing(office.engine) as session:
        account = _require(session, name)
        account.password_hash, account.must_change = proof, must_change
        session.add(account)
        _end_all(session, office, account)
        return _view(account)


def account_name(text: str) -> str:
    """The name as it is compared: NFKC, lower case.

    Raises:
        BadInput: ``ACCOUNT_NAME_UNUSABLE``.
        PrivacyError: for a name that holds what must never be kept.
    """
    require_clean(text, "name")
    name = unicodedata.normalize("NFKC", text).strip().lower()
    if not name or len(name) > LONGEST_NAME or not all(letter.isalnum() or letter in "._-" for letter in name):
        raise BadInput("ACCOUNT_NAME_UNUSABLE", most=LONGEST_NAME)
    return name


def role_of(text: str) -> Role:
    """The role of a word.

    Raises:
        BadInput: ``ROLE_UNKNOWN``.
    """
    try:
        return Role(text.strip().lower())
    except ValueError:
        raise BadInput("ROLE_UNKNOWN", known=[role.value for role in Role]) from None


# -- sessions ----------------------------------------------------------------------------------------------------------


def sign_in(office: Office, name: str, password: str, *, before: str = "") -> Opened:
    """Check name and password and open a session with a new id; the one the browser had before ends.

    Tries are counted by :mod:`outreach.services.signing_in`, which the pages call.

    Raises:
        PermissionDenied: ``LOGIN_WRONG``, the same for an unknown name, a wrong password and a disabled account, and
            after the same work.
        PrivacyError: for a name that holds what must never be kept.
    """
    try:
        wanted = account_name(name)
    except BadInput:
        wanted = ""
    with reading(office.engine) as session:
        account = _account(session, wanted) if wanted else None
    known = account is not None and account.disabled_at is None
    if not verified(password, account.password_hash if account is not None and known else None) or account is None:
        raise PermissionDenied("LOGIN_WRONG")
    with writing(office.engine) as session:
        now = _require(session, account.name)
        if now.disabled_at is not None or now.password_hash != account.password_hash:
            raise PermissionDenied("LOGIN_WRONG")  # while the password was being checked
        return _open(session, office, now, before)


def open_session(office: Office, name: str = "", *, before: str = "") -> Opened:
    """Open a session, for an account or (without a name) for a visitor of the public form."""
    with writing(office.engine) as session:
        return _open(session, office, _require(session, name) if name else None, before)


def _open(session: Session, office: Office, account: Account | None, before: str) -> Opened:
    identity, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), office.now()
    _forget_old(session, office)
    if before:
        _end(session, office, _digest(before))
    row = WebSession(
        id_sha256=_digest(identity),
        account_id=None if account is None else account.id,
        csrf=csrf,
        created_at=now,
        seen_at=now,
    )
    session.add(row)
    return Opened(identity, SessionView(row.id_sha256, csrf, None if account is None else _view(account), now))


def session_of(office: Office, identity: str) -> SessionView | None:
    """The session of a cookie while it lasts, and notes that somebody is still there."""
    if not identity or len(identity) > 100:
        return None
    key, now = _digest(identity), office.now()
    with reading(office.engine) as session:
        row = session.get(WebSession, key)
        if row is None or not _lasts(office, row):
            return None
        account = None if row.account_id is None else session.get_one(Account, row.account_id)
    if account is not None and account.disabled_at is not None:
        return None
    if now - row.seen_at >= min(SEEN_EVERY, timedelta(minutes=office.rules.web.idle_min) / 4):
        with writing(office.engine) as session:
            session.connection().execute(
                update(WebSession)
                .where(col(WebSession.id_sha256) == key, col(WebSession.ended_at).is_(None))
                .values(seen_at=now)
            )
            session.flush()
    return SessionView(key, row.csrf, None if account is None else _view(account), row.created_at)


def own_sessions(office: Office, name: str) -> tuple[OwnSession, ...]:
    """Where an account is signed in now, the latest first.

    Raises:
        NotFound: ``ACCOUNT_UNKNOWN``.
    """
    with reading(office.engine) as session:
        rows = session.exec(
            select(WebSession)
            .where(WebSession.account_id == _require(session, name).id)
            .order_by(col(WebSession.created_at).desc(), col(WebSession.id_sha256))
        ).all()
    return tuple(OwnSession(row.id_sha256, row.created_at, row.seen_at) for row in rows if _lasts(office, row))


def end_session(office: Office, key: str) -> None:
    """Sign out."""
    with writing(office.engine) as session:
        _end(session, office, key)


def end_sessions(office: Office, name: str, *, but: str = "") -> int:
    """End every session of an account, wherever it is signed in; returns how many there were.

    Args:
        but: the key of a session that stays.

    Raises:
        NotFound: ``ACCOUNT_UNKNOWN``.
    """
    with writing(office.engine) as session:
        return _end_all(session, office, _require(session, name), but=but)


def _lasts(office: Office, row: WebSession) -> bool:
    now, web = office.now(), office.rules.web
    # Somebody who fills in the form at home may look for their papers as long as the form is kept.
    idle = timedelta(hours=1) if row.account_id is None else timedelta(minutes=web.idle_min)
    return (
        row.ended_at is None and now - row.seen_at < idle and now - row.created_at < timedelta(hours=web.absolute_hours)
    )


def _end(session: Session, office: Office, key: str) -> None:
    row = session.get(WebSession, key)
    if row is not None and row.ended_at is None:
        row.ended_at = office.now()
        session.add(row)


def _end_all(session: Session, office: Office, account: Account, *, but: str = "") -> int:
    rows = session.exec(
        select(WebSession).where(
            WebSession.account_id == account.id, col(WebSession.ended_at).is_(None), WebSession.id_sha256 != but
        )
    ).all()
    lasting = sum(_lasts(office, row) for row in rows)
    for row in rows:
        row.ended_at = office.now()
        session.add(row)
    return lasting


def _forget_old(session: Session, office: Office) -> None:
    """Sessions that ended a day ago tell nobody anything any more."""
    session.connection().execute(delete(WebSession).where(col(WebSession.seen_at) < long_over(office)))


def long_over(office: Office) -> datetime:
    """Sessions last seen before this instant have been over for a day at least."""
    return office.now() - timedelta(hours=office.rules.web.absolute_hours) - timedelta(days=1)


# -- what both need ----------------------------------------------------------------------------------------------------


def _account(session: Session, name: str) -> Account | None:
    return session.exec(select(Account).where(Account.name == name)).first()


def _require(session: Session, name: str) -> Account:
    found = _account(session, account_name(name))
    if found is None:
        raise NotFound("ACCOUNT_UNKNOWN")
    return found


def _view(account: Account) -> AccountView:
    return AccountView(
        name=account.name,
        display_name=account.display_name or account.name,
        role=Role(account.role),
        must_change=account.must_change,
        created_at=account.created_at,
        disabled_at=account.disabled_at,
    )


def _digest(identity: str) -> str:
    return hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
