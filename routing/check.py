"""Checks a day plan against its day problem, rule by rule, with no help from the code that makes plans.

The rules are section 4 of the design, written down a second time: nothing here knows :mod:`routing.schedule` or
:mod:`routing.solver`, so that it cannot share their mistakes.

*One mistake, one code.* Each number is judged against what the plan itself states beside it: an arrival against the
stated departure before it, the objective against the stated routes. Where that neighbour is reported wrong, its right
value is accepted too. A plan without violations is right all through: every neighbour then is what it should be.
"""

from __future__ import annotations

from routing.checking.claims import CertificateChecked, Verdict, check_certificate
from routing.checking.drive import Drive
from routing.checking.plan_rules import PLAN_RULES
from routing.checking.reasons import LEFT_OUT_RULES
from routing.checking.route_rules import ROUTE_RULES
from routing.checking.violations import NAMES, Violation, ViolationCode
from routing.plan import DayPlan
from routing.problem import DayProblem

__all__ = ["NAMES", "CertificateChecked", "Verdict", "Violation", "ViolationCode", "check", "check_certificate"]


def check(problem: DayProblem, plan: DayPlan) -> tuple[Violation, ...]:
    """Return every rule of ``problem`` that ``plan`` breaks; empty for a plan that may be driven.

    Nothing is raised for a wrong plan. First come the violations of the plan as a whole, then those of each route in
    the plan's order, then false claims about the visits left out.
    """
    found: list[Violation] = []
    for plan_rule in PLAN_RULES:
        found.extend(plan_rule(problem, plan))
    for route in plan.routes:
        if route.stops:  # an empty one is named by a plan rule
            drive = Drive(problem, route)
            for route_rule in ROUTE_RULES:
                found.extend(route_rule(drive))
    for left_out_rule in LEFT_OUT_RULES:
        found.extend(left_out_rule(problem, plan))
    return tuple(found)
