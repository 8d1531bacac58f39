"""All routes that a better day could drive: listed once, then priced, cut and thinned out without any labels.

When the gap between the best day and the bound is small, every route of a better day has a reduced cost within it
(R. Baldacci, N. Christofides, A. Mingozzi, "An exact algorithm for the vehicle routing problem based on the set
partitioning formulation with additional cuts", Mathematical Programming 115 (2008)). Listing them ends the search for
columns: what is left is a programme over a list, for GLOP with more cuts while they help, and SCIP for the last step.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

from routing.solver.compiled import Ints, Table
from routing.solver.exact.columns import Bound
from routing.solver.exact.cuts import Cut, violated
from routing.solver.exact.integer import Chosen, choose
from routing.solver.exact.labels import SCALE
from routing.solver.exact.master import Master, Relaxed, Taken
from routing.solver.exact.network import Network, Routes
from routing.solver.exact.pricing import Pricer
from routing.solver.spending import Spending

MOST_ROUTES = 150_000
_MOST_LABELS = 400_000
_NARROW = 0.006
"""Gap, as a share of the bound, above which a list is seldom short enough: fewer labels are spent on the attempt."""
_FEW = 1500
"""So few routes are SCIP's at once."""
_AT_ONCE = 400
"""Routes added to the programme in one round."""
_POOR = 0.02
_POOR_ROUNDS = 4


