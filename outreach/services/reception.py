"""Takes bookings: typed answers become a draft, a request, or a refusal with its rule; nothing is lost half way.

Confirming a window is the desk's (:mod:`outreach.services.desk`); here a booking comes to be and is corrected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from bookings.errors import PrivacyError
from bookings.findings import Finding, Severity
from bookings.intake import IntakeResult, take
from bookings.located import Candidate
from bookings.models import Booking, BookingFinding
from bookings.privacy import require_clean
from bookings.request import columns
from bookings.statuses import LIVE, Status
from outreach.errors import Busy, Refused
from outreach.services._bookings import Kept, kept_of, require_booking, require_revision
from outreach.services._intake_city import LONG_LEG, Call, intake_context
from outreach.services._intake_writes import status_after, wishes_said_on, write
from outreach.services._once import Receipt
from outreach.services._patience import until_decided
from outreach.services._promising import Made, Order, put
from outreach.services._quoting import URGENT
from outreach.services._seats import PLACE_TOO_SHORT, seconds_at_hall
from outreach.services._visits import grid_of, promised_candidate
from outreach.services._witness import WindowRefused
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy, SitePlace

_TRIES = 50


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a call.

    ``reference`` is empty when nothing was stored (a privacy error, or a dry run). ``candidates`` are towns the address
    may mean.
    """

    reference: str
    status: Status
    findings: tuple[Finding, ...]
    open_answers: tuple[str, ...]
    open_confirms: tuple[str, ...]
    refused_by: str | None
    candidates: tuple[Candidate, ...]

    @property
    def stored(self) -> bool:
        """Whether there is a booking now."""
        return bool(self.reference)

    @property
    def is_good(self) -> bool:
        """Whether nothing speaks against it: requested, or a draft that only lacks answers."""
        errors = any(finding.severity is Severity.ERROR for finding in self.findings)
        return self.stored and not errors and not self.open_confirms and self.refused_by is None


__all__ = ["Call", "Taken", "add", "edit", "merged", "preview"]


def add(office: Office, call: Call, *, received_at: datetime | None = None, key: str = "") -> Taken:
    """Take a new booking.

    Args:
        received_at: when the call came, where that is not now (a file typed in afterwards).
        key: the sender's own key of this request (see :mod:`outreach.services._once`).

    Raises:
        PrivacyError: when an answer holds what must never be kept; nothing is stored.
        BadInput: ``FIELD_UNKNOWN`` for an answer the script does not ask.
        Refused: ``KEY_REUSED``.
    """
    return _once(office, call, "", key, lambda receipt: _store(office, call, None, received_at, receipt))


def edit(office: Office, reference: str, call: Call, *, key: str = "", seen: int | None = None) -> Taken:
    """Change or add answers of a booking; those not given stay as they are.

    Where a window is held or promised and the visit changes (three of us, not two; another house; a wheelchair now),
    its own window is quoted again for the visit as it is now, and the edit stands only with a checked plan for that.

    Args:
        seen: the revision that was looked at, where the edit is only to stand on that.

    Raises:
        Stale: ``BOOKING_CHANGED`` when the booking has another revision than ``seen``.
        NotFound: ``BOOKING_UNKNOWN``.
        WindowRefused: when the promised window cannot be kept with the change; nothing has changed.
        Refused: ``BOOKING_ENDED``, ``BOOKING_CHANGED``, ``EDIT_SPOILS_BOOKING``, ``KEY_REUSED``.
        Busy: ``DAY_BUSY`` when others kept changing the day until the patience was used up.
        PrivacyError: when an answer holds what must never be kept; nothing is stored.
    """

    def write(receipt: Receipt[str]) -> Taken:
        with reading(office.engine) as session:
            booking = require_booking(session, reference)
            kept = kept_of(session, office, booking)
        require_revision(booking, seen)
        if Status(booking.status) not in LIVE | {Status.DRAFT}:
            raise Refused("BOOKING_ENDED", reference=reference, status=booking.status)
        full = merged(office, booking, call)
        if kept is not None:
            changed = visit_changed(office, booking, full)
            if changed is not None:
                return _requoted(office, booking, kept, full, changed, receipt)
        return _store(office, full, booking, None, receipt)

    return _once(office, call, reference, key, write)


