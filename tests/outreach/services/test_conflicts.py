"""When the promises of a day can no longer all be kept: who is named, what is stored, how it is settled."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from outreach.programme.rules import amended
from outreach.services import _conflicts, desk, fleet, planning, shifts
from outreach.services._recheck import Outcome
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.tables import PlanVersion, ServiceDayChange
from tests.outreach.city import MORNING, TUESDAY, WEDNESDAY, put_bookings, small_city
from tests.outreach.services.promised import (
    again,
    booking_of,
    promised,
    quick,
    require_kept,
    state_of,
    versions,
    visit_states,
    window,
)


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@pytest.fixture
def sqlite_office(sqlite_office: Office) -> Office:
    """With short searches, on SQLite alone."""
    return quick(sqlite_office)


def conflict_day(office: Office) -> tuple[str, str]:
    """Two promises of one window on two vans; then one van goes down."""
    small_city(office)
    first, second = promised(office, "10:00", "10:00")
    fleet.van_down(office, "van-2", TUESDAY, TUESDAY, reason="brakes")
    return first, second


def test_a_van_that_goes_down_shows_in_the_check_of_the_standing_plan(office: Office) -> None:
    conflict_day(office)
    assert {violation.code.value for violation in planning.check_standing(office, TUESDAY)} == {"SHIFT_UNKNOWN"}


def test_promises_that_cannot_all_be_kept_are_named_with_whom_to_phone_and_nothing_is_stored(office: Office) -> None:
    both = conflict_day(office)
    before = versions(office)
    with pytest.raises(planning.PromisesConflict) as refusal:
        planning.make(office, TUESDAY)
    assert refusal.value.code == "PROMISES_CONFLICT"
    assert refusal.value.values["references"] == sorted(both)
    assert refusal.value.values["proved"] is True
    (person,) = refusal.value.to_phone  # one of the two is enough
    assert person.reference in both
    booking = booking_of(office, person.reference)
    assert (person.name, person.kana, person.phone) == (booking.name, booking.kana, booking.phone_spoken)
    assert (person.opens_s, person.closes_s) == MORNING
    assert versions(office) == before
    assert {state for reference in both for state in visit_states(office, reference)} == {"promised"}


def test_accepting_broken_promises_stores_the_plan_that_breaks_fewest_and_lists_them(office: Office) -> None:
    both = conflict_day(office)
    view = planning.make(office, TUESDAY, accept_broken=True, why="no other van")
    (person,) = view.broken
    (kept,) = set(both) - {person.reference}
    assert view.made_by == "remake"
    assert view.plan.served == {kept}
    assert (visit_states(office, person.reference), visit_states(office, kept)) == (["broken"], ["promised"])
    assert booking_of(office, person.reference).status == "confirmed"
    require_kept(office)
    with reading(office.engine) as session:
        row = session.exec(select(PlanVersion).order_by(col(PlanVersion.id).desc())).first()
        assert row is not None
        assert row.broken == [person.reference]
        change = session.exec(select(ServiceDayChange).where(ServiceDayChange.what == "make")).one()
    assert (change.why, change.details) == ("no other van", {"broken": [person.reference]})


def test_a_new_promise_settles_a_broken_one(office: Office) -> None:
    conflict_day(office)
    (person,) = planning.make(office, TUESDAY, accept_broken=True).broken
    desk.confirm(office, person.reference, WEDNESDAY, MORNING)
    assert visit_states(office, person.reference) == ["released", "promised"]
    assert planning.show(office, TUESDAY).broken == ()
    assert desk.promise_of(office, person.reference) == (WEDNESDAY, *MORNING)


def test_a_cancellation_settles_a_broken_promise(sqlite_office: Office) -> None:
    conflict_day(sqlite_office)
    (person,) = planning.make(sqlite_office, TUESDAY, accept_broken=True).broken
    assert desk.cancel(sqlite_office, person.reference).freed_day is None
    assert planning.show(sqlite_office, TUESDAY).broken == ()


def test_when_no_van_is_left_everybody_promised_is_to_be_phoned(office: Office) -> None:
    both = conflict_day(office)
    shifts.remove_shift(office, TUESDAY, "van-1")
    with pytest.raises(planning.PromisesConflict) as refusal:
        planning.make(office, TUESDAY)
    assert {person.reference for person in refusal.value.to_phone} == set(both)
    view = planning.make(office, TUESDAY, accept_broken=True)
    assert {person.reference for person in view.broken} == set(both)
    assert view.plan.routes == ()


def test_leave_and_a_shift_removed_are_conflicts_too_and_gone_when_another_crew_comes(office: Office) -> None:
    small_city(office)
    both = promised(office, "10:00", "10:00")
    (day,) = fleet.staff_leave(office, "s-03", TUESDAY, TUESDAY)
    assert (day.day, day.outcome, len(day.to_phone)) == (TUESDAY, Outcome.BROKEN, 1)
    assert {person.reference for person in day.to_phone} < set(both)
    with pytest.raises(planning.PromisesConflict):
        planning.make(office, TUESDAY)
    assert shifts.remove_shift(office, TUESDAY, "van-2")[0].outcome == Outcome.BROKEN
    with pytest.raises(planning.PromisesConflict):
        planning.make(office, TUESDAY)
    again(office, TUESDAY, "van-2", ("s-03", "s-04"))
    planning.make(office, TUESDAY)
    require_kept(office)


def test_a_rule_change_never_alters_the_service_time_of_a_promise(office: Office) -> None:
    small_city(office)
    (reference,) = promised(office, "10:00")
    before = state_of(office).promises[0].service_s
    slower = amended(office.rules, {"visit_types": {"new_card": {"first_person_min": 60}}})
    from dataclasses import replace

    changed = replace(office, rules=slower)
    view = planning.make(changed, TUESDAY)
    assert view.problem.visit_by_id[reference].service_s == before
    (new,) = put_bookings(changed, 1, first=2)
    desk.confirm(changed, new, TUESDAY, window("13:30"))
    assert state_of(changed).promise_of(new).service_s > before  # type: ignore[union-attr]


def test_a_conflict_the_search_gets_out_of_after_all_is_none(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from outreach.services import _solving

    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    honest = _solving.solve_day
    monkeypatch.setattr(
        _solving, "solve_day", lambda *a, **k: replace(honest(*a, **k), status="UNKNOWN", routes=(), unassigned=())
    )
    view = planning.make(sqlite_office, TUESDAY)
    assert view.broken == ()
    require_kept(sqlite_office)
    assert _conflicts.PromisesConflict is planning.PromisesConflict
