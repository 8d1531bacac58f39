"""Every constraint of every table really refuses, on both databases; times and days come back as they were stored."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import (
    CheckConstraint,
    Engine,
    ForeignKeyConstraint,
    PrimaryKeyConstraint,
    UniqueConstraint,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import col

from bookings.models import Booking
from bookings.statuses import LIVE, Status
from outreach.storage.engine import reading, writing
from outreach.storage.tables import ServiceDay, ShiftCrew, ShiftRow, Visit
from tests.outreach.storage.rows import (
    BOOKING,
    CASES,
    CREW,
    DAY,
    DEPOT,
    FINDING,
    OUTCOME,
    PLACE,
    SHIFT,
    SITE,
    STOP,
    TABLES,
    TOWN,
    VERSION,
    VISIT,
    Row,
    full,
    put_world,
)


def refusal(engine: Engine, table: str, row: Row) -> str | None:
    """The constraint that refuses the row; ``None`` when it is taken (but not kept)."""
    with engine.connect().execution_options(writing=True) as connection:
        try:
            connection.execute(insert(TABLES[table]).values(full(table, row)))
        except IntegrityError as error:
            return name_of(engine, table, error)
    return None


def name_of(engine: Engine, table: str, error: IntegrityError) -> str:
    """The constraint that refused. SQLite names checks, but of unique keys only columns, and of references nothing."""
    if engine.dialect.name == "postgresql":
        return str(error.orig.diag.constraint_name)  # type: ignore[union-attr]
    told = str(error.orig)
    check = re.search(r"CHECK constraint failed: (\w+)", told)
    if check:
        return check[1]
    if "FOREIGN KEY" in told:
        return "fk"
    columns = re.findall(rf"{table}\.(\w+)", told)
    unique = [key for key in TABLES[table].constraints if isinstance(key, UniqueConstraint | PrimaryKeyConstraint)]
    keys = [*unique, *(index for index in TABLES[table].indexes if index.unique)]
    return next(str(key.name) for key in keys if [column.name for column in key.columns] == columns)


def test_every_constraint_of_the_tables_refuses_what_it_is_there_for(engine: Engine) -> None:
    with writing(engine) as session:
        put_world(session)
    wrong = []
    for constraint, table, row in CASES:
        expected = "fk" if constraint.startswith("fk") and engine.dialect.name == "sqlite" else constraint
        refused_by = refusal(engine, table, row)
        if refused_by != expected:
            wrong.append((constraint, row, refused_by))
    assert wrong == []


def test_the_cases_above_leave_no_constraint_out() -> None:
    everything = {
        str(constraint.name)
        for table in TABLES.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint | ForeignKeyConstraint | UniqueConstraint)
    } | {str(index.name) for table in TABLES.values() for index in table.indexes if index.unique}
    assert everything - {name for name, _, _ in CASES} == set()


def test_the_rows_the_cases_start_from_are_all_taken(engine: Engine) -> None:
    rows = {
        "site_session": SITE, "site_place": PLACE, "plan_stop": STOP, "visit": VISIT, "visit_outcome": OUTCOME,
        "shift_crew": CREW, "shift": SHIFT,
        "plan_version": VERSION, "booking_finding": FINDING, "depot": DEPOT, "town": {**TOWN, "koaza": "b"},
    }  # fmt: skip
    with writing(engine) as session:
        put_world(session)
        for table, row in rows.items():
            session.connection().execute(insert(TABLES[table]).values(full(table, row)))


@pytest.mark.parametrize("status", sorted(Status))
def test_a_household_has_one_live_booking_a_visit_type_and_any_number_that_are_over(
    sqlite_engine: Engine, status: Status
) -> None:
    second = {**BOOKING, "household_key": "灯台町|1", "status": status.value}
    assert takes(sqlite_engine, second) is (status not in LIVE)


@pytest.mark.parametrize(
    "changes",
    [
        {"household_key": None},
        {"household_key": "灯台町|1", "visit_type": "card_renewal"},
        {"household_key": "灯台町|1", "household_number": 1},
    ],
    ids=["no household", "another visit type", "the next number"],
)
def test_a_household_may_have_a_second_live_booking_with(engine: Engine, changes: Row) -> None:
    assert takes(engine, {**BOOKING, **changes})


def takes(engine: Engine, booking: Row) -> bool:
    """Whether the database takes the booking beside the world's live one of household 灯台町|1."""
    with writing(engine) as session:
        put_world(session)
    return refusal(engine, "booking", booking) is None


