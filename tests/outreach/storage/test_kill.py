"""A writer that is killed at any moment loses nothing it was told is stored, and leaves no half plan."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlmodel import select

from outreach.services.office import Office, open_office
from outreach.storage.engine import reading
from outreach.storage.tables import PlanStop, PlanVersion
from routing.files import plan_sha256, read_plan
from tests.conftest import Soak
from tests.outreach.city import live_references
from tests.outreach.storage import child
from tests.outreach.storage.plans import PROMISES, pointer, promised_day

OPENS_WITHIN_S = 10.0
"""What a clerk waits at the most after a crash; it takes milliseconds, so this fails only when something is wrong."""


@pytest.mark.heavy(take=1)
def test_kill_minus_nine_loses_no_acknowledged_write_and_leaves_no_half_plan(
    office: Office, soak: Soak, tmp_path: Path
) -> None:
    ids = promised_day(office)
    office.engine.dispose()
    acknowledged = tmp_path / "acknowledged"
    acknowledged.touch()
    home, url, slowest_s = str(office.settings.home), office.settings.database_url, 0.0
    for turn in range(soak.count(100)):
        first, seen = 10_000 + turn * 500, acknowledged.stat().st_size
        writer = child.start(child.write_for_ever, home, url, ids, first, str(acknowledged))
        while acknowledged.stat().st_size == seen and writer.is_alive():
            time.sleep(0.005)  # until the first write of this turn is acknowledged
        time.sleep(soak.rng.uniform(0.0, 0.3))
        writer.kill()
        writer.join()
        assert writer.exitcode == -9

        began = time.monotonic()
        again = open_office(office.settings)
        look_through(again, acknowledged.read_text(encoding="utf-8").splitlines())
        again.engine.dispose()
        slowest_s = max(slowest_s, time.monotonic() - began)
    soak.table("slowest_open_s", round(slowest_s, 3))
    assert slowest_s < OPENS_WITHIN_S


def look_through(office: Office, acknowledged: list[str]) -> None:
    """Everything acknowledged is there, every version is whole, and the day stands on the last one."""
    version, standing = pointer(office)
    with reading(office.engine) as session:
        references = live_references(session)
        versions = session.exec(select(PlanVersion)).all()
        stops = session.exec(select(PlanStop)).all()
    told = [line.split() for line in acknowledged]
    assert {what for kind, what in told if kind == "booking"} - references == set()
    numbers = sorted(row.number for row in versions)
    assert {int(what) for kind, what in told if kind == "plan"} - set(numbers) == set()
    assert numbers == list(range(1, len(versions) + 1))
    for row in versions:
        assert plan_sha256(read_plan(row.plan)) == row.plan_sha256
        assert len([stop for stop in stops if stop.plan_version_id == row.id]) == PROMISES
    assert version == len(versions)
    assert (standing.number if standing else 0) == len(versions)
