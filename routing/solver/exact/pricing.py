"""Asks every lane for routes that would help the master, and proves bounds where there are none.

Column generation: a route helps when it costs less than what the master pays for its visits, its shift and its cuts.
First the quick labels, which find much and prove nothing; then exact ones. With the least reduced cost of every lane
the prices give a bound at any time, not only at the end (L. Lasdon, "Optimization Theory for Large Systems", 1970;
M. Lübbecke, J. Desrosiers, "Selected Topics in Column Generation", Operations Research 53 (2005)).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routing.solver.compiled import Ints, Table
from routing.solver.exact.labels import (
    ALIVE,
    ENDLESS,
    EVERY,
    EXACT,
    QUICK,
    SET_HI,
    SET_LO,
    TOTAL,
    Prices,
    Tails,
    as_numbers,
    backward,
    bits,
    forward,
    marks_of,
    no_tails,
    read_routes,
    tails_of,
)
from routing.solver.exact.network import NEVER, Fleet, Network, Routes

_REMEMBERED_VISITS = 10
"""Visits near one another that backward labels do not forget."""

MOST_LABELS = 1_500_000
"""Labels of one lane at a time: 192 MB."""

_PER_VISIT = 3
_ROUTES = 80
"""Most routes taken of one lane at a time, and of them most that end at the same visit."""


@dataclass(frozen=True)
class Priced:
    """What one round of pricing found.

    Attributes:
        routes: routes with a negative reduced cost.
        least: (m,) least reduced cost of each lane, at most 0.
        exact: whether ``least`` is proved.
        labels: how many labels that took.
    """

    routes: Routes
    least: Ints
    exact: bool
    labels: int


class Pricer:
    """Prices routes of one network; legs may be taken away for a branch."""

    def __init__(self, network: Network, fleet: Fleet | None = None) -> None:
        self.network = network
        self.fleet = fleet if fleet is not None else network.fleet
        self._bits = bits(network.size)
        self._near = _near(network, self._bits)
        self._marks = [marks_of(self.fleet, lane, *self._bits) for lane in range(len(network.counts))]

    def price(self, prices: Prices, *, quick: bool, most_labels: int = MOST_LABELS) -> Priced:
        """Routes of all lanes with a negative reduced cost; of each lane at most so many labels."""
        routes: Routes = []
        least = np.zeros(len(prices.lane), dtype=np.int64)
        exact, made = not quick, 0
        for lane in range(len(prices.lane)):
            tails = no_tails()
            if not quick:
                found = self.tails(lane, prices, most_labels // 3)
                tails = found if found is not None else tails
                made += len(tails.cost)
            labels, count, all_of_them = forward(
                self.fleet,
                lane,
                prices,
                *self._bits,
                self._marks[lane],
                tails,
                0,
                QUICK if quick else EXACT,
                most_labels,
            )
            exact = exact and all_of_them
            made += count
            labels = labels[:count]
            totals = np.where(labels[:, ALIVE] == 1, labels[:, TOTAL], ENDLESS)
            good = np.flatnonzero(totals < 0)
            if len(good):
                good = good[np.argsort(totals[good], kind="stable")]
                least[lane] = totals[good[0]]
                stops = read_routes(labels, _varied(labels, good))
                routes += [(lane, as_numbers(row)) for row in stops]
        return Priced(routes, least, exact, made)

    def tails(self, lane: int, prices: Prices, most_labels: int = MOST_LABELS // 3) -> Tails | None:
        """What can follow at best; ``None`` where listing it took too many labels."""
        labels, count, all_of_them = backward(self.fleet, lane, prices, *self._bits, *self._near, most_labels)
        return tails_of(labels[:count], self.network.size) if all_of_them else None

    def every_route(self, lane: int, prices: Prices, ceiling: int, *, most_labels: int, most: int) -> Table | None:
        """All routes of a lane with a reduced cost below the ceiling, the shortest order of each set of visits.

        One a row, as :func:`~routing.solver.exact.labels.read_routes` gives them.

        ``None``: more of them, or more labels on the way, than allowed.
        """
        tails = self.tails(lane, prices)
        if tails is None:
            return None
        labels, count, all_of_them = forward(
            self.fleet, lane, prices, *self._bits, self._marks[lane], tails, ceiling, EVERY, most_labels
        )
        if not all_of_them:
            return None
        labels = labels[:count]
        rows = np.flatnonzero(labels[:, TOTAL] < ceiling)
        order = np.lexsort((labels[rows, TOTAL], labels[rows, SET_LO], labels[rows, SET_HI]))
        rows = rows[order]
        sets = labels[rows][:, (SET_LO, SET_HI)]
        first = np.ones(len(rows), dtype=np.bool_)
        first[1:] = (sets[1:] != sets[:-1]).any(axis=1)
        rows = rows[first]
        return None if len(rows) > most else read_routes(labels, rows)


def _varied(labels: Table, good: Ints) -> Ints:
    """The best routes, not too many that end alike."""
    taken: list[int] = []
    ends: dict[int, int] = {}
    for label in good.tolist():
        end = int(labels[label, 0])
        if ends.get(end, 0) < _PER_VISIT:
            ends[end] = ends.get(end, 0) + 1
            taken.append(label)
            if len(taken) == _ROUTES:
                break
    return np.array(taken, dtype=np.int64)


def _near(network: Network, visit_bits: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
    """The bits of the visits each visit remembers: the nearest ones and itself."""
    legs = np.where(network.fleet.leg_s >= 0, network.fleet.leg_s, NEVER).min(axis=0)
    either = np.minimum(legs, legs.T)
    np.fill_diagonal(either, -1)
    nearest = np.argsort(either, axis=1, kind="stable")[:, :_REMEMBERED_VISITS]
    lo, hi = visit_bits
    return np.bitwise_or.reduce(lo[nearest], axis=1), np.bitwise_or.reduce(hi[nearest], axis=1)
