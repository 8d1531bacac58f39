"""Signing in and out, and one's own account: the password, and where one is signed in."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from bookings.errors import PrivacyError
from outreach.errors import BadInput, Presented
from outreach.services import accounts, signing_in
from outreach.services.accounts import SessionView
from outreach.web.app_parts import home_of
from outreach.web.doors import FIRST_STEP, SIGNED_IN, door
from outreach.web.fields import Fields, takes
from outreach.web.guard.cookies import desk_cookie, session_cookie, set_desk, set_session
from outreach.web.pages import page
from outreach.web.problems import TELLABLE, retry_after, tell
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
    """Sign in; the session is a new one, and the browser is marked as a desk of this account."""
    name = fields.get("name", "")
    try:
        done = signing_in.sign_in(
            office_of(request),
            name,
            fields.get("password", ""),
            address=visitor_of(request).address,
            desk=desk_cookie(request),
            before=session_cookie(request),
        )
    except TELLABLE as error:
        told = tell(error, words_of(request))
        kept = "" if isinstance(error, PrivacyError) else name
        answer = page(request, "login.html", status=told.http_status, told=told, name=kept)
        answer.headers.update(retry_after(error))
        return answer
    set_session(request, done.opened.id)
    set_desk(request, done.desk)
    account = done.opened.session.account
    return RedirectResponse(home_of(None if account is None else account.role), status_code=303)


@router.post("/logout", openapi_extra=takes("token"))
@door(SIGNED_IN)
def logout(request: Request) -> Response:
    """Sign out."""
    accounts.end_session(office_of(request), _session(request).key)
    set_session(request, "")
    return RedirectResponse("/login", status_code=303)


@router.get("/account")
@door(SIGNED_IN)
def account_page(request: Request, done: str = "") -> Response:
    """One's own account."""
    return _account(request, done=done)


@router.post("/account/password", openapi_extra=takes("old", "new", "again", "token"))
@door(SIGNED_IN)
def change_password(request: Request, fields: Fields) -> Response:
    """Change one's own password; every other session of the account ends."""
    session, account = _session(request), _own(request)
    try:
        if fields.get("new", "") != fields.get("again", ""):
            raise BadInput("PASSWORDS_DIFFER")
        signing_in.change_password(
            office_of(request), account.name, fields.get("old", ""), fields.get("new", ""), keep=session.key
        )
    except TELLABLE as error:
        answer = _account(request, told=tell(error, words_of(request)))
        answer.headers.update(retry_after(error))
        return answer
    return RedirectResponse(home_of(account.role) if account.must_change else "/account?done=password", status_code=303)


@router.post("/account/sessions", openapi_extra=takes("token"))
@door(SIGNED_IN)
def end_other_sessions(request: Request) -> Response:
    """Sign out everywhere else."""
    accounts.end_sessions(office_of(request), _own(request).name, but=_session(request).key)
    return RedirectResponse("/account?done=sessions", status_code=303)


def _account(request: Request, *, told: Presented | None = None, done: str = "") -> Response:
    office, account = office_of(request), _own(request)
    return page(
        request,
        "account.html",
        status=200 if told is None else told.http_status,
        told=told,
        done=done if done in ("password", "sessions") else "",
        account=account,
        key=_session(request).key,
        sessions=accounts.own_sessions(office, account.name),
        zone=office.now().tzinfo,
    )


def _session(request: Request) -> SessionView:
    session = visitor_of(request).session
    assert session is not None  # the door lets nobody else in
    return session


def _own(request: Request) -> accounts.AccountView:
    account = _session(request).account
    assert account is not None
    return account
