"""What each artefact shows, as plain values: the sheets, lists and maps are drawn from these and nothing else.

Times of day are whole seconds since local midnight of the service day, durations whole seconds, coordinates degrees
(WGS 84, latitude first). Codes (visit types, access, call outcomes, reasons) become words through the ``translate``
callable of the drawing code. The map views carry references only; names and phones exist in sheets and call lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime

Point = tuple[float, float]
"""Latitude and longitude in degrees."""

Ring = tuple[Point, ...]
"""A closed line of a polygon; the last point equals the first."""


@dataclass(frozen=True, slots=True)
class PlanStamp:
    """Which plan an artefact was made from; printed on every artefact.

    ``sha256`` is the plan's hash; its first 10 digits are shown (twelve could look like a My Number). ``made_at`` is an
    aware time. ``travel_is_estimate``: driving times rest on straight distances, and the artefact says so.
    ``banner`` is a text such as the demo's fixed clock, or empty.
    """

    date: Date
    version: int
    sha256: str
    made_at: datetime
    city_name: str
    office_name: str
    office_phone: str
    travel_is_estimate: bool
    banner: str = ""
    office_hours: tuple[int, int] | None = None
    """When the office answers its phone, seconds since midnight."""


@dataclass(frozen=True, slots=True)
class SheetStop:
    """One stop as the crew reads it. ``leave_by_s``: latest departure that still keeps every later promise."""

    number: int
    reference: str
    promised: tuple[int, int] | None
    drive_s: int
    arrive_s: int
    start_s: int
    depart_s: int
    leave_by_s: int
    name: str
    kana: str
    address: str
    building: str
    landmark: str
    phone: str
    second_phone: str
    visit_type: str
    people: int
    under_15: int
    access: str
    needs: tuple[str, ...]
    parking: str
    papers: str
    language: str
    call_status: str
    note: str
    location: Point
    location_level: str
    break_before: tuple[int, int] | None = None
    """The crew's break where it lies between the previous stop (or the depot) and this one."""
    long_leg: bool = False
    """Driven to beyond the city's travel limit with the manager's word."""


@dataclass(frozen=True, slots=True)
class SiteGuest:
    """Somebody with a place in a site session, as the crew reads it. ``needs``: access included where it says more."""

    start_s: int
    reference: str
    name: str
    kana: str
    people: int
    under_15: int
    visit_type: str
    access: str
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteStop:
    """A stop where the van stands at a hall and residents come to it: ``name`` is the hall's.

    Residents are received from ``opens_s`` to ``closes_s``; service (``start_s`` to ``depart_s``) has setting up and
    packing around that. ``visit_type`` is empty where the session is for anything.
    """

    number: int
    reference: str
    opens_s: int
    closes_s: int
    drive_s: int
    arrive_s: int
    start_s: int
    depart_s: int
    leave_by_s: int
    name: str
    address: str
    visit_type: str
    guests: tuple[SiteGuest, ...]
    location: Point
    break_before: tuple[int, int] | None = None
    long_leg: bool = False

    @property
    def promised(self) -> tuple[int, int]:
        """From when to when residents are received, where other stops have their promised window."""
        return self.opens_s, self.closes_s


@dataclass(frozen=True, slots=True)
class Sketch:
    """The small route map: the path and stops of one route over district lines. No names of people."""

    path: tuple[Point, ...]
    stops: tuple[tuple[int, Point], ...]
    depots: tuple[Point, ...]
    lines: tuple[Ring, ...]


@dataclass(frozen=True, slots=True)
class RouteSheet:
    """Everything one crew carries for one shift."""

    stamp: PlanStamp
    shift: str
    van_name: str
    crew: tuple[str, str]
    start_depot: str
    end_depot: str
    shift_start_s: int
    shift_end_s: int
    depart_s: int
    leave_by_s: int
    return_s: int
    drive_home_s: int
    travel_s: int
    break_: tuple[int, int] | None
    kit: tuple[str, ...]
    stops: tuple[SheetStop | SiteStop, ...]
    sketch: Sketch
    certificate: str = ""
    """Key of the sentence on how good the plan of the whole day is known to be, or empty."""
    saving_min: int = 0
    """Minutes of driving that could be saved at most, where that sentence names them."""


