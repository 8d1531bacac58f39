"""A hold keeps its window until its time is up; a move and an edit change everything or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from bookings.models import BookingChange
from bookings.statuses import IllegalStep
from outreach.errors import Refused
from outreach.services import desk, reception
from outreach.services.office import Office
from outreach.services.reception import Call
from outreach.storage.engine import reading
from outreach.storage.tables import AnsweredRequest
from tests.outreach.city import FAR, MORNING, NEAR, NOW, TUESDAY, WEDNESDAY, put_bookings, small_city
from tests.outreach.services.promised import (
    at,
    booking_of,
    one_van_city,
    promised,
    quick,
    require_kept,
    versions,
    visit_states,
    window,
    windows_promised,
)


@pytest.fixture
def city(office: Office) -> Office:
    """The small city without lead time."""
    office = quick(office)
    small_city(office)
    return office


def later(office: Office, **time: int) -> Office:
    """The office some time after :data:`NOW`."""
    return at(office, NOW + timedelta(**time))


def taken(office: Office, number: int = 1, **answers: str) -> str:
    """A booking taken on the phone, so that it can be edited."""
    said = {
        "name": f"星野 {number}郎",
        "phone": f"23-01{number:02d}",
        "address": f"{NEAR.name}{number}番地",
        "people": "2",
        **answers,
    }
    return reception.add(office, Call(said)).reference


# -- hold and confirm --------------------------------------------------------------------------------------------------


def test_a_hold_stores_its_witness_and_the_booking_is_held_for_ten_minutes(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    held = desk.hold(city, reference, TUESDAY, MORNING)
    assert (held.until, held.plan_version) == (NOW + timedelta(minutes=10), 1)
    assert booking_of(city, reference).status == "held"
    assert visit_states(city, reference) == ["held"]
    assert versions(city) == [(1, "hold")]
    assert windows_promised(city) == {reference: MORNING}
    require_kept(city)


def test_on_the_web_it_is_twenty_minutes(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    web = city.acting_as("resident", "web")
    assert desk.hold(web, reference, TUESDAY, MORNING).until == NOW + timedelta(minutes=20)


def test_confirming_a_hold_makes_it_firm_without_a_new_plan(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    desk.hold(city, reference, TUESDAY, MORNING)
    done = desk.confirm(later(city, minutes=9), reference)
    assert (done.day, done.opens_s, done.requoted) == (TUESDAY, MORNING[0], False)
    assert booking_of(city, reference).status == "confirmed"
    assert versions(city) == [(1, "hold")]
    assert windows_promised(later(city, days=2)) == {reference: MORNING}


def test_an_expired_hold_is_nobodys_although_nobody_swept(city: Office) -> None:
    (first, second, third) = put_bookings(city, 3)
    desk.hold(city, first, TUESDAY, MORNING)
    desk.hold(city, second, TUESDAY, MORNING)
    with pytest.raises(desk.WindowRefused):
        desk.hold(city, third, TUESDAY, MORNING)
    after = later(city, minutes=10)
    assert windows_promised(after) == {}
    desk.hold(after, third, TUESDAY, MORNING)
    require_kept(after)
    assert [booking_of(city, reference).status for reference in (first, second, third)] == [
        "requested",
        "requested",
        "held",
    ]


def test_confirming_after_expiry_quotes_the_same_window_again_and_says_so(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    desk.hold(city, reference, TUESDAY, MORNING)
    done = desk.confirm(later(city, minutes=30), reference)
    assert (done.day, done.opens_s, done.requoted) == (TUESDAY, MORNING[0], True)
    assert visit_states(city, reference) == ["released", "promised"]


def test_confirming_after_expiry_is_refused_where_somebody_else_was_there(sqlite_office: Office) -> None:
    office = quick(sqlite_office)
    one_van_city(office)
    (slow, fast) = put_bookings(office, 2)
    desk.hold(office, slow, TUESDAY, MORNING)
    after = later(office, minutes=11)
    desk.confirm(after, fast, TUESDAY, MORNING)
    with pytest.raises(desk.WindowRefused):
        desk.confirm(after, slow)
    assert booking_of(after, slow).status == "requested"


def test_a_second_hold_takes_the_place_of_the_first(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    desk.hold(city, reference, TUESDAY, MORNING)
    desk.hold(city, reference, WEDNESDAY, window("13:30"))
    assert windows_promised(city, TUESDAY) == {}
    assert windows_promised(city, WEDNESDAY) == {reference: window("13:30")}
    assert visit_states(city, reference) == ["released", "held"]


def test_confirming_what_nobody_held_says_so(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    with pytest.raises(Refused) as refusal:
        desk.confirm(city, reference)
    assert refusal.value.code == "NOTHING_HELD"


def test_a_promised_booking_is_not_held_again(city: Office) -> None:
    (reference,) = promised(city, "10:00")
    with pytest.raises(Refused) as refusal:
        desk.hold(city, reference, WEDNESDAY, MORNING)
    assert refusal.value.code == "ALREADY_PROMISED"


# -- move --------------------------------------------------------------------------------------------------------------


def test_a_move_promises_the_new_window_and_lets_go_of_the_old_one(city: Office) -> None:
    (reference,) = promised(city, "10:00")
    done = desk.move(city, reference, WEDNESDAY, window("14:00"))
    assert done.moved_from == (TUESDAY, *MORNING)
    assert (windows_promised(city, TUESDAY), windows_promised(city, WEDNESDAY)) == ({}, {reference: window("14:00")})
    assert visit_states(city, reference) == ["released", "promised"]
    require_kept(city, WEDNESDAY)


def test_a_move_on_the_same_day_goes_where_only_the_own_place_was_in_the_way(sqlite_office: Office) -> None:
    office = quick(sqlite_office)
    one_van_city(office)
    (reference,) = promised(office, "10:00")
    done = desk.move(office, reference, TUESDAY, window("10:30"))
    assert (done.opens_s, windows_promised(office)) == (window("10:30")[0], {reference: window("10:30")})
    require_kept(office)


def test_a_move_that_cannot_be_changes_nothing(sqlite_office: Office) -> None:
    office = quick(sqlite_office)
    one_van_city(office)
    (first, second) = promised(office, "10:00", "14:00")
    before = versions(office)
    with pytest.raises(desk.WindowRefused):
        desk.move(office, first, TUESDAY, window("14:00"))
    assert (windows_promised(office), versions(office)) == ({first: MORNING, second: window("14:00")}, before)
    with pytest.raises(Refused) as same:
        desk.move(office, first, TUESDAY, MORNING)
    assert same.value.code == "SAME_WINDOW"


def test_only_what_is_promised_can_be_moved(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    with pytest.raises(Refused) as refusal:
        desk.move(city, reference, TUESDAY, MORNING)
    assert refusal.value.code == "NOTHING_TO_MOVE"


# -- cancel ------------------------------------------------------------------------------------------------------------


def test_a_cancellation_names_the_waiting_booking_that_fits_best(sqlite_office: Office) -> None:
    office = quick(sqlite_office)
    small_city(office)
    (reference,) = promised(office, "10:00")
    (near,) = put_bookings(office, 1, first=5)
    put_bookings(office, 1, first=6, town=FAR)
    assert desk.cancel(office, reference).waiting == near


def test_a_held_booking_can_be_cancelled_and_its_window_is_free(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    desk.hold(city, reference, TUESDAY, MORNING)
    desk.cancel(city, reference)
    assert (booking_of(city, reference).status, visit_states(city, reference)) == ("cancelled", ["released"])
    with pytest.raises(IllegalStep):
        desk.cancel(city, reference)


# -- edit --------------------------------------------------------------------------------------------------------------


def test_three_of_us_not_two_quotes_the_own_window_again(city: Office) -> None:
    reference = taken(city)
    desk.confirm(city, reference, TUESDAY, MORNING)
    reception.edit(city, reference, Call({"people": "3"}))
    assert booking_of(city, reference).people == 3
    assert windows_promised(city) == {reference: MORNING}
    assert versions(city) == [(1, "confirm"), (2, "edit")]
    assert visit_states(city, reference) == ["released", "promised"]
    require_kept(city)


def test_an_edit_that_the_promises_leave_no_time_for_changes_nothing(sqlite_office: Office) -> None:
    office = quick(sqlite_office)
    one_van_city(office)
    first, second = taken(office, 1), taken(office, 2)
    desk.confirm(office, first, TUESDAY, window("09:30"))
    desk.confirm(office, second, TUESDAY, window("10:00"))
    with pytest.raises(desk.WindowRefused) as refusal:
        reception.edit(office, first, Call({"people": "6"}))
    assert refusal.value.code == "WINDOW_IMPOSSIBLE"
    assert booking_of(office, first).people == 2
    assert versions(office)[-1][1] == "confirm"
    require_kept(office)


def test_another_house_far_away_is_checked_before_it_is_stored(sqlite_office: Office) -> None:
    office = quick(sqlite_office)
    one_van_city(office)
    first, second = taken(office, 1), taken(office, 2)
    desk.confirm(office, first, TUESDAY, window("10:30"))
    desk.confirm(office, second, TUESDAY, window("11:00"))
    with pytest.raises(desk.WindowRefused):
        reception.edit(office, second, Call({"address": FAR.address}))
    assert booking_of(office, second).town == NEAR.name


def test_a_landmark_changes_no_visit_and_makes_no_new_plan(city: Office) -> None:
    reference = taken(city)
    desk.confirm(city, reference, TUESDAY, MORNING)
    reception.edit(city, reference, Call({"landmark": "公民館の前"}))
    assert booking_of(city, reference).landmark == "公民館の前"
    assert versions(city) == [(1, "confirm")]


def test_an_edit_of_a_held_booking_keeps_its_hold_and_its_time(city: Office) -> None:
    reference = taken(city)
    held = desk.hold(city, reference, TUESDAY, MORNING)
    reception.edit(later(city, minutes=5), reference, Call({"people": "4"}))
    assert booking_of(city, reference).status == "held"
    assert windows_promised(later(city, minutes=9)) == {reference: MORNING}
    assert windows_promised(at(city, held.until)) == {}


# -- keys and history --------------------------------------------------------------------------------------------------


def test_the_same_request_under_the_same_key_is_done_once(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    first = desk.hold(city, reference, TUESDAY, MORNING, key="call-1")
    again = desk.hold(later(city, minutes=3), reference, TUESDAY, MORNING, key="call-1")
    assert again == first
    assert versions(city) == [(1, "hold")]
    done = desk.confirm(city, reference, key="call-2")
    assert desk.confirm(city, reference, key="call-2") == done
    moved = desk.move(city, reference, WEDNESDAY, MORNING, key="call-3")
    assert desk.move(city, reference, WEDNESDAY, MORNING, key="call-3") == moved
    gone = desk.cancel(city, reference, key="call-4")
    assert desk.cancel(city, reference, key="call-4") == gone


def test_a_booking_taken_twice_under_one_key_is_one_booking(city: Office) -> None:
    said = Call({"name": "星野 一郎", "phone": "23-0101", "address": NEAR.address, "people": "2"})
    first = reception.add(city, said, key="form-7")
    again = reception.add(city, said, key="form-7")
    assert (again.reference, again.status, again.open_answers) == (first.reference, first.status, first.open_answers)


def test_a_key_used_for_something_else_is_refused_and_nothing_is_done(city: Office) -> None:
    (first, second) = put_bookings(city, 2)
    desk.hold(city, first, TUESDAY, MORNING, key="call-1")
    for attempt in (
        lambda: desk.hold(city, second, TUESDAY, MORNING, key="call-1"),
        lambda: desk.cancel(city, first, key="call-1"),
    ):
        with pytest.raises(Refused) as refusal:
            attempt()
        assert refusal.value.code == "KEY_REUSED"
    assert booking_of(city, second).status == "requested"


def test_a_kept_answer_holds_nothing_of_the_resident(city: Office) -> None:
    said = Call({"name": "星野 一郎", "phone": "23-0101", "address": NEAR.address, "people": "2"})
    reference = reception.add(city, said, key="form-7").reference
    desk.hold(city, reference, TUESDAY, MORNING, key="call-1")
    with reading(city.engine) as session:
        answers = [row.answer for row in session.exec(select(AnsweredRequest)).all()]
    assert len(answers) == 2
    assert not any(word in str(answers) for word in ("星野", "0101", NEAR.name))


def test_old_answers_go_after_a_week(city: Office) -> None:
    (first, second) = put_bookings(city, 2)
    desk.hold(city, first, TUESDAY, MORNING, key="call-1")
    desk.cancel(later(city, days=8), second, key="call-2")
    with reading(city.engine) as session:
        assert [row.key for row in session.exec(select(AnsweredRequest)).all()] == ["call-2"]


def test_every_change_has_its_row_with_who_when_why_and_channel(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    clerk = city.acting_as("desk-3", "phone")
    desk.hold(clerk, reference, TUESDAY, MORNING, why="on the line")
    desk.confirm(clerk, reference)
    desk.move(clerk, reference, WEDNESDAY, MORNING, why="doctor's day")
    desk.cancel(clerk, reference, why="in hospital visit")
    with reading(city.engine) as session:
        rows = session.exec(select(BookingChange).order_by(BookingChange.id)).all()  # type: ignore[arg-type]
    assert [(row.who, row.channel, row.status_before, row.status_after, row.why) for row in rows] == [
        ("desk-3", "phone", "requested", "held", "on the line"),
        ("desk-3", "phone", "held", "confirmed", ""),
        ("desk-3", "phone", "confirmed", "confirmed", "doctor's day"),
        ("desk-3", "phone", "confirmed", "cancelled", "in hospital visit"),
    ]


def test_a_call_and_a_visit_logged_twice_under_one_key_are_logged_once(city: Office) -> None:
    from outreach.services import calls, field

    (reference,) = promised(city, "10:00")
    first = calls.log_call(city, reference, "reached", key="list-1")
    assert (calls.log_call(city, reference, "reached", key="list-1"), first.attempts) == (first, 1)
    evening = later(city, days=4)
    visit = field.Outcome(reference, "visited", 2)
    assert field.log_visit(evening, visit, key="sheet-1") == field.log_visit(evening, visit, key="sheet-1")
