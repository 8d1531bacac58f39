"""A write whose answer was lost is sent again under its key: done once, answered alike, and nothing is lost."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date as Date
from typing import Any

import pytest
from sqlmodel import Session, col, func, select

from bookings.errors import BookingsError
from bookings.models import Booking, BookingChange
from outreach.errors import OutreachError, Refused
from outreach.services import _cancelling, _promising, desk
from outreach.services.office import Office
from outreach.storage.engine import open_engine, reading, writing
from outreach.storage.tables import AnsweredRequest, ServiceDay, Visit, VisitState
from tests.conftest import Soak
from tests.outreach.city import CREWS, FAR, MIDDLE, MORNING, NEAR, TUESDAY, a_booking, put_shift_row, small_city
from tests.outreach.services.promised import put_bookings, quick, require_kept, versions, visit_states, window

CLOCKS = ("09:30", "10:00", "11:00", "13:00", "14:00", "15:00")

Write = Callable[[Office], Any]


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


class LineDropped(Exception):
    """The connection to the one who asked broke; what was written or not is not said."""


@dataclass
class Line:
    """Lets answers be lost: the transaction that stores a write may break just before or just after its commit."""

    breaks: threading.local = field(default_factory=threading.local)

    @contextmanager
    def writing(self, engine: Any) -> Iterator[Session]:
        when, self.breaks.when = getattr(self.breaks, "when", ""), ""
        with writing(engine) as session:
            yield session
            if when == "before":
                raise LineDropped
        if when == "after":
            raise LineDropped

    def breaking(self, when: str, write: Write, office: Office) -> None:
        """Send a write on a line that breaks ``before`` or ``after`` it is stored, or is ``deaf`` for the answer."""
        self.breaks.when = "" if when == "deaf" else when
        try:
            write(office)
        except LineDropped:
            pass
        finally:
            self.breaks.when = ""


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Line:
    """The line between the desk and its database, which tests may break."""
    line = Line()
    monkeypatch.setattr(_promising, "writing", line.writing)
    monkeypatch.setattr(desk, "writing", line.writing)
    monkeypatch.setattr(_cancelling, "writing", line.writing)
    return line


def answer_of(write: Write, office: Office) -> object:
    """The answer, or the code of the refusal."""
    try:
        return write(office)
    except (OutreachError, BookingsError) as error:
        return error.code


def both_at_once(write: Write, office: Office) -> list[object]:
    """Sent twice at the same moment."""
    start = threading.Barrier(2)

    def send(_: int) -> object:
        start.wait()
        return answer_of(write, office)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(send, range(2)))


def rows_of(office: Office, reference: str) -> tuple[int, int, int]:
    """How many rows of history, of visits and of kept visits a booking has: what a second writing would raise."""
    with reading(office.engine) as session:
        booking_id = session.exec(select(Booking.id).where(Booking.reference == reference)).one()
        kept = [VisitState.HELD.value, VisitState.PROMISED.value]
        return (
            session.exec(select(func.count(col(BookingChange.id))).where(BookingChange.booking_id == booking_id)).one(),
            session.exec(select(func.count(col(Visit.id))).where(Visit.booking_id == booking_id)).one(),
            session.exec(
                select(func.count(col(Visit.id))).where(Visit.booking_id == booking_id, col(Visit.state).in_(kept))
            ).one(),
        )


def put_days(office: Office, count: int) -> list[Date]:
    """So many service days with both vans' shifts, each in the tables already: a write is then one transaction."""
    days = list(office.calendar.service_days(Date(2026, 11, 26), Date(2027, 10, 30))[:count])
    with writing(office.engine) as session:
        for day in days:
            session.add(ServiceDay(day=day))
            for van, crew in CREWS.items():
                put_shift_row(session, day, van, crew)
    return days


@dataclass
class Clerk:
    """Sends random writes, each under its own key, and knows what must have come of them."""

    office: Office
    rng: random.Random
    days: list[Date]
    standing: dict[str, str] = field(default_factory=dict)
    """``requested``, ``held`` or ``confirmed``, by reference."""
    number: int = 0

    def next_write(self) -> tuple[str, str, Write, Write]:
        """What is written, about whom, and another body for the same key."""
        self.number += 1
        key = f"key-{self.number}"
        reference = self._somebody()
        what = self.rng.choice(
            {
                "requested": ["hold", "hold", "confirm"],
                "held": ["hold", "confirm held", "confirm held", "cancel"],
                "confirmed": ["move", "move", "cancel"],
            }[self.standing[reference]]
        )
        day, slot = self.rng.choice(self.days), window(self.rng.choice(CLOCKS))
        far = {"accept": ["BEYOND_HORIZON"], "key": key}
        writes: dict[str, Write] = {
            "hold": lambda office: desk.hold(office, reference, day, slot, **far),
            "confirm": lambda office: desk.confirm(office, reference, day, slot, **far),
            "confirm held": lambda office: desk.confirm(office, reference, **far),
            "move": lambda office: desk.move(office, reference, day, slot, **far),
            "cancel": lambda office: desk.cancel(office, reference, key=key),
        }
        return what, reference, writes[what], lambda office: desk.hold(office, reference, TUESDAY, slot, **far)

    def _somebody(self) -> str:
        if not self.standing or self.rng.random() < 0.4:
            booking = a_booking(len(self.standing) + self.number, town=self.rng.choice([NEAR, NEAR, MIDDLE, FAR]))
            reference = booking.reference
            with writing(self.office.engine) as session:
                session.add(booking)
            self.standing[reference] = "requested"
            return reference
        return self.rng.choice(sorted(self.standing))

    def note(self, what: str, reference: str) -> None:
        if what == "cancel":
            del self.standing[reference]
        else:
            self.standing[reference] = "held" if what == "hold" else "confirmed"


