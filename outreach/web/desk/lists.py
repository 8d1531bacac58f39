"""The lists around the calls: a search, today's and tomorrow's pre-visit calls, who is waiting."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as Date

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from bookings.statuses import Status
from maps.views import CallEntry, CallList
from outreach.errors import BadInput, NotFound
from outreach.services import calls, lookup, public_form
from outreach.services.lookup import Search
from outreach.services.office import Office
from outreach.web.desk.promises import KEY
from outreach.web.doors import CALLS, DESK, door
from outreach.web.fields import Fields, takes
from outreach.web.guard.access import note_access, note_list
from outreach.web.pages import page
from outreach.web.visitor import office_of, words_of

router = APIRouter()

MOST_FOUND = 9
MOST_WAITING = 200

WAITING = frozenset({Status.REQUESTED, Status.HELD, Status.NO_SHOW, Status.UNMET})
DRAFTS = frozenset({Status.DRAFT})

SETTLED = frozenset({calls.CallOutcome.REACHED.value, calls.CallOutcome.CANCELLED.value})
"""Outcomes after which nobody need be phoned again."""


@router.post("/desk/search", openapi_extra=takes("text"))
@door(DESK)
def search(request: Request, fields: Fields) -> Response:
    """Bookings by phone, name, kana, town or reference, as a part of the page. Sent as a form: a name is no address."""
    text = fields.get("text", "")[:100]
    found = lookup.find(office_of(request), Search(text=text, limit=MOST_FOUND)) if text.strip() else ()
    note_list(request, (booking.reference for booking in found))
    return page(request, "desk/found.html", found=found, text=text)


@router.get("/desk/waiting")
@door(DESK)
def waiting(request: Request) -> Response:
    """Who is waiting for a window, the longest first; and calls that were cut off."""
    office = office_of(request)
    rows = lookup.find(office, Search(statuses=WAITING, limit=MOST_WAITING, oldest_first=True))
    drafts = lookup.find(office, Search(statuses=DRAFTS, limit=MOST_WAITING))
    to_phone = frozenset(public_form.for_the_call_centre(office))
    note_list(request, (booking.reference for booking in (*rows, *drafts)))
    return page(request, "desk/waiting.html", rows=rows, drafts=drafts, to_phone=to_phone, zone=office.now().tzinfo)


@router.get("/desk/calls")
@door(CALLS)
def call_list(request: Request, day: str = "") -> Response:
    """The pre-visit calls of one day; without one, of the next service day."""
    office = office_of(request)
    today = office.clock.today()
    days = _days(office, today)
    chosen = _day(day) if day else days[-1]
    found = _calls_of(office, chosen, words_of(request).language)
    entries: tuple[CallEntry, ...] = () if found is None else (*found.calls, *found.without_phone)
    note_list(request, (entry.reference for entry in entries))
    return page(
        request,
        "desk/calls.html",
        day=chosen,
        days=sorted({*days, chosen}),
        today=today,
        calls=() if found is None else _open_first(found.calls),
        without_phone=() if found is None else _open_first(found.without_phone),
        settled=SETTLED,
        has_plan=found is not None,
        outcomes=[outcome.value for outcome in calls.CallOutcome],
    )


@router.post("/desk/calls/{reference}", openapi_extra=takes("outcome", "note", KEY))
@door(CALLS)
def log_call(request: Request, reference: str, fields: Fields) -> Response:
    """Keep how a call ended: 201 with the words for the list."""
    done = calls.log_call(
        office_of(request), reference, fields.get("outcome", ""), note=fields.get("note", ""), key=fields.get(KEY, "")
    )
    note_access(request, reference, "change")
    words = words_of(request)
    return JSONResponse(
        {
            "reference": done.reference,
            "outcome": done.outcome.value,
            "words": words.say(f"call_outcome.{done.outcome.value}"),
            "attempts": done.attempts,
            "cancelled": done.cancelled,
            "settled": done.outcome.value in SETTLED,
        },
        status_code=201,
    )


def _open_first(entries: Iterable[CallEntry]) -> list[CallEntry]:
    """Those still to be phoned in their order, then those who were reached."""
    return sorted(entries, key=lambda entry: entry.last_outcome in SETTLED)


def _calls_of(office: Office, day: Date, language: str) -> CallList | None:
    """The call list of a day; ``None`` where there is no plan for it yet."""
    try:
        return calls.list_calls(office, day, language=language)
    except NotFound:
        return None


def _days(office: Office, today: Date) -> list[Date]:
    """Today and tomorrow as the call centre means them: the next two service days, today among them if it is one."""
    first = today if office.calendar.closed_reason(today) is None else office.calendar.next_service_day(today)
    second = None if first is None else office.calendar.next_service_day(first)
    return [day for day in (first, second) if day is not None] or [today]


def _day(text: str) -> Date:
    try:
        return Date.fromisoformat(text)
    except ValueError:
        raise BadInput("FORM_UNREADABLE") from None
