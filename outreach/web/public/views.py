"""Puts questions, answers and windows into the words of a page; knows nothing of how they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bookings.findings import Finding
from outreach.errors import finding_sentence
from outreach.services.public_form import NONE_OF_THESE, Asked, Field, Page, Shape
from outreach.services.public_windows import WindowsToChoose, say_why_not
from outreach.services.slots import Slot
from outreach.words import Words

_COUNTED = frozenset({"people", "under_15"})


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """One choice: what is sent, what is read, whether it is ticked."""

    value: str
    word: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field with its words and what stands in it."""

    name: str
    shape: str
    label: str
    hint: str
    value: str
    choices: tuple[ChoiceView, ...]
    needed: bool
    most: int
    autocomplete: str
    inputmode: str
    error: str


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One page: its question, its fields, and where it stands among the others."""

    name: str
    title: str
    hint: str
    fields: tuple[FieldView, ...]
    step: int
    steps: int

    @property
    def wrong(self) -> tuple[FieldView, ...]:
        """Fields with an error."""
        return tuple(field for field in self.fields if field.error)

    @property
    def alone(self) -> bool:
        """Whether the page's one question is its one field."""
        return len(self.fields) == 1


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One line of the page to check: the question, the answer, the page that changes it."""

    label: str
    answer: str
    page: str
    error: str


@dataclass(frozen=True, slots=True)
class WindowView:
    """One window to choose."""

    value: str
    day: str
    time: str
    wished: bool
    is_mine: bool
    """Whether it is the one the booking has now."""


@dataclass(frozen=True, slots=True)
class DayView:
    """The windows of one day, to be opened where there are many days."""

    day: str
    windows: tuple[WindowView, ...]


def question_view(
    asked: Asked,
    page: Page,
    words: Words,
    *,
    problems: Iterable[Finding] = (),
    given_back: Mapping[str, str] | None = None,
) -> QuestionView:
    """A page with what was typed; a text that was not stored stands in it only where it was given back."""
    errors: dict[str, str] = {}
    for finding in problems:
        errors.setdefault(finding.field, problem_text(finding, words))
    answers = {**asked.form.answers, **(given_back or {})}
    names = [each.name for each in asked.pages]
    hint = _or_nothing(words, f"public.hint.{page.name}")
    fields = [_field_view(field, answers.get(field.name, ""), errors, words) for field in page.fields]
    if len(fields) == 1 and fields[0].choices:
        fields, hint = [replace(fields[0], hint=hint)], ""  # read with the question, before the choices
    return QuestionView(
        name=page.name,
        title=words.say(f"public.q.{page.name}"),
        hint=hint,
        fields=tuple(fields),
        step=names.index(page.name) + 1,
        steps=len(names),
    )


def _field_view(field: Field, value: str, errors: Mapping[str, str], words: Words) -> FieldView:
    ticked = value.split("\n") if field.shape is Shape.MANY else [value]
    return FieldView(
        name=field.name,
        shape=field.shape.value,
        label=words.say(f"public.f.{field.name}"),
        hint=_or_nothing(words, f"public.fhint.{field.name}"),
        value=value,
        choices=tuple(
            ChoiceView(choice, choice_word(field.name, choice, words), choice in ticked) for choice in field.choices
        ),
        needed=field.needed,
        most=field.most,
        autocomplete=field.autocomplete,
        inputmode=field.inputmode,
        error=errors.get(field.name, ""),
    )


def choice_word(field: str, choice: str, words: Words) -> str:
    """What a choice is called on the form."""
    if field in _COUNTED:
        return words.say("public.people_count", people=int(choice))
    if field == "town" and choice != NONE_OF_THESE:
        return choice
    return words.say(f"public.c.{field}.{choice}")


def problem_text(finding: Finding, words: Words) -> str:
    """What is wrong, for the person who typed it; most sentences of intake are for clerks and residents alike."""
    key = f"public.wrong.{finding.code}"
    if words.has(key):
        return words.say(key, **finding.values)
    return finding_sentence(finding, words)


def answers_view(asked: Asked, words: Words) -> tuple[AnswerView, ...]:
    """Everything that was answered, to be looked over."""
    shown = []
    for page in asked.pages:
        errors = {finding.field: problem_text(finding, words) for finding in asked.problems.get(page.name, ())}
        for field in page.fields:
            text = asked.form.answers.get(field.name, "")
            error = errors.get(field.name, "")
            if not text and not error and len(page.fields) > 1 and field is not page.fields[0]:
                continue  # a second phone nobody has needs no line
            if field.choices and text:
                chosen = [choice for choice in field.choices if choice in text.split("\n")]
                text = words.listing([choice_word(field.name, choice, words) for choice in chosen])
            shown.append(AnswerView(words.say(f"public.f.{field.name}"), text, page.name, error))
    return tuple(shown)


def windows_view(found: WindowsToChoose, words: Words, *, mine: Slot | None = None) -> tuple[WindowView, ...]:
    """The windows to choose from, theirs of now marked; which were wished for is said where others are among them."""
    mixed = len({offer.wished for offer in found.offers}) > 1
    return tuple(
        WindowView(
            window_value(Slot(offer.day, offer.opens_s, offer.closes_s)),
            words.date(offer.day),
            window_words(offer.opens_s, offer.closes_s, words),
            mixed and offer.wished,
            Slot(offer.day, offer.opens_s, offer.closes_s) == mine,
        )
        for offer in found.offers
    )


def by_day(windows: Sequence[WindowView]) -> tuple[DayView, ...]:
    """The same windows day by day, in the order of their first."""
    days: dict[str, list[WindowView]] = {}
    for window in windows:
        days.setdefault(window.day, []).append(window)
    return tuple(DayView(day, tuple(of_day)) for day, of_day in days.items())


def window_value(slot: Slot) -> str:
    """A window as a form sends it."""
    return f"{slot.day.isoformat()} {slot.opens_s} {slot.closes_s}"


def window_words(opens_s: int, closes_s: int, words: Words) -> str:
    """From when to when, as a resident reads it."""
    return words.say("public.window", opens_s=opens_s, closes_s=closes_s)


def why_not_view(found: WindowsToChoose, words: Words) -> Sequence[str]:
    """Why the wished days are not among them."""
    return list(dict.fromkeys(say_why_not(entry, words) for entry in found.why_not))


def _or_nothing(words: Words, key: str) -> str:
    return words.say(key) if words.has(key) else ""
