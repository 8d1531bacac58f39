"""The words of a quote: a day to look at, a window that can be kept with its witness, a window refused with its reason.

Times of day are whole seconds since local midnight of their day, durations whole seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from routing.errors import ProblemError
from routing.plan import DayPlan
from routing.problem import DayProblem, Visit, Window

if TYPE_CHECKING:
    from routing.quote.tables import DayRoutes
    from routing.quote.witness import Proof

Method = Literal["inserted", "exhaustive", "solved"]
"""How a quote's witness was found: the standing routes kept and the visit put in; everything tried; searched for."""


class Verdict(StrEnum):
    """Which of the two a refusal is."""

    IMPOSSIBLE = "IMPOSSIBLE"
    """Proved: no plan of that day serves the visit in that window and keeps every promise."""
    NOT_FOUND_IN_TIME = "NOT_FOUND_IN_TIME"
    """Nothing was found with the effort allowed; nothing is proved."""


class RefusalReason(StrEnum):
    """What is in the way of a window. The first six mean what :class:`routing.plan.Reason` says, values included."""

    NO_SHIFT = "NO_SHIFT"
    NEEDS_UNMET = "NEEDS_UNMET"
    UNREACHABLE = "UNREACHABLE"
    LEG_TOO_LONG = "LEG_TOO_LONG"
    OUTSIDE_SHIFT = "OUTSIDE_SHIFT"
    BREAK_IN_THE_WAY = "BREAK_IN_THE_WAY"
    CROWDED_OUT = "CROWDED_OUT"
    """Promises are in the way: ``visit`` (id of the stop in the way; only its town may be told), ``shift``, ``start_s``
    (its planned service) and ``driving_s`` (from its place to the new one, ``None`` where there is no road). Empty
    where no stop of a van that may come can be named."""
    RESERVED = "RESERVED"
    """Only the places kept free for urgent cases are in the way."""
    RUNNING = "RUNNING"
    """Only what has begun today is in the way: ``now_s``."""


@dataclass(frozen=True, slots=True)
class QuotedDay:
    """One day to look at: its standing routes, the windows in question and the ways to and from the new place.

    Attributes:
        routes: the day's promises and the plan they stand on.
        windows: the candidates on this day.
        from_new_s: driving seconds from the new place to each of ``routes.problem.places``; ``None``: no road.
        to_new_s: driving seconds from each of these places to the new one.
        now_s: for the day under way, the second of the day it is: what has begun by then stays as it is, nothing new
            begins before.
        reserves: visits at places the day knows that must still fit beside the new one. Never part of a witness.

    Raises:
        ProblemError: ``MATRIX_SIZE`` where the ways do not match the day's places, ``DUPLICATE_ID`` where a reserve
            has the id of a promised visit or of another reserve.
    """

    routes: DayRoutes
    windows: tuple[Window, ...]
    from_new_s: tuple[int | None, ...]
    to_new_s: tuple[int | None, ...]
    now_s: int | None = None
    reserves: tuple[Visit, ...] = ()

    def __post_init__(self) -> None:
        places = len(self.routes.problem.places)
        for name, ways in (("from_new_s", self.from_new_s), ("to_new_s", self.to_new_s)):
            if len(ways) != places:
                raise ProblemError(
                    "MATRIX_SIZE",
                    f"{name} has {len(ways)} entries for {places} places",
                    path=name,
                    rows=len(ways),
                    expected=places,
                )
        ids = [*self.routes.problem.visit_by_id, *(reserve.id for reserve in self.reserves)]
        if len(set(ids)) != len(ids):
            raise ProblemError("DUPLICATE_ID", "a reserve has an id of the day", path="reserves", id="")

    @property
    def date(self) -> Date:
        """The local calendar day."""
        return self.routes.problem.date


