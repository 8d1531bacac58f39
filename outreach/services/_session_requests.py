"""What is asked of a site session before any plan is looked for: that it makes sense, that a van could."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date

from sqlmodel import Session

from outreach.errors import BadInput, NotFound, Refused
from outreach.services._day_state import DayState
from outreach.services._day_writes import require_open
from outreach.services._halls import Hall
from outreach.services._sites import ANY_TYPE
from outreach.services._solving import now_on
from outreach.services.office import Office
from outreach.storage.tables import SiteSession, Van
from routing.problem import Shift

MOST_SEATS = 20
SHORTEST_MIN, LONGEST_MIN = 5, 240
LONGEST_TEXT = 100


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """A session to be added.

    Attributes:
        van: with which van; empty: whichever has the least driving with it.
        opens_s, closes_s: from when to when residents are received; setting up and packing come on top.
        seats: how many are received at the same time.
        minutes: how long a place lasts; 0: the step of the city's grid of windows, or as long as one person takes.
        visit_type: what the session is for; empty: anything.
        at: the hall's point, set by a person.
    """

    day: Date
    name: str
    opens_s: int
    closes_s: int
    van: str = ""
    name_en: str = ""
    address: str = ""
    at: tuple[float, float] | None = None
    seats: int = 1
    minutes: int = 0
    visit_type: str = ""


def starts_of(office: Office, request: SessionRequest) -> tuple[int, ...]:
    """When the places begin, if the request makes sense by itself.

    Raises:
        BadInput: see :func:`outreach.services.sessions.add`.
    """
    if not request.name.strip():
        raise BadInput("SESSION_WITHOUT_NAME")
    if max(len(request.name), len(request.name_en)) > LONGEST_TEXT:
        raise BadInput("SESSION_NAME_TOO_LONG", most=LONGEST_TEXT)
    if request.closes_s <= request.opens_s:
        raise BadInput("SESSION_BACKWARDS", opens_s=request.opens_s, closes_s=request.closes_s)
    if not 1 <= request.seats <= MOST_SEATS:
        raise BadInput("SESSION_SEATS_IMPOSSIBLE", most=MOST_SEATS)
    minutes = minutes_of(office, request)
    if not SHORTEST_MIN <= minutes <= LONGEST_MIN:
        raise BadInput("SESSION_MINUTES_IMPOSSIBLE", least=SHORTEST_MIN, most=LONGEST_MIN)
    types = office.rules.visit_types
    if request.visit_type and types.of(request.visit_type) is None:
        raise BadInput("VISIT_TYPE_UNKNOWN", known=list(type(types).model_fields))
    starts = tuple(range(request.opens_s, request.closes_s - minutes * 60 + 1, minutes * 60))
    if not starts:
        raise BadInput(
            "SESSION_WITHOUT_PLACES", opens_s=request.opens_s, closes_s=request.closes_s, length_s=minutes * 60
        )
    return starts


def minutes_of(office: Office, request: SessionRequest) -> int:
    """How many minutes a place lasts: as asked for, else the step of the city's windows, or what one person takes."""
    types = office.rules.visit_types
    kind = types.of(request.visit_type or ANY_TYPE) or types.unknown
    return request.minutes or max(office.rules.windows.step_min, kind.first_person_min)


def require_day_for(session: Session, office: Office, request: SessionRequest, state: DayState) -> tuple[Shift, ...]:
    """The shifts that could carry the session, by calendar, crew and hours.

    Raises:
        NotFound, Refused: see :func:`outreach.services.sessions.add`.
    """
    day = request.day
    site = row_of(office, request, 0, state.day_id, request.van)
    begins_s, ends_s = site.opens_s - site.set_up_s, site.closes_s + site.packing_s
    if day < office.clock.today():
        raise Refused("DAY_PAST", date=day)
    closed = office.calendar.closed_reason(day)
    if closed is not None:
        raise Refused("NOT_A_SERVICE_DAY", findings=[closed], date=day, next=office.calendar.next_service_day(day))
    now_s = now_on(office, state)
    if now_s is not None and begins_s <= now_s:
        raise Refused("WINDOW_PAST", date=day)
    require_open(state)
    if request.van and session.get(Van, request.van) is None:
        raise NotFound("VAN_UNKNOWN", van=request.van)
    if not state.shifts:
        raise Refused("DAY_WITHOUT_SHIFT", date=day)
    shifts = [shift for shift in state.shifts if request.van in ("", shift.id)]
    if not shifts:
        raise NotFound("VAN_NOT_ON_SHIFT", van=request.van, date=day)
    wide_enough = tuple(shift for shift in shifts if shift.start_s <= begins_s and ends_s <= shift.end_s)
    if not wide_enough:
        raise Refused(
            "SESSION_OUTSIDE_SHIFT",
            date=day,
            begins_s=begins_s,
            ends_s=ends_s,
            start_s=min(shift.start_s for shift in shifts),
            end_s=max(shift.end_s for shift in shifts),
        )
    return wide_enough


def row_of(
    office: Office, request: SessionRequest, number: int, day_id: int, van: str, hall: Hall | None = None
) -> SiteSession:
    """The session's row, with setting up and packing by the rules of its visit type."""
    types = office.rules.visit_types
    kind = types.of(request.visit_type or ANY_TYPE) or types.unknown
    where = hall or Hall(0.0, 0.0, "", "", None)
    return SiteSession(
        number=number,
        service_day_id=day_id,
        van_id=van,
        name=request.name.strip(),
        name_en=request.name_en.strip(),
        address=where.address,
        town=where.town,
        district=where.district,
        visit_type=request.visit_type or ANY_TYPE,
        lat=where.lat,
        lon=where.lon,
        opens_s=request.opens_s,
        closes_s=request.closes_s,
        set_up_s=kind.set_up_min * 60,
        packing_s=kind.packing_min * 60,
    )
