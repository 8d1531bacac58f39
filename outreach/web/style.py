"""``/style``: every element the pages are made of, in the visitor's language, with nobody's data in it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from outreach.web.doors import ANYBODY, door
from outreach.web.pages import page

router = APIRouter()


@router.get("/style")
@door(ANYBODY)
def style(request: Request) -> Response:
    """The elements."""
    return page(request, "style.html")
