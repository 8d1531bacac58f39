"""The best plan of a small day by trying everything: what a claim of optimality is held against.

Nothing here knows :mod:`routing.solver` or :mod:`routing.schedule`; the rules are those of section 4 of the design,
to the second, written down for a search instead of for a look at a finished plan.

*Routes.* For each shift, routes grow stop by stop from the depot. Of all beginnings that serve the same set of visits,
end at the same visit and have (or have not) had the break, only those are kept that no other beats in both the time the
van is ready to leave and the driving so far. That loses nothing, because whatever can follow can follow an earlier
departure too, with no more driving:

- After the break only windows and the end of the shift are ahead. Left earlier, every service begins no later than it
  did, in the same window.
- Before the break, let it begin at the same moment as in the continuation. What is served before it begins no later; a
  van that was in the leg when the break began is still in it or waits already, and is free no later; from there on it
  is the case above.
- A beginning with the break taken also beats one without it that is not ready earlier: it lacks nothing.

The set is the exact one, so travel need not be metric: no visit is ever skipped or added on the way.

*The break.* From a departure at ``t`` without it, over a leg of ``d`` seconds, it can begin in the leg (at ``t`` or
later, before ``t + d``: arrival is later by its length, wherever it begins) or while waiting, first at ``t + d`` or
at its earliest start. A later start in the same place ends later and opens nothing: by the argument above, free earlier
is better. So these are all starts that matter. At the depot it may also end before the departure; after the last leg it
may begin on the return or later, and must end with the shift. A van never waits between service and departure.

*The day.* The least driving for every set of visits on one shift is put together with that of the next, over all ways
to share out a set. Shifts that may serve the same visits with equal hours, depots and break share one table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count

from routing.problem import Break, DayProblem, Shift, Visit

MOST_VISITS = 9
"""Days of up to so many visits are tried; every visit more takes about three times as long."""

MOST_BEGINNINGS = 4_000_000
"""Beginnings of routes looked at before giving up: about 20 seconds."""

Visits = int
"""A set of visits: bit ``i`` is the day's visit ``i``."""

_Chain = tuple[int, "_Chain | None"]
"""The visits of a beginning, last first."""

_Beginning = tuple[int, int, _Chain]
"""When the van is ready to leave its last stop, the driving so far, and the stops."""

_NONE_YET = 1 << 60


class _TooManyError(Exception):
    """There are more beginnings of routes than are looked at."""


@dataclass(frozen=True)
class Optimum:
    """What trying everything found: ``objective_s`` of the best plan, ``None`` where no plan serves all required.

    ``orders`` is one such plan, the visits of each shift that drives. ``together`` are all sets of visits that some
    plan serves.
    """

    objective_s: int | None
    orders: Mapping[str, tuple[str, ...]]
    together: frozenset[frozenset[str]] = field(repr=False)

    def can_serve(self, visits: Iterable[str]) -> bool:
        """Whether some plan serves all of ``visits``, whatever else it does."""
        wanted = frozenset(visits)
        return any(wanted <= served for served in self.together)


def find_optimum(problem: DayProblem) -> Optimum | None:
    """Try every plan of a small day; ``None`` for one too large.

    That is more than ``MOST_VISITS`` visits, or ``MOST_BEGINNINGS`` beginnings of routes.
    """
    if len(problem.visits) > MOST_VISITS:
        return None
    try:
        return _found(_Day(problem))
    except _TooManyError:
        return None


def _found(day: _Day) -> Optimum:
    problem = day.problem
    best: dict[Visits, tuple[int, tuple[tuple[str, _Chain], ...]]] = {0: (0, ())}
    tables: dict[object, dict[Visits, tuple[int, _Chain]]] = {}
    driven: dict[object, int] = {}
    for shift in problem.shifts:
        kind = day.kind(shift)
        driven[kind] = driven.get(kind, 0) + 1
        if driven[kind] > len(problem.visits):
            continue  # more vans of a kind than visits
        if kind not in tables:
            tables[kind] = day.routes(shift)
        best = _shared_out(best, tables[kind], shift.id)
    required = sum(1 << index for index, visit in enumerate(problem.visits) if visit.required)
    costs = [
        (driving_s + day.penalties_s(served), served)
        for served, (driving_s, _) in best.items()
        if served & required == required
    ]
    together = frozenset(day.ids(served) for served in best)
    if not costs:
        return Optimum(None, {}, together)
    objective_s, served = min(costs)
    return Optimum(objective_s, {shift: day.order(chain) for shift, chain in best[served][1]}, together)


