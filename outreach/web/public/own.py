"""``/my/TOKEN`` and ``/own``: a resident's own page, to see, change or cancel what was agreed."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from bookings.errors import PrivacyError
from bookings.privacy import inspect
from outreach.errors import OutreachError, PermissionDenied, Refused, TooMany, present
from outreach.services import accounts, own_page, public_windows
from outreach.services.own_page import OwnBooking
from outreach.services.public_windows import NotThisWindow
from outreach.web.doors import ANYBODY, FIRST_STEP, door
from outreach.web.fields import Fields, takes
from outreach.web.guard.cookies import session_cookie, set_session
from outreach.web.problems import tell
from outreach.web.public.choosing import new_key, refusal_words, slot_of, windows_page
from outreach.web.public.kindly import START, TIME_IS_OVER, Kindly, go, leave, public_page, web_office
from outreach.web.public.views import choice_word, problem_text, window_words
from outreach.web.visitor import visitor_of, words_of
from outreach.words import Words

router = APIRouter(route_class=Kindly)

OWN = "/own"
_LONGEST_WISH = 600


@router.get("/my/{token}")
@door(FIRST_STEP)
def door_page(request: Request, token: str) -> Response:
    """Asks for the digits; looks the same for every link."""
    return public_page(request, "public/own_door.html", token_of_link=token, told=None)


@router.post("/my/{token}", openapi_extra=takes("digits"))
@door(FIRST_STEP)
def unlock(request: Request, token: str, fields: Fields) -> Response:
    """Open the page for this browser, in a session of its own."""
    office, visitor = web_office(request), visitor_of(request)
    try:
        reference = own_page.unlock(office, token, fields.get("digits", ""), ip=visitor.address)
    except (PermissionDenied, TooMany) as error:
        told = tell(error, words_of(request))
        return public_page(request, "public/own_door.html", status=told.http_status, token_of_link=token, told=told)
    session = visitor.session
    if session is None or session.account is None:
        opened = accounts.open_session(office, before=session_cookie(request))
        set_session(request, opened.id)
        session = opened.session
    own_page.open_for(office, session.key, reference)
    return go(OWN)


def _reference(request: Request) -> str:
    """Which booking this browser may see.

    Raises:
        Refused: ``FORM_OVER``.
    """
    session = visitor_of(request).session
    if session is None:
        raise Refused("FORM_OVER")
    return own_page.opened(web_office(request), session.key)


@router.get(OWN)
@door(ANYBODY)
def own(request: Request, done: str = "") -> Response:
    """The booking as its owner sees it."""
    try:
        reference = _reference(request)
    except Refused:
        return go(TIME_IS_OVER)
    booking = own_page.show(web_office(request), reference)
    return _own(request, booking, done=done if done in ("changed", "cancelled") else "")


def _own(request: Request, booking: OwnBooking, *, status: int = 200, done: str = "", why: str = "") -> Response:
    words = words_of(request)
    promise = booking.promise
    return public_page(
        request,
        "public/own.html",
        status=status,
        own=booking,
        kind=choice_word("visit_type", booking.visit_type, words),
        day="" if promise is None else words.date(promise[0]),
        time="" if promise is None else window_words(promise[1], promise[2], words),
        done=done,
        why=why,
    )


# -- another window ----------------------------------------------------------------------------------------------------


@router.get("/own/window")
@door(ANYBODY)
def window_page(request: Request, more: str = "") -> Response:
    """Windows to choose from instead."""
    reference = _reference(request)
    _require_choosing(request, reference)
    return windows_page(request, reference, own=True, all_of_them=bool(more))


@router.post("/own/window", openapi_extra=takes("token", "window", "key"))
@door(ANYBODY)
def change_window(request: Request, fields: Fields) -> Response:
    """Take another window: the promised one is let go only with the new one promised."""
    office, reference = web_office(request), _reference(request)
    booking = _require_choosing(request, reference)
    slot = slot_of(fields.get("window", ""))
    if booking.promise == (slot.day, slot.opens_s, slot.closes_s) and booking.status == "confirmed":
        return go(f"{OWN}?done=changed")
    choose = public_windows.move if booking.status == "confirmed" else public_windows.confirm
    try:
        choose(office, reference, slot, key=fields.get("key", ""))
    except (NotThisWindow, Refused) as error:
        why = refusal_words(error, words_of(request))
        return windows_page(request, reference, own=True, status=409, why=why)
    return go(f"{OWN}?done=changed")


def _require_choosing(request: Request, reference: str) -> OwnBooking:
    booking = own_page.require_changeable(web_office(request), reference)
    if booking.waits_for_call:
        raise Refused("OWN_WAITS_FOR_CALL")
    return booking


# -- people and wishes -------------------------------------------------------------------------------------------------


@router.get("/own/people")
@door(ANYBODY)
def people_page(request: Request) -> Response:
    """How many people."""
    return _people(request, own_page.require_changeable(web_office(request), _reference(request)))


@router.post("/own/people", openapi_extra=takes("token", "people", "under_15", "key"))
@door(ANYBODY)
def change_people(request: Request, fields: Fields) -> Response:
    """Change how many people; a promised window stays only if it can be kept."""
    office, reference = web_office(request), _reference(request)
    booking = own_page.require_changeable(office, reference)
    most = office.rules.people.home_most
    counts = [str(number) for number in range(most + 1)]
    people, children = fields.get("people", ""), fields.get("under_15", "") or "0"
    if people not in counts[1:] or children not in counts or int(children) > int(people):
        return _people(request, booking, status=422, why=words_of(request).say("public.own.people_wrong"))
    try:
        own_page.change(office, reference, {"people": people, "under_15": children}, key=_key(fields))
    except Refused as error:
        return _people(request, booking, status=409, why=refusal_words(error, words_of(request)))
    return go(f"{OWN}?done=changed")


def _people(request: Request, booking: OwnBooking, *, status: int = 200, why: str = "") -> Response:
    words, most = words_of(request), web_office(request).rules.people.home_most
    return public_page(
        request,
        "public/own_people.html",
        status=status,
        own=booking,
        counts=[(number, choice_word("people", str(number), words)) for number in range(most + 1)],
        why=why,
        key=new_key(),
    )


@router.get("/own/wishes")
@door(ANYBODY)
def wishes_page(request: Request) -> Response:
    """When it would suit."""
    booking = own_page.require_changeable(web_office(request), _reference(request))
    return _wishes(request, booking.wishes)


@router.post("/own/wishes", openapi_extra=takes("token", "wishes", "key"))
@door(ANYBODY)
def change_wishes(request: Request, fields: Fields) -> Response:
    """Change when it would suit."""
    office, reference = web_office(request), _reference(request)
    words, text = words_of(request), fields.get("wishes", "").replace("\r\n", "\n")[:_LONGEST_WISH]
    private = inspect(text, "wishes")
    if private:
        kept = text if private[0].code == "DIAGNOSIS_WORD" else ""
        return _wishes(request, kept, status=422, why=words.say(f"public.wrong.{private[0].code}"))
    try:
        own_page.change(office, reference, {"wishes": text}, key=_key(fields))
    except (Refused, PrivacyError) as error:
        return _wishes(request, text, status=409, why=_what_is_wrong(error, words))
    return go(f"{OWN}?done=changed")


def _what_is_wrong(error: OutreachError | PrivacyError, words: Words) -> str:
    """What to mend, where the wish itself is wrong; else why the change is refused."""
    wrong = [finding for finding in getattr(error, "findings", ()) if getattr(finding, "field", "") == "wishes"]
    return " ".join(problem_text(finding, words) for finding in wrong) or present(error, words).sentence


def _wishes(request: Request, text: str, *, status: int = 200, why: str = "") -> Response:
    return public_page(
        request, "public/own_wishes.html", status=status, text=text, most=_LONGEST_WISH, why=why, key=new_key()
    )


# -- calling off -------------------------------------------------------------------------------------------------------


@router.get("/own/cancel")
@door(ANYBODY)
def cancel_page(request: Request) -> Response:
    """Asks once more."""
    booking = own_page.require_changeable(web_office(request), _reference(request))
    words, promise = words_of(request), booking.promise
    return public_page(
        request,
        "public/own_cancel.html",
        own=booking,
        day="" if promise is None else words.date(promise[0]),
        time="" if promise is None else window_words(promise[1], promise[2], words),
        key=new_key(),
    )


@router.post("/own/cancel", openapi_extra=takes("token", "key"))
@door(ANYBODY)
def cancel(request: Request, fields: Fields) -> Response:
    """Call the visit off."""
    own_page.call_off(web_office(request), _reference(request), key=_key(fields))
    return go(f"{OWN}?done=cancelled")


@router.post("/own/end", openapi_extra=takes("token"))
@door(ANYBODY)
def end(request: Request) -> Response:
    """Leave the page, on a computer others use too."""
    session = visitor_of(request).session
    assert session is not None
    own_page.close(web_office(request), session.key)
    return leave(request, session, START)


def _key(fields: Fields) -> str:
    return fields.get("key", "")[:100]
