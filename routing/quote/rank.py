"""Ranks windows for a visit by the driving they cost, now and to those who will ask later.

``cost = detour + keep far + gather far + tightness + waiting``, all in seconds of driving:

* *Detour*: what the van drives more that day. The main term; it already prefers the day another visit is next door.
* *Keep far*: a van that makes a far trip that day has few places on its way, and whoever lives out there can be served
  by no other van. A visit that lies nearer than the route goes pays a share of the difference.
* *Gather far*: a far visit that has no neighbour on its route opens a new far trip, while another day offered here has
  one going there already. It pays a share of how much farther its nearest neighbour is than on the best of these days:
  the detour alone forgets that the trip, once opened, is one more for the weeks to come.
* *Tightness*: a route with no slack left breaks the next promise when one resident takes five minutes longer.
* *Waiting*: a little for every day, so that of equal windows the earlier wins, and no near one lies unused.

Equal costs are ranked by date, window and shift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date as Date

import numpy as np
import numpy.typing as npt

from routing.quote.slots import RankWeights, SlotQuote

Ints = npt.NDArray[np.int32] | npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Priced:
    """A quote and what is known of its van that day: what ranking needs beside it.

    Attributes:
        reach_s: the farthest any standing stop of the route lies from its depot.
        asks_s: how far the new place lies from that depot.
        neighbour_s: driving to the new place from the nearest other stop of the route, or its depot.
    """

    quote: SlotQuote
    reach_s: int
    asks_s: int
    neighbour_s: int


def far_trip_cost_s(reach_s: Ints, asks_s: Ints, weights: RankWeights) -> Reals:
    """What a visit ``asks_s`` from the depot costs on a route that goes ``reach_s`` far."""
    beyond = np.maximum(reach_s - asks_s, 0) * weights.keep_far
    return np.where(reach_s >= weights.far_s, beyond, 0.0)


def tightness_cost_s(slack_s: Ints, weights: RankWeights) -> Reals:
    """What little slack costs; any amount from ``enough_slack_s`` on is free."""
    if not weights.enough_slack_s:
        return np.zeros(slack_s.shape)
    short = np.maximum(weights.enough_slack_s - np.maximum(slack_s, 0), 0)
    costs: Reals = short * (weights.tight_s / weights.enough_slack_s)
    return costs


def rank(priced: Sequence[Priced], weights: RankWeights, first_day: Date) -> tuple[SlotQuote, ...]:
    """The quotes with cost and rank, best first; waiting counts from ``first_day``."""
    if not priced:
        return ()
    nearest_s = min(each.neighbour_s for each in priced)
    slack = np.array([each.quote.least_slack_s for each in priced], dtype=np.int64)
    reach = np.array([each.reach_s for each in priced], dtype=np.int64)
    asks = np.array([each.asks_s for each in priced], dtype=np.int64)
    by_van = far_trip_cost_s(reach, asks, weights) + tightness_cost_s(slack, weights)
    costed = [
        replace(each.quote, cost_s=round(each.quote.detour_s + extra + _by_day_s(each, nearest_s, weights, first_day)))
        for each, extra in zip(priced, by_van.tolist(), strict=True)
    ]
    costed.sort(key=lambda quote: (quote.cost_s, quote.date, quote.window, quote.shift))
    return tuple(replace(quote, rank=at) for at, quote in enumerate(costed, start=1))


def gathering_cost_s(asks_s: int, neighbour_s: int, nearest_s: int, weights: RankWeights) -> float:
    """What a far visit costs whose nearest neighbour is farther than on the best day offered."""
    return weights.gather_far * (neighbour_s - nearest_s) if asks_s >= weights.far_s else 0.0


def waiting_cost_s(day: Date, weights: RankWeights, first_day: Date) -> int:
    """What waiting costs."""
    return weights.wait_s_per_day * max(0, (day - first_day).days)


def _by_day_s(each: Priced, nearest_s: int, weights: RankWeights, first_day: Date) -> float:
    gathering = gathering_cost_s(each.asks_s, each.neighbour_s, nearest_s, weights)
    return gathering + waiting_cost_s(each.quote.date, weights, first_day)
