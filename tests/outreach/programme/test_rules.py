from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from outreach.programme.rule_types import Period, YearlyPeriod
from outreach.programme.rules import Rules, amended, rules_data, rules_sha256

RULES = Rules()


def test_the_defaults_are_the_numbers_of_miyakonojo() -> None:
    assert (RULES.shift.start_s, RULES.shift.end_s) == (30_600, 62_100)
    assert (RULES.shift.lunch_s, RULES.shift.lunch_earliest_start_s, RULES.shift.lunch_latest_start_s) == (
        3600,
        41_400,
        48_600,
    )
    assert (RULES.windows.first_start_s, RULES.windows.last_start_s) == (34_200, 54_000)
    assert (RULES.windows.step_min, RULES.windows.length_min) == (30, 30)
    assert RULES.service_days.weekdays == ("mon", "tue", "wed", "thu", "fri")
    assert (RULES.service_days.saturdays, RULES.service_days.sundays) == ((1, 3), (2, 4))
    assert (RULES.people.home_most, RULES.people.group_least) == (6, 5)
    assert (RULES.booking.web_lead_days, RULES.booking.clerk_lead_working_days) == (7, 3)
    assert (RULES.booking.horizon_months, RULES.booking.cancel_until_s) == (2, 61_200)
    assert (RULES.travel.max_leg_s, RULES.travel.detour, RULES.travel.speed_kmh) == (3600, 1.35, 33.0)
    assert (RULES.privacy.retention_days, RULES.privacy.small_cell_threshold) == (90, 5)
    assert (RULES.city.hall_lat, RULES.city.hall_lon) == (31.719519, 131.061497)


def test_the_farthest_town_is_just_over_the_travel_limit() -> None:
    travel = RULES.travel
    seconds = 24.5 * travel.detour / travel.speed_kmh * 3600
    assert travel.max_leg_s < seconds < travel.max_leg_s + 10


def test_rules_cannot_change_after_they_were_read() -> None:
    with pytest.raises(ValidationError):
        RULES.shift.start_s = 0


def test_amending_changes_one_value_and_keeps_the_rest() -> None:
    changed = amended(RULES, {"visit_types": {"smartphone_help": {"packing_min": 15}}})
    assert changed.visit_types.smartphone_help.packing_min == 15
    assert changed.visit_types.smartphone_help.for_groups
    assert amended(changed, {"visit_types": {"smartphone_help": {"packing_min": 5}}}) == RULES


def test_the_hash_changes_with_every_single_value() -> None:
    data = rules_data(RULES)
    hashes = {rules_sha256(RULES)}
    changed = 0
    for section, fields in data.items():
        for key, value in fields.items():
            other = _other_value(value)
            if other is None:
                continue
            try:
                hashes.add(rules_sha256(amended(RULES, {section: {key: other}})))
                changed += 1
            except ValidationError:
                continue
    assert changed > 20
    assert len(hashes) == changed + 1
    assert rules_sha256(amended(RULES, {})) == rules_sha256(RULES)


