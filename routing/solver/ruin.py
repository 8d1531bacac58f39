"""Takes strings of neighbouring stops out of a day and puts them back where they cost least, many thousand times.

Slack induction by string removals, greedy insertion with blinks: J. Christiaens, G. Vanden Berghe, "Slack Induction by
String Removals for Vehicle Routing Problems", Transportation Science 54 (2020). Whether a changed day is kept is
decided as in simulated annealing. What a stop costs in a gap is found in constant time from the clocks before and
behind it, the break included. Repeatable: equal day, seed and steps give the equal result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from routing.solver.compiled import Ints, Table, compiled, inlined
from routing.solver.exact.network import MUST_S, NEVER, Fleet, Network, Routes
from routing.solver.exact.timing import begin_from, begin_until, depart_home, depart_to_rest, ready_rested

_NONE = 1 << 50
_STRING = 10
"""Most stops taken from one route (the paper's L_max)."""
_REMOVED = 10
"""Stops taken out at once, on average (the paper's c-bar)."""
_BLINK = 0.01
"""Share of gaps overlooked at random (the paper's beta)."""
_SPLIT = 0.5
"""Share of strings taken with some stops left in between (the paper's alpha)."""
_HOT, _COLD = 1.0, 0.01
"""First and last temperature, as shares of the mean leg."""
_NEAR_BEST = 1.01
"""Routes of days that cost at most so much more than the best are remembered."""
_REMEMBERED = 4096
_MODULUS = 2147483647


@dataclass(frozen=True, slots=True)
class Ruined:
    """What the steps led to: the best day, its cost, and the routes of the good days on the way."""

    routes: Routes
    cost_s: int
    seen: Routes


class Ruiner:
    """A day under repeated ruin and recreation.

    Args:
        network: the day.
        start: routes to begin from.
        seed: of the random numbers.
        steps: how many steps the cooling is planned for.
    """

    def __init__(self, network: Network, start: Routes, *, seed: int, steps: int) -> None:
        self._network = network
        self._owner = np.repeat(np.arange(len(network.counts), dtype=np.int64), network.counts)
        vans = len(self._owner)
        self._stops = np.full((vans, network.size + 1), -1, dtype=np.int64)
        self._length = np.zeros(vans, dtype=np.int64)
        free = {lane: np.flatnonzero(self._owner == lane).tolist() for lane in range(len(network.counts))}
        for lane, numbers in start:
            van = free[lane].pop(0)
            self._stops[van, : len(numbers)] = numbers
            self._length[van] = len(numbers)
        self._omission_s = np.where(network.required, MUST_S, network.omission_s).astype(np.int64)
        self._near = _neighbours(network.fleet)
        self._scale_s = _mean_leg_s(network.fleet)
        self._steps, self._done = max(1, steps), 0
        self._best, self._best_length = self._stops.copy(), self._length.copy()
        self._costs = np.full(2, _NONE, dtype=np.int64)  # of the day at hand and of the best
        self._random = np.array([1 + seed * 48271 % (_MODULUS - 1)], dtype=np.int64)
        self._seen: dict[tuple[int, tuple[int, ...]], None] = {}

    @property
    def done(self) -> int:
        """Steps taken so far."""
        return self._done

    def work(self, steps: int, *, share: float | None = None) -> None:
        """Take so many more steps; ``share`` of the cooling that is over by then, by default by the steps planned."""
        before = min(1.0, self._done / self._steps) if share is None else share
        cold = _COLD / _HOT
        seen = np.full((_REMEMBERED, self._stops.shape[1] + 1), -1, dtype=np.int64)
        remembered = _anneal(
            self._network.fleet,
            self._owner,
            self._omission_s,
            self._near,
            self._stops,
            self._length,
            self._best,
            self._best_length,
            self._costs,
            self._random,
            steps,
            self._scale_s * _HOT * cold**before,
            cold ** (1 / self._steps) if share is None else 1.0,
            seen,
        )
        for lane, *numbers in seen[:remembered].tolist():
            self._seen.setdefault((lane, tuple(number for number in numbers if number >= 0)))
        self._done += steps

    @property
    def result(self) -> Ruined:
        """The best day so far."""
        routes = [
            (int(lane), tuple(stops[:length].tolist()))
            for lane, stops, length in zip(self._owner, self._best, self._best_length, strict=True)
            if length
        ]
        return Ruined(routes, int(self._costs[1]), list(self._seen))


def polished(network: Network, routes: Routes, steps: int) -> Ruined:
    """A day after some steps without heat: what is out is put in where it can be, detours are straightened."""
    ruiner = Ruiner(network, routes, seed=len(routes), steps=steps)
    ruiner.work(steps, share=0.8)
    return ruiner.result


def _neighbours(fleet: Fleet) -> Table:
    """Of every visit all others, the nearest first, in either direction and by any lane's legs."""
    legs = np.where(fleet.leg_s >= 0, fleet.leg_s, NEVER).min(axis=0)
    either = np.minimum(legs, legs.T)
    return np.argsort(either, axis=1, kind="stable").astype(np.int64)


def _mean_leg_s(fleet: Fleet) -> float:
    allowed = fleet.leg_s[fleet.leg_s >= 0]
    return float(allowed.mean()) + 1.0 if len(allowed) else 1.0


# ------------------------------------------------------------------------------------------------- compiled from here


@inlined
def _draw(random: Ints) -> float:
    """The next random number in [0, 1): the minimal standard of Park and Miller (1988), repeatable everywhere."""
    random[0] = random[0] * 48271 % _MODULUS
    return random[0] / _MODULUS


@compiled
def _time_route(
    fleet: Fleet,
    lane: int,
    van: int,
    stops: Table,
    length: int,
    free: Table,
    rested: Table,
    late: Table,
    late_rest: Table,
) -> None:
    """Both clocks of one route, forward and backward."""
    has_rest = fleet.rest_s[lane] >= 0
    for at in range(length):
        visit = stops[van, at]
        if at == 0:
            driving_s = fleet.first_s[lane, visit]
            depart_free = fleet.start_s[lane] if has_rest else NEVER
            depart_rested = NEVER if has_rest else fleet.start_s[lane]
        else:
            before = stops[van, at - 1]
            driving_s = fleet.leg_s[lane, before, visit]
            depart_free = free[van, at - 1] + fleet.service_s[before]
            depart_rested = rested[van, at - 1] + fleet.service_s[before]
        free[van, at] = begin_from(fleet, visit, depart_free + driving_s)
        rested[van, at] = begin_from(
            fleet, visit, min(depart_rested + driving_s, ready_rested(fleet, lane, depart_free, driving_s))
        )
    for at in range(length - 1, -1, -1):
        visit = stops[van, at]
        service_s = fleet.service_s[visit]
        if at == length - 1:
            until = depart_home(fleet, lane, visit, True)
            until_rest = depart_home(fleet, lane, visit, False) if has_rest else -1
        else:
            driving_s = fleet.leg_s[lane, visit, stops[van, at + 1]]
            until = late[van, at + 1] - driving_s
            until_rest = max(
                late_rest[van, at + 1] - driving_s, depart_to_rest(fleet, lane, late[van, at + 1], driving_s)
            )
        late[van, at] = begin_until(fleet, visit, until - service_s)
        late_rest[van, at] = begin_until(fleet, visit, until_rest - service_s)


@inlined
def _fits(
    fleet: Fleet,
    lane: int,
    van: int,
    visit: int,
    at: int,
    stops: Table,
    length: int,
    free: Table,
    rested: Table,
    late: Table,
    late_rest: Table,
) -> bool:
    """Whether the visit can be put before position ``at`` with everything else kept."""
    has_rest = fleet.rest_s[lane] >= 0
    if at == 0:
        driving_s = fleet.first_s[lane, visit]
        depart_free = fleet.start_s[lane] if has_rest else NEVER
        depart_rested = NEVER if has_rest else fleet.start_s[lane]
    else:
        before = stops[van, at - 1]
        driving_s = fleet.leg_s[lane, before, visit]
        depart_free = free[van, at - 1] + fleet.service_s[before]
        depart_rested = rested[van, at - 1] + fleet.service_s[before]
    service_s = fleet.service_s[visit]
    leave_free = begin_from(fleet, visit, depart_free + driving_s) + service_s
    leave_rested = (
        begin_from(fleet, visit, min(depart_rested + driving_s, ready_rested(fleet, lane, depart_free, driving_s)))
        + service_s
    )
    if at == length:
        if leave_rested <= depart_home(fleet, lane, visit, True):
            return True
        return has_rest and leave_free <= depart_home(fleet, lane, visit, False)
    onward_s = fleet.leg_s[lane, visit, stops[van, at]]
    return (
        leave_free + onward_s <= late_rest[van, at]
        or leave_rested + onward_s <= late[van, at]
        or ready_rested(fleet, lane, leave_free, onward_s) <= late[van, at]
    )


@inlined
def _added_s(fleet: Fleet, lane: int, van: int, visit: int, at: int, stops: Table, length: int) -> int:
    """Driving that the visit adds before position ``at``; ``_NONE`` where a leg is not allowed."""
    into_s = fleet.first_s[lane, visit] if at == 0 else fleet.leg_s[lane, stops[van, at - 1], visit]
    onward_s = fleet.last_s[lane, visit] if at == length else fleet.leg_s[lane, visit, stops[van, at]]
    if into_s < 0 or onward_s < 0:
        return _NONE
    if length == 0:
        return into_s + onward_s
    if at == 0:
        return into_s + onward_s - fleet.first_s[lane, stops[van, 0]]
    if at == length:
        return into_s + onward_s - fleet.last_s[lane, stops[van, length - 1]]
    return into_s + onward_s - fleet.leg_s[lane, stops[van, at - 1], stops[van, at]]


@compiled
def _route_s(fleet: Fleet, lane: int, van: int, stops: Table, length: int) -> int:
    """Driving of a route, ``_NONE`` where a leg is not allowed."""
    if length == 0:
        return 0
    if fleet.first_s[lane, stops[van, 0]] < 0 or fleet.last_s[lane, stops[van, length - 1]] < 0:
        return _NONE
    total = fleet.first_s[lane, stops[van, 0]] + fleet.last_s[lane, stops[van, length - 1]]
    for at in range(1, length):
        driving_s = fleet.leg_s[lane, stops[van, at - 1], stops[van, at]]
        if driving_s < 0:
            return _NONE
        total += driving_s
    return total


@compiled
def _key(kind: int, visit: int, fleet: Fleet, omission_s: Ints, random: Ints) -> float:
    """By what the visits taken out are sorted before they are put back."""
    if kind < 4:
        return _draw(random)
    if kind < 6:
        return float(fleet.closes_s[visit, 0])
    if kind < 8:
        return -float(omission_s[visit])
    if kind < 10:
        return -float(fleet.first_s[:, visit].max())
    if kind < 11:
        return float(fleet.first_s[:, visit].max())
    return float(fleet.closes_s[visit, 0] - fleet.opens_s[visit, 0])


@compiled
def _anneal(
    fleet: Fleet,
    owner: Ints,
    omission_s: Ints,
    near: Table,
    stops: Table,
    length: Ints,
    best: Table,
    best_length: Ints,
    costs: Ints,
    random: Ints,
    steps: int,
    heat: float,
    cooling: float,
    seen: Table,
) -> int:
    """The steps; ``stops``, ``best``, ``costs`` and ``seen`` are changed. Returns how many routes are in ``seen``."""
    vans, size = len(owner), len(omission_s)
    width = stops.shape[1]
    free = np.zeros((vans, width), dtype=np.int64)
    rested = np.zeros((vans, width), dtype=np.int64)
    late = np.zeros((vans, width), dtype=np.int64)
    late_rest = np.zeros((vans, width), dtype=np.int64)
    carried = np.zeros(vans, dtype=np.int64)
    van_of = np.full(size, -1, dtype=np.int64)
    cost = omission_s.sum()
    for van in range(vans):
        _time_route(fleet, owner[van], van, stops, length[van], free, rested, late, late_rest)
        cost += _route_s(fleet, owner[van], van, stops, length[van])
        for at in range(length[van]):
            van_of[stops[van, at]] = van
            carried[van] += fleet.load[stops[van, at]]
            cost -= omission_s[stops[van, at]]
    if cost < costs[1]:
        costs[1] = cost
        best[:] = stops
        best_length[:] = length
    old = np.zeros((vans, width), dtype=np.int64)
    old_length = np.zeros(vans, dtype=np.int64)
    touched = np.zeros(vans, dtype=np.bool_)
    absent = np.zeros(size, dtype=np.int64)
    fits_nowhere = np.zeros(size, dtype=np.bool_)  # visits that were tried in every route as it is now
    keys = np.zeros(size, dtype=np.float64)
    remembered = 0
    for _step in range(steps):
        touched[:] = False
        new_cost = cost
        used = 0
        for van in range(vans):
            used += 1 if length[van] else 0
        # ruin: strings of stops near one visit
        mean_stops = (van_of >= 0).sum() / max(1, used)
        most_string = min(float(_STRING), mean_stops)
        most_strings = 4.0 * _REMOVED / (1.0 + most_string) - 1.0
        strings = int(_draw(random) * most_strings + 1.0)
        seed = int(_draw(random) * size)
        taken = 0
        for rank in range(size):
            visit = near[seed, rank - 1] if rank else seed
            van = van_of[visit]
            if taken >= strings:
                break
            if van < 0 or touched[van]:
                continue
            touched[van] = True
            taken += 1
            old[van, : length[van]] = stops[van, : length[van]]
            old_length[van] = length[van]
            longest = min(float(length[van]), most_string)
            string = int(_draw(random) * longest + 1.0)
            string = min(string, length[van])
            kept = 0
            if string > 1 and _draw(random) < _SPLIT:
                kept = 1
                while string + kept < length[van] and _draw(random) > 0.01:
                    kept += 1
                    if _draw(random) < 0.5:
                        break
                kept = min(kept, length[van] - string)
            span = string + kept
            position = 0
            while stops[van, position] != visit:
                position += 1
            lowest, highest = max(0, position - span + 1), min(position, length[van] - span)
            begin = lowest + int(_draw(random) * (highest - lowest + 1))
            skip = begin + int(_draw(random) * (string + 1)) if kept else begin + span
            new_cost -= _route_s(fleet, owner[van], van, stops, length[van])
            count = 0
            for at in range(length[van]):
                stop = stops[van, at]
                if begin <= at < begin + span and not skip <= at < skip + kept:
                    van_of[stop] = -1
                    new_cost += omission_s[stop]
                    carried[van] -= fleet.load[stop]
                else:
                    stops[van, count] = stop
                    count += 1
            length[van] = count
            new_cost += _route_s(fleet, owner[van], van, stops, count)
            _time_route(fleet, owner[van], van, stops, count, free, rested, late, late_rest)
        # recreate: put everything that is out where it costs least
        out = 0
        kind = int(_draw(random) * 12)
        for visit in range(size):
            if van_of[visit] < 0:
                absent[out] = visit
                keys[out] = _key(kind, visit, fleet, omission_s, random)
                out += 1
        order = np.argsort(keys[:out], kind="mergesort")
        for rank in range(out):
            visit = absent[order[rank]]
            least, least_van, least_at = omission_s[visit], -1, 0
            empty_lane = -1
            for van in range(vans):
                lane = owner[van]
                if fleet.earliest_s[lane, visit] >= NEVER or (fits_nowhere[visit] and not touched[van]):
                    continue
                if fleet.capacity[lane] and carried[van] + fleet.load[visit] > fleet.capacity[lane]:
                    continue
                if length[van] == 0:
                    if lane == empty_lane:
                        continue
                    empty_lane = lane
                for at in range(length[van] + 1):
                    if _draw(random) < _BLINK:
                        continue
                    added = _added_s(fleet, lane, van, visit, at, stops, length[van])
                    if added < least and _fits(
                        fleet, lane, van, visit, at, stops, length[van], free, rested, late, late_rest
                    ):
                        least, least_van, least_at = added, van, at
            if least_van >= 0:
                van = least_van
                if not touched[van]:
                    touched[van] = True
                    old[van, : length[van]] = stops[van, : length[van]]
                    old_length[van] = length[van]
                for at in range(length[van], least_at, -1):
                    stops[van, at] = stops[van, at - 1]
                stops[van, least_at] = visit
                length[van] += 1
                van_of[visit] = van
                carried[van] += fleet.load[visit]
                new_cost += least - omission_s[visit]
                lane = owner[van]
                _time_route(fleet, lane, van, stops, length[van], free, rested, late, late_rest)
        # keep the new day, or go back
        if new_cost < cost - heat * math.log(max(1e-12, _draw(random))):
            if new_cost <= costs[1] * _NEAR_BEST and new_cost != cost:
                for van in range(vans):
                    if touched[van] and length[van] and remembered < len(seen):
                        seen[remembered, 0] = owner[van]
                        seen[remembered, 1 : length[van] + 1] = stops[van, : length[van]]
                        remembered += 1
            cost = new_cost
            fits_nowhere[:] = van_of < 0
            if cost < costs[1]:
                costs[1] = cost
                best[:] = stops
                best_length[:] = length
        else:
            for van in range(vans):
                if touched[van]:
                    for at in range(length[van]):
                        van_of[stops[van, at]] = -1
            for van in range(vans):
                if touched[van]:
                    length[van] = old_length[van]
                    stops[van, : length[van]] = old[van, : length[van]]
                    carried[van] = 0
                    for at in range(length[van]):
                        van_of[stops[van, at]] = van
                        carried[van] += fleet.load[stops[van, at]]
                    lane = owner[van]
                    _time_route(fleet, lane, van, stops, length[van], free, rested, late, late_rest)
        heat *= cooling
    costs[0] = cost
    return remembered
