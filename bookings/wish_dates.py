"""Turns the dates, weeks, months and times named in a wish into days and halves of the day."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from bookings.wareki import read_date

MORNING, AFTERNOON = "morning", "afternoon"
BOTH = frozenset({MORNING, AFTERNOON})
WEEKDAYS_JA = "月火水木金土日"
WEEKDAYS_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS_EN = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LATE_IN_YEAR_DAYS = 90  # 11/3 said on 11/21 is this year's; 1/10 is next year's


def dates_named(
    name: str, found: re.Match[str], today: date, month: tuple[int, int] | None
) -> tuple[tuple[date, ...], int | None]:
    """The days a date names, and the weekday that was said with them.

    Raises:
        ValueError, BookingsError: when there is no such day.
    """
    if name == "western":
        day = date(int(found["wy"]), int(found["wm"]), int(found["wd"]))
        return (day,), _said(found["ws"] or found["wt"])
    if name == "wareki":
        return (read_date(found["era"]),), _said(found["es"] or found["et"])
    if name == "monthday":
        return (_next(today, int(found["mm"]), int(found["md"])),), _said(found["ms"] or found["mt"] or found["mp"])
    if name == "monthdays":
        numbers = re.findall("[0-9]+", found["ld"])
        return tuple(_next(today, int(found["lm"]), int(number)) for number in numbers), None
    if name in {"englishdays", "americandays"}:
        return _english_days(
            *(found[group] for group in (("xm", "x1", "xj", "x2", "xy", "ym", "y1", "yj", "y2", "yy"))), today=today
        ), None
    if name in {"english", "american"}:
        day_text, month_text, year, said = (
            (found["gd"], found["gm"], found["gy"], found["gs"])
            if name == "english"
            else (found["ad"], found["am"], found["ay"], found["as"] or found["at"])
        )
        number = MONTHS_EN.index(month_text[:3]) + 1
        day = date(int(year), number, int(day_text)) if year else _next(today, number, int(day_text))
        return (day,), _said(said)
    said = _said(found["ds"] or found["dt"])
    if month is not None:
        return (date(*month, int(found["dd"])),), said
    return (_day_alone(today, int(found["dd"])),), said


def _english_days(*parts: str | None, today: date) -> tuple[date, ...]:
    """3-5 Dec and Dec 3 to 5 are three days, 3 and 5 Dec are two."""
    month, first, joint, last, year = parts[:5] if parts[0] else parts[5:]
    number = MONTHS_EN.index(str(month)[:3]) + 1
    numbers = [int(str(first)), int(str(last))]
    if joint in {"-", "to"}:
        numbers = list(range(numbers[0], numbers[1] + 1))
    days = tuple(date(int(year), number, day) if year else _next(today, number, day) for day in numbers)
    return days or (_none(),)


def _next(today: date, month: int, day: int) -> date:
    """The month and day nearest to come; up to a quarter of a year ago it is taken as said of the past."""
    years = range(today.year - 1, today.year + 9)  # 29 February may be eight years off
    nearest = [date(year, month, day) for year in years if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]]
    return (
        next(found for found in nearest if found >= today - timedelta(days=_LATE_IN_YEAR_DAYS)) if nearest else _none()
    )


def _none() -> date:
    raise ValueError("no such day in any year")


def _day_alone(today: date, day: int) -> date:
    year, month = today.year, today.month
    for _ in range(3):
        if 1 <= day <= monthrange(year, month)[1] and date(year, month, day) >= today:
            return date(year, month, day)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return _none()


def _said(text: str | None) -> int | None:
    if not text:
        return None
    return WEEKDAYS_JA.index(text) if text in WEEKDAYS_JA else WEEKDAYS_EN.index(text[:3])


def weekdays_named(name: str, found: re.Match[str]) -> tuple[frozenset[int], bool]:
    """The weekdays a word names, and whether it is a word for several (平日)."""
    text = found[0]
    if name == "weekdaygroup":
        return frozenset({5, 6} if text.startswith(("週末", "土日", "weekend")) else range(5)), True
    if name == "weekdayrange":
        first, last = (_said(found[a] or found[b]) for a, b in (("r1", "r3"), ("r2", "r4")))
        assert first is not None
        assert last is not None
        return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1)), False
    if text[:3] in WEEKDAYS_EN:
        return frozenset({WEEKDAYS_EN.index(text[:3])}), False
    # The 日 of 曜日 and よう日 is no Sunday.
    return frozenset(
        WEEKDAYS_JA.index(char) for char in re.sub(r"(?:曜|よう)日?$", "", text) if char in WEEKDAYS_JA
    ), False


def period_named(name: str, found: re.Match[str], today: date) -> tuple[date, ...]:
    """The days of a week, a month or a part of it; none if there is no such month."""
    if name == "month":
        if found["pr"]:
            number = (today.month - 1 + {"今": 0, "来": 1, "再": 2}[found["pr"][0]]) % 12 + 1
        else:
            number = int(found["pm"]) if found["pm"] else MONTHS_EN.index(found["pn"][:3]) + 1
        if not 1 <= number <= 12:
            return ()
        year = today.year + (number < today.month)
        last = monthrange(year, number)[1]
        first_day, last_day = {
            **dict.fromkeys(("上旬", "初め", "はじめ", "early"), (1, 10)),
            **dict.fromkeys(("中旬", "半ば", "mid"), (11, 20)),
            **dict.fromkeys(("下旬", "末", "late", "end of"), (21, last)),
            "前半": (1, 15),
            "後半": (16, last),
        }.get(found["pp"] or found["pe"] or "", (1, last))
        return tuple(date(year, number, day) for day in range(first_day, last_day + 1))
    text = found[0]
    monday = today - timedelta(days=today.weekday())
    if text.endswith(("週", "week")) or text in {"this", "next"}:
        weeks = {"今": 0, "来": 1, "再": 2, "t": 0, "n": 1}[text[0]]
        return tuple(monday + timedelta(weeks=weeks, days=day) for day in range(7))
    if text.endswith("month"):
        months = today.month - 1 + {"t": 0, "n": 1}[text[0]]
        year, number = today.year + months // 12, months % 12 + 1
        return tuple(date(year, number, day) for day in range(1, monthrange(year, number)[1] + 1))
    if text in {"年末年始", "年内", "年末", "年始", "年明け"}:
        first, last_of = {
            "年末年始": (date(today.year, 12, 29), date(today.year + 1, 1, 3)),
            "年末": (date(today.year, 12, 21), date(today.year, 12, 31)),
            "年内": (today, date(today.year, 12, 31)),
        }.get(text, (date(today.year + 1, 1, 1), date(today.year + 1, 1, 31)))
        return tuple(first + timedelta(days=step) for step in range((last_of - first).days + 1))
    ahead = {"明後日": 2, "あさって": 2, "明日": 1, "あした": 1, "tomorrow": 1}.get(text, 0)
    return (today + timedelta(days=ahead),)


def halves_of_clocks(found: re.Match[str]) -> tuple[frozenset[str], bool]:
    """The halves of the day between two times, or around one, and whether those halves are all that was meant.

    Service runs within 8 and 20 o'clock: 13時以降 is the afternoon, 3時すぎ is a part of it.
    """
    begins = _hour(found["c1"])
    ends = _hour(found["c2"]) if found["c2"] else None
    if begins is None or (found["c2"] and ends is None):
        return frozenset(), True
    word = found["c3"] or found["c0"] or ""
    morning, afternoon = frozenset({MORNING}), frozenset({AFTERNOON})
    if ends is not None:
        halves = (morning if begins < 12 else frozenset()) | (afternoon if ends > 12 or begins >= 12 else frozenset())
        return halves, (begins <= 9.5 or 12 <= begins <= 13) and (12 <= ends <= 13 or ends >= 15.5)
    if word in {"以降", "から", "過ぎ", "すぎ", "after", "from"}:
        return (BOTH, begins <= 9.5) if begins < 11.5 else (afternoon, begins <= 13)
    if word in {"まで", "以前", "前", "before", "until", "by", "till"}:
        return (BOTH, begins >= 15.5) if begins > 12.5 else (morning, begins >= 12)
    return (morning if begins < 12 else afternoon), False


def _hour(clock: str) -> float | None:
    numbers = re.findall("[0-9]+", clock)
    hour = int(numbers[0]) + (int(numbers[1]) / 60 if len(numbers) > 1 else 0.5 if "半" in clock else 0)
    letters = clock.replace(".", "")
    late = "午後" in letters or "pm" in letters
    early = "午前" in letters or "am" in letters
    if hour >= 24:
        return None
    if (late and hour < 12) or (not early and not late and 1 <= hour < 7):  # nobody is visited at two in the night
        return hour + 12
    return hour
