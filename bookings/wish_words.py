"""Cuts a wish into the words that mean something: days, weekdays, halves of the day, not, from, until.

Japanese and English share one table; what it does not know comes out as ``OTHER`` and is shown to the clerk.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum, auto

from bookings.errors import BookingsError
from bookings.wareki import read_date

MORNING, AFTERNOON = "morning", "afternoon"
BOTH = frozenset({MORNING, AFTERNOON})
_JP = "月火水木金土日"
_EN = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = "|".join(_MONTHS)
_LATE_IN_YEAR_DAYS = 90  # 11/3 said on 11/21 is this year's; 1/10 is next year's


class Kind(Enum):
    """What a word does in a wish."""

    DAYS = auto()
    WEEKDAYS = auto()
    HALF = auto()
    ANY = auto()
    FROM = auto()
    UNTIL = auto()
    AFTER_NEXT = auto()
    BEFORE_NEXT = auto()
    FROM_NEXT = auto()
    UNTIL_NEXT = auto()
    RANGE = auto()
    NOT = auto()
    EXCEPT = auto()
    NOT_NEXT = auto()
    GOOD = auto()
    EVERY = auto()
    BREAK = auto()
    COMMA = auto()
    FILL = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its place in the plain text, and the days, weekdays or halves it names.

    ``said`` is the weekday said with a date (0 = Monday), ``impossible`` marks a date that is none (30 February), and
    ``group`` a word for several weekdays (平日).
    """

    kind: Kind
    start: int
    end: int
    text: str
    days: tuple[date, ...] = ()
    weekdays: frozenset[int] = frozenset()
    halves: frozenset[str] = frozenset()
    said: int | None = None
    period: bool = False
    group: bool = False
    impossible: bool = False


_DAY_EN = r"(?:mon|tue|wed|thu|fri|sat|sun)(?:day|sday|s|nesday|rsday|r|rs|urday)?s?(?![a-z])"
_MONTH_EN = rf"(?:{_MONTH_NAMES})[a-z]{{0,6}}\.?(?![a-z])"
_TH = r"(?:st|nd|rd|th)?"
_SAID = rf"(?:\s?\(\s?(?P<%s>[{_JP}]|{_DAY_EN})(?:曜日?)?\s?(?:[・,]?祝)?\)|\s?(?P<%s>[{_JP}])(?:曜日?|よう日?))?"
_CLOCK = (
    r"(?:午前|午後|am|pm)?\s?[0-9]{1,2}(?:時(?:半|[0-9]{1,2}分)?|:[0-9]{2})(?:\s?[ap]\.?m\.?"
    r"(?![a-z]))?|[0-9]{1,2}\s?[ap]\.?m\.?(?![a-z])"
)
_ALONE = r"(?:(?=[はがもなでとやかだのを]|以外|以降|午|朝|夕|am|pm|ng|不|無理|希望|可|ok|[\s、,。./)~\-×○;]|$))"

