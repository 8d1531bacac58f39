"""One service day as a routing problem: places, travel times, shifts and visits.

Every value here is frozen, and one that exists is valid. Times are whole seconds since local midnight of the
service day, durations whole seconds. The file format ``outreach-day/1`` in :mod:`routing.files` is these types
written as JSON.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date as Date
from functools import cached_property

from routing.errors import ProblemError

DAY_S = 24 * 3600
"""Seconds in a service day; every time of day is in ``range(DAY_S)``."""

MAX_DURATION_S = 7 * DAY_S
"""No travel time or duration may pass a week: beyond it a number is a mistake, and solver sums stay small."""

MAX_PENALTY_S = 1_000_000_000
"""Upper bound of a drop penalty, so that objectives of any day stay exact in 64 bits."""

DEFAULT_MAX_LEG_S = 3600
DEFAULT_DROP_PENALTY_S = 60_000


def clock_text(seconds: int) -> str:
    """Return ``seconds`` since midnight as ``HH:MM``, with ``:SS`` only where seconds are not zero."""
    hours, rest = divmod(seconds, 3600)
    minutes, secs = divmod(rest, 60)
    return f"{hours:02d}:{minutes:02d}" + (f":{secs:02d}" if secs else "")


@dataclass(frozen=True, slots=True)
class Place:
    """A point a van can stand at; ``lat`` and ``lon`` in degrees (WGS 84)."""

    id: str
    lat: float
    lon: float

    def __post_init__(self) -> None:
        _require_id(self.id)
        for name, value, bound in (("lat", self.lat, 90.0), ("lon", self.lon, 180.0)):
            if not -bound <= value <= bound:  # also refuses NaN
                raise ProblemError(
                    "COORDINATE_OUT_OF_RANGE",
                    f"{name} {value} is not between {-bound} and {bound}",
                    path=name,
                    coordinate=name,
                    value=value,
                    bound=bound,
                )


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A closed interval in which service may *begin*."""

    opens_s: int
    closes_s: int

    def __post_init__(self) -> None:
        _require_time("opens", self.opens_s)
        _require_time("closes", self.closes_s)
        if self.closes_s < self.opens_s:
            opens, closes = clock_text(self.opens_s), clock_text(self.closes_s)
            raise ProblemError(
                "WINDOW_BACKWARDS",
                f"window closes {closes} before it opens {opens}",
                opens=opens,
                closes=closes,
            )

    def __contains__(self, time_s: object) -> bool:
        return isinstance(time_s, int) and self.opens_s <= time_s <= self.closes_s


@dataclass(frozen=True, slots=True)
class Break:
    """The crew's rest: ``duration_s`` in one piece, begun between the two bounds, both included."""

    duration_s: int
    earliest_start_s: int
    latest_start_s: int

    def __post_init__(self) -> None:
        _require_duration("duration_s", self.duration_s, least=1)
        _require_time("earliest_start", self.earliest_start_s)
        _require_time("latest_start", self.latest_start_s)
        if self.latest_start_s < self.earliest_start_s:
            earliest, latest = clock_text(self.earliest_start_s), clock_text(self.latest_start_s)
            raise ProblemError(
                "BREAK_BACKWARDS",
                f"break must start by {latest}, before it may start at {earliest}",
                earliest=earliest,
                latest=latest,
            )


@dataclass(frozen=True, slots=True)
class Shift:
    """One van with one crew of exactly two on one day, from depot to depot."""

    id: str
    start_place: str
    end_place: str
    start_s: int
    end_s: int
    crew: tuple[str, str]
    skills: frozenset[str] = frozenset()
    break_: Break | None = None

    def __post_init__(self) -> None:
        _require_id(self.id)
        _require_time("start", self.start_s)
        _require_time("end", self.end_s)
        if self.end_s <= self.start_s:
            start, end = clock_text(self.start_s), clock_text(self.end_s)
            raise ProblemError(
                "SHIFT_BACKWARDS", f"shift ends {end}, not after its start {start}", start=start, end=end
            )
        if len(self.crew) != 2 or self.crew[0] == self.crew[1] or not all(self.crew):
            raise ProblemError(
                "CREW_NOT_TWO",
                f"a crew is exactly two people, not {len(set(self.crew))}",
                path="crew",
                people=len(set(self.crew)),
            )


@dataclass(frozen=True, slots=True)
class Visit:
    """The work one crew does for one booking.

    ``windows`` (any one of them) bound when service may begin; ``service_s`` includes set-up and packing. A leg to
    or from a visit with ``long_leg_ok`` may pass the day's ``max_leg_s``.
    """

    id: str
    place: str
    service_s: int
    windows: tuple[Window, ...]
    needs: frozenset[str] = frozenset()
    pinned_shift: str | None = None
    required: bool = False
    long_leg_ok: bool = False
    drop_penalty_s: int = DEFAULT_DROP_PENALTY_S

    def __post_init__(self) -> None:
        _require_id(self.id)
        _require_duration("service_s", self.service_s)
        if not self.windows:
            raise ProblemError("NO_WINDOW", f"visit {self.id} has no window", path="windows")
        if not 0 <= self.drop_penalty_s <= MAX_PENALTY_S:
            raise ProblemError(
                "PENALTY_OUT_OF_RANGE",
                f"drop_penalty_s {self.drop_penalty_s} is not in 0..{MAX_PENALTY_S}",
                path="drop_penalty_s",
                value=self.drop_penalty_s,
                most=MAX_PENALTY_S,
            )


