"""The tables of intake: bookings with their history, the gazetteer's towns, districts and the city's boundary.

Nothing here points at a table of the programme; visits and stops (in ``outreach.storage``) point at ``booking.id``.
Statuses and other codes are stored as their text. Times are aware, in UTC; see :class:`AwareTime`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from datetime import date as Date
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from bookings.statuses import LIVE, Status

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, so that a migration can find it on SQLite and PostgreSQL alike."""

SQLModel.metadata.naming_convention = NAMING_CONVENTION
metadata: MetaData = SQLModel.metadata


class AwareTime(TypeDecorator[datetime]):
    """An instant: refuses naive datetimes, stores UTC, gives back aware UTC (SQLite would lose the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware to UTC; SQLite gets it without the zone, which it cannot keep."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored time must be aware")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back to aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(column: str, codes: frozenset[Any] | tuple[Any, ...]) -> CheckConstraint:
    """A check that ``column`` holds one of ``codes``."""
    listed = ", ".join(f"'{code}'" for code in sorted(str(code) for code in codes))
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


_LIVE_SQL = "status IN (" + ", ".join(f"'{status.value}'" for status in sorted(LIVE)) + ")"


class Booking(SQLModel, table=True):
    """What a resident asked for, and where it stands.

    ``answers`` keeps every answer as it was typed, by the field names of :mod:`bookings.intake`; the other columns are
    what intake made of them. A draft may have only answers. ``household_number`` is 0 for the first live booking of a
    household and visit type; an override takes the next number and stores its reason.
    """

    __tablename__ = "booking"
    __table_args__ = (
        UniqueConstraint("reference"),
        one_of("status", frozenset(status.value for status in Status)),
        CheckConstraint("people IS NULL OR people > 0", name="people_positive"),
        CheckConstraint("under_15 >= 0", name="under_15_not_negative"),
        CheckConstraint("(lat IS NULL) = (lon IS NULL)", name="both_coordinates"),
        Index(
            "uq_booking_live_household",
            "household_key",
            "visit_type",
            "household_number",
            unique=True,
            sqlite_where=text(_LIVE_SQL + " AND household_key IS NOT NULL"),
            postgresql_where=text(_LIVE_SQL + " AND household_key IS NOT NULL"),
        ),
        Index("ix_booking_status", "status"),
        Index("ix_booking_phone", "phone_e164"),
        Index("ix_booking_kana", "kana_folded"),
    )

    id: int | None = Field(default=None, primary_key=True)
    reference: str
    status: str
    answers: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))

    visit_type: str = "unknown"
    caller: str = "self"
    caller_name: str = ""
    name: str = ""
    name_folded: str = ""
    kana: str = ""
    kana_folded: str = ""
    birth_year: int | None = None
    people: int | None = None
    under_15: int = 0

    phone_e164: str | None = None
    phone_spoken: str = ""
    second_phone_e164: str | None = None
    second_phone_spoken: str = ""
    fax: str = ""
    mail: str = ""

    address_written: str = ""
    address_normalised: str = ""
    building: str = ""
    landmark: str = ""
    town: str | None = None
    district: str | None = None
    household_key: str | None = None
    household_number: int = 0
    household_reason: str = ""
    lat: float | None = None
    lon: float | None = None
    location_level: str | None = None
    location_source: str = ""

    parking: str = "unknown"
    access: str = "yes"
    needs: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    papers: str = "unknown"
    application_form: str = "unknown"
    language: str = "ja"
    wishes_text: str = ""
    wishes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    note: str = ""

    channel: str = "phone"
    heard_from: str = "unknown"
    refused_by: str | None = None
    """The eligibility rule that turned the booking down."""
    long_leg_ok: bool = False
    """A far booking taken with the manager's warning: its legs may pass the travel limit."""
    open_answers: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    received_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    changed_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    revision: int = 1
    """Raised by every change; a writer that saw an older one is refused."""
    erased_at: datetime | None = Field(default=None, sa_column=Column(AwareTime))
    """When the personal fields were emptied (retention)."""
    age_band: str = ""
    """The band of ages kept for the counts when the year of birth was erased; empty before."""


class BookingChange(SQLModel, table=True):
    """One row of a booking's history: who did what, when, why, by which channel."""

    __tablename__ = "booking_change"
    __table_args__ = (Index("ix_booking_change_booking_id", "booking_id"),)

    id: int | None = Field(default=None, primary_key=True)
    booking_id: int = Field(sa_column=Column(ForeignKey("booking.id"), nullable=False))
    at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    who: str
    channel: str
    what: str
    status_before: str | None = None
    status_after: str | None = None
    why: str = Field(default="", sa_column=Column(Text, nullable=False))
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))


class BookingFinding(SQLModel, table=True):
    """A confirm or warning that stands on a booking; a confirm carries who accepted it."""

    __tablename__ = "booking_finding"
    __table_args__ = (
        UniqueConstraint("booking_id", "field", "code"),
        one_of("severity", ("error", "confirm", "warning")),
    )

    id: int | None = Field(default=None, primary_key=True)
    booking_id: int = Field(sa_column=Column(ForeignKey("booking.id"), nullable=False))
    field: str
    code: str
    severity: str
    details: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    accepted_by: str | None = None
    accepted_at: datetime | None = Field(default=None, sa_column=Column(AwareTime))


class TownRow(SQLModel, table=True):
    """A town of the gazetteer."""

    __tablename__ = "town"
    __table_args__ = (
        UniqueConstraint("prefecture", "city", "town", "koaza", "lat", "lon"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="on_earth"),
    )

    id: int | None = Field(default=None, primary_key=True)
    prefecture: str
    city: str
    town: str
    kana: str = ""
    romaji: str = ""
    postal_code: str = ""
    former: str = ""
    koaza: str = ""
    lat: float
    lon: float


class PinRow(SQLModel, table=True):
    """A point that a person set on the map for a household, because no address led there."""

    __tablename__ = "pin"
    __table_args__ = (CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="on_earth"),)

    household_key: str = Field(primary_key=True)
    lat: float
    lon: float
    set_by: str
    set_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))


class DistrictRow(SQLModel, table=True):
    """A district and its people, where known; ``geometry`` is GeoJSON, or empty where only its towns are known."""

    __tablename__ = "district"
    __table_args__ = (
        UniqueConstraint("name"),
        CheckConstraint("population >= 0 AND aged_65 >= 0 AND aged_65 <= population", name="people_add_up"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str
    name_en: str = ""
    population: int | None = None
    aged_65: int | None = None
    geometry: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    towns: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class BoundaryRow(SQLModel, table=True):
    """The city's boundary as GeoJSON geometry; one row at the most."""

    __tablename__ = "boundary"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: int = Field(default=1, primary_key=True)
    name: str = ""
    geometry: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    imported_on: Date | None = None
