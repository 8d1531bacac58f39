"""Whether two bookings are for the same door: the household key behind the unique live booking."""

from __future__ import annotations

import unicodedata

from bookings.located import AddressMatch
from bookings.place_names import fold


def with_building(address: str, building: str) -> str:
    """Return the address with the separate answer about building and room behind it, unless it says so already."""
    if not building or _comparable(building) in _comparable(address):
        return address
    return f"{address} {building}"


def household_key(match: AddressMatch) -> str | None:
    """Return the key of the household at ``match``: official town, number, building and room.

    None where no town was found, or where the address has no number: a hamlet is not a household, and a key without a
    number would let only one booking of the hamlet live.
    """
    if match.result is None:
        return None
    _, _, door = match.household_key.partition("|")
    return match.household_key if door else None


def _comparable(text: str) -> str:
    return "".join(fold(unicodedata.normalize("NFKC", text)).split())
