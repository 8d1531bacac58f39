"""The pages of the public form: which questions, in which order, and which of them are asked of whom.

A fitting sub-set of the phone script (:mod:`bookings.answers`). What the script has as one text (the wishes) is asked
here in parts that need no writing; :func:`script_answers` puts them together as the script has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bookings.answers import QUESTIONS, YES_NO_UNKNOWN
from outreach.programme.rules import Rules

NONE_OF_THESE = "none"
"""The town is none of those that were offered: the call centre asks."""

WRITING, TALKING = "writing", "phone"
"""How somebody can be reached."""

HALVES = ("any", "morning", "afternoon")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SPOKEN_WEEKDAYS = dict(zip(WEEKDAYS, "月火水木金土日", strict=True))
_SPOKEN_HALVES = {"morning": "午前", "afternoon": "午後"}

SHORT, LONG = 120, 600
"""How much may be typed into a line and into a box; intake takes as much."""


class Shape(StrEnum):
    """What a field looks like."""

    ONE = "one"
    MANY = "many"
    LINE = "line"
    BOX = "box"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a page.

    ``needed``: the page cannot be left forwards without it. ``autocomplete`` and ``inputmode`` are HTML's.
    """

    name: str
    shape: Shape = Shape.LINE
    choices: tuple[str, ...] = ()
    needed: bool = False
    autocomplete: str = "off"
    inputmode: str = "text"

    @property
    def most(self) -> int:
        """Characters that fit."""
        return LONG if self.shape is Shape.BOX else SHORT


@dataclass(frozen=True, slots=True)
class Page:
    """One question, or a tight group of them."""

    name: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """One of its fields."""
        return next((field for field in self.fields if field.name == name), None)


def _one(name: str, choices: Sequence[str] = (), *, needed: bool = True) -> Page:
    return Page(name, (Field(name, Shape.ONE, tuple(choices) or QUESTIONS[name].choices, needed),))


_CALLER = _one("caller")
_CALLER_NAME = Page("caller_name", (Field("caller_name", needed=True, autocomplete="name"),))
_VISIT_TYPE = _one(
    "visit_type", ("new_card", "card_renewal", "certificate_renewal", "pin_reset", "insurance_help", "unknown")
)
_RESIDENT = _one("resident")
_MOVING = _one("moving_soon")
_PARENT = _one("parent_present")
_NAME = Page("name", (Field("name", needed=True), Field("kana")))
_BIRTH_YEAR = Page("birth_year", (Field("birth_year"),))
_ADDRESS = Page("address", (Field("address", needed=True), Field("building")))
_LANDMARK = Page("landmark", (Field("landmark"),))
_PARKING = _one("parking")
_ACCESS = _one("access")
_REACH = _one("reach", (TALKING, WRITING))
_PHONE = Page(
    "phone",
    (
        Field("phone", needed=True, autocomplete="tel", inputmode="tel"),
        Field("second_phone", autocomplete="off", inputmode="tel"),
    ),
)
_WRITING = Page("writing", (Field("fax", inputmode="tel"), Field("mail", autocomplete="email", inputmode="email")))
_PAPERS = _one("papers")
_APPLICATION_FORM = _one("application_form", YES_NO_UNKNOWN)
_WISHES = Page(
    "wishes",
    (
        Field("wish_half", Shape.ONE, HALVES),
        Field("wish_never", Shape.MANY, WEEKDAYS),
        Field("wish_text", Shape.BOX),
    ),
)
_NOTE = Page("note", (Field("note", Shape.BOX),))


def pages_for(
    answers: Mapping[str, str], rules: Rules, *, towns: Sequence[str] | None, landmark_needed: bool = False
) -> tuple[Page, ...]:
    """The pages somebody with these answers is asked, in order.

    Args:
        towns: candidates to choose the town from, ``None`` where the town is clear.
        landmark_needed: without one nobody would find the house.
    """
    said = answers.get
    people = _count(said("people", ""))
    pages = [_CALLER]
    if said("caller") not in (None, "", "self"):
        pages.append(_CALLER_NAME)
    pages += [_VISIT_TYPE, _RESIDENT, _MOVING, _people(rules)]
    if people > 1:
        pages.append(_one("under_15", [str(number) for number in range(people + 1)]))
        if _count(said("under_15", "")) > 0:
            pages.append(_PARENT)
    pages += [_NAME, _BIRTH_YEAR, _ADDRESS]
    if towns is not None:
        pages.append(_one("town", (*towns, NONE_OF_THESE)))
    pages.append(replace(_LANDMARK, fields=(replace(_LANDMARK.fields[0], needed=landmark_needed),)))
    pages += [_PARKING, _ACCESS, _REACH, _WRITING if said("reach") == WRITING else _PHONE, _PAPERS]
    if said("visit_type") in (None, "", "new_card", "unknown"):
        pages.append(_APPLICATION_FORM)
    return (*pages, _WISHES, _NOTE)


def _people(rules: Rules) -> Page:
    return _one("people", [str(number) for number in range(1, rules.people.home_most + 1)])


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0


def script_answers(answers: Mapping[str, str], pages: Sequence[Page], *, language: str) -> dict[str, str]:
    """The answers as the phone script has them: of the pages that are asked and no others; the wishes as one text."""
    fields = {field.name for page in pages for field in page.fields}
    found = {name: answers[name] for name in QUESTIONS if name in fields and answers.get(name, "").strip()}
    wishes = spoken_wishes(answers)
    if wishes:
        found["wishes"] = wishes
    return {**found, "channel": "web", "language": language}


def spoken_wishes(answers: Mapping[str, str]) -> str:
    """The wishes as somebody would say them on the phone, so that the same reader understands them."""
    never = [_SPOKEN_WEEKDAYS[day] for day in answers.get("wish_never", "").split("\n") if day in _SPOKEN_WEEKDAYS]
    said = [
        _SPOKEN_HALVES.get(answers.get("wish_half", ""), ""),
        f"{'、'.join(f'{day}曜日' for day in never)}はだめ" if never else "",
        answers.get("wish_text", "").strip(),
    ]
    return "。".join(part for part in said if part)
