"""A clerk in a process of its own who promises, moves and cancels until killed, and writes down what the desk answered.

The notebook has two lines for each write: ``ask`` before it is sent, with its key, ``told`` once it was answered. A
clerk who begins anew first sends again, under the same key, what was asked and not answered.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date as Date
from pathlib import Path

from outreach.errors import Refused
from outreach.services import desk
from outreach.services.office import Office, open_office
from outreach.storage.engine import writing
from tests.outreach.city import FAR, MIDDLE, NEAR, TUESDAY, WEDNESDAY, a_booking, settings_of
from tests.outreach.services.promised import quick, window

DAYS = (TUESDAY, WEDNESDAY)
CLOCKS = ("09:30", "10:00", "11:00", "13:00", "14:00", "15:00")
MOST_ALIVE = 9


@dataclass(frozen=True)
class Asked:
    """One write as it is in the notebook. ``what``: take, hold, confirm, move or cancel."""

    key: str
    what: str
    reference: str
    day: str = ""
    opens_s: int = 0

    @property
    def leads_to(self) -> tuple[str, str, int]:
        """Status, day and window of the booking once it is done; a confirmation keeps what was held."""
        status = {"take": "requested", "hold": "held", "confirm": "confirmed", "move": "confirmed"}
        return status.get(self.what, "cancelled"), self.day, self.opens_s


@dataclass(frozen=True)
class Notebook:
    """What was asked, and which keys were answered: ``done``, or the code of the refusal."""

    asked: tuple[Asked, ...]
    told: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Notebook:
        """The notebook; a line that the kill cut off was never written."""
        asked, told = [], {}
        for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
            entry = json.loads(line)
            if "told" in entry:
                told[entry["key"]] = entry["told"]
            else:
                asked.append(Asked(**entry))
        return cls(tuple(asked), told)

    @property
    def unanswered(self) -> Asked | None:
        """The write that was under way when the clerk was killed."""
        return self.asked[-1] if self.asked and self.asked[-1].key not in self.told else None

    def standing(self) -> dict[str, tuple[str, str, int]]:
        """Status, day and window of every booking, by what was answered."""
        found: dict[str, tuple[str, str, int]] = {}
        for asked in self.asked:
            if self.told.get(asked.key) == "done":
                found[asked.reference] = asked.leads_to
        return found


def promise_for_ever(home: str, url: str, seed: str, notebook: str) -> None:
    """Send random writes, one after another, until killed."""
    office = quick(open_office(settings_of(Path(home), url)))
    rng, path = random.Random(seed), Path(notebook)
    stream = os.open(notebook, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    before = Notebook.read(path)
    if before.unanswered is not None:
        _send(office, before.unanswered, stream)
    before = Notebook.read(path)
    standing, number = before.standing(), len(before.asked)
    while True:
        number += 1
        asked = _next(rng, standing, number)
        os.write(stream, (json.dumps(asdict(asked)) + "\n").encode())
        if _send(office, asked, stream) == "done":
            standing[asked.reference] = asked.leads_to


def _next(rng: random.Random, standing: dict[str, tuple[str, str, int]], number: int) -> Asked:
    key = f"key-{number}"
    alive = sorted(reference for reference, (status, *_) in standing.items() if status != "cancelled")
    if len(alive) < 2 or (len(alive) < MOST_ALIVE and rng.random() < 0.25):
        return Asked(key, "take", a_booking(number).reference)
    reference = rng.choice(alive)
    status, day, opens_s = standing[reference]
    steps: dict[str, Sequence[str]] = {
        "requested": ["hold"],
        "held": ["confirm", "confirm", "confirm", "hold", "cancel"],
        "confirmed": ["move", "move", "cancel"],
    }
    what = rng.choice(steps[status])
    if what in ("confirm", "cancel"):
        return Asked(key, what, reference, day, opens_s)
    return Asked(key, what, reference, rng.choice(DAYS).isoformat(), window(rng.choice(CLOCKS))[0])


def _send(office: Office, asked: Asked, stream: int) -> str:
    told = "done"
    try:
        _do(office, asked)
    except Refused as error:
        told = error.code
    os.write(stream, (json.dumps({"key": asked.key, "told": told}) + "\n").encode())
    return told


def _do(office: Office, asked: Asked) -> None:
    number = int(asked.key.removeprefix("key-"))
    day = Date.fromisoformat(asked.day) if asked.day else TUESDAY
    slot = (asked.opens_s, asked.opens_s + 1800)
    if asked.what == "take":
        _take(office, number)
    elif asked.what == "hold":
        desk.hold(office, asked.reference, day, slot, key=asked.key)
    elif asked.what == "confirm":
        desk.confirm(office, asked.reference, key=asked.key)
    elif asked.what == "move":
        desk.move(office, asked.reference, day, slot, key=asked.key)
    else:
        desk.cancel(office, asked.reference, key=asked.key)


def _take(office: Office, number: int) -> None:
    """Store a booking; one that is there already was stored before the kill."""
    from sqlmodel import select

    from bookings.models import Booking

    booking = a_booking(number, town=(NEAR, MIDDLE, FAR)[number % 3])
    with writing(office.engine) as session:
        if session.exec(select(Booking.id).where(Booking.reference == booking.reference)).first() is None:
            session.add(booking)
