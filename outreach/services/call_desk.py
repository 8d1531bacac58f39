"""What the page of a call needs beside the booking itself: the address read back, who else has it open, the calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update
from sqlmodel import col, select

from bookings.privacy import require_clean
from bookings.towns import Town
from outreach.services.gazetteer import gazetteer_of
from outreach.services.lookup import BookingCard, show
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

    ``beside`` are the names of others who have it open at this moment.
    """

    card: BookingCard
    read_back: ReadBack | None
    beside: tuple[str, ...]


def record(office: Office, reference: str, *, session_key: str = "") -> CallRecord:
    """One booking for the clerk whose session is ``session_key``; others see from now on that it is open here.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
    """
    card = show(office, reference)
    return CallRecord(card, _read_back(office, card), _beside(office, card.booking.reference, session_key))


def towns_beginning(office: Office, text: str) -> tuple[Town, ...]:
    """Towns of the city for what was typed so far, in kanji, kana or romaji.

    Raises:
        PrivacyError: when the text holds a My Number.
    """
    require_clean(text, "address")
    return gazetteer_of(office).suggest(text.strip(), MOST_TOWNS) if text.strip() else ()


def _read_back(office: Office, card: BookingCard) -> ReadBack | None:
    booking = card.booking
    if booking.town is None or booking.lat is None or booking.lon is None:
        return None
    town = next((town for town in gazetteer_of(office).home_towns if town.town == booking.town), None)
    _, _, rest = booking.address_normalised.partition(booking.town)
    return ReadBack(
        town=booking.town,
        kana="" if town is None else town.kana,
        rest=(rest or "").strip(),
        level=booking.location_level or "",
        lat=booking.lat,
        lon=booking.lon,
    )


def _beside(office: Office, reference: str, session_key: str) -> tuple[str, ...]:
    """Who else has the booking open; notes that this session has."""
    now = office.now()
    with reading(office.engine) as session:
        mine = session.get(WebSession, session_key) if session_key else None
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
    looked_at = None if mine is None else mine.looked_at
    fresh = mine is not None and mine.looking_at == reference and looked_at is not None
    if mine is not None and not (fresh and looked_at is not None and now - looked_at < ASKS_EVERY):
        with writing(office.engine) as session:
            session.connection().execute(
                update(WebSession)
                .where(col(WebSession.id_sha256) == session_key)
                .values(looking_at=reference, looked_at=now)
            )
    return tuple(display or name for display, name in rows)
