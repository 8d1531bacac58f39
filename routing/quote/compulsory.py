"""Proves at a glance that a window is full: more visits certainly under way at one moment than there are vans.

A visit whose service must begin by ``closes_s`` and ends ``opens_s + service_s`` at the earliest is under way from the
one to the other whatever the plan, where the second is later: its compulsory part (A. Lahrichi, "Ordonnancements: la
notion de parties obligatoires et son application aux problèmes cumulatifs", RAIRO 16, 1982). No van serves two at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from routing.problem import Visit, Window
from routing.quote.timing import NEVER

if TYPE_CHECKING:
    from routing.quote.slots import QuotedDay

Span = tuple[int, int]
"""From the first second to before the second."""


def certainly_full(visit: Visit, day: QuotedDay, window: Window) -> bool:
    """Whether the visit cannot begin in the window because every van is certainly at another visit then."""
    begins_s, ends_s = window.closes_s, window.opens_s + visit.service_s
    if begins_s >= ends_s:
        return False
    spans = day.routes.full_spans(day.reserves)
    return any(full_from_s < ends_s and begins_s < full_until_s for full_from_s, full_until_s in spans)


def full_spans(visits: Iterable[Visit], vans: int) -> tuple[Span, ...]:
    """When so many vans are all certainly at one of the visits: what does not depend on who asks."""
    if not vans:
        return ((-NEVER, NEVER),)
    parts = [part for part in map(_part, visits) if part[0] < part[1]]
    changes = sorted([*((begins_s, 1) for begins_s, _ in parts), *((ends_s, -1) for _, ends_s in parts)])
    spans: list[Span] = []
    under_way = full_from_s = 0
    for moment_s, change in changes:  # at one moment first those who end
        if under_way == vans and change < 0:
            spans.append((full_from_s, moment_s))
        under_way += change
        if under_way == vans and change > 0:
            full_from_s = moment_s
    return tuple(spans)


def _part(visit: Visit) -> Span:
    """When the visit is certainly under way: from the first moment to the second, if that is later."""
    latest_s = max(window.closes_s for window in visit.windows)
    earliest_s = min(window.opens_s for window in visit.windows)
    return latest_s, earliest_s + visit.service_s
