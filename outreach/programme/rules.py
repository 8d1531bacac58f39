"""How one city runs its van, as data: every rule of ``outreach.toml``, its bounds and its default.

The defaults are DOMAIN.md's "Numbers to start from". Each field's meaning, in both languages, is the catalog text
``rule.<section>.<field>`` (``field`` as written in the file); :mod:`outreach.programme.rules_file` reads and writes
the file. An attribute ending in ``_s`` is in seconds; times of day are seconds since midnight.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from outreach.programme.rule_types import (
    Minutes,
    NameList,
    NthList,
    Periods,
    Priority,
    SkillList,
    TimeOfDay,
    Verdict,
    WeekdayList,
    YearlyPeriod,
    YearlyPeriods,
)
from outreach.programme.rules_checks import contradictions

_HOUR_S = 3600
_MINUTE_S = 60
_NEW_YEAR = YearlyPeriod(first=(12, 29), last=(1, 3))
_MONDAY_TO_FRIDAY: WeekdayList = ("mon", "tue", "wed", "thu", "fri")

Name = Annotated[str, Field(min_length=1, max_length=100)]
Text = Annotated[str, Field(max_length=100)]


class _Section(BaseModel):
    """What all sections share: nothing is guessed, nothing is ignored, nothing changes later."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class City(_Section):
    """The city, and how to reach its office."""

    name: Name = "都城市"
    name_en: Name = "Miyakonojo"
    prefecture: Name = "宮崎県"
    municipality_code: str = Field(default="45202", pattern=r"^\d{5}$")
    office: Name = "市民課 マイナンバーカード担当"
    office_en: Name = "My Number Card desk, Citizens' Division"
    phone: str = Field(default="", pattern=r"^(0\d{1,4}-\d{1,4}-\d{3,4})?$")
    former_counties: NameList = ("北諸県郡",)
    area_code: str = Field(default="0986", pattern=r"^0\d{1,4}$")
    hall_lat: float = Field(default=31.719519, ge=20.0, le=46.0)
    hall_lon: float = Field(default=131.061497, ge=122.0, le=154.0)
    language: Literal["ja", "en"] = "ja"


class VisitType(_Section):
    """What one kind of visit takes: minutes, what the crew must bring, and how hard it is to leave out."""

    set_up_min: Minutes = 10
    first_person_min: Minutes = 15
    each_next_min: Minutes = 10
    packing_min: Minutes = 5
    needs: SkillList = ()
    for_groups: bool = False
    priority: Priority = "normal"


class VisitTypes(_Section):
    """The kinds of visit a resident can ask for; the codes are those of the booking's answers."""

    new_card: VisitType = VisitType()
    card_renewal: VisitType = VisitType(priority="high")
    certificate_renewal: VisitType = VisitType(priority="high")
    pin_reset: VisitType = VisitType()
    insurance_help: VisitType = VisitType()
    smartphone_help: VisitType = VisitType(for_groups=True, priority="low")
    group: VisitType = VisitType(for_groups=True)
    unknown: VisitType = VisitType()

    def of(self, code: str) -> VisitType | None:
        """Return the visit type with that code, or ``None``."""
        found = getattr(self, code, None) if code in type(self).model_fields else None
        return found if isinstance(found, VisitType) else None


class AccessLevel(_Section):
    """What one answer to "can they reach the van?" adds to a visit."""

    extra_min: Minutes = 0
    needs: SkillList = ()


class Access(_Section):
    """The four answers to "can they reach the van?"; ``no`` is somebody in bed."""

    yes: AccessLevel = AccessLevel()
    chair: AccessLevel = AccessLevel()
    wheelchair: AccessLevel = AccessLevel(extra_min=10)
    no: AccessLevel = AccessLevel(extra_min=10)

    def of(self, code: str) -> AccessLevel | None:
        """Return what that answer adds, or ``None`` for an answer there is not."""
        found = getattr(self, code, None) if code in type(self).model_fields else None
        return found if isinstance(found, AccessLevel) else None


class People(_Section):
    """How many people one visit serves."""

    home_most: int = Field(default=6, ge=1, le=50)
    group_least: int = Field(default=5, ge=2, le=500)
    under_15_extra_min: Minutes = 5


