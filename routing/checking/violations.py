"""The vocabulary of the checker: one code for every rule a day plan can break, and what is said with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class ViolationCode(StrEnum):
    """One code for each rule of the day plan; ``violation.<CODE>.sentence`` in the catalogs says it in words."""

    DATE_DIFFERS = "DATE_DIFFERS"
    PROBLEM_DIFFERS = "PROBLEM_DIFFERS"
    SHIFT_UNKNOWN = "SHIFT_UNKNOWN"
    SHIFT_TWICE = "SHIFT_TWICE"
    ROUTE_EMPTY = "ROUTE_EMPTY"
    VISIT_UNKNOWN = "VISIT_UNKNOWN"
    VISIT_TWICE = "VISIT_TWICE"
    VISIT_MISSING = "VISIT_MISSING"
    REQUIRED_LEFT_OUT = "REQUIRED_LEFT_OUT"
    WINDOW_MISSED = "WINDOW_MISSED"
    ARRIVE_WRONG = "ARRIVE_WRONG"
    START_BEFORE_ARRIVE = "START_BEFORE_ARRIVE"
    SERVICE_LATE = "SERVICE_LATE"
    DEPART_WRONG = "DEPART_WRONG"
    ROUTE_START_EARLY = "ROUTE_START_EARLY"
    ROUTE_END_WRONG = "ROUTE_END_WRONG"
    LEG_TOO_LONG = "LEG_TOO_LONG"
    LEG_UNREACHABLE = "LEG_UNREACHABLE"
    NEEDS_UNMET = "NEEDS_UNMET"
    PIN_BROKEN = "PIN_BROKEN"
    BREAK_MISSING = "BREAK_MISSING"
    BREAK_UNASKED = "BREAK_UNASKED"
    BREAK_OUT_OF_BOUNDS = "BREAK_OUT_OF_BOUNDS"
    BREAK_LENGTH_WRONG = "BREAK_LENGTH_WRONG"
    BREAK_OUTSIDE_SHIFT = "BREAK_OUTSIDE_SHIFT"
    BREAK_OVERLAPS_SERVICE = "BREAK_OVERLAPS_SERVICE"
    BREAK_ACROSS_DEPARTURE = "BREAK_ACROSS_DEPARTURE"
    STARTS_BEFORE_SHIFT = "STARTS_BEFORE_SHIFT"
    ENDS_AFTER_SHIFT = "ENDS_AFTER_SHIFT"
    TRAVEL_WRONG = "TRAVEL_WRONG"
    OBJECTIVE_WRONG = "OBJECTIVE_WRONG"
    BOUND_ABOVE_OBJECTIVE = "BOUND_ABOVE_OBJECTIVE"
    OPTIMAL_UNPROVEN = "OPTIMAL_UNPROVEN"
    ROUTES_DESPITE_STATUS = "ROUTES_DESPITE_STATUS"
    CONFLICT_UNNAMED = "CONFLICT_UNNAMED"
    REASON_FALSE = "REASON_FALSE"
    REASON_VALUES_WRONG = "REASON_VALUES_WRONG"
    OPTIMUM_REFUTED = "OPTIMUM_REFUTED"
    BOUND_REFUTED = "BOUND_REFUTED"
    INFEASIBLE_REFUTED = "INFEASIBLE_REFUTED"
    CONFLICT_REFUTED = "CONFLICT_REFUTED"


_CODE = ViolationCode

NAMES: Mapping[ViolationCode, tuple[str, ...]] = MappingProxyType(
    {
        _CODE.DATE_DIFFERS: ("plan_date", "day_date"),
        _CODE.PROBLEM_DIFFERS: ("plan_sha256", "day_sha256"),
        _CODE.SHIFT_UNKNOWN: ("shift",),
        _CODE.SHIFT_TWICE: ("shift", "routes"),
        _CODE.ROUTE_EMPTY: ("shift",),
        _CODE.VISIT_UNKNOWN: ("visit",),
        _CODE.VISIT_TWICE: ("visit", "served", "unassigned"),
        _CODE.VISIT_MISSING: ("visit",),
        _CODE.REQUIRED_LEFT_OUT: ("visit",),
        _CODE.WINDOW_MISSED: ("visit", "shift", "start", "windows"),
        _CODE.ARRIVE_WRONG: ("visit", "shift", "arrive", "expected"),
        _CODE.START_BEFORE_ARRIVE: ("visit", "shift", "start", "arrive"),
        _CODE.SERVICE_LATE: ("visit", "shift", "start", "earliest"),
        _CODE.DEPART_WRONG: ("visit", "shift", "depart", "expected"),
        _CODE.ROUTE_START_EARLY: ("shift", "start", "latest"),
        _CODE.ROUTE_END_WRONG: ("shift", "end", "expected"),
        _CODE.LEG_TOO_LONG: ("visit", "shift", "from_place", "to_place", "driving_s", "limit_s"),
        _CODE.LEG_UNREACHABLE: ("visit", "shift", "from_place", "to_place"),
        _CODE.NEEDS_UNMET: ("visit", "shift", "missing"),
        _CODE.PIN_BROKEN: ("visit", "shift", "pinned_shift"),
        _CODE.BREAK_MISSING: ("shift", "duration_s"),
        _CODE.BREAK_UNASKED: ("shift", "start", "end"),
        _CODE.BREAK_OUT_OF_BOUNDS: ("shift", "start", "earliest", "latest"),
        _CODE.BREAK_LENGTH_WRONG: ("shift", "length_s", "duration_s"),
        _CODE.BREAK_OUTSIDE_SHIFT: ("shift", "start", "end", "shift_start", "shift_end"),
        _CODE.BREAK_OVERLAPS_SERVICE: ("visit", "shift", "start", "end", "service_start", "service_end"),
        _CODE.BREAK_ACROSS_DEPARTURE: ("shift", "start", "end", "departure"),
        _CODE.STARTS_BEFORE_SHIFT: ("shift", "start", "shift_start"),
        _CODE.ENDS_AFTER_SHIFT: ("shift", "end", "shift_end"),
        _CODE.TRAVEL_WRONG: ("shift", "travel_s", "expected_s"),
        _CODE.OBJECTIVE_WRONG: ("objective_s", "expected_s"),
        _CODE.BOUND_ABOVE_OBJECTIVE: ("lower_bound_s", "objective_s"),
        _CODE.OPTIMAL_UNPROVEN: ("lower_bound_s", "objective_s"),
        _CODE.ROUTES_DESPITE_STATUS: ("status", "routes"),
        _CODE.CONFLICT_UNNAMED: (),
        _CODE.REASON_FALSE: ("visit", "reason"),
        _CODE.REASON_VALUES_WRONG: ("visit", "reason", "name", "value"),
        _CODE.OPTIMUM_REFUTED: ("objective_s", "optimum_s"),
        _CODE.BOUND_REFUTED: ("lower_bound_s", "optimum_s"),
        _CODE.INFEASIBLE_REFUTED: ("optimum_s",),
        _CODE.CONFLICT_REFUTED: ("visits",),
    }
)
"""What each code always carries: ``visit`` and ``shift`` are set where named here, the rest is in ``values``.

Times of day are texts as in the files (``HH:MM``, with seconds where there are any), ``_s`` is whole seconds.
"""

CLAIMS = frozenset({_CODE.OPTIMUM_REFUTED, _CODE.BOUND_REFUTED, _CODE.INFEASIBLE_REFUTED, _CODE.CONFLICT_REFUTED})
"""Found by trying every plan of a small day only, never by :func:`routing.check.check`."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule of a plan: the code, where it is, and the values behind it in plain types."""

    code: ViolationCode
    visit: str | None = None
    shift: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        here = {name for name, where in (("visit", self.visit), ("shift", self.shift)) if where is not None}
        missing = set(NAMES[self.code]) - here - set(self.values)
        if missing:
            raise ValueError(f"{self.code} is reported without {', '.join(sorted(missing))}")
