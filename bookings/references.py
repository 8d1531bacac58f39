"""The reference of a booking: a check letter and five digits, easy to say, to hear and to type."""

from __future__ import annotations

import re
import unicodedata

from bookings.errors import BookingsError

LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
"""A-Z without I, O and Q, which are taken for 1 and 0 when read or heard."""

NUMBERS = 100_000
"""How many references there are: five digits."""

_SHAPE = re.compile(r"([A-Z])([0-9]{5})")
_SEPARATORS = re.compile(r"[\s.・‐‑‒–—―−ー_-]+")


class ReferenceRefused(BookingsError):
    """A text is no reference (``REFERENCE_SHAPE``) or its letter does not fit its digits (``REFERENCE_CHECK``)."""


def reference(number: int) -> str:
    """Return the reference of ``number``: the letter at ``number mod 23`` and the five digits, as in ``H10472``.

    The letter catches every single wrong digit and every swap of two digits: 23 is a prime, and divides neither a
    digit nor 9, 99, 999 or 9999.

    Raises:
        ValueError: unless ``0 <= number < 100000``.
    """
    if not 0 <= number < NUMBERS:
        raise ValueError(f"a reference has five digits, {number} has not")
    return f"{LETTERS[number % len(LETTERS)]}{number:05d}"


def read_reference(text: str) -> str:
    """Return the reference that ``text`` means: lower case, full width, spaces and hyphens are forgiven.

    Raises:
        ReferenceRefused: ``REFERENCE_SHAPE`` when it is not a letter and five digits, ``REFERENCE_CHECK`` when the
            letter does not belong to the digits. ``text`` is repeated only when it has the length of a reference.
    """
    written = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()
    shape = _SHAPE.fullmatch(written)
    if shape is None:
        raise ReferenceRefused(
            "REFERENCE_SHAPE", "not a letter and five digits", reference=written if len(written) <= 6 else ""
        )
    right = reference(int(shape[2]))
    if right != written:
        raise ReferenceRefused("REFERENCE_CHECK", "the letter does not belong to the digits", reference=written)
    return right
