"""Reads when a resident can be visited, from a sentence as it was said, and keeps the sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bookings.findings import Finding, Severity
from bookings.wish_dates import BOTH
from bookings.wish_reading import Reading
from bookings.wish_words import Kind, Word, plain_wish, words_of

_SHOWN_CHARACTERS = 60
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class DayWish:
    """One named day, and the halves of it that are meant (``morning``, ``afternoon``)."""

    day: date
    half_days: frozenset[str] = BOTH


@dataclass(frozen=True, slots=True)
class WeekdayWish:
    """One weekday (0 = Monday), and the halves of it that are meant."""

    weekday: int
    half_days: frozenset[str] = BOTH


@dataclass(frozen=True, slots=True)
class Wishes:
    """What was said (``text``) and what was understood.

    ``days`` and ``weekdays`` are wished, ``excluded_*`` never work; a day's own halves go before its weekday's.
    ``half_day`` holds for every day. ``earliest`` and ``latest`` are both included. ``unread`` are the parts of the
    text that nobody understood; ``findings`` say what to ask.
    """

    text: str = ""
    days: tuple[DayWish, ...] = ()
    weekdays: tuple[WeekdayWish, ...] = ()
    excluded_days: tuple[DayWish, ...] = ()
    excluded_weekdays: tuple[WeekdayWish, ...] = ()
    half_day: frozenset[str] = BOTH
    earliest: date | None = None
    latest: date | None = None
    unread: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    @property
    def explicit(self) -> bool:
        """Whether days, weekdays or limits were named; if not, any day will do."""
        named = self.days or self.weekdays or self.excluded_days or self.excluded_weekdays
        return bool(named) or self.earliest is not None or self.latest is not None

    def allows(self, day: date) -> bool:
        """Whether ``day`` is among the days wished."""
        return bool(self.half_days(day))

    def may(self, day: date) -> bool:
        """Whether nothing speaks against ``day``: it is not excluded and within the limits, wished or not."""
        return bool(self.open_halves(day))

    def open_halves(self, day: date) -> frozenset[str]:
        """The halves of ``day`` that nothing speaks against, wished or not."""
        return self.half_day - self._excluded(day) if self._within(day) else frozenset()

    def half_days(self, day: date) -> frozenset[str]:
        """The halves of ``day`` that are wished; empty when the day is not."""
        if not self._within(day):
            return frozenset()
        wished = self.half_day
        if self.days or self.weekdays:
            of_day = [wish.half_days for wish in self.days if wish.day == day]
            of_weekday = [wish.half_days for wish in self.weekdays if wish.weekday == day.weekday()]
            wished &= frozenset().union(*(of_day or of_weekday))
        return wished - self._excluded(day)

    def to_plain(self) -> dict[str, Any]:
        """Everything but text and findings in plain types, for a JSON column."""
        return {
            "days": [[wish.day.isoformat(), sorted(wish.half_days)] for wish in self.days],
            "weekdays": [[wish.weekday, sorted(wish.half_days)] for wish in self.weekdays],
            "excluded_days": [[wish.day.isoformat(), sorted(wish.half_days)] for wish in self.excluded_days],
            "excluded_weekdays": [[wish.weekday, sorted(wish.half_days)] for wish in self.excluded_weekdays],
            "half_day": sorted(self.half_day),
            "earliest": self.earliest.isoformat() if self.earliest else None,
            "latest": self.latest.isoformat() if self.latest else None,
            "unread": list(self.unread),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], text: str = "") -> Wishes:
        """The wishes that :meth:`to_plain` gave; an empty mapping is no wish at all."""

        def day_wishes(key: str) -> tuple[DayWish, ...]:
            return tuple(DayWish(date.fromisoformat(day), frozenset(halves)) for day, halves in plain.get(key, ()))

        def weekday_wishes(key: str) -> tuple[WeekdayWish, ...]:
            return tuple(WeekdayWish(weekday, frozenset(halves)) for weekday, halves in plain.get(key, ()))

        earliest, latest = plain.get("earliest"), plain.get("latest")
        return cls(
            text,
            day_wishes("days"),
            weekday_wishes("weekdays"),
            day_wishes("excluded_days"),
            weekday_wishes("excluded_weekdays"),
            frozenset(plain.get("half_day", BOTH)),
            date.fromisoformat(earliest) if earliest else None,
            date.fromisoformat(latest) if latest else None,
            tuple(plain.get("unread", ())),
        )

    def _within(self, day: date) -> bool:
        return (self.earliest is None or day >= self.earliest) and (self.latest is None or day <= self.latest)

    def _excluded(self, day: date) -> frozenset[str]:
        if not self.excluded_days and not self.excluded_weekdays:
            return frozenset()
        of_day = [wish.half_days for wish in self.excluded_days if wish.day == day]
        of_weekday = [wish.half_days for wish in self.excluded_weekdays if wish.weekday == day.weekday()]
        return frozenset().union(*of_day, *of_weekday)


def read_wishes(text: str, *, today: date) -> Wishes:
    """Read a wish in Japanese or English; never fails, and says what it could not read.

    来週 and "next" mean the calendar week after today's (Monday first). A date without a year is the nearest to come,
    or one of the last 90 days. Of a text longer than 2,000 characters the rest is unread.

    Findings: ``WISH_IN_PAST`` (error, ``day``), ``WISH_WEEKDAY_MISMATCH`` (confirm,
    ``day``), ``WISH_DATE_IMPOSSIBLE`` (error, ``text``), ``WISH_NO_DAY_LEFT`` (confirm), ``WISH_TIME_OF_DAY`` (warning,
    ``text``: read as morning or afternoon only), ``WISH_UNREAD`` (warning, ``text``).
    """
    plain = plain_wish(text[:_LONGEST])
    words = list(words_of(plain, today))
    reading = Reading(words)
    for at in range(len(words)):
        reading.take(at)
    reading.end_sentence()
    unread = _unread(plain, words, reading.understood)
    if text[_LONGEST:].strip():
        unread += (text[_LONGEST:].strip(),)
    days, weekdays = reading.named(excluded=False)
    excluded_days, excluded_weekdays = reading.named(excluded=True)
    wishes = Wishes(
        text,
        tuple(DayWish(*named) for named in days.items()),
        tuple(WeekdayWish(*named) for named in weekdays.items()),
        tuple(DayWish(*named) for named in excluded_days.items()),
        tuple(WeekdayWish(*named) for named in excluded_weekdays.items()),
        reading.halves_for_all(),
        reading.earliest,
        reading.latest,
        unread,
    )
    return replace(wishes, findings=_findings(words, reading, wishes, today))


def _unread(plain: str, words: list[Word], understood: Iterable[int]) -> tuple[str, ...]:
    """The stretches of text between understood words that hold something nobody knows."""
    known = set(understood)
    stretches: list[str] = []
    first = last = None
    for at, word in enumerate(words):
        if word.kind is Kind.OTHER and at not in known and not word.impossible:
            first, last = (_with_kana_before(words, at) if first is None else first), word.end
        elif word.kind is not Kind.FILL and first is not None:
            stretches.append(plain[first:last])
            first = None
    if first is not None:
        stretches.append(plain[first:last])
    return tuple(
        stripped for stretch in stretches if (stripped := stretch.strip(" 　")) and any(map(str.isalnum, stripped))
    )


def _with_kana_before(words: list[Word], at: int) -> int:
    """Where an unknown word begins: かかりつけ begins with two か that alone would mean "or"."""
    while "ぁ" <= words[at].text[0] <= "ゖ" and at and words[at - 1].kind is Kind.FILL and words[at - 1].text != " ":
        at -= 1
    return words[at].start


def _leaves_no_day(wishes: Wishes) -> bool:
    """Whether every day that is wished never works, or (with none wished) every weekday."""
    if wishes.days:
        return not any(wishes.half_days(wish.day) for wish in wishes.days)
    weekdays = {wish.weekday: wish.half_days for wish in wishes.weekdays} or dict.fromkeys(range(7), BOTH)
    never = {wish.weekday: wish.half_days for wish in wishes.excluded_weekdays}
    return not any(wishes.half_day & halves - never.get(weekday, frozenset()) for weekday, halves in weekdays.items())


def _findings(words: list[Word], reading: Reading, wishes: Wishes, today: date) -> tuple[Finding, ...]:
    found: list[Finding] = []
    for word in words:
        if word.impossible:
            found.append(Finding("wishes", "WISH_DATE_IMPOSSIBLE", Severity.ERROR, {"text": word.text.strip()}))
        if word.said is not None and word.days[0].weekday() != word.said:
            values = {"day": word.days[0].isoformat()}
            found.append(Finding("wishes", "WISH_WEEKDAY_MISMATCH", Severity.CONFIRM, values))
    past = [part.days[-1] for part in reading.parts if part.days and not part.excluded and part.days[-1] < today]
    if reading.latest is not None and reading.latest < today:
        past.append(reading.latest)
    found += [Finding("wishes", "WISH_IN_PAST", Severity.ERROR, {"day": day.isoformat()}) for day in sorted(set(past))]
    if not found and _leaves_no_day(wishes):
        found.append(Finding("wishes", "WISH_NO_DAY_LEFT", Severity.CONFIRM))
    times = [word.text.strip() for word in words if word.is_time]
    if times:
        values = {"text": " … ".join(times)[:_SHOWN_CHARACTERS]}
        found.append(Finding("wishes", "WISH_TIME_OF_DAY", Severity.WARNING, values))
    if wishes.unread:
        shown = " … ".join(wishes.unread)[:_SHOWN_CHARACTERS]
        found.append(Finding("wishes", "WISH_UNREAD", Severity.WARNING, {"text": shown}))
    return tuple(found)
