from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from outreach.errors import BadInput
from outreach.programme.clock import TOKYO, FixedClock, SystemClock, clock_from_environment, instant_from


def test_a_fixed_clock_stands_still_in_japanese_time() -> None:
    clock = FixedClock(datetime(2026, 11, 23, 15, 30, tzinfo=UTC))
    assert clock.now() == clock.now() == datetime(2026, 11, 24, 0, 30, tzinfo=TOKYO)
    assert clock.now().utcoffset() == timedelta(hours=9)
    assert clock.today() == date(2026, 11, 24)
    assert clock.is_fixed


def test_a_fixed_clock_needs_an_aware_instant() -> None:
    with pytest.raises(ValueError, match="aware"):
        FixedClock(datetime(2026, 11, 24, 9, 0))  # noqa: DTZ001


def test_the_system_clock_is_aware_and_runs_in_japanese_time() -> None:
    clock = SystemClock()
    assert clock.now().utcoffset() == timedelta(hours=9)
    assert clock.now() <= clock.now()
    assert not clock.is_fixed


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-24T09:00", datetime(2026, 11, 24, 9, 0, tzinfo=TOKYO)),
        (" 2026-11-24 09:00:30 ", datetime(2026, 11, 24, 9, 0, 30, tzinfo=TOKYO)),
        ("2026-11-24", datetime(2026, 11, 24, tzinfo=TOKYO)),
        ("2026-11-24T00:00Z", datetime(2026, 11, 24, 9, 0, tzinfo=TOKYO)),
        ("2026-11-24T00:00:00+05:00", datetime(2026, 11, 24, 4, 0, tzinfo=TOKYO)),
    ],
)
def test_outreach_now_sets_the_clock_and_naive_means_japan(text: str, instant: datetime) -> None:
    clock = clock_from_environment({"OUTREACH_NOW": text})
    assert clock == FixedClock(instant)
    assert clock.now().utcoffset() == timedelta(hours=9)


@pytest.mark.parametrize("environ", [{}, {"OUTREACH_NOW": ""}, {"OUTREACH_NOW": " "}])
def test_without_outreach_now_the_system_clock_runs(environ: dict[str, str]) -> None:
    assert clock_from_environment(environ) == SystemClock()


@pytest.mark.parametrize("text", ["tomorrow", "2026-02-30", "24/11/2026", "09:00", "0001-01-01T00:00+23:00", "１２月"])
def test_a_time_that_cannot_be_read_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        instant_from(text)
    assert (refused.value.code, refused.value.values) == ("NOW_UNREADABLE", {})
