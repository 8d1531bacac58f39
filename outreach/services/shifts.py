"""Shifts: one van, one crew of two, one day. The rules of a crew are here and, as constraints, in the database.

A shift more, less or other changes what its day can keep: the day is looked at again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date

from sqlmodel import Session, col, select

from outreach.errors import BadInput, NotFound, Refused
from outreach.services._day_writes import ensure_day, note_day, touch_day
from outreach.services._recheck import DayRechecked, Progress, recheck
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import ShiftCrew, ShiftRow, Staff, StaffLeave, Van


@dataclass(frozen=True, slots=True)
class ShiftRequest:
    """A shift to be added; without times it has those of the city's rules."""

    day: Date
    van_id: str
    crew: tuple[str, str]
    start_s: int | None = None
    end_s: int | None = None


@dataclass(frozen=True, slots=True)
class ShiftView:
    """A shift as it is shown; ``crew`` are ids, ``crew_names`` names, fewer than two where somebody fell out."""

    day: Date
    van_id: str
    van_name: str
    start_s: int
    end_s: int
    crew: tuple[str, ...]
    crew_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShiftChanged:
    """A shift as it is now, and what became of its day: nothing where there is nothing to keep."""

    shift: ShiftView
    days: tuple[DayRechecked, ...]


def add_shift(
    office: Office, request: ShiftRequest, *, replace: bool = False, progress: Progress | None = None
) -> ShiftChanged:
    """Add a shift, or with ``replace`` give the van's shift of that day other hours or another crew.

    See :func:`put_shift` for what is refused.
    """
    with writing(office.engine) as session:
        put_shift(session, office, request, replace=replace)
    days = recheck(office, [request.day], cause="shift_add", progress=progress)
    (shift,) = (shift for shift in list_shifts(office, request.day, request.day) if shift.van_id == request.van_id)
    return ShiftChanged(shift, days)


def put_shift(session: Session, office: Office, request: ShiftRequest, *, replace: bool = False) -> None:
    """Add a shift (or with ``replace`` put it in the place of the van's shift of that day).

    Raises:
        BadInput: ``CREW_NOT_TWO``, ``SHIFT_BACKWARDS``.
        NotFound: ``VAN_UNKNOWN``, ``STAFF_UNKNOWN``.
        Refused: ``VAN_HAS_SHIFT``, ``STAFF_ON_LEAVE``, ``STAFF_ON_TWO_SHIFTS``, ``CREW_OF_TRAINEES``,
            ``NOT_A_SERVICE_DAY``.
    """
    rules = office.rules.shift
    start_s = rules.start_s if request.start_s is None else request.start_s
    end_s = rules.end_s if request.end_s is None else request.end_s
    if len(set(request.crew)) != 2:
        raise BadInput("CREW_NOT_TWO", people=len(set(request.crew)))
    if end_s <= start_s:
        raise BadInput("SHIFT_BACKWARDS", start=start_s, end=end_s)
    closed = office.calendar.closed_reason(request.day)
    if closed is not None:
        following = office.calendar.next_service_day(request.day)
        raise Refused("NOT_A_SERVICE_DAY", findings=[closed], date=request.day, next=following)
    if session.get(Van, request.van_id) is None:
        raise NotFound("VAN_UNKNOWN", van=request.van_id)
    old = _shift(session, request.day, request.van_id)
    if old is not None:
        if not replace:
            raise Refused("VAN_HAS_SHIFT", van=request.van_id, date=request.day)
        _delete(session, old)
    _require_crew(session, request)
    row = ShiftRow(day=request.day, van_id=request.van_id, start_s=start_s, end_s=end_s)
    session.add(row)
    session.flush()
    for seat, staff_id in enumerate(request.crew, start=1):
        session.add(ShiftCrew(shift_id=row.id or 0, seat=seat, day=request.day, staff_id=staff_id))
    _touch(session, office, request.day, "shift_add", request.van_id)


