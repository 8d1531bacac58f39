"""Quotes what the standing routes have room for as they are: finds the gaps, times the routes, has them checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from functools import cached_property

from routing.plan import Route
from routing.problem import DayProblem, Place, Visit, Window
from routing.quote.insertion import Insertions, Spot, insert_everywhere
from routing.quote.orders import keeps_what_has_begun
from routing.quote.rank import gathering_cost_s, waiting_cost_s
from routing.quote.slots import QuotedDay, RankWeights, SlotQuote
from routing.quote.tables import RouteTable
from routing.quote.witness import Proof, problem_of_vans, promised, quote_of
from routing.schedule import schedule_route


@dataclass(frozen=True, slots=True)
class Fit:
    """A gap in which a window can be had, not yet timed: of the routes compiled in ``table``."""

    day: int
    window: Window
    table: RouteTable
    spot: Spot


class Inserter:
    """One new visit put into the standing routes of some days.

    Args:
        visit: the new visit; its own windows do not matter.
        place: where it is.
        days: the days and their windows.
        weights: decide between two gaps of one window.
    """

    def __init__(self, visit: Visit, place: Place, days: Sequence[QuotedDay], weights: RankWeights) -> None:
        self._visit, self._place, self._days, self._weights = visit, place, days, weights
        self._parts: dict[tuple[int, str, tuple[str, ...]], DayProblem] = {}
        self._closely: dict[int, tuple[tuple[RouteTable, ...], Insertions]] = {}

    def fits(self) -> list[Fit]:
        """The cheapest gap of every window that has one, in the order of days and windows.

        On days with reserves, of the first way to keep them free; :meth:`quote` looks at the others.
        """
        grid, rows, tables = self._grid, self._rows, []
        for row in rows:
            tables.append(self._days[row].routes.with_reserves(self._days[row].reserves)[0])
        if not rows or not grid:
            return []
        found = insert_everywhere(self._visit, [self._days[row] for row in rows], tables, grid, self._weights)
        column_of = {window: column for column, window in enumerate(grid)}
        asked: tuple[Window, ...] = ()
        columns: list[int] = []
        some = []
        for row, table, spots in zip(rows, tables, found.best_spots(), strict=True):
            windows = self._days[row].windows
            if windows != asked:  # mostly every day asks for the same
                asked, columns = windows, [column_of[window] for window in windows]
            for window, column in zip(windows, columns, strict=True):
                spot = spots[column]
                if spot is not None:
                    some.append(Fit(row, window, table, spot))
        return some

    def expected_cost_s(self, fits: Sequence[Fit], first_day: Date) -> list[float]:
        """What each would be ranked by, slack of the other stops of its route aside."""
        nearest_s = min((fit.spot.neighbour_s for fit in fits), default=0)
        costs = []
        for fit in fits:
            day, spot = self._days[fit.day], fit.spot
            asks_s = day.to_new_s[int(fit.table.depot[spot.shift])]
            gathering = gathering_cost_s(asks_s or 0, spot.neighbour_s, nearest_s, self._weights)
            costs.append(spot.cost_s + gathering + waiting_cost_s(day.date, self._weights, first_day))
        return costs

    def quote(self, day: int, window: Window, fit: Fit | None) -> SlotQuote | None:
        """The quote of a window by its cheapest gap, or, where that one will not do, by any other.

        A gap will not do where the van has passed it, or where without the reserves the route is not legal.
        """
        if fit is not None and (quote := self._quote_at(fit)) is not None:
            return quote
        asked = self._days[day]
        if fit is None and len(asked.routes.with_reserves(asked.reserves)) < 2:
            return None
        return next(
            (quote for other in self._all_fits(day, window) if (quote := self._quote_at(other)) is not None), None
        )

    def _all_fits(self, day: int, window: Window) -> Iterator[Fit]:
        """Every gap of the day that fits, over all ways to keep the reserves free, cheapest first."""
        asked = self._days[day]
        if day not in self._closely:
            tables = asked.routes.with_reserves(asked.reserves)
            found = insert_everywhere(self._visit, [asked] * len(tables), tables, asked.windows, self._weights)
            self._closely[day] = (tables, found)
        tables, found = self._closely[day]
        column = asked.windows.index(window)
        fits = [Fit(day, window, table, spot) for at, table in enumerate(tables) for spot in found.spots(at, column)]
        yield from sorted(fits, key=lambda fit: fit.spot.cost_s)

    def _quote_at(self, fit: Fit) -> SlotQuote | None:
        day = self._days[fit.day]
        van = day.routes.problem.shifts[fit.spot.shift]
        order = list(fit.table.orders.get(van.id, ()))
        order.insert(fit.spot.after, self._visit.id)
        kept = {reserve.id for reserve in day.reserves}
        order = [visit for visit in order if visit not in kept]
        visit = promised(self._visit, fit.window)
        part = self._part(fit.day, van.id, tuple(order), visit)
        route = schedule_route(part, part.shifts[0], order)
        if not isinstance(route, Route) or not keeps_what_has_begun(day, route):
            return None
        standing = day.routes.route_by_shift
        routes = {**standing, van.id: route}
        driven = tuple(routes[shift.id] for shift in day.routes.problem.shifts if shift.id in routes)
        return quote_of(Proof(day, visit, self._place, driven, "inserted"), part)

    def _part(self, day: int, van: str, order: tuple[str, ...], visit: Visit) -> DayProblem:
        """The day of this van alone; built once for all windows in one gap."""
        key = (day, van, order)
        part = self._parts.get(key)
        if part is None:
            others = set(order) - {visit.id}
            part = self._parts[key] = problem_of_vans(self._days[day], visit, self._place, [van], others)
        return replace(part, visits=(*part.visits[:-1], visit))

    @cached_property
    def _grid(self) -> tuple[Window, ...]:
        return tuple(sorted({window for day in self._days for window in day.windows}))

    @cached_property
    def _rows(self) -> list[int]:
        """The days that ask for a window and have room for their reserves."""
        return [
            row
            for row, day in enumerate(self._days)
            if day.windows and day.routes.problem.shifts and day.routes.with_reserves(day.reserves)
        ]
