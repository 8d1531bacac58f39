"""Service days as the quotes see them: which may be offered, their standing routes, and the ways to a new place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as Date
from datetime import datetime
from functools import cached_property, lru_cache
from threading import Lock
from typing import TYPE_CHECKING

from bookings.models import Booking
from bookings.statuses import Status
from bookings.wishes import Wishes
from outreach.errors import OutreachError, Refused
from outreach.services._day_state import DayState, Promise
from outreach.services._days import build_problem
from outreach.services._memory import Memory
from outreach.services._solving import now_on
from outreach.services._visits import grid_of, half_of, merged
from outreach.services.office import Office
from routing.insertion import cheapest_insertion, orders_of
from routing.problem import Place, Shift, Visit, Window
from routing.problem import clock_text as clock
from routing.replan import keep_routes
from routing.travel import parameters_sha256

if TYPE_CHECKING:
    from routing.quote import DayRoutes, Effort, QuotedDay

LEAD_TIME, BEYOND_HORIZON, AGAINST_WISH = "LEAD_TIME", "BEYOND_HORIZON", "AGAINST_WISH"
"""Rules that a clerk's word may pass."""

NOBODY = "NEW"
"""The id of a visit that is asked about before there is a booking, or as if there were none."""

URGENT = "URGENT"
"""Accepted by name, it opens the places kept free for urgent cases and call-backs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a window, as far as rules and wishes go: a booking, or somebody on the phone who has none yet."""

    reference: str
    channel: str
    wishes: Wishes
    visit_type: str
    accepted: frozenset[str] = frozenset()

    @property
    def urgent(self) -> bool:
        """Whether the reserve is open to them."""
        return URGENT in self.accepted


def asked_by(booking: Booking, accepted: Collection[str]) -> Asked:
    """The booking as the rules look at it. Somebody who was let down once may have the places kept for call-backs."""
    callback = Status(booking.status) in (Status.NO_SHOW, Status.CONFIRMED)
    return Asked(
        reference=booking.reference,
        channel=booking.channel,
        wishes=Wishes.from_plain(booking.wishes),
        visit_type=booking.visit_type,
        accepted=frozenset(accepted) | ({URGENT} if callback else frozenset()),
    )


@dataclass(frozen=True)
class DayRules:
    """What calendar and rules say, at one moment, against days as a whole for somebody who asks."""

    office: Office
    asked: Asked
    now: datetime

    def against(self, day: Date) -> OutreachError | None:
        """What speaks against a day; ``None``: nothing."""
        calendar, asked = self.office.calendar, self.asked
        reason = calendar.closed_reason(day)
        if reason is not None:
            return Refused("NOT_A_SERVICE_DAY", findings=[reason], date=day, next=calendar.next_service_day(day))
        if day < self.now.date():
            return Refused("WINDOW_PAST", date=day)
        if day < self._earliest and LEAD_TIME not in asked.accepted:
            return Refused(LEAD_TIME, date=day, earliest=self._earliest)
        if day > self._latest and BEYOND_HORIZON not in asked.accepted:
            return Refused(BEYOND_HORIZON, date=day, latest=self._latest)
        if not asked.wishes.may(day) and AGAINST_WISH not in asked.accepted:
            return Refused(AGAINST_WISH, date=day, reference=asked.reference)
        return None

    @cached_property
    def _earliest(self) -> Date:
        return self.office.calendar.earliest_day(self.asked.channel, self.now)

    @cached_property
    def _latest(self) -> Date:
        return self.office.calendar.latest_day(self.now)


def day_refusal(office: Office, asked: Asked, day: Date) -> OutreachError | None:
    """What calendar and rules say against a day as a whole; ``None``: nothing."""
    return DayRules(office, asked, office.now()).against(day)


