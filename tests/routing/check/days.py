"""Random small days and their right plans, found by trying everything: no code and no formula of ``routing`` is used.

All numbers of a day are multiples of one odd unit of time, and a route is *walked*, unit by unit: the van drives
unless its crew rests, a service begins at the first moment that allows it, and the departure from the depot is the
latest of all that are tried which changes no service.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import pairwise, permutations, product

from routing.plan import BreakTaken, Certificate, DayPlan, PlanStatus, Reason, Route, Stop, Unassigned
from routing.problem import Break, DayProblem, Place, Shift, Visit, Window

DAY = date(2026, 11, 24)
DAWN_S = 8 * 3600 + 1800


# --- walking a route -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Twist:
    """A lie told at one stop, in seconds; what comes after it is re-derived from the lie."""

    stop: int
    arrive_s: int = 0
    start_s: int = 0
    depart_s: int = 0


TRUTH = Twist(stop=-1)


def walk(
    day: Day,
    shift: Shift,
    order: Sequence[Visit],
    leave_s: int,
    rest: BreakTaken | None,
    *,
    first_start_s: int | None = None,
    twist: Twist = TRUTH,
) -> Route | None:
    """The route as it goes if the van leaves at ``leave_s``; ``None`` if a service cannot begin.

    With ``first_start_s`` the first service begins then, or not at all.
    """
    if rest is not None and rest.start_s < leave_s < rest.end_s:
        return None
    clock_s, place, travel_s, stops = leave_s, shift.start_place, 0, []
    for index, visit in enumerate(order):
        driving_s = day.problem.driving_s(place, visit.place)
        if driving_s is None:
            return None
        arrive_s = drive(day.unit_s, clock_s, driving_s, rest)
        lie = twist if twist.stop == index else TRUTH
        arrive_s += lie.arrive_s
        start_s = begin_service(day.unit_s, visit, arrive_s, rest)
        if index == 0 and first_start_s is not None:
            start_s = first_start_s if arrive_s <= first_start_s else None
        elif start_s is not None:
            start_s += lie.start_s
        if start_s is None or not may_begin(day.unit_s, visit, start_s, rest):
            return None
        clock_s = start_s + visit.service_s + lie.depart_s
        stops.append(Stop(visit.id, arrive_s, start_s, clock_s))
        place, travel_s = visit.place, travel_s + driving_s
    home_s = day.problem.driving_s(place, shift.end_place)
    if home_s is None:
        return None
    end_s = drive(day.unit_s, clock_s, home_s, rest)
    return Route(shift.id, leave_s, end_s, travel_s + home_s, rest, tuple(stops))


def drive(unit_s: int, clock_s: int, driving_s: int, rest: BreakTaken | None) -> int:
    """The moment a van is there that sets out at ``clock_s`` and stands still while its crew rests."""
    while driving_s > 0:
        if rest is not None and clock_s == rest.start_s:
            clock_s = rest.end_s
        clock_s += unit_s
        driving_s -= unit_s
    return clock_s


def begin_service(unit_s: int, visit: Visit, arrive_s: int, rest: BreakTaken | None) -> int | None:
    for moment_s in range(arrive_s, max(window.closes_s for window in visit.windows) + 1, unit_s):
        if may_begin(unit_s, visit, moment_s, rest):
            return moment_s
    return None


def may_begin(unit_s: int, visit: Visit, start_s: int, rest: BreakTaken | None) -> bool:
    if not any(window.opens_s <= start_s <= window.closes_s for window in visit.windows):
        return False
    if rest is None:
        return True
    if rest.start_s < start_s < rest.end_s:  # nobody begins anything in the midst of a rest, however short
        return False
    at_work = range(start_s, start_s + visit.service_s, unit_s)
    return not any(rest.start_s <= moment_s < rest.end_s for moment_s in at_work)


def serve(
    day: Day, shift: Shift, order: Sequence[Visit], rest: BreakTaken | None, *, twist: Twist = TRUTH
) -> Route | None:
    """The one right route of these visits in this order with this break (with a lie in it, if told to)."""
    early = walk(day, shift, order, shift.start_s, rest, twist=twist)
    if early is None:
        return None
    starts = [stop.start_s for stop in early.stops]
    for leave_s in range(starts[0], shift.start_s - 1, -day.unit_s):
        late = walk(day, shift, order, leave_s, rest, first_start_s=starts[0], twist=twist)
        if late is not None and [stop.start_s for stop in late.stops] == starts:
            return late if late.end_s <= shift.end_s else None
    return None


# --- a day and its right plans -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Day:
    """A day problem whose numbers are multiples of ``unit_s`` (times of day: from dawn)."""

    problem: DayProblem
    unit_s: int

    @cached_property
    def possible(self) -> dict[tuple[str, tuple[str, ...]], bool]:
        return {}

    def with_problem(self, **changes: object) -> Day:
        return Day(replace(self.problem, **changes), self.unit_s)  # type: ignore[arg-type]

    def with_visit(self, visit: str, **changes: object) -> Day:
        visits = [replace(one, **changes) if one.id == visit else one for one in self.problem.visits]  # type: ignore[arg-type]
        return self.with_problem(visits=tuple(visits))

    def with_shift(self, shift: str, **changes: object) -> Day:
        shifts = [replace(one, **changes) if one.id == shift else one for one in self.problem.shifts]  # type: ignore[arg-type]
        return self.with_problem(shifts=tuple(shifts))

    def breaks(self, shift: Shift) -> Iterator[BreakTaken | None]:
        """Every break the shift may take."""
        if shift.break_ is None:
            yield None
            return
        rest = shift.break_
        for start_s in range(shift.start_s, shift.end_s - rest.duration_s + 1, self.unit_s):
            if rest.earliest_start_s <= start_s <= rest.latest_start_s:
                yield BreakTaken(start_s, start_s + rest.duration_s)

    def routes(self, shift: Shift, order: Sequence[Visit]) -> Iterator[Route]:
        """Every right route of these visits in this order, one for each break."""
        if self.is_allowed(shift, order):
            for rest in self.breaks(shift):
                route = serve(self, shift, order, rest)
                if route is not None:
                    yield route

    def is_allowed(self, shift: Shift, order: Sequence[Visit]) -> bool:
        """Pins, needs, roads and leg limit, for which the clock does not matter."""
        if not all(visit.pinned_shift in (None, shift.id) and visit.needs <= shift.skills for visit in order):
            return False
        places = [shift.start_place, *(visit.place for visit in order), shift.end_place]
        excepted = [False, *(visit.long_leg_ok for visit in order), False]
        for index in range(len(places) - 1):
            driving_s = self.problem.driving_s(places[index], places[index + 1])
            if driving_s is None:
                return False
            if driving_s > self.problem.max_leg_s and not (excepted[index] or excepted[index + 1]):
                return False
        return True

    def can_drive(self, shift: Shift, order: Sequence[Visit]) -> bool:
        key = (shift.id, tuple(visit.id for visit in order))
        if key not in self.possible:
            self.possible[key] = next(self.routes(shift, order), None) is not None
        return self.possible[key]

    def travel_s(self, shift: Shift, order: Sequence[Visit]) -> int:
        places = [shift.start_place, *(visit.place for visit in order), shift.end_place]
        return sum(self.problem.driving_s(*leg) or 0 for leg in pairwise(places))

    @cached_property
    def assignments(self) -> list[tuple[int, dict[str, tuple[Visit, ...]]]]:
        """Objective and orders of every right plan, best first (breaks left open)."""
        shifts, visits = self.problem.shifts, self.problem.visits
        found = []
        for hands in product([None, *shifts], repeat=len(visits)):
            left_out = [visit for visit, shift in zip(visits, hands, strict=True) if shift is None]
            if any(visit.required for visit in left_out):
                continue
            penalties_s = sum(visit.drop_penalty_s for visit in left_out)
            groups = [[v for v, hand in zip(visits, hands, strict=True) if hand is shift] for shift in shifts]
            choices = [
                [order for order in permutations(group) if not order or self.can_drive(shift, order)]
                for shift, group in zip(shifts, groups, strict=True)
            ]
            for orders in product(*choices):
                driven = {shift.id: order for shift, order in zip(shifts, orders, strict=True) if order}
                travel_s = sum(self.travel_s(self.problem.shift_by_id[one], order) for one, order in driven.items())
                found.append((travel_s + penalties_s, driven))
        return sorted(found, key=lambda plan: plan[0])

    @property
    def best_s(self) -> int | None:
        """The least objective, ``None`` where the required visits cannot all be served."""
        return self.assignments[0][0] if self.assignments else None

    def plan(self, orders: Mapping[str, Sequence[Visit]], rng: random.Random) -> DayPlan:
        """A right plan with these orders, the breaks anywhere they may be."""
        routes = [rng.choice(list(self.routes(self.problem.shift_by_id[one], order))) for one, order in orders.items()]
        return self.retold(empty_plan(self.problem, routes))

    def retold(self, plan: DayPlan) -> DayPlan:
        """The plan with its unassigned visits, their reasons and the objective derived anew from this day."""
        left_out = [visit for visit in self.problem.visits if visit.id not in plan.served]
        objective_s = plan.travel_s + sum(visit.drop_penalty_s for visit in left_out)
        return replace(plan, objective_s=objective_s, unassigned=tuple(self.unassigned(visit) for visit in left_out))

    def unassigned(self, visit: Visit) -> Unassigned:
        """Why the visit is left out, by trying it alone on every shift."""
        shifts = [shift for shift in self.problem.shifts if visit.pinned_shift in (None, shift.id)]
        skilled = [shift for shift in shifts if visit.needs <= shift.skills]
        if not skilled:
            return Unassigned(visit.id, Reason.NEEDS_UNMET, {"missing": sorted(visit.needs - shifts[0].skills)})
        legs = [
            (
                self.problem.driving_s(shift.start_place, visit.place),
                self.problem.driving_s(visit.place, shift.end_place),
            )
            for shift in skilled
        ]
        roads = [(there_s, back_s) for there_s, back_s in legs if there_s is not None and back_s is not None]
        limit_s = self.problem.max_leg_s
        if not roads:
            return Unassigned(visit.id, Reason.UNREACHABLE)
        if not visit.long_leg_ok and all(max(road) > limit_s for road in roads):
            return Unassigned(visit.id, Reason.LEG_TOO_LONG, {"driving_s": max(roads[0]), "limit_s": limit_s})
        if not any(self.without_breaks.can_drive(shift, (visit,)) for shift in self.without_breaks.problem.shifts):
            return Unassigned(visit.id, Reason.OUTSIDE_SHIFT)
        if not any(self.can_drive(shift, (visit,)) for shift in skilled):
            return Unassigned(visit.id, Reason.BREAK_IN_THE_WAY)
        penalty = {"best_detour_s": None, "drop_penalty_s": visit.drop_penalty_s}
        return Unassigned(visit.id, Reason.CROWDED_OUT, penalty)

    @cached_property
    def without_breaks(self) -> Day:
        return self.with_problem(shifts=tuple(replace(shift, break_=None) for shift in self.problem.shifts))


def empty_plan(problem: DayProblem, routes: Sequence[Route]) -> DayPlan:
    certificate = Certificate("by trying", 0.0)
    return DayPlan(problem.date, PlanStatus.FEASIBLE, 0, None, None, certificate, tuple(routes), ())


def right_plans(day: Day, rng: random.Random, most: int) -> Iterator[DayPlan]:
    """Right plans of a day: the best one and others picked at random, with several stops on a route if possible."""
    if not day.assignments:
        return
    yield day.plan(day.assignments[0][1], rng)
    longer = [orders for _, orders in day.assignments if any(len(order) > 1 for order in orders.values())]
    for _ in range(most - 1):
        orders = rng.choice(longer) if longer else rng.choice(day.assignments)[1]
        yield day.plan(orders, rng)


# --- random days ---------------------------------------------------------------------------------------------------


def random_day(rng: random.Random) -> Day:
    """Two unlike shifts, two to four visits and every rule of the design in play; some plan is always right."""
    while True:
        day = _with_a_costly_promise(_any_day(rng), rng)
        if any(orders for _, orders in day.assignments):
            return day


def _any_day(rng: random.Random) -> Day:
    unit_s = rng.choice((300, 307, 299))
    places = tuple(Place(name, 31.7 + n / 100, 131.0) for n, name in enumerate(("hall", "branch", "p1", "p2", "p3")))
    skills = [frozenset({"lift"}), frozenset({"lift", "wheelchair"}), frozenset[str]()]
    shifts = tuple(_any_shift(f"van-{n}", unit_s, skills, rng) for n in (1, 2))
    visits = tuple(_any_visit(f"V{n}", unit_s, rng) for n in range(1, rng.choice((4, 5, 5, 5))))
    return Day(DayProblem(DAY, places, _any_roads(places, unit_s, rng), shifts, visits, 9 * unit_s), unit_s)


def _any_roads(places: Sequence[Place], unit_s: int, rng: random.Random) -> tuple[tuple[int | None, ...], ...]:
    def road(i: int, j: int) -> int | None:
        if i == j:
            return 0
        if rng.random() < 0.12:
            return None
        return unit_s * (rng.randint(10, 11) if rng.random() < 0.36 else rng.randint(1, 9))

    return tuple(tuple(road(i, j) for j in range(len(places))) for i in range(len(places)))


def _any_shift(name: str, unit_s: int, skills: Sequence[frozenset[str]], rng: random.Random) -> Shift:
    start = rng.randint(2, 14)
    end = start + rng.randint(24, 52)
    rest = None
    if rng.random() < 0.9:
        earliest = rng.randint(start + 4, (start + end) // 2)
        latest = earliest + rng.choice((0, 0, 0, 3, 6, 14))
        rest = Break(rng.randint(6, 12) * unit_s, DAWN_S + earliest * unit_s, DAWN_S + latest * unit_s)
    depots = rng.choice((("hall", "hall"), ("hall", "branch"), ("branch", "hall"), ("branch", "branch")))
    times = (DAWN_S + start * unit_s, DAWN_S + end * unit_s)
    return Shift(name, *depots, *times, (f"{name}-x", f"{name}-y"), rng.choice(skills), rest)


def _any_visit(name: str, unit_s: int, rng: random.Random) -> Visit:
    windows = []
    for _ in range(rng.choice((1, 2, 2, 3))):
        opens = rng.randint(4, 40)
        windows.append(Window(DAWN_S + opens * unit_s, DAWN_S + (opens + rng.choice((0, 2, 5, 10))) * unit_s))
    return Visit(
        name,
        rng.choice(("p1", "p2", "p3")),
        rng.randint(0, 8) * unit_s,
        tuple(windows),
        needs=rng.choice((frozenset(), frozenset(), frozenset({"lift"}), frozenset({"wheelchair"}))),
        pinned_shift=rng.choice((None, None, None, "van-1", "van-2")),
        long_leg_ok=rng.random() < 0.3,
        drop_penalty_s=rng.choice((6, 200, 200, 200)) * unit_s,
    )


def _with_a_costly_promise(day: Day, rng: random.Random) -> Day:
    """The day with one visit promised that would be cheaper to leave out, if there is one that can be served."""
    if not day.assignments:
        return day
    cheapest = {visit.id for order in day.assignments[0][1].values() for visit in order}
    for visit in rng.sample(day.problem.visits, len(day.problem.visits)):
        promised = day.with_visit(visit.id, required=True)
        if (visit.id not in cheapest or rng.random() < 0.2) and promised.assignments:
            return promised
    return day


# --- the day without one of its rules ------------------------------------------------------------------------------


def relaxed(day: Day) -> Mapping[str, Day]:
    """The same day, each time without one of its rules; where the best plan changes, that rule binds."""
    problem = day.problem
    dawn_s, dusk_s = DAWN_S - 10 * day.unit_s, DAWN_S + 90 * day.unit_s

    def visits(**changes: object) -> Day:
        return day.with_problem(visits=tuple(replace(visit, **changes) for visit in problem.visits))  # type: ignore[arg-type]

    def shifts(**changes: object) -> Day:
        return day.with_problem(shifts=tuple(replace(shift, **changes) for shift in problem.shifts))  # type: ignore[arg-type]

    first_windows = tuple(replace(visit, windows=visit.windows[:1]) for visit in problem.visits)
    any_break = tuple(
        replace(shift, break_=shift.break_ and replace(shift.break_, earliest_start_s=dawn_s, latest_start_s=dusk_s))
        for shift in problem.shifts
    )
    roads = tuple(tuple(day.unit_s if one is None else one for one in row) for row in problem.travel_s)
    return {
        "windows": visits(windows=(Window(dawn_s, dusk_s),)),
        "several windows": day.with_problem(visits=first_windows),
        "break": shifts(break_=None),
        "break bounds": day.with_problem(shifts=any_break),
        "leg limit": day.with_problem(max_leg_s=99 * day.unit_s),
        "long legs allowed": visits(long_leg_ok=False),
        "roads": day.with_problem(travel_s=roads),
        "needs": visits(needs=frozenset()),
        "pins": visits(pinned_shift=None),
        "required": visits(required=False),
        "shift begin": shifts(start_s=dawn_s),
        "shift end": shifts(end_s=dusk_s),
        "service durations": visits(service_s=0),
    }
