"""What time it is: the system's clock, or one that stands still for demos, tutorials and tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from outreach.errors import BadInput

TOKYO = ZoneInfo("Asia/Tokyo")
"""The time zone of every Japanese city; all instants of the programme are aware and in it."""

NOW_VARIABLE = "OUTREACH_NOW"


class Clock(Protocol):
    """Asked instead of the system, so that a day can be replayed."""

    @property
    def is_fixed(self) -> bool:
        """Whether the clock stands still: faces then show a banner."""

    def now(self) -> datetime:
        """The present instant, aware, in Japanese time."""

    def today(self) -> Date:
        """The local calendar day of :meth:`now`."""


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The computer's clock."""

    @property
    def is_fixed(self) -> bool:
        """Never: it runs."""
        return False

    def now(self) -> datetime:
        """The present instant in Japanese time."""
        return datetime.now(TOKYO)

    def today(self) -> Date:
        """Today in Japan."""
        return self.now().date()


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still at ``instant`` (aware; kept in Japanese time).

    Raises:
        ValueError: when ``instant`` is naive.
    """

    instant: datetime

    def __post_init__(self) -> None:
        if self.instant.tzinfo is None:
            raise ValueError("a fixed clock needs an aware instant")
        object.__setattr__(self, "instant", self.instant.astimezone(TOKYO))

    @property
    def is_fixed(self) -> bool:
        """Always."""
        return True

    def now(self) -> datetime:
        """The one instant there is."""
        return self.instant

    def today(self) -> Date:
        """The day of that instant in Japan."""
        return self.instant.date()


def instant_from(text: str) -> datetime:
    """Read an ISO 8601 instant; without an offset it is Japanese time, without a time it is midnight.

    Raises:
        BadInput: ``NOW_UNREADABLE``.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
        # The conversion fails too, for the first and last hours of the calendar (year 1, year 9999).
        return instant.replace(tzinfo=TOKYO) if instant.tzinfo is None else instant.astimezone(TOKYO)
    except (ValueError, OverflowError):
        raise BadInput("NOW_UNREADABLE") from None


def clock_from_environment(environ: Mapping[str, str]) -> Clock:
    """Return the clock ``OUTREACH_NOW`` asks for, or the system's where it is unset or empty.

    Raises:
        BadInput: ``NOW_UNREADABLE``.
    """
    text = environ.get(NOW_VARIABLE, "")
    return FixedClock(instant_from(text)) if text.strip() else SystemClock()
