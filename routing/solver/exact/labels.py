"""Routes worth taking, found by labels: partial routes extended stop by stop, the hopeless ones thrown away early.

The elementary shortest path problem with resource constraints: D. Feillet, P. Dejax, M. Gendreau, C. Gueguen, "An exact
algorithm for the elementary shortest path problem with resource constraints", Networks 44 (2004), with their marking of
visits that can no longer be reached. What a partial route can still gain at best comes from labels extended backward,
which forget far visits (R. Baldacci, A. Mingozzi, R. Roberti, "New route relaxation and pricing strategies for the
vehicle routing problem", Operations Research 59 (2011)): a label that cannot end below the ceiling is dropped.
Subset-row cuts are charged along the way (M. Jepsen, B. Petersen, S. Spoorendonk, D. Pisinger, "Subset-row inequalities
applied to the vehicle-routing problem with time windows", Operations Research 56 (2008)).

All prices are whole numbers of 1/:data:`SCALE` seconds: sums are exact, and so is every bound made of them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from routing.solver.compiled import Ints, Table, compiled, inlined
from routing.solver.exact.network import NEVER, Fleet
from routing.solver.exact.timing import begin_from, begin_until, depart_home, depart_to_rest, ready_rested

SCALE = 1024
"""Parts a second is divided into for prices."""

MOST_VISITS = 128
"""Visits in the two words of a label; also the number of cuts a label can charge."""

ENDLESS = 1 << 60

EXACT, QUICK, EVERY = 0, 1, 2
"""How labels are thrown away: when another is at least as good for every continuation; when another is as early and as
cheap, whatever it visited (finds much, proves nothing); only when another serves the very same visits (lists all)."""

VISIT, BEGIN, COST, GONE_LO, GONE_HI, CUT_LO, CUT_HI, BEFORE, NEXT, SAME, RESTED, LOAD, SET_LO, SET_HI, ALIVE, TOTAL = (
    range(16)
)
"""Columns of a label: where it stands, when service begins there, what it cost so far, visits it can no longer serve,
cuts it has touched once, the label before it, two chains, whether the break is behind it, its load, visits it served,
whether it is still of use, and what the route costs when it goes home from here (``ENDLESS``: it cannot)."""

_FIELDS = 16
_QUEUES = 512
_HASHES = 1 << 18


class Prices(NamedTuple):
    """What the master pays: everything in 1/``SCALE`` seconds.

    Attributes:
        visit: (n,) for serving a visit.
        lane: (m,) for using a shift of the lane (never positive).
        cut_lo, cut_hi: (n,) cuts that hold the visit, as bits.
        cut: (16, 256) what a set of cuts charges, by byte of the bits and its value.
        second: what a second of driving costs: ``SCALE``, or nothing.
    """

    visit: Ints
    lane: Ints
    cut_lo: Ints
    cut_hi: Ints
    cut: Table
    second: int


class Tails(NamedTuple):
    """What can follow at best: for each visit, and the break behind or still to come, the cheapest ends first.

    Attributes:
        from_: (2n + 1,) where the tails of ``2 * visit + (1 if the break is still to come)`` begin.
        cost: price of everything after the visit.
        until: latest begin of service at the visit.
        lo, hi: visits that are certainly among what follows, as bits.
        load: what follows takes of the capacity.
    """

    from_: Ints
    cost: Ints
    until: Ints
    lo: Ints
    hi: Ints
    load: Ints


class Marks(NamedTuple):
    """Which visits a route can no longer serve, by the visit where it stands and when it leaves there.

    Attributes:
        until_s: (n, n) of every visit, ascending: the last departures that still reach the others, one by one.
        lo, hi: (n, n + 1) those no longer reached when so many of these departures are past, as bits.
    """

    until_s: Table
    lo: Table
    hi: Table


def marks_of(fleet: Fleet, lane: int, bit_lo: Ints, bit_hi: Ints) -> Marks:
    """The marks of a lane; ``bit_lo``, ``bit_hi``: the visits' bits."""
    size = len(fleet.service_s)
    latest = np.where(fleet.opens_s < NEVER, fleet.closes_s, 0).max(axis=1, initial=0)
    until_s = latest[None, :] - fleet.reach_s[lane]
    order = np.argsort(until_s, axis=1, kind="stable")
    lo, hi = np.zeros((size, size + 1), dtype=np.int64), np.zeros((size, size + 1), dtype=np.int64)
    lo[:, 1:] = np.bitwise_or.accumulate(bit_lo[order], axis=1)
    hi[:, 1:] = np.bitwise_or.accumulate(bit_hi[order], axis=1)
    return Marks(np.take_along_axis(until_s, order, axis=1), lo, hi)


