"""Who looked at or changed whose record is kept, told to managers, and forgotten in time; foreign ids lead nowhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date as Date
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from sqlmodel import select

from bookings.errors import PrivacyError
from bookings.references import NUMBERS, reference
from outreach.errors import BadInput
from outreach.services import access_log, accounts, tries
from outreach.services.office import Office
from outreach.services.retention import erase_due
from outreach.storage.engine import reading, writing
from outreach.storage.web_tables import OwnLink, PublicForm, RecordAccess
from tests.conftest import Soak
from tests.outreach.city import put_bookings
from tests.outreach.web.conftest import Client
from tests.outreach.web.stored import Browser, later, routes_of, signed_in_as

TODAY = Date(2026, 11, 20)


def kept(office: Office) -> list[tuple[str, str, str, str, str, bool]]:
    with reading(office.engine) as session:
        rows = session.exec(select(RecordAccess).order_by(RecordAccess.id)).all()  # type: ignore[arg-type]
        return [(row.who, row.role, row.reference, row.what, row.page, row.allowed) for row in rows]


# -- as a use case -----------------------------------------------------------------------------------------------------


def test_a_look_is_kept_and_told(office: Office) -> None:
    clerk = office.acting_as("sato", "phone")
    access_log.note(clerk, "B00001", "view", "/desk/b/{reference}", role="clerk")
    access_log.note_all(clerk, ["B00001", "C00002"], "listed", "/desk/waiting", role="clerk")
    assert [(look.reference, look.what) for look in access_log.looked_at(office, who="sato")] == [
        ("C00002", "listed"),
        ("B00001", "listed"),
        ("B00001", "view"),
    ]
    (look,) = access_log.looked_at(office, reference=" b-00001 ", who="sato", first=TODAY, last=TODAY)[1:]
    assert (look.who, look.role, look.page, look.allowed) == ("sato", "clerk", "/desk/b/{reference}", True)


def test_days_bound_what_is_told_both_included(office: Office) -> None:
    for days in (0, 1, 2):
        access_log.note(later(office, days=days), "B00001", "view", "/x")
    tomorrow = TODAY + timedelta(days=1)
    assert len(access_log.looked_at(office, reference="B00001", first=tomorrow)) == 2
    assert len(access_log.looked_at(office, reference="B00001", last=tomorrow)) == 2
    assert len(access_log.looked_at(office, reference="B00001", first=tomorrow, last=tomorrow)) == 1


def test_changes_are_told_from_the_history(sqlite_web_office: Office, clerk: Client) -> None:
    made = clerk.as_json("/desk/b", {"caller": "family", "_key": "k"}).json()["reference"]
    told = access_log.looked_at(sqlite_web_office, reference=made)
    assert {(look.who, look.what, look.change) for look in told} == {("clerk-1", "change", "taken")}


@pytest.mark.parametrize("typed", ["", "x" * 300, "123456789018", "H1047", "A10472", "../../etc", "山田"])
def test_what_is_no_reference_is_not_kept(sqlite_office: Office, typed: str) -> None:
    access_log.note(sqlite_office, typed, "view", "/x", False)
    assert [row[2] for row in kept(sqlite_office)] == ["?"]


@pytest.mark.parametrize(
    ("asked", "code"),
    [({}, "RECORDS_UNASKED"), ({"who": "sato", "first": TODAY, "last": Date(2026, 11, 1)}, "PERIOD_BACKWARDS")],
)
def test_an_empty_question_and_a_backward_period_are_refused(
    sqlite_office: Office, asked: dict[str, object], code: str
) -> None:
    with pytest.raises(BadInput) as refused:
        access_log.looked_at(sqlite_office, **asked)  # type: ignore[arg-type]
    assert refused.value.code == code


@pytest.mark.parametrize("field", ["reference", "who"])
def test_a_my_number_is_not_looked_for(sqlite_office: Office, field: str) -> None:
    with pytest.raises(PrivacyError):
        access_log.looked_at(sqlite_office, **{field: "1234 5678 9018"})  # type: ignore[arg-type]


def test_looks_and_leftovers_go_when_their_time_is_over(office: Office) -> None:
    access_log.note(office, "B00001", "view", "/x")
    accounts.open_session(office)
    tries.take(office, tries.Limit("test", 3, 15), "x")
    put_bookings(office, 1)
    soon = office.now() + timedelta(hours=1)
    with writing(office.engine) as session:
        session.add(PublicForm(id_sha256="a", created_at=office.now(), expires_at=soon))
        session.add(OwnLink(token_sha256="b", booking_id=1, created_at=office.now(), expires_at=soon))
    assert (erase_due(office).looks, erase_due(office).leftovers) == (0, 0)
    two_days, years = later(office, days=2), later(office, days=1096)
    assert (erase_due(two_days, dry_run=True).looks, erase_due(two_days, dry_run=True).leftovers) == (0, 4)
    assert (erase_due(two_days).leftovers, erase_due(two_days).leftovers) == (4, 0)
    assert len(kept(office)) == 1
    assert erase_due(years).looks == 1
    assert kept(office) == []


# -- by the pages ------------------------------------------------------------------------------------------------------


def test_opening_a_booking_is_kept_with_the_name_and_the_page(clerk: Client, sqlite_web_office: Office) -> None:
    (number,) = put_bookings(sqlite_web_office, 1)
    assert clerk.get(f"/desk/b/{number}").status_code == 200
    assert kept(sqlite_web_office) == [("clerk-1", "clerk", number, "view", "/desk/b/{reference}", True)]


def test_a_record_is_not_shown_where_the_look_cannot_be_kept(clerk: Client, sqlite_web_office: Office) -> None:
    (number,) = put_bookings(sqlite_web_office, 1)
    with sqlite_web_office.engine.connect().execution_options(writing=True) as connection:
        connection.execute(text("DROP TABLE record_access"))
        connection.commit()
    answer = clerk.get(f"/desk/b/{number}")
    assert (answer.status_code, "シケン" in answer.text) == (503, False)


def test_a_record_asked_for_in_vain_is_kept_as_refused(
    signed_in: Callable[[str], Client], sqlite_web_office: Office
) -> None:
    (number,) = put_bookings(sqlite_web_office, 1)
    clerk, crew = signed_in("clerk"), signed_in("crew")
    assert clerk.get(f"/desk/b/{reference(99)}").status_code == 404
    assert clerk.get("/desk/b/1234-5678-9018").status_code in (404, 422)
    assert crew.get(f"/desk/b/{number}").status_code == 404
    assert crew.post(f"/desk/b/{number}/cancel", {"why": "x"}).status_code == 404
    page = "/desk/b/{reference}"
    found = kept(sqlite_web_office)
    assert ("clerk-1", "clerk", reference(99), "view", page, False) in found
    assert ("crew-2", "crew", number, "view", page, False) in found
    assert ("crew-2", "crew", number, "change", f"{page}/cancel", False) in found
    assert not any("1234" in row[2] for row in found)


def test_a_manager_reads_who_looked(signed_in: Callable[[str], Client], sqlite_web_office: Office) -> None:
    (number,) = put_bookings(sqlite_web_office, 1)
    clerk, manager = signed_in("clerk"), signed_in("manager")
    clerk.get(f"/desk/b/{number}")
    assert "clerk-1" not in manager.get("/records").text
    for asked in ({"reference": number}, {"who": "CLERK-1"}, {"reference": number, "first": "2026-11-20"}):
        assert "<td>clerk-1</td>" in manager.post("/records", asked).text
    assert "<td>clerk-1</td>" not in manager.post("/records", {"reference": number, "last": "2026-11-19"}).text


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 422),
        ({"reference": "X"}, 422),
        ({"who": "sato", "first": "soon"}, 422),
        ({"who": "1234 5678 9018"}, 422),
        ({"reference": "<script>", "who": "a"}, 422),
    ],
)
def test_a_wrong_question_is_told_beside_the_form(
    signed_in: Callable[[str], Client], asked: dict[str, str], status: int
) -> None:
    answer = signed_in("admin").post("/records", asked)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert not any(secret in answer.text for secret in ("5678", "<script>"))


@pytest.mark.heavy
@pytest.mark.parametrize("role", ["clerk", "crew", "manager", "admin"])
def test_foreign_ids_are_answered_as_if_there_were_none(
    sqlite_web_office: Office, app: FastAPI, role: str, soak: Soak
) -> None:
    """For a crew every booking is foreign at the desk; for the others those that are not there."""
    (there,) = put_bookings(sqlite_web_office, 1)
    opened, browser = signed_in_as(sqlite_web_office, role), Browser(app)
    pages = sorted(route.path for route in routes_of(app) if "{reference}" in route.path and "GET" in route.methods)
    assert pages
    numbers = soak.rng.sample(range(2, NUMBERS), soak.count(500))
    none = {page: told(browser.ask("GET", page.replace("{reference}", reference(1_2345)), opened)) for page in pages}
    for number in numbers:
        for page in pages:
            answer = browser.ask("GET", page.replace("{reference}", reference(number)), opened)
            assert (page, told(answer, reference(number))) == (page, none[page])
    if role == "crew":
        for page in pages:
            answer = browser.ask("GET", page.replace("{reference}", there), opened)
            assert told(answer, there) == none[page]
    assert all(status == 404 for status, _ in none.values())


def told(answer: object, number: str = "") -> tuple[int, str]:
    """The answer without what is new with each: the nonce, and the reference somebody typed."""
    status: int = answer.status_code  # type: ignore[attr-defined]
    body: str = answer.text  # type: ignore[attr-defined]
    return status, body.replace(number or reference(1_2345), "REF")
