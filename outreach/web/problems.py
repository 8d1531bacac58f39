"""Whatever goes wrong becomes a page, or JSON for a script of ours: code, sentence, what to do next."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bookings.errors import BookingsError
from outreach.errors import (
    BadInput,
    Because,
    NotFound,
    OutreachError,
    Presented,
    Refused,
    TooMany,
    finding_action,
    present,
)
from outreach.web.app_parts import start_of
from outreach.web.guard.access import note_refused
from outreach.web.guard.admission import PasswordFirst, SignInFirst
from outreach.web.guard.frontier import BodyTooLarge
from outreach.web.pages import page
from outreach.web.visitor import words_of
from outreach.words import Words

TELLABLE = (OutreachError, BookingsError)
"""What a page tells beside its own form, instead of a page of its own."""

_log = logging.getLogger("outreach.web")


def tell_all(app: FastAPI) -> None:
    """Give the application its handlers."""
    app.add_exception_handler(SignInFirst, _sign_in_first)
    app.add_exception_handler(PasswordFirst, _password_first)
    app.add_exception_handler(HTTPException, _of_routing)
    app.add_exception_handler(RequestValidationError, _of_path)


def tell(error: BaseException, words: Words) -> Presented:
    """An error in words for a page: what to do next is something that can be done on a page, never a command."""
    told = present(error, words)
    return replace(told, action=_page_action(told.code, told.action, dict(getattr(error, "values", {})), words))


def tell_finding(finding: Because, words: Words) -> str:
    """What might help with a finding, on a page."""
    return _page_action(finding.code, finding_action(finding, words), dict(finding.values), words)


def _page_action(code: str, action: str, values: dict[str, object], words: Words) -> str:
    key = f"page.{code}.action"
    if words.has(key):
        return words.say(key, **values)
    return "" if _COMMAND.search(action) else action


_COMMAND = re.compile(r"\boutreach [a-z]|--[a-z]")


def wants_json(request: Request) -> bool:
    """Whether a script of ours asks, not a person."""
    return "application/json" in request.headers.get("accept", "")


def answer(request: Request, error: BaseException) -> Response:
    """The answer to an error: its status, and its words as a page or as JSON."""
    told = tell(error, words_of(request))
    if told.http_status >= 500:
        # The class and the code, never the exception's own text: it may hold what somebody typed.
        _log.error("%s %s: %s (%s)", request.method, _route(request), told.code, type(error).__name__)
    response: Response
    if wants_json(request):
        response = JSONResponse({**as_json(told), **_field(error)}, status_code=told.http_status)
    else:
        response = page(request, "problem.html", status=told.http_status, told=told, start="/")
    response.headers.update(retry_after(error))
    return response


def retry_after(error: BaseException) -> dict[str, str]:
    """The header that tells a programme when it may try again, where the error knows."""
    minutes = error.values.get("minutes") if isinstance(error, TooMany) else None
    return {"Retry-After": str(minutes * 60)} if isinstance(minutes, int) else {}


def as_json(told: Presented) -> dict[str, object]:
    """An error as our scripts read it."""
    return {"code": told.code, "sentence": told.sentence, "action": told.action, "details": list(told.details)}


def _field(error: BaseException) -> dict[str, str]:
    """The name of the field that an error is about, where it knows one: a script of ours empties it."""
    field = dict(getattr(error, "values", {})).get("field")
    return {"field": field} if isinstance(field, str) else {}


def _route(request: Request) -> str:
    """The path as declared: what stands in its place may be a reference or a secret."""
    route = request.scope.get("route")
    return str(getattr(route, "path", "?"))


async def _sign_in_first(request: Request, _: Exception) -> Response:
    if wants_json(request):
        told = tell(Refused("SIGN_IN_AGAIN"), words_of(request))
        return JSONResponse(as_json(told), status_code=401)
    return RedirectResponse(start_of(request), status_code=303)


async def _password_first(request: Request, _: Exception) -> Response:
    return RedirectResponse("/account", status_code=303)


async def _of_routing(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    known: OutreachError = NotFound("PAGE_UNKNOWN") if status == 404 else BadInput("METHOD_UNKNOWN")
    response = answer(request, known)
    response.status_code = status
    return response


async def _of_path(request: Request, _: Exception) -> Response:
    return answer(request, NotFound("PAGE_UNKNOWN"))


class Boundary:
    """The one place where an exception of any kind becomes an answer. Nothing of it reaches the server's own log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on; answer for what went wrong in it."""
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        except BodyTooLarge:
            raise
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            request = Request(scope)
            if isinstance(error, NotFound):
                try:
                    await run_in_threadpool(note_refused, request)
                except Exception as unnoted:
                    error = unnoted
            await answer(request, error)(scope, receive, send)
