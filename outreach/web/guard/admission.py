"""Lets a visitor in, or not: by the door the route declared, and for a change by the session's token and the origin.

A route that declares no door lets nobody in. A change is never made by GET: the tests look through all routes for that.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from fastapi import Request

from outreach.errors import Fault, NotFound, PermissionDenied
from outreach.services import accounts
from outreach.web.doors import Door, door_of
from outreach.web.fields import Fields
from outreach.web.guard.cookies import session_cookie
from outreach.web.visitor import Visitor, language_of

TOKEN_FIELD, TOKEN_HEADER = "token", "x-token"
LOOKING = frozenset({"GET", "HEAD", "OPTIONS"})


class SignInFirst(Exception):
    """Nobody is signed in, and the page wants somebody: the answer is the way to the login page."""


class PasswordFirst(Exception):
    """The password was set by somebody else and is changed before anything else."""


def admit(request: Request, fields: Fields) -> None:
    """Let the visitor of this request in.

    Raises:
        SignInFirst: where an account is needed and there is none.
        PermissionDenied: ``FORM_FORGED`` for a change without the session's token or from another origin.
        NotFound: ``PAGE_UNKNOWN`` for an account that may not come here: the answer of a page that does not exist.
        Fault: ``ROUTE_UNDECLARED``.
    """
    door = door_of(request.scope.get("endpoint"))
    if door is None:
        raise Fault("ROUTE_UNDECLARED")
    office = request.app.state.office
    session = accounts.session_of(office, session_cookie(request))
    address = request.client.host if request.client is not None else ""
    request.state.visitor = Visitor(address, language_of(request), session)
    changes = request.method not in LOOKING
    if changes:
        require_own_origin(request)
    if not door.is_public:
        _require_role(request, door)
    if changes and door.needs_session:
        _require_token(request, fields)


def require_own_origin(request: Request) -> None:
    """A change comes from a page of ours. Every browser of the last years sends ``Origin`` with one.

    Raises:
        PermissionDenied: ``FORM_FORGED``.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        raise PermissionDenied("FORM_FORGED")
    origin = urlsplit(request.headers.get("origin", ""))
    scheme = "https" if request.app.state.behind_https else request.url.scheme
    if (origin.scheme, origin.netloc) != (scheme, request.headers.get("host", "")):
        raise PermissionDenied("FORM_FORGED")


def _require_role(request: Request, door: Door) -> None:
    visitor: Visitor = request.state.visitor
    if visitor.session is None or visitor.session.account is None:
        raise SignInFirst
    if visitor.role not in door.roles:
        raise NotFound("PAGE_UNKNOWN")
    if visitor.session.account.must_change and door.name != "signed_in":
        raise PasswordFirst


def _require_token(request: Request, fields: Fields) -> None:
    visitor: Visitor = request.state.visitor
    given = request.headers.get(TOKEN_HEADER) or fields.get(TOKEN_FIELD, "")
    if visitor.session is None:
        raise SignInFirst
    if not hmac.compare_digest(given.encode("utf-8", "replace"), visitor.session.csrf.encode()):
        raise PermissionDenied("FORM_FORGED")
