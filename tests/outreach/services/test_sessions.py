"""A session in a hall is stored with a plan that keeps it and everything promised, or not at all; and how it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date
from datetime import timedelta

import pytest
from sqlmodel import select

from bookings.errors import PrivacyError
from outreach.errors import BadInput, NotFound, OutreachError, Refused
from outreach.services import desk, fleet, planning, publishing, sessions
from outreach.services.office import Office
from outreach.services.planning import PromisesConflict
from outreach.services.sessions import SessionRequest
from outreach.storage.engine import reading
from outreach.storage.tables import PlanStop, SitePlace, SiteSession
from tests.outreach.city import FAR, MIDDLE, NEAR, NOW, TUESDAY, WEDNESDAY, put_bookings, small_city
from tests.outreach.services.halls import HALF_PAST_ONE, HALL, ONE, STARTS, TWO, a_session, places, taken
from tests.outreach.services.promised import (
    HOUR_S,
    at,
    booking_of,
    leg_limit_city,
    one_van_city,
    promised,
    quick,
    require_kept,
    state_of,
    versions,
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


def stored(office: Office) -> tuple[int, int]:
    """How many sessions and places there are."""
    with reading(office.engine) as session:
        return len(session.exec(select(SiteSession.id)).all()), len(session.exec(select(SitePlace.id)).all())


def test_a_session_is_promised_by_its_day_with_every_promise_it_had(office: Office) -> None:
    small_city(office)
    promised(office, "10:00", "15:00")
    done = a_session(office)
    assert (done.reference, done.day, done.van, done.town, done.state) == (
        "SITE-1",
        TUESDAY,
        "van-1",
        NEAR.name,
        "open",
    )
    assert [(start.start_s, start.free, start.taken) for start in done.starts] == [(start, 1, 0) for start in STARTS]
    promise = state_of(office).promise_of("SITE-1")
    assert promise is not None
    assert (promise.opens_s, promise.closes_s) == (ONE - 600, ONE - 600)
    assert promise.service_s == 600 + 2 * HOUR_S + 300
    assert (promise.pinned_van, promise.booking_id) == ("van-1", None)
    assert versions(office) == [(1, "confirm"), (2, "confirm"), (3, "confirm")]
    require_kept(office)


def test_the_plan_names_the_hall_where_other_stops_have_their_town(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (home,) = promised(sqlite_office, "10:00")
    a_session(sqlite_office)
    assert planning.show(sqlite_office, TUESDAY).towns == {home: NEAR.name, "SITE-1": "灯台自治公民館"}


def test_setting_up_and_packing_follow_what_the_session_is_for(sqlite_office: Office) -> None:
    office = quick(sqlite_office, visit_types={"smartphone_help": {"set_up_min": 30, "packing_min": 20}})
    small_city(office)
    done = a_session(office, visit_type="smartphone_help")
    assert (done.set_up_s, done.packing_s, done.visit_type) == (1800, 1200, "smartphone_help")
    assert windows_promised(office) == {"SITE-1": (ONE - 1800, ONE - 1800)}


def test_seats_and_minutes_make_the_places(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office, seats=2, minutes=50)
    assert [(start_s, seat) for start_s, seat, _, _ in places(sqlite_office)] == [
        (ONE, 1),
        (ONE, 2),
        (ONE + 3000, 1),
        (ONE + 3000, 2),
    ]


def test_without_a_van_the_one_with_least_driving_goes(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (far,) = put_bookings(sqlite_office, 1, town=FAR)
    desk.confirm(sqlite_office, far, TUESDAY, window("10:00"))
    busy = state_of(sqlite_office).standing
    assert busy is not None
    (route,) = busy.plan.routes
    # The hall lies beside the far town: the van that is there anyway has hardly more to drive.
    done = a_session(sqlite_office, van="", at=(FAR.lat, FAR.lon), address="", closes_s=14 * HOUR_S)
    assert done.van == route.shift
    require_kept(sqlite_office)


def test_without_a_van_the_other_one_goes_where_the_first_has_no_time(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    assert a_session(sqlite_office, van="", name="もう一つの公民館").van == "van-2"
    assert windows_promised(sqlite_office).keys() == {"SITE-1", "SITE-2"}
    require_kept(sqlite_office)


def test_a_hall_beyond_the_travel_limit_is_driven_to_by_the_office_s_own_word(sqlite_office: Office) -> None:
    office = quick(sqlite_office, travel={"max_leg_min": 10})
    small_city(office)
    a_session(office, at=(FAR.lat, FAR.lon), address="")
    require_kept(office)


def test_a_session_that_a_promise_stands_against_is_refused_with_the_reason_and_nothing_is_stored(
    office: Office,
) -> None:
    one_van_city(office)
    (blocking,) = promised(office, "13:30")
    before = versions(office)
    with pytest.raises(Refused) as caught:
        a_session(office)
    assert caught.value.code == "SESSION_IMPOSSIBLE"
    assert [(reason.code, reason.values) for reason in caught.value.findings] == [
        ("SESSION_IN_THE_WAY", {"reference": blocking})
    ]
    assert (stored(office), versions(office)) == ((0, 0), before)
    require_kept(office)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "SESSION_WITHOUT_NAME"),
        ({"name": "館" * 101}, "SESSION_NAME_TOO_LONG"),
        ({"name_en": "x" * 101}, "SESSION_NAME_TOO_LONG"),
        ({"closes_s": ONE}, "SESSION_BACKWARDS"),
        ({"closes_s": ONE - 60}, "SESSION_BACKWARDS"),
        ({"seats": 0}, "SESSION_SEATS_IMPOSSIBLE"),
        ({"seats": 21}, "SESSION_SEATS_IMPOSSIBLE"),
        ({"minutes": 4}, "SESSION_MINUTES_IMPOSSIBLE"),
        ({"minutes": -30}, "SESSION_MINUTES_IMPOSSIBLE"),
        ({"minutes": 241}, "SESSION_MINUTES_IMPOSSIBLE"),
        ({"closes_s": ONE + 1799}, "SESSION_WITHOUT_PLACES"),
        ({"visit_type": "party"}, "VISIT_TYPE_UNKNOWN"),
        ({"address": "", "at": None}, "SESSION_PLACE_MISSING"),
        ({"address": "どこでもない町9番地", "at": None}, "SESSION_PLACE_UNSURE"),
        ({"address": NEAR.address, "at": None}, "SESSION_PLACE_UNSURE"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(sqlite_office: Office, changes: dict[str, object], code: str) -> None:
    small_city(sqlite_office)
    with pytest.raises(BadInput) as caught:
        a_session(sqlite_office, **changes)
    assert (caught.value.code, stored(sqlite_office)) == (code, (0, 0))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"day": Date(2026, 11, 19)}, "DAY_PAST"),
        ({"day": Date(2026, 11, 23)}, "NOT_A_SERVICE_DAY"),
        ({"day": Date(2026, 11, 26)}, "DAY_WITHOUT_SHIFT"),
        ({"van": "van-9"}, "VAN_UNKNOWN"),
        ({"opens_s": 8 * HOUR_S + 39 * 60}, "SESSION_OUTSIDE_SHIFT"),
        ({"closes_s": 17 * HOUR_S + 11 * 60}, "SESSION_OUTSIDE_SHIFT"),
    ],
)
def test_a_day_or_van_that_cannot_is_named(sqlite_office: Office, changes: dict[str, object], code: str) -> None:
    small_city(sqlite_office)
    with pytest.raises(OutreachError) as caught:
        a_session(sqlite_office, **changes)
    assert (caught.value.code, stored(sqlite_office)) == (code, (0, 0))


def test_a_van_without_a_shift_that_day_is_named(sqlite_office: Office) -> None:
    one_van_city(sqlite_office)
    with pytest.raises(NotFound, match="VAN_NOT_ON_SHIFT"):
        a_session(sqlite_office, van="van-2")


def test_a_session_whose_setting_up_would_have_begun_is_refused(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    late = at(sqlite_office, NOW.replace(day=24, hour=12, minute=50))
    with pytest.raises(Refused, match="WINDOW_PAST"):
        a_session(late)
    assert a_session(at(sqlite_office, NOW.replace(day=24, hour=12, minute=20))).reference == "SITE-1"


def test_a_published_day_takes_no_session_until_it_is_reopened(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    publishing.publish(sqlite_office, TUESDAY, language="ja")
    with pytest.raises(Refused, match="DAY_PUBLISHED"):
        a_session(sqlite_office)
    planning.reopen(sqlite_office, TUESDAY, why="hall free after all")
    assert a_session(sqlite_office).reference == "SITE-1"


@pytest.mark.parametrize("field", ["name", "name_en", "address"])
def test_a_my_number_in_a_session_is_refused(sqlite_office: Office, field: str) -> None:
    small_city(sqlite_office)
    with pytest.raises(PrivacyError):
        a_session(sqlite_office, **{field: "1234 5678 9018"})
    assert stored(sqlite_office) == (0, 0)


def test_the_same_request_sent_twice_under_one_key_makes_one_session(office: Office) -> None:
    small_city(office)
    first = sessions.add(office, HALL, key="hall-1")
    assert sessions.add(office, HALL, key="hall-1") == first
    assert stored(office) == (1, 4)
    with pytest.raises(Refused, match="KEY_REUSED"):
        sessions.add(office, replace(HALL, seats=2), key="hall-1")


def test_sessions_are_listed_by_day_and_hour_with_their_places(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office, day=WEDNESDAY)
    a_session(sqlite_office)
    a_session(sqlite_office, van="van-2", opens_s=10 * HOUR_S, closes_s=11 * HOUR_S)
    (reference,) = put_bookings(sqlite_office, 1)
    sessions.take_place(sqlite_office, reference, "SITE-2", TWO)
    listed = sessions.list_sessions(sqlite_office, TUESDAY, WEDNESDAY)
    assert [(view.reference, view.free, view.taken) for view in listed] == [
        ("SITE-3", 2, 0),
        ("SITE-2", 3, 1),
        ("SITE-1", 4, 0),
    ]
    assert [view.reference for view in sessions.list_sessions(sqlite_office, WEDNESDAY, WEDNESDAY)] == ["SITE-1"]
    with pytest.raises(BadInput, match="PERIOD_BACKWARDS"):
        sessions.list_sessions(sqlite_office, WEDNESDAY, TUESDAY)


@pytest.mark.parametrize("text", ["SITE-1", "site-1", " Site 1 ", "ＳＩＴＥ－１"])
def test_a_session_is_found_by_its_reference_as_it_may_be_typed(sqlite_office: Office, text: str) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    assert sessions.show(sqlite_office, text).session.reference == "SITE-1"


@pytest.mark.parametrize("text", ["", "1", "SITE-", "SITE-x", "SITE--1", "SITE-1234567890", "H10472", "SITE-①"])
def test_what_is_no_reference_of_a_session_is_refused(sqlite_office: Office, text: str) -> None:
    small_city(sqlite_office)
    with pytest.raises((BadInput, NotFound)):
        sessions.show(sqlite_office, text)


# -- cancelled ---------------------------------------------------------------------------------------------------------


def test_a_cancelled_session_leaves_a_kept_day_and_lists_whom_to_phone(office: Office) -> None:
    small_city(office)
    promised(office, "10:00")
    a_session(office)
    first, second, third = put_bookings(office, 3, first=11)
    sessions.take_place(office, second, "SITE-1", ONE)
    sessions.take_place(office, first, "SITE-1", TWO)
    sessions.hold_place(office, third, "SITE-1", HALF_PAST_ONE)
    done = sessions.cancel(office, "SITE-1", why="water in the hall")
    assert (done.broken, done.let_go, done.ghost, done.published) == ((second, first), (third,), False, False)
    assert [(person.reference, person.opens_s, person.phone) for person in done.to_phone] == [
        (second, ONE, "0991-22-0012"),
        (third, HALF_PAST_ONE, "0991-22-0013"),
        (first, TWO, "0991-22-0011"),
    ]
    assert taken(office) == [(ONE, "broken", second), (TWO, "broken", first)]
    assert [booking_of(office, each).status for each in (first, second, third)] == [
        "confirmed",
        "confirmed",
        "requested",
    ]
    assert "SITE-1" not in windows_promised(office)
    assert [person.reference for person in planning.show(office, TUESDAY).broken] == [second, first]
    require_kept(office)


def test_a_broken_place_is_settled_by_a_new_promise(office: Office) -> None:
    small_city(office)
    a_session(office)
    a_session(office, van="van-2")
    first, second = put_bookings(office, 2)
    sessions.take_place(office, first, "SITE-1", ONE)
    sessions.take_place(office, second, "SITE-1", TWO)
    sessions.cancel(office, "SITE-1", why="water in the hall")
    desk.confirm(office, first, TUESDAY, window("10:00"))
    assert [person.reference for person in planning.show(office, TUESDAY).broken] == [second]
    sessions.take_place(office, second, "SITE-2", TWO)
    assert planning.show(office, TUESDAY).broken == ()
    assert taken(office) == []
    require_kept(office)


def test_a_session_is_cancelled_once_and_with_a_reason(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    with pytest.raises(BadInput, match="REASON_NEEDED"):
        sessions.cancel(sqlite_office, "SITE-1", why=" ")
    first = sessions.cancel(sqlite_office, "SITE-1", why="rain", key="k")
    assert sessions.cancel(sqlite_office, "SITE-1", why="rain", key="k") == first
    with pytest.raises(Refused, match="SESSION_OVER"):
        sessions.cancel(sqlite_office, "SITE-1", why="rain")
    with pytest.raises(NotFound, match="SESSION_UNKNOWN"):
        sessions.cancel(sqlite_office, "SITE-2", why="rain")


def test_a_session_that_is_over_stays_as_it_was(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    with pytest.raises(Refused, match="DAY_PAST"):
        sessions.cancel(at(sqlite_office, NOW + timedelta(days=5)), "SITE-1", why="late")


def test_a_session_on_the_way_to_a_far_promise_stays_as_a_ghost_when_it_is_cancelled(sqlite_office: Office) -> None:
    office, there, far = leg_limit_city(sqlite_office)
    # The hall stands where the half-way visit is; without either, the far one is too far in one leg.
    half_way = booking_of(office, there)
    assert half_way.lat is not None
    assert half_way.lon is not None
    a_session(office, opens_s=9 * HOUR_S + 900, closes_s=9 * HOUR_S + 2700, at=(half_way.lat, half_way.lon), address="")
    desk.cancel(office, there)
    done = sessions.cancel(office, "SITE-1", why="rain")
    assert done.ghost is True
    assert state_of(office).ghosts == {"SITE-1"}
    require_kept(office)
    assert far in windows_promised(office)


def test_a_van_that_goes_down_breaks_its_session_only_when_that_is_accepted(office: Office) -> None:
    small_city(office)
    (home,) = promised(office, "10:00")
    a_session(office)
    (guest,) = put_bookings(office, 1, first=21)
    sessions.take_place(office, guest, "SITE-1", ONE)
    fleet.van_down(office, "van-1", TUESDAY, TUESDAY, reason="flat tyre")
    with pytest.raises(PromisesConflict) as caught:
        planning.make(office, TUESDAY)
    assert caught.value.values["references"] == ["SITE-1"]
    assert [(person.reference, person.opens_s) for person in caught.value.to_phone] == [(guest, ONE)]
    assert taken(office) == [(ONE, "promised", guest)]
    view = planning.make(office, TUESDAY, accept_broken=True)
    assert [person.reference for person in view.broken] == [guest]
    assert taken(office) == [(ONE, "broken", guest)]
    assert sessions.show(office, "SITE-1").session.state == "cancelled"
    assert windows_promised(office) == {home: window("10:00")}
    require_kept(office)


def test_every_stop_of_a_plan_is_a_booking_s_or_a_session_s(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    a_session(sqlite_office)
    planning.make(sqlite_office, TUESDAY)
    with reading(sqlite_office.engine) as session:
        stops = session.exec(select(PlanStop)).all()
    assert {(stop.booking_id is None, stop.site_session_id is None) for stop in stops} == {(True, False), (False, True)}
    require_kept(sqlite_office)


def test_a_point_set_by_a_person_goes_before_that_of_the_address(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    request = SessionRequest(TUESDAY, "石臼公民館", ONE, 14 * HOUR_S, address=MIDDLE.address, at=(38.2901, 143.5201))
    done = sessions.add(sqlite_office, request)
    assert (done.town, done.lat, done.lon) == (MIDDLE.name, 38.2901, 143.5201)