class Shift(_Section):
    """A crew's day, and its lunch."""

    start_s: TimeOfDay = Field(default=8 * _HOUR_S + 30 * _MINUTE_S, alias="start")
    end_s: TimeOfDay = Field(default=17 * _HOUR_S + 15 * _MINUTE_S, alias="end")
    lunch_min: int = Field(default=60, ge=0, le=180)
    lunch_earliest_start_s: TimeOfDay = Field(default=11 * _HOUR_S + 30 * _MINUTE_S, alias="lunch_earliest_start")
    lunch_latest_start_s: TimeOfDay = Field(default=13 * _HOUR_S + 30 * _MINUTE_S, alias="lunch_latest_start")

    @property
    def lunch_s(self) -> int:
        """How long lunch is, in seconds; 0 is none."""
        return self.lunch_min * _MINUTE_S


class Windows(_Section):
    """The grid of windows that may be promised."""

    first_start_s: TimeOfDay = Field(default=9 * _HOUR_S + 30 * _MINUTE_S, alias="first_start")
    last_start_s: TimeOfDay = Field(default=15 * _HOUR_S, alias="last_start")
    step_min: int = Field(default=30, ge=5, le=240)
    length_min: int = Field(default=30, ge=5, le=240)


class ServiceDays(_Section):
    """On which days the vans go out."""

    weekdays: WeekdayList = _MONDAY_TO_FRIDAY
    saturdays: NthList = (1, 3)
    sundays: NthList = (2, 4)
    closed_on_holidays: bool = True
    closed_every_year: YearlyPeriods = (_NEW_YEAR,)
    closed_dates: Periods = ()
    open_dates: Periods = ()


class CallCentre(_Section):
    """When city hall works and its telephone is answered; working days are counted by these days."""

    opens_s: TimeOfDay = Field(default=8 * _HOUR_S + 30 * _MINUTE_S, alias="opens")
    closes_s: TimeOfDay = Field(default=17 * _HOUR_S + 15 * _MINUTE_S, alias="closes")
    weekdays: WeekdayList = _MONDAY_TO_FRIDAY
    closed_every_year: YearlyPeriods = (_NEW_YEAR,)


class Booking(_Section):
    """How early and how late a visit can be booked and cancelled."""

    web_lead_days: int = Field(default=7, ge=0, le=60)
    clerk_lead_working_days: int = Field(default=3, ge=0, le=40)
    horizon_months: int = Field(default=2, ge=1, le=12)
    cancel_until_s: TimeOfDay = Field(default=17 * _HOUR_S, alias="cancel_until")


class Promises(_Section):
    """How windows are offered and held, and what is kept free for urgent cases."""

    hold_desk_min: int = Field(default=10, ge=1, le=240)
    hold_web_min: int = Field(default=20, ge=1, le=240)
    enough_windows: int = Field(default=3, ge=1, le=50)
    search_seconds: float = Field(default=1.0, ge=0.0, le=60.0)
    reserve_visits: int = Field(default=0, ge=0, le=5)
    reserve_visit_min: int = Field(default=40, ge=5, le=240)
    hall_reach_min: int = Field(default=15, ge=0, le=240)

    def hold_min(self, channel: str) -> int:
        """How long a hold lasts, in minutes: on the web longer than at the desk."""
        return self.hold_web_min if channel == "web" else self.hold_desk_min


