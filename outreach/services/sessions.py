"""Site sessions: the van stands at a hall for some hours, and residents book places in it.

A session is a promise of its day like any other: it is stored only with a checked plan that keeps it and everything
promised before. Its places are taken one by one (:mod:`outreach.services._seats`); none of them changes the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date as Date

from sqlalchemy import func
from sqlmodel import Session, col, select

from bookings.models import Booking
from bookings.privacy import require_clean
from outreach.errors import BadInput, Because, FindingLike, Refused
from outreach.services._day_state import Candidate, DayState
from outreach.services._day_writes import DayChanged, ensure_day, note_day, store_plan
from outreach.services._days import read_day, read_days, session_promise
from outreach.services._halls import Hall, hall_at
from outreach.services._holds import lapse
from outreach.services._once import Receipt
from outreach.services._patience import until_stored
from outreach.services._plans import ToPhone, person_to_phone
from outreach.services._promising import remainder_of, store_remainder
from outreach.services._seats import PlaceKept, hold_place, take_place
from outreach.services._session_requests import (
    LONGEST_MIN,
    SHORTEST_MIN,
    SessionRequest,
    minutes_of,
    require_day_for,
    row_of,
    starts_of,
)
from outreach.services._session_views import (
    SessionCard,
    SessionView,
    SiteOffer,
    free_places,
    list_sessions,
    show,
    views_of,
)
from outreach.services._sites import end_site, require_site, site_number
from outreach.services._solving import Found
from outreach.services._witness import WindowRefused, witness
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy, ServiceDay, SessionState, SitePlace, SiteSession

__all__ = [
    "LONGEST_MIN",
    "SHORTEST_MIN",
    "PlaceKept",
    "SessionCard",
    "SessionEnded",
    "SessionRequest",
    "SessionView",
    "SiteOffer",
    "add",
    "cancel",
    "free_places",
    "hold_place",
    "list_sessions",
    "show",
    "take_place",
]


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """What cancelling a session did.

    Attributes:
        broken: promises that are broken now, by reference; they stay listed until each has another one.
        let_go: bookings that only held a place, and wait again.
        to_phone: all of them, with the time they were to come.
        ghost: the van's way still leads past the hall until the day is planned better.
        published: the day's plan was in people's hands.
    """

    reference: str
    day: Date
    broken: tuple[str, ...]
    let_go: tuple[str, ...]
    to_phone: tuple[ToPhone, ...]
    ghost: bool
    published: bool


# -- add ---------------------------------------------------------------------------------------------------------------


def add(office: Office, request: SessionRequest, *, why: str = "", key: str = "") -> SessionView:
    """Add a session with its places, if its day can keep it with every promise it has.

    Args:
        key: the sender's own key of this request (see :mod:`outreach.services._once`).

    Raises:
        BadInput: ``SESSION_WITHOUT_NAME``, ``SESSION_NAME_TOO_LONG``, ``SESSION_BACKWARDS``,
            ``SESSION_SEATS_IMPOSSIBLE``, ``SESSION_MINUTES_IMPOSSIBLE``, ``SESSION_WITHOUT_PLACES``,
            ``VISIT_TYPE_UNKNOWN``, ``SESSION_PLACE_MISSING``, ``SESSION_PLACE_UNSURE``.
        NotFound: ``VAN_UNKNOWN``, ``VAN_NOT_ON_SHIFT``.
        Refused: ``DAY_PAST``, ``WINDOW_PAST``, ``NOT_A_SERVICE_DAY``, ``DAY_WITHOUT_SHIFT``, ``DAY_PUBLISHED``,
            ``SESSION_OUTSIDE_SHIFT``; ``SESSION_IMPOSSIBLE`` (proved, with the reasons) or ``SESSION_NOT_FOUND`` (in
            the time given); ``DAY_IN_CONFLICT``, ``PLAN_NOT_MADE``, ``KEY_REUSED``.
        Busy: ``DAY_BUSY`` when others kept changing the day until the patience was used up.
        PrivacyError: when a text holds what must never be kept.
    """
    texts = {"name": request.name, "name_en": request.name_en, "address": request.address, "why": why}
    for field, text in texts.items():
        require_clean(text, field)
    receipt = Receipt(key, "session_add", asdict(request) | {"why": why}, SessionView)

    def write() -> SessionView:
        starts = starts_of(office, request)
        hall = hall_at(office, request.address, request.at)
        with reading(office.engine) as session:
            state = read_days(session, office, [request.day])[request.day]
            require_day_for(session, office, request, state)
        if not state.day_id:
            with writing(office.engine) as session:
                ensure_day(session, request.day)
        return until_stored(office, [request.day], lambda: _add_once(office, request, hall, starts, why, receipt))

    return receipt.once(office, write)


def _add_once(
    office: Office,
    request: SessionRequest,
    hall: Hall,
    starts: Sequence[int],
    why: str,
    receipt: Receipt[SessionView],
) -> SessionView:
    with reading(office.engine) as session:
        state = read_days(session, office, [request.day])[request.day]
        shifts = require_day_for(session, office, request, state)
        number = _next_number(session)
    rows = [row_of(office, request, number, state.day_id, shift.id, hall) for shift in shifts]
    site, found = _least_driving(office, state, rows)
    length_s = minutes_of(office, request) * 60
    with writing(office.engine) as session:
        if _next_number(session) != number:
            raise DayChanged("DAY_CHANGED", date=state.day)  # somebody else opened a session at the same moment
        session.add(site)
        session.flush()
        session.add_all(
            SitePlace(site_session_id=site.id or 0, start_s=start_s, length_s=length_s, seat=seat)
            for start_s in starts
            for seat in range(1, request.seats + 1)
        )
        store_plan(session, office, state, found.problem, found.plan, made_by=MadeBy.CONFIRM, ghosts=found.ghosts)
        note_day(session, office, state.day_id, "session", why=why, details={"session": site.reference})
        session.flush()
        done = views_of(session, office, [(site, request.day)])[0]
        receipt.keep(session, office, done)
    return done


def _next_number(session: Session) -> int:
    return 1 + (session.exec(select(func.max(SiteSession.number))).one() or 0)


def _least_driving(office: Office, state: DayState, rows: Sequence[SiteSession]) -> tuple[SiteSession, Found]:
    """The session on the van with which the whole day drives least, and the checked plan that keeps everything.

    Raises:
        Refused: where no van can: ``SESSION_IMPOSSIBLE`` if that is proved for each, else ``SESSION_NOT_FOUND``.
    """
    best: tuple[SiteSession, Found] | None = None
    refusals: list[WindowRefused] = []
    for site in rows:
        promise = session_promise(site)
        try:
            found = witness(office, state, Candidate(0, promise.place, promise.visit), urgent=True)
        except WindowRefused as refusal:
            refusals.append(refusal)
            continue
        if best is None or found.plan.travel_s < best[1].plan.travel_s:
            best = site, found
    if best is not None:
        return best
    site = rows[0]
    reasons = {(reason.code, str(dict(reason.values))): reason for each in refusals for reason in _reasons_of(each)}
    proved = all(refusal.code == "WINDOW_IMPOSSIBLE" for refusal in refusals)
    raise Refused(
        "SESSION_IMPOSSIBLE" if proved else "SESSION_NOT_FOUND",
        findings=reasons.values(),
        date=state.day,
        opens_s=site.opens_s,
        closes_s=site.closes_s,
    )


def _reasons_of(refusal: WindowRefused) -> tuple[FindingLike, ...]:
    """What forbids the session even alone, or the promise in its way."""
    blocking = refusal.reason_values.get("visit")
    if refusal.findings or not isinstance(blocking, str):
        return refusal.findings
    return (Because("SESSION_IN_THE_WAY", {"reference": blocking}),)


# -- cancel ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Receipt:
    """What is kept under a cancellation's key: references and times, no names."""

    reference: str
    day: Date
    broken: tuple[tuple[str, int], ...]
    let_go: tuple[tuple[str, int], ...]
    ghost: bool
    published: bool


