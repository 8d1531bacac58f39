"""Better plans for the same promises: less driving, no ghosts, and no promised window ever moves."""

from __future__ import annotations

from datetime import date as Date
from datetime import timedelta

import pytest
from sqlmodel import col, select

from outreach.errors import BadInput, Refused
from outreach.programme.clock import instant_from
from outreach.services import desk, fleet, improving, planning, publishing
from outreach.services.improving import Result, Skipped, improve
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import Publication, Visit
from routing.certificate import Says, Statement
from routing.errors import SolveError
from tests.conftest import Soak
from tests.outreach.city import (
    CREWS,
    HALL,
    MIDDLE,
    MORNING,
    NOW,
    TUESDAY,
    WEDNESDAY,
    a_booking,
    put_bookings,
    small_city,
)
from tests.outreach.services.promised import (
    again,
    at,
    booking_of,
    leg_limit_city,
    promised,
    quick,
    require_kept,
    state_of,
    versions,
    visit_states,
    window,
    windows_promised,
)


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@pytest.fixture
def sqlite_office(sqlite_office: Office) -> Office:
    """With short searches, on SQLite alone."""
    return quick(sqlite_office)


def wasteful_day(office: Office, day: Date = TUESDAY, first: int = 1) -> list[str]:
    """Two neighbours some way out who could share a van, each on a van of their own."""
    references = promised(office, "10:00", "13:30", day=day, town=MIDDLE, first=first)
    for reference, van in zip(references, ("van-1", "van-2"), strict=True):
        planning.pin(office, day, reference, van)
    for reference in references:
        planning.pin(office, day, reference, None)
    return references


def driving_s(office: Office, day: Date = TUESDAY) -> int:
    standing = state_of(office, day).standing
    assert standing is not None
    return standing.plan.travel_s


def hold(office: Office, number: int = 5, clock: str = "13:30") -> str:
    """A window held for a caller; the hold lasts ten minutes."""
    (reference,) = put_bookings(office, 1, first=number)
    desk.hold(office, reference, TUESDAY, window(clock))
    return reference


NIGHT = NOW + timedelta(hours=10)


def test_a_plan_that_drives_less_is_stored_and_the_windows_stay(office: Office) -> None:
    small_city(office)
    wasteful_day(office)
    told, before_s, number = windows_promised(office), driving_s(office), versions(office)[-1][0]
    said: list[tuple[Date, int, int]] = []
    (day,) = improve(office, progress=lambda *what: said.append(what)).days
    assert (day.day, day.result, day.skipped, day.version) == (TUESDAY, Result.IMPROVED, None, number + 1)
    assert (day.before_s, day.after_s) == (before_s, driving_s(office))
    assert day.saved_s == day.before_s - day.after_s > 0
    assert versions(office)[-1] == (number + 1, "improve")
    assert windows_promised(office) == told
    assert said == [(TUESDAY, 1, 1)]
    require_kept(office)


def test_a_plan_nothing_was_known_of_is_stored_once_with_its_proof(office: Office) -> None:
    small_city(office)
    promised(office, "10:00")
    before = planning.show(office, TUESDAY)
    assert before.statement.says is Says.UNKNOWN
    (day,) = improve(office).days
    after = planning.show(office, TUESDAY)
    assert (day.result, day.version, day.saved_s) == (Result.CERTIFIED, before.number + 1, 0)
    assert day.statement == after.statement == Statement(Says.PROVED)
    assert after.plan.routes == before.plan.routes
    (day,) = improve(office).days
    assert (day.result, day.version, day.statement) == (Result.AS_GOOD, None, Statement(Says.PROVED))


def test_a_plan_as_good_as_it_can_be_is_left_alone(office: Office) -> None:
    small_city(office)
    wasteful_day(office)
    improve(office)
    stored, version = versions(office), state_of(office).version
    (day,) = improve(office).days
    assert (day.result, day.saved_s, day.version) == (Result.AS_GOOD, 0, None)
    assert (versions(office), state_of(office).version) == (stored, version)


def test_what_an_expired_hold_left_is_taken_off(office: Office) -> None:
    small_city(office)
    promised(office, "10:00")
    held = hold(office)
    tonight = at(office, NIGHT)
    done = improve(tonight)
    (day,) = done.days
    assert done.lapsed == (held,)
    assert (day.result, day.ghosts_freed, day.ghosts_left) == (Result.CLEARED, (held,), ())
    assert day.saved_s > 0
    assert [made_by for _, made_by in versions(office)][-2:] == ["expiry", "improve"]  # then with its certificate
    assert (booking_of(office, held).status, visit_states(office, held)) == ("requested", ["released"])
    assert state_of(tonight).ghosts == frozenset()
    require_kept(tonight)


