"""``outreach session``: what it prints in both languages, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from tests.outreach.terminal.conftest import DAY, Console, Take
from tests.outreach.terminal.words import LEFT_OPEN, assert_refused, foreign_words

AT = "38.2336,143.4588"
HALL = {"--name": "松ヶ丘自治公民館", "--name-en": "Matsugaoka Hall", "--at": AT, "--from": "13:00", "--to": "15:00"}
SOON = ("--accept", "LEAD_TIME", "--accept", "AGAINST_WISH")


def adding(day: str = DAY, **changed: str) -> list[str]:
    """The command that adds the hall; ``changed`` replace options, an empty text leaves one out."""
    given = HALL | {f"--{name.replace('_', '-')}": text for name, text in changed.items()}
    return ["session", "add", day, *(part for name, text in given.items() if text for part in (name, text))]


@pytest.fixture
def hall(console: Console) -> Console:
    """A terminal in a city with one session."""
    assert console(*adding()).status == 0
    return console


def test_a_session_is_added_and_said_in_both_languages(console: Console) -> None:
    assert console(*adding(van="van-1")).out == (
        "Added SITE-1: Matsugaoka Hall, Tue 24 Nov 2026, 13:00-15:00, Shirase 1, 4 places.\n"
    )
    assert console(*adding(van="van-2", seats="2", minutes="40"), lang="ja").out == (
        "SITE-2 を加えました：11月24日（火よう日） 13:00-15:00 松ヶ丘自治公民館、しらせ2号、6 席。\n"
    )


def test_a_session_as_json(console: Console) -> None:
    added = console(*adding(van="van-1", minutes="60"), "--json").json
    assert (added["reference"], added["day"], added["van"], added["free"]) == ("SITE-1", DAY, "van-1", 2)
    assert added["starts"] == [
        {"start_s": 46800, "free": 1, "taken": 0},
        {"start_s": 50400, "free": 1, "taken": 0},
    ]
    listed: list[dict[str, Any]] = console("session", "list", "--json").json
    assert listed == [added]
    assert console("session", "show", "SITE-1", "--json").json == {**added, "guests": []}


def test_a_place_is_booked_shown_and_lost_with_its_session(hall: Console, take: Take) -> None:
    reference = take()
    done = hall("session", "book", reference, "SITE-1", "13:30", *SOON)
    assert done.out == f"{reference}: promised a place at Matsugaoka Hall (SITE-1), Tue 24 Nov 2026, 13:30.\n"
    shown = hall("session", "show", "site-1", lang="ja").out
    assert reference in shown
    assert "約束済み" in shown
    listed = hall("session", "list", lang="ja").out
    assert "松ヶ丘自治公民館" in listed
    ended = hall("session", "cancel", "SITE-1", "--why", "water in the hall").out.splitlines()
    assert ended == [
        "Cancelled SITE-1 on Tue 24 Nov 2026.",
        f"  Promise broken, please phone: {reference}  13:30  イソガイ\u3000ハル  0991-23-0118",
    ]
    plan = hall("plan", "show", DAY, "--json").json
    assert plan["broken"] == [reference]


def test_a_place_is_held_and_then_confirmed(hall: Console, take: Take) -> None:
    reference = take()
    held = hall("session", "book", reference, "SITE-1", "13:30", "--hold", *SOON, lang="ja").out
    assert (
        held
        == f"{reference}：11月24日（火よう日） 13:30、松ヶ丘自治公民館（SITE-1）の席を 16:10 まで仮押さえしました。\n"
    )
    assert hall("booking", "confirm", reference).status == 0
    booked = hall("session", "show", "SITE-1", "--json").json["guests"]
    assert [(guest["reference"], guest["state"], guest["start_s"]) for guest in booked] == [
        (reference, "promised", 48600)
    ]


def test_a_visit_given_up_for_a_place_is_said(hall: Console, take: Take) -> None:
    reference = take()
    window = ("--date", DAY, "--window", "10:00-10:30", "--accept", "LEAD_TIME")
    assert hall("booking", "confirm", reference, *window).status == 0
    done = hall("session", "book", reference, "SITE-1", "13:00", *SOON)
    assert done.out.splitlines()[1] == "It replaces the promise of Tue 24 Nov 2026, 10:00."
    booked = hall("booking", "show", reference, "--json").json
    assert booked["status"] == "confirmed"


def test_booking_as_json_says_when_and_until_when(hall: Console, take: Take) -> None:
    done = hall("session", "book", take(), "SITE-1", "13:30", "--hold", "--json", *SOON).json
    assert (done["session"], done["start"], done["day"]) == ("SITE-1", "13:30", DAY)
    assert done["until"] == "2026-11-20T16:10:00+09:00"


def test_every_line_is_in_the_language_asked_for(hall: Console, take: Take) -> None:
    reference = take()
    said = [
        hall("session", "list", lang="ja"),
        hall("session", "book", reference, "SITE-1", "13:30", *SOON, lang="ja"),
        hall("session", "show", "SITE-1", lang="ja"),
        hall("session", "cancel", "SITE-1", "--why", "水もれ", lang="ja"),
        hall("session", "list", lang="ja"),
    ]
    for each in said:
        assert each.status == 0, each
        assert LEFT_OPEN.search(each.out + each.err) is None, each
        assert foreign_words(each.out + "\n".join(each.told)) == [], each


WRONG = {
    "no point and no address": (adding(at=""), "SESSION_PLACE_MISSING", 2),
    "an address that leads nowhere": (adding(at="", address="どこでもない町9番地"), "SESSION_PLACE_UNSURE", 2),
    "an unreadable point": (adding(at="143.4588,38.2336"), "POINT_UNREADABLE", 2),
    "a point outside the city": (adding(at="35.0,135.0"), "SESSION_PLACE_UNSURE", 2),
    "an unreadable time": (adding(**{"from": "one"}), "TIME_UNREADABLE", 2),
    "backwards": (adding(to="12:30"), "SESSION_BACKWARDS", 2),
    "an unreadable date": (adding("2026-11-31"), "DATE_UNREADABLE", 2),
    "a holiday": (adding("2026-11-23"), "NOT_A_SERVICE_DAY", 1),
    "a day gone by": (adding("2026-11-19"), "DAY_PAST", 1),
    "no name": (adding(name=" "), "SESSION_WITHOUT_NAME", 2),
    "no seat": (adding(seats="0"), "SESSION_SEATS_IMPOSSIBLE", 2),
    "places of no length": (adding(minutes="0"), "SESSION_MINUTES_IMPOSSIBLE", 2),
    "places too long for it": (adding(minutes="200"), "SESSION_WITHOUT_PLACES", 2),
    "a type there is not": (adding(type="party"), "VISIT_TYPE_UNKNOWN", 2),
    "a van there is not": (adding(van="van-99"), "VAN_UNKNOWN", 2),
    "outside the shift": (adding(to="18:00"), "SESSION_OUTSIDE_SHIFT", 1),
    "a My Number for a name": (adding(name="123456789018"), "MY_NUMBER", 2),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_session_that_cannot_be_is_refused(console: Console, case: str) -> None:
    arguments, code, status = WRONG[case]
    assert_refused(console, arguments, code, status, allowed=("group", "unknown"))  # types of visits by their codes


def test_a_session_without_its_parts_is_a_usage_error(console: Console) -> None:
    for arguments in (adding(name=""), adding(to=""), ["session", "cancel", "SITE-1"], ["session", "book"]):
        said = console(*arguments)
        assert (said.status, said.out) == (2, ""), said


def test_a_place_that_cannot_be_is_refused(hall: Console, take: Take) -> None:
    reference = take()
    book = ["session", "book", reference, "SITE-1"]
    assert_refused(hall, [*book, "13:30"], "LEAD_TIME", 1)
    assert_refused(hall, [*book, "13:30", "--accept", "LEAD_TIME"], "AGAINST_WISH", 1)
    assert_refused(hall, [*book, "13:10", *SOON], "SESSION_NO_SUCH_START", 1)
    assert_refused(hall, [*book, "late", *SOON], "TIME_UNREADABLE", 2)
    assert_refused(hall, ["session", "book", reference, "SITE-9", "13:30", *SOON], "SESSION_UNKNOWN", 2)
    assert_refused(hall, ["session", "book", reference, "HALL", "13:30", *SOON], "SESSION_REFERENCE_UNREADABLE", 2)
    assert_refused(hall, ["session", "book", "H10472", "SITE-1", "13:30", *SOON], "BOOKING_UNKNOWN", 2)


def test_a_full_time_names_the_others(hall: Console, take: Take) -> None:
    for phone, address in (("0991-23-0118", "松ヶ丘290番地4"), ("0991-23-0119", "松ヶ丘291番地")):
        reference = take(phone=phone, address=address)
        said = hall("session", "book", reference, "SITE-1", "13:00", *SOON)
    assert said.told[0] == (
        "SESSION_FULL: SITE-1 on Tue 24 Nov 2026 has no place left at 13:00. Still free: 13:30, 14:00, 14:30"
    )


def test_sessions_that_are_not_there_are_refused(console: Console) -> None:
    assert_refused(console, ["session", "show", "SITE-1"], "SESSION_UNKNOWN", 2)
    assert_refused(console, ["session", "cancel", "SITE-1", "--why", "rain"], "SESSION_UNKNOWN", 2)
    assert_refused(console, ["session", "list", "--from", "2026-12-01", "--to", "2026-11-01"], "PERIOD_BACKWARDS", 2)


def test_a_session_is_cancelled_with_a_reason_and_once(hall: Console) -> None:
    assert_refused(hall, ["session", "cancel", "SITE-1", "--why", " "], "REASON_NEEDED", 2)
    assert hall("session", "cancel", "SITE-1", "--why", "rain").status == 0
    assert_refused(hall, ["session", "cancel", "SITE-1", "--why", "rain"], "SESSION_OVER", 1)


def test_a_session_in_the_way_of_a_promise_is_refused_with_whose(console: Console, take: Take) -> None:
    references = []
    for number in range(6):
        reference = take(phone=f"0991-23-02{number:02d}", address=f"松ヶ丘{300 + number}番地", wishes="いつでも")
        window = ("--date", DAY, "--window", "13:30-14:00", "--accept", "LEAD_TIME")
        if console("booking", "confirm", reference, *window).status == 0:
            references.append(reference)
    before = console.stored()
    said = console(*adding())
    assert said.status == 1
    assert said.code in ("SESSION_IMPOSSIBLE", "SESSION_NOT_FOUND")
    assert console.stored() == before
    assert references
