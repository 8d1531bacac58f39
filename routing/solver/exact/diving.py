"""Dives for a good day: takes the likeliest route of the programme, prices again for the rest, until nothing is open.

R. Sadykov, F. Vanderbeck, A. Pessoa, I. Tahiri, E. Uchoa, "Primal heuristics for branch and price: the assets of diving
methods", INFORMS Journal on Computing 31 (2019). Routes that only a fixed rest makes attractive are found on the way,
which joining the routes known already cannot do.
"""

from __future__ import annotations

from routing.solver.exact.branching import without_visits
from routing.solver.exact.master import Master
from routing.solver.exact.network import Network, Routes
from routing.solver.exact.pricing import Pricer
from routing.solver.spending import Spending

_SURE = 0.9
"""Routes taken to so much are taken whole at once."""
_ROUNDS = 6
"""Rounds of pricing after every decision."""


def dive(network: Network, master: Master, ceiling_s: int, spending: Spending) -> Routes | None:
    """A day the programme holds to be below the ceiling, or ``None`` where the dive ends above it.

    A visit that must not be left out may be: what is returned is a good beginning for :mod:`routing.solver.ruin`.

    Args:
        network: the day.
        master: a programme of it that may be spoiled.
        ceiling_s: days that cost as much or more are not wanted.
        spending: what may be spent.
    """
    fixed: set[int] = set()
    pricer = Pricer(network)
    while not spending.over:
        relaxed = master.solve()
        for _ in range(_ROUNDS):
            spending.count()
            if not master.add(pricer.price(relaxed.prices, quick=True).routes):
                break
            relaxed = master.solve()
        if relaxed.value_s >= ceiling_s:
            return None
        taken = master.taken()
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
