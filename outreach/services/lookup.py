"""Looks bookings up: one whole, for the person at the desk, or a list by reference, phone, name or kana."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date as Date
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from bookings.models import Booking, BookingChange, BookingFinding
from bookings.names import fold
from bookings.privacy import require_clean
from bookings.statuses import Status
from outreach.errors import BadInput
from outreach.services._bookings import Kept, kept_of, require_booking
from outreach.services.gazetteer import gazetteer_of
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.tables import PlaceState, ServiceDay, SitePlace, SiteSession, Visit, VisitState


@dataclass(frozen=True, slots=True)
class BookingCard:
    """One booking with all that is known of it, for the person at the desk."""

    booking: Booking
    kept: Kept | None
    findings: tuple[BookingFinding, ...]
    history: tuple[BookingChange, ...]

    @property
    def promise(self) -> tuple[Date, int, int] | None:
        """Day and window that are promised or held, if any."""
        return None if self.kept is None else (self.kept.day, self.kept.opens_s, self.kept.closes_s)


def show(office: Office, reference: str) -> BookingCard:
    """One booking with its promise, findings and history.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
    """
    with reading(office.engine) as session:
        return card_of(session, office, reference)


def card_of(session: Session, office: Office, reference: str) -> BookingCard:
    """The same, for a caller who reads more at the same moment."""
    booking = require_booking(session, reference)
    kept = kept_of(session, office, booking)
    findings = session.exec(
        select(BookingFinding).where(BookingFinding.booking_id == booking.id).order_by(col(BookingFinding.id))
    ).all()
    history = session.exec(
        select(BookingChange).where(BookingChange.booking_id == booking.id).order_by(col(BookingChange.id))
    ).all()
    return BookingCard(booking, kept, tuple(findings), tuple(history))


@dataclass(frozen=True, slots=True)
class Search:
    """What a list of bookings is narrowed by; empty means all."""

    statuses: frozenset[Status] = frozenset()
    text: str = ""
    """A reference, a phone, a part of name or kana, or a town by its reading, as spoken."""
    town: str = ""
    limit: int = 200
    oldest_first: bool = False


def find(office: Office, search: Search) -> tuple[Booking, ...]:
    """Bookings, the newest first (with ``oldest_first`` those that wait longest).

    Raises:
        PrivacyError: when the text searched for holds a My Number.
    """
    require_clean(search.text, "search")
    order = (col(Booking.received_at), col(Booking.id))
    query = select(Booking).order_by(*(order if search.oldest_first else (by.desc() for by in order)))
    query = query.limit(search.limit)
    if search.statuses:
        query = query.where(col(Booking.status).in_(sorted(status.value for status in search.statuses)))
    if search.town:
        query = query.where(Booking.town == search.town)
    if search.text:
        query = query.where(_matches(office, search.text))
    with reading(office.engine) as session:
        return tuple(session.exec(query).all())


def related_to(session: Session, booking: Booking, *, most: int = 8) -> tuple[Booking, ...]:
    """Other bookings of the same phone or household, the newest first: what a caller had to do with us before."""
    phones = [phone for phone in (booking.phone_e164, booking.second_phone_e164) if phone]
    same: list[Any] = []
    if phones:
        same += [col(Booking.phone_e164).in_(phones), col(Booking.second_phone_e164).in_(phones)]
    if booking.household_key:
        same.append(Booking.household_key == booking.household_key)
    if not same:
        return ()
    return tuple(
        session.exec(
            select(Booking)
            .where(or_(*same), Booking.id != booking.id)
            .order_by(col(Booking.received_at).desc(), col(Booking.id).desc())
            .limit(most)
        ).all()
    )


def days_of(session: Session, office: Office, bookings: Iterable[Booking]) -> dict[str, Date]:
    """By reference, the day of each booking's visit or place: kept now, or over. Whoever waits has none."""
    reference = {booking.id: booking.reference for booking in bookings}
    visits = session.exec(
        select(Visit, ServiceDay)
        .where(col(Visit.service_day_id) == col(ServiceDay.id))
        .where(col(Visit.booking_id).in_(reference))
        .where(col(Visit.state) != VisitState.RELEASED)
        .where(or_(col(Visit.state) != VisitState.HELD, col(Visit.expires_at) > office.now()))
        .order_by(col(ServiceDay.day))
    ).all()
    places = session.exec(
        select(SitePlace, ServiceDay)
        .where(col(SitePlace.site_session_id) == col(SiteSession.id))
        .where(col(SiteSession.service_day_id) == col(ServiceDay.id))
        .where(col(SitePlace.booking_id).in_(reference))
        .where(or_(col(SitePlace.state) != PlaceState.HELD, col(SitePlace.expires_at) > office.now()))
    ).all()
    found = {reference[visit.booking_id]: day.day for visit, day in visits}
    return {**found, **{reference[place.booking_id]: day.day for place, day in places}}


def _matches(office: Office, text: str) -> Any:
    text = unicodedata.normalize("NFKC", text).strip()
    folded = fold(_TITLES.sub("", text))
    if not folded:
        return col(Booking.reference) == text.upper()
    conditions = [
        col(Booking.reference) == text.upper(),
        col(Booking.name_folded).contains(folded, autoescape=True),
        col(Booking.kana_folded).contains(folded, autoescape=True),
    ]
    digits = "".join(character for character in text if character.isdecimal())
    if len(digits) >= 4:
        part = digits.lstrip("0")
        conditions += [col(phone).contains(part, autoescape=True) for phone in (Booking.phone_e164, _SECOND)]
    towns = [town.town for town in gazetteer_of(office).by_kana(text)]
    if towns:
        conditions.append(col(Booking.town).in_(towns))
    return or_(*conditions)


_TITLES = re.compile(r"(さま|サマ|様|さん|サン|殿)$")
"""How a name is spoken of: it is not part of it."""

_SECOND = Booking.second_phone_e164


def status_of(text: str) -> Status:
    """A status by its code, with a blank or hyphen for the underscore.

    Raises:
        BadInput: ``STATUS_UNKNOWN``.
    """
    try:
        return Status(text.strip().lower().replace(" ", "_").replace("-", "_"))
    except ValueError:
        raise BadInput("STATUS_UNKNOWN", known=[status.value for status in Status]) from None