_TABLE: tuple[tuple[str, str], ...] = (
    (
        "western",
        rf"(?P<wy>[0-9]{{4}})\s?[\-/.年]\s?(?P<wm>[0-9]{{1,2}})\s?[\-/.月]\s?(?P<wd>[0-9]{{1,2}})日?"
        rf"(?![0-9]){_SAID % ('ws', 'wt')}",
    ),
    (
        "wareki",
        rf"(?P<era>(?:令和|令|(?<![a-z])r)\s?(?:[0-9]{{1,2}}|元)[年./\-][0-9]{{1,2}}"
        rf"[月./\-][0-9]{{1,2}}日?)(?![0-9]){_SAID % ('es', 'et')}",
    ),
    (
        "monthdays",
        r"(?<![0-9/])(?P<lm>[0-9]{1,2})\s?[/月]\s?(?P<ld>[0-9]{1,2}日?(?:\s?[,、・]\s?[0-9]{1,2}"
        r"(?![0-9])日?(?!\s?[/月:時人名])){1,12})",
    ),
    (
        "monthday",
        rf"(?:(?P<mp>[{_JP}])(?:曜日?\(?|\())?(?<![0-9/])(?P<mm>[0-9]{{1,2}})\s?[/月]\s?"
        rf"(?P<md>[0-9]{{1,2}})日?(?![0-9/]){_SAID % ('ms', 'mt')}",
    ),
    (
        "englishdays",
        rf"(?<![a-z0-9/])(?P<x1>[0-9]{{1,2}}){_TH}\s?(?P<xj>-|to|and|or)\s?(?P<x2>[0-9]{{1,2}}){_TH}\s?"
        rf"(?P<xm>{_MONTH_EN})(?:,?\s(?P<xy>[0-9]{{4}}))?",
    ),
    (
        "americandays",
        rf"(?<![a-z0-9])(?P<ym>{_MONTH_EN})\s(?P<y1>[0-9]{{1,2}}){_TH}\s?(?P<yj>-|to|and|or)\s?"
        rf"(?P<y2>[0-9]{{1,2}}){_TH}(?![0-9/]|\s?(?:{_MONTH_EN}|[ap]m))(?:,?\s(?P<yy>[0-9]{{4}}))?",
    ),
    (
        "english",
        rf"(?<![a-z0-9])(?:(?P<gs>{_DAY_EN})\.?,?\s)?(?:the\s)?(?P<gd>[0-9]{{1,2}}){_TH}\s?(?:of\s)?"
        rf"(?P<gm>{_MONTH_EN})(?:,?\s(?P<gy>[0-9]{{4}}))?",
    ),
    (
        "american",
        rf"(?<![a-z0-9])(?:(?P<as>{_DAY_EN})\.?,?\s)?(?P<am>{_MONTH_EN})\s(?:the\s)?"
        rf"(?P<ad>[0-9]{{1,2}}){_TH}(?![0-9])(?:,?\s(?P<ay>[0-9]{{4}}))?(?:\s?\((?P<at>{_DAY_EN})\))?",
    ),
    (
        "clocks",
        rf"(?:(?P<c0>before|until|by|till|after|from)\s)?(?P<c1>{_CLOCK})(?:\s?(?:-|~|から|to)\s?"
        rf"(?P<c2>{_CLOCK}))?\s?(?:頃|ごろ|くらい|ぐらい)?(?P<c3>以降|から|過ぎ|まで|以前|前)?",
    ),
    (
        "dayonly",
        rf"(?<![0-9/:])(?P<dd>[0-9]{{1,2}})(?:日(?![間後前中])|(?:st|nd|rd|th)(?![a-z]))"
        rf"{_SAID % ('ds', 'dt')}",
    ),
    (
        "month",
        rf"(?<![0-9])(?:(?P<pm>[0-9]{{1,2}})月|(?P<pr>再来月|来月|今月))の?(?P<pp>上旬|中旬|下旬|初め"
        rf"|はじめ|前半|半ば|後半|末)?(?:中(?!旬))?|(?<![a-z])(?:(?P<pe>early|mid|late|end of)[\s\-])?"
        rf"(?P<pn>(?!may\b|mar\b|sun)(?:{_MONTH_NAMES})[a-z]{{0,6}})\.?(?![a-z])",
    ),
    (
        "relative",
        r"再来週|来週|今週|年末年始|年内|年末|年始|年明け|明後日|あさって|明日|あした|本日|今日|(?<![a-z])"
        r"(?:(?:this|next)\s(?:week|month)(?![a-z])|(?:this|next)(?=\s(?:mon|tue|wed|thu|fri|sat|sun))"
        r"|today|tomorrow)",
    ),
    (
        "unread",
        rf"第\s?[1-5一二三四五](?:[・,、第\s]{{0,2}}[1-5一二三四五]){{0,4}}\s?[{_JP}]曜?日?|(?:隔週"
        rf"|every (?:other|second|third)|(?:first|second|third|fourth|last) (?={_DAY_EN}))",
    ),
    (
        "weekdayrange",
        rf"(?P<r1>[{_JP}])(?:曜日?)?\s?(?:~|-|から)\s?(?P<r2>[{_JP}])(?:曜日?|まで|{_ALONE})|(?<![a-z])"
        rf"(?P<r3>{_DAY_EN})\s?(?:-|~|to|through)\s?(?P<r4>{_DAY_EN})",
    ),
    (
        "any",
        r"いつでも(?:いい|良い|よい|可|ok|大丈夫)?|何曜日でも|曜日は問いません|毎日|特に(?:希望)?(?:は)?"
        r"(?:なし|無し|ありません)|希望(?:は)?(?:なし|無し|ありません)|お任せ(?:します)?|(?<![a-z])"
        r"(?:any day|any time|anytime|whenever|no preference|none)(?![a-z])|^(?:なし|無し|ー|-)$",
    ),
    ("weekdaygroup", r"平日|ウィークデー|週末|土日(?:祝日?)?|(?<![a-z])week(?:days?|ends?)(?![a-z])"),
    (
        "weekdays",
        rf"(?<![0-9])[{_JP}](?:[・、,/と]?\s?[{_JP}]){{0,6}}(?:曜日?|よう日?)"
        rf"|(?:(?<![0-9一-龥ぁ-んァ-ンa-z])|(?<=[のはかとやもに])(?![日月]))[{_JP}](?:[・、,/と]?"
        rf"\s?[{_JP}]){{0,6}}{_ALONE}|(?<=毎週)[{_JP}]|(?<![a-z]){_DAY_EN}",
    ),
    ("not_next_before", r"(?<![a-z])(?:not before|no earlier than|not earlier than)(?![a-z])"),
    ("not_next_after", r"(?<![a-z])(?:not after|no later than|not later than)(?![a-z])"),
    (
        "not",
        r"だめ|ダメ|駄目|不可能?|無理|(?<![a-z])ng(?![a-z])|[×✕✖]|でき(?:ない|ません|かねます)|困(?:る"
        r"|ります)|避け(?:て(?:ほしい|欲しい|ください|下さい)?|たい(?:です)?)?|外して(?:ほしい|欲しい"
        r"|ください|下さい)?|都合が?(?:悪い|つかない|つきません)|いません|(?:行け|来られ|受けられ"
        r"|対応でき)(?:ない|ません)(?:です)?|(?<![a-z])(?:(?:is|are|were) )?(?:no good|not good|bad"
        r"|impossible|not possible|not ok|not okay|unavailable|not available|out|(?:don'?t|doesn'?t|do not"
        r"|does not|won'?t|will not) (?:work|suit))(?![a-z])",
    ),
    ("except", r"以外|を?(?:除(?:く|いて|き)|のぞ(?:く|いて))|(?:じゃ|では)(?:ない|なく)|(?:がない|のない)"),
    (
        "not_next",
        r"(?<![a-z])(?:(?:but )?not(?: on| in the| in)?|except(?: for| on)?|(?:anything|any day|all) but"
        r"|no|never(?: on)?|without|excluding|avoid|(?:i |we |she |he )?(?:can'?t|cannot|can not)(?: do"
        r"| make| on)?)(?![a-z])",
    ),
    (
        "good",
        r"(?:が|で)(?:いい|良い|よい|好き)(?:です)?|(?:を|で)?お願い(?:し(?:ます|たい(?:です)?)|いたします"
        r"|致します)?|を?(?:第?[一二三1-3])?希望(?:日)?(?:します|です|:)?|可能?(?:です)?"
        r"|(?<![a-z])ok(?:ay)?(?![a-z])|[○◎〇]|大丈夫(?:です)?|都合が?(?:いい|良い|よい|つく|つきます)"
        r"(?:です)?|空いて(?:い)?(?:る|ます)|(?:が|だと)?助かり?(?:る|ます)|(?<![a-z])(?:please|(?:is|are"
        r"|would be|'s) (?:fine|good|best|ok|okay|possible|preferred|better)|works?|preferred|preferably"
        r"|prefer|possible|available|fine|suits?(?: us| me)?)(?![a-z])",
    ),
    (
        "break",
        r"[。;\n!?]|ただし|但し|けれども?|けど|です(?:が|けど)|ますが|(?:いい|よい|良い|だ)が"
        r"|(?<![a-z])but(?![a-z])|\.(?=\s|$)",
    ),
    ("comma", r"[、,]"),
    ("from", r"以降|以後|から|より後|(?<![a-z])(?:onwards?|or later|or after)(?![a-z])"),
    ("until", r"以前|まで(?:に|の間)?|(?<![a-z])or earlier(?![a-z])"),
    ("after_next", r"(?<![a-z])after(?![a-z])"),
    ("from_next", r"(?<![a-z])(?:from|starting|between|since)(?![a-z])"),
    ("before_next", r"(?<![a-z])before(?![a-z])"),
    ("until_next", r"(?<![a-z])(?:until|till|by|up to)(?![a-z])"),
    ("range", r"[~\-]|(?<![a-z])(?:to|through)(?![a-z])"),
    ("morning", r"午前(?:中)?|朝(?:一番|イチ|方|の?うち)?|昼前|(?<![a-z])(?:mornings?|a\.?m\.?)(?![a-z])"),
    (
        "afternoon",
        r"午後(?:一番|イチ)?|夕方|昼過ぎ|昼すぎ|昼から|(?<![a-z])(?:afternoons?|p\.?m\.?|evenings?)"
        r"(?![a-z])",
    ),
    ("both", r"終日|(?:1|一)日中|どちらでも(?:いい|良い|よい|可)?|(?<![a-z])(?:all day|either)(?![a-z])"),
    ("every", r"毎週|(?<![a-z])(?:every|each)(?![a-z])"),
    (
        "fill",
        r"また(?:は)?|あるいは|もしくは|なら(?:ば)?|だけ|のみ|です|ます|ください|下さい|頃|ごろ|くらい"
        r"|ぐらい|いずれか?|とか|どれか|曜日?|祝日?|中|間|できれば|なるべく|可能なら|時間帯?|日時|訪問"
        r"|予約|それ|[のはがにをもでとかや・/:()\[\]「」\s.'\"]|(?<![a-z])(?:on|in|the|at|any|or|and|of|a"
        r"|an|around|about|week|time|if|it|is|are|i|we|would|like|only|also|both|one|days?|day)(?![a-z])",
    ),
)
_WORD = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _TABLE) + r"|(?P<other>.)", re.S)
_SIMPLE = {
    "any": Kind.ANY,
    "not": Kind.NOT,
    "except": Kind.EXCEPT,
    "not_next": Kind.NOT_NEXT,
    "good": Kind.GOOD,
    "break": Kind.BREAK,
    "comma": Kind.COMMA,
    "from": Kind.FROM,
    "until": Kind.UNTIL,
    "range": Kind.RANGE,
    "after_next": Kind.AFTER_NEXT,
    "from_next": Kind.FROM_NEXT,
    "before_next": Kind.BEFORE_NEXT,
    "until_next": Kind.UNTIL_NEXT,
    "not_next_before": Kind.FROM_NEXT,
    "not_next_after": Kind.UNTIL_NEXT,
    "every": Kind.EVERY,
    "fill": Kind.FILL,
    "other": Kind.OTHER,
    "unread": Kind.OTHER,
}
_HALVES = {"morning": frozenset({MORNING}), "afternoon": frozenset({AFTERNOON}), "both": BOTH}


