"""Offers and refusals as a clerk reads them out: a window with its cost, or why not, and what is nearest."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Date
from typing import TYPE_CHECKING, TypeVar

from sqlmodel import Session, col, select

from bookings.models import Booking, TownRow
from outreach.errors import OutreachError
from outreach.storage.tables import SITE_PREFIX, SiteSession

if TYPE_CHECKING:
    from routing.quote import Refusal

Point = TypeVar("Point", Date, int)

IMPOSSIBLE, NOT_FOUND_IN_TIME = "IMPOSSIBLE", "NOT_FOUND_IN_TIME"


@dataclass(frozen=True, slots=True)
class Slot:
    """A window of a day."""

    day: Date
    opens_s: int
    closes_s: int


@dataclass(frozen=True, slots=True)
class Offer:
    """A window that can be kept: a plan with it and with everything promised was found and checked.

    ``detour_s`` is the driving it adds, ``slack_s`` how late the stops of that route could start at the most and still
    all be kept, ``rank`` 1 for the one to read out first. ``wished``: the resident asked for it, or for nothing.
    """

    day: Date
    opens_s: int
    closes_s: int
    detour_s: int
    slack_s: int
    rank: int
    van: str
    wished: bool
    method: str


@dataclass(frozen=True, slots=True)
class NotOffered:
    """A window, or with ``opens_s`` ``None`` a whole day, that is not offered.

    Attributes:
        reason: the code of what is in the way; ``say.<code>`` in the catalogs is the sentence for the resident.
        values: what the sentence needs. Of a promise in the way only the town is named, as ``town`` and ``town_en``.
        verdict: ``IMPOSSIBLE`` (proved, or the rules say so) or ``NOT_FOUND_IN_TIME``.
        nearest: the nearest window that works, if any.
    """

    day: Date
    opens_s: int | None
    closes_s: int | None
    reason: str
    verdict: str
    values: Mapping[str, object] = field(default_factory=dict)
    nearest: Slot | None = None


class Towns:
    """The towns of the stops in the way, in both scripts; the hall where it is a session. Looked up all at once."""

    def __init__(self, session: Session, references: Iterable[object]) -> None:
        wanted = {str(reference) for reference in references if reference}
        sites = {reference for reference in wanted if reference.startswith(SITE_PREFIX)}
        self._known: dict[str, tuple[str, str]] = {}
        if wanted - sites:
            rows = session.exec(
                select(Booking.reference, Booking.town).where(col(Booking.reference).in_(sorted(wanted - sites)))
            ).all()
            towns = {reference: town for reference, town in rows if town}
            romaji = dict(
                session.exec(
                    select(TownRow.town, TownRow.romaji).where(col(TownRow.town).in_(sorted(set(towns.values()))))
                ).all()
            )
            self._known |= {
                reference: (town, romaji[town].title() if romaji.get(town) else town)
                for reference, town in towns.items()
            }
        if sites:
            numbers = [int(reference.removeprefix(SITE_PREFIX)) for reference in sites]
            found = session.exec(select(SiteSession).where(col(SiteSession.number).in_(numbers))).all()
            self._known |= {site.reference: (site.name, site.named("en")) for site in found}

    def of(self, reference: object) -> tuple[str, str]:
        """Town and its name in English; empty where nobody knows."""
        return self._known.get(str(reference), ("", ""))


def not_offered(refusal: Refusal, towns: Towns) -> NotOffered:
    """A window that the quotes refused."""
    window, verdict = refusal.window, refusal.verdict.value
    return crowded(refusal.date, window.opens_s, window.closes_s, refusal.reason.value, verdict, refusal.values, towns)


def crowded(
    day: Date,
    opens_s: int,
    closes_s: int,
    reason: str,
    verdict: str,
    values: Mapping[str, object],
    towns: Towns,
) -> NotOffered:
    """A refused window with the town of the promise in its way; ``DAY_FULL`` where no single one can be named."""
    told: dict[str, object] = {"date": day, "opens_s": opens_s, **values}
    blocking = told.pop("visit", None)
    if reason == "CROWDED_OUT":
        town, town_en = towns.of(blocking)
        if town and isinstance(told.get("driving_s"), int):
            told |= {"town": town, "town_en": town_en}
        else:
            reason = "DAY_FULL"
    return NotOffered(day, opens_s, closes_s, reason, verdict, told)


def by_rule(day: Date, error: OutreachError) -> NotOffered:
    """A day that a rule refuses; a holiday by its name says more than "no service day"."""
    code, values = error.code, dict(error.values)
    if error.findings:
        code, values = error.findings[0].code, {**values, **error.findings[0].values}
    return NotOffered(day, None, None, code, IMPOSSIBLE, {**values, "date": day})


def named_first(offers: Sequence[Offer], told: Iterable[NotOffered]) -> list[Offer]:
    """The offers with those in front that a refusal names as what works instead: what is said can be chosen."""
    named = {entry.nearest for entry in told}
    return sorted(offers, key=lambda offer: Slot(offer.day, offer.opens_s, offer.closes_s) not in named)


def with_nearest(refused: Sequence[NotOffered], offers: Sequence[Offer]) -> list[NotOffered]:
    """The refusals, each with the nearest offer: of the nearest day, then of that day's times."""
    by_day: dict[Date, dict[int, Slot]] = {}
    for offer in offers:
        by_day.setdefault(offer.day, {}).setdefault(offer.opens_s, Slot(offer.day, offer.opens_s, offer.closes_s))
    if not by_day:
        return list(refused)
    days, times = sorted(by_day), {day: sorted(slots) for day, slots in by_day.items()}
    near_days = {day: _beside(days, day) for day in {entry.day for entry in refused}}

    def nearest_to(day: Date, opens_s: int) -> Slot:
        near = [by_day[other][time_s] for other in near_days[day] for time_s in _beside(times[other], opens_s)]
        return near[0] if len(near) == 1 else min(near, key=lambda slot: distance(slot, day, opens_s))

    return [replace(entry, nearest=nearest_to(entry.day, entry.opens_s or 0)) for entry in refused]


def _beside(ordered: Sequence[Point], at: Point) -> Sequence[Point]:
    """The last before a point and the first from it on, one of which is the nearest; alone where it is the point."""
    after = bisect_left(ordered, at)
    if after < len(ordered) and ordered[after] == at:
        return ordered[after : after + 1]
    return ordered[max(after - 1, 0) : after + 1]


def distance(slot: Slot, day: Date, opens_s: int) -> tuple[int, int, Date, int]:
    """How far a slot is from another: first in days, then within the day."""
    return abs((slot.day - day).days), abs(slot.opens_s - opens_s), slot.day, slot.opens_s


def place_in_list(entry: NotOffered) -> tuple[Date, int]:
    """Days in order, what is said of a whole day before its windows."""
    return entry.day, -1 if entry.opens_s is None else entry.opens_s
