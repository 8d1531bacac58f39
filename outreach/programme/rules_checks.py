"""Finds rules that are each possible and cannot hold together: windows outside the shift, a lead past the horizon."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date as Date
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from outreach.programme.rule_types import WEEKDAYS, time_text

if TYPE_CHECKING:
    from outreach.programme.rules import Rules

Contradiction = dict[str, Any]
"""``code``, ``path`` (keys as in the file, the one to change first) and ``values`` of the sentence."""

SHORTEST_MONTH_DAYS = 28
MOST_OPEN_DAYS = 366


def contradictions(rules: Rules) -> list[Contradiction]:
    """Return every contradiction between rules, in the order of the file's sections."""
    of_visits = (_visit_types, _people, _shift, _windows)
    checks = (*of_visits, _service_days, _call_centre, _booking, _groups, _travel, _penalties)
    return [found for check in checks for found in check(rules)]


def _contradiction(code: str, *path: str | int, **values: object) -> Contradiction:
    return {"code": code, "path": path, "values": values}


def _visit_types(rules: Rules) -> Iterator[Contradiction]:
    day_min = (rules.shift.end_s - rules.shift.start_s) // 60
    for code in type(rules.visit_types).model_fields:
        visit_type = rules.visit_types.of(code)
        assert visit_type is not None, "every field is a visit type"
        minutes = visit_type.set_up_min + visit_type.first_person_min + visit_type.packing_min
        if minutes == 0:
            yield _contradiction("RULE_VISIT_TAKES_NO_TIME", "visit_types", code)
        elif 0 < day_min < minutes:
            yield _contradiction(
                "RULE_VISIT_LONGER_THAN_SHIFT", "visit_types", code, visit_min=minutes, shift_min=day_min
            )


def _people(rules: Rules) -> Iterator[Contradiction]:
    people = rules.people
    if people.group_least > people.home_most + 1:
        yield _contradiction(
            "RULE_PEOPLE_GAP", "people", "group_least", home_most=people.home_most, group_least=people.group_least
        )


def _shift(rules: Rules) -> Iterator[Contradiction]:
    shift = rules.shift
    if shift.end_s <= shift.start_s:
        yield _contradiction(
            "RULE_ENDS_BEFORE_START", "shift", "end", start=time_text(shift.start_s), end=time_text(shift.end_s)
        )
        return
    if shift.lunch_min == 0:
        return
    earliest, latest = shift.lunch_earliest_start_s, shift.lunch_latest_start_s
    if latest < earliest:
        yield _contradiction(
            "RULE_ENDS_BEFORE_START",
            "shift",
            "lunch_latest_start",
            start=time_text(earliest),
            end=time_text(latest),
        )
    elif earliest < shift.start_s or latest + shift.lunch_s > shift.end_s:
        key = "lunch_earliest_start" if earliest < shift.start_s else "lunch_latest_start"
        yield _contradiction(
            "RULE_LUNCH_OUTSIDE_SHIFT", "shift", key, start=time_text(shift.start_s), end=time_text(shift.end_s)
        )


def _windows(rules: Rules) -> Iterator[Contradiction]:
    windows, shift = rules.windows, rules.shift
    if windows.last_start_s < windows.first_start_s:
        yield _contradiction(
            "RULE_ENDS_BEFORE_START",
            "windows",
            "last_start",
            start=time_text(windows.first_start_s),
            end=time_text(windows.last_start_s),
        )
        return
    if (windows.last_start_s - windows.first_start_s) % (windows.step_min * 60):
        yield _contradiction(
            "RULE_WINDOWS_OFF_STEP",
            "windows",
            "last_start",
            first=time_text(windows.first_start_s),
            last=time_text(windows.last_start_s),
            step_min=windows.step_min,
        )
    if shift.end_s <= shift.start_s:
        return  # said already
    if windows.first_start_s < shift.start_s or windows.last_start_s + windows.length_min * 60 > shift.end_s:
        yield _contradiction(
            "RULE_WINDOWS_OUTSIDE_SHIFT",
            "windows",
            "first_start" if windows.first_start_s < shift.start_s else "last_start",
            start=time_text(shift.start_s),
            end=time_text(shift.end_s),
        )


