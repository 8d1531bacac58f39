"""The integer step: which whole routes to drive, of those given, on SCIP.

All costs are whole seconds, so a day that is less than a second away from the bound is the best: SCIP may stop there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ortools.linear_solver import pywraplp

from routing.solver.exact.cuts import Cut
from routing.solver.exact.network import Network, Routes


@dataclass(frozen=True, slots=True)
class Chosen:
    """The best day made of the routes given.

    Attributes:
        routes: ``None`` where SCIP found none below the ceiling.
        finished: whether SCIP proved that there is no better one, or none.
    """

    routes: Routes | None
    finished: bool


def choose(
    network: Network,
    routes: Sequence[tuple[int, tuple[int, ...]]],
    costs_s: Sequence[int],
    ceiling_s: int,
    *,
    seconds: float | None = None,
    nodes: int | None = None,
    cuts: Sequence[Cut] = (),
) -> Chosen:
    """The cheapest day of these routes that costs less than the ceiling.

    Args:
        network: the day.
        routes: what may be driven.
        costs_s: driving of each.
        ceiling_s: days that cost as much or more are not wanted.
        seconds: when SCIP gives up, or
        nodes: after how many nodes of its tree (repeatable).
        cuts: subset-row cuts that help it.
    """
    solver: Any = pywraplp.Solver.CreateSolver("SCIP")
    parameters = ["limits/absgap = 0.99"]
    if nodes is not None:
        parameters.append(f"limits/nodes = {nodes}")
    solver.SetSolverSpecificParametersAsString("\n".join(parameters))
    if seconds is not None:
        solver.SetTimeLimit(max(1, round(1000 * seconds)))
    cost = solver.Objective()
    cover = [solver.Constraint(1, 1) for _ in range(network.size)]
    lanes = [solver.Constraint(0, count) for count in network.counts]
    below = solver.Constraint(-solver.infinity(), ceiling_s - 1)
    for visit in range(network.size):
        if not network.required[visit]:
            omit = solver.BoolVar("")
            cover[visit].SetCoefficient(omit, 1)
            cost.SetCoefficient(omit, int(network.omission_s[visit]))
            below.SetCoefficient(omit, int(network.omission_s[visit]))
    takes = []
    cuts_of: dict[int, list[Any]] = {}
    for cut in cuts:
        row = solver.Constraint(-solver.infinity(), 1)
        for visit in cut:
            cuts_of.setdefault(visit, []).append(row)
    for (lane, numbers), cost_s in zip(routes, costs_s, strict=True):
        take = solver.BoolVar("")
        takes.append(take)
        cost.SetCoefficient(take, cost_s)
        below.SetCoefficient(take, cost_s)
        lanes[lane].SetCoefficient(take, 1)
        once: list[Any] = []
        for visit in numbers:
            cover[visit].SetCoefficient(take, 1)
            for row in cuts_of.get(visit, ()):
                if row in once:
                    row.SetCoefficient(take, 1)
                once.append(row)
    cost.SetMinimization()
    status = solver.Solve()
    if status in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        chosen = [route for route, take in zip(routes, takes, strict=True) if take.solution_value() > 0.5]
        return Chosen(chosen, status == pywraplp.Solver.OPTIMAL)
    return Chosen(None, status == pywraplp.Solver.INFEASIBLE)
