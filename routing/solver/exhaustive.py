"""Tries everything: the best day of a handful of visits, and the smallest set of promises that cannot be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from routing.plan import Route
from routing.problem import DayProblem, Shift
from routing.schedule import schedule_route
from routing.solver.task import shift_kind

MAX_VISITS = 5
"""Days up to this size are solved by trying everything: at most 325 orders a kind of shift."""

MAX_REQUIRED = 7
"""What the search did not place is tried in all orders up to this many visits: at most 13,699 a kind of shift."""

MAX_KINDS = 4


@dataclass(frozen=True, slots=True)
class _Choice:
    cost_s: int
    orders: tuple[tuple[str, tuple[str, ...]], ...]


def best_day(problem: DayProblem, visit_ids: Sequence[str]) -> dict[str, tuple[str, ...]] | None:
    """The orders that minimise driving plus drop penalties, required visits all served.

    Only ``visit_ids`` are looked at, at most :data:`MAX_REQUIRED`. ``None``: no day of these alone serves all required
    ones among them.
    """
    bit = {visit: 1 << index for index, visit in enumerate(visit_ids)}
    choices: dict[int, _Choice] = {0: _Choice(0, ())}
    for shift, orders in _orders_by_shift(problem, visit_ids):
        wider = dict(choices)
        for served, (travel_s, order) in orders.items():
            added = sum(bit[visit] for visit in served)
            for mask, choice in choices.items():
                if mask & added:
                    continue
                cost_s = choice.cost_s + travel_s
                known = wider.get(mask | added)
                if known is None or cost_s < known.cost_s:
                    wider[mask | added] = _Choice(cost_s, (*choice.orders, (shift.id, order)))
        choices = wider
    best: _Choice | None = None
    for mask, choice in choices.items():
        left_out = [problem.visit_by_id[visit] for visit in visit_ids if not mask & bit[visit]]
        if any(visit.required for visit in left_out):
            continue
        total = choice.cost_s + sum(visit.drop_penalty_s for visit in left_out)
        if best is None or total < best.cost_s:
            best = _Choice(total, choice.orders)
    return None if best is None else dict(best.orders)


def can_be_tried(problem: DayProblem, visit_ids: Sequence[str]) -> bool:
    """Whether :func:`smallest_conflict` and :func:`best_day` would end soon."""
    return len(visit_ids) <= MAX_REQUIRED and len({shift_kind(problem, shift) for shift in problem.shifts}) <= MAX_KINDS


def smallest_conflict(problem: DayProblem, visit_ids: Sequence[str], required: Sequence[str]) -> tuple[str, ...] | None:
    """A smallest set of ``required`` that no plan of ``visit_ids`` serves together; ``None`` when all of them fit.

    A proof where ``visit_ids`` are all that can be served that day, or where none of the others could help as a stop on
    the way (see :func:`routing.explain.stepping_stones_help`).
    """
    bit = {visit: 1 << index for index, visit in enumerate(visit_ids)}
    servable = {0}
    for _, orders in _orders_by_shift(problem, visit_ids):
        masks = [sum(bit[visit] for visit in served) for served in orders]
        servable |= {done | mask for done in servable for mask in masks if not done & mask}
    for size in range(1, len(required) + 1):
        for some in combinations(required, size):
            wanted = sum(bit[visit] for visit in some)
            if not any(mask & wanted == wanted for mask in servable):
                return some
    return None


Best = Mapping[frozenset[str], tuple[int, tuple[str, ...]]]


def _orders_by_shift(problem: DayProblem, visit_ids: Sequence[str]) -> list[tuple[Shift, Best]]:
    """For every shift the cheapest legal order of every set of visits it can serve; alike shifts share the work."""
    by_kind: dict[object, Best] = {}
    found = []
    for shift in problem.shifts:
        kind = shift_kind(problem, shift)
        if kind not in by_kind:
            by_kind[kind] = _best_orders(problem, shift, visit_ids)
        found.append((shift, by_kind[kind]))
    return found


def _best_orders(problem: DayProblem, shift: Shift, visit_ids: Sequence[str]) -> Best:
    best: dict[frozenset[str], tuple[int, tuple[str, ...]]] = {}
    beginnings: list[tuple[str, ...]] = [()]
    while beginnings:
        begun = beginnings.pop()
        for visit in visit_ids:
            if visit in begun:
                continue
            order = (*begun, visit)
            timed = schedule_route(problem, shift, order)
            if isinstance(timed, Route):
                known = best.get(frozenset(order))
                if known is None or (timed.travel_s, order) < known:
                    best[frozenset(order)] = (timed.travel_s, order)
            elif timed.at is not None and timed.at < len(order):
                continue  # lost before the way back: nothing behind it helps
            beginnings.append(order)
    return best
