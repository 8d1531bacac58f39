"""Places of a session: one seat to one booking, whoever else wants it; and from a home visit to a place and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bookings.errors import BookingsError
from outreach.errors import NotFound, OutreachError, Refused
from outreach.services import desk, planning, publishing, sessions
from outreach.services.office import Office
from outreach.services.sessions import SiteOffer, free_places, hold_place, take_place
from tests.outreach.city import FAR, MIDDLE, NOW, TUESDAY, WEDNESDAY, put_bookings, small_city
from tests.outreach.services.halls import HALF_PAST_ONE, HALF_PAST_TWO, HALL, ONE, STARTS, TWO, a_session, taken
from tests.outreach.services.promised import (
    HOUR_S,
    at,
    booking_of,
    change_booking,
    leg_limit_city,
    promised,
    quick,
    require_kept,
    state_of,
    versions,
    visit_states,
    window,
    windows_promised,
)
from tests.outreach.services.racers import at_once


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@pytest.fixture
def sqlite_office(sqlite_office: Office) -> Office:
    """With short searches, on SQLite alone."""
    return quick(sqlite_office)


def in_session(office: Office) -> list[tuple[int, str, str | None]]:
    """What is taken of the only session."""
    return taken(office)


def test_a_place_is_promised_without_a_visit_or_a_new_plan(office: Office) -> None:
    small_city(office)
    a_session(office)
    before = versions(office)
    (reference,) = put_bookings(office, 1)
    done = take_place(office, reference, "SITE-1", TWO)
    assert (done.session, done.name, done.day, done.start_s, done.length_s) == (
        "SITE-1",
        "灯台自治公民館",
        TUESDAY,
        TWO,
        1800,
    )
    assert (done.seat, done.van, done.until, done.moved_from, done.ghost) == (1, "van-1", None, None, False)
    assert booking_of(office, reference).status == "confirmed"
    assert (visit_states(office, reference), versions(office)) == ([], before)
    assert in_session(office) == [(TWO, "promised", reference)]
    assert desk.promise_of(office, reference) == (TUESDAY, TWO, TWO)
    require_kept(office)


def test_a_held_place_is_confirmed_at_the_desk(office: Office) -> None:
    small_city(office)
    a_session(office)
    (reference,) = put_bookings(office, 1)
    held = hold_place(office, reference, "SITE-1", ONE)
    assert held.until == NOW + timedelta(minutes=10)
    assert (booking_of(office, reference).status, in_session(office)) == ("held", [(ONE, "held", reference)])
    done = desk.confirm(office, reference)
    assert (done.day, done.opens_s, done.start_s, done.van) == (TUESDAY, ONE, ONE, "van-1")
    assert (booking_of(office, reference).status, in_session(office)) == ("confirmed", [(ONE, "promised", reference)])


def test_a_held_place_may_be_taken_for_good_or_given_up_for_another(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1)
    hold_place(sqlite_office, reference, "SITE-1", ONE)
    hold_place(sqlite_office, reference, "SITE-1", TWO)
    assert in_session(sqlite_office) == [(TWO, "held", reference)]
    assert take_place(sqlite_office, reference, "SITE-1", TWO).moved_from is None
    assert in_session(sqlite_office) == [(TWO, "promised", reference)]


def test_a_hold_that_ran_out_is_free_for_the_next_one(office: Office) -> None:
    small_city(office)
    a_session(office, closes_s=ONE + 1800)
    first, second = put_bookings(office, 2)
    hold_place(office, first, "SITE-1", ONE)
    with pytest.raises(Refused, match="SESSION_FULL"):
        take_place(at(office, NOW + timedelta(minutes=9)), second, "SITE-1", ONE)
    later = at(office, NOW + timedelta(minutes=10))
    assert sessions.show(later, "SITE-1").session.free == 1
    take_place(later, second, "SITE-1", ONE)
    assert in_session(office) == [(ONE, "promised", second)]
    assert [booking_of(office, each).status for each in (first, second)] == ["requested", "confirmed"]


def test_full_names_the_times_that_are_still_free(office: Office) -> None:
    small_city(office)
    a_session(office, seats=2)
    references = put_bookings(office, 5)
    for reference, start_s in zip(references, (ONE, ONE, TWO, TWO), strict=False):
        take_place(office, reference, "SITE-1", start_s)
    with pytest.raises(Refused) as caught:
        take_place(office, references[4], "SITE-1", ONE)
    assert caught.value.code == "SESSION_FULL"
    assert caught.value.values["free"] == ["13:30", "14:30"]
    assert booking_of(office, references[4]).status == "requested"


def test_a_session_with_nothing_left_says_so(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office, closes_s=ONE + 1800)
    first, second = put_bookings(sqlite_office, 2)
    take_place(sqlite_office, first, "SITE-1", ONE)
    with pytest.raises(Refused) as caught:
        hold_place(sqlite_office, second, "SITE-1", ONE)
    assert (caught.value.code, caught.value.values["free"]) == ("SESSION_FULL", None)


# -- races -------------------------------------------------------------------------------------------------------------


def taking(office: Office, reference: str, start_s: int) -> Callable[[], object]:
    """One clerk's attempt."""
    return lambda: take_place(office, reference, "SITE-1", start_s)


