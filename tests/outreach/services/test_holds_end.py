"""A hold ends by the clock, to the second: over midnight, at the end of a month, when the clock is put right."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bookings.models import BookingChange
from outreach.errors import Refused
from outreach.programme.clock import TOKYO, instant_from
from outreach.services import _holds, _patience, _promising, desk, planning, slots
from outreach.services.office import Office
from outreach.storage.engine import reading
from tests.outreach.city import CREWS, MORNING, NOW, TUESDAY, WEDNESDAY, put_bookings, small_city
from tests.outreach.services.promised import (
    again,
    at,
    booking_of,
    one_van_city,
    quick,
    require_kept,
    state_of,
    versions,
    visit_states,
    window,
    windows_promised,
)
from tests.outreach.services.racers import at_once, outcome

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@dataclass
class TurningClock:
    """A clock that a test puts forward and back while the desk is at work."""

    instant: datetime

    @property
    def is_fixed(self) -> bool:
        return False

    def now(self) -> datetime:
        return self.instant.astimezone(TOKYO)

    def today(self) -> Date:
        return self.now().date()


class TurnedOffice(Office):
    """An office that asks such a clock."""

    turning: TurningClock

    @property
    def clock(self) -> TurningClock:  # type: ignore[override]
        return self.turning


def turned(office: Office) -> TurnedOffice:
    """The same office with a clock that can be turned."""
    other = TurnedOffice(office.settings, office.rules, office.engine, office.who, office.channel)
    object.__setattr__(other, "turning", TurningClock(office.now()))
    return other


def day_after(office: Office, now: datetime) -> Date:
    """A service day soon after a moment, with van-1 on the road and nobody else."""
    day = office.calendar.service_days(now.date() + timedelta(days=1), now.date() + timedelta(days=20))[2]
    again(office, day, "van-1", CREWS["van-1"])
    return day


# -- to the second -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("held_at", "channel", "ends_at"),
    [
        ("2026-11-20T16:00:00", "phone", "2026-11-20T16:10:00"),
        ("2026-11-20T16:00:00", "web", "2026-11-20T16:20:00"),
        ("2026-11-20T23:55:30", "phone", "2026-11-21T00:05:30"),  # over midnight, into a Saturday
        ("2026-11-30T23:59:59", "phone", "2026-12-01T00:09:59"),  # over the end of a month
        ("2026-12-31T23:50:00", "web", "2027-01-01T00:10:00"),  # over the end of a year
        ("2028-02-28T23:59:00", "phone", "2028-02-29T00:09:00"),  # into a leap day
    ],
)
def test_a_hold_ends_to_the_second(office: Office, held_at: str, channel: str, ends_at: str) -> None:
    one_van_city(office)
    now, end = instant_from(held_at), instant_from(ends_at)
    before = at(office, now).acting_as("tester", channel)
    day = day_after(before, now)
    first, second = put_bookings(office, 2)
    held = desk.hold(before, first, day, MORNING)
    assert held.until == end

    last_moment, over = at(office, end - SECOND), at(office, end)
    assert desk.promise_of(last_moment, first) == (day, *MORNING)
    assert set(windows_promised(last_moment, day)) == {first}
    assert outcome(lambda: desk.hold(last_moment, second, day, MORNING)) == "WINDOW_IMPOSSIBLE"
    require_kept(last_moment, day)

    assert desk.promise_of(over, first) is None
    assert windows_promised(over, day) == {}
    assert booking_of(office, first).status == "held"  # nobody has passed by yet
    taken = desk.hold(over, second, day, MORNING)  # and nobody needs to
    assert (taken.opens_s, taken.closes_s) == MORNING
    assert set(windows_promised(over, day)) == {second}
    assert visit_states(office, first) == ["released"]
    assert booking_of(office, first).status == "requested"
    require_kept(over, day)


def test_a_hold_that_ran_out_is_offered_to_others_before_anybody_noticed(office: Office) -> None:
    one_van_city(office)
    first, second = put_bookings(office, 2)
    held = desk.hold(office, first, TUESDAY, MORNING)

    def offered(office: Office) -> bool:
        found = slots.find(office, slots.Ask(reference=second), first=TUESDAY, last=TUESDAY, thorough=True)
        return MORNING in {(offer.opens_s, offer.closes_s) for offer in found.quotes}

    assert not offered(at(office, held.until - SECOND))
    assert offered(at(office, held.until))


def test_a_hold_taken_again_lasts_from_then_on(office: Office) -> None:
    small_city(office)
    (reference,) = put_bookings(office, 1)
    first = desk.hold(office, reference, TUESDAY, MORNING)
    later = at(office, NOW + timedelta(minutes=9))
    second = desk.hold(later, reference, TUESDAY, MORNING)
    assert second.until - first.until == timedelta(minutes=9)
    assert desk.promise_of(at(office, first.until), reference) == (TUESDAY, *MORNING)
    assert desk.promise_of(at(office, second.until), reference) is None


# -- too late ----------------------------------------------------------------------------------------------------------


def test_confirming_in_the_last_second_is_in_time_and_a_second_later_is_a_new_quote(office: Office) -> None:
    small_city(office)
    first, second = put_bookings(office, 2)
    held = desk.hold(office, first, TUESDAY, MORNING)
    in_time = desk.confirm(at(office, held.until - SECOND), first)
    assert (in_time.requoted, in_time.opens_s, in_time.plan_version) == (False, MORNING[0], held.plan_version)

    held = desk.hold(office, second, TUESDAY, window("13:30"))
    late = desk.confirm(at(office, held.until), second)
    assert (late.requoted, late.day, late.opens_s) == (True, TUESDAY, window("13:30")[0])
    assert visit_states(office, second) == ["released", "promised"]
    assert steps_of(office, second) == ["held", "requested", "confirmed"]
    require_kept(at(office, held.until))


@pytest.mark.parametrize("swept", [False, True])
def test_confirming_too_late_is_refused_when_somebody_else_has_the_window(office: Office, swept: bool) -> None:
    one_van_city(office)
    first, second = put_bookings(office, 2)
    held = desk.hold(office, first, TUESDAY, MORNING)
    over = at(office, held.until)
    if swept:
        assert _holds.sweep(over) == (first,)
    desk.confirm(over, second, TUESDAY, MORNING)
    with pytest.raises(Refused) as refusal:
        desk.confirm(over, first)
    assert refusal.value.code == "WINDOW_IMPOSSIBLE"
    assert booking_of(office, first).status == "requested"
    assert set(windows_promised(over)) == {second}
    require_kept(over)


def test_a_hold_that_ran_out_can_be_cancelled_moved_on_and_swept_and_leaves_a_checked_plan(office: Office) -> None:
    small_city(office)
    first, second, third = put_bookings(office, 3)
    for reference in (first, second, third):
        desk.hold(office, reference, TUESDAY, MORNING if reference != third else window("13:30"))
    over = at(office, NOW + timedelta(minutes=10))
    assert desk.cancel(over, first).freed_day is None
    desk.hold(over, second, WEDNESDAY, MORNING)
    assert _holds.sweep(over) == (third,)
    assert windows_promised(over) == {}
    assert windows_promised(over, WEDNESDAY) == {second: MORNING}
    assert planning.check_standing(over, TUESDAY) == ()
    planning.make(over, TUESDAY, seconds=0.2)
    assert state_of(over).ghosts == frozenset()
    require_kept(over, WEDNESDAY)


def steps_of(office: Office, reference: str) -> list[str]:
    """The statuses a booking came to."""
    booking = booking_of(office, reference)
    with reading(office.engine) as session:
        rows = session.exec(
            select(BookingChange.status_after)
            .where(BookingChange.booking_id == booking.id)
            .order_by(col(BookingChange.id))
        ).all()
    return [str(status) for status in rows]


# -- while somebody thinks ---------------------------------------------------------------------------------------------


@contextmanager
def while_thinking(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> Iterator[None]:
    """Between the check of the next promise and its writing something happens, once."""
    honest, done = _promising.witness, threading.Event()

    def and_meanwhile(*args: Any, **kwargs: Any) -> Any:
        found = honest(*args, **kwargs)
        if not done.is_set():
            done.set()
            happens()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(_promising, "witness", and_meanwhile)
        patch.setattr(_patience, "OPTIMISTIC_S", 60.0)  # what happens need not wait for its turn
        yield
    assert done.is_set()


def test_a_hold_that_runs_out_while_somebody_else_thinks_harms_nobody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city(office)
    office = turned(office)
    first, second = put_bookings(office, 2)
    held = desk.hold(office, first, TUESDAY, MORNING)
    with while_thinking(monkeypatch, lambda: setattr(office.turning, "instant", held.until)):
        desk.confirm(office, second, TUESDAY, MORNING)
    assert set(windows_promised(office)) == {second}
    require_kept(office)
    late = desk.confirm(office, first)
    assert late.requoted
    assert set(windows_promised(office)) == {first, second}
    require_kept(office)


def test_a_hold_confirmed_while_somebody_counts_on_its_end_stays_promised(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two clerks whose clocks differ: for one the hold is over, the other confirms it in the last second."""
    one_van_city(office)
    first, second = put_bookings(office, 2)
    held = desk.hold(office, first, TUESDAY, MORNING)
    in_time, over = at(office, held.until - SECOND), at(office, held.until)
    with while_thinking(monkeypatch, lambda: desk.confirm(in_time, first)):
        assert outcome(lambda: desk.confirm(over, second, TUESDAY, MORNING)) == "WINDOW_IMPOSSIBLE"
    assert windows_promised(over) == {first: MORNING}
    require_kept(over)


