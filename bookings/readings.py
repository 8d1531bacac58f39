"""Reads each answer of the script into its value, and notes for every one that cannot be read why not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from typing import TypeVar

from bookings.answers import QUESTIONS, Kind, Question, Words, folded, read_choice
from bookings.counts import read_people
from bookings.errors import BookingsError
from bookings.findings import Finding, Severity
from bookings.names import read_kana
from bookings.phones import Phone, read_phone
from bookings.wareki import read_birth_year
from bookings.wishes import Wishes, read_wishes

PEOPLE_MOST = 500
"""More people than this are a slip of the finger, in a group visit too."""

_DAYS_OF_A_PERIOD = 5
_LONG_TEXTS = frozenset({"note", "wishes", "needs"})
_PRINTED = ("name", "caller_name", "address", "building", "landmark")
_NONE = frozenset({"0", "なし", "無し", "無", "いない", "いません", "no", "none", "ゼロ"})
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
_NEED = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_BETWEEN_NEEDS = re.compile(r"[\s,、;；・]+")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading needs of the city; see :class:`bookings.intake.IntakeContext` for the callables."""

    today: Date
    area_code: str
    words: Words | None
    known_needs: frozenset[str] | None
    text_most: int
    short_text_most: int
    closed_reason: Callable[[Date], str | None]
    unprintable: Callable[[str], str]


@dataclass(slots=True)
class Readings:
    """The answers that could be read, by field, and the findings on all of them.

    A choice of ``unknown`` is in ``choices``; a field that is in none of the mappings was not answered or not readable.
    """

    texts: dict[str, str] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    phones: dict[str, Phone] = field(default_factory=dict)
    kana: str = ""
    birth_year: int | None = None
    needs: tuple[str, ...] = ()
    wishes: Wishes | None = None
    findings: list[Finding] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Whether the field was answered with something that says more than ``unknown``."""
        if name in self.choices:
            return self.choices[name] != "unknown"
        return name in self.texts or name in self.counts or name in self.phones


def read_answers(answers: Mapping[str, str], reader: Reader) -> Readings:
    """Read every answer (none of them blank), in the order of the script.

    Findings, beside the codes of the readers of phones, kana, years, counts and wishes: ``ANSWER_UNKNOWN_FIELD``,
    ``CHOICE_UNKNOWN`` (``choices``), ``TEXT_TOO_LONG`` (``length``, ``most``), ``MAIL_INVALID``, ``NEED_UNKNOWN``
    (``needs``, ``known``) as errors; ``CHARACTERS_UNPRINTABLE`` (``characters``) and ``WISH_CLOSED_DAY`` (``days``) as
    warnings.
    """
    readings = Readings()
    for name in answers.keys() - QUESTIONS.keys():
        readings.findings.append(Finding(name, "ANSWER_UNKNOWN_FIELD", Severity.ERROR))
    for name, question in QUESTIONS.items():
        if name in answers:
            _read(question, answers[name], reader, readings)
    for name in _PRINTED:
        if characters := reader.unprintable(readings.texts.get(name, "")):
            values = {"characters": list(characters)}
            readings.findings.append(Finding(name, "CHARACTERS_UNPRINTABLE", Severity.WARNING, values))
    return readings


def _read(question: Question, text: str, reader: Reader, readings: Readings) -> None:
    """Read one answer by its kind; anything longer than a page of notes is not read at all."""
    name = question.field
    most = reader.text_most if name in _LONG_TEXTS else reader.short_text_most
    if len(text) > most:
        values = {"length": len(text), "most": most}
        readings.findings.append(Finding(name, "TEXT_TOO_LONG", Severity.ERROR, values))
        return
    match question.kind:
        case Kind.CHOICE:
            choice = read_choice(question, text, reader.words)
            if choice is None:
                choices = {"choices": list(question.choices)}
                readings.findings.append(Finding(name, "CHOICE_UNKNOWN", Severity.ERROR, choices))
            else:
                readings.choices[name] = choice
        case Kind.COUNT:
            read = _read_none_or_people if name == "under_15" else _read_people
            if (count := _tried(readings, name, lambda: read(text))) is not None:
                readings.counts[name] = count
        case Kind.PHONE:
            phone = _tried(readings, name, lambda: read_phone(text, area_code=reader.area_code))
            if phone is not None:
                readings.phones[name] = phone
        case Kind.KANA:
            kana = _tried(readings, name, lambda: read_kana(text))
            if kana is not None:
                readings.kana = readings.texts[name] = kana
        case Kind.YEAR:
            year = _tried(readings, name, lambda: read_birth_year(text, today=reader.today))
            if year is not None:
                readings.birth_year = readings.counts[name] = year.year
        case Kind.MAIL:
            mail = unicodedata.normalize("NFKC", text)
            if _MAIL.fullmatch(mail) is None:
                readings.findings.append(Finding(name, "MAIL_INVALID", Severity.ERROR))
            else:
                readings.texts[name] = mail
        case Kind.CODES:
            _read_needs(text, reader, readings)
        case Kind.WISHES:
            _read_wishes(text, reader, readings)
        case Kind.NAME:
            readings.texts[name] = " ".join(text.split())
        case Kind.TEXT | Kind.ADDRESS:
            readings.texts[name] = text


def _tried(readings: Readings, name: str, read: Callable[[], Value]) -> Value | None:
    """The value, or None with the reader's refusal as a finding on this field."""
    try:
        return read()
    except BookingsError as refusal:
        values = {key: value for key, value in refusal.values.items() if key != "field"}
        readings.findings.append(Finding(name, refusal.code, Severity.ERROR, values))
        return None


def _read_people(text: str) -> int:
    return read_people(text, most=PEOPLE_MOST)


def _read_none_or_people(text: str) -> int:
    """A number of children: 0 and なし are answers here."""
    if folded(text).removesuffix("人").removesuffix("名") in _NONE:
        return 0
    return _read_people(text)


def _read_needs(text: str, reader: Reader, readings: Readings) -> None:
    words = (reader.words or {}).get("needs", {})
    wanted = [part for part in _BETWEEN_NEEDS.split(unicodedata.normalize("NFKC", text)) if part]
    needs = list(dict.fromkeys(words.get(folded(part), part.lower()) for part in wanted))
    known = reader.known_needs
    unknown = [need for need in needs if (_NEED.fullmatch(need) is None if known is None else need not in known)]
    if unknown:
        values = {"needs": unknown, "known": sorted(known or ())}
        readings.findings.append(Finding("needs", "NEED_UNKNOWN", Severity.ERROR, values))
    else:
        readings.needs, readings.texts["needs"] = tuple(needs), text


def _read_wishes(text: str, reader: Reader, readings: Readings) -> None:
    wishes = read_wishes(text, today=reader.today)
    readings.texts["wishes"], readings.wishes = text, wishes
    readings.findings += wishes.findings
    days = [wish.day for wish in wishes.days if wish.day >= reader.today]
    closed = [day for day in days if reader.closed_reason(day) is not None]
    # 来週 names seven days and means those on which a van goes out; 28日 means the 28th.
    if closed and (len(days) < _DAYS_OF_A_PERIOD or len(closed) == len(days)):
        values = {"days": [day.isoformat() for day in closed], "reason": reader.closed_reason(closed[0])}
        readings.findings.append(Finding("wishes", "WISH_CLOSED_DAY", Severity.WARNING, values))
