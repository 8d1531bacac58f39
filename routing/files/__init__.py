"""Day problems and plans as files: the formats ``outreach-day/1`` and ``outreach-plan/1``, read and written exactly.

Reading refuses anything the formats do not say, with a code and a JSON path (:class:`routing.errors.DayFileError`).
``read(write(value)) == value`` for every value. The hashes are SHA-256 over canonical JSON: sorted keys, no spaces,
UTF-8; the plan's leaves out ``certificate.seconds`` and all words.
"""

from routing.files.day import DAY_FORMAT, problem_sha256, read_problem, write_problem
from routing.files.plan import MAX_OBJECTIVE_S, PLAN_FORMAT, Words, plan_sha256, read_plan, write_plan

__all__ = [
    "DAY_FORMAT",
    "MAX_OBJECTIVE_S",
    "PLAN_FORMAT",
    "Words",
    "plan_sha256",
    "problem_sha256",
    "read_plan",
    "read_problem",
    "write_plan",
    "write_problem",
]
