"""Day and plan files solved and checked without a database: how a day is exchanged, debugged and measured."""

from __future__ import annotations

import re
from dataclasses import dataclass

from outreach.services.publishing import unassigned_words
from routing.certificate import Statement, statement_of
from routing.check import CertificateChecked, Violation, check, check_certificate
from routing.files import read_plan, read_problem, write_plan
from routing.plan import DayPlan, PlanStatus
from routing.problem import DayProblem
from routing.travel import EstimatedTravel

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Solved:
    """A plan file's text, and whether it is a plan at all (``INFEASIBLE`` and ``UNKNOWN`` are answers, not plans).

    ``statement`` is how good it is known to be.
    """

    text: str
    found: bool
    statement: Statement


@dataclass(frozen=True, slots=True)
class Certified:
    """A plan file looked at with its certificate: all violations, what it claims, and what became of the claims."""

    plan: DayPlan
    statement: Statement
    violations: tuple[Violation, ...]
    checked: CertificateChecked


def solve_file(data: bytes, *, seconds: float, language: str) -> Solved:
    """Solve a day file; travel times it leaves out are estimated with DOMAIN.md's factor and speed.

    Raises:
        DayFileError, ProblemError: with the JSON path of what is wrong.
        PrivacyError: when a text in it is a My Number.
    """
    from routing.solver import SearchBudget, solve_day

    refuse_private(data)
    problem = read_problem(data, travel=EstimatedTravel())
    plan = solve_day(problem, budget=SearchBudget(seconds=seconds))
    return Solved(
        write_plan(plan, unassigned_words(language)),
        plan.status in (PlanStatus.OPTIMAL, PlanStatus.FEASIBLE),
        statement_of(problem, plan),
    )


def check_files(day: bytes, plan: bytes) -> tuple[Violation, ...]:
    """Check a plan file against a day file.

    Raises:
        DayFileError, ProblemError, PlanError: with the JSON path of what is wrong.
        PrivacyError: when a text in one of them is a My Number.
    """
    return check(*_read(day, plan))


def certify_files(day: bytes, plan: bytes) -> Certified:
    """The same, and the plan's certificate: its objective, and on a small day the optimum by trying everything.

    Raises:
        DayFileError, ProblemError, PlanError: with the JSON path of what is wrong.
        PrivacyError: when a text in one of them is a My Number.
    """
    problem, found = _read(day, plan)
    checked = check_certificate(problem, found)
    violations = (*check(problem, found), *checked.violations)
    return Certified(found, statement_of(problem, found), violations, checked)


def _read(day: bytes, plan: bytes) -> tuple[DayProblem, DayPlan]:
    refuse_private(day)
    refuse_private(plan)
    return read_problem(day, travel=EstimatedTravel()), read_plan(plan)


def refuse_private(data: bytes) -> None:
    """Refuse a file with a My Number in any of its texts, keys and whole numbers.

    The hash of the problem is left out: one in 400 has twelve digits in a row that would pass for one.

    Raises:
        PrivacyError: ``MY_NUMBER`` with the field ``file``.
    """
    import json

    from bookings.privacy import require_clean_within

    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return  # the reader says what is wrong with it
    if isinstance(value, dict) and _SHA256.fullmatch(str(value.get("problem_sha256"))):
        del value["problem_sha256"]
    require_clean_within(value, "file")
