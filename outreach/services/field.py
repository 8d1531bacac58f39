"""What happened at the door: one visit logged, or a whole sheet typed in afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date as Date

from sqlmodel import Session, col, select

from bookings.errors import BookingsError
from bookings.findings import Finding, Severity
from bookings.privacy import require_clean
from bookings.references import read_reference
from bookings.spreadsheets import read_table
from bookings.statuses import Status
from outreach.errors import BadInput, OutreachError, Refused
from outreach.services._bookings import change_status, promised_visit, require_booking
from outreach.services._day_writes import touch_day
from outreach.services._once import Receipt
from outreach.services._sites import promised_place
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import PlaceState, ServiceDay, SitePlace, VisitOutcome, VisitState

OUTCOMES: Mapping[str, Status] = {"visited": Status.VISITED, "no_show": Status.NO_SHOW, "cancelled": Status.CANCELLED}
"""How a visit can end at the door, and the status each leads to."""

COLUMNS = ("reference", "outcome", "people", "start", "end", "note")
"""The columns of a sheet typed in afterwards."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One visit as the crew wrote it down. ``people`` of ``None`` means as many as were booked."""

    reference: str
    outcome: str
    people: int | None = None
    start_s: int | None = None
    end_s: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class LoggedVisit:
    """A visit as it was logged."""

    reference: str
    day: Date
    status: Status
    people: int


class SheetRefused(BadInput):
    """A typed-in sheet with findings; nothing of it was taken."""


def log_visit(office: Office, outcome: Outcome, *, key: str = "") -> LoggedVisit:
    """Log one visit.

    Args:
        key: the sender's own key of this request (see :mod:`outreach.services._once`).

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
        BadInput: ``OUTCOME_UNKNOWN``, ``PEOPLE_IMPOSSIBLE``, ``TIMES_BACKWARDS``.
        Refused: ``VISIT_IN_FUTURE``, ``NO_VISIT_TO_LOG``.
        IllegalStep: when the booking is not confirmed.
        PrivacyError: when the note holds what must never be kept.
    """
    receipt = Receipt(key, "visit", asdict(outcome), LoggedVisit)

    def write() -> LoggedVisit:
        with writing(office.engine) as session:
            done = _log(session, office, outcome)
            receipt.keep(session, office, done)
        return done

    return receipt.once(office, write)


def log_sheet(office: Office, data: bytes, *, name: str) -> tuple[LoggedVisit, ...]:
    """Log a whole sheet (CSV or XLSX with the columns of ``COLUMNS``): all of it, or with any finding nothing.

    Raises:
        SheetRefused: ``SHEET_REFUSED`` with every finding by row.
        FileRefused: when the file cannot be read.
    """
    require_clean(name, "file_name")
    table = read_table(data, name=name)
    findings = [finding for finding in table.findings if finding.severity is Severity.ERROR]
    unknown = [header for header in table.headers if header not in COLUMNS]
    findings += [Finding("file", "COLUMN_UNKNOWN", Severity.ERROR, {"column": header[:40]}, 1) for header in unknown]
    outcomes: list[tuple[int, Outcome]] = []
    for row in table.rows:
        try:
            outcomes.append((row.number, _outcome_of(row.cells)))
        except (BookingsError, OutreachError) as error:
            findings.append(Finding("row", error.code, Severity.ERROR, error.values, row.number))
    logged: list[LoggedVisit] = []
    if not findings:
        try:
            with writing(office.engine) as session:
                for number, outcome in outcomes:
                    try:
                        logged.append(_log(session, office, outcome))
                    except (BookingsError, OutreachError) as error:
                        findings.append(Finding("row", error.code, Severity.ERROR, error.values, number))
                if findings:
                    raise _Undo
        except _Undo:
            pass
    if findings:
        raise SheetRefused("SHEET_REFUSED", findings=findings, count=len(findings))
    return tuple(logged)


class _Undo(Exception):
    """The sheet has findings: nothing of it stays."""


