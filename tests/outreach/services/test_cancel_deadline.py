"""The hour until which a visit can be called off is the city's rule; a clerk may do it later, and is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from outreach.programme.clock import instant_from
from outreach.programme.rules import amended
from outreach.services import desk, reception
from outreach.services.office import Office
from tests.outreach.city import MORNING, NEAR, TUESDAY, small_city

CALL = reception.Call(answers={"name": "星野 あかり", "phone": "23-0118", "address": NEAR.address, "people": "2"})


def at(office: Office, instant: datetime) -> Office:
    return replace(office, settings=replace(office.settings, now=instant))


@pytest.mark.parametrize(
    ("cancelled_at", "rule", "late"),
    [
        ("2026-11-20T17:00", "17:00", False),  # Friday: Monday is a holiday
        ("2026-11-20T17:01", "17:00", True),
        ("2026-11-20T12:01", "12:00", True),
    ],
)
def test_a_cancellation_is_late_after_the_hour_of_the_rules(
    sqlite_office: Office, cancelled_at: str, rule: str, late: bool
) -> None:
    rules = amended(sqlite_office.rules, {"booking": {"cancel_until": rule}})
    office = replace(at(sqlite_office, instant_from("2026-11-18T09:00")), rules=rules)
    small_city(office)
    reference = reception.add(office, CALL).reference
    desk.confirm(office, reference, TUESDAY, MORNING)
    assert desk.cancel(at(office, instant_from(cancelled_at)), reference).late is late
