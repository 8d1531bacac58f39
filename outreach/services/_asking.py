"""For whom windows are looked for: a stored booking, or the one that answers given on the phone would make."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlmodel import Session

from bookings.findings import Finding, Severity
from bookings.models import Booking
from bookings.privacy import require_clean
from bookings.request import columns
from bookings.statuses import LIVE, Status
from bookings.wishes import read_wishes
from outreach.errors import BadInput, Refused
from outreach.services._bookings import require_booking
from outreach.services._day_state import Candidate
from outreach.services._intake_city import LONG_LEG, Call
from outreach.services._quoting import NOBODY, Asked, asked_by
from outreach.services._visits import promised_candidate
from outreach.services.office import Office
from outreach.services.reception import preview, require_kept
from outreach.storage.engine import reading

MAY_HAVE_ONE = LIVE | {Status.NO_SHOW, Status.UNMET}
"""Bookings that may be given a window, the first or another one."""


@dataclass(frozen=True, slots=True)
class Ask:
    """For whom windows are looked for: a booking by reference, or answers given on the phone before there is one.

    With both, the booking as these answers (all of them, see :func:`outreach.services.reception.merged`) would make it.
    ``wish`` is said now and goes before the booking's own wishes.
    """

    reference: str = ""
    call: Call | None = None
    wish: str = ""
    accept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Subject:
    """Who asks, and the booking they have or would have; ``doubts`` are what is to be asked about the wish said now."""

    asked: Asked
    booking: Booking
    doubts: tuple[Finding, ...] = ()

    def candidate(self, office: Office, window: tuple[int, int]) -> Candidate:
        """The booking as a visit that must be served in one window."""
        return promised_candidate(office, self.booking, window)


def subject_of(office: Office, ask: Ask) -> Subject:
    """Somebody on the phone, or the booking named.

    Raises:
        See :func:`outreach.services.slots.find`.
    """
    subject = subject_of_call(office, ask)
    if subject is None:
        with reading(office.engine) as session:
            subject = stored_subject(session, office, ask)
    return subject


def subject_of_call(office: Office, ask: Ask) -> Subject | None:
    """Somebody whose answers are given, which may take a look at the map; ``None`` where only a booking is named."""
    return None if ask.call is None else _wishing(office, ask, _imagined(office, ask.call, ask.reference or NOBODY))


def stored_subject(session: Session, office: Office, ask: Ask) -> Subject:
    """The booking named, as it is stored."""
    booking = require_booking(session, ask.reference)
    if booking.lat is None or booking.people is None or booking.status == Status.DRAFT:
        raise Refused("BOOKING_INCOMPLETE", reference=booking.reference)
    if Status(booking.status) not in MAY_HAVE_ONE:
        raise Refused("BOOKING_ENDED", reference=booking.reference, status=booking.status)
    return _wishing(office, ask, booking)


def _wishing(office: Office, ask: Ask, booking: Booking) -> Subject:
    """The booking with the wish that is said now, if any."""
    for text in (ask.wish, *sorted(ask.accept)):
        require_clean(text, "wish")
    asked = asked_by(booking, ask.accept)
    doubts: tuple[Finding, ...] = ()
    if ask.wish.strip():
        wishes = read_wishes(ask.wish, today=office.clock.today())
        wrong = [finding for finding in wishes.findings if finding.severity is Severity.ERROR]
        if wrong:
            raise BadInput("WISH_UNUSABLE", findings=wrong)
        asked, doubts = replace(asked, wishes=wishes), wishes.findings
    return Subject(asked, booking, doubts)


def _imagined(office: Office, call: Call, reference: str) -> Booking:
    """The booking these answers would make, of nobody and nowhere stored."""
    result = preview(office, call)
    require_kept(result)
    assert result.request is not None
    if result.refused_by is not None:
        about = [finding for finding in result.findings if finding.code == result.refused_by]
        raise Refused("NOT_ELIGIBLE", findings=about, rule=result.refused_by)
    if result.request.lat is None or result.request.lon is None:
        about = [finding for finding in result.findings if finding.field == "address"]
        raise BadInput("PLACE_UNKNOWN", findings=about)
    if result.request.people is None:
        about = [finding for finding in result.findings if finding.field == "people"]
        raise BadInput("PEOPLE_NEEDED", findings=about)
    now = office.now()
    booking = Booking(
        id=0,
        reference=reference,
        status=Status.REQUESTED.value,
        received_at=now,
        changed_at=now,
        **columns(result.request),
    )
    booking.long_leg_ok = LONG_LEG in result.accepted
    return booking
