"""A resident's own page: the link and the digits open it, nothing else does; seen, changed, called off."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import select
from starlette.testclient import TestClient

from bookings.models import Booking
from outreach.programme.clock import instant_from
from outreach.programme.settings import DATABASE_FILE
from outreach.services import own_page
from outreach.services.installation import init
from outreach.services.office import Office, open_office
from outreach.storage.engine import reading, sqlite_url
from outreach.storage.tables import Visit
from outreach.web.app import create_app
from outreach.words import Words
from tests.conftest import Soak
from tests.outreach.city import demo_rules, put_bookings, settings_of
from tests.outreach.web.conftest import HOST, weeks_of_shifts
from tests.outreach.web.residents import Resident, put_days, values_of

DIGITS = "0118"
_LINK = re.compile(r"/my/([A-Za-z0-9_-]+)")


@dataclass(frozen=True)
class Booked:
    """A home in which somebody has sent the form and has a promised window: to copy; what their browser knows."""

    home: Path
    cookies: dict[str, str]
    token: str
    link: str


@pytest.fixture(scope="module")
def once_booked(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Booked:
    """The form filled in once for all tests here."""
    home = tmp_path_factory.mktemp("booked") / "home"
    home.mkdir()
    settings = settings_of(home, sqlite_url(Path(shutil.copyfile(sqlite_template, home / DATABASE_FILE))))
    init(settings, Words("ja"), rules=demo_rules())
    office = open_office(settings, who="tester", channel="phone")
    weeks_of_shifts(office)
    put_days(office)
    with TestClient(create_app(office), base_url=HOST) as http:
        somebody = Resident(http)
        page = somebody.send()
        somebody.post("/book/confirm", {"window": values_of(page, "window")[0], "key": "k"})
        link = token_on(somebody.get("/book/done"))
        cookies = dict(http.cookies)
    office.engine.dispose()
    return Booked(home, cookies, somebody.browser.token, link)


@pytest.fixture
def sqlite_web_office(home: Path, once_booked: Booked) -> Iterator[Office]:
    """A copy of that home, this test's own."""
    shutil.copytree(once_booked.home, home, dirs_exist_ok=True)
    office = open_office(settings_of(home, sqlite_url(home / DATABASE_FILE)), who="tester", channel="phone")
    yield office
    office.engine.dispose()


@pytest.fixture
def booked(app: FastAPI, once_booked: Booked) -> Iterator[tuple[Resident, str]]:
    """Somebody with a promised window, and the token of their link."""
    with TestClient(app, base_url=HOST) as http:
        for name, value in once_booked.cookies.items():
            http.cookies.set(name, value, domain="localhost.local")
        somebody = Resident(http)
        somebody.browser.token = once_booked.token
        yield somebody, once_booked.link


def token_on(page: Any) -> str:
    found = _LINK.search(page.text)
    assert found is not None
    return found[1]


def only(office: Office) -> Booking:
    with reading(office.engine) as session:
        return session.exec(select(Booking)).one()


@pytest.fixture
def elsewhere(app: FastAPI) -> Iterator[Resident]:
    """Another browser: the daughter's."""
    with TestClient(app, base_url=HOST) as http:
        yield Resident(http)


def test_the_link_has_256_bits_and_stands_nowhere(booked: tuple[Resident, str], sqlite_web_office: Office) -> None:
    _, token = booked
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    stored = (sqlite_web_office.settings.home / "outreach.sqlite3").read_bytes()
    assert token.encode() not in stored


def test_link_and_digits_open_the_page_in_another_browser(booked: tuple[Resident, str], elsewhere: Resident) -> None:
    _, token = booked
    assert elsewhere.get(f"/my/{token}").status_code == 200
    page = elsewhere.follow(elsewhere.post(f"/my/{token}", {"digits": "０１１８"}))
    assert page.url.path == "/own"
    assert "磯貝 ハル" in page.text
    assert "12月1日（火よう日）" in page.text


def test_without_the_digits_there_is_nothing_to_see(booked: tuple[Resident, str], elsewhere: Resident) -> None:
    _, token = booked
    for path in ("/own", "/own/window", "/own/people", "/own/wishes", "/own/cancel"):
        answer = elsewhere.get(path)
        assert answer.status_code in (303, 409)
        assert "磯貝" not in answer.text
    assert "磯貝" not in elsewhere.get(f"/my/{token}").text


def test_a_link_nobody_has_and_wrong_digits_have_the_same_answer(
    booked: tuple[Resident, str], elsewhere: Resident
) -> None:
    _, token = booked
    unknown = "x" * 43
    wrong, none = (elsewhere.post(f"/my/{link}", {"digits": "9999"}) for link in (token, unknown))
    assert (wrong.status_code, none.status_code) == (403, 403)
    assert _plain(wrong.text).replace(token, "") == _plain(none.text).replace(unknown, "")
    seen, not_there = elsewhere.get(f"/my/{token}"), elsewhere.get(f"/my/{unknown}")
    assert _plain(seen.text).replace(token, "") == _plain(not_there.text).replace(unknown, "")


