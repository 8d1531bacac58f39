"""The public form page by page, without a browser: what is asked of whom, and that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import col, select

from bookings.models import Booking
from outreach.services import lookup, public_form
from outreach.services.office import Office
from outreach.services.own_page import OwnBooking, show
from outreach.storage.engine import reading
from outreach.storage.web_tables import HandedOver, PublicForm
from outreach.web.app import Part, create_app
from tests.outreach.city import FAR, NEAR
from tests.outreach.web.residents import GOOD, NEXT_TUESDAY, Resident, neighbour, put_days, resident, values_of


@pytest.fixture
def at_home(app: FastAPI, sqlite_web_office: Office) -> Iterator[Resident]:
    """Somebody at home; the vans go out on two days they may choose."""
    put_days(sqlite_web_office)
    with ExitStack() as stack:
        yield resident(stack, app)


def bookings_of(office: Office) -> list[Booking]:
    with reading(office.engine) as session:
        return list(session.exec(select(Booking).order_by(col(Booking.id))).all())


def drafts_of(office: Office) -> list[PublicForm]:
    with reading(office.engine) as session:
        return list(session.exec(select(PublicForm)).all())


def test_the_start_says_what_it_costs_and_what_not_to_write(at_home: Resident) -> None:
    page = at_home.get("/book")
    assert page.status_code == 200
    assert "お金はかかりません" in page.text
    assert "12けたの番号" in page.text
    assert "0991-22-0100" in page.text


def test_without_consent_nothing_begins(at_home: Resident, sqlite_web_office: Office) -> None:
    page = at_home.post("/book", {})
    assert page.status_code == 422
    assert "使いみちを読んで" in page.text
    assert drafts_of(sqlite_web_office) == []


def test_one_person_is_asked_eighteen_things_in_a_sensible_order(at_home: Resident) -> None:
    at_home.answers["people"] = "1"
    at_home.walk()
    assert at_home.visited == [
        *("caller", "visit_type", "resident", "moving_soon", "people", "name", "birth_year", "address", "landmark"),
        *("parking", "access", "reach", "phone", "papers", "application_form", "wishes", "note"),
    ]


def test_a_family_with_children_is_asked_for_a_parent(at_home: Resident) -> None:
    at_home.answers |= {"caller": "family", "people": "3", "under_15": "1"}
    at_home.walk()
    assert at_home.visited[:8] == [
        *("caller", "caller_name", "visit_type", "resident", "moving_soon", "people", "under_15", "parent_present")
    ]


def test_somebody_who_cannot_phone_is_asked_for_fax_or_mail(at_home: Resident) -> None:
    at_home.answers["reach"] = "writing"
    at_home.walk()
    assert "writing" in at_home.visited
    assert "phone" not in at_home.visited


def test_neither_fax_nor_mail_is_told_beside_the_field(at_home: Resident) -> None:
    at_home.answers |= {"reach": "writing", "fax": ""}
    at_home.walk(until="writing")
    page = at_home.follow(at_home.post("/book/q/writing", {"go": "next"}))
    assert page.url.path == "/book/q/writing"
    assert 'id="fax-error"' in page.text


def test_back_keeps_what_was_typed_even_what_is_wrong(at_home: Resident) -> None:
    at_home.walk(until="phone")
    back = at_home.post("/book/q/phone", {"phone": "12", "second_phone": "0991-23-0120", "go": "back"})
    assert back.headers["location"] == "/book/q/reach"
    page = at_home.get("/book/q/phone")
    assert values_of(page, "phone") == ["12"]
    assert values_of(page, "second_phone") == ["0991-23-0120"]
    assert 'id="phone-error"' not in page.text  # it has not been answered yet


def test_a_wrong_answer_is_kept_and_told_beside_its_field(at_home: Resident) -> None:
    at_home.walk(until="phone")
    page = at_home.follow(at_home.post("/book/q/phone", {"phone": "0991-23", "go": "next"}))
    assert page.url.path == "/book/q/phone"
    assert values_of(page, "phone") == ["0991-23"]
    assert 'id="phone-error"' in page.text
    assert 'aria-invalid="true"' in page.text
    again = at_home.get("/book/q/phone")
    assert values_of(again, "phone") == ["0991-23"]
    assert 'id="phone-error"' in again.text


def test_back_from_the_first_question_is_the_start_which_leads_on(at_home: Resident) -> None:
    at_home.begin()
    page = at_home.follow(at_home.post("/book/q/caller", {"caller": "self", "go": "back"}))
    assert page.url.path == "/book"
    assert 'href="/book/check"' in page.text


def test_every_page_can_be_left_backwards_and_keeps_its_answers(at_home: Resident) -> None:
    at_home.walk()
    order = list(at_home.visited)
    for name in reversed(order):
        page = at_home.get(f"/book/q/{name}")
        at_home.follow(at_home.post(f"/book/q/{name}", {**at_home.typed(page), "go": "back"}))
    page = at_home.get("/book/check")
    for name in ("磯貝 ハル", NEAR.address, "0991-23-0118", "公民館のとなり"):
        assert name in page.text


def test_the_other_language_loses_nothing_typed(at_home: Resident) -> None:
    at_home.walk(until="name")
    page = at_home.follow(at_home.post("/book/q/name", {"name": "磯貝 ハル", "go": "language.en"}))
    assert "Name of the person we visit" in page.text
    assert values_of(page, "name") == ["磯貝 ハル"]


def test_a_script_saves_while_somebody_types(at_home: Resident) -> None:
    at_home.walk(until="name")
    answer = at_home.browser.as_json("/book/q/name", {"name": "磯貝", "go": "save"})
    assert answer.json() == {"saved": True}
    assert values_of(at_home.get("/book/q/name"), "name") == ["磯貝"]


def test_changing_one_answer_leads_back_to_the_check_by_way_of_what_is_new(at_home: Resident) -> None:
    at_home.answers["people"] = "1"
    at_home.walk()
    page = at_home.follow(at_home.post("/book/q/people", {"people": "3", "to": "check", "go": "next"}))
    assert page.url.path == "/book/q/under_15"
    page = at_home.follow(at_home.post("/book/q/under_15", {"under_15": "0", "to": "check", "go": "next"}))
    assert page.url.path == "/book/check"


def test_an_unfinished_form_is_not_sent(at_home: Resident, sqlite_web_office: Office) -> None:
    at_home.walk(until="phone")
    page = at_home.post("/book/send")
    assert page.status_code == 422
    assert 'href="/book/q/phone?to=check"' in page.text
    assert bookings_of(sqlite_web_office) == []


@pytest.mark.parametrize(
    ("answers", "page", "sentence"),
    [
        ({"resident": "no"}, "resident", "住民票がある方だけ"),
        ({"moving_soon": "yes"}, "moving_soon", "引っ越した先"),
        ({"people": "3", "under_15": "2", "parent_present": "no"}, "parent_present", "親か代理の方"),
    ],
)
def test_who_cannot_have_a_visit_is_told_why_and_where_to_phone(
    at_home: Resident, sqlite_web_office: Office, answers: dict[str, str], page: str, sentence: str
) -> None:
    at_home.answers |= answers
    asked = at_home.walk(until=page)
    told = at_home.follow(at_home.post(f"/book/q/{page}", at_home.typed(asked)))
    assert told.url.path == f"/book/q/{page}"
    assert sentence in told.text
    assert "0991-22-0100" in told.text
    assert bookings_of(sqlite_web_office) == []


def test_an_unclear_town_becomes_a_plain_question(at_home: Resident, sqlite_web_office: Office) -> None:
    at_home.answers |= {"address": "灯台12番地3"}
    page = at_home.walk(until="town")
    assert NEAR.name in values_of(page, "town")
    assert values_of(page, "town")[-1] == "none"
    at_home.answers["town"] = NEAR.name
    at_home.walk(page)
    page = at_home.follow(at_home.post("/book/send"))
    assert page.url.path == "/book/windows"
    assert bookings_of(sqlite_web_office)[0].town == NEAR.name


def test_none_of_these_towns_is_for_the_call_centre(at_home: Resident, sqlite_web_office: Office) -> None:
    at_home.answers |= {"address": "灯台12番地3", "town": "none"}
    page = at_home.send()
    assert page.url.path == "/book/done"
    assert "お電話" in page.text
    taken = bookings_of(sqlite_web_office)
    assert [booking.status for booking in taken] == ["draft"]
    assert public_form.for_the_call_centre(sqlite_web_office) == (taken[0].reference,)


def test_where_the_van_cannot_stop_the_call_centre_phones(at_home: Resident, sqlite_web_office: Office) -> None:
    at_home.answers["parking"] = "no"
    assert at_home.send().url.path == "/book/done"
    assert [booking.status for booking in bookings_of(sqlite_web_office)] == ["draft"]


def test_a_number_or_a_landmark_is_needed_to_find_the_house(at_home: Resident) -> None:
    at_home.answers |= {"address": NEAR.name, "landmark": ""}
    at_home.walk(until="landmark")
    page = at_home.follow(at_home.post("/book/q/landmark", {"go": "next"}))
    assert page.url.path == "/book/q/landmark"
    assert 'id="landmark-error"' in page.text


def test_somebody_who_can_never_is_asked_for_a_day_that_works(at_home: Resident) -> None:
    at_home.answers["wish_never"] = "mon\ntue\nwed\nthu\nfri\nsat\nsun"
    at_home.walk(until="wishes")
    page = at_home.follow(at_home.post("/book/q/wishes", {**at_home.answers, "go": "next"}))
    assert page.url.path == "/book/q/wishes"
    assert 'id="wish_never-error"' in page.text


def test_what_was_sent_is_a_request_from_the_web_and_the_draft_holds_nothing_more(
    at_home: Resident, sqlite_web_office: Office
) -> None:
    at_home.answers |= {"wish_half": "morning", "wish_never": "mon\nthu", "wish_text": "12月1日"}
    page = at_home.send()
    assert page.url.path == "/book/windows"
    (booking,) = bookings_of(sqlite_web_office)
    assert (booking.status, booking.channel, booking.people, booking.phone_e164) == (
        *("requested", "web", 2, "+81991230118"),
    )
    assert booking.wishes_text == "午前。月曜日、木曜日はだめ。12月1日"
    assert booking.wishes["days"] == [["2026-12-01", ["afternoon", "morning"]]]
    assert booking.wishes["half_day"] == ["morning"]
    (draft,) = drafts_of(sqlite_web_office)
    assert (draft.answers, draft.reference) == ({}, booking.reference)
    history = lookup.show(sqlite_web_office, booking.reference).history
    assert [(change.who, change.channel) for change in history] == [("web", "web")]


def test_a_form_sent_twice_is_one_booking(at_home: Resident, sqlite_web_office: Office) -> None:
    at_home.send()
    again = at_home.post("/book/send")
    assert (again.status_code, again.headers["location"]) == (303, "/book/windows")
    assert len(bookings_of(sqlite_web_office)) == 1


def test_a_window_is_held_confirmed_and_printed(at_home: Resident, sqlite_web_office: Office) -> None:
    page = at_home.send()
    assert "12月1日（火よう日）" in page.text
    window = values_of(page, "window")[0]
    key = values_of(page, "key")[0]
    held = at_home.post("/book/hold", {"window": window, "key": key})
    assert held.status_code == 201
    assert "16:20まで" in held.text
    again = at_home.post("/book/hold", {"window": window, "key": key})
    assert (again.status_code, values_of(again, "window")) == (201, [window])
    done = at_home.follow(at_home.post("/book/confirm", {"window": window, "key": values_of(held, "key")[0]}))
    assert done.url.path == "/book/done"
    (booking,) = bookings_of(sqlite_web_office)
    assert booking.status == "confirmed"
    assert booking.reference in done.text
    assert "/my/" in done.text
    assert at_home.get("/book/done").text.count("/my/") == done.text.count("/my/")


def test_the_page_that_held_a_window_can_be_loaded_again(at_home: Resident) -> None:
    page = at_home.send()
    window = values_of(page, "window")[1]
    at_home.post("/book/hold", {"window": window, "key": "k"})
    assert values_of(at_home.get("/book/hold"), "window") == [window]


def test_an_old_page_does_not_confirm_a_window_that_is_not_held_any_more(
    at_home: Resident, sqlite_web_office: Office
) -> None:
    page = at_home.send()
    first, second = values_of(page, "window")[:2]
    for window in (first, second, first):
        assert at_home.post("/book/hold", {"window": window, "key": "one page"}).status_code == 201
    at_home.post("/book/confirm", {"window": first, "key": "k"})
    promise = show(sqlite_web_office, bookings_of(sqlite_web_office)[0].reference).promise
    assert promise is not None
    assert f"{promise[0].isoformat()} {promise[1]} {promise[2]}" == first


def test_a_window_somebody_else_took_is_409_with_a_sentence_and_others(app: FastAPI, sqlite_web_office: Office) -> None:
    put_days(sqlite_web_office, NEXT_TUESDAY, vans=("van-1",))
    with ExitStack() as stack:
        one, other = resident(stack, app), resident(stack, app, **neighbour(7, FAR))
        window = values_of(one.send(), "window")[0]
        other.send()
        assert one.post("/book/hold", {"window": window, "key": "a"}).status_code == 201
        refused = other.post("/book/hold", {"window": window, "key": "b"})
    assert refused.status_code == 409
    assert 'role="alert"' in refused.text
    assert NEAR.name not in refused.text
    assert window not in values_of(refused, "window")
    assert values_of(refused, "window")


def test_a_window_too_soon_for_the_web_is_409_with_a_sentence(at_home: Resident) -> None:
    at_home.send()
    refused = at_home.post("/book/hold", {"window": "2026-11-24 36000 37800", "key": "a"})
    assert refused.status_code == 409


NOBODY_OFFERED = (
    "",
    "2026-13-01 36000 37800",
    "x",
    "2026-12-01 1 2 3",
    "9999-12-31 36000 37800",
    "2099-12-31 1 99999",
    "２０２６-12-01 36000 37800",
)


def test_a_window_nobody_offered_is_4xx(at_home: Resident) -> None:
    at_home.send()
    for number, window in enumerate(NOBODY_OFFERED):
        answer = at_home.post("/book/hold", {"window": window, "key": f"{number}"})
        assert answer.status_code in (409, 422), window


def test_wishes_that_cannot_be_met_are_told_with_what_works(at_home: Resident) -> None:
    at_home.answers["wish_text"] = "11月24日"
    page = at_home.send()
    assert "いちばん早くて" in page.text
    assert values_of(page, "window")


def test_leaving_erases_everything(at_home: Resident, sqlite_web_office: Office) -> None:
    at_home.walk()
    at_home.post("/book/end")
    assert drafts_of(sqlite_web_office) == []
    assert at_home.get("/book/check").headers["location"] == "/book?over=1"


@pytest.mark.parametrize("path", ["/book/check", "/book/windows", "/book/done", "/book/hold", "/book/q/name"])
def test_without_a_form_every_page_leads_to_the_start(at_home: Resident, path: str) -> None:
    assert at_home.get(path).headers["location"] == "/book?over=1"


def test_a_page_that_is_not_asked_is_not_there(at_home: Resident) -> None:
    at_home.begin()
    assert at_home.get("/book/q/nothing").status_code == 404
    assert at_home.get("/book/q/parent_present").status_code == 404


def test_a_change_without_the_sessions_token_changes_nothing(at_home: Resident, sqlite_web_office: Office) -> None:
    at_home.begin()
    at_home.browser.token = "another"
    assert at_home.post("/book/q/caller", {"caller": "self", "go": "next"}).status_code == 403
    assert drafts_of(sqlite_web_office)[0].answers == {}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_has_one_heading_and_a_label_for_every_field(at_home: Resident, language: str) -> None:
    at_home.browser.http.cookies.set("lang", language, domain="localhost.local")
    at_home.answers |= {"caller": "family", "people": "3", "under_15": "1", "reach": "writing"}
    page: Any = at_home.begin()
    while page.url.path != "/book/check":
        assert page.text.count("<h1>") == 1
        assert f'<html lang="{language}">' in page.text
        for name in set(at_home.typed(page)) - {"go"}:
            assert f'name="{name}"' in page.text
        page = at_home.follow(at_home.post(page.url.path, at_home.typed(page)))
    assert set(GOOD) - {"town"} >= set(at_home.answers) - {"town"}


def test_own_bookings_say_nothing_but_what_their_owner_typed() -> None:
    assert set(OwnBooking.__dataclass_fields__) == {
        *("reference", "status", "name", "visit_type", "people", "under_15", "wishes", "promise", "may_change"),
        *("waits_for_call", "revision"),
    }


# -- alone, outside ----------------------------------------------------------------------------------------------------


@pytest.fixture
def outside(sqlite_web_office: Office) -> Iterator[Resident]:
    """Somebody at the form that stands alone: no desk, no windows."""
    app = create_app(sqlite_web_office, parts={Part.PUBLIC}, offers_windows=False)
    with ExitStack() as stack:
        yield resident(stack, app)


def test_outside_the_form_takes_requests_and_offers_no_windows(outside: Resident, sqlite_web_office: Office) -> None:
    assert "市役所からお電話して" in outside.get("/book").text
    done = outside.send()
    assert done.url.path == "/book/done"
    (row,) = handed_over(sqlite_web_office)
    assert row.number in done.text
    assert "/my/" not in done.text
    assert bookings_of(sqlite_web_office) == []
    again = outside.post("/book/send")
    assert again.headers["location"] == "/book/done"
    assert len(handed_over(sqlite_web_office)) == 1
    assert outside.get("/book/windows").headers["location"] == "/book/done"
    assert outside.post("/book/hold", {"window": "2026-12-01 36000 37800"}).headers["location"] == "/book/done"


@pytest.mark.parametrize("path", ["/desk", "/login", "/desk/calls", "/account"])
def test_outside_there_is_no_desk(outside: Resident, path: str) -> None:
    assert outside.get(path).status_code == 404


def handed_over(office: Office) -> list[HandedOver]:
    with reading(office.engine) as session:
        return list(session.exec(select(HandedOver)).all())