@dataclass(frozen=True)
class SlotQuote:
    """A window that can be kept together with every window already promised, and the plan that shows it.

    Attributes:
        date, window: the slot.
        shift: the van that would come.
        proof: the day, the visit and the routes: what :attr:`problem` and :attr:`witness` are made of.
        start_s: when service would begin.
        detour_s: driving seconds of the witness less those of the standing plan; negative where a better plan was found
            on the way.
        slack_s: how much later than ``start_s`` service could begin, inside the window, everything after it kept.
        least_slack_s: the least such slack of all stops of that route, the new one included.
        method: how the witness was found.
        cost_s: what the quote is ranked by, lower first (see :mod:`routing.quote.rank`).
        rank: 1 for the best of its call; 0 where nothing was ranked.
    """

    date: Date
    window: Window
    shift: str
    proof: Proof = field(repr=False)
    start_s: int
    detour_s: int
    slack_s: int
    least_slack_s: int
    method: Method
    cost_s: int = 0
    rank: int = 0

    @property
    def problem(self) -> DayProblem:
        """The day with the new visit in it, its place last; without the reserves."""
        return self.proof.problem

    @property
    def witness(self) -> DayPlan:
        """A plan of exactly :attr:`problem`, accepted by :func:`routing.check.check`.

        The routes that differ from the standing ones were checked when the quote was made; the whole plan is checked
        when it is first asked for.

        Raises:
            SolveError: ``PLAN_REFUSED`` (``codes``) where the checker refuses it: a standing plan that was not legal.
        """
        return self.proof.witness


@dataclass(frozen=True, slots=True)
class Refusal:
    """A window that is not offered, why, and the nearest one of the same day that is."""

    date: Date
    window: Window
    verdict: Verdict
    reason: RefusalReason
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    nearest: Window | None = None


@dataclass(frozen=True, slots=True)
class Effort:
    """How much may be spent on windows that insertion refuses.

    Attributes:
        seconds: wall-clock seconds for re-planning larger days, over the whole call; 0: none.
        solutions: instead of seconds, accepted moves of each search: repeatable.
        exhaustive_visits: promised visits up to which a day is decided exactly, whatever else is allowed.
    """

    seconds: float = 0.0
    solutions: int | None = None
    exhaustive_visits: int = 7

    def __post_init__(self) -> None:
        if self.seconds < 0 or (self.solutions is not None and self.solutions < 1):
            raise ValueError(f"an effort is not less than nothing: {self}")
        if not 0 <= self.exhaustive_visits <= 9:
            raise ValueError(f"exhaustive_visits {self.exhaustive_visits} is not in 0..9")

    @property
    def searches(self) -> bool:
        """Whether larger days may be planned anew at all."""
        return self.seconds > 0 or self.solutions is not None


@dataclass(frozen=True, slots=True)
class RankWeights:
    """What a quote costs beside its detour, in seconds of driving it is worth; :mod:`routing.quote.rank` says why.

    Attributes:
        far_s: from this direct drive from the depot on a place is far.
        keep_far: share of the difference, where a visit takes room on a route that goes farther than the visit asks.
        gather_far: share of the drive from its nearest neighbour that day, beyond the best any offered day has, that a
            far visit is charged.
        tight_s, enough_slack_s: a route left with no slack costs ``tight_s``, one left with ``enough_slack_s`` nothing.
        wait_s_per_day: each day of waiting.
    """

    far_s: int = 1800
    keep_far: float = 0.5
    gather_far: float = 0.5
    tight_s: int = 600
    enough_slack_s: int = 900
    wait_s_per_day: int = 60

    def __post_init__(self) -> None:
        numbers = (self.far_s, self.keep_far, self.gather_far, self.tight_s, self.enough_slack_s, self.wait_s_per_day)
        if min(numbers) < 0:
            raise ValueError(f"a weight is not negative: {self}")


@dataclass(frozen=True)
class Quotes:
    """Every window asked for: offered, in the order of rank, or refused, in the order of days and windows.

    ``beyond`` counts the windows that insertion found a place for but whose witness was not built, because ``most``
    better ones were: neither offered nor refused.
    """

    quotes: tuple[SlotQuote, ...]
    refused: tuple[Refusal, ...]
    beyond: int = 0

    @cached_property
    def by_slot(self) -> Mapping[tuple[Date, Window], SlotQuote | Refusal]:
        """What was decided for each window."""
        quoted: dict[tuple[Date, Window], SlotQuote | Refusal] = {
            (slot.date, slot.window): slot for slot in self.quotes
        }
        return quoted | {(slot.date, slot.window): slot for slot in self.refused}
