"""Reads dates and years of birth in any Japanese or western notation, and refuses those that never were."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bookings.counts import kanji_value
from bookings.errors import BookingsError


class Era(StrEnum):
    """The eras since 1868, by the letter people type."""

    MEIJI = "M"
    TAISHO = "T"
    SHOWA = "S"
    HEISEI = "H"
    REIWA = "R"


_FIRST_DAYS = {
    Era.MEIJI: date(1868, 1, 25),
    Era.TAISHO: date(1912, 7, 30),
    Era.SHOWA: date(1926, 12, 25),
    Era.HEISEI: date(1989, 1, 8),
    Era.REIWA: date(2019, 5, 1),
}
_NAMES = {Era.MEIJI: "明治", Era.TAISHO: "大正", Era.SHOWA: "昭和", Era.HEISEI: "平成", Era.REIWA: "令和"}
_ERAS = {
    word: era
    for era, name in _NAMES.items()
    for word in (
        name,
        name[0],
        era.value.lower(),
        era.name.lower(),
        {"T": "taishou", "S": "shouwa"}.get(era, era.name.lower()),
    )
}
_YEAR = rf"(?P<era>{'|'.join(sorted(_ERAS, key=len, reverse=True))})?\.?(?P<year>[0-9]{{1,4}}|元)"
_DATE = re.compile(
    rf"{_YEAR}(?:年|[./\-])(?P<month>[0-9]{{1,2}})(?:月|[./\-])(?P<day>[0-9]{{1,2}})日?(?:\([月火水木金土日]\))?(?:生まれ|生)?"
)
_COMPACT = re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})")
_YEAR_ALONE = re.compile(rf"{_YEAR}(?:年度?(?:[0-9]{{1,2}}月)?)?(?:生まれ|生)?")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_ENGLISH = re.compile(
    rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?{_MONTH_NAME},?(?P<year>[0-9]{{4}})"
    rf"|{_MONTH_NAME.replace('name', 'name2')}(?P<day2>[0-9]{{1,2}})(?:st|nd|rd|th)?,(?P<year2>[0-9]{{4}})"
)
_KANJI_NUMERAL = re.compile(r"[〇零一二三四五六七八九十百千]+")
_DASHES = re.compile(r"[\u2010-\u2015\u2212ー]")
_LONGEST = 60
_OLDEST_AGE = 130


@dataclass(frozen=True, slots=True)
class BirthYear:
    """A western year of birth, and the era it was told in, if any."""

    year: int
    era: Era | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.year <= 9999:
            raise BookingsError("DATE_IMPOSSIBLE", f"no year {self.year}", year=self.year)


class AgeBand(StrEnum):
    """The bands of the statistics."""

    UNDER_15 = "under-15"
    FROM_15 = "15-64"
    FROM_65 = "65-74"
    FROM_75 = "75-84"
    FROM_85 = "85-plus"


def read_date(text: str) -> date:
    """Read one date: 昭和12年3月4日, S12.3.4, 令和元年5月1日, 1937-03-04, 昭和十二年三月四日, 4 March 1937.

    Raises:
        BookingsError: ``DATE_MISSING``; ``DATE_UNREADABLE``; ``ERA_MISSING`` (``year``) for 12.3.4; ``DATE_IMPOSSIBLE``
            (``year``, ``month``, ``day``) for 30 February; ``ERA_NOT_BEGUN`` and ``ERA_ENDED`` (``era``, ``year``,
            ``first`` or ``last`` day of the era; ``era`` by its letter) for 平成1年1月7日 and 昭和64年1月8日.
    """
    plain = _plain(text)
    english = _ENGLISH.fullmatch(plain)
    if english:
        month = _MONTHS.index((english["name"] or english["name2"])[:3]) + 1
        return _western(int(english["year"] or english["year2"]), month, int(english["day"] or english["day2"]))
    found = _DATE.fullmatch(plain) or _COMPACT.fullmatch(plain)
    if found is None:
        raise BookingsError("DATE_UNREADABLE", "not a date")
    parts = found.groupdict()
    era = _ERAS[parts["era"]] if parts.get("era") else None
    return _day(era, parts["year"], int(parts["month"]), int(parts["day"]))


def read_birth_year(text: str, *, today: date | None = None) -> BirthYear:
    """Read a year of birth, alone (昭和12年, S12, 1937) or as part of a full date.

    Raises:
        BookingsError: ``BIRTH_YEAR_UNREADABLE`` for what is neither; for a full date as :func:`read_date`; with
            ``today`` also ``BIRTH_YEAR_IN_FUTURE`` and ``BIRTH_YEAR_TOO_OLD`` (``year``; more than 130 years ago).
    """
    try:
        born = _birth_year(text)
    except BookingsError as error:
        if error.code == "DATE_UNREADABLE" or (error.code == "DATE_IMPOSSIBLE" and "month" not in error.values):
            raise BookingsError("BIRTH_YEAR_UNREADABLE", "not a year") from None
        raise
    if today is not None and born.year > today.year:
        raise BookingsError("BIRTH_YEAR_IN_FUTURE", "born after today", year=born.year)
    if today is not None and born.year < today.year - _OLDEST_AGE:
        raise BookingsError("BIRTH_YEAR_TOO_OLD", f"more than {_OLDEST_AGE} years ago", year=born.year)
    return born


def _birth_year(text: str) -> BirthYear:
    plain = _plain(text)
    alone = _YEAR_ALONE.fullmatch(plain) if _COMPACT.fullmatch(plain) is None else None
    if alone:
        era = _ERAS[alone["era"]] if alone["era"] else None
        return BirthYear(_year_of(era, alone["year"]), era)
    found = _DATE.fullmatch(plain)
    return BirthYear(read_date(text).year, _ERAS[found["era"]] if found and found["era"] else None)


def age_band(birth_year: BirthYear | int, on: date) -> AgeBand:
    """The band of the age reached in the year of ``on``: only the year of birth is asked.

    Raises:
        ValueError: for a year of birth after ``on``.
    """
    age = on.year - (birth_year.year if isinstance(birth_year, BirthYear) else birth_year)
    if age < 0:
        raise ValueError(f"born {-age} years after {on.year}")
    bands = ((15, AgeBand.UNDER_15), (65, AgeBand.FROM_15), (75, AgeBand.FROM_65), (85, AgeBand.FROM_75))
    return next((band for limit, band in bands if age < limit), AgeBand.FROM_85)


def _plain(text: str) -> str:
    if len(text) > _LONGEST:
        raise BookingsError("DATE_UNREADABLE", "too long for a date")
    plain = _DASHES.sub("-", "".join(unicodedata.normalize("NFKC", text).lower().split()))
    if not plain:
        raise BookingsError("DATE_MISSING", "no date")
    if not re.search("[0-9元〇零一二三四五六七八九十]", plain):
        raise BookingsError("DATE_UNREADABLE", "no digits in it")
    return _KANJI_NUMERAL.sub(lambda kanji: _digits(kanji[0]), plain)


def _digits(kanji: str) -> str:
    value = kanji_value(kanji)
    return kanji if value is None else str(value)


def _day(era: Era | None, year: str, month: int, day: int) -> date:
    if era is None:
        return _western(_year_of(None, year), month, day)
    number = 1 if year == "元" else int(year)
    told = _western(_FIRST_DAYS[era].year + number - 1, month, day, told_year=number)
    values = {"era": era.value, "year": number, "month": month, "day": day}
    if number < 1:
        raise BookingsError("DATE_IMPOSSIBLE", "no year 0", **values)
    if told < _FIRST_DAYS[era]:
        raise BookingsError("ERA_NOT_BEGUN", "the era began later", first=_FIRST_DAYS[era].isoformat(), **values)
    last = _last_day(era)
    if last is not None and told > last:
        raise BookingsError("ERA_ENDED", "the era ended earlier", last=last.isoformat(), **values)
    return told


def _year_of(era: Era | None, year: str) -> int:
    number = 1 if year == "元" else int(year)
    if era is None:
        if year == "元" or len(year) < 4:
            raise BookingsError("ERA_MISSING", "a year without its era", year=number)
        return number
    if number < 1:
        raise BookingsError("DATE_IMPOSSIBLE", "no year 0", year=number)
    western = _FIRST_DAYS[era].year + number - 1
    last = _last_day(era)
    if last is not None and western > last.year:
        raise BookingsError("ERA_ENDED", "the era ended earlier", era=era.value, year=number, last=last.isoformat())
    return western


def _western(year: int, month: int, day: int, told_year: int | None = None) -> date:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        shown = year if told_year is None else told_year
        raise BookingsError("DATE_IMPOSSIBLE", "no such day", year=shown, month=month, day=day) from None


def _last_day(era: Era) -> date | None:
    later = [first for first in _FIRST_DAYS.values() if first > _FIRST_DAYS[era]]
    return min(later) - timedelta(days=1) if later else None