def cancel(office: Office, reference: str, *, why: str, key: str = "") -> SessionEnded:
    """Cancel a session: its places are broken promises, listed with whom to phone; the rest of the day stays kept.

    Raises:
        BadInput: ``SESSION_REFERENCE_UNREADABLE``, ``REASON_NEEDED``.
        NotFound: ``SESSION_UNKNOWN``.
        Refused: ``SESSION_OVER``, ``DAY_PAST``, ``KEY_REUSED``.
        Busy: ``DAY_BUSY`` when others kept changing the day until the patience was used up.
        PrivacyError: when the reason holds what must never be kept.
    """
    require_clean(why, "why")
    number = site_number(reference)
    if not why.strip():
        raise BadInput("REASON_NEEDED")
    receipt = Receipt(key, "session_cancel", {"number": number, "why": why}, _Receipt)

    def write() -> _Receipt:
        with reading(office.engine) as session:
            day = session.get_one(ServiceDay, require_site(session, reference).service_day_id).day
        return until_stored(office, [day], lambda: _cancel_once(office, reference, why, receipt))

    done = receipt.once(office, write)
    return SessionEnded(
        reference=done.reference,
        day=done.day,
        broken=tuple(booking for booking, _ in done.broken),
        let_go=tuple(booking for booking, _ in done.let_go),
        to_phone=_to_phone(office, done.broken + done.let_go),
        ghost=done.ghost,
        published=done.published,
    )


def _cancel_once(office: Office, reference: str, why: str, receipt: Receipt[_Receipt]) -> _Receipt:
    with reading(office.engine) as session:
        site = require_site(session, reference)
        day = session.get_one(ServiceDay, site.service_day_id).day
        state = read_day(session, office, day)
    if site.state != SessionState.OPEN:
        raise Refused("SESSION_OVER", session=site.reference)
    if day < office.clock.today():
        raise Refused("DAY_PAST", date=day)
    assert state is not None
    remainder = remainder_of(office, state, site.reference)
    with writing(office.engine) as session:
        store_remainder(session, office, state, remainder, MadeBy.CANCEL)
        lapse(session, office)
        ended = end_site(session, office, site.id or 0, why=why)
        note_day(
            session,
            office,
            state.day_id,
            "session_cancel",
            why=why,
            details={"session": site.reference, "broken": [booking for booking, _ in ended.broken]},
        )
        done = _Receipt(
            reference=site.reference,
            day=day,
            broken=ended.broken,
            let_go=ended.let_go,
            ghost=remainder is None or site.reference in remainder.ghosts,
            published=state.published is not None,
        )
        receipt.keep(session, office, done)
    return done


def _to_phone(office: Office, starts: Sequence[tuple[str, int]]) -> tuple[ToPhone, ...]:
    with reading(office.engine) as session:
        rows = session.exec(
            select(Booking).where(col(Booking.reference).in_([reference for reference, _ in starts]))
        ).all()
    known = {booking.reference: booking for booking in rows}
    ordered = sorted(starts, key=lambda start: (start[1], start[0]))
    return tuple(person_to_phone(known[reference], start_s, start_s) for reference, start_s in ordered)
