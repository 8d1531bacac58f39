"""Takes places of site sessions: one seat to one booking, and what the booking had before ends in the same transaction.

The place's row is what two clerks race for: it goes to whoever finds it free when writing (compare and swap). "Full" is
said only where every seat is somebody's at that moment.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date as Date
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from bookings.models import Booking
from bookings.privacy import require_clean
from bookings.statuses import Status, require_step
from outreach.errors import Refused
from outreach.programme.durations import is_group, service_s
from outreach.programme.rules import Rules
from outreach.services._bookings import Kept, end_kept, kept_of, promise_of, release_broken, require_booking
from outreach.services._day_writes import DayChanged, touch_day
from outreach.services._days import read_day
from outreach.services._holds import lapse
from outreach.services._once import Receipt
from outreach.services._patience import until_stored
from outreach.services._promising import remainder_of, store_remainder, take_steps
from outreach.services._quoting import AGAINST_WISH, Asked, asked_by, day_refusal, may_come
from outreach.services._sites import ANY_TYPE, is_free, places_of, require_site
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy, PlaceState, ServiceDay, SessionState, SitePlace, SiteSession
from routing.problem import clock_text

PLACE_TOO_SHORT = "PLACE_TOO_SHORT"
"""The rule that everybody of a booking must be done before the next one's turn; a clerk's word may pass it."""


@dataclass(frozen=True, slots=True)
class PlaceKept:
    """A place of a session kept for a booking: held ``until`` a time, or promised where that is empty.

    ``name`` is the hall's. ``moved_from``: day and window given up for it. ``ghost``: the stop it had before had to
    stay on its day for now.
    """

    reference: str
    session: str
    name: str
    name_en: str
    day: Date
    start_s: int
    length_s: int
    seat: int
    van: str
    until: datetime | None = None
    moved_from: tuple[Date, int, int] | None = None
    ghost: bool = False

    def named(self, language: str) -> str:
        """The hall's name in one language, the Japanese one where there is no other."""
        return self.name_en if language == "en" and self.name_en else self.name


@dataclass(frozen=True, slots=True)
class _Wish:
    """A place somebody wants. ``firm``: promised at once, not only held."""

    reference: str
    session: str
    start_s: int
    accepted: frozenset[str]
    why: str
    firm: bool


def hold_place(
    office: Office,
    reference: str,
    session_ref: str,
    start_s: int,
    *,
    accept: Collection[str] = (),
    why: str = "",
    key: str = "",
) -> PlaceKept:
    """Keep a place for the caller on the line, for as long as the rules say; a hold it had before ends.

    Args:
        start_s: when the place begins, seconds of the day.
        accept: codes of the rules that may be passed by a clerk's word: ``LEAD_TIME``, ``BEYOND_HORIZON``,
            ``AGAINST_WISH``, ``PLACE_TOO_SHORT``.
        key: the sender's own key of this request (see :mod:`outreach.services._once`).

    Raises:
        NotFound: ``BOOKING_UNKNOWN``, ``SESSION_UNKNOWN``.
        IllegalStep: when the booking's status does not lead to a hold.
        Refused: ``SESSION_FULL`` with the starts that still have a place; ``SESSION_NO_SUCH_START``, ``SESSION_OVER``,
            ``SESSION_OTHER_TYPE``, ``SESSION_NOT_FOR_GROUPS``, ``PLACE_TOO_SHORT``, ``ALREADY_PROMISED``,
            ``DAY_PUBLISHED``; the rule that speaks against the day; ``KEY_REUSED``.
        Busy: ``DAY_BUSY`` when others kept changing the day of its earlier visit until the patience was used up.
        PrivacyError: when the reason holds what must never be kept.
    """
    return _once(office, _Wish(reference, session_ref, start_s, frozenset(accept), why, firm=False), key)


def take_place(
    office: Office,
    reference: str,
    session_ref: str,
    start_s: int,
    *,
    accept: Collection[str] = (),
    why: str = "",
    key: str = "",
) -> PlaceKept:
    """Promise a place; what the booking held or was promised before, a visit or a place, ends in the same transaction.

    Raises:
        Refused: ``SAME_WINDOW`` where it has that place already. See :func:`hold_place` for everything else; with any
            of it nothing has changed.
    """
    return _once(office, _Wish(reference, session_ref, start_s, frozenset(accept), why, firm=True), key)