def test_of_many_clerks_each_seat_goes_to_one_and_nobody_is_turned_away_while_one_is_left(office: Office) -> None:
    small_city(office)
    a_session(office, seats=4, closes_s=ONE + 1800)
    references = put_bookings(office, 8)
    codes = at_once([taking(office, reference, ONE) for reference in references])
    assert sorted(codes) == ["SESSION_FULL"] * 4 + ["won"] * 4
    winners = {reference for reference, code in zip(references, codes, strict=True) if code == "won"}
    assert {whose for _, _, whose in in_session(office)} == winners
    assert [booking_of(office, each).status for each in references].count("confirmed") == 4


def test_holds_and_promises_at_once_share_the_seats_too(office: Office) -> None:
    small_city(office)
    a_session(office, seats=3, closes_s=ONE + 1800)
    references = put_bookings(office, 6)
    holding = [lambda each=each: hold_place(office, each, "SITE-1", ONE) for each in references[:3]]
    codes = at_once([*holding, *(taking(office, each, ONE) for each in references[3:])])
    assert sorted(codes) == ["SESSION_FULL"] * 3 + ["won"] * 3
    assert len(in_session(office)) == 3


def test_two_clerks_with_one_booking_end_with_one_place(office: Office) -> None:
    small_city(office)
    a_session(office)
    (reference,) = put_bookings(office, 1)
    at_once([taking(office, reference, start_s) for start_s in STARTS])
    assert [(state, whose) for _, state, whose in in_session(office)] == [("promised", reference)]


def test_a_place_taken_while_its_session_is_cancelled_is_listed_or_refused(office: Office) -> None:
    small_city(office)
    a_session(office, seats=4)
    references = put_bookings(office, 4)
    ended = [lambda: sessions.cancel(office, "SITE-1", why="rain")]
    codes = at_once([*ended, *(taking(office, each, ONE) for each in references)])
    assert codes[0] == "won"
    assert set(codes[1:]) <= {"won", "SESSION_OVER"}
    won = {reference for reference, code in zip(references, codes[1:], strict=True) if code == "won"}
    assert {(state, whose) for _, state, whose in in_session(office)} == {("broken", each) for each in won}


# -- between home and hall ---------------------------------------------------------------------------------------------


def test_from_a_promised_visit_to_a_place_and_back_in_one_transaction_each(office: Office) -> None:
    small_city(office)
    home, other = promised(office, "10:00", "11:00")
    a_session(office)
    done = take_place(office, home, "SITE-1", ONE)
    assert done.moved_from == (TUESDAY, *window("10:00"))
    assert visit_states(office, home) == ["released"]
    assert windows_promised(office) == {other: window("11:00"), "SITE-1": (ONE - 600, ONE - 600)}
    assert versions(office)[-1][1] == "move"
    require_kept(office)
    back = desk.move(office, home, WEDNESDAY, window("10:00"))
    assert back.moved_from == (TUESDAY, ONE, ONE)
    assert in_session(office) == []
    assert booking_of(office, home).status == "confirmed"
    require_kept(office)
    require_kept(office, WEDNESDAY)


def test_a_visit_given_up_for_a_hall_on_another_day_leaves_both_days_kept(office: Office) -> None:
    small_city(office)
    a_session(office)
    (home,) = promised(office, "10:00", day=WEDNESDAY)
    take_place(office, home, "SITE-1", ONE)
    assert state_of(office, WEDNESDAY).promises == ()
    require_kept(office)
    require_kept(office, WEDNESDAY)


