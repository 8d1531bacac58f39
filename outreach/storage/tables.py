"""The tables of the programme: fleet, shifts, service days, visits, plan versions, calls, outcomes, publications.

The city's days are local dates; a time of day is whole seconds since local midnight; an instant is aware (UTC). Codes
are stored, never sentences. Tables of intake are in ``bookings.models``; what is here points at ``booking.id``.
"""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from bookings.models import AwareTime, one_of

SITE_PREFIX = "SITE-"
"""How the references of site sessions begin."""

_KEPT_SQL = "state IN ('held', 'promised')"


class MadeBy(StrEnum):
    """What made a plan version."""

    CONFIRM = "confirm"
    HOLD = "hold"
    EXPIRY = "expiry"
    CANCEL = "cancel"
    MOVE = "move"
    EDIT = "edit"
    MAKE = "make"
    IMPROVE = "improve"
    REMAKE = "remake"
    """Made anew after the fleet, the shifts or the rules changed."""


class VisitState(StrEnum):
    """Where a promised visit stands. One booking has one visit that is ``held`` or ``promised`` at the most."""

    HELD = "held"
    """Kept for one caller until ``expires_at``; from then on it is nobody's, whether or not anybody has noticed."""
    PROMISED = "promised"
    RELEASED = "released"
    """Cancelled or moved away: the window is free again."""
    BROKEN = "broken"
    """The day can no longer keep it; somebody must phone."""
    DONE = "done"
    """The day is over for it: visited or no-show."""


class CallOutcome(StrEnum):
    """How a pre-visit call ended."""

    REACHED = "reached"
    NO_ANSWER = "no_answer"
    LEFT_MESSAGE = "left_message"
    CALL_AGAIN = "call_again"
    CANCELLED = "cancelled"


class Depot(SQLModel, table=True):
    """Where vans start and end."""

    __tablename__ = "depot"
    __table_args__ = (CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="on_earth"),)

    id: str = Field(primary_key=True)
    name: str
    name_en: str = ""
    address: str = ""
    lat: float
    lon: float


class Van(SQLModel, table=True):
    """A van: its depot, what it offers (skills) and what it carries (kit)."""

    __tablename__ = "van"

    id: str = Field(primary_key=True)
    name: str
    name_en: str = ""
    depot_id: str = Field(sa_column=Column(ForeignKey("depot.id"), nullable=False))
    skills: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    kit: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))

    def named(self, language: str) -> str:
        """The van's name in one language, the Japanese one where there is no other."""
        return self.name_en if language == "en" and self.name_en else self.name


class VanDown(SQLModel, table=True):
    """Days on which a van is out of service, both included; open-ended while ``last_day`` is empty."""

    __tablename__ = "van_down"
    __table_args__ = (
        Index("ix_van_down_van_id", "van_id"),
        CheckConstraint("last_day IS NULL OR last_day >= first_day", name="forwards"),
    )

    id: int | None = Field(default=None, primary_key=True)
    van_id: str = Field(sa_column=Column(ForeignKey("van.id"), nullable=False))
    first_day: Date
    last_day: Date | None = None
    reason: str = ""


class Staff(SQLModel, table=True):
    """A member of staff who can be on a crew."""

    __tablename__ = "staff"

    id: str = Field(primary_key=True)
    name: str
    kana: str = ""
    skills: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    trainee: bool = False


class StaffLeave(SQLModel, table=True):
    """Days on which a member of staff is away, both included."""

    __tablename__ = "staff_leave"
    __table_args__ = (
        UniqueConstraint("staff_id", "first_day", "last_day"),
        CheckConstraint("last_day >= first_day", name="forwards"),
    )

    id: int | None = Field(default=None, primary_key=True)
    staff_id: str = Field(sa_column=Column(ForeignKey("staff.id"), nullable=False))
    first_day: Date
    last_day: Date


class ShiftRow(SQLModel, table=True):
    """One van with one crew on one day."""

    __tablename__ = "shift"
    __table_args__ = (
        UniqueConstraint("day", "van_id"),
        CheckConstraint("start_s >= 0 AND end_s > start_s AND end_s < 86400", name="within_the_day"),
    )

    id: int | None = Field(default=None, primary_key=True)
    day: Date = Field(index=True)
    van_id: str = Field(sa_column=Column(ForeignKey("van.id"), nullable=False))
    start_s: int
    end_s: int