@pytest.mark.parametrize("round_", range(4))
def test_confirming_and_taking_the_place_at_the_moment_of_expiry_ends_with_one_of_them(
    office: Office, round_: int
) -> None:
    one_van_city(office)
    first, second = put_bookings(office, 2)
    held = desk.hold(office, first, TUESDAY, MORNING)
    in_time, over = at(office, held.until - SECOND), at(office, held.until)
    confirming = in_time if round_ % 2 else over
    ended = at_once([lambda: desk.confirm(confirming, first), lambda: desk.confirm(over, second, TUESDAY, MORNING)])
    assert Counter(ended) == {"won": 1, "WINDOW_IMPOSSIBLE": 1}
    assert set(windows_promised(over)) == {(first, second)[ended.index("won")]}
    require_kept(over)


# -- when the clock is put right ---------------------------------------------------------------------------------------


def test_a_clock_put_forward_an_hour_ends_holds_and_put_back_revives_only_those_nobody_ended(office: Office) -> None:
    one_van_city(office)
    first, second = put_bookings(office, 2)
    held = desk.hold(office, first, TUESDAY, MORNING)
    ahead = at(office, NOW + HOUR)
    assert windows_promised(ahead) == {}
    assert set(windows_promised(office)) == {first}  # put back, and nobody wrote meanwhile
    desk.confirm(ahead, second, TUESDAY, MORNING)
    for office_now in (ahead, office):
        assert set(windows_promised(office_now)) == {second}
        require_kept(office_now)
    assert desk.promise_of(office, first) is None
    assert outcome(lambda: desk.confirm(office, first)) == "WINDOW_IMPOSSIBLE"
    assert held.until > office.now()


