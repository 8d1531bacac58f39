"""Promises at the desk: windows held, confirmed, moved and cancelled, each with a checked plan that keeps the others.

Each use case reads the day, thinks with no transaction open, and stores promise and plan in one transaction under the
day's version. Somebody faster means: read again, decide again, until the time is up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import date as Date
from datetime import datetime, timedelta
from typing import TypeVar

from sqlmodel import Session, col, select

from bookings.models import Booking, BookingChange
from bookings.privacy import require_clean
from bookings.statuses import Status, require_step
from outreach.errors import Refused
from outreach.services._bookings import (
    Kept,
    change_status,
    kept_of,
    promise_of,
    require_booking,
    require_revision,
)
from outreach.services._cancelling import Cancellation, cancel
from outreach.services._day_state import DayState
from outreach.services._day_writes import claim_day
from outreach.services._days import read_day
from outreach.services._holds import lapse
from outreach.services._once import Receipt
from outreach.services._patience import until_decided, until_stored
from outreach.services._promising import Made, Order, put
from outreach.services._quoting import asked_by, window_refusal
from outreach.services._witness import WindowRefused
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy, PlaceState, ServiceDay, SitePlace, Visit, VisitState

__all__ = [
    "Cancellation",
    "Confirmation",
    "Hold",
    "WindowRefused",
    "cancel",
    "confirm",
    "hold",
    "move",
    "promise_of",
]


Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Hold:
    """A window kept for one caller until ``until``: with a checked plan that serves it and everything promised."""

    reference: str
    day: Date
    opens_s: int
    closes_s: int
    van: str
    start_s: int
    until: datetime
    plan_version: int


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A promise made: the window read out, and the van that keeps it as things stand.

    ``requoted``: the hold had expired, and the same window was found free again. ``moved_from``: day and window that
    were given up for it. ``ghost``: the stop on the day it was moved from had to stay for now.
    """

    reference: str
    day: Date
    opens_s: int
    closes_s: int
    van: str
    start_s: int
    plan_version: int
    requoted: bool = False
    moved_from: tuple[Date, int, int] | None = None
    ghost: bool = False


# -- hold, confirm, move -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Request:
    """What a caller wants of the desk."""

    reference: str
    day: Date
    window: tuple[int, int]
    accepted: frozenset[str]
    why: str
    seen: int | None = None


def hold(
    office: Office,
    reference: str,
    day: Date,
    window: tuple[int, int],
    *,
    accept: Collection[str] = (),
    why: str = "",
    key: str = "",
    seen: int | None = None,
) -> Hold:
    """Keep a window for the caller on the line, for as long as the rules say; a hold it had before ends.

    Args:
        window: first and last second of the day at which service may begin; one of the city's grid.
        accept: codes of the rules that may be passed by a clerk's word: ``LEAD_TIME``, ``BEYOND_HORIZON``,
            ``AGAINST_WISH``; ``URGENT`` opens the places kept free.
        key: the sender's own key of this request (see :mod:`outreach.services._once`).
        seen: the revision of the booking that was looked at, where the answer is only to stand on that.

    Raises:
        Stale: ``BOOKING_CHANGED`` when the booking has another revision than ``seen``.
        NotFound: ``BOOKING_UNKNOWN``.
        IllegalStep: when the booking's status does not lead to a hold.
        WindowRefused: ``WINDOW_IMPOSSIBLE`` (proved, with the reason) or ``WINDOW_NOT_FOUND`` (in the time given).
        Refused: the rule that speaks against it; ``DAY_IN_CONFLICT`` (the day cannot keep what it has promised
            already); ``PLAN_NOT_MADE`` (the search failed); ``KEY_REUSED``.
        Busy: ``DAY_BUSY`` when others kept changing the day until the patience was used up; never "full".
        PrivacyError: when the reason holds what must never be kept.
    """
    require_clean(why, "why")
    request = _Request(reference, day, window, frozenset(accept), why, seen)
    receipt = Receipt(key, "hold", asdict(request), Hold)

    def attempt(searching: bool) -> Hold:
        until = office.now() + timedelta(minutes=office.rules.promises.hold_min(office.channel))

        def answer(made: Made) -> Hold:
            return Hold(reference, day, *window, made.van, made.start_s, until, made.plan_version)

        require = _promisable(office, request, Status.HELD)
        return _put(office, request, MadeBy.HOLD, require, answer, receipt, searching=searching, until=until)

    def write() -> Hold:
        _refuse_at_once(office, request, _promisable(office, request, Status.HELD))
        return until_decided(office, [day], attempt)

    return receipt.once(office, write)


