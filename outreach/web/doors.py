"""Who may come in by which route: every route says so itself, and one that does not lets nobody in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from outreach.services.accounts import Role

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_MARK = "__door__"


@dataclass(frozen=True, slots=True)
class Door:
    """Who may come in.

    ``roles``: accounts that may; empty for a door that is open to everybody. ``needs_session``: a change behind an open
    door needs the visitor's own session and its token; without it (signing in, opening the form) the origin is checked.
    """

    name: str
    roles: frozenset[Role] = frozenset()
    needs_session: bool = True

    @property
    def is_public(self) -> bool:
        """Whether nobody needs to sign in."""
        return not self.roles


ANYBODY = Door("anybody")
"""Pages of the public form, and what all pages are made of."""
FIRST_STEP = Door("first_step", needs_session=False)
"""The one change that makes a session: signing in, opening the form, opening one's own page."""
SIGNED_IN = Door("signed_in", frozenset(Role))
DESK = Door("desk", frozenset({Role.CLERK, Role.MANAGER, Role.ADMIN}))
CALLS = Door("calls", frozenset(Role))
"""The call lists: crews phone too."""
RECORDS = Door("records", frozenset({Role.MANAGER, Role.ADMIN}))
"""Who looked at what."""


def door(kind: Door) -> Callable[[Endpoint], Endpoint]:
    """Declare who may come in by a route; put it under the router's own decorator."""

    def mark(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _MARK, kind)
        return endpoint

    return mark


def door_of(endpoint: object) -> Door | None:
    """What a route declared; ``None`` for one that declared nothing, which lets nobody in."""
    found = getattr(endpoint, _MARK, None)
    return found if isinstance(found, Door) else None
