"""What leaves the desk: the confirmation on paper in plain words; and the small map in its frame."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from outreach.errors import Refused
from outreach.services import lookup
from outreach.services.pin_map import pin_map
from outreach.web.doors import DESK, door
from outreach.web.guard.access import note_access
from outreach.web.pages import page
from outreach.web.visitor import office_of, words_of

router = APIRouter()

FRAMED = "sandbox allow-scripts; frame-ancestors 'self'"
"""A map runs its own scripts (by their hashes, see its own policy) and can touch nothing of the page around it."""


@router.get("/desk/b/{reference}/paper")
@door(DESK)
def paper(request: Request, reference: str) -> Response:
    """The confirmation to print, read out or fax: when, where to be, what to have ready, whom to call."""
    office = office_of(request)
    card = lookup.show(office, reference)
    if card.kept is None or card.kept.held_until is not None:
        raise Refused("NOTHING_PROMISED", reference=card.booking.reference)
    note_access(request, card.booking.reference, "print")
    return page(
        request,
        "desk/paper.html",
        booking=card.booking,
        kept=card.kept,
        until=office.calendar.cancel_deadline(card.kept.day),
    )


@router.get("/desk/pin")
@door(DESK)
def city_map(request: Request) -> Response:
    """The small map of the city, without a pin."""
    return _framed(pin_map(office_of(request), language=words_of(request).language))


@router.get("/desk/pin/{reference}")
@door(DESK)
def pinned_map(request: Request, reference: str) -> Response:
    """The small map with the pin of a booking. What is said about it, the page around the frame knows."""
    return _framed(pin_map(office_of(request), reference, language=words_of(request).language))


def _framed(html: str) -> Response:
    return HTMLResponse(html, headers={"Content-Security-Policy": FRAMED})
