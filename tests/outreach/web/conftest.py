"""The pages over a small city: a client that asks in the same process, and a real server for a real browser."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient

from outreach.services import _passwords, accounts
from outreach.services.office import Office
from outreach.storage.engine import writing
from outreach.web.app import create_app
from outreach.web.guard.cookies import _SESSION
from tests.outreach.city import CREWS, TUESDAY, VANS, WEDNESDAY, put_shift_row, small_city

HOST = "http://localhost"
PASSWORD = "a long enough password"


@dataclass
class Client:
    """A browser without a screen: sends what a page of ours would send, the token and the origin with it."""

    http: TestClient
    token: str = ""

    def get(self, path: str, **more: Any) -> Any:
        return self.http.get(path, follow_redirects=False, **more)

    def post(self, path: str, data: dict[str, str] | None = None, **more: Any) -> Any:
        headers = {"origin": HOST, **more.pop("headers", {})}
        fields = {**({"token": self.token} if self.token else {}), **(data or {})}
        return self.http.post(path, data=fields, headers=headers, follow_redirects=False, **more)

    def as_json(self, path: str, data: dict[str, str] | None = None, **more: Any) -> Any:
        """The same as a script of ours sends it."""
        headers = {"origin": HOST, "accept": "application/json", "x-token": self.token, **more.pop("headers", {})}
        return self.http.post(path, json=data or {}, headers=headers, follow_redirects=False, **more)


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 with the least of everything: what is tested is what becomes of the answer."""
    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(_passwords, "hasher", lambda: cheap)
    _passwords.nobodys.cache_clear()


@pytest.fixture
def web_office(office: Office) -> Office:
    """The small city on both databases, for the pages."""
    weeks_of_shifts(office)
    return office


@pytest.fixture
def sqlite_web_office(sqlite_office: Office) -> Office:
    """The small city on SQLite alone."""
    weeks_of_shifts(sqlite_office)
    return sqlite_office


@pytest.fixture
def app(sqlite_web_office: Office) -> FastAPI:
    """All pages, on SQLite."""
    return create_app(sqlite_web_office)


@pytest.fixture
def visitor(app: FastAPI) -> Iterator[Client]:
    """Somebody who is not signed in."""
    with TestClient(app, base_url=HOST) as http:
        yield Client(http)


@pytest.fixture
def signed_in(app: FastAPI, sqlite_web_office: Office) -> Iterator[Callable[[str], Client]]:
    """Signs somebody in by role; each call is another account and another browser."""
    opened: list[TestClient] = []

    def sign_in(role: str) -> Client:
        name = f"{role}-{len(opened) + 1}"
        put_account(sqlite_web_office, name, role)
        session = accounts.open_session(sqlite_web_office, name)
        opened.append(TestClient(app, base_url=HOST))
        opened[-1].cookies.set(_SESSION, session.id, domain="localhost.local")
        return Client(opened[-1], session.session.csrf)

    yield sign_in
    for http in opened:
        http.close()


@pytest.fixture
def clerk(signed_in: Callable[[str], Client]) -> Client:
    """A clerk who is signed in."""
    return signed_in("clerk")


LAST_SHIFT = Date(2026, 12, 11)


def weeks_of_shifts(office: Office) -> None:
    """The small city with both vans out on every service day of three weeks: the lead time leaves some of them."""
    small_city(office)
    with writing(office.engine) as session:
        for day in office.calendar.service_days(TUESDAY, LAST_SHIFT):
            for van_id in VANS if day not in (TUESDAY, WEDNESDAY) else ():
                put_shift_row(session, day, van_id, CREWS[van_id])


def put_account(office: Office, name: str, role: str) -> None:
    """An account whose password is :data:`PASSWORD`, its own already."""
    accounts.add(office, name, role, "another good password")
    accounts.change_password(office, name, "another good password", PASSWORD)


@dataclass(frozen=True)
class Served:
    """The pages on a real port."""

    address: str
    office: Office


@pytest.fixture
def served(sqlite_web_office: Office) -> Iterator[Served]:
    """The pages of the small city on a real port of this computer."""
    yield from serving(sqlite_web_office)


def serving(office: Office, **options: Any) -> Iterator[Served]:
    """Serve an office's pages from a thread of this process until the test is over."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        create_app(office, **options), log_level="error", access_log=False, lifespan="off", timeout_keep_alive=120
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    for _ in range(500):
        if server.started:
            break
        time.sleep(0.01)
    assert server.started
    yield Served(f"http://127.0.0.1:{listener.getsockname()[1]}", office)
    server.should_exit = True
    thread.join(10)
    listener.close()


def headers_of(served: Served, opened: accounts.Opened) -> dict[str, str]:
    """What a script of ours sends beside its fields, in a session."""
    return {
        "Cookie": f"outreach={opened.id}",
        "X-Token": opened.session.csrf,
        "Origin": served.address,
        "Accept": "application/json",
        "Content-Type": "application/json",
    }
