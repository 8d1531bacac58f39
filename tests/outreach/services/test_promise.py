"""The promise under load: random days are sold out window by window, and everything read out is kept all along."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Date
from datetime import datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from sqlmodel import select

from bookings.models import Booking
from outreach.services import _holds, desk, planning, publishing, slots
from outreach.services._day_state import Candidate, DayState
from outreach.services._days import build_problem, read_days
from outreach.services._offers import Offer
from outreach.services._plans import check_against
from outreach.services._promising import without
from outreach.services._quoting import quoted_day
from outreach.services._solving import standing_candidates
from outreach.services._visits import grid_of, promised_candidate
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import Van
from tests.conftest import SOAKING, Soak
from tests.outreach.city import CREWS, FAR, HALL, NOW, a_booking, put_shift_row, small_city
from tests.outreach.services.every_order import can_be_served
from tests.outreach.services.promised import (
    HALF_WAY,
    at,
    quick,
    window,
)

NOTHING_OFFERED = 2
"""A day is sold out when so many random callers in a row were offered nothing on it."""

SAMPLED_DAYS = 5
SOLD_A_DAY = 3
"""Promises a day, on average, that show that the test did work. Seventy days brought 4.3 each, one day anything from
0 to 12: of five days alone, one sample in six stays below, and then goes on. ``make soak`` takes all days."""

STILL_WAITING = 12
"""Of the callers whose hold expired so many go on waiting, for any window of any day; the others take a bus."""

SMALL = 7
"""Visits up to which the offer must be exactly what is possible; stops nobody waits for count where the day hangs on
them."""

PEOPLE = (1, 1, 2, 2, 2, 3, 4, 5)


def as_required(ghost: Candidate) -> Candidate:
    """A stop nobody waits for, as one that is driven to."""
    return replace(ghost, visit=replace(ghost.visit, required=True))


@dataclass
class Market:
    """One service day on which random callers take what they are offered."""

    office: Office
    rng: random.Random
    day: Date
    tally: Counter[str]
    number: int
    read_out: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Every window that somebody was told is theirs and that nobody gave back."""
    haunted: frozenset[str] = frozenset()
    waiting: list[str] = field(default_factory=list)
    """Callers who let their hold expire, of the days before too."""

    def caller(self) -> str:
        """A booking somewhere within some 14 km of the hall: one to five people, some in a wheelchair, some a group."""
        rng = self.rng
        self.number += 1
        values: dict[str, Any] = {
            "lat": HALL[0] + rng.uniform(-0.13, 0.13),
            "lon": HALL[1] + rng.uniform(-0.13, 0.13),
            "people": rng.choice(PEOPLE),
            "long_leg_ok": rng.random() < 0.05,
            "access": "wheelchair" if rng.random() < 0.15 else None,
        }
        if rng.random() < 0.07:
            values |= {"visit_type": "group", "people": rng.randrange(5, 9), "access": None}
        return self._put(self.number, values)

    def put_chain(self) -> None:
        """Promises of which one hangs on the others: a far visit that can be reached only by way of two others."""
        for town, clock in ((HALF_WAY, "10:00"), (HALF_WAY, "13:00"), (FAR, "11:30")):
            self.number += 1
            reference = self._put(self.number, {"lat": town.lat + 0.0001 * self.number % 0.004, "lon": town.lon})
            desk.confirm(self.office, reference, self.day, window(clock))
            self.read_out[reference] = window(clock)

    def _put(self, number: int, values: dict[str, Any]) -> str:
        booking = a_booking(number, **values)
        reference = booking.reference
        with writing(self.office.engine) as session:
            session.add(booking)
        return reference

    def offers(self, reference: str, *, thorough: bool = False) -> tuple[Offer, ...]:
        """What this caller is read out."""
        ask = slots.Ask(reference=reference)
        found = slots.find(self.office, ask, first=self.day, last=self.day, thorough=thorough).quotes
        assert [offer.rank for offer in found] == list(range(1, len(found) + 1))
        return found

    def sell_one(self) -> bool:
        """One call: what is offered, and the promise made; whether anything was."""
        reference = self.caller()
        offers = self.offers(reference)
        if len(self.read_out) <= SMALL and self.rng.random() < 0.3:
            self.require_exact_offer(reference)
        if not offers:
            self.tally["callers with no offer"] += 1
            desk.cancel(self.office, reference)
            return False
        if self.rng.random() < 0.1:
            self.require_every_offer_holds(reference, offers)
        chosen = self.rng.choice(offers)
        slot = (chosen.opens_s, chosen.closes_s)
        held = desk.hold(self.office, reference, self.day, slot)
        if self.rng.random() < 0.3:
            self.require_all_kept(held={reference: slot})
        if self.rng.random() < 0.12:
            self.let_expire(reference, held.until)
            return True
        done = desk.confirm(self.office, reference)
        assert (done.opens_s, done.closes_s, done.requoted) == (*slot, False)
        self.read_out[reference] = slot
        self.tally["confirmed"] += 1
        return True

    def require_exact_offer(self, reference: str) -> None:
        """Neither more nor less than can be kept, by brute force.

        Where the promises hang on a stop nobody waits for any more, that stop may be driven to, and need not be.
        """
        booking, state, grid, hangs = self.looked_at_for(reference)
        assert len(state.promises) <= SMALL
        ghosts = standing_candidates(state, state.spare) if hangs else ()
        if len(state.promises) + len(ghosts) > SMALL:
            self.tally["hung on too many ghosts to try"] += 1
            return
        offered = {(offer.opens_s, offer.closes_s) for offer in self.offers(reference, thorough=True)}
        company = [some for count in range(len(ghosts) + 1) for some in combinations(ghosts, count)]
        possible = {
            slot
            for slot in grid
            for some in company
            if can_be_served(
                build_problem(
                    self.office, state, others=[promised_candidate(self.office, booking, slot), *map(as_required, some)]
                )
            )
        }
        self.tally["days that hang on a ghost"] += hangs
        assert offered == possible, f"{self.day} {reference}: {sorted(offered ^ possible)} of {sorted(grid)}"
        self.tally["windows against brute force"] += len(grid)
        self.tally["of them possible"] += len(possible)

    def looked_at_for(self, reference: str) -> tuple[Booking, DayState, tuple[tuple[int, int], ...], bool]:
        """The booking, the day without it, its grid, and whether the day's promises hang on a ghost."""
        with reading(self.office.engine) as session:
            booking = session.exec(select(Booking).where(Booking.reference == reference)).one()
            state = without(read_days(session, self.office, [self.day])[self.day], reference)
        grid = grid_of(self.office, self.day, booking.visit_type)
        place = promised_candidate(self.office, booking, grid[0]).place
        return booking, state, tuple(grid), quoted_day(self.office, state, place, grid, urgent=False) is None

    def require_every_offer_holds(self, reference: str, offers: tuple[Offer, ...]) -> None:
        """As long as nobody else writes, each offer of the list can be held, in any order.

        But where the promises hang on a ghost: the first hold may stand in for it and end it, and then the day hangs on
        the very visit that the next hold would take away.
        """
        hangs = self.looked_at_for(reference)[3]
        for offer in self.rng.sample(offers, 1 if hangs else len(offers)):
            slot = (offer.opens_s, offer.closes_s)
            held = desk.hold(self.office, reference, self.day, slot)
            assert (held.opens_s, held.closes_s) == slot
            assert slot[0] <= held.start_s <= slot[1]
            self.require_all_kept(held={reference: slot})
            self.tally["offers held one after another"] += 1

    def let_expire(self, reference: str, until: datetime) -> None:
        """Nobody confirms in time; sometimes somebody does when it is too late, and gets it again or hears no."""
        self.office = at(self.office, until)
        self.tally["expired"] += 1
        if self.rng.random() < 0.5:
            done = desk.confirm(self.office, reference)
            assert done.requoted
            self.read_out[reference] = (done.opens_s, done.closes_s)
            self.tally["quoted again"] += 1
        else:
            self.waiting.append(reference)

    def send_home(self) -> None:
        """Those who have waited longest give up."""
        while len(self.waiting) > STILL_WAITING:
            desk.cancel(self.office, self.waiting.pop(0))
            self.tally["gave up waiting"] += 1

    def cancel_one(self) -> None:
        gone = self.rng.choice(sorted(self.read_out))
        del self.read_out[gone]
        self.tally["cancelled"] += 1
        self.tally["ghosts"] += desk.cancel(self.office, gone).ghost

    def move_one(self) -> None:
        reference = self.rng.choice(sorted(self.read_out))
        now = self.read_out[reference]
        offers = [offer for offer in self.offers(reference) if (offer.opens_s, offer.closes_s) != now]
        if not offers:
            return
        chosen = self.rng.choice(offers)
        desk.move(self.office, reference, self.day, (chosen.opens_s, chosen.closes_s))
        self.read_out[reference] = (chosen.opens_s, chosen.closes_s)
        self.tally["moved"] += 1

    def make_plan(self) -> None:
        view = planning.make(self.office, self.day, seconds=0.2)
        assert view.plan.status.value in ("OPTIMAL", "FEASIBLE")
        assert view.broken == ()
        self.tally["planned anew"] += 1

    def require_all_kept(self, *, held: dict[str, tuple[int, int]] | None = None) -> None:
        """What was read out is promised, and the standing plan serves it in its window, says the checker."""
        with reading(self.office.engine) as session:
            state = read_days(session, self.office, [self.day])[self.day]
        promises = {promise.reference: (promise.opens_s, promise.closes_s) for promise in state.promises}
        assert promises == {**self.read_out, **(held or {})}
        if state.standing is None:
            assert promises == {}
            return
        assert check_against(self.office, state, state.standing) == ()
        starts = {stop.visit: stop.start_s for route in state.standing.plan.routes for stop in route.stops}
        assert all(opens_s <= starts[reference] <= closes_s for reference, (opens_s, closes_s) in promises.items())
        self.tally["ghosts gone"] += len(self.haunted - state.ghosts)
        self.haunted = state.ghosts


