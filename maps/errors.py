"""What the drawing library refuses: a code and the values behind it; the application makes the sentence."""

from __future__ import annotations

from collections.abc import Mapping


class MapsError(Exception):
    """Base of everything this library raises on purpose. ``code`` is stable, ``values`` are plain types."""

    def __init__(self, code: str, message: str, **values: object) -> None:
        super().__init__(message)
        self.code = code
        self.values: Mapping[str, object] = values
