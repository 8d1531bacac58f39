"""``/records``: who looked at or changed which record, for managers and administrators."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date

from fastapi import APIRouter, Request, Response

from bookings.errors import PrivacyError
from bookings.privacy import require_clean
from outreach.errors import BadInput, Presented
from outreach.services import access_log
from outreach.services.access_log import Look
from outreach.web.doors import RECORDS, door
from outreach.web.fields import Fields, takes
from outreach.web.pages import page
from outreach.web.problems import TELLABLE, tell
from outreach.web.visitor import office_of, words_of

router = APIRouter()

ASKED = ("reference", "who", "first", "last")


@router.get("/records")
@door(RECORDS)
def ask(request: Request) -> Response:
    """What to look for: a record, an account, from when until when."""
    return _page(request, {}, None)


@router.post("/records", openapi_extra=takes(*ASKED))
@door(RECORDS)
def records(request: Request, fields: Fields) -> Response:
    """The looks and changes asked for. Sent as a form: what was looked for stands in no address and no log."""
    asked = {name: fields.get(name, "").strip() for name in ASKED}
    try:
        for name, text in asked.items():
            require_clean(text, name)
        found = access_log.looked_at(
            office_of(request),
            reference=asked["reference"],
            who=asked["who"].lower(),
            first=_day(asked["first"]),
            last=_day(asked["last"]),
        )
    except TELLABLE as error:
        kept = {} if isinstance(error, PrivacyError) else asked
        return _page(request, kept, None, told=tell(error, words_of(request)))
    return _page(request, asked, found)


def _page(
    request: Request, asked: Mapping[str, str], found: tuple[Look, ...] | None, *, told: Presented | None = None
) -> Response:
    return page(
        request,
        "records.html",
        status=200 if told is None else told.http_status,
        told=told,
        asked={name: asked.get(name, "") for name in ASKED},
        found=found,
        most=access_log.MOST_TOLD,
        zone=office_of(request).now().tzinfo,
    )


def _day(text: str) -> Date | None:
    if not text:
        return None
    try:
        return Date.fromisoformat(text)
    except ValueError:
        raise BadInput("DATE_UNREADABLE") from None
