"""Cuts a wish into the words that mean something: days, weekdays, halves of the day, not, from, until.

Japanese and English share one table; what it does not know comes out as ``OTHER`` and is shown to the clerk.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto

from bookings.errors import BookingsError
from bookings.wish_dates import (
    AFTERNOON,
    BOTH,
    MONTHS_EN,
    MORNING,
    WEEKDAYS_JA,
    dates_named,
    halves_of_clocks,
    period_named,
    weekdays_named,
)

_MONTH_NAMES = "|".join(MONTHS_EN)


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
    ``group`` a word for several weekdays (平日). ``is_time``: a time of day, of which less is meant
    than the halves it is read as.
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
    is_time: bool = False


_DAY_EN = r"(?:mon|tue|wed|thu|fri|sat|sun)(?:day|sday|s|nesday|rsday|r|rs|urday)?s?(?![a-z])"
_MONTH_EN = rf"(?:{_MONTH_NAMES})[a-z]{{0,6}}\.?(?![a-z])"
_TH = r"(?:st|nd|rd|th)?"
_SAID = (
    rf"(?:\s?\(\s?(?P<%s>[{WEEKDAYS_JA}]|{_DAY_EN})(?:曜日?)?\s?(?:[・,]?祝)?\)"
    rf"|\s?(?P<%s>[{WEEKDAYS_JA}])(?:曜日?|よう日?))?"
)
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
        rf"(?:(?P<mp>[{WEEKDAYS_JA}])(?:曜日?\(?|\())?(?<![0-9/])(?P<mm>[0-9]{{1,2}})\s?[/月]\s?"
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
        rf"(?P<c2>{_CLOCK}))?\s?(?:頃|ごろ|くらい|ぐらい)?(?P<c3>以降|から|過ぎ|すぎ|まで|以前|前)?",
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
        rf"第\s?[1-5一二三四五](?:[・,、第\s]{{0,2}}[1-5一二三四五]){{0,4}}\s?[{WEEKDAYS_JA}]曜?日?|(?:隔週"
        rf"|every (?:other|second|third)|(?:first|second|third|fourth|last) (?={_DAY_EN}))",
    ),
    (
        "weekdayrange",
        rf"(?P<r1>[{WEEKDAYS_JA}])(?:曜日?)?\s?(?:~|-|から)\s?(?P<r2>[{WEEKDAYS_JA}])(?:曜日?|まで|{_ALONE})|(?<![a-z])"
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
        rf"(?<![0-9])[{WEEKDAYS_JA}](?:[・、,/と]?\s?[{WEEKDAYS_JA}]){{0,6}}(?:曜日?|よう日?)"
        rf"|(?:(?<![0-9一-龥ぁ-んァ-ンa-z])|(?<=[のはかとやもに])(?![日月]))[{WEEKDAYS_JA}](?:[・、,/と]?"
        rf"\s?[{WEEKDAYS_JA}]){{0,6}}{_ALONE}|(?<=毎週)[{WEEKDAYS_JA}]|(?<![a-z]){_DAY_EN}",
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
    ("morning", r"午前(?:中)?|朝(?:一番|イチ|方|の?うち)?|お?昼前|(?<![a-z])(?:mornings?|a\.?m\.?)(?![a-z])"),
    (
        "afternoon",
        r"午後(?:一番|イチ)?|夕方|お?昼(?:過ぎ|すぎ|から)|(?<![a-z])(?:afternoons?|p\.?m\.?|evenings?)"
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
        halves, exactly = halves_of_clocks(found)
        return Word(Kind.HALF if halves else Kind.OTHER, start, end, text, halves=halves, is_time=not exactly)
    if name in {"weekdays", "weekdaygroup", "weekdayrange"}:
        weekdays, group = weekdays_named(name, found)
        return Word(Kind.WEEKDAYS, start, end, text, weekdays=weekdays, group=group)
    if name in {"month", "relative"}:
        days = period_named(name, found, today)
        return Word(Kind.DAYS if days else Kind.OTHER, start, end, text, days=days, period=len(days) > 1)
    try:
        days, said = dates_named(name, found, today, month)
    except (ValueError, OverflowError, BookingsError):
        return Word(Kind.OTHER, start, end, text, impossible=True)
    return Word(Kind.DAYS, start, end, text, days=days, said=said)