def window_refusal(office: Office, asked: Asked, day: Date, window: tuple[int, int]) -> OutreachError | None:
    """What speaks against one window: everything against its day, the clock, the grid, the resident's own words."""
    against_day = day_refusal(office, asked, day)
    if against_day is not None:
        return against_day
    now = office.now()
    if day == now.date() and window[1] <= now.hour * 3600 + now.minute * 60:
        return Refused("WINDOW_PAST", date=day)
    grid = grid_of(office, day, asked.visit_type)
    if window not in grid:
        shown = [f"{clock(opens)}-{clock(closes)}" for opens, closes in grid]
        return Refused("WINDOW_OFF_GRID", date=day, opens_s=window[0], closes_s=window[1], windows=shown)
    if not may_come(asked.wishes, day, window) and AGAINST_WISH not in asked.accepted:
        return Refused(AGAINST_WISH, date=day, reference=asked.reference)
    return None


def may_come(wishes: Wishes, day: Date, window: tuple[int, int]) -> bool:
    """Whether nothing the resident said speaks against a window: never mornings, then no morning window."""
    return half_of(window) in wishes.open_halves(day)


# -- a day as it is quoted ---------------------------------------------------------------------------------------------


def quoted_day(
    office: Office, state: DayState, place: Place, windows: Sequence[tuple[int, int]], *, urgent: bool
) -> QuotedDay | None:
    """The day for :mod:`routing.quote`; ``None`` where its promises are not all on a legal plan as things stand."""
    (day,) = quoted_days(office, [(state, windows)], place, urgent=urgent)
    return day


def quoted_days(
    office: Office, days: Sequence[tuple[DayState, Sequence[tuple[int, int]]]], place: Place, *, urgent: bool
) -> list[QuotedDay | None]:
    """Several days, each with the windows in question, as :func:`quoted_day` gives them.

    The ways between the place and all that the days drive to are asked for at once.
    """
    from routing.quote import QuotedDay

    standing = [_tables_of(office, state).routes for state, _ in days]
    ways = _ways_of(
        office, place, (other for routes in standing if routes is not None for other in routes.problem.places)
    )
    found: list[QuotedDay | None] = []
    for (state, windows), routes in zip(days, standing, strict=True):
        if routes is None:
            found.append(None)
            continue
        there_s, back_s = _there_and_back(ways, routes.problem.places)
        found.append(
            QuotedDay(
                routes=routes,
                windows=tuple(Window(*window) for window in windows),
                from_new_s=there_s,
                to_new_s=back_s,
                now_s=now_on(office, state),
                reserves=() if urgent else reserves_of(office, state),
            )
        )
    return found


def effort_of(office: Office, seconds: float) -> Effort:
    """What may be spent on re-planning days; a repeatable office spends solutions."""
    from outreach.services._solving import QUICK_SOLUTIONS
    from routing.quote import Effort

    if office.repeatable:
        return Effort(solutions=QUICK_SOLUTIONS) if seconds else Effort()
    return Effort(seconds=seconds)


def reserves_of(office: Office, state: DayState) -> tuple[Visit, ...]:
    """The places kept free: visits nobody has asked for yet, at the depot, that must still fit beside the promises.

    Of those the rules ask for, the ones that the standing routes still have room for; what an urgent case has taken is
    kept free no longer.
    """
    if not office.rules.promises.reserve_visits or not state.shifts:
        return ()
    tables = _tables_of(office, state)
    rules = (office.rules.promises, office.rules.windows)
    if rules not in tables.reserves:
        tables.reserves[rules] = _reserves_with_room(office, state, tables.routes)
    return tables.reserves[rules]


def _reserves_with_room(office: Office, state: DayState, routes: DayRoutes | None) -> tuple[Visit, ...]:
    if routes is None:
        return ()
    found: list[Visit] = []
    orders: dict[str, tuple[str, ...]] = {} if routes.plan is None else orders_of(routes.plan)
    for reserve in _reserves_asked_for(office, state):
        with_it = replace(routes.problem, visits=(*routes.problem.visits, *found, reserve))
        insertion = cheapest_insertion(with_it, orders, reserve.id)
        if insertion is not None:
            found.append(reserve)
            orders[insertion.route.shift] = tuple(stop.visit for stop in insertion.route.stops)
    return tuple(found)


