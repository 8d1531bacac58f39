"""The promise under load: random days until nothing fits, and many clerks at once for one place."""

from __future__ import annotations

import multiprocessing
import random
import threading
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import date as Date

import pytest

from outreach.errors import Refused
from outreach.services import _days, desk, planning, publishing
from outreach.services.office import Office
from outreach.storage.engine import writing
from tests.conftest import SOAKING, Soak
from tests.outreach.city import (
    FAR,
    HALL,
    MORNING,
    TUESDAY,
    WEDNESDAY,
    a_booking,
    put_bookings,
    put_shift_row,
    small_city,
)
from tests.outreach.services.promised import (
    HALF_WAY,
    booking_of,
    promised,
    quick,
    require_kept,
    state_of,
    versions,
    visit_states,
    window,
    windows_promised,
)
from tests.outreach.services.racers import at_once, confirm_many, confirming, outcome


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


# -- random days until nothing fits ------------------------------------------------------------------------------------

REFUSALS = 4
"""A day is full when so many random windows in a row were refused."""

CREWS = {"van-1": ("s-01", "s-02"), "van-2": ("s-03", "s-04")}


def put_booking_somewhere(office: Office, rng: random.Random, number: int) -> str:
    """A booking within some 14 km of the hall, of one to five people."""
    return _put(
        office,
        number,
        lat=HALL[0] + rng.uniform(-0.13, 0.13),
        lon=HALL[1] + rng.uniform(-0.13, 0.13),
        people=rng.randrange(1, 6),
        long_leg_ok=rng.random() < 0.05,
    )


def put_chain(office: Office, day: Date, number: int) -> dict[str, tuple[int, int]]:
    """Promises of which one hangs on the others: a far visit that can be reached only by way of two others."""
    chain = ((HALF_WAY, "10:00"), (HALF_WAY, "13:00"), (FAR, "11:30"))
    made: dict[str, tuple[int, int]] = {}
    for at, (town, clock) in enumerate(chain, start=1):
        reference = _put(office, number + at, lat=town.lat + 0.001 * at, lon=town.lon)
        desk.confirm(office, reference, day, window(clock), accept=["BEYOND_HORIZON"])
        made[reference] = window(clock)
    return made


def _put(office: Office, number: int, **values: object) -> str:
    booking = a_booking(number, **values)
    reference = booking.reference
    with writing(office.engine) as session:
        session.add(booking)
    return reference


@pytest.mark.heavy
def test_random_windows_are_confirmed_until_refused_and_every_promise_is_kept_all_along(
    office: Office, soak: Soak
) -> None:
    small_city(office)
    tally: Counter[str] = Counter()
    days = office.calendar.service_days(Date(2026, 11, 26), Date(2027, 11, 30))[: soak.count(100)]
    number = 0
    for day in days:
        chained = soak.rng.random() < 0.5  # then far promises hang on others, and leave ghosts behind
        limit_min = 25 if chained else soak.rng.choice([35, 60])
        today = quick(office, travel={"max_leg_min": limit_min}, shift={"lunch_min": 0 if chained else 60})
        with writing(today.engine) as session:
            for van, crew in list(CREWS.items())[: soak.rng.randrange(1, 3)]:
                put_shift_row(session, day, van, crew)
        read_out = put_chain(today, day, number) if chained else {}
        number += 3
        haunted: frozenset[str] = frozenset()
        refused = 0
        while refused < REFUSALS:
            number += 1
            reference = put_booking_somewhere(today, soak.rng, number)
            asked = soak.rng.choice(today.calendar.windows(day))
            try:
                desk.confirm(today, reference, day, asked, accept=["BEYOND_HORIZON"])
            except Refused as error:
                refused += 1
                tally[error.code] += 1
                desk.cancel(today, reference)
            else:
                read_out[reference] = asked
                refused = 0
                tally["confirmed"] += 1
            if read_out and soak.rng.random() < 0.25:
                gone = soak.rng.choice(sorted(read_out))
                del read_out[gone]
                tally["ghosts"] += desk.cancel(today, gone).ghost
            if not read_out:
                continue
            if soak.rng.random() < 0.15:
                view = planning.make(today, day, seconds=0.2)
                assert view.plan.status.value in ("OPTIMAL", "FEASIBLE")
                assert view.broken == ()
                tally["made"] += 1
            require_kept(today, day)
            assert windows_promised(today, day) == read_out
            now_haunted = state_of(today, day).ghosts
            tally["ghosts gone"] += len(haunted - now_haunted)
            haunted = now_haunted
        if not read_out:
            continue
        planning.make(today, day, seconds=0.2)
        require_kept(today, day)
        assert windows_promised(today, day) == read_out
        publishing._settle_proposals(today, day)
        require_kept(today, day)
    soak.table("promise", dict(tally))
    assert set(tally) <= {
        *("confirmed", "made", "ghosts", "ghosts gone"),
        *("WINDOW_IMPOSSIBLE", "WINDOW_NOT_FOUND"),
    }
    assert tally["confirmed"] >= len(days)
    if SOAKING:
        assert tally["ghosts"] >= 5
        assert tally["ghosts gone"] >= 1