def confirm(
    office: Office,
    reference: str,
    day: Date | None = None,
    window: tuple[int, int] | None = None,
    *,
    accept: Collection[str] = (),
    why: str = "",
    key: str = "",
    seen: int | None = None,
) -> Confirmation:
    """Promise the window that is held for a booking; or, with ``day`` and ``window``, hold and promise in one go.

    A hold that has expired is quoted again in the same window; the answer says so.

    Raises:
        Refused: ``NOTHING_HELD`` where no window is named and none was held; ``ALREADY_PROMISED``. See :func:`hold` for
            everything else.
    """
    require_clean(why, "why")
    asked = {"reference": reference, "day": day, "window": window, "accept": sorted(accept), "why": why}
    receipt = Receipt(key, "confirm", asked, Confirmation)

    def write() -> Confirmation:
        with reading(office.engine) as session:
            booking = require_booking(session, reference)
            require_revision(booking, seen)
            kept = kept_of(session, office, booking)
            lapsed = None if kept is not None else _lapsed_hold(session, booking)
        held = kept if kept is not None and kept.held_until is not None else None
        wanted = (day, window) if day is not None and window is not None else None
        if held is not None and wanted in (None, (held.day, held.window)):
            done = until_stored(office, [held.day], lambda: _confirm_held(office, reference, why, receipt))
            if done is not None:
                return done
            lapsed = lapsed or (held.day, held.window)  # its time was up at that very moment
        wanted = wanted or lapsed
        if wanted is None:
            raise Refused("NOTHING_HELD" if kept is None else "ALREADY_PROMISED", reference=reference)
        return _promise(
            office, _Request(reference, *wanted, frozenset(accept), why, seen), receipt, requoted=wanted == lapsed
        )

    return receipt.once(office, write)


def move(
    office: Office,
    reference: str,
    day: Date,
    window: tuple[int, int],
    *,
    accept: Collection[str] = (),
    why: str = "",
    key: str = "",
    seen: int | None = None,
) -> Confirmation:
    """Give a promised booking another window: the new one is promised and the old one let go in one transaction.

    Raises:
        Refused: ``NOTHING_TO_MOVE`` where nothing is promised; ``SAME_WINDOW``. See :func:`hold` for everything else;
            with any of it nothing has changed.
    """
    require_clean(why, "why")
    request = _Request(reference, day, window, frozenset(accept), why, seen)
    receipt = Receipt(key, "move", asdict(request), Confirmation)

    def require(session: Session, booking: Booking) -> None:
        kept = kept_of(session, office, booking)
        if kept is None or booking.status != Status.CONFIRMED:
            raise Refused("NOTHING_TO_MOVE", reference=reference, status=booking.status)
        if (kept.day, kept.window) == (day, window):
            raise Refused("SAME_WINDOW", reference=reference, date=day)
        _require_rules(office, booking, request)

    def write() -> Confirmation:
        _refuse_at_once(office, request, require)
        before = promise_of(office, reference)
        days = {day} | (set() if before is None else {before[0]})
        answer = _confirmation(request)
        return until_decided(
            office,
            days,
            lambda searching: _put(office, request, MadeBy.MOVE, require, answer, receipt, searching=searching),
        )

    return receipt.once(office, write)


def _promise(office: Office, request: _Request, receipt: Receipt[Confirmation], *, requoted: bool) -> Confirmation:
    """Hold and confirm in one go."""
    require = _promisable(office, request, Status.CONFIRMED)
    answer = _confirmation(request, requoted=requoted)
    _refuse_at_once(office, request, require)
    return until_decided(
        office,
        [request.day],
        lambda searching: _put(office, request, MadeBy.CONFIRM, require, answer, receipt, searching=searching),
    )


def _confirmation(request: _Request, *, requoted: bool = False) -> Callable[[Made], Confirmation]:
    def answer(made: Made) -> Confirmation:
        before = made.before if made.before is not None and made.before.held_until is None else None
        return Confirmation(
            request.reference,
            request.day,
            *request.window,
            made.van,
            made.start_s,
            made.plan_version,
            requoted,
            None if before is None else (before.day, before.opens_s, before.closes_s),
            made.left_ghost,
        )

    return answer


def _put(
    office: Office,
    request: _Request,
    made_by: MadeBy,
    require: Callable[[Session, Booking], None],
    answer: Callable[[Made], Answer],
    receipt: Receipt[Answer],
    *,
    searching: bool,
    until: datetime | None = None,
) -> Answer:
    """One try; the answer is kept under the request's key in the same transaction."""
    answers: list[Answer] = []

    def keep(session: Session, made: Made) -> None:
        answers.append(answer(made))
        receipt.keep(session, office, answers[-1])

    order = Order(
        request.reference,
        request.day,
        request.window,
        made_by,
        expires_at=until,
        accepted=request.accepted,
        require=require,
        why=request.why,
    )
    put(office, order, keep, searching=searching)
    return answers[-1]