def open_market(
    office: Office, rng: random.Random, day: Date, tally: Counter[str], number: int, waiting: list[str]
) -> Market:
    """A day with one or two vans under one of several limits; in some, far promises hang on others."""
    chained = rng.random() < 0.3
    limit_min = 25 if chained else rng.choice([35, 60])
    lunch_min = 0 if chained else rng.choice([0, 60, 60])
    now = datetime.combine(day, NOW.timetz()) - timedelta(days=2)
    today = at(
        replace(quick(office, travel={"max_leg_min": limit_min}, shift={"lunch_min": lunch_min}), repeatable=True), now
    )
    with writing(today.engine) as session:
        for van, crew in list(CREWS.items())[: rng.randrange(1, 3)]:
            put_shift_row(session, day, van, crew)
    market = Market(today, rng, day, tally, number, waiting=waiting)
    if chained:
        market.put_chain()
        if rng.random() < 0.3:
            market.cancel_one()
    return market


def spread(days: Sequence[Date]) -> list[Date]:
    """The same days, every fifth first: the first few are of several weeks."""
    return [day for first in range(SAMPLED_DAYS) for day in days[first::SAMPLED_DAYS]]


def seen_enough(tally: Counter[str], days: int) -> bool:
    """Whether as much was promised as so many days must bring, and windows of both kinds were tried by brute force."""
    both = tally["windows against brute force"] > tally["of them possible"] > 0
    return tally["confirmed"] >= SOLD_A_DAY * days and both


