"""Asks every gap of every route of every day whether the new visit fits there in each window, all at once.

A gap knows the earliest a van can leave the stop before it and the latest it must be ready at the stop behind it, with
the break still to be taken and with it taken (:mod:`routing.quote.timing`). So one visit in one gap and one window is a
handful of comparisons, and all of them together a handful of operations on arrays of
``days x gaps of all routes x windows``. The answers are exactly those of :func:`routing.schedule.schedule_route` on
the order with the visit in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from routing.problem import MAX_DURATION_S, Visit, Window
from routing.quote.rank import far_trip_cost_s, tightness_cost_s
from routing.quote.slots import QuotedDay, RankWeights
from routing.quote.tables import Gap, Ints, RouteTable, padding
from routing.quote.timing import NEVER

Reals = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spot:
    """A gap that the visit fits into: which shift, after how many of its stops, and what it costs."""

    shift: int
    after: int
    detour_s: int
    cost_s: float
    """Detour plus what :mod:`routing.quote.rank` charges for the van and its slack."""
    neighbour_s: int
    """Driving to the new place from the nearest stop (or depot) of that route."""


@dataclass(frozen=True)
class Insertions:
    """Where the visit fits: ``[day, gap of any route, window of the grid]``."""

    grid: tuple[Window, ...]
    fits: Truths
    cost_s: Reals
    """Infinite where it does not fit."""
    _detour_s: Ints
    _neighbour_s: Ints
    _gaps_per_shift: int

    def best(self) -> tuple[Ints, Reals]:
        """The cheapest gap of each day and window, and its cost (infinite: none): shapes ``[day, window]``."""
        gaps = self.cost_s.argmin(axis=1)
        return gaps, np.take_along_axis(self.cost_s, gaps[:, None, :], axis=1)[:, 0, :]

    def spot(self, day: int, gap: int, window: int) -> Spot:
        """What is known of one gap in one window."""
        shift, after = divmod(gap, self._gaps_per_shift)
        return Spot(
            shift,
            after,
            int(self._detour_s[day, gap]),
            float(self.cost_s[day, gap, window]),
            int(self._neighbour_s[day, shift]),
        )

    def spots(self, day: int, window: int) -> list[Spot]:
        """All gaps of a day that the visit fits into in one window, cheapest first; ties by shift and position."""
        (gaps,) = np.nonzero(self.fits[day, :, window])
        return [
            self.spot(day, int(gap), window) for gap in gaps[np.argsort(self.cost_s[day, gaps, window], kind="stable")]
        ]


def insert_everywhere(
    visit: Visit,
    days: Sequence[QuotedDay],
    tables: Sequence[RouteTable],
    grid: tuple[Window, ...],
    weights: RankWeights,
) -> Insertions:
    """Try the visit in every gap of ``tables`` (one a day) in every window of ``grid``.

    Which days ask for which windows is the caller's affair.
    """
    gaps = _stacked(tables)
    to_new_s, from_new_s = _ways(days)
    depots, reach_s, able = _shifts(visit, days, tables, gaps.shape[2])
    count, shifts, width = gaps.shape[1:]
    there_s = np.take_along_axis(to_new_s, gaps[Gap.BEFORE].reshape(count, -1), axis=1).reshape(gaps.shape[1:])
    onward_s = np.take_along_axis(from_new_s, gaps[Gap.BEHIND].reshape(count, -1), axis=1).reshape(gaps.shape[1:])
    neighbour_s = there_s.min(axis=2)
    limit_s = MAX_DURATION_S if visit.long_leg_ok else 0
    legal = (
        able[:, :, None]
        & (there_s <= np.maximum(gaps[Gap.BEFORE_LIMIT], limit_s))
        & (onward_s <= np.maximum(gaps[Gap.BEHIND_LIMIT], limit_s))
    )

    unrested = gaps[Gap.LEAVE_UNRESTED] + there_s
    rested = gaps[Gap.LEAVE_RESTED] + there_s
    resting = np.maximum(unrested, gaps[Gap.BREAK_FIRST]) + gaps[Gap.BREAK_LENGTH]
    may_rest = gaps[Gap.LEAVE_UNRESTED] <= gaps[Gap.BREAK_LAST]
    rested = np.where(may_rest, np.minimum(rested, resting), rested)

    by_rested = gaps[Gap.READY_RESTED] - onward_s
    by_resting = np.minimum(gaps[Gap.BREAK_LAST], by_rested - gaps[Gap.BREAK_LENGTH])
    by_unrested = gaps[Gap.READY_UNRESTED] - onward_s
    can_rest = gaps[Gap.BREAK_FIRST] + gaps[Gap.BREAK_LENGTH] <= gaps[Gap.READY_RESTED]
    by_unrested = np.where(can_rest, np.maximum(by_unrested, by_resting), by_unrested)

    shape = (count, shifts * width, 1)
    states = (
        _times(unrested, by_unrested - visit.service_s, legal, shape),
        _times(rested, by_rested - visit.service_s, legal, shape),
    )
    opens = np.array([window.opens_s for window in grid], dtype=np.int64)
    closes = np.array([window.closes_s for window in grid], dtype=np.int64)
    fits = [(ready <= closes) & (opens <= last) for ready, last in states]
    fit = fits[0] | fits[1]

    starts = np.maximum(np.minimum(*(np.where(f, s[0], NEVER) for f, s in zip(fits, states, strict=True))), opens)
    lasts = np.minimum(np.maximum(*(np.where(f, s[1], -NEVER) for f, s in zip(fits, states, strict=True))), closes)
    detour_s = there_s + onward_s - gaps[Gap.DRIVING]
    asks_s = np.take_along_axis(to_new_s, depots, axis=1)
    by_van = detour_s + far_trip_cost_s(reach_s, asks_s, weights)[:, :, None]
    cost_s = by_van.reshape(shape) + tightness_cost_s(lasts - starts, weights)
    return Insertions(
        grid,
        fit,
        np.where(fit, cost_s, np.inf),
        detour_s.reshape(shape[:2]),
        neighbour_s,
        width,
    )


def _times(ready: Ints, last: Ints, legal: Truths, shape: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Earliest and latest begin of service in one state, ``NEVER`` where the one is after the other."""
    possible = legal & (ready <= last)
    return np.where(possible, ready, NEVER).reshape(shape), np.where(possible, last, -NEVER).reshape(shape)