# -- many clerks at once -----------------------------------------------------------------------------------------------

RACERS = 12
PROCESSES = 2


def test_of_twelve_clerks_in_two_processes_exactly_one_gets_the_last_place(office: Office) -> None:
    small_city(office)
    (there,) = promised(office, "10:00")
    references = put_bookings(office, RACERS, first=2)
    share = RACERS // PROCESSES
    shares = [references[at : at + share] for at in range(0, RACERS, share)]
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        ran = list(pool.map(confirm_many, [office.settings] * PROCESSES, [office.rules] * PROCESSES, shares))
    results = [result for each in ran for result in each]
    assert Counter(results) == {"won": 1, "WINDOW_IMPOSSIBLE": RACERS - 1}
    winner = references[results.index("won")]
    assert set(windows_promised(office)) == {there, winner}
    require_kept(office)
    # The refusals were true: for none of the others is there a place now.
    loser = next(reference for reference in references if reference != winner)
    assert outcome(lambda: desk.confirm(office, loser, TUESDAY, MORNING)) == "WINDOW_IMPOSSIBLE"


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


def test_without_the_guard_the_last_place_is_sold_twice(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: it is the day's version that keeps the promise, not luck."""
    small_city(office)
    promised(office, "10:00")
    references = put_bookings(office, 2, first=2)
    both_decided = threading.Barrier(2)
    honest = _promising.witness

    def and_wait(*args, **kwargs):  # type: ignore[no-untyped-def]
        found = honest(*args, **kwargs)
        both_decided.wait()
        return found

    monkeypatch.setattr(_promising, "witness", and_wait)
    monkeypatch.setattr(_days, "claim_day", lambda *_: None)
    assert at_once([confirming(office, reference) for reference in references]) == ["won", "won"]
    assert planning.check_standing(office, TUESDAY) != ()


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


def test_a_confirmation_and_a_cancellation_of_one_booking_end_in_a_legal_state(office: Office) -> None:
    small_city(office)
    seen: Counter[str] = Counter()
    for round_ in range(6):
        (reference,) = put_bookings(office, 1, first=1 + round_)
        ran = at_once(
            [
                lambda reference=reference: desk.confirm(office, reference, TUESDAY, MORNING),
                lambda reference=reference: desk.cancel(office, reference),
            ]
        )
        assert ran[1] == "won"
        assert ran[0] in ("won", "STATUS_STEP")
        assert booking_of(office, reference).status == "cancelled"
        assert visit_states(office, reference) == (["released"] if ran[0] == "won" else [])
        seen[ran[0]] += 1
    if versions(office):
        require_kept(office)
    assert seen.total() == 6
