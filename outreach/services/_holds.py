"""Holds end by the clock: whoever writes lets go of those whose time is up, in the same transaction."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from bookings.models import Booking
from bookings.statuses import Status
from outreach.services._bookings import change_status
from outreach.services.office import Office
from outreach.storage.engine import writing
from outreach.storage.tables import PlaceState, SitePlace, Visit, VisitState


def lapse(
    session: Session,
    office: Office,
    *,
    day_id: int | None = None,
    booking_id: int | None = None,
    read_at: datetime | None = None,
) -> list[str]:
    """End the holds that have expired, of one day or of one booking or all; returns the references.

    Args:
        read_at: when the writer read what it thought about. What had expired by then ends, even if the clock was put
            back since: the plan about to be stored has no stop for it.

    Nobody else's work is touched: who read the day since then counted them as nobody's already, and who read it before
    keeps a stop more than needed. So the day's version stays.
    """
    ended: list[str] = []
    now = office.now() if read_at is None else max(office.now(), read_at)
    for visit, booking in _expired_visits(session, now, day_id, booking_id):
        visit.state, visit.ended_at = VisitState.RELEASED.value, visit.expires_at
        session.add(visit)
        ended.append(_let_go(session, office, booking))
    for place, booking in _expired_places(session, now, booking_id) if day_id is None else ():
        place.state, place.booking_id, place.expires_at = PlaceState.FREE.value, None, None
        session.add(place)
        ended.append(_let_go(session, office, booking))
    session.flush()
    return ended


def sweep(office: Office) -> tuple[str, ...]:
    """End every expired hold there is; for whoever passes by at night."""
    with writing(office.engine) as session:
        return tuple(lapse(session, office))


def _expired_visits(
    session: Session, now: datetime, day_id: int | None, booking_id: int | None
) -> list[tuple[Visit, Booking]]:
    query = (
        select(Visit, Booking)
        .where(col(Visit.booking_id) == col(Booking.id), Visit.state == VisitState.HELD)
        .where(col(Visit.expires_at) <= now)
        .order_by(col(Visit.id))
    )
    if day_id is not None:
        query = query.where(Visit.service_day_id == day_id)
    if booking_id is not None:
        query = query.where(Visit.booking_id == booking_id)
    return [(visit, booking) for visit, booking in session.exec(query).all()]


def _expired_places(session: Session, now: datetime, booking_id: int | None) -> list[tuple[SitePlace, Booking]]:
    query = (
        select(SitePlace, Booking)
        .where(col(SitePlace.booking_id) == col(Booking.id), SitePlace.state == PlaceState.HELD)
        .where(col(SitePlace.expires_at) <= now)
        .order_by(col(SitePlace.id))
    )
    if booking_id is not None:
        query = query.where(SitePlace.booking_id == booking_id)
    return [(place, booking) for place, booking in session.exec(query).all()]


def _let_go(session: Session, office: Office, booking: Booking) -> str:
    if booking.status == Status.HELD:
        change_status(session, office, booking, Status.REQUESTED, what="expiry")
    return booking.reference
