"""Dives for a good day: takes the likeliest route of the programme, prices again for the rest, until nothing is open.

R. Sadykov, F. Vanderbeck, A. Pessoa, I. Tahiri, E. Uchoa, "Primal heuristics for branch and price: the assets of diving
methods", INFORMS Journal on Computing 31 (2019). Routes that only a fixed rest makes attractive are found on the way,
which joining the routes known already cannot do.
"""

from __future__ import annotations

from routing.solver.exact.branching import without_visits
from routing.solver.exact.master import Master, Taken
from routing.solver.exact.network import Network, Routes
from routing.solver.exact.pricing import Pricer
from routing.solver.spending import Spending

_SURE = 0.9
"""Routes taken to so much are taken whole at once."""
_ROUNDS = 3
"""Rounds of pricing after every decision; twice as many where only who is served counts."""


def dive(network: Network, master: Master, ceiling_s: int, spending: Spending) -> Routes | None:
    """A good beginning for :mod:`routing.solver.ruin`, or ``None`` where time ended the dive.

    A visit that must not be left out may be: where the dive rises above the ceiling, it ends with the likeliest routes
    that have no visit in common.

    Args:
        network: the day.
        master: a programme of it that may be spoiled.
        ceiling_s: where to turn back.
        spending: what may be spent.
    """
    fixed: set[int] = set()
    pricer = Pricer(network)
    while not spending.over:
        relaxed = master.solve()
        for _ in range(_ROUNDS if network.second_cost else 2 * _ROUNDS):
            found = pricer.price(relaxed.prices, quick=True)
            spending.count()
            spending.count_labels(found.labels)
            if not master.add(found.routes):
                break
            relaxed = master.solve()
        taken = master.taken()
        if relaxed.value_s >= ceiling_s:
            return _rounded(network, taken)
        if master.raise_prices(taken.left_out):
            continue
        if taken.whole:
            return [(lane, numbers) for lane, numbers, _ in taken.routes]
        undecided = [(value, lane, numbers) for lane, numbers, value in taken.routes if not fixed.issuperset(numbers)]
        if not undecided:
            return None
        undecided.sort(key=lambda each: (-each[0], each[1:]))
        for value, lane, numbers in undecided:
            if value >= _SURE or value == undecided[0][0]:
                master.take((lane, numbers))
                fixed.update(numbers)
                if value < _SURE:
                    break
        pricer = Pricer(network, without_visits(network.fleet, sorted(fixed)))
    return None


def _rounded(network: Network, taken: Taken) -> Routes:
    """The likeliest routes taken, as far as they have nothing in common and there are shifts for them."""
    routes: Routes = []
    served: set[int] = set()
    free = list(network.counts)
    for lane, numbers, _ in sorted(taken.routes, key=lambda each: (-each[2], each[:2])):
        if free[lane] and served.isdisjoint(numbers):
            routes.append((lane, numbers))
            served.update(numbers)
            free[lane] -= 1
    return routes
