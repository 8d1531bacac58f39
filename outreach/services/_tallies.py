"""The ledger as a value: contacts counted by result, district, channel and age band, in tables that add up exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from enum import StrEnum

from bookings.statuses import Status
from bookings.wareki import AgeBand, age_band
from outreach.programme.clock import TOKYO


class Result(StrEnum):
    """What came of a contact; every contact has exactly one. The first three are bookings that got their window."""

    BOOKED = "booked"
    """A window is promised, the day is to come."""
    VISITED = "visited"
    NO_SHOW = "no_show"
    WAITING = "waiting"
    """Asked for, or held for the caller at this moment."""
    TURNED_DOWN = "turned_down"
    """A rule of the city spoke against it: always told with the rule."""
    DECLINED = "declined"
    """None of the windows read out suited."""
    UNMET = "unmet"
    """It waited until its last day was over."""
    CANCELLED = "cancelled"
    CUT_OFF = "cut_off"
    """A draft: the contact ended before all was known that a visit needs."""


RESULT_OF: Mapping[Status, Result] = {
    Status.DRAFT: Result.CUT_OFF,
    Status.REQUESTED: Result.WAITING,
    Status.HELD: Result.WAITING,
    Status.CONFIRMED: Result.BOOKED,
    Status.VISITED: Result.VISITED,
    Status.NO_SHOW: Result.NO_SHOW,
    Status.TURNED_DOWN: Result.TURNED_DOWN,
    Status.DECLINED: Result.DECLINED,
    Status.UNMET: Result.UNMET,
    Status.CANCELLED: Result.CANCELLED,
}
"""The result that each status of a booking stands for."""


def band_at_contact(birth_year: int | None, received_at: datetime) -> AgeBand | None:
    """The band of the age reached in the year of the contact (the day in Japan); None where no year is known."""
    if birth_year is None:
        return None
    day = received_at.astimezone(TOKYO).date()
    # A paper form of December typed in in January may tell of a child born in between.
    return age_band(min(birth_year, day.year), day)


@dataclass(frozen=True, slots=True)
class Tally:
    """Contacts, the people they were for as far as that is known, and contacts that did not say how many people."""

    contacts: int = 0
    people: int = 0
    people_unknown: int = 0

    def __post_init__(self) -> None:
        known = self.contacts - self.people_unknown
        if self.people_unknown < 0 or known < 0:
            raise ValueError(f"{self.people_unknown} of {self.contacts} contacts did not say how many people")
        if self.people < known or (known == 0 and self.people):
            raise ValueError(f"{known} contacts with their people known are not {self.people} people")

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.contacts + other.contacts,
            self.people + other.people,
            self.people_unknown + other.people_unknown,
        )


def total_of(tallies: Iterable[Tally]) -> Tally:
    """The sum of some tallies."""
    return sum(tallies, Tally())


@dataclass(frozen=True, slots=True)
class Contact:
    """What one contact counts as. ``None``: no district is known, no age, or which rule it was."""

    result: Result
    rule: str | None
    district: str | None
    channel: str
    age_band: AgeBand | None

    def __post_init__(self) -> None:
        if self.rule is not None and self.result is not Result.TURNED_DOWN:
            raise ValueError(f"{self.result} has no rule {self.rule}")


class Axis(StrEnum):
    """What the contacts are broken down by."""

    REASON = "reason"
    """By result; what was turned down also by its rule."""
    DISTRICT = "district"
    CHANNEL = "channel"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a breakdown: the code it counts (None: not known), its rule where it was turned down, the counts."""

    code: str | None
    rule: str | None
    tally: Tally


@dataclass(frozen=True, slots=True)
class District:
    """A district's name as bookings keep it, and its English one (empty where there is none)."""

    name: str
    name_en: str = ""


_CODE: Mapping[Axis, Callable[[Contact], tuple[str | None, str | None]]] = {
    Axis.REASON: lambda contact: (contact.result.value, contact.rule),
    Axis.DISTRICT: lambda contact: (contact.district, None),
    Axis.CHANNEL: lambda contact: (contact.channel, None),
    Axis.AGE: lambda contact: (None if contact.age_band is None else contact.age_band.value, None),
}


@dataclass(frozen=True)
class Ledger:
    """The contacts of a period: ``rows`` is the cross table, of which every breakdown is a sum.

    ``total`` was counted without the cross table. ``districts`` are those of the city in their order.

    Raises:
        ValueError: when two rows count the same, or rows or any breakdown do not add up to ``total`` exactly: a ledger
            that does not add up does not exist.
    """

    first: Date
    last: Date
    total: Tally
    rows: tuple[tuple[Contact, Tally], ...]
    districts: tuple[District, ...] = ()

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the period ends on {self.last} before it begins on {self.first}")
        if len({contact for contact, _ in self.rows}) != len(self.rows):
            raise ValueError("two rows of the cross table count the same contacts")
        if any(tally.contacts == 0 for _, tally in self.rows):
            raise ValueError("a row of the cross table counts nothing")
        if total_of(tally for _, tally in self.rows) != self.total:
            raise ValueError(f"the cross table does not add up to {self.total}")
        for axis in Axis:
            if total_of(line.tally for line in self.by(axis)) != self.total:
                raise ValueError(f"the breakdown by {axis} does not add up to {self.total}")

    def by(self, axis: Axis) -> tuple[Line, ...]:
        """The contacts broken down: only what occurs, in a fixed order, what is not known last."""
        sums: dict[tuple[str | None, str | None], Tally] = {}
        for contact, tally in self.rows:
            key = _CODE[axis](contact)
            sums[key] = sums.get(key, Tally()) + tally
        order = self._order(axis)
        ends = len(order)

        def place(key: tuple[str | None, str | None]) -> tuple[int, str, bool, str]:
            code, rule = key
            at = ends + 1 if code is None else order.get(code, ends)
            return at, code or "", rule is None, rule or ""

        return tuple(Line(code, rule, sums[code, rule]) for code, rule in sorted(sums, key=place))

    def _order(self, axis: Axis) -> Mapping[str, int]:
        codes: Iterable[str] = ()
        if axis is Axis.REASON:
            codes = (result.value for result in Result)
        elif axis is Axis.AGE:
            codes = (band.value for band in AgeBand)
        elif axis is Axis.DISTRICT:
            codes = (district.name for district in self.districts)
        return {code: at for at, code in enumerate(codes)}
