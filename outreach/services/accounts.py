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
from typing import TYPE_CHECKING

from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from bookings.privacy import require_clean
from outreach.errors import BadInput, NotFound, PermissionDenied, Refused
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.web_tables import Account, Role, WebSession

if TYPE_CHECKING:
    from pwdlib import PasswordHash

__all__ = ["AccountView", "Role", "SessionView", "add", "change_password", "disable", "listed", "session_of"]

SEEN_EVERY = timedelta(seconds=60)
"""A page does not write to the database only to say that somebody is still there, unless that long has passed."""

LEAST_PASSWORD, MOST_PASSWORD = 12, 200
LONGEST_NAME = 40


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
class Opened:
    """A session just made: its id goes into a cookie and nowhere else."""

    id: str
    session: SessionView


# -- accounts ----------------------------------------------------------------------------------------------------------


def add(office: Office, name: str, role: str, password: str, *, display_name: str = "") -> AccountView:
    """Make an account; whoever it is for changes the password at the first login.

    Args:
        name: what is typed at login and stands in the history: letters, digits, ``. _ -``; compared without case.
        role: ``clerk``, ``crew``, ``manager`` or ``admin``.

    Raises:
        BadInput: ``ACCOUNT_NAME_UNUSABLE``, ``ROLE_UNKNOWN``, ``PASSWORD_TOO_SHORT``, ``PASSWORD_TOO_LONG``.
        Refused: ``ACCOUNT_EXISTS``.
        PrivacyError: when a text holds what must never be kept.
    """
    name = account_name(name)
    require_clean(display_name, "display_name")
    hashed = _hashed(password, name)
    with writing(office.engine) as session:
        if _account(session, name) is not None:
            raise Refused("ACCOUNT_EXISTS", name=name)
        account = Account(
            name=name,
            display_name=display_name.strip()[:100],
            role=role_of(role).value,
            password_hash=hashed,
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


def change_password(office: Office, name: str, old: str, new: str, *, keep: str = "") -> None:
    """Change one's own password; all other sessions of the account end.

    Args:
        keep: the key of the session that stays.

    Raises:
        PermissionDenied: ``PASSWORD_WRONG``.
        BadInput: ``PASSWORD_TOO_SHORT``, ``PASSWORD_TOO_LONG``, ``PASSWORD_SAME``.
    """
    with reading(office.engine) as session:
        account = _require(session, name)
    if not _verified(old, account.password_hash):
        raise PermissionDenied("PASSWORD_WRONG")
    if old == new:
        raise BadInput("PASSWORD_SAME")
    hashed = _hashed(new, account.name)
    with writing(office.engine) as session:
        account = _require(session, name)
        account.password_hash, account.must_change = hashed, False
        session.add(account)
        _end_all(session, office, account, but=keep)


def set_password(office: Office, name: str, password: str) -> AccountView:
    """Give an account a new password, to be changed at its next login; all its sessions end.

    Raises:
        NotFound: ``ACCOUNT_UNKNOWN``.
        BadInput: ``PASSWORD_TOO_SHORT``, ``PASSWORD_TOO_LONG``.
    """
    hashed = _hashed(password, account_name(name))
    with writing(office.engine) as session:
        account = _require(session, name)
        account.password_hash, account.must_change = hashed, True
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

    Counting of tries is :mod:`outreach.services.tries`'s; the pages ask it first.

    Raises:
        PermissionDenied: ``LOGIN_WRONG``, the same for an unknown name, a wrong password and a disabled account, and
            after the same work.
    """
    try:
        wanted = account_name(name)
    except BadInput:
        wanted = ""
    with reading(office.engine) as session:
        account = _account(session, wanted) if wanted else None
    known = account is not None and account.disabled_at is None
    right = _verified(password, account.password_hash if account is not None and known else _nobodys_hash())
    if account is None or not known or not right:
        raise PermissionDenied("LOGIN_WRONG")
    return open_session(office, account.name, before=before)


def open_session(office: Office, name: str = "", *, before: str = "") -> Opened:
    """Open a session, for an account or (without a name) for a visitor of the public form."""
    identity, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), office.now()
    with writing(office.engine) as session:
        account = _require(session, name) if name else None
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
        view = None if account is None else _view(account)
    return Opened(identity, SessionView(row.id_sha256, csrf, view, now))


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
    if now - row.seen_at >= SEEN_EVERY:
        with writing(office.engine) as session:
            session.connection().execute(
                update(WebSession)
                .where(col(WebSession.id_sha256) == key, col(WebSession.ended_at).is_(None))
                .values(seen_at=now)
            )
            session.flush()
    return SessionView(key, row.csrf, None if account is None else _view(account), row.created_at)


def end_session(office: Office, key: str) -> None:
    """Sign out."""
    with writing(office.engine) as session:
        _end(session, office, key)


def end_sessions(office: Office, name: str) -> int:
    """End every session of an account, wherever it is signed in; returns how many there were.

    Raises:
        NotFound: ``ACCOUNT_UNKNOWN``.
    """
    with writing(office.engine) as session:
        return _end_all(session, office, _require(session, name))


def _lasts(office: Office, row: WebSession) -> bool:
    now, web = office.now(), office.rules.web
    return (
        row.ended_at is None
        and now - row.seen_at < timedelta(minutes=web.idle_min)
        and now - row.created_at < timedelta(hours=web.absolute_hours)
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
    for row in rows:
        row.ended_at = office.now()
        session.add(row)
    return sum(_lasts_for_count(office, row) for row in rows)


def _lasts_for_count(office: Office, row: WebSession) -> bool:
    return office.now() - row.created_at < timedelta(hours=office.rules.web.absolute_hours)


def _forget_old(session: Session, office: Office) -> None:
    """Sessions that ended a day ago tell nobody anything any more."""
    long_ago = office.now() - timedelta(hours=office.rules.web.absolute_hours) - timedelta(days=1)
    session.connection().execute(delete(WebSession).where(col(WebSession.seen_at) < long_ago))


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


def _hashed(password: str, name: str) -> str:
    """The Argon2 hash of a password worth having: long enough (NIST SP 800-63B), and not the name itself."""
    if len(password) < LEAST_PASSWORD or password.lower() == name:
        raise BadInput("PASSWORD_TOO_SHORT", least=LEAST_PASSWORD)
    if len(password) > MOST_PASSWORD:
        raise BadInput("PASSWORD_TOO_LONG", most=MOST_PASSWORD)
    return str(_hasher().hash(unicodedata.normalize("NFKC", password)))


def _verified(password: str, hashed: str) -> bool:
    text = unicodedata.normalize("NFKC", password[: MOST_PASSWORD + 1])
    try:
        return bool(_hasher().verify(text, hashed))
    except UnicodeEncodeError:  # a lone surrogate is in no password
        return False


def _hasher() -> PasswordHash:
    from pwdlib import PasswordHash  # only for who signs in: it brings a library in C

    return PasswordHash.recommended()


_NOBODY: list[str] = []


def _nobodys_hash() -> str:
    """A hash that no password has, so that an unknown name takes as long as a known one."""
    if not _NOBODY:
        _NOBODY.append(str(_hasher().hash(secrets.token_urlsafe(32))))
    return _NOBODY[0]
