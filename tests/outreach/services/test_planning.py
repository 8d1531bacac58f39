"""The plan of a day at the terminal's side: made, pinned, checked, explained, reopened; and when promises conflict."""

from __future__ import annotations

from dataclasses import replace
from datetime import date as Date
from typing import Any

import pytest
from sqlmodel import col, select

from bookings.errors import PrivacyError
from outreach.errors import BadInput, NotFound, Refused
from outreach.programme.clock import instant_from
from outreach.programme.rules import amended
from outreach.services import _solving, desk, field, fleet, planning, publishing
from outreach.services._day_writes import claim_day
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import ServiceDay, ServiceDayChange
from routing.certificate import Says, Statement
from routing.errors import SolveError
from routing.explain import StopExplained
from routing.files import problem_sha256
from routing.plan import Certificate, DayPlan, PlanStatus, Reason, Unassigned
from routing.solver import worker
from routing.solver.task import SearchResult, SearchTask
from tests.outreach.city import MIDDLE, TUESDAY, WEDNESDAY, put_bookings, small_city
from tests.outreach.services.promised import (
    at,
    booking_of,
    change_booking,
    one_van_city,
    promised,
    quick,
    require_kept,
    state_of,
    versions,
    window,
    windows_promised,
)

MY_NUMBER = "123456789018"


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@pytest.fixture
def sqlite_office(sqlite_office: Office) -> Office:
    """With short searches, on SQLite alone."""
    return quick(sqlite_office)


# -- making ------------------------------------------------------------------------------------------------------------


def test_a_plan_made_keeps_every_promise_and_proposes_waiting_bookings(office: Office) -> None:
    small_city(office)
    promised(office, "10:00", "13:30")
    before = windows_promised(office)
    (waiting,) = put_bookings(office, 1, first=5)
    view = planning.make(office, TUESDAY, why="evening")
    assert (view.number, view.made_by, view.standing, view.published, view.outdated) == (3, "make", True, False, False)
    assert view.proposals == (waiting,)
    assert windows_promised(office) == before
    assert booking_of(office, waiting).status == "requested"
    require_kept(office)


def test_a_waiting_booking_whose_wishes_leave_the_day_out_is_not_proposed(sqlite_office: Office) -> None:
    from bookings.wishes import read_wishes

    small_city(sqlite_office)
    (waiting,) = put_bookings(sqlite_office, 1)
    change_booking(sqlite_office, waiting, wishes=read_wishes("水曜", today=Date(2026, 11, 20)).to_plain())
    assert planning.make(sqlite_office, TUESDAY).proposals == ()
    assert planning.make(sqlite_office, WEDNESDAY).proposals == (waiting,)


