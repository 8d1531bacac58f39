"""The pre-visit calls: in the order in which they are useful, nobody who called off, every attempt kept."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from bookings.errors import PrivacyError
from outreach.errors import BadInput, Busy, NotFound, Refused
from outreach.services import _cancelling, _patience, calls, desk, planning, publishing
from outreach.services._day_writes import DayChanged
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.tables import CallAttempt, CallOutcome
from tests.outreach.city import FAR, MIDDLE, TUESDAY, put_bookings, small_city
from tests.outreach.services.promised import booking_of, change_booking, promised, quick, visit_states


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@pytest.fixture
def sqlite_office(sqlite_office: Office) -> Office:
    """With short searches, on SQLite alone."""
    return quick(sqlite_office)


def attempts(office: Office) -> list[tuple[str, str]]:
    """Outcome and note of every call kept."""
    with reading(office.engine) as session:
        rows = session.exec(select(CallAttempt).order_by(col(CallAttempt.id))).all()
    return [(row.outcome, row.note) for row in rows]


def test_calls_are_sorted_by_the_moment_the_crew_sets_out_and_those_without_a_phone_are_apart(office: Office) -> None:
    small_city(office)
    (far,) = promised(office, "10:30", town=FAR)
    near, silent = promised(office, "10:00", "14:00", first=2)
    (middle,) = promised(office, "13:00", first=4, town=MIDDLE)
    change_booking(office, silent, phone_spoken="", phone_e164=None, fax="0991-22-0000")
    found = calls.list_calls(office, TUESDAY, language="ja")
    assert [entry.latest_useful_s for entry in found.calls] == sorted(e.latest_useful_s for e in found.calls)
    assert {entry.reference for entry in found.calls} == {near, far, middle}
    assert [entry.reference for entry in found.without_phone] == [silent]
    plan = planning.show(office, TUESDAY).plan
    for entry in found.calls:
        route = plan.route_of(entry.reference)
        assert route is not None
        at = [stop.visit for stop in route.stops].index(entry.reference)
        assert entry.latest_useful_s == (route.start_s if at == 0 else route.stops[at - 1].depart_s)


def test_the_published_list_is_the_one_in_force_until_the_day_changes(office: Office) -> None:
    small_city(office)
    first, second = promised(office, "10:00", "13:30")
    publishing.publish(office, TUESDAY, language="ja")
    assert calls.list_calls(office, TUESDAY, language="ja").stamp.version == 2
    desk.cancel(office, first)
    planning.reopen(office, TUESDAY, why="one more")
    (third,) = promised(office, "11:00", first=3)
    found = calls.list_calls(office, TUESDAY, language="ja")
    assert {entry.reference for entry in found.calls} == {second, third}
    assert found.stamp.version == 4


def test_every_attempt_is_kept_and_the_last_one_shown(office: Office) -> None:
    small_city(office)
    (reference,) = promised(office, "10:00")
    assert calls.log_call(office, reference, "no-answer").attempts == 1
    done = calls.log_call(office, reference, " Reached ", note="will wait outside")
    assert (done.day, done.outcome, done.attempts, done.cancelled) == (TUESDAY, CallOutcome.REACHED, 2, False)
    (entry,) = calls.list_calls(office, TUESDAY, language="ja").calls
    assert entry.last_outcome == "reached"
    assert attempts(office) == [("no_answer", ""), ("reached", "will wait outside")]


def test_a_resident_who_calls_off_is_cancelled_in_the_same_step(office: Office) -> None:
    small_city(office)
    (reference,) = promised(office, "10:00")
    done = calls.log_call(office, reference, "cancelled", note="in hospital visit")
    assert done.cancelled
    assert (booking_of(office, reference).status, visit_states(office, reference)) == ("cancelled", ["released"])
    assert attempts(office) == [("cancelled", "in hospital visit")]


def test_a_cancellation_that_meets_others_at_work_keeps_neither_call_nor_cancellation(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city(sqlite_office)
    (reference,) = promised(sqlite_office, "10:00")

    def busy(*_: object) -> None:
        raise DayChanged("DAY_CHANGED", date=TUESDAY)

    monkeypatch.setattr(_cancelling, "store_remainder", busy)
    monkeypatch.setattr(_patience, "PATIENCE_S", 0.0)
    with pytest.raises(Busy):
        calls.log_call(sqlite_office, reference, "cancelled")
    assert attempts(sqlite_office) == []
    assert booking_of(sqlite_office, reference).status == "confirmed"


def test_a_call_about_nothing_or_with_an_unknown_outcome_is_refused(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (waiting,) = put_bookings(sqlite_office, 1)
    with pytest.raises(Refused) as nothing:
        calls.log_call(sqlite_office, waiting, "reached")
    assert nothing.value.code == "NOTHING_TO_CALL_ABOUT"
    with pytest.raises(BadInput) as unknown:
        calls.log_call(sqlite_office, waiting, "hung up")
    assert unknown.value.code == "OUTCOME_UNKNOWN"
    with pytest.raises(NotFound) as nobody:
        calls.log_call(sqlite_office, "Z99999", "reached")
    assert nobody.value.code == "BOOKING_UNKNOWN"
    with pytest.raises(PrivacyError):
        calls.log_call(sqlite_office, waiting, "reached", note="123456789018")
    with pytest.raises(NotFound) as no_day:
        calls.list_calls(sqlite_office, TUESDAY, language="ja")
    assert no_day.value.code == "DAY_UNKNOWN"
    assert attempts(sqlite_office) == []
