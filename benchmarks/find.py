"""How long a clerk waits for windows: ``slots.find`` in a warm process, travel times of a new address included.

``python -m benchmarks.find [--days N] [--vans N] [--smoke]`` fills an office in a temporary folder with six promised
visits a van and day through the desk itself, then asks for windows for addresses nobody has asked about before.
"""

from __future__ import annotations

import argparse
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Date
from pathlib import Path

from bookings.models import Booking
from bookings.references import reference
from outreach.programme.clock import instant_from
from outreach.programme.rules import Rules, amended
from outreach.programme.settings import Settings
from outreach.services import desk, slots
from outreach.services.office import Office
from outreach.services.slots import Ask
from outreach.storage.engine import open_engine, sqlite_url, writing
from outreach.storage.migrate import upgrade
from outreach.storage.tables import Depot, ShiftCrew, ShiftRow, Staff, Van

NOW = instant_from("2026-04-01T09:00")
HALL = (31.7195, 131.0615)
STARTS = ("09:30", "10:30", "11:30", "13:00", "14:00", "15:00")
SPREAD = 0.05
"""Degrees around the hall in which people live: up to some twelve minutes of driving."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Fill an office, ask, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--vans", type=int, default=5)
    parser.add_argument("--asks", type=int, default=20)
    parser.add_argument("--seed", type=int, default=3100)
    parser.add_argument("--smoke", action="store_true", help="a few days, to see that it runs")
    options = parser.parse_args(arguments)
    days, vans, asks = (2, 2, 3) if options.smoke else (options.days, options.vans, options.asks)
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        office = _office(Path(folder), vans)
        service_days = office.calendar.service_days(Date(2026, 4, 6), Date(2026, 6, 30))[:days]
        _shifts(office, service_days, vans)
        promised = _promises(office, service_days, vans, rng)
        print(_report(office, service_days, vans, promised, asks, rng))
        office.engine.dispose()


def _office(home: Path, vans: int) -> Office:
    changes = {"booking": {"clerk_lead_working_days": 0, "horizon_months": 3}, "promises": {"search_seconds": 0.0}}
    settings = Settings(home=home, database_url=sqlite_url(home / "bench.sqlite3"), language="en", now=NOW)
    office = Office(settings, amended(Rules(), changes), open_engine(settings.database_url), who="bench")
    upgrade(office.engine, backups=home / "backups", now=NOW)
    with writing(office.engine) as session:
        session.add(Depot(id="hall", name="市役所", lat=HALL[0], lon=HALL[1]))
        session.add_all([Staff(id=f"s-{number:02}", name=f"s-{number:02}") for number in range(2 * vans)])
        session.flush()
        session.add_all([Van(id=f"van-{number}", name=f"{number}", depot_id="hall") for number in range(vans)])
    return office


def _shifts(office: Office, days: Sequence[Date], vans: int) -> None:
    rules = office.rules.shift
    with writing(office.engine) as session:
        for day in days:
            for van in range(vans):
                row = ShiftRow(day=day, van_id=f"van-{van}", start_s=rules.start_s, end_s=rules.end_s)
                session.add(row)
                session.flush()
                for seat in (1, 2):
                    crew = f"s-{2 * van + seat - 1:02}"
                    session.add(ShiftCrew(shift_id=row.id or 0, seat=seat, day=day, staff_id=crew))


def _promises(office: Office, days: Sequence[Date], vans: int, rng: random.Random) -> int:
    """Six visits a van and day, each promised by the desk; returns how many of them fit."""
    number = promised = 0
    for day in days:
        for opens_s in [int(start[:2]) * 3600 + int(start[3:]) * 60 for start in STARTS] * vans:
            number += 1
            booking = _booking(number, rng)
            with writing(office.engine) as session:
                session.add(booking)
            try:
                desk.confirm(office, booking.reference, day, (opens_s, opens_s + 1800), accept=["BEYOND_HORIZON"])
            except desk.WindowRefused:
                continue
            promised += 1
    return promised


def _booking(number: int, rng: random.Random) -> Booking:
    return Booking(
        reference=reference(number),
        status="requested",
        visit_type="new_card",
        name=f"n{number}",
        people=2,
        household_key=f"h{number}",
        town="姫城町",
        lat=HALL[0] + rng.uniform(-SPREAD, SPREAD),
        lon=HALL[1] + rng.uniform(-SPREAD, SPREAD),
        location_level="block",
        received_at=NOW,
        changed_at=NOW,
    )


def _report(office: Office, days: Sequence[Date], vans: int, promised: int, asks: int, rng: random.Random) -> str:
    quiet = replace(office)
    new = [_booking(90_000 + number, rng) for number in range(asks + 1)]
    with writing(office.engine) as session:
        session.add_all(new)
    slots.find(quiet, Ask(new[0].reference))  # warm: tables of the days, modules, statement cache
    wall, cpu, offered = [], [], []
    for booking in new[1:]:
        started, worked = time.perf_counter(), time.process_time()
        found = slots.find(quiet, Ask(booking.reference))
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
        offered.append(len(found.quotes))
    late_ms = sorted(wall)[int(0.95 * (len(wall) - 1))]
    figures = (
        *(len(days), vans, promised, asks, f"{statistics.median(offered):.0f}"),
        *(f"{value:.0f}" for value in (statistics.median(wall), late_ms, statistics.median(cpu))),
    )
    rows = [
        "| days | vans | promised | asks | windows offered | wall ms median | wall ms p95 | CPU ms median |",
        "|---|---|---|---|---|---|---|---|",
        f"| {' | '.join(map(str, figures))} |",
        "",
        f"Python {platform.python_version()}; every address new to the process, so its driving times are computed.",
    ]
    return "\n".join(rows)


if __name__ == "__main__":
    main()