def test_a_held_visit_ends_when_a_place_is_held(office: Office) -> None:
    small_city(office)
    a_session(office)
    (reference,) = put_bookings(office, 1)
    desk.hold(office, reference, TUESDAY, window("10:00"))
    hold_place(office, reference, "SITE-1", ONE)
    assert (visit_states(office, reference), booking_of(office, reference).status) == (["released"], "held")
    desk.hold(office, reference, TUESDAY, window("10:00"))
    assert (in_session(office), visit_states(office, reference)) == ([], ["released", "held"])
    require_kept(office)


def test_from_one_session_to_another(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    a_session(sqlite_office, day=WEDNESDAY)
    (reference,) = put_bookings(sqlite_office, 1)
    take_place(sqlite_office, reference, "SITE-1", ONE)
    assert take_place(sqlite_office, reference, "SITE-2", TWO).moved_from == (TUESDAY, ONE, ONE)
    assert (taken(sqlite_office), taken(sqlite_office, "SITE-2")) == ([], [(TWO, "promised", reference)])


def test_a_visit_that_others_lean_on_stays_as_a_ghost_when_it_is_given_up_for_a_hall(sqlite_office: Office) -> None:
    office, there, far = leg_limit_city(sqlite_office)
    a_session(office, day=WEDNESDAY)
    assert take_place(office, there, "SITE-1", ONE).ghost is True
    assert state_of(office).ghosts == {there}
    assert far in windows_promised(office)
    require_kept(office)


def test_a_place_is_cancelled_at_the_desk_and_free_again(office: Office) -> None:
    small_city(office)
    a_session(office)
    (reference,) = put_bookings(office, 1)
    take_place(office, reference, "SITE-1", ONE)
    assert desk.cancel(office, reference).freed_day == TUESDAY
    assert (in_session(office), booking_of(office, reference).status) == ([], "cancelled")


@pytest.mark.parametrize("leaving", ["cancel", "move home", "another session"])
def test_who_leaves_a_place_outdates_the_sheets_that_name_them(sqlite_office: Office, leaving: str) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    a_session(sqlite_office, day=WEDNESDAY)
    (reference,) = put_bookings(sqlite_office, 1)
    take_place(sqlite_office, reference, "SITE-1", ONE)
    publishing.publish(sqlite_office, TUESDAY, language="ja")
    if leaving == "cancel":
        desk.cancel(sqlite_office, reference)
    elif leaving == "move home":
        desk.move(sqlite_office, reference, WEDNESDAY, window("10:00"))
    else:
        take_place(sqlite_office, reference, "SITE-2", ONE)
    assert in_session(sqlite_office) == []
    assert planning.show(sqlite_office, TUESDAY).outdated is True


def test_nothing_has_changed_when_the_place_is_refused(office: Office) -> None:
    small_city(office)
    (home,) = promised(office, "10:00")
    a_session(office, closes_s=ONE + 1800)
    (first,) = put_bookings(office, 1, first=2)
    take_place(office, first, "SITE-1", ONE)
    before = versions(office)
    with pytest.raises(Refused, match="SESSION_FULL"):
        take_place(office, home, "SITE-1", ONE)
    assert (versions(office), visit_states(office, home)) == (before, ["promised"])
    require_kept(office)


# -- who may -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "booking", "code"),
    [
        ({}, {"status": "draft"}, "BOOKING_INCOMPLETE"),
        ({}, {"people": None}, "BOOKING_INCOMPLETE"),
        ({}, {"status": "cancelled"}, "STATUS_STEP"),
        ({}, {"visit_type": "group", "people": 5}, "SESSION_NOT_FOR_GROUPS"),
        ({}, {"visit_type": "smartphone_help", "people": 1}, "SESSION_NOT_FOR_GROUPS"),
        ({"visit_type": "pin_reset"}, {}, "SESSION_OTHER_TYPE"),
        ({}, {"people": 3}, "PLACE_TOO_SHORT"),
        ({}, {"access": "wheelchair"}, "PLACE_TOO_SHORT"),
        ({}, {"wishes": {"excluded_days": [["2026-11-24", ["morning", "afternoon"]]]}}, "AGAINST_WISH"),
        ({}, {"wishes": {"half_day": ["morning"]}}, "AGAINST_WISH"),
    ],
)
def test_a_booking_that_may_not_have_the_place_is_told_why(
    sqlite_office: Office, changes: dict[str, object], booking: dict[str, object], code: str
) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office, **changes)
    (reference,) = put_bookings(sqlite_office, 1)
    change_booking(sqlite_office, reference, **booking)
    for keep in (hold_place, take_place):
        with pytest.raises((OutreachError, BookingsError)) as caught:
            keep(sqlite_office, reference, "SITE-1", ONE)
        assert caught.value.code == code
    assert in_session(sqlite_office) == []


