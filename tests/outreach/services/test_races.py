"""Many clerks at once: for one place, for all places of two days, and for one and the same booking."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

import pytest
from sqlmodel import col, select

from bookings.models import Booking, BookingChange
from bookings.statuses import STEPS, Status
from outreach.services import _day_writes, _patience, _promising, desk, planning, slots
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import Visit, VisitState
from tests.conftest import SOAKING, Soak
from tests.outreach.city import CREWS, MORNING, TUESDAY, WEDNESDAY, put_bookings, put_shift_row, small_city
from tests.outreach.services.promised import (
    booking_of,
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
from tests.outreach.services.racers import Ran, at_once, confirming, hold_any, hold_this, outcome, race_in, stables

RACERS = 40
PROCESSES = 4


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@pytest.fixture(scope="module")
def stable() -> Iterator[Executor]:
    """Processes to race in."""
    with stables(PROCESSES) as pool:
        yield pool


def some_days(office: Office, count: int, *vans: str) -> list[Date]:
    """So many service days with the shifts of some vans."""
    days = list(office.calendar.service_days(Date(2026, 11, 26), Date(2027, 1, 15))[:count])
    with writing(office.engine) as session:
        for day in days:
            for van in vans:
                put_shift_row(session, day, van, CREWS[van])
    return days


# -- one place ---------------------------------------------------------------------------------------------------------


@dataclass
class Pause:
    """Holds every thread between its check and its writing until all have checked, once each."""

    barrier: threading.Barrier
    paused: threading.local

    def after(self, check: Callable[..., Any]) -> Callable[..., Any]:
        def checked_and_waited(*args: Any, **kwargs: Any) -> Any:
            found = check(*args, **kwargs)
            if not getattr(self.paused, "done", False):
                self.paused.done = True
                self.barrier.wait(60)
            return found

        return checked_and_waited


def race_with_a_pause(
    office: Office, monkeypatch: pytest.MonkeyPatch, references: tuple[str, ...], day: Date
) -> list[str]:
    """Everybody checks before anybody writes."""
    with monkeypatch.context() as patch:
        pause = Pause(threading.Barrier(len(references)), threading.local())
        patch.setattr(_promising, "witness", pause.after(_promising.witness))
        patch.setattr(_patience, "OPTIMISTIC_S", 60.0)  # nobody takes turns: only the day's version is in the way
        return at_once([lambda one=one: desk.hold(office, one, day, MORNING) for one in references])  # type: ignore[misc]


@pytest.mark.heavy(take=1)
def test_without_the_guard_and_with_a_pause_after_the_check_the_last_place_is_oversold(
    office: Office, soak: Soak, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: it is the day's version that keeps the promise, not luck."""
    small_city(office)
    days = some_days(office, soak.count(20, part=6), "van-1")
    oversold = 0
    with monkeypatch.context() as unguarded:
        unguarded.setattr(_day_writes, "claim_day", lambda *_: None)
        for number, day in enumerate(days):
            references = put_bookings(office, 4, first=1 + 4 * number)
            codes = race_with_a_pause(office, monkeypatch, references, day)
            oversold += codes.count("won") > 1 and planning.check_standing(office, day) != ()
    soak.table("oversold", f"{oversold} of {len(days)}")
    # Of three days one is enough to say that nothing else kept the promise; how often is for ``make soak``.
    assert oversold >= (0.9 * len(days) if SOAKING else 1)


