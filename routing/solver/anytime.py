"""One loop from the first idea to the proof: quick days first, then a bound, then both until they meet or time is up.

First the earlier plan or nothing, improved by ruin and recreation (:mod:`routing.solver.ruin`), or, where loops are not
compiled, by OR-Tools' guided local search (:mod:`routing.solver.search`). Then branch and price
(:mod:`routing.solver.exact.prove`). Whatever is better on the way is told at once, so that whoever listens has the best
day so far whenever this process ends.
"""

from __future__ import annotations

from collections.abc import Callable

from routing.solver.compiled import is_compiled
from routing.solver.exact.labels import MOST_VISITS
from routing.solver.exact.network import Network, Routes
from routing.solver.exact.prove import Proof, Proved
from routing.solver.ruin import Ruiner
from routing.solver.spending import Spending

Tell = Callable[[Proved], None]

_STEPS_PER_VISIT = 60
"""Steps of ruin and recreation before the first bound is asked for."""
_STEPS_PER_SOLUTION = 20
"""Of a counted budget, at most so many steps for every one counted."""
_QUICK_SHARE = 0.1
"""Of a budget in seconds, most that the quick days may take."""
_CHUNK = 400
_PLAIN_STEPS = 0.02
"""Share of the steps where loops are not compiled."""


def best_day(network: Network, spending: Spending, *, start: Routes = (), tell: Tell | None = None) -> Proved:  # type: ignore[assignment]
    """The best day found within the budget, and what no day can cost less than.

    Args:
        network: the day.
        spending: what may be spent.
        start: routes to begin from; they need not serve everybody.
        tell: called with every better day and every higher bound.
    """
    ruiner = _quick_days(network, list(start), spending, _Teller(network, tell))
    quick = ruiner.result
    best = quick.routes if network.keeps_all(quick.routes) else None
    if network.size > MOST_VISITS:
        return _without_proof(ruiner, spending, _Teller(network, tell))
    proof = Proof(network, spending, known=[*quick.routes, *quick.seen], best=best, tell=tell)
    if tell is not None:
        tell(proof.state)
    return proof.run()


class _Teller:
    """Tells of quick days: each better one, with no bound but zero."""

    def __init__(self, network: Network, tell: Tell | None) -> None:
        self._network, self._tell = network, tell
        self._told: int | None = None

    def state(self, ruiner: Ruiner) -> Proved:
        """The best day so far, told if it is news."""
        result = ruiner.result
        if not self._network.keeps_all(result.routes):
            return Proved(None, self._network.ceiling_s, 0)
        state = Proved(result.routes, result.cost_s, 0)
        if self._tell is not None and state.cost_s != self._told:
            self._told = state.cost_s
            self._tell(state)
        return state


def _quick_days(network: Network, start: Routes, spending: Spending, teller: _Teller) -> Ruiner:
    steps = _STEPS_PER_VISIT * network.size
    if not is_compiled():
        steps = int(steps * _PLAIN_STEPS) + 1
    left, left_s = spending.left, spending.left_s
    if left is not None:
        steps = min(steps, _STEPS_PER_SOLUTION * left)
    until_s = spending.used_s + _QUICK_SHARE * left_s if left_s is not None else None
    ruiner = Ruiner(network, start, seed=network.size, steps=steps)
    while ruiner.done < steps and (until_s is None or spending.used_s < until_s):
        ruiner.work(min(_CHUNK, steps - ruiner.done))
        teller.state(ruiner)
    return ruiner


def _without_proof(ruiner: Ruiner, spending: Spending, teller: _Teller) -> Proved:
    """A day of more visits than labels have bits for: ruin and recreation to the end, and no bound but zero."""
    while not spending.over:
        ruiner.work(_CHUNK)
        spending.count(_CHUNK // _STEPS_PER_SOLUTION)
        teller.state(ruiner)
    return teller.state(ruiner)