def plain_wish(text: str) -> str:
    """The text as :func:`words_of` reads it: NFKC, lower case, one kind of dash and wave."""
    plain = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    plain = re.sub(r"[\u2010-\u2015\u2212]|(?<=[0-9])ー(?=[0-9])", "-", plain)
    plain = re.sub(r"[〜∼]", "~", plain)
    return re.sub(r"[^\S\n]+", " ", plain)


def words_of(plain: str, today: date) -> Iterator[Word]:
    """The words of a text from :func:`plain_wish`, in order and without gaps."""
    month: tuple[int, int] | None = None  # of the last date said, for a day said alone
    for found in _WORD.finditer(plain):
        word = _word(found, today, month)
        if word.days:
            month = (word.days[0].year, word.days[0].month)
        yield word


def _word(found: re.Match[str], today: date, month: tuple[int, int] | None) -> Word:
    name = found.lastgroup or "other"
    # lastgroup is the last group closed, which is the alternative itself: every one of them is wrapped.
    start, end, text = found.start(), found.end(), found[0]
    if name in _SIMPLE:
        return Word(_SIMPLE[name], start, end, text)
    if name in _HALVES:
        return Word(Kind.HALF, start, end, text, halves=_HALVES[name])
    if name == "clocks":
        halves = _halves_of_clocks(found)
        return Word(Kind.HALF if halves else Kind.OTHER, start, end, text, halves=halves)
    if name in {"weekdays", "weekdaygroup", "weekdayrange"}:
        weekdays, group = _weekdays(name, found)
        return Word(Kind.WEEKDAYS, start, end, text, weekdays=weekdays, group=group)
    if name in {"month", "relative"}:
        days = _period(name, found, today)
        return Word(Kind.DAYS if days else Kind.OTHER, start, end, text, days=days, period=len(days) > 1)
    try:
        days, said = _dates(name, found, today, month)
    except (ValueError, OverflowError, BookingsError):
        return Word(Kind.OTHER, start, end, text, impossible=True)
    return Word(Kind.DAYS, start, end, text, days=days, said=said)


