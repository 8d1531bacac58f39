"""A number of people is one number, in whatever writing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.counts import kanji_value, read_people
from bookings.errors import BookingsError


@pytest.mark.parametrize(
    ("text", "people"),
    [
        *(("2", 2), ("２", 2), ("二人", 2), ("2人", 2), ("３名", 3), ("十二人", 12), ("ひとり", 1), ("two people", 2)),
        *(("約3人", 3), ("⑤", 5), (" 4 ", 4), ("1 person", 1), ("40", 40)),
    ],
)
def test_one_number_is_read(text: str, people: int) -> None:
    assert read_people(text) == people


@pytest.mark.parametrize(
    ("text", "code", "values"),
    [
        ("", "PEOPLE_MISSING", {}),
        ("２〜３人", "PEOPLE_RANGE", {}),
        ("2～3", "PEOPLE_RANGE", {}),
        ("2-3", "PEOPLE_RANGE", {}),
        ("二、三人", "PEOPLE_RANGE", {}),
        ("3人くらい", "PEOPLE_RANGE", {}),
        ("2 or 3", "PEOPLE_RANGE", {}),
        ("-1", "PEOPLE_NOT_POSITIVE", {"people": -1}),
        ("－１", "PEOPLE_NOT_POSITIVE", {"people": -1}),
        ("0", "PEOPLE_NOT_POSITIVE", {"people": 0}),
        ("〇人", "PEOPLE_NOT_POSITIVE", {"people": 0}),
        ("40", "PEOPLE_TOO_MANY", {"people": 40, "most": 6}),
        ("abc", "PEOPLE_UNREADABLE", {}),
        ("1.5", "PEOPLE_UNREADABLE", {}),
        ("家族", "PEOPLE_UNREADABLE", {}),
        ("9" * 5000, "PEOPLE_UNREADABLE", {}),
    ],
)
def test_anything_else_is_refused(text: str, code: str, values: dict[str, int]) -> None:
    with pytest.raises(BookingsError) as refused:
        read_people(text, most=6)
    assert (refused.value.code, dict(refused.value.values)) == (code, values)


def test_kanji_numerals_are_read_by_place_and_counted() -> None:
    values = [kanji_value(kanji) for kanji in ("一二", "十二", "千九百三十七", "百", "二十", "十十", "", "一百二")]
    assert values == [12, 12, 1937, 100, 20, None, None, 102]


@given(st.one_of(st.text(), st.text(st.sampled_from("0123456789二十百人名〜-~か、 約"), max_size=15)))
def test_any_text_is_a_number_or_a_refusal(text: str) -> None:
    def outcome() -> str:
        try:
            return "one or more" if read_people(text) >= 1 else "fewer"
        except BookingsError as refused:
            return refused.code

    assert outcome().startswith(("one or more", "PEOPLE_"))


@given(st.integers(1, 999))
def test_a_number_is_read_back(people: int) -> None:
    assert [read_people(f"{people}{unit}") for unit in ("", "人", "名", " people")] == [people] * 4
