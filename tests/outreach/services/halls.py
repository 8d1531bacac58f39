"""A session in a hall everybody knows: Tuesday 13:00-15:00, four places of half an hour, on van-1."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import col, select

from bookings.models import Booking
from outreach.services import sessions
from outreach.services.office import Office
from outreach.services.sessions import SessionRequest, SessionView
from outreach.storage.engine import reading
from outreach.storage.tables import SitePlace, SiteSession
from tests.outreach.city import NEAR, TUESDAY
from tests.outreach.services.promised import HOUR_S

ONE, HALF_PAST_ONE, TWO, HALF_PAST_TWO = (13 * HOUR_S + half * 1800 for half in range(4))
STARTS = (ONE, HALF_PAST_ONE, TWO, HALF_PAST_TWO)

HALL = SessionRequest(
    day=TUESDAY,
    name="灯台自治公民館",
    name_en="Todai Hall",
    opens_s=ONE,
    closes_s=15 * HOUR_S,
    van="van-1",
    at=(NEAR.lat, NEAR.lon),
    address=NEAR.address,
)


def a_session(office: Office, **changes: object) -> SessionView:
    """The session, stored; ``changes`` replace what is asked for."""
    return sessions.add(office, replace(HALL, **changes))  # type: ignore[arg-type]


def places(office: Office, reference: str = "SITE-1") -> list[tuple[int, int, str, str | None]]:
    """Start, seat, state and whose of every place, in order."""
    with reading(office.engine) as session:
        rows = session.exec(
            select(SitePlace, Booking.reference)
            .join(SiteSession, col(SitePlace.site_session_id) == col(SiteSession.id))
            .join(Booking, col(SitePlace.booking_id) == col(Booking.id), isouter=True)
            .where(SiteSession.number == int(reference.removeprefix("SITE-")))
            .order_by(col(SitePlace.start_s), col(SitePlace.seat))
        ).all()
    return [(place.start_s, place.seat, place.state, whose) for place, whose in rows]


def taken(office: Office, reference: str = "SITE-1") -> list[tuple[int, str, str | None]]:
    """Start, state and whose of every place that is not free."""
    return [(start_s, state, whose) for start_s, _, state, whose in places(office, reference) if state != "free"]
