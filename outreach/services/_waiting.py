"""Waiting bookings: which of them a day could take in, and which fits best where a place became free."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session, col, select

from bookings.models import Booking
from bookings.statuses import Status
from bookings.wishes import Wishes
from outreach.services._bookings import Kept
from outreach.services._day_state import Candidate, DayState
from outreach.services._days import read_day
from outreach.services._quoting import NOBODY, ways_around
from outreach.services._solving import Found, without_visits
from outreach.services._visits import optional_candidate
from outreach.services.office import Office
from outreach.storage.engine import reading
from routing.problem import Window
from routing.replan import keep_routes

MOST_PROPOSALS = 30
"""Waiting bookings offered to one day: more than its crews could serve, few enough to search well."""


def waiting_for(session: Session, office: Office, state: DayState) -> tuple[Candidate, ...]:
    """Waiting bookings whose wishes include the day, as optional visits: the longest waiting first."""
    rows = session.exec(
        select(Booking)
        .where(Booking.status == Status.REQUESTED.value, col(Booking.lat).is_not(None))
        .order_by(col(Booking.received_at), col(Booking.id))
    ).all()
    found: list[Candidate] = []
    for booking in rows:
        wishes = Wishes.from_plain(booking.wishes)
        if booking.reference in state.promised or not wishes.allows(state.day):
            continue
        candidate = optional_candidate(office, booking, state.day, wishes.half_days(state.day))
        if candidate is not None:
            found.append(candidate)
        if len(found) == MOST_PROPOSALS:
            break
    return tuple(found)


def best_waiting(office: Office, freed: Kept, remainder: Found | None) -> str:
    """The reference of the waiting booking that fits best into the day a place became free on; empty for none.

    Fits best: goes into the routes that are left with the least more driving; of equals the longest waiting.
    """
    from routing.quote import DayRoutes, Effort, QuotedDay, quote_days

    with reading(office.engine) as session:
        state = read_day(session, office, freed.day)
        candidates = () if state is None or state.closed else waiting_for(session, office, state)
    if remainder is None or not candidates:
        return ""
    problem = without_visits(remainder.problem, {visit.id for visit in remainder.problem.visits if not visit.required})
    plan = keep_routes(problem, remainder.plan)
    if plan is None:
        return ""
    routes = DayRoutes(problem, plan if plan.routes else None)
    best: tuple[int, str] | None = None
    for candidate in candidates:
        windows = tuple(
            Window(*window)
            for window in office.calendar.windows(freed.day)
            if any(within.opens_s <= window[0] and window[1] <= within.closes_s for within in candidate.visit.windows)
        )
        day = QuotedDay(routes, windows, *ways_around(office, candidate.place, problem.places))
        # Under another id: a stop of its own may stand on the day still, from a promise it had before.
        visit, place = replace(candidate.visit, id=NOBODY, place=NOBODY), replace(candidate.place, id=NOBODY)
        quotes = quote_days(visit, place, [day], effort=Effort(exhaustive_visits=0), most=1).quotes
        if quotes and (best is None or quotes[0].detour_s < best[0]):
            best = (quotes[0].detour_s, candidate.visit.id)
    return "" if best is None else best[1]
