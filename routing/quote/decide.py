"""Decides every window asked for: offered with a witness, or refused with a reason and the nearest that is offered.

First what the standing routes have room for as they are; then, of the rest, what cannot be even alone; then days of few
promises by trying everything, larger ones by searching as long as the effort allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date as Date

from routing.problem import Place, Visit, Window
from routing.quote.choices import can_choose
from routing.quote.compulsory import certainly_full
from routing.quote.exhaustive import Driven, exhaustive_routes
from routing.quote.insertion import insert_everywhere
from routing.quote.offers import Fit, Inserter
from routing.quote.rank import Priced, rank
from routing.quote.refusals import refuse_alone, refuse_crowded, rivals_of, with_nearest
from routing.quote.research import Purse, search_routes
from routing.quote.slots import (
    Effort,
    QuotedDay,
    Quotes,
    RankWeights,
    Refusal,
    RefusalReason,
    SlotQuote,
    Verdict,
)
from routing.quote.witness import Proof, promised, quote_of

Decided = dict[tuple[int, Window], SlotQuote | Refusal]


def quote_days(
    visit: Visit,
    place: Place,
    days: Sequence[QuotedDay],
    *,
    effort: Effort | None = None,
    weights: RankWeights | None = None,
    earlier_is_better_from: Date | None = None,
    most: int | None = None,
) -> Quotes:
    """Decide every window of ``days`` for one new visit.

    Args:
        visit: the new visit; its windows are replaced by the one under decision, and it is required.
        place: where it is; its id is new to every day.
        days: in the order in which effort is spent on what insertion refuses: wished days first.
        effort: what may be spent; by default nothing but insertion and, on small days, trying everything.
        weights: the ranking.
        earlier_is_better_from: the day waiting is counted from; by default the first of ``days``.
        most: build witnesses for this many of the best windows that insertion offers; all by default.

    Raises:
        SolveError: ``PLAN_REFUSED`` where the checker refuses a witness.
    """
    effort, weights = effort or Effort(), weights or RankWeights()
    first_day = earlier_is_better_from or min((day.date for day in days), default=Date.min)
    decided, beyond = _by_insertion(visit, place, days, weights, first_day, most)
    undecided = [
        [window for window in day.windows if (row, window) not in decided and (row, window) not in beyond]
        for row, day in enumerate(days)
    ]
    out_of_reach = _alone_out_of_reach(visit, days, undecided, weights)
    purse = Purse(effort, sum(map(bool, undecided)))
    for row, day in enumerate(days):
        if undecided[row]:
            rest = _Rest(visit, place, day, out_of_reach[row], effort, purse, weights)
            found = rest.decide(undecided[row])
            decided |= {(row, window): slot for window, slot in found.items()}
    quotes = rank([_priced(slot) for slot in decided.values() if isinstance(slot, SlotQuote)], weights, first_day)
    in_order = [
        decided[row, window] for row, day in enumerate(days) for window in day.windows if (row, window) in decided
    ]
    return Quotes(quotes, with_nearest([slot for slot in in_order if isinstance(slot, Refusal)], quotes), len(beyond))


def decide_window(
    visit: Visit, place: Place, day: QuotedDay, window: Window, *, effort: Effort | None = None
) -> SlotQuote | Refusal:
    """Decide one window with all the effort for it alone, as a hold or a confirmation does.

    Raises:
        SolveError: ``PLAN_REFUSED`` where the checker refuses the witness.
    """
    quotes = quote_days(visit, place, [replace(day, windows=(window,))], effort=effort)
    return quotes.quotes[0] if quotes.quotes else quotes.refused[0]


def _by_insertion(
    visit: Visit,
    place: Place,
    days: Sequence[QuotedDay],
    weights: RankWeights,
    first_day: Date,
    most: int | None,
) -> tuple[Decided, set[tuple[int, Window]]]:
    """The windows the standing routes have room for, and those of them not looked at because of ``most``."""
    inserter = Inserter(visit, place, days, weights)
    fits = inserter.fits()
    if most is not None and len(fits) > most:
        costs = inserter.expected_cost_s(fits, first_day)
        order = sorted(range(len(fits)), key=lambda at: (costs[at], at))
        fits = [fits[at] for at in order]
    decided: Decided = {}
    waiting: dict[tuple[int, Window], Fit] = {(fit.day, fit.window): fit for fit in fits}
    for key in list(waiting):
        if most is not None and len(decided) >= most:
            break
        quote = inserter.quote(*key, waiting.pop(key))
        if quote is not None:
            decided[key] = quote
    for row, day in enumerate(days):
        for window in day.windows:
            if (row, window) not in decided and (row, window) not in waiting:
                quote = inserter.quote(row, window, None)
                if quote is not None:
                    decided[row, window] = quote
    return decided, set(waiting)


def _alone_out_of_reach(
    visit: Visit, days: Sequence[QuotedDay], undecided: Sequence[Sequence[Window]], weights: RankWeights
) -> list[list[Window]]:
    """Of each day the undecided windows that no van could serve even with nothing else to do."""
    out_of_reach = [list(windows) for windows in undecided]
    rows = [row for row, day in enumerate(days) if undecided[row] and day.routes.problem.shifts]
    if not rows:
        return out_of_reach
    grid = tuple(sorted({window for row in rows for window in undecided[row]}))
    asked = [days[row] for row in rows]
    alone = insert_everywhere(visit, asked, [day.routes.empty_table for day in asked], grid, weights)
    for at, row in enumerate(rows):
        reached = {window for window, can in zip(grid, alone.fits[at].any(axis=0).tolist(), strict=True) if can}
        out_of_reach[row] = [window for window in undecided[row] if window not in reached]
    return out_of_reach


class _Rest:
    """The windows of one day that insertion refuses and nothing proves impossible at once.

    ``out_of_reach`` are those of them that no van could serve even with nothing else to do.
    """

    def __init__(
        self,
        visit: Visit,
        place: Place,
        day: QuotedDay,
        out_of_reach: Sequence[Window],
        effort: Effort,
        purse: Purse,
        weights: RankWeights,
    ) -> None:
        self._visit, self._place, self._day = visit, place, day
        self._out_of_reach = frozenset(out_of_reach)
        self._effort, self._purse, self._weights = effort, purse, weights

    def decide(self, windows: Sequence[Window]) -> dict[Window, SlotQuote | Refusal]:
        """Quote or refuse each of them."""
        decided: dict[Window, SlotQuote | Refusal] = {}
        if self._out_of_reach and not self._stones_help():
            decided |= self._alone([each for each in windows if each in self._out_of_reach], Verdict.IMPOSSIBLE)
        left = [window for window in windows if window not in decided]
        if not left:
            return decided
        full = {window for window in left if certainly_full(self._visit, self._day, window)}
        open_ones = [window for window in left if window not in full]
        routes, impossible = self._tried(open_ones) if open_ones else ({}, set())
        for window, driven in routes.items():
            visit = promised(self._visit, window)
            proof = Proof(self._day, visit, self._place, driven, "exhaustive" if self._exact else "solved")
            decided[window] = quote_of(proof)
        return decided | self._refusals([window for window in left if window not in decided], impossible | full)

    def _tried(self, windows: Sequence[Window]) -> tuple[dict[Window, Driven], set[Window]]:
        """Routes for the windows that were found to work, and the windows proved impossible."""
        if self._exact:
            return exhaustive_routes(self._visit, self._place, self._day, windows)
        if self._effort.searches:
            return search_routes(self._visit, self._place, self._day, windows, self._purse.share())
        return {}, set()

    @property
    def _exact(self) -> bool:
        """Whether the day is small enough to try everything."""
        problem = self._day.routes.problem
        return len(problem.visits) <= self._effort.exhaustive_visits and can_choose(
            len(problem.shifts), len(problem.visits) + len(self._day.reserves) + 1
        )

    def _stones_help(self) -> bool:
        day = self._day
        return bool(day.routes.problem.visits) and day.routes.ways.stones_help(
            self._visit, day.to_new_s, day.from_new_s
        )

    def _alone(self, windows: Sequence[Window], verdict: Verdict) -> dict[Window, Refusal]:
        return refuse_alone(self._visit, self._place, self._day, windows, verdict)

    def _refusals(self, windows: Sequence[Window], impossible: set[Window]) -> dict[Window, Refusal]:
        """Why the rest is refused: kept free, passed by now, out of reach, or crowded out."""
        day, found = self._day, {}
        freed = self._without_reserves_and_clock(windows)
        rivals = rivals_of(self._visit, day)
        for window in windows:
            verdict = Verdict.IMPOSSIBLE if window in impossible else Verdict.NOT_FOUND_IN_TIME
            if window in freed:
                now = {} if freed[window] is RefusalReason.RESERVED else {"now_s": day.now_s}
                found[window] = Refusal(day.date, window, verdict, freed[window], now)
            elif window in self._out_of_reach:
                found |= self._alone([window], verdict)
            else:
                found[window] = refuse_crowded(self._visit, day, window, verdict, rivals)
        return found

    def _without_reserves_and_clock(self, windows: Sequence[Window]) -> dict[Window, RefusalReason]:
        """The windows that would be offered but for the reserves, or but for what has begun."""
        found: dict[Window, RefusalReason] = {}
        day = self._day
        steps = []
        if day.reserves:
            steps.append((replace(day, reserves=()), RefusalReason.RESERVED))
        if day.now_s is not None:
            steps.append((replace(day, reserves=(), now_s=None), RefusalReason.RUNNING))
        for freer, reason in steps:
            left = tuple(window for window in windows if window not in found)
            for window in self._offered(replace(freer, windows=left)):
                found[window] = reason
        return found

    def _offered(self, day: QuotedDay) -> list[Window]:
        inserter = Inserter(self._visit, self._place, [day], self._weights)
        fits = {fit.window: fit for fit in inserter.fits()}
        offered = list(fits)
        if day.now_s is not None:  # a gap may have been passed: only timing it tells
            offered = [window for window, fit in fits.items() if inserter.quote(0, window, fit) is not None]
        if self._exact:
            left = [window for window in day.windows if window not in offered]
            offered += exhaustive_routes(self._visit, self._place, day, left)[0] if left else []
        return offered


def _priced(quote: SlotQuote) -> Priced:
    """The quote with what ranking wants to know of its van."""
    day = quote.proof.day
    problem = day.routes.problem
    route = next(route for route in quote.proof.routes if route.shift == quote.shift)
    shift = problem.shift_by_id[quote.shift]
    others = [problem.visit_by_id[stop.visit].place for stop in route.stops if stop.visit != quote.proof.visit.id]
    ways_s = [day.to_new_s[problem.place_index[place]] for place in (shift.start_place, *others)]
    return Priced(
        quote,
        reach_s=max((problem.driving_s(shift.start_place, place) or 0 for place in others), default=0),
        asks_s=ways_s[0] or 0,
        neighbour_s=min((way_s for way_s in ways_s if way_s is not None), default=0),
    )
