"""Depots, vans and staff: imported from a file as a whole, shown, and taken out of service for a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

from sqlmodel import Session, col, select

from bookings.findings import Finding, Severity
from bookings.models import Booking
from bookings.privacy import require_clean
from bookings.spreadsheets import write_xlsx
from outreach.errors import BadInput, NotFound, Refused
from outreach.services._days import note_day
from outreach.services._fleet_file import COLUMNS, FleetRefused, FleetRows, read_fleet
from outreach.services.office import Office
from outreach.services.planning import ToPhone, whom_to_phone
from outreach.services.shifts import put_shift
from outreach.storage.engine import reading, writing
from outreach.storage.tables import (
    Depot,
    PlanStop,
    ServiceDay,
    ShiftCrew,
    ShiftRow,
    Staff,
    StaffLeave,
    StopRole,
    Van,
    VanDown,
)


@dataclass(frozen=True, slots=True)
class FleetImport:
    """What an import took: how many of each."""

    depots: int
    vans: int
    staff: int
    shifts: int


@dataclass(frozen=True, slots=True)
class FleetView:
    """The fleet as it is."""

    depots: tuple[Depot, ...]
    vans: tuple[Van, ...]
    staff: tuple[Staff, ...]
    down: tuple[VanDown, ...]
    leave: tuple[StaffLeave, ...]


@dataclass(frozen=True, slots=True)
class DayAtRisk:
    """A day whose standing plan uses what is no longer there: make its plan again, and phone if that fails."""

    day: Date
    van_id: str
    to_phone: tuple[ToPhone, ...]


def import_fleet(office: Office, data: bytes, *, name: str) -> FleetImport:
    """Take a fleet file (TOML or XLSX): all of it, or with any finding nothing. A second import updates by id.

    Raises:
        FleetRefused: ``FLEET_REFUSED`` with every finding (table, row, column).
        FileRefused: when the file cannot be read at all.
        PrivacyError: when a text in it is a My Number.
    """
    rows = read_fleet(data, name=name)
    with writing(office.engine) as session:
        _store(session, rows)
        # Shifts stand on vans and staff: they come when those are stored, by the rules of a crew.
        for request in rows.shifts:
            put_shift(session, office, request, replace=True)
    return FleetImport(len(rows.depots), len(rows.vans), len(rows.staff), len(rows.shifts))


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


def van_down(office: Office, van_id: str, first: Date, last: Date | None, *, reason: str) -> tuple[DayAtRisk, ...]:
    """Take a van out of service; returns the days whose standing plan counted on it.

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
        return _days_at_risk(session, office, {van_id}, first, last, "van_down")


def van_up(office: Office, van_id: str, day: Date) -> int:
    """Put a van back into service from ``day`` on; returns how many periods that ended or removed.

    Raises:
        NotFound: ``VAN_UNKNOWN``.
        Refused: ``VAN_NOT_DOWN``.
    """
    with writing(office.engine) as session:
        if session.get(Van, van_id) is None:
            raise NotFound("VAN_UNKNOWN", van=van_id)
        periods = [
            period
            for period in session.exec(select(VanDown).where(VanDown.van_id == van_id)).all()
            if period.last_day is None or period.last_day >= day
        ]
        if not periods:
            raise Refused("VAN_NOT_DOWN", van=van_id)
        for period in periods:
            if period.first_day >= day:
                session.delete(period)
            else:
                period.last_day = day - timedelta(days=1)
                session.add(period)
        _touch_days(session, office, day, None, "van_up", {"van": van_id})
        return len(periods)


def staff_leave(office: Office, staff_id: str, first: Date, last: Date) -> tuple[DayAtRisk, ...]:
    """Enter leave; shifts the person is on lose their crew, and the days at risk come back.

    Raises:
        NotFound: ``STAFF_UNKNOWN``.
        BadInput: ``PERIOD_BACKWARDS``.
    """
    if last < first:
        raise BadInput("PERIOD_BACKWARDS", first=first, last=last)
    with writing(office.engine) as session:
        if session.get(Staff, staff_id) is None:
            raise NotFound("STAFF_UNKNOWN", staff=staff_id)
        session.add(StaffLeave(staff_id=staff_id, first_day=first, last_day=last))
        seats = session.exec(
            select(ShiftCrew, ShiftRow)
            .where(col(ShiftCrew.shift_id) == col(ShiftRow.id))
            .where(ShiftCrew.staff_id == staff_id, ShiftCrew.day >= first, ShiftCrew.day <= last)
        ).all()
        vans = {row.van_id for _, row in seats}
        for seat, _ in seats:
            session.delete(seat)
        session.flush()
        return _days_at_risk(session, office, vans, first, last, "staff_leave") if vans else ()


def _days_at_risk(
    session: Session, office: Office, vans: set[str], first: Date, last: Date | None, what: str
) -> tuple[DayAtRisk, ...]:
    """Days from ``first`` on whose standing plan sends one of ``vans``; each gets a new version and a history row."""
    days = _touch_days(session, office, first, last, what, {"vans": sorted(vans)})
    found: list[DayAtRisk] = []
    for row in days:
        if row.standing_plan_id is None:
            continue
        stops = session.exec(
            select(PlanStop).where(
                PlanStop.plan_version_id == row.standing_plan_id,
                col(PlanStop.van_id).in_(sorted(vans)),
                PlanStop.role == StopRole.PROMISED,
            )
        ).all()
        for van_id in sorted({stop.van_id for stop in stops}):
            ids = [stop.booking_id for stop in stops if stop.van_id == van_id]
            found.append(DayAtRisk(row.day, van_id, whom_to_phone(session, _references(session, ids))))
    return tuple(found)


def _references(session: Session, booking_ids: Sequence[int]) -> list[str]:
    return list(session.exec(select(Booking.reference).where(col(Booking.id).in_(list(booking_ids)))).all())


def _touch_days(
    session: Session, office: Office, first: Date, last: Date | None, what: str, details: Mapping[str, object]
) -> list[ServiceDay]:
    """Raise the version of the days concerned: a plan being made for the old fleet will not be stored."""
    query = select(ServiceDay).where(col(ServiceDay.day) >= first).order_by(col(ServiceDay.day))
    if last is not None:
        query = query.where(col(ServiceDay.day) <= last)
    days = list(session.exec(query).all())
    for row in days:
        row.version += 1
        session.add(row)
        note_day(session, office, row.id or 0, what, details=details)
    return days


def _store(session: Session, rows: FleetRows) -> None:
    """Update by id; leave periods of the people in the file are replaced by the file's."""
    for entries in (rows.depots, rows.vans, rows.staff):
        for entry in entries.values():
            session.merge(entry)
        session.flush()
    for van in rows.vans.values():
        if session.get(Depot, van.depot_id) is None:
            finding = Finding("van.depot", "DEPOT_UNKNOWN", Severity.ERROR, {"table": "van", "depot": van.depot_id})
            raise FleetRefused("FLEET_REFUSED", findings=[finding], count=1)
    for period in session.exec(select(StaffLeave).where(col(StaffLeave.staff_id).in_(sorted(rows.staff)))).all():
        session.delete(period)
    session.flush()
    for period in rows.leave:
        session.add(period)
