"""Decides windows of a day of few promises by trying everything: which van serves whom, and in which order.

What one van can serve, in any order, is known set by set (:mod:`routing.quote.sequences`); a day is a choice of one set
for each van that leaves nobody out. Of all such days the one is taken that leaves most routes as they stand, and of
those the one that drives least by a bound that forgets the windows. A window no choice serves is impossible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from routing.plan import Route
from routing.problem import DayProblem, Place, Shift, Visit, Window
from routing.quote.choices import cheapest, possible_bits
from routing.quote.orders import good_route, keeps_what_has_begun, stops_begun
from routing.quote.sequences import Board, Ints, Sequences
from routing.quote.slots import QuotedDay
from routing.quote.witness import problem_with, promised
from routing.solver.task import shift_kind

_CHANGED = 10**8
"""What a changed route costs in the choice of a day: more than any driving."""
_COLUMNS = 60
"""Windows decided at a time: one bit each."""

Driven = tuple[Route, ...]


def exhaustive_routes(
    visit: Visit, place: Place, day: QuotedDay, windows: Sequence[Window], *, most: int | None = None
) -> tuple[dict[Window, Driven], set[Window]]:
    """All routes of the day for each window that can be had, reserves left out; and the windows proved impossible.

    Every window is one or the other. With reserves a window can be had where some plan serves everybody and the
    reserves, and some plan serves everybody without them; mostly the second is the first with the reserves left out.

    Args:
        visit, place, day, windows: what is asked for.
        most: how wide the search may grow (see :class:`routing.quote.sequences.Sequences`); any width by default.

    Raises:
        TooManySequences: where it grows wider.
    """
    found: dict[Window, Driven] = {}
    for begin in range(0, len(windows), _COLUMNS):
        found |= _Everything(visit, place, day, tuple(windows[begin : begin + _COLUMNS]), most).routes()
    return found, {window for window in windows if window not in found}


class _Everything:
    """All that can be done on one day for some windows of the new visit."""

    def __init__(
        self, visit: Visit, place: Place, day: QuotedDay, windows: tuple[Window, ...], most: int | None
    ) -> None:
        self._visit, self._place, self._day, self._windows, self._most = visit, place, day, windows, most
        new = promised(visit, windows[0])
        self._problem = problem_with(day, new, place, day.reserves)
        visits = (*day.routes.problem.visits, *day.reserves, new)
        self._board = Board(self._problem, visits, len(visits) - 1, windows)
        self._reserved = self._board.mask({reserve.id for reserve in day.reserves})
        self._full = (1 << len(visits)) - 1
        orders = day.routes.orders
        self._standing = [self._board.mask(orders.get(shift.id, ())) for shift in self._shifts]
        self._sequences = self._by_shift()
        self._refused: set[tuple[int, int, int]] = set()
        self._problems: dict[int, DayProblem] = {}

    @property
    def _shifts(self) -> tuple[Shift, ...]:
        return self._problem.shifts

    def _by_shift(self) -> list[Sequences]:
        """What each van can serve; vans alike share the work."""
        number = {visit.id: at for at, visit in enumerate(self._board.visits)}
        known: dict[object, Sequences] = {}
        found = []
        for shift in self._shifts:
            begun = tuple(number[visit] for visit in stops_begun(self._day, shift.id))
            kind = (shift_kind(self._problem, shift), begun)
            if kind not in known:
                known[kind] = Sequences(self._board, shift, begun, self._most)
            found.append(known[kind])
        return found

    def routes(self) -> dict[Window, Driven]:
        """The routes of every window that can be had."""
        found = {}
        for column, window in enumerate(self._windows):
            if self._can_be_had[column] and (driven := self._routes_at(column)) is not None:
                found[window] = driven
        return found

    @cached_property
    def _can_be_had(self) -> list[bool]:
        """Whether the vans together can serve everybody, for every window at once: a bit for each."""
        bits = 1 << np.arange(len(self._windows), dtype=np.int64)
        vans = []
        for sequences in self._sequences:
            masks, can = sequences.sets
            vans.append((masks, (can * bits).sum(axis=1)))
        possible = possible_bits(self._full, vans)
        return [bool(possible >> column & 1) for column in range(len(self._windows))]

    def _routes_at(self, column: int) -> Driven | None:
        """The day of one window; a set whose route turns out not to be possible after all is struck."""
        while (chosen := self._choice(column)) is not None:
            routes, struck = [], False
            for van, (shift, mask) in enumerate(zip(self._shifts, chosen, strict=True)):
                route = self._route(van, shift, mask, column)
                if route is None and mask & ~self._reserved:
                    self._refused.add((van, mask, column))
                    struck = True
                elif route is not None:
                    routes.append(route)
            if not struck:
                return tuple(routes)
        return self._without_reserves(column)

    def _without_reserves(self, column: int) -> Driven | None:
        """Where no plan with the reserves is legal without them: any plan without them."""
        if not self._reserved or self._day.now_s is not None:
            return None
        window = self._windows[column]
        freed = replace(self._day, reserves=())
        return _Everything(self._visit, self._place, freed, (window,), self._most).routes().get(window)

    def _route(self, van: int, shift: Shift, mask: int, column: int) -> Route | None:
        """A route that serves the promises of a set: the standing one, or a good order of it."""
        real = mask & ~self._reserved
        if not real:
            return None
        if real == self._standing[van]:
            return self._day.routes.route_by_shift[shift.id]
        problem = self._problem_at(column)
        number_of = [visit.id for visit in self._board.visits]
        order = self._sequences[van].order(mask, column)
        first = tuple(number_of[number] for number in order if real >> number & 1)
        ids = [visit for number, visit in enumerate(number_of) if real >> number & 1]
        begun = stops_begun(self._day, shift.id)
        return good_route(
            problem, shift, ids, first=first, begun=begun, accept=lambda route: keeps_what_has_begun(self._day, route)
        )

    def _problem_at(self, column: int) -> DayProblem:
        """The day with the visit in one window, without the reserves."""
        if column not in self._problems:
            visit = promised(self._visit, self._windows[column])
            self._problems[column] = problem_with(self._day, visit, self._place)
        return self._problems[column]

    def _choice(self, column: int) -> list[int] | None:
        """The set of each van on the best day of one window."""
        return cheapest(self._full, [self._costed(van, column) for van in range(len(self._shifts))])

    def _costed(self, van: int, column: int) -> tuple[Ints, Ints]:
        """What a van can serve in one window, and the cost of choosing it."""
        masks, can = self._sequences[van].sets
        usable = masks[can[:, column]]
        struck = [mask for other, mask, at in self._refused if other == van and at == column]
        usable = usable[~np.isin(usable, struck)]
        changed = (usable & ~self._reserved) != self._standing[van]
        return usable, self._sequences[van].driving_s(usable) + changed * _CHANGED