class ShiftCrew(SQLModel, table=True):
    """A seat of a crew: two to a shift, and nobody on two shifts of a day."""

    __tablename__ = "shift_crew"
    __table_args__ = (
        UniqueConstraint("shift_id", "seat"),
        UniqueConstraint("day", "staff_id"),
        CheckConstraint("seat IN (1, 2)", name="two_seats"),
    )

    id: int | None = Field(default=None, primary_key=True)
    shift_id: int = Field(sa_column=Column(ForeignKey("shift.id", ondelete="CASCADE"), nullable=False))
    seat: int
    day: Date
    staff_id: str = Field(sa_column=Column(ForeignKey("staff.id"), nullable=False))


class ServiceDay(SQLModel, table=True):
    """One day's pointer to its standing plan, guarded by ``version``: every change of the day raises it by one.

    ``published_plan_id`` is the version in people's hands; ``closed`` days take no promise until reopened.
    """

    __tablename__ = "service_day"
    __table_args__ = (UniqueConstraint("day"),)

    id: int | None = Field(default=None, primary_key=True)
    day: Date
    version: int = 0
    standing_plan_id: int | None = Field(
        default=None, sa_column=Column(ForeignKey("plan_version.id", use_alter=True), nullable=True)
    )
    published_plan_id: int | None = Field(
        default=None, sa_column=Column(ForeignKey("plan_version.id", use_alter=True), nullable=True)
    )
    closed: bool = False


class PlanVersion(SQLModel, table=True):
    """An immutable plan of a day with the problem it answers, both as their files' text."""

    __tablename__ = "plan_version"
    __table_args__ = (
        UniqueConstraint("service_day_id", "number"),
        one_of("made_by", tuple(kind.value for kind in MadeBy)),
    )

    id: int | None = Field(default=None, primary_key=True)
    service_day_id: int = Field(sa_column=Column(ForeignKey("service_day.id"), nullable=False))
    number: int
    made_by: str
    made_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    who: str
    problem: str = Field(sa_column=Column(Text, nullable=False))
    plan: str = Field(sa_column=Column(Text, nullable=False))
    problem_sha256: str
    plan_sha256: str
    broken: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    """References of the promises this plan does not keep (only ever with ``--accept-broken``)."""


class StopRole(StrEnum):
    """What a stop of a plan stands for."""

    PROMISED = "promised"
    PROPOSED = "proposed"
    """A waiting booking that would fit: to be phoned, not a promise, on no published sheet until confirmed."""
    GHOST = "ghost"
    """A released visit that had to stay, because the plan without it was not legal and no other was found in time."""


class PlanStop(SQLModel, table=True):
    """A stop on a route of a plan version: of a booking's visit, or of a site session."""

    __tablename__ = "plan_stop"
    __table_args__ = (
        UniqueConstraint("plan_version_id", "booking_id"),
        UniqueConstraint("plan_version_id", "site_session_id"),
        CheckConstraint("(booking_id IS NULL) <> (site_session_id IS NULL)", name="one_owner"),
        UniqueConstraint("plan_version_id", "van_id", "position"),
        one_of("role", tuple(role.value for role in StopRole)),
        Index("ix_plan_stop_booking_id", "booking_id"),
        CheckConstraint("arrive_s <= start_s AND start_s <= depart_s", name="forwards"),
    )

    id: int | None = Field(default=None, primary_key=True)
    plan_version_id: int = Field(sa_column=Column(ForeignKey("plan_version.id"), nullable=False))
    booking_id: int | None = Field(default=None, sa_column=Column(ForeignKey("booking.id"), nullable=True))
    site_session_id: int | None = Field(default=None, sa_column=Column(ForeignKey("site_session.id"), nullable=True))
    van_id: str
    position: int
    arrive_s: int
    start_s: int
    depart_s: int
    role: str


