"""What is stored, table by table, to compare before and after a request; and a browser that knows its session's id."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import select
from starlette.testclient import TestClient

import outreach.storage.tables
import outreach.storage.web_tables  # noqa: F401  (fill the metadata)
from bookings.models import metadata
from outreach.services import accounts
from outreach.services.accounts import Opened
from outreach.services.office import Office
from outreach.web.fields import FORM

LEFT_BY_LOOKING: Mapping[str, frozenset[str]] = {
    "record_access": frozenset({"*"}),
    "web_session": frozenset({"seen_at", "looking_at", "looked_at"}),
    "travel_time": frozenset({"*"}),  # driving times may be worked out for whoever asks
}
"""What looking at a page may write: who looked, that somebody is still there, where."""


def stored(office: Office) -> dict[str, str]:
    """A hash of every table without what looking leaves."""
    found = {}
    with office.engine.connect() as connection:
        for name, table in sorted(metadata.tables.items()):
            without = LEFT_BY_LOOKING.get(name, frozenset())
            if "*" in without:
                continue
            columns = [column for column in table.columns if column.name not in without]
            rows = sorted(repr(tuple(row)) for row in connection.execute(select(*columns)))
            found[name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def later(office: Office, **time: float) -> Office:
    """The office so much later (``minutes=31``)."""
    return replace(office, settings=replace(office.settings, now=office.now() + timedelta(**time)))


@dataclass(frozen=True)
class Route:
    """A declared route: its path, its methods, what answers."""

    path: str
    methods: frozenset[str]
    endpoint: Any
    fields: frozenset[str] = frozenset()
    """Of its form, as declared."""


def routes_of(app: Any) -> Iterator[Route]:
    """Every route of an application, included routers opened up."""
    for route in app.routes:
        if isinstance(route, APIRoute):
            body = (route.openapi_extra or {}).get("requestBody", {}).get("content", {}).get(FORM, {})
            fields = frozenset(body.get("schema", {}).get("properties", ()))
            yield Route(route.path, frozenset(route.methods or ()), route.endpoint, fields)
        elif hasattr(route, "original_router"):
            yield from routes_of(route.original_router)
        else:
            raise AssertionError(f"a route of another kind: {route!r}")


class Browser:
    """Sends what it is told, with the session it is given and nothing it remembers."""

    def __init__(self, app: FastAPI, base: str = "http://localhost") -> None:
        self.http = TestClient(app, base_url=base)

    def ask(
        self,
        method: str,
        path: str,
        opened: Opened | None = None,
        fields: Mapping[str, str] | None = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        own_origin: bool = True,
    ) -> Any:
        """One request; by default with the session's token and our origin, as a page of ours would send it."""
        self.http.cookies.clear()
        sent = dict(headers or {})
        if opened is not None:
            sent["cookie"] = f"outreach={opened.id}"
        if own_origin:
            sent.setdefault("origin", "http://localhost")
        data = dict(fields or {})
        given = (opened.session.csrf if opened is not None else "") if token is None else token
        if given:
            data["token"] = given
        body = {} if method in ("GET", "HEAD", "DELETE", "OPTIONS") else {"data": data}
        answer = self.http.request(method, path, headers=sent, follow_redirects=False, **body)
        self.http.cookies.clear()
        return answer


def signed_in_as(office: Office, role: str) -> Opened:
    """A new session of an account with that role; the account is made when it is first asked for."""
    name = f"the-{role}"
    if not any(account.name == name for account in accounts.listed(office)):
        accounts.add(office, name, role, "another good password", must_change=False)
    return accounts.open_session(office, name)
