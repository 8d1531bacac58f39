"""Says why a window is refused: what forbids the visit even alone, or which promise stands in its way."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Date
from typing import TYPE_CHECKING

from routing.explain import why_not_alone
from routing.problem import Place, Visit, Window
from routing.quote.slots import QuotedDay, Refusal, RefusalReason, SlotQuote, Verdict
from routing.quote.witness import problem_of_vans, promised
from routing.schedule import crew_refusal

if TYPE_CHECKING:
    from routing.quote.tables import DrivingVan

_INFINITE = float("inf")


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


def rivals_of(visit: Visit, day: QuotedDay) -> list[DrivingVan]:
    """The vans that may serve the visit and have others to serve."""
    return [van for van in day.routes.driving_vans if crew_refusal(van.shift, visit) is None]


def refuse_crowded(
    visit: Visit, day: QuotedDay, window: Window, verdict: Verdict, rivals: Sequence[DrivingVan]
) -> Refusal:
    """The refusal of a window that promises are in the way of, and the promise to name.

    Of every van among ``rivals`` (:func:`rivals_of`) the stop whose service lies nearest to the window is in its way;
    the one named is that of the van that is nearest by then.
    """
    nearest: tuple[float, int, str] | None = None
    values: dict[str, object] = {}
    for van in rivals:
        at, apart_s = _nearest_in_time(van, window, visit.service_s)
        driving_s = day.to_new_s[van.places[at]]
        rival = (_INFINITE if driving_s is None else driving_s, apart_s, van.shift.id)
        if nearest is None or rival < nearest:
            nearest, stop = rival, van.stops[at]
            values = {"visit": stop.visit, "shift": van.shift.id, "start_s": stop.start_s, "driving_s": driving_s}
    return Refusal(day.date, window, verdict, RefusalReason.CROWDED_OUT, values)


def _nearest_in_time(van: DrivingVan, window: Window, service_s: int) -> tuple[int, int]:
    """The stop (its number) whose planned service lies nearest to a visit in the window, and how many seconds apart.

    Of several as near it is the earliest; 0 seconds where they would meet.
    """
    # A route's stops follow one another, so only the last one over by then and the next can be the nearest.
    behind = bisect_left(van.departs_s, window.opens_s)
    before_s = window.opens_s - van.departs_s[behind - 1] if behind else None
    if behind == len(van.stops):
        assert before_s is not None  # a van that drives has a stop
        return behind - 1, before_s
    behind_s = max(0, van.stops[behind].start_s - (window.closes_s + service_s))
    return (behind, behind_s) if before_s is None or behind_s < before_s else (behind - 1, before_s)


def with_nearest(refused: Sequence[Refusal], offered: Sequence[SlotQuote]) -> tuple[Refusal, ...]:
    """The refusals, each with the nearest window offered on its day, the earlier of two as near."""
    by_day: dict[Date, list[Window]] = {}
    for quote in offered:
        by_day.setdefault(quote.date, []).append(quote.window)
    return tuple(
        replace(refusal, nearest=_nearest(by_day[refusal.date], refusal.window)) if refusal.date in by_day else refusal
        for refusal in refused
    )


def _nearest(offered: Sequence[Window], to: Window) -> Window:
    return min(offered, key=lambda window: (abs(window.opens_s - to.opens_s), window))