def _dates(
    name: str, found: re.Match[str], today: date, month: tuple[int, int] | None
) -> tuple[tuple[date, ...], int | None]:
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
        number = _MONTHS.index(month_text[:3]) + 1
        day = date(int(year), number, int(day_text)) if year else _next(today, number, int(day_text))
        return (day,), _said(said)
    said = _said(found["ds"] or found["dt"])
    if month is not None:
        return (date(*month, int(found["dd"])),), said
    return (_day_alone(today, int(found["dd"])),), said


def _english_days(*parts: str | None, today: date) -> tuple[date, ...]:
    """3-5 Dec and Dec 3 to 5 are three days, 3 and 5 Dec are two."""
    month, first, joint, last, year = parts[:5] if parts[0] else parts[5:]
    number = _MONTHS.index(str(month)[:3]) + 1
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
    return _JP.index(text) if text in _JP else _EN.index(text[:3])


def _weekdays(name: str, found: re.Match[str]) -> tuple[frozenset[int], bool]:
    text = found[0]
    if name == "weekdaygroup":
        return frozenset({5, 6} if text.startswith(("週末", "土日", "weekend")) else range(5)), True
    if name == "weekdayrange":
        first, last = (_said(found[a] or found[b]) for a, b in (("r1", "r3"), ("r2", "r4")))
        assert first is not None
        assert last is not None
        return frozenset((first + step) % 7 for step in range((last - first) % 7 + 1)), False
    if text[:3] in _EN:
        return frozenset({_EN.index(text[:3])}), False
    # The 日 of 曜日 and よう日 is no Sunday.
    return frozenset(_JP.index(char) for char in re.sub(r"(?:曜|よう)日?$", "", text) if char in _JP), False


