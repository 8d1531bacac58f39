"""Forged requests: every change by every wrong origin and token changes nothing in any table."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from outreach.services import accounts
from outreach.services.office import Office
from outreach.web.doors import door_of
from tests.outreach.city import put_bookings
from tests.outreach.web.stored import Browser, routes_of, signed_in_as, stored
from tests.outreach.web.test_routes import filled

OWN = "http://localhost"

ORIGINS: dict[str, dict[str, str]] = {
    "none": {},
    "null": {"origin": "null"},
    "empty": {"origin": ""},
    "foreign": {"origin": "http://evil.example"},
    "another port": {"origin": "http://localhost:8001"},
    "https for http": {"origin": "https://localhost"},
    "a name that begins like ours": {"origin": "http://localhost.evil.example"},
    "ours as a user": {"origin": "http://localhost@evil.example"},
    "own, from another site": {"origin": OWN, "sec-fetch-site": "cross-site"},
    "own, from beside us": {"origin": OWN, "sec-fetch-site": "same-site"},
    "own, from a bookmark": {"origin": OWN, "sec-fetch-site": "none"},
}
"""Origins that are refused, whatever the token."""


def is_told(path: str, answer: Any) -> bool:
    """Whether the page names the code; those for residents say it without."""
    return "FORM_FORGED" in answer.text or path.startswith(("/book", "/own", "/my"))


def changes(app: FastAPI) -> list[tuple[str, Any]]:
    """Every route that changes something."""
    return sorted((route.path, route.endpoint) for route in routes_of(app) if route.methods - {"GET", "HEAD"})


@pytest.mark.parametrize("origin", ORIGINS)
def test_a_change_from_another_origin_is_refused(sqlite_web_office: Office, app: FastAPI, origin: str) -> None:
    office, reference = sqlite_web_office, put_bookings(sqlite_web_office, 1)[0]
    browser, opened = Browser(app), signed_in_as(office, "admin")
    before = stored(office)
    for path, _ in changes(app):
        for token in (None, ""):
            answer = browser.ask(
                "POST", filled(path, reference), opened, token=token, headers=ORIGINS[origin], own_origin=False
            )
            assert (path, answer.status_code, is_told(path, answer)) == (path, 403, True)
    assert stored(office) == before


def tokens(office: Office) -> dict[str, str]:
    other = signed_in_as(office, "admin")
    ended = signed_in_as(office, "admin")
    accounts.end_session(office, ended.session.key)
    return {
        "none": "",
        "made up": "x" * 43,
        "of another session of the same account": other.session.csrf,
        "of a visitor": accounts.open_session(office).session.csrf,
        "of an ended session": ended.session.csrf,
        "not ASCII": "ｔｏｋｅｎ",
    }


def test_a_change_without_the_session_s_own_token_is_refused(sqlite_web_office: Office, app: FastAPI) -> None:
    office, reference = sqlite_web_office, put_bookings(sqlite_web_office, 1)[0]
    browser, opened, wrong = Browser(app), signed_in_as(office, "admin"), tokens(office)
    before = stored(office)
    for path, endpoint in changes(app):
        kind = door_of(endpoint)
        assert kind is not None
        if not kind.needs_session:
            continue  # it makes a session: there is no token yet, and the origin alone is looked at
        for name, token in wrong.items():
            answer = browser.ask("POST", filled(path, reference), opened, token=token)
            assert (path, name, answer.status_code, is_told(path, answer)) == (path, name, 403, True)
    assert stored(office) == before


def test_a_token_in_the_address_is_none(sqlite_web_office: Office, app: FastAPI) -> None:
    opened = signed_in_as(sqlite_web_office, "clerk")
    answer = Browser(app).ask("POST", f"/desk/search?token={opened.session.csrf}", opened, token="")
    assert answer.status_code == 403


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
def test_methods_nobody_needs_do_nothing(sqlite_web_office: Office, app: FastAPI, method: str) -> None:
    office, reference = sqlite_web_office, put_bookings(sqlite_web_office, 1)[0]
    opened = signed_in_as(office, "admin")
    before = stored(office)
    browser = Browser(app)
    for path, _ in changes(app):
        assert browser.ask(method, filled(path, reference), opened).status_code == 405
    assert stored(office) == before


def test_our_own_page_is_let_through(sqlite_web_office: Office, app: FastAPI) -> None:
    """Without this the table above would prove nothing."""
    opened = signed_in_as(sqlite_web_office, "clerk")
    for headers in ({}, {"sec-fetch-site": "same-origin"}):
        answer = Browser(app).ask("POST", "/desk/search", opened, {"text": "山田"}, headers=headers)
        assert answer.status_code == 200
    assert Browser(app).ask("POST", "/logout", opened).status_code == 303
    assert accounts.session_of(sqlite_web_office, opened.id) is None


def test_no_answer_may_be_read_by_another_origin(clerk: Any) -> None:
    for path in ("/desk", "/account", "/healthz"):
        answer = clerk.get(path, headers={"origin": "http://evil.example"})
        assert not [name for name in answer.headers if name.startswith("access-control")]