def _once(office: Office, wish: _Wish, key: str) -> PlaceKept:
    require_clean(wish.why, "why")
    receipt = Receipt(key, "place", asdict(wish) | {"accepted": sorted(wish.accepted)}, PlaceKept)

    def write() -> PlaceKept:
        before = promise_of(office, wish.reference)
        days = [] if before is None else [before[0]]
        return until_stored(office, days, lambda: _take(office, wish, receipt))

    return receipt.once(office, write)


def _take(office: Office, wish: _Wish, receipt: Receipt[PlaceKept]) -> PlaceKept:
    """One try: read, look for what is left of a visit given up, store."""
    with reading(office.engine) as session:
        booking = require_booking(session, wish.reference)
        _require(session, office, booking, wish)
        kept = kept_of(session, office, booking)
        left = read_day(session, office, kept.day) if kept is not None and kept.visit_id else None
        revision = booking.revision
    remainder = None if left is None else remainder_of(office, left, wish.reference)
    try:
        with writing(office.engine) as session:
            if require_booking(session, wish.reference).revision != revision:
                raise DayChanged("BOOKING_CHANGED", reference=wish.reference)
            lapse(session, office)
            booking = require_booking(session, wish.reference)
            site, day = _require(session, office, booking, wish)
            kept = kept_of(session, office, booking)
            if left is not None:
                store_remainder(session, office, left, remainder, MadeBy.MOVE)
                booking, site = require_booking(session, wish.reference), require_site(session, wish.session)
                day = session.get_one(ServiceDay, site.service_day_id)
            ghost = left is not None and (remainder is None or wish.reference in remainder.ghosts)
            done = _store(session, office, wish, booking, site, day, kept, ghost=ghost)
            receipt.keep(session, office, done)
    except IntegrityError as error:
        if "household" in str(error):
            raise Refused("HOUSEHOLD_LIVE", reference=wish.reference) from error
        raise
    return done


def _store(
    session: Session,
    office: Office,
    wish: _Wish,
    booking: Booking,
    site: SiteSession,
    day: ServiceDay,
    kept: Kept | None,
    *,
    ghost: bool,
) -> PlaceKept:
    if kept is not None:
        end_kept(session, office, kept)
    release_broken(session, office, booking.id or 0)
    session.flush()
    until = None if wish.firm else office.now() + timedelta(minutes=office.rules.promises.hold_min(office.channel))
    place = _seat(session, office, wish, booking, site, day, until)
    details: dict[str, object] = {
        "date": day.day.isoformat(),
        "opens_s": place.start_s,
        "closes_s": place.start_s,
        "site": site.reference,
    }
    if kept is not None:
        details["instead_of"] = {"date": kept.day.isoformat(), "opens_s": kept.opens_s, "closes_s": kept.closes_s}
    to = Status.CONFIRMED if wish.firm else Status.HELD
    take_steps(session, office, booking, to, why=wish.why, details=details)
    touch_day(session, office, day)  # the sheets of that day name who comes
    firm_before = kept is not None and kept.held_until is None
    return PlaceKept(
        reference=booking.reference,
        session=site.reference,
        name=site.name,
        name_en=site.name_en,
        day=day.day,
        start_s=place.start_s,
        length_s=place.length_s,
        seat=place.seat,
        van=site.van_id,
        until=until,
        moved_from=(kept.day, kept.opens_s, kept.closes_s) if kept is not None and firm_before else None,
        ghost=ghost,
    )


def _seat(
    session: Session,
    office: Office,
    wish: _Wish,
    booking: Booking,
    site: SiteSession,
    day: ServiceDay,
    until: datetime | None,
) -> SitePlace:
    """A seat that is still free as it is taken: the first whose row says so in the very statement that takes it.

    Raises:
        Refused: ``SESSION_FULL``.
    """
    places = places_of(session, [site.id or 0])[site.id or 0]
    state = PlaceState.PROMISED if until is None else PlaceState.HELD
    for place in places:
        if place.start_s != wish.start_s or place.state != PlaceState.FREE:
            continue
        done = session.connection().execute(
            update(SitePlace)
            .where(col(SitePlace.id) == place.id, col(SitePlace.state) == PlaceState.FREE.value)
            .values(state=state.value, booking_id=booking.id, expires_at=until)
        )
        if done.rowcount == 1:
            session.expire(place)
            return place
    free = sorted({place.start_s for place in places if is_free(office, place)})
    raise Refused(
        "SESSION_FULL",
        session=site.reference,
        date=day.day,
        start_s=wish.start_s,
        free=[clock_text(start_s) for start_s in free] or None,
    )


