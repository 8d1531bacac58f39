"""Site sessions as they are stored: found by their reference, their places counted, who is in them, how one ends."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, select

from bookings.models import Booking
from bookings.statuses import Status
from outreach.errors import BadInput, NotFound
from outreach.services._bookings import change_status
from outreach.services.office import Office
from outreach.storage.tables import (
    SITE_PREFIX,
    PlaceState,
    ServiceDay,
    SessionState,
    SitePlace,
    SiteSession,
)

ANY_TYPE = "unknown"
"""The visit type of a session that is for everything."""

_DIGITS = 9


def site_number(text: str) -> int:
    """The number in a session's reference as it may be typed: ``SITE-3``, ``site 3``, full width.

    Raises:
        BadInput: ``SESSION_REFERENCE_UNREADABLE``.
    """
    plain = unicodedata.normalize("NFKC", text).strip().upper().replace(" ", "-")
    digits = plain.removeprefix(SITE_PREFIX)
    if digits == plain or not (digits.isascii() and digits.isdecimal()) or len(digits) > _DIGITS:
        raise BadInput("SESSION_REFERENCE_UNREADABLE")
    return int(digits)


def require_site(session: Session, reference: str) -> SiteSession:
    """The session of a reference, open or not.

    Raises:
        BadInput: ``SESSION_REFERENCE_UNREADABLE``.
        NotFound: ``SESSION_UNKNOWN``.
    """
    number = site_number(reference)
    found = session.exec(select(SiteSession).where(SiteSession.number == number)).first()
    if found is None:
        raise NotFound("SESSION_UNKNOWN", session=f"{SITE_PREFIX}{number}")
    return found


def is_free(office: Office, place: SitePlace) -> bool:
    """Whether nobody has the place now; one whose hold has run out is nobody's, whether or not anybody has noticed."""
    expired = place.state == PlaceState.HELD and place.expires_at is not None and place.expires_at <= office.now()
    return place.state == PlaceState.FREE or expired


def is_kept(office: Office, place: SitePlace) -> bool:
    """Whether the place is promised to somebody, or held for now."""
    return place.state in (PlaceState.PROMISED, PlaceState.HELD) and not is_free(office, place)


def places_of(session: Session, site_ids: Collection[int]) -> dict[int, tuple[SitePlace, ...]]:
    """The places of each session, by start and seat."""
    rows = session.exec(
        select(SitePlace)
        .where(col(SitePlace.site_session_id).in_(site_ids))
        .order_by(col(SitePlace.start_s), col(SitePlace.seat))
    ).all()
    found: dict[int, tuple[SitePlace, ...]] = {}
    for place in rows:
        found[place.site_session_id] = (*found.get(place.site_session_id, ()), place)
    return found


@dataclass(frozen=True, slots=True)
class Taken:
    """Somebody in a place of a session."""

    place: SitePlace
    booking: Booking


@dataclass(frozen=True, slots=True)
class Site:
    """A session with those who have a place in it now (or were served in one), by start and seat."""

    row: SiteSession
    taken: tuple[Taken, ...]


def sites_named(session: Session, office: Office, references: Collection[str]) -> Mapping[str, Site]:
    """The sessions among some references of a plan's stops, by reference."""
    numbers = [site_number(reference) for reference in references if reference.startswith(SITE_PREFIX)]
    if not numbers:
        return {}
    rows = session.exec(
        select(SiteSession).where(col(SiteSession.number).in_(numbers)).order_by(col(SiteSession.number))
    ).all()
    taken = taken_in(session, [row.id or 0 for row in rows])
    return {
        row.reference: Site(
            row,
            tuple(
                each
                for each in taken.get(row.id or 0, ())
                if is_kept(office, each.place) or each.place.state == PlaceState.DONE
            ),
        )
        for row in rows
    }


def taken_in(session: Session, site_ids: Collection[int]) -> dict[int, tuple[Taken, ...]]:
    """Everybody in a place of each session, in whatever state, by start and seat."""
    rows = session.exec(
        select(SitePlace, Booking)
        .where(col(SitePlace.booking_id) == col(Booking.id), col(SitePlace.site_session_id).in_(site_ids))
        .order_by(col(SitePlace.start_s), col(SitePlace.seat))
    ).all()
    found: dict[int, tuple[Taken, ...]] = {}
    for place, booking in rows:
        found[place.site_session_id] = (*found.get(place.site_session_id, ()), Taken(place, booking))
    return found


def promised_place(session: Session, booking: Booking) -> tuple[SitePlace, ServiceDay] | None:
    """The place a booking is promised, with its day, if any."""
    row = session.exec(
        select(SitePlace, ServiceDay)
        .where(col(SitePlace.site_session_id) == col(SiteSession.id))
        .where(col(SiteSession.service_day_id) == col(ServiceDay.id))
        .where(SitePlace.booking_id == booking.id, SitePlace.state == PlaceState.PROMISED)
    ).first()
    return None if row is None else (row[0], row[1])


@dataclass(frozen=True, slots=True)
class Ended:
    """Who had a place when a session ended: promises ``broken`` and holds ``let_go``; reference and start of each."""

    broken: tuple[tuple[str, int], ...] = ()
    let_go: tuple[tuple[str, int], ...] = ()


def end_site(session: Session, office: Office, site_id: int, *, why: str = "") -> Ended:
    """Cancel a session: places promised are broken and stay listed until each is settled, places held are let go.

    The bookings of broken places stay confirmed, as those of broken visits do; a held one waits again.
    """
    site = session.get_one(SiteSession, site_id)
    site.state, site.ended_at = SessionState.CANCELLED.value, office.now()
    session.add(site)
    broken: list[tuple[str, int]] = []
    let_go: list[tuple[str, int]] = []
    for each in taken_in(session, [site_id]).get(site_id, ()):
        place, booking = each.place, each.booking
        if place.state == PlaceState.PROMISED:
            place.state = PlaceState.BROKEN.value
            broken.append((booking.reference, place.start_s))
        elif place.state == PlaceState.HELD:
            if is_kept(office, place):
                let_go.append((booking.reference, place.start_s))
            place.state, place.booking_id, place.expires_at = PlaceState.FREE.value, None, None
            if booking.status == Status.HELD:
                change_status(session, office, booking, Status.REQUESTED, why=why)
        session.add(place)
    session.flush()
    return Ended(tuple(broken), tuple(let_go))
