"""A promised day with plans that keep it, made without a solver: for tests that store plans."""

from __future__ import annotations

from outreach.services._day_state import DayState
from outreach.services._day_writes import store_plan
from outreach.services._days import build_problem, read_day
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import MadeBy, PlanVersion, ServiceDay, Visit
from routing.check import check
from routing.plan import Certificate, DayPlan, PlanStatus, Route
from routing.problem import DayProblem
from routing.schedule import schedule_route
from tests.outreach.city import NOW, TUESDAY, a_booking, put_day, small_city

PROMISES = 4
HOUR_S = 3600


def promised_day(office: Office) -> dict[str, int]:
    """The small city with four promises on Tuesday, one an hour from 09:30, no plan yet; booking ids by reference."""
    small_city(office)
    with writing(office.engine) as session:
        day = put_day(session)
        bookings = [a_booking(number, status="confirmed") for number in range(1, PROMISES + 1)]
        session.add_all(bookings)
        session.flush()
        for hour, booking in enumerate(bookings):
            opens_s = 9 * HOUR_S + 1800 + hour * HOUR_S
            session.add(
                Visit(
                    booking_id=booking.id or 0,
                    service_day_id=day.id or 0,
                    opens_s=opens_s,
                    closes_s=opens_s + 1800,
                    service_s=2400,
                    lat=booking.lat or 0.0,
                    lon=booking.lon or 0.0,
                    promised_at=NOW,
                )
            )
        return {booking.reference: booking.id or 0 for booking in bookings}


def tuesday(office: Office) -> DayState:
    """The day as it is now."""
    with reading(office.engine) as session:
        state = read_day(session, office, TUESDAY)
    assert state is not None
    return state


def plan_number(office: Office, state: DayState, turn: int) -> tuple[DayProblem, DayPlan]:
    """A checked plan that keeps all promises; ``turn`` says which of them each van serves, so that plans differ."""
    problem = build_problem(office, state)
    routes = []
    for van, shift in enumerate(problem.shifts):
        order = [promise.reference for at, promise in enumerate(state.promises) if (turn >> at) % 2 == van]
        if order:
            route = schedule_route(problem, shift, order)
            assert isinstance(route, Route), route
            routes.append(route)
    plan = DayPlan(
        date=problem.date,
        status=PlanStatus.FEASIBLE,
        objective_s=sum(route.travel_s for route in routes),
        lower_bound_s=None,
        problem_sha256=None,
        certificate=Certificate(method="by hand", seconds=0.0),
        routes=tuple(routes),
        unassigned=(),
    )
    assert check(problem, plan) == ()
    return problem, plan


def store(office: Office, state: DayState, turn: int) -> int:
    """Store such a plan as the day's standing plan; returns its number."""
    problem, plan = plan_number(office, state, turn)
    with writing(office.engine) as session:
        version = store_plan(session, office, state, problem, plan, made_by=MadeBy.MAKE)
        return version.number


def pointer(office: Office) -> tuple[int, PlanVersion | None]:
    """The day's version and what it stands on."""
    with reading(office.engine) as session:
        row = session.get_one(ServiceDay, tuesday(office).day_id)
        return row.version, session.get(PlanVersion, row.standing_plan_id) if row.standing_plan_id else None
