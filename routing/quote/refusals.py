"""Says why a window is refused: what forbids the visit even alone, or which promise stands in its way."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace

from routing.explain import why_not_alone
from routing.plan import Stop
from routing.problem import Place, Visit, Window
from routing.quote.slots import QuotedDay, Refusal, RefusalReason, SlotQuote, Verdict
from routing.quote.witness import problem_of_vans, promised
from routing.schedule import crew_refusal


def refuse_alone(
    visit: Visit, place: Place, day: QuotedDay, windows: Sequence[Window], verdict: Verdict
) -> dict[Window, Refusal]:
    """The refusals of windows that are out of reach even for a van with nothing else to do; others are left out."""
    problem = problem_of_vans(day, visit, place, [shift.id for shift in day.routes.problem.shifts], set())
    found = {}
    for window in windows:
        why = why_not_alone(problem, promised(visit, window))
        if why is not None:
            found[window] = Refusal(day.date, window, verdict, RefusalReason(why.reason.value), dict(why.values))
    return found


def refuse_crowded(visit: Visit, day: QuotedDay, window: Window, verdict: Verdict) -> Refusal:
    """The refusal of a window that promises are in the way of, and the promise to name.

    Of every van that may serve the visit the stop whose service lies nearest to the window is in its way; the one
    named is that of the van that is nearest by then.
    """
    standing, visits = day.routes.route_by_shift, day.routes.problem.visit_by_id
    place_index = day.routes.problem.place_index
    rivals: list[tuple[float, int, str, Stop]] = []
    for shift in day.routes.problem.shifts:
        route = standing.get(shift.id)
        if route is None or crew_refusal(shift, visit) is not None:
            continue
        stop = _nearest_in_time(route.stops, window, visit.service_s)
        driving_s = day.to_new_s[place_index[visits[stop.visit].place]]
        rivals.append(
            (
                float("inf") if driving_s is None else driving_s,
                _apart_s(stop, window, visit.service_s),
                shift.id,
                stop,
            )
        )
    values: dict[str, object] = {}
    if rivals:
        _, _, van, stop = min(rivals, key=lambda rival: rival[:3])
        driving_s = day.to_new_s[place_index[visits[stop.visit].place]]
        values = {"visit": stop.visit, "shift": van, "start_s": stop.start_s, "driving_s": driving_s}
    return Refusal(day.date, window, verdict, RefusalReason.CROWDED_OUT, values)


def _nearest_in_time(stops: Sequence[Stop], window: Window, service_s: int) -> Stop:
    """The stop whose planned service lies nearest to a visit in the window; of several as near the earliest."""
    # A route's stops follow one another, so only the last one over by then and the next can be the nearest.
    after = bisect_left(stops, window.opens_s, key=lambda stop: stop.depart_s)
    near = stops[max(after - 1, 0) : after + 1]
    return min(near, key=lambda stop: (_apart_s(stop, window, service_s), stop.start_s))


def _apart_s(stop: Stop, window: Window, service_s: int) -> int:
    """Seconds between a planned service and a visit in the window; 0 where they would meet."""
    return max(0, stop.start_s - (window.closes_s + service_s), window.opens_s - stop.depart_s)


def with_nearest(refused: Sequence[Refusal], offered: Sequence[SlotQuote]) -> tuple[Refusal, ...]:
    """The refusals, each with the nearest window offered on its day, the earlier of two as near."""
    by_day: Mapping[object, list[Window]] = {refusal.date: [] for refusal in refused}
    for quote in offered:
        if quote.date in by_day:
            by_day[quote.date].append(quote.window)
    return tuple(
        replace(
            refusal,
            nearest=min(
                by_day[refusal.date],
                key=lambda window: (abs(window.opens_s - refusal.window.opens_s), window),
                default=None,
            ),
        )
        for refusal in refused
    )