class Visit(SQLModel, table=True):
    """The promise made to one booking: a window on a day, with the service time it was promised under.

    A rule change never alters ``service_s`` of a promise. ``pinned_van_id`` fixes the van by a person's word, or for a
    group visit, which has its van to itself for half a day. A held one has ``expires_at``.
    """

    __tablename__ = "visit"
    __table_args__ = (
        one_of("state", tuple(state.value for state in VisitState)),
        CheckConstraint("opens_s >= 0 AND closes_s >= opens_s AND closes_s < 86400", name="window_forwards"),
        CheckConstraint("service_s > 0", name="service_takes_time"),
        CheckConstraint("state <> 'held' OR expires_at IS NOT NULL", name="hold_expires"),
        Index(
            "uq_visit_one_promise",
            "booking_id",
            unique=True,
            sqlite_where=text(_KEPT_SQL),
            postgresql_where=text(_KEPT_SQL),
        ),
        Index("ix_visit_service_day_id", "service_day_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    booking_id: int = Field(sa_column=Column(ForeignKey("booking.id"), nullable=False))
    service_day_id: int = Field(sa_column=Column(ForeignKey("service_day.id"), nullable=False))
    opens_s: int
    closes_s: int
    service_s: int
    needs: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    lat: float
    lon: float
    pinned_van_id: str | None = Field(default=None, sa_column=Column(ForeignKey("van.id"), nullable=True))
    long_leg_ok: bool = False
    state: str = VisitState.PROMISED
    promised_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    expires_at: datetime | None = Field(default=None, sa_column=Column(AwareTime))
    ended_at: datetime | None = Field(default=None, sa_column=Column(AwareTime))


class SessionState(StrEnum):
    """Where a site session stands."""

    OPEN = "open"
    CANCELLED = "cancelled"


class SiteSession(SQLModel, table=True):
    """The van stands at a hall for some hours and residents book places in it; the day owns the visit.

    Service begins exactly at ``opens_s - set_up_s`` and takes until ``closes_s`` and the packing; the van is pinned.
    ``number`` makes the reference (:attr:`reference`), which is also the visit's id in day and plan files.
    """

    __tablename__ = "site_session"
    __table_args__ = (
        UniqueConstraint("number"),
        one_of("state", tuple(state.value for state in SessionState)),
        Index("ix_site_session_service_day_id", "service_day_id"),
        CheckConstraint("opens_s >= 0 AND closes_s > opens_s AND closes_s < 86400", name="forwards"),
        CheckConstraint("set_up_s >= 0 AND packing_s >= 0 AND opens_s >= set_up_s", name="set_up_within_the_day"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="on_earth"),
    )

    id: int | None = Field(default=None, primary_key=True)
    number: int
    service_day_id: int = Field(sa_column=Column(ForeignKey("service_day.id"), nullable=False))
    van_id: str = Field(sa_column=Column(ForeignKey("van.id"), nullable=False))
    name: str
    name_en: str = ""
    address: str = ""
    town: str = ""
    district: str | None = None
    visit_type: str = "unknown"
    """What the session is for, where it is for one thing only (a smartphone class)."""
    lat: float
    lon: float
    opens_s: int
    closes_s: int
    set_up_s: int = 0
    packing_s: int = 0
    state: str = SessionState.OPEN
    ended_at: datetime | None = Field(default=None, sa_column=Column(AwareTime))

    @property
    def reference(self) -> str:
        """``SITE-3``: no booking's reference looks like it."""
        return f"{SITE_PREFIX}{self.number}"

    def named(self, language: str) -> str:
        """The hall's name in one language, the Japanese one where there is no other."""
        return self.name_en if language == "en" and self.name_en else self.name


class PlaceState(StrEnum):
    """Whether a place of a site session is free, and how the booking in it stands."""

    FREE = "free"
    HELD = "held"
    PROMISED = "promised"
    BROKEN = "broken"
    """The session was cancelled; somebody must phone."""
    DONE = "done"


class SitePlace(SQLModel, table=True):
    """One place of a site session: from ``start_s`` on, one of the seats. A booking is in one place at the most."""

    __tablename__ = "site_place"
    __table_args__ = (
        UniqueConstraint("site_session_id", "start_s", "seat"),
        one_of("state", tuple(state.value for state in PlaceState)),
        CheckConstraint("(state = 'free') = (booking_id IS NULL)", name="taken_by_somebody"),
        CheckConstraint("state <> 'held' OR expires_at IS NOT NULL", name="hold_expires"),
        CheckConstraint("seat >= 1 AND start_s >= 0 AND start_s < 86400 AND length_s > 0", name="is_a_place"),
        Index(
            "uq_site_place_one_promise",
            "booking_id",
            unique=True,
            sqlite_where=text(_KEPT_SQL),
            postgresql_where=text(_KEPT_SQL),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    site_session_id: int = Field(sa_column=Column(ForeignKey("site_session.id"), nullable=False))
    start_s: int
    length_s: int
    seat: int
    state: str = PlaceState.FREE
    booking_id: int | None = Field(default=None, sa_column=Column(ForeignKey("booking.id"), nullable=True))
    expires_at: datetime | None = Field(default=None, sa_column=Column(AwareTime))


class AnsweredRequest(SQLModel, table=True):
    """A write that was answered, by the key its sender gave it: sent again, it gets the same answer and is not redone.

    ``answer`` holds codes, references and times; nothing of a resident's.
    """

    __tablename__ = "answered_request"
    __table_args__ = (Index("ix_answered_request_at", "at"),)

    key: str = Field(primary_key=True)
    what: str
    request_sha256: str
    answer: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_column=Column(AwareTime, nullable=False))


class RulesInForce(SQLModel, table=True):
    """The rules that the standing plans were last looked through under: a hash of what makes plans legal."""

    __tablename__ = "rules_in_force"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: int = Field(default=1, primary_key=True)
    sha256: str
    since: datetime = Field(sa_column=Column(AwareTime, nullable=False))


class ServiceDayChange(SQLModel, table=True):
    """One row of a day's history: made, published, reopened, a van down, broken promises accepted."""

    __tablename__ = "service_day_change"
    __table_args__ = (Index("ix_service_day_change_service_day_id", "service_day_id"),)

    id: int | None = Field(default=None, primary_key=True)
    service_day_id: int = Field(sa_column=Column(ForeignKey("service_day.id"), nullable=False))
    at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    who: str
    what: str
    why: str = Field(default="", sa_column=Column(Text, nullable=False))
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class Publication(SQLModel, table=True):
    """A set of files made from one plan version; ``files`` maps each name to its SHA-256."""

    __tablename__ = "publication"
    __table_args__ = (Index("ix_publication_plan_version_id", "plan_version_id"),)

    id: int | None = Field(default=None, primary_key=True)
    plan_version_id: int = Field(sa_column=Column(ForeignKey("plan_version.id"), nullable=False))
    at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    who: str
    language: str
    files: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    outdated_at: datetime | None = Field(default=None, sa_column=Column(AwareTime))


class CallAttempt(SQLModel, table=True):
    """One pre-visit call and how it ended."""

    __tablename__ = "call_attempt"
    __table_args__ = (
        one_of("outcome", tuple(outcome.value for outcome in CallOutcome)),
        Index("ix_call_attempt_booking_id", "booking_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    booking_id: int = Field(sa_column=Column(ForeignKey("booking.id"), nullable=False))
    day: Date
    at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    who: str
    outcome: str
    note: str = ""


class VisitOutcome(SQLModel, table=True):
    """What happened at the door: visited or no-show, how many people, from when to when."""

    __tablename__ = "visit_outcome"
    __table_args__ = (
        UniqueConstraint("booking_id", "day"),
        one_of("outcome", ("visited", "no_show")),
        CheckConstraint("people >= 0", name="people_not_negative"),
        CheckConstraint("end_s IS NULL OR start_s IS NULL OR end_s >= start_s", name="forwards"),
    )

    id: int | None = Field(default=None, primary_key=True)
    booking_id: int = Field(sa_column=Column(ForeignKey("booking.id"), nullable=False))
    day: Date = Field(index=True)
    outcome: str
    people: int = 0
    start_s: int | None = None
    end_s: int | None = None
    at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    who: str
    note: str = ""


class TravelTime(SQLModel, table=True):
    """A travel time once computed: by source, hash of the source's parameters, and coordinates in 1e-6 degrees.

    ``seconds`` is empty where the source knows no way.
    """

    __tablename__ = "travel_time"

    source: str = Field(primary_key=True)
    parameters_sha256: str = Field(primary_key=True)
    from_lat: int = Field(sa_column=Column(BigInteger, primary_key=True))
    from_lon: int = Field(sa_column=Column(BigInteger, primary_key=True))
    to_lat: int = Field(sa_column=Column(BigInteger, primary_key=True))
    to_lon: int = Field(sa_column=Column(BigInteger, primary_key=True))
    seconds: int | None = None
    metres: int | None = None