def bits(size: int) -> tuple[Ints, Ints]:
    """The bit of every visit in the low and the high word."""
    lo, hi = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=np.uint64)
    for number in range(size):
        word = lo if number < 64 else hi
        word[number] = np.uint64(1) << np.uint64(number % 64)
    return lo.view(np.int64), hi.view(np.int64)


@inlined
def charge(cut: Table, lo: int, hi: int) -> int:
    """What a set of cuts costs."""
    total = 0
    if lo:
        for byte in range(8):
            total += cut[byte, (lo >> (8 * byte)) & 255]
    if hi:
        for byte in range(8):
            total += cut[byte + 8, (hi >> (8 * byte)) & 255]
    return total


@compiled
def _grown(labels: Table) -> Table:
    larger = np.empty((2 * labels.shape[0], _FIELDS), dtype=np.int64)
    larger[: labels.shape[0]] = labels
    return larger


@inlined
def _may_end_below(
    tails: Tails, visit: int, begin_s: int, rested: int, cost: int, lo: int, hi: int, load: int, ceiling: int
) -> bool:
    """Whether some tail joins the label for less than the ceiling; ``lo``, ``hi``: what it served before the visit."""
    place = 2 * visit + (0 if rested else 1)
    for at in range(tails.from_[place], tails.from_[place + 1]):
        if cost + tails.cost[at] >= ceiling:
            return False
        if tails.until[at] >= begin_s and tails.load[at] <= load and not (tails.lo[at] & lo or tails.hi[at] & hi):
            return True
    return False


@inlined
def _beats(labels: Table, one: int, other: int, mode: int, cut: Table) -> bool:
    """Whether the first label makes the second one superfluous."""
    if labels[one, BEGIN] > labels[other, BEGIN] or labels[one, COST] > labels[other, COST]:
        return False
    if mode == QUICK:
        return labels[one, LOAD] <= labels[other, LOAD]
    if labels[one, GONE_LO] & ~labels[other, GONE_LO] or labels[one, GONE_HI] & ~labels[other, GONE_HI]:
        return False
    if labels[one, LOAD] > labels[other, LOAD]:
        return False
    more_lo = labels[one, CUT_LO] & ~labels[other, CUT_LO]
    more_hi = labels[one, CUT_HI] & ~labels[other, CUT_HI]
    if more_lo or more_hi:
        return labels[one, COST] + charge(cut, more_lo, more_hi) <= labels[other, COST]
    return True


@inlined
def _is_beaten(labels: Table, new: int, heads: Ints, place: int, mode: int, cut: Table) -> bool:
    """Whether a label of the chain (cheapest first) makes the new one superfluous."""
    at = heads[place]
    while at >= 0 and labels[at, COST] <= labels[new, COST]:
        if _beats(labels, at, new, mode, cut):
            return True
        at = labels[at, SAME]
    return False


@inlined
def _insert(labels: Table, new: int, heads: Ints, place: int) -> None:
    """Put the label into its chain, cheapest first."""
    before, at = -1, heads[place]
    while at >= 0 and labels[at, COST] <= labels[new, COST]:
        before, at = at, labels[at, SAME]
    labels[new, SAME] = at
    if before < 0:
        heads[place] = new
    else:
        labels[before, SAME] = new


@inlined
def _purge(labels: Table, new: int, heads: Ints, place: int, mode: int, cut: Table) -> None:
    """Take out of a chain what the new label makes superfluous."""
    before, at = -1, heads[place]
    while at >= 0:
        after = labels[at, SAME]
        if at != new and labels[at, COST] >= labels[new, COST] and _beats(labels, new, at, mode, cut):
            labels[at, ALIVE] = 0
            if before < 0:
                heads[place] = after
            else:
                labels[before, SAME] = after
        else:
            before = at
        at = after


@compiled
def _admit(labels: Table, new: int, heads: Ints, mode: int, cut: Table) -> bool:
    """Keep a label unless another beats it. One that has rested, as early and as cheap, can do all that another can."""
    visit, rested = labels[new, VISIT], labels[new, RESTED]
    for state in range(rested, 2):
        if _is_beaten(labels, new, heads, 2 * visit + state, mode, cut):
            return False
    for state in range(rested + 1):
        _purge(labels, new, heads, 2 * visit + state, mode, cut)
    _insert(labels, new, heads, 2 * visit + rested)
    return True


