"""``/desk``: the page a clerk has in front while a resident is on the line."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from outreach.web.doors import DESK, door
from outreach.web.pages import page

router = APIRouter()


@router.get("/desk")
@door(DESK)
def desk(request: Request) -> Response:
    """An empty call."""
    return page(request, "desk/call.html")