def test_a_clock_put_back_an_hour_makes_a_hold_last_longer_and_never_doubles_it(office: Office) -> None:
    one_van_city(office)
    first, second = put_bookings(office, 2)
    held = desk.hold(office, first, TUESDAY, MORNING)
    behind = at(office, NOW - HOUR)
    assert set(windows_promised(behind)) == {first}
    assert outcome(lambda: desk.hold(behind, second, TUESDAY, MORNING)) == "WINDOW_IMPOSSIBLE"
    assert desk.hold(behind, first, TUESDAY, MORNING).until == held.until - HOUR
    assert not desk.confirm(behind, first).requoted
    assert visit_states(office, first) == ["released", "promised"]
    require_kept(behind)


@pytest.mark.parametrize("what", ["confirm", "make"])
def test_a_clock_put_back_while_somebody_thinks_leaves_no_hold_without_a_stop(
    office: Office, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plan was made for a day on which the hold was over; when it is stored, the hold is over."""
    one_van_city(office)
    office = turned(office)
    first, second = put_bookings(office, 2)
    held = desk.hold(office, first, TUESDAY, MORNING)
    office.turning.instant = held.until

    def put_back() -> None:
        office.turning.instant = held.until - HOUR

    if what == "confirm":
        with while_thinking(monkeypatch, put_back):
            desk.confirm(office, second, TUESDAY, MORNING)
    else:
        honest = planning.find_plan

        def and_meanwhile(*args: Any, **kwargs: Any) -> Any:
            found = honest(*args, **kwargs)
            put_back()
            return found

        monkeypatch.setattr(planning, "find_plan", and_meanwhile)
        planning.make(office, TUESDAY, seconds=0.2)
    if versions(office):
        require_kept(office)
    ended = outcome(lambda: desk.confirm(office, first))
    assert ended == ("WINDOW_IMPOSSIBLE" if what == "confirm" else "won")
    require_kept(office)


def test_many_clerks_at_a_moment_at_which_ten_holds_end_all_get_their_windows(office: Office) -> None:
    small_city(office)
    clocks = ("09:30", "10:30", "13:00", "14:00", "15:00")
    holders = put_bookings(office, 10)
    takers = put_bookings(office, 10, first=11)
    slots_ = [window(clock) for clock in clocks for _ in range(2)]
    for reference, slot in zip(holders, slots_, strict=True):
        desk.hold(office, reference, TUESDAY, slot)
    over = at(office, NOW + timedelta(minutes=10))
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(lambda pair: desk.confirm(over, pair[0], TUESDAY, pair[1]), zip(takers, slots_, strict=True)))
    assert windows_promised(over) == dict(zip(takers, slots_, strict=True))
    require_kept(over)
