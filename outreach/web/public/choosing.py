"""``/book/windows``: a window chosen, held for some minutes, confirmed; and the last page, to be printed."""

from __future__ import annotations

import re
import secrets
from datetime import date as Date

from fastapi import APIRouter, Request, Response

from bookings.statuses import Status
from outreach.errors import BadInput, OutreachError, Refused, present
from outreach.services import own_page, public_windows
from outreach.services.public_form import Form, Outcome
from outreach.services.public_windows import Kept, NotThisWindow
from outreach.services.slots import Slot
from outreach.web.doors import ANYBODY, door
from outreach.web.fields import Fields, takes
from outreach.web.public.kindly import (
    DONE,
    WINDOWS,
    Kindly,
    form_of,
    go,
    is_browsing,
    link_token,
    own_address,
    place_of,
    public_page,
    require_form,
    web_office,
)
from outreach.web.public.views import by_day, why_not_view, window_value, window_words, windows_view
from outreach.web.visitor import words_of
from outreach.words import Words

router = APIRouter(route_class=Kindly)

_WINDOW = re.compile(r"(20\d\d-\d\d-\d\d) (\d{1,5}) (\d{1,5})", re.ASCII)


def slot_of(text: str) -> Slot:
    """A window as a form sent it.

    Raises:
        BadInput: ``WINDOW_UNREADABLE``.
    """
    found = _WINDOW.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        return Slot(Date.fromisoformat(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise BadInput("WINDOW_UNREADABLE") from None


def new_key() -> str:
    """A key for what one page offers: sent again, it repeats nothing."""
    return secrets.token_urlsafe(24)


def refusal_words(error: OutreachError, words: Words) -> str:
    """Why not, in a sentence for the resident."""
    if isinstance(error, NotThisWindow):
        return public_windows.say_why_not(error.refused, words)
    return present(error, words).sentence


def windows_page(
    request: Request, reference: str, *, own: bool, status: int = 200, why: str = "", all_of_them: bool = False
) -> Response:
    """The windows to choose from; with ``why`` what came between one that was chosen before."""
    words, office = words_of(request), web_office(request)
    found = public_windows.windows(office, reference, all_of_them=all_of_them)
    mine = public_windows.kept(office, reference) if own else None
    windows = windows_view(found, words, mine=None if mine is None else mine.slot)
    return public_page(
        request,
        "public/windows.html",
        status=status,
        windows=windows,
        days=by_day(windows) if all_of_them else (),
        more=found.more,
        why_not=why_not_view(found, words),
        why=why,
        reference=reference,
        key=new_key(),
        own=own,
    )


def _choosing(form: Form | None) -> bool:
    return form is not None and not form.own and form.outcome is Outcome.WINDOWS


@router.get(WINDOWS)
@door(ANYBODY)
def windows(request: Request, more: str = "") -> Response:
    """What there is to choose from."""
    form = form_of(request)
    if form is None or not _choosing(form):
        return place_of(form)
    kept = public_windows.kept(web_office(request), form.reference)
    if kept is not None and kept.until is None:
        return go(DONE)
    return windows_page(request, form.reference, own=False, all_of_them=bool(more))


@router.get("/book/hold")
@door(ANYBODY)
def held(request: Request) -> Response:
    """The window that is held now."""
    form = form_of(request)
    if form is None or not _choosing(form):
        return place_of(form)
    kept = public_windows.kept(web_office(request), form.reference)
    return go(WINDOWS) if kept is None else go(DONE) if kept.until is None else _held(request, kept, 200)


@router.post("/book/hold", openapi_extra=takes("token", "window", "key"))
@door(ANYBODY)
def hold(request: Request, fields: Fields) -> Response:
    """Hold a window: 201 with the page to confirm it, or 409 with why not and what else there is.

    A browser is sent on to that page, which can be shown again: its way back never leads to a question of its own.
    """
    form = require_form(request)
    if not _choosing(form):
        return place_of(form)
    slot = slot_of(fields.get("window", ""))
    try:
        kept = public_windows.hold(web_office(request), form.reference, slot, key=fields.get("key", ""))
    except (NotThisWindow, Refused) as error:
        why = refusal_words(error, words_of(request))
        return windows_page(request, form.reference, own=False, status=409, why=why)
    return go("/book/hold") if is_browsing(request) else _held(request, kept, 201)


def _held(request: Request, kept: Kept, status: int) -> Response:
    words, office = words_of(request), web_office(request)
    assert kept.until is not None
    return public_page(
        request,
        "public/held.html",
        status=status,
        day=words.date(kept.slot.day),
        time=window_words(kept.slot.opens_s, kept.slot.closes_s, words),
        until=f"{kept.until.astimezone(office.now().tzinfo):%H:%M}",
        window=window_value(kept.slot),
        key=new_key(),
    )


@router.get("/book/confirm")
@door(ANYBODY)
def confirm_page(request: Request) -> Response:
    """Where somebody comes who loads the address again."""
    return place_of(form_of(request))


@router.post("/book/confirm", openapi_extra=takes("token", "window", "key"))
@door(ANYBODY)
def confirm(request: Request, fields: Fields) -> Response:
    """Promise the window that is held."""
    form = require_form(request)
    if not _choosing(form):
        return place_of(form)
    slot = slot_of(fields.get("window", ""))
    try:
        public_windows.confirm(web_office(request), form.reference, slot, key=fields.get("key", ""))
    except (NotThisWindow, Refused) as error:
        if error.code == "ALREADY_PROMISED":
            return go(DONE)
        why = refusal_words(error, words_of(request))
        return windows_page(request, form.reference, own=False, status=409, why=why)
    return go(DONE)


@router.get(DONE)
@door(ANYBODY)
def done(request: Request) -> Response:
    """What was agreed, what to prepare, and the way back to it; to be printed."""
    form = form_of(request)
    if form is None or form.own or not form.sent:
        return place_of(form)
    words, office = words_of(request), web_office(request)
    if form.outcome is Outcome.OUTSIDE:
        return public_page(
            request, "public/done.html", number=form.number, own=None, ended=False, link="", day="", time=""
        )
    own = own_page.show(office, form.reference)
    return public_page(
        request,
        "public/done.html",
        number="",
        own=own,
        ended=own.status is Status.CANCELLED,
        link=own_address(request, link_token(request, form.reference)),
        day="" if own.promise is None else words.date(own.promise[0]),
        time="" if own.promise is None else window_words(own.promise[1], own.promise[2], words),
    )