class Groups(_Section):
    """The half days that a group visit has a van for."""

    morning_start_s: TimeOfDay = Field(default=9 * _HOUR_S + 30 * _MINUTE_S, alias="morning_start")
    morning_end_s: TimeOfDay = Field(default=12 * _HOUR_S, alias="morning_end")
    afternoon_start_s: TimeOfDay = Field(default=13 * _HOUR_S, alias="afternoon_start")
    afternoon_end_s: TimeOfDay = Field(default=15 * _HOUR_S + 30 * _MINUTE_S, alias="afternoon_end")

    @property
    def halves(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Begin and end of morning and afternoon."""
        return (self.morning_start_s, self.morning_end_s), (self.afternoon_start_s, self.afternoon_end_s)


class SpeedBand(_Section):
    """How fast the way up to a distance is driven, from where the band before ends."""

    up_to_km: float = Field(ge=0.1, le=500.0)
    speed_kmh: float = Field(ge=1.0, le=120.0)


class Travel(_Section):
    """How far a van may go, and how travel times are estimated where there is no road data."""

    max_leg_min: int = Field(default=60, ge=5, le=480)
    detour: float = Field(default=1.35, ge=1.0, le=5.0)
    speed_kmh: float = Field(default=33.0, ge=1.0, le=120.0)
    speed_bands: Annotated[tuple[SpeedBand, ...], Field(strict=False, max_length=20)] = ()

    @property
    def max_leg_s(self) -> int:
        """The longest drive one way that needs no manager's word, in seconds."""
        return self.max_leg_min * _MINUTE_S


class Eligibility(_Section):
    """What happens when an answer speaks against a visit: refuse, ask (until accepted by name), or ignore."""

    not_resident: Verdict = "refuse"
    moving_soon: Verdict = "refuse"
    moving_months: int = Field(default=2, ge=1, le=12)
    no_parking: Verdict = "ask"
    child_without_parent: Verdict = "refuse"
    guardianship: Verdict = "ask"


class Penalties(_Section):
    """What leaving out a waiting visit weighs, in seconds of driving, by priority."""

    high_s: int = Field(default=120_000, ge=1, le=1_000_000)
    normal_s: int = Field(default=60_000, ge=1, le=1_000_000)
    low_s: int = Field(default=30_000, ge=1, le=1_000_000)


class Privacy(_Section):
    """How long personal data stays, and which counts are too small to show.

    A threshold of 5 hides counts of one to four: with some 530 bookings in eight months over a dozen districts, 10
    would hide most of the coverage map, and below 3 a neighbour could be recognised.
    """

    retention_days: int = Field(default=90, ge=1, le=3650)
    small_cell_threshold: int = Field(default=5, ge=3, le=100)
    access_log_days: int = Field(default=1095, ge=90, le=3650)


class Solver(_Section):
    """How long the computer may search, in seconds on the wall clock."""

    make_seconds: float = Field(default=20.0, ge=0.1, le=600.0)
    confirm_seconds: float = Field(default=5.0, ge=0.1, le=60.0)


class Web(_Section):
    """The pages: by which names they are reached, how long a login lasts, how often things may be tried."""

    hosts: NameList = ("localhost", "127.0.0.1")
    idle_min: int = Field(default=30, ge=1, le=240)
    absolute_hours: int = Field(default=12, ge=1, le=24)
    login_tries: int = Field(default=10, ge=3, le=100)
    login_lock_min: int = Field(default=15, ge=1, le=240)
    public_per_phone: int = Field(default=3, ge=1, le=100)
    public_per_address: int = Field(default=3, ge=1, le=100)
    public_per_ip: int = Field(default=20, ge=1, le=10_000)


class Rules(_Section):
    """All rules of one city. ``Rules()`` is the city DOMAIN.md describes."""

    city: City = City()
    visit_types: VisitTypes = VisitTypes()
    access: Access = Access()
    people: People = People()
    shift: Shift = Shift()
    windows: Windows = Windows()
    service_days: ServiceDays = ServiceDays()
    call_centre: CallCentre = CallCentre()
    booking: Booking = Booking()
    promises: Promises = Promises()
    groups: Groups = Groups()
    travel: Travel = Travel()
    eligibility: Eligibility = Eligibility()
    penalties: Penalties = Penalties()
    privacy: Privacy = Privacy()
    solver: Solver = Solver()
    web: Web = Web()

    @model_validator(mode="after")
    def _no_contradiction(self) -> Self:
        found = contradictions(self)
        if found:
            raise PydanticCustomError("RULE_CONTRADICTIONS", "rules contradict each other", {"found": found})
        return self


def rules_data(rules: Rules) -> dict[str, Any]:
    """Return the rules as plain data, keyed and written as in the file."""
    data: dict[str, Any] = rules.model_dump(by_alias=True, mode="json")
    return data


def amended(rules: Rules, changes: dict[str, Any]) -> Rules:
    """Return ``rules`` with ``changes`` (nested tables as in the file) laid over them, validated.

    >>> amended(Rules(), {"shift": {"start": "09:00"}}).shift.start_s
    32400

    Raises:
        pydantic.ValidationError: when the result cannot be; files are read by ``read_rules``, which says it in words.
    """
    return Rules.model_validate(overlaid(rules_data(rules), changes))


def overlaid(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return ``base`` with ``changes`` laid over it table by table; anything but a table is replaced as a whole."""
    result = dict(base)
    for key, value in changes.items():
        below = result.get(key)
        result[key] = overlaid(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def rules_sha256(rules: Rules) -> str:
    """Return a hash of everything the rules say; comments, order and notation of the file do not matter."""
    canonical = json.dumps(rules_data(rules), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
