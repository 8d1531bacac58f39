"""Who was reached, by district: counts for the public, small ones withheld so that nobody can be recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, time
from pathlib import Path

from sqlmodel import Session, col, select

from bookings.districts import District, Districts
from bookings.models import Booking
from bookings.statuses import Status
from maps.views import Cell, CoverageDistrict, CoverageMap, MapDepot
from outreach.errors import BadInput
from outreach.services._artefacts import district_name, rings_of
from outreach.services._files import write_together
from outreach.services._travel import travel_matrix
from outreach.services.gazetteer import districts_in
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.tables import Depot, VisitOutcome
from outreach.words import Words
from routing.problem import Place


@dataclass(frozen=True, slots=True)
class Counts:
    """People of one district: served, waiting, turned down, and in contact at all, whatever came of it."""

    served: int = 0
    waiting: int = 0
    turned_down: int = 0
    contacts: int = 0

    @property
    def nothing(self) -> bool:
        """Whether nobody there was in contact at all."""
        return self.served == self.waiting == self.turned_down == self.contacts == 0


ELSEWHERE = ""
"""The key of bookings whose place is in no district."""


def coverage(office: Office, first: Date, last: Date, *, language: str) -> CoverageMap:
    """Count people served between two days (both included), waiting now, and turned down in that time, by district.

    Raises:
        BadInput: ``PERIOD_BACKWARDS``.
    """
    if last < first:
        raise BadInput("PERIOD_BACKWARDS", first=first, last=last)
    with reading(office.engine) as session:
        districts = districts_in(session)
        counts = _counts(session, office, first, last)
        depots = session.exec(select(Depot).order_by(col(Depot.id))).all()
    names = [district.name for district in districts.districts]
    names += [name for name in sorted(counts) if name not in names]
    threshold = office.rules.privacy.small_cell_threshold
    cells = {
        column: suppressed([getattr(counts.get(name, Counts()), column) for name in names], threshold)
        for column in ("served", "waiting", "turned_down")
    }
    driving = _driving(office, depots, districts)
    by_name = {district.name: district for district in districts.districts}
    words = Words(language)
    rows = [
        _district(
            by_name.get(name) or District(name=words.say("coverage.elsewhere"), towns=("-",)),
            language,
            counts.get(name, Counts()),
            {column: cells[column][0][index] for column in cells},
            driving.get(name),
        )
        for index, name in enumerate(names)
    ]
    city, now = office.rules.city, office.settings.now
    return CoverageMap(
        city_name=city.name_en if language == "en" else city.name,
        first_day=first,
        last_day=last,
        made_at=office.now(),
        threshold=threshold,
        travel_is_estimate=office.travel.is_estimate,
        districts=tuple(rows),
        total_served=cells["served"][1],
        total_waiting=cells["waiting"][1],
        total_turned_down=cells["turned_down"][1],
        boundary=rings_of(districts.boundary),
        depots=tuple(
            MapDepot(depot.name_en if language == "en" and depot.name_en else depot.name, (depot.lat, depot.lon))
            for depot in depots
        ),
        banner="" if now is None else words.say("terminal.banner", now=now.strftime("%Y-%m-%d %H:%M")),
    )


def write_coverage(office: Office, first: Date, last: Date, folder: Path, *, language: str) -> Mapping[str, str]:
    """Draw the coverage map with its table twin and write both; returns each name with its SHA-256."""
    from maps.coverage_map import draw_coverage_map
    from maps.coverage_table import coverage_csv

    shown, words = coverage(office, first, last, language=language), Words(language)
    return write_together(
        folder,
        {
            "coverage-map.html": draw_coverage_map(shown, words.say).encode("utf-8"),
            "coverage.csv": coverage_csv(shown, words.say),
        },
    )


def suppressed(values: Sequence[int], threshold: int) -> tuple[list[Cell], Cell]:
    """The cells of one column and their total, with small counts withheld.

    A count from 1 to ``threshold - 1`` is withheld. What is withheld adds up to the total less what is shown, and that
    may give a count away: one alone, or two fours when eight are missing. So the next smallest counts are withheld as
    complements, until every withheld count could be at least two numbers; where there is none left, the total goes. One
    complement is there in any case: if it came only when the small counts give themselves away, its coming would.
    """
    small = [index for index, value in enumerate(values) if 0 < value < threshold]
    others = [index for _, index in sorted((value, index) for index, value in enumerate(values) if value >= threshold)]
    complements: list[int] = []
    while small and others and (not complements or _gives_away(values, small, complements, others, threshold)):
        complements.append(others.pop(0))
    cells = [
        Cell(None, complement=index in complements) if index in small or index in complements else Cell(value)
        for index, value in enumerate(values)
    ]
    # Whether a withheld total is small would itself say too much: two districts and a total under three are one each.
    hide_total = bool(small) and (sum(values) < threshold or _gives_away(values, small, complements, others, threshold))
    return cells, Cell(None, complement=True) if hide_total else Cell(sum(values))


def _gives_away(
    values: Sequence[int], small: Sequence[int], complements: Sequence[int], shown: Sequence[int], threshold: int
) -> bool:
    """Whether somebody who knows the total and these rules could tell any withheld count exactly.

    Such a reader knows that a small count lies between 1 and ``threshold - 1``, a complement between the threshold and
    the smallest count that is shown, and what all of them add up to.
    """
    missing = sum(values[index] for index in (*small, *complements))
    most = min((values[index] for index in shown), default=missing)
    bounds = [(1, threshold - 1)] * len(small) + [(threshold, max(threshold, most))] * len(complements)
    lowest, highest = sum(low for low, _ in bounds), sum(high for _, high in bounds)
    return any(max(low, missing - (highest - high)) == min(high, missing - (lowest - low)) for low, high in bounds)


_FIRST_DAY, _LAST_DAY = Date(1900, 1, 1), Date(9000, 12, 31)


def _counts(session: Session, office: Office, first: Date, last: Date) -> dict[str, Counts]:
    """People by district; a booking of unknown size counts as one."""
    served = session.exec(
        select(Booking.district, VisitOutcome.people)
        .where(col(VisitOutcome.booking_id) == col(Booking.id))
        .where(VisitOutcome.day >= first, VisitOutcome.day <= last, VisitOutcome.outcome == Status.VISITED.value)
    ).all()
    # As instants the first and last days of the calendar have no place in every zone; nobody called on them.
    first, last = max(first, _FIRST_DAY), min(last, _LAST_DAY)
    zone = office.now().tzinfo
    begins, ends = datetime.combine(first, time.min, zone), datetime.combine(last, time.max, zone)
    waiting = session.exec(
        select(Booking.district, Booking.people).where(Booking.status == Status.REQUESTED.value)
    ).all()
    turned_down = session.exec(
        select(Booking.district, Booking.people).where(
            Booking.status == Status.TURNED_DOWN.value,
            col(Booking.received_at) >= begins,
            col(Booking.received_at) <= ends,
        )
    ).all()
    contacts = session.exec(
        select(Booking.district, Booking.people).where(
            col(Booking.received_at) >= begins, col(Booking.received_at) <= ends, Booking.status != Status.DRAFT.value
        )
    ).all()
    sums: dict[str, list[int]] = {}
    for column, rows in enumerate((served, waiting, turned_down, contacts)):
        for district, people in rows:
            sums.setdefault(district or ELSEWHERE, [0, 0, 0, 0])[column] += people or 1
    return {name: Counts(*values) for name, values in sums.items()}


def _district(
    district: District, language: str, counts: Counts, cells: Mapping[str, Cell], driving_s: int | None
) -> CoverageDistrict:
    served, aged_65 = cells["served"], district.aged_65 or 0
    return CoverageDistrict(
        name=district_name(district, language),
        rings=rings_of(district.polygon),
        population=district.population or 0,
        aged_65=aged_65,
        served=served,
        waiting=cells["waiting"],
        turned_down=cells["turned_down"],
        per_1000=None if served.value is None or not aged_65 else served.value * 1000 / aged_65,
        driving_s=driving_s,
        nothing=counts.nothing,
    )


def _driving(office: Office, depots: Sequence[Depot], districts: Districts) -> dict[str, int]:
    """Driving seconds from the nearest depot to a point inside each district."""
    inside = {
        district.name: district.polygon.representative_point()
        for district in districts.districts
        if district.polygon is not None
    }
    if not depots or not inside:
        return {}
    places = [Place(f"depot-{depot.id}", depot.lat, depot.lon) for depot in depots]
    places += [Place(name, point.y, point.x) for name, point in inside.items()]
    matrix = travel_matrix(office, places)
    result: dict[str, int] = {}
    for offset, name in enumerate(inside):
        ways = [row[len(depots) + offset] for row in matrix.seconds[: len(depots)]]
        known = [way for way in ways if way is not None]
        if known:
            result[name] = min(known)
    return result