@pytest.mark.heavy(take=1)
def test_with_the_guard_the_same_pause_sells_the_last_place_once(
    office: Office, soak: Soak, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city(office)
    for number, day in enumerate(some_days(office, soak.count(20), "van-1")):
        references = put_bookings(office, 4, first=1 + 4 * number)
        codes = race_with_a_pause(office, monkeypatch, references, day)
        assert Counter(codes) == {"won": 1, "WINDOW_IMPOSSIBLE": 3}
        assert windows_promised(office, day).keys() == {references[codes.index("won")]}
        require_kept(office, day)


@pytest.mark.heavy(take=1)
def test_of_forty_clerks_in_four_processes_exactly_one_gets_the_last_place(
    office: Office, soak: Soak, stable: Executor
) -> None:
    small_city(office)
    slowest_s = 0.0
    for number, day in enumerate(some_days(office, soak.count(20), "van-1")):
        references = put_bookings(office, RACERS, first=1 + RACERS * number)
        ran = race_in(stable, PROCESSES, office, hold_this, references, day, *MORNING)
        assert Counter(one.code for one in ran) == {"won": 1, "WINDOW_IMPOSSIBLE": RACERS - 1}
        (winner,) = [one.reference for one in ran if one.code == "won"]
        assert windows_promised(office, day) == {winner: MORNING}
        require_kept(office, day)
        # The refusals were true: for none of the others is there a place now.
        (loser, *_) = [one.reference for one in ran if one.code != "won"]
        assert outcome(lambda loser=loser, day=day: desk.hold(office, loser, day, MORNING)) == "WINDOW_IMPOSSIBLE"  # type: ignore[misc]
        slowest_s = max(slowest_s, *(one.seconds for one in ran))
    soak.table("slowest_s", round(slowest_s, 1))


@pytest.mark.heavy(take=1)
@pytest.mark.parametrize("optimistic_s", [0.25, 0.0])
def test_forty_clerks_in_one_process_do_not_use_up_its_connections(
    office: Office, optimistic_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for a day's lock must leave a connection to the one who has it."""
    monkeypatch.setattr(_patience, "OPTIMISTIC_S", optimistic_s)
    one_van_city(office)
    references = put_bookings(office, RACERS)
    results = at_once([confirming(office, reference) for reference in references])
    assert Counter(results) == {"won": 1, "WINDOW_IMPOSSIBLE": RACERS - 1}
    require_kept(office)


# -- all places of two days --------------------------------------------------------------------------------------------

CLOCKS = ("09:30", "10:45", "12:00", "13:15", "14:30")
"""So far apart that what is promised in one leaves all others as they are; two vans, two days: twenty places."""


def twenty_places(office: Office) -> Office:
    """An office whose windows are :data:`CLOCKS`, so that every van has exactly one place in each."""
    office = quick(
        office, windows={"step_min": 75, "last_start": "14:30"}, shift={"lunch_min": 0}, promises={"enough_windows": 50}
    )
    assert [start for start, _ in office.calendar.windows(TUESDAY)] == [window(clock)[0] for clock in CLOCKS]
    small_city(office)
    return office


@pytest.mark.heavy(take=1)
@pytest.mark.parametrize("racers", [40, 12])
def test_twenty_places_are_all_taken_or_there_is_one_for_everybody(
    office: Office, soak: Soak, stable: Executor, racers: int
) -> None:
    office = twenty_places(office)
    slowest_s, refusals = 0.0, 0
    for number in range(soak.count(20)):
        references = put_bookings(office, racers, first=1 + racers * number)
        ran = race_in(stable, PROCESSES, office, hold_any, references)
        held = promises_of_both_days(office)
        got = [one.reference for one in ran if one.code == "won"]
        assert Counter(one.code for one in ran) == Counter(
            {"won": min(racers, 20), **({"none": racers - 20} if racers > 20 else {})}
        )
        assert sorted(got) == sorted(held)
        require_nobody_was_told_full_for_nothing(office, ran, held)
        if racers > 20:
            loser = next(one.reference for one in ran if one.code == "none")
            assert slots.find(office, slots.Ask(reference=loser), thorough=True).quotes == ()
        for day in (TUESDAY, WEDNESDAY):
            require_kept(office, day)
        refusals += sum(len(one.refused) for one in ran)
        slowest_s = max(slowest_s, *(one.seconds for one in ran))
        for reference in held:
            desk.cancel(office, reference)
    soak.table("slowest_s", round(slowest_s, 1))
    soak.table("refused on the way", refusals)


def promises_of_both_days(office: Office) -> dict[str, tuple[Date, int, int]]:
    """Whom each place belongs to."""
    return {
        reference: (day, *slot)
        for day in (TUESDAY, WEDNESDAY)
        for reference, slot in windows_promised(office, day).items()
    }


def require_nobody_was_told_full_for_nothing(office: Office, ran: list[Ran], held: dict[str, Any]) -> None:
    """A window that was refused is full: it was taken then, and nothing was given back since."""
    taken = Counter(held.values())
    assert set(taken.values()) <= {1, 2}
    for one in ran:
        for slot, code in one.refused:
            assert code in ("WINDOW_IMPOSSIBLE", "WINDOW_NOT_FOUND"), (one.reference, slot, code)
            assert taken[slot] == 2, f"{one.reference} was told that {slot} is full: {code}"


def test_nobody_is_refused_while_there_is_a_place_for_everybody(office: Office) -> None:
    small_city(office)
    references = put_bookings(office, 8)
    clocks = ["09:30", "10:30", "13:30", "14:30"] * 2
    attempts = [
        lambda reference=reference, clock=clock: desk.confirm(office, reference, TUESDAY, window(clock))
        for reference, clock in zip(references, clocks, strict=True)
    ]
    assert at_once(attempts) == ["won"] * 8
    assert set(windows_promised(office)) == set(references)
    assert [number for number, _ in versions(office)] == list(range(1, 9))
    require_kept(office)


def test_a_confirmation_while_the_plan_is_being_made_stands_and_the_plan_is_stale(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city(office)
    promised(office, "09:30", "10:30", "11:30", "13:30", "14:30", "15:00")
    (late,) = put_bookings(office, 1, first=9)
    searching, confirmed = threading.Event(), threading.Event()
    honest = planning.find_plan

    def and_say_so(*args, **kwargs):  # type: ignore[no-untyped-def]
        searching.set()
        found = honest(*args, **kwargs)
        assert confirmed.wait(60)
        return found

    monkeypatch.setattr(planning, "find_plan", and_say_so)
    with ThreadPoolExecutor(1) as pool:
        making = pool.submit(outcome, lambda: planning.make(office, TUESDAY, seconds=0.5))
        assert searching.wait(60)
        desk.confirm(office, late, TUESDAY, window("13:30"))
        confirmed.set()
        assert making.result() == "PLAN_STALE"
    assert late in windows_promised(office)
    require_kept(office)


# -- one booking -------------------------------------------------------------------------------------------------------

LEGAL_ENDS = {
    *("won", "STATUS_STEP", "ALREADY_PROMISED", "NOTHING_TO_MOVE", "NOTHING_HELD", "SAME_WINDOW"),
    *("WINDOW_IMPOSSIBLE", "WINDOW_NOT_FOUND"),
}
"""How a race about one booking may end for one of those in it: what the other made of it forbids this."""


@pytest.mark.heavy(take=1)
def test_confirming_cancelling_and_moving_one_booking_at_once_only_ever_takes_legal_steps(
    office: Office, soak: Soak
) -> None:
    small_city(office)
    promised(office, "10:00", "13:30", first=9001)
    tally: Counter[str] = Counter()
    alive: list[str] = []
    for number in range(1, soak.count(500) + 1):
        (reference,) = put_bookings(office, 1, first=number)
        begins = soak.rng.choice(["requested", "held", "held", "confirmed", "confirmed"])
        if begins == "held":
            desk.hold(office, reference, TUESDAY, window("11:00"))
        if begins == "confirmed":
            desk.confirm(office, reference, TUESDAY, window("11:00"))
        moves: dict[str, Callable[[], object]] = {
            "confirm": lambda reference=reference: desk.confirm(office, reference),
            "confirm another": lambda reference=reference: desk.confirm(office, reference, WEDNESDAY, MORNING),
            "cancel": lambda reference=reference: desk.cancel(office, reference),
            "move": lambda reference=reference: desk.move(office, reference, WEDNESDAY, window("14:00")),
            "move back": lambda reference=reference: desk.move(office, reference, TUESDAY, window("11:00")),
            "hold": lambda reference=reference: desk.hold(office, reference, WEDNESDAY, window("09:30")),
        }
        chosen = ["confirm", "cancel", "move"]
        if soak.rng.random() < 0.5:
            chosen = soak.rng.sample(sorted(moves), 3)
        ended = dict(zip(chosen, at_once([moves[name] for name in chosen]), strict=True))
        where = f"round {number}: {begins}, then {ended}"
        assert set(ended.values()) <= LEGAL_ENDS, where
        assert "cancel" not in ended or ended["cancel"] == "won", where
        require_legal_life(office, reference, where)
        tally.update(f"{name}: {code}" for name, code in ended.items())
        if booking_of(office, reference).status != Status.CANCELLED:
            alive.append(reference)
        while len(alive) > 1:
            desk.cancel(office, alive.pop(soak.rng.randrange(len(alive))))
        for day in (TUESDAY, WEDNESDAY):
            if versions(office, day):
                require_kept(office, day)
    soak.table("ends", dict(sorted(tally.items())))


def require_legal_life(office: Office, reference: str, where: str) -> None:
    """The history is a path of legal steps to where the booking is; it has one place or none, as its status says."""
    with reading(office.engine) as session:
        booking = session.exec(select(Booking).where(Booking.reference == reference)).one()
        steps = session.exec(
            select(BookingChange.status_before, BookingChange.status_after)
            .where(BookingChange.booking_id == booking.id)
            .order_by(col(BookingChange.id))
        ).all()
        kept = session.exec(
            select(Visit.state)
            .where(Visit.booking_id == booking.id)
            .where(col(Visit.state).in_([VisitState.HELD.value, VisitState.PROMISED.value]))
        ).all()
    now = Status.REQUESTED
    for before, after in steps:
        assert before == now, (where, steps)
        following = Status(after or "")
        assert following in STEPS[now], (where, steps)
        now = following
    assert booking.status == now, (where, steps)
    one_place = {Status.HELD: ["held"], Status.CONFIRMED: ["promised"]}
    assert list(kept) == one_place.get(now, []), (where, steps)
    on_days = [
        day for day in (TUESDAY, WEDNESDAY) if versions(office, day) and reference in state_of(office, day).promised
    ]
    assert len(on_days) == len(kept), where


def test_of_two_clerks_with_the_same_booking_one_promises_and_the_other_is_told_so(office: Office) -> None:
    small_city(office)
    (reference,) = put_bookings(office, 1)
    results = at_once(
        [
            lambda: desk.confirm(office, reference, TUESDAY, MORNING),
            lambda: desk.confirm(office, reference, WEDNESDAY, window("13:30")),
        ]
    )
    assert sorted(results) == ["ALREADY_PROMISED", "won"]
    assert visit_states(office, reference) == ["promised"]
