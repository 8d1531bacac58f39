"""A booking lives by the steps of DESIGN.md section 2 and by no others."""

from __future__ import annotations

from itertools import product

import pytest

from bookings.statuses import LIVE, PROMISED, STEPS, IllegalStep, Status, require_step

WRITTEN_IN_THE_DESIGN = """
draft -> requested, turned_down, cancelled
requested -> held, confirmed, declined, unmet, cancelled
held -> confirmed, requested, cancelled
confirmed -> visited, no_show, cancelled, confirmed
no_show -> requested
unmet -> requested
"""

LEGAL = {
    (Status(before), Status(after))
    for line in WRITTEN_IN_THE_DESIGN.strip().splitlines()
    for before, listed in [line.split(" -> ")]
    for after in listed.split(", ")
}


@pytest.mark.parametrize(("before", "after"), sorted(LEGAL))
def test_a_step_of_the_design_is_taken(before: Status, after: Status) -> None:
    require_step("H10472", before, after)


@pytest.mark.parametrize(("before", "after"), sorted(set(product(Status, Status)) - LEGAL))
def test_any_other_step_is_refused(before: Status, after: Status) -> None:
    with pytest.raises(IllegalStep) as refused:
        require_step("H10472", before, after)
    assert refused.value.code == "STATUS_STEP"
    assert dict(refused.value.values) == {
        "reference": "H10472",
        "current": before.value,
        "following": after.value,
    }


def test_every_status_has_its_steps() -> None:
    assert set(STEPS) == set(Status)


def test_a_promise_is_live() -> None:
    assert PROMISED < LIVE
    assert {Status.REQUESTED} == LIVE - PROMISED
