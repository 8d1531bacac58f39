"""The fictional city that ships with the product: its files, and the calls of two weeks as its clerks took them.

Nothing here is real. The city lies in the open sea, its area code is not in use, its people are invented.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from outreach.programme.clock import TOKYO

NOW = "2026-11-20T16:00"
"""What ``OUTREACH_NOW`` stands at in the demo: a Friday afternoon; the vans go out again on Tuesday the 24th."""

CITY_FILES = ("outreach.toml", "towns.csv", "districts.geojson", "fleet.toml")
"""What ``outreach init --demo`` writes, in the order in which it is imported."""


@dataclass(frozen=True, slots=True)
class CallAttempted:
    """One pre-visit call: when it was made, and how it ended."""

    at: datetime
    outcome: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class VisitEnded:
    """How a visit ended, and when the sheet was typed in. Times are seconds of the day; None: not written down."""

    at: datetime
    outcome: str
    people: int | None = None
    start_s: int | None = None
    end_s: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class DemoCall:
    """One call, and what the clerk made of it.

    ``answers`` is what was said first. Once the findings are on the screen the clerk adds what ``corrected`` (answers),
    ``accept`` (codes of confirms), ``town`` (chosen among candidates), ``reason`` (for a second booking of a household)
    and ``pin`` (latitude and longitude set on the map) hold. Of the windows in ``confirm`` (day, and the second of the
    day at which the window opens) the first that can be kept is promised; ``cancel`` is why the booking was cancelled
    later in the call, or "". ``visit`` is there for those whose day is over.
    """

    at: datetime
    who: str
    answers: Mapping[str, str]
    corrected: Mapping[str, str] = field(default_factory=dict)
    accept: frozenset[str] = frozenset()
    town: str = ""
    reason: str = ""
    pin: tuple[float, float] | None = None
    confirm: tuple[tuple[Date, int], ...] = ()
    cancel: str = ""
    call_log: tuple[CallAttempted, ...] = ()
    visit: VisitEnded | None = None

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("the time of a call is aware")

    @property
    def has_second_step(self) -> bool:
        """Whether the clerk adds anything once the findings are on the screen."""
        return bool(self.corrected or self.accept or self.town or self.reason or self.pin)


def city_file(name: str) -> Traversable:
    """Return one file of the city: one of ``CITY_FILES``, or ``calls.toml``.

    Raises:
        FileNotFoundError: when the city has no such file.
    """
    found = resources.files(__name__) / "city" / name
    if not found.is_file():
        raise FileNotFoundError(name)
    return found


def calls() -> tuple[DemoCall, ...]:
    """Return the calls of the two weeks, in the order in which they came in."""
    table = tomllib.loads(city_file("calls.toml").read_text(encoding="utf-8"))
    return tuple(_call(entry) for entry in table["call"])


def _call(entry: Mapping[str, Any]) -> DemoCall:
    at: datetime = entry["at"]
    lat_lon = entry.get("pin")
    return DemoCall(
        at=at,
        who=entry["who"],
        answers=entry["answers"],
        corrected=entry.get("corrected", {}),
        accept=frozenset(entry.get("accept", ())),
        town=entry.get("town", ""),
        reason=entry.get("reason", ""),
        pin=None if lat_lon is None else (lat_lon[0], lat_lon[1]),
        confirm=tuple((Date.fromisoformat(day), _second(opens)) for day, opens in entry.get("confirm", ())),
        cancel=entry.get("cancel", ""),
        call_log=tuple(
            CallAttempted(_instant(when), outcome, *note) for when, outcome, *note in entry.get("call_log", ())
        ),
        visit=_visit(entry["visit"]) if "visit" in entry else None,
    )


def _visit(entry: Mapping[str, Any]) -> VisitEnded:
    return VisitEnded(
        at=_instant(entry["at"]),
        outcome=entry["outcome"],
        people=entry.get("people"),
        start_s=_second(entry["start"]) if "start" in entry else None,
        end_s=_second(entry["end"]) if "end" in entry else None,
        note=entry.get("note", ""),
    )


def _instant(text: str) -> datetime:
    """A time of the city's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def _second(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60
