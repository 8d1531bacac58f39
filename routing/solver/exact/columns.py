"""Column generation with cuts: brings a master to its bound, and keeps every bound found on the way.

Quick labels as long as they find anything, then exact ones: only these prove. The programme is made anew with the best
of its routes when it has grown: GLOP reads all of them every time, and that soon costs more than the pricing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from routing.solver.compiled import Ints
from routing.solver.exact.cuts import Cut, violated
from routing.solver.exact.labels import SCALE, Prices
from routing.solver.exact.master import Master, Relaxed, Taken
from routing.solver.exact.network import Network
from routing.solver.exact.pricing import MOST_LABELS, Priced, Pricer
from routing.solver.spending import Spending

_LEAST_GAIN = 0.02
"""Share of the gap a round of cuts must close to be followed by another."""
_POOR_ROUNDS = 3
"""Rounds in a row that may close less."""
_HEAVY = 30_000
"""Exact labels of one round after which no more cuts are added: each makes labels harder to compare, and the next round
may take many times as long. Most days stay below 10,000."""
_MANY, _FEW = 2200, 1100
"""Routes at which the programme is made anew, and how many of them are kept: GLOP reads them all every time."""


@dataclass(frozen=True)
class Bound:
    """A proved bound and the prices that prove it.

    Attributes:
        scaled: in 1/``SCALE`` seconds.
        prices: the prices.
        least: (m,) least reduced cost of each lane at them.
        charges: what the cuts charge at them.
    """

    scaled: int
    prices: Prices
    least: Ints
    charges: tuple[tuple[Cut, int], ...]

    @property
    def seconds(self) -> int:
        """The bound in whole seconds: costs are whole, so it is rounded up."""
        return -(-self.scaled // SCALE)


class Columns:
    """One master under column generation.

    Args:
        network: the day, or a branch of it.
        master: with the routes to begin from.
        spending: what may still be spent.
        most_cuts: how many cuts; none for 0.
    """

    def __init__(self, network: Network, master: Master, spending: Spending, *, most_cuts: int = 128) -> None:
        self.network, self.master = network, master
        self.pricer = Pricer(network)
        self.bound: Bound | None = None
        self.relaxed: Relaxed | None = None
        self.taken: Taken | None = None
        self._spending = spending
        self._most_cuts = most_cuts
        self._labels = 0

    def rough(self) -> bool:
        """Add routes as long as quick labels find any; whether they ended within what may be spent."""
        while not self._spending.over:
            self.relaxed = self.master.solve()
            found = self.pricer.price(self.relaxed.prices, quick=True)
            self._spending.count()
            self._spending.count_labels(found.labels)
            if not self.master.add(found.routes):
                return True
        return False

    def first_bound(self) -> None:
        """Some bound, by the prices of a programme that quick labels have nothing to add to; no more than a look."""
        found = self._exact()
        if found is not None:
            self.master.add(found.routes)

    def settle(self, ceiling_s: int) -> bool:
        """Add routes until none helps any more, or the bound reaches the ceiling.

        Returns:
            Whether it got that far within what may be spent.
        """
        while self.rough():
            found = self._exact()
            if found is None:
                return False
            self.taken = self.master.taken()
            if self.bound is not None and self.bound.seconds >= ceiling_s:
                return True
            if not self.master.add(found.routes) and not self.master.raise_prices(self.taken.left_out):
                return True
        return False

    def tighten(self, ceiling_s: int) -> bool:
        """Cuts and columns in turn until the bound reaches the ceiling or cuts bring little.

        Returns:
            Whether the last round was settled.
        """
        poor = 0
        if not self.settle(ceiling_s):
            return False
        while True:
            assert self.bound is not None
            assert self.taken is not None
            before = self.bound.scaled
            room = self._most_cuts - len(self.master.cuts)
            if self.bound.seconds >= ceiling_s or self.taken.whole or room <= 0 or poor >= _POOR_ROUNDS:
                return True
            if self._labels > _HEAVY and self.network.second_cost:
                return True
            cuts = self._violated(room)
            if not cuts:
                return True
            if len(self.master.routes) > _MANY:
                self.master = self.slimmed(_FEW)
            self.master.cut(cuts)
            if not self.settle(ceiling_s):
                return False
            gain, gap = self.bound.scaled - before, ceiling_s * SCALE - before
            poor = poor + 1 if gain < _LEAST_GAIN * gap else 0

    def slimmed(self, most: int) -> Master:
        """The programme anew, with the cuts that charge and the routes that cost least beyond their price."""
        assert self.bound is not None
        slim = Master(self.network, self.master.price_s.tolist())
        slim.cut([cut for cut, _ in self.master.charges])
        reduced = self.master.reduced_costs(self.bound.prices, self.bound.charges)
        best = np.argsort(reduced, kind="stable")[:most]
        slim.add([self.master.routes[row] for row in sorted(best.tolist())])
        return slim

    def _exact(self) -> Priced | None:
        """Exact labels at the prices at hand, and the bound they give; ``None`` where they would be too many."""
        assert self.relaxed is not None
        most = self._spending.labels(MOST_LABELS)
        found = self.pricer.price(self.relaxed.prices, quick=False, most_labels=most)
        self._spending.count_labels(found.labels)
        self._labels = found.labels
        if not found.exact:
            return None
        self._keep(self.relaxed, found.least)
        return found

    def _violated(self, most: int) -> list[Cut]:
        assert self.taken is not None
        known = set(self.master.cuts)
        routes = [numbers for _, numbers, _ in self.taken.routes]
        values = [value for *_, value in self.taken.routes]
        return [cut for cut in violated(routes, values, self.network.size, min(most, 24)) if cut not in known]

    def _keep(self, relaxed: Relaxed, least: Ints) -> None:
        scaled = relaxed.dual_value(self.network, np.minimum(least, 0))
        if self.bound is None or scaled > self.bound.scaled:
            self.bound = Bound(scaled, relaxed.prices, np.minimum(least, 0), relaxed.charges)
