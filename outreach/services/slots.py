"""Windows to read out: all that can be kept in the coming weeks, ranked; for the others, why not and what instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import timedelta
from typing import TYPE_CHECKING

from bookings.findings import Finding
from bookings.wishes import Wishes
from outreach.errors import Refused
from outreach.services._asking import Ask, Subject, stored_subject, subject_of, subject_of_call
from outreach.services._bookings import require_booking
from outreach.services._day_state import Candidate, DayState
from outreach.services._days import glance_at_days
from outreach.services._haunted_days import offers_beside_ghosts
from outreach.services._intake_city import Call
from outreach.services._offers import (
    IMPOSSIBLE,
    NOT_FOUND_IN_TIME,
    NotOffered,
    Offer,
    Slot,
    Towns,
    by_rule,
    crowded,
    distance,
    named_first,
    not_offered,
    place_in_list,
    with_nearest,
)
from outreach.services._promising import without
from outreach.services._quoting import (
    BEYOND_HORIZON,
    LEAD_TIME,
    Asked,
    DayRules,
    day_refusal,
    effort_of,
    may_come,
    quoted_days,
)
from outreach.services._session_views import SiteOffer, free_at, open_sites
from outreach.services._visits import grid_of, half_of
from outreach.services._witness import WindowRefused
from outreach.services.office import Office
from outreach.services.reception import merged
from outreach.storage.engine import reading
from routing.problem import Window

__all__ = [
    "Ask",
    "NotOffered",
    "Offer",
    "Slot",
    "SlotsFound",
    "as_edited",
    "explain",
    "find",
    "instead_of",
    "named_first",
    "refusal_of",
]

if TYPE_CHECKING:
    from routing.quote import QuotedDay, Quotes, Refusal, SlotQuote


@dataclass(frozen=True, slots=True)
class SlotsFound:
    """All windows looked at: offered in the order of rank, or not, in the order of days.

    ``places`` are free places of site sessions, for somebody who can reach the hall. ``doubts`` are findings on a wish
    said just now: what of it was not heeded, or is to be asked about.
    """

    reference: str
    quotes: tuple[Offer, ...]
    refused: tuple[NotOffered, ...]
    places: tuple[SiteOffer, ...] = ()
    doubts: tuple[Finding, ...] = ()


def find(
    office: Office,
    ask: Ask,
    *,
    first: Date | None = None,
    last: Date | None = None,
    thorough: bool = False,
    most: int | None = None,
) -> SlotsFound:
    """Every window of the coming weeks for one visit.

    Where the standing routes have no room for enough wished windows, wished days are planned anew for as long as the
    rules let it take (``promises.search_seconds``).

    Args:
        first: the first day to look at; today when not given.
        last: the last one; the end of the horizon when not given.
        thorough: plan days anew for every wished window that the standing routes have no room for.
        most: only so many offers.

    Raises:
        NotFound: ``BOOKING_UNKNOWN``.
        BadInput: ``PLACE_UNKNOWN`` with the findings where the address leads nowhere; ``PEOPLE_NEEDED``;
            ``WISH_UNUSABLE`` with the findings of the wish.
        Refused: ``BOOKING_INCOMPLETE``, ``NOT_ELIGIBLE``, ``GROUP_TOO_LARGE``.
        PrivacyError: when an answer holds what must never be kept.
    """
    subject = subject_of_call(office, ask)
    return _find(office, ask, subject, first, last, thorough=thorough, most=most)


def _find(
    office: Office,
    ask: Ask,
    subject: Subject | None,
    first: Date | None,
    last: Date | None,
    *,
    thorough: bool,
    most: int | None = None,
) -> SlotsFound:
    """``subject``: ``None`` for the booking as it is stored; it is read with the days, in one state of the database."""
    with reading(office.engine) as session:
        subject = subject or stored_subject(session, office, ask)
        days = _days_between(office, subject.asked, first, last)
        states = glance_at_days(session, office, days) if days else {}
        sites = open_sites(session, days, subject.booking)
    # What the booking has already does not stand in its own way.
    states = {day: without(states[day], subject.booking.reference) for day in sorted(states)}
    refused, candidate, open_days, haunted = _sort_out(office, subject, states)
    offers, others = _quotes(office, subject.asked.wishes, candidate, open_days, thorough=thorough)
    if candidate is not None and haunted:
        offers, more = _beside_ghosts(office, subject, candidate, haunted, offers, thorough=thorough)
        refused += more
    if others:
        with reading(office.engine) as session:
            towns = Towns(session, (refusal.values.get("visit") for refusal in others))
        refused += [not_offered(refusal, towns) for refusal in others]
    if most is not None:
        offers = offers[:most]
    return SlotsFound(
        reference=ask.reference,
        quotes=tuple(offers),
        refused=tuple(with_nearest(sorted(refused, key=place_in_list), offers)),
        places=free_at(office, sites, subject.asked, subject.booking),
        doubts=subject.doubts,
    )


def explain(office: Office, ask: Ask, day: Date, window: tuple[int, int] | None = None) -> SlotsFound:
    """Why windows of one day are offered or not, wished or not, decided with all the effort a promise is given.

    With ``window`` the answer has exactly that one. The nearest window that works is looked for on all days.

    Raises:
        See :func:`find`.
    """
    subject = subject_of(office, ask)
    wishes = subject.asked.wishes
    # Any time that nothing speaks against is in question here, asked for or not.
    any_time = replace(subject.asked, wishes=replace(wishes, days=(), weekdays=()))
    found = _find(office, ask, replace(subject, asked=any_time), day, day, thorough=True)
    refused, quotes = list(found.refused), found.quotes
    against = day_refusal(office, subject.asked, day)
    if against is not None:
        refused = [by_rule(day, against)]
    if window is not None:
        quotes = tuple(offer for offer in quotes if (offer.opens_s, offer.closes_s) == window)
        refused = [entry for entry in refused if entry.opens_s is None or (entry.opens_s, entry.closes_s) == window]
        if not quotes and not refused:
            on_grid = window in grid_of(office, day, subject.asked.visit_type)
            over = on_grid and may_come(wishes, day, window)
            reason = "WINDOW_PAST" if over else "AGAINST_WISH" if on_grid else "WINDOW_OFF_GRID"
            refused = [NotOffered(day, *window, reason, IMPOSSIBLE, {"date": day})]
    if refused:
        near = found.quotes or _find(office, ask, subject, None, None, thorough=False).quotes
        refused = with_nearest(refused, near)
    return SlotsFound(ask.reference, quotes, tuple(refused))


def as_edited(office: Office, reference: str, call: Call) -> Ask:
    """For whom windows are looked for where an edit was refused: the booking as it would be."""
    with reading(office.engine) as session:
        booking = require_booking(session, reference)
    return Ask(reference, merged(office, booking, call))


def instead_of(office: Office, ask: Ask, day: Date, window: tuple[int, int], *, most: int = 3) -> tuple[Slot, ...]:
    """The windows nearest to one that was refused, to be read out at once."""
    offers = find(office, ask).quotes
    near = sorted(offers, key=lambda offer: distance(Slot(offer.day, offer.opens_s, offer.closes_s), day, window[0]))
    return tuple(Slot(offer.day, offer.opens_s, offer.closes_s) for offer in near[:most])


def _days_between(office: Office, asked: Asked, first: Date | None, last: Date | None) -> list[Date]:
    """Service days within reach, and days the resident named although no van goes out on them.

    Of a weekday that no van goes out on at all, the next one: one sentence says why not.
    """
    today = office.clock.today()
    first = max(first or today, today)
    last = min(last or office.calendar.latest_day(office.now()), today + timedelta(days=400))
    named = {wish.day for wish in asked.wishes.days if first <= wish.day <= last}
    served = office.calendar.service_days(first, last)
    in_vain = {wish.weekday for wish in asked.wishes.weekdays} - {day.weekday() for day in served}
    for weekday in in_vain:
        day = first + timedelta(days=(weekday - first.weekday()) % 7)
        named |= {day} if day <= last else set()
    return sorted({*served, *named})


# -- day by day --------------------------------------------------------------------------------------------------------


def _sort_out(
    office: Office, subject: Subject, states: Mapping[Date, DayState]
) -> tuple[list[NotOffered], Candidate | None, list[QuotedDay], list[InQuestion]]:
    """What the rules refuse; the visit, the days left to be quoted for it, and those whose promises hang on a ghost.

    Where no window is in question there is no visit either.
    """
    refused: list[NotOffered] = []
    in_question: list[InQuestion] = []
    asked, now = subject.asked, office.now()
    rules = DayRules(office, asked, now)
    for day, state in states.items():
        against = rules.against(day) or _state_refusal(state)
        if against is not None:
            told = asked.wishes.explicit or against.code not in (LEAD_TIME, BEYOND_HORIZON)
            if told and asked.wishes.allows(day):
                refused.append(by_rule(day, against))
            continue
        halves = asked.wishes.open_halves(day)
        windows = [window for window in grid_of(office, day, asked.visit_type) if half_of(window) in halves]
        if day == now.date():
            windows = [window for window in windows if window[1] > now.hour * 3600 + now.minute * 60]
        if windows:
            in_question.append((state, windows))
    if not in_question:
        return refused, None, [], []
    candidate = subject.candidate(office, in_question[0][1][0])
    open_days: list[QuotedDay] = []
    haunted: list[InQuestion] = []
    for (state, windows), quoted in zip(
        in_question, quoted_days(office, in_question, candidate.place, urgent=asked.urgent), strict=True
    ):
        if quoted is not None:
            open_days.append(quoted)
        elif state.spare:
            haunted.append((state, windows))
        elif asked.wishes.allows(state.day):
            refused.append(NotOffered(state.day, None, None, "DAY_IN_CONFLICT", NOT_FOUND_IN_TIME, {"date": state.day}))
    return refused, candidate, open_days, haunted


InQuestion = tuple[DayState, list[tuple[int, int]]]
"""A day with the windows of it that nothing speaks against at first sight."""


def _beside_ghosts(
    office: Office,
    subject: Subject,
    candidate: Candidate,
    days: Sequence[InQuestion],
    offers: Sequence[Offer],
    *,
    thorough: bool,
) -> tuple[list[Offer], list[NotOffered]]:
    """The offers with those of days whose promises hang on a ghost behind them, and what is refused of such days."""
    wishes, rules = subject.asked.wishes, office.rules
    refused: list[NotOffered] = []
    found: list[Offer] = []
    seconds = rules.solver.confirm_seconds if thorough else rules.promises.search_seconds
    for state, windows in days:
        halves = wishes.half_days(state.day)
        wished = frozenset(window for window in windows if half_of(window) in halves)
        some, more = offers_beside_ghosts(office, state, candidate, windows, wished=wished, seconds=seconds)
        found += some
        refused += more
    found.sort(key=lambda offer: (not offer.wished, offer.detour_s, offer.day, offer.opens_s))
    together = sorted([*offers, *found], key=lambda offer: not offer.wished)  # keeps the order among each
    return [replace(offer, rank=rank) for rank, offer in enumerate(together, start=1)], refused


def _state_refusal(state: DayState) -> Refused | None:
    if state.closed:
        return Refused("DAY_PUBLISHED", date=state.day)
    if not state.shifts:
        return Refused("DAY_WITHOUT_SHIFT", date=state.day)
    return None


def _quotes(
    office: Office, wishes: Wishes, candidate: Candidate | None, days: Sequence[QuotedDay], *, thorough: bool
) -> tuple[list[Offer], list[Refusal]]:
    """Offers in the order to read them out, and the refusals of wished windows."""
    from routing.quote import quote_days

    if candidate is None or not days:
        return [], []
    visit, place, today = candidate.visit, candidate.place, office.clock.today()
    halves_wished = {day.date: wishes.half_days(day.date) for day in days}

    def quoted(some: Sequence[QuotedDay], seconds: float) -> Quotes:
        return quote_days(visit, place, some, effort=effort_of(office, seconds), earlier_is_better_from=today)

    def wished(quote: SlotQuote | Refusal) -> bool:
        return half_of((quote.window.opens_s, quote.window.closes_s)) in halves_wished[quote.date]

    found = quoted(days, 0.0)
    quotes, refusals = list(found.quotes), [refusal for refusal in found.refused if wished(refusal)]
    rules = office.rules
    enough = rules.promises.enough_windows
    open_ones = [refusal for refusal in refusals if refusal.verdict == NOT_FOUND_IN_TIME]
    seconds = rules.solver.confirm_seconds if thorough else rules.promises.search_seconds
    if open_ones and seconds and (thorough or sum(map(wished, quotes)) < enough):
        again = quoted(_only(days, open_ones), seconds)
        decided = {(refusal.date, refusal.window) for refusal in open_ones}
        quotes += again.quotes
        refusals = [*(r for r in refusals if (r.date, r.window) not in decided), *again.refused]
    quotes.sort(key=lambda quote: (not wished(quote), quote.cost_s, quote.date, quote.window))
    if sum(map(wished, quotes)) >= enough:
        quotes = [quote for quote in quotes if wished(quote)]
    return [_offer(quote, rank, wished(quote)) for rank, quote in enumerate(quotes, start=1)], refusals


def _only(days: Sequence[QuotedDay], refusals: Sequence[Refusal]) -> list[QuotedDay]:
    """The days with nothing but the windows that were refused."""
    windows: dict[Date, list[Window]] = {}
    for refusal in refusals:
        windows.setdefault(refusal.date, []).append(refusal.window)
    return [replace(day, windows=tuple(windows[day.date])) for day in days if day.date in windows]


def _offer(quote: SlotQuote, rank: int, wished: bool) -> Offer:
    return Offer(
        day=quote.date,
        opens_s=quote.window.opens_s,
        closes_s=quote.window.closes_s,
        detour_s=quote.detour_s,
        slack_s=quote.least_slack_s,
        rank=rank,
        van=quote.shift,
        wished=wished,
        method=quote.method,
    )


def refusal_of(office: Office, error: WindowRefused, ask: Ask) -> tuple[NotOffered, tuple[Slot, ...]]:
    """A promise that was refused, as the clerk can say it, and the nearest windows that work."""
    values = error.values
    day, opens_s, closes_s = values["date"], values["opens_s"], values["closes_s"]
    assert isinstance(day, Date)
    assert isinstance(opens_s, int)
    assert isinstance(closes_s, int)
    verdict = IMPOSSIBLE if error.code == "WINDOW_IMPOSSIBLE" else NOT_FOUND_IN_TIME
    with reading(office.engine) as session:
        towns = Towns(session, [error.reason_values.get("visit")])
        refused = crowded(day, opens_s, closes_s, error.reason or "DAY_FULL", verdict, error.reason_values, towns)
    near = instead_of(office, ask, day, (opens_s, closes_s))
    return replace(refused, nearest=near[0] if near else None), near
