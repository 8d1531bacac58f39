"""Says which days the vans go out, which days city hall works, and how early and late a visit can be booked."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime, time, timedelta

from outreach.errors import Fault
from outreach.programme.clock import TOKYO
from outreach.programme.rule_types import WEEKDAYS
from outreach.programme.rules import Rules

SEARCH_DAYS = 800
"""How far ahead the next open day is looked for: more than two years, so that a closed year does not end the search."""

WEB_CHANNEL = "web"
"""The one channel with its own lead; every other one passes through a clerk's hands."""

_ONE_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class DayClosed:
    """Why no van goes out on a day.

    ``code`` is ``HOLIDAY`` (with the holiday's Japanese name), ``CLOSED_PERIOD``, ``CLOSED_DATE`` or
    ``NOT_A_SERVICE_WEEKDAY``; the words are ``reason.<code>.sentence`` and ``.action``.
    """

    code: str
    values: dict[str, object] = field(default_factory=dict)


class ServiceCalendar:
    """The calendar that a city's rules make.

    A day is open when it is one of ``open_dates``; else closed when it is a holiday or in a closed period; else open on
    the weekdays of the rules.
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._holidays: dict[Date, str | None] = {}

    # -- days the vans go out

    def closed_reason(self, day: Date) -> DayClosed | None:
        """Return why ``day`` is no service day, or ``None`` when it is one."""
        rules = self.rules.service_days
        if any(day in period for period in rules.open_dates):
            return None
        if any(day in period for period in rules.closed_dates):
            return DayClosed("CLOSED_DATE", {"date": day})
        if any(day in period for period in rules.closed_every_year):
            return DayClosed("CLOSED_PERIOD", {"date": day})
        holiday = self.holiday_name(day) if rules.closed_on_holidays else None
        if holiday is not None:
            return DayClosed("HOLIDAY", {"date": day, "holiday": holiday})
        if not self._is_service_weekday(day):
            return DayClosed("NOT_A_SERVICE_WEEKDAY", {"date": day})
        return None

    def is_service_day(self, day: Date) -> bool:
        """Whether the vans go out on ``day``."""
        return self.closed_reason(day) is None

    def service_days(self, first: Date, last: Date) -> list[Date]:
        """Return the service days from ``first`` to ``last``, both included, in order; none when they are backwards."""
        span = (last - first).days + 1
        return [day for day in (first + timedelta(days=count) for count in range(span)) if self.is_service_day(day)]

    def next_service_day(self, after: Date) -> Date | None:
        """Return the first service day later than ``after``, or ``None`` when there is none within ``SEARCH_DAYS``."""
        days = (after + timedelta(days=count) for count in range(1, SEARCH_DAYS + 1))
        return next((day for day in days if self.is_service_day(day)), None)

    def _is_service_weekday(self, day: Date) -> bool:
        rules = self.rules.service_days
        nth = (day.day - 1) // 7 + 1
        return (
            WEEKDAYS[day.weekday()] in rules.weekdays
            or (day.weekday() == _SATURDAY and nth in rules.saturdays)
            or (day.weekday() == _SUNDAY and nth in rules.sundays)
        )

    # -- days city hall works

    def is_working_day(self, day: Date) -> bool:
        """Whether city hall works on ``day``: its weekdays, no national holiday, not in its yearly closing."""
        rules = self.rules.call_centre
        return (
            WEEKDAYS[day.weekday()] in rules.weekdays
            and not any(day in period for period in rules.closed_every_year)
            and self.holiday_name(day) is None
        )

    def working_day(self, day: Date, steps: int) -> Date:
        """Return the working day that many working days after ``day`` (before it for negative ``steps``).

        Raises:
            Fault: ``NO_WORKING_DAY`` when the calendar has none; rules that make such a calendar are refused before.
        """
        forward = 1 if steps > 0 else -1
        left, at = abs(steps), day
        for _ in range(SEARCH_DAYS):
            if left == 0:
                return at
            at += forward * _ONE_DAY
            left -= self.is_working_day(at)
        raise Fault("NO_WORKING_DAY")

    @property
    def call_hours(self) -> tuple[int, int]:
        """When the telephone is answered on a working day: from, to, in seconds since midnight."""
        return self.rules.call_centre.opens_s, self.rules.call_centre.closes_s

    def holiday_name(self, day: Date) -> str | None:
        """Return the Japanese name of a national holiday, substitute holidays included, or ``None``."""
        if day not in self._holidays:
            import jpholiday  # 60 ms: only when a calendar is asked

            self._holidays[day] = jpholiday.is_holiday_name(day)
        return self._holidays[day]

    # -- how early, how late

    def earliest_day(self, channel: str, now: datetime) -> Date:
        """Return the first day the lead time allows; it need not be a service day.

        On the web the lead is counted in calendar days, by a clerk in working days after today.

        Args:
            channel: ``"web"``, or any other for the clerk's lead.
            now: aware.
        """
        today = _local_day(now)
        if channel == WEB_CHANNEL:
            return today + timedelta(days=self.rules.booking.web_lead_days)
        return self.working_day(today, self.rules.booking.clerk_lead_working_days)

    def latest_day(self, now: datetime) -> Date:
        """Return the last day that can be booked: the same day some months on, or that month's last (``now`` aware)."""
        today = _local_day(now)
        months = today.year * 12 + today.month - 1 + self.rules.booking.horizon_months
        year, month = divmod(months, 12)
        return Date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))

    def cancel_deadline(self, day: Date) -> datetime:
        """Return until when a visit on ``day`` can be cancelled: a time on the working day before it, aware."""
        hours, rest = divmod(self.rules.booking.cancel_until_s, 3600)
        return datetime.combine(self.working_day(day, -1), time(hours, rest // 60), tzinfo=TOKYO)

    # -- windows

    def windows(self, day: Date) -> tuple[tuple[int, int], ...]:
        """Return the grid of ``day`` as (opens, closes) in seconds since midnight; empty when no van goes out."""
        return self._grid() if self.is_service_day(day) else ()

    def is_on_grid(self, window: tuple[int, int]) -> bool:
        """Whether a window is one of the city's."""
        return window in self._grid()

    def _grid(self) -> tuple[tuple[int, int], ...]:
        windows = self.rules.windows
        starts = range(windows.first_start_s, windows.last_start_s + 1, windows.step_min * 60)
        return tuple((start, start + windows.length_min * 60) for start in starts)


def _local_day(now: datetime) -> Date:
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    return now.astimezone(TOKYO).date()
