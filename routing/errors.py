"""What the routing library refuses: a code, the values behind it and the JSON path it happened at.

The text of an exception is for developers; people read the sentence that the application makes from
``code`` and ``values``.
"""

from __future__ import annotations

from collections.abc import Mapping


class RoutingError(Exception):
    """Base of everything this library raises on purpose.

    Attributes:
        code: stable upper-case identifier, for example ``WINDOW_BACKWARDS``.
        values: what the sentence needs, in plain types.
        path: JSON path of the value at fault, relative to the object being built (``""`` = itself).
    """

    def __init__(self, code: str, message: str, *, path: str = "", **values: object) -> None:
        super().__init__(message)
        self.code = code
        self.path = path
        self.values: Mapping[str, object] = values

    def at(self, prefix: str) -> RoutingError:
        """Return the same error with ``prefix`` put before its path."""
        joined = prefix if not self.path else prefix + ("" if self.path.startswith("[") else ".") + self.path
        return type(self)(self.code, str(self), path=joined, **self.values)


class ProblemError(RoutingError):
    """A day problem, or a part of one, that cannot exist."""


class PlanError(RoutingError):
    """A day plan, or a part of one, that cannot exist."""


class DayFileError(RoutingError):
    """A day or plan file that cannot be read; ``path`` says where."""


class SolveError(RoutingError):
    """Solving ended without a plan for a reason that is not the problem's (child killed, budget of zero)."""


class TravelError(RoutingError):
    """A travel source could not answer."""