def merged(office: Office, booking: Booking, call: Call) -> Call:
    """The call of an edit with everything the booking knows already, accepted codes included."""
    return replace(
        call,
        answers={**booking.answers, **call.answers},
        accept=call.accept | _accepted_codes(office, booking),
        household_reason=call.household_reason or booking.household_reason,
        chosen_town=call.chosen_town or (booking.town or "" if "address" not in call.answers else ""),
    )


def _once(office: Office, call: Call, reference: str, key: str, write: Callable[[Receipt[str]], Taken]) -> Taken:
    """The write, or where its key was answered already, what the booking was left as."""
    asked = {"reference": reference, **asdict(call), "accept": sorted(call.accept)}
    receipt = Receipt(key, "edit" if reference else "add", asked, str)
    done: list[Taken] = []

    def run() -> str:
        done.append(write(receipt))
        return done[-1].reference

    known = receipt.once(office, run)
    return done[-1] if done else _taken_before(office, known)


def _taken_before(office: Office, reference: str) -> Taken:
    """What became of a call that was taken already, as it is stored."""
    with reading(office.engine) as session:
        booking = require_booking(session, reference)
        rows = session.exec(
            select(BookingFinding).where(BookingFinding.booking_id == booking.id).order_by(col(BookingFinding.id))
        ).all()
    findings = tuple(Finding(row.field, row.code, Severity(row.severity), row.details) for row in rows)
    return Taken(
        reference=reference,
        status=Status(booking.status),
        findings=findings,
        open_answers=tuple(booking.open_answers),
        open_confirms=tuple(
            row.code for row in rows if row.severity == Severity.CONFIRM.value and row.accepted_by is None
        ),
        refused_by=booking.refused_by,
        candidates=(),
    )


def preview(office: Office, call: Call) -> IntakeResult:
    """What intake makes of a call, storing nothing.

    Raises:
        BadInput: ``FIELD_UNKNOWN``.
    """
    return take(call.answers, context=intake_context(office, call, existing=None))


def _store(
    office: Office, call: Call, existing: Booking | None, received_at: datetime | None, receipt: Receipt[str]
) -> Taken:
    require_clean(call.household_reason, "household_reason")
    require_clean(call.chosen_town, "town")
    require_clean(call.why, "why")
    for _ in range(_TRIES):
        result = _judged(office, call, existing)
        try:
            with writing(office.engine) as session:
                booking = write(session, office, call, result, existing, received_at)
                receipt.keep(session, office, booking.reference)
        except IntegrityError:
            if receipt.is_known(office):
                raise  # the same request, sent twice at the same moment
            continue  # somebody else took the number, or the household, at the same moment: look again
        return _taken(booking.reference, Status(booking.status), result)
    raise Busy("DAY_BUSY")


FIXED = ("people", "under_15", "access", "needs", "visit_type", "lat", "lon", "long_leg_ok")
"""What a promised window was checked for; with any of it changed the window has to be quoted again."""


def visit_changed(office: Office, booking: Booking, call: Call) -> Booking | None:
    """The booking as the merged call would make it, where that alters the visit; else ``None``. Nothing is stored.

    Raises:
        PrivacyError: when an answer holds what must never be kept.
    """
    result = _judged(office, call, booking)
    assert result.request is not None
    after = Booking(**booking.model_dump())
    for name, value in columns(result.request).items():
        setattr(after, name, value)
    after.long_leg_ok = LONG_LEG in result.accepted
    return after if any(getattr(after, name) != getattr(booking, name) for name in FIXED) else None


