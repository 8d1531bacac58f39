"""A My Number in every field that any route declares: refused or not read, gone from the page, nowhere kept."""

from __future__ import annotations

import html
from contextlib import ExitStack

import pytest
from fastapi import FastAPI

from bookings.answers import QUESTIONS
from outreach.services import desk
from outreach.services.office import Office
from tests.conftest import Soak
from tests.outreach.city import WEDNESDAY, put_bookings
from tests.outreach.web.conftest import Client
from tests.outreach.web.residents import resident
from tests.outreach.web.stored import routes_of, signed_in_as
from tests.outreach.web.test_routes import filled
from tests.privacy_vectors import ON_ONE_LINE, Vector

ASKS_MORE = {"/desk/b": QUESTIONS, "/desk/b/{reference}/answers": QUESTIONS}
"""Routes that take every answer of the script, and declare some of them."""

NOT_READ_YET = {("/desk/b", "_town"), ("/desk/b", "_reason")}
"""Fields of the desk that are looked at only beside others."""


def fields_of(app: FastAPI) -> list[tuple[str, str]]:
    """Every field of every route that changes something."""
    changing = [route for route in routes_of(app) if "POST" in route.methods]
    return sorted(
        {(route.path, name) for route in changing for name in {*route.fields, *ASKS_MORE.get(route.path, ())}}
    )


@pytest.mark.heavy(take=1)
@pytest.mark.parametrize("sent_as", ["form", "script"])
def test_no_field_of_any_route_keeps_a_my_number(
    app: FastAPI, sqlite_web_office: Office, soak: Soak, caplog: pytest.LogCaptureFixture, sent_as: str
) -> None:
    office = sqlite_web_office
    (reference,) = put_bookings(office, 1)
    desk.hold(office, reference, WEDNESDAY, (34200, 36000), accept=["LEAD_TIME"])
    fields = fields_of(app)
    assert len(fields) > 120
    notations = sorted(ON_ONE_LINE)
    count = soak.count(len(notations))
    wrong = []
    with ExitStack() as stack:
        for path, field in fields:
            for notation in soak.rng.sample(notations, count):
                vector = Vector.drawn(notation, soak.rng)
                visitor = _somebody(stack, app, office, path)
                send = visitor.post if sent_as == "form" else visitor.as_json
                told = send(filled(path, reference), {field: f"これ {vector.written}"})
                assert told.status_code < 500, (path, field, told.text)
                seen = [*vector.traces_in(html.unescape(told.text)), *vector.traces_in(str(told.headers))]
                seen += [*vector.traces_in(caplog.text), *vector.traces_under(office.settings.home)]
                must_refuse = path.startswith(("/desk", "/records")) and (path, field) not in NOT_READ_YET
                if seen or (must_refuse and told.status_code < 400):
                    wrong.append((path, field, told.status_code, bool(seen)))
    assert wrong == []


def _somebody(stack: ExitStack, app: FastAPI, office: Office, path: str) -> Client:
    """Whoever uses such a page: a resident in the middle of the form, or somebody of the city hall."""
    somebody = resident(stack, app)
    if path.startswith(("/book/q", "/book/send", "/book/hold", "/book/confirm")):
        somebody.begin()
    elif path.startswith(("/desk", "/account", "/records", "/logout")):
        opened = signed_in_as(office, "admin")
        somebody.browser.http.cookies.set("outreach", opened.id, domain="localhost.local")
        somebody.browser.token = opened.session.csrf
    return somebody.browser
