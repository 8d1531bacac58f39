from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.programme.calendar import DayClosed, ServiceCalendar
from outreach.programme.clock import TOKYO
from outreach.programme.rules import Rules, amended

CALENDAR = ServiceCalendar(Rules())


def with_days(**service_days: object) -> ServiceCalendar:
    return ServiceCalendar(amended(Rules(), {"service_days": service_days}))


def at(day: str, time: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=TOKYO)


def test_december_has_the_service_days_of_miyakonojo() -> None:
    # 2026-12-05 is a 1st Saturday, 13 a 2nd Sunday, 19 a 3rd Saturday, 27 a 4th Sunday; closed from the 29th.
    expected = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23, 24, 25, 27, 28]
    assert CALENDAR.service_days(date(2026, 12, 1), date(2027, 1, 3)) == [date(2026, 12, day) for day in expected]


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (date(2026, 11, 23), DayClosed("HOLIDAY", {"date": date(2026, 11, 23), "holiday": "勤労感謝の日"})),
        (date(2026, 9, 22), DayClosed("HOLIDAY", {"date": date(2026, 9, 22), "holiday": "国民の休日"})),
        (date(2027, 3, 22), DayClosed("HOLIDAY", {"date": date(2027, 3, 22), "holiday": "春分の日 振替休日"})),
        (date(2026, 12, 29), DayClosed("CLOSED_PERIOD", {"date": date(2026, 12, 29)})),
        (date(2027, 1, 1), DayClosed("CLOSED_PERIOD", {"date": date(2027, 1, 1)})),
        (date(2026, 11, 28), DayClosed("NOT_A_SERVICE_WEEKDAY", {"date": date(2026, 11, 28)})),
        (date(2026, 11, 29), DayClosed("NOT_A_SERVICE_WEEKDAY", {"date": date(2026, 11, 29)})),
        (date(2026, 11, 24), None),
        (date(2026, 11, 21), None),
        (date(2027, 1, 4), None),
    ],
)
def test_a_closed_day_says_why(day: date, reason: DayClosed | None) -> None:
    assert CALENDAR.closed_reason(day) == reason
    assert CALENDAR.is_service_day(day) is (reason is None)


def test_own_closed_dates_close_and_extra_dates_open_whatever_the_day() -> None:
    calendar = with_days(closed_dates=["2026-11-24..2026-11-25"], open_dates=["2026-11-23", "2026-11-29"])
    assert calendar.closed_reason(date(2026, 11, 24)) == DayClosed("CLOSED_DATE", {"date": date(2026, 11, 24)})
    assert calendar.service_days(date(2026, 11, 22), date(2026, 11, 29)) == [
        date(2026, 11, 22),
        date(2026, 11, 23),
        date(2026, 11, 26),
        date(2026, 11, 27),
        date(2026, 11, 29),
    ]


def test_holidays_are_open_where_the_rules_say_so() -> None:
    assert with_days(closed_on_holidays=False).is_service_day(date(2026, 11, 23))
    assert not CALENDAR.is_working_day(date(2026, 11, 23))


def test_service_days_of_a_span_that_runs_backwards_are_none() -> None:
    assert CALENDAR.service_days(date(2026, 12, 2), date(2026, 12, 1)) == []


def test_the_next_service_day_is_later_than_the_day_asked_about() -> None:
    assert CALENDAR.next_service_day(date(2026, 11, 22)) == date(2026, 11, 24)
    assert CALENDAR.next_service_day(date(2026, 11, 24)) == date(2026, 11, 25)
    assert CALENDAR.next_service_day(date(2026, 12, 28)) == date(2027, 1, 4)


def test_there_is_no_next_service_day_after_the_last_one() -> None:
    calendar = with_days(weekdays=[], saturdays=[], sundays=[], open_dates=["2026-11-24"])
    assert calendar.next_service_day(date(2026, 11, 20)) == date(2026, 11, 24)
    assert calendar.next_service_day(date(2026, 11, 24)) is None


