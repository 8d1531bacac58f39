"""``/style``: every element the pages are made of, in the visitor's language, with nobody's data in it."""

from __future__ import annotations

from datetime import date as Date

from fastapi import APIRouter, Request, Response

from outreach.web.doors import ANYBODY, door
from outreach.web.pages import page
from outreach.words import LANGUAGES, Words

router = APIRouter()

SEEN_AS = ("plain", "public", "desk")
"""How pages look: of themselves, to residents, to clerks."""

GLOSSARY = (
    *("resident", "booking", "visit", "stop", "route", "plan", "shift", "crew", "depot", "service_day"),
    *("window", "detour", "hold", "pin", "need", "finding", "call_list", "waiting"),
)
"""One word per thing: what every page calls it."""

EXAMPLE_DAY = Date(2026, 11, 24)


@router.get("/style")
@door(ANYBODY)
def style(request: Request) -> Response:
    """The elements, as ``?as=`` residents or clerks see them."""
    seen_as = request.query_params.get("as", "")
    return page(
        request,
        "style.html",
        seen_as=seen_as if seen_as in SEEN_AS else SEEN_AS[0],
        all_seen_as=SEEN_AS,
        glossary=GLOSSARY,
        both=[Words(language) for language in LANGUAGES],
        day=EXAMPLE_DAY,
    )
