"""Brings a day to its best plan and proves it: a bound from below, better days from above, until they meet.

The story: columns and cuts give a bound; SCIP joins the routes seen into a better day; when the gap is small, all
routes inside it are listed; a short list is SCIP's, a longer one is branched, and so is a day whose list would be too
long. The branch with the least bound is next. Every bound and every better day is kept, so stopping early gives both.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import numpy as np

from routing.solver.compiled import is_compiled
from routing.solver.exact.branching import Branch, is_legal, split
from routing.solver.exact.columns import Bound, Columns
from routing.solver.exact.diving import dive
from routing.solver.exact.integer import choose
from routing.solver.exact.labels import SCALE
from routing.solver.exact.master import Master
from routing.solver.exact.network import Network, Routes
from routing.solver.exact.pool import Pool, list_routes
from routing.solver.ruin import Ruiner, polished
from routing.solver.spending import Spending

_UNKNOWN = -(10**18)
_CHOOSE_SHARE = 0.15
_CHOOSE_S = 1.5
"""Most that putting known routes together may take: a share of what is left, and seconds."""
_CHOOSE_NODES = 300
_CHOOSE_FROM = 4000
_DIVE_ABOVE, _DIVE_FROM = 1.1, 600
"""Where a dive turns back, as a share of the best day's cost; and the routes it begins with: it finds its own, and GLOP
reads all of them at every step."""
_SCIP_ROUTES = 2500
"""So short a list is SCIP's; a longer one is branched first."""
_LIST_S, _LIST_SHARE, _LIST_NODES = 4.0, 0.4, 2000
_NARROWER = 0.8
"""A gap in which listing was too long: it is tried again in gaps of this share of it."""
_FAR = 0.004
_AGAIN, _AGAIN_SHARE, _AGAIN_CHUNK = 300, 0.3, 400
"""From which share above the bound quick days are tried again: steps a visit, share of what is left, steps at once."""
_FAR_MORE = 0.1
"""From which share above the programme's value a dive comes first."""
_POLISH = 30
"""Steps a visit of ruin and recreation after a dive."""
_CUTS = 128


@dataclass(frozen=True)
class Proved:
    """What is known at the end.

    Attributes:
        routes: the best day, ``None`` where none was found below the ceiling.
        cost_s: its cost, or the ceiling.
        bound_s: no day of the network costs less; never above ``cost_s``.
    """

    routes: Routes | None
    cost_s: int
    bound_s: int

    @property
    def optimal(self) -> bool:
        """Whether nothing better exists."""
        return self.bound_s >= self.cost_s


