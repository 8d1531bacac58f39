"""The page of a call: every answer is kept as soon as it is typed, in any order, and judged at once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from bookings.answers import QUESTIONS, SAY_FIRST
from outreach.errors import BadInput
from outreach.services import call_desk, reception, slots
from outreach.services.desk import WindowRefused
from outreach.services.reception import Call
from outreach.web.desk.promises import KEY, accepted_codes, not_kept, telling
from outreach.web.desk.state import revision_seen, state_of
from outreach.web.doors import DESK, door
from outreach.web.fields import Fields, takes
from outreach.web.guard.access import note_access
from outreach.web.pages import page
from outreach.web.visitor import office_of

router = APIRouter()

ACCEPT, TOWN, PIN, REASON = "_accept", "_town", "_pin", "_reason"
"""Fields beside the answers: codes accepted, a town chosen, a point pinned, why a household has two bookings."""

COLUMNS = tuple(
    names.split()
    for names in (
        "caller caller_name visit_type resident moving_soon people under_15 parent_present guardianship name kana "
        "birth_year address building landmark",
        "parking phone second_phone fax mail access needs papers application_form language wishes note heard_from "
        "channel",
    )
)
"""The questions in the order of the script, in two columns of one screen."""


@router.get("/desk")
@door(DESK)
def new_call(request: Request) -> Response:
    """An empty call; nothing is stored before the first answer."""
    return _page(request, "", {})


@router.get("/desk/b/{reference}")
@door(DESK)
def open_call(request: Request, reference: str) -> Response:
    """The call of a booking there is."""
    state = state_of(request, reference)
    note_access(request, str(state["reference"]), "view")
    answers = state["answers"]
    assert isinstance(answers, dict)
    return _page(request, str(state["reference"]), answers, state)


def _page(
    request: Request, reference: str, answers: Mapping[str, str], state: Mapping[str, object] | None = None
) -> Response:
    return page(
        request,
        "desk/call.html",
        columns=[[QUESTIONS[name] for name in names] for names in COLUMNS],
        answers=answers,
        reference=reference,
        state=state or {},
        key=secrets.token_urlsafe(16),
        say_first=SAY_FIRST,
    )


@router.get("/desk/b/{reference}/state")
@door(DESK)
def state(request: Request, reference: str) -> Response:
    """The booking as it is now: the page asks from time to time, and so sees what others do."""
    return JSONResponse(state_of(request, reference))


@router.post("/desk/b", openapi_extra=takes("name", "address", "people", "phone", "wishes", "note", KEY))
@door(DESK)
def begin(request: Request, fields: Fields) -> Response:
    """The first answers of a call make a draft; 201 with the booking."""
    taken = reception.add(office_of(request), _call(fields), key=fields.get(KEY, ""))
    return JSONResponse({**state_of(request, taken.reference), **_asked(taken)}, status_code=201)


@router.post(
    "/desk/b/{reference}/answers", openapi_extra=takes("name", "address", "people", ACCEPT, TOWN, PIN, REASON, KEY)
)
@door(DESK)
@telling
def answer(request: Request, reference: str, fields: Fields) -> Response:
    """Answers changed or added. ``If-Match`` carries the revision the page shows: 412 with the booking as it is now."""
    office = office_of(request)
    try:
        taken = reception.edit(office, reference, _call(fields), key=fields.get(KEY, ""), seen=revision_seen(request))
    except WindowRefused as error:
        return not_kept(request, reference, error, slots.as_edited(office, reference, _call(fields)))
    return JSONResponse({**state_of(request, taken.reference), **_asked(taken)})


@router.post("/desk/towns", openapi_extra=takes("text"))
@door(DESK)
def towns(request: Request, fields: Fields) -> Response:
    """Towns for what was typed so far. Sent as a form, so that no address stands in an address."""
    found = call_desk.towns_beginning(office_of(request), fields.get("text", "")[:100])
    return JSONResponse({"towns": [{"town": town.town, "kana": town.kana} for town in found]})


def _call(fields: Mapping[str, str]) -> Call:
    """The answers among the fields, and what goes with them.

    Raises:
        BadInput: ``FORM_UNREADABLE`` for a pin that is no point.
    """
    return Call(
        answers={name: value for name, value in fields.items() if name in QUESTIONS},
        accept=accepted_codes(fields.get(ACCEPT, "")),
        household_reason=fields.get(REASON, ""),
        chosen_town=fields.get(TOWN, ""),
        pin=_point(fields.get(PIN, "")),
    )


def _point(text: str) -> tuple[float, float] | None:
    if not text:
        return None
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        raise BadInput("FORM_UNREADABLE") from None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise BadInput("FORM_UNREADABLE")
    return lat, lon


def _asked(taken: reception.Taken) -> dict[str, object]:
    """What the clerk is asked about: codes to accept, towns to choose from."""
    return {
        "open_confirms": list(taken.open_confirms),
        "candidates": [{"town": found.town, "kana": found.kana} for found in taken.candidates],
    }
