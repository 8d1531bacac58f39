"""A wish is kept as it was said, and read into days, weekdays and halves."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.findings import Severity
from bookings.wishes import Wishes, read_wishes

TODAY = date(2026, 11, 21)  # a Saturday
DAYS = [TODAY + timedelta(days=ahead) for ahead in range(45)]
M, A, BOTH = frozenset({"morning"}), frozenset({"afternoon"}), frozenset({"morning", "afternoon"})
MON, TUE, WED, THU, FRI, SAT, SUN = range(7)


def wish(text: str) -> Wishes:
    return read_wishes(text, today=TODAY)


def halves(text: str) -> dict[date, frozenset[str]]:
    """The halves of every day of the next weeks that the wish allows."""
    read = wish(text)
    return {day: read.half_days(day) for day in DAYS if read.allows(day)}


def on_weekdays(*weekdays: int, half: frozenset[str] = BOTH) -> dict[date, frozenset[str]]:
    return {day: half for day in DAYS if day.weekday() in weekdays}


def on_days(*days: tuple[int, int], half: frozenset[str] = BOTH) -> dict[date, frozenset[str]]:
    return {date(2026, month, day): half for month, day in days}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("来週の火曜の午前", on_days((11, 24), half=M)),
        ("12/3か12/4", on_days((12, 3), (12, 4))),
        ("平日午後", on_weekdays(MON, TUE, WED, THU, FRI, half=A)),
        ("火・木の午前中", on_weekdays(TUE, THU, half=M)),
        ("火、木の午前", on_weekdays(TUE, THU, half=M)),
        ("月水金", on_weekdays(MON, WED, FRI)),
        ("毎週水曜は通院なので不可", on_weekdays(MON, TUE, THU, FRI, SAT, SUN)),
        ("火曜はだめ", on_weekdays(MON, WED, THU, FRI, SAT, SUN)),
        ("水曜、金曜は不可", on_weekdays(MON, TUE, THU, SAT, SUN)),
        ("平日、火曜はだめ", on_weekdays(MON, WED, THU, FRI)),
        ("平日の午後は火曜以外", on_weekdays(MON, WED, THU, FRI, half=A)),
        ("火曜以外の午前", on_weekdays(MON, WED, THU, FRI, SAT, SUN, half=M)),
        ("土日祝以外", on_weekdays(MON, TUE, WED, THU, FRI)),
        ("月〜金", on_weekdays(MON, TUE, WED, THU, FRI)),
        ("火曜午前はだめ", {day: A if day.weekday() == TUE else BOTH for day in DAYS}),
        ("水曜の午前と金曜の午後", on_weekdays(WED, half=M) | on_weekdays(FRI, half=A)),
        ("午前なら火曜と木曜、午後なら金曜", on_weekdays(TUE, THU, half=M) | on_weekdays(FRI, half=A)),
        ("火曜か木曜。午前中希望", on_weekdays(TUE, THU, half=M)),
        ("火×木○", on_weekdays(THU)),
        ("12月3日（木）午前10時ごろ", on_days((12, 3), half=M)),
        ("12月3日 14:00〜16:00", on_days((12, 3), half=A)),
        ("12月3日、4日の午前", on_days((12, 3), (12, 4), half=M)),
        ("12/3,4,5", on_days((12, 3), (12, 4), (12, 5))),
        ("12月3日から5日まで", on_days((12, 3), (12, 4), (12, 5))),
        ("12/3〜12/5", on_days((12, 3), (12, 4), (12, 5))),
        ("木曜（12/3）", on_days((12, 3))),
        ("令和8年12月3日", on_days((12, 3))),
        ("第一希望 12/3 第二希望 12/4", on_days((12, 3), (12, 4))),
        ("12月中旬の火曜か木曜", on_days((12, 15), (12, 17))),
        ("来週の火曜、木曜", on_days((11, 24), (11, 26))),
        ("明日", on_days((11, 22))),
        ("13時以降", dict.fromkeys(DAYS, A)),
        ("10時から12時", dict.fromkeys(DAYS, M)),
        ("午前はだめ", dict.fromkeys(DAYS, A)),
        ("いつでも", dict.fromkeys(DAYS, BOTH)),
        ("", dict.fromkeys(DAYS, BOTH)),
        ("月曜日は透析なのでだめです。それ以外は午後ならいつでも", on_weekdays(TUE, WED, THU, FRI, SAT, SUN, half=A)),
        ("next Tue morning", on_days((11, 24), half=M)),
        ("any weekday afternoon except Monday", on_weekdays(TUE, WED, THU, FRI, half=A)),
        ("not Mondays", on_weekdays(TUE, WED, THU, FRI, SAT, SUN)),
        ("not on Mondays, Wednesdays or Fridays", on_weekdays(TUE, THU, SAT, SUN)),
        ("no Mondays, Tuesdays fine", on_weekdays(TUE)),
        ("Tue or Thu, not Wed", on_weekdays(TUE, THU)),
        ("Mondays are no good", on_weekdays(TUE, WED, THU, FRI, SAT, SUN)),
        ("I can't do Wednesdays", on_weekdays(MON, TUE, THU, FRI, SAT, SUN)),
        ("Mon-Fri afternoons", on_weekdays(MON, TUE, WED, THU, FRI, half=A)),
        ("2026-12-03", on_days((12, 3))),
        ("Thursday, Dec 3, 2026 morning", on_days((12, 3), half=M)),
        ("3 to 5 Dec", on_days((12, 3), (12, 4), (12, 5))),
        ("Dec 3 or 5", on_days((12, 3), (12, 5))),
        ("Friday 10am", on_weekdays(FRI, half=M)),
        ("after 14:00", dict.fromkeys(DAYS, A)),
        ("not in the morning", dict.fromkeys(DAYS, A)),
    ],
)
def test_a_wish_allows_exactly(text: str, expected: dict[date, frozenset[str]]) -> None:
    assert halves(text) == expected
    assert wish(text).unread == ()


@pytest.mark.parametrize(
    ("text", "earliest", "latest"),
    [
        ("12/3以降", date(2026, 12, 3), None),
        ("12/10まで", None, date(2026, 12, 10)),
        ("来週以降", date(2026, 11, 23), None),
        ("after 10 Dec", date(2026, 12, 11), None),
        ("not before 10 Dec", date(2026, 12, 10), None),
        ("before 10 Dec", None, date(2026, 12, 9)),
        ("by Dec 10", None, date(2026, 12, 10)),
    ],
)
def test_limits_are_read(text: str, earliest: date | None, latest: date | None) -> None:
    read = wish(text)
    assert (read.earliest, read.latest, read.explicit, read.days) == (earliest, latest, True, ())
    assert [day for day in DAYS if read.allows(day)] == [
        day for day in DAYS if (earliest or day) <= day <= (latest or day)
    ]


def test_a_date_without_a_year_is_the_next_one() -> None:
    assert wish("1/10").days[0].day == date(2027, 1, 10)


def test_a_wish_in_the_past_is_an_error() -> None:
    found = wish("11/3か2026年11月10日").findings
    assert [(finding.code, finding.severity, dict(finding.values)) for finding in found] == [
        ("WISH_IN_PAST", Severity.ERROR, {"day": "2026-11-03"}),
        ("WISH_IN_PAST", Severity.ERROR, {"day": "2026-11-10"}),
    ]


def test_a_weekday_that_does_not_fit_its_date_is_asked_about() -> None:
    found = [wish(text).findings for text in ("12月3日（金）", "Fri 3 Dec", "12月3日（木）")]
    assert [[(finding.code, finding.severity, dict(finding.values)) for finding in findings] for findings in found] == [
        [("WISH_WEEKDAY_MISMATCH", Severity.CONFIRM, {"day": "2026-12-03"})],
        [("WISH_WEEKDAY_MISMATCH", Severity.CONFIRM, {"day": "2026-12-03"})],
        [],
    ]


def test_a_date_that_is_none_is_an_error() -> None:
    assert [(finding.code, dict(finding.values)) for finding in wish("2月30日").findings] == [
        ("WISH_DATE_IMPOSSIBLE", {"text": "2月30日"})
    ]


@pytest.mark.parametrize(
    ("text", "unread"),
    [
        ("孫が来る日", ("孫が来る日",)),
        ("第2火曜", ("第2火曜",)),
        ("かかりつけの先生に聞いてから", ("かかりつけの先生に聞いて",)),
        ("every other Tuesday", ("every other",)),
    ],
)
def test_what_nobody_understood_is_shown(text: str, unread: tuple[str, ...]) -> None:
    read = wish(text)
    assert read.unread == unread
    assert [(finding.code, finding.severity) for finding in read.findings] == [("WISH_UNREAD", Severity.WARNING)]


@pytest.mark.parametrize(
    ("text", "expected", "said"),
    [
        ("3時すぎ", dict.fromkeys(DAYS, A), "3時すぎ"),
        ("午後3時半すぎ", dict.fromkeys(DAYS, A), "午後3時半すぎ"),
        ("水曜の10時か11時", on_weekdays(WED, half=M), "10時 … 11時"),
        ("after 3pm", dict.fromkeys(DAYS, A), "after 3pm"),
        ("火曜の14時はだめ", {day: M if day.weekday() == TUE else BOTH for day in DAYS}, "14時"),
    ],
)
def test_of_a_time_only_the_half_of_the_day_is_heeded_and_that_is_said(
    text: str, expected: dict[date, frozenset[str]], said: str
) -> None:
    assert halves(text) == expected
    assert [(finding.code, finding.severity, dict(finding.values)) for finding in wish(text).findings] == [
        ("WISH_TIME_OF_DAY", Severity.WARNING, {"text": said})
    ]


@pytest.mark.parametrize("text", ["13時以降", "お昼すぎ", "12時まで", "9時から12時", "13:00〜16:00", "午後"])
def test_a_time_that_is_the_whole_half_of_the_day_needs_no_word(text: str) -> None:
    assert wish(text).findings == ()


@pytest.mark.parametrize(
    "text",
    [
        *(
            "月火水木金土日だめ",
            "毎日だめ",
            "平日はだめ。土日もだめ",
            "火曜希望。火曜はだめ",
            "午前希望。午前はどの曜日も、平日も土日もだめ",
        ),
        *("12/3希望。木曜はだめ", "no weekdays, no weekends"),
    ],
)
def test_a_wish_that_leaves_no_day_is_asked_about(text: str) -> None:
    assert [(finding.code, finding.severity) for finding in wish(text).findings if finding.code != "WISH_UNREAD"] == [
        ("WISH_NO_DAY_LEFT", Severity.CONFIRM)
    ]


@pytest.mark.parametrize(
    "text", ["月火水木金土だめ", "毎日大丈夫", "いつでもいい、火曜はだめ", "平日はだめ", "12/3希望。火曜はだめ"]
)
def test_a_wish_that_leaves_a_day_is_not(text: str) -> None:
    assert wish(text).findings == ()


def test_the_text_is_kept_and_the_rest_goes_through_json() -> None:
    for text in ("平日午後、火曜はだめ", "12/3以降", "孫が来る日", "", "12/3の午前"):
        read = wish(text)
        assert read.text == text
        assert Wishes.from_plain(json.loads(json.dumps(read.to_plain())), text) == read
    assert Wishes.from_plain({}) == Wishes()


def test_explicit_tells_named_days_from_any_day() -> None:
    assert [wish(text).explicit for text in ("火曜", "12/3以降", "not Mondays", "いつでも", "午前中", "")] == [
        *(True, True, True, False, False, False)
    ]


def test_a_day_that_was_not_wished_may_still_be_agreed_and_an_excluded_one_not() -> None:
    read = wish("木曜がいい。火曜はだめ")
    thursday, tuesday, friday = date(2026, 12, 3), date(2026, 12, 1), date(2026, 12, 4)
    assert [(read.allows(day), read.may(day)) for day in (thursday, tuesday, friday)] == [
        *((True, True), (False, False), (False, True))
    ]


def test_a_text_longer_than_a_page_is_read_to_its_limit_and_the_rest_shown() -> None:
    read = wish("火曜、" * 40_000)
    assert [entry.weekday for entry in read.weekdays] == [TUE]
    assert len(read.unread) == 1


PIECES = [
    "火曜",
    "12/3",
    "午前",
    "だめ",
    "以外",
    "から",
    "まで",
    "、",
    "。",
    "〜",
    "not ",
    "next ",
    "3 Dec",
    "99/99",
    "第2",
    "土日",
    "2月30日",
    "孫",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=12).map("".join)))
def test_any_text_is_read_and_comes_back_from_plain(text: str) -> None:
    read = wish(text)
    assert Wishes.from_plain(read.to_plain(), text) == read
    assert all(read.allows(day) == bool(read.half_days(day)) for day in DAYS)
    assert all(read.may(day) for day in DAYS if read.allows(day))


@given(
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    st.sampled_from(["2/29", "来月上旬", "明日", "31日", "next week", "12/31"]),
)
def test_every_today_can_be_lived_through(today: date, text: str) -> None:
    assert read_wishes(text, today=today).unread == ()