def remove_shift(
    office: Office, day: Date, van_id: str, *, progress: Progress | None = None
) -> tuple[DayRechecked, ...]:
    """Remove a shift; returns what became of its day.

    Raises:
        NotFound: ``SHIFT_UNKNOWN``.
    """
    with writing(office.engine) as session:
        row = _shift(session, day, van_id)
        if row is None:
            raise NotFound("SHIFT_UNKNOWN", van=van_id, date=day)
        _delete(session, row)
        _touch(session, office, day, "shift_remove", van_id)
    return recheck(office, [day], cause="shift_remove", progress=progress)


def list_shifts(office: Office, first: Date, last: Date) -> tuple[ShiftView, ...]:
    """The shifts of a span of days, both ends included."""
    with reading(office.engine) as session:
        rows = session.exec(
            select(ShiftRow, Van)
            .where(col(ShiftRow.van_id) == col(Van.id), ShiftRow.day >= first, ShiftRow.day <= last)
            .order_by(col(ShiftRow.day), col(ShiftRow.van_id))
        ).all()
        seats = session.exec(
            select(ShiftCrew, Staff)
            .where(col(ShiftCrew.staff_id) == col(Staff.id), ShiftCrew.day >= first, ShiftCrew.day <= last)
            .order_by(col(ShiftCrew.seat))
        ).all()
    crews: dict[int, list[Staff]] = {}
    for seat, person in seats:
        crews.setdefault(seat.shift_id, []).append(person)
    return tuple(
        ShiftView(
            day=row.day,
            van_id=van.id,
            van_name=van.named(office.settings.language),
            start_s=row.start_s,
            end_s=row.end_s,
            crew=tuple(person.id for person in crews.get(row.id or 0, [])),
            crew_names=tuple(person.name for person in crews.get(row.id or 0, [])),
        )
        for row, van in rows
    )


def _require_crew(session: Session, request: ShiftRequest) -> None:
    """Two people who exist, are not on leave, are on no other shift of the day, and are not both trainees."""
    people: list[Staff] = []
    for staff_id in request.crew:
        person = session.get(Staff, staff_id)
        if person is None:
            raise NotFound("STAFF_UNKNOWN", staff=staff_id)
        away = session.exec(
            select(StaffLeave).where(
                StaffLeave.staff_id == staff_id,
                StaffLeave.first_day <= request.day,
                StaffLeave.last_day >= request.day,
            )
        ).first()
        if away is not None:
            raise Refused("STAFF_ON_LEAVE", staff=staff_id, date=request.day, until=away.last_day)
        seat = session.exec(
            select(ShiftCrew).where(ShiftCrew.staff_id == staff_id, ShiftCrew.day == request.day)
        ).first()
        if seat is not None:
            other = session.get_one(ShiftRow, seat.shift_id)
            raise Refused("STAFF_ON_TWO_SHIFTS", staff=staff_id, date=request.day, van=other.van_id)
        people.append(person)
    if all(person.trainee for person in people):
        raise Refused("CREW_OF_TRAINEES", crew=list(request.crew))


def _shift(session: Session, day: Date, van_id: str) -> ShiftRow | None:
    return session.exec(select(ShiftRow).where(ShiftRow.day == day, ShiftRow.van_id == van_id)).first()


def _delete(session: Session, row: ShiftRow) -> None:
    for seat in session.exec(select(ShiftCrew).where(ShiftCrew.shift_id == row.id)).all():
        session.delete(seat)
    session.flush()
    session.delete(row)
    session.flush()


def _touch(session: Session, office: Office, day: Date, what: str, van_id: str) -> None:
    """A shift more or less changes what the day can do, unless it is over."""
    row = ensure_day(session, day)
    if day >= office.clock.today():
        touch_day(session, office, row)
    note_day(session, office, row.id or 0, what, details={"van": van_id})
