"""The master problem: which routes to drive, as a linear programme over the routes known so far, on GLOP.

In the notation of docs/solver.md: minimise the sum of c_r x_r plus p_i y_i, so that every visit is on one route or left
out (sum of a_ir x_r + y_i = 1, price pi_i), no lane drives more routes than it has shifts (price sigma_k <= 0), and the
subset-row cuts hold (charge gamma_c >= 0). A visit that must not be left out has a y_i all the same, at a price that is
raised while the programme wants it: a moderate price keeps the prices of all the others small. Any such price makes
the programme easier than the day, so its bounds stay bounds of the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from ortools.linear_solver import pywraplp

from routing.solver.compiled import Ints
from routing.solver.exact.cuts import Cut, cut_bits
from routing.solver.exact.labels import SCALE, Prices
from routing.solver.exact.network import Network

_FIRST_PRICE_S = 4000
_NOTHING = 1e-6


@dataclass(frozen=True)
class Relaxed:
    """The programme solved.

    Attributes:
        value_s: its objective.
        prices: what it pays, rounded so that every sum of them is exact.
        charges: the cuts that charge anything, and what, in 1/``SCALE`` seconds.
    """

    value_s: float
    prices: Prices
    charges: tuple[tuple[Cut, int], ...]

    @property
    def charged(self) -> int:
        """The sum of all that cuts charge, in 1/``SCALE`` seconds."""
        return sum(charge for _, charge in self.charges)

    def dual_value(self, network: Network, least: Ints) -> int:
        """What no day goes below, in 1/``SCALE`` seconds: the value of the prices, every lane paid down by its least.

        ``least``: (m,) least reduced cost of each lane, at most 0.
        """
        lanes = (self.prices.lane + least) * np.array(network.counts, dtype=np.int64)
        return int(self.prices.visit.sum()) + int(lanes.sum()) - self.charged


@dataclass(frozen=True)
class Taken:
    """What the programme takes.

    Attributes:
        routes: routes with how much of each is taken.
        left_out: visits with how much of each is left out.
    """

    routes: list[tuple[int, tuple[int, ...], float]]
    left_out: list[tuple[int, float]]

    @property
    def whole(self) -> bool:
        """Whether nothing is taken in part."""
        parts = [*(value for *_, value in self.routes), *(value for _, value in self.left_out)]
        return all(value > 1 - 1e-5 for value in parts)


class Master:
    """The programme of one network with routes and cuts added as they come."""

    def __init__(self, network: Network, price_s: Sequence[int] | None = None) -> None:
        self._network = network
        self._solver: Any = pywraplp.Solver.CreateSolver("GLOP")
        self._solver.SetSolverSpecificParametersAsString("use_preprocessing: false")  # it would begin anew every time
        self._cost: Any = self._solver.Objective()
        self._cost.SetMinimization()
        self._cover = [self._solver.Constraint(1, 1) for _ in range(network.size)]
        self._lanes = [self._solver.Constraint(0, count) for count in network.counts]
        self.cuts: list[Cut] = []
        self._rows: list[Any] = []
        self._cuts_of: list[list[int]] = [[] for _ in range(network.size)]
        self.price_s = self.first_prices(network) if price_s is None else np.array(price_s, dtype=np.int64)
        self._omit = []
        for visit in range(network.size):
            omit = self._solver.NumVar(0, self._solver.infinity(), "")
            self._cover[visit].SetCoefficient(omit, 1)
            self._cost.SetCoefficient(omit, int(self.price_s[visit]))
            self._omit.append(omit)
        self.routes: list[tuple[int, tuple[int, ...]]] = []
        self._takes: list[Any] = []
        self._held: list[int] = []
        self._known: dict[tuple[int, frozenset[int]], int] = {}
        self.costs_s: list[int] = []
        self._charges: list[int] = []

    @staticmethod
    def first_prices(network: Network) -> Ints:
        """What leaving out costs at first: the penalty, or a moderate price where it must not be."""
        prices = network.omission_s.copy()
        prices[network.required] = np.minimum(_FIRST_PRICE_S, network.omission_s[network.required])
        return prices

    def add(self, routes: Iterable[tuple[int, tuple[int, ...]]]) -> int:
        """Routes to choose from; returns how many of them are new or shorter than those known."""
        added = 0
        for lane, numbers in routes:
            key = (lane, frozenset(numbers))
            cost_s = self._network.route_cost_s(lane, numbers)
            place = self._known.get(key)
            if place is not None:
                if cost_s < self.costs_s[place]:
                    self.costs_s[place] = cost_s
                    self.routes[place] = (lane, numbers)
                    self._cost.SetCoefficient(self._takes[place], cost_s)
                    added += 1
                continue
            take = self._solver.NumVar(0, self._solver.infinity(), "")
            self._cost.SetCoefficient(take, cost_s)
            self._lanes[lane].SetCoefficient(take, 1)
            touched: dict[int, int] = {}
            for visit in numbers:
                self._cover[visit].SetCoefficient(take, 1)
                for cut in self._cuts_of[visit]:
                    touched[cut] = touched.get(cut, 0) + 1
            for cut, times in touched.items():
                if times >= 2:
                    self._rows[cut].SetCoefficient(take, 1)
            self._known[key] = len(self.routes)
            self.routes.append((lane, numbers))
            self.costs_s.append(cost_s)
            self._takes.append(take)
            self._held.append(sum(1 << visit for visit in numbers))
            added += 1
        return added

    def cut(self, cuts: Sequence[Cut]) -> None:
        """Cuts to keep from now on."""
        for cut in cuts:
            row = self._solver.Constraint(-self._solver.infinity(), 1)
            number = len(self.cuts)
            self.cuts.append(cut)
            self._rows.append(row)
            for visit in cut:
                self._cuts_of[visit].append(number)
            members = sum(1 << visit for visit in cut)
            for held, take in zip(self._held, self._takes, strict=True):
                if (held & members).bit_count() >= 2:
                    row.SetCoefficient(take, 1)

    @property
    def charges(self) -> list[tuple[Cut, int]]:
        """What the cuts charged when the programme was last solved, in 1/``SCALE`` seconds, where anything."""
        return [(cut, charge) for cut, charge in zip(self.cuts, self._charges, strict=False) if charge]

    def raise_prices(self, left_out: Iterable[tuple[int, float]]) -> bool:
        """Make it dearer to leave out what must not be; whether anything could still be raised."""
        raised = False
        for visit, _ in left_out:
            if self._network.required[visit] and self.price_s[visit] < self._network.omission_s[visit]:
                self.price_s[visit] = min(10 * self.price_s[visit], self._network.omission_s[visit])
                self._cost.SetCoefficient(self._omit[visit], int(self.price_s[visit]))
                raised = True
        return raised

    def solve(self) -> Relaxed:
        """Solve the programme over the routes known so far.

        Raises:
            ArithmeticError: when GLOP does not (it always can: everything may be left out).
        """
        status = self._solver.Solve()
        if status != pywraplp.Solver.OPTIMAL:
            raise ArithmeticError(f"GLOP ended with status {status}")
        visit = np.array([row.dual_value() for row in self._cover])
        lane = np.array([row.dual_value() for row in self._lanes])
        gamma = [-row.dual_value() for row in self._rows]
        charges = [max(0, round(SCALE * value)) if value > _NOTHING else 0 for value in gamma]
        lo, hi, table, charged = cut_bits(self.cuts, charges, self._network.size)
        self._charges = [charges[number] if number in charged else 0 for number in range(len(charges))]
        prices = Prices(
            visit=np.minimum(np.rint(visit * SCALE).astype(np.int64), self.price_s * SCALE),
            lane=np.minimum(np.rint(lane * SCALE).astype(np.int64), 0),
            cut_lo=lo,
            cut_hi=hi,
            cut=table,
            second=SCALE * self._network.second_cost,
        )
        return Relaxed(self._cost.Value(), prices, tuple(self.charges))

    def taken(self) -> Taken:
        """What the programme takes, as it was last solved: to be asked before anything is added."""
        routes = [
            (*route, value)
            for route, take in zip(self.routes, self._takes, strict=True)
            if (value := take.solution_value()) > _NOTHING
        ]
        left_out = [
            (visit, value) for visit, omit in enumerate(self._omit) if (value := omit.solution_value()) > _NOTHING
        ]
        return Taken(routes, left_out)

    def take(self, route: tuple[int, tuple[int, ...]]) -> None:
        """Take a known route whole from now on."""
        lane, numbers = route
        self._takes[self._known[lane, frozenset(numbers)]].SetLb(1)

    def value_without(self, question: Answerable, answer: bool) -> float:
        """The programme's value over the routes known, when only those that agree with the answer may be driven."""
        against = [
            take
            for (lane, numbers), take in zip(self.routes, self._takes, strict=True)
            if _disagrees(question, answer, lane, numbers)
        ]
        for take in against:
            take.SetUb(0)
        status = self._solver.Solve()
        value = self._cost.Value() if status == pywraplp.Solver.OPTIMAL else float("inf")
        for take in against:
            take.SetUb(self._solver.infinity())
        return float(value)

    def reduced_costs(self, prices: Prices, charges: Sequence[tuple[Cut, int]]) -> Ints:
        """Reduced cost of every route at some prices and charges of cuts, in 1/``SCALE`` seconds."""
        visit, lanes = prices.visit.tolist(), prices.lane.tolist()
        charged = [(sum(1 << each for each in cut), price) for cut, price in charges]
        return np.array(
            [
                SCALE * cost_s
                - lanes[lane]
                - sum(visit[number] for number in numbers)
                + sum(price for members, price in charged if (held & members).bit_count() >= 2)
                for (lane, numbers), cost_s, held in zip(self.routes, self.costs_s, self._held, strict=True)
            ],
            dtype=np.int64,
        )


class Answerable(Protocol):
    """A question a route can answer, and the visits it is about."""

    def holds(self, lane: int, numbers: Sequence[int]) -> bool:
        """Whether a route does what is asked."""
        ...

    @property
    def about(self) -> tuple[int, ...]:
        """Visits that are served in the way asked, where the answer is yes."""
        ...


def _disagrees(question: Answerable, answer: bool, lane: int, numbers: Sequence[int]) -> bool:
    if question.holds(lane, numbers):
        return not answer
    return answer and any(visit in numbers for visit in question.about)
