"""A resident's own page: opened by a link of 256 bits and the last digits of the phone, to see, change or cancel.

A link nobody has and wrong digits get the same answer after the same steps, and are counted together.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date as Date
from datetime import timedelta

from sqlmodel import Session, select

from bookings.models import Booking
from bookings.statuses import LIVE, Status
from outreach.errors import NotFound, PermissionDenied, Refused
from outreach.services import _public_drafts as drafts
from outreach.services import desk, reception, tries
from outreach.services._bookings import kept_of, require_booking
from outreach.services._intake_city import Call
from outreach.services.desk import WindowRefused
from outreach.services.office import Office
from outreach.services.public_windows import CHANNEL, WHO
from outreach.storage.engine import reading, writing
from outreach.storage.web_tables import OwnLink

DIGITS = 4
_A_MONTH = timedelta(days=31)
_A_DAY_S_GUESSES = 3
"""Times the guesses of one quarter of an hour that a link bears in a day: four digits are soon tried out otherwise."""


@dataclass(frozen=True, slots=True)
class OwnBooking:
    """A booking as its owner sees it: what they typed, and what they were promised.

    Attributes:
        promise: day and window, promised or still held.
        may_change: whether it can be changed and cancelled here: it is living, and not too late.
        waits_for_call: somebody has to settle something by phone first.
    """

    reference: str
    status: Status
    name: str
    visit_type: str
    people: int | None
    under_15: int
    wishes: str
    promise: tuple[Date, int, int] | None
    may_change: bool
    waits_for_call: bool
    revision: int


# -- the link ----------------------------------------------------------------------------------------------------------


def give_link(office: Office, reference: str, token: str) -> None:
    """Let a token open the booking's page until a month after the last day that can be booked now."""
    lasts = _A_MONTH * (office.rules.booking.horizon_months + 1)
    with writing(office.engine) as session:
        booking = require_booking(session, reference)
        if session.get(OwnLink, _digest(token)) is None:
            session.add(
                OwnLink(
                    token_sha256=_digest(token),
                    booking_id=booking.id or 0,
                    created_at=office.now(),
                    expires_at=office.now() + lasts,
                )
            )


def unlock(office: Office, token: str, digits: str, *, ip: str) -> str:
    """The reference of the booking that a link and its digits open.

    Raises:
        PermissionDenied: ``OWN_LINK_WRONG``, the same for a link there is not, one that has ended, and wrong digits.
        TooMany: ``TOO_MANY_TRIES`` by network address or by link.
        Busy: ``TRIES_UNCOUNTED``.
    """
    guesses = tries.link_guesses(office)
    of_a_day = tries.Limit("own_link_day", guesses.tries * _A_DAY_S_GUESSES, tries.DAY_MIN)
    counted = (
        (guesses, ("ip", tries.place_of(ip))),
        (guesses, ("link", _digest(token))),
        (of_a_day, ("link", _digest(token))),
    )
    for limit, what in counted:
        tries.take(office, limit, *what)
    with reading(office.engine) as session:
        link = session.get(OwnLink, _digest(token))
        booking = None if link is None or link.expires_at <= office.now() else session.get(Booking, link.booking_id)
    if booking is None or booking.erased_at is not None or not _fits(booking, digits):
        raise PermissionDenied("OWN_LINK_WRONG")
    for limit, what in counted:
        tries.give_back(office, limit, *what)
    return booking.reference


def open_for(office: Office, key: str, reference: str) -> None:
    """Let a visitor's session see the booking for an hour after it was last touched."""
    drafts.begin_own(office, key, reference)


def opened(office: Office, key: str) -> str:
    """The reference of the booking that a session may see.

    Raises:
        Refused: ``FORM_OVER`` when it may see none, or its hour is over.
    """
    form = drafts.find(office, key)
    if form is None or not form.own:
        raise Refused("FORM_OVER")
    return form.reference


def close(office: Office, key: str) -> None:
    """Leave the page."""
    drafts.erase(office, key)


def _fits(booking: Booking, digits: str) -> bool:
    """Whether these are the last digits of the phone; of the fax or the reference where there is no phone."""
    number = booking.phone_e164 or booking.fax or booking.reference
    last = "".join(sign for sign in number if sign.isascii() and sign.isdigit())[-DIGITS:]
    typed = "".join(sign for sign in unicodedata.normalize("NFKC", digits) if not sign.isspace())
    return len(last) == DIGITS and typed == last


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


# -- the page ----------------------------------------------------------------------------------------------------------


def show(office: Office, reference: str) -> OwnBooking:
    """The booking as its owner sees it.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
    """
    with reading(office.engine) as session:
        booking = require_booking(session, reference)
        kept = kept_of(session, office, booking)
    status = Status(booking.status)
    promise = None if kept is None else (kept.day, kept.opens_s, kept.closes_s)
    return OwnBooking(
        reference=booking.reference,
        status=status,
        name=booking.name,
        visit_type=booking.visit_type,
        people=booking.people,
        under_15=booking.under_15,
        wishes=booking.wishes_text,
        promise=promise,
        may_change=status in LIVE | {Status.DRAFT} and not _too_late(office, promise),
        waits_for_call=status is Status.DRAFT,
        revision=booking.revision,
    )


def require_changeable(office: Office, reference: str) -> OwnBooking:
    """The booking, if it may still be changed here.

    Raises:
        Refused: ``OWN_TOO_LATE`` after the hour until which the rules let residents cancel; ``BOOKING_ENDED``.
    """
    own = show(office, reference)
    if own.status not in LIVE | {Status.DRAFT}:
        raise Refused("BOOKING_ENDED", reference=reference, status=own.status.value)
    if _too_late(office, own.promise):
        raise Refused("OWN_TOO_LATE")
    return own


def change(office: Office, reference: str, answers: dict[str, str], *, key: str) -> None:
    """Change answers of one's own booking; a promised window stays only if it can be kept with the change.

    Raises:
        Refused: ``OWN_TOO_LATE``, ``BOOKING_ENDED``; ``OWN_WINDOW_LOST`` when the promised window cannot be kept with
            the change: nothing has changed; ``EDIT_SPOILS_BOOKING``, ``BOOKING_CHANGED``.
        PrivacyError: when an answer holds what must never be kept.
    """
    require_changeable(office, reference)
    try:
        reception.edit(office.acting_as(WHO, CHANNEL), reference, Call(answers=answers), key=key)
    except WindowRefused as error:
        raise Refused("OWN_WINDOW_LOST") from error


def call_off(office: Office, reference: str, *, key: str) -> None:
    """Cancel one's own booking.

    Raises:
        Refused: ``OWN_TOO_LATE``, ``BOOKING_ENDED``.
    """
    if _is_cancelled(office, reference):
        return  # the page was sent twice
    require_changeable(office, reference)
    desk.cancel(office.acting_as(WHO, CHANNEL), reference, key=key)


def _is_cancelled(office: Office, reference: str) -> bool:
    with reading(office.engine) as session:
        return _status(session, reference) == Status.CANCELLED.value


def _status(session: Session, reference: str) -> str:
    status = session.exec(select(Booking.status).where(Booking.reference == reference)).first()
    if status is None:
        raise NotFound("BOOKING_UNKNOWN", reference=reference)
    return status


def _too_late(office: Office, promise: tuple[Date, int, int] | None) -> bool:
    return promise is not None and office.now() > office.calendar.cancel_deadline(promise[0])
