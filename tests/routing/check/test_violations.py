"""What a violation carries, how it is said, and that the checker stands on its own feet."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from outreach.words import LANGUAGES, Words
from routing.check import NAMES, Violation, ViolationCode

SAMPLE: dict[str, object] = {
    "visit": "H10472",
    "shift": "van-1",
    "plan_date": "2026-11-25",
    "day_date": "2026-11-24",
    "windows": ["09:30-10:00", "13:00-13:30"],
    "missing": ["wheelchair"],
}


def test_every_code_names_what_it_carries() -> None:
    assert set(NAMES) == set(ViolationCode)
    assert all(code.value == code.name for code in ViolationCode)


def test_a_violation_without_its_values_is_refused() -> None:
    with pytest.raises(ValueError, match="DEPART_WRONG is reported without depart, shift"):
        Violation(ViolationCode.DEPART_WRONG, visit="A", values={"expected": "10:10"})


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", ViolationCode)
def test_a_sentence_says_each_code_with_nothing_but_what_it_carries(language: str, code: ViolationCode) -> None:
    values = {name: SAMPLE.get(name, 3601) for name in NAMES[code]}
    sentence = Words(language).say(f"violation.{code}.sentence", **values)
    assert sentence.endswith("。" if language == "ja" else ".")
    assert not re.search(r"[{}]", sentence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_is_left_of_a_code_that_is_gone(language: str) -> None:
    told = {key for key in Words(language).keys() if key.startswith("violation.")}  # noqa: SIM118 - not a mapping
    assert told == {f"violation.{code}.sentence" for code in ViolationCode}


def test_a_sentence_says_where_and_by_how_much() -> None:
    values = {"from_place": "hall", "to_place": "p2", "driving_s": 4000, "limit_s": 3600}
    sentence = Words("en").say("violation.LEG_TOO_LONG.sentence", visit="P20391", shift="van-1", **values)
    assert sentence == (
        "Shift van-1 drives 67 min (4000 s) from hall to p2 for visit P20391, over the limit of 60 min (3600 s)."
    )


def test_the_checker_loads_nothing_that_makes_plans() -> None:
    """Not even to compare the hash of the day, for which it opens the file format."""
    script = """
import sys, datetime
from routing.check import check
from routing.plan import Certificate, DayPlan, PlanStatus
from routing.problem import DayProblem
day = datetime.date(2026, 11, 24)
plan = DayPlan(day, PlanStatus.FEASIBLE, 0, None, "0" * 64, Certificate("none", 0.0), (), ())
assert [violation.code.value for violation in check(DayProblem(day, (), (), (), ()), plan)] == ["PROBLEM_DIFFERS"]
makers = ("routing.schedule", "routing.solver", "routing.insertion", "routing.explain", "ortools")
print(sorted(name for name in sys.modules if name.startswith(makers)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
