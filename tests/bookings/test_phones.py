"""Phones are read as they are spoken, and refused with a code and a count of digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.errors import BookingsError
from bookings.phones import Phone, read_phone


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("23-2111", "+81986232111"),
        ("０９８６－２３－２１１１", "+81986232111"),
        ("(0986)23-2111", "+81986232111"),
        ("0986ー23ー2111", "+81986232111"),
        ("+81 986 23 2111", "+81986232111"),
        ("+81 (0)986-23-2111", "+81986232111"),
        ("TEL:0986.23.2111", "+81986232111"),
        ("090 1234 5678", "+819012345678"),
        ("携帯０９０１２３４５６７８", "+819012345678"),
        ("0120-123-456", "+81120123456"),
        ("+1 650 253 0000", "+16502530000"),
        ("0986-23-2111 内線12", "+81986232111"),
    ],
)
def test_every_notation_gives_the_same_number(text: str, e164: str) -> None:
    assert read_phone(text).e164 == e164


def test_a_local_number_takes_the_area_code_of_its_city() -> None:
    assert read_phone("72-1111", area_code="0761").e164 == "+81761721111"


def test_spoken_is_what_was_typed_in_plain_width() -> None:
    assert read_phone("　２３－２１１１ ").spoken == "23-2111"


def test_national_is_how_it_is_dialled() -> None:
    phones = [read_phone(text).national for text in ("23-2111", "09012345678", "+1 650 253 0000")]
    assert phones == ["0986-23-2111", "090-1234-5678", "+1 650-253-0000"]


def test_an_extension_is_kept_as_spoken() -> None:
    phone = read_phone("0986-23-2111（内線１２）")
    assert (phone.e164, phone.extension, read_phone("23-2111").extension) == ("+81986232111", "12", "")


@pytest.mark.parametrize(
    ("text", "code", "values"),
    [
        ("", "PHONE_MISSING", {}),
        (" 　", "PHONE_MISSING", {}),
        ("0986-23-21a1", "PHONE_LETTERS", {}),
        ("なし", "PHONE_LETTERS", {}),
        ("098623211", "PHONE_TOO_SHORT", {"digits": 9}),
        ("986232111", "PHONE_TOO_SHORT", {"digits": 9}),
        ("０９０１２３４５６", "PHONE_TOO_SHORT", {"digits": 9}),
        ("0901234567", "PHONE_TOO_SHORT", {"digits": 10}),
        ("2111", "PHONE_TOO_SHORT", {"digits": 4}),
        ("090123456789", "PHONE_TOO_LONG", {"digits": 12}),
        ("0986-23-2111 090-1234-5678", "PHONE_TOO_LONG", {"digits": 21}),
        ("9012345678", "PHONE_ZERO_MISSING", {"digits": 10}),
        ("0000000000", "PHONE_INVALID", {"digits": 10}),
        ("-", "PHONE_TOO_SHORT", {"digits": 0}),
    ],
)
def test_what_cannot_be_dialled_is_refused(text: str, code: str, values: dict[str, int]) -> None:
    with pytest.raises(BookingsError) as refused:
        read_phone(text)
    assert (refused.value.code, dict(refused.value.values)) == (code, values)


def test_a_refusal_never_repeats_the_number() -> None:
    with pytest.raises(BookingsError) as refused:
        read_phone("090-1234-567")
    assert "1234" not in f"{refused.value} {refused.value.values}"


def test_a_phone_that_is_no_e164_cannot_exist() -> None:
    with pytest.raises(BookingsError):
        Phone("0986-23-2111", "0986-23-2111")


@given(st.one_of(st.text(), st.text(st.sampled_from("0123456789+-() ０－内線x#."), max_size=20)))
def test_any_text_is_a_phone_or_a_refusal(text: str) -> None:
    def outcome() -> str:
        try:
            phone = read_phone(text)
        except BookingsError as refused:
            return refused.code
        return "stays" if read_phone(phone.e164).e164 == phone.e164 else "changes when read again"

    assert outcome().startswith(("stays", "PHONE_"))


@given(st.integers(10_000_000, 99_999_999))
def test_what_is_printed_can_be_read_again(rest: int) -> None:
    phone = read_phone(f"090{rest}")
    assert read_phone(phone.national).e164 == phone.e164
