"""Which sets of visits one van can serve, in any order, for many windows of the new visit at once.

Of all orders that serve the same set and end at the same stop only the earliest departure matters, once with the break
still to be taken and once with it taken: whatever can follow a later one can follow it. So the orders are worked
through set by set, one visit longer at a time, and what no order reaches is never looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from routing.problem import DayProblem, Shift, Visit, Window
from routing.quote.timing import NEVER, Rest, States
from routing.schedule import crew_refusal, earliest_start

Ints = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Board:
    """Visits to distribute, numbered; the new one among them has each of ``windows`` in turn.

    Attributes:
        problem: a day with all of them on it.
        visits: those to distribute; a set of them is a number with one bit each.
        new: the number of the new visit.
        windows: its windows, the columns of every answer.
    """

    problem: DayProblem
    visits: tuple[Visit, ...]
    new: int
    windows: tuple[Window, ...]

    @cached_property
    def legs_s(self) -> Ints:
        """Driving between the visits, ``NEVER`` where it is not allowed."""
        return self._ways(self._places, self._places, self._far[:, None] | self._far[None, :])

    def out_s(self, shift: Shift) -> Ints:
        """Driving from a shift's start to each visit."""
        ways = self._ways([shift.start_place], self._places, self._far[None, :])
        return ways.reshape(-1)

    def home_s(self, shift: Shift) -> Ints:
        """Driving from each visit to a shift's end."""
        ways = self._ways(self._places, [shift.end_place], self._far[:, None])
        return ways.reshape(-1)

    @cached_property
    def _places(self) -> list[str]:
        return [visit.place for visit in self.visits]

    @cached_property
    def _far(self) -> Truths:
        return np.array([visit.long_leg_ok for visit in self.visits], dtype=np.bool_)

    def _ways(self, here: Sequence[str], there: Sequence[str], may_be_long: Truths) -> Ints:
        index, travel = self.problem.place_index, self.problem.travel_s
        rows, columns = [index[place] for place in here], [index[place] for place in there]
        driving = np.array([[travel[row][column] for column in columns] for row in rows], dtype=np.float64)
        known = np.nan_to_num(driving, nan=NEVER)
        allowed = (known <= self.problem.max_leg_s) | may_be_long
        seconds: Ints = np.where(allowed, known, NEVER).astype(np.int64)
        return seconds

    @cached_property
    def service_s(self) -> Ints:
        """Service of each visit."""
        return np.array([visit.service_s for visit in self.visits], dtype=np.int64)

    @cached_property
    def bounds_s(self) -> Ints:
        """When service may begin: ``[opens or closes, window, visit, column]``, the windows of a visit latest first."""
        most = max(len(visit.windows) for visit in self.visits)
        bounds = np.empty((2, most, len(self.visits), len(self.windows)), dtype=np.int64)
        bounds[0], bounds[1] = NEVER, -NEVER  # a window that nothing is in
        for number, visit in enumerate(self.visits):
            for at, window in enumerate(sorted(visit.windows, reverse=True)):
                bounds[:, at, number] = [[window.opens_s], [window.closes_s]]
        bounds[0, :, self.new], bounds[1, :, self.new] = NEVER, -NEVER
        bounds[0, 0, self.new] = [window.opens_s for window in self.windows]
        bounds[1, 0, self.new] = [window.closes_s for window in self.windows]
        return bounds

    def able(self, shift: Shift) -> Truths:
        """Which visits the shift may serve."""
        return np.array([crew_refusal(shift, visit) is None for visit in self.visits], dtype=np.bool_)

    def windows_of(self, number: int, column: int) -> tuple[Window, ...]:
        """The sorted windows of a visit, in one column."""
        if number == self.new:
            return (self.windows[column],)
        return tuple(sorted(self.visits[number].windows))

    def mask(self, visit_ids: Collection[str]) -> int:
        """The set of these visits."""
        return sum(1 << number for number, visit in enumerate(self.visits) if visit.id in visit_ids)


@dataclass(frozen=True)
class _Level:
    """All sets of one size, each with its last stop: earliest departures ``[state, column]``."""

    mask: Ints
    last: Ints
    unrested: Ints
    rested: Ints


class TooManySequences(Exception):
    """A board too wide to be worked through: its windows leave nearly every order open."""