# -- who may have a place ----------------------------------------------------------------------------------------------


def _require(session: Session, office: Office, booking: Booking, wish: _Wish) -> tuple[SiteSession, ServiceDay]:
    """Refuse what the booking's status, the session, the rules or the resident's own words speak against."""
    if booking.lat is None or booking.people is None or booking.status == Status.DRAFT:
        raise Refused("BOOKING_INCOMPLETE", reference=booking.reference)
    site = require_site(session, wish.session)
    day = session.get_one(ServiceDay, site.service_day_id)
    if site.state != SessionState.OPEN:
        raise Refused("SESSION_OVER", session=site.reference)
    kept = kept_of(session, office, booking)
    now = Status(booking.status)
    if not wish.firm and now is Status.CONFIRMED and kept is not None:
        raise Refused("ALREADY_PROMISED", reference=booking.reference)
    if kept is not None and kept.held_until is None and (kept.site, kept.opens_s) == (site.reference, wish.start_s):
        raise Refused("SAME_WINDOW", reference=booking.reference, date=day.day)
    again = now in (Status.NO_SHOW, Status.UNMET, Status.HELD)
    to = Status.CONFIRMED if wish.firm else Status.HELD
    require_step(booking.reference, Status.REQUESTED if again else now, to)
    length_s = _length_at(session, site, day, wish)
    if day.closed:
        raise Refused("DAY_PUBLISHED", date=day.day)
    _require_type(office.rules, site, booking)
    _require_rules(office, asked_by(booking, wish.accepted), day.day, wish.start_s)
    needed_s = seconds_at_hall(office.rules, booking)
    if needed_s > length_s and PLACE_TOO_SHORT not in wish.accepted:
        raise Refused(PLACE_TOO_SHORT, reference=booking.reference, needed_s=needed_s, length_s=length_s)
    return site, day


def _length_at(session: Session, site: SiteSession, day: ServiceDay, wish: _Wish) -> int:
    """How long a place lasts that begins at the time asked for."""
    lengths = {place.start_s: place.length_s for place in places_of(session, [site.id or 0]).get(site.id or 0, ())}
    if wish.start_s not in lengths:
        raise Refused(
            "SESSION_NO_SUCH_START",
            session=site.reference,
            date=day.day,
            start_s=wish.start_s,
            starts=[clock_text(start_s) for start_s in lengths],
        )
    return lengths[wish.start_s]


def _require_type(rules: Rules, site: SiteSession, booking: Booking) -> None:
    if suits_type(rules, site.visit_type, booking.visit_type):
        return
    if site.visit_type == ANY_TYPE:
        raise Refused("SESSION_NOT_FOR_GROUPS", session=site.reference, reference=booking.reference)
    raise Refused("SESSION_OTHER_TYPE", session=site.reference, reference=booking.reference)


def suits_type(rules: Rules, site_type: str, visit_type: str) -> bool:
    """Whether a session takes bookings of a visit type: one for everything takes all but groups, else its own only."""
    return not is_group(rules, visit_type) if site_type == ANY_TYPE else visit_type == site_type


def _require_rules(office: Office, asked: Asked, day: Date, start_s: int) -> None:
    refusal = day_refusal(office, asked, day)
    if refusal is not None:
        raise refusal
    now = office.now()
    if day == now.date() and start_s <= now.hour * 3600 + now.minute * 60:
        raise Refused("WINDOW_PAST", date=day)
    if not may_come(asked.wishes, day, (start_s, start_s)) and AGAINST_WISH not in asked.accepted:
        raise Refused(AGAINST_WISH, date=day, reference=asked.reference)


def seconds_at_hall(rules: Rules, booking: Booking) -> int:
    """How long a booking takes where the van stands already: everybody in turn, without setting up and packing."""
    kind = rules.visit_types.of(booking.visit_type)
    around_s = 0 if kind is None else (kind.set_up_min + kind.packing_min) * 60
    alone_s = service_s(
        rules,
        visit_type=booking.visit_type,
        people=booking.people or 1,
        under_15=booking.under_15,
        access=booking.access,
    )
    return alone_s - around_s