class Pool:
    """A list of routes of one network among which is every route of a day below the ceiling."""

    def __init__(self, network: Network, lanes: Sequence[Table], spending: Spending) -> None:
        self.network = network
        self._spending = spending
        longest = max((stops.shape[1] for stops in lanes), default=1)
        self._lane = np.concatenate([np.full(len(stops), lane) for lane, stops in enumerate(lanes)]).astype(np.int64)
        self._stops = np.full((len(self._lane), longest), network.size, dtype=np.int64)
        row = 0
        for stops in lanes:
            self._stops[row : row + len(stops), : stops.shape[1]] = np.where(stops < 0, network.size, stops)
            row += len(stops)
        self._cost = network.second_cost * _driving_s(network, self._lane, self._stops)
        self.relaxed: Relaxed | None = None
        self.taken: Taken | None = None

    def within(self, network: Network) -> Pool:
        """The routes that are still legal in a branch of the network."""
        branch = copy(self)
        branch.network = network
        branch.relaxed = branch.taken = None
        branch.thin(_is_legal(network, self._lane, self._stops))
        return branch

    def __len__(self) -> int:
        return len(self._lane)

    def routes(self, rows: Ints | None = None) -> Routes:
        """Some of the routes in the list, or all of them."""
        end = self.network.size
        lane, stops = (self._lane, self._stops) if rows is None else (self._lane[rows], self._stops[rows])
        return [
            (number, tuple(visit for visit in visits if visit < end))
            for number, visits in zip(lane.tolist(), stops.tolist(), strict=True)
        ]

    def reduced_costs(self, relaxed: Relaxed) -> Ints:
        """Of every route in the list, in 1/``SCALE`` seconds."""
        visit = np.append(relaxed.prices.visit, 0)
        total = self._cost * SCALE - relaxed.prices.lane[self._lane] - visit[self._stops].sum(axis=1)
        for cut, price in relaxed.charges:
            member = np.zeros(self.network.size + 1, dtype=np.int8)
            member[list(cut)] = 1
            total += price * (member[self._stops].sum(axis=1, dtype=np.int8) >= 2)
        return total

    def thin(self, keep: NDArray[np.bool_]) -> None:
        """Forget the routes that are not kept."""
        self._lane, self._stops, self._cost = self._lane[keep], self._stops[keep], self._cost[keep]

    def bound(self, master: Master, ceiling_s: int, scaled: int) -> int:
        """Bring the programme over the list to its bound, with cuts while they help; forget what the gap excludes.

        Args:
            master: a programme of the network, with some of the list and some cuts.
            ceiling_s: days that cost as much or more are not wanted.
            scaled: a bound known already, in 1/``SCALE`` seconds.

        Returns:
            The bound for days below the ceiling, in 1/``SCALE`` seconds.
        """
        poor = 0
        while not self._spending.over:
            relaxed = self.relaxed = master.solve()
            self.taken = None
            self._spending.count()
            reduced = self.reduced_costs(relaxed)
            wanted = np.flatnonzero(reduced < 0)
            least = np.zeros(len(self.network.counts), dtype=np.int64)
            np.minimum.at(least, self._lane, reduced)
            value = relaxed.dual_value(self.network, np.minimum(least, 0))
            before, scaled = scaled, max(scaled, value)
            if -(-scaled // SCALE) >= ceiling_s:
                return scaled
            keep = reduced - np.minimum(least, 0)[self._lane] <= (ceiling_s - 1) * SCALE - value
            if len(wanted):
                wanted = wanted[np.argsort(reduced[wanted], kind="stable")[:_AT_ONCE]]
                added = master.add(self.routes(wanted))
                self.thin(keep)
                if added:
                    continue
            else:
                self.thin(keep)
            taken = self.taken = master.taken()
            if master.raise_prices(taken.left_out):
                continue
            if len(self) <= _FEW or taken.whole:
                return scaled
            poor = poor + 1 if scaled - before < _POOR * (ceiling_s * SCALE - before) else 0
            cuts = _new_cuts(taken, master, self.network.size) if poor < _POOR_ROUNDS else []
            if not cuts:
                return scaled
            master.cut(cuts)
            self.taken = None
        return scaled

    def choose(self, ceiling_s: int, cuts: Sequence[Cut], *, seconds: float | None, nodes: int | None) -> Chosen:
        """The best day of the list below the ceiling."""
        costs_s = self._cost.tolist()
        return choose(self.network, self.routes(), costs_s, ceiling_s, seconds=seconds, nodes=nodes, cuts=cuts)


def list_routes(network: Network, pricer: Pricer, bound: Bound, ceiling_s: int, spending: Spending) -> Pool | None:
    """All routes a day below the ceiling could drive; ``None`` where they are too many."""
    lanes: list[Table] = []
    gap = (ceiling_s - 1) * SCALE - bound.scaled
    left = MOST_ROUTES
    narrow = not network.second_cost or gap <= _NARROW * bound.scaled
    most_labels = _MOST_LABELS if narrow else _MOST_LABELS // 4
    for lane, least in enumerate(bound.least.tolist()):
        labels = spending.labels(most_labels)
        stops = pricer.every_route(lane, bound.prices, gap + 1 + least, most_labels=labels, most=left)
        spending.count_labels(labels if stops is None else len(stops))
        if stops is None or spending.over:
            return None
        lanes.append(stops)
        left -= len(stops)
    return Pool(network, lanes, spending)


def _is_legal(network: Network, lane: Ints, stops: Table) -> NDArray[np.bool_]:
    """Which rows the network still allows, leg by leg."""
    fleet, end = network.fleet, network.size
    legal = fleet.first_s[lane, stops[:, 0]] >= 0
    for at in range(stops.shape[1]):
        here = np.minimum(stops[:, at], end - 1)
        there = stops[:, at + 1] if at + 1 < stops.shape[1] else np.full(len(lane), end)
        home = (stops[:, at] < end) & (there == end)
        legal &= ~home | (fleet.last_s[lane, here] >= 0)
        legal &= (there == end) | (fleet.leg_s[lane, here, np.minimum(there, end - 1)] >= 0)
    return legal


def _driving_s(network: Network, lane: Ints, stops: Table) -> Ints:
    """Driving seconds of every row."""
    fleet, end = network.fleet, network.size
    total = fleet.first_s[lane, stops[:, 0]] + np.zeros(len(lane), dtype=np.int64)
    for at in range(stops.shape[1]):
        here = np.minimum(stops[:, at], end - 1)
        there = stops[:, at + 1] if at + 1 < stops.shape[1] else np.full(len(lane), end)
        home = (stops[:, at] < end) & (there == end)
        on = there < end
        total += np.where(home, fleet.last_s[lane, here], 0)
        total += np.where(on, fleet.leg_s[lane, here, np.minimum(there, end - 1)], 0)
    return total


def _new_cuts(taken: Taken, master: Master, size: int) -> list[tuple[int, int, int]]:
    known = set(master.cuts)
    routes = [numbers for _, numbers, _ in taken.routes]
    return [cut for cut in violated(routes, [value for *_, value in taken.routes], size, 40) if cut not in known]