def test_a_day_with_nothing_but_an_expired_hold_is_cleared_too(office: Office) -> None:
    small_city(office)
    held = hold(office)
    tonight = at(office, NIGHT)
    (day,) = improve(tonight).days
    assert (day.result, day.ghosts_freed, day.after_s) == (Result.CLEARED, (held,), 0)
    assert improve(tonight).days == ()


def test_a_published_day_is_left_alone(office: Office) -> None:
    small_city(office)
    wasteful_day(office)
    publishing.publish(office, TUESDAY, language="en")
    stored = versions(office)
    (day,) = improve(office).days
    assert (day.result, day.skipped, day.saved_s, day.version) == (Result.SKIPPED, Skipped.PUBLISHED, 0, None)
    assert versions(office) == stored


def test_an_expired_hold_is_taken_off_a_published_day_and_its_sheets_are_outdated(office: Office) -> None:
    small_city(office)
    wasteful_day(office)
    held = hold(office, clock="11:00")
    publishing.publish(office, TUESDAY, language="en")
    tonight = at(office, NIGHT)
    (day,) = improve(tonight).days
    assert (day.result, day.skipped, day.ghosts_freed) == (Result.CLEARED, Skipped.PUBLISHED, (held,))
    assert [made_by for _, made_by in versions(office)][-1] == "expiry"
    with reading(office.engine) as session:
        (publication,) = session.exec(select(Publication)).all()
    assert publication.outdated_at is not None
    require_kept(tonight)


