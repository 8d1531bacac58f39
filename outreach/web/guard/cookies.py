"""The cookies: session, desk, language. Behind HTTPS the session's travels only encrypted and only to us."""

from __future__ import annotations

from http.cookies import SimpleCookie

from fastapi import Request

_SESSION = "outreach"
_DESK = "outreach-desk"
DESK_LASTS_S = 90 * 24 * 3600


def session_cookie(request: Request) -> str:
    """The session's id that the browser sent, or an empty text."""
    return request.cookies.get(_name(request), "")


def set_session(request: Request, identity: str) -> None:
    """Give the browser a session's id; an empty one takes it away."""
    _set(request, _name(request), identity, lasting=None if identity else 0, http_only=True)


def desk_cookie(request: Request) -> str:
    """The mark of a desk that the browser sent, or an empty text; see :mod:`outreach.services.signing_in`."""
    return request.cookies.get(_name(request, _DESK), "")


def set_desk(request: Request, mark: str) -> None:
    """Mark the browser as one from which an account has signed in."""
    _set(request, _name(request, _DESK), mark, lasting=DESK_LASTS_S, http_only=True)


def set_language(request: Request, name: str, language: str) -> None:
    """Remember the language for a year."""
    _set(request, name, language, lasting=365 * 24 * 3600, http_only=True)


def _name(request: Request, name: str = _SESSION) -> str:
    return f"__Host-{name}" if request.app.state.behind_https else name


def _set(request: Request, name: str, value: str, *, lasting: int | None, http_only: bool) -> None:
    cookie: SimpleCookie = SimpleCookie()
    cookie[name] = value
    morsel = cookie[name]
    morsel["path"] = "/"
    morsel["samesite"] = "Lax"
    if http_only:
        morsel["httponly"] = True
    if request.app.state.behind_https:
        morsel["secure"] = True
    if lasting is not None:
        morsel["max-age"] = lasting
    request.state.cookies.append(morsel.OutputString())