def test_city_hall_works_monday_to_friday_but_not_on_holidays_nor_over_new_year() -> None:
    days = [date(2026, 12, 24) + timedelta(days=count) for count in range(13)]
    assert [day.day for day in days if CALENDAR.is_working_day(day)] == [24, 25, 28, 4, 5]


def test_the_web_books_a_week_ahead() -> None:
    assert CALENDAR.earliest_day("web", at("2026-11-20")) == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("today", "earliest"),
    [
        ("2026-11-16", date(2026, 11, 19)),
        ("2026-11-20", date(2026, 11, 26)),  # a weekend and Labour Thanksgiving Day lie between
        ("2026-11-21", date(2026, 11, 26)),
        ("2026-12-28", date(2027, 1, 6)),  # New Year lies between
    ],
)
def test_a_clerk_books_three_working_days_ahead(today: str, earliest: date) -> None:
    assert CALENDAR.earliest_day("phone", at(today)) == earliest
    assert CALENDAR.earliest_day("counter", at(today)) == earliest


def test_the_lead_is_counted_from_the_day_in_japan() -> None:
    late_evening_in_london = datetime(2026, 11, 15, 23, 0, tzinfo=UTC)
    assert CALENDAR.earliest_day("web", late_evening_in_london) == date(2026, 11, 23)
    with pytest.raises(ValueError, match="aware"):
        CALENDAR.earliest_day("web", datetime(2026, 11, 15))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("today", "latest"),
    [
        ("2026-11-21", date(2027, 1, 21)),
        ("2026-12-31", date(2027, 2, 28)),
        ("2027-12-31", date(2028, 2, 29)),
        ("2026-10-31", date(2026, 12, 31)),
    ],
)
def test_the_horizon_is_the_same_day_two_months_on_or_that_months_last(today: str, latest: date) -> None:
    assert CALENDAR.latest_day(at(today)) == latest


@pytest.mark.parametrize(
    ("day", "deadline"),
    [
        (date(2026, 11, 26), "2026-11-25"),
        (date(2026, 11, 24), "2026-11-20"),
        (date(2027, 1, 4), "2026-12-28"),
        (date(2026, 12, 5), "2026-12-04"),
    ],
)
def test_a_visit_can_be_cancelled_until_five_on_the_working_day_before(day: date, deadline: str) -> None:
    found = CALENDAR.cancel_deadline(day)
    assert (found, found.utcoffset()) == (at(deadline, "17:00"), timedelta(hours=9))


def test_the_grid_has_twelve_windows_a_day() -> None:
    windows = CALENDAR.windows(date(2026, 11, 24))
    assert len(windows) == 12
    assert windows[0] == (34_200, 36_000)
    assert windows[-1] == (54_000, 55_800)
    assert CALENDAR.windows(date(2026, 11, 23)) == ()


def test_only_whole_windows_of_the_grid_are_on_it() -> None:
    assert CALENDAR.is_on_grid((34_200, 36_000))
    for window in ((34_200, 37_800), (34_500, 36_300), (55_800, 57_600), (32_400, 34_200)):
        assert not CALENDAR.is_on_grid(window)


def test_another_grid_is_a_setting() -> None:
    rules = amended(
        Rules(), {"windows": {"first_start": "10:00", "last_start": "14:00", "step_min": 60, "length_min": 90}}
    )
    assert ServiceCalendar(rules).windows(date(2026, 11, 24)) == tuple(
        (hour * 3600, hour * 3600 + 5400) for hour in (10, 11, 12, 13, 14)
    )


def test_the_telephone_is_answered_from_half_past_eight_to_quarter_past_five() -> None:
    assert CALENDAR.call_hours == (30_600, 62_100)


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(1, 15))
def test_counting_working_days_forth_and_back_comes_home(day: date, steps: int) -> None:
    later = CALENDAR.working_day(day, steps)
    between = [day + timedelta(days=count) for count in range(1, (later - day).days + 1)]
    assert sum(CALENDAR.is_working_day(each) for each in between) == steps
    assert CALENDAR.is_working_day(later)
    if CALENDAR.is_working_day(day):
        assert CALENDAR.working_day(later, -steps) == day
