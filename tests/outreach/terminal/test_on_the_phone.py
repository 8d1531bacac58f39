"""What a clerk types with a resident on the line, and what helps or hinders there."""

from __future__ import annotations

from datetime import date as Date

import pytest

from outreach.errors import BadInput
from outreach.terminal.parsing import clock_of, day_of, point_of, window_of
from outreach.words import Words
from tests.outreach.terminal.conftest import Console, Promised, Take

LANGUAGES = ("ja", "en")


@pytest.mark.parametrize(
    "text", ["2026-11-24", " ２０２６－１１－２４ ", "2026/11/24", "２０２６／１１／２４", "2026ー11ー24"]
)
def test_a_date_may_be_typed_in_full_width_and_with_slashes(text: str) -> None:
    assert day_of(text) == Date(2026, 11, 24)


@pytest.mark.parametrize(
    "text", ["", "11/24", "2026/13/1", "2026/11/24/1", "26/x/1", "99999999999999999999/1/1", "明日"]
)
def test_what_is_no_date_is_no_date_in_any_width(text: str) -> None:
    with pytest.raises(BadInput) as refusal:
        day_of(text)
    assert refusal.value.code == "DATE_UNREADABLE"


@pytest.mark.parametrize(
    "text", ["10:00-10:30", "１０：００－１０：３０", "10:00～10:30", "10:00〜10:30", "10:00ー10:30", "10:00 – 10:30"]
)
def test_a_window_may_be_typed_in_full_width_and_with_any_dash(text: str) -> None:
    assert window_of(text) == (36_000, 37_800)


def test_a_time_and_a_point_may_be_typed_in_full_width() -> None:
    assert clock_of("１３：１５") == 13 * 3600 + 15 * 60
    assert point_of("３８．２３３６，１４３．４５８８") == (38.2336, 143.4588)


def test_a_period_that_ends_before_it_begins_is_refused(console: Console, take: Take) -> None:
    said = console("slots", "find", take(), "--from", "2026-12-10", "--to", "2026-12-01")
    assert (said.status, said.code, said.out) == (2, "PERIOD_BACKWARDS", "")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_days_refused_in_the_same_words_are_one_line(console: Console, take: Take, lang: str) -> None:
    reference = take(wishes="")
    refused = console("slots", "find", reference, "--json").json["refused"]
    days = sorted({entry["date"] for entry in refused if entry["reason"] == "DAY_WITHOUT_SHIFT"})
    assert len(days) > 20
    words = Words(lang)
    shown = console("slots", "find", reference, "--limit", "1", lang=lang).out
    several = words.say("terminal.slots.several_days", first=days[0], last=days[-1], days=len(days))
    assert several in shown
    assert words.date(Date.fromisoformat(days[1])) not in shown


@pytest.mark.parametrize("lang", LANGUAGES)
def test_two_days_refused_in_the_same_words_are_two_lines(console: Console, take: Take, lang: str) -> None:
    found = console("slots", "find", take(wishes=""), "--from", "2026-12-08", "--to", "2026-12-09", lang=lang)
    assert found.status == 1
    words = Words(lang)
    begun = [line.strip().partition("  ")[0] for line in found.out.splitlines()]
    assert [day for day in begun if day in (words.date(Date(2026, 12, 8)), words.date(Date(2026, 12, 9)))] == [
        words.date(Date(2026, 12, 8)),
        words.date(Date(2026, 12, 9)),
    ]


@pytest.mark.parametrize("verb", [("find",), ("explain", "--date", "2026-11-26")])
def test_a_wish_that_nobody_can_read_is_said(console: Console, take: Take, verb: tuple[str, ...]) -> None:
    reference = take()
    said = console("slots", *verb[:1], reference, *verb[1:], "--wish", "ほげほげ")
    assert said.told[0].startswith("warning WISH_UNREAD: ")
    assert console("slots", *verb[:1], reference, *verb[1:], "--wish", "午前").told == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_edit_of_a_promised_booking_says_that_the_window_stays(promised: Promised, lang: str) -> None:
    said = promised.console("booking", "edit", promised.reference, "--people", "3", lang=lang)
    kept = Words(lang).say("terminal.booking.kept", date="2026-11-24", window="10:00-10:30")
    assert (said.status, said.out.splitlines()[-1]) == (0, kept)


def test_an_edit_of_a_booking_without_a_window_says_nothing_of_one(console: Console, take: Take) -> None:
    assert len(console("booking", "edit", take(), "--people", "3").out.splitlines()) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_place_at_a_hall_given_up_for_a_window_is_told_by_its_time(console: Console, take: Take, lang: str) -> None:
    hall = ("--from", "13:00", "--to", "15:00", "--name", "泉公民館", "--van", "van-1", "--at", "38.25,143.46")
    assert console("session", "add", "2026-11-27", *hall).status == 0
    reference = take(wishes="")
    assert console("session", "book", reference, "SITE-1", "１３：００").status == 0
    moved = console("booking", "move", reference, "--date", "2026-11-26", "--window", "10:00-10:30", lang=lang)
    told = Words(lang).say("terminal.session.instead_of", date="2026-11-27", opens_s=13 * 3600)
    assert moved.out.splitlines()[1] == told
