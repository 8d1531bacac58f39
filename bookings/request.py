"""What intake made of the answers: the values of a booking, column by column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

KEPT_BY_THE_APPLICATION = frozenset(
    {
        "id",
        "reference",
        "status",
        "household_number",
        "long_leg_ok",
        "received_at",
        "changed_at",
        "revision",
        "erased_at",
        "age_band",
    }
)
"""Columns of ``bookings.models.Booking`` that intake cannot know: they belong to the transaction and the manager."""


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """Every value of a booking that the answers tell; each attribute is a column of ``bookings.models.Booking``.

    What was not answered, or could not be read, has the column's default. ``answers`` are the texts as typed (without
    what privacy held back), ``open_answers`` the fields of the script still to be asked, in its order.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
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
    household_reason: str = ""
    lat: float | None = None
    lon: float | None = None
    location_level: str | None = None
    location_source: str = ""
    parking: str = "unknown"
    access: str = "yes"
    needs: tuple[str, ...] = ()
    papers: str = "unknown"
    application_form: str = "unknown"
    language: str = "ja"
    wishes_text: str = ""
    wishes: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    channel: str = "phone"
    heard_from: str = "unknown"
    refused_by: str | None = None
    open_answers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.people is not None and self.people < 1:
            raise ValueError(f"{self.people} people cannot be visited")
        if self.under_15 < 0:
            raise ValueError(f"{self.under_15} children cannot be")
        if (self.lat is None) != (self.lon is None):
            raise ValueError("a latitude needs its longitude")


def columns(request: BookingRequest) -> dict[str, Any]:
    """Return the values of ``request`` by column name, as the tables take them (lists and plain dicts)."""
    values = {column.name: getattr(request, column.name) for column in fields(request)}
    for name in ("answers", "wishes"):
        values[name] = dict(values[name])
    for name in ("needs", "open_answers"):
        values[name] = list(values[name])
    return values
