"""Of the promises in the way of a window the one named is that of the van nearest by then."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from routing.plan import Stop
from routing.problem import Visit, Window
from routing.quote import QuotedDay, Verdict
from routing.quote.refusals import refuse_crowded, rivals_of
from routing.schedule import crew_refusal
from tests.routing.quote.standing import GRID, random_standing
from tests.routing.ruled_days import ruled_day


@given(st.integers(0, 2**32))
def test_the_promise_named_is_the_nearest_in_time_of_the_van_nearest_by_then(seed: int) -> None:
    rng = random.Random(seed)
    problem = ruled_day(rng, visits=9, shifts=3)
    # A stop of no time at all is over with the one before it: either could be named.
    lasting = tuple(replace(visit, service_s=max(60, visit.service_s)) for visit in problem.visits)
    today, new = random_standing(rng, replace(problem, visits=lasting))
    rivals = rivals_of(new, today)
    for window in GRID:
        refusal = refuse_crowded(new, today, window, Verdict.NOT_FOUND_IN_TIME, rivals)
        assert refusal.values == in_the_way(new, today, window)


def in_the_way(new: Visit, today: QuotedDay, window: Window) -> dict[str, object]:
    """Every stop of every van that may come looked at."""
    problem, found = today.routes.problem, []
    for route in today.routes.route_by_shift.values():
        if crew_refusal(problem.shift_by_id[route.shift], new) is None:
            stop = min(route.stops, key=lambda stop: (apart_s(stop, window, new), stop.start_s))
            driving_s = today.to_new_s[problem.place_index[problem.visit_by_id[stop.visit].place]]
            far = float("inf") if driving_s is None else driving_s
            named = {"visit": stop.visit, "shift": route.shift, "start_s": stop.start_s, "driving_s": driving_s}
            found.append(((far, apart_s(stop, window, new), route.shift), named))
    return min(found, key=lambda rival: rival[0])[1] if found else {}


def apart_s(stop: Stop, window: Window, new: Visit) -> int:
    return max(0, stop.start_s - (window.closes_s + new.service_s), window.opens_s - stop.depart_s)