def _stacked(tables: Sequence[RouteTable]) -> Ints:
    """The gaps of all days in one array ``[Gap, day, shift, gap]``."""
    shifts = max(table.gaps.shape[1] for table in tables)
    width = max(table.gaps.shape[2] for table in tables)
    stacked = np.empty((len(Gap), len(tables), max(1, shifts), width), dtype=np.int64)
    for at, table in enumerate(tables):
        if table.gaps.shape[1:] != stacked.shape[2:]:
            stacked[:, at] = padding()
        stacked[:, at, : table.gaps.shape[1], : table.gaps.shape[2]] = table.gaps
    return stacked


def _ways(days: Sequence[QuotedDay]) -> tuple[Ints, Ints]:
    """To and from the new place, ``[day, place]``, ``NEVER`` where there is no road."""
    places = max(len(day.to_new_s) for day in days)
    ways = np.full((2, len(days), max(1, places)), np.nan)
    for at, day in enumerate(days):
        ways[0, at, : len(day.to_new_s)] = day.to_new_s
        ways[1, at, : len(day.from_new_s)] = day.from_new_s
    seconds = np.nan_to_num(ways, nan=NEVER).astype(np.int64)
    return seconds[0], seconds[1]


def _shifts(
    visit: Visit, days: Sequence[QuotedDay], tables: Sequence[RouteTable], shifts: int
) -> tuple[Ints, Ints, Truths]:
    """Of every shift: the index of its depot, how far its stops lie, and whether it may serve the visit."""
    depots = np.zeros((len(days), shifts), dtype=np.int64)
    reach_s = np.zeros((len(days), shifts), dtype=np.int64)
    able = np.zeros((len(days), shifts), dtype=np.bool_)
    for at, (day, table) in enumerate(zip(days, tables, strict=True)):
        vans = day.routes.problem.shifts
        depots[at, : len(vans)] = table.depot
        reach_s[at, : len(vans)] = table.reach_s
        able[at, : len(vans)] = [visit.needs <= van.skills and visit.pinned_shift in (None, van.id) for van in vans]
    return depots, reach_s, able
