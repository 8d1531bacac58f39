"""Day and plan files solved and checked without a database: how a day is exchanged, debugged and measured."""

from __future__ import annotations

import re
from dataclasses import dataclass

from outreach.services.publishing import unassigned_words
from routing.check import Violation, check
from routing.files import read_plan, read_problem, write_plan
from routing.plan import PlanStatus
from routing.travel import EstimatedTravel

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Solved:
    """A plan file's text, and whether it is a plan at all (``INFEASIBLE`` and ``UNKNOWN`` are answers, not plans)."""

    text: str
    found: bool


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
        write_plan(plan, unassigned_words(language)), plan.status in (PlanStatus.OPTIMAL, PlanStatus.FEASIBLE)
    )


def check_files(day: bytes, plan: bytes) -> tuple[Violation, ...]:
    """Check a plan file against a day file.

    Raises:
        DayFileError, ProblemError, PlanError: with the JSON path of what is wrong.
        PrivacyError: when a text in one of them is a My Number.
    """
    refuse_private(day)
    refuse_private(plan)
    return check(read_problem(day, travel=EstimatedTravel()), read_plan(plan))


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
