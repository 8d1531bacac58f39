"""The programme that measures quoting, and the days it measures on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import quote
from benchmarks.quote import HEAD, standing_days

ROOT = Path(__file__).parents[3]


def test_the_smoke_run_prints_the_table_and_ends_well() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.quote", "--smoke"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    lines = done.stdout.splitlines()
    assert lines[3:5] == list(HEAD)
    assert lines[5].startswith("| 1 | 5 | 6 | ")
    assert len(lines[5].split("|")) == len(HEAD[0].split("|"))
    assert lines[-1] == "every witness is right"


def test_the_days_have_as_many_stops_a_route_as_asked_for() -> None:
    days = standing_days(3, 2, 4)
    assert [len(order) for day in days for order in day.orders.values()] == [4] * 6
    assert len({day.problem.date for day in days}) == 3


def test_a_refused_witness_makes_the_run_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(quote, "check", lambda problem, plan: ("a violation",))
    assert quote.main(["--smoke"]) == 1
    assert capsys.readouterr().out.endswith("WRONG: the checker refuses a witness\n")
