"""What changes elsewhere do to planned days: kept, planned anew, or broken and told at once; never passed over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date

import pytest
from sqlmodel import select

from outreach.errors import Busy, Refused
from outreach.programme.clock import instant_from
from outreach.programme.rules import amended
from outreach.services import _patience, _recheck, desk, fleet, planning, publishing, rules_in_force, shifts
from outreach.services._recheck import Outcome
from outreach.services.office import Office
from outreach.services.rules_in_force import legality_sha256, notice_rules
from outreach.services.shifts import ShiftRequest
from outreach.storage.engine import reading, writing
from outreach.storage.tables import (
    PlaceState,
    RulesInForce,
    ServiceDay,
    ServiceDayChange,
    SitePlace,
    SiteSession,
)
from routing.errors import SolveError
from tests.conftest import Soak
from tests.outreach.city import CREWS, FAR, HALL, MORNING, TUESDAY, WEDNESDAY, a_booking, put_bookings, small_city
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


def van_of(office: Office, reference: str, day: Date = TUESDAY) -> str:
    standing = state_of(office, day).standing
    assert standing is not None
    route = standing.plan.route_of(reference)
    assert route is not None
    return route.shift


def history(office: Office, what: str) -> list[dict[str, object]]:
    with reading(office.engine) as session:
        return [
            row.details for row in session.exec(select(ServiceDayChange).where(ServiceDayChange.what == what)).all()
        ]


# -- what becomes of a day ---------------------------------------------------------------------------------------------


def test_a_day_that_another_van_can_keep_is_planned_anew_at_once(office: Office) -> None:
    small_city(office)
    references = promised(office, "10:00", "13:30")
    told, van = windows_promised(office), van_of(office, references[0])
    (day,) = fleet.van_down(office, van, TUESDAY, TUESDAY, reason="brakes")
    assert (day.outcome, day.version, day.broken, day.to_phone, day.outdated) == (Outcome.REMADE, 3, (), (), False)
    assert versions(office)[-1] == (3, "remake")
    assert windows_promised(office) == told
    require_kept(office)
    assert history(office, "remake") == [{"cause": "van_down", "plan": 3}]


def test_a_published_day_planned_anew_says_that_its_sheets_are_outdated(office: Office) -> None:
    small_city(office)
    (reference,) = promised(office, "10:00")
    publishing.publish(office, TUESDAY, language="en")
    (day,) = fleet.van_down(office, van_of(office, reference), TUESDAY, TUESDAY, reason="")
    assert (day.outcome, day.outdated) == (Outcome.REMADE, True)
    view = planning.show(office, TUESDAY)
    assert (view.outdated, view.published_number, view.closed) == (True, 1, True)
    require_kept(office)


def test_a_shift_with_other_hours_breaks_what_lies_outside_them(office: Office) -> None:
    small_city(office)
    shifts.remove_shift(office, TUESDAY, "van-2")
    early, late = promised(office, "10:00", "14:00")
    afternoon = ShiftRequest(TUESDAY, "van-1", CREWS["van-1"], 12 * 3600, 17 * 3600)
    with pytest.raises(Refused):
        shifts.add_shift(office, afternoon)
    done = shifts.add_shift(office, afternoon, replace=True)
    assert (done.shift.start_s, done.shift.end_s) == (12 * 3600, 17 * 3600)
    (day,) = done.days
    assert (day.outcome, day.broken, day.proved) == (Outcome.BROKEN, (early,), True)
    assert [(person.reference, person.opens_s) for person in day.to_phone] == [(early, 36000)]
    assert {visit_states(office, reference)[-1] for reference in (early, late)} == {"promised"}


def test_a_depot_that_moved_is_looked_at_again(office: Office) -> None:
    small_city(office)
    (reference,) = promised(office, "10:00")
    moved = '[[depot]]\nid = "hall"\nname = "市役所"\nlat = 36.0\nlon = 140.0\n'
    (day,) = fleet.import_fleet(office, moved.encode(), name="fleet.toml").days
    assert (day.outcome, day.broken) == (Outcome.BROKEN, (reference,))


def test_a_van_that_lost_a_skill_is_looked_at_again(office: Office) -> None:
    small_city(office)
    skilled = '[[van]]\nid = "van-1"\nname = "1号車"\ndepot = "hall"\nskills = ["wheelchair"]\n'
    fleet.import_fleet(office, skilled.encode(), name="fleet.toml")
    with writing(office.engine) as session:
        booking = a_booking(1, access="wheelchair")
        session.add(booking)
        reference = booking.reference
    chairs = replace(office, rules=amended(office.rules, {"access": {"wheelchair": {"needs": ["wheelchair"]}}}))
    desk.confirm(chairs, reference, TUESDAY, MORNING)
    (day,) = fleet.import_fleet(office, skilled.replace('"wheelchair"', "").encode(), name="fleet.toml").days
    assert (day.outcome, day.broken, day.proved) == (Outcome.BROKEN, (reference,), True)
    (day,) = fleet.import_fleet(office, skilled.encode(), name="fleet.toml").days
    assert day.keeps_promises


def test_a_van_back_in_service_keeps_what_was_broken_without_it(office: Office) -> None:
    small_city(office)
    promised(office, "10:00", "10:00")
    assert fleet.van_down(office, "van-1", TUESDAY, None, reason="")[0].outcome == Outcome.BROKEN
    (day,) = fleet.van_up(office, "van-1", TUESDAY).days
    assert day.outcome == Outcome.KEPT
    require_kept(office)


def test_past_days_are_never_touched(office: Office) -> None:
    small_city(office)
    promised(office, "10:00")
    promised(office, "10:00", day=WEDNESDAY, first=2)
    version = state_of(office).version
    later = at(office, instant_from("2026-11-25T07:00"))
    days = fleet.van_down(later, "van-1", TUESDAY, None, reason="")
    days += fleet.van_down(later, "van-2", TUESDAY, None, reason="")
    assert {day.day for day in days} == {WEDNESDAY}
    shifts.remove_shift(later, TUESDAY, "van-1")
    assert state_of(later).version == version
    assert _recheck.recheck(later, [TUESDAY], cause="test") == ()


def test_of_a_day_under_way_only_what_is_still_to_come_is_told(office: Office) -> None:
    small_city(office)
    early, late = promised(office, "10:00", "13:30")
    assert van_of(office, early) == van_of(office, late) == "van-1"
    stored = versions(office)
    noon = at(office, instant_from("2026-11-24T12:00"))
    (day,) = fleet.van_down(noon, "van-1", TUESDAY, TUESDAY, reason="brakes")
    assert (day.outcome, day.broken, [person.reference for person in day.to_phone]) == (Outcome.BROKEN, (late,), [late])
    assert versions(office) == stored


def test_a_van_down_after_its_last_stop_breaks_nothing(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    evening = at(sqlite_office, instant_from("2026-11-24T17:00"))
    (day,) = fleet.van_down(evening, "van-1", TUESDAY, TUESDAY, reason="")
    assert (day.outcome, day.broken) == (Outcome.KEPT, ())


def test_a_day_that_begins_later_today_is_planned_anew(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (reference,) = promised(sqlite_office, "10:00")
    morning = at(sqlite_office, instant_from("2026-11-24T07:30"))
    (day,) = fleet.van_down(morning, van_of(morning, reference), TUESDAY, TUESDAY, reason="")
    assert day.outcome == Outcome.REMADE
    require_kept(morning)


def test_whoever_has_a_window_held_is_told_too(office: Office) -> None:
    small_city(office)
    (firm,) = promised(office, "10:00")
    (held,) = put_bookings(office, 1, first=2)
    desk.hold(office, held, TUESDAY, MORNING)
    fleet.van_down(office, "van-1", TUESDAY, None, reason="")
    (day,) = fleet.van_down(office, "van-2", TUESDAY, None, reason="")
    assert day.broken == tuple(sorted((firm, held)))
    assert {person.reference for person in day.to_phone} == {firm, held}


def test_of_a_halls_session_everybody_with_a_place_is_phoned(office: Office) -> None:
    small_city(office)
    (reference,) = put_bookings(office, 1)
    booking = booking_of(office, reference)
    with writing(office.engine) as session:
        day = session.exec(select(ServiceDay).where(ServiceDay.day == TUESDAY)).first() or ServiceDay(day=TUESDAY)
        session.add(day)
        session.flush()
        hall = SiteSession(
            number=1,
            service_day_id=day.id or 0,
            van_id="van-1",
            name="公民館",
            lat=HALL[0],
            lon=HALL[1] + 0.02,
            opens_s=36000,
            closes_s=43200,
        )
        session.add(hall)
        session.flush()
        place = {"site_session_id": hall.id, "start_s": 36000, "length_s": 1200}
        session.add(SitePlace(**place, seat=1, state=PlaceState.PROMISED, booking_id=booking.id))
        session.add(SitePlace(**place, seat=2))
    assert _recheck.recheck(office, [TUESDAY], cause="test")[0].outcome == Outcome.REMADE
    require_kept(office)
    (broken,) = fleet.van_down(office, "van-1", TUESDAY, None, reason="")
    assert (broken.broken, broken.proved) == (("SITE-1",), True)
    assert [(person.reference, person.opens_s) for person in broken.to_phone] == [(reference, 36000)]


def test_days_on_which_there_is_nothing_to_keep_are_left_out(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    shifts.remove_shift(sqlite_office, WEDNESDAY, "van-2")
    assert fleet.van_down(sqlite_office, "van-1", TUESDAY, None, reason="") == ()


def test_progress_names_only_the_days_that_need_another_plan(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00", "10:00")
    promised(sqlite_office, "10:00", day=WEDNESDAY, first=3)
    assert van_of(sqlite_office, promised(sqlite_office, "13:30", day=WEDNESDAY, first=4)[0], WEDNESDAY) == "van-1"
    said: list[tuple[Date, int, int]] = []
    fleet.van_down(sqlite_office, "van-2", TUESDAY, None, reason="", progress=lambda *what: said.append(what))
    assert said == [(TUESDAY, 1, 1)]


# -- when it does not go smoothly --------------------------------------------------------------------------------------


def test_a_search_that_dies_leaves_the_promises_in_question_named(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city(office)
    (moved,) = promised(office, "10:00")
    (stays,) = promised(office, "10:00", first=2)

    def dies(*_: object, **__: object) -> None:
        raise SolveError("SOLVER_KILLED", "killed")

    monkeypatch.setattr(_recheck, "find_plan", dies)
    stored = versions(office)
    (day,) = fleet.van_down(office, van_of(office, moved), TUESDAY, TUESDAY, reason="")
    assert (day.outcome, day.broken, day.proved) == (Outcome.UNDECIDED, (moved,), False)
    assert [person.reference for person in day.to_phone] == [moved]
    assert not day.keeps_promises
    assert stays in windows_promised(office)
    assert versions(office) == stored


def test_a_day_that_others_keep_changing_is_undecided_not_passed_over(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city(sqlite_office)
    (reference,) = promised(sqlite_office, "10:00")

    def busy(*_: object, **__: object) -> None:
        raise Busy("DAY_BUSY")

    monkeypatch.setattr(_recheck, "until_stored", busy)
    (day,) = fleet.van_down(sqlite_office, "van-1", TUESDAY, TUESDAY, reason="")
    assert (day.outcome, day.broken) == (Outcome.UNDECIDED, (reference,))


def test_a_promise_made_meanwhile_is_in_the_plan_that_is_stored(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city(office)
    (reference,) = promised(office, "10:00")
    (late,) = put_bookings(office, 1, first=2)
    honest = _recheck.find_plan

    def overtaken(*arguments: object, **named: object) -> object:
        found = honest(*arguments, **named)  # type: ignore[arg-type]
        monkeypatch.setattr(_recheck, "find_plan", honest)
        desk.confirm(office, late, TUESDAY, window("13:30"))
        return found

    monkeypatch.setattr(_recheck, "find_plan", overtaken)
    monkeypatch.setattr(_patience, "OPTIMISTIC_S", 60.0)  # the other clerk does not wait for this one's turn to end
    (day,) = fleet.van_down(office, van_of(office, reference), TUESDAY, TUESDAY, reason="")
    assert day.keeps_promises
    assert set(windows_promised(office)) == {reference, late}
    require_kept(office)


def test_a_search_that_finds_nothing_in_time_is_not_called_a_proof(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from outreach.services import _solving

    small_city(sqlite_office)
    promised(sqlite_office, "10:00", "10:00")
    honest = _solving.solve_day
    monkeypatch.setattr(
        _solving, "solve_day", lambda *a, **k: replace(honest(*a, **k), status="UNKNOWN", routes=(), unassigned=())
    )
    (day,) = fleet.van_down(sqlite_office, "van-1", TUESDAY, TUESDAY, reason="")
    assert (day.outcome, day.proved, len(day.broken)) == (Outcome.BROKEN, False, 1)


def test_a_plan_that_the_search_for_the_least_bad_finds_after_all_is_stored(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from outreach.services import _solving

    small_city(sqlite_office)
    promised(sqlite_office, "10:00", "13:30")
    honest = _solving.solve_day
    monkeypatch.setattr(
        _solving, "solve_day", lambda *a, **k: replace(honest(*a, **k), status="UNKNOWN", routes=(), unassigned=())
    )
    (day,) = fleet.van_down(sqlite_office, "van-1", TUESDAY, TUESDAY, reason="")
    assert day.outcome == Outcome.REMADE
    require_kept(sqlite_office)


# -- rules -------------------------------------------------------------------------------------------------------------


def with_rules(office: Office, **changes: dict[str, object]) -> Office:
    return replace(office, rules=amended(office.rules, dict(changes)))


@pytest.mark.parametrize(
    ("changes", "noticed"),
    [
        ({"travel": {"max_leg_min": 45}}, True),
        ({"travel": {"detour": 1.6}}, True),
        ({"travel": {"speed_kmh": 25.0}}, True),
        ({"travel": {"speed_bands": [{"up_to_km": 5.0, "speed_kmh": 20.0}]}}, True),
        ({"shift": {"lunch_min": 45}}, True),
        ({"shift": {"lunch_latest_start": "13:00"}}, True),
        ({"shift": {"start": "08:00"}}, False),  # a shift has its own hours, once it is entered
        ({"visit_types": {"new_card": {"first_person_min": 60}}}, False),
        ({"windows": {"length_min": 60}}, False),
        ({"solver": {"make_seconds": 1.0}}, False),
        ({"promises": {"reserve_visits": 1}}, False),
    ],
)
def test_exactly_what_makes_plans_legal_is_noticed(
    sqlite_office: Office, changes: dict[str, dict[str, object]], noticed: bool
) -> None:
    other = with_rules(sqlite_office, **changes)
    assert (legality_sha256(other) != legality_sha256(sqlite_office)) is noticed


def test_the_first_time_rules_are_only_remembered_and_then_compared(office: Office) -> None:
    small_city(office)
    promised(office, "10:00")
    with writing(office.engine) as session:
        session.delete(session.get_one(RulesInForce, 1))  # as after an upgrade
    version = state_of(office).version
    assert notice_rules(with_rules(office, travel={"max_leg_min": 45})) == ()
    assert state_of(office).version == version
    (day,) = notice_rules(office)
    assert (day.outcome, state_of(office).version) == (Outcome.KEPT, version + 1)
    assert notice_rules(office) == ()
    assert history(office, "rules_change") == [{}]


def test_init_remembers_the_rules_once(office: Office) -> None:
    first = legality_sha256(office)
    rules_in_force.remember_rules(with_rules(office, travel={"max_leg_min": 45}))
    with reading(office.engine) as session:
        remembered = session.get_one(RulesInForce, 1)
    assert remembered.sha256 == first


def test_a_tighter_leg_limit_breaks_what_lies_beyond_and_touches_nobodys_service_time(office: Office) -> None:
    small_city(office)
    (far,) = promised(office, "11:00", town=FAR)
    (near,) = promised(office, "10:00", day=WEDNESDAY, first=2)
    service_s = state_of(office).promises[0].service_s
    tight = with_rules(office, travel={"max_leg_min": 20}, visit_types={"new_card": {"first_person_min": 60}})
    first, second = notice_rules(tight)
    assert (first.day, first.outcome, first.broken, first.proved) == (TUESDAY, Outcome.BROKEN, (far,), True)
    assert (second.day, second.outcome) == (WEDNESDAY, Outcome.KEPT)
    assert near in windows_promised(tight, WEDNESDAY)
    assert state_of(tight).promises[0].service_s == service_s
    assert versions(tight)[-1][1] == "confirm"
    assert [day.outcome for day in notice_rules(office)] == [Outcome.KEPT, Outcome.KEPT]


def test_driving_that_takes_longer_has_the_days_timed_anew(office: Office) -> None:
    small_city(office)
    promised(office, "10:00", "13:30")
    told = windows_promised(office)
    slow = with_rules(office, travel={"speed_kmh": 25.0})
    (day,) = notice_rules(slow)
    assert day.outcome == Outcome.REMADE
    assert windows_promised(slow) == told
    require_kept(slow)


def test_nothing_is_written_where_the_rules_are_the_same(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("wrote")

    monkeypatch.setattr(rules_in_force, "writing", refuse)
    assert notice_rules(sqlite_office) == ()


# -- whatever happens --------------------------------------------------------------------------------------------------


def _promise_much(office: Office, soak: Soak, day: Date, number: int) -> dict[str, tuple[int, int]]:
    told: dict[str, tuple[int, int]] = {}
    for _ in range(soak.rng.randrange(2, 9)):
        number += 1
        booking = a_booking(
            number, lat=HALL[0] + soak.rng.uniform(-0.13, 0.13), lon=HALL[1] + soak.rng.uniform(-0.13, 0.13)
        )
        reference = booking.reference
        with writing(office.engine) as session:
            session.add(booking)
        asked = soak.rng.choice(office.calendar.windows(day))
        try:
            desk.confirm(office, reference, day, asked, accept=["BEYOND_HORIZON"])
        except Refused:
            continue
        told[reference] = asked
    return told


@pytest.mark.heavy(take=1)
def test_whatever_happens_each_promise_is_kept_or_its_day_names_what_breaks(office: Office, soak: Soak) -> None:
    small_city(office)
    outcomes: dict[str, int] = {}
    days = office.calendar.service_days(Date(2026, 11, 26), Date(2027, 8, 31))[: soak.count(80)]
    for number, day in enumerate(days):
        for van, crew in CREWS.items():
            again(office, day, van, crew)
        told = _promise_much(office, soak, day, 100 * (number + 1))
        event = soak.rng.randrange(4)
        if event == 0:
            found = fleet.van_down(office, soak.rng.choice(("van-1", "van-2")), day, day, reason="")
        elif event == 1:
            found = fleet.staff_leave(office, soak.rng.choice(("s-01", "s-04")), day, day)
        elif event == 2:
            hours = (soak.rng.randrange(8, 12) * 3600, soak.rng.randrange(13, 17) * 3600)
            request = ShiftRequest(day, "van-1", CREWS["van-1"], *hours)
            found = shifts.add_shift(office, request, replace=True).days
        else:
            changed = with_rules(office, travel={"max_leg_min": soak.rng.choice([12, 20, 30, 90])})
            everything = _recheck.recheck(changed, [day], cause="rules_change")
            found, office_then = everything, changed
        under = office_then if event == 3 else office
        assert windows_promised(under, day) == told if told else found == ()
        for looked_at in (entry for entry in found if entry.day == day):
            outcomes[looked_at.outcome.value] = outcomes.get(looked_at.outcome.value, 0) + 1
            if looked_at.keeps_promises:
                require_kept(under, day)
            else:
                assert set(looked_at.broken) <= set(told)
                assert {person.reference for person in looked_at.to_phone} == set(looked_at.broken) != set()
    soak.table("outcomes", outcomes)


def test_a_leg_that_became_too_long_by_a_rule_is_remade_only_with_what_is_promised(office: Office) -> None:
    office, _, far = leg_limit_city(office)
    told = windows_promised(office)
    notice_rules(office)
    wide = with_rules(office, travel={"max_leg_min": 60})
    days = notice_rules(wide)
    assert [day.keeps_promises for day in days] == [True]
    assert windows_promised(wide) == told
    assert far in told
    require_kept(wide)
