"""Windows as residents choose them at home: what there is, why not, and a window held, confirmed or moved.

A refusal says why not without the town of anybody else's visit.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import datetime

from outreach.errors import OutreachError
from outreach.services import desk
from outreach.services._bookings import kept_of, promise_of, require_booking
from outreach.services._offers import NotOffered, Offer, Slot, named_first
from outreach.services._visits import NOON_S
from outreach.services.desk import WindowRefused
from outreach.services.office import Office
from outreach.services.slots import Ask, refusal_of
from outreach.services.slots import find as find_windows
from outreach.spoken import say_refusal
from outreach.storage.engine import reading
from outreach.words import Words

SHOWN, SHOWN_OF_A_HALF = 8, 2
"""Windows on the first page, and of one half day among them: enough to choose, few enough to read."""

_REASONS_SHOWN = 3

WHO, CHANNEL = "web", "web"


@dataclass(frozen=True, slots=True)
class WindowsToChoose:
    """What may be chosen, the wished ones first; how many more there are; why wished days are not among them."""

    offers: tuple[Offer, ...]
    more: int
    why_not: tuple[NotOffered, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A window held until a time, or promised (``until`` is ``None``)."""

    slot: Slot
    until: datetime | None = None


class NotThisWindow(OutreachError):
    """The window was refused; ``refused`` is what to say, ``instead`` the nearest ones that work."""

    exit_status = 1
    http_status = 409

    def __init__(self, code: str, refused: NotOffered, instead: tuple[Slot, ...]) -> None:
        super().__init__(code)
        self.refused = refused
        self.instead = instead


def windows(office: Office, reference: str, *, all_of_them: bool = False) -> WindowsToChoose:
    """What a booking may choose from, by the lead time of the web.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
        Refused: ``BOOKING_INCOMPLETE``, ``BOOKING_ENDED``.
    """
    found = find_windows(_at_the_web(office), Ask(reference))
    wished = any(offer.wished for offer in found.quotes)
    why_not = () if wished else tuple(without_others(entry) for entry in found.refused[:_REASONS_SHOWN])
    shown = found.quotes if all_of_them else _spread(named_first(found.quotes, why_not))
    in_order = sorted(shown, key=lambda offer: (not offer.wished, offer.day, offer.opens_s))
    return WindowsToChoose(tuple(in_order), len(found.quotes) - len(shown), why_not)


def _spread(offers: Sequence[Offer]) -> list[Offer]:
    """The best ones of several half days: somebody who is out all Tuesday needs no eight times on Tuesday."""
    of_half: Counter[tuple[Date, bool]] = Counter()
    shown = []
    for offer in offers:
        half = (offer.day, offer.opens_s < NOON_S)
        of_half[half] += 1
        if of_half[half] <= SHOWN_OF_A_HALF:
            shown.append(offer)
    return shown[:SHOWN]


def hold(office: Office, reference: str, slot: Slot, *, key: str) -> Kept:
    """Hold a window for as long as the rules say (``promises.hold_web_min``).

    Raises:
        NotThisWindow: ``WINDOW_IMPOSSIBLE``, ``WINDOW_NOT_FOUND``.
        Refused: a rule that speaks against it.
        Busy: ``DAY_BUSY``.
    """
    here = _at_the_web(office)
    window = (slot.opens_s, slot.closes_s)
    try:
        held = desk.hold(here, reference, slot.day, window, key=_key(key, "hold", slot))
        if promise_of(here, reference) != (slot.day, *window):
            # An old page, sent again after something else was chosen: what it once got is not kept any more.
            held = desk.hold(here, reference, slot.day, window)
    except WindowRefused as error:
        raise _said(here, error, reference) from error
    return Kept(slot, held.until)


def kept(office: Office, reference: str) -> Kept | None:
    """What is held for a booking or promised to it now.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
    """
    with reading(office.engine) as session:
        found = kept_of(session, office, require_booking(session, reference))
    return None if found is None else Kept(Slot(found.day, found.opens_s, found.closes_s), found.held_until)


def confirm(office: Office, reference: str, slot: Slot, *, key: str) -> Kept:
    """Promise a window: the one that is held, or any other that is still free.

    Raises:
        See :func:`hold`; ``Refused``: ``ALREADY_PROMISED`` for another window than the one promised.
    """
    here = _at_the_web(office)
    before = kept(office, reference)
    if before == Kept(slot):
        return before  # the page was sent twice
    try:
        desk.confirm(here, reference, slot.day, (slot.opens_s, slot.closes_s), key=_key(key, "confirm", slot))
    except WindowRefused as error:
        raise _said(here, error, reference) from error
    return Kept(slot)


def move(office: Office, reference: str, slot: Slot, *, key: str) -> Kept:
    """Give a promised booking another window.

    Raises:
        See :func:`hold`; ``Refused``: ``NOTHING_TO_MOVE``, ``SAME_WINDOW``.
    """
    here = _at_the_web(office)
    try:
        desk.move(here, reference, slot.day, (slot.opens_s, slot.closes_s), key=_key(key, "move", slot))
    except WindowRefused as error:
        raise _said(here, error, reference) from error
    return Kept(slot)


def without_others(refused: NotOffered) -> NotOffered:
    """The refusal without where anybody else is visited, and how far that is."""
    if refused.reason != "CROWDED_OUT":
        return refused
    return replace(refused, reason="DAY_FULL", values={"date": refused.day})


def say_why_not(refused: NotOffered, words: Words) -> str:
    """The sentence for the resident."""
    return say_refusal(refused, words)


def _said(office: Office, error: WindowRefused, reference: str) -> NotThisWindow:
    refused, instead = refusal_of(office, error, Ask(reference))
    return NotThisWindow(error.code, without_others(refused), instead)


def _at_the_web(office: Office) -> Office:
    return office.acting_as(WHO, CHANNEL)


def _key(key: str, what: str, slot: Slot) -> str:
    """A page's key for one of the things it offers; without one of its own, nothing is remembered."""
    if not key:
        return ""
    digest = hashlib.sha256(f"{key}/{what}/{slot.day}/{slot.opens_s}/{slot.closes_s}".encode()).digest()
    return "web-" + base64.b32encode(digest).decode().rstrip("=")
