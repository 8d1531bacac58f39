"""Every route by every method and role: who may come in is what its door says; one without a door lets nobody in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import FastAPI, Request, Response

from outreach.services.accounts import Opened, Role
from outreach.services.office import Office
from outreach.web.app import create_app
from outreach.web.doors import ANYBODY, CALLS, DESK, FIRST_STEP, RECORDS, SIGNED_IN, Door, door, door_of
from tests.outreach.city import put_bookings
from tests.outreach.web.stored import Browser, Route, routes_of, signed_in_as, stored

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
NOBODY = "anonymous"
VISITORS = (NOBODY, *(role.value for role in Role))

BY_PATH = {"/book/q/{name}": "/book/q/name", "/static/{name}": "/static/style.css"}


def filled(path: str, reference: str) -> str:
    """An address of that route that leads somewhere."""
    known = {"reference": reference, "token": "x" * 43}
    return BY_PATH.get(path) or re.sub(r"\{(\w+)\}", lambda found: known[found[1]], path)


def expected(routes: list[Route], path: str, method: str, role: str) -> str:
    """What the doors say: ``allowed``, ``login``, ``unknown``, ``method``."""
    here = [route for route in routes if route.path == path and method in route.methods]
    if not here:
        return "method"
    (kind,) = {door_of(route.endpoint) for route in here}
    assert isinstance(kind, Door)
    if kind.is_public:
        needs = method not in ("GET", "HEAD") and kind.needs_session and role == NOBODY
        return "start" if needs else "allowed"
    if role == NOBODY:
        return "login"
    return "allowed" if Role(role) in kind.roles else "unknown"


def happened(path: str, answer: Response, body: str) -> str:
    """What an answer comes to."""
    if path == "/logout" and answer.status_code == 303 and "outreach=" in answer.headers.get("set-cookie", ""):
        return "allowed"  # signed out, and on to the login
    if answer.status_code == 405:
        return "method"
    if answer.status_code == 303 and answer.headers["location"] in ("/login", "/book"):
        return "login" if answer.headers["location"] == "/login" else "start"
    if answer.status_code == 404 and "PAGE_UNKNOWN" in body:
        return "unknown"
    assert answer.status_code < 500, body
    assert answer.status_code != 401, body
    assert answer.status_code != 403 or path in ("/login", "/account/password", "/my/{token}"), body  # wrong there
    return "allowed"


@pytest.fixture
def asked(sqlite_web_office: Office, app: FastAPI) -> tuple[Office, FastAPI, str]:
    """The pages with one booking in the city."""
    return sqlite_web_office, app, put_bookings(sqlite_web_office, 1)[0]


def test_every_route_by_every_method_and_role(asked: tuple[Office, FastAPI, str]) -> None:
    office, app, reference = asked
    routes, browser = list(routes_of(app)), Browser(app)
    opened: dict[str, Opened | None] = {NOBODY: None}
    for role in Role:
        opened[role.value] = signed_in_as(office, role.value)
    wrong, count = [], 0
    for path in sorted({route.path for route in routes}):
        for method in METHODS:
            for role in VISITORS:
                wanted = expected(routes, path, method, role)
                answer = browser.ask(method, filled(path, reference), opened[role])
                found = happened(path, answer, answer.text)
                count += 1
                # A page of the public form may send on to where one has to begin, whoever asks.
                sent_on = (wanted, found) == ("allowed", "start") and path.startswith(("/book", "/own", "/my"))
                if found != wanted and not sent_on:
                    wrong.append((method, path, role, wanted, found, answer.status_code))
                if wanted == "allowed" and method == "POST" and role != NOBODY:
                    opened[role] = signed_in_as(office, role)  # signing out is one of the routes
    assert wrong == []
    assert count == len({route.path for route in routes}) * len(METHODS) * len(VISITORS)


def test_every_route_has_a_door(app: FastAPI) -> None:
    assert [route.path for route in routes_of(app) if door_of(route.endpoint) is None] == []


def test_a_route_without_a_door_lets_nobody_in_and_is_found(sqlite_web_office: Office) -> None:
    app = create_app(sqlite_web_office)

    @app.get("/undeclared")
    def undeclared() -> str:
        return "a secret"

    assert [route.path for route in routes_of(app) if door_of(route.endpoint) is None] == ["/undeclared"]
    for role in VISITORS:
        opened = None if role == NOBODY else signed_in_as(sqlite_web_office, role)
        answer = Browser(app).ask("GET", "/undeclared", opened)
        assert (answer.status_code, "secret" in answer.text, "ROUTE_UNDECLARED" in answer.text) == (500, False, True)


def test_the_doors_are_those_the_roles_are_meant_to_have(app: FastAPI) -> None:
    """The table a reader can check: which doors stand where."""
    doors = {(route.path, method): door_of(route.endpoint) for route in routes_of(app) for method in route.methods}
    for (path, method), kind in doors.items():
        if path == "/login":
            wanted: tuple[Door, ...] = (FIRST_STEP,)
        elif path.startswith(("/logout", "/account")):
            wanted = (SIGNED_IN,)
        elif path.startswith("/records"):
            wanted = (RECORDS,)
        elif path.startswith("/desk/calls"):
            wanted = (CALLS,)
        elif path.startswith("/desk"):
            wanted = (DESK,)
        else:
            wanted = (ANYBODY, FIRST_STEP)
        assert kind in wanted, (method, path, kind)


def test_looking_changes_nothing(asked: tuple[Office, FastAPI, str]) -> None:
    office, app, reference = asked
    browser, opened = Browser(app), {role.value: signed_in_as(office, role.value) for role in Role}
    before = stored(office)
    for path in sorted({route.path for route in routes_of(app) if "GET" in route.methods}):
        for role in VISITORS:
            browser.ask("GET", filled(path, reference) + "?lang=en", opened.get(role))
            after = stored(office)
            assert (path, role, [name for name in before if before[name] != after[name]]) == (path, role, [])


def test_a_change_by_get_would_be_found(sqlite_web_office: Office) -> None:
    """The same look, at a route that does what none may do."""
    app = create_app(sqlite_web_office)

    @app.get("/changes")
    @door(ANYBODY)
    def changes(request: Request) -> str:
        put_bookings(sqlite_web_office, 1)
        return ""

    before = stored(sqlite_web_office)
    assert Browser(app).ask("GET", "/changes").status_code == 200
    assert stored(sqlite_web_office)["booking"] != before["booking"]


def _parts() -> Iterator[tuple[str, str]]:
    yield "desk", "/book"
    yield "public", "/desk"


@pytest.mark.parametrize(("only", "absent"), list(_parts()))
def test_one_part_alone_has_nothing_of_the_other(sqlite_web_office: Office, only: str, absent: str) -> None:
    from outreach.web.app import Part

    app = create_app(sqlite_web_office, parts=[Part(only)])
    assert [route.path for route in routes_of(app) if route.path.startswith(absent)] == []
    assert Browser(app).ask("GET", absent).status_code == 404
