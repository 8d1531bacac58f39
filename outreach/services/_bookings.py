"""What every use case does with a booking: find it, take a step of its life, see what it is promised, end that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from bookings.models import Booking
from bookings.statuses import Status, require_step
from outreach.errors import NotFound, Stale
from outreach.services._history import note_booking
from outreach.services._outdated import touch_day
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.tables import PlaceState, ServiceDay, SitePlace, SiteSession, Visit, VisitState


def require_booking(session: Session, reference: str) -> Booking:
    """The booking of a reference.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
    """
    booking = session.exec(select(Booking).where(Booking.reference == reference)).first()
    if booking is None:
        raise NotFound("BOOKING_UNKNOWN", reference=reference)
    return booking


def require_revision(booking: Booking, seen: int | None) -> None:
    """Refuse a change by somebody who looked at another revision of the booking.

    Raises:
        Stale: ``BOOKING_CHANGED``.
    """
    if seen is not None and booking.revision != seen:
        raise Stale("BOOKING_CHANGED", reference=booking.reference)


def change_status(
    session: Session,
    office: Office,
    booking: Booking,
    following: Status,
    *,
    what: str = "status",
    why: str = "",
    details: dict[str, object] | None = None,
) -> None:
    """Take one legal step of a booking's life and keep who, when and why.

    Args:
        what: the word of its row in the history (``history.<what>``).

    Raises:
        IllegalStep: for a step the life of a booking does not have.
    """
    before = Status(booking.status)
    require_step(booking.reference, before, following)
    booking.status = following.value
    booking.changed_at = office.now()
    booking.revision += 1
    session.add(booking)
    note_booking(session, office, booking, what, status_before=before.value, why=why, details=details)


def promised_visit(session: Session, booking: Booking) -> Visit | None:
    """The promise a booking holds, if any."""
    return session.exec(select(Visit).where(Visit.booking_id == booking.id, Visit.state == VisitState.PROMISED)).first()


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept for a booking: a visit in a window of a day, or a place of a site session; held, or promised.

    ``site`` is the session's reference for a place.
    """

    day: Date
    day_id: int
    opens_s: int
    closes_s: int
    held_until: datetime | None = None
    visit_id: int | None = None
    place_id: int | None = None
    site: str = ""

    @property
    def window(self) -> tuple[int, int]:
        """First and last second at which service may begin."""
        return self.opens_s, self.closes_s


def kept_of(session: Session, office: Office, booking: Booking) -> Kept | None:
    """What is kept for the booking now; a hold whose time is up keeps nothing."""
    row = session.exec(
        select(Visit, ServiceDay)
        .where(col(Visit.service_day_id) == col(ServiceDay.id))
        .where(
            Visit.booking_id == booking.id,
            or_(
                col(Visit.state) == VisitState.PROMISED,
                and_(col(Visit.state) == VisitState.HELD, col(Visit.expires_at) > office.now()),
            ),
        )
    ).first()
    if row is not None:
        visit, day = row
        held_until = visit.expires_at if visit.state == VisitState.HELD else None
        return Kept(day.day, day.id or 0, visit.opens_s, visit.closes_s, held_until, visit_id=visit.id)
    taken = session.exec(
        select(SitePlace, SiteSession, ServiceDay)
        .where(col(SitePlace.site_session_id) == col(SiteSession.id))
        .where(col(SiteSession.service_day_id) == col(ServiceDay.id))
        .where(
            SitePlace.booking_id == booking.id,
            or_(
                col(SitePlace.state) == PlaceState.PROMISED,
                and_(col(SitePlace.state) == PlaceState.HELD, col(SitePlace.expires_at) > office.now()),
            ),
        )
    ).first()
    if taken is None:
        return None
    place, site, day = taken
    return Kept(
        day.day,
        day.id or 0,
        place.start_s,
        place.start_s,
        place.expires_at if place.state == PlaceState.HELD else None,
        place_id=place.id,
        site=site.reference,
    )


def end_kept(session: Session, office: Office, kept: Kept) -> None:
    """Let go of what is kept for a booking: the visit is released, the place free again."""
    if kept.visit_id is not None:
        visit = session.get_one(Visit, kept.visit_id)
        visit.state, visit.ended_at = VisitState.RELEASED.value, office.now()
        session.add(visit)
    if kept.place_id is not None:
        place = session.get_one(SitePlace, kept.place_id)
        place.state, place.booking_id, place.expires_at = PlaceState.FREE.value, None, None
        session.add(place)
        touch_day(session, office, session.get_one(ServiceDay, kept.day_id))  # its sheets name who comes


def promise_of(office: Office, reference: str) -> tuple[Date, int, int] | None:
    """Day and window that a booking is promised, or that is held for it, if any."""
    with reading(office.engine) as session:
        kept = kept_of(session, office, require_booking(session, reference))
    return None if kept is None else (kept.day, kept.opens_s, kept.closes_s)


def release_broken(session: Session, office: Office, booking_id: int) -> None:
    """A broken promise is settled by a new one or by a cancellation."""
    broken = session.exec(select(Visit).where(Visit.booking_id == booking_id, Visit.state == VisitState.BROKEN)).all()
    for visit in broken:
        visit.state = VisitState.RELEASED.value
        visit.ended_at = office.now()
        session.add(visit)
    places = session.exec(
        select(SitePlace).where(SitePlace.booking_id == booking_id, SitePlace.state == PlaceState.BROKEN)
    ).all()
    for place in places:
        place.state, place.booking_id = PlaceState.FREE.value, None
        session.add(place)
