"""Counts for the public: nobody can be recognised by subtraction."""

from __future__ import annotations

from datetime import date as Date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from bookings.models import Booking, DistrictRow
from bookings.statuses import Status
from maps.views import Cell
from outreach.errors import BadInput
from outreach.services.coverage import coverage, suppressed, write_coverage
from outreach.services.office import Office
from outreach.storage.engine import writing
from outreach.storage.tables import VisitOutcome
from tests.outreach.city import NOW, TUESDAY, put_bookings, small_city

COLUMNS = st.lists(st.integers(0, 40), min_size=1, max_size=10)
THRESHOLDS = st.integers(3, 12)


def could_be(cells: list[Cell], total: Cell, threshold: int) -> list[tuple[int, ...]]:
    """Every column a reader cannot tell from the one that was counted, by brute force over the withheld cells."""
    shown = [cell.value for cell in cells if cell.value is not None]
    most = min((value for value in shown if value >= threshold), default=40)
    ranges = []
    for cell in cells:
        if cell.value is not None:
            ranges.append(range(cell.value, cell.value + 1))
        elif cell.complement:
            ranges.append(range(threshold, most + 1))
        else:
            ranges.append(range(1, threshold))
    return [column for column in product(*ranges) if total.value is None or sum(column) == total.value]


@given(COLUMNS, THRESHOLDS)
def test_a_small_count_is_never_shown_and_a_zero_always_is(values: list[int], threshold: int) -> None:
    cells, _ = suppressed(values, threshold)
    for value, cell in zip(values, cells, strict=True):
        if value == 0:
            assert cell == Cell(0)
        elif value < threshold:
            assert cell == Cell(None, complement=False)
        else:
            assert cell in (Cell(value), Cell(None, complement=True))


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.integers(3, 5))
def test_no_withheld_count_can_be_derived_from_the_total_and_the_visible_cells(
    values: list[int], threshold: int
) -> None:
    cells, total = suppressed(values, threshold)
    possible = could_be(cells, total, threshold)
    assert tuple(values) in possible
    for index, cell in enumerate(cells):
        if cell.value is None and not cell.complement:
            assert len({column[index] for column in possible}) > 1


@given(COLUMNS, THRESHOLDS)
def test_a_total_is_shown_only_when_it_is_not_small_and_is_the_sum(values: list[int], threshold: int) -> None:
    _, total = suppressed(values, threshold)
    assert total.value in (None, sum(values))
    if 0 < sum(values) < threshold:
        assert total.value is None


@given(st.lists(st.integers(0, 40).filter(lambda value: not 0 < value < 5), max_size=10))
def test_nothing_is_withheld_where_nothing_is_small(values: list[int]) -> None:
    assert suppressed(values, 5) == ([Cell(value) for value in values], Cell(sum(values)))


@pytest.mark.parametrize(
    ("values", "shown", "total"),
    [
        ([3, 40, 20], [None, 40, None], 63),
        ([4, 4, 100, 50], [None, None, 100, None], 158),
        ([1, 5, 5, 30], [None, None, None, None], 41),
        ([1, 0, 0], [None, 0, 0], None),
        ([2], [None], None),
        ([0, 0], [0, 0], 0),
    ],
)
def test_known_columns_are_suppressed_as_worked_out_by_hand(
    values: list[int], shown: list[int | None], total: int | None
) -> None:
    cells, found = suppressed(values, 5)
    assert ([cell.value for cell in cells], found.value) == (shown, total)


def counted_city(office: Office) -> None:
    """Three districts: one with people served, one with a single request turned down, one with nobody."""
    small_city(office)
    references = put_bookings(office, 12)
    with writing(office.engine) as session:
        for number, name in enumerate(("中央", "西", "山"), start=1):
            session.add(DistrictRow(id=number, name=name, towns=[name], population=1000, aged_65=400))
        rows = session.exec(select(Booking).where(col(Booking.reference).in_(references))).all()
        for at, booking in enumerate(sorted(rows, key=lambda row: row.reference)):
            booking.district = "西" if at == 11 else "中央"
            booking.status = (Status.TURNED_DOWN if at == 11 else Status.VISITED if at < 8 else Status.REQUESTED).value
            session.add(booking)
            if at < 8:
                outcome = {"outcome": "visited", "people": 3, "at": NOW, "who": "t"}
                session.add(VisitOutcome(booking_id=booking.id or 0, day=TUESDAY, **outcome))


def test_people_are_counted_by_district_and_a_single_household_is_not_shown(office: Office) -> None:
    counted_city(office)
    found = coverage(office, Date(2026, 11, 1), Date(2026, 11, 30), language="ja")
    cells = {row.name: (row.served.value, row.waiting.value, row.turned_down.value) for row in found.districts}
    assert cells == {"中央": (24, 6, 0), "西": (0, 0, None), "山": (0, 0, 0)}
    assert {row.name: row.nothing for row in found.districts} == {"中央": False, "西": False, "山": True}
    assert (found.total_served.value, found.total_turned_down.value) == (24, None)
    assert next(row.per_1000 for row in found.districts if row.name == "中央") == 60.0


def test_a_visit_outside_the_period_is_not_counted(sqlite_office: Office) -> None:
    counted_city(sqlite_office)
    found = coverage(sqlite_office, Date(2026, 11, 25), Date(2026, 11, 30), language="en")
    assert found.total_served.value == 0


def test_a_period_backwards_is_refused(sqlite_office: Office) -> None:
    with pytest.raises(BadInput) as refusal:
        coverage(sqlite_office, Date(2026, 12, 1), Date(2026, 11, 1), language="ja")
    assert refusal.value.code == "PERIOD_BACKWARDS"


def test_the_map_and_its_table_have_equal_bytes_in_two_runs_but_for_random_ids(sqlite_office: Office) -> None:
    counted_city(sqlite_office)
    period = (Date(2026, 11, 1), Date(2026, 11, 30))
    first = write_coverage(sqlite_office, *period, sqlite_office.settings.home / "a", language="ja")
    second = write_coverage(sqlite_office, *period, sqlite_office.settings.home / "b", language="ja")
    assert sorted(first) == ["coverage-map.html", "coverage.csv"]
    assert first["coverage.csv"] == second["coverage.csv"]