def _outcome_of(cells: Mapping[str, str]) -> Outcome:
    people = cells.get("people", "").strip()
    if people and not (people.isdecimal() and len(people) <= 6):
        raise BadInput("PEOPLE_IMPOSSIBLE", people=0, under_15=0)
    return Outcome(
        reference=read_reference(cells.get("reference", "")),
        outcome=cells.get("outcome", ""),
        people=int(people) if people else None,
        start_s=_clock(cells.get("start", "")),
        end_s=_clock(cells.get("end", "")),
        note=cells.get("note", ""),
    )


def _clock(text: str) -> int | None:
    if not text.strip():
        return None
    hours, _, minutes = text.strip().partition(":")
    minutes = minutes[:2]
    if hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60:
        return int(hours) * 3600 + int(minutes) * 60
    raise BadInput("TIME_UNREADABLE")


def _log(session: Session, office: Office, outcome: Outcome) -> LoggedVisit:
    require_clean(outcome.note, "note")
    status = OUTCOMES.get(outcome.outcome.strip().lower().replace("-", "_"))
    if status is None:
        raise BadInput("OUTCOME_UNKNOWN", known=list(OUTCOMES))
    if outcome.start_s is not None and outcome.end_s is not None and outcome.end_s < outcome.start_s:
        raise BadInput("TIMES_BACKWARDS")
    booking = require_booking(session, outcome.reference)
    visit, place = promised_visit(session, booking), promised_place(session, booking)
    if visit is not None:
        service_day = session.get_one(ServiceDay, visit.service_day_id)
    elif place is not None:
        service_day = place[1]
    else:
        raise Refused("NO_VISIT_TO_LOG", reference=outcome.reference, status=booking.status)
    day = service_day.day
    if day > office.clock.today():
        raise Refused("VISIT_IN_FUTURE", reference=outcome.reference, date=day)
    served = (
        0 if status is not Status.VISITED else outcome.people if outcome.people is not None else booking.people or 1
    )
    if not 0 <= served <= 500 or (status is Status.VISITED and served == 0):
        raise BadInput("PEOPLE_IMPOSSIBLE", people=served, under_15=0)
    if status is not Status.CANCELLED:
        _keep_outcome(session, office, outcome, booking_id=booking.id or 0, day=day, ended=status, people=served)
    if visit is not None:
        visit.state = (VisitState.RELEASED if status is Status.CANCELLED else VisitState.DONE).value
        visit.ended_at = office.now()
        session.add(visit)
    elif place is not None:
        _end_place(session, place[0], free=status is Status.CANCELLED)
    change_status(session, office, booking, status, details={"date": day.isoformat(), "people": served})
    if status is Status.CANCELLED:
        touch_day(session, office, service_day)
    session.flush()
    return LoggedVisit(outcome.reference, day, status, served)


def _end_place(session: Session, place: SitePlace, *, free: bool) -> None:
    """The place in a hall that somebody was promised: free again, or done."""
    if free:
        place.state, place.booking_id = PlaceState.FREE.value, None
    else:
        place.state = PlaceState.DONE.value
    session.add(place)


def _keep_outcome(
    session: Session, office: Office, outcome: Outcome, *, booking_id: int, day: Date, ended: Status, people: int
) -> None:
    """One outcome a day: of somebody who was out in the morning and visited in the afternoon, the last one stays."""
    earlier = session.exec(
        select(VisitOutcome).where(VisitOutcome.booking_id == booking_id, VisitOutcome.day == day)
    ).first()
    if earlier is not None:
        session.delete(earlier)
        session.flush()
    session.add(
        VisitOutcome(
            booking_id=booking_id,
            day=day,
            outcome=ended.value,
            people=people,
            start_s=outcome.start_s,
            end_s=outcome.end_s,
            at=office.now(),
            who=office.who,
            note=outcome.note,
        )
    )


def outcomes_of(office: Office, first: Date, last: Date) -> Sequence[VisitOutcome]:
    """Everything logged between two days, both included."""
    with reading(office.engine) as session:
        return session.exec(
            select(VisitOutcome)
            .where(VisitOutcome.day >= first, VisitOutcome.day <= last)
            .order_by(col(VisitOutcome.day), col(VisitOutcome.id))
        ).all()