def test_a_proposal_that_was_called_off_is_not_offered_any_more(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    first, second = put_bookings(sqlite_office, 2)
    assert planning.make(sqlite_office, TUESDAY).proposals == tuple(sorted((first, second)))
    desk.cancel(sqlite_office, first)
    assert planning.show(sqlite_office, TUESDAY).proposals == (second,)


def test_a_closed_day_gets_no_proposals(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    publishing.publish(sqlite_office, TUESDAY, language="ja")
    put_bookings(sqlite_office, 1, first=5)
    assert planning.make(sqlite_office, TUESDAY).proposals == ()


def test_a_day_without_a_shift_and_without_a_promise_cannot_be_planned(sqlite_office: Office) -> None:
    with pytest.raises(Refused) as refusal:
        planning.make(sqlite_office, TUESDAY)
    assert refusal.value.code == "DAY_WITHOUT_SHIFT"


def test_a_day_that_is_over_is_not_planned(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (reference,) = promised(sqlite_office, "10:00")
    late = at(sqlite_office, instant_from("2026-11-25T09:00"))
    for attempt in (lambda: planning.make(late, TUESDAY), lambda: planning.pin(late, TUESDAY, reference, "van-1")):
        with pytest.raises(Refused) as refusal:
            attempt()
        assert refusal.value.code == "DAY_PAST"


def test_a_day_whose_vans_are_on_the_road_is_not_planned_and_one_whose_vans_are_not_is(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (reference,) = promised(sqlite_office, "10:00")
    early = at(sqlite_office, instant_from("2026-11-24T08:00"))
    assert planning.make(early, TUESDAY).number == 2
    late = at(sqlite_office, instant_from("2026-11-24T10:15"))
    for attempt in (lambda: planning.make(late, TUESDAY), lambda: planning.pin(late, TUESDAY, reference, "van-1")):
        with pytest.raises(Refused) as refusal:
            attempt()
        assert refusal.value.code == "DAY_UNDER_WAY"


def test_a_visit_that_was_made_stays_where_the_van_was(sqlite_office: Office) -> None:
    office = sqlite_office
    one_van_city(office)
    first, second = promised(office, "10:00", "13:30")
    noon = at(office, instant_from("2026-11-24T12:00"))
    field.log_visit(noon, field.Outcome(first, "visited", 2))
    desk.cancel(noon, second)
    require_kept(noon)
    standing = state_of(noon).standing
    assert standing is not None
    assert standing.plan.served == {first}


def test_a_promise_that_comes_in_meanwhile_makes_the_plan_stale(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city(office)
    promised(office, "10:00")
    (late,) = put_bookings(office, 1, first=2)
    honest = planning.find_plan

    def overtaken(*args, **kwargs):  # type: ignore[no-untyped-def]
        found = honest(*args, **kwargs)
        monkeypatch.setattr(planning, "find_plan", honest)
        desk.confirm(office, late, TUESDAY, window("11:00"))
        return found

    monkeypatch.setattr(planning, "find_plan", overtaken)
    with pytest.raises(Refused) as refusal:
        planning.make(office, TUESDAY)
    assert refusal.value.code == "PLAN_STALE"
    assert late in windows_promised(office)
    require_kept(office)


def test_a_my_number_in_a_reason_is_refused(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (reference,) = promised(sqlite_office, "10:00")
    for attempt in (
        lambda: planning.make(sqlite_office, TUESDAY, why=MY_NUMBER),
        lambda: planning.pin(sqlite_office, TUESDAY, reference, "van-1", why=MY_NUMBER),
        lambda: planning.reopen(sqlite_office, TUESDAY, why=MY_NUMBER),
        lambda: publishing.publish(sqlite_office, TUESDAY, language="ja", why=MY_NUMBER),
    ):
        with pytest.raises(PrivacyError):
            attempt()
    assert versions(sqlite_office) == [(1, "confirm")]


# -- when the search fails ---------------------------------------------------------------------------------------------


def told_by(refusal: Refused) -> tuple[str, object, object]:
    """What somebody hears whose plan was not made: the code, the version that stands, and the cause."""
    return refusal.code, refusal.values["standing"], refusal.values["cause"]


def test_a_search_that_dies_leaves_the_stored_version_and_says_so(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_city(office)
    promised(office, "10:00")

    def dies(*_: object, **__: object) -> None:
        raise SolveError("SOLVER_KILLED", "the search process died")

    monkeypatch.setattr("outreach.services._solving.solve_day", dies)
    with pytest.raises(Refused) as refusal:
        planning.make(office, TUESDAY)
    assert told_by(refusal.value) == ("PLAN_NOT_MADE", 1, "SOLVER_KILLED")
    assert versions(office) == [(1, "confirm")]
    require_kept(office)


def test_a_search_that_dies_before_it_told_anything_leaves_the_stored_version_and_the_next_plan_works(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = sqlite_office
    small_city(office)
    promised(office, "09:30", "10:30", "11:30", "13:30", "14:30", "15:00")
    planning.make(office, TUESDAY, seconds=0.2)
    before = versions(office)

    def dies(task: SearchTask) -> SearchResult:
        raise SolveError("SOLVER_KILLED", "the search process died")

    monkeypatch.setattr(worker, "run", dies)
    with pytest.raises(Refused) as refusal:
        planning.make(office, TUESDAY, seconds=30)
    assert told_by(refusal.value) == ("PLAN_NOT_MADE", before[-1][0], "SOLVER_KILLED")
    assert versions(office) == before
    require_kept(office)
    monkeypatch.undo()
    assert planning.make(office, TUESDAY, seconds=0.2).number == before[-1][0] + 1


def test_a_search_cut_short_gives_the_plan_it_began_with_and_the_version_says_so(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = sqlite_office
    small_city(office)
    promised(office, "09:30", "10:30", "11:30", "13:30", "14:30", "15:00")
    planning.make(office, TUESDAY, seconds=0.2)

    def cut_short(task: SearchTask) -> SearchResult:
        return SearchResult(task.start, interrupted=True)

    monkeypatch.setattr(worker, "run", cut_short)
    made = planning.make(office, TUESDAY, seconds=30)
    assert made.plan.certificate.method == "kept (interrupted)"
    require_kept(office)


def test_a_plan_the_checker_refuses_is_never_stored(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    honest = planning.find_plan

    def spoilt(*args, **kwargs):  # type: ignore[no-untyped-def]
        found = honest(*args, **kwargs)
        return replace(found, plan=replace(found.plan, objective_s=1))

    monkeypatch.setattr(planning, "find_plan", spoilt)
    with pytest.raises(Refused) as refusal:
        planning.make(sqlite_office, TUESDAY)
    assert (refusal.value.code, refusal.value.values["cause"]) == ("PLAN_NOT_MADE", "PLAN_REFUSED")
    assert versions(sqlite_office) == [(1, "confirm")]


# -- pinning -----------------------------------------------------------------------------------------------------------


def test_a_pinned_visit_stays_on_its_van_until_it_is_freed(office: Office) -> None:
    small_city(office)
    (reference,) = promised(office, "10:00")
    for van in ("van-2", "van-1"):
        view = planning.pin(office, TUESDAY, reference, van, why="the wheelchair lift")
        assert view.plan.route_of(reference).shift == van  # type: ignore[union-attr]
        assert planning.make(office, TUESDAY).plan.route_of(reference).shift == van  # type: ignore[union-attr]
    planning.pin(office, TUESDAY, reference, None)
    assert state_of(office).promises[0].pinned_van is None


def test_a_pin_that_cannot_be_kept_changes_nothing(office: Office) -> None:
    small_city(office)
    first, second = promised(office, "10:00", "10:00")
    planning.pin(office, TUESDAY, first, "van-1")
    before = versions(office)
    with pytest.raises(Refused) as refusal:
        planning.pin(office, TUESDAY, second, "van-1")
    assert refusal.value.code == "PIN_CANNOT_BE_KEPT"
    assert versions(office) == before
    assert state_of(office).promise_of(second).pinned_van is None  # type: ignore[union-attr]


def test_a_pin_on_a_van_that_goes_down_is_named_in_the_conflict(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (reference,) = promised(sqlite_office, "10:00")
    planning.pin(sqlite_office, TUESDAY, reference, "van-2")
    fleet.van_down(sqlite_office, "van-2", TUESDAY, None, reason="")
    with pytest.raises(planning.PromisesConflict) as refusal:
        planning.make(sqlite_office, TUESDAY)
    assert refusal.value.values["references"] == [reference]


def test_what_is_not_promised_or_does_not_drive_cannot_be_pinned(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    (reference,) = promised(sqlite_office, "10:00")
    with pytest.raises(NotFound) as refusal:
        planning.pin(sqlite_office, TUESDAY, "Z99999", "van-1")
    assert refusal.value.code == "VISIT_NOT_PROMISED"
    with pytest.raises(NotFound) as refusal:
        planning.pin(sqlite_office, TUESDAY, reference, "van-9")
    assert refusal.value.code == "VAN_NOT_ON_SHIFT"
    with pytest.raises(NotFound) as refusal:
        planning.pin(sqlite_office, Date(2026, 12, 1), reference, "van-1")
    assert refusal.value.code == "DAY_UNKNOWN"


def test_a_pin_overtaken_by_somebody_else_is_stale(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    small_city(sqlite_office)
    (reference,) = promised(sqlite_office, "10:00")
    honest = planning.find_plan

    def overtaken(office, state, *args, **kwargs):  # type: ignore[no-untyped-def]
        found = honest(office, state, *args, **kwargs)
        with writing(office.engine) as session:
            claim_day(session, state_of(office))
        return found

    monkeypatch.setattr(planning, "find_plan", overtaken)
    with pytest.raises(Refused) as refusal:
        planning.pin(sqlite_office, TUESDAY, reference, "van-1")
    assert refusal.value.code == "PLAN_STALE"


# -- looking -----------------------------------------------------------------------------------------------------------


def test_each_version_keeps_its_whole_certificate(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    small_city(office)
    promised(office, "10:00", "13:30")
    certificate = Certificate("branch-and-price", 1.25, {"ortools": "9.15", "numba": "0.65"})
    solve = _solving.solve_day

    def with_a_gap(*arguments: Any, **named: Any) -> DayPlan:
        plan = solve(*arguments, **named)
        bound_s = (plan.objective_s or 0) - 301
        return replace(plan, status=PlanStatus.FEASIBLE, lower_bound_s=bound_s, certificate=certificate)

    monkeypatch.setattr(_solving, "solve_day", with_a_gap)
    with_gap = planning.make(office, TUESDAY)
    monkeypatch.undo()
    proved = planning.make(office, TUESDAY)
    again = planning.show(office, TUESDAY, str(with_gap.number))
    assert (again.plan.certificate, again.plan.gap_s, again.plan.status) == (certificate, 301, PlanStatus.FEASIBLE)
    assert again.plan.objective_s == proved.plan.objective_s == proved.plan.lower_bound_s
    assert again.plan.problem_sha256 == problem_sha256(again.problem)
    assert again.statement == Statement(Says.AT_MOST, 301)
    assert (proved.plan.status, proved.statement.says) == (PlanStatus.OPTIMAL, Says.PROVED)


def test_every_version_can_be_shown_as_it_was(office: Office) -> None:
    small_city(office)
    first, second = promised(office, "10:00", "13:30")
    desk.cancel(office, first)
    assert planning.show(office, TUESDAY, "1").plan.served == {first}
    assert planning.show(office, TUESDAY, "2").plan.served == {first, second}
    assert planning.show(office, TUESDAY).plan.served == {second}
    assert planning.show(office, TUESDAY, "2").roles == {first: "promised", second: "promised"}


@pytest.mark.parametrize(
    ("version", "kind", "code"),
    [
        ("published", NotFound, "NO_PLAN"),
        ("99", NotFound, "NO_SUCH_VERSION"),
        ("newest", BadInput, "VERSION_UNREADABLE"),
        ("²", BadInput, "VERSION_UNREADABLE"),
        ("9" * 40, BadInput, "VERSION_UNREADABLE"),
    ],
)
def test_a_version_there_is_not_is_refused(
    sqlite_office: Office, version: str, kind: type[Exception], code: str
) -> None:
    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    with pytest.raises(kind) as refusal:
        planning.show(sqlite_office, TUESDAY, version)
    assert refusal.value.code == code  # type: ignore[attr-defined]


def test_a_day_for_which_nothing_was_done_is_unknown(sqlite_office: Office) -> None:
    with pytest.raises(NotFound) as refusal:
        planning.show(sqlite_office, TUESDAY)
    assert refusal.value.code == "DAY_UNKNOWN"


def test_the_check_looks_at_the_day_as_it_is_and_at_proposals_as_the_plan_knew_them(sqlite_office: Office) -> None:
    from dataclasses import replace

    small_city(sqlite_office)
    promised(sqlite_office, "10:00")
    put_bookings(sqlite_office, 2, first=5)
    planning.make(sqlite_office, TUESDAY)
    assert planning.check_standing(sqlite_office, TUESDAY) == ()
    slower = replace(
        sqlite_office, rules=amended(sqlite_office.rules, {"travel": {"speed_kmh": 5.0, "speed_bands": []}})
    )
    assert planning.check_standing(slower, TUESDAY) != ()


def test_a_stop_is_explained_and_so_is_a_booking_left_out(office: Office) -> None:
    one_van_city(office)
    (served,) = promised(office, "10:00")
    from bookings.wishes import read_wishes

    wish = read_wishes("火曜の午前", today=Date(2026, 11, 20)).to_plain()
    waiting = put_bookings(office, 6, first=2, town=MIDDLE)
    for reference in waiting:
        change_booking(office, reference, wishes=wish, people=6)
    view = planning.make(office, TUESDAY)
    left = [left.visit for left in view.plan.unassigned]
    assert left
    shown, why = planning.explain(office, served)
    assert isinstance(why, StopExplained)
    assert (shown.day, why.visit, why.shift) == (TUESDAY, served, "van-1")
    _, why_not = planning.explain(office, left[0])
    assert isinstance(why_not, Unassigned)
    assert why_not.reason is Reason.CROWDED_OUT


def test_what_no_plan_knows_cannot_be_explained(sqlite_office: Office) -> None:
    with pytest.raises(NotFound) as refusal:
        planning.explain(sqlite_office, "Z99999")
    assert refusal.value.code == "VISIT_NOT_PLANNED"


# -- reopening ---------------------------------------------------------------------------------------------------------


def test_only_a_closed_day_is_reopened_and_only_with_a_reason(office: Office) -> None:
    small_city(office)
    promised(office, "10:00")
    with pytest.raises(BadInput) as refusal:
        planning.reopen(office, TUESDAY, why="  ")
    assert refusal.value.code == "REASON_NEEDED"
    with pytest.raises(Refused) as open_:
        planning.reopen(office, TUESDAY, why="one more")
    assert open_.value.code == "DAY_NOT_CLOSED"
    with pytest.raises(NotFound):
        planning.reopen(office, Date(2026, 12, 1), why="one more")
    publishing.publish(office, TUESDAY, language="ja")
    planning.reopen(office, TUESDAY, why="one more")
    assert not state_of(office).closed
    with reading(office.engine) as session:
        whats = session.exec(
            select(ServiceDayChange.what, ServiceDayChange.why)
            .where(col(ServiceDayChange.service_day_id) == col(ServiceDay.id))
            .where(ServiceDay.day == TUESDAY)
            .order_by(col(ServiceDayChange.id))
        ).all()
    assert whats[-2:] == [("publish", ""), ("reopen", "one more")]