def _period(name: str, found: re.Match[str], today: date) -> tuple[date, ...]:
    if name == "month":
        if found["pr"]:
            number = (today.month - 1 + {"今": 0, "来": 1, "再": 2}[found["pr"][0]]) % 12 + 1
        else:
            number = int(found["pm"]) if found["pm"] else _MONTHS.index(found["pn"][:3]) + 1
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


def _halves_of_clocks(found: re.Match[str]) -> frozenset[str]:
    """The halves of the day between two times, or around one; service runs within 8 and 20 o'clock."""
    begins = _hour(found["c1"])
    ends = _hour(found["c2"]) if found["c2"] else None
    if begins is None or (found["c2"] and ends is None):
        return frozenset()
    word = found["c3"] or found["c0"] or ""
    if ends is not None:
        return frozenset({MORNING} if begins < 12 else ()) | frozenset({AFTERNOON} if ends > 12 or begins >= 12 else ())
    if word in {"以降", "から", "過ぎ", "after", "from"}:
        return BOTH if begins < 11.5 else frozenset({AFTERNOON})
    if word in {"まで", "以前", "前", "before", "until", "by", "till"}:
        return BOTH if begins > 12.5 else frozenset({MORNING})
    return frozenset({MORNING if begins < 12 else AFTERNOON})


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
