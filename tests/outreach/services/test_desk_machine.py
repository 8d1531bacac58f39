"""Anything may happen at the desk, in any order: each promise is kept by the day's checked plan or listed as broken."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date as Date
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings, strategies
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from bookings.errors import BookingsError
from outreach.errors import OutreachError, Refused
from outreach.programme.rules import amended
from outreach.programme.settings import DATABASE_FILE
from outreach.services import _holds, _solving, desk, fleet, improving, planning, publishing, reception, shifts
from outreach.services._conflicts import PromisesConflict
from outreach.services._days import read_days
from outreach.services._plans import check_against
from outreach.services._recheck import DayRechecked, Outcome
from outreach.services.installation import init
from outreach.services.office import Office, open_office
from outreach.services.rules_in_force import notice_rules, remember_rules
from outreach.services.slots import Ask, find
from outreach.storage.engine import reading, sqlite_url, writing
from outreach.storage.tables import Staff
from outreach.words import Words
from tests.conftest import SOAKING, Soak
from tests.outreach.city import (
    CREWS,
    FAR,
    MIDDLE,
    NEAR,
    TUESDAY,
    VANS,
    WEDNESDAY,
    demo_rules,
    put_bookings,
    settings_of,
    small_city,
)
from tests.outreach.postgres import PostgresServer
from tests.outreach.services.promised import HALF_WAY, at, booking_of, quick, visit_states, window

DAYS = (TUESDAY, WEDNESDAY)
CLOCKS = ("09:30", "10:00", "11:30", "13:00", "14:00", "15:00")
STEPS = 30

Slot = tuple[Date, tuple[int, int]]

days_, clocks = strategies.sampled_from(DAYS), strategies.sampled_from(CLOCKS)
vans = strategies.sampled_from(VANS)

ELSEWHERE = ("sweep", "van down", "van up", "van up", "leave", "leave", "another crew", "rules", "rules")
DETOURS = (1.2, 1.35, 1.35, 1.7, 2.6)

NO = {
    *("WINDOW_IMPOSSIBLE", "WINDOW_NOT_FOUND", "DAY_IN_CONFLICT", "DAY_PUBLISHED", "DAY_WITHOUT_SHIFT"),
    *("ALREADY_PROMISED", "NOTHING_HELD", "NOTHING_TO_MOVE", "SAME_WINDOW", "STATUS_STEP", "GROUP_TOO_LARGE"),
    *("BOOKING_ENDED", "EDIT_SPOILS_BOOKING", "PLAN_NOT_MADE"),
}
"""Refusals that the desk may give; anything else is a fault."""


class Desk(RuleBasedStateMachine):
    """The desk, and beside it what the people on the phone were told."""

    new_office: Callable[[], Office]
    tally: Counter[str]

    references = Bundle("references")

    def __init__(self) -> None:
        super().__init__()
        self.office = replace(quick(type(self).new_office(), **_RULES), repeatable=True)
        small_city(self.office)
        with writing(self.office.engine) as session:
            session.add_all([Staff(id="s-05", name="岡 光"), Staff(id="s-06", name="加藤 実")])
        remember_rules(self.office)
        self.told: dict[str, Slot] = {}
        """What each was told is theirs: a promise, or a hold until ``until``."""
        self.until: dict[str, Any] = {}
        self.listed: dict[Date, set[str]] = {}
        """Days that were named as in conflict, with the promises listed as broken."""
        self.number = 0

    def teardown(self) -> None:
        self.office.engine.dispose()

    # -- what may happen -----------------------------------------------------------------------------------------------

    @initialize(target=references, day=days_)
    def a_far_promise_hangs_on_two_others(self, day: Date) -> Any:
        """A far visit within the leg limit only by way of others: where those go, ghosts stay."""
        made = []
        for town, clock in ((HALF_WAY, "10:00"), (HALF_WAY, "13:00"), (FAR, "11:30")):
            self.number += 1
            (reference,) = put_bookings(self.office, 1, first=self.number, town=town)
            desk.confirm(self.office, reference, day, window(clock))
            self.told[reference] = (day, window(clock))
            made.append(reference)
        return multiple(*made)

    @rule(
        target=references,
        town=strategies.sampled_from([NEAR, NEAR, MIDDLE, FAR]),
        people=strategies.sampled_from("124"),
        day=days_,
    )
    def take(self, town: Any, people: str, day: Date) -> str:
        """Somebody calls, and holds the best window of a day."""
        self.number += 1
        answers = {
            "name": f"試験 {self.number}",
            "phone": f"0991-23-{self.number:04d}",
            "address": f"{town.name}{self.number}番地",
            "people": people,
            "visit_type": "new_card",
        }
        # The far one is beyond the leg limit: the manager's word makes it possible.
        taken = reception.add(self.office, reception.Call(answers, accept=frozenset({"LONG_LEG"})))
        assert taken.status.value == "requested", taken
        self.tally["taken"] += 1
        self.hold_best(taken.reference, day)
        return taken.reference

    @rule(reference=references, day=days_)
    def hold_best(self, reference: str, day: Date) -> None:
        """An offer can always be held: nobody else writes here."""
        if booking_of(self.office, reference).status not in ("requested", "held"):
            return
        offers = find(self.office, Ask(reference=reference), first=day, last=day).quotes
        if not offers:
            self.tally["nothing offered"] += 1
            return
        offer = offers[0]
        held = desk.hold(self.office, reference, day, (offer.opens_s, offer.closes_s))
        self.told[reference], self.until[reference] = (day, (offer.opens_s, offer.closes_s)), held.until
        self.tally["offer held"] += 1

    @rule(reference=references, day=days_, clock=clocks)
    def hold(self, reference: str, day: Date, clock: str) -> None:
        done = self.tried("hold", lambda: desk.hold(self.office, reference, day, window(clock)))
        if done is not None:
            self.told[reference], self.until[reference] = (day, window(clock)), done.until

    @rule(reference=references)
    def confirm(self, reference: str) -> None:
        before = self.told.get(reference)
        done = self.tried("confirm", lambda: desk.confirm(self.office, reference))
        if done is not None:
            assert done.requoted or before == (done.day, (done.opens_s, done.closes_s))
            self.told[reference] = (done.day, (done.opens_s, done.closes_s))
            self.until.pop(reference, None)

    @rule(reference=references, day=days_, clock=clocks)
    def confirm_at_once(self, reference: str, day: Date, clock: str) -> None:
        done = self.tried("promise", lambda: desk.confirm(self.office, reference, day, window(clock)))
        if done is not None:
            self.told[reference] = (day, window(clock))
            self.until.pop(reference, None)

    @rule(reference=references, day=days_, clock=clocks)
    def move(self, reference: str, day: Date, clock: str) -> None:
        done = self.tried("move", lambda: desk.move(self.office, reference, day, window(clock)))
        if done is not None:
            self.told[reference] = (day, window(clock))
            self.tally["ghosts"] += done.ghost

    @rule(reference=references)
    def cancel(self, reference: str) -> None:
        done = self.tried("cancel", lambda: desk.cancel(self.office, reference))
        if done is not None:
            self.told.pop(reference, None)
            self.until.pop(reference, None)
            self.tally["ghosts"] += done.ghost

    @rule(reference=references, people=strategies.sampled_from("1235"))
    def edit(self, reference: str, people: str) -> None:
        """More people in the same window, or everything stays as it was."""
        if not booking_of(self.office, reference).answers:
            return  # one of those put there at the beginning: nobody took their call
        self.tried("edit", lambda: reception.edit(self.office, reference, reception.Call({"people": people})))

    @rule(minutes=strategies.sampled_from([1, 9, 10, 11]))
    def time_goes_by(self, minutes: int) -> None:
        self.office = at(self.office, self.office.now() + timedelta(minutes=minutes))
        for reference, until in list(self.until.items()):
            if until <= self.office.now():
                del self.told[reference], self.until[reference]
                self.tally["expired"] += 1

    @rule(day=days_)
    def it_snows(self, day: Date) -> None:
        """No van goes out."""
        for van in VANS:
            self.looked_at("snow", fleet.van_down(self.office, van, day, day, reason="snow"))

    @rule(what=strategies.sampled_from(ELSEWHERE), van=vans, day=days_, detour=strategies.sampled_from(DETOURS))
    def elsewhere(self, what: str, van: str, day: Date, detour: float) -> None:
        """What changes a day without anybody at the desk."""
        office = self.office
        if what == "sweep":
            _holds.sweep(office)
        elif what == "van down":
            self.looked_at(what, fleet.van_down(office, van, day, day, reason="brakes"))
        elif what == "van up":
            done = self.tried(what, lambda: fleet.van_up(office, van, day), also={"VAN_NOT_DOWN"})
            self.looked_at(what, () if done is None else done.days)
        elif what == "leave":
            self.looked_at(what, fleet.staff_leave(office, CREWS[van][0], day, day))
        elif what == "another crew":
            request = shifts.ShiftRequest(day, van, ("s-05" if van == "van-1" else "s-06", CREWS[van][1]))
            done = self.tried(what, lambda: shifts.add_shift(office, request, replace=True))
            self.looked_at(what, () if done is None else done.days)
        elif what == "rules":
            self.office = replace(office, rules=amended(office.rules, {"travel": {"detour": detour}}))
            self.looked_at(what, notice_rules(self.office))

    @rule(day=days_, accept=strategies.booleans())
    def make_a_plan(self, day: Date, accept: bool) -> None:
        conflict = self.in_conflict(day)
        try:
            view = planning.make(self.office, day, accept_broken=accept)
        except PromisesConflict as error:
            assert conflict or self.listed.get(day), "a day that stands on a legal plan is in no conflict"
            self.listed.setdefault(day, set()).update(person.reference for person in error.to_phone)
            self.tally["conflicts named"] += 1
            return
        except Refused as error:
            if error.code not in ("DAY_WITHOUT_SHIFT", "PLAN_NOT_MADE"):
                raise
            return
        listed = {person.reference for person in view.broken}
        gone = {reference for reference, (where, _) in self.told.items() if where == day} & listed
        assert not gone or (accept and conflict)
        for reference in gone:
            assert visit_states(self.office, reference)[-1] == "broken"
            del self.told[reference]
            self.until.pop(reference, None)
            self.tally["broken by name"] += 1
        self.tally["made"] += 1

    @rule(day=days_)
    def improve(self, day: Date) -> None:
        if self.state(day).day_id:
            done = improving.improve_day(self.office, day, 0.2)
            if done.rechecked is not None:
                self.looked_at("improve", [done.rechecked])
            self.tally["ghosts freed"] += len(done.ghosts_freed)

    @rule(day=days_, again=strategies.booleans())
    def publish(self, day: Date, again: bool) -> None:
        """The sheets go out; mostly somebody opens the day again."""
        nothing = {"DAY_UNKNOWN", "NO_PLAN", "NOTHING_TO_PUBLISH", "PLAN_NO_LONGER_HOLDS"}
        self.tried("publish", lambda: publishing.publish(self.office, day, language="en"), also=nothing)
        if again:
            also = {"DAY_UNKNOWN", "DAY_NOT_CLOSED"}
            self.tried("reopen", lambda: planning.reopen(self.office, day, why="one more"), also=also)

    # -- what must be true ---------------------------------------------------------------------------------------------

    @invariant()
    def every_promise_is_kept_or_listed(self) -> None:
        for day in DAYS:
            state = self.state(day)
            promises = {promise.reference: (promise.opens_s, promise.closes_s) for promise in state.promises}
            assert promises == {reference: slot for reference, (where, slot) in self.told.items() if where == day}
            if self.in_conflict(day):
                assert day in self.listed, f"{day} cannot keep its promises and nobody was told"
            else:
                self.listed.pop(day, None)
            standing = state.standing
            starts = (
                {}
                if standing is None
                else {stop.visit: stop.start_s for route in standing.plan.routes for stop in route.stops}
            )
            for reference in promises.keys() - self.listed.get(day, set()):
                opens_s, closes_s = promises[reference]
                assert opens_s <= starts[reference] <= closes_s
            self.tally["days with a ghost"] += bool(state.ghosts)
            self.tally["days in conflict"] += day in self.listed

    def in_conflict(self, day: Date) -> bool:
        """Whether the standing plan is not legal for the day as it is, says the checker."""
        state = self.state(day)
        if state.standing is None:
            return bool(state.promises)
        return check_against(self.office, state, state.standing) != ()

    def state(self, day: Date) -> Any:
        with reading(self.office.engine) as session:
            return read_days(session, self.office, [day])[day]

    def looked_at(self, what: str, days: Any) -> None:
        """A change elsewhere: each day stands on a legal plan, or what breaks was listed with whom to phone."""
        self.tally[what] += 1
        for looked in days:
            assert isinstance(looked, DayRechecked)
            if looked.keeps_promises:
                assert not self.in_conflict(looked.day)
                continue
            assert self.in_conflict(looked.day)
            assert looked.broken
            assert set(looked.broken) <= self.told.keys()
            assert {person.reference for person in looked.to_phone} == set(looked.broken)
            self.listed[looked.day] = set(looked.broken)
            self.tally["broken" if looked.outcome is Outcome.BROKEN else "undecided"] += 1

    def tried(self, what: str, action: Callable[[], Any], *, also: set[str] = frozenset()) -> Any:  # type: ignore[assignment]
        """What came of it, or ``None`` where the desk said no."""
        try:
            done = action()
        except (OutreachError, BookingsError) as error:
            if error.code not in NO | also:
                raise
            self.tally[f"{what}: {error.code}"] += 1
            return None
        self.tally[what] += 1
        return True if done is None else done


_RULES: dict[str, Any] = {"travel": {"max_leg_min": 25}, "shift": {"lunch_min": 0}}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def new_office(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Iterator[Callable[[], Office]]:
    """Opens an empty office on a database of its own each time."""
    urls: list[str] = []
    server: PostgresServer | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")

    def open_one() -> Office:
        home = tmp_path / f"home-{len(urls)}"
        home.mkdir()
        if server is None:
            urls.append(sqlite_url(Path(shutil.copyfile(sqlite_template, home / DATABASE_FILE))))
        else:
            urls.append(server.create_database(migrated=True))
        settings_ = settings_of(home, urls[-1])
        init(settings_, Words("ja"), rules=demo_rules())
        return open_office(settings_, who="tester", channel="phone")

    yield open_one
    if server is not None:
        for url in urls:
            server.drop_database(url)


@pytest.mark.heavy(take=1)
def test_any_sequence_at_the_desk_keeps_each_promise_or_lists_it_as_broken(
    new_office: Callable[[], Office], soak: Soak, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_solving, "REPEATABLE_SOLUTIONS", 40)
    tally: Counter[str] = Counter()

    class ThisDesk(Desk):
        pass

    ThisDesk.new_office = staticmethod(new_office)
    ThisDesk.tally = tally
    run_state_machine_as_test(
        ThisDesk,
        settings=settings(
            max_examples=soak.count(100),
            stateful_step_count=STEPS,
            phases=[Phase.generate],  # what fails is printed as a program; making it shorter takes too long here
            database=None,
        ),
    )
    soak.table("steps", dict(sorted(tally.items())))
    assert tally["taken"] >= 1
    if SOAKING:
        assert tally["days with a ghost"] >= 1
        assert tally["days in conflict"] >= 1