@pytest.mark.heavy(take=1)
def test_random_days_are_sold_out_window_by_window_and_every_promise_is_kept_all_along(
    office: Office, soak: Soak
) -> None:
    """Half of the thousand days on each database; of the sample, as many days as its promises and refusals need."""
    small_city(office)
    with writing(office.engine) as session:
        van = session.get_one(Van, "van-1")
        van.skills = ["wheelchair"]
        session.add(van)
    tally: Counter[str] = Counter()
    days = office.calendar.service_days(Date(2026, 11, 26), Date(2029, 11, 30))[: soak.count(500)]
    number = sold_out = 0
    waiting: list[str] = []
    for day in days if SOAKING else spread(days):
        market = open_market(office, soak.rng, day, tally, number, waiting)
        market.require_all_kept()
        in_vain = 0
        while in_vain < NOTHING_OFFERED:
            in_vain = 0 if market.sell_one() else in_vain + 1
            market.require_all_kept()
            if market.read_out and soak.rng.random() < 0.12:
                market.cancel_one()
                market.require_all_kept()
            if market.read_out and soak.rng.random() < 0.12:
                market.move_one()
                market.require_all_kept()
            if market.read_out and soak.rng.random() < 0.05:
                market.make_plan()
                market.require_all_kept()
        number = market.number
        if market.read_out:
            publishing._settle_proposals(market.office, day)
            market.require_all_kept()
        _holds.sweep(market.office)
        market.send_home()
        sold_out += 1
        if not SOAKING and sold_out >= SAMPLED_DAYS and seen_enough(tally, SAMPLED_DAYS):
            break
    soak.table("days", sold_out)
    soak.table("promise", dict(sorted(tally.items())))
    assert seen_enough(tally, len(days) if SOAKING else SAMPLED_DAYS)
    if SOAKING:
        assert tally["ghosts"] >= 5
        assert tally["ghosts gone"] >= 1
