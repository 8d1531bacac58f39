"""What a day refuses: windows, crews, shifts, promises in conflict. Told by code, in both languages, nothing stored."""

from __future__ import annotations

import pytest

from bookings.statuses import Status
from tests.outreach.terminal.conftest import DAY, Console, Promised, Take
from tests.outreach.terminal.words import assert_refused, assert_well_put, foreign_words

WRONG_WINDOWS = {
    "off the grid": (DAY, "10:10-10:40", ["LEAD_TIME"], "WINDOW_OFF_GRID", 1),
    "longer than the grid's": (DAY, "10:00-11:00", ["LEAD_TIME"], "WINDOW_OFF_GRID", 1),
    "before the first": (DAY, "08:30-09:00", ["LEAD_TIME"], "WINDOW_OFF_GRID", 1),
    "after the shift": (DAY, "17:30-18:00", ["LEAD_TIME"], "WINDOW_OFF_GRID", 1),
    "backwards": (DAY, "10:30-10:00", ["LEAD_TIME"], "WINDOW_UNREADABLE", 2),
    "no window": (DAY, "morning", ["LEAD_TIME"], "WINDOW_UNREADABLE", 2),
    "no time of day": (DAY, "10:00-25:00", ["LEAD_TIME"], "TIME_UNREADABLE", 2),
    "in the past": ("2026-11-19", "10:00-10:30", ["LEAD_TIME"], "WINDOW_PAST", 1),
    "on a holiday": ("2026-11-23", "10:00-10:30", ["LEAD_TIME"], "NOT_A_SERVICE_DAY", 1),
    "on a Sunday": ("2026-11-22", "10:00-10:30", ["LEAD_TIME"], "NOT_A_SERVICE_DAY", 1),
    "too soon": (DAY, "10:00-10:30", [], "LEAD_TIME", 1),
    "too far off": ("2027-03-01", "10:00-10:30", [], "BEYOND_HORIZON", 1),
    "on a day that does not suit": ("2026-12-01", "10:00-10:30", [], "AGAINST_WISH", 1),
    "on no day": ("2026-11-31", "10:00-10:30", [], "DATE_UNREADABLE", 2),
}


@pytest.mark.parametrize("case", WRONG_WINDOWS)
def test_a_window_that_cannot_be_promised_is_refused(console: Console, take: Take, case: str) -> None:
    reference = take(wishes="火曜以外の午前" if "suit" in case else "午前")
    day, window, accepted, code, status = WRONG_WINDOWS[case]
    accept = [part for name in accepted for part in ("--accept", name)]
    confirm = ["booking", "confirm", reference, "--date", day, "--window", window, *accept]
    assert_refused(console, confirm, code, status)


def test_a_promise_needs_a_booking(console: Console) -> None:
    confirm = ["--date", DAY, "--window", "10:00-10:30", "--accept", "LEAD_TIME"]
    assert_refused(console, ["booking", "confirm", "H10472", *confirm], "BOOKING_UNKNOWN", 2)
    assert_refused(console, ["booking", "confirm", "H10471", *confirm], "REFERENCE_CHECK", 2)
    assert_refused(console, ["booking", "confirm", "104", *confirm], "REFERENCE_SHAPE", 2)


def test_a_draft_is_promised_nothing(console: Console) -> None:
    draft = console("booking", "add", "--json", "--name", "磯貝 ハル").json["reference"]
    confirm = ["booking", "confirm", draft, "--date", DAY, "--window", "10:00-10:30", "--accept", "LEAD_TIME"]
    assert_refused(console, confirm, "BOOKING_INCOMPLETE", 1)


def test_a_promise_is_made_once(promised: Promised) -> None:
    confirm = ["booking", "confirm", promised.reference, "--date", DAY, "--window", "11:00-11:30"]
    assert_refused(promised.console, [*confirm, "--accept", "LEAD_TIME"], "ALREADY_PROMISED", 1)


