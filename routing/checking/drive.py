"""Lays one route beside what its day says of it: the shift, the visits, the legs, and the times they allow."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from routing.plan import BreakTaken, Route, Stop
from routing.problem import Break, DayProblem, Shift, Visit


@dataclass(frozen=True, slots=True)
class Leg:
    """The way from one stop (or the depot) to the next; a place the day does not know is ``None``."""

    from_place: str | None
    to_place: str | None
    driving_s: int | None
    """``None`` where a place is unknown or there is no road."""
    visit: str
    """The visit it leads to; for the way home, the one it comes from."""
    may_be_long: bool
    """Whether a visit at one of its ends is excepted from the leg limit."""


@dataclass(frozen=True)
class Drive:
    """A route with at least one stop, and what follows from it and its day.

    Whatever has a violation code of its own is offered twice where other rules rest on it: as stated and as it should
    be. A rule reports only what fits neither.
    """

    problem: DayProblem
    route: Route

    @cached_property
    def shift(self) -> Shift | None:
        """The shift, if the day knows it."""
        return self.problem.shift_by_id.get(self.route.shift)

    @cached_property
    def asked_break(self) -> Break | None:
        """The break that the shift asks for."""
        return None if self.shift is None else self.shift.break_

    @cached_property
    def visits(self) -> tuple[Visit | None, ...]:
        """The visit of every stop, ``None`` where the day does not know it."""
        return tuple(self.problem.visit_by_id.get(stop.visit) for stop in self.route.stops)

    @cached_property
    def known_stops(self) -> tuple[tuple[Stop, Visit], ...]:
        """Every stop whose visit the day knows, with that visit."""
        pairs = zip(self.route.stops, self.visits, strict=True)
        return tuple((stop, visit) for stop, visit in pairs if visit is not None)

    @cached_property
    def legs(self) -> tuple[Leg, ...]:
        """All legs, depot to depot: ``legs[i]`` leads to stop ``i``, the last one home."""
        first, last = (None, None) if self.shift is None else (self.shift.start_place, self.shift.end_place)
        places = [first, *(None if visit is None else visit.place for visit in self.visits), last]
        excepted = [False, *(visit is not None and visit.long_leg_ok for visit in self.visits), False]
        names = [stop.visit for stop in self.route.stops] + [self.route.stops[-1].visit]
        return tuple(
            Leg(
                from_place=places[index],
                to_place=places[index + 1],
                driving_s=self._driving_s(places[index], places[index + 1]),
                visit=name,
                may_be_long=excepted[index] or excepted[index + 1],
            )
            for index, name in enumerate(names)
        )

    def _driving_s(self, from_place: str | None, to_place: str | None) -> int | None:
        if from_place is None or to_place is None:
            return None
        return self.problem.driving_s(from_place, to_place)

    @cached_property
    def travel_s(self) -> int | None:
        """Driving of all legs, ``None`` where that of one is."""
        known = [leg.driving_s for leg in self.legs if leg.driving_s is not None]
        return sum(known) if len(known) == len(self.legs) else None

    @cached_property
    def breaks(self) -> tuple[BreakTaken | None, ...]:
        """The stated break and the right one: of the length asked for, or none where none is."""
        stated = self.route.break_
        if stated is None or self.shift is None:
            return (stated,)
        if self.asked_break is None:
            return (stated, None)
        return (stated, BreakTaken(stated.start_s, stated.start_s + self.asked_break.duration_s))

    @property
    def leaves_while_resting(self) -> bool:
        """Whether the van leaves the depot in the middle of the break."""
        return all(rest is not None and rest.start_s < self.route.start_s < rest.end_s for rest in self.breaks)

    @cached_property
    def latest_start_s(self) -> int | None:
        """The latest departure from the depot at which the first service keeps its time and the break its place."""
        driving_s, service_s = self.legs[0].driving_s, self.route.stops[0].start_s
        if driving_s is None:
            return None
        return min(_latest_departure_s(service_s, driving_s, rest) for rest in self.breaks)

    @cached_property
    def starts_early(self) -> bool:
        """Whether the route could start later than it does, all services keeping their times."""
        return self.latest_start_s is not None and self.route.start_s < self.latest_start_s

    def arrivals_s(self, index: int) -> tuple[int, ...]:
        """When leg ``index`` may end: first by the stated departure and break, then by the right ones.

        Empty where the driving time is unknown.
        """
        driving_s = self.legs[index].driving_s
        if driving_s is None:
            return ()
        return tuple(
            arrival_s(departure, driving_s, rest) for departure in self._departures_s(index) for rest in self.breaks
        )

    def _departures_s(self, index: int) -> tuple[int, ...]:
        if index == 0:
            right = self.latest_start_s if self.starts_early else None
            return (self.route.start_s,) if right is None else (self.route.start_s, right)
        stop, visit = self.route.stops[index - 1], self.visits[index - 1]
        return (stop.depart_s,) if visit is None else (stop.depart_s, stop.start_s + visit.service_s)

    @cached_property
    def stop_with_the_break(self) -> Stop | None:
        """The stop during which (waiting or in service) the break begins.

        A break that begins in a leg is at no stop: if the service there does not wait for it, the arrival or the
        start is what is wrong.
        """
        rest, departed_s = self.route.break_, self.route.start_s
        if rest is None or rest.start_s < departed_s:
            return None
        for index, stop in enumerate(self.route.stops):
            if departed_s <= rest.start_s < departed_s + (self.legs[index].driving_s or 0):
                return None
            if rest.start_s < max(stop.start_s, min(self._departures_s(index + 1))):
                return stop
            departed_s = stop.depart_s
        return None

    def is_served_while_resting(self, stop: Stop) -> bool:
        """Whether the break begins at ``stop`` and is not over when the service begins, or begins during it."""
        return stop is self.stop_with_the_break and all(
            rest is not None and rest.end_s > stop.start_s for rest in self.breaks
        )

    def earliest_service_s(self, index: int) -> int | None:
        """The earliest begin of service at stop ``index``, the break standing where it does.

        The first stop is taken as reached by a van that leaves with the begin of its shift, because the route's own
        start is only as late as the service allows. ``None`` where no start is possible or the leg is not known.
        """
        visit, driving_s = self.visits[index], self.legs[index].driving_s
        if visit is None or driving_s is None or self.shift is None:
            return None
        starts = []
        for rest in self.breaks:
            if index == 0:
                arrive_s = _first_arrival_s(self.shift.start_s, driving_s, rest)
            else:
                arrive_s = max(self.route.stops[index].arrive_s, *self.arrivals_s(index))
            starts.append(_first_start_s(visit, arrive_s, rest))
        possible = [start for start in starts if start is not None]
        return max(possible) if len(possible) == len(starts) else None


def arrival_s(depart_s: int, driving_s: int, rest: BreakTaken | None) -> int:
    """Arrival after ``driving_s``: later by the whole break if that begins before the van is there.

    A break that begins just on arrival is waiting, one that begins just on departure is in the leg.
    """
    if rest is not None and depart_s <= rest.start_s < depart_s + driving_s:
        return depart_s + driving_s + _length_s(rest)
    return depart_s + driving_s


def _first_arrival_s(shift_start_s: int, driving_s: int, rest: BreakTaken | None) -> int:
    resting = rest is not None and rest.start_s < shift_start_s < rest.end_s
    return arrival_s(rest.end_s if resting and rest is not None else shift_start_s, driving_s, rest)


def _latest_departure_s(service_s: int, driving_s: int, rest: BreakTaken | None) -> int:
    straight = service_s - driving_s
    if rest is None or rest.end_s <= straight or rest.start_s >= service_s:
        return straight  # rested before the departure, or not before the service
    return straight - _length_s(rest)


def _first_start_s(visit: Visit, arrive_s: int, rest: BreakTaken | None) -> int | None:
    """The first moment in a window at which the service is over before the break, or begins after it."""
    starts = []
    for window in visit.windows:
        start_s = max(arrive_s, window.opens_s)
        if rest is not None and start_s < rest.end_s and rest.start_s < start_s + visit.service_s:
            start_s = rest.end_s
        if start_s in window:
            starts.append(start_s)
    return min(starts, default=None)


def _length_s(rest: BreakTaken) -> int:
    return max(0, rest.end_s - rest.start_s)
