"""``slots`` and ``booking hold|confirm|move|edit`` as a clerk with a resident on the line sees them."""

from __future__ import annotations

from datetime import date as Date

import pytest

from outreach.words import Words
from tests.outreach.terminal.conftest import Console, Take
from tests.outreach.terminal.words import foreign_words

LANGUAGES = ("ja", "en")
DAY = "2026-11-26"
"""A Thursday, and the first day a clerk may promise."""


def test_slots_as_json_have_the_documented_format(console: Console, take: Take) -> None:
    reference = take()
    found = console("slots", "find", reference, "--json").json
    assert set(found) == {"quotes", "refused", "places"}
    assert list(found["quotes"][0]) == ["date", "window", "detour_s", "rank"]
    assert [quote["rank"] for quote in found["quotes"]] == list(range(1, len(found["quotes"]) + 1))
    assert {len(quote["window"]) for quote in found["quotes"]} == {2}
    assert all(list(entry) == ["date", "window", "reason", "sentence"] for entry in found["refused"])


@pytest.mark.parametrize("lang", LANGUAGES)
def test_windows_are_shown_as_a_table_the_best_first(console: Console, take: Take, lang: str) -> None:
    reference = take()
    said = console("slots", "find", reference, "--limit", "3", "--to", DAY, lang=lang)
    assert said.status == 0
    words = Words(lang)
    lines = said.out.splitlines()
    assert words.say("terminal.column.rank") in lines[1]
    assert words.date(Date(2026, 11, 26)) in said.out
    assert lang == "en" or foreign_words(said.out) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_hold_confirm_move_and_cancel_are_told_in_words(console: Console, take: Take, lang: str) -> None:
    reference, words = take(), Words(lang)
    held = console("booking", "hold", reference, "--date", DAY, "--window", "10:00-10:30", lang=lang)
    assert (
        held.out
        == words.say(
            "terminal.booking.held",
            reference=reference,
            date=DAY,
            opens_s=36_000,
            closes_s=37_800,
            until="16:10",
        )
        + "\n"
    )
    confirmed = console("booking", "confirm", reference, lang=lang)
    told = {"reference": reference, "opens_s": 36_000, "closes_s": 37_800}
    assert confirmed.out == words.say("terminal.booking.confirmed", date=DAY, **told) + "\n"
    moved = console("booking", "move", reference, "--date", DAY, "--window", "11:00-11:30", lang=lang)
    assert moved.out.splitlines()[1] == words.say("terminal.booking.moved", date=DAY, opens_s=36_000, closes_s=37_800)
    cancelled = console("booking", "cancel", reference, lang=lang)
    assert cancelled.out.splitlines() == [
        words.say("terminal.booking.cancelled", reference=reference),
        words.say("terminal.booking.freed", date=DAY),
    ]
    for said in (held, confirmed, moved, cancelled):
        assert (said.status, said.told) == (0, [])


def test_a_hold_as_json_says_until_when(console: Console, take: Take) -> None:
    held = console("booking", "hold", take(), "--date", DAY, "--window", "10:00-10:30", "--json")
    assert (held.status, held.json["until"], held.json["window"]) == (
        0,
        "2026-11-20T16:10:00+09:00",
        ["10:00", "10:30"],
    )


