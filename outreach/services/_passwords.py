"""Hashes and checks passwords: Argon2 as pwdlib recommends it, few at a time, the same work for names nobody has."""

from __future__ import annotations

import secrets
import threading
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from bookings.privacy import require_clean
from outreach.errors import BadInput

if TYPE_CHECKING:
    from pwdlib import PasswordHash

LEAST, MOST = 12, 200
"""Characters. Long enough instead of complicated: NIST SP 800-63B, section 3.1.1."""

_AT_ONCE = threading.BoundedSemaphore(2)
"""A hash takes 64 MiB and four threads: forty logins at once would take the computer's memory."""


def hashed(password: str, name: str) -> str:
    """The hash of a password worth having: long enough, and not the account's name itself.

    Raises:
        BadInput: ``PASSWORD_TOO_SHORT``, ``PASSWORD_TOO_LONG``.
        PrivacyError: for a password that holds what must never be kept, not even as a hash.
    """
    require_clean(password, "password")
    if len(password) < LEAST or password.lower() == name:
        raise BadInput("PASSWORD_TOO_SHORT", least=LEAST)
    if len(password) > MOST:
        raise BadInput("PASSWORD_TOO_LONG", most=MOST)
    try:
        with _AT_ONCE:
            return hasher().hash(_normal(password))
    except UnicodeEncodeError:  # a lone surrogate can be typed by nobody
        raise BadInput("PASSWORD_TOO_SHORT", least=LEAST) from None


def verified(password: str, expected: str | None) -> bool:
    """Whether a password is the one hashed; without one (nobody's), the same work and the answer no."""
    try:
        text, wanted = _normal(password[: MOST + 1]), nobodys() if expected is None else expected
        with _AT_ONCE:
            right = hasher().verify(text, wanted)
    except UnicodeEncodeError:
        return False
    return right and expected is not None


def _normal(password: str) -> str:
    """The same password from every keyboard."""
    return unicodedata.normalize("NFKC", password)


@lru_cache(maxsize=1)
def hasher() -> PasswordHash:
    """The hasher; it brings a library in C, only for who signs in."""
    from pwdlib import PasswordHash

    return PasswordHash.recommended()


@lru_cache(maxsize=1)
def nobodys() -> str:
    """A hash that no password has, so that an unknown name takes as long as a known one."""
    with _AT_ONCE:
        return hasher().hash(secrets.token_urlsafe(32))
