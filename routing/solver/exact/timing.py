"""The clock of a route, forward and backward: the rules of :mod:`routing.schedule` as compiled steps.

Forward, a route stands at a visit with the earliest begin of service, once without the break and once with it behind
it. Backward, with the latest begin of service from which all the rest can still be kept, once with the break behind it
and once with the break still to come. A break is taken in a leg, waiting at its end, before the first leg (which is the
same as in it: the crew begins with the shift) or after the return.
"""

from __future__ import annotations

from routing.solver.compiled import inlined
from routing.solver.exact.network import NEVER, Fleet


@inlined
def begin_from(fleet: Fleet, visit: int, ready_s: int) -> int:
    """First moment at or after ``ready_s`` at which service may begin; ``NEVER``: none."""
    for at in range(fleet.closes_s.shape[1]):
        if ready_s <= fleet.closes_s[visit, at]:
            return max(ready_s, fleet.opens_s[visit, at])
    return NEVER


@inlined
def begin_until(fleet: Fleet, visit: int, until_s: int) -> int:
    """Last moment at or before ``until_s`` at which service may begin; ``-1``: none."""
    for at in range(fleet.closes_s.shape[1] - 1, -1, -1):
        if fleet.opens_s[visit, at] <= until_s:
            return min(until_s, fleet.closes_s[visit, at])
    return -1


@inlined
def ready_rested(fleet: Fleet, lane: int, depart_s: int, driving_s: int) -> int:
    """When the crew stands ready at the end of a leg in which, or at whose end, it rests; ``NEVER``: it cannot."""
    begin_s = max(fleet.rest_first_s[lane], depart_s)
    if fleet.rest_s[lane] < 0 or begin_s > fleet.rest_last_s[lane]:
        return NEVER
    return max(depart_s + driving_s, begin_s) + fleet.rest_s[lane]


@inlined
def depart_to_rest(fleet: Fleet, lane: int, begin_s: int, driving_s: int) -> int:
    """Latest departure from which :func:`ready_rested` is at most ``begin_s``; ``-1``: none."""
    if fleet.rest_s[lane] < 0 or fleet.rest_first_s[lane] + fleet.rest_s[lane] > begin_s:
        return -1
    return min(fleet.rest_last_s[lane], begin_s - fleet.rest_s[lane] - driving_s)


@inlined
def depart_home(fleet: Fleet, lane: int, visit: int, rested: bool) -> int:
    """Latest departure from the last visit that is home in time, having rested or still to rest; ``-1``: none."""
    driving_s = fleet.last_s[lane, visit]
    if driving_s < 0:
        return -1
    if rested:
        return fleet.end_s[lane] - driving_s
    return min(fleet.rest_last_s[lane], fleet.end_s[lane] - fleet.rest_s[lane] - driving_s)