def fill(console: Console, take: Take) -> None:
    """Three vans, three promises in one window."""
    for number in range(3):
        reference = take(address=f"泉町{number + 1}番地", phone=f"0991-23-02{number:02d}")
        said = console("booking", "confirm", reference, "--date", DAY, "--window", "10:00-10:30")
        assert said.status == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_hold_that_cannot_be_exits_1_with_the_sentence_and_what_works_instead(
    console: Console, take: Take, lang: str
) -> None:
    fill(console, take)
    reference = take(phone="0991-23-0300")
    said = console("booking", "hold", reference, "--date", DAY, "--window", "10:00-10:30", lang=lang)
    assert (said.status, said.code) == (1, "WINDOW_IMPOSSIBLE")
    lines = said.out.splitlines()
    begins = {"ja": "お伝えする文: 11月26日（木よう日）の午前は、車がもう", "en": "Say: On Thu 26 Nov 2026"}
    assert lines[0].startswith(begins[lang])
    assert len(lines) == 4  # and three windows to read out
    as_json = console("booking", "hold", reference, "--date", DAY, "--window", "10:00-10:30", "--json", lang=lang)
    assert (as_json.status, as_json.json["code"], len(as_json.json["instead"])) == (1, "WINDOW_IMPOSSIBLE", 3)
    assert as_json.json["sentence"] in lines[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_explain_says_why_not_and_exits_1_or_shows_that_it_works(console: Console, take: Take, lang: str) -> None:
    fill(console, take)
    reference = take(phone="0991-23-0300", wishes="")
    full = console("slots", "explain", reference, "--date", DAY, "--window", "10:00-10:30", lang=lang)
    assert full.status == 1
    free = console("slots", "explain", reference, "--date", DAY, "--window", "14:00-14:30", lang=lang)
    assert free.status == 0
    holiday = console("slots", "explain", reference, "--date", "2026-11-23", "--json", lang=lang)
    assert [entry["reason"] for entry in holiday.json["refused"]] == ["HOLIDAY"]


def test_an_edit_the_promises_have_no_time_for_changes_nothing_and_shows_what_works(
    console: Console, take: Take
) -> None:
    reference = take()
    assert console("booking", "confirm", reference, "--date", DAY, "--window", "10:00-10:30").status == 0
    three = console("booking", "edit", reference, "--people", "3")
    assert three.status == 0
    assert console("booking", "show", reference, "--json").json["people"] == 3
    off_the_grid = console("booking", "edit", reference, "--visit-type", "group", "--people", "6", "--json")
    assert off_the_grid.status == 1
    assert console("booking", "show", reference, "--json").json["people"] == 3


def test_the_same_key_sent_twice_answers_the_same(console: Console, take: Take) -> None:
    reference = take()
    command = ("booking", "hold", reference, "--date", DAY, "--window", "10:00-10:30", "--json", "--key", "line-1")
    first, again = console(*command), console(*command, now="2026-11-20T16:05")
    assert (first.status, again.status, first.json) == (0, 0, again.json)
    other = console("booking", "cancel", reference, "--key", "line-1")
    assert (other.status, other.code) == (1, "KEY_REUSED")


@pytest.mark.parametrize(
    ("command", "status", "code"),
    [
        (("slots", "find"), 2, "ASK_FOR_WHOM"),
        (("slots", "find", "--address", "泉町5番地"), 2, "PEOPLE_NEEDED"),
        (("slots", "find", "--address", "どこにもない町", "--people", "2"), 2, "PLACE_UNKNOWN"),
        (("slots", "find", "--address", "泉町5番地", "--people", "2", "--wish", "11月3日"), 2, "WISH_UNUSABLE"),
        (("slots", "find", "--address", "泉町5番地", "--people", "2", "--from", "soon"), 2, "DATE_UNREADABLE"),
        (("slots", "find", "Z99999"), 2, "REFERENCE_CHECK"),
        (("booking", "confirm", "REF", "--date", DAY), 2, "DATE_AND_WINDOW"),
        (("booking", "confirm", "REF"), 1, "NOTHING_HELD"),
        (("booking", "move", "REF", "--date", DAY, "--window", "10:00-10:30"), 1, "NOTHING_TO_MOVE"),
        (("booking", "hold", "REF", "--date", DAY, "--window", "10:10-10:40"), 1, "WINDOW_OFF_GRID"),
        (("booking", "hold", "REF", "--date", "2026-11-23", "--window", "10:00-10:30"), 1, "NOT_A_SERVICE_DAY"),
        (("booking", "hold", "REF", "--date", DAY, "--window", "10:00-10:30", "--key", "k" * 300), 2, "KEY_UNUSABLE"),
    ],
)
def test_bad_input_is_told_with_code_and_sentence(
    console: Console, take: Take, command: tuple[str, ...], status: int, code: str
) -> None:
    reference = take(wishes="")
    before = console.stored()
    for lang in LANGUAGES:
        said = console(*(reference if word == "REF" else word for word in command), lang=lang)
        assert (said.status, said.code) == (status, code)
    assert console.stored() == before
