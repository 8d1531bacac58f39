"""What all pages of the public form share: an error that gives the call centre's number, and who is asking."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from bookings.errors import BookingsError
from outreach.errors import OutreachError, Presented, Refused
from outreach.services import accounts, public_form
from outreach.services.accounts import SessionView
from outreach.services.office import Office
from outreach.services.public_form import Form, Outcome
from outreach.web.guard.cookies import session_cookie, set_session
from outreach.web.pages import page
from outreach.web.problems import tell, wants_json
from outreach.web.visitor import office_of, visitor_of, words_of
from outreach.words import Words

START, CHECK, WINDOWS, DONE = "/book", "/book/check", "/book/windows", "/book/done"

TIME_IS_OVER = f"{START}?over=1"


class Kindly(APIRoute):
    """A route whose refusals are pages in large type, with a number to call; our own faults go on to be noted."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler with that around it."""
        handle = super().get_route_handler()

        async def handle_kindly(request: Request) -> Response:
            try:
                return await handle(request)
            except (OutreachError, BookingsError) as error:
                told = tell_resident(error, words_of(request))
                if told.http_status == 500 or wants_json(request):
                    raise
                return public_page(request, "public/sorry.html", status=told.http_status, told=told)

        return handle_kindly


def tell_resident(error: BaseException, words: Words) -> Presented:
    """An error in words for somebody at home, where what a clerk is told would not help them."""
    told = tell(error, words)
    key = f"public.error.{told.code}"
    return replace(
        told,
        sentence=words.say(f"{key}.sentence") if words.has(f"{key}.sentence") else told.sentence,
        action=words.say(f"{key}.action") if words.has(f"{key}.action") else told.action,
    )


def public_page(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """A page of the form; it knows where to call, and when."""
    office: Office = request.app.state.office
    opens_s, closes_s = office.calendar.call_hours
    known: dict[str, object] = {"phone": office.rules.city.phone, "call_opens_s": opens_s, "call_closes_s": closes_s}
    return page(request, template, status=status, **{**known, **values})


def web_office(request: Request) -> Office:
    """The installation with somebody at home at the keyboard."""
    return office_of(request, "web")


def form_of(request: Request) -> Form | None:
    """The visitor's form while it lasts."""
    session = visitor_of(request).session
    return None if session is None else public_form.find(web_office(request), session.key)


def require_form(request: Request) -> Form:
    """The visitor's form, as a change needs it.

    Raises:
        Refused: ``FORM_OVER``.
    """
    form = form_of(request)
    if form is None or form.own:
        raise Refused("FORM_OVER")
    return form


def go(address: str) -> Response:
    """To another page, by GET."""
    return RedirectResponse(address, status_code=303)


def is_browsing(request: Request) -> bool:
    """Whether a person's browser asks for a page; a program that says nothing of pages is answered at once."""
    return "text/html" in request.headers.get("accept", "")


def leave(request: Request, session: SessionView, to: str) -> Response:
    """End the visitor's session, unless somebody of the city hall is signed in with it, and go to another page."""
    if session.account is None:
        accounts.end_session(web_office(request), session.key)
        set_session(request, "")
    return go(to)


def place_of(form: Form | None) -> Response:
    """To where a form belongs that is not being typed: its windows, its end, or the start."""
    if form is None or form.own:
        return go(TIME_IS_OVER)
    return go(WINDOWS if form.outcome is Outcome.WINDOWS else DONE if form.sent else CHECK)


def link_token(request: Request, reference: str) -> str:
    """The token of the booking's own link: 256 bits that come from the session's id and stand nowhere else.

    The same session gets the same link when its page is loaded again; the tables know neither the id nor the token.
    """
    identity = session_cookie(request).encode()
    digest = hmac.new(identity, f"own link of {reference}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def own_address(request: Request, token: str) -> str:
    """The link as it can be typed or sent."""
    scheme = "https" if request.app.state.behind_https else request.url.scheme
    return f"{scheme}://{request.headers.get('host', '')}/my/{token}"