class Proof:
    """One day being proved.

    Args:
        network: the day.
        spending: what may be spent.
        known: routes worth beginning from.
        best: the best day known, or ``None``.
        ceiling_s: only days that cost less are wanted; by default any that serves everybody it must.
        tell: called with every better day and every higher bound.
        cuts: whether to use subset-row cuts (for tests: the answer is the same without).
    """

    def __init__(
        self,
        network: Network,
        spending: Spending,
        *,
        known: Routes = (),  # type: ignore[assignment]
        best: Routes | None = None,
        ceiling_s: int | None = None,
        tell: Callable[[Proved], None] | None = None,
        cuts: bool = True,
    ) -> None:
        self._network, self._spending = network, spending
        self._best: Routes | None = None
        self._cost_s = network.ceiling_s if ceiling_s is None else ceiling_s
        self._tell = tell
        self._most_cuts = _CUTS if cuts else 0
        self._order = count()
        self._open: list[tuple[int, int, Branch]] = []
        self._working: int | None = _UNKNOWN
        self._too_wide = -_UNKNOWN
        if best is not None:
            self.better(best)
        routes = list(dict.fromkeys([*(best or ()), *known]))
        price_s = tuple(Master.first_prices(network).tolist())
        self._push(Branch(network, routes, (), price_s, _UNKNOWN, 0))
        self._working = None

    @property
    def state(self) -> Proved:
        """What is known by now."""
        bounds = [scaled for scaled, *_ in self._open] + ([] if self._working is None else [self._working])
        bound_s = max(0, -(-min(bounds) // SCALE)) if bounds else self._cost_s
        return Proved(self._best, self._cost_s, min(bound_s, self._cost_s))

    def better(self, routes: Routes) -> bool:
        """Take note of a day; whether it is the best so far."""
        cost_s = self._network.cost_s(routes)
        if cost_s >= self._cost_s or not self._network.keeps_all(routes):
            return False
        self._best, self._cost_s = routes, cost_s
        self._told()
        return True

    def run(self, until: Callable[[Proved], bool] | None = None) -> Proved:
        """Work until nothing is open, the budget is spent, or ``until`` says so."""
        while self._open and not self._spending.over:
            if until is not None and until(self.state):
                break
            if -(-self._open[0][0] // SCALE) >= self._cost_s:
                self._open.clear()
                break
            scaled, _, branch = heapq.heappop(self._open)
            self._working = scaled
            self._work(branch)
            self._working = None
            self._told()
        return self.state

    def _push(self, branch: Branch) -> None:
        heapq.heappush(self._open, (branch.scaled, next(self._order), branch))

    def _told(self) -> None:
        if self._tell is not None:
            self._tell(self.state)

    def _work(self, branch: Branch) -> None:
        """Close a branch, or put its parts in its place."""
        if branch.pool is not None:
            self._work_on_list(branch, branch.pool)
            return
        network = branch.network
        master = Master(network, branch.price_s)
        master.add(branch.routes)
        master.cut(branch.cuts)
        columns = Columns(network, master, self._spending, most_cuts=self._most_cuts)
        if branch.depth == 0 and network.second_cost and is_compiled():
            self._serve_more(columns)
        if not network.second_cost and columns.settle(self._cost_s) and self._anybody(columns):
            return
        settled = columns.tighten(self._cost_s)
        master, bound = columns.master, columns.bound
        scaled = branch.scaled if bound is None else max(branch.scaled, bound.scaled)
        self._working = scaled
        if -(-scaled // SCALE) >= self._cost_s:
            return
        if bound is None or columns.relaxed is None or columns.taken is None or not settled:
            self._push(_at(branch, scaled, master.routes))
            return
        self._told()
        near = self._near(master, bound)
        if columns.taken.whole:
            self.better([(lane, numbers) for lane, numbers, _ in columns.taken.routes])
        elif branch.depth % 3 == 0 or self._is_far(scaled):
            if branch.depth == 0 and is_compiled() and self._is_far(scaled):
                self._once_more(master)
            self._dive(network, master, near)
            self._join(network, master, self._near(master, bound))
        if -(-scaled // SCALE) >= self._cost_s:
            return
        if self._finish(branch, columns, master, bound):
            return
        near = self._near(master, bound)
        parts = split(branch, master, columns.relaxed.value_s, columns.taken, [master.routes[r] for r in near], scaled)
        for part in parts or (_at(branch, scaled, master.routes),):
            self._push(part)

    def _is_far(self, scaled: int) -> bool:
        """Whether the best day lies so far above a bound that looking for better ones comes first.

        Never where only who is served counts: there the next day found is the last.
        """
        return bool(self._network.second_cost) and self._cost_s * SCALE > (1 + _FAR) * scaled

    def _serve_more(self, columns: Columns) -> None:
        """A first dive where the programme sees days far better than the best one: on days on which not all fit.

        Who is served is decided route by route there, and no exchange of a few stops repairs it. It is done before the
        programme is settled, which takes long on such days.
        """
        if not columns.rough():
            return
        relaxed, master = columns.relaxed, columns.master
        assert relaxed is not None
        if self._cost_s <= (1 + _FAR_MORE) * relaxed.value_s:
            return
        columns.first_bound()
        reduced = master.reduced_costs(relaxed.prices, relaxed.charges)
        self._dive(columns.network, master, np.argsort(reduced, kind="stable").tolist())
        if columns.bound is not None:
            self._working = columns.bound.scaled
            self._told()

    def _anybody(self, columns: Columns) -> bool:
        """Where only who is served counts, any day will do: one is looked for before the bound is raised by cuts."""
        assert columns.bound is not None
        assert columns.taken is not None
        if columns.bound.seconds >= self._cost_s:
            return True
        if columns.taken.whole and self.better([(lane, numbers) for lane, numbers, _ in columns.taken.routes]):
            return True
        near = self._near(columns.master, columns.bound)
        self._dive(columns.network, columns.master, near)
        if self._best is None:
            self._join(columns.network, columns.master, near)
        return self._best is not None

    def _near(self, master: Master, bound: Bound) -> list[int]:
        """Routes of the programme that a better day could drive, the most likely first."""
        reduced = master.reduced_costs(bound.prices, bound.charges) - bound.least[[lane for lane, _ in master.routes]]
        gap = (self._cost_s - 1) * SCALE - bound.scaled
        order = np.argsort(reduced, kind="stable")
        return [row for row in order.tolist() if reduced[row] <= gap]

    def _once_more(self, master: Master) -> None:
        """Quick days again, longer, where the best one still lies far above the bound; SCIP joins their routes."""
        steps = _AGAIN * self._network.size
        ruiner = Ruiner(self._network, [], seed=1, steps=steps)
        left_s = self._spending.left_s
        until_s = None if left_s is None else self._spending.used_s + _AGAIN_SHARE * left_s
        while ruiner.done < steps and (until_s is None or self._spending.used_s < until_s):
            ruiner.work(_AGAIN_CHUNK)
        self.better(ruiner.result.routes)
        master.add(ruiner.result.seen)

    def _dive(self, network: Network, master: Master, near: list[int]) -> None:
        """A better day by diving, on a programme of its own.

        Where only who is served counts a dive has to succeed by itself: it begins with more routes and never goes above
        the best day, which ruin and recreation would not bring down.
        """
        above, begin_with = (_DIVE_ABOVE, _DIVE_FROM) if network.second_cost else (1.0, _CHOOSE_FROM)
        own = Master(network, tuple(master.price_s.tolist()))
        own.cut([cut for cut, _ in master.charges])
        own.add([master.routes[row] for row in near[:begin_with]])
        routes = dive(network, own, int(above * self._cost_s), self._spending)
        master.add(own.routes)
        if routes is not None:
            after = polished(self._network, routes, _POLISH * network.size)
            self.better(after.routes)
            master.add(route for route in after.seen if is_legal(network, route))

    def _join(self, network: Network, master: Master, near: list[int]) -> None:
        """The best day that the routes seen so far can be joined into."""
        rows = near[:_CHOOSE_FROM]
        chosen = choose(
            network,
            [master.routes[row] for row in rows],
            [master.costs_s[row] for row in rows],
            self._cost_s,
            cuts=[cut for cut, _ in master.charges],
            **self._limits(_CHOOSE_S, _CHOOSE_SHARE, _CHOOSE_NODES),
        )
        if chosen.routes is not None:
            self.better(chosen.routes)

    def _finish(self, branch: Branch, columns: Columns, master: Master, bound: Bound) -> bool:
        """List all routes inside the gap and go on with the list; ``False`` where it would be too long."""
        gap = self._cost_s * SCALE - bound.scaled
        if branch.network.second_cost and gap > _NARROWER * self._too_wide:
            return False
        pool = list_routes(branch.network, columns.pricer, bound, self._cost_s, self._spending)
        if pool is None:
            self._too_wide = gap
            return False
        near = [master.routes[row] for row in self._near(master, bound)]
        cuts = tuple(cut for cut, _ in master.charges)
        listed = Branch(branch.network, near, cuts, tuple(master.price_s.tolist()), bound.scaled, branch.depth, pool)
        self._work_on_list(listed, pool)
        return True

    def _work_on_list(self, branch: Branch, pool: Pool) -> None:
        """Close a branch whose routes are all listed, or put its parts in its place."""
        master = Master(branch.network, branch.price_s)
        master.cut(branch.cuts)
        master.add(branch.routes)
        scaled = pool.bound(master, self._cost_s, branch.scaled)
        self._working = scaled
        if -(-scaled // SCALE) >= self._cost_s:
            return
        if pool.relaxed is None or pool.taken is None:  # broken off
            self._push(replace(branch, routes=list(master.routes), scaled=scaled))
            return
        if pool.taken.whole and self.better([(lane, numbers) for lane, numbers, _ in pool.taken.routes]):
            return
        if len(pool) <= _SCIP_ROUTES:
            chosen = pool.choose(self._cost_s, master.cuts, **self._limits(_LIST_S, _LIST_SHARE, _LIST_NODES))
            if chosen.routes is not None:
                self.better(chosen.routes)
            if chosen.finished:
                return
        parts = split(branch, master, pool.relaxed.value_s, pool.taken, list(master.routes), scaled, pool)
        for part in parts or (replace(branch, routes=list(master.routes), scaled=scaled),):
            self._push(part)

    def _limits(self, most_s: float, share: float, nodes: int) -> dict[str, Any]:
        """When SCIP gives up: after some seconds, at most a share of those left; or, where steps are counted, nodes."""
        if self._spending.left_s is None:
            return {"seconds": None, "nodes": nodes}
        return {"seconds": max(0.05, min(most_s, share * self._spending.left_s)), "nodes": None}


def _at(branch: Branch, scaled: int, routes: Routes) -> Branch:
    """The branch as far as it was worked on."""
    return Branch(branch.network, list(routes), branch.cuts, branch.price_s, scaled, branch.depth)