def _refuse_at_once(office: Office, request: _Request, require: Callable[[Session, Booking], None]) -> None:
    """What rules and status refuse is refused before anybody waits for the day."""
    with reading(office.engine) as session:
        require(session, require_booking(session, request.reference))


def _promisable(office: Office, request: _Request, to: Status) -> Callable[[Session, Booking], None]:
    """Whether the booking can come to this status in this window, rules and wishes included."""

    def require(session: Session, booking: Booking) -> None:
        if booking.lat is None or booking.people is None or booking.status == Status.DRAFT:
            raise Refused("BOOKING_INCOMPLETE", reference=booking.reference)
        now = Status(booking.status)
        if now is Status.CONFIRMED and kept_of(session, office, booking) is not None:
            raise Refused("ALREADY_PROMISED", reference=booking.reference)
        again = now in (Status.NO_SHOW, Status.UNMET, Status.HELD)
        require_step(booking.reference, Status.REQUESTED if again else now, to)
        _require_rules(office, booking, request)

    return require


def _require_rules(office: Office, booking: Booking, request: _Request) -> None:
    require_revision(booking, request.seen)
    refusal = window_refusal(office, asked_by(booking, request.accepted), request.day, request.window)
    if refusal is not None:
        raise refusal


def _confirm_held(office: Office, reference: str, why: str, receipt: Receipt[Confirmation]) -> Confirmation | None:
    """Make the promise of what is held: the plan serves it already. ``None`` where the time was up after all.

    The day's version is raised, so that whoever takes the hold for expired at this moment finds out.
    """
    with reading(office.engine) as session:
        kept = kept_of(session, office, require_booking(session, reference))
        state = None if kept is None else read_day(session, office, kept.day)
    if kept is None or kept.held_until is None or state is None:
        return None
    with writing(office.engine) as session:
        booking = require_booking(session, reference)
        if kept_of(session, office, booking) != kept:
            lapse(session, office, booking_id=booking.id)
            return None
        if kept.visit_id is not None:
            claim_day(session, state)
            booking = require_booking(session, reference)
            visit = session.get_one(Visit, kept.visit_id)
            visit.state, visit.expires_at, visit.promised_at = VisitState.PROMISED.value, None, office.now()
            session.add(visit)
        else:
            place = session.get_one(SitePlace, kept.place_id)
            place.state, place.expires_at = PlaceState.PROMISED.value, None
            session.add(place)
        session.flush()
        details = {"date": kept.day.isoformat(), "opens_s": kept.opens_s, "closes_s": kept.closes_s, "held": True}
        change_status(session, office, booking, Status.CONFIRMED, why=why, details=details)
        done = _of_held(state, reference, kept)
        receipt.keep(session, office, done)
    return done


def _of_held(state: DayState, reference: str, kept: Kept) -> Confirmation:
    """The confirmation of what the standing plan serves already; a place of a session is where its session is."""
    standing = state.standing
    route = None if standing is None else standing.plan.route_of(kept.site or reference)
    number = 0 if standing is None else standing.number
    if route is None:
        return Confirmation(reference, kept.day, kept.opens_s, kept.closes_s, "", kept.opens_s, number)
    stop = next(stop for stop in route.stops if stop.visit == (kept.site or reference))
    start_s = kept.opens_s if kept.site else stop.start_s
    return Confirmation(reference, kept.day, kept.opens_s, kept.closes_s, route.shift, start_s, number)


def _lapsed_hold(session: Session, booking: Booking) -> tuple[Date, tuple[int, int]] | None:
    """Day and window of the newest hold of a booking, where that has expired and nothing has come after it.

    A place at a hall that was held leaves no row; its hold is not taken up again by itself.
    """
    newest = session.exec(
        select(BookingChange)
        .where(BookingChange.booking_id == booking.id, BookingChange.status_after == Status.HELD.value)
        .order_by(col(BookingChange.id).desc())
        .limit(1)
    ).first()
    if newest is not None and "site" in newest.details:
        return None
    row = session.exec(
        select(Visit, ServiceDay)
        .where(col(Visit.service_day_id) == col(ServiceDay.id), Visit.booking_id == booking.id)
        .order_by(col(Visit.id).desc())
        .limit(1)
    ).first()
    if row is None or row[0].expires_at is None:
        return None
    visit, day = row
    return day.day, (visit.opens_s, visit.closes_s)
