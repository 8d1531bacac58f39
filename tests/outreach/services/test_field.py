"""What happened at the door: logged once, in order, a whole sheet or nothing of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date

import pytest

from bookings.errors import FileRefused, PrivacyError
from bookings.spreadsheets import write_csv, write_xlsx
from bookings.statuses import Status
from outreach.errors import BadInput, NotFound, Refused
from outreach.programme.clock import instant_from
from outreach.services import desk, field, publishing
from outreach.services.field import COLUMNS, Outcome
from outreach.services.office import Office
from tests.outreach.city import TUESDAY, small_city
from tests.outreach.services.promised import at, booking_of, change_booking, promised, quick, visit_states, window

EVENING = instant_from("2026-11-24T18:00")


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@pytest.fixture
def sqlite_office(sqlite_office: Office) -> Office:
    """With short searches, on SQLite alone."""
    return quick(sqlite_office)


def evening(office: Office, *clocks: str) -> tuple[Office, list[str]]:
    """The evening of a day with promises at these times."""
    small_city(office)
    references = promised(office, *clocks)
    return at(office, EVENING), references


def logged(office: Office) -> list[tuple[Date, str, int, int | None, int | None, str]]:
    """Everything in the log."""
    return [
        (row.day, row.outcome, row.people, row.start_s, row.end_s, row.note)
        for row in field.outcomes_of(office, Date(2026, 1, 1), Date(2026, 12, 31))
    ]


def test_a_visit_is_logged_with_people_and_times(office: Office) -> None:
    office, (reference,) = evening(office, "10:00")
    done = field.log_visit(office, Outcome(reference, "Visited", 3, 36300, 38700, "all well"))
    assert (done.day, done.status, done.people) == (TUESDAY, Status.VISITED, 3)
    assert logged(office) == [(TUESDAY, "visited", 3, 36300, 38700, "all well")]
    assert (booking_of(office, reference).status, visit_states(office, reference)) == ("visited", ["done"])


def test_without_a_number_as_many_were_served_as_were_booked_and_nobody_at_a_no_show(office: Office) -> None:
    office, (first, second) = evening(office, "10:00", "13:30")
    assert field.log_visit(office, Outcome(first, "visited")).people == 2
    assert field.log_visit(office, Outcome(second, "no-show")).people == 0
    assert booking_of(office, second).status == "no_show"


def test_a_cancellation_at_the_door_is_no_outcome_of_a_visit_but_ends_it_and_outdates_the_sheets(
    office: Office,
) -> None:
    small_city(office)
    (reference,) = promised(office, "10:00")
    publishing.publish(office, TUESDAY, language="ja")
    late = at(office, EVENING)
    assert field.log_visit(late, Outcome(reference, "cancelled")).status is Status.CANCELLED
    assert (logged(late), visit_states(late, reference)) == ([], ["released"])
    assert [row.outdated_at is not None for row in publishing.publications(late, TUESDAY)] == [True]


def test_somebody_out_in_the_morning_and_visited_in_the_afternoon_has_one_outcome(office: Office) -> None:
    small_city(office)
    (reference,) = promised(office, "10:00")
    noon = at(office, instant_from("2026-11-24T11:00"))
    field.log_visit(noon, Outcome(reference, "no-show"))
    change_booking(noon, reference, status="requested")
    desk.confirm(noon, reference, TUESDAY, window("14:00"))
    late = at(office, EVENING)
    field.log_visit(late, Outcome(reference, "visited", 2))
    assert logged(late) == [(TUESDAY, "visited", 2, None, None, "")]
    assert visit_states(late, reference) == ["done", "done"]


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome("", "lunch"), "OUTCOME_UNKNOWN"),
        (Outcome("", "visited", 0), "PEOPLE_IMPOSSIBLE"),
        (Outcome("", "visited", -1), "PEOPLE_IMPOSSIBLE"),
        (Outcome("", "visited", 501), "PEOPLE_IMPOSSIBLE"),
        (Outcome("", "visited", 2, 38000, 37000), "TIMES_BACKWARDS"),
    ],
)
def test_an_impossible_entry_is_refused(sqlite_office: Office, outcome: Outcome, code: str) -> None:
    office, (reference,) = evening(sqlite_office, "10:00")
    with pytest.raises(BadInput) as refusal:
        field.log_visit(office, replace(outcome, reference=reference))
    assert refusal.value.code == code
    assert (logged(office), booking_of(office, reference).status) == ([], "confirmed")


def test_a_visit_to_come_an_unknown_one_and_one_already_logged_are_refused(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (reference,) = promised(sqlite_office, "10:00")
    with pytest.raises(Refused) as early:
        field.log_visit(sqlite_office, Outcome(reference, "visited"))
    assert early.value.code == "VISIT_IN_FUTURE"
    office = at(sqlite_office, EVENING)
    with pytest.raises(NotFound):
        field.log_visit(office, Outcome("Z99999", "visited"))
    field.log_visit(office, Outcome(reference, "visited"))
    with pytest.raises(Refused) as twice:
        field.log_visit(office, Outcome(reference, "visited"))
    assert twice.value.code == "NO_VISIT_TO_LOG"


def test_a_my_number_in_a_note_or_a_file_name_is_refused(sqlite_office: Office) -> None:
    office, (reference,) = evening(sqlite_office, "10:00")
    with pytest.raises(PrivacyError):
        field.log_visit(office, Outcome(reference, "visited", note="123456789018"))
    with pytest.raises(PrivacyError):
        field.log_sheet(office, b"reference,outcome\n", name="123456789018.csv")
    assert logged(office) == []


def sheet(*rows: tuple[object, ...]) -> bytes:
    return write_csv(COLUMNS, rows)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_whole_sheet_is_typed_in_at_once(office: Office, kind: str) -> None:
    office, (first, second) = evening(office, "10:00", "13:30")
    rows = [(first, "visited", "3", "10:05", "10:45", "ok"), (second, "no_show", "", "", "", "")]
    data = sheet(*rows) if kind == "csv" else write_xlsx({"sheet": (COLUMNS, rows)})
    done = field.log_sheet(office, data, name=f"sheet.{kind}")
    assert [(entry.reference, entry.status, entry.people) for entry in done] == [
        (first, Status.VISITED, 3),
        (second, Status.NO_SHOW, 0),
    ]
    assert logged(office) == [(TUESDAY, "visited", 3, 36300, 38700, "ok"), (TUESDAY, "no_show", 0, None, None, "")]


def test_a_sheet_with_anything_wrong_leaves_nothing_and_names_every_row(office: Office) -> None:
    office, (first, second) = evening(office, "10:00", "13:30")
    data = sheet(
        (first, "visited", "3", "10:05", "10:45", ""),
        (second, "vanished", "", "", "", ""),
        (first, "visited", "", "", "", ""),
    )
    with pytest.raises(field.SheetRefused) as refusal:
        field.log_sheet(office, data, name="sheet.csv")
    assert [(finding.code, finding.row) for finding in refusal.value.findings] == [  # type: ignore[attr-defined]
        ("OUTCOME_UNKNOWN", 3),
        ("NO_VISIT_TO_LOG", 4),
    ]
    assert logged(office) == []
    assert {booking_of(office, reference).status for reference in (first, second)} == {"confirmed"}


def test_a_sheet_that_cannot_be_read_row_by_row_names_every_row(sqlite_office: Office) -> None:
    office, (first,) = evening(sqlite_office, "10:00")
    data = sheet(
        ("???", "visited", "", "", "", ""),
        (first, "visited", "many", "", "", ""),
        (first, "visited", "", "25:00", "", ""),
        (first, "visited", "9" * 5000, "", "", ""),
    )
    with pytest.raises(field.SheetRefused) as refusal:
        field.log_sheet(office, data, name="sheet.csv")
    codes = [finding.code for finding in refusal.value.findings]
    assert codes[1:] == ["PEOPLE_IMPOSSIBLE", "TIME_UNREADABLE", "PEOPLE_IMPOSSIBLE"]
    assert len(codes) == 4
    assert logged(office) == []


def test_an_unknown_column_and_an_unreadable_file_are_refused(sqlite_office: Office) -> None:
    office, (first,) = evening(sqlite_office, "10:00")
    with pytest.raises(field.SheetRefused) as refusal:
        field.log_sheet(office, write_csv(("reference", "outcome", "mood"), [(first, "visited", "good")]), name="s.csv")
    assert [finding.code for finding in refusal.value.findings] == ["COLUMN_UNKNOWN"]
    with pytest.raises(FileRefused):
        field.log_sheet(office, b"", name="s.csv")
    assert logged(office) == []