SHIFTS = {
    "a crew of one": (["--van", "van-1", "--crew", "s-01"], "CREW_NOT_TWO", 2),
    "a crew of three": (["--van", "van-1", "--crew", "s-01,s-02,s-04"], "CREW_NOT_TWO", 2),
    "the same person twice": (["--van", "van-1", "--crew", "s-01,s-01"], "CREW_NOT_TWO", 2),
    "two trainees": (["--van", "van-1", "--crew", "s-09,s-10"], "CREW_OF_TRAINEES", 1),
    "an unknown van": (["--van", "van-9", "--crew", "s-01,s-02"], "VAN_UNKNOWN", 2),
    "an unknown person": (["--van", "van-1", "--crew", "s-01,s-99"], "STAFF_UNKNOWN", 2),
    "an end before its start": (
        ["--van", "van-1", "--crew", "s-01,s-02", "--start", "15:00", "--end", "09:00"],
        "SHIFT_BACKWARDS",
        2,
    ),
}


@pytest.mark.parametrize("case", SHIFTS)
def test_a_shift_that_cannot_be_is_refused(console: Console, case: str) -> None:
    options, code, status = SHIFTS[case]
    assert_refused(console, ["shift", "add", "2026-12-21", *options], code, status)


def test_nobody_is_on_two_shifts_at_once(console: Console) -> None:
    assert console("shift", "add", "2026-12-21", "--van", "van-1", "--crew", "s-01,s-02").status == 0
    again = ["shift", "add", "2026-12-21", "--van", "van-2", "--crew", "s-02,s-04"]
    assert_refused(console, again, "STAFF_ON_TWO_SHIFTS", 1)
    twice = ["shift", "add", "2026-12-21", "--van", "van-1", "--crew", "s-04,s-05"]
    assert_refused(console, twice, "VAN_HAS_SHIFT", 1)


def test_nobody_on_leave_is_on_a_shift(console: Console) -> None:
    assert console("staff", "leave", "s-01", "--from", "2026-12-21").status == 0
    assert_refused(
        console, ["shift", "add", "2026-12-21", "--van", "van-1", "--crew", "s-01,s-02"], "STAFF_ON_LEAVE", 1
    )


def test_a_day_without_a_shift_has_no_plan_and_takes_no_promise(console: Console, take: Take) -> None:
    assert_refused_but_for_the_day(console, ["plan", "make", "2026-12-21"], "DAY_WITHOUT_SHIFT")
    confirm = ["booking", "confirm", take(), "--date", "2026-12-21", "--window", "10:00-10:30"]
    assert_refused_but_for_the_day(console, confirm, "DAY_WITHOUT_SHIFT")
    assert_refused(console, ["plan", "show", "2026-12-22"], "DAY_UNKNOWN", 2)


def assert_refused_but_for_the_day(console: Console, arguments: list[str], code: str) -> None:
    """The empty row of the day may be made; nothing else."""
    before = [line for line in console.stored() if '"service_day"' not in line]
    for lang in ("ja", "en"):
        said = console(*arguments, lang=lang)
        assert (said.status, said.out) == (1, "")
        assert_well_put(said, code, lang)
    assert [line for line in console.stored() if '"service_day"' not in line] == before


CODES_TO_TYPE = ("visited", "reached", "cancelled", "standing", "published", *(status.value for status in Status))
"""Words of the command line that the action names because they are to be typed."""

