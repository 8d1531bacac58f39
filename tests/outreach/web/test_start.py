from __future__ import annotations

from outreach.services import accounts
from outreach.services.office import Office
from tests.outreach.web.conftest import PASSWORD, Client, put_account


def test_the_desk_sends_somebody_unknown_to_the_login(visitor: Client) -> None:
    answer = visitor.get("/desk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_a_clerk_signs_in_and_sees_the_desk(visitor: Client, sqlite_web_office: Office) -> None:
    put_account(sqlite_web_office, "sato", "clerk")
    answer = visitor.post("/login", {"name": "SATO", "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert visitor.get("/desk").status_code == 200


def test_a_signed_in_clerk_sees_the_desk(clerk: Client) -> None:
    assert clerk.get("/desk").status_code == 200


def test_a_wrong_password_and_an_unknown_name_have_the_same_answer(visitor: Client, sqlite_web_office: Office) -> None:
    accounts.add(sqlite_web_office, "sato", "clerk", "another good password")
    wrong = visitor.post("/login", {"name": "sato", "password": "no"})
    unknown = visitor.post("/login", {"name": "sata", "password": "no"})
    assert (wrong.status_code, unknown.status_code) == (403, 403)
    assert wrong.text.replace("sato", "") == unknown.text.replace("sata", "")
