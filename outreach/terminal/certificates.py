"""How good a plan is known to be, in words and as JSON: for plans that are made, shown, solved and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from outreach.services.exchange import Certified
    from outreach.terminal.context import Terminal
    from routing.certificate import Statement
    from routing.plan import DayPlan


def said(terminal: Terminal, statement: Statement) -> str:
    """The sentence of a statement."""
    return terminal.words.say(f"certificate.{statement.says.value}", minutes=statement.minutes)


def plan_json(terminal: Terminal, plan: DayPlan, statement: Statement) -> dict[str, object]:
    """A plan's certificate with what follows from it, and the sentence on it."""
    return {
        "status": plan.status,
        "objective_s": plan.objective_s,
        "lower_bound_s": plan.lower_bound_s,
        "gap_s": plan.gap_s,
        "gap": plan.gap,
        "method": plan.certificate.method,
        "seconds": plan.certificate.seconds,
        "versions": plan.certificate.versions,
        "problem_sha256": plan.problem_sha256,
        "says": statement.says,
        "saving_s": statement.saving_s,
        "sentence": said(terminal, statement),
    }


def certificate_json(terminal: Terminal, certified: Certified) -> dict[str, object]:
    """The same with what became of the claims."""
    checked = certified.checked
    return {
        **plan_json(terminal, certified.plan, certified.statement),
        "derived_objective_s": checked.derived_s,
        "objective_is_right": checked.objective_is_right,
        "verdict": checked.verdict,
        "optimum_s": checked.optimum_s,
        "better": dict(checked.better),
        "holds": checked.holds,
    }
