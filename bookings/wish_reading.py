"""Puts the words of a wish together: which days with which half, which not, and from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from bookings.wish_dates import BOTH
from bookings.wish_words import Kind, Word

_LONGEST_RANGE_DAYS = 92
_MOST_PARTS = 200


@dataclass(slots=True)
class Part:
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

    def like(self, other: Part) -> bool:
        """Whether both are days, or both weekdays."""
        return bool(self.days) == bool(other.days) and bool(self.weekdays) == bool(other.weekdays)


class Reading:
    """Walks over the words once. ``open`` are the parts that the next half, 'not' or 'from' may still speak of."""

    def __init__(self, words: list[Word]) -> None:
        self.words = words
        self.parts: list[Part] = []
        self.open: list[Part] = []
        self.before_comma: list[Part] = []
        self.understood: set[int] = set()
        self.earliest: date | None = None
        self.latest: date | None = None
        self.any_day = False
        self._period: tuple[date, ...] = ()
        self._excluding = False
        self._limit: Kind | None = None
        self._range_from: Part | None = None
        self._last: Kind | None = None
        self._opened_at = 0

    def take(self, at: int) -> None:
        """Understand the word at ``at`` in the light of those before it."""
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
        """Forget what a word of the next sentence cannot speak of."""
        self._close()
        self._period, self._excluding, self._limit, self._range_from = (), False, None, None
        self._last = Kind.BREAK

    def named(self, *, excluded: bool) -> tuple[dict[date, frozenset[str]], dict[int, frozenset[str]]]:
        """The days and the weekdays wished, or those excluded; each with all its halves together."""
        days: dict[date, frozenset[str]] = {}
        weekdays: dict[int, frozenset[str]] = {}
        for part in (part for part in self.parts if part.excluded is excluded):
            for day in part.days:
                days[day] = days.get(day, frozenset()) | (part.halves or BOTH)
            for weekday in part.weekdays:
                weekdays[weekday] = weekdays.get(weekday, frozenset()) | (part.halves or BOTH)
        return dict(sorted(days.items())), dict(sorted(weekdays.items()))

    def halves_for_all(self) -> frozenset[str]:
        """Halves said of no day in particular; where nothing would be left, all of the day."""
        alone = [part for part in self.parts if not part.days and not part.weekdays and part.halves]
        wished = frozenset().union(*(part.halves for part in alone if part.halves and not part.excluded)) or BOTH
        return wished - frozenset().union(*(part.halves for part in alone if part.halves and part.excluded)) or BOTH

    def _name(self, word: Word) -> None:
        part = Part(word.days, word.weekdays, group=word.group, period=word.period, excluded=self._excluding)
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
            part = Part(days, excluded=self._excluding)
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
            part = Part(halves=halves, excluded=self._excluding)
            self.parts.append(part)
            self.open = [part]
            return
        for part in (*self._joined_by_comma(waiting[0]), *waiting):
            part.halves = halves
        self.open = waiting

    def _exclude(self, kind: Kind, at: int) -> None:
        """だめ speaks of everything since the sentence, or what is good, began; 以外 of the days just before it."""
        targets = self.open
        if not targets and self._last is Kind.ANY:  # 毎日だめ
            targets = [Part(weekdays=frozenset(range(7)))]
            self.parts += targets
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

    def _set_limit(self, kind: Kind, part: Part) -> None:
        one = timedelta(days=1)
        if kind in {Kind.FROM_NEXT, Kind.AFTER_NEXT}:
            first = part.days[0] if kind is Kind.FROM_NEXT else _moved(part.days[-1], one)
            self.earliest = first if self.earliest is None else max(self.earliest, first)
        else:
            last = part.days[-1] if kind is Kind.UNTIL_NEXT else _moved(part.days[0], -one)
            self.latest = last if self.latest is None else min(self.latest, last)

    def _end_range(self, first: Part, last: Part) -> None:
        """Make the days from ``first`` to ``last`` one part, in place of the limit or part that ``first`` was."""
        if self.earliest == first.days[0]:
            self.earliest = None
        self._forget(first)
        begins, ends = first.days[0], last.days[-1]
        length = (ends - begins).days
        if not 0 <= length <= _LONGEST_RANGE_DAYS:
            self.earliest, self.latest = begins, max(ends, begins)
            return
        part = Part(
            tuple(begins + timedelta(days=step) for step in range(length + 1)),
            period=True,
            excluded=self._excluding,
            ended=True,
        )
        self.parts.append(part)
        self.open.append(part)
        self._period = part.days

    def _last_days(self) -> Part | None:
        return self.open[-1] if self.open and self.open[-1].days else None

    def _forget(self, part: Part) -> None:
        self.parts = [kept for kept in self.parts if kept is not part]
        self.open = [kept for kept in self.open if kept is not part]

    def _joined_by_comma(self, part: Part) -> list[Part]:
        """The bare days right before a comma, when days of the same sort follow it: 火、木はだめ speaks of both."""
        joined: list[Part] = []
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
