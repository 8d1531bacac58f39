"""What a travel source is: a name, its parameters, and seconds and metres between all of a list of places."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from routing.errors import TravelError
from routing.problem import Place

COORDINATE_DIGITS = 6
"""Coordinates count to a millionth of a degree (about 0.1 m): sources round to it, caches are keyed by it."""


@dataclass(frozen=True, slots=True)
class TravelMatrix:
    """Driving from every place to every place, in the order of the list asked for.

    ``seconds[i][j]`` are whole seconds rounded up, ``metres[i][j]`` whole metres along the way; both ``None`` where
    there is no way.
    """

    seconds: tuple[tuple[int | None, ...], ...] = field(repr=False)
    metres: tuple[tuple[int | None, ...], ...] = field(repr=False)

    def __post_init__(self) -> None:
        size = len(self.seconds)
        if len(self.metres) != size or any(len(row) != size for row in (*self.seconds, *self.metres)):
            raise TravelError("TRAVEL_MATRIX_SIZE", f"seconds and metres must both be {size} by {size}", expected=size)


@dataclass(frozen=True, slots=True)
class Around:
    """Driving seconds and metres from one place to each of a list of others, and back from each; ``None``: no way."""

    there_s: tuple[int | None, ...]
    back_s: tuple[int | None, ...]
    there_m: tuple[int | None, ...]
    back_m: tuple[int | None, ...]


class TravelSource(Protocol):
    """Anything that knows how long driving takes."""

    @property
    def name(self) -> str:
        """Short stable name, kept with every plan (``estimate``)."""
        ...

    @property
    def parameters(self) -> Mapping[str, object]:
        """All that the numbers depend on, in plain JSON types."""
        ...

    @property
    def is_estimate(self) -> bool:
        """Whether no road was looked at; every output says so."""
        ...

    def matrix(self, places: Sequence[Place]) -> TravelMatrix:
        """Travel between all of ``places``.

        Raises:
            TravelError: when the source cannot answer.
        """
        ...

    def around(self, place: Place, others: Sequence[Place]) -> Around:
        """Travel from ``place`` to each of ``others``, and back; the same numbers as :meth:`matrix` gives.

        Raises:
            TravelError: when the source cannot answer.
        """
        ...


def parameters_sha256(source: TravelSource) -> str:
    """SHA-256 of a source's parameters, as hexadecimal text: equal parameters, equal numbers."""
    text = json.dumps(dict(source.parameters), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
