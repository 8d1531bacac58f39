"""Dates and years of birth are read in any notation, and those that never were are refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.errors import BookingsError
from bookings.wareki import AgeBand, BirthYear, Era, age_band, read_birth_year, read_date

ERA_DAYS = {
    Era.MEIJI: (date(1868, 1, 25), date(1912, 7, 29)),
    Era.TAISHO: (date(1912, 7, 30), date(1926, 12, 24)),
    Era.SHOWA: (date(1926, 12, 25), date(1989, 1, 7)),
    Era.HEISEI: (date(1989, 1, 8), date(2019, 4, 30)),
    Era.REIWA: (date(2019, 5, 1), date(2100, 12, 31)),
}
NAMES = {Era.MEIJI: "明治", Era.TAISHO: "大正", Era.SHOWA: "昭和", Era.HEISEI: "平成", Era.REIWA: "令和"}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "昭和12年3月4日",
            "S12.3.4",
            "s12/3/4",
            "昭12.3.4",
            "昭和十二年三月四日",
            "Ｓ１２．３．４",
            "㍼12年3月4日",
            "昭和 12年 3月 4日",
        ),
        *(
            "1937-03-04",
            "1937/3/4",
            "1937年3月4日",
            "19370304",
            "March 4, 1937",
            "4 Mar 1937",
            "昭和12年3月4日（木）",
            "S12ー3ー4",
        ),
    ],
)
def test_one_day_in_every_notation(text: str) -> None:
    assert read_date(text) == date(1937, 3, 4)


def test_the_first_year_may_be_called_gannen() -> None:
    assert [read_date(text) for text in ("令和元年5月1日", "令和1年5月1日", "R元.5.1")] == [date(2019, 5, 1)] * 3


def test_reiwa_3_is_2021() -> None:
    assert read_date("令和3年8月2日") == read_date("R3.8.2") == read_date("2021-08-02") == date(2021, 8, 2)


@pytest.mark.parametrize(
    ("text", "code", "values"),
    [
        ("昭和64年1月8日", "ERA_ENDED", {"era": "S", "year": 64, "month": 1, "day": 8, "last": "1989-01-07"}),
        ("平成31年5月1日", "ERA_ENDED", {"era": "H", "year": 31, "month": 5, "day": 1, "last": "2019-04-30"}),
        ("平成1年1月7日", "ERA_NOT_BEGUN", {"era": "H", "year": 1, "month": 1, "day": 7, "first": "1989-01-08"}),
        ("2026年2月30日", "DATE_IMPOSSIBLE", {"year": 2026, "month": 2, "day": 30}),
        ("平成元年2月29日", "DATE_IMPOSSIBLE", {"year": 1, "month": 2, "day": 29}),
        ("0000-01-01", "DATE_IMPOSSIBLE", {"year": 0, "month": 1, "day": 1}),
        ("12.3.4", "ERA_MISSING", {"year": 12}),
        ("", "DATE_MISSING", {}),
        ("いつか", "DATE_UNREADABLE", {}),
        ("昭和の終わり", "DATE_UNREADABLE", {}),
        ("1" * 1000, "DATE_UNREADABLE", {}),
    ],
)
def test_a_date_that_never_was_is_refused(text: str, code: str, values: dict[str, object]) -> None:
    with pytest.raises(BookingsError) as refused:
        read_date(text)
    assert (refused.value.code, dict(refused.value.values)) == (code, values)


def test_every_era_begins_and_ends_on_its_day() -> None:
    for era, (first, last) in ERA_DAYS.items():
        for day in (first, last):
            year = day.year - first.year + 1
            assert read_date(f"{NAMES[era]}{year}年{day.month}月{day.day}日") == day
    for era, (first, last) in ERA_DAYS.items():
        before, after = first - timedelta(days=1), last + timedelta(days=1)
        with pytest.raises(BookingsError, match="began later"):
            read_date(f"{NAMES[era]}1年{before.month}月{before.day}日")
        if era is not Era.REIWA:
            with pytest.raises(BookingsError, match="ended earlier"):
                read_date(f"{NAMES[era]}{after.year - first.year + 1}年{after.month}月{after.day}日")


@given(st.data())
def test_every_day_of_every_era_is_read_back(data: st.DataObject) -> None:
    era = data.draw(st.sampled_from(list(Era)))
    first, last = ERA_DAYS[era]
    day = data.draw(st.dates(first, last))
    year = day.year - first.year + 1
    notations = [
        f"{NAMES[era]}{year}年{day.month}月{day.day}日",
        f"{era.value}{year}.{day.month}.{day.day}",
        day.isoformat(),
    ]
    assert [read_date(text) for text in notations] == [day] * 3
    assert read_birth_year(notations[0]) == BirthYear(day.year, era)


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("S12", BirthYear(1937, Era.SHOWA)),
        ("s12", BirthYear(1937, Era.SHOWA)),
        ("昭12", BirthYear(1937, Era.SHOWA)),
        ("昭和十二年", BirthYear(1937, Era.SHOWA)),
        ("昭和12年3月", BirthYear(1937, Era.SHOWA)),
        ("S12.3.4", BirthYear(1937, Era.SHOWA)),
        ("大正15年", BirthYear(1926, Era.TAISHO)),
        ("令和元年", BirthYear(2019, Era.REIWA)),
        ("昭和64年", BirthYear(1989, Era.SHOWA)),
        ("1937", BirthYear(1937)),
        ("１９３７年生まれ", BirthYear(1937)),
        ("1937-03-04", BirthYear(1937)),
    ],
)
def test_a_year_of_birth_is_read(text: str, born: BirthYear) -> None:
    assert read_birth_year(text) == born


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(
            ("昭和65年", "ERA_ENDED"),
            ("37", "ERA_MISSING"),
            ("2027", "BIRTH_YEAR_IN_FUTURE"),
            ("令和9年", "BIRTH_YEAR_IN_FUTURE"),
        ),
        *(
            ("1895", "BIRTH_YEAR_TOO_OLD"),
            ("", "DATE_MISSING"),
            ("80歳", "BIRTH_YEAR_UNREADABLE"),
            ("昭和0年", "BIRTH_YEAR_UNREADABLE"),
        ),
    ],
)
def test_a_year_nobody_was_born_in_is_refused(text: str, code: str) -> None:
    with pytest.raises(BookingsError) as refused:
        read_birth_year(text, today=date(2026, 11, 21))
    assert refused.value.code == code


def test_age_bands_meet_without_gap() -> None:
    on = date(2026, 11, 21)
    bands = [age_band(2026 - age, on) for age in (0, 14, 15, 64, 65, 74, 75, 84, 85, 110)]
    assert bands == [band for band in AgeBand for _ in range(2)]
    assert age_band(BirthYear(1937, Era.SHOWA), on) is AgeBand.FROM_85
    with pytest.raises(ValueError, match="born 1 years after"):
        age_band(2027, on)


@given(st.one_of(st.text(), st.text(st.sampled_from("昭和平成令元年月日0123456789十二./-SHR ０"), max_size=16)))
def test_any_text_is_a_date_or_a_refusal(text: str) -> None:
    def outcome(read: Callable[[str], object]) -> str:
        try:
            return type(read(text)).__name__
        except BookingsError as refused:
            return refused.code

    assert re.fullmatch("date|(DATE|ERA)_[A-Z]+", outcome(read_date).replace("_NOT_", "_"))
    assert re.fullmatch("BirthYear|(DATE|ERA|BIRTH_YEAR)_[A-Z]+", outcome(read_birth_year).replace("_NOT_", "_"))
