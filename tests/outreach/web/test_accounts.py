"""Accounts and sessions as use cases, on both databases."""

from __future__ import annotations

import pytest
from pwdlib import PasswordHash
from sqlmodel import select

from bookings.errors import PrivacyError
from outreach.errors import BadInput, NotFound, OutreachError, PermissionDenied, Refused
from outreach.services import _passwords, accounts
from outreach.services.accounts import Role
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.web_tables import Account, WebSession
from tests.outreach.web.stored import later

FIRST, SECOND = "another good password", "a long enough password"


def account(office: Office, name: str = "sato", role: str = "clerk") -> str:
    return accounts.add(office, name, role, FIRST, must_change=False).name


def lasts(office: Office, opened: accounts.Opened) -> bool:
    return accounts.session_of(office, opened.id) is not None


def test_an_account_is_known_by_its_name_whatever_its_case_and_width(office: Office) -> None:
    made = accounts.add(office, " ＳＡＴＯ.1 ", "Clerk", FIRST, display_name="佐藤")
    assert (made.name, made.role, made.display_name, made.must_change) == ("sato.1", Role.CLERK, "佐藤", True)
    assert accounts.sign_in(office, "Sato.1", FIRST).session.account == made
    assert [one.name for one in accounts.listed(office)] == ["sato.1"]


@pytest.mark.parametrize(
    ("name", "role", "password", "code"),
    [
        ("", "clerk", FIRST, "ACCOUNT_NAME_UNUSABLE"),
        ("sato hanako", "clerk", FIRST, "ACCOUNT_NAME_UNUSABLE"),
        ("x" * 41, "clerk", FIRST, "ACCOUNT_NAME_UNUSABLE"),
        ("sato", "king", FIRST, "ROLE_UNKNOWN"),
        ("sato", "clerk", "short", "PASSWORD_TOO_SHORT"),
        ("sato-sato-sato", "clerk", "SATO-sato-sato", "PASSWORD_TOO_SHORT"),
        ("sato", "clerk", "x" * 201, "PASSWORD_TOO_LONG"),
        ("sato", "clerk", "with a \ud800 surrogate", "PASSWORD_TOO_SHORT"),
    ],
)
def test_what_makes_no_account_is_refused(
    sqlite_office: Office, name: str, role: str, password: str, code: str
) -> None:
    with pytest.raises(BadInput) as refused:
        accounts.add(sqlite_office, name, role, password)
    assert refused.value.code == code
    assert accounts.listed(sqlite_office) == ()


def test_a_my_number_is_no_name_and_no_password(sqlite_office: Office) -> None:
    for name, display, password in (
        ("123456789018", "", FIRST),
        ("sato", "１２３４ ５６７８ ９０１８", FIRST),
        ("sato", "", "123456789018"),
    ):
        with pytest.raises(PrivacyError):
            accounts.add(sqlite_office, name, "clerk", password, display_name=display)
    assert accounts.listed(sqlite_office) == ()


def test_a_name_is_given_once(office: Office) -> None:
    account(office)
    accounts.disable(office, "sato")
    with pytest.raises(Refused) as refused:
        accounts.add(office, "SATO", "admin", SECOND)
    assert refused.value.code == "ACCOUNT_EXISTS"


def test_an_unknown_name_a_wrong_password_and_a_disabled_account_are_told_alike(office: Office) -> None:
    account(office)
    account(office, "gone")
    accounts.disable(office, "gone")
    told = []
    for name, password in (("sato", "wrong"), ("nobody", FIRST), ("gone", FIRST), ("", FIRST), ("a b", "\ud800")):
        with pytest.raises(PermissionDenied) as refused:
            accounts.sign_in(office, name, password)
        told.append((refused.value.code, dict(refused.value.values)))
    assert told == [("LOGIN_WRONG", {})] * 5


def test_a_session_is_kept_as_a_hash_and_is_new_at_every_login(office: Office) -> None:
    account(office)
    before = accounts.open_session(office)
    first = accounts.sign_in(office, "sato", FIRST, before=before.id)
    second = accounts.sign_in(office, "sato", FIRST)
    assert len({before.id, first.id, second.id}) == 3
    assert not lasts(office, before)
    with reading(office.engine) as session:
        kept = {row.id_sha256 for row in session.exec(select(WebSession)).all()}
        proof = session.exec(select(Account)).one().password_hash
    assert kept.isdisjoint({first.id, second.id})
    assert proof.startswith("$argon2id$")
    assert FIRST not in proof


def test_a_session_ends_half_an_hour_after_the_last_page(office: Office) -> None:
    account(office)
    opened = accounts.sign_in(office, "sato", FIRST)
    assert lasts(later(office, minutes=29), opened)  # a page: the half hour begins again
    assert lasts(later(office, minutes=58), opened)
    assert not lasts(later(office, minutes=88), opened)


