"""Depots, vans and staff: imported from a file as a whole, shown, and taken out of service for a time.

What changes the days that stand on it has them looked at again, and hands back what became of each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

from sqlmodel import Session, col, select

from bookings.findings import Finding, Severity
from bookings.privacy import require_clean
from bookings.spreadsheets import write_xlsx
from outreach.errors import BadInput, NotFound, OutreachError, Refused
from outreach.services._fleet_file import COLUMNS, FleetRefused, FleetRows, read_fleet
from outreach.services._recheck import DayRechecked, Progress, recheck, touch_days
from outreach.services.office import Office
from outreach.services.shifts import put_shift
from outreach.storage.engine import reading, writing
from outreach.storage.tables import (
    Depot,
    ShiftCrew,
    ShiftRow,
    Staff,
    StaffLeave,
    Van,
    VanDown,
)


@dataclass(frozen=True, slots=True)
class FleetImport:
    """What an import took: how many of each, and what became of the days that stand on the fleet."""

    depots: int
    vans: int
    staff: int
    shifts: int
    days: tuple[DayRechecked, ...] = ()


@dataclass(frozen=True, slots=True)
class FleetView:
    """The fleet as it is."""

    depots: tuple[Depot, ...]
    vans: tuple[Van, ...]
    staff: tuple[Staff, ...]
    down: tuple[VanDown, ...]
    leave: tuple[StaffLeave, ...]


@dataclass(frozen=True, slots=True)
class VanUp:
    """A van back in service: how many periods that ended or removed, and what became of the days."""

    periods: int
    days: tuple[DayRechecked, ...]


def import_fleet(office: Office, data: bytes, *, name: str, progress: Progress | None = None) -> FleetImport:
    """Take a fleet file (TOML or XLSX): all of it, or with any finding nothing. A second import updates by id.

    All days from today on are looked at again: a depot may have moved, a van have lost a skill, somebody be on leave.

    Raises:
        FleetRefused: ``FLEET_REFUSED`` with every finding (table, row, column).
        FileRefused: when the file cannot be read at all.
        PrivacyError: when a text in it is a My Number.
    """
    require_clean(name, "file_name")
    rows = read_fleet(data, name=name)
    with writing(office.engine) as session:
        _store(session, rows)
        _off_duty(session, rows.leave)
        # Shifts stand on vans and staff: they come when those are stored, by the rules of a crew.
        findings: list[Finding] = []
        for row, request in rows.shifts:
            try:
                put_shift(session, office, request, replace=True)
            except OutreachError as error:
                findings.append(Finding("shift", error.code, Severity.ERROR, error.values, row=row))
        if findings:
            raise FleetRefused("FLEET_REFUSED", findings=findings, count=len(findings))
        days = touch_days(session, office, office.clock.today(), None, "fleet_import", {})
    # Afterwards: a crew that lost somebody may have got its new one from the same file.
    looked_at = recheck(office, days, cause="fleet_import", progress=progress)
    return FleetImport(len(rows.depots), len(rows.vans), len(rows.staff), len(rows.shifts), looked_at)


def show(office: Office) -> FleetView:
    """Depots, vans, staff, and who or what is away."""
    with reading(office.engine) as session:
        return FleetView(
            depots=tuple(session.exec(select(Depot).order_by(col(Depot.id))).all()),
            vans=tuple(session.exec(select(Van).order_by(col(Van.id))).all()),
            staff=tuple(session.exec(select(Staff).order_by(col(Staff.id))).all()),
            down=tuple(session.exec(select(VanDown).order_by(col(VanDown.first_day), col(VanDown.van_id))).all()),
            leave=tuple(
                session.exec(select(StaffLeave).order_by(col(StaffLeave.first_day), col(StaffLeave.staff_id))).all()
            ),
        )


def template() -> bytes:
    """An empty workbook with a sheet for each table, and one row each that shows how it is filled in."""
    examples: Mapping[str, tuple[str, ...]] = {
        "depot": ("hall", "市役所", "City Hall", "", "31.7195", "131.0615"),
        "van": ("van-1", "1号車", "Van 1", "hall", "wheelchair", "tablet, mirror, backdrop"),
        "staff": ("s-01", "山田 花子", "ヤマダ ハナコ", "", "no", "2026-12-24..2026-12-25"),
        "shift": ("2026-11-24", "van-1", "s-01, s-02", "", ""),
    }
    return write_xlsx({kind: (list(columns), [list(examples[kind])]) for kind, columns in COLUMNS.items()})


def van_down(
    office: Office, van_id: str, first: Date, last: Date | None, *, reason: str, progress: Progress | None = None
) -> tuple[DayRechecked, ...]:
    """Take a van out of service; returns what became of the days it was to drive on.

    Raises:
        NotFound: ``VAN_UNKNOWN``.
        BadInput: ``PERIOD_BACKWARDS``.
        PrivacyError: when the reason holds a My Number.
    """
    require_clean(reason, "reason")
    if last is not None and last < first:
        raise BadInput("PERIOD_BACKWARDS", first=first, last=last)
    with writing(office.engine) as session:
        if session.get(Van, van_id) is None:
            raise NotFound("VAN_UNKNOWN", van=van_id)
        session.add(VanDown(van_id=van_id, first_day=first, last_day=last, reason=reason))
        days = touch_days(session, office, first, last, "van_down", {"van": van_id})
    return recheck(office, days, cause="van_down", progress=progress)


def van_up(office: Office, van_id: str, day: Date, *, progress: Progress | None = None) -> VanUp:
    """Put a van back into service from ``day`` on.

    A period that begins later stays: the inspection of next month is not over because this week's repair is.

    Raises:
        NotFound: ``VAN_UNKNOWN``.
        Refused: ``VAN_NOT_DOWN`` on ``day``.
    """
    with writing(office.engine) as session:
        if session.get(Van, van_id) is None:
            raise NotFound("VAN_UNKNOWN", van=van_id)
        periods = [
            period
            for period in session.exec(select(VanDown).where(VanDown.van_id == van_id)).all()
            if period.first_day <= day and (period.last_day is None or period.last_day >= day)
        ]
        if not periods:
            raise Refused("VAN_NOT_DOWN", van=van_id)
        for period in periods:
            if period.first_day == day:
                session.delete(period)
            else:
                period.last_day = day - timedelta(days=1)
                session.add(period)
        days = touch_days(session, office, day, None, "van_up", {"van": van_id})
    return VanUp(len(periods), recheck(office, days, cause="van_up", progress=progress))


def staff_leave(
    office: Office, staff_id: str, first: Date, last: Date, *, progress: Progress | None = None
) -> tuple[DayRechecked, ...]:
    """Enter leave; shifts the person is on lose their crew. Returns what became of the days.

    Raises:
        NotFound: ``STAFF_UNKNOWN``.
        BadInput: ``PERIOD_BACKWARDS``.
    """
    if last < first:
        raise BadInput("PERIOD_BACKWARDS", first=first, last=last)
    with writing(office.engine) as session:
        if session.get(Staff, staff_id) is None:
            raise NotFound("STAFF_UNKNOWN", staff=staff_id)
        leave = StaffLeave(staff_id=staff_id, first_day=first, last_day=last)
        if not session.exec(
            select(StaffLeave.id).where(
                StaffLeave.staff_id == staff_id, StaffLeave.first_day == first, StaffLeave.last_day == last
            )
        ).first():
            session.add(leave)
        lost = _off_duty(session, [leave])
        days = touch_days(session, office, first, last, "staff_leave", {"vans": sorted({van for _, van in lost})})
    return recheck(office, days, cause="staff_leave", progress=progress)


def _off_duty(session: Session, leave: Collection[StaffLeave]) -> set[tuple[Date, str]]:
    """Take people who are away off their crews; returns the shifts (day and van) that lost somebody."""
    lost: set[tuple[Date, str]] = set()
    for period in leave:
        seats = session.exec(
            select(ShiftCrew, ShiftRow)
            .where(col(ShiftCrew.shift_id) == col(ShiftRow.id))
            .where(
                ShiftCrew.staff_id == period.staff_id,
                ShiftCrew.day >= period.first_day,
                ShiftCrew.day <= period.last_day,
            )
        ).all()
        for seat, shift in seats:
            lost.add((shift.day, shift.van_id))
            session.delete(seat)
    session.flush()
    return lost


def _store(session: Session, rows: FleetRows) -> None:
    """Update by id; leave periods of the people in the file are replaced by the file's."""
    known = {*rows.depots, *session.exec(select(Depot.id)).all()}
    findings = [
        Finding("van.depot", "DEPOT_UNKNOWN", Severity.ERROR, {"table": "van", "depot": van.depot_id}, row=row)
        for row, van in rows.van_rows
        if van.depot_id not in known
    ]
    if findings:
        raise FleetRefused("FLEET_REFUSED", findings=findings, count=len(findings))
    for entries in (rows.depots, rows.vans, rows.staff):
        for entry in entries.values():
            session.merge(entry)
        session.flush()
    for period in session.exec(select(StaffLeave).where(col(StaffLeave.staff_id).in_(sorted(rows.staff)))).all():
        session.delete(period)
    session.flush()
    session.add_all(rows.leave)
    session.flush()
