"""The coverage map as a table: its rows in words, its classes, and its twin as CSV. Needs no Folium."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from maps.plain_text import plain_cell
from maps.views import Cell, CoverageDistrict, CoverageMap

Translate = Callable[..., str]

CLASSES = 5
"""How many shades of the map at most."""

HIDDEN = "－"
"""Stands for a number that is not told: a complement, or a rate of a suppressed count."""


@dataclass(frozen=True, slots=True)
class Shade:
    """One class of the map: the lowest and highest rate (people served per 1,000 aged 65+) found in it."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One district in words, and how the map shows it.

    ``look``: ``"0"`` to ``"4"`` for a class, ``"nothing"``, ``"suppressed"`` or ``"nobody"`` (nobody is 65 there).
    """

    name: str
    population: str
    aged_65: str
    served: str
    waiting: str
    turned_down: str
    per_1000: str
    driving: str
    look: str
    remark: str


def shown_rate(district: CoverageDistrict) -> float | None:
    """The rate as it may be shown, to one decimal: never beside a suppressed count it would give away."""
    if district.served.suppressed or district.per_1000 is None:
        return None
    return round(district.per_1000, 1)


def shades(districts: Sequence[CoverageDistrict]) -> tuple[Shade, ...]:
    """Return at most five classes, each with about as many different rates; districts with nothing make none.

    Bounds are rates that occur, so that every district lies in one class and none on a border.
    """
    rates = sorted(
        {rate for district in districts if not district.nothing and (rate := shown_rate(district)) is not None}
    )
    count = min(CLASSES, len(rates))
    cuts = [number * len(rates) // count for number in range(count)] + [len(rates)] if count else []
    return tuple(Shade(rates[start], rates[end - 1]) for start, end in pairwise(cuts))


def look_of(district: CoverageDistrict, classes: Sequence[Shade]) -> str:
    """Return how the map shows ``district``; see ``CoverageRow.look``."""
    if district.nothing:
        return "nothing"
    rate = shown_rate(district)
    if rate is not None:
        return str(next(number for number, shade in enumerate(classes) if rate <= shade.high))
    return "nobody" if district.aged_65 == 0 and not district.served.suppressed else "suppressed"


def coverage_rows(coverage: CoverageMap, translate: Translate) -> tuple[CoverageRow, ...]:
    """Return the districts in the order given, as words."""
    classes = shades(coverage.districts)
    return tuple(_row(district, look_of(district, classes), coverage, translate) for district in coverage.districts)


def total_row(coverage: CoverageMap, translate: Translate) -> CoverageRow:
    """Return the city's sums. The rate counts everybody served, in a district or not."""
    aged_65 = sum(district.aged_65 for district in coverage.districts)
    served = coverage.total_served.value
    rate = served * 1000 / aged_65 if served is not None and aged_65 else None
    return CoverageRow(
        name=translate("coverage.table.total"),
        population=_count(sum(district.population for district in coverage.districts), translate),
        aged_65=_count(aged_65, translate),
        served=count_words(coverage.total_served, coverage.threshold, translate),
        waiting=count_words(coverage.total_waiting, coverage.threshold, translate),
        turned_down=count_words(coverage.total_turned_down, coverage.threshold, translate),
        per_1000=HIDDEN if rate is None else translate("coverage.rate", rate=rate),
        driving="",
        look="",
        remark="",
    )


def count_words(cell: Cell, threshold: int, translate: Translate) -> str:
    """Return a count in words: the number, "fewer than N", or a dash for a complement."""
    if cell.value is not None:
        return _count(cell.value, translate)
    return HIDDEN if cell.complement else translate("coverage.fewer_than", threshold=threshold)


def coverage_csv(coverage: CoverageMap, translate: Translate) -> bytes:
    """Return the table twin for Excel: UTF-8 with BOM, one head row, a row per district, the sums last.

    Dates are ISO, numbers have no separators, and no cell can be taken for a formula.
    """
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\r\n")
    table.writerow(
        [
            plain_cell(translate(f"coverage.csv.{column}"))
            for column in ("district", "population", "aged_65", "served", "waiting", "turned_down", "per_1000")
        ]
        + [
            plain_cell(
                translate("coverage.csv.driving_estimate" if coverage.travel_is_estimate else "coverage.csv.driving")
            )
        ]
        + [plain_cell(translate(f"coverage.csv.{column}")) for column in ("remark", "first_day", "last_day")]
    )
    for row in (*coverage_rows(coverage, translate), total_row(coverage, translate)):
        numbers = (row.population, row.aged_65, row.served, row.waiting, row.turned_down, row.per_1000, row.driving)
        table.writerow(
            [
                plain_cell(row.name),
                *(_plain_number(number) for number in numbers),
                row.remark,
                coverage.first_day.isoformat(),
                coverage.last_day.isoformat(),
            ]
        )
    return written.getvalue().encode("utf-8-sig")


def _row(district: CoverageDistrict, look: str, coverage: CoverageMap, translate: Translate) -> CoverageRow:
    rate = shown_rate(district)
    return CoverageRow(
        name=district.name,
        population=_count(district.population, translate),
        aged_65=_count(district.aged_65, translate),
        served=count_words(district.served, coverage.threshold, translate),
        waiting=count_words(district.waiting, coverage.threshold, translate),
        turned_down=count_words(district.turned_down, coverage.threshold, translate),
        per_1000=HIDDEN if rate is None else translate("coverage.rate", rate=rate),
        driving=(
            translate("coverage.unreachable")
            if district.driving_s is None
            else translate("coverage.driving", driving_s=district.driving_s)
        ),
        look=look,
        remark=translate(f"coverage.remark.{look}") if look in ("nothing", "suppressed", "nobody") else "",
    )


def _count(number: int, translate: Translate) -> str:
    return translate("coverage.count", number=number)


def _plain_number(words: str) -> str:
    """A number as a spreadsheet reads it: without thousands separators; words stay words."""
    bare = words.replace(",", "")
    return bare if bare.replace(".", "", 1).isdecimal() else plain_cell(words) if words != HIDDEN else HIDDEN
