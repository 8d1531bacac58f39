"""Every bad answer a clerk may type: told by its code, in words, in both languages; never more stored than a draft."""

from __future__ import annotations

import sqlite3

import pytest

from outreach.programme.settings import DATABASE_FILE
from tests.outreach.terminal.conftest import Console, Promised, Take, answers
from tests.outreach.terminal.words import assert_refused, assert_well_put

BAD_ANSWERS = {
    "an unknown town": ({"address": "霧ヶ峰町3番地"}, "ADDRESS_UNKNOWN_TOWN"),
    "two towns": ({"address": "前田3番地"}, "ADDRESS_AMBIGUOUS"),
    "another city": ({"address": "汐見市港町1番地"}, "ADDRESS_OTHER_CITY"),
    "no people": ({"people": "0"}, "PEOPLE_NOT_POSITIVE"),
    "minus one person": ({"people": "-1"}, "PEOPLE_NOT_POSITIVE"),
    "40 people": ({"people": "40"}, "TOO_MANY_PEOPLE"),
    "two or three people": ({"people": "２〜３人"}, "PEOPLE_RANGE"),
    "a phone of nine digits": ({"phone": "0991-23-018"}, "PHONE_TOO_SHORT"),
    "a phone with letters": ({"phone": "0991-AB-0118"}, "PHONE_LETTERS"),
    "a birth year after its era": ({"birth_year": "昭和65年"}, "ERA_ENDED"),
    "a day after its era": ({"birth_year": "昭和64年1月8日"}, "ERA_ENDED"),
    "a day in the era before": ({"birth_year": "平成1年1月7日"}, "ERA_NOT_BEGUN"),
    "a day after Heisei": ({"birth_year": "平成31年5月1日"}, "ERA_ENDED"),
    "a day no calendar has": ({"birth_year": "昭和12年2月30日"}, "DATE_IMPOSSIBLE"),
    "a birth year to come": ({"birth_year": "令和20年"}, "BIRTH_YEAR_IN_FUTURE"),
    "a wish in the past": ({"wishes": "11月19日"}, "WISH_IN_PAST"),
    "a choice that is none": ({"access": "maybe"}, "CHOICE_UNKNOWN"),
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_a_bad_answer_is_told_and_leaves_a_draft(console: Console, case: str) -> None:
    changed, code = BAD_ANSWERS[case]
    said = console("booking", "add", *answers(**changed), lang="ja")
    assert said.status == 1
    assert_well_put(said, code, "ja", allowed=("yes", "chair", "wheelchair"))
    listed = console("booking", "add", "--json", *answers(**changed))
    found = [finding for finding in listed.json["findings"] if finding["code"] == code]
    assert (listed.status, listed.json["status"]) == (1, "draft")
    assert [(f["field"], f["severity"]) for f in found] == [(next(iter(changed)), "error")]
    assert found[0]["sentence"]
    assert [booking["status"] for booking in console("booking", "list", "--json").json] == ["draft", "draft"]


def test_a_full_width_phone_is_read(console: Console, take: Take) -> None:
    take(phone="０９９１（２３）０１１８")
    with sqlite3.connect(console.home / DATABASE_FILE) as connection:
        rows = connection.execute("SELECT phone_e164 FROM booking").fetchall()
    connection.close()
    assert rows == [("+81991230118",)]


def test_a_wish_on_a_closed_day_is_a_warning_and_the_booking_stands(console: Console) -> None:
    for lang, household in (("ja", "1"), ("en", "2")):
        said = console(
            "booking", "add", *answers(wishes="11月23日か24日", address=f"泉町{household}番地", phone=""),
            "--mail", "haru@example.jp", lang=lang,
        )  # fmt: skip
        assert said.status == 0
        assert_well_put(said, "WISH_CLOSED_DAY", lang)
    assert [b["status"] for b in console("booking", "list", "--json").json] == ["requested", "requested"]


def test_a_point_outside_the_boundary_is_refused_and_a_point_inside_is_taken(console: Console) -> None:
    outside = console("booking", "add", "--json", *answers(), "--at", "38.9,144.2")
    assert outside.status == 1
    assert [f["code"] for f in outside.json["findings"] if f["severity"] == "error"] == ["OUTSIDE_BOUNDARY"]
    for lang in ("ja", "en"):
        said = console("booking", "add", *answers(), "--at", "38.9,144.2", lang=lang)
        assert said.status == 1
        assert_well_put(said, "OUTSIDE_BOUNDARY", lang)
    assert {b["status"] for b in console("booking", "list", "--json").json} == {"draft"}
    inside = console("booking", "add", "--json", *answers(), "--at", "38.2608,143.4334")
    assert (inside.status, inside.json["status"]) == (0, "requested")


@pytest.mark.parametrize("point", ["143.43,38.26", "38.26", "38.26;143.43", "north,east", "nan,nan", "inf,143"])
def test_a_point_that_cannot_be_read_is_refused(console: Console, point: str) -> None:
    assert_refused(console, ["booking", "add", *answers(), "--at", point], "POINT_UNREADABLE", 2)


def test_a_second_booking_of_a_household_waits_for_a_word_and_a_reason(console: Console, take: Take) -> None:
    first = take()
    again = console("booking", "add", "--json", *answers())
    assert (again.status, again.json["status"]) == (1, "draft")
    assert again.json["open_confirms"] == ["DUPLICATE_HOUSEHOLD"]
    assert [f["values"] for f in again.json["findings"] if f["code"] == "DUPLICATE_HOUSEHOLD"] == [
        {"references": [first]}
    ]
    for lang in ("ja", "en"):
        said = console("booking", "add", *answers(), lang=lang)
        assert_well_put(said, "DUPLICATE_HOUSEHOLD", lang)
        silent = console("booking", "add", *answers(), "--accept", "DUPLICATE_HOUSEHOLD", lang=lang)
        assert silent.status == 1
        assert_well_put(silent, "HOUSEHOLD_REASON_MISSING", lang)
    reason = ("--accept", "DUPLICATE_HOUSEHOLD", "--household-reason", "二世帯住宅")
    taken = console("booking", "add", "--json", *answers(), *reason)
    assert (taken.status, taken.json["status"]) == (0, "requested")


def test_a_far_place_waits_for_the_managers_word(console: Console) -> None:
    far = answers(address="霧谷町奥平12番地")
    asked = console("booking", "add", "--json", *far)
    assert (asked.status, asked.json["status"], asked.json["open_confirms"]) == (1, "draft", ["LONG_LEG"])
    for lang in ("ja", "en"):
        assert_well_put(console("booking", "add", *far, lang=lang), "LONG_LEG", lang)
    accepted = console("booking", "edit", asked.json["reference"], "--json", "--accept", "LONG_LEG")
    assert (accepted.status, accepted.json["status"]) == (0, "requested")


def test_an_answer_the_rules_refuse_is_stored_as_turned_down(console: Console) -> None:
    for lang in ("ja", "en"):
        said = console("booking", "add", *answers(resident="no"), lang=lang)
        assert said.status == 1
        assert_well_put(said, "NOT_RESIDENT", lang)
    said = console("booking", "add", "--json", *answers(resident="no"))
    assert (said.status, said.json["status"], said.json["refused_by"]) == (1, "turned_down", "NOT_RESIDENT")


def test_an_incomplete_call_is_a_draft_and_no_mistake(console: Console) -> None:
    said = console("booking", "add", "--json", "--name", "磯貝 ハル")
    assert (said.status, said.json["status"], said.json["findings"]) == (0, "draft", [])
    assert "phone" in said.json["open_answers"]
    for lang in ("ja", "en"):
        shown = console("booking", "add", "--kana", "イソガイ", lang=lang)
        assert shown.status == 0
        assert "phone" not in shown.err


MY_NUMBERS = ("123456789018", "1234-5678-9018", "１２３４　５６７８　９０１８", "一二三四五六七八九〇一八")


@pytest.mark.parametrize("number", MY_NUMBERS)
def test_a_my_number_stores_nothing_and_is_repeated_nowhere(console: Console, number: str) -> None:
    before = console.stored()
    for lang in ("ja", "en"):
        said = console("booking", "add", *answers(note=f"番号は{number}です"), lang=lang)
        assert (said.status, said.out) == (2, "")
        assert_well_put(said, "MY_NUMBER", lang)
        assert number not in said.err
    assert console.stored() == before


def test_a_my_number_in_json_has_no_reference_and_its_sentence_is_on_stderr(console: Console) -> None:
    before = console.stored()
    said = console("booking", "add", "--json", *answers(note="123456789018"))
    assert said.status == 2
    assert {name: said.json[name] for name in ("reference", "status")} == {"reference": None, "status": None}
    assert [(f["field"], f["code"], f["severity"]) for f in said.json["findings"]] == [("note", "MY_NUMBER", "error")]
    assert said.code == "MY_NUMBER"
    assert "123456789018" not in said.out + said.err
    assert console.stored() == before


WAYS_IN = {
    "a choice": ["booking", "add", "--access", "123456789018"],
    "the reason of a household": ["booking", "add", "--household-reason", "123456789018"],
    "why a booking changes": ["booking", "edit", "{ref}", "--people", "3", "--why", "123456789018"],
    "why it is cancelled": ["booking", "cancel", "{ref}", "--why", "123456789018"],
    "why it is confirmed": [
        *("booking", "confirm", "{ref}", "--date", "2026-11-24", "--window", "10:00-10:30"),
        *("--why", "123456789018"),
    ],
    "an address looked up": ["address", "match", "松ヶ丘 123456789018"],
    "a search": ["booking", "list", "--search", "123456789018"],
    "the town chosen": ["booking", "add", "--address", "前田3", "--town", "123456789018"],
    "why a van is down": ["van", "down", "van-1", "--reason", "123456789018"],
    "why a plan is made": ["plan", "make", "2026-11-24", "--why", "123456789018"],
    "why a plan is published": ["plan", "publish", "2026-11-24", "--why", "123456789018"],
    "why a day is reopened": ["plan", "reopen", "2026-11-24", "--why", "123456789018"],
    "why a visit is pinned": ["plan", "pin", "2026-11-24", "{ref}", "--van", "van-1", "--why", "123456789018"],
    "the note of a call": ["calls", "log", "{ref}", "reached", "--note", "123456789018"],
    "the note of a visit": ["visit", "log", "{ref}", "visited", "--note", "123456789018"],
}


@pytest.mark.parametrize("way", WAYS_IN)
def test_a_my_number_comes_in_by_no_option(promised: Promised, way: str) -> None:
    arguments = [promised.reference if part == "{ref}" else part for part in WAYS_IN[way]]
    before = promised.console.stored()
    said = promised.console(*arguments)
    assert (said.status, said.out) == (2, "")
    assert_well_put(said, "MY_NUMBER", "en")
    assert "123456789018" not in said.err
    assert promised.console.stored() == before