def _reserves_asked_for(office: Office, state: DayState) -> list[Visit]:
    rules, now_s = office.rules.promises, now_on(office, state)
    found: list[Visit] = []
    for half in ("morning", "afternoon"):
        windows = [
            Window(*window)
            for window in office.calendar.windows(state.day)
            if half_of(window) == half and (now_s is None or window[0] > now_s)
        ]
        if windows:
            found += [
                Visit(
                    id=f"reserve-{half}-{number}",
                    place=state.shifts[0].start_place,
                    service_s=rules.reserve_visit_min * 60,
                    windows=merged(windows),
                    required=True,
                )
                for number in range(1, rules.reserve_visits + 1)
            ]
    return found


# -- what a process remembers ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Tables:
    """What was worked out of a day with these promises and shifts.

    ``routes``: ``None`` where the promises are not all on a legal plan. ``reserves``: the places kept free, by rules.
    """

    promises: tuple[Promise, ...]
    shifts: tuple[Shift, ...]
    routes: DayRoutes | None
    reserves: dict[object, tuple[Visit, ...]] = field(default_factory=dict)

    def hold(self, state: DayState) -> bool:
        """Whether they are still true of the day. Compared, not hashed: mostly they are the very same promises."""
        return self.promises == state.promises and self.shifts == state.shifts


_TABLES: Memory[_Tables] = Memory(most=256)
"""Days a process keeps: some two months of service days for a few installations, a few megabytes."""

_WORKING_OUT = Lock()

_parameters = lru_cache(maxsize=16)(parameters_sha256)


def _day_key(office: Office, state: DayState) -> tuple[object, ...]:
    """What the tables of a day hang on; a version never means two things, but holds end without raising it."""
    return (
        str(office.engine.url),
        state.day,
        state.version,
        None if state.standing is None else state.standing.id,
        tuple(promise.reference for promise in state.promises),
        office.rules.travel.max_leg_s,
        _parameters(office.travel),
    )


def _tables_of(office: Office, state: DayState) -> _Tables:
    """The day's promises and routes as tables; kept as long as nothing of the day changes."""
    key = _day_key(office, state)
    known = _TABLES.get(key)
    if known is not None and known.hold(state):
        return known
    with _WORKING_OUT:  # of twenty clerks who ask at once, one works it out
        known = _TABLES.get(key)
        if known is not None and known.hold(state):
            return known
        return _TABLES.keep(key, _Tables(state.promises, state.shifts, _routes_of(office, state)))


def _routes_of(office: Office, state: DayState) -> DayRoutes | None:
    from routing.quote import DayRoutes

    problem = build_problem(office, state)
    plan = None
    if state.standing is not None and problem.visits:
        plan = keep_routes(problem, state.standing.plan)
    return None if problem.visits and plan is None else DayRoutes(problem, plan)


_Ways = dict[tuple[float, float], tuple[int | None, int | None]]
"""Driving seconds from a place to others, by where they are, and back."""

_WAYS: Memory[_Ways] = Memory(most=64)
"""New places whose ways a process keeps: a clerk asks again and again about the one on the line."""


def ways_around(
    office: Office, place: Place, others: Sequence[Place]
) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
    """Driving seconds from a place to each of others, and back."""
    return _there_and_back(_ways_of(office, place, others), others)


def _ways_of(office: Office, place: Place, others: Iterable[Place]) -> _Ways:
    """The ways between a place and others, of which there may be hundreds; what is not known yet is asked at once."""
    key = (_parameters(office.travel), place.lat, place.lon)
    known = _WAYS.get(key)
    if known is None:
        known = _WAYS.keep(key, {})
    missing = {at: other for other in others if (at := (other.lat, other.lon)) not in known}
    if missing:
        around = office.travel.around(place, list(missing.values()))
        known |= zip(missing, zip(around.there_s, around.back_s, strict=True), strict=True)
    return known


def _there_and_back(
    ways: Mapping[tuple[float, float], tuple[int | None, int | None]], others: Sequence[Place]
) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
    found = [ways[other.lat, other.lon] for other in others]
    return tuple(there_s for there_s, _ in found), tuple(back_s for _, back_s in found)
