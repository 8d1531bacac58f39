from __future__ import annotations

import re
import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.words import LANGUAGES, Words


def words_with(language: str, **texts: str) -> Words:
    """Words of a language that know only the texts of a test."""
    words = Words(language)
    words._texts = texts
    return words


def say(language: str, text: str, **values: object) -> str:
    return words_with(language, text=text).say("text", **values)


def test_there_are_two_languages_and_no_third() -> None:
    assert LANGUAGES == ("ja", "en")
    with pytest.raises(ValueError, match="'fr'"):
        Words("fr")


def test_a_key_nobody_wrote_is_an_error_of_ours() -> None:
    words = words_with("en", known="yes")
    assert (words.has("known"), words.has("unknown")) == (True, False)
    assert words.keys() == {"known"}
    with pytest.raises(KeyError):
        words.say("unknown")


def test_words_can_be_handed_over_as_a_function() -> None:
    words = words_with("en", greeting="Hello {name}")
    assert words("greeting", name="van-1") == words.say("greeting", name="van-1") == "Hello van-1"


@pytest.mark.parametrize(("count", "said"), [(0, "0 people"), (1, "1 person"), (2, "2 people"), (11, "11 people")])
def test_one_is_said_otherwise_than_many(count: int, said: str) -> None:
    assert say("en", "{n} {n:person|people}", n=count) == said


def test_an_empty_word_may_stand_for_one() -> None:
    assert [say("en", "visit{n:|s}", n=count) for count in (1, 2)] == ["visit", "visits"]


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0, "0"), (1, "1"), (59, "1"), (60, "1"), (61, "2"), (3600, "60"), (3606, "61")]
)
def test_minutes_are_rounded_up(seconds: int, minutes: str) -> None:
    assert say("en", "{drive_s:minutes}", drive_s=seconds) == minutes


@pytest.mark.parametrize(
    ("seconds", "clock"),
    [(0, "00:00"), (59, "00:00"), (34_200, "09:30"), (34_259, "09:30"), (86_399, "23:59"), (86_400, "24:00")],
)
def test_a_time_of_day_is_hours_and_minutes(seconds: int, clock: str) -> None:
    assert say("ja", "{at_s:clock}", at_s=seconds) == clock
    assert Words("en").clock(seconds) == clock


@pytest.mark.parametrize(
    ("day", "japanese", "english"),
    [
        (date(2026, 11, 24), "11月24日（火よう日）", "Tue 24 Nov 2026"),
        (date(2027, 1, 3), "1月3日（日よう日）", "Sun 3 Jan 2027"),
        (date(2028, 2, 29), "2月29日（火よう日）", "Tue 29 Feb 2028"),
    ],
)
def test_a_date_is_said_with_its_weekday(day: date, japanese: str, english: str) -> None:
    for said_day in (day, day.isoformat()):
        assert say("ja", "{day:date}", day=said_day) == japanese
        assert say("en", "{day:date}", day=said_day) == english


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_english_dates_are_those_of_the_calendar(day: date) -> None:
    assert Words("en").date(day) == f"{day:%a} {day.day} {day:%b} {day.year}"


def test_an_era_is_told_in_the_language_of_whoever_reads() -> None:
    told = {"era": "S", "year": 65, "last": "1989-01-07"}
    assert Words("ja").say("finding.ERA_ENDED.sentence", **told).startswith("昭和は1989-01-07まで")
    assert Words("en").say("finding.ERA_ENDED.sentence", **told).startswith("Shōwa ended on Sat 7 Jan 1989")


def test_what_begins_with_on_a_day_goes_on_as_a_sentence() -> None:
    """On Monday ... is a holiday: no English."""
    words = Words("en")
    said = {key: words.template(key) for key in sorted(words.keys()) if key.startswith("say.")}
    assert [key for key, text in said.items() if re.match(r"\{when\} (is|was|are)\b", text)] == []


def test_lists_are_separated_as_the_language_does_it() -> None:
    assert say("ja", "{items}", items=["姫城町", "都島町"]) == "姫城町、都島町"
    assert say("en", "{items}", items=("a", "b", "c")) == "a, b, c"
    assert say("en", "{items}", items=[]) == ""
    assert Words("ja").listing(["一つ"]) == "一つ"


def test_a_set_is_said_in_a_fixed_order() -> None:
    assert say("en", "{needs}", needs={"tablet", "camera", "lift"}) == "camera, lift, tablet"
    assert say("en", "{needs}", needs=frozenset({3, 1, 2})) == "1, 2, 3"


def test_ordinary_format_specs_still_work() -> None:
    assert say("en", "{rate:.1f} % of {count:,}", rate=14.25, count=127138033) == "14.2 % of 127,138,033"
    assert say("en", "{{ {n} }}", n=1) == "{ 1 }"


@pytest.mark.parametrize("text", ["{value.__class__}", "{value[0]}", "{0}", "{}"])
def test_a_text_reaches_nothing_but_the_values_it_was_given(text: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        say("en", text, value="x")


def test_a_value_that_is_missing_is_an_error_and_an_extra_one_is_not() -> None:
    assert say("en", "{a}", a=1, b=2) == "1"
    with pytest.raises(KeyError):
        say("en", "{a}", b=2)


@given(st.text(alphabet=string.printable + "（）{}", max_size=30))
def test_a_value_is_never_read_as_a_text_with_fields(value: str) -> None:
    assert say("en", "<{value}>", value=value) == f"<{value}>"
