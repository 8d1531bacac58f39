"""Windows to read out: all that can be kept in the coming weeks, ranked; for the others, why not and what instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date
from datetime import timedelta
from typing import TYPE_CHECKING

from bookings.findings import Severity
from bookings.models import Booking
from bookings.request import columns
from bookings.statuses import LIVE, Status
from bookings.wishes import read_wishes
from outreach.errors import BadInput, Refused
from outreach.services._bookings import require_booking
from outreach.services._day_state import Candidate, DayState
from outreach.services._days import glance_at_days
from outreach.services._intake_city import LONG_LEG, Call
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
    not_offered,
    place_in_list,
    with_nearest,
)
from outreach.services._promising import without
from outreach.services._quoting import (
    BEYOND_HORIZON,
    LEAD_TIME,
    Asked,
    asked_by,
    day_refusal,
    effort_of,
    is_wished,
    may_come,
    quoted_day,
)
from outreach.services._session_views import SiteOffer, free_places
from outreach.services._visits import grid_of, promised_candidate
from outreach.services._witness import WindowRefused
from outreach.services.office import Office
from outreach.services.reception import merged, preview
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
    "refusal_of",
]

if TYPE_CHECKING:
    from routing.quote import QuotedDay, Quotes, Refusal, SlotQuote

MAY_HAVE_ONE = LIVE | {Status.NO_SHOW, Status.UNMET}
"""Bookings that may be given a window, the first or another one."""

NOBODY = "NEW"
"""The id of a visit that is asked about before there is a booking."""


@dataclass(frozen=True, slots=True)
class SlotsFound:
    """All windows looked at: offered in the order of rank, or not, in the order of days.

    ``places`` are free places of site sessions, for somebody who can reach the hall.
    """

    reference: str
    quotes: tuple[Offer, ...]
    refused: tuple[NotOffered, ...]
    places: tuple[SiteOffer, ...] = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """For whom windows are looked for: a booking by reference, or answers given on the phone before there is one.

    With both, the booking as these answers (all of them, see :func:`outreach.services.reception.merged`) would make it.
    ``wish`` is said now and goes before the booking's own wishes.
    """

    reference: str = ""
    call: Call | None = None
    wish: str = ""
    accept: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Subject:
    asked: Asked
    booking: Booking

    def candidate(self, office: Office, window: tuple[int, int]) -> Candidate:
        return promised_candidate(office, self.booking, window)


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
    return _find(office, ask, _subject(office, ask), first, last, thorough=thorough, most=most)


def _find(
    office: Office,
    ask: Ask,
    subject: _Subject,
    first: Date | None,
    last: Date | None,
    *,
    thorough: bool,
    most: int | None = None,
) -> SlotsFound:
    days = _days_between(office, subject.asked, first, last)
    with reading(office.engine) as session:
        states = glance_at_days(session, office, days) if days else {}
    # What the booking has already does not stand in its own way.
    states = {day: without(states[day], subject.booking.reference) for day in sorted(states)}
    refused, open_days = _sort_out(office, subject, states)
    offers, others = _quotes(office, subject, open_days, thorough=thorough)
    with reading(office.engine) as session:
        towns = Towns(session, (refusal.values.get("visit") for refusal in others))
        refused += [not_offered(refusal, towns) for refusal in others]
    if most is not None:
        offers = offers[:most]
    return SlotsFound(
        reference=ask.reference,
        quotes=tuple(offers),
        refused=tuple(with_nearest(sorted(refused, key=place_in_list), offers)),
        places=free_places(office, days, subject.asked, subject.booking),
    )


def explain(office: Office, ask: Ask, day: Date, window: tuple[int, int] | None = None) -> SlotsFound:
    """Why windows of one day are offered or not, wished or not, decided with all the effort a promise is given.

    With ``window`` the answer has exactly that one. The nearest window that works is looked for on all days.

    Raises:
        See :func:`find`.
    """
    subject = _subject(office, ask)
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


# -- for whom ----------------------------------------------------------------------------------------------------------


def _subject(office: Office, ask: Ask) -> _Subject:
    if ask.call is not None:
        booking = _imagined(office, ask.call, ask.reference or NOBODY)
    else:
        with reading(office.engine) as session:
            booking = require_booking(session, ask.reference)
            if booking.lat is None or booking.people is None or booking.status == Status.DRAFT:
                raise Refused("BOOKING_INCOMPLETE", reference=booking.reference)
            if Status(booking.status) not in MAY_HAVE_ONE:
                raise Refused("BOOKING_ENDED", reference=booking.reference, status=booking.status)
    asked = asked_by(booking, ask.accept)
    if ask.wish.strip():
        wishes = read_wishes(ask.wish, today=office.clock.today())
        wrong = [finding for finding in wishes.findings if finding.severity is Severity.ERROR]
        if wrong:
            raise BadInput("WISH_UNUSABLE", findings=wrong)
        asked = replace(asked, wishes=wishes)
    return _Subject(asked, booking)


def _imagined(office: Office, call: Call, reference: str) -> Booking:
    """The booking these answers would make, of nobody and nowhere stored."""
    result = preview(office, call)
    if result.request is None:
        from bookings.errors import PrivacyError

        worst = next(finding for finding in result.findings if finding.severity is Severity.ERROR)
        raise PrivacyError(worst.code, "an answer holds what must never be kept", field=worst.field)
    if result.refused_by is not None:
        about = [finding for finding in result.findings if finding.code == result.refused_by]
        raise Refused("NOT_ELIGIBLE", findings=about, rule=result.refused_by)
    if result.request.lat is None or result.request.lon is None:
        about = [finding for finding in result.findings if finding.field == "address"]
        raise BadInput("PLACE_UNKNOWN", findings=about)
    if result.request.people is None:
        about = [finding for finding in result.findings if finding.field == "people"]
        raise BadInput("PEOPLE_NEEDED", findings=about)
    now = office.now()
    booking = Booking(
        id=0,
        reference=NOBODY,
        status=Status.REQUESTED.value,
        received_at=now,
        changed_at=now,
        **columns(result.request),
    )
    booking.long_leg_ok = LONG_LEG in result.accepted
    return booking


def _days_between(office: Office, asked: Asked, first: Date | None, last: Date | None) -> list[Date]:
    """Service days within reach, and days the resident named although no van goes out on them."""
    today = office.clock.today()
    first = max(first or today, today)
    last = min(last or office.calendar.latest_day(office.now()), today + timedelta(days=400))
    named = {wish.day for wish in asked.wishes.days if first <= wish.day <= last}
    return sorted({*office.calendar.service_days(first, last), *named})


# -- day by day --------------------------------------------------------------------------------------------------------


def _sort_out(
    office: Office, subject: _Subject, states: Mapping[Date, DayState]
) -> tuple[list[NotOffered], list[QuotedDay]]:
    """Days and windows the rules refuse, and the days left to be quoted with the windows in question."""
    refused: list[NotOffered] = []
    open_days: list[QuotedDay] = []
    now = office.now()
    for day, state in states.items():
        wished = bool(subject.asked.wishes.half_days(day))
        against = day_refusal(office, subject.asked, day) or _state_refusal(state)
        if against is not None:
            if wished and (subject.asked.wishes.explicit or against.code not in (LEAD_TIME, BEYOND_HORIZON)):
                refused.append(by_rule(day, against))
            continue
        windows = [
            window
            for window in grid_of(office, day, subject.asked.visit_type)
            if may_come(subject.asked.wishes, day, window)
        ]
        if day == now.date():
            windows = [window for window in windows if window[1] > now.hour * 3600 + now.minute * 60]
        if not windows:
            continue
        place = subject.candidate(office, windows[0]).place
        quoted = quoted_day(office, state, place, windows, urgent=subject.asked.urgent)
        if quoted is not None:
            open_days.append(quoted)
        elif wished:
            refused.append(NotOffered(day, None, None, "DAY_IN_CONFLICT", NOT_FOUND_IN_TIME, {"date": day}))
    return refused, open_days


def _state_refusal(state: DayState) -> Refused | None:
    if state.closed:
        return Refused("DAY_PUBLISHED", date=state.day)
    if not state.shifts:
        return Refused("DAY_WITHOUT_SHIFT", date=state.day)
    return None


def _quotes(
    office: Office, subject: _Subject, days: Sequence[QuotedDay], *, thorough: bool
) -> tuple[list[Offer], list[Refusal]]:
    """Offers in the order to read them out, and the refusals of wished windows."""
    from routing.quote import quote_days

    wishes = subject.asked.wishes
    if not days:
        return [], []
    candidate = subject.candidate(office, (days[0].windows[0].opens_s, days[0].windows[0].closes_s))
    today = office.clock.today()

    def quoted(some: Sequence[QuotedDay], seconds: float) -> Quotes:
        return quote_days(
            candidate.visit,
            candidate.place,
            some,
            effort=effort_of(office, seconds),
            earlier_is_better_from=today,
        )

    def wished(quote: SlotQuote | Refusal) -> bool:
        return is_wished(wishes, quote.date, (quote.window.opens_s, quote.window.closes_s))

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
