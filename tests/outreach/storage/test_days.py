"""A day's plan moves on only under the number its writer has seen: one winner, and never half a plan."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from outreach.errors import present
from outreach.services import _day_writes
from outreach.services._day_writes import DayChanged, claim_day, ensure_day
from outreach.services._days import read_day
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import PlanStop, PlanVersion, Publication, ServiceDay
from outreach.words import Words
from routing.files import read_plan, read_problem
from tests.outreach.city import NOW, TUESDAY, put_day, small_city
from tests.outreach.storage.plans import plan_number, pointer, promised_day, store, tuesday

RACERS = 8


def test_of_eight_writers_who_saw_the_same_day_exactly_one_wins(office: Office) -> None:
    promised_day(office)
    state = tuesday(office)
    start = threading.Barrier(RACERS)
    outcomes: list[str] = []

    def race() -> None:
        start.wait()
        try:
            with writing(office.engine) as session:
                claim_day(session, state)
            outcomes.append("won")
        except DayChanged as error:
            outcomes.append(error.code)

    racers = [threading.Thread(target=race) for _ in range(RACERS)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert sorted(outcomes) == ["DAY_CHANGED"] * 7 + ["won"]
    assert pointer(office) == (state.version + 1, None)


def test_of_eight_plans_for_the_same_day_exactly_one_is_stored(office: Office) -> None:
    promised_day(office)
    state = tuesday(office)
    plan_number(office, state, 0)  # the travel times are in the cache now
    start = threading.Barrier(RACERS)
    stored: list[int] = []
    refused: list[str] = []

    def race(turn: int) -> None:
        start.wait()
        try:
            stored.append(store(office, state, turn))
        except DayChanged as error:
            refused.append(present(error, Words("en")).code)

    racers = [threading.Thread(target=race, args=(turn,)) for turn in range(RACERS)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert (stored, refused) == ([1], ["DAY_CHANGED"] * 7)
    with reading(office.engine) as session:
        assert len(session.exec(select(PlanVersion.id)).all()) == 1
        assert len(session.exec(select(PlanStop.id)).all()) == 4


def test_writers_who_read_again_after_losing_all_get_their_turn(office: Office) -> None:
    promised_day(office)
    plan_number(office, tuesday(office), 0)
    stored: list[int] = []

    def insist(turn: int) -> None:
        while True:
            try:
                stored.append(store(office, tuesday(office), turn))
                return
            except DayChanged:
                continue

    writers = [threading.Thread(target=insist, args=(turn,)) for turn in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(stored) == [1, 2, 3, 4]
    version, standing = pointer(office)
    assert standing is not None
    assert (version, standing.number) == (4, 4)


def test_a_stored_plan_is_read_back_as_it_was(office: Office) -> None:
    ids = promised_day(office)
    problem, plan = plan_number(office, tuesday(office), 5)
    store(office, tuesday(office), 5)
    standing = tuesday(office).standing
    assert standing is not None
    assert (standing.problem, standing.plan, standing.number, standing.made_by) == (problem, plan, 1, "make")
    assert standing.roles == dict.fromkeys(ids, "promised")


def test_the_stops_of_a_version_are_those_of_its_plan(office: Office) -> None:
    ids = promised_day(office)
    store(office, tuesday(office), 6)
    with reading(office.engine) as session:
        version = session.exec(select(PlanVersion)).one()
        stops = session.exec(select(PlanStop).order_by(col(PlanStop.van_id), col(PlanStop.position))).all()
    plan, problem = read_plan(version.plan), read_problem(version.problem)
    assert [(s.van_id, s.position, s.booking_id, s.arrive_s, s.start_s, s.depart_s) for s in stops] == [
        (route.shift, position, ids[stop.visit], stop.arrive_s, stop.start_s, stop.depart_s)
        for route in plan.routes
        for position, stop in enumerate(route.stops, start=1)
    ]
    assert {visit.id for visit in problem.visits} == set(ids)


def test_a_plan_that_fails_in_the_middle_leaves_nothing_and_the_old_one_stands(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = promised_day(office)
    store(office, tuesday(office), 1)
    # A stop that points at no booking: refused when all else is written.
    owners = {reference: {"booking_id": booking_id} for reference, booking_id in ids.items()}
    monkeypatch.setattr(_day_writes, "_owners", lambda *_: {**owners, max(ids): {"booking_id": 999_999}})
    with pytest.raises(IntegrityError):
        store(office, tuesday(office), 2)
    version, standing = pointer(office)
    assert standing is not None
    assert (version, standing.number) == (1, 1)
    with reading(office.engine) as session:
        assert len(session.exec(select(PlanVersion.id)).all()) == 1
        assert len(session.exec(select(PlanStop.id)).all()) == 4


def test_a_new_plan_marks_what_was_published_of_the_day_as_outdated(office: Office) -> None:
    promised_day(office)
    store(office, tuesday(office), 1)
    with writing(office.engine) as session:
        day = session.exec(select(ServiceDay)).one()
        day.published_plan_id = day.standing_plan_id
        session.add(
            Publication(plan_version_id=day.standing_plan_id or 0, at=NOW, who="tester", language="ja", files={})
        )
    store(office, tuesday(office), 2)
    with reading(office.engine) as session:
        assert [row.outdated_at for row in session.exec(select(Publication)).all()] == [NOW]


def test_a_day_is_made_once_however_many_need_it(office: Office) -> None:
    small_city(office)
    start = threading.Barrier(RACERS)
    failed: list[BaseException] = []

    def need() -> None:
        start.wait()
        try:
            with writing(office.engine) as session:
                ensure_day(session, TUESDAY)
        except Exception as error:
            failed.append(error)

    needers = [threading.Thread(target=need) for _ in range(RACERS)]
    for needer in needers:
        needer.start()
    for needer in needers:
        needer.join()
    with reading(office.engine) as session:
        assert (failed, session.exec(select(col(ServiceDay.day))).all()) == ([], [TUESDAY])


def test_a_day_nobody_touched_has_no_state(office: Office) -> None:
    small_city(office)
    with reading(office.engine) as session:
        assert read_day(session, office, TUESDAY) is None
    with writing(office.engine) as session:
        put_day(session)
    assert (tuesday(office).promises, tuesday(office).standing) == ((), None)
