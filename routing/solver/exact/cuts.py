"""Subset-row cuts: of three visits, at most one route can serve two or more.

M. Jepsen, B. Petersen, S. Spoorendonk, D. Pisinger, "Subset-row inequalities applied to the vehicle-routing problem
with time windows", Operations Research 56 (2008). For visits a, b, c: the sum of x_r over routes r with at least two of
them is at most 1. Half routes that share visits in a circle are cut off.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from routing.solver.compiled import Ints, Table, compiled

Cut = tuple[int, int, int]
"""Three visits, ascending."""

_ROUND = 24
_PER_VISIT = 4
"""Cuts added in one round, and of them how many may hold the same visit."""
_LEAST = 0.03
"""A violation worth a cut."""


def violated(routes: Sequence[tuple[int, ...]], values: Sequence[float], size: int, most: int = _ROUND) -> list[Cut]:
    """Cuts that the fractional routes violate, the worst first.

    Args:
        routes: visits of each route, in any order.
        values: how much of each is taken.
        size: how many visits there are.
        most: how many cuts at most.
    """
    held = np.zeros((len(routes), size), dtype=np.bool_)
    for row, route in enumerate(routes):
        held[row, list(route)] = True
    weights = np.array(values, dtype=np.float64)
    pairs = (held * weights[:, None]).T @ held.astype(np.float64)
    found, excess = _triples(held, weights, pairs, 1.0 + _LEAST)
    chosen: list[Cut] = []
    used = np.zeros(size, dtype=np.int64)
    for row in np.argsort(-excess, kind="stable").tolist():
        cut = (int(found[row, 0]), int(found[row, 1]), int(found[row, 2]))
        if all(used[visit] < _PER_VISIT for visit in cut):
            used[list(cut)] += 1
            chosen.append(cut)
            if len(chosen) == most:
                break
    return chosen


@compiled
def _triples(
    held: NDArray[np.bool_], weights: NDArray[np.float64], pairs: NDArray[np.float64], least: float
) -> tuple[Table, NDArray[np.float64]]:
    """All triples whose routes of two or more visits weigh more than ``least``, and how much more than 1."""
    size = pairs.shape[0]
    found = np.empty((1024, 3), dtype=np.int64)
    excess = np.empty(1024, dtype=np.float64)
    count = 0
    for a in range(size):
        for b in range(a + 1, size):
            for c in range(b + 1, size):
                total = pairs[a, b] + pairs[a, c] + pairs[b, c]
                if total <= least:
                    continue
                for row in range(len(weights)):
                    if held[row, a] and held[row, b] and held[row, c]:
                        total -= 2.0 * weights[row]
                if total > least:
                    if count == len(excess):
                        larger = np.empty((2 * count, 3), dtype=np.int64)
                        larger[:count] = found
                        found = larger
                        more = np.empty(2 * count, dtype=np.float64)
                        more[:count] = excess
                        excess = more
                    found[count, 0], found[count, 1], found[count, 2] = a, b, c
                    excess[count] = total - 1.0
                    count += 1
    return found[:count], excess[:count]


def cut_bits(cuts: Sequence[Cut], charges: Sequence[int], size: int) -> tuple[Ints, Ints, Table, tuple[int, ...]]:
    """The charged cuts as bits of their visits, and what sets of them charge.

    Returns:
        Low and high bits of every visit, the table of :class:`Prices`, and which cuts got a bit: the 128 dearest.
    """
    dear = [number for number in range(len(cuts)) if charges[number] > 0]
    dear.sort(key=lambda number: -charges[number])
    dear = dear[:128]
    lo, hi = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.uint64)
    table = np.zeros((16, 256), dtype=np.int64)
    values = np.arange(256)
    for place, number in enumerate(dear):
        word = lo if place < 64 else hi
        for visit in cuts[number]:
            word[visit] |= np.uint64(1) << np.uint64(place % 64)
        table[place // 8] += np.where((values >> (place % 8)) & 1, charges[number], 0)
    return lo.view(np.int64), hi.view(np.int64), table, tuple(dear)
