"""Splits a day in two where the bound does not reach the best plan: with and without one leg, one crew, one omission.

Branch and price: C. Barnhart, E. Johnson, G. Nemhauser, M. Savelsbergh, P. Vance, "Branch-and-price: column generation
for solving huge integer programs", Operations Research 46 (1998). What to branch on is chosen by trying the most
undecided ones on the routes at hand and taking the one whose weaker side rises most (strong branching: D. Applegate,
R. Bixby, V. Chvatal, W. Cook, "Finding cuts in the TSP", DIMACS report 95-05).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from routing.solver.exact.cuts import Cut
from routing.solver.exact.master import Master, Taken
from routing.solver.exact.network import MUST_S, NEVER, NO_LEG, UNIT_S, Fleet, Network, Routes

if TYPE_CHECKING:
    from routing.solver.exact.pool import Pool

DEPOT = -1
_TRIED = 5
"""Decisions tried before one is taken."""
_UNDECIDED = 1e-4


@dataclass(frozen=True, slots=True)
class Leg:
    """Whether ``there`` follows ``here`` directly, on whatever shift; ``DEPOT`` at either end."""

    here: int
    there: int

    @property
    def about(self) -> tuple[int, ...]:
        """The visits at its ends."""
        return tuple(visit for visit in (self.here, self.there) if visit != DEPOT)

    def holds(self, lane: int, numbers: Sequence[int]) -> bool:
        """Whether a route does it."""
        del lane
        stops = (DEPOT, *numbers, DEPOT)
        return any(pair == (self.here, self.there) for pair in pairwise(stops))


@dataclass(frozen=True, slots=True)
class Crew:
    """Whether a lane serves the visit."""

    lane: int
    visit: int

    @property
    def about(self) -> tuple[int, ...]:
        """The visit."""
        return (self.visit,)

    def holds(self, lane: int, numbers: Sequence[int]) -> bool:
        """Whether a route does it."""
        return lane == self.lane and self.visit in numbers


@dataclass(frozen=True, slots=True)
class Served:
    """Whether the visit is served at all."""

    visit: int

    @property
    def about(self) -> tuple[int, ...]:
        """Nobody: other routes may serve it."""
        return ()

    def holds(self, lane: int, numbers: Sequence[int]) -> bool:
        """Whether a route does it."""
        del lane
        return self.visit in numbers


Question = Leg | Crew | Served


@dataclass(frozen=True, slots=True)
class Branch:
    """A part of the day's plans that is still open.

    Attributes:
        network: the day with what was decided.
        routes: routes to begin from.
        cuts: cuts to begin with.
        price_s: what leaving out a visit cost in the programme above.
        scaled: a bound of it, in 1/``SCALE`` seconds.
        depth: how many questions were answered.
        pool: all routes a better plan of it could drive, where they have been listed.
    """

    network: Network
    routes: Routes
    cuts: tuple[Cut, ...]
    price_s: tuple[int, ...]
    scaled: int
    depth: int
    pool: Pool | None = None


def split(
    branch: Branch,
    master: Master,
    value_s: float,
    taken: Taken,
    routes: Routes,
    scaled: int,
    pool: Pool | None = None,
) -> tuple[Branch, Branch] | None:
    """The two answers to one question as branches; ``None`` where nothing is undecided.

    Args:
        branch: what is split.
        master: its programme,
        value_s: the programme's value,
        taken: and what it takes.
        routes: routes for the branches to begin from.
        scaled: the bound of both, in 1/``SCALE`` seconds.
        pool: the list for both, where there is one.
    """
    question = _question(branch.network, master, value_s, taken)
    if question is None:
        return None
    cuts = tuple(cut for cut, _ in master.charges)
    price_s = tuple(master.price_s.tolist())
    both = []
    for answer in (True, False):
        network = decided(branch.network, question, answer)
        legal = [route for route in routes if is_legal(network, route)]
        within = None if pool is None else pool.within(network)
        both.append(Branch(network, legal, cuts, price_s, scaled, branch.depth + 1, within))
    return both[0], both[1]


def is_legal(network: Network, route: tuple[int, tuple[int, ...]]) -> bool:
    """Whether a route of the whole day is one of this branch: every leg still allowed."""
    lane, numbers = route
    fleet = network.fleet
    if fleet.first_s[lane, numbers[0]] < 0 or fleet.last_s[lane, numbers[-1]] < 0:
        return False
    return all(fleet.leg_s[lane, here, there] >= 0 for here, there in pairwise(numbers))


def decided(network: Network, question: Question, answer: bool) -> Network:
    """The network in which a question has its answer: legs are taken away, visits made required."""
    fleet = network.fleet
    leg_s, first_s, last_s = fleet.leg_s.copy(), fleet.first_s.copy(), fleet.last_s.copy()
    earliest_s = fleet.earliest_s.copy()
    required = network.required.copy()

    def forbid(lane: int, visit: int) -> None:
        leg_s[lane, visit, :] = leg_s[lane, :, visit] = NO_LEG
        first_s[lane, visit] = last_s[lane, visit] = NO_LEG
        earliest_s[lane, visit] = NEVER

    if isinstance(question, Served):
        if answer:
            required[question.visit] = True
        else:
            for lane in range(len(network.counts)):
                forbid(lane, question.visit)
    elif isinstance(question, Crew):
        required[question.visit] |= answer
        for lane in range(len(network.counts)):
            if (lane == question.lane) != answer:
                forbid(lane, question.visit)
    else:
        _decide_leg(question, answer, leg_s, first_s, last_s, required)
    dear = network.omission_s.copy()
    dear[required] = MUST_S if network.second_cost else UNIT_S
    return replace(
        network,
        fleet=fleet._replace(leg_s=leg_s, first_s=first_s, last_s=last_s, earliest_s=earliest_s),
        required=required,
        omission_s=dear,
    )


def without_visits(fleet: Fleet, visits: Sequence[int]) -> Fleet:
    """The fleet without any leg to or from some visits."""
    leg_s, first_s, last_s = fleet.leg_s.copy(), fleet.first_s.copy(), fleet.last_s.copy()
    earliest_s = fleet.earliest_s.copy()
    leg_s[:, visits, :] = leg_s[:, :, visits] = NO_LEG
    first_s[:, visits] = last_s[:, visits] = NO_LEG
    earliest_s[:, visits] = NEVER
    return fleet._replace(leg_s=leg_s, first_s=first_s, last_s=last_s, earliest_s=earliest_s)


def _decide_leg(
    leg: Leg, answer: bool, leg_s: np.ndarray, first_s: np.ndarray, last_s: np.ndarray, required: np.ndarray
) -> None:
    here, there = leg.here, leg.there
    if not answer:
        if here == DEPOT:
            first_s[:, there] = NO_LEG
        elif there == DEPOT:
            last_s[:, here] = NO_LEG
        else:
            leg_s[:, here, there] = NO_LEG
        return
    if here != DEPOT:
        required[here] = True
        last_s[:, here] = np.where(there == DEPOT, last_s[:, here], NO_LEG)
        others = np.arange(leg_s.shape[1]) != there
        leg_s[:, here, others] = NO_LEG
    if there != DEPOT:
        required[there] = True
        first_s[:, there] = np.where(here == DEPOT, first_s[:, there], NO_LEG)
        others = np.arange(leg_s.shape[1]) != here
        leg_s[:, others, there] = NO_LEG


def _question(network: Network, master: Master, value_s: float, taken: Taken) -> Question | None:
    weights = _weights(network, taken)
    open_ones = [
        (abs(value - 0.5), number, question)
        for number, (question, value) in enumerate(weights.items())
        if _UNDECIDED < value < 1 - _UNDECIDED
    ]
    if not open_ones:
        return None
    open_ones.sort(key=lambda each: each[:2])
    best, best_score = open_ones[0][2], -1.0
    for _, _, question in open_ones[:_TRIED]:
        rises = [max(0.0, master.value_without(question, answer) - value_s) for answer in (True, False)]
        score = min(rises) + 0.1 * max(rises)
        if score > best_score:
            best, best_score = question, score
    return best


def _weights(network: Network, taken: Taken) -> dict[Question, float]:
    """How much of every question the programme answers with yes; those of omissions and crews first."""
    served: dict[Question, float] = {Served(visit): 1 - value for visit, value in taken.left_out}
    crews: dict[Question, float] = {}
    legs: dict[Question, float] = {}
    for lane, numbers, value in taken.routes:
        stops = (DEPOT, *numbers, DEPOT)
        for here, there in pairwise(stops):
            legs[Leg(here, there)] = legs.get(Leg(here, there), 0.0) + value
        if len(network.counts) > 1:
            for visit in numbers:
                crews[Crew(lane, visit)] = crews.get(Crew(lane, visit), 0.0) + value
    return served | crews | legs
