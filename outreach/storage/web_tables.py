"""The tables of the pages: accounts and their sessions, counted tries, who looked at whose record, the public form.

What opens a door (a session's id, the token of a resident's own link) is stored as its SHA-256 alone: who reads the
database cannot walk in.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from bookings.models import AwareTime, one_of


class Role(StrEnum):
    """What an account may do."""

    CLERK = "clerk"
    CREW = "crew"
    MANAGER = "manager"
    ADMIN = "admin"


class Account(SQLModel, table=True):
    """Somebody who works with the pages. ``name`` is typed at login and stands in the history; never deleted."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("name"),
        one_of("role", tuple(role.value for role in Role)),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str
    display_name: str = ""
    role: str
    password_hash: str
    must_change: bool = True
    """A password that somebody else has set is changed at the first login."""
    created_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    disabled_at: datetime | None = Field(default=None, sa_column=Column(AwareTime))


class WebSession(SQLModel, table=True):
    """A visitor of the pages, signed in or not (the public form): ended by idleness, by age, or by somebody's word."""

    __tablename__ = "web_session"
    __table_args__ = (
        Index("ix_web_session_account_id", "account_id"),
        Index("ix_web_session_seen_at", "seen_at"),
        Index("ix_web_session_looking_at", "looking_at"),
    )

    id_sha256: str = Field(primary_key=True)
    account_id: int | None = Field(default=None, sa_column=Column(ForeignKey("account.id"), nullable=True))
    csrf: str
    created_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    seen_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    looking_at: str = ""
    """The booking that is open on this screen, so that two clerks on one record see each other."""
    looked_at: datetime | None = Field(default=None, sa_column=Column(AwareTime))
    ended_at: datetime | None = Field(default=None, sa_column=Column(AwareTime))


class CountedTries(SQLModel, table=True):
    """How often something was tried in one window of time; shared by all processes. ``key`` is a hash."""

    __tablename__ = "counted_tries"
    __table_args__ = (
        Index("ix_counted_tries_ends_at", "ends_at"),
        CheckConstraint("tries >= 0", name="counted"),
    )

    key: str = Field(primary_key=True)
    tries: int
    ends_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))


class Access(StrEnum):
    """What somebody did with a record."""

    VIEW = "view"
    LISTED = "listed"
    PRINT = "print"
    CHANGE = "change"


class RecordAccess(SQLModel, table=True):
    """Who looked at or changed whose record, when and on which page; refused tries too (``allowed`` false)."""

    __tablename__ = "record_access"
    __table_args__ = (
        one_of("what", tuple(kind.value for kind in Access)),
        Index("ix_record_access_reference", "reference"),
        Index("ix_record_access_who", "who", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    who: str
    role: str
    reference: str
    what: str
    page: str
    allowed: bool = True


class PublicForm(SQLModel, table=True):
    """What somebody has typed into the public form so far; erased an hour after it was last touched, or when sent.

    ``reference`` is set when it became a booking, so that the same form sent twice is one booking.
    """

    __tablename__ = "public_form"
    __table_args__ = (Index("ix_public_form_expires_at", "expires_at"),)

    id_sha256: str = Field(primary_key=True)
    """The session it belongs to."""
    answers: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    state: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    """Consent and the page somebody is on; nothing personal."""
    reference: str = ""
    created_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))


class OwnLink(SQLModel, table=True):
    """The link that opens a resident's own page, by the SHA-256 of its token (32 random bytes)."""

    __tablename__ = "own_link"
    __table_args__ = (Index("ix_own_link_booking_id", "booking_id"),)

    token_sha256: str = Field(primary_key=True)
    booking_id: int = Field(sa_column=Column(ForeignKey("booking.id"), nullable=False))
    created_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    expires_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))


class HandedOver(SQLModel, table=True):
    """A request taken by a form that stands alone, outside: what was typed, until it is handed over as a file.

    Inside, a row ``in/NUMBER`` without answers says that the request of that number was taken in.
    """

    __tablename__ = "handed_over"
    __table_args__ = (UniqueConstraint("number"),)

    id: int | None = Field(default=None, primary_key=True)
    number: str
    """What the resident is told: not a booking's reference, for there is no booking yet."""
    answers: dict[str, str] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    received_at: datetime = Field(sa_column=Column(AwareTime, nullable=False))
    exported_at: datetime | None = Field(default=None, sa_column=Column(AwareTime))