def test_what_a_clerk_s_word_may_pass_is_passed_by_its_code(sqlite_office: Office) -> None:
    office = quick(sqlite_office, booking={"clerk_lead_working_days": 3})
    small_city(office)
    a_session(office)
    (reference,) = put_bookings(office, 1)
    change_booking(office, reference, people=3, wishes={"half_day": ["morning"]})
    codes = ["LEAD_TIME", "AGAINST_WISH", "PLACE_TOO_SHORT"]
    for number, missing in enumerate(codes):
        with pytest.raises(Refused, match=missing):
            take_place(office, reference, "SITE-1", ONE, accept=codes[:number])
    assert take_place(office, reference, "SITE-1", ONE, accept=codes).start_s == ONE


def test_a_session_beyond_the_horizon_waits_for_its_time(sqlite_office: Office) -> None:
    office = quick(sqlite_office, booking={"horizon_months": 1, "clerk_lead_working_days": 0})
    small_city(office)
    a_session(office)
    (reference,) = put_bookings(office, 1)
    with pytest.raises(Refused, match="BEYOND_HORIZON"):
        take_place(at(office, NOW - timedelta(days=40)), reference, "SITE-1", ONE)


def test_a_smartphone_session_takes_bookings_for_that_and_no_other(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office, visit_type="smartphone_help")
    learner, other = put_bookings(sqlite_office, 2)
    change_booking(sqlite_office, learner, visit_type="smartphone_help", people=1)
    take_place(sqlite_office, learner, "SITE-1", ONE)
    with pytest.raises(Refused, match="SESSION_OTHER_TYPE"):
        take_place(sqlite_office, other, "SITE-1", ONE)
    assert in_session(sqlite_office) == [(ONE, "promised", learner)]


def test_a_time_at_which_no_place_begins_names_those_that_do(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1)
    with pytest.raises(Refused) as caught:
        take_place(sqlite_office, reference, "SITE-1", ONE + 60)
    assert (caught.value.code, caught.value.values["starts"]) == (
        "SESSION_NO_SUCH_START",
        ["13:00", "13:30", "14:00", "14:30"],
    )


def test_a_place_that_has_begun_is_past(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1)
    today = at(sqlite_office, NOW.replace(day=24, hour=13, minute=30))
    with pytest.raises(Refused, match="WINDOW_PAST"):
        take_place(today, reference, "SITE-1", HALF_PAST_ONE)
    take_place(today, reference, "SITE-1", TWO)


