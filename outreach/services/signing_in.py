"""Signing in with counted failures: guessing ends quickly, and nobody's own desk is shut by somebody else's guessing.

Only failures count (a try is taken before the password is looked at, and given back when it was right), each for
``web.login_lock_min`` minutes from the first, and all of it ends by itself:

==================  ============================  ===========================================================
counted by          most                          so that
==================  ============================  ===========================================================
account + address   ``web.login_tries``           one place cannot guess at one account
address             ten times that                one place cannot try one password on every account
account             ten times that                many places together cannot guess at one account
account + desk      ``web.login_tries``           the only count for a desk where the account signed in before
==================  ============================  ===========================================================

A *desk* is a browser that was given a random mark when the account last signed in from it (OWASP's "device cookie").
Whoever guesses at ``sato`` from elsewhere uses up the first three counts; at sato's own desk none of them is asked, so
she gets in all the same, even from the same address. Somebody who never signed in from this browser waits until the
guessing is over; an administrator may close the address meanwhile.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bookings.privacy import require_clean
from outreach.errors import PermissionDenied
from outreach.services import accounts
from outreach.services.accounts import Opened
from outreach.services.office import Office
from outreach.services.tries import DAY_MIN, Limit, forget, give_back, place_of, renew, take, taken

FOR_ALL = 10
"""How many times more an address or an account as a whole may fail: twenty clerks sit behind one address."""

DESK_DAYS = 90
"""How long a desk is known after the account last signed in from it."""

_DESK = Limit("login_desk", 1, DESK_DAYS * DAY_MIN)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session just opened, and the desk's mark: each goes into a cookie of its own."""

    opened: Opened
    desk: str


def sign_in(office: Office, name: str, password: str, *, address: str, desk: str = "", before: str = "") -> SignedIn:
    """Count the try, check name and password, and open a session with a new id.

    Args:
        address: where the request comes from.
        desk: the mark the browser sent, if any.
        before: the id of the session the browser had, which ends.

    Raises:
        PermissionDenied: ``LOGIN_WRONG``.
        TooMany: ``TOO_MANY_TRIES``, before the password is looked at.
        Busy: ``TRIES_UNCOUNTED``: what cannot be counted is refused.
        PrivacyError: for a name that holds what must never be kept.
    """
    require_clean(name, "name")
    who = unicodedata.normalize("NFKC", name).strip().lower()
    limits = tuple(_limits(office, who, place_of(address), desk[:100]))
    done: list[tuple[Limit, tuple[str, ...]]] = []
    try:
        for limit, what in limits:
            take(office, limit, *what)
            done.append((limit, what))
        opened = accounts.sign_in(office, name, password, before=before)
    except PermissionDenied:
        raise  # a failure stays counted
    except Exception:
        _give_back(office, done)  # nothing was guessed
        raise
    _give_back(office, done)
    # This desk begins anew; what others did to the account as a whole stays counted.
    forget(office, limits[0][0], *limits[0][1])
    mark = desk if _is_known(office, who, desk) else secrets.token_urlsafe(32)
    renew(office, _DESK, who, mark)
    return SignedIn(opened, mark)


def change_password(office: Office, name: str, old: str, new: str, *, keep: str) -> None:
    """Change one's own password, with its failures counted: an open screen is no place to guess the old one.

    Raises:
        PermissionDenied: ``PASSWORD_WRONG``.
        BadInput: ``PASSWORD_TOO_SHORT``, ``PASSWORD_TOO_LONG``, ``PASSWORD_SAME``.
        TooMany: ``TOO_MANY_TRIES``.
        Busy: ``TRIES_UNCOUNTED``.
        PrivacyError: for a password that holds what must never be kept.
    """
    web = office.rules.web
    limit = Limit("password", web.login_tries, web.login_lock_min)
    take(office, limit, name)
    try:
        accounts.change_password(office, name, old, new, keep=keep)
    except PermissionDenied:
        raise
    except Exception:
        give_back(office, limit, name)
        raise
    forget(office, limit, name)


def _limits(office: Office, who: str, place: str, desk: str) -> Iterator[tuple[Limit, tuple[str, ...]]]:
    """What counts a try, the narrowest first: what it refuses adds nothing to the wider ones."""
    tries, minutes = office.rules.web.login_tries, office.rules.web.login_lock_min
    if _is_known(office, who, desk):
        yield Limit("login_at_desk", tries, minutes), (who, desk)
        return
    yield Limit("login_account_place", tries, minutes), (who, place)
    yield Limit("login_place", FOR_ALL * tries, minutes), (place,)
    yield Limit("login_account", FOR_ALL * tries, minutes), (who,)


def _is_known(office: Office, who: str, desk: str) -> bool:
    return bool(desk) and len(desk) <= 100 and taken(office, _DESK, who, desk) > 0


def _give_back(office: Office, done: list[tuple[Limit, tuple[str, ...]]]) -> None:
    for limit, what in done:
        give_back(office, limit, *what)
