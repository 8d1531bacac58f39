"""Promises at the desk: what may be promised, what is refused and why, what a cancellation leaves behind."""

from __future__ import annotations

from datetime import date as Date

import pytest
from sqlmodel import select

from bookings.errors import PrivacyError
from bookings.models import BookingChange
from bookings.statuses import IllegalStep
from bookings.wishes import read_wishes
from outreach.errors import Busy, NotFound, Refused
from outreach.programme.clock import instant_from
from outreach.services import _patience, _promising, _witness, desk, fleet, planning, shifts
from outreach.services.office import Office
from outreach.storage.engine import reading
from routing.errors import SolveError
from tests.outreach.city import FAR, MORNING, TUESDAY, WEDNESDAY, put_bookings, small_city
from tests.outreach.services.promised import (
    again,
    at,
    booking_of,
    change_booking,
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

MY_NUMBER = "123456789018"


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@pytest.fixture
def sqlite_office(sqlite_office: Office) -> Office:
    """With short searches, on SQLite alone."""
    return quick(sqlite_office)


# -- confirming --------------------------------------------------------------------------------------------------------


def test_a_confirmed_window_is_kept_by_a_stored_plan_and_in_the_history(office: Office) -> None:
    small_city(office)
    (reference,) = put_bookings(office, 1)
    done = desk.confirm(office, reference, TUESDAY, MORNING, why="on the phone")
    assert (done.reference, done.day, done.opens_s, done.closes_s) == (reference, TUESDAY, *MORNING)
    assert done.van in ("van-1", "van-2")
    assert MORNING[0] <= done.start_s <= MORNING[1]
    assert versions(office) == [(done.plan_version, "confirm")]
    assert booking_of(office, reference).status == "confirmed"
    assert desk.promise_of(office, reference) == (TUESDAY, *MORNING)
    require_kept(office)
    with reading(office.engine) as session:
        (change,) = session.exec(select(BookingChange)).all()
    assert (change.who, change.channel, change.status_before, change.status_after, change.why) == (
        "tester",
        "phone",
        "requested",
        "confirmed",
        "on the phone",
    )


def test_two_promises_of_one_window_go_to_two_vans(office: Office) -> None:
    small_city(office)
    promised(office, "10:00", "10:00")
    require_kept(office)
    assert state_of(office).standing is not None
    assert len(state_of(office).standing.plan.routes) == 2  # type: ignore[union-attr]


def test_a_third_promise_of_one_window_on_two_vans_is_proved_impossible_with_its_reason(office: Office) -> None:
    small_city(office)
    promised(office, "10:00", "10:00")
    (third,) = put_bookings(office, 1, first=3)
    with pytest.raises(Refused) as refusal:
        desk.confirm(office, third, TUESDAY, MORNING)
    assert refusal.value.code == "WINDOW_IMPOSSIBLE"
    assert isinstance(refusal.value, desk.WindowRefused)
    assert refusal.value.reason == "CROWDED_OUT"
    assert booking_of(office, third).status == "requested"
    require_kept(office)


def test_a_place_beyond_the_travel_limit_is_impossible_without_the_managers_word_and_possible_with_it(
    sqlite_office: Office,
) -> None:
    office = quick(sqlite_office, travel={"max_leg_min": 20})
    small_city(office)
    (reference,) = put_bookings(office, 1, town=FAR)
    with pytest.raises(Refused) as refusal:
        desk.confirm(office, reference, TUESDAY, MORNING)
    assert refusal.value.code == "WINDOW_IMPOSSIBLE"
    assert refusal.value.findings[0].code == "LEG_TOO_LONG"
    change_booking(office, reference, long_leg_ok=True)
    desk.confirm(office, reference, TUESDAY, MORNING)
    require_kept(office)


def test_when_the_time_given_does_not_do_the_answer_is_not_found_and_never_impossible(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = sqlite_office
    one_van_city(office)
    promised(office, "10:00")
    (second,) = put_bookings(office, 1, first=2)
    monkeypatch.setattr(_witness, "_decided", lambda *_, **__: None)
    with pytest.raises(Refused) as refusal:
        desk.confirm(office, second, TUESDAY, MORNING)
    assert refusal.value.code == "WINDOW_NOT_FOUND"


@pytest.mark.parametrize(
    ("day", "clock", "code"),
    [
        (Date(2026, 11, 23), "10:00", "NOT_A_SERVICE_DAY"),  # a holiday
        (Date(2026, 11, 28), "10:00", "NOT_A_SERVICE_DAY"),  # a fourth Saturday
        (Date(2026, 11, 19), "10:00", "WINDOW_PAST"),
        (Date(2026, 11, 20), "15:00", "WINDOW_PAST"),
        (WEDNESDAY, "10:10", "WINDOW_OFF_GRID"),
        (WEDNESDAY, "16:00", "WINDOW_OFF_GRID"),
        (Date(2027, 3, 31), "10:00", "BEYOND_HORIZON"),
        (Date(2026, 11, 26), "10:00", "DAY_WITHOUT_SHIFT"),
    ],
)
def test_a_day_or_window_that_cannot_be_promised_is_refused_by_its_rule(
    sqlite_office: Office, day: Date, clock: str, code: str
) -> None:
    small_city(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1)
    with pytest.raises(Refused) as refusal:
        desk.confirm(sqlite_office, reference, day, window(clock))
    assert refusal.value.code == code
    assert booking_of(sqlite_office, reference).status == "requested"


def test_the_lead_time_is_kept_unless_it_is_accepted_by_name(sqlite_office: Office) -> None:
    office = quick(sqlite_office, booking={"clerk_lead_working_days": 3})
    small_city(office)
    (reference,) = put_bookings(office, 1)
    with pytest.raises(Refused) as refusal:
        desk.confirm(office, reference, TUESDAY, MORNING)
    assert refusal.value.code == "LEAD_TIME"
    assert desk.confirm(office, reference, TUESDAY, MORNING, accept=["LEAD_TIME"]).day == TUESDAY


def test_the_horizon_is_passed_only_when_it_is_accepted_by_name(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    far_off = Date(2027, 3, 31)
    again(sqlite_office, far_off, "van-1", ("s-01", "s-02"))
    (reference,) = put_bookings(sqlite_office, 1)
    assert desk.confirm(sqlite_office, reference, far_off, MORNING, accept=["BEYOND_HORIZON"]).day == far_off


@pytest.mark.parametrize(
    ("wish", "clock", "against"),
    [
        ("火曜はだめ", "10:00", True),
        ("午前はだめ", "10:00", True),
        ("午前はだめ", "13:30", False),
        ("火曜の午後はだめ", "13:30", True),
        ("火曜の午後はだめ", "10:00", False),
        ("水曜がいい", "10:00", False),
    ],
)
def test_what_the_resident_said_never_works_is_refused_to_the_half_day(
    sqlite_office: Office, wish: str, clock: str, against: bool
) -> None:
    small_city(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1)
    change_booking(sqlite_office, reference, wishes=read_wishes(wish, today=Date(2026, 11, 20)).to_plain())
    if against:
        with pytest.raises(Refused) as refusal:
            desk.confirm(sqlite_office, reference, TUESDAY, window(clock))
        assert refusal.value.code == "AGAINST_WISH"
    done = desk.confirm(sqlite_office, reference, TUESDAY, window(clock), accept=["AGAINST_WISH"] if against else [])
    assert done.opens_s == window(clock)[0]


def test_a_draft_and_an_unknown_reference_get_no_promise(office: Office) -> None:
    small_city(office)
    (reference,) = put_bookings(office, 1)
    change_booking(office, reference, status="draft")
    with pytest.raises(Refused) as refusal:
        desk.confirm(office, reference, TUESDAY, MORNING)
    assert refusal.value.code == "BOOKING_INCOMPLETE"
    with pytest.raises(NotFound) as unknown:
        desk.confirm(office, "Z99999", TUESDAY, MORNING)
    assert unknown.value.code == "BOOKING_UNKNOWN"


def test_a_cancelled_booking_gets_no_promise(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (reference,) = promised(sqlite_office, "10:00")
    desk.cancel(sqlite_office, reference)
    with pytest.raises(IllegalStep):
        desk.confirm(sqlite_office, reference, TUESDAY, MORNING)


def test_a_booking_with_a_promise_gets_no_second_one(office: Office) -> None:
    small_city(office)
    (reference,) = promised(office, "10:00")
    with pytest.raises(Refused) as refusal:
        desk.confirm(office, reference, WEDNESDAY, MORNING)
    assert refusal.value.code == "ALREADY_PROMISED"
    assert visit_states(office, reference) == ["promised"]


def test_a_day_that_cannot_keep_its_promises_takes_no_new_one_and_does_not_blame_the_window(
    sqlite_office: Office,
) -> None:
    office = sqlite_office
    small_city(office)
    promised(office, "10:00", "10:00")
    fleet.van_down(office, "van-2", TUESDAY, TUESDAY, reason="brakes")
    (third,) = put_bookings(office, 1, first=3)
    with pytest.raises(Refused) as refusal:
        desk.confirm(office, third, TUESDAY, window("14:00"))
    assert refusal.value.code == "DAY_IN_CONFLICT"
    assert refusal.value.values["references"] == sorted(windows_promised(office))


def test_a_my_number_in_a_reason_is_refused_and_nothing_is_stored(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1)
    with pytest.raises(PrivacyError):
        desk.confirm(sqlite_office, reference, TUESDAY, MORNING, why=MY_NUMBER)
    with pytest.raises(PrivacyError):
        desk.cancel(sqlite_office, reference, why=MY_NUMBER)
    assert booking_of(sqlite_office, reference).status == "requested"


def test_a_search_that_dies_promises_nothing_and_says_which_version_stands(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = sqlite_office
    one_van_city(office)
    promised(office, "10:00")
    (second,) = put_bookings(office, 1, first=2)

    def dies(*_: object, **__: object) -> None:
        raise SolveError("SOLVER_KILLED", "the search process died")

    monkeypatch.setattr(_witness, "_decided", dies)
    with pytest.raises(Refused) as refusal:
        desk.confirm(office, second, TUESDAY, MORNING)
    assert (refusal.value.code, refusal.value.values["standing"], refusal.value.values["cause"]) == (
        "PLAN_NOT_MADE",
        1,
        "SOLVER_KILLED",
    )
    assert versions(office) == [(1, "confirm")]
    assert windows_promised(office).keys() != {second}


def test_when_others_are_always_faster_the_answer_is_busy_and_not_full(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1)
    honest = _promising.witness

    def overtaken(office: Office, state, *args, **kwargs):  # type: ignore[no-untyped-def]
        found = honest(office, state, *args, **kwargs)
        shifts.remove_shift(office, TUESDAY, "van-2")
        again(office, TUESDAY, "van-2", ("s-03", "s-04"))
        return found

    monkeypatch.setattr(_promising, "witness", overtaken)
    monkeypatch.setattr(_patience, "PATIENCE_S", 0.2)
    with pytest.raises(Busy) as refusal:
        desk.confirm(sqlite_office, reference, TUESDAY, MORNING)
    assert refusal.value.code == "DAY_BUSY"


# -- on the day itself -------------------------------------------------------------------------------------------------


def test_on_the_day_itself_no_van_is_sent_back_in_time(sqlite_office: Office) -> None:
    office = sqlite_office
    small_city(office)
    promised(office, "10:00")
    late = at(office, instant_from("2026-11-24T13:50"))
    near, far = put_bookings(office, 1, first=2)[0], put_bookings(office, 1, first=3, town=FAR)[0]
    with pytest.raises(Refused) as refusal:  # forty minutes away, and ten minutes to go
        desk.confirm(late, far, TUESDAY, window("13:30"), accept=["LEAD_TIME"])
    assert refusal.value.code == "WINDOW_IMPOSSIBLE"
    done = desk.confirm(late, near, TUESDAY, window("14:30"), accept=["LEAD_TIME"])
    assert done.start_s >= window("14:30")[0]
    require_kept(late)


def test_a_published_day_takes_no_promise(office: Office) -> None:
    from outreach.services import publishing

    small_city(office)
    promised(office, "10:00")
    publishing.publish(office, TUESDAY, language="ja")
    (reference,) = put_bookings(office, 1, first=2)
    with pytest.raises(Refused) as refusal:
        desk.confirm(office, reference, TUESDAY, MORNING)
    assert refusal.value.code == "DAY_PUBLISHED"
    planning.reopen(office, TUESDAY, why="one more")
    desk.confirm(office, reference, TUESDAY, window("11:00"))
    require_kept(office)


def test_the_other_proposals_stay_when_one_of_them_is_promised(office: Office) -> None:

    small_city(office)
    promised(office, "10:00")
    first, second = put_bookings(office, 2, first=5)
    assert set(planning.make(office, TUESDAY).proposals) == {first, second}
    desk.confirm(office, first, TUESDAY, window("13:30"))
    assert planning.show(office, TUESDAY).proposals == (second,)
    require_kept(office)