def _service_days(rules: Rules) -> Iterator[Contradiction]:
    days = rules.service_days
    if not (days.weekdays or days.saturdays or days.sundays or days.open_dates):
        yield _contradiction("RULE_NO_SERVICE_DAY", "service_days", "weekdays")
    for key, names in (("weekdays", days.weekdays), ("saturdays", days.saturdays), ("sundays", days.sundays)):
        if len(set(names)) < len(names):
            yield _contradiction("RULE_LISTED_TWICE", "service_days", key)
    for key, weekday in (("saturdays", "sat"), ("sundays", "sun")):
        if getattr(days, key) and weekday in days.weekdays:
            yield _contradiction("RULE_EVERY_AND_NTH", "service_days", key)
    for place, period in enumerate(days.open_dates):
        if (period.last - period.first).days >= MOST_OPEN_DAYS:
            yield _contradiction("RULE_PERIOD_TOO_LONG", "service_days", "open_dates", place, days=MOST_OPEN_DAYS)
        elif any(closed.first <= period.last and period.first <= closed.last for closed in days.closed_dates):
            yield _contradiction("RULE_OPEN_AND_CLOSED", "service_days", "open_dates", place, period=str(period))


def _call_centre(rules: Rules) -> Iterator[Contradiction]:
    centre = rules.call_centre
    if centre.closes_s <= centre.opens_s:
        yield _contradiction(
            "RULE_ENDS_BEFORE_START",
            "call_centre",
            "closes",
            start=time_text(centre.opens_s),
            end=time_text(centre.closes_s),
        )
    if not centre.weekdays:
        yield _contradiction("RULE_NO_WORKING_DAY", "call_centre", "weekdays")
    elif len(set(centre.weekdays)) < len(centre.weekdays):
        yield _contradiction("RULE_LISTED_TWICE", "call_centre", "weekdays")
    if not _leaves_a_week(rules):
        yield _contradiction("RULE_NO_WORKING_DAY", "call_centre", "closed_every_year")


def _leaves_a_week(rules: Rules) -> bool:
    """Whether some week of every year is open throughout, so that there is always a next working day to count to."""
    closed = rules.call_centre.closed_every_year
    days = [Date(2000, 1, 1) + timedelta(days=count) for count in range(MOST_OPEN_DAYS)]
    is_open = [not any(day in period for period in closed) for day in days]
    return any(all(is_open[at : at + len(WEEKDAYS)]) for at in range(len(days) - len(WEEKDAYS)))


def _booking(rules: Rules) -> Iterator[Contradiction]:
    booking = rules.booking
    horizon_days = booking.horizon_months * SHORTEST_MONTH_DAYS
    if booking.web_lead_days > horizon_days:
        yield _contradiction(
            "RULE_LEAD_PAST_HORIZON",
            "booking",
            "web_lead_days",
            lead_days=booking.web_lead_days,
            horizon_months=booking.horizon_months,
        )
    # Three working weeks are three calendar weeks at least.
    a_week = max(1, len(rules.call_centre.weekdays))
    clerk_days = -(-booking.clerk_lead_working_days * len(WEEKDAYS) // a_week)
    if clerk_days > horizon_days:
        yield _contradiction(
            "RULE_LEAD_PAST_HORIZON",
            "booking",
            "clerk_lead_working_days",
            lead_days=clerk_days,
            horizon_months=booking.horizon_months,
        )


def _groups(rules: Rules) -> Iterator[Contradiction]:
    for half, (start_s, end_s) in zip(("morning", "afternoon"), rules.groups.halves, strict=True):
        if end_s <= start_s:
            yield _contradiction(
                "RULE_ENDS_BEFORE_START", "groups", f"{half}_end", start=time_text(start_s), end=time_text(end_s)
            )


def _travel(rules: Rules) -> Iterator[Contradiction]:
    bounds = [band.up_to_km for band in rules.travel.speed_bands]
    metres = [round(bound * 1000) for bound in bounds]  # what the estimator counts in
    for place in range(1, len(bounds)):
        if metres[place] <= metres[place - 1]:
            yield _contradiction(
                "RULE_BANDS_NOT_RISING",
                "travel",
                "speed_bands",
                place,
                up_to_km=bounds[place],
                before_km=bounds[place - 1],
            )


def _penalties(rules: Rules) -> Iterator[Contradiction]:
    """Leaving out must never be merely cheaper than the two longest legs there and back (DESIGN.md, section 2)."""
    least_s = 2 * rules.travel.max_leg_s
    penalties = rules.penalties
    for key, penalty_s in (("high_s", penalties.high_s), ("normal_s", penalties.normal_s), ("low_s", penalties.low_s)):
        if penalty_s <= least_s:
            yield _contradiction("RULE_PENALTY_TOO_LOW", "penalties", key, penalty_s=penalty_s, least_s=least_s)
    if not penalties.low_s <= penalties.normal_s <= penalties.high_s:
        yield _contradiction(
            "RULE_PENALTIES_OUT_OF_ORDER",
            "penalties",
            "normal_s",
            high_s=penalties.high_s,
            normal_s=penalties.normal_s,
            low_s=penalties.low_s,
        )
