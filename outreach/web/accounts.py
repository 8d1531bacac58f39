"""Signing in and out, and one's own account."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from outreach.errors import OutreachError, present
from outreach.services import accounts
from outreach.web.doors import FIRST_STEP, SIGNED_IN, door
from outreach.web.fields import Fields, takes
from outreach.web.guard.cookies import session_cookie, set_session
from outreach.web.pages import page
from outreach.web.visitor import office_of, visitor_of, words_of

router = APIRouter()


@router.get("/login")
@door(FIRST_STEP)
def login_page(request: Request) -> Response:
    """The login form."""
    return page(request, "login.html", told=None, name="")


@router.post("/login", openapi_extra=takes("name", "password"))
@door(FIRST_STEP)
def login(request: Request, fields: Fields) -> Response:
    """Sign in; the session is a new one."""
    name = fields.get("name", "")
    try:
        opened = accounts.sign_in(office_of(request), name, fields.get("password", ""), before=session_cookie(request))
    except OutreachError as error:
        told = present(error, words_of(request))
        return page(request, "login.html", status=told.http_status, told=told, name=name)
    set_session(request, opened.id)
    return RedirectResponse("/desk", status_code=303)


@router.post("/logout", openapi_extra=takes("token"))
@door(SIGNED_IN)
def logout(request: Request) -> Response:
    """Sign out."""
    session = visitor_of(request).session
    assert session is not None
    accounts.end_session(office_of(request), session.key)
    set_session(request, "")
    return RedirectResponse("/login", status_code=303)