def test_a_session_ends_after_twelve_hours_however_busy(office: Office) -> None:
    account(office)
    opened = accounts.sign_in(office, "sato", FIRST)
    for minutes in range(20, 12 * 60, 20):
        assert lasts(later(office, minutes=minutes), opened)
    assert not lasts(later(office, hours=12), opened)


def test_sessions_end_at_once_when_the_account_is_disabled_and_stay_ended(office: Office) -> None:
    account(office)
    opened = accounts.sign_in(office, "sato", FIRST)
    accounts.disable(office, "sato")
    assert not lasts(office, opened)
    accounts.enable(office, "sato")
    assert not lasts(office, opened)
    assert lasts(office, accounts.sign_in(office, "sato", FIRST))


def test_a_changed_password_ends_the_other_sessions(office: Office) -> None:
    account(office)
    here, there = (accounts.sign_in(office, "sato", FIRST) for _ in range(2))
    accounts.change_password(office, "sato", FIRST, SECOND, keep=here.session.key)
    assert (lasts(office, here), lasts(office, there)) == (True, False)
    with pytest.raises(PermissionDenied):
        accounts.sign_in(office, "sato", FIRST)
    accounts.sign_in(office, "sato", SECOND)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("wrong", SECOND, "PASSWORD_WRONG"), (FIRST, FIRST, "PASSWORD_SAME"), (FIRST, "short", "PASSWORD_TOO_SHORT")],
)
def test_a_password_is_changed_by_who_knows_it_to_a_good_one(
    sqlite_office: Office, old: str, new: str, code: str
) -> None:
    account(sqlite_office)
    opened = accounts.sign_in(sqlite_office, "sato", FIRST)
    with pytest.raises(OutreachError) as refused:
        accounts.change_password(sqlite_office, "sato", old, new)
    assert refused.value.code == code
    assert lasts(sqlite_office, opened)


def test_a_password_set_by_somebody_else_ends_all_sessions_and_is_changed_at_the_next_login(office: Office) -> None:
    account(office)
    opened = accounts.sign_in(office, "sato", FIRST)
    assert accounts.set_password(office, "sato", SECOND).must_change
    assert not lasts(office, opened)


def test_a_new_role_ends_all_sessions(office: Office) -> None:
    account(office)
    opened = accounts.sign_in(office, "sato", FIRST)
    assert accounts.set_role(office, "sato", "manager").role is Role.MANAGER
    assert not lasts(office, opened)


def test_ending_sessions_says_how_many_there_were(office: Office) -> None:
    account(office)
    account(office, "ito")
    accounts.sign_in(office, "ito", FIRST)
    here, *_ = [accounts.sign_in(office, "sato", FIRST) for _ in range(3)]
    assert len(accounts.own_sessions(office, "sato")) == 3
    assert accounts.end_sessions(office, "sato", but=here.session.key) == 2
    assert [one.key for one in accounts.own_sessions(office, "sato")] == [here.session.key]
    assert accounts.end_sessions(later(office, minutes=31), "sato") == 0  # it had ended by itself
    assert len(accounts.own_sessions(office, "ito")) == 1


def test_signing_out_ends_one_session(office: Office) -> None:
    account(office)
    here, there = (accounts.sign_in(office, "sato", FIRST) for _ in range(2))
    accounts.end_session(office, here.session.key)
    assert (lasts(office, here), lasts(office, there)) == (False, True)


@pytest.mark.parametrize("identity", ["", "x", "x" * 101, "\ud800", "é" * 43])
def test_what_is_no_session_is_none(sqlite_office: Office, identity: str) -> None:
    assert accounts.session_of(sqlite_office, identity) is None


def test_long_ended_sessions_are_forgotten(office: Office) -> None:
    account(office)
    accounts.sign_in(office, "sato", FIRST)
    accounts.sign_in(later(office, hours=37), "sato", FIRST)
    with reading(office.engine) as session:
        assert len(session.exec(select(WebSession)).all()) == 1


@pytest.mark.parametrize("ask", ["disable", "enable", "end_sessions", "own_sessions"])
def test_an_account_nobody_has_is_told(sqlite_office: Office, ask: str) -> None:
    with pytest.raises(NotFound) as refused:
        getattr(accounts, ask)(sqlite_office, "nobody")
    assert refused.value.code == "ACCOUNT_UNKNOWN"
    with pytest.raises(NotFound):
        accounts.set_password(sqlite_office, "nobody", FIRST)
    with pytest.raises(NotFound):
        accounts.set_role(sqlite_office, "nobody", "clerk")


def test_tests_hash_cheaply_and_the_product_as_recommended() -> None:
    assert "m=8,t=1,p=1" in _passwords.hasher().hash("cheap")
    real = PasswordHash.recommended().current_hasher._hasher  # type: ignore[attr-defined]
    assert (real.memory_cost, real.time_cost) >= (47104, 1)  # OWASP: 46 MiB once, or 19 MiB twice
