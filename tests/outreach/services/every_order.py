"""Whether a day can be served at all, by trying every order of every choice of visits; written down a second time.

Of a crew that has served some visits in some order only two moments matter: when it is ready to drive with its rest
still to come, and when with its rest behind it. No window is tried on a grid, so the answer is exact. Of two orders of
the same visits that end at the same one, the one that is ready no sooner in either way leads nowhere that the other
does not lead: nothing becomes possible by being late.
"""

from __future__ import annotations

from collections.abc import Iterator

from routing.problem import DayProblem, Shift, Visit

LATE = 10**9

Ready = tuple[int, int]
"""Ready with the rest still to come, and with it behind; ``LATE`` where that cannot be."""


def can_be_served(problem: DayProblem) -> bool:
    """Whether some plan serves every required visit."""
    visits = [visit for visit in problem.visits if visit.required]
    everybody = (1 << len(visits)) - 1
    reached = {0}
    for shift in problem.shifts:
        alone = set(_served_by(problem, shift, visits)) | {0}
        reached |= {before | more for before in reached for more in alone if not before & more}
    return everybody in reached


def _served_by(problem: DayProblem, shift: Shift, visits: list[Visit]) -> Iterator[int]:
    """Every set of visits that the crew can serve and be home in time, as bits."""
    rest = shift.break_
    begin = (shift.start_s, LATE) if rest is not None else (LATE, shift.start_s)
    orders = [(0, shift.start_place, False, begin)]
    seen: dict[tuple[int, int], list[Ready]] = {}
    while orders:
        served, place, far_ok, ready = orders.pop()
        if served and _drive(problem, shift, ready, place, shift.end_place, far_ok)[1] <= shift.end_s:
            yield served
        for number, visit in enumerate(visits):
            mine = visit.pinned_shift in (None, shift.id) and visit.needs <= shift.skills
            if served >> number & 1 or not mine:
                continue
            there = _drive(problem, shift, ready, place, visit.place, far_ok or visit.long_leg_ok)
            done = tuple(_serve(visit, at) for at in there)
            if rest is not None and done[0] > rest.latest_start_s:
                done = (LATE, done[1])
            after = (done[0], done[1])
            others = seen.setdefault((served | 1 << number, number), [])
            if min(after) < LATE and not any(one[0] <= after[0] and one[1] <= after[1] for one in others):
                others.append(after)
                orders.append((served | 1 << number, visit.place, visit.long_leg_ok, after))


def _drive(problem: DayProblem, shift: Shift, ready: Ready, here: str, there: str, far_ok: bool) -> Ready:
    """When the crew is there; it may rest before it leaves, on the way, or while it waits there."""
    driving_s = problem.driving_s(here, there)
    if driving_s is None or (driving_s > problem.max_leg_s and not far_ok):
        return LATE, LATE
    unrested, rested = ready[0] + driving_s, ready[1] + driving_s
    rest = shift.break_
    if rest is not None and ready[0] <= rest.latest_start_s:
        rested = min(rested, max(unrested, rest.earliest_start_s) + rest.duration_s)
    return unrested, rested


def _serve(visit: Visit, at_s: int) -> int:
    """When the service is over that begins as early as a window allows."""
    begins = [max(at_s, window.opens_s) for window in visit.windows if at_s <= window.closes_s]
    return min(begins, default=LATE) + visit.service_s if begins else LATE
