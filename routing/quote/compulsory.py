"""Proves at a glance that a window is full: more visits certainly under way at one moment than there are vans.

A visit whose service must begin by ``closes_s`` and ends ``opens_s + service_s`` at the earliest is under way from the
one to the other whatever the plan, where the second is later: its compulsory part (A. Lahrichi, "Ordonnancements: la
notion de parties obligatoires et son application aux problèmes cumulatifs", RAIRO 16, 1982). No van serves two at once.
"""

from __future__ import annotations

from routing.problem import Visit, Window
from routing.quote.slots import QuotedDay


def certainly_full(visit: Visit, day: QuotedDay, window: Window) -> bool:
    """Whether the visit cannot begin in the window because every van is certainly at another visit then."""
    part = window.closes_s, window.opens_s + visit.service_s
    if part[0] >= part[1]:
        return False
    others = [_part(other) for other in (*day.routes.problem.visits, *day.reserves)]
    # Parts overlap at a moment only if they do where one of them begins.
    moments = [part[0], *(begins_s for begins_s, _ in others if part[0] < begins_s < part[1])]
    vans = len(day.routes.problem.shifts)
    return any(sum(begins_s <= moment < ends_s for begins_s, ends_s in others) >= vans for moment in moments)


def _part(visit: Visit) -> tuple[int, int]:
    """When the visit is certainly under way: from the first moment to the second, if that is later."""
    latest_s = max(window.closes_s for window in visit.windows)
    earliest_s = min(window.opens_s for window in visit.windows)
    return latest_s, earliest_s + visit.service_s
