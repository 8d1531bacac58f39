"""Reads how many people a visit is for: 2, ２, 二人, 2人, two."""

from __future__ import annotations

import re
import unicodedata

from bookings.errors import BookingsError

_KANJI = {"〇": 0, "零": 0, **{kanji: value for value, kanji in enumerate("一二三四五六七八九", start=1)}}
_WORDS = {
    "ひとり": 1,
    "一人": 1,
    "ふたり": 2,
    "本人のみ": 1,
    "本人だけ": 1,
    "夫婦": 2,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
}
_UNIT = r"(?:人|名|名様|人様|people|persons?)"
_NUMBER = r"[+\-]?(?:[0-9]+|[〇零一二三四五六七八九十百]+)"
_ONE = re.compile(rf"({_NUMBER}){_UNIT}?")
_RANGE = re.compile(
    rf"{_NUMBER}{_UNIT}?(?:~|-|から|ないし|または|か|or|to|、|,|・|/)+{_NUMBER}{_UNIT}?|{_NUMBER}{_UNIT}?(?:以上|以下|くらい|ぐらい|程度|前後|\+)"
)
_LONGEST = 12
_DASHES = re.compile(r"[\u2010-\u2015\u2212ー〜]")


def read_people(text: str, *, most: int | None = None) -> int:
    """Read a number of people, one or more.

    Raises:
        BookingsError: ``PEOPLE_MISSING``; ``PEOPLE_RANGE`` for 2〜3人 or 4人くらい; ``PEOPLE_NOT_POSITIVE``
            (``people``); ``PEOPLE_TOO_MANY`` (``people``, ``most``) when ``most`` is given; ``PEOPLE_UNREADABLE`` else.
    """
    plain = unicodedata.normalize("NFKC", text).lower()
    plain = _DASHES.sub(lambda dash: "~" if dash[0] == "〜" else "-", "".join(plain.split()))
    plain = plain.removeprefix("約")
    if not plain:
        raise BookingsError("PEOPLE_MISSING", "no number of people")
    word = plain.removesuffix("people").removesuffix("persons").removesuffix("person")
    if plain in _WORDS or word in _WORDS:
        return _within(_WORDS[plain] if plain in _WORDS else _WORDS[word], most)
    if len(plain) <= 4 * _LONGEST and _RANGE.fullmatch(plain):
        raise BookingsError("PEOPLE_RANGE", "a range, not a number of people")
    number = _ONE.fullmatch(plain) if len(plain) <= _LONGEST else None
    value = _value(number[1]) if number else None
    if value is None:
        raise BookingsError("PEOPLE_UNREADABLE", "not a number of people")
    return _within(value, most)


def _within(people: int, most: int | None) -> int:
    if people < 1:
        raise BookingsError("PEOPLE_NOT_POSITIVE", f"{people} people", people=people)
    if most is not None and people > most:
        raise BookingsError("PEOPLE_TOO_MANY", f"{people} people, at most {most}", people=people, most=most)
    return people


def _value(number: str) -> int | None:
    sign, digits = (-1, number[1:]) if number.startswith("-") else (1, number.removeprefix("+"))
    if digits.isdecimal():
        return sign * int(digits)
    value = kanji_value(digits)
    return None if value is None else sign * value


def kanji_value(kanji: str) -> int | None:
    """The value of kanji numerals up to 9999, by place (一二) or counted (十二, 千九百); None when they make none."""
    if not kanji:
        return None
    if all(char in _KANJI for char in kanji):
        return int("".join(str(_KANJI[char]) for char in kanji[:_LONGEST]))
    counted = re.fullmatch(
        r"(?:([一二三四五六七八九]?)千)?(?:([一二三四五六七八九]?)百)?(?:([一二三四五六七八九]?)十)?([一二三四五六七八九]?)",
        kanji,
    )
    if counted is None:
        return None
    value = 0
    for unit, digit in zip((1000, 100, 10), counted.groups(), strict=False):
        if digit is not None:
            value += unit * (_KANJI[digit] if digit else 1)
    return value + (_KANJI[counted[4]] if counted[4] else 0)
