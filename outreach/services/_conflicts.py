"""When the promises of a day can no longer all be kept: which ones, whom to phone, and the plan that breaks fewest."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session

from outreach.errors import Refused
from outreach.services._day_state import DayState
from outreach.services._days import build_problem
from outreach.services._plans import ToPhone, whom_to_phone
from outreach.services._sites import end_site
from outreach.services._solving import Found, refuse_unchecked, search_budget, without_visits
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.tables import Visit, VisitState
from routing.plan import DayPlan, PlanStatus
from routing.replan import keep_routes
from routing.solver import solve_breaking_fewest


class PromisesConflict(Refused):
    """The promises of a day can no longer all be kept; ``to_phone`` are those the least bad plan breaks."""

    def __init__(self, code: str, *, to_phone: tuple[ToPhone, ...], **values: object) -> None:
        super().__init__(code, findings=(), **values)
        self.to_phone = to_phone


@dataclass(frozen=True, slots=True)
class LeastBad:
    """The plan that breaks fewest promises of those found; ``broken`` is empty where it turns out to keep all."""

    found: Found
    broken: tuple[str, ...]


def breaking_fewest(office: Office, state: DayState, *, seconds: float) -> LeastBad:
    """Look for the plan that leaves out fewest promises. Visits that were made already are let go first of all.

    Raises:
        SolveError: when the solver's process died or a plan did not pass the checker.
    """
    open_ = replace(state, promises=tuple(promise for promise in state.promises if not promise.done))
    problem = build_problem(office, open_)
    standing = None if state.standing is None else state.standing.plan
    fewest = solve_breaking_fewest(problem, budget=search_budget(office, seconds), start_from=standing)
    broken = tuple(sorted(visit.id for visit in problem.visits if visit.id not in fewest.served))
    kept = without_visits(problem, broken)
    plan = keep_routes(kept, fewest)
    assert plan is not None  # the same routes on the same day: what is left out was on none of them
    refuse_unchecked(kept, plan)
    return LeastBad(Found(kept, plan), broken)


def conflict(office: Office, state: DayState, plan: DayPlan, broken: Collection[str]) -> PromisesConflict:
    """Name the promises that cannot be kept together: those proved to conflict, and those the least bad plan breaks."""
    named = {left.visit for left in plan.unassigned} & {p.reference for p in state.promises if not p.done}
    proved = plan.status == PlanStatus.INFEASIBLE and bool(named)
    with reading(office.engine) as session:
        to_phone = whom_to_phone(session, sorted(broken))
    return PromisesConflict(
        "PROMISES_CONFLICT",
        to_phone=to_phone,
        date=state.day,
        references=sorted({*broken, *(named if proved else ())}),
        proved=proved,
    )


def mark_broken(session: Session, office: Office, state: DayState, broken: Sequence[str]) -> None:
    """End the promises that a stored plan does not keep; they stay listed until each is settled by a new one.

    A session that is left out is cancelled, with every place in it.
    """
    for reference in broken:
        promise = state.promise_of(reference)
        assert promise is not None
        if promise.site_session_id is not None:
            end_site(session, office, promise.site_session_id)
            continue
        visit = session.get_one(Visit, promise.visit_id)
        visit.state = VisitState.BROKEN.value
        visit.ended_at = office.now()
        session.add(visit)
