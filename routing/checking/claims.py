"""Holds what a plan claims of itself, its objective and its bound, against what the day itself says.

The objective is added up again from the routes; the optimum of a small day is found by trying everything
(:mod:`routing.checking.optimum`). Whether the routes may be driven is for :func:`routing.check.check` to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from routing.checking.optimum import Optimum, find_optimum
from routing.checking.plan_rules import objective_by_the_legs
from routing.checking.violations import Violation, ViolationCode
from routing.plan import DayPlan, PlanStatus, Reason
from routing.problem import DayProblem


class Verdict(StrEnum):
    """What trying everything says of a plan; ``terminal.certificate.<code>`` in the catalogs."""

    BEST = "BEST"
    """No plan of the day is better."""
    BETTER_EXISTS = "BETTER_EXISTS"
    """There is one with the objective ``optimum_s``; also of a plan that was not found."""
    INFEASIBLE = "INFEASIBLE"
    """No plan serves all required visits."""
    BELOW_OPTIMUM = "BELOW_OPTIMUM"
    """The plan is better than any legal one: it breaks a rule (or one of the two checks is wrong)."""
    TOO_LARGE = "TOO_LARGE"
    """Too large a day to try everything."""


@dataclass(frozen=True, slots=True)
class CertificateChecked:
    """What became of a plan's claims.

    ``derived_s`` is the objective by the routes and penalties, ``None`` for a plan that was not found; ``optimum_s``
    that of the best plan, ``None`` where there is none or the day is too large. ``better`` is a plan with it, as the
    visits of each shift, where the plan given is not as good.
    """

    verdict: Verdict
    derived_s: int | None
    objective_is_right: bool
    optimum_s: int | None
    better: tuple[tuple[str, tuple[str, ...]], ...] = ()
    violations: tuple[Violation, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the answer is yes: nothing claimed is wrong, and no better plan is known."""
        bad = (Verdict.BETTER_EXISTS, Verdict.BELOW_OPTIMUM)
        return self.objective_is_right and not self.violations and self.verdict not in bad


_FOUND = frozenset({PlanStatus.OPTIMAL, PlanStatus.FEASIBLE})


def check_certificate(problem: DayProblem, plan: DayPlan) -> CertificateChecked:
    """Add up the objective again and, where the day is small enough, find the optimum by trying everything."""
    derived_s = objective_by_the_legs(problem, plan) if plan.status in _FOUND else None
    optimum = find_optimum(problem)
    verdict = _verdict(optimum, derived_s)
    return CertificateChecked(
        verdict=verdict,
        derived_s=derived_s,
        objective_is_right=derived_s is None or plan.objective_s == derived_s,
        optimum_s=None if optimum is None else optimum.objective_s,
        better=tuple(optimum.orders.items()) if optimum is not None and verdict is Verdict.BETTER_EXISTS else (),
        violations=() if optimum is None else tuple(_refuted(plan, derived_s, optimum)),
    )


def _verdict(optimum: Optimum | None, derived_s: int | None) -> Verdict:
    if optimum is None:
        return Verdict.TOO_LARGE
    if optimum.objective_s is None:
        return Verdict.INFEASIBLE if derived_s is None else Verdict.BELOW_OPTIMUM
    if derived_s is None or derived_s > optimum.objective_s:
        return Verdict.BETTER_EXISTS
    return Verdict.BEST if derived_s == optimum.objective_s else Verdict.BELOW_OPTIMUM


def _refuted(plan: DayPlan, derived_s: int | None, optimum: Optimum) -> Iterator[Violation]:
    best_s = optimum.objective_s
    if plan.status is PlanStatus.INFEASIBLE:
        if best_s is not None:
            yield Violation(ViolationCode.INFEASIBLE_REFUTED, values={"optimum_s": best_s})
        named = sorted({left.visit for left in plan.unassigned if left.reason is Reason.CONFLICT})
        if best_s is None and named and optimum.can_serve(named):
            yield Violation(ViolationCode.CONFLICT_REFUTED, values={"visits": named})
    if best_s is None:
        return
    if plan.status is PlanStatus.OPTIMAL and derived_s is not None and derived_s > best_s:
        yield Violation(ViolationCode.OPTIMUM_REFUTED, values={"objective_s": derived_s, "optimum_s": best_s})
    if plan.lower_bound_s is not None and plan.lower_bound_s > best_s:
        yield Violation(ViolationCode.BOUND_REFUTED, values={"lower_bound_s": plan.lower_bound_s, "optimum_s": best_s})