def _shared_out(
    best: Mapping[Visits, tuple[int, tuple[tuple[str, _Chain], ...]]],
    routes: Mapping[Visits, tuple[int, _Chain]],
    shift: str,
) -> dict[Visits, tuple[int, tuple[tuple[str, _Chain], ...]]]:
    """The best for every set with one van more: it stays at home, or takes any part that the others do not serve."""
    found = dict(best)
    for served, (cost_s, orders) in best.items():
        for more, (driving_s, chain) in routes.items():
            if served & more:
                continue
            known = found.get(served | more)
            if known is None or cost_s + driving_s < known[0]:
                found[served | more] = (cost_s + driving_s, (*orders, (shift, chain)))
    return found


@dataclass(frozen=True)
class _Day:
    problem: DayProblem

    @cached_property
    def _looked_at(self) -> Iterator[int]:
        return count(1)

    def ids(self, served: Visits) -> frozenset[str]:
        """The ids of a set of visits."""
        return frozenset(visit.id for index, visit in enumerate(self.problem.visits) if served >> index & 1)

    def order(self, chain: _Chain) -> tuple[str, ...]:
        """The visits of a route in the order they are served."""
        found: list[str] = []
        rest: _Chain | None = chain
        while rest is not None:
            found.append(self.problem.visits[rest[0]].id)
            rest = rest[1]
        return tuple(reversed(found))

    def penalties_s(self, served: Visits) -> int:
        """What leaving out the others costs."""
        return sum(v.drop_penalty_s for index, v in enumerate(self.problem.visits) if not served >> index & 1)

    def kind(self, shift: Shift) -> tuple[object, ...]:
        """All that decides which routes a shift can drive; crews and names do not."""
        hours = (shift.start_s, shift.end_s, shift.break_)
        return (shift.start_place, shift.end_place, *hours, self._may_serve(shift))

    def _may_serve(self, shift: Shift) -> tuple[int, ...]:
        return tuple(
            index
            for index, visit in enumerate(self.problem.visits)
            if visit.needs <= shift.skills and visit.pinned_shift in (None, shift.id)
        )

    def _leg_s(self, from_place: str, to_place: str, *, may_be_long: bool) -> int | None:
        driving_s = self.problem.driving_s(from_place, to_place)
        if driving_s is None or (driving_s > self.problem.max_leg_s and not may_be_long):
            return None
        return driving_s

    def routes(self, shift: Shift) -> dict[Visits, tuple[int, _Chain]]:
        """For every set of visits that a legal route of ``shift`` serves, the least driving and its stops."""
        visits, able = self.problem.visits, self._may_serve(shift)
        out = {i: self._leg_s(shift.start_place, visits[i].place, may_be_long=visits[i].long_leg_ok) for i in able}
        home = {i: self._leg_s(visits[i].place, shift.end_place, may_be_long=visits[i].long_leg_ok) for i in able}
        legs = {
            i: tuple(
                (j, driving_s)
                for j in able
                if j != i
                and (driving_s := self._leg_s(
                    visits[i].place, visits[j].place, may_be_long=visits[i].long_leg_ok or visits[j].long_leg_ok
                )) is not None
            )
            for i in able
        }  # fmt: skip
        # Beginnings by the visits served, then by the last visit and whether the break was taken.
        grown: dict[Visits, dict[tuple[int, bool], list[_Beginning]]] = {}

        def grow(ready_s: int, rested: bool, driven_s: int, leg_s: int, served: Visits, to: int, chain: _Chain) -> None:
            for arrive_s, has_rested in _arrivals(shift.break_, ready_s, leg_s, rested):
                start_s = _first_start_s(visits[to], arrive_s)
                if start_s is not None and start_s + visits[to].service_s <= shift.end_s:
                    beginning = (start_s + visits[to].service_s, driven_s + leg_s, chain)
                    grown.setdefault(served | 1 << to, {}).setdefault((to, has_rested), []).append(beginning)
                    if next(self._looked_at) > MOST_BEGINNINGS:
                        raise _TooManyError

        for ready_s, rested in _at_the_depot(shift):
            for index in able:
                leg_s = out[index]
                if leg_s is not None:
                    grow(ready_s, rested, 0, leg_s, 0, index, (index, None))
        found: dict[Visits, tuple[int, _Chain]] = {}
        for served in range(1, 1 << len(visits)):
            ends = grown.pop(served, {})
            for (last, rested), beginnings in ends.items():
                rivals = () if rested else ends.get((last, True), ())
                home_s = home[last]
                for ready_s, driven_s, chain in _unbeaten(beginnings, rivals):
                    if home_s is not None and _is_back_in_time(shift, ready_s, home_s, rested):
                        known_s = found[served][0] if served in found else _NONE_YET
                        if driven_s + home_s < known_s:
                            found[served] = (driven_s + home_s, chain)
                    for index, leg_s in legs[last]:
                        if not served >> index & 1:
                            grow(ready_s, rested, driven_s, leg_s, served, index, (index, chain))
        return found


