"""The files pages are made of, the language, whether the programme is alive, and the way in."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from outreach.errors import NotFound
from outreach.web.app_parts import home_of
from outreach.web.doors import ANYBODY, door
from outreach.web.guard.cookies import set_language
from outreach.web.pages import STATIC, static_bytes
from outreach.web.visitor import LANGUAGE_COOKIE, visitor_of
from outreach.words import LANGUAGES

router = APIRouter()


@router.get("/static/{name}")
@door(ANYBODY)
def static_file(name: str) -> Response:
    """A style sheet or a script of ours."""
    found = static_bytes(name)
    if found is None:
        raise NotFound("PAGE_UNKNOWN")
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(found, media_type=STATIC[name], headers=headers)


@router.get("/healthz")
@door(ANYBODY)
def healthz() -> Response:
    """Whether pages are served; says nothing else."""
    return Response("ok", media_type="text/plain")


@router.get("/")
@door(ANYBODY)
def start(request: Request) -> Response:
    """The way in: the desk where there is one, else the form."""
    has_desk = "desk" in request.app.state.parts
    return RedirectResponse(home_of(visitor_of(request).role) if has_desk else "/book", status_code=303)


@router.get("/language")
@door(ANYBODY)
def language(request: Request, to: str = "", back: str = "/") -> Response:
    """Remember the language the pages are to be in, and go back to where one was. Nothing stored changes."""
    if to in LANGUAGES:
        set_language(request, LANGUAGE_COOKIE, to)
    ours = back.startswith("/") and not back.startswith("//") and "\\" not in back
    return RedirectResponse(back if ours else "/", status_code=303)
