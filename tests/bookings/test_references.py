"""A reference is read back over the phone: one wrong digit must not find another resident."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.references import LETTERS, ReferenceRefused, read_reference, reference

numbers = st.integers(0, 99_999)


@pytest.mark.parametrize(("number", "expected"), [(10472, "H10472"), (20391, "P20391"), (0, "A00000"), (22, "Z00022")])
def test_the_letter_is_the_number_mod_23(number: int, expected: str) -> None:
    assert reference(number) == expected


def test_the_letters_leave_out_what_is_taken_for_digits() -> None:
    assert len(LETTERS) == 23
    assert sorted(set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") - set(LETTERS)) == ["I", "O", "Q"]


@pytest.mark.parametrize("number", [-1, 100_000])
def test_a_number_without_five_digits_has_no_reference(number: int) -> None:
    with pytest.raises(ValueError, match="five digits"):
        reference(number)


@given(numbers)
def test_every_reference_reads_back_as_itself(number: int) -> None:
    assert read_reference(reference(number)) == reference(number)


@pytest.mark.parametrize("text", ["h10472", " Ｈ１０４７２ ", "H-10472", "h 104 72", "Ｈー１０４７２", "H・10472"])
def test_a_reference_is_read_as_people_write_it(text: str) -> None:
    assert read_reference(text) == "H10472"


@given(numbers, st.integers(0, 4), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(number: int, place: int, shift: int) -> None:
    written = list(reference(number))
    written[place + 1] = str((int(written[place + 1]) + shift) % 10)
    with pytest.raises(ReferenceRefused) as refused:
        read_reference("".join(written))
    assert refused.value.code == "REFERENCE_CHECK"


@given(numbers, st.integers(0, 4), st.integers(0, 4))
def test_two_swapped_digits_are_noticed(number: int, one: int, other: int) -> None:
    written = list(reference(number))
    written[one + 1], written[other + 1] = written[other + 1], written[one + 1]
    if written == list(reference(number)):
        assert read_reference("".join(written)) == reference(number)
        return
    with pytest.raises(ReferenceRefused) as refused:
        read_reference("".join(written))
    assert refused.value.code == "REFERENCE_CHECK"


@pytest.mark.parametrize("text", ["", "10472", "H1047", "H104723", "HH0472", "HA0472", "H1O472"])
def test_another_shape_is_no_reference(text: str) -> None:
    with pytest.raises(ReferenceRefused) as refused:
        read_reference(text)
    assert refused.value.code == "REFERENCE_SHAPE"


def test_a_long_text_is_not_repeated() -> None:
    with pytest.raises(ReferenceRefused) as refused:
        read_reference("1234 5678 9018")
    assert dict(refused.value.values) == {"reference": ""}
