"""Findings: what is wrong with an input, all of it at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error stores nothing but a draft, a confirm asks until accepted by name, a warning is shown and kept."""

    ERROR = "error"
    CONFIRM = "confirm"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one field: a stable code, how bad it is, and the values for its sentence.

    ``values`` never hold personal text that the person did not type into that very field, and never any part of what
    must not be kept. ``row`` and ``column`` (1-based row, header name) are set for findings from a file.
    """

    field: str
    code: str
    severity: Severity
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)
    row: int | None = None
    column: str | None = None