def _plain(text: str) -> str:
    return re.sub(r'nonce="[^"]*"', "", text)


@pytest.mark.heavy
def test_guesses_open_nothing_and_are_locked_out(
    booked: tuple[Resident, str], elsewhere: Resident, soak: Soak, sqlite_web_office: Office
) -> None:
    """Digits tried on a real link, and links that nobody has."""
    _, token = booked
    statuses = []
    for guess in range(soak.count(2000)):
        link = token if guess % 2 else "".join(soak.rng.choices("abcdefgh", k=43))
        digits = f"{soak.rng.randrange(10_000):04d}".replace(DIGITS, "0000")
        statuses.append(elsewhere.post(f"/my/{link}", {"digits": digits}).status_code)
    assert set(statuses) == {403, 429}
    assert statuses.count(403) == sqlite_web_office.rules.web.login_tries
    assert elsewhere.post(f"/my/{token}", {"digits": DIGITS}).status_code == 429
    later = replace(sqlite_web_office.settings, now=instant_from("2026-11-20T16:30"))
    with TestClient(create_app(replace(sqlite_web_office, settings=later)), base_url=HOST) as http:
        assert Resident(http).post(f"/my/{token}", {"digits": DIGITS}).status_code == 303


def test_a_link_bears_only_so_many_guesses_a_day_wherever_they_come_from(
    booked: tuple[Resident, str], sqlite_web_office: Office
) -> None:
    _, token = booked
    codes = []
    for guess in range(40):
        later = replace(
            sqlite_web_office.settings, now=instant_from(f"2026-11-20T{16 + guess // 4}:{guess % 4 * 15:02d}")
        )
        try:
            own_page.unlock(replace(sqlite_web_office, settings=later), token, "9999", ip=f"192.0.2.{guess}")
        except Exception as error:
            codes.append(getattr(error, "code", type(error).__name__))
        if guess == 31:
            break
    most = 3 * sqlite_web_office.rules.web.login_tries
    assert codes == ["OWN_LINK_WRONG"] * most + ["TOO_MANY_TRIES"] * (32 - most)


def test_what_was_right_is_not_counted(booked: tuple[Resident, str], elsewhere: Resident) -> None:
    _, token = booked
    for _ in range(25):
        assert elsewhere.post(f"/my/{token}", {"digits": DIGITS}).status_code == 303


def opened(booked: tuple[Resident, str]) -> Resident:
    somebody, token = booked
    somebody.follow(somebody.post(f"/my/{token}", {"digits": DIGITS}))
    return somebody


def test_the_window_one_has_is_marked_among_those_to_choose_from(
    booked: tuple[Resident, str], sqlite_web_office: Office
) -> None:
    somebody = opened(booked)
    page = somebody.get("/own/window").text
    mine = [choice for choice in page.split('<p class="choice">')[1:] if "いまのお約束" in choice]
    now = own_page.show(sqlite_web_office, only(sqlite_web_office).reference).promise
    assert now is not None
    assert [re.findall(r'value="([^"]+)"', choice) for choice in mine] == [[f"{now[0].isoformat()} {now[1]} {now[2]}"]]


def test_all_windows_are_shown_day_by_day(booked: tuple[Resident, str]) -> None:
    """Not dozens in one list: each day opens by itself."""
    somebody = opened(booked)
    few, everything = somebody.get("/own/window"), somebody.get("/own/window?more=1")
    assert "<details" not in few.text
    days = everything.text.split("<details")[1:]
    assert [re.findall(r'value="(\S+) ', day)[0] for day in days] == ["2026-12-01", "2026-12-02"]
    assert [len(set(re.findall(r'value="(\S+) ', day))) for day in days] == [1, 1]
    assert len(values_of(everything, "window")) > len(values_of(few, "window"))
    assert everything.text.count(" checked") == 1


def test_another_window_takes_the_place_of_the_first(booked: tuple[Resident, str], sqlite_web_office: Office) -> None:
    somebody = opened(booked)
    page = somebody.get("/own/window")
    other = values_of(page, "window")[-1]
    done = somebody.follow(somebody.post("/own/window", {"window": other, "key": "k"}))
    assert "変えました" in done.text
    own = own_page.show(sqlite_web_office, only(sqlite_web_office).reference)
    assert own.promise is not None
    assert f"{own.promise[0].isoformat()} {own.promise[1]} {own.promise[2]}" == other
    again = somebody.post("/own/window", {"window": other, "key": "k"})
    assert again.headers["location"] == "/own?done=changed"


