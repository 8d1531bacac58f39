"""Chooses one set of visits for each van so that together they serve everybody: which choices there are, and the best.

Up to three vans are joined by looking up what the last must take; more of them are worked through van by van, over all
sets of all visits, which only few visits allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from routing.quote.sequences import Ints

NONE = 1 << 50
"""The cost of what cannot be."""

MOST_VISITS = 12
"""For more than three vans: ``3 ** 12`` choices of a set and a set within it."""

MOST_VISITS_OF_THREE = 20
"""For up to three vans: ``2 ** 20`` sets."""

Sets = tuple[Ints, Ints]
"""Sets one van can serve, and for each a number: the windows it can be served in as bits, or its cost."""


def can_choose(vans: int, visits: int) -> bool:
    """Whether choosing would end soon."""
    return visits <= (MOST_VISITS_OF_THREE if vans <= 3 else MOST_VISITS)


def possible_bits(full: int, vans: Sequence[Sets]) -> int:
    """The bits (of windows) in which the vans can serve all of ``full``: in each, some choice has it in every set."""
    if len(vans) > 3:
        served = np.zeros(full + 1, dtype=np.int64)
        served[0] = -1
        every, part, starts = _parts(full.bit_length())
        for sets in vans:
            alone = _table(full, sets, 0)
            served = np.bitwise_or.reduceat(served[every ^ part] & alone[part], starts)
        return int(served[full])
    first, second, third = sorted(_three(full, vans, -1), key=lambda sets: len(sets[0]))
    last, found = _table(full, third, 0), 0
    for mask, bits in zip(first[0].tolist(), first[1].tolist(), strict=True):
        if bits & ~found:
            beside = second[0] & mask == 0
            rest = last[(full ^ mask) ^ second[0][beside]]
            found |= bits & int(np.bitwise_or.reduce(second[1][beside] & rest, initial=0))
    return found


def cheapest(full: int, vans: Sequence[Sets]) -> list[int] | None:
    """The set of each van in the choice of the least cost; ``None`` where there is no choice."""
    return _cheapest_of_many(full, vans) if len(vans) > 3 else _cheapest_of_three(full, vans)


def _cheapest_of_three(full: int, vans: Sequence[Sets]) -> list[int] | None:
    first, second, third = _three(full, vans, 0)
    last = _table(full, third, NONE)
    least = int(second[1].min(initial=NONE)) + int(third[1].min(initial=NONE))
    best, chosen = NONE, None
    order = np.argsort(first[1], kind="stable")
    for mask, cost in zip(first[0][order].tolist(), first[1][order].tolist(), strict=True):
        if cost + least >= best:
            break
        beside = second[0] & mask == 0
        masks = second[0][beside]
        if not len(masks):
            continue
        costs = cost + second[1][beside] + last[(full ^ mask) ^ masks]
        at = int(costs.argmin())
        if costs[at] < best:
            best, taken = int(costs[at]), int(masks[at])
            chosen = [mask, taken, full ^ mask ^ taken]
    return None if chosen is None else chosen[3 - len(vans) :]


def _cheapest_of_many(full: int, vans: Sequence[Sets]) -> list[int] | None:
    every, part, starts = _parts(full.bit_length())
    best = np.full(full + 1, NONE, dtype=np.int64)
    best[0] = 0
    steps: list[tuple[Ints, Ints]] = []
    for sets in vans:
        cost = _table(full, sets, NONE)
        steps.append((best, cost))
        best = np.minimum.reduceat(best[every ^ part] + cost[part], starts)
    if best[full] >= NONE:
        return None
    chosen, mask = [], full
    for before, cost in reversed(steps):
        begin, end = int(starts[mask]), int(starts[mask + 1]) if mask < full else len(every)
        parts = part[begin:end]
        taken = int(parts[(before[mask ^ parts] + cost[parts]).argmin()])
        chosen.append(taken)
        mask ^= taken
    return chosen[::-1]


def _three(full: int, vans: Sequence[Sets], nothing: int) -> tuple[Sets, Sets, Sets]:
    """Three vans, missing ones serving nobody, without the sets that leave the others more than they can ever take."""
    idle = (np.zeros(1, dtype=np.int64), np.full(1, nothing, dtype=np.int64))
    three = [*([idle] * (3 - len(vans))), *vans]
    sizes = [np.bitwise_count(masks).astype(np.int64) for masks, _ in three]
    most = [int(size.max(initial=0)) for size in sizes]
    kept = []
    for (masks, numbers), size, own in zip(three, sizes, most, strict=True):
        enough = size >= full.bit_count() - (sum(most) - own)
        kept.append((masks[enough], numbers[enough]))
    return kept[0], kept[1], kept[2]


def _table(full: int, sets: Sets, otherwise: int) -> Ints:
    """The numbers of all sets of ``full``, ``otherwise`` of those the van cannot serve."""
    table = np.full(full + 1, otherwise, dtype=np.int64)
    table[sets[0]] = sets[1]
    return table


@lru_cache(maxsize=16)
def _parts(count: int) -> tuple[Ints, Ints, Ints]:
    """Every set with every set within it, ``3 ** count`` pairs by the first, and where each first begins."""
    numbers = np.arange(3**count, dtype=np.int64)
    every, part = np.zeros_like(numbers), np.zeros_like(numbers)
    for bit in range(count):
        digit = numbers // 3**bit % 3
        every |= (digit > 0).astype(np.int64) << bit
        part |= (digit == 1).astype(np.int64) << bit
    order = np.argsort(every, kind="stable")
    return every[order], part[order], np.flatnonzero(np.diff(every[order], prepend=-1))