def test_a_promised_booking_holds_nothing_beside_its_promise_and_has_no_place_twice(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (home,) = promised(sqlite_office, "10:00")
    a_session(sqlite_office)
    with pytest.raises(Refused, match="ALREADY_PROMISED"):
        hold_place(sqlite_office, home, "SITE-1", ONE)
    take_place(sqlite_office, home, "SITE-1", ONE)
    with pytest.raises(Refused, match="SAME_WINDOW"):
        take_place(sqlite_office, home, "SITE-1", ONE)


def test_what_is_not_there_is_named(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1)
    with pytest.raises(NotFound, match="SESSION_UNKNOWN"):
        take_place(sqlite_office, reference, "SITE-2", ONE)
    with pytest.raises(NotFound, match="BOOKING_UNKNOWN"):
        take_place(sqlite_office, "Z99999", "SITE-1", ONE)
    sessions.cancel(sqlite_office, "SITE-1", why="rain")
    with pytest.raises(Refused, match="SESSION_OVER"):
        take_place(sqlite_office, reference, "SITE-1", ONE)


def test_a_published_day_takes_nobody_and_a_reopened_one_is_outdated_by_the_next(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1)
    publishing.publish(sqlite_office, TUESDAY, language="ja")
    with pytest.raises(Refused, match="DAY_PUBLISHED"):
        take_place(sqlite_office, reference, "SITE-1", ONE)
    planning.reopen(sqlite_office, TUESDAY, why="one more")
    assert planning.show(sqlite_office, TUESDAY).outdated is False
    take_place(sqlite_office, reference, "SITE-1", ONE)
    assert planning.show(sqlite_office, TUESDAY).outdated is True


def test_the_same_place_asked_for_twice_under_one_key_is_taken_once(office: Office) -> None:
    small_city(office)
    a_session(office, seats=2)
    (reference,) = put_bookings(office, 1)
    first = take_place(office, reference, "SITE-1", ONE, key="k")
    assert take_place(office, reference, "SITE-1", ONE, key="k") == first
    assert len(in_session(office)) == 1
    with pytest.raises(Refused, match="KEY_REUSED"):
        take_place(office, reference, "SITE-1", TWO, key="k")


def test_the_history_says_from_what_to_what(sqlite_office: Office) -> None:
    from outreach.services.lookup import show

    small_city(sqlite_office)
    (home,) = promised(sqlite_office, "10:00")
    a_session(sqlite_office)
    take_place(sqlite_office, home, "SITE-1", ONE, why="prefers the hall")
    change = show(sqlite_office, home).history[-1]
    assert (change.what, change.status_after, change.why) == ("status", "confirmed", "prefers the hall")
    assert (change.details["site"], change.details["opens_s"]) == ("SITE-1", ONE)
    assert change.details["instead_of"] == {
        "date": "2026-11-24",
        "opens_s": 10 * HOUR_S,
        "closes_s": 10 * HOUR_S + 1800,
    }


# -- offers ------------------------------------------------------------------------------------------------------------


def offers(office: Office, reference: str, *, accept: tuple[str, ...] = ()) -> tuple[SiteOffer, ...]:
    booking = booking_of(office, reference)
    return free_places(office, [TUESDAY, WEDNESDAY], desk.asked_by(booking, accept), booking)


def test_free_places_are_offered_to_who_can_reach_the_hall(office: Office) -> None:
    small_city(office)
    a_session(office, seats=2)
    first, second = put_bookings(office, 2)
    take_place(office, first, "SITE-1", TWO)
    found = offers(office, second)
    assert [(offer.session, offer.day, offer.start_s, offer.free) for offer in found] == [
        ("SITE-1", TUESDAY, ONE, 2),
        ("SITE-1", TUESDAY, HALF_PAST_ONE, 2),
        ("SITE-1", TUESDAY, TWO, 1),
        ("SITE-1", TUESDAY, HALF_PAST_TWO, 2),
    ]
    assert (found[0].name, found[0].name_en, found[0].length_s) == ("灯台自治公民館", "Todai Hall", 1800)
    assert 0 < found[0].driving_s < 300


@pytest.mark.parametrize(
    "changes",
    [
        {"access": "wheelchair"},
        {"access": "no"},
        {"lat": None, "lon": None},
        {"lat": FAR.lat, "lon": FAR.lon},
        {"visit_type": "group", "people": 5},
        {"people": 3},
        {"wishes": {"half_day": ["morning"]}},
    ],
)
def test_no_place_is_offered_that_could_not_be_used(sqlite_office: Office, changes: dict[str, object]) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1)
    assert offers(sqlite_office, reference) != ()
    change_booking(sqlite_office, reference, **changes)
    assert offers(sqlite_office, reference) == ()


def test_how_far_a_hall_may_be_is_a_rule(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1, town=MIDDLE)
    (driving_s,) = {
        offer.driving_s for offer in offers(quick(sqlite_office, promises={"hall_reach_min": 60}), reference)
    }
    reach = -(-driving_s // 60)
    assert offers(quick(sqlite_office, promises={"hall_reach_min": reach}), reference) != ()
    assert offers(quick(sqlite_office, promises={"hall_reach_min": reach - 1}), reference) == ()


def test_whatever_is_offered_can_be_taken(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    a_session(sqlite_office, day=WEDNESDAY, minutes=60, visit_type="new_card")
    a_session(sqlite_office, van="van-2", visit_type="pin_reset")
    for number, offer in enumerate(offers(sqlite_office, put_bookings(sqlite_office, 1)[0]), start=2):
        (reference,) = put_bookings(sqlite_office, 1, first=number)
        assert take_place(sqlite_office, reference, offer.session, offer.start_s).day == offer.day
    assert {
        session.reference: session.free for session in sessions.list_sessions(sqlite_office, TUESDAY, WEDNESDAY)
    } == {
        "SITE-1": 0,
        "SITE-2": 0,
        "SITE-3": 4,
    }


def test_sessions_cancelled_or_on_published_days_are_not_offered(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    sessions.add(sqlite_office, replace(HALL, day=WEDNESDAY))
    (reference,) = put_bookings(sqlite_office, 1)
    publishing.publish(sqlite_office, WEDNESDAY, language="ja")
    assert {offer.day for offer in offers(sqlite_office, reference)} == {TUESDAY}
    sessions.cancel(sqlite_office, "SITE-1", why="rain")
    assert offers(sqlite_office, reference) == ()