def _other_value(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, list) and value:
        return value[1:]
    return None


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"shift": {"start": "18:00"}}, "RULE_ENDS_BEFORE_START", ("shift", "end")),
        ({"shift": {"lunch_earliest_start": "08:00"}}, "RULE_LUNCH_OUTSIDE_SHIFT", ("shift", "lunch_earliest_start")),
        ({"shift": {"lunch_latest_start": "16:30"}}, "RULE_LUNCH_OUTSIDE_SHIFT", ("shift", "lunch_latest_start")),
        ({"shift": {"lunch_latest_start": "11:00"}}, "RULE_ENDS_BEFORE_START", ("shift", "lunch_latest_start")),
        ({"windows": {"first_start": "08:00"}}, "RULE_WINDOWS_OUTSIDE_SHIFT", ("windows", "first_start")),
        ({"windows": {"last_start": "17:00"}}, "RULE_WINDOWS_OUTSIDE_SHIFT", ("windows", "last_start")),
        ({"windows": {"last_start": "15:10"}}, "RULE_WINDOWS_OFF_STEP", ("windows", "last_start")),
        ({"windows": {"last_start": "09:00"}}, "RULE_ENDS_BEFORE_START", ("windows", "last_start")),
        (
            {"service_days": {"weekdays": [], "saturdays": [], "sundays": []}},
            "RULE_NO_SERVICE_DAY",
            ("service_days", "weekdays"),
        ),
        ({"service_days": {"saturdays": [1, 1]}}, "RULE_LISTED_TWICE", ("service_days", "saturdays")),
        ({"service_days": {"weekdays": ["sat"]}}, "RULE_EVERY_AND_NTH", ("service_days", "saturdays")),
        (
            {"service_days": {"closed_dates": ["2026-12-01..2026-12-05"], "open_dates": ["2026-11-29", "2026-12-05"]}},
            "RULE_OPEN_AND_CLOSED",
            ("service_days", "open_dates", 1),
        ),
        (
            {"service_days": {"open_dates": ["2026-01-01..2028-01-01"]}},
            "RULE_PERIOD_TOO_LONG",
            ("service_days", "open_dates", 0),
        ),
        ({"call_centre": {"closes": "08:00"}}, "RULE_ENDS_BEFORE_START", ("call_centre", "closes")),
        ({"call_centre": {"weekdays": []}}, "RULE_NO_WORKING_DAY", ("call_centre", "weekdays")),
        ({"call_centre": {"weekdays": ["mon", "mon"]}}, "RULE_LISTED_TWICE", ("call_centre", "weekdays")),
        (
            {"call_centre": {"closed_every_year": ["01-05..12-31"]}},
            "RULE_NO_WORKING_DAY",
            ("call_centre", "closed_every_year"),
        ),
        ({"booking": {"web_lead_days": 57}}, "RULE_LEAD_PAST_HORIZON", ("booking", "web_lead_days")),
        (
            {"booking": {"clerk_lead_working_days": 21, "horizon_months": 1}},
            "RULE_LEAD_PAST_HORIZON",
            ("booking", "clerk_lead_working_days"),
        ),
        ({"people": {"group_least": 8}}, "RULE_PEOPLE_GAP", ("people", "group_least")),
        (
            {"visit_types": {"group": {"set_up_min": 0, "first_person_min": 0, "packing_min": 0}}},
            "RULE_VISIT_TAKES_NO_TIME",
            ("visit_types", "group"),
        ),
        (
            {"visit_types": {"group": {"set_up_min": 600}}},
            "RULE_VISIT_LONGER_THAN_SHIFT",
            ("visit_types", "group"),
        ),
        (
            {"travel": {"speed_bands": [{"up_to_km": 5, "speed_kmh": 20}, {"up_to_km": 5.0001, "speed_kmh": 30}]}},
            "RULE_BANDS_NOT_RISING",
            ("travel", "speed_bands", 1),
        ),
        ({"penalties": {"low_s": 7200}}, "RULE_PENALTY_TOO_LOW", ("penalties", "low_s")),
        ({"travel": {"max_leg_min": 250}}, "RULE_PENALTY_TOO_LOW", ("penalties", "low_s")),
        ({"penalties": {"normal_s": 20_000}}, "RULE_PENALTIES_OUT_OF_ORDER", ("penalties", "normal_s")),
    ],
)
def test_rules_that_cannot_hold_together_are_refused(
    changes: dict[str, Any], code: str, path: tuple[str | int, ...]
) -> None:
    with pytest.raises(ValidationError) as refused:
        amended(RULES, changes)
    found = [each for error in refused.value.errors() for each in error["ctx"]["found"]]
    assert [(each["code"], each["path"]) for each in found] == [(code, path)]


@pytest.mark.parametrize(
    "changes",
    [
        {"shift": {"lunch_min": 0, "lunch_latest_start": "16:30"}},
        {"penalties": {"low_s": 7201}},
        {"booking": {"web_lead_days": 56}},
        {"people": {"group_least": 7}},
        {"windows": {"last_start": "16:30", "length_min": 45}},
        {"service_days": {"weekdays": [], "saturdays": [], "sundays": [], "open_dates": ["2026-12-01"]}},
    ],
)
def test_rules_at_the_edge_of_what_can_be_are_taken(changes: dict[str, Any]) -> None:
    assert amended(RULES, changes) != RULES


def test_a_yearly_period_may_run_over_new_year() -> None:
    period = YearlyPeriod((12, 29), (1, 3))
    inside = [day for day in (date(2026, 12, day) for day in (28, 29, 31)) if day in period]
    assert inside == [date(2026, 12, 29), date(2026, 12, 31)]
    assert date(2027, 1, 3) in period
    assert date(2027, 1, 4) not in period
    assert date(2026, 8, 14) in YearlyPeriod((8, 13), (8, 15))
    assert date(2026, 8, 16) not in YearlyPeriod((8, 13), (8, 15))


def test_a_period_that_ends_before_it_begins_does_not_exist() -> None:
    with pytest.raises(ValueError, match=re.escape("period ends 2026-12-01 before it begins 2026-12-02")):
        Period(date(2026, 12, 2), date(2026, 12, 1))


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 400))
def test_periods_are_written_as_they_are_read(first: date, days: int) -> None:
    last = date.fromordinal(first.toordinal() + days)
    rules = amended(RULES, {"service_days": {"closed_dates": [str(Period(first, last))]}})
    assert rules.service_days.closed_dates == (Period(first, last),)
