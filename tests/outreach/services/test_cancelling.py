"""Calling a visit off: never refused, the rest of its day stays a checked plan, with a ghost where it must."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bookings.models import Booking
from bookings.statuses import IllegalStep, Status
from outreach.errors import NotFound, Refused
from outreach.services import _solving, desk, fleet, planning
from outreach.services.office import Office
from outreach.storage.engine import writing
from routing.errors import SolveError
from tests.outreach.city import TUESDAY, put_bookings, small_city
from tests.outreach.services.promised import (
    HALF_WAY,
    booking_of,
    leg_limit_city,
    one_van_city,
    promised,
    quick,
    require_kept,
    state_of,
    versions,
    visit_states,
    window,
    windows_promised,
)


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@pytest.fixture
def sqlite_office(sqlite_office: Office) -> Office:
    """With short searches, on SQLite alone."""
    return quick(sqlite_office)


def test_a_cancellation_frees_the_window_and_leaves_a_checked_plan_of_the_rest(office: Office) -> None:
    one_van_city(office)
    first, second = promised(office, "10:00", "11:00")
    done = desk.cancel(office, first, why="called off")
    assert (done.status_before, done.freed_day, done.ghost, done.published) == ("confirmed", TUESDAY, False, False)
    assert (booking_of(office, first).status, visit_states(office, first)) == ("cancelled", ["released"])
    assert windows_promised(office) == {second: window("11:00")}
    assert versions(office)[-1] == (3, "cancel")
    require_kept(office)
    promised(office, "10:00", first=3)
    require_kept(office)


def test_a_waiting_booking_is_cancelled_without_touching_any_day(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1)
    assert desk.cancel(sqlite_office, reference).freed_day is None
    with pytest.raises(IllegalStep):
        desk.cancel(sqlite_office, reference)


def test_a_booking_that_does_not_exist_cannot_be_cancelled(sqlite_office: Office) -> None:
    with pytest.raises(NotFound):
        desk.cancel(sqlite_office, "Z99999")


def test_a_stop_whose_going_makes_a_leg_too_long_stays_as_a_ghost(office: Office) -> None:
    office, half_way, far = leg_limit_city(office)
    require_kept(office)
    done = desk.cancel(office, half_way)
    assert done.ghost
    assert state_of(office).ghosts == {half_way}
    assert far in windows_promised(office)
    assert planning.show(office, TUESDAY).roles[half_way] == "ghost"
    require_kept(office)


def test_a_ghost_is_carried_by_later_promises_and_plans_and_goes_when_it_need_not_stay(office: Office) -> None:
    office, half_way, far = leg_limit_city(office)
    desk.cancel(office, half_way)
    promised(office, "14:30", first=7)
    require_kept(office)
    assert state_of(office).ghosts == {half_way}
    planning.make(office, TUESDAY)
    require_kept(office)
    assert far in windows_promised(office)
    promised(office, "09:30", first=21, town=HALF_WAY)  # now somebody lives half way again
    planning.make(office, TUESDAY)
    require_kept(office)
    assert state_of(office).ghosts == frozenset()


def test_whoever_waits_may_have_a_ghost_of_their_own_on_the_day_that_becomes_free(office: Office) -> None:
    office, half_way, _ = leg_limit_city(office)
    desk.cancel(office, half_way)
    with writing(office.engine) as session:  # as after a hold that ran out while a far promise leaned on it
        booking = session.exec(select(Booking).where(Booking.reference == half_way)).one()
        booking.status = Status.REQUESTED.value
        session.add(booking)
    (near,) = promised(office, "14:30", first=7)
    assert state_of(office).ghosts == {half_way}
    assert desk.cancel(office, near).waiting == half_way


def test_a_far_promise_cancelled_takes_the_ghost_with_it(sqlite_office: Office) -> None:
    office, half_way, far = leg_limit_city(sqlite_office)
    desk.cancel(office, half_way)
    done = desk.cancel(office, far)
    assert not done.ghost
    assert state_of(office).ghosts == frozenset()
    require_kept(office)


def test_a_cancellation_is_never_refused_for_a_day_that_cannot_keep_its_promises(office: Office) -> None:

    small_city(office)
    first, second = promised(office, "10:00", "10:00")
    (third,) = promised(office, "13:00", first=3)
    fleet.van_down(office, "van-1", TUESDAY, TUESDAY, reason="")
    fleet.van_down(office, "van-2", TUESDAY, TUESDAY, reason="")
    before = versions(office)
    done = desk.cancel(office, first)
    assert done.freed_day == TUESDAY
    assert versions(office) == before  # no unchecked plan is stored
    assert set(windows_promised(office)) == {second, third}
    assert first in state_of(office).ghosts


def test_a_cancellation_is_never_refused_because_the_search_died(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, half_way, _ = leg_limit_city(sqlite_office)

    def dies(*_: object, **__: object) -> None:
        raise SolveError("SOLVER_KILLED", "the search process died")

    monkeypatch.setattr(_solving, "solve_day", dies)
    assert desk.cancel(office, half_way).ghost
    require_kept(office)


def test_a_published_day_is_told_when_a_visit_is_called_off(sqlite_office: Office) -> None:
    from outreach.services import publishing

    small_city(sqlite_office)
    first, _ = promised(sqlite_office, "10:00", "11:00")
    publishing.publish(sqlite_office, TUESDAY, language="ja")
    assert desk.cancel(sqlite_office, first).published
    assert planning.show(sqlite_office, TUESDAY).outdated


def test_a_window_that_is_taken_on_a_day_with_a_ghost_is_impossible_and_the_day_is_not_blamed(office: Office) -> None:
    office, half_way, _ = leg_limit_city(office)
    desk.cancel(office, half_way)
    (late,) = put_bookings(office, 1, first=9)
    with pytest.raises(Refused) as refusal:
        desk.confirm(office, late, TUESDAY, window("11:30"))  # the one van is far away then
    assert refusal.value.code == "WINDOW_IMPOSSIBLE"
    require_kept(office)
