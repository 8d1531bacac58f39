"""``/book``: the start, the questions one by one, the answers to check, and sending them."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from outreach.services import accounts, own_page, public_form, tries
from outreach.services.public_form import Form, Outcome
from outreach.web.doors import ANYBODY, FIRST_STEP, door
from outreach.web.fields import Fields, takes
from outreach.web.guard.cookies import session_cookie, set_language, set_session
from outreach.web.problems import wants_json
from outreach.web.public.kindly import (
    CHECK,
    DONE,
    START,
    WINDOWS,
    Kindly,
    form_of,
    go,
    leave,
    link_token,
    place_of,
    public_page,
    require_form,
    web_office,
)
from outreach.web.public.views import answers_view, question_view
from outreach.web.visitor import LANGUAGE_COOKIE, visitor_of, words_of
from outreach.words import LANGUAGES

router = APIRouter(route_class=Kindly)

_TYPED = (
    *("caller", "caller_name", "visit_type", "resident", "moving_soon", "people", "under_15", "parent_present"),
    *("name", "kana", "birth_year", "address", "building", "town", "landmark", "parking", "access", "reach"),
    *("phone", "second_phone", "fax", "mail", "papers", "application_form"),
    *("wish_half", "wish_never", "wish_text", "note"),
)


@router.get(START)
@door(ANYBODY)
def start(request: Request, over: str = "") -> Response:
    """What the service is, what will be asked and why, and what it costs: nothing."""
    return _start(request, over=bool(over))


@router.post(START, openapi_extra=takes("consent"))
@door(FIRST_STEP)
def begin(request: Request, fields: Fields) -> Response:
    """Begin a form, in a session of its own."""
    if fields.get("consent") != "yes":
        return _start(request, status=422, no_consent=True)
    office, visitor = web_office(request), visitor_of(request)
    session = visitor.session
    if session is None or session.account is None:  # somebody signed in stays so, and tries the form beside it
        tries.take_start(office, ip=visitor.address)
        opened = accounts.open_session(office, before=session_cookie(request))
        set_session(request, opened.id)
        session = opened.session
    form = public_form.begin(office, session.key)
    first = public_form.ask(office, form, language=visitor.language).pages[0]
    return go(f"/book/q/{first.name}")


def _start(request: Request, *, status: int = 200, over: bool = False, no_consent: bool = False) -> Response:
    form = form_of(request)
    going_on = form is not None and not form.own and (form.sent or bool(form.answers))
    return public_page(
        request,
        "public/start.html",
        status=status,
        over=over and not going_on,
        no_consent=no_consent,
        going_on=going_on,
        sent=form is not None and form.sent,
        offers_windows=request.app.state.offers_windows,
    )


# -- one question ------------------------------------------------------------------------------------------------------


@router.get("/book/q/{name}")
@door(ANYBODY)
def question(request: Request, name: str, to: str = "") -> Response:
    """One question; with what was typed, and what is wrong with it once it was answered."""
    form = form_of(request)
    if form is None or form.own or form.sent:
        return place_of(form)
    words = words_of(request)
    asked = public_form.ask(web_office(request), form, language=words.language)
    page = asked.page(name)
    problems = asked.problems.get(name, ()) if name in form.seen else ()
    view = question_view(asked, page, words, problems=problems)
    return public_page(request, "public/question.html", q=view, to=to if to == "check" else "")


@router.post("/book/q/{name}", openapi_extra=takes("token", "go", "to", *_TYPED))
@door(ANYBODY)
def answer(request: Request, name: str, fields: Fields) -> Response:
    """Keep what was typed, and go on, back, or stay in the other language."""
    form = require_form(request)
    if form.sent:
        return place_of(form)
    office, words = web_office(request), words_of(request)
    where, to = fields.get("go", ""), "check" if fields.get("to") == "check" else ""
    forwards = where not in ("back", "save") and not where.startswith("language.")
    saved = public_form.save(office, form, name, fields, language=words.language, forwards=forwards)
    if wants_json(request):
        return JSONResponse({"saved": True})
    asked = saved.asked
    if where.startswith("language."):
        _speak(request, where.removeprefix("language."))
        return go(f"/book/q/{name}{'?to=check' if to else ''}")
    if where == "back":
        before = asked.before(name)
        return go(CHECK if to else START if before is None else f"/book/q/{before.name}")
    if saved.problems and saved.problems == asked.problems.get(name, ()):
        # Asked for anew, so that the browser's own way back leads to a page and not to a question of its own.
        return go(f"/book/q/{name}{'?to=check' if to else ''}")
    if saved.problems:  # what was typed is not kept: this page alone can say so
        view = question_view(asked, asked.page(name), words, problems=saved.problems, given_back=saved.given_back)
        return public_page(request, "public/question.html", status=422, q=view, to=to)
    after = asked.unfinished if to else asked.after(name)
    return go(CHECK if after is None else f"/book/q/{after.name}{'?to=check' if to else ''}")


def _speak(request: Request, language: str) -> None:
    if language in LANGUAGES:
        set_language(request, LANGUAGE_COOKIE, language)


# -- checking and sending ----------------------------------------------------------------------------------------------


@router.get(CHECK)
@door(ANYBODY)
def check(request: Request) -> Response:
    """All answers, each with the way to change it."""
    form = form_of(request)
    return place_of(form) if form is None or form.own or form.sent else _check(request, form)


def _check(request: Request, form: Form, status: int = 200) -> Response:
    words = words_of(request)
    asked = public_form.ask(web_office(request), form, language=words.language)
    wrong = asked.unfinished
    return public_page(
        request,
        "public/check.html",
        status=status,
        answers=answers_view(asked, words),
        wrong=wrong,
        wrong_title="" if wrong is None else words.say(f"public.q.{wrong.name}"),
        last=asked.pages[-1].name,
        offers_windows=request.app.state.offers_windows,
    )


@router.get("/book/send")
@door(ANYBODY)
def send_page(request: Request) -> Response:
    """Where somebody comes who loads the address again."""
    return place_of(form_of(request))


@router.post("/book/send", openapi_extra=takes("token"))
@door(ANYBODY)
def send(request: Request) -> Response:
    """Send the form."""
    form, office, visitor = require_form(request), web_office(request), visitor_of(request)
    offers = bool(request.app.state.offers_windows)
    sent = public_form.send(office, form, ip=visitor.address, language=visitor.language, offers_windows=offers)
    if sent.wrong is not None:
        return _check(request, form, status=422)
    if sent.form.reference:
        own_page.give_link(office, sent.form.reference, link_token(request, sent.form.reference))
    return go(WINDOWS if sent.form.outcome is Outcome.WINDOWS else DONE)


@router.post("/book/end", openapi_extra=takes("token"))
@door(ANYBODY)
def end(request: Request) -> Response:
    """Erase what was typed, and leave."""
    session = visitor_of(request).session
    assert session is not None
    public_form.give_up(web_office(request), session.key)
    return leave(request, session, START)