def test_a_booking_that_becomes_live_again_meets_the_household_rule(engine: Engine) -> None:
    with writing(engine) as session:
        put_world(session)
        row = session.get_one(Booking, 2)
        row.status, row.household_key = "no_show", "灯台町|1"
        session.add(row)
    change = update(Booking).where(col(Booking.id) == 2).values(status="requested")
    with pytest.raises(IntegrityError), writing(engine) as session:
        session.connection().execute(change)


def test_a_released_promise_makes_room_for_the_next_one(engine: Engine) -> None:
    with writing(engine) as session:
        put_world(session)
        session.connection().execute(update(Visit).where(col(Visit.id) == 1).values(state="released"))
        session.connection().execute(insert(TABLES["visit"]).values(full("visit", {**VISIT, "booking_id": 1})))


def test_a_row_that_others_point_at_stays(engine: Engine) -> None:
    with writing(engine) as session:
        put_world(session)
    for table, key in (("booking", 1), ("van", "van-1"), ("staff", "s-01"), ("depot", "hall"), ("service_day", 1)):
        with pytest.raises(IntegrityError), writing(engine) as session:
            session.connection().execute(delete(TABLES[table]).where(TABLES[table].c.id == key))


def test_a_shift_that_goes_takes_its_crew_with_it(engine: Engine) -> None:
    with writing(engine) as session:
        put_world(session)
        session.connection().execute(delete(ShiftRow).where(col(ShiftRow.id) == 1))
        assert session.connection().execute(select(col(ShiftCrew.id))).all() == []


def test_instants_come_back_equal_and_in_utc(engine: Engine) -> None:
    instants = [
        datetime(2026, 11, 24, 9, 30, tzinfo=ZoneInfo("Asia/Tokyo")),
        datetime(2026, 11, 24, 0, 30, 0, 123456, tzinfo=UTC),
        datetime(2026, 11, 23, 20, 0, tzinfo=timezone(timedelta(hours=-4, minutes=-30))),
        datetime(1, 1, 2, tzinfo=UTC),
        datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC),
    ]
    for number, instant in enumerate(instants, start=1):
        row = {**BOOKING, "id": number, "reference": f"R{number}", "household_key": None, "received_at": instant}
        with writing(engine) as session:
            session.connection().execute(insert(TABLES["booking"]).values(row))
    with reading(engine) as session:
        found = [session.get_one(Booking, number).received_at for number in range(1, len(instants) + 1)]
    assert [(instant, instant.tzinfo) for instant in found] == [(instant, UTC) for instant in instants]


def test_instants_of_different_zones_are_compared_as_instants(engine: Engine) -> None:
    tokyo = datetime(2026, 11, 24, 8, 59, tzinfo=ZoneInfo("Asia/Tokyo"))  # one minute before midnight UTC
    with writing(engine) as session:
        session.connection().execute(insert(TABLES["booking"]).values({**BOOKING, "received_at": tokyo}))
    with reading(engine) as session:
        query = select(col(Booking.id)).where(col(Booking.received_at) < datetime(2026, 11, 24, tzinfo=UTC))
        assert session.connection().execute(query).all() == [(3,)]


def test_a_naive_instant_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="a stored time must be aware"), writing(engine) as session:
        session.connection().execute(
            insert(TABLES["booking"]).values({**BOOKING, "received_at": datetime(2026, 11, 24)})  # noqa: DTZ001
        )


def test_a_service_day_is_a_local_date(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(ServiceDay(day=DAY))
    with reading(engine) as session:
        found = session.connection().execute(select(col(ServiceDay.day))).scalar_one()
    assert (type(found), found) == (date, DAY)


def test_text_comes_back_as_it_was_written(engine: Engine) -> None:
    name = "髙﨑 邉\u3000𠮷 か\u3099 % ' \" \\ ; -- \n\t🚐"
    with writing(engine) as session:
        session.connection().execute(
            insert(TABLES["booking"]).values({**BOOKING, "name": name, "answers": {"name": name}})
        )
    with reading(engine) as session:
        row = session.get_one(Booking, 3)
    assert (row.name, row.answers) == (name, {"name": name})
