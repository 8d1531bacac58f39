"""``/book``: the form for residents and their families, one question a page."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from outreach.web.doors import ANYBODY, door
from outreach.web.pages import page

router = APIRouter()


@router.get("/book")
@door(ANYBODY)
def start(request: Request) -> Response:
    """What the service is, and what will be asked."""
    return page(request, "public/start.html")