@pytest.mark.heavy(take=1)
def test_of_two_thousand_writes_with_lost_answers_none_is_doubled_and_none_is_lost(
    office: Office, line: Line, soak: Soak
) -> None:
    office = quick(office, booking={"clerk_lead_working_days": 0, "horizon_months": 12})
    small_city(office)
    elsewhere = replace(office, engine=open_engine(office.settings.database_url))  # a process started anew
    writes = soak.count(2000)
    clerk = Clerk(office, soak.rng, put_days(office, max(6, writes // 25)))
    tally: Counter[str] = Counter()
    stored = 0
    try:
        for _ in range(writes):
            what, reference, write, other = clerk.next_write()
            lost = soak.rng.choice(["before", "after", "deaf", "at once"]) if soak.rng.random() < 0.2 else ""
            where = f"{what} of {reference} under key-{clerk.number}, lost: {lost or 'no'}"
            if lost == "at once":
                answer, second = both_at_once(write, office)
                assert second == answer, where
            elif lost:
                before = rows_of(office, reference)
                try:
                    line.breaking(lost, write, office)
                except Refused as error:
                    tally[error.code] += 1
                    continue
                assert (rows_of(office, reference) == before) == (lost == "before"), where
                once = rows_of(office, reference)
                answer = answer_of(write, elsewhere)
                assert lost == "before" or rows_of(office, reference) == once, where
            else:
                answer = answer_of(write, office)
            if isinstance(answer, str):
                assert answer in ("WINDOW_IMPOSSIBLE", "WINDOW_NOT_FOUND", "SAME_WINDOW"), (where, answer)
                tally[answer] += 1
                continue
            tally[f"{what}, {lost or 'heard'}"] += 1
            stored += 1
            clerk.note(what, reference)
            rows = rows_of(office, reference)
            assert rows[2] == (what != "cancel"), where
            assert answer_of(write, elsewhere) == answer, where
            if soak.rng.random() < 0.2:
                assert answer_of(other, office) == "KEY_REUSED", where
                tally["KEY_REUSED"] += 1
            assert rows_of(office, reference) == rows, where
        for day in clerk.days:
            if versions(office, day):
                require_kept(office, day)
        with reading(office.engine) as session:
            assert session.exec(select(func.count()).select_from(AnsweredRequest)).one() == stored
            numbers = session.exec(
                select(Booking.reference, Booking.status).where(
                    col(Booking.reference).in_(sorted(clerk.standing)),
                )
            ).all()
        assert dict(numbers) == clerk.standing
    finally:
        elsewhere.engine.dispose()
    soak.table("writes", dict(sorted(tally.items())))


def test_a_key_sent_again_to_a_process_with_other_hash_seeds_gets_its_answer(sqlite_office: Office) -> None:
    """What was accepted is a set: the key's fingerprint must not depend on the order a process keeps it in."""
    office = sqlite_office
    small_city(office)
    (reference,) = put_bookings(office, 1)
    told = {_told_elsewhere(office, reference, hash_seed) for hash_seed in ("0", "1")}
    assert len(told) == 1
    assert visit_states(office, reference) == ["held"]


def _told_elsewhere(office: Office, reference: str, hash_seed: str) -> str:
    script = (
        "from datetime import date\n"
        "from pathlib import Path\n"
        "from outreach.services import desk\n"
        "from outreach.services.office import open_office\n"
        "from tests.outreach.city import MORNING, TUESDAY, settings_of\n"
        f"office = open_office(settings_of(Path({str(office.settings.home)!r}), {office.settings.database_url!r}))\n"
        "accept = ['LEAD_TIME', 'AGAINST_WISH', 'BEYOND_HORIZON']\n"
        f"held = desk.hold(office, {reference!r}, TUESDAY, MORNING, accept=accept, key='one')\n"
        "print(held.reference, held.van, held.until.isoformat(), held.plan_version)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    return ran.stdout


@pytest.mark.parametrize("what", ["hold", "confirm", "confirm held", "move", "cancel"])
def test_the_same_write_sent_twice_while_the_first_is_still_at_work_gets_one_answer(
    office: Office, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second has looked for the key and found none; when it comes to write, the first has."""
    small_city(office)
    (reference,) = put_bookings(office, 1)
    if what == "confirm held":
        desk.hold(office, reference, TUESDAY, MORNING)
    if what in ("move", "cancel"):
        desk.confirm(office, reference, TUESDAY, MORNING)
    writes: dict[str, Write] = {
        "hold": lambda office: desk.hold(office, reference, TUESDAY, MORNING, key="one"),
        "confirm": lambda office: desk.confirm(office, reference, TUESDAY, MORNING, key="one"),
        "confirm held": lambda office: desk.confirm(office, reference, key="one"),
        "move": lambda office: desk.move(office, reference, TUESDAY, window("13:30"), key="one"),
        "cancel": lambda office: desk.cancel(office, reference, key="one"),
    }
    first: list[object] = []
    honest = desk.Receipt._known

    def overtaken(self: Any, office: Office) -> object:
        known = honest(self, office)
        if not first:
            first.append(None)  # the other one comes in between
            first[0] = writes[what](office)
        return known

    monkeypatch.setattr(desk.Receipt, "_known", overtaken)
    second = writes[what](office)
    assert second == first[0]
    assert visit_states(office, reference).count("held") + visit_states(office, reference).count("promised") == (
        what != "cancel"
    )
