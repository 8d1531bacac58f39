"""Reads when a resident can be visited, from a sentence as it was said, and keeps the sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bookings.findings import Finding, Severity
from bookings.wish_words import BOTH, Kind, Word, plain_wish, words_of

_LONGEST_RANGE_DAYS = 92
_SHOWN_CHARACTERS = 60
_MOST_PARTS = 200
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
        return self._within(day) and bool(self.half_day - self._excluded(day))

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
        of_day = [wish.half_days for wish in self.excluded_days if wish.day == day]
        of_weekday = [wish.half_days for wish in self.excluded_weekdays if wish.weekday == day.weekday()]
        return frozenset().union(*of_day, *of_weekday)


def read_wishes(text: str, *, today: date) -> Wishes:
    """Read a wish in Japanese or English; never fails, and says what it could not read.

    来週 and "next" mean the calendar week after today's (Monday first). A date without a year is the nearest to come,
    or one of the last 90 days. Of a text longer than 2,000 characters the rest is unread.

    Findings: ``WISH_IN_PAST`` (error, ``day``), ``WISH_WEEKDAY_MISMATCH`` (confirm,
    ``day``), ``WISH_DATE_IMPOSSIBLE`` (error, ``text``), ``WISH_UNREAD`` (warning, ``text``).
    """
    plain = plain_wish(text[:_LONGEST])
    words = list(words_of(plain, today))
    reading = _Reading(words)
    for at in range(len(words)):
        reading.take(at)
    reading.end_sentence()
    unread = _unread(plain, words, reading.understood)
    if text[_LONGEST:].strip():
        unread += (text[_LONGEST:].strip(),)
    return Wishes(
        text,
        *reading.wished_and_excluded(),
        reading.halves_for_all(),
        reading.earliest,
        reading.latest,
        unread,
        _findings(words, reading, unread, today),
    )


@dataclass(slots=True)
class _Part:
    """A day, some days or weekdays of the sentence, or (with neither) a half of every day."""

    days: tuple[date, ...] = ()
    weekdays: frozenset[int] = frozenset()
    halves: frozenset[str] | None = None
    excluded: bool = False
    group: bool = False
    period: bool = False
    ended: bool = False  # both ends of it were said: 12/3から12/5まで

    @property
    def bare(self) -> bool:
        """Named without a half: 火、木の午前 gives 火 the half of 木."""
        return self.halves is None and not self.group and not self.period

    def like(self, other: _Part) -> bool:
        """Whether both are days, or both weekdays."""
        return bool(self.days) == bool(other.days) and bool(self.weekdays) == bool(other.weekdays)


class _Reading:
    """Walks over the words once. ``open`` are the parts that the next half, 'not' or 'from' may still speak of."""

    def __init__(self, words: list[Word]) -> None:
        self.words = words
        self.parts: list[_Part] = []
        self.open: list[_Part] = []
        self.before_comma: list[_Part] = []
        self.understood: set[int] = set()
        self.earliest: date | None = None
        self.latest: date | None = None
        self.any_day = False
        self._period: tuple[date, ...] = ()
        self._excluding = False
        self._limit: Kind | None = None
        self._range_from: _Part | None = None
        self._last: Kind | None = None
        self._opened_at = 0

    def take(self, at: int) -> None:
        word = self.words[at]
        match word.kind:
            case Kind.DAYS | Kind.WEEKDAYS:
                self._name(word)
            case Kind.HALF:
                self._halve(word.halves)
            case Kind.ANY:
                self.any_day = True
            case Kind.NOT | Kind.EXCEPT:
                self._exclude(word.kind, at)
            case Kind.NOT_NEXT:
                self._excluding = True
                self._close()
            case Kind.FROM | Kind.UNTIL:
                self._limit_last(word.kind)
            case Kind.AFTER_NEXT | Kind.BEFORE_NEXT | Kind.FROM_NEXT | Kind.UNTIL_NEXT:
                self._limit = word.kind
            case Kind.RANGE:
                self._range_from = self._last_days() if self._last is Kind.DAYS else None
            case Kind.EVERY:
                self._period = ()
            case Kind.GOOD:
                self._close()
                self._excluding = False
            case Kind.COMMA:
                self._comma(at)
            case Kind.BREAK:
                self.end_sentence()
            case Kind.FILL | Kind.OTHER:
                return
        if word.kind is not Kind.EVERY:
            self._last = word.kind

    def end_sentence(self) -> None:
        self._close()
        self._period, self._excluding, self._limit, self._range_from = (), False, None, None
        self._last = Kind.BREAK

    def wished_and_excluded(
        self,
    ) -> tuple[tuple[DayWish, ...], tuple[WeekdayWish, ...], tuple[DayWish, ...], tuple[WeekdayWish, ...]]:
        """The days and weekdays wished, then those excluded; each once, its halves together."""
        found: list[tuple[DayWish, ...] | tuple[WeekdayWish, ...]] = []
        for excluded in (False, True):
            days: dict[date, frozenset[str]] = {}
            weekdays: dict[int, frozenset[str]] = {}
            for part in (part for part in self.parts if part.excluded is excluded):
                for day in part.days:
                    days[day] = days.get(day, frozenset()) | (part.halves or BOTH)
                for weekday in part.weekdays:
                    weekdays[weekday] = weekdays.get(weekday, frozenset()) | (part.halves or BOTH)
            found.append(tuple(DayWish(day, days[day]) for day in sorted(days)))
            found.append(tuple(WeekdayWish(weekday, weekdays[weekday]) for weekday in sorted(weekdays)))
        return found[0], found[1], found[2], found[3]  # type: ignore[return-value]

    def halves_for_all(self) -> frozenset[str]:
        """Halves said of no day in particular; where nothing would be left, all of the day."""
        alone = [part for part in self.parts if not part.days and not part.weekdays and part.halves]
        wished = frozenset().union(*(part.halves for part in alone if part.halves and not part.excluded)) or BOTH
        return wished - frozenset().union(*(part.halves for part in alone if part.halves and part.excluded)) or BOTH

    def _name(self, word: Word) -> None:
        part = _Part(word.days, word.weekdays, group=word.group, period=word.period, excluded=self._excluding)
        if self._limit is not None and part.days:
            self._set_limit(self._limit, part)
            self._range_from = part if self._limit is Kind.FROM_NEXT else None
            self._limit = None
            return
        self._limit = None
        if self._range_from is not None and part.days:
            self._end_range(self._range_from, part)
            self._range_from = None
            return
        if part.period:
            self._period = part.days
        elif part.days:
            self._period = ()
        elif self._period and part.weekdays:  # 来週の火曜, 12月の火曜か木曜
            days = tuple(day for day in self._period if day.weekday() in part.weekdays)
            if self.open and self.open[-1].days == self._period and self.open[-1].halves is None:
                self._forget(self.open[-1])
            part = _Part(days, excluded=self._excluding)
        if len(self.parts) < _MOST_PARTS:
            self.parts.append(part)
            self.open.append(part)

    def _halve(self, halves: frozenset[str]) -> None:
        if self._last is Kind.HALF and self.open:  # 午前か午後, 午前10時
            for part in self.open:
                part.halves = (part.halves or frozenset()) | halves
            return
        waiting = [part for part in self.open if part.halves is None and (part.days or part.weekdays)]
        if not waiting:
            self._close()
            part = _Part(halves=halves, excluded=self._excluding)
            self.parts.append(part)
            self.open = [part]
            return
        for part in (*self._joined_by_comma(waiting[0]), *waiting):
            part.halves = halves
        self.open = waiting

    def _exclude(self, kind: Kind, at: int) -> None:
        """だめ speaks of everything since the sentence, or what is good, began; 以外 of the days just before it."""
        targets = self.open
        if kind is Kind.EXCEPT and targets:
            targets = [part for part in targets if part.halves == targets[-1].halves]
        for part in (*(self._joined_by_comma(targets[0]) if targets else ()), *targets):
            part.excluded = True
        if targets:  # 毎週水曜は通院なので不可: the reason need not be read
            self.understood.update(range(self._opened_at, at))
        self.open = [part for part in self.open if not part.excluded]
        self._close_comma()

    def _limit_last(self, kind: Kind) -> None:
        """12/3以降, 12月中旬まで; 12/3から12/5まで is a range, and 午後から no limit at all."""
        part = self._last_days()
        if self._last is not Kind.DAYS or part is None or part.ended:
            return
        if kind is Kind.FROM:
            self._set_limit(Kind.FROM_NEXT, part)
            self._range_from = part
        else:
            self._set_limit(Kind.UNTIL_NEXT, part)
        self._forget(part)

    def _set_limit(self, kind: Kind, part: _Part) -> None:
        one = timedelta(days=1)
        if kind in {Kind.FROM_NEXT, Kind.AFTER_NEXT}:
            first = part.days[0] if kind is Kind.FROM_NEXT else _moved(part.days[-1], one)
            self.earliest = first if self.earliest is None else max(self.earliest, first)
        else:
            last = part.days[-1] if kind is Kind.UNTIL_NEXT else _moved(part.days[0], -one)
            self.latest = last if self.latest is None else min(self.latest, last)

    def _end_range(self, first: _Part, last: _Part) -> None:
        """Make the days from ``first`` to ``last`` one part, in place of the limit or part that ``first`` was."""
        if self.earliest == first.days[0]:
            self.earliest = None
        self._forget(first)
        begins, ends = first.days[0], last.days[-1]
        length = (ends - begins).days
        if not 0 <= length <= _LONGEST_RANGE_DAYS:
            self.earliest, self.latest = begins, max(ends, begins)
            return
        part = _Part(
            tuple(begins + timedelta(days=step) for step in range(length + 1)),
            period=True,
            excluded=self._excluding,
            ended=True,
        )
        self.parts.append(part)
        self.open.append(part)
        self._period = part.days

    def _last_days(self) -> _Part | None:
        return self.open[-1] if self.open and self.open[-1].days else None

    def _forget(self, part: _Part) -> None:
        self.parts = [kept for kept in self.parts if kept is not part]
        self.open = [kept for kept in self.open if kept is not part]

    def _joined_by_comma(self, part: _Part) -> list[_Part]:
        """The bare days right before a comma, when days of the same sort follow it: 火、木はだめ speaks of both."""
        joined: list[_Part] = []
        for earlier in reversed(self.before_comma):
            if not (earlier.bare and earlier.like(part) and not earlier.excluded and not part.group):
                break
            joined.append(earlier)
        return joined

    def _comma(self, at: int) -> None:
        self._apply_leading_half()
        self.before_comma += self.open
        self.open = []
        self._limit = self._range_from = None
        self._opened_at = at + 1
        if self._excluding and not self._list_goes_on(at + 1):
            self._excluding = False

    def _list_goes_on(self, at: int) -> bool:
        """Whether "not Mondays, Tuesdays" goes on after the comma: days follow, and neither halves nor 'fine'."""
        for word in self.words[at : at + 20]:
            if word.kind in {Kind.HALF, Kind.GOOD, Kind.OTHER}:
                return False
            if word.kind in {Kind.COMMA, Kind.BREAK}:
                return True
        return True

    def _close(self) -> None:
        self._apply_leading_half()
        self.open = []
        self._close_comma()
        self._opened_at = 0

    def _close_comma(self) -> None:
        self.before_comma = []

    def _apply_leading_half(self) -> None:
        """午前なら火曜と木曜: a half said first belongs to the days that follow it."""
        if len(self.open) > 1 and not self.open[0].days and not self.open[0].weekdays:
            half, named = self.open[0], [part for part in self.open[1:] if part.halves is None]
            if named and not half.excluded:
                for part in named:
                    part.halves = half.halves
                self._forget(half)


def _moved(day: date, step: timedelta) -> date:
    try:
        return day + step
    except OverflowError:
        return day


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


def _findings(words: list[Word], reading: _Reading, unread: tuple[str, ...], today: date) -> tuple[Finding, ...]:
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
    if unread:
        shown = " … ".join(unread)[:_SHOWN_CHARACTERS]
        found.append(Finding("wishes", "WISH_UNREAD", Severity.WARNING, {"text": shown}))
    return tuple(found)
