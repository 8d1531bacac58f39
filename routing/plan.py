"""One day's plan: a route per shift that drives, and every visit left out with its reason.

Times are whole seconds since local midnight. A plan is a plain record: whether it keeps the rules of its day is for
:mod:`routing.check` to say, so a wrong plan can exist here and be named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from enum import StrEnum


class PlanStatus(StrEnum):
    """How much is known about a plan.

    ``OPTIMAL`` only with a proof (bound equals objective); ``FEASIBLE`` with the bound known so far, or none;
    ``INFEASIBLE``: proved that the required visits cannot all be served; ``UNKNOWN``: nothing found in the budget.
    """

    OPTIMAL = "OPTIMAL"
    FEASIBLE = "FEASIBLE"
    INFEASIBLE = "INFEASIBLE"
    UNKNOWN = "UNKNOWN"


class Reason(StrEnum):
    """Why a visit is on no route. The values each one carries are listed in ``docs/errors.md``."""

    NO_SHIFT = "NO_SHIFT"
    """The day has no shift at all."""
    NEEDS_UNMET = "NEEDS_UNMET"
    """No shift (or not the pinned one) has the skills: ``missing``."""
    UNREACHABLE = "UNREACHABLE"
    """No depot of an allowed shift has a road to the place and back."""
    LEG_TOO_LONG = "LEG_TOO_LONG"
    """Every way there passes the leg limit: ``driving_s``, ``limit_s``."""
    OUTSIDE_SHIFT = "OUTSIDE_SHIFT"
    """Alone on its best shift it still cannot start in a window and be back in time: ``earliest_start_s``,
    ``latest_close_s`` (it can be reached only after the window), or ``return_s``, ``shift_end_s``."""
    BREAK_IN_THE_WAY = "BREAK_IN_THE_WAY"
    """It would fit alone, but not together with the break."""
    CROWDED_OUT = "CROWDED_OUT"
    """It fits alone; beside the visits on the plan it does not: ``best_detour_s`` (null where no insertion is legal)
    and ``drop_penalty_s``."""
    CONFLICT = "CONFLICT"
    """A required visit that cannot be kept together with others: ``with`` lists their ids. A required visit that is
    impossible even alone has an empty ``with``, and ``because`` with that reason's code and values."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a van halts for a visit: arrival, begin of service, departure."""

    visit: str
    arrive_s: int
    start_s: int
    depart_s: int


@dataclass(frozen=True, slots=True)
class BreakTaken:
    """The break as planned."""

    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True)
class Route:
    """The stops of one shift in order.

    ``start_s`` is the departure from the depot (as late as the route allows), ``end_s`` the arrival at the end depot;
    ``travel_s`` the driving seconds of all legs, depot legs included, without the break.
    """

    shift: str
    start_s: int
    end_s: int
    travel_s: int
    break_: BreakTaken | None
    stops: tuple[Stop, ...]


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A visit on no route, with its reason and the values behind it."""

    visit: str
    reason: Reason
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Certificate:
    """How a plan came about: method, seconds spent, versions of what made it. ``seconds`` is not part of the hash."""

    method: str
    seconds: float
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DayPlan:
    """All routes of a service day and the unassigned visits.

    ``objective_s`` is driving seconds of all legs plus the drop penalties of the visits not served;
    ``lower_bound_s`` what no plan of this day can go below, where known. ``gap_s`` and ``gap`` follow from the two and
    are in no file.
    """

    date: Date
    status: PlanStatus
    objective_s: int | None
    lower_bound_s: int | None
    problem_sha256: str | None
    certificate: Certificate
    routes: tuple[Route, ...]
    unassigned: tuple[Unassigned, ...]

    @property
    def served(self) -> frozenset[str]:
        """Ids of the visits on a route."""
        return frozenset(stop.visit for route in self.routes for stop in route.stops)

    @property
    def travel_s(self) -> int:
        """Driving seconds of all routes."""
        return sum(route.travel_s for route in self.routes)

    @property
    def gap_s(self) -> int | None:
        """The most that the best plan's objective can be below this one's; ``None`` where no bound is known."""
        if self.objective_s is None or self.lower_bound_s is None:
            return None
        return self.objective_s - self.lower_bound_s

    @property
    def gap(self) -> float | None:
        """``gap_s`` as a share of the objective: 0.01 is one per cent; 0 for an objective of 0."""
        if self.gap_s is None or self.objective_s is None:
            return None
        return self.gap_s / self.objective_s if self.objective_s else 0.0

    def route_of(self, visit: str) -> Route | None:
        """The route that serves ``visit``, if any."""
        for route in self.routes:
            if any(stop.visit == visit for stop in route.stops):
                return route
        return None
