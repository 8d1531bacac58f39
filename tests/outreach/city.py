"""A small city everybody knows, put straight into the tables: three towns, one depot, two vans, four people, two days.

白瀬市 is the demo's city, so its rules are the demo's rules; these towns are not the demo's towns.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from bookings.models import Booking, TownRow
from bookings.references import reference
from bookings.statuses import LIVE, Status
from outreach import demo
from outreach.programme.clock import instant_from
from outreach.programme.rules import Rules
from outreach.programme.rules_file import read_rules
from outreach.programme.settings import Settings
from outreach.storage.engine import writing
from outreach.storage.tables import Depot, ServiceDay, ShiftCrew, ShiftRow, Staff, Van

if TYPE_CHECKING:
    from outreach.services.office import Office

NOW = instant_from("2026-11-20T16:00")
"""A Friday afternoon; Monday the 23rd is a holiday."""

TUESDAY = Date(2026, 11, 24)
WEDNESDAY = Date(2026, 11, 25)

HALL = (38.2336, 143.4588)
VANS = ("van-1", "van-2")
CREWS = {"van-1": ("s-01", "s-02"), "van-2": ("s-03", "s-04")}
SHIFT = (8 * 3600 + 30 * 60, 17 * 3600 + 15 * 60)
MORNING = (10 * 3600, 10 * 3600 + 30 * 60)


@dataclass(frozen=True)
class SmallTown:
    """A town of the small city, with an address in it that the gazetteer finds."""

    name: str
    kana: str
    lat: float
    lon: float

    @property
    def address(self) -> str:
        return f"{self.name}12番地3"


NEAR = SmallTown("灯台町", "トウダイチョウ", 38.2400, 143.4650)
"""A few minutes from the depot."""
MIDDLE = SmallTown("石臼町", "イシウスチョウ", 38.2900, 143.5200)
"""Some fifteen minutes away."""
FAR = SmallTown("奥雲町", "オクグモチョウ", 38.3700, 143.6000)
"""Some forty minutes away, within the travel limit."""
TOWNS = (NEAR, MIDDLE, FAR)


@lru_cache
def demo_rules() -> Rules:
    """The rules of 白瀬市."""
    return read_rules(demo.city_file("outreach.toml").read_text(encoding="utf-8"), name="outreach.toml")


def settings_of(home: Path, url: str) -> Settings:
    """Settings of a home in Japanese, at :data:`NOW`."""
    return Settings(home=home, database_url=url, language="ja", now=NOW)


def small_city(office: Office) -> None:
    """Put the small city into an empty office: towns, depot, vans, staff, and both vans' shifts on both days."""
    with writing(office.engine) as session:
        put_small_city(session, office.rules)


def put_small_city(session: Session, rules: Rules) -> None:
    """The same in the caller's transaction."""
    for number, town in enumerate(TOWNS, start=1):
        session.add(
            TownRow(
                id=number,
                prefecture=rules.city.prefecture,
                city=rules.city.name,
                town=town.name,
                kana=town.kana,
                lat=town.lat,
                lon=town.lon,
            )
        )
    session.add(Depot(id="hall", name="市役所", name_en="City Hall", lat=HALL[0], lon=HALL[1]))
    for staff_id, name in (("s-01", "青木 一郎"), ("s-02", "井上 花"), ("s-03", "上田 実"), ("s-04", "遠藤 薫")):
        session.add(Staff(id=staff_id, name=name))
    session.flush()
    for number, van_id in enumerate(VANS, start=1):
        session.add(Van(id=van_id, name=f"{number}号車", name_en=f"Van {number}", depot_id="hall"))
    session.flush()
    for day in (TUESDAY, WEDNESDAY):
        for van_id in VANS:
            put_shift_row(session, day, van_id, CREWS[van_id])


def put_shift_row(session: Session, day: Date, van_id: str, crew: tuple[str, ...]) -> ShiftRow:
    """A shift with its crew, unchecked by any service."""
    row = ShiftRow(day=day, van_id=van_id, start_s=SHIFT[0], end_s=SHIFT[1])
    session.add(row)
    session.flush()
    for seat, staff_id in enumerate(crew, start=1):
        session.add(ShiftCrew(shift_id=row.id or 0, seat=seat, day=day, staff_id=staff_id))
    session.flush()
    return row


def a_booking(number: int, *, town: SmallTown = NEAR, **values: Any) -> Booking:
    """A requested booking, each ``number`` with its own reference, household and phone; ``values`` replace columns.

    The first of a town live in its middle, the next some hundred metres further each.
    """
    columns: dict[str, Any] = {
        "reference": reference(number),
        "status": Status.REQUESTED.value,
        "visit_type": "new_card",
        "name": f"試験 {number}",
        "kana": f"シケン {number}",
        "people": 2,
        "phone_e164": f"+8199122{number:04d}",
        "phone_spoken": f"0991-22-{number:04d}",
        "address_written": f"{town.name}{number}番地",
        "address_normalised": f"{town.name}{number}",
        "town": town.name,
        "household_key": f"{town.name}|{number}",
        "lat": town.lat + 0.001 * (number % 20),
        "lon": town.lon,
        "location_level": "block",
        "location_source": "gazetteer",
        "received_at": NOW,
        "changed_at": NOW,
        **values,
    }
    return Booking(**columns)


def put_bookings(office: Office, count: int, *, first: int = 1, town: SmallTown = NEAR) -> tuple[str, ...]:
    """Store that many requested bookings; returns their references."""
    with writing(office.engine) as session:
        rows = [a_booking(number, town=town) for number in range(first, first + count)]
        session.add_all(rows)
        session.flush()
        return tuple(row.reference for row in rows)


def put_day(session: Session, day: Date = TUESDAY) -> ServiceDay:
    """A service day without a plan."""
    row = ServiceDay(day=day)
    session.add(row)
    session.flush()
    return row


def live_references(session: Session) -> set[str]:
    """References of all live bookings."""
    live = [status.value for status in LIVE]
    return set(session.exec(select(Booking.reference).where(col(Booking.status).in_(live))).all())
