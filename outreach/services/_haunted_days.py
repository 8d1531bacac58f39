"""Windows of days whose promises hang on a stop nobody waits for any more (a ghost).

The standing routes without the ghost are not legal, so there is nothing to insert into; a new visit may stand in for
the ghost as a stepping stone, or the ghost stays. What decides a promise decides here too, window by window.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from outreach.services._day_state import Candidate, DayState
from outreach.services._offers import NOT_FOUND_IN_TIME, NotOffered, Offer
from outreach.services._solving import Found, find_plan
from outreach.services.office import Office
from routing.check import check
from routing.errors import SolveError
from routing.problem import Window


def offers_beside_ghosts(
    office: Office,
    state: DayState,
    candidate: Candidate,
    windows: Sequence[tuple[int, int]],
    *,
    wished: frozenset[tuple[int, int]],
    seconds: float,
) -> tuple[list[Offer], list[NotOffered]]:
    """The windows of such a day that can be kept, and those for which no plan was found in the time given.

    Args:
        wished: the windows the resident asked for; only of those is said why not.
        seconds: for all windows together; with none the day is not looked into.
    """
    offers: list[Offer] = []
    refused: list[NotOffered] = []
    each_s = seconds / len(windows)
    for window in windows:
        visit = replace(candidate.visit, windows=(Window(*window),), required=True)
        found = _found(office, state, replace(candidate, visit=visit), each_s) if seconds else None
        if found is not None:
            offers.append(_offer(state, found, visit.id, window, window in wished))
        elif window in wished:
            refused.append(NotOffered(state.day, *window, "DAY_IN_CONFLICT", NOT_FOUND_IN_TIME, {"date": state.day}))
    return offers, refused


def _found(office: Office, state: DayState, candidate: Candidate, seconds: float) -> Found | None:
    """A checked plan with the candidate beside every promise, if one is found."""
    try:
        found = find_plan(office, state, [candidate], seconds=seconds, quick=True)
    except SolveError:
        return None
    return found if found.keeps_promises and not check(found.problem, found.plan) else None


def _offer(state: DayState, found: Found, visit: str, window: tuple[int, int], wished: bool) -> Offer:
    from routing.quote.timing import slacks

    route = found.plan.route_of(visit)
    assert route is not None
    before_s = 0 if state.standing is None else state.standing.plan.travel_s
    return Offer(
        day=state.day,
        opens_s=window[0],
        closes_s=window[1],
        detour_s=found.plan.travel_s - before_s,
        slack_s=min(slacks(found.problem, route)),
        rank=0,
        van=route.shift,
        wished=wished,
        method="solved",
    )