@dataclass(frozen=True, slots=True)
class CallEntry:
    """One pre-visit call. ``latest_useful_s``: when the crew sets out for this stop; a later call helps nobody.

    ``hall`` and its address say where somebody with a place in a site session is to come; ``promised`` is then when
    their place begins, twice.
    """

    reference: str
    name: str
    kana: str
    phone: str
    second_phone: str
    fax: str
    mail: str
    caller_name: str
    caller_relation: str
    promised: tuple[int, int]
    latest_useful_s: int
    van_name: str
    people: int
    visit_type: str
    access: str
    language: str
    papers: str
    last_outcome: str
    note: str
    hall: str = ""
    hall_address: str = ""


@dataclass(frozen=True, slots=True)
class CallList:
    """The pre-visit calls of one service day, sorted by the latest useful time, and those without a phone apart."""

    stamp: PlanStamp
    calls: tuple[CallEntry, ...]
    without_phone: tuple[CallEntry, ...]


@dataclass(frozen=True, slots=True)
class MapStop:
    """A numbered stop on the day map: by reference, never by name. A ``site`` receives residents in ``promised``."""

    number: int
    reference: str
    location: Point
    promised: tuple[int, int] | None
    arrive_s: int
    depart_s: int
    site: bool = False


@dataclass(frozen=True, slots=True)
class MapRoute:
    """One van's layer. ``style`` picks colour and shape: equal numbers look alike in every artefact of the day."""

    shift: str
    van_name: str
    style: int
    path: tuple[Point, ...]
    stops: tuple[MapStop, ...]
    travel_s: int
    break_: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class MapDepot:
    """Where vans start and end."""

    name: str
    location: Point


@dataclass(frozen=True, slots=True)
class MapLeftOut:
    """A visit on no route, with the code of its reason and the values its sentence names."""

    reference: str
    location: Point
    reason: str
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class DayMap:
    """The routes of one day over the city's district lines."""

    stamp: PlanStamp
    routes: tuple[MapRoute, ...]
    depots: tuple[MapDepot, ...]
    left_out: tuple[MapLeftOut, ...]
    boundary: tuple[Ring, ...]
    districts: tuple[tuple[str, tuple[Ring, ...]], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A count for the public: ``value`` is ``None`` where it is suppressed for being small, or as a ``complement``.

    A complement may be any number; it is withheld because a small count could be found by subtracting it.
    """

    value: int | None
    complement: bool = False

    @property
    def suppressed(self) -> bool:
        """Whether the count is withheld."""
        return self.value is None


@dataclass(frozen=True, slots=True)
class CoverageDistrict:
    """One district of the coverage map.

    ``per_1000`` is people served per 1,000 residents aged 65 and over, ``None`` where suppressed or nobody is 65.
    ``driving_s`` from the nearest depot to the district's middle, ``None`` where unreachable.
    ``nothing`` marks a district with no contact at all in the period.
    """

    name: str
    rings: tuple[Ring, ...]
    population: int
    aged_65: int
    served: Cell
    waiting: Cell
    turned_down: Cell
    per_1000: float | None
    driving_s: int | None
    nothing: bool


@dataclass(frozen=True, slots=True)
class CoverageMap:
    """Who was reached, by district, between two days (both included)."""

    city_name: str
    first_day: Date
    last_day: Date
    made_at: datetime
    threshold: int
    travel_is_estimate: bool
    districts: tuple[CoverageDistrict, ...]
    total_served: Cell
    total_waiting: Cell
    total_turned_down: Cell
    boundary: tuple[Ring, ...]
    depots: tuple[MapDepot, ...]
    banner: str = ""


@dataclass(frozen=True, slots=True)
class PinMap:
    """The small map on which a person pins a house: the city's lines and towns, where vans start, and nobody's name.

    ``pin`` is where the pin stands at first; without one the map shows the city and no pin.
    """

    towns: tuple[tuple[str, Point], ...]
    depots: tuple[MapDepot, ...]
    boundary: tuple[Ring, ...]
    districts: tuple[tuple[str, tuple[Ring, ...]], ...]
    pin: Point | None = None
