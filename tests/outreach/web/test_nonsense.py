"""Nonsense at every route: whatever is sent, the answer is a sentence and a status below 500."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from outreach.services import accounts
from tests.conftest import SEED, SOAKING
from tests.outreach.web.conftest import Client, Served, put_account

EXAMPLES = 400 if SOAKING else 10
"""For each route."""


def described(app: FastAPI) -> Any:
    """The application's own description of its routes, for schemathesis."""
    import schemathesis

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return schemathesis.openapi.from_dict(app.openapi())


@pytest.mark.heavy
def test_no_route_answers_with_a_fault(served: Served, app: FastAPI) -> None:
    put_account(served.office, "manager", "manager")
    session = accounts.open_session(served.office, "manager")
    headers = {"X-Token": session.session.csrf, "Origin": served.address, "Cookie": f"outreach={session.id}"}
    faults: list[tuple[str, str, int]] = []
    for found in described(app).get_all_operations():
        operation = found.ok()
        if operation.path == "/logout":
            continue  # would end the session the others need

        @seed(SEED)
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            answer = case.call(base_url=served.address, headers={**(case.headers or {}), **headers}, timeout=60)
            if answer.status_code >= 500:
                faults.append((case.method, case.path, answer.status_code))

        ask()
    assert faults == []


BODIES = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.dictionaries(st.text(max_size=10), st.text(max_size=30), max_size=5).map(
        lambda fields: "&".join(f"{name}={value}" for name, value in fields.items()).encode("utf-8", "surrogatepass")
    ),
)
KINDS = st.sampled_from(
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""]
)


@pytest.mark.heavy
@settings(
    max_examples=2000 if SOAKING else 100,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(body=BODIES, kind=KINDS, path=st.sampled_from(["/desk/b", "/desk/search", "/desk/towns", "/login", "/book"]))
def test_any_body_of_any_kind_is_taken_or_refused(clerk: Client, body: bytes, kind: str, path: str) -> None:
    answer = clerk.http.post(
        path,
        content=body,
        headers={"content-type": kind, "origin": "http://localhost", "x-token": clerk.token},
        follow_redirects=False,
    )
    assert answer.status_code < 500
