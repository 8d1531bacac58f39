"""What a service day is at a moment: its promises, its shifts, the plan it stands on and the one in people's hands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date as Date
from datetime import datetime

from outreach.storage.tables import StopRole
from routing.plan import DayPlan
from routing.problem import DayProblem, Place, Shift, Window
from routing.problem import Visit as RoutingVisit


@dataclass(frozen=True, slots=True)
class Promise:
    """A window somebody was promised on this day, with the service it was promised under; or a site session.

    ``done``: the crew has been there. It stays in the plan, for that is where the van was; there is nothing to keep.
    ``held_until``: it is only held for a caller, so long. A session has ``site_session_id`` and neither booking nor
    visit.
    """

    reference: str
    booking_id: int | None
    visit_id: int
    opens_s: int
    closes_s: int
    service_s: int
    needs: frozenset[str]
    lat: float
    lon: float
    pinned_van: str | None
    long_leg_ok: bool
    done: bool = False
    held_until: datetime | None = None
    site_session_id: int | None = None

    @property
    def place(self) -> Place:
        """Where it is; a visit's place carries its reference."""
        return Place(id=self.reference, lat=self.lat, lon=self.lon)

    @property
    def visit(self) -> RoutingVisit:
        """The promise as a visit that may not be left out."""
        return RoutingVisit(
            id=self.reference,
            place=self.reference,
            service_s=self.service_s,
            windows=(Window(self.opens_s, self.closes_s),),
            needs=self.needs,
            pinned_shift=self.pinned_van,
            required=True,
            long_leg_ok=self.long_leg_ok,
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A visit a plan may or must take in beside the promises: a waiting booking, or one about to be promised."""

    booking_id: int
    place: Place
    visit: RoutingVisit


@dataclass(frozen=True, slots=True)
class Standing:
    """A stored plan version of a day.

    ``roles`` says what each stop stood for when it was stored, by reference; ``waiting`` are those of its stops whose
    booking is still waiting for a promise.
    """

    id: int
    number: int
    made_by: str
    problem: DayProblem
    plan: DayPlan
    sha256: str
    roles: Mapping[str, str]
    waiting: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DayState:
    """What a service day was when it was read. ``version`` is what a writer must still find.

    Holds that had expired at ``read_at`` are not among the promises.
    """

    day: Date
    day_id: int
    version: int
    closed: bool
    promises: tuple[Promise, ...]
    depots: tuple[Place, ...]
    shifts: tuple[Shift, ...]
    standing: Standing | None
    published: Standing | None
    read_at: datetime

    @property
    def promised(self) -> frozenset[str]:
        """References of all promises of the day."""
        return frozenset(promise.reference for promise in self.promises)

    @property
    def spare(self) -> frozenset[str]:
        """References of stops of the standing plan that nobody is promised: proposals, ghosts, promises released."""
        return frozenset() if self.standing is None else self.standing.plan.served - self.promised

    @property
    def proposals(self) -> frozenset[str]:
        """References of stops that would fit a waiting booking: to be phoned."""
        if self.standing is None:
            return frozenset()
        proposed = {reference for reference, role in self.standing.roles.items() if role == StopRole.PROPOSED}
        return frozenset(proposed & self.standing.waiting & self.spare)

    @property
    def ghosts(self) -> frozenset[str]:
        """References of stops that nobody waits for any more, and that the standing plan still drives to."""
        return self.spare - self.proposals

    def promise_of(self, reference: str) -> Promise | None:
        """The promise to one booking, if the day has one."""
        return next((promise for promise in self.promises if promise.reference == reference), None)
