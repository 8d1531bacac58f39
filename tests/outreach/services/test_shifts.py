"""Shifts: exactly two people who can come, on a van that exists, on a day the vans go out."""

from __future__ import annotations

from datetime import date as Date

import pytest

from outreach.errors import BadInput, NotFound, OutreachError, Refused
from outreach.services import fleet, shifts
from outreach.services._recheck import Outcome
from outreach.services.office import Office
from outreach.services.shifts import ShiftRequest
from outreach.storage.engine import writing
from outreach.storage.tables import Staff, Van
from tests.outreach.city import SHIFT, TUESDAY, small_city
from tests.outreach.services.promised import promised, quick, state_of

THURSDAY = Date(2026, 11, 26)


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@pytest.fixture
def sqlite_office(sqlite_office: Office) -> Office:
    """With short searches, on SQLite alone."""
    return quick(sqlite_office)


def test_a_shift_has_the_citys_hours_unless_it_says_others(office: Office) -> None:
    small_city(office)
    done = shifts.add_shift(office, ShiftRequest(THURSDAY, "van-1", ("s-01", "s-02")))
    assert done.days == ()
    shown = done.shift
    assert (shown.van_name, shown.crew, shown.crew_names) == ("1号車", ("s-01", "s-02"), ("青木 一郎", "井上 花"))
    assert (shown.start_s, shown.end_s) == (office.rules.shift.start_s, office.rules.shift.end_s)
    other = shifts.add_shift(office, ShiftRequest(THURSDAY, "van-2", ("s-03", "s-04"), 32400, 43200)).shift
    assert (other.start_s, other.end_s) == (32400, 43200)
    assert [shift.van_id for shift in shifts.list_shifts(office, THURSDAY, THURSDAY)] == ["van-1", "van-2"]
    assert state_of(office, THURSDAY).version == 2


def with_trainees(office: Office) -> None:
    with writing(office.engine) as session:
        session.add(Staff(id="t-01", name="見習 一", trainee=True))
        session.add(Staff(id="t-02", name="見習 二", trainee=True))
        session.add(Van(id="van-3", name="3号車", depot_id="hall"))


@pytest.mark.parametrize(
    ("request_", "kind", "code"),
    [
        (ShiftRequest(TUESDAY, "van-3", ("s-01", "s-01")), BadInput, "CREW_NOT_TWO"),
        (ShiftRequest(TUESDAY, "van-3", ("t-01", "t-02")), Refused, "CREW_OF_TRAINEES"),
        (ShiftRequest(TUESDAY, "van-3", ("s-01", "t-01")), Refused, "STAFF_ON_TWO_SHIFTS"),
        (ShiftRequest(TUESDAY, "van-3", ("t-01", "s-99")), NotFound, "STAFF_UNKNOWN"),
        (ShiftRequest(TUESDAY, "van-9", ("t-01", "t-02")), NotFound, "VAN_UNKNOWN"),
        (ShiftRequest(TUESDAY, "van-1", ("t-01", "t-02")), Refused, "VAN_HAS_SHIFT"),
        (ShiftRequest(TUESDAY, "van-3", ("t-01", "s-01"), 36000, 36000), BadInput, "SHIFT_BACKWARDS"),
        (ShiftRequest(Date(2026, 11, 23), "van-3", ("t-01", "s-01")), Refused, "NOT_A_SERVICE_DAY"),
    ],
)
def test_a_crew_that_cannot_be_is_refused_and_nothing_is_stored(
    office: Office, request_: ShiftRequest, kind: type[OutreachError], code: str
) -> None:
    small_city(office)
    with_trainees(office)
    before = shifts.list_shifts(office, TUESDAY, TUESDAY)
    with pytest.raises(kind) as refusal:
        shifts.add_shift(office, request_)
    assert refusal.value.code == code
    assert shifts.list_shifts(office, TUESDAY, TUESDAY) == before


def test_one_trainee_may_ride_along(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    with_trainees(sqlite_office)
    done = shifts.add_shift(sqlite_office, ShiftRequest(THURSDAY, "van-3", ("s-01", "t-01")))
    assert done.shift.crew == ("s-01", "t-01")


def test_somebody_on_leave_is_on_no_crew(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    fleet.staff_leave(sqlite_office, "s-01", THURSDAY, THURSDAY)
    with pytest.raises(Refused) as refusal:
        shifts.add_shift(sqlite_office, ShiftRequest(THURSDAY, "van-1", ("s-01", "s-02")))
    assert (refusal.value.code, refusal.value.values["until"]) == ("STAFF_ON_LEAVE", THURSDAY)


def test_a_shift_removed_says_whom_to_phone(office: Office) -> None:
    small_city(office)
    both = promised(office, "10:00", "10:00")
    version = state_of(office).version
    (day,) = shifts.remove_shift(office, TUESDAY, "van-1")
    assert (day.outcome, day.proved) == (Outcome.BROKEN, True)
    assert {person.reference for person in day.to_phone} < set(both)
    assert [shift.van_id for shift in shifts.list_shifts(office, TUESDAY, TUESDAY)] == ["van-2"]
    assert state_of(office).version == version + 1
    with pytest.raises(NotFound) as refusal:
        shifts.remove_shift(office, TUESDAY, "van-1")
    assert refusal.value.code == "SHIFT_UNKNOWN"


def test_a_shift_short_of_somebody_is_listed_and_does_not_drive(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    fleet.staff_leave(sqlite_office, "s-01", TUESDAY, TUESDAY)
    first = shifts.list_shifts(sqlite_office, TUESDAY, TUESDAY)[0]
    assert (first.van_id, first.crew) == ("van-1", ("s-02",))
    promised(sqlite_office, "10:00")
    assert [shift.id for shift in state_of(sqlite_office).shifts] == ["van-2"]
    assert SHIFT[0] == first.start_s