def test_a_window_that_cannot_be_had_leaves_the_promised_one(
    booked: tuple[Resident, str], sqlite_web_office: Office
) -> None:
    somebody = opened(booked)
    before = own_page.show(sqlite_web_office, only(sqlite_web_office).reference).promise
    refused = somebody.post("/own/window", {"window": "2026-11-24 36000 37800", "key": "k"})
    assert refused.status_code == 409
    assert own_page.show(sqlite_web_office, only(sqlite_web_office).reference).promise == before


def test_a_wish_that_leaves_no_day_is_asked_about(booked: tuple[Resident, str], sqlite_web_office: Office) -> None:
    somebody = opened(booked)
    somebody.get("/own/wishes")
    before = only(sqlite_web_office).wishes_text
    refused = somebody.post("/own/wishes", {"wishes": "毎日だめ", "key": "a"})
    assert (refused.status_code, "伺える日が一日もありません" in refused.text) == (409, True)
    assert "毎日だめ" in refused.text
    assert only(sqlite_web_office).wishes_text == before


def test_people_and_wishes_are_changed(booked: tuple[Resident, str], sqlite_web_office: Office) -> None:
    somebody = opened(booked)
    somebody.get("/own/people")
    assert somebody.post("/own/people", {"people": "3", "under_15": "1", "key": "a"}).status_code == 303
    somebody.get("/own/wishes")
    assert somebody.post("/own/wishes", {"wishes": "午後", "key": "b"}).status_code == 303
    booking = only(sqlite_web_office)
    assert (booking.people, booking.under_15, booking.wishes_text) == (3, 1, "午後")
    assert booking.status == "confirmed"


@pytest.mark.parametrize(
    ("people", "under_15"), [("0", "0"), ("7", "0"), ("2", "3"), ("x", "0"), ("2", "-1"), ("", "")]
)
def test_people_that_cannot_be_are_422(booked: tuple[Resident, str], people: str, under_15: str) -> None:
    somebody = opened(booked)
    assert somebody.post("/own/people", {"people": people, "under_15": under_15, "key": "a"}).status_code == 422


def test_calling_off_frees_the_window_and_can_be_sent_twice(
    booked: tuple[Resident, str], sqlite_web_office: Office
) -> None:
    somebody = opened(booked)
    assert "取り消しますか" in somebody.get("/own/cancel").text
    for _ in range(2):
        page = somebody.follow(somebody.post("/own/cancel", {"key": "c"}))
        assert "予約を取り消しました" in page.text
    assert only(sqlite_web_office).status == "cancelled"
    with reading(sqlite_web_office.engine) as session:
        assert [visit.state for visit in session.exec(select(Visit)).all()] == ["released"]


def test_after_the_hour_of_the_rules_only_the_phone_helps(
    booked: tuple[Resident, str], sqlite_web_office: Office
) -> None:
    _, token = booked
    late = replace(sqlite_web_office.settings, now=instant_from("2026-11-30T17:30"))
    with TestClient(create_app(replace(sqlite_web_office, settings=late)), base_url=HOST) as http:
        somebody = Resident(http)
        page = somebody.follow(somebody.post(f"/my/{token}", {"digits": DIGITS}))
        assert "ここで変えられる時間を過ぎました" in page.text
        assert "/own/cancel" not in page.text
        answer = somebody.post("/own/cancel", {"key": "c"})
        assert answer.status_code == 409
        assert "0991-22-0100" in answer.text
    assert only(sqlite_web_office).status == "confirmed"


def test_the_page_is_left_for_good(booked: tuple[Resident, str]) -> None:
    somebody = opened(booked)
    assert somebody.post("/own/end").headers["location"] == "/book"
    assert somebody.get("/own").headers["location"] == "/book?over=1"


def test_an_hour_later_the_page_is_shut(booked: tuple[Resident, str], sqlite_web_office: Office) -> None:
    somebody = opened(booked)
    later = replace(sqlite_web_office.settings, now=instant_from("2026-11-20T17:01"))
    with TestClient(create_app(replace(sqlite_web_office, settings=later)), base_url=HOST) as http:
        http.cookies = somebody.browser.http.cookies
        assert Resident(http).get("/own").headers["location"] == "/book?over=1"


def test_an_own_page_shows_no_other_booking(booked: tuple[Resident, str], sqlite_web_office: Office) -> None:
    somebody = opened(booked)
    others = put_bookings(sqlite_web_office, 3)
    shown = "".join(somebody.get(path).text for path in ("/own", "/own/people", "/own/wishes", "/own/cancel"))
    assert [reference for reference in others if reference in shown] == []
