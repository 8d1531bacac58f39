"""The life of a booking: its statuses and the only steps between them."""

from __future__ import annotations

from enum import StrEnum

from bookings.errors import BookingsError


class Status(StrEnum):
    """Where a booking stands."""

    DRAFT = "draft"
    REQUESTED = "requested"
    HELD = "held"
    CONFIRMED = "confirmed"
    VISITED = "visited"
    NO_SHOW = "no_show"
    TURNED_DOWN = "turned_down"
    DECLINED = "declined"
    UNMET = "unmet"
    CANCELLED = "cancelled"


LIVE = frozenset({Status.REQUESTED, Status.HELD, Status.CONFIRMED})
"""Statuses in which a household counts as having a booking."""

PROMISED = frozenset({Status.HELD, Status.CONFIRMED})
"""Statuses in which a window was read out and must be kept."""

STEPS: dict[Status, frozenset[Status]] = {
    Status.DRAFT: frozenset({Status.REQUESTED, Status.TURNED_DOWN, Status.CANCELLED}),
    Status.REQUESTED: frozenset({Status.HELD, Status.CONFIRMED, Status.DECLINED, Status.UNMET, Status.CANCELLED}),
    Status.HELD: frozenset({Status.CONFIRMED, Status.REQUESTED, Status.CANCELLED}),
    Status.CONFIRMED: frozenset({Status.VISITED, Status.NO_SHOW, Status.CANCELLED, Status.CONFIRMED}),
    Status.NO_SHOW: frozenset({Status.REQUESTED}),
    Status.UNMET: frozenset({Status.REQUESTED}),
    Status.VISITED: frozenset(),
    Status.TURNED_DOWN: frozenset(),
    Status.DECLINED: frozenset(),
    Status.CANCELLED: frozenset(),
}
"""Legal steps (DESIGN, section 2). ``confirmed -> confirmed`` is a move to another window."""


class IllegalStep(BookingsError):
    """A step between two statuses that the life of a booking does not have."""


def require_step(reference: str, current: Status, following: Status) -> None:
    """Refuse a step that is not in ``STEPS``.

    Raises:
        IllegalStep: code ``STATUS_STEP`` with the reference and both statuses.
    """
    if following not in STEPS[current]:
        raise IllegalStep(
            "STATUS_STEP",
            f"{reference}: {current} -> {following} is not a step of a booking's life",
            reference=reference,
            current=current.value,
            following=following.value,
        )