def test_a_ghost_is_freed_when_another_plan_is_found(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office, there, _ = leg_limit_city(office)
    desk.cancel(office, there)
    assert state_of(office).ghosts == {there}
    (day,) = improve(office).days
    assert (day.result, day.ghosts_freed, day.ghosts_left) == (Result.AS_GOOD, (), (there,))
    (other,) = put_bookings(office, 1, first=8)
    with writing(office.engine) as session:
        session.add(session.merge(_half_way(office, other)))
    desk.confirm(office, other, TUESDAY, window("10:30"))  # on the same way: now the ghost need not be driven to
    (day,) = improve(office).days
    assert (day.ghosts_left, state_of(office).ghosts) == ((), frozenset())
    require_kept(office)


def _half_way(office: Office, reference: str) -> object:
    from tests.outreach.services.promised import HALF_WAY

    booking = booking_of(office, reference)
    booking.lat, booking.lon = HALF_WAY.lat + 0.001, HALF_WAY.lon
    return booking


def test_a_day_that_changes_meanwhile_is_skipped_and_nothing_is_lost(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city(office)
    references = wasteful_day(office)
    (late,) = put_bookings(office, 1, first=3)
    honest = improving.find_plan

    def overtaken(*arguments: object, **named: object) -> object:
        found = honest(*arguments, **named)  # type: ignore[arg-type]
        monkeypatch.setattr(improving, "find_plan", honest)
        desk.confirm(office, late, TUESDAY, window("11:00"))
        return found

    monkeypatch.setattr(improving, "find_plan", overtaken)
    (day,) = improve(office).days
    assert (day.result, day.skipped, day.saved_s) == (Result.SKIPPED, Skipped.CHANGED_MEANWHILE, 0)
    assert set(windows_promised(office)) == {*references, late}
    assert versions(office)[-1][1] == "confirm"
    require_kept(office)


def test_a_search_that_dies_skips_its_day_only(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    small_city(office)
    wasteful_day(office)
    wasteful_day(office, WEDNESDAY, first=3)
    honest = improving.find_plan

    def dies_once(*_: object, **__: object) -> None:
        monkeypatch.setattr(improving, "find_plan", honest)
        raise SolveError("SOLVER_KILLED", "killed")

    monkeypatch.setattr(improving, "find_plan", dies_once)
    first, second = improve(office).days
    assert (first.result, first.skipped) == (Result.SKIPPED, Skipped.SEARCH_FAILED)
    assert (second.day, second.result) == (WEDNESDAY, Result.IMPROVED)


def test_a_plan_that_the_checker_refuses_is_not_stored(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    small_city(office)
    wasteful_day(office)
    honest, stored = improving.find_plan, versions(office)

    def cheats(*arguments: object, **named: object) -> object:
        found = honest(*arguments, **named)  # type: ignore[arg-type]
        routes = tuple(replace(route, travel_s=route.travel_s - 60) for route in found.plan.routes)
        return replace(found, plan=replace(found.plan, routes=routes))

    monkeypatch.setattr(improving, "find_plan", cheats)
    (day,) = improve(office).days
    assert (day.result, day.skipped) == (Result.SKIPPED, Skipped.SEARCH_FAILED)
    assert versions(office) == stored


def test_proposals_stay_and_none_are_added(office: Office) -> None:
    small_city(office)
    wasteful_day(office)
    (proposed,) = put_bookings(office, 1, first=3, town=MIDDLE)
    view = planning.make(office, TUESDAY)
    assert view.proposals == (proposed,)
    put_bookings(office, 1, first=4)  # nobody is proposed at night
    improve(office)
    assert planning.show(office, TUESDAY).proposals == (proposed,)
    require_kept(office)


def test_a_plan_no_longer_legal_is_made_anew_and_what_breaks_is_named(office: Office) -> None:
    small_city(office)
    both = promised(office, "10:00", "10:00")
    (other,) = promised(office, "10:00", day=WEDNESDAY, first=3)
    from outreach.storage.tables import VanDown

    with writing(office.engine) as session:  # somebody was interrupted before the days were looked at
        session.add(VanDown(van_id="van-1", first_day=TUESDAY, last_day=WEDNESDAY))
    first, second = improve(office).days
    assert first.rechecked is not None
    assert second.rechecked is not None
    assert (first.result, first.rechecked.outcome) == (Result.RECHECKED, "broken")
    assert {person.reference for person in first.rechecked.to_phone} < set(both)
    assert (second.result, second.rechecked.outcome) == (Result.RECHECKED, "remade")
    assert other in windows_promised(office, WEDNESDAY)
    require_kept(office, WEDNESDAY)


def test_only_the_days_asked_for_are_searched_and_never_today(office: Office) -> None:
    small_city(office)
    wasteful_day(office)
    wasteful_day(office, WEDNESDAY, first=3)
    assert [day.day for day in improve(office, first=WEDNESDAY).days] == [WEDNESDAY]
    assert [day.day for day in improve(office, last=TUESDAY).days] == [TUESDAY]
    tuesday = at(office, instant_from("2026-11-24T05:00"))
    assert [day.day for day in improve(tuesday, first=TUESDAY).days] == [WEDNESDAY]
    with pytest.raises(Refused) as refusal:
        improve(tuesday, first=TUESDAY, last=TUESDAY)
    assert (refusal.value.code, refusal.value.values["first"]) == ("IMPROVE_FROM_TOMORROW", WEDNESDAY)
    with pytest.raises(BadInput) as backwards:
        improve(office, first=WEDNESDAY, last=TUESDAY)
    assert backwards.value.code == "PERIOD_BACKWARDS"


def test_requests_past_their_date_become_unmet(office: Office) -> None:
    small_city(office)
    (reference,) = put_bookings(office, 1)
    done = improve(at(office, instant_from("2027-11-20T03:00")))
    assert done.unmet == (reference,)
    assert booking_of(office, reference).status == "unmet"


@pytest.mark.heavy(take=1)
def test_on_random_days_no_promised_window_moves_and_driving_never_grows(office: Office, soak: Soak) -> None:
    small_city(office)
    saved_s = number = 0
    days = office.calendar.service_days(Date(2026, 11, 26), Date(2027, 8, 31))[: soak.count(80)]
    for day in days:
        for van, crew in CREWS.items():
            again(office, day, van, crew)
        for _ in range(soak.rng.randrange(3, 11)):
            number += 1
            booking = a_booking(
                number, lat=HALL[0] + soak.rng.uniform(-0.13, 0.13), lon=HALL[1] + soak.rng.uniform(-0.13, 0.13)
            )
            reference = booking.reference
            with writing(office.engine) as session:
                session.add(booking)
            asked = soak.rng.choice(office.calendar.windows(day))
            promise = desk.hold if soak.rng.random() < 0.2 else desk.confirm
            try:
                promise(office, reference, day, asked, accept=["BEYOND_HORIZON"])
            except Refused:
                continue
            if soak.rng.random() < 0.1:
                desk.cancel(office, reference)
        tonight = at(office, NIGHT)
        told = windows_promised(tonight, day)
        looked_at = improve(tonight, first=day, last=day, seconds=0.5).days
        assert windows_promised(tonight, day) == told
        for entry in looked_at:
            assert entry.saved_s >= 0 or entry.ghosts_freed
            assert entry.after_s == driving_s(tonight, day)
            saved_s += entry.saved_s
        if told:
            require_kept(tonight, day)
    with reading(office.engine) as session:
        kept = session.exec(select(Visit).where(col(Visit.state) == "promised")).all()
    assert all(visit.closes_s - visit.opens_s == MORNING[1] - MORNING[0] for visit in kept)
    soak.table("saved_s", saved_s)


def test_a_van_back_in_service_is_used_at_night(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    fleet.van_down(sqlite_office, "van-2", TUESDAY, None, reason="")
    references = promised(sqlite_office, "10:00", "11:30")
    fleet.van_up(sqlite_office, "van-2", TUESDAY)
    (day,) = improve(sqlite_office).days
    assert day.saved_s >= 0
    assert set(windows_promised(sqlite_office)) == set(references)