def _at_the_depot(shift: Shift) -> Iterator[tuple[int, bool]]:
    """When the van can leave, and whether its crew has had the break it asks for (or asks for none)."""
    rest = shift.break_
    yield shift.start_s, rest is None
    if rest is not None:
        begins_s = max(rest.earliest_start_s, shift.start_s)
        if begins_s <= rest.latest_start_s:
            yield begins_s + rest.duration_s, True


def _arrivals(rest: Break | None, ready_s: int, leg_s: int, rested: bool) -> Iterator[tuple[int, bool]]:
    """When service may begin at the end of a leg, and whether the break has been taken by then."""
    arrive_s = ready_s + leg_s
    yield arrive_s, rested
    if rest is None or rested:
        return
    if _fits_in_the_leg(rest, ready_s, leg_s):
        yield arrive_s + rest.duration_s, True
    waits_s = max(rest.earliest_start_s, arrive_s)
    if waits_s <= rest.latest_start_s:
        yield waits_s + rest.duration_s, True


def _fits_in_the_leg(rest: Break, ready_s: int, leg_s: int) -> bool:
    return max(rest.earliest_start_s, ready_s) <= min(rest.latest_start_s, ready_s + leg_s - 1)


def _is_back_in_time(shift: Shift, ready_s: int, leg_s: int, rested: bool) -> bool:
    """Whether the van is home, and its crew rested, by the end of the shift."""
    back_s, rest = ready_s + leg_s, shift.break_
    if rested or rest is None:
        return back_s <= shift.end_s
    if _fits_in_the_leg(rest, ready_s, leg_s) and back_s + rest.duration_s <= shift.end_s:
        return True
    begins_s = max(rest.earliest_start_s, back_s)
    return begins_s <= rest.latest_start_s and begins_s + rest.duration_s <= shift.end_s


def _first_start_s(visit: Visit, arrive_s: int) -> int | None:
    """The first moment in any of the windows, from ``arrive_s`` on."""
    first_s = None
    for window in visit.windows:
        if arrive_s <= window.closes_s:
            start_s = max(arrive_s, window.opens_s)
            if first_s is None or start_s < first_s:
                first_s = start_s
    return first_s


def _unbeaten(beginnings: list[_Beginning], rivals: list[_Beginning] | tuple[()]) -> list[_Beginning]:
    """Those that neither another one nor a rival (which has had the break already) beats in time and driving."""
    kept: list[_Beginning] = []
    least_s = _NONE_YET
    ranked = sorted([(b[0], b[1], 0, b) for b in rivals] + [(b[0], b[1], 1, b) for b in beginnings], key=_rank)
    for _, driven_s, own, beginning in ranked:
        if driven_s < least_s:
            least_s = driven_s
            if own:
                kept.append(beginning)
    return kept


def _rank(entry: tuple[int, int, int, _Beginning]) -> tuple[int, int, int]:
    return entry[:3]
