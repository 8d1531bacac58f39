"""A resident at home: fills in the public form page by page, as its pages ask."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import date as Date
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import delete
from starlette.testclient import TestClient

from outreach.services import _public_drafts, accounts, public_form
from outreach.services.office import Office
from outreach.storage.engine import writing
from outreach.storage.tables import ShiftCrew, ShiftRow
from tests.outreach.city import CREWS, NEAR, VANS, SmallTown, put_shift_row
from tests.outreach.web.conftest import HOST, Client, Served

NEXT_TUESDAY, NEXT_WEDNESDAY = Date(2026, 12, 1), Date(2026, 12, 2)
"""Days that the lead of the web allows; it is Friday the 20th of November."""

GOOD: Mapping[str, str] = {
    "caller": "self",
    "caller_name": "磯貝 実",
    "visit_type": "new_card",
    "resident": "yes",
    "moving_soon": "no",
    "people": "2",
    "under_15": "0",
    "parent_present": "yes",
    "name": "磯貝 ハル",
    "kana": "いそがい はる",
    "birth_year": "昭和8年",
    "address": NEAR.address,
    "building": "",
    "landmark": "公民館のとなり",
    "parking": "yes",
    "access": "yes",
    "reach": "phone",
    "phone": "0991-23-0118",
    "second_phone": "",
    "fax": "0991-23-0119",
    "mail": "",
    "papers": "two_without",
    "application_form": "yes",
    "wish_half": "any",
    "wish_never": "",
    "wish_text": "",
    "note": "",
}
"""Answers with which nothing is wrong, one for every field the form may ask."""

_FIELD = re.compile(r'name="(?P<name>[a-z_0-9]+)"')
_TOKEN = re.compile(r'name="token" value="([^"]+)"')
_HIDDEN = {"token", "to", "go", "key"}


def put_days(office: Office, *days: Date, vans: tuple[str, ...] = VANS) -> None:
    """The vans go out on these days (two that residents can choose at home) and on no other."""
    with writing(office.engine) as session:
        for table in (ShiftCrew, ShiftRow):
            session.connection().execute(delete(table))
        for day in days or (NEXT_TUESDAY, NEXT_WEDNESDAY):
            for van_id in vans:
                put_shift_row(session, day, van_id, CREWS[van_id])


class Resident:
    """Somebody with a browser; ``answers`` are what they would type."""

    def __init__(self, http: Any, answers: Mapping[str, str] | None = None, *, origin: str = HOST) -> None:
        self.browser = Client(http)
        self.origin = origin
        self.answers = {**GOOD, **(answers or {})}
        self.visited: list[str] = []

    def get(self, path: str) -> Any:
        """A page; its token is kept for the next change."""
        return self._seen(self.browser.get(path))

    def post(self, path: str, data: Mapping[str, str] | None = None) -> Any:
        return self._seen(self.browser.post(path, dict(data or {}), headers={"origin": self.origin}))

    def _seen(self, answer: Any) -> Any:
        found = _TOKEN.search(answer.text)
        if found:
            self.browser.token = html.unescape(found[1])
        return answer

    def follow(self, answer: Any) -> Any:
        """The page a redirect leads to."""
        assert answer.status_code == 303, (answer.status_code, answer.text[-1500:])
        return self.get(answer.headers["location"])

    def begin(self) -> Any:
        """Past the start, to the first question."""
        return self.follow(self.post("/book", {"consent": "yes"}))

    def walk(self, page: Any | None = None, *, until: str = "check") -> Any:
        """Answer every question that comes, up to one page (not answered), or to the answers to check."""
        page = page or self.begin()
        for _ in range(40):
            path = page.url.path
            if path == "/book/check" or path == f"/book/q/{until}":
                return page
            self.visited.append(path.rpartition("/")[2])
            page = self.follow(self.post(path, self.typed(page)))
        raise AssertionError("the form has no end")

    def typed(self, page: Any) -> dict[str, str]:
        """What this resident types into the fields of a page."""
        asked = {found["name"] for found in _FIELD.finditer(page.text)} - _HIDDEN - {"viewport"}
        return {name: self.answers[name] for name in asked if self.answers[name]} | {"go": "next"}

    def send(self) -> Any:
        """Walk the form and send it; the page that follows."""
        self.walk()
        return self.follow(self.post("/book/send"))


def values_of(page: Any, name: str) -> list[str]:
    """The values a page offers for one field."""
    return [html.unescape(value) for value in re.findall(rf'name="{name}"[^>]*? value="([^"]*)"', page.text)]


def resident(stack: ExitStack, app: FastAPI, **answers: str) -> Resident:
    """Another browser at another home."""
    return Resident(stack.enter_context(TestClient(app, base_url=HOST)), answers)


def neighbour(number: int, town: SmallTown = NEAR) -> dict[str, str]:
    """Another household with another phone."""
    return {"address": f"{town.name}{number}番地", "phone": f"0991-24-{number:04d}", "name": f"隣 {number}"}


def at_home(stack: ExitStack, served: Served, number: int) -> Resident:
    """Somebody with a browser of their own whose form is sent: the race is what is tested, not the typing."""
    http = stack.enter_context(httpx.Client(base_url=served.address, timeout=120))
    somebody = Resident(http, origin=served.address)
    somebody.post("/book", {"consent": "yes"})
    session = accounts.session_of(served.office, http.cookies["outreach"])
    assert session is not None
    answers = {name: text for name, text in {**GOOD, **neighbour(number)}.items() if text}
    form = _public_drafts.change(served.office, session.key, lambda _, now: replace(now, answers=answers))
    pages = frozenset(page.name for page in public_form.ask(served.office, form, language="ja").pages)
    _public_drafts.change(served.office, session.key, lambda _, now: replace(now, seen=pages))
    somebody.get("/book/check")
    assert somebody.post("/book/send").headers["location"] == "/book/windows"
    return somebody
