"""Reads what is typed at the terminal: dates, times, windows, references, files."""

from __future__ import annotations

import re
import unicodedata
from datetime import date as Date
from pathlib import Path

from outreach.errors import BadInput, NotFound

_CLOCK = re.compile(r"([0-2]?\d):([0-5]\d)\Z", re.ASCII)
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ーｰ～〜~", "-"))


def half_width(text: str) -> str:
    """The text as it would be typed without a Japanese keyboard: ASCII digits, colons, dashes, no blanks around it."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip()


def day_of(text: str) -> Date:
    """A date as ``2026-11-24``, or as Japan writes it, ``2026/11/24``; digits of any width.

    Raises:
        BadInput: ``DATE_UNREADABLE``.
    """
    plain = half_width(text)
    parts = plain.split("/")
    try:
        return Date(*map(int, parts)) if len(parts) == 3 else Date.fromisoformat(plain)
    except (ValueError, OverflowError):
        raise BadInput("DATE_UNREADABLE") from None


def clock_of(text: str) -> int:
    """A time of day as ``09:30``, in seconds since midnight.

    Raises:
        BadInput: ``TIME_UNREADABLE``.
    """
    match = _CLOCK.match(half_width(text))
    if match is None or int(match[1]) > 23:
        raise BadInput("TIME_UNREADABLE")
    return int(match[1]) * 3600 + int(match[2]) * 60


def window_of(text: str) -> tuple[int, int]:
    """A window as ``10:00-10:30``.

    Raises:
        BadInput: ``WINDOW_UNREADABLE``.
    """
    first, dash, last = half_width(text).partition("-")
    if not dash:
        raise BadInput("WINDOW_UNREADABLE")
    opens_s, closes_s = clock_of(first), clock_of(last)
    if closes_s < opens_s:
        raise BadInput("WINDOW_UNREADABLE")
    return opens_s, closes_s


def reference_of(text: str) -> str:
    """A reference as it may be typed: lower case, full width, with a hyphen.

    Raises:
        ReferenceRefused: when it is none, or its check letter is wrong.
    """
    from bookings.references import read_reference

    return read_reference(text)


def bytes_of(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        NotFound: ``FILE_MISSING``.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        raise NotFound("FILE_MISSING", file=path.name) from None


def point_of(text: str) -> tuple[float, float]:
    """A point as ``31.7195,131.0615``: latitude, longitude.

    Raises:
        BadInput: ``POINT_UNREADABLE``.
    """
    first, comma, second = half_width(text).partition(",")
    try:
        lat, lon = float(first), float(second)
    except ValueError:
        raise BadInput("POINT_UNREADABLE") from None
    # Japan and nothing else: swapped coordinates are the commonest mistake.
    if not comma or not (20 <= lat <= 46 and 122 <= lon <= 154):
        raise BadInput("POINT_UNREADABLE")
    return lat, lon
