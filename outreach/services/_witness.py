"""Finds the witness of a promise: a checked plan of a day with one more visit in its window, beside every promise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from outreach.errors import Because, Refused
from outreach.services._day_state import Candidate, DayState
from outreach.services._patience import ThinkLonger
from outreach.services._plans import not_made
from outreach.services._quoting import effort_of, quoted_day, reserves_of
from outreach.services._solving import Found, find_plan, find_without_search, refuse_unchecked
from outreach.services.office import Office
from routing.errors import SolveError
from routing.plan import PlanStatus

if TYPE_CHECKING:
    from routing.quote import QuotedDay


class WindowRefused(Refused):
    """A window that cannot be promised; ``reason`` and ``reason_values`` say why, for the sentence to the resident."""

    def __init__(
        self,
        code: str,
        *,
        reason: str = "",
        reason_values: Mapping[str, object] | None = None,
        findings: tuple[Because, ...] = (),
        **values: object,
    ) -> None:
        super().__init__(code, findings=findings, **values)
        self.reason = reason
        self.reason_values: Mapping[str, object] = reason_values or {}


def witness(office: Office, state: DayState, candidate: Candidate, *, urgent: bool, searching: bool = True) -> Found:
    """A checked plan of the day with the candidate in its window beside every promise.

    First at a glance: what :mod:`routing.quote` sees on the standing routes, or proves. Then everything it can do with
    the time allowed, and last the search that may also drive to stops nobody waits for any more.

    Raises:
        WindowRefused, Refused, ThinkLonger: see :func:`outreach.services._promising.put`.
    """
    (window,) = candidate.visit.windows
    reserved = bool(reserves_of(office, state)) and not urgent
    try:
        day = quoted_day(office, state, candidate.place, [(window.opens_s, window.closes_s)], urgent=urgent)
        quote = None if day is None else _decided(office, state, candidate, day, seconds=0.0)
        if not reserved and (quote is None or state.proposals):
            # Waiting bookings that the plan has room for stay on it where that works.
            kept = find_without_search(office, state, [candidate])
            if kept is not None:
                return kept
        if quote is not None:
            return quote
        if not searching:
            raise ThinkLonger
        seconds = office.rules.solver.confirm_seconds
        quote = None if day is None else _decided(office, state, candidate, day, seconds=seconds)
        if quote is not None:
            return quote
        if reserved:
            raise refused("WINDOW_NOT_FOUND", state, candidate, "RESERVED", {})
        if day is not None and not state.spare:
            raise refused("WINDOW_NOT_FOUND", state, candidate, "CROWDED_OUT", {})
        found = find_plan(office, state, [candidate], seconds=seconds, quick=True)
        if not found.keeps_promises:
            raise _cannot_be_kept(state, candidate, found)
        refuse_unchecked(found.problem, found.plan)
    except SolveError as error:
        raise not_made(state, error) from error
    return found


def _decided(office: Office, state: DayState, candidate: Candidate, day: QuotedDay, *, seconds: float) -> Found | None:
    """What the quotes say of the window: a witness, a proof against it, or nothing yet."""
    from routing.quote import SlotQuote, Verdict, decide_window

    (window,) = day.windows
    answer = decide_window(candidate.visit, candidate.place, day, window, effort=effort_of(office, seconds))
    if isinstance(answer, SlotQuote):
        return Found(answer.problem, answer.witness)  # checked whole when it is made
    if answer.verdict is Verdict.IMPOSSIBLE or (seconds and answer.reason.value == "RESERVED"):
        code = "WINDOW_IMPOSSIBLE" if answer.verdict is Verdict.IMPOSSIBLE else "WINDOW_NOT_FOUND"
        raise refused(code, state, candidate, answer.reason.value, answer.values)
    return None


def refused(
    code: str, state: DayState, candidate: Candidate, reason: str, values: Mapping[str, object]
) -> WindowRefused:
    (window,) = candidate.visit.windows
    # What forbids the visit even alone stands here; whose promise is in its way is told by the town, in its own words.
    of_others = reason in ("CROWDED_OUT", "RESERVED", "RUNNING")
    return WindowRefused(
        code,
        reason=reason,
        reason_values=values,
        findings=() if of_others else (Because(reason, values),),
        reference=candidate.visit.id,
        date=state.day,
        opens_s=window.opens_s,
        closes_s=window.closes_s,
    )


def _cannot_be_kept(state: DayState, candidate: Candidate, found: Found) -> Refused:
    """The refusal with its reason: proved impossible, not found in the time given, or the day's own fault."""
    (window,) = candidate.visit.windows
    proved = found.plan.status == PlanStatus.INFEASIBLE
    left = next((left for left in found.plan.unassigned if left.visit == candidate.visit.id), None)
    if proved and left is None:
        return Refused(
            "DAY_IN_CONFLICT", date=state.day, references=sorted(left.visit for left in found.plan.unassigned)
        )
    because = (Because(left.reason.value, left.values),) if proved and left is not None else ()
    return WindowRefused(
        "WINDOW_IMPOSSIBLE" if proved else "WINDOW_NOT_FOUND",
        reason="CROWDED_OUT",
        findings=because,
        reference=candidate.visit.id,
        date=state.day,
        opens_s=window.opens_s,
        closes_s=window.closes_s,
    )
