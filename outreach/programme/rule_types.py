"""The small values a rules file is written in: times of day, days, periods and weekdays."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer
from pydantic_core import PydanticCustomError

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of :meth:`datetime.date.weekday`."""

Verdict = Literal["refuse", "ask", "ignore"]
Priority = Literal["high", "normal", "low"]

_TIME = re.compile(r"(\d{2}):(\d{2})\Z")
_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})\Z")
_LEAP_YEAR = 2000


@dataclass(frozen=True, slots=True)
class YearlyPeriod:
    """Days of every year from one (month, day) to another, both included; it may run over New Year."""

    first: tuple[int, int]
    last: tuple[int, int]

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, Date):
            return False
        at = (day.month, day.day)
        if self.first <= self.last:
            return self.first <= at <= self.last
        return at >= self.first or at <= self.last

    def __str__(self) -> str:
        return f"{self.first[0]:02d}-{self.first[1]:02d}..{self.last[0]:02d}-{self.last[1]:02d}"


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``, both included; one day where they are the same."""

    first: Date
    last: Date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"period ends {self.last} before it begins {self.first}")

    def __contains__(self, day: object) -> bool:
        return isinstance(day, Date) and self.first <= day <= self.last

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"


def time_text(seconds: int) -> str:
    """Return seconds since midnight as a rules file has them: ``HH:MM``."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}"


def _time_of_day(value: Any) -> int:
    """Seconds since midnight of ``"08:30"``, or of TOML's own ``08:30:00``."""
    if isinstance(value, time) and value.tzinfo is None and value.second == value.microsecond == 0:
        return value.hour * 3600 + value.minute * 60
    match = _TIME.match(value) if isinstance(value, str) else None
    if match and int(match[1]) < 24 and int(match[2]) < 60:
        return int(match[1]) * 3600 + int(match[2]) * 60
    raise PydanticCustomError("RULE_NOT_A_TIME", "not HH:MM")


def _period(value: Any) -> Period:
    """``"2026-12-25"``, ``"2026-08-13..2026-08-15"``, or TOML's own ``2026-12-25``."""
    if isinstance(value, Period):
        return value
    if isinstance(value, Date) and not isinstance(value, datetime):
        return Period(value, value)
    first, dots, last = value.partition("..") if isinstance(value, str) else ("", "", "")
    begins, ends = _iso_day(first), _iso_day(last if dots else first)
    if begins is None or ends is None:
        raise PydanticCustomError("RULE_NOT_A_DATE", "not a day or a period")
    if ends < begins:
        raise PydanticCustomError("RULE_PERIOD_BACKWARDS", "period backwards")
    return Period(begins, ends)


def _yearly_period(value: Any) -> YearlyPeriod:
    """``"12-29..01-03"`` or ``"08-14"``."""
    if isinstance(value, YearlyPeriod):
        return value
    first, dots, last = value.partition("..") if isinstance(value, str) else ("", "", "")
    begins, ends = _month_day(first), _month_day(last if dots else first)
    if begins is None or ends is None:
        raise PydanticCustomError("RULE_NOT_A_YEARLY_PERIOD", "not MM-DD or MM-DD..MM-DD")
    return YearlyPeriod(begins, ends)


def _iso_day(text: str) -> Date | None:
    try:
        return Date.fromisoformat(text) if len(text) == len("2026-12-25") else None
    except ValueError:
        return None


def _month_day(text: str) -> tuple[int, int] | None:
    match = _MONTH_DAY.match(text)
    if match is None:
        return None
    try:
        day = Date(_LEAP_YEAR, int(match[1]), int(match[2]))
    except ValueError:
        return None
    return day.month, day.day


TimeOfDay = Annotated[int, BeforeValidator(_time_of_day), PlainSerializer(time_text)]
"""Whole seconds since midnight; in the file ``"HH:MM"``."""

Periods = Annotated[
    tuple[Annotated[Period, BeforeValidator(_period), PlainSerializer(str)], ...], Field(strict=False, max_length=500)
]
YearlyPeriods = Annotated[
    tuple[Annotated[YearlyPeriod, BeforeValidator(_yearly_period), PlainSerializer(str)], ...],
    Field(strict=False, max_length=100),
]
WeekdayList = Annotated[tuple[Weekday, ...], Field(strict=False, max_length=7)]
NthList = Annotated[tuple[Annotated[int, Field(ge=1, le=5)], ...], Field(strict=False, max_length=5)]
SkillList = Annotated[
    tuple[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")], ...], Field(strict=False, max_length=20)
]
NameList = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=40)], ...], Field(strict=False, max_length=50)]
Minutes = Annotated[int, Field(ge=0, le=600)]