@compiled
def _admit_tail(labels: Table, new: int, heads: Ints, cut: Table) -> bool:
    """Keep a label that goes backward unless another with the break on the same side beats it."""
    place = 2 * labels[new, VISIT] + labels[new, RESTED]
    if _is_beaten(labels, new, heads, place, EXACT, cut):
        return False
    _purge(labels, new, heads, place, EXACT, cut)
    _insert(labels, new, heads, place)
    return True


@compiled
def _admit_set(labels: Table, new: int, heads: Ints) -> bool:
    """Put a label into the chain of its set, unless the same visits are served as well by one that ends here too."""
    lo, hi, visit = labels[new, SET_LO], labels[new, SET_HI], labels[new, VISIT]
    mixed = (lo ^ (lo >> 17) ^ (hi >> 3) ^ (hi >> 29) ^ (lo >> 40)) & 0xFFFFFFFF
    place = ((mixed * 40503) ^ (visit * 7919)) & (len(heads) - 1)
    at = heads[place]
    while at >= 0:
        if labels[at, VISIT] == visit and labels[at, SET_LO] == lo and labels[at, SET_HI] == hi:
            if (
                labels[at, RESTED] >= labels[new, RESTED]
                and labels[at, BEGIN] <= labels[new, BEGIN]
                and labels[at, COST] <= labels[new, COST]
            ):
                return False
            if (
                labels[new, RESTED] >= labels[at, RESTED]
                and labels[new, BEGIN] <= labels[at, BEGIN]
                and labels[new, COST] <= labels[at, COST]
            ):
                labels[at, ALIVE] = 0
        at = labels[at, SAME]
    labels[new, SAME] = heads[place]
    heads[place] = new
    return True


