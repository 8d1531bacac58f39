"""The answers of the phone script as data: the one table behind options, template columns, forms and intake."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

SAY_FIRST = ("answer.say_first",)
"""Catalog keys of what a clerk says before the first question: please do not tell us the 12-digit number."""

YES_NO_UNKNOWN = ("yes", "no", "unknown")


class Kind(StrEnum):
    """How an answer is read."""

    TEXT = "text"
    CHOICE = "choice"
    COUNT = "count"
    YEAR = "year"
    NAME = "name"
    KANA = "kana"
    ADDRESS = "address"
    PHONE = "phone"
    MAIL = "mail"
    CODES = "codes"
    WISHES = "wishes"


@dataclass(frozen=True, slots=True)
class Question:
    """One answer of the script.

    ``needed``: a booking without it stays a draft. ``asked``: the script asks it of everybody, so that it is shown as
    open while it is unanswered; the others are there for those who have something to say. ``choices`` are codes, their
    words stand in the catalogs as ``<field>.<choice>``; ``unknown`` among them means asked and not known, and stays
    open. The column header and the option's help are ``answer.<field>``.
    """

    field: str
    order: int
    kind: Kind
    choices: tuple[str, ...] = ()
    needed: bool = False
    asked: bool = True

    def __post_init__(self) -> None:
        if (self.kind is Kind.CHOICE) != bool(self.choices):
            raise ValueError(f"{self.field}: choices belong to a choice, and only there")

    @property
    def word_key(self) -> str:
        """Catalog key of the column header."""
        return f"answer.{self.field}"

    def choice_key(self, choice: str) -> str:
        """Catalog key of a choice's word."""
        return f"{self.field}.{choice}"


_CALLERS = ("self", "family", "helper", "hall_head", "other")
_VISIT_TYPES = (
    "new_card",
    "card_renewal",
    "certificate_renewal",
    "pin_reset",
    "insurance_help",
    "smartphone_help",
    "group",
    "unknown",
)
_HEARD_FROM = ("newsletter", "hall", "family", "neighbour", "web", "tv", "other", "unknown")

_NEEDED, _ASKED, _OFFERED = (True, True), (False, True), (False, False)

_ROWS: tuple[tuple[str, Kind, tuple[bool, bool], tuple[str, ...]], ...] = (
    ("caller", Kind.CHOICE, _ASKED, _CALLERS),
    ("caller_name", Kind.NAME, _OFFERED, ()),
    ("visit_type", Kind.CHOICE, _ASKED, _VISIT_TYPES),
    ("resident", Kind.CHOICE, _ASKED, YES_NO_UNKNOWN),
    ("moving_soon", Kind.CHOICE, _ASKED, YES_NO_UNKNOWN),
    ("people", Kind.COUNT, _NEEDED, ()),
    ("under_15", Kind.COUNT, _ASKED, ()),
    ("parent_present", Kind.CHOICE, _OFFERED, YES_NO_UNKNOWN),
    ("guardianship", Kind.CHOICE, _OFFERED, YES_NO_UNKNOWN),
    ("name", Kind.NAME, _NEEDED, ()),
    ("kana", Kind.KANA, _ASKED, ()),
    ("birth_year", Kind.YEAR, _ASKED, ()),
    ("address", Kind.ADDRESS, _NEEDED, ()),
    ("building", Kind.TEXT, _OFFERED, ()),
    ("landmark", Kind.TEXT, _OFFERED, ()),
    ("parking", Kind.CHOICE, _ASKED, YES_NO_UNKNOWN),
    ("phone", Kind.PHONE, _NEEDED, ()),
    ("second_phone", Kind.PHONE, _OFFERED, ()),
    ("fax", Kind.PHONE, _OFFERED, ()),
    ("mail", Kind.MAIL, _OFFERED, ()),
    ("access", Kind.CHOICE, _ASKED, ("yes", "chair", "wheelchair", "no")),
    ("needs", Kind.CODES, _OFFERED, ()),
    ("papers", Kind.CHOICE, _ASKED, ("one_with_photo", "two_without", "none", "unknown")),
    ("application_form", Kind.CHOICE, _ASKED, YES_NO_UNKNOWN),
    ("language", Kind.CHOICE, _OFFERED, ("ja", "en", "zh", "ko", "vi", "tl", "sign", "other")),
    ("wishes", Kind.WISHES, _ASKED, ()),
    ("note", Kind.TEXT, _OFFERED, ()),
    ("channel", Kind.CHOICE, _OFFERED, ("phone", "web", "counter", "paper", "hall")),
    ("heard_from", Kind.CHOICE, _ASKED, _HEARD_FROM),
)

SCRIPT: tuple[Question, ...] = tuple(
    Question(field, order, kind, choices, needed=needed, asked=asked)
    for order, (field, kind, (needed, asked), choices) in enumerate(_ROWS, start=1)
)
"""Every question, in the order of the script. Fields may be answered in any order."""

QUESTIONS: Mapping[str, Question] = {question.field: question for question in SCRIPT}
"""The same by field."""

PHONE_STAND_INS = ("fax", "mail")
"""Ways to reach a resident who cannot be phoned: one of them stands in for the needed ``phone``."""

Words = Mapping[str, Mapping[str, str]]
"""Field -> folded word -> choice, so that a form may hold 「車いす」 or ``wheelchair``."""


def folded(word: str) -> str:
    """Return ``word`` as choices are compared: NFKC, lower case, without spaces, hyphens as underscores."""
    return "".join(unicodedata.normalize("NFKC", word).split()).lower().replace("-", "_")


_YES_NO_WORDS = {
    "はい": "yes",
    "有": "yes",
    "有り": "yes",
    "あり": "yes",
    "ある": "yes",
    "y": "yes",
    "true": "yes",
    "○": "yes",
    "〇": "yes",
    "いいえ": "no",
    "無": "no",
    "無し": "no",
    "なし": "no",
    "ない": "no",
    "n": "no",
    "false": "no",
    "×": "no",
    "✕": "no",
    "不明": "unknown",
    "わからない": "unknown",
    "?": "unknown",
}


def choice_words(*languages: Callable[[str], str]) -> Words:
    """Return the words of every choice in the given languages (each a ``Words.say``), for :func:`read_choice`.

    A word that would mean two choices of one field is left out: the code can always be written.
    """
    words: dict[str, dict[str, str]] = {}
    for question in SCRIPT:
        meanings: dict[str, set[str]] = {}
        for say in languages:
            for choice in question.choices:
                meanings.setdefault(folded(say(question.choice_key(choice))), set()).add(choice)
        words[question.field] = {word: choices.pop() for word, choices in meanings.items() if len(choices) == 1}
    return words


def read_choice(question: Question, text: str, words: Words | None = None) -> str | None:
    """Return the choice that ``text`` means by its code, by a word of ``words``, or by a plain yes or no; else None."""
    wanted = folded(text)
    if wanted in question.choices:
        return wanted
    chosen = (words or {}).get(question.field, {}).get(wanted)
    if chosen is None and set(YES_NO_UNKNOWN) <= set(question.choices):
        chosen = _YES_NO_WORDS.get(wanted)
    return chosen