class Sequences:
    """What one shift can serve of a board.

    Args:
        board: the visits.
        shift: the van.
        begun: numbers of the stops that are its first ones, in order, and stay so.
        most: sets of one size (each with its last stop and window) to go on from.

    Raises:
        TooManySequences: where there are more.
    """

    def __init__(self, board: Board, shift: Shift, begun: Sequence[int] = (), most: int | None = None) -> None:
        self.board, self.shift, self.begun, self._most = board, shift, tuple(begun), most
        self._rest = Rest.of(shift)
        self._out_s, self._home_s = board.out_s(shift), board.home_s(shift)
        self._able = board.able(shift)
        self._levels = list(self._grow())

    def _grow(self) -> Iterator[_Level]:
        level = self._first()
        while len(level.mask):
            yield level
            if self._most is not None and level.rested.size > self._most:
                raise TooManySequences
            level = self._longer(level)

    def _first(self) -> _Level:
        """The single stops; or, where the van has begun, the stops it has begun."""
        board, columns = self.board, len(self.board.windows)
        if not self.begun:
            numbers = np.nonzero(self._able)[0]
            unrested, rested = self._rest.begin_s
            begin = np.full((len(numbers), columns), unrested), np.full((len(numbers), columns), rested)
            return self._served(np.zeros(len(numbers), dtype=np.int64), numbers, *begin, self._out_s[numbers])
        depart: States = self._rest.begin_s
        for before, number in zip((None, *self.begun), self.begun, strict=False):
            driving_s = self._out_s[number] if before is None else board.legs_s[before, number]
            starts = [earliest_start(board.windows_of(number, 0), s) for s in self._rest.arrive(depart, int(driving_s))]
            first, second = (NEVER if s is None else s + board.visits[number].service_s for s in starts)
            depart = (first, second)
        return _Level(
            np.array([sum(1 << number for number in self.begun)], dtype=np.int64),
            np.array([self.begun[-1]], dtype=np.int64),
            np.full((1, columns), depart[0]),
            np.full((1, columns), depart[1]),
        )

    def _longer(self, level: _Level) -> _Level:
        numbers = np.arange(len(self.board.visits))
        free = self._able & ((level.mask[:, None] >> numbers) & 1 == 0) & (self.board.legs_s[level.last] < NEVER)
        rows, then = np.nonzero(free)
        legs_s = self.board.legs_s[level.last[rows], then]
        return self._served(level.mask[rows], then, level.unrested[rows], level.rested[rows], legs_s)

    def _served(self, mask: Ints, then: Ints, unrested: Ints, rested: Ints, legs_s: Ints) -> _Level:
        """Drive on to the visits ``then``, serve them, and keep the earliest of what ends alike."""
        rest, legs = self._rest, legs_s[:, None]
        ready = unrested + legs
        resting = np.where(unrested <= rest.last_s, np.maximum(ready, rest.first_s) + rest.duration_s, NEVER)
        unrested = self._depart(ready, then)
        rested = self._depart(np.minimum(rested + legs, resting), then)
        alive = ((unrested < NEVER) | (rested < NEVER)).any(axis=1)
        mask, then, unrested, rested = (mask | (1 << then))[alive], then[alive], unrested[alive], rested[alive]
        key = mask * len(self.board.visits) + then
        order = np.argsort(key, kind="stable")
        if not len(order):
            return _Level(mask, then, unrested, rested)
        starts = np.flatnonzero(np.diff(key[order], prepend=-1))
        first = order[starts]
        return _Level(
            mask[first],
            then[first],
            np.minimum.reduceat(unrested[order], starts, axis=0),
            np.minimum.reduceat(rested[order], starts, axis=0),
        )

    def _depart(self, ready: Ints, numbers: Ints) -> Ints:
        """Earliest departures after service, ``NEVER`` where no window is left or the shift is over."""
        start = np.full(ready.shape, NEVER)
        for opens, closes in zip(*self.board.bounds_s, strict=True):
            start = np.where(ready <= closes[numbers], np.maximum(ready, opens[numbers]), start)
        depart = start + self.board.service_s[numbers][:, None]
        return np.where(depart <= self.shift.end_s, depart, NEVER)

    def _gets_home(self, level: _Level) -> Truths:
        """As :meth:`routing.quote.timing.Rest.leave` has it for the way home."""
        by_rested = self._rest.end_s[1] - self._home_s[level.last][:, None]
        by_unrested = np.minimum(self._rest.last_s, by_rested - self._rest.duration_s)
        return (level.unrested <= by_unrested) | (level.rested <= by_rested)

    @cached_property
    def sets(self) -> tuple[Ints, Truths]:
        """The sets that can be served, ascending, and in which columns; the empty set where nothing has begun."""
        masks = [np.zeros(0 if self.begun else 1, dtype=np.int64)]
        home = [np.ones((0 if self.begun else 1, len(self.board.windows)), dtype=np.bool_)]
        for level in self._levels:
            masks.append(level.mask)
            home.append(self._gets_home(level))
        every, can = np.concatenate(masks), np.concatenate(home)
        order = np.argsort(every, kind="stable")
        starts = np.flatnonzero(np.diff(every[order], prepend=-1))
        if not len(starts):
            return every, can
        merged = np.logical_or.reduceat(can[order], starts, axis=0)
        kept = merged.any(axis=1)
        return every[order][starts][kept], merged[kept]

    def driving_s(self, masks: Ints) -> Ints:
        """The least driving that sets of :attr:`sets` could take if there were no windows: a bound, to choose by."""
        known = self._least_driving_s
        return np.array([known[mask] for mask in masks.tolist()], dtype=np.int64)

    @cached_property
    def _least_driving_s(self) -> dict[int, int]:
        best: dict[int, int] = {0: 0}
        before: tuple[Ints, Ints] | None = None
        count = len(self.board.visits)
        for level in self._levels:
            if before is None:
                driven = self._out_s[level.last]
                if self.begun:
                    legs = [int(self.board.legs_s[a, b]) for a, b in pairwise(self.begun)]
                    driven = np.array([int(self._out_s[self.begun[0]]) + sum(legs)], dtype=np.int64)
            else:
                keys, sums = before
                wanted = (level.mask ^ (1 << level.last))[:, None] * count + np.arange(count)
                at = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
                ways = np.where(keys[at] == wanted, sums[at] + self.board.legs_s[:, level.last].T, NEVER)
                driven = ways.min(axis=1)
            before = (level.mask * count + level.last, driven)
            for mask, total_s in zip(level.mask.tolist(), (driven + self._home_s[level.last]).tolist(), strict=True):
                best[mask] = min(total_s, best.get(mask, total_s))
        return best

    def order(self, mask: int, column: int) -> tuple[int, ...]:
        """One order that serves a set of :attr:`sets` in one column, walked back from its end.

        Raises:
            KeyError: where no order does.
        """
        at = mask.bit_count() - max(1, len(self.begun))
        level = self._levels[at]
        rows = np.flatnonzero((level.mask == mask) & self._gets_home(level)[:, column])
        if not len(rows):
            raise KeyError(mask)
        row = int(rows[0])
        home = int(self._home_s[level.last[row]])
        state = 1 if int(level.rested[row, column]) + home <= self._rest.end_s[1] else 0
        backwards = [int(level.last[row])]
        while at:
            row, state = self._before(at, row, state, column)
            at -= 1
            backwards.append(int(self._levels[at].last[row]))
        return (*self.begun[:-1], *reversed(backwards))

    def _before(self, at: int, row: int, state: int, column: int) -> tuple[int, int]:
        """From which shorter sequence, in which state, an earliest departure comes."""
        level, shorter = self._levels[at], self._levels[at - 1]
        last = int(level.last[row])
        wanted = int((level.rested if state else level.unrested)[row, column])
        windows, service_s = self.board.windows_of(last, column), self.board.visits[last].service_s
        for other in np.flatnonzero(shorter.mask == int(level.mask[row]) ^ (1 << last)).tolist():
            leg_s = int(self.board.legs_s[shorter.last[other], last])
            states = (int(shorter.unrested[other, column]), int(shorter.rested[other, column]))
            for was in (1, 0) if state else (0,):
                alone: States = (states[0], NEVER) if was == 0 else (NEVER, states[1])
                start_s = earliest_start(windows, self._rest.arrive(alone, leg_s)[state])
                if start_s is not None and start_s + service_s == wanted:
                    return other, was
        raise AssertionError("an earliest departure comes from nowhere")
