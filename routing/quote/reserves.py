"""Finds room on standing routes for the places kept free, so that insertion can see what is left beside them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from routing.insertion import Insertion as Inserted
from routing.insertion import Orders, insert_into
from routing.problem import DayProblem, Visit


def reserved_orders(problem: DayProblem, orders: Orders, reserves: Sequence[Visit]) -> list[Orders]:
    """Different ways to have all reserves on the routes, none of the other stops moved.

    The first puts each where it adds least driving; the others try to leave them all with one van after another, so
    that a visit that wants the van of the first way finds it free in a second.
    """
    everywhere = [shift.id for shift in problem.shifts]
    ways = [_put_in(problem, orders, reserves, everywhere)]
    for shift in everywhere:
        ways.append(_put_in(problem, orders, reserves, [shift]))
    found: list[Orders] = []
    for way in ways:
        if way is not None and way not in found:
            found.append(way)
    return found


def _put_in(problem: DayProblem, orders: Orders, reserves: Sequence[Visit], shifts: Collection[str]) -> Orders | None:
    filled = dict(orders)
    for reserve in sorted(reserves, key=lambda visit: (visit.windows[0], visit.id)):
        tried = [insert_into(problem, filled, reserve.id, shift) for shift in shifts]
        legal = [found for found in tried if isinstance(found, Inserted)]
        if not legal:
            return None
        route = min(legal, key=lambda found: found.detour_s).route
        filled[route.shift] = tuple(stop.visit for stop in route.stops)
    return filled
