"""What site sessions look like to people: places counted, guests named, free places as offers beside home visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date

from sqlmodel import Session, col, select

from bookings.models import Booking
from outreach.errors import BadInput
from outreach.services._quoting import AGAINST_WISH, Asked, DayRules, may_come, ways_around
from outreach.services._seats import PLACE_TOO_SHORT, seconds_at_hall, suits_type
from outreach.services._sites import ANY_TYPE, is_free, places_of, require_site, taken_in
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.tables import ServiceDay, SessionState, SitePlace, SiteSession, Van
from routing.problem import Place

ABLE_TO_COME = ("yes", "chair")
"""Answers to "can they reach the van?" of residents who may be offered a place in a hall."""


@dataclass(frozen=True, slots=True)
class StartView:
    """The places that begin at one time: how many are free, how many are somebody's (held or promised)."""

    start_s: int
    free: int
    taken: int


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session as it is shown; ``visit_type`` is empty where it is for anything."""

    reference: str
    day: Date
    state: str
    van: str
    van_name: str
    name: str
    name_en: str
    address: str
    town: str
    lat: float
    lon: float
    opens_s: int
    closes_s: int
    set_up_s: int
    packing_s: int
    visit_type: str
    free: int
    taken: int
    starts: tuple[StartView, ...]

    def named(self, language: str) -> str:
        """The hall's name in one language, the Japanese one where there is no other."""
        return self.name_en if language == "en" and self.name_en else self.name


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody in a place of a session."""

    start_s: int
    seat: int
    state: str
    reference: str
    name: str
    kana: str
    people: int
    visit_type: str
    phone: str


@dataclass(frozen=True, slots=True)
class SessionCard:
    """A session with everybody in its places, broken promises included."""

    session: SessionView
    guests: tuple[Guest, ...]


@dataclass(frozen=True, slots=True)
class SiteOffer:
    """Places of a session that are free from one time on, and how long the drive from home to the hall takes."""

    session: str
    day: Date
    name: str
    name_en: str
    start_s: int
    length_s: int
    free: int
    driving_s: int


def list_sessions(office: Office, first: Date, last: Date) -> tuple[SessionView, ...]:
    """The sessions of a span of days, both included, by day and time; those cancelled are among them.

    Raises:
        BadInput: ``PERIOD_BACKWARDS``.
    """
    if last < first:
        raise BadInput("PERIOD_BACKWARDS", first=first, last=last)
    with reading(office.engine) as session:
        rows = session.exec(
            select(SiteSession, col(ServiceDay.day))
            .where(col(SiteSession.service_day_id) == col(ServiceDay.id))
            .where(ServiceDay.day >= first, ServiceDay.day <= last)
            .order_by(col(ServiceDay.day), col(SiteSession.opens_s), col(SiteSession.number))
        ).all()
        return views_of(session, office, [(site, day) for site, day in rows])


def show(office: Office, reference: str) -> SessionCard:
    """One session with everybody in its places.

    Raises:
        BadInput: ``SESSION_REFERENCE_UNREADABLE``.
        NotFound: ``SESSION_UNKNOWN``.
    """
    with reading(office.engine) as session:
        site = require_site(session, reference)
        day = session.get_one(ServiceDay, site.service_day_id).day
        (view,) = views_of(session, office, [(site, day)])
        taken = taken_in(session, [site.id or 0]).get(site.id or 0, ())
        return SessionCard(
            view,
            tuple(_guest(each.place, each.booking) for each in taken if not is_free(office, each.place)),
        )


def _guest(place: SitePlace, booking: Booking) -> Guest:
    return Guest(
        start_s=place.start_s,
        seat=place.seat,
        state=place.state,
        reference=booking.reference,
        name=booking.name,
        kana=booking.kana,
        people=booking.people or 1,
        visit_type=booking.visit_type,
        phone=booking.phone_spoken or booking.second_phone_spoken or booking.fax or booking.mail,
    )


def views_of(session: Session, office: Office, rows: Sequence[tuple[SiteSession, Date]]) -> tuple[SessionView, ...]:
    """Sessions with their days as they are shown."""
    places = places_of(session, [site.id or 0 for site, _ in rows])
    names = {van.id: van.named(office.settings.language) for van in session.exec(select(Van)).all()}
    return tuple(
        _view(office, site, day, names.get(site.van_id, site.van_id), places.get(site.id or 0, ()))
        for site, day in rows
    )


def _view(office: Office, site: SiteSession, day: Date, van_name: str, places: Sequence[SitePlace]) -> SessionView:
    is_open = site.state == SessionState.OPEN
    starts = tuple(
        StartView(
            start_s=start_s,
            free=sum(is_open and is_free(office, place) for place in places if place.start_s == start_s),
            taken=sum(not is_free(office, place) for place in places if place.start_s == start_s),
        )
        for start_s in sorted({place.start_s for place in places})
    )
    return SessionView(
        reference=site.reference,
        day=day,
        state=site.state,
        van=site.van_id,
        van_name=van_name,
        name=site.name,
        name_en=site.name_en,
        address=site.address,
        town=site.town,
        lat=site.lat,
        lon=site.lon,
        opens_s=site.opens_s,
        closes_s=site.closes_s,
        set_up_s=site.set_up_s,
        packing_s=site.packing_s,
        visit_type="" if site.visit_type == ANY_TYPE else site.visit_type,
        free=sum(start.free for start in starts),
        taken=sum(start.taken for start in starts),
        starts=starts,
    )


# -- beside home visits ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OpenSite:
    """A session on a day that is not closed yet, with its places by start and seat."""

    row: SiteSession
    day: Date
    places: tuple[SitePlace, ...]


def free_places(office: Office, days: Sequence[Date], asked: Asked, booking: Booking) -> tuple[SiteOffer, ...]:
    """Places somebody could have instead of a home visit, by day and time; empty for who cannot reach a hall.

    The drive from home must be within the rules' ``promises.hall_reach_min``; the same rules hold as when the place is
    taken, so nothing is offered that would then be refused. A group is offered only sessions for its own visit type.

    Args:
        days: the days to look at.
        asked: who asks, with wishes and accepted codes.
        booking: stored or not; its place, people, access and visit type count.
    """
    with reading(office.engine) as session:
        sites = open_sites(session, days, booking)
    return free_at(office, sites, asked, booking)


def open_sites(session: Session, days: Sequence[Date], booking: Booking) -> tuple[OpenSite, ...]:
    """The sessions of some days that may still take somebody; none for who cannot reach a hall."""
    located = booking.lat is not None and booking.lon is not None
    if not days or not located or booking.people is None or booking.access not in ABLE_TO_COME:
        return ()
    wanted = set(days)
    found = session.exec(
        select(SiteSession, col(ServiceDay.day))
        .where(col(SiteSession.service_day_id) == col(ServiceDay.id), SiteSession.state == SessionState.OPEN)
        .where(col(ServiceDay.day).between(min(wanted), max(wanted)), col(ServiceDay.closed).is_(False))
        .order_by(col(ServiceDay.day), col(SiteSession.opens_s), col(SiteSession.number))
    ).all()
    rows = [(site, day) for site, day in found if day in wanted]
    places = places_of(session, [site.id or 0 for site, _ in rows]) if rows else {}
    return tuple(OpenSite(site, day, places.get(site.id or 0, ())) for site, day in rows)


def free_at(office: Office, sites: Sequence[OpenSite], asked: Asked, booking: Booking) -> tuple[SiteOffer, ...]:
    """Those places of sessions that :func:`free_places` offers."""
    rules = DayRules(office, asked, office.now())
    sites = [
        site
        for site in sites
        if suits_type(office.rules, site.row.visit_type, booking.visit_type) and rules.against(site.day) is None
    ]
    if not sites or booking.lat is None or booking.lon is None:
        return ()
    home = Place("home", booking.lat, booking.lon)
    ways, _ = ways_around(office, home, [Place(site.row.reference, site.row.lat, site.row.lon) for site in sites])
    reach_s = office.rules.promises.hall_reach_min * 60
    needed_s = 0 if PLACE_TOO_SHORT in asked.accepted else seconds_at_hall(office.rules, booking)
    return tuple(
        offer
        for site, driving_s in zip(sites, ways, strict=True)
        if driving_s is not None and driving_s <= reach_s
        for offer in _offers(office, asked, site, driving_s, needed_s)
    )


def _offers(office: Office, asked: Asked, site: OpenSite, driving_s: int, needed_s: int) -> list[SiteOffer]:
    """One offer for each start with a free place that suits."""
    now, row, day = office.now(), site.row, site.day
    past_s = now.hour * 3600 + now.minute * 60 if day == now.date() else -1
    free: dict[int, list[SitePlace]] = {}
    for place in site.places:
        suits = place.start_s > past_s and place.length_s >= needed_s
        wished = AGAINST_WISH in asked.accepted or may_come(asked.wishes, day, (place.start_s, place.start_s))
        if suits and wished and is_free(office, place):
            free.setdefault(place.start_s, []).append(place)
    return [
        SiteOffer(row.reference, day, row.name, row.name_en, start_s, seats[0].length_s, len(seats), driving_s)
        for start_s, seats in sorted(free.items())
    ]
