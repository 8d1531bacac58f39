"""What the page of a call needs beside the booking itself: the address read back, who else has it open, the calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col, select

from bookings.gazetteer import Gazetteer
from bookings.models import Booking
from bookings.privacy import require_clean
from bookings.towns import Town
from outreach.services.gazetteer import gazetteer_in, gazetteer_of
from outreach.services.lookup import BookingCard, card_of, days_of, related_to
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.web_tables import Account, WebSession

LOOKS_FOR = timedelta(minutes=2)
"""A screen counts as open for that long after it last asked."""

ASKS_EVERY = timedelta(seconds=30)
"""How often a screen's asking is noted: a clerk who only looks writes no more than that."""

MOST_TOWNS = 8


@dataclass(frozen=True, slots=True)
class ReadBack:
    """An address as it is read back to the caller: the town with its reading, and what stands behind it."""

    town: str
    kana: str
    rest: str
    level: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One booking as the page of a call shows it.

    ``others`` are what the caller had to do with us before, with the day of each visit that has one in ``days`` (by
    reference); ``beside`` the names of those who have the booking open at
    this moment.
    """

    card: BookingCard
    read_back: ReadBack | None
    others: tuple[Booking, ...]
    beside: tuple[str, ...]
    days: Mapping[str, Date]


def record(office: Office, reference: str, *, session_key: str = "") -> CallRecord:
    """One booking for the clerk whose session is ``session_key``; others see from now on that it is open here.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
    """
    now = office.now()
    with reading(office.engine) as session:
        card = card_of(session, office, reference)
        booking = card.booking
        mine = session.get(WebSession, session_key) if session_key else None
        others = related_to(session, booking)
        found = CallRecord(
            card,
            _read_back(booking, gazetteer_in(session, office)),
            others,
            _beside(session, booking.reference, session_key, now),
            days_of(session, office, others),
        )
    if mine is not None and not _is_noted(mine, booking.reference, now):
        _note_open(office, booking.reference, session_key, now)
    return found


def towns_beginning(office: Office, text: str) -> tuple[Town, ...]:
    """Towns of the city for what was typed so far, in kanji, kana or romaji.

    Raises:
        PrivacyError: when the text holds a My Number.
    """
    require_clean(text, "address")
    return gazetteer_of(office).suggest(text.strip(), MOST_TOWNS) if text.strip() else ()


def _read_back(booking: Booking, gazetteer: Gazetteer) -> ReadBack | None:
    if booking.town is None or booking.lat is None or booking.lon is None:
        return None
    town = next((town for town in gazetteer.home_towns if town.town == booking.town), None)
    _, _, rest = booking.address_normalised.partition(booking.town)
    return ReadBack(
        town=booking.town,
        kana="" if town is None else town.kana,
        rest=(rest or "").strip(),
        level=booking.location_level or "",
        lat=booking.lat,
        lon=booking.lon,
    )


def _beside(session: Session, reference: str, session_key: str, now: datetime) -> tuple[str, ...]:
    """Who else has the booking open."""
    rows = session.exec(
        select(Account.display_name, Account.name)
        .where(col(WebSession.account_id) == col(Account.id))
        .where(
            WebSession.looking_at == reference,
            col(WebSession.ended_at).is_(None),
            col(WebSession.looked_at) > now - LOOKS_FOR,
            WebSession.id_sha256 != session_key,
        )
        .distinct()
        .order_by(col(Account.name))
    ).all()
    return tuple(display or name for display, name in rows)


def _is_noted(mine: WebSession, reference: str, now: datetime) -> bool:
    """Whether the others see already that this session has the booking open."""
    return mine.looking_at == reference and mine.looked_at is not None and now - mine.looked_at < ASKS_EVERY


def _note_open(office: Office, reference: str, session_key: str, now: datetime) -> None:
    with writing(office.engine) as session:
        session.connection().execute(
            update(WebSession)
            .where(col(WebSession.id_sha256) == session_key)
            .values(looking_at=reference, looked_at=now)
        )