@compiled
def forward(
    fleet: Fleet,
    lane: int,
    prices: Prices,
    bit_lo: Ints,
    bit_hi: Ints,
    marks: Marks,
    tails: Tails,
    ceiling: int,
    mode: int,
    most: int,
) -> tuple[Table, int, bool]:
    """All labels of a lane that may end below the ceiling.

    Args:
        fleet: the day.
        lane: which lane.
        prices: what the master pays.
        bit_lo: the visits' bits,
        bit_hi: both words.
        marks: of the lane.
        tails: what can follow at best; without any (``from_`` empty) nothing is dropped for the ceiling.
        ceiling: routes that cost as much or more are not wanted.
        mode: :data:`EXACT`, :data:`QUICK` or :data:`EVERY`.
        most: labels after which it gives up.

    Returns:
        The labels, how many, and whether these are all (it did not give up).
    """
    size = len(fleet.service_s)
    labels = np.empty((4096, _FIELDS), dtype=np.int64)
    count = 0
    heads = np.full(2 * size if mode != EVERY else _HASHES, -1, dtype=np.int64)
    start_s = fleet.start_s[lane]
    width = max(1, (fleet.end_s[lane] - start_s) // _QUEUES + 1)
    queues = np.full(_QUEUES + 1, -1, dtype=np.int64)
    with_tails = len(tails.from_) > 0
    has_rest = fleet.rest_s[lane] >= 0
    for queue in range(-1, _QUEUES + 1):
        while True:
            if queue < 0:
                here = -1
            else:
                here = queues[queue]
                if here < 0:
                    break
                queues[queue] = labels[here, NEXT]
                if not labels[here, ALIVE]:
                    continue
            for visit in range(size):
                # the leg, and what is behind the label
                if here < 0:
                    driving_s = fleet.first_s[lane, visit]
                    if driving_s < 0:
                        continue
                    depart_s, cost = start_s, -prices.lane[lane]
                    rested_before = 0 if has_rest else 1
                    gone_lo, gone_hi, set_lo, set_hi, cut_lo, cut_hi, load = 0, 0, 0, 0, 0, 0, 0
                else:
                    driving_s = fleet.leg_s[lane, labels[here, VISIT], visit]
                    if driving_s < 0:
                        continue
                    gone_lo, gone_hi = labels[here, GONE_LO], labels[here, GONE_HI]
                    if gone_lo & bit_lo[visit] or gone_hi & bit_hi[visit]:
                        continue
                    depart_s = labels[here, BEGIN] + fleet.service_s[labels[here, VISIT]]
                    cost = labels[here, COST]
                    rested_before = labels[here, RESTED]
                    set_lo, set_hi = labels[here, SET_LO], labels[here, SET_HI]
                    cut_lo, cut_hi, load = labels[here, CUT_LO], labels[here, CUT_HI], labels[here, LOAD]
                load += fleet.load[visit]
                if fleet.capacity[lane] and load > fleet.capacity[lane]:
                    continue
                cost += driving_s * prices.second - prices.visit[visit]
                both_lo, both_hi = cut_lo & prices.cut_lo[visit], cut_hi & prices.cut_hi[visit]
                if both_lo or both_hi:
                    cost += charge(prices.cut, both_lo, both_hi)
                for rested in range(rested_before, 2):
                    if rested == rested_before:
                        ready_s = depart_s + driving_s
                    else:
                        ready_s = ready_rested(fleet, lane, depart_s, driving_s)
                    begin_s = begin_from(fleet, visit, ready_s)
                    leave_s = begin_s + fleet.service_s[visit]
                    if leave_s > fleet.end_s[lane]:
                        continue
                    if with_tails and not _may_end_below(
                        tails, visit, begin_s, rested, cost, set_lo, set_hi, fleet.capacity[lane] - load, ceiling
                    ):
                        continue
                    total = ENDLESS
                    if leave_s <= depart_home(fleet, lane, visit, rested == 1):
                        total = cost + fleet.last_s[lane, visit] * prices.second
                    if count == labels.shape[0]:
                        if count >= most:
                            return labels, count, False
                        labels = _grown(labels)
                    new = count
                    labels[new, VISIT] = visit
                    labels[new, BEGIN] = begin_s
                    labels[new, COST] = cost
                    labels[new, CUT_LO] = cut_lo ^ prices.cut_lo[visit]
                    labels[new, CUT_HI] = cut_hi ^ prices.cut_hi[visit]
                    labels[new, BEFORE] = here
                    labels[new, RESTED] = rested
                    labels[new, LOAD] = load
                    labels[new, SET_LO] = set_lo | bit_lo[visit]
                    labels[new, SET_HI] = set_hi | bit_hi[visit]
                    labels[new, ALIVE] = 1
                    labels[new, TOTAL] = total
                    past = np.searchsorted(marks.until_s[visit], leave_s)
                    lo = gone_lo | bit_lo[visit] | marks.lo[visit, past]
                    hi = gone_hi | bit_hi[visit] | marks.hi[visit, past]
                    if fleet.capacity[lane]:
                        for other in range(size):
                            if load + fleet.load[other] > fleet.capacity[lane]:
                                lo |= bit_lo[other]
                                hi |= bit_hi[other]
                    labels[new, GONE_LO] = lo
                    labels[new, GONE_HI] = hi
                    if mode == EVERY:
                        admitted = _admit_set(labels, new, heads)
                    else:
                        admitted = _admit(labels, new, heads, mode, prices.cut)
                    if admitted:
                        count += 1
                        bucket = (begin_s - start_s) // width
                        labels[new, NEXT] = queues[bucket]
                        queues[bucket] = new
            if queue < 0:
                break
    return labels, count, True


@compiled
def backward(
    fleet: Fleet,
    lane: int,
    prices: Prices,
    bit_lo: Ints,
    bit_hi: Ints,
    near_lo: Ints,
    near_hi: Ints,
    most: int,
) -> tuple[Table, int, bool]:
    """What can follow every visit: labels from the way home to the first stop, remembering near visits only.

    A label's ``BEGIN`` is minus the latest begin of service at its visit, its ``COST`` everything after it, ``RESTED``
    is 1 where the break is among it, ``SET`` the visits remembered (its own included), ``CUT`` those touched once.
    """
    size = len(fleet.service_s)
    labels = np.empty((4096, _FIELDS), dtype=np.int64)
    count = 0
    heads = np.full(2 * size, -1, dtype=np.int64)
    start_s = fleet.start_s[lane]
    width = max(1, (fleet.end_s[lane] - start_s) // _QUEUES + 1)
    queues = np.full(_QUEUES + 1, -1, dtype=np.int64)
    has_rest = fleet.rest_s[lane] >= 0
    for queue in range(_QUEUES + 1, -1, -1):
        while True:
            if queue > _QUEUES:
                here = -1
            else:
                here = queues[queue]
                if here < 0:
                    break
                queues[queue] = labels[here, NEXT]
                if not labels[here, ALIVE]:
                    continue
            for visit in range(size):
                if fleet.earliest_s[lane, visit] >= NEVER:
                    continue
                set_lo, set_hi, cut_lo, cut_hi, load, cost, rests_after = 0, 0, 0, 0, 0, 0, 0
                if here < 0:
                    driving_s = fleet.last_s[lane, visit]
                    if driving_s < 0:
                        continue
                    cost = driving_s * prices.second
                else:
                    after = labels[here, VISIT]
                    driving_s = fleet.leg_s[lane, visit, after]
                    if driving_s < 0:
                        continue
                    set_lo, set_hi = labels[here, SET_LO], labels[here, SET_HI]
                    if set_lo & bit_lo[visit] or set_hi & bit_hi[visit]:
                        continue
                    load = labels[here, LOAD] + fleet.load[after]
                    if fleet.capacity[lane] and load + fleet.load[visit] > fleet.capacity[lane]:
                        continue
                    cut_lo, cut_hi = labels[here, CUT_LO], labels[here, CUT_HI]
                    both_lo, both_hi = cut_lo & prices.cut_lo[after], cut_hi & prices.cut_hi[after]
                    cost = labels[here, COST] + driving_s * prices.second - prices.visit[after]
                    if both_lo or both_hi:
                        cost += charge(prices.cut, both_lo, both_hi)
                    cut_lo, cut_hi = cut_lo ^ prices.cut_lo[after], cut_hi ^ prices.cut_hi[after]
                    rests_after = labels[here, RESTED]
                for rests in range(rests_after, 2 if has_rest else 1):
                    if here < 0:
                        depart_s = depart_home(fleet, lane, visit, rests == 0)
                    elif rests == rests_after:
                        depart_s = -labels[here, BEGIN] - driving_s
                    else:
                        depart_s = depart_to_rest(fleet, lane, -labels[here, BEGIN], driving_s)
                    until_s = begin_until(fleet, visit, depart_s - fleet.service_s[visit])
                    if until_s < fleet.earliest_s[lane, visit]:
                        continue
                    if count == labels.shape[0]:
                        if count >= most:
                            return labels, count, False
                        labels = _grown(labels)
                    new = count
                    labels[new, VISIT] = visit
                    labels[new, BEGIN] = -until_s  # negative, so that less is better as it is going forward
                    labels[new, COST] = cost
                    labels[new, GONE_LO] = (set_lo & near_lo[visit]) | bit_lo[visit]
                    labels[new, GONE_HI] = (set_hi & near_hi[visit]) | bit_hi[visit]
                    labels[new, SET_LO] = labels[new, GONE_LO]
                    labels[new, SET_HI] = labels[new, GONE_HI]
                    labels[new, CUT_LO] = cut_lo
                    labels[new, CUT_HI] = cut_hi
                    labels[new, BEFORE] = here
                    labels[new, RESTED] = rests
                    labels[new, LOAD] = load
                    labels[new, ALIVE] = 1
                    labels[new, TOTAL] = 0
                    if _admit_tail(labels, new, heads, prices.cut):
                        count += 1
                        bucket = (until_s - start_s) // width
                        labels[new, NEXT] = queues[bucket]
                        queues[bucket] = new
            if queue > _QUEUES:
                break
    return labels, count, True


def tails_of(labels: Table, size: int) -> Tails:
    """Backward labels that are still of use, by visit and break, the cheapest first."""
    kept = labels[labels[:, ALIVE] == 1]
    place = 2 * kept[:, VISIT] + kept[:, RESTED]
    order = np.lexsort((kept[:, COST], place))
    kept, place = kept[order], place[order]
    return Tails(
        from_=np.searchsorted(place, np.arange(2 * size + 1)).astype(np.int64),
        cost=np.ascontiguousarray(kept[:, COST]),
        until=np.ascontiguousarray(-kept[:, BEGIN]),
        lo=np.ascontiguousarray(kept[:, SET_LO]),
        hi=np.ascontiguousarray(kept[:, SET_HI]),
        load=np.ascontiguousarray(kept[:, LOAD]),
    )


def no_tails() -> Tails:
    """Nothing known of what can follow."""
    nothing = np.zeros(0, dtype=np.int64)
    return Tails(nothing, nothing, nothing, nothing, nothing, nothing)


@compiled
def read_routes(labels: Table, rows: Ints) -> Table:
    """The visits of the routes that go home from some labels, in order, one a row; ``-1`` behind the last."""
    longest = 1
    for row in rows:
        length, at = 0, row
        while at >= 0:
            length, at = length + 1, labels[at, BEFORE]
        longest = max(longest, length)
    stops = np.full((len(rows), longest), -1, dtype=np.int64)
    for number in range(len(rows)):
        length, at = 0, rows[number]
        while at >= 0:
            length, at = length + 1, labels[at, BEFORE]
        at = rows[number]
        while at >= 0:
            length -= 1
            stops[number, length] = labels[at, VISIT]
            at = labels[at, BEFORE]
    return stops


def as_numbers(stops: Ints) -> tuple[int, ...]:
    """A row of :func:`read_routes` without its end."""
    return tuple(visit for visit in stops.tolist() if visit >= 0)
