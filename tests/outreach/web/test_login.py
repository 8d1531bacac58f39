"""Signing in by the page: a new session at every login, guesses that end, and sato's own desk that nobody can shut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from outreach.errors import PermissionDenied, TooMany
from outreach.services import accounts, signing_in
from outreach.services.office import Office
from outreach.web.app import create_app
from tests.conftest import Soak
from tests.outreach.web.conftest import HOST, PASSWORD, Client, put_account
from tests.outreach.web.stored import later

ELSEWHERE = "10.9.9.9"


@contextmanager
def browser(app: FastAPI, address: str = "10.0.0.1") -> Iterator[Client]:
    """A browser of its own, asking from an address."""
    with TestClient(app, base_url=HOST, client=(address, 50000)) as http:
        yield Client(http)


@pytest.fixture
def sato(sqlite_web_office: Office) -> Office:
    put_account(sqlite_web_office, "sato", "clerk")
    return sqlite_web_office


def token_of(client: Client, path: str = "/account") -> str:
    page = client.get(path).text
    return str(page.split('name="token" value="')[1].split('"')[0])


def guess(office: Office, count: int, name: str = "sato", address: str = ELSEWHERE) -> list[str]:
    """What so many wrong passwords come to."""
    told = []
    for number in range(count):
        try:
            signing_in.sign_in(office, name, f"wrong password {number}", address=address)
        except (PermissionDenied, TooMany) as error:
            told.append(error.code)
    return told


def test_the_id_is_new_at_login_and_the_one_before_opens_nothing(sato: Office, app: FastAPI) -> None:
    fixed = accounts.open_session(sato)  # an attacker's own, planted in sato's browser
    with browser(app) as client:
        client.http.cookies.set("outreach", fixed.id)
        assert client.post("/login", {"name": "sato", "password": PASSWORD}).status_code == 303
        new = client.http.cookies.get("outreach", domain="localhost.local") or ""
        assert new not in ("", fixed.id)
    assert accounts.session_of(sato, fixed.id) is None
    found = accounts.session_of(sato, new)
    assert found is not None
    assert found.account is not None


def test_cookies_are_for_us_alone(sato: Office, app: FastAPI) -> None:
    with browser(app) as client:
        answer = client.post("/login", {"name": "sato", "password": PASSWORD})
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) == 2
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie for cookie in cookies)
    assert not any("Domain" in cookie for cookie in cookies)


def test_behind_https_cookies_travel_encrypted_and_only_to_this_host(sato: Office) -> None:
    app = create_app(sato, behind_https=True)
    with TestClient(app, base_url="https://localhost") as http:
        answer = http.post(
            "/login",
            data={"name": "sato", "password": PASSWORD},
            headers={"origin": "https://localhost"},
            follow_redirects=False,
        )
        assert answer.status_code == 303
        cookies = answer.headers.get_list("set-cookie")
        assert all(cookie.startswith("__Host-") and "Secure" in cookie for cookie in cookies)
        assert http.get("/desk").status_code == 200
        assert answer.headers["strict-transport-security"].startswith("max-age=")


def test_a_crew_begins_with_the_calls(sqlite_web_office: Office, app: FastAPI) -> None:
    put_account(sqlite_web_office, "crew-1", "crew")
    with browser(app) as client:
        answer = client.post("/login", {"name": "crew-1", "password": PASSWORD})
        assert answer.headers["location"] == "/desk/calls"
        assert client.get("/").headers["location"] == "/desk/calls"
        assert client.get("/desk").status_code == 404


def test_signing_out_ends_the_session(clerk: Client) -> None:
    assert clerk.get("/desk").status_code == 200
    kept = dict(clerk.http.cookies)
    assert clerk.post("/logout").headers["location"] == "/login"
    clerk.http.cookies.update(kept)
    assert clerk.get("/desk").headers["location"] == "/login"


def test_a_page_after_half_an_hour_leads_to_the_login(clerk: Client, app: FastAPI, sqlite_web_office: Office) -> None:
    app.state.office = later(sqlite_web_office, minutes=31)
    assert clerk.get("/desk").headers["location"] == "/login"
    answer = clerk.as_json("/desk/b", {"name": "x"})
    assert (answer.status_code, answer.json()["code"]) == (401, "SIGN_IN_AGAIN")


def test_a_disabled_account_is_out_with_the_next_page(clerk: Client, sqlite_web_office: Office) -> None:
    assert clerk.get("/desk").status_code == 200
    accounts.disable(sqlite_web_office, "clerk-1")
    assert clerk.get("/desk").headers["location"] == "/login"


# -- one's own account -------------------------------------------------------------------------------------------------


def test_a_password_set_by_somebody_else_is_changed_before_anything_else(
    sqlite_web_office: Office, app: FastAPI
) -> None:
    accounts.add(sqlite_web_office, "sato", "clerk", "another good password")
    with browser(app) as client:
        client.post("/login", {"name": "sato", "password": "another good password"})
        assert client.get("/desk").headers["location"] == "/account"
        client.token = token_of(client)
        assert client.post("/desk/search", {"text": "x"}).headers["location"] == "/account"
        fields = {"old": "another good password", "new": PASSWORD, "again": PASSWORD}
        assert client.post("/account/password", fields).headers["location"] == "/desk"
        assert client.get("/desk").status_code == 200


def test_changing_the_password_ends_the_session_elsewhere(sato: Office, app: FastAPI) -> None:
    with browser(app) as here, browser(app) as there:
        for client in (here, there):
            client.post("/login", {"name": "sato", "password": PASSWORD})
        here.token = token_of(here)
        fields = {"old": PASSWORD, "new": "a third good password", "again": "a third good password"}
        assert here.post("/account/password", fields).headers["location"] == "/account?done=password"
        assert (here.get("/desk").status_code, there.get("/desk").status_code) == (200, 303)


def test_other_sessions_are_listed_and_ended(sato: Office, app: FastAPI) -> None:
    with browser(app) as here, browser(app) as there:
        for client in (here, there):
            client.post("/login", {"name": "sato", "password": PASSWORD})
        here.token = token_of(here)
        assert here.get("/account", params={"lang": "en"}).text.count("Elsewhere") == 1
        assert here.post("/account/sessions").headers["location"] == "/account?done=sessions"
        assert (here.get("/desk").status_code, there.get("/desk").status_code) == (200, 303)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"old": "wrong", "new": "a third good password", "again": "a third good password"}, 403),
        ({"old": PASSWORD, "new": "a third good password", "again": "a fourth good password"}, 422),
        ({"old": PASSWORD, "new": "short", "again": "short"}, 422),
        ({"old": PASSWORD, "new": "123456789018", "again": "123456789018"}, 422),
        ({}, 403),
    ],
)
def test_a_password_that_cannot_be_changed_stays(sato: Office, app: FastAPI, fields: dict[str, str], code: int) -> None:
    with browser(app) as client:
        client.post("/login", {"name": "sato", "password": PASSWORD})
        client.token = token_of(client)
        answer = client.post("/account/password", fields)
        assert answer.status_code == code
        assert not any(typed in answer.text for typed in fields.values())
        assert client.get("/desk").status_code == 200
    accounts.sign_in(sato, "sato", PASSWORD)


def test_the_old_password_is_not_guessed_at_an_open_screen(sato: Office, app: FastAPI) -> None:
    with browser(app) as client:
        client.post("/login", {"name": "sato", "password": PASSWORD})
        client.token = token_of(client)
        fields = {"new": "a third good password", "again": "a third good password"}
        answers = [client.post("/account/password", {**fields, "old": f"guess {n}"}) for n in range(11)]
        assert [answer.status_code for answer in answers] == [403] * 10 + [429]


# -- a My Number -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["123456789018", "１２３４－５６７８－９０１８"])
def test_a_my_number_as_a_name_is_refused_and_gone_from_the_page(sato: Office, app: FastAPI, number: str) -> None:
    with browser(app) as client:
        answer = client.post("/login", {"name": number, "password": number})
        assert answer.status_code == 422
        assert number not in answer.text
        assert "MY_NUMBER" not in answer.headers.get("location", "")


@pytest.fixture
def strict(sato: Office) -> Office:
    """Three tries at one account from one place, thirty from a place or at an account."""
    web = sato.rules.web.model_copy(update={"login_tries": 3})
    return replace(sato, rules=sato.rules.model_copy(update={"web": web}))


# -- guesses -----------------------------------------------------------------------------------------------------------


def test_guesses_at_one_account_from_one_place_end(sato: Office) -> None:
    assert guess(sato, 12) == ["LOGIN_WRONG"] * 10 + ["TOO_MANY_TRIES"] * 2
    with pytest.raises(TooMany):  # the right one, too
        signing_in.sign_in(sato, "sato", PASSWORD, address=ELSEWHERE)
    assert guess(later(sato, minutes=15), 1) == ["LOGIN_WRONG"]


def test_guesses_at_many_accounts_from_one_place_end(strict: Office) -> None:
    told = [code for number in range(33) for code in guess(strict, 1, f"name-{number}")]
    assert told == ["LOGIN_WRONG"] * 30 + ["TOO_MANY_TRIES"] * 3


def test_guesses_at_one_account_from_many_places_end(strict: Office) -> None:
    told = [code for number in range(33) for code in guess(strict, 1, address=f"10.1.{number}.1")]
    assert told == ["LOGIN_WRONG"] * 30 + ["TOO_MANY_TRIES"] * 3


def test_other_accounts_are_not_shut_out_by_guesses_at_one(sato: Office) -> None:
    put_account(sato, "ito", "clerk")
    guess(sato, 12)
    signing_in.sign_in(sato, "ito", PASSWORD, address=ELSEWHERE)


def test_honest_mistakes_are_forgotten_with_the_right_password(strict: Office) -> None:
    for _ in range(4):
        assert guess(strict, 2) == ["LOGIN_WRONG"] * 2
        signing_in.sign_in(strict, "sato", PASSWORD, address=ELSEWHERE)


@pytest.mark.heavy
def test_twenty_clerks_behind_one_address_sign_in_in_the_morning(sato: Office, soak: Soak) -> None:
    for number in range(soak.count(20)):
        accounts.add(sato, f"clerk-{number}", "clerk", PASSWORD, must_change=False)
        assert guess(sato, 2, f"clerk-{number}") == ["LOGIN_WRONG"] * 2  # two slips each
        signing_in.sign_in(sato, f"clerk-{number}", PASSWORD, address=ELSEWHERE)


def test_sato_gets_in_at_her_own_desk_whoever_guesses_at_her_name(strict: Office) -> None:
    sato = strict
    desk = signing_in.sign_in(sato, "sato", PASSWORD, address="10.0.0.1").desk
    for number in range(33):
        guess(sato, 1, address=f"10.1.{number}.1")
    guess(sato, 5, address="10.0.0.1")  # even from behind her own address
    with pytest.raises(TooMany):
        signing_in.sign_in(sato, "sato", PASSWORD, address="10.0.0.1")
    again = signing_in.sign_in(sato, "sato", PASSWORD, address="10.0.0.1", desk=desk)
    assert again.desk == desk
    assert signing_in.sign_in(later(sato, days=60), "sato", PASSWORD, address="10.0.0.1", desk=desk).desk == desk


def test_a_desk_is_no_licence_to_guess(sato: Office) -> None:
    put_account(sato, "mallory", "clerk")
    desk = signing_in.sign_in(sato, "mallory", PASSWORD, address=ELSEWHERE).desk
    assert guess(sato, 12) == ["LOGIN_WRONG"] * 10 + ["TOO_MANY_TRIES"] * 2
    with pytest.raises(TooMany):  # mallory's desk is not sato's
        signing_in.sign_in(sato, "sato", "wrong", address=ELSEWHERE, desk=desk)
    own = signing_in.sign_in(sato, "sato", PASSWORD, address="10.0.0.1").desk
    for _ in range(10):
        with pytest.raises(PermissionDenied):
            signing_in.sign_in(sato, "sato", "wrong", address="10.0.0.1", desk=own)
    with pytest.raises(TooMany):
        signing_in.sign_in(sato, "sato", "wrong", address="10.0.0.1", desk=own)


def test_a_made_up_desk_is_none_and_gets_a_new_mark(sato: Office) -> None:
    for made_up in ("x", "y" * 5000):
        assert signing_in.sign_in(sato, "sato", PASSWORD, address=ELSEWHERE, desk=made_up).desk != made_up


def test_the_page_tells_when_to_try_again(sato: Office, app: FastAPI) -> None:
    with browser(app, ELSEWHERE) as client:
        for _ in range(10):
            assert client.post("/login", {"name": "sato", "password": "no"}).status_code == 403
        answer = client.post("/login", {"name": "sato", "password": PASSWORD}, headers={"cookie": "lang=en"})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "900")
        assert "16:15" in answer.text


def test_where_tries_cannot_be_counted_nobody_signs_in(sato: Office, app: FastAPI) -> None:
    with sato.engine.connect().execution_options(writing=True) as connection:
        connection.execute(text("DROP TABLE counted_tries"))
        connection.commit()
    with browser(app) as client:
        answer = client.post("/login", {"name": "sato", "password": PASSWORD})
        assert (answer.status_code, "set-cookie" in answer.headers) == (503, False)
        assert client.get("/desk").headers["location"] == "/login"


def test_a_failed_login_is_the_same_for_every_name(sato: Office, app: FastAPI) -> None:
    accounts.add(sato, "gone", "clerk", "another good password")
    accounts.disable(sato, "gone")
    told = set()
    with browser(app) as client:
        for name in ("sato", "nope", "gone"):
            answer = client.post("/login", {"name": name, "password": "another good password"})
            told.add((answer.status_code, answer.text.replace(name, "")))
    assert len(told) == 1
