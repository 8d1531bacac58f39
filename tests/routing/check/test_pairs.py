"""Tiny days and plans whose violations were worked out by hand from the design, before any solver existed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from routing.check import Violation, ViolationCode, check
from routing.checking.violations import CLAIMS
from routing.files import read_plan, read_problem

PAIRS = sorted((Path(__file__).parent / "pairs").iterdir())


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_checker_says_exactly_what_was_worked_out_by_hand(pair: Path) -> None:
    problem = read_problem((pair / "day.json").read_text(encoding="utf-8"))
    plan = read_plan((pair / "plan.json").read_text(encoding="utf-8"))
    expected = json.loads((pair / "expected.json").read_text(encoding="utf-8"))

    found = [as_document(violation) for violation in check(problem, plan)]

    assert in_any_order(found) == in_any_order(expected["violations"])


def test_there_are_forty_pairs_and_more_and_a_good_part_of_them_is_right() -> None:
    expected = [json.loads((pair / "expected.json").read_text(encoding="utf-8")) for pair in PAIRS]
    assert len(expected) >= 40
    assert sum(not document["violations"] for document in expected) >= 15


def test_every_code_stands_in_some_pair() -> None:
    expected = [json.loads((pair / "expected.json").read_text(encoding="utf-8")) for pair in PAIRS]
    named = {violation["code"] for document in expected for violation in document["violations"]}
    assert named == {code.value for code in set(ViolationCode) - CLAIMS}


def as_document(violation: Violation) -> dict[str, Any]:
    return {
        "code": violation.code.value,
        "visit": violation.visit,
        "shift": violation.shift,
        "values": {key: ANY_HASH if key == "day_sha256" else value for key, value in violation.values.items()},
    }


ANY_HASH = "?"
"""What the day's own hash is called in the pairs: it is not for the hand to work out."""


def in_any_order(documents: list[dict[str, Any]]) -> list[str]:
    return sorted(json.dumps(document, sort_keys=True) for document in documents)
