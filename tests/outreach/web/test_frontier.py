"""What every request and every answer passes: hosts, sizes, encodings, and the headers no answer goes without."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI

from outreach.services.office import Office
from outreach.web.app import create_app
from outreach.web.doors import ANYBODY, door
from outreach.web.guard.frontier import LARGEST_BODY, LARGEST_TARGET
from tests.outreach.web.conftest import Client
from tests.outreach.web.stored import Browser, signed_in_as, stored

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-robots-tag": "noindex, nofollow",
}


def assert_guarded(headers: Any) -> None:
    """The headers of every answer; a policy without a way out, with a nonce that is new each time."""
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"].startswith("'nonce-")
    assert policy["frame-ancestors"] in ("'none'", "'self'")
    assert "unsafe" not in headers["content-security-policy"]
    assert "http" not in headers["content-security-policy"]
    assert "permissions-policy" in headers
    assert headers["cache-control"]
    assert "server" not in headers


Sender = Callable[[Browser], Any]

ANSWERS: dict[str, tuple[int, Sender]] = {
    "a page": (200, lambda browser: browser.ask("GET", "/login")),
    "a file": (200, lambda browser: browser.ask("GET", "/static/style.css")),
    "alive": (200, lambda browser: browser.ask("GET", "/healthz")),
    "a redirect": (303, lambda browser: browser.ask("GET", "/desk")),
    "nothing there": (404, lambda browser: browser.ask("GET", "/nothing")),
    "no such file": (404, lambda browser: browser.ask("GET", "/static/../pages.py")),
    "no such method": (405, lambda browser: browser.ask("DELETE", "/login")),
    "forged": (403, lambda browser: browser.ask("POST", "/login", own_origin=False)),
    "another host": (400, lambda browser: browser.ask("GET", "/login", headers={"host": "evil.example"})),
    "unreadable": (
        422,
        lambda browser: browser.http.post(
            "/login", content=b"\xff=1", headers={"origin": "http://localhost", "content-type": FORM}
        ),
    ),
    "too large": (413, lambda browser: browser.http.post("/login", content=b"x" * (LARGEST_BODY + 1))),
    "too long": (414, lambda browser: browser.ask("GET", "/login?" + "x" * LARGEST_TARGET)),
    "a fault": (500, lambda browser: browser.ask("GET", "/broken")),
}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def broken(sqlite_web_office: Office) -> FastAPI:
    """The pages and one that fails."""
    app = create_app(sqlite_web_office)

    @app.get("/broken")
    @door(ANYBODY)
    def fails() -> str:
        raise RuntimeError("磯貝 ハル 0991-23-0118")

    return app


@pytest.mark.parametrize("case", ANSWERS)
def test_every_answer_has_the_headers(broken: FastAPI, case: str) -> None:
    status, send = ANSWERS[case]
    answer = send(Browser(broken))
    assert answer.status_code == status, answer.text
    assert_guarded(answer.headers)
    assert "磯貝" not in answer.text


def test_every_page_of_a_clerk_has_the_headers(clerk: Client) -> None:
    for path in ("/desk", "/desk/waiting", "/desk/calls", "/account", "/style", "/nothing"):
        assert_guarded(clerk.get(path).headers)


def test_the_nonce_is_new_with_every_answer_and_in_the_page(clerk: Client) -> None:
    nonces = set()
    for _ in range(3):
        answer = clerk.get("/desk")
        nonce = answer.headers["content-security-policy"].split("'nonce-")[1].split("'")[0]
        assert f'nonce="{nonce}"' in answer.text
        nonces.add(nonce)
    assert len(nonces) == 3


def test_pages_stay_on_no_disk_and_files_may(visitor: Client) -> None:
    assert visitor.get("/login").headers["cache-control"] == "no-store"
    assert "immutable" in visitor.get("/static/style.css").headers["cache-control"]


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:8000", "[::1]", "", "a@b"])
def test_a_host_that_is_not_ours_is_refused(app: FastAPI, host: str) -> None:
    answer = Browser(app).ask("GET", "/login", headers={"host": host})
    assert answer.status_code == 400


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "localhost:8000"])
def test_the_hosts_of_the_rules_are_answered(app: FastAPI, host: str) -> None:
    assert Browser(app).ask("GET", "/login", headers={"host": host}).status_code == 200


# -- bodies ------------------------------------------------------------------------------------------------------------

BODIES: dict[str, tuple[str, bytes]] = {
    "not UTF-8": (FORM, b"name=\xff\xfe"),
    "Shift JIS": (FORM, "name=佐藤".encode("shift_jis")),
    "UTF-16": (FORM, "name=sato".encode("utf-16")),
    "escapes that are not UTF-8": (FORM, b"name=%ff%fe"),
    "an overlong escape": (FORM, b"name=%c0%80"),
    "NUL": (FORM, b"name=a%00b"),
    "a bare NUL": (FORM, b"name=a\x00b"),
    "a lone surrogate in UTF-8": (FORM, b"name=%ed%a0%80"),
    "a lone surrogate in JSON": ("application/json", b'{"name": "\\ud800"}'),
    "NUL in JSON": ("application/json", b'{"name": "\\u0000"}'),
    "NUL in a name": ("application/json", b'{"na\\u0000me": "x"}'),
    "no JSON": ("application/json", b"{"),
    "a list": ("application/json", b'["name"]'),
    "a number": ("application/json", b'{"name": 1}'),
    "nested": ("application/json", b'{"name": {"a": "b"}}'),
    "very nested": ("application/json", b"[" * 30_000 + b"]" * 30_000),
    "too many fields": (FORM, b"&".join(b"f%d=1" % number for number in range(200))),
    "too long a field": (FORM, b"name=" + b"x" * 5000),
    "a file": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--'),
    "text": ("text/plain", b"name=sato"),
    "no type": ("", b"name=sato"),
    "xml": ("application/xml", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"),
}


@pytest.mark.parametrize("case", BODIES)
@pytest.mark.parametrize("path", ["/login", "/desk/b", "/account/password", "/records"])
def test_what_cannot_be_read_is_a_4xx_and_changes_nothing(
    sqlite_web_office: Office, app: FastAPI, case: str, path: str
) -> None:
    kind, body = BODIES[case]
    opened = signed_in_as(sqlite_web_office, "manager")
    before = stored(sqlite_web_office)
    headers = {"origin": "http://localhost", "x-token": opened.session.csrf, "cookie": f"outreach={opened.id}"}
    if kind:
        headers["content-type"] = kind
    answer = Browser(app).http.post(path, content=body, headers=headers, follow_redirects=False)
    assert 400 <= answer.status_code < 500, answer.text
    assert_guarded(answer.headers)
    assert stored(sqlite_web_office) == before


def ask_raw(app: FastAPI, headers: list[tuple[bytes, bytes]], chunks: list[bytes]) -> tuple[int, int]:
    """Send a body in pieces straight to the application; returns the status and how many pieces were read."""
    waiting = [*chunks]
    read, answers = [0], []

    async def receive() -> dict[str, Any]:
        read[0] += 1
        body = waiting.pop(0) if waiting else b""
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message: dict[str, Any]) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/login",
        "raw_path": b"/login",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), (b"origin", b"http://localhost"), *headers],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }
    with ThreadPoolExecutor(1) as pool:  # where a browser is open, this thread has a loop of its own running
        pool.submit(lambda: asyncio.run(app(scope, receive, send))).result()  # type: ignore[arg-type]
    return answers[0]["status"], read[0]


def endless() -> Iterator[bytes]:
    for _ in range(1000):
        yield b"x" * 1024


def test_a_body_in_pieces_is_cut_off_where_it_grows_too_large(app: FastAPI) -> None:
    status, read = ask_raw(app, [(b"content-type", FORM.encode()), (b"transfer-encoding", b"chunked")], [*endless()])
    assert (status, read) == (413, LARGEST_BODY // 1024 + 1)


def test_a_body_longer_than_it_says_is_cut_off_all_the_same(app: FastAPI) -> None:
    status, read = ask_raw(app, [(b"content-type", FORM.encode()), (b"content-length", b"10")], [*endless()])
    assert (status, read) == (413, LARGEST_BODY // 1024 + 1)


@pytest.mark.parametrize("length", [b"-1", b"ten", b"1e3", b"0x10", b"+5", b"10, 10", "１０".encode(), b""])
def test_a_length_that_is_none_is_refused_unread(app: FastAPI, length: bytes) -> None:
    assert ask_raw(app, [(b"content-length", length)], [b"x"]) == (400, 0)


def test_a_body_announced_too_large_is_refused_unread(app: FastAPI) -> None:
    assert ask_raw(app, [(b"content-length", b"%d" % (LARGEST_BODY + 1))], [b"x"]) == (413, 0)
    assert ask_raw(app, [(b"content-length", b"9" * 4000)], [b"x"]) == (413, 0)