BAD_CALLS = {
    "an outcome that is none": (["calls", "log", "{ref}", "maybe"], "OUTCOME_UNKNOWN", 2),
    "a visit with an outcome that is none": (["visit", "log", "{ref}", "maybe"], "OUTCOME_UNKNOWN", 2),
    "a visit of tomorrow": (["visit", "log", "{ref}", "visited", "--people", "2"], "VISIT_IN_FUTURE", 1),
    "a visit without its reference": (["visit", "log"], "VISIT_OR_FILE", 2),
    "a sheet that is not there": (["visit", "log", "--file", "nowhere.csv"], "FILE_MISSING", 2),
    "a pin to no van": (["plan", "pin", DAY, "{ref}"], "PIN_VAN_OR_FREE", 2),
    "a pin to an unknown van": (["plan", "pin", DAY, "{ref}", "--van", "van-9"], "VAN_NOT_ON_SHIFT", 2),
    "a version that is none": (["plan", "show", DAY, "--version", "last"], "VERSION_UNREADABLE", 2),
    "a version not made yet": (["plan", "show", DAY, "--version", "99"], "NO_SUCH_VERSION", 2),
    "what is not published": (["plan", "show", DAY, "--version", "published"], "NO_PLAN", 2),
    "opening what is open": (["plan", "reopen", DAY, "--why", "急用"], "DAY_NOT_CLOSED", 1),
    "opening without a reason": (["plan", "reopen", DAY], "REASON_NEEDED", 2),
    "a status that is none": (["booking", "list", "--status", "lost"], "STATUS_UNKNOWN", 2),
    "a period backwards": (
        ["van", "down", "van-1", "--from", "2026-12-02", "--to", "2026-12-01"],
        "PERIOD_BACKWARDS",
        2,
    ),
    "a van that runs": (["van", "up", "van-1"], "VAN_NOT_DOWN", 1),
    "leave of nobody": (["staff", "leave", "s-99", "--from", "2026-12-01"], "STAFF_UNKNOWN", 2),
    "a shift that is none": (["shift", "remove", "2026-12-21", "--van", "van-1"], "SHIFT_UNKNOWN", 2),
    "coverage backwards": (["map", "coverage", "--from", "2026-12-02", "--to", "2026-12-01"], "PERIOD_BACKWARDS", 2),
    "sheets of an empty day": (["sheets", "2026-12-22"], "DAY_UNKNOWN", 2),
    "why of a booking in no plan": (["plan", "explain", "C61803"], "VISIT_NOT_PLANNED", 2),
}


@pytest.mark.parametrize("case", BAD_CALLS)
def test_what_makes_no_sense_is_refused(promised: Promised, case: str) -> None:
    arguments, code, status = BAD_CALLS[case]
    reference = "H10472" if code == "VISIT_NOT_PLANNED" else promised.reference
    given = [reference if part in ("{ref}", "C61803") else part for part in arguments]
    assert_refused(promised.console, given, code, status, allowed=CODES_TO_TYPE)


def test_a_promise_that_a_broken_van_cannot_keep_is_named_with_whom_to_phone(console: Console, take: Take) -> None:
    """Three households at the same hour need three vans; one van goes down."""
    references = []
    for number in range(1, 4):
        reference = take(address=f"泉町{number}0番地", phone=f"0991-23-111{number}")
        confirm = ("--date", DAY, "--window", "10:00-10:30", "--accept", "LEAD_TIME")
        assert console("booking", "confirm", reference, *confirm).status == 0
        references.append(reference)
    for lang in ("ja", "en"):
        told = console("van", "down", "van-3", "--from", DAY, "--to", DAY, lang=lang)
        assert told.status == 1
        assert sum(reference in told.err for reference in references) == 1
        assert "0991-23-111" in told.err
        assert lang == "en" or foreign_words("\n".join(told.told)) == []
    assert console("plan", "check", DAY).status == 1
    before = console.stored()
    for lang in ("ja", "en"):
        said = console("plan", "make", DAY, "--seconds", "1", lang=lang)
        assert (said.status, said.out) == (1, "")
        assert_well_put(said, "PROMISES_CONFLICT", lang)
        named = [reference for reference in references if f"  {reference}  10:00-10:30" in said.err]
        assert named, said.err
        assert all("0991-23-111" in line for line in said.told if line.startswith("  ") and "10:00-10:30" in line)
    assert console.stored() == before
    broken = console("plan", "make", DAY, "--seconds", "1", "--accept-broken", "--json")
    assert broken.status == 0
    assert len(broken.json["broken"]) == 1
    assert console("plan", "check", DAY).status == 0
