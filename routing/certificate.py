"""What a plan's bound says to people who drive it: proved, or how much driving could be saved at most.

A bound is on driving and penalties together. Read as driving it says this: whoever serves the same visits saves at
most ``objective - bound``, because the penalties are then the same. Two things spoil the reading. A bound so low that
all the driving could be saved says nothing. And where visits are left out, a large gap is mostly not driving at all:
it is the penalty of a visit that might still fit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from routing.plan import DayPlan, PlanStatus
from routing.problem import DayProblem


class Says(StrEnum):
    """The sentences there are; ``certificate.<code>`` in the catalogs."""

    PROVED = "PROVED"
    """No plan of the day is better."""
    AT_MOST = "AT_MOST"
    """The same visits could be served with ``saving_s`` less driving at most."""
    ONE_MORE = "ONE_MORE"
    """It is not ruled out that a visit left out still fits."""
    UNKNOWN = "UNKNOWN"
    """No bound is known, or one that says nothing."""
    CONFLICT = "CONFLICT"
    """Proved that the required visits cannot all be served."""
    NOT_FOUND = "NOT_FOUND"
    """No plan was found, and it is not proved that there is none."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is said of a plan; ``saving_s`` only with ``AT_MOST``."""

    says: Says
    saving_s: int | None = None

    @property
    def minutes(self) -> int:
        """``saving_s`` in minutes, rounded up: what the sentence names."""
        return -(-(self.saving_s or 0) // 60)


_WITHOUT_PLAN = {PlanStatus.INFEASIBLE: Says.CONFLICT, PlanStatus.UNKNOWN: Says.NOT_FOUND}


def statement_of(problem: DayProblem, plan: DayPlan) -> Statement:
    """What the status and the bound of a plan of ``problem`` say."""
    if plan.status in _WITHOUT_PLAN:
        return Statement(_WITHOUT_PLAN[plan.status])
    gap_s = plan.gap_s
    if gap_s is None or gap_s < 0:
        return Statement(Says.UNKNOWN)
    if gap_s == 0:
        return Statement(Says.PROVED)
    if _may_be_a_visit(problem, plan, gap_s):
        return Statement(Says.ONE_MORE)
    return Statement(Says.UNKNOWN) if gap_s >= plan.travel_s else Statement(Says.AT_MOST, gap_s)


def _may_be_a_visit(problem: DayProblem, plan: DayPlan, gap_s: int) -> bool:
    """Whether the gap leaves room for one more visit.

    Serving it saves its penalty and costs a detour. That is two legs at most where travel is metric, so a gap below
    the penalty without them cannot hide the visit; one above all the driving is certainly not driving.
    """
    detour_s = 2 * problem.max_leg_s
    left_out = [visit for visit in problem.visits if visit.id not in plan.served]
    return bool(left_out) and (gap_s > plan.travel_s or any(gap_s >= v.drop_penalty_s - detour_s for v in left_out))


def bounded(plan: DayPlan, by: DayPlan, *, less_s: int = 0) -> DayPlan:
    """``plan`` with the bound of another plan and the certificate of that; ``OPTIMAL`` where it is met.

    It is for the caller to know that the bound holds: every plan of the day of ``plan`` has to be one of the day of
    ``by`` too, with an objective that is higher there by ``less_s``. Where the other has no bound, the plan is left as
    it is.
    """
    if by.lower_bound_s is None or plan.objective_s is None:
        return plan
    bound_s = max(0, by.lower_bound_s - less_s)
    if bound_s > plan.objective_s:  # then it does not hold
        return plan
    status = PlanStatus.OPTIMAL if bound_s == plan.objective_s else PlanStatus.FEASIBLE
    return replace(plan, status=status, lower_bound_s=bound_s, certificate=by.certificate)
