"""Windows at the desk: read out, held by one key, confirmed, moved, cancelled. Every answer comes after the commit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date as Date
from functools import wraps
from typing import Any, cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from bookings.privacy import require_clean
from bookings.statuses import Status
from outreach.errors import BadInput, Stale, finding_sentence
from outreach.services import desk, ledger, lookup, sessions, slots
from outreach.services.reception import Call
from outreach.services.slots import Ask
from outreach.spoken import say_refusal
from outreach.web.desk.state import revision_seen, stale, state_of
from outreach.web.doors import DESK, Endpoint, door
from outreach.web.fields import Fields, takes
from outreach.web.pages import page
from outreach.web.problems import as_json, tell
from outreach.web.visitor import office_of, words_of

router = APIRouter()

KEY = "_key"

MOST_WINDOWS = 9
"""As many as there are keys to hold them with."""

MOST_OF_A_DAY = 3
MOST_REFUSED = 2


@router.post("/desk/b/{reference}/windows", openapi_extra=takes("wish", "accept"))
@door(DESK)
def windows(request: Request, reference: str, fields: Fields) -> Response:
    """The windows to read out, as a part of the page; a draft has them as soon as place and people are known."""
    office, words = office_of(request), words_of(request)
    booking = lookup.show(office, reference).booking
    ask = (
        slots.as_edited(office, booking.reference, Call({}))
        if booking.status == Status.DRAFT
        else Ask(booking.reference)
    )
    wish = fields.get("wish", "")
    ask = Ask(ask.reference, ask.call, wish, _codes(fields))
    found = slots.find(office, ask)
    # Why a day that nobody asked for has no window matters only where no other day has one either.
    wished = bool(wish.strip() or booking.wishes_text.strip()) or not found.quotes
    refused = [entry for entry in found.refused if wished and (wish or entry.opens_s is None)]
    told: dict[str, slots.NotOffered] = {}
    for entry in refused:
        if len(told) < MOST_REFUSED:
            told.setdefault(say_refusal(entry, words), entry)
    offers = spread(slots.named_first(found.quotes, told.values()))
    return page(
        request,
        "desk/windows.html",
        offers=offers,
        places=found.places[: MOST_WINDOWS - len(offers)],
        doubts=[finding_sentence(finding, words) for finding in found.doubts],
        refused=list(told),
        moving=booking.status == Status.CONFIRMED,
        reference=booking.reference,
    )


def spread(offers: Sequence[slots.Offer]) -> list[slots.Offer]:
    """As many offers as there are keys, in the order of rank, with no more than a few of one day while others are left.

    Somebody who cannot on Thursday is not helped by nine windows on Thursday.
    """
    of_day: Counter[Date] = Counter()
    first: list[slots.Offer] = []
    for offer in offers:
        of_day[offer.day] += 1
        if of_day[offer.day] <= MOST_OF_A_DAY:
            first.append(offer)
    chosen = {(offer.day, offer.opens_s) for offer in first[:MOST_WINDOWS]}
    for offer in offers:
        if len(chosen) < MOST_WINDOWS:
            chosen.add((offer.day, offer.opens_s))
    return [offer for offer in offers if (offer.day, offer.opens_s) in chosen]


def telling(endpoint: Endpoint) -> Endpoint:
    """A change of a booking that tells the page what came in between: 412 another clerk, 409 a window that is gone."""

    @wraps(endpoint)
    def told(request: Request, reference: str, **fields: Any) -> Any:
        try:
            return endpoint(request, reference, **fields)
        except Stale as error:
            return stale(request, reference, error)
        except desk.WindowRefused as error:
            return not_kept(request, reference, error)

    return cast(Endpoint, told)


@router.post(
    "/desk/b/{reference}/hold", openapi_extra=takes("date", "opens_s", "closes_s", "site", "start_s", "accept", KEY)
)
@door(DESK)
@telling
def hold(request: Request, reference: str, fields: Fields) -> Response:
    """Hold a window, or a place at a hall: 201, or 409 with the sentence why not and what is nearest."""
    office = office_of(request)
    if fields.get("site"):
        start_s = _seconds(fields, "start_s")
        sessions.hold_place(office, reference, fields["site"], start_s, key=fields.get(KEY, ""))
    else:
        day, window = _slot(fields)
        desk.hold(
            office,
            reference,
            day,
            window,
            accept=_codes(fields),
            key=fields.get(KEY, ""),
            seen=revision_seen(request),
        )
    return JSONResponse(state_of(request, reference), status_code=201)


@router.post("/desk/b/{reference}/confirm", openapi_extra=takes(KEY))
@door(DESK)
@telling
def confirm(request: Request, reference: str, fields: Fields) -> Response:
    """Promise what is held: 201 with the words to read back."""
    done = desk.confirm(office_of(request), reference, key=fields.get(KEY, ""), seen=revision_seen(request))
    return JSONResponse({**state_of(request, reference), "requoted": done.requoted}, status_code=201)


@router.post("/desk/b/{reference}/move", openapi_extra=takes("date", "opens_s", "closes_s", "accept", "why", KEY))
@door(DESK)
@telling
def move(request: Request, reference: str, fields: Fields) -> Response:
    """Another window for a promised booking; the old one is let go only with the new one promised."""
    day, window = _slot(fields)
    desk.move(
        office_of(request),
        reference,
        day,
        window,
        accept=_codes(fields),
        why=fields.get("why", ""),
        key=fields.get(KEY, ""),
        seen=revision_seen(request),
    )
    return JSONResponse(state_of(request, reference), status_code=201)


@router.post("/desk/b/{reference}/cancel", openapi_extra=takes("why", KEY))
@door(DESK)
def cancel(request: Request, reference: str, fields: Fields) -> Response:
    """Cancel; says whom of those who wait the free place would suit best."""
    words = words_of(request)
    done = desk.cancel(office_of(request), reference, why=fields.get("why", ""), key=fields.get(KEY, ""))
    waiting = words.say("deskpage.cancelled.waiting", reference=done.waiting) if done.waiting else ""
    late = words.say("deskpage.cancelled.late") if done.late else ""
    told = " ".join(filter(None, (words.say("deskpage.cancelled"), late, waiting)))
    return JSONResponse({**state_of(request, reference), "told": told, "waiting": done.waiting}, status_code=201)


@router.post("/desk/b/{reference}/decline", openapi_extra=takes("why", KEY))
@door(DESK)
def decline(request: Request, reference: str, fields: Fields) -> Response:
    """None of the windows suited; the request ends, and is counted so."""
    ledger.decline(office_of(request), reference, why=fields.get("why", ""), key=fields.get(KEY, ""))
    return JSONResponse(state_of(request, reference), status_code=201)


def not_kept(request: Request, reference: str, error: desk.WindowRefused, ask: Ask | None = None) -> Response:
    """409: why that window cannot be kept, in the sentence for the resident, and the state as it is."""
    office, words = office_of(request), words_of(request)
    told = as_json(tell(error, words))
    refused, _ = slots.refusal_of(office, error, ask or Ask(reference))
    told["sentence"] = say_refusal(refused, words)
    return JSONResponse({**told, "state": state_of(request, reference)}, status_code=409)


def _slot(fields: Fields) -> tuple[Date, tuple[int, int]]:
    try:
        day = Date.fromisoformat(fields.get("date", ""))
    except ValueError:
        raise BadInput("FORM_UNREADABLE") from None
    return day, (_seconds(fields, "opens_s"), _seconds(fields, "closes_s"))


def _seconds(fields: Fields, name: str) -> int:
    text = fields.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise BadInput("FORM_UNREADABLE")
    return int(text)


def _codes(fields: Fields) -> frozenset[str]:
    return accepted_codes(fields.get("accept", ""))


def accepted_codes(text: str) -> frozenset[str]:
    """The codes of findings and rules that were accepted by name.

    Raises:
        PrivacyError: when the text holds what must never be kept, before it is taken apart.
    """
    require_clean(text, "accept")
    return frozenset(code.upper() for code in text.split())