@dataclass(frozen=True)
class DayProblem:
    """All that is needed to plan one service day.

    ``travel_s[i][j]`` is the driving time from ``places[i]`` to ``places[j]``; ``None`` means unreachable. It may be
    asymmetric and need not be metric.

    Raises:
        ProblemError: on the first thing that does not fit, with its JSON path.
    """

    date: Date
    places: tuple[Place, ...]
    travel_s: tuple[tuple[int | None, ...], ...] = field(repr=False)
    shifts: tuple[Shift, ...]
    visits: tuple[Visit, ...]
    max_leg_s: int = DEFAULT_MAX_LEG_S
    travel_source: str | None = None

    def __post_init__(self) -> None:
        _require_duration("max_leg_s", self.max_leg_s)
        place_ids = _unique_ids("places", (place.id for place in self.places))
        shift_ids = _unique_ids("shifts", (shift.id for shift in self.shifts))
        _unique_ids("visits", (visit.id for visit in self.visits))
        self._check_travel()
        for index, shift in enumerate(self.shifts):
            for key, place in (("start_place", shift.start_place), ("end_place", shift.end_place)):
                _require_known("UNKNOWN_PLACE", f"shifts[{index}].{key}", place, place_ids)
        for index, visit in enumerate(self.visits):
            _require_known("UNKNOWN_PLACE", f"visits[{index}].place", visit.place, place_ids)
            if visit.pinned_shift is not None:
                _require_known("UNKNOWN_SHIFT", f"visits[{index}].pinned_shift", visit.pinned_shift, shift_ids)

    def _check_travel(self) -> None:
        size = len(self.places)
        if len(self.travel_s) != size:
            raise ProblemError(
                "MATRIX_SIZE",
                f"travel_s has {len(self.travel_s)} rows for {size} places",
                path="travel_s",
                rows=len(self.travel_s),
                expected=size,
            )
        for i, row in enumerate(self.travel_s):
            if len(row) != size:
                raise ProblemError(
                    "MATRIX_SIZE",
                    f"travel_s[{i}] has {len(row)} entries for {size} places",
                    path=f"travel_s[{i}]",
                    rows=len(row),
                    expected=size,
                )
            for j, seconds in enumerate(row):
                if seconds is not None:
                    _require_duration(f"travel_s[{i}][{j}]", seconds)

    @cached_property
    def place_index(self) -> dict[str, int]:
        """Position of each place id in ``places`` and in ``travel_s``."""
        return {place.id: index for index, place in enumerate(self.places)}

    @cached_property
    def shift_by_id(self) -> dict[str, Shift]:
        """The shifts by id."""
        return {shift.id: shift for shift in self.shifts}

    @cached_property
    def visit_by_id(self) -> dict[str, Visit]:
        """The visits by id."""
        return {visit.id: visit for visit in self.visits}

    def driving_s(self, from_place: str, to_place: str) -> int | None:
        """Driving seconds between two place ids, ``None`` where unreachable."""
        return self.travel_s[self.place_index[from_place]][self.place_index[to_place]]


def _require_id(text: str) -> None:
    if not text:
        raise ProblemError("EMPTY_ID", "an id must not be empty", path="id")


def _require_time(name: str, seconds: int) -> None:
    if not 0 <= seconds < DAY_S:
        raise ProblemError("TIME_OUT_OF_RANGE", f"{name} {seconds} s is not a time of day", path=name, value=seconds)


def _require_duration(path: str, seconds: int, *, least: int = 0) -> None:
    if not least <= seconds <= MAX_DURATION_S:
        raise ProblemError(
            "DURATION_OUT_OF_RANGE",
            f"{path} {seconds} s is not in {least}..{MAX_DURATION_S}",
            path=path,
            value=seconds,
            least=least,
            most=MAX_DURATION_S,
        )


def _unique_ids(path: str, ids: Iterator[str]) -> set[str]:
    seen: set[str] = set()
    for index, identifier in enumerate(ids):
        if identifier in seen:
            raise ProblemError(
                "DUPLICATE_ID",
                f"{path} holds {identifier!r} twice",
                path=f"{path}[{index}].id",
                id=identifier,
            )
        seen.add(identifier)
    return seen


def _require_known(code: str, path: str, identifier: str, known: set[str]) -> None:
    if identifier not in known:
        raise ProblemError(code, f"{path} names {identifier!r}, which does not exist", path=path, id=identifier)
