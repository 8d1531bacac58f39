"""What the intake library refuses: a code and the values behind it; the application makes the sentence."""

from __future__ import annotations

from collections.abc import Mapping


class BookingsError(Exception):
    """Base of everything this library raises on purpose. ``code`` is stable, ``values`` are plain types."""

    def __init__(self, code: str, message: str, **values: object) -> None:
        super().__init__(message)
        self.code = code
        self.values: Mapping[str, object] = values


class PrivacyError(BookingsError):
    """A text holds what must never be kept. ``values["field"]`` says where; the digits are never repeated."""


class FileRefused(BookingsError):
    """A file cannot be read at all (format, encoding, size); nothing of it was taken."""
