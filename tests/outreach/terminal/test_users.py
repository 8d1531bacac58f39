"""``outreach user``, ``outreach booking seen``: no password in an argument, everything told in both languages."""

from __future__ import annotations

import io

import pytest

from outreach.programme.settings import settings_from
from outreach.services import _passwords, access_log, accounts
from outreach.services.office import Office, open_office
from tests.outreach.terminal.conftest import NOW, Console, Promised
from tests.outreach.terminal.words import LEFT_OPEN, assert_refused, foreign_words

PASSWORD = "a long enough password"


class Keyboard(io.StringIO):
    """Somebody who types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(_passwords, "hasher", lambda: cheap)


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command finds the password on its stdin."""
    monkeypatch.setattr("sys.stdin", _Endless())


class _Endless(io.StringIO):
    def readline(self, *_: object) -> str:  # type: ignore[override]
        return f"{PASSWORD}\n"


@pytest.fixture
def sato(console: Console, piped: None) -> Console:
    assert console("user", "add", "Sato", "--role", "clerk", "--display", "佐藤", "--password-stdin").status == 0
    return console


def office_of(console: Console) -> Office:
    return open_office(settings_from({"OUTREACH_HOME": str(console.home), "OUTREACH_NOW": NOW}))


def test_an_account_is_added_and_listed_in_both_languages(sato: Console) -> None:
    listed = sato("user", "list", lang="ja")
    assert (listed.status, LEFT_OPEN.search(listed.out)) == (0, None)
    assert foreign_words(listed.out, allowed=("sato",)) == []
    assert "佐藤" in listed.out
    (account,) = sato("user", "list", "--json").json
    assert (account["name"], account["role"], account["must_change"], account["disabled_at"]) == (
        *("sato", "clerk", True, None),
    )
    assert "password" not in account
    accounts.sign_in(office_of(sato), "sato", PASSWORD)


def test_everything_done_to_an_account_is_told_in_both_languages(sato: Console) -> None:
    for lang in ("ja", "en"):
        for command in (
            ["role", "sato", "manager"],
            ["disable", "sato"],
            ["enable", "sato"],
            ["password", "sato", "--password-stdin"],
            ["sign-out", "sato"],
        ):
            said = sato("user", *command, lang=lang)
            assert (said.status, LEFT_OPEN.search(said.out)) == (0, None), said
            assert lang == "en" or foreign_words(said.out, allowed=("sato",)) == []


def test_a_password_is_typed_twice_and_not_shown(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Keyboard())
    typed = iter([PASSWORD, PASSWORD, PASSWORD, "another one than that"])
    asked = []

    def prompt(text: str, **options: object) -> str:
        asked.append((text, options["hide_input"]))
        return next(typed)

    monkeypatch.setattr("typer.prompt", prompt)
    assert console("user", "add", "sato", "--role", "clerk").status == 0
    assert asked == [("Password", True), ("Password again", True)]
    typed = iter([PASSWORD, "another one than that"] * 2)
    assert_refused(console, ["user", "password", "sato"], "PASSWORDS_DIFFER", 2)


def test_no_command_takes_a_password_as_an_argument(console: Console) -> None:
    for verb in ("add", "password"):
        page = console("user", verb, "--help").out
        assert "--password " not in page
        assert "--password-stdin" in page


def test_what_cannot_be_done_is_told(console: Console, piped: None) -> None:
    roles = ("clerk", "crew", "manager", "admin", "user", "list", "password-stdin")
    for command, code in (
        (["add", "a b", "--role", "clerk", "--password-stdin"], "ACCOUNT_NAME_UNUSABLE"),
        (["add", "sato", "--role", "king", "--password-stdin"], "ROLE_UNKNOWN"),
        (["add", "sato", "--role", "clerk"], "PASSWORD_UNASKED"),
        (["disable", "nobody"], "ACCOUNT_UNKNOWN"),
        (["password", "nobody", "--password-stdin"], "ACCOUNT_UNKNOWN"),
        (["sign-out", "nobody"], "ACCOUNT_UNKNOWN"),
    ):
        assert_refused(console, ["user", *command], code, 2, allowed=roles)


@pytest.mark.parametrize("number", ["123456789018", "１２３４－５６７８－９０１８"])
def test_a_my_number_is_no_password(console: Console, monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    before = console.stored()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{number}\n"))
    said = console("user", "add", "sato", "--role", "clerk", "--password-stdin")
    assert (said.status, said.code, number in said.err) == (2, "MY_NUMBER", False)
    assert console.stored() == before


def test_an_account_is_added_once(sato: Console) -> None:
    said = sato("user", "add", "sato", "--role", "admin", "--password-stdin")
    assert (said.status, said.code) == (1, "ACCOUNT_EXISTS")


def test_signing_out_ends_the_sessions(sato: Console) -> None:
    office = office_of(sato)
    opened = accounts.sign_in(office, "sato", PASSWORD)
    assert sato("user", "sign-out", "sato", "--json").json == {"name": "sato", "ended": 1}
    assert accounts.session_of(office, opened.id) is None


def test_who_saw_a_booking_is_told(promised: Promised) -> None:
    console, reference = promised.console, promised.reference
    office = office_of(console).acting_as("sato", "phone")
    access_log.note(office, reference, "view", "/desk/b/{reference}", role="clerk")
    said = console("booking", "seen", reference, "--json")
    assert said.status == 0
    assert [(look["who"], look["what"]) for look in said.json if look["what"] == "view"] == [("sato", "view")]
    assert {look["change"] for look in said.json if look["what"] == "change"} >= {"taken"}
    assert console("booking", "seen", reference, "--to", "2026-11-01", "--json").json == []
    for lang in ("ja", "en"):
        shown = console("booking", "seen", reference, lang=lang)
        assert (shown.status, LEFT_OPEN.search(shown.out.replace("{reference}", ""))) == (0, None)
        pages = ("sato", "terminal", "desk", "clerk", "reference", "phone")
        assert lang == "en" or foreign_words(shown.out, allowed=pages) == []


def test_a_booking_nobody_has_was_seen_by_nobody(console: Console) -> None:
    assert_refused(console, ["booking", "seen", "B00001"], "BOOKING_UNKNOWN", 2)
