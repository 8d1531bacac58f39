"""A desk that is killed at any moment loses no promise it made, makes none twice, and leaves no half plan."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from sqlmodel import col, select

from bookings.models import Booking
from outreach.services.office import Office, open_office
from outreach.storage.engine import reading
from outreach.storage.tables import AnsweredRequest, PlanStop, PlanVersion, ServiceDay, Visit, VisitState
from routing.files import plan_sha256, read_plan
from tests.conftest import Soak
from tests.outreach.city import small_city
from tests.outreach.services.promised import quick, require_kept, state_of
from tests.outreach.storage import child, promiser
from tests.outreach.storage.promiser import Notebook
from tests.outreach.storage.test_kill import OPENS_WITHIN_S


@pytest.mark.heavy(take=1)
def test_kill_minus_nine_loses_no_promise_that_was_answered_and_makes_none_twice(
    office: Office, soak: Soak, tmp_path: Path
) -> None:
    small_city(office)
    office.engine.dispose()
    notebook = tmp_path / "notebook"
    notebook.touch()
    home, url = str(office.settings.home), office.settings.database_url
    writes, kills, slowest_s = soak.count(500), 0, 0.0
    cut: Counter[str] = Counter()
    while len(Notebook.read(notebook).told) < writes:
        seen = notebook.stat().st_size
        writer = child.start(promiser.promise_for_ever, home, url, f"{soak.rng.random()}", str(notebook))
        while notebook.stat().st_size == seen and writer.is_alive():
            time.sleep(0.005)  # until this turn has begun
        time.sleep(soak.rng.uniform(0.0, 1.0))
        writer.kill()
        writer.join()
        assert writer.exitcode == -9
        kills += 1

        began = time.monotonic()
        again = quick(open_office(office.settings))
        slowest_s = max(slowest_s, time.monotonic() - began)
        cut[look_through(again, Notebook.read(notebook))] += 1
        again.engine.dispose()
    soak.table("kills", kills)
    soak.table("under way", dict(sorted(cut.items())))
    soak.table("slowest_open_s", round(slowest_s, 3))
    assert slowest_s < OPENS_WITHIN_S


def look_through(office: Office, notebook: Notebook) -> str:
    """Every booking is where its last answer left it, or where the write under way was to lead it; plans are whole.

    Returns what became of the write under way.
    """
    standing, cut = notebook.standing(), notebook.unanswered
    now = {reference: where_it_is(office, reference) for reference in {*standing, *([cut.reference] if cut else [])}}
    stored = cut is not None and now[cut.reference] == cut.leads_to
    for reference, last in standing.items():
        if cut is None or reference != cut.reference or not stored:
            assert now[reference] == last, reference
    done = [asked.key for asked in notebook.asked if notebook.told.get(asked.key) == "done" and asked.what != "take"]
    with reading(office.engine) as session:
        keys = set(session.exec(select(AnsweredRequest.key)).all())
        days = session.exec(select(ServiceDay).where(col(ServiceDay.standing_plan_id).is_not(None))).all()
        versions = session.exec(select(PlanVersion)).all()
        stops = Counter(session.exec(select(PlanStop.plan_version_id)).all())
    assert keys - set(done) <= ({cut.key} if cut is not None else set())
    assert set(done) <= keys
    for day in days:
        numbers = sorted(row.number for row in versions if row.service_day_id == day.id)
        assert numbers == list(range(1, len(numbers) + 1))
        standing_plan = state_of(office, day.day).standing
        assert standing_plan is not None
        assert standing_plan.number == numbers[-1]
        require_kept(office, day.day)
    for row in versions:
        plan = read_plan(row.plan)
        assert plan_sha256(plan) == row.plan_sha256
        assert stops[row.id or 0] == len(plan.served)
    if cut is None:
        return "nothing"
    return f"{cut.what}, {'stored' if stored else 'not stored'}"


def where_it_is(office: Office, reference: str) -> tuple[str, str, int]:
    """Status of a booking, and day and window of what is kept for it (of a cancelled one: of what was kept last)."""
    with reading(office.engine) as session:
        booking = session.exec(select(Booking).where(Booking.reference == reference)).first()
        if booking is None:
            return "", "", 0
        rows = session.exec(
            select(Visit, ServiceDay)
            .where(col(Visit.service_day_id) == col(ServiceDay.id), Visit.booking_id == booking.id)
            .order_by(col(Visit.id))
        ).all()
    kept = [visit for visit, _ in rows if visit.state in (VisitState.HELD, VisitState.PROMISED)]
    assert [visit.state for visit in kept] == {"held": ["held"], "confirmed": ["promised"]}.get(booking.status, [])
    if not rows:
        return booking.status, "", 0
    visit, day = rows[-1]
    return booking.status, day.day.isoformat(), visit.opens_s
