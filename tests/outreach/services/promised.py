"""An office whose searches are short, promises made in it, and what must be true of every day at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date as Date
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bookings.models import Booking
from outreach.programme.rules import amended
from outreach.services import desk
from outreach.services._day_state import DayState
from outreach.services._days import read_day
from outreach.services._plans import check_standing
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import PlanVersion, ServiceDay, Visit
from tests.outreach.city import FAR, NEAR, TUESDAY, SmallTown, put_bookings, put_shift_row, small_city

HOUR_S = 3600
HALF_S = 1800


def window(clock: str) -> tuple[int, int]:
    """The half hour that opens at ``HH:MM``."""
    hours, minutes = clock.split(":")
    opens_s = int(hours) * HOUR_S + int(minutes) * 60
    return opens_s, opens_s + HALF_S


def quick(office: Office, **changes: Mapping[str, Any]) -> Office:
    """The office with short searches and no lead time, and rules changed as asked."""
    short = {"solver": {"make_seconds": 0.5, "confirm_seconds": 0.5}, "booking": {"clerk_lead_working_days": 0}}
    return replace(office, rules=amended(office.rules, {**short, **changes}))


def at(office: Office, now: datetime) -> Office:
    """The office at another moment."""
    return replace(office, settings=replace(office.settings, now=now))


def promised(office: Office, *clocks: str, day: Date = TUESDAY, town: SmallTown = NEAR, first: int = 1) -> list[str]:
    """Take one booking for each clock time and promise it that window."""
    references = put_bookings(office, len(clocks), first=first, town=town)
    for reference, clock in zip(references, clocks, strict=True):
        desk.confirm(office, reference, day, window(clock))
    return list(references)


def one_van_city(office: Office) -> None:
    """The small city, in which only van-1 drives on Tuesday."""
    from outreach.services.shifts import remove_shift

    small_city(office)
    remove_shift(office, TUESDAY, "van-2")


def again(office: Office, day: Date, van: str, crew: tuple[str, str]) -> None:
    """Put a shift back, unchecked."""
    with writing(office.engine) as session:
        put_shift_row(session, day, van, crew)


def state_of(office: Office, day: Date = TUESDAY) -> DayState:
    """The day as it is now."""
    with reading(office.engine) as session:
        state = read_day(session, office, day)
    assert state is not None
    return state


def versions(office: Office, day: Date = TUESDAY) -> list[tuple[int, str]]:
    """Number and maker of every stored version of a day."""
    with reading(office.engine) as session:
        rows = session.exec(
            select(PlanVersion.number, PlanVersion.made_by)
            .where(col(PlanVersion.service_day_id) == col(ServiceDay.id))
            .where(ServiceDay.day == day)
            .order_by(col(PlanVersion.number))
        ).all()
    return [(number, made_by) for number, made_by in rows]


def booking_of(office: Office, reference: str) -> Booking:
    """A booking's row."""
    with reading(office.engine) as session:
        return session.exec(select(Booking).where(Booking.reference == reference)).one()


def visit_states(office: Office, reference: str) -> list[str]:
    """The states of a booking's visits, the oldest first."""
    with reading(office.engine) as session:
        return list(
            session.exec(
                select(Visit.state)
                .where(col(Visit.booking_id) == col(Booking.id))
                .where(Booking.reference == reference)
                .order_by(col(Visit.id))
            ).all()
        )


def change_booking(office: Office, reference: str, **values: object) -> None:
    """Change columns of a booking behind the desk's back."""
    with writing(office.engine) as session:
        booking = session.exec(select(Booking).where(Booking.reference == reference)).one()
        for name, value in values.items():
            setattr(booking, name, value)
        session.add(booking)


def windows_promised(office: Office, day: Date = TUESDAY) -> dict[str, tuple[int, int]]:
    """Every promise of a day."""
    return {promise.reference: (promise.opens_s, promise.closes_s) for promise in state_of(office, day).promises}


def require_kept(office: Office, day: Date = TUESDAY) -> None:
    """The standing plan passes the checker against the day as it is, and serves every promise in its window."""
    assert check_standing(office, day) == ()
    state = state_of(office, day)
    assert state.standing is not None
    starts = {stop.visit: stop.start_s for route in state.standing.plan.routes for stop in route.stops}
    for promise in state.promises:
        assert promise.opens_s <= starts[promise.reference] <= promise.closes_s


HALF_WAY = SmallTown("半路町", "ハンロチョウ", 38.3018, 143.5294)
"""On the way to the far town: from there, and only from there, it is within a limit of 25 minutes."""


def leg_limit_city(office: Office) -> tuple[Office, str, str]:
    """One van; a far promise that is legal only by way of another one, half way; references of half way and far.

    The far visit is 37 minutes from the depot. Its way there and back is short enough only with a stop between.
    """
    office = quick(office, travel={"max_leg_min": 25}, shift={"lunch_min": 0})
    one_van_city(office)
    (there,) = put_bookings(office, 1, first=1, town=HALF_WAY)
    (far,) = put_bookings(office, 1, first=2, town=FAR)
    (back,) = put_bookings(office, 1, first=3, town=HALF_WAY)
    desk.confirm(office, there, TUESDAY, window("10:00"))
    desk.confirm(office, back, TUESDAY, window("13:00"))
    desk.confirm(office, far, TUESDAY, window("11:30"))
    return office, there, far
