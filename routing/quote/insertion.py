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
Indices = npt.NDArray[np.intp]


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

    def best(self) -> tuple[Indices, Reals]:
        """The cheapest gap of each day and window, and its cost (infinite: none): shapes ``[day, window]``."""
        gaps = self.cost_s.argmin(axis=1)
        return gaps, np.take_along_axis(self.cost_s, gaps[:, None, :], axis=1)[:, 0, :]

    def best_spots(self) -> list[list[Spot | None]]:
        """The cheapest gap of each day and window, ``None`` where there is none."""
        gaps, costs = self.best()
        shifts = gaps // self._gaps_per_shift
        detours = np.take_along_axis(self._detour_s, gaps, axis=1).tolist()
        neighbours = np.take_along_axis(self._neighbour_s, shifts, axis=1).tolist()
        afters = (gaps % self._gaps_per_shift).tolist()
        found: list[list[Spot | None]] = []
        for rows in zip(shifts.tolist(), afters, detours, costs.tolist(), neighbours, strict=True):
            found.append([None if spot[3] == np.inf else Spot(*spot) for spot in zip(*rows, strict=True)])
        return found

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
    opens = np.array([window.opens_s for window in grid], dtype=np.int32)
    closes = np.array([window.closes_s for window in grid], dtype=np.int32)
    fit = ((states[0][0] <= closes) & (opens <= states[0][1])) | ((states[1][0] <= closes) & (opens <= states[1][1]))
    detour_s = there_s + onward_s - gaps[Gap.DRIVING]
    asks_s = np.take_along_axis(to_new_s, depots, axis=1)
    by_van = (detour_s + far_trip_cost_s(reach_s, asks_s, weights)[:, :, None]).reshape(shape[:2])
    where = np.nonzero(fit)
    cost_s = np.full(fit.shape, np.inf)
    cost_s[where] = by_van[where[:2]] + tightness_cost_s(_slack(states, opens, closes, where), weights)
    return Insertions(
        grid,
        fit,
        cost_s,
        detour_s.reshape(shape[:2]),
        neighbour_s,
        width,
    )


def _times(ready: Ints, last: Ints, legal: Truths, shape: tuple[int, ...]) -> tuple[Ints, Ints]:
    """Earliest and latest begin of service in one state, ``NEVER`` where the one is after the other."""
    possible = legal & (ready <= last)
    return np.where(possible, ready, NEVER).reshape(shape), np.where(possible, last, -NEVER).reshape(shape)


def _slack(
    states: tuple[tuple[Ints, Ints], tuple[Ints, Ints]],
    opens: Ints,
    closes: Ints,
    where: tuple[Indices, ...],
) -> Ints:
    """How much later than at the earliest service could begin, of the gaps and windows that fit."""
    gap, first, last = where[:2], opens[where[2]], closes[where[2]]
    starts, lasts = np.full(len(first), NEVER, dtype=np.int32), np.full(len(first), -NEVER, dtype=np.int32)
    for ready, latest in states:
        start, late = np.maximum(ready[..., 0][gap], first), np.minimum(latest[..., 0][gap], last)
        fits = start <= late
        starts = np.where(fits, np.minimum(starts, start), starts)
        lasts = np.where(fits, np.maximum(lasts, late), lasts)
    return lasts - starts


def _stacked(tables: Sequence[RouteTable]) -> Ints:
    """The gaps of all days in one array ``[Gap, day, shift, gap]``."""
    shifts = max(table.gaps.shape[1] for table in tables)
    width = max(table.gaps.shape[2] for table in tables)
    stacked = np.empty((len(Gap), len(tables), max(1, shifts), width), dtype=np.int32)
    for at, table in enumerate(tables):
        if table.gaps.shape[1:] != stacked.shape[2:]:
            stacked[:, at] = padding()
        stacked[:, at, : table.gaps.shape[1], : table.gaps.shape[2]] = table.gaps
    return stacked


def _ways(days: Sequence[QuotedDay]) -> tuple[Ints, Ints]:
    """To and from the new place, ``[day, place]``, ``NEVER`` where there is no road."""
    places = max(len(day.to_new_s) for day in days)
    missing = [(None,) * (places - len(day.to_new_s)) for day in days]
    rows = [(*day.to_new_s, *none) for day, none in zip(days, missing, strict=True)]
    rows += [(*day.from_new_s, *none) for day, none in zip(days, missing, strict=True)]
    ways = np.array(rows, dtype=np.float64)  # no road becomes not a number
    seconds = np.where(np.isnan(ways), NEVER, ways).astype(np.int32)
    return seconds[: len(days)], seconds[len(days) :]


def _shifts(
    visit: Visit, days: Sequence[QuotedDay], tables: Sequence[RouteTable], shifts: int
) -> tuple[Indices, Ints, Truths]:
    """Of every shift: the index of its depot, how far its stops lie, and whether it may serve the visit."""
    depots = np.zeros((len(days), shifts), dtype=np.intp)
    reach_s = np.zeros((len(days), shifts), dtype=np.int32)
    able = np.zeros((len(days), shifts), dtype=np.bool_)
    for at, (day, table) in enumerate(zip(days, tables, strict=True)):
        vans = day.routes.problem.shifts
        depots[at, : len(vans)] = table.depot
        reach_s[at, : len(vans)] = table.reach_s
        able[at, : len(vans)] = [visit.needs <= van.skills and visit.pinned_shift in (None, van.id) for van in vans]
    return depots, reach_s, able
