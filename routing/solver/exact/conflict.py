"""Whether some promises can be kept together at all, and, where not, which few of them are the reason.

The same master and labels, with driving for nothing: only leaving out a promise costs. A bound above zero proves that
somebody must be left out; a day of cost zero is a plan that keeps all. The reason is found by taking away what is not
part of it (deletion filter: J. Chinneck, E. Dravnieks, "Locating minimal infeasible constraint sets in linear
programs", ORSA Journal on Computing 3 (1991)), in halves first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from routing.solver.compiled import is_compiled
from routing.solver.exact.network import Network, who_is_served
from routing.solver.exact.prove import Proof, Proved
from routing.solver.ruin import polished
from routing.solver.spending import Spending

_QUICK_STEPS = 200


def any_day(network: Network, spending: Spending, known: Sequence[tuple[int, tuple[int, ...]]] = ()) -> Proved:
    """A day that serves everybody it must, however long the driving.

    Returns:
        Routes; or none and ``optimal``: proved that there are none; or none and not: the budget was spent.
    """
    quick = polished(network, list(known), _QUICK_STEPS if is_compiled() else 0)
    proof = Proof(who_is_served(network), spending, known=[*quick.routes, *known], best=quick.routes)
    return proof.run(until=lambda state: state.routes is not None)


def smallest_conflict(network: Network, spending: Spending) -> tuple[int, ...]:
    """Required visits that cannot be kept together, none of them superfluous where the budget lasts.

    The network must be proved to have no day that serves all of them. Visits taken away stay as optional ones: a stop
    on the way may help.
    """
    kept = np.flatnonzero(network.required).tolist()
    size = len(kept)
    while size >= 1 and not spending.over:
        size = max(1, size // 2) if size > 1 else 1
        at = 0
        while at < len(kept) and not spending.over:
            fewer = kept[:at] + kept[at + size :]
            if fewer and _impossible(network, fewer, spending):
                kept = fewer
            else:
                at += size
        if size == 1:
            break
    return tuple(kept)


def _impossible(network: Network, required: Sequence[int], spending: Spending) -> bool:
    asked = np.zeros(network.size, dtype=np.bool_)
    asked[list(required)] = True
    state = any_day(replace(network, required=asked), spending)
    return state.routes is None and state.optimal