def _judged(office: Office, call: Call, existing: Booking | None) -> IntakeResult:
    """What intake makes of the answers.

    Raises:
        PrivacyError: when one of them holds what must never be kept.
    """
    context = replace(intake_context(office, call, existing=existing), today=wishes_said_on(office, call, existing))
    result = take(call.answers, context=context)
    require_kept(result)
    return result


def require_kept(result: IntakeResult) -> None:
    """Require that intake kept the answers.

    Raises:
        PrivacyError: when one of them holds what must never be kept.
    """
    if result.request is None:
        worst = next(finding for finding in result.findings if finding.severity is Severity.ERROR)
        raise PrivacyError(worst.code, "an answer holds what must never be kept", field=worst.field)


def _requoted(office: Office, booking: Booking, kept: Kept, call: Call, after: Booking, receipt: Receipt[str]) -> Taken:
    """Quote the kept window again for the visit as it would be, and store the edit with the plan that shows it."""
    require_clean(call.household_reason, "household_reason")
    require_clean(call.chosen_town, "town")
    require_clean(call.why, "why")
    result = _judged(office, call, booking)
    status_after(Status(booking.status), result)
    if kept.place_id is not None:
        _require_time_at_hall(office, after, kept, call)
        return _store(office, call, booking, None, receipt)
    if after.lat is None or after.people is None:
        raise Refused("EDIT_SPOILS_BOOKING", status=Status.DRAFT.value)
    if kept.window not in grid_of(office, kept.day, after.visit_type):
        raise WindowRefused(
            "WINDOW_IMPOSSIBLE",
            reason="WINDOW_OFF_GRID",
            reference=booking.reference,
            date=kept.day,
            opens_s=kept.opens_s,
            closes_s=kept.closes_s,
        )

    def require(session: Session, now: Booking) -> None:
        if now.revision != booking.revision:
            raise Refused("BOOKING_CHANGED", reference=booking.reference)

    def change(session: Session, _: Booking) -> None:
        write(session, office, call, result, booking, None)

    order = Order(
        booking.reference,
        kept.day,
        kept.window,
        MadeBy.EDIT,
        expires_at=kept.held_until,
        accepted=frozenset({URGENT}),  # the place is theirs already
        require=require,
        candidate=promised_candidate(office, after, kept.window),
        visit_type=after.visit_type,
        change=change,
        takes_step=False,
    )

    def keep(session: Session, _: Made) -> None:
        receipt.keep(session, office, booking.reference)

    until_decided(office, [kept.day], lambda searching: put(office, order, keep, searching=searching))
    return _taken(booking.reference, Status(booking.status), result)


def _require_time_at_hall(office: Office, after: Booking, kept: Kept, call: Call) -> None:
    """A place at a hall has its length; more people than it holds need another one, or a clerk's word."""
    with reading(office.engine) as session:
        place = session.get_one(SitePlace, kept.place_id)
    needed_s = seconds_at_hall(office.rules, after)
    if needed_s > place.length_s and PLACE_TOO_SHORT not in call.accept:
        raise Refused(PLACE_TOO_SHORT, reference=after.reference, needed_s=needed_s, length_s=place.length_s)


def _taken(reference: str, status: Status, result: IntakeResult) -> Taken:
    return Taken(
        reference=reference,
        status=status,
        findings=result.findings,
        open_answers=result.open_answers,
        open_confirms=result.open_confirms,
        refused_by=result.refused_by,
        candidates=result.match.candidates if result.match else (),
    )


def _accepted_codes(office: Office, booking: Booking) -> frozenset[str]:
    """What was accepted by name for a booking stays accepted when it is edited."""
    with reading(office.engine) as session:
        rows = session.exec(
            select(BookingFinding.code).where(
                BookingFinding.booking_id == booking.id, col(BookingFinding.accepted_by).is_not(None)
            )
        ).all()
    return frozenset(rows)
