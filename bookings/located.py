"""What becomes of an address: the point it stands for and how exact it is, or the candidates and the findings."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bookings.findings import Finding
from bookings.towns import in_japan


class Level(StrEnum):
    """How exact a point is: a house, a block or 小字, the middle of a town, or set by a person."""

    ADDRESS = "address"
    BLOCK = "block"
    TOWN = "town"
    PINNED = "pinned"


class Reason(StrEnum):
    """Why a town is a candidate; catalogs put it into words as ``reason.<value>.sentence``."""

    CHOME_AS_HYPHEN = "TOWN_CHOME_AS_HYPHEN"
    SUFFIX_DROPPED = "TOWN_SUFFIX_DROPPED"
    FORMER_DROPPED = "TOWN_FORMER_NAME_DROPPED"
    OF_FORMER = "TOWN_OF_FORMER_MUNICIPALITY"
    OLD_COUNTY = "TOWN_OLD_COUNTY"
    SAME_NAME = "TOWN_SAME_NAME"
    MORE_TEXT = "TOWN_MORE_TEXT_BEHIND"
    OTHER_CHOME = "TOWN_OTHER_CHOME"
    READING = "TOWN_READING"
    FRONT_DROPPED = "TOWN_FRONT_DROPPED"
    BEGINS_ALIKE = "TOWN_BEGINS_ALIKE"
    SIMILAR = "TOWN_SIMILAR"


class Boundary(Protocol):
    """Anything that knows what lies inside the city, such as :class:`bookings.districts.Districts`."""

    def contains(self, lat: float, lon: float) -> bool:
        """Whether the point is inside."""


@dataclass(frozen=True, slots=True)
class Located:
    """A point (WGS 84 degrees), how exact it is, who says so, and the text it rests on."""

    lat: float
    lon: float
    level: Level
    source: str
    text: str = ""

    def __post_init__(self) -> None:
        if not in_japan(self.lat, self.lon):
            raise ValueError(f"the point {self.lat}, {self.lon} is not in Japan")


@dataclass(frozen=True, slots=True)
class MatchedTown:
    """The town an address lies in: its official name, the ``rest`` behind it, and the point that is known."""

    town: str
    rest: str
    level: Level
    lat: float
    lon: float
    source: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A town that may be meant, and why; ``score`` (0-1) only ranks."""

    town: str
    kana: str
    reason: Reason
    score: float


@dataclass(frozen=True, slots=True)
class AddressMatch:
    """What became of an address. ``candidates`` are best first; with a result there are none.

    Findings (field ``address``): errors ``ADDRESS_EMPTY``, ``ADDRESS_NO_TOWN``, ``ADDRESS_OTHER_CITY`` (city),
    ``ADDRESS_UNKNOWN_TOWN`` (town), ``ADDRESS_AMBIGUOUS`` (towns), ``OUTSIDE_BOUNDARY`` (lat, lon); to confirm
    ``ADDRESS_TOWN_UNSURE`` (town: the only likely candidate, see :func:`bookings.address_match.choose`),
    ``ADDRESS_TOWN_ONLY`` (town; note a landmark), ``ADDRESS_POSTAL_CODE_DIFFERS`` (written, town, expected); warnings
    ``ADDRESS_OLD_NAME`` (written, town), ``ADDRESS_NO_NUMBER`` (town). ``household_key`` is empty where neither number
    nor building is known.
    """

    input: str
    normalised: str
    result: MatchedTown | None
    candidates: tuple[Candidate, ...]
    findings: tuple[Finding, ...]
    household_key: str

    @property
    def located(self) -> Located | None:
        """The point of the result with the text it rests on."""
        if self.result is None:
            return None
        found = self.result
        return Located(found.lat, found.lon, found.level, found.source, self.normalised)


def pin(lat: float, lon: float, by: str, text: str = "") -> Located:
    """A point set by a person on the map; ``by`` names the user, never the resident."""
    if not by:
        raise ValueError("a pin needs the name of who set it")
    return Located(lat, lon, Level.PINNED, f"pin:{by}", text)
