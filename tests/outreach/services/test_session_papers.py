"""What people hold of a session: the hall on the sheet, the map and the calls; and what is logged of who came."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bookings.models import DistrictRow
from maps.views import CallEntry, MapStop, RouteSheet, SheetStop, SiteGuest, SiteStop
from outreach.errors import Refused
from outreach.services import _artefacts, calls, field, planning, publishing, sessions
from outreach.services.coverage import coverage
from outreach.services.field import Outcome
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import CallOutcome, VisitOutcome
from tests.outreach.city import MIDDLE, NEAR, NOW, TUESDAY, put_bookings, small_city
from tests.outreach.services.halls import HALF_PAST_ONE, ONE, TWO, a_session, taken
from tests.outreach.services.promised import (
    HOUR_S,
    at,
    booking_of,
    change_booking,
    one_van_city,
    promised,
    quick,
    require_kept,
    window,
)


@pytest.fixture
def office(office: Office) -> Office:
    """With short searches, on both databases."""
    return quick(office)


@pytest.fixture
def sqlite_office(sqlite_office: Office) -> Office:
    """With short searches, on SQLite alone."""
    return quick(sqlite_office)


def day_with_guests(office: Office) -> tuple[str, str, str]:
    """One van: a visit at ten, the hall from one o'clock on with two guests; their references."""
    one_van_city(office)
    (home,) = promised(office, "10:00")
    a_session(office, seats=2)
    first, second = put_bookings(office, 2, first=11)
    change_booking(office, first, people=1, access="chair", needs=["interpreter_sign"])
    sessions.take_place(office, second, "SITE-1", HALF_PAST_ONE)
    sessions.take_place(office, first, "SITE-1", ONE)
    return home, first, second


def material(office: Office, language: str = "ja") -> _artefacts.Material:
    return _artefacts.gather(office, planning.show(office, TUESDAY), language)


def test_the_sheet_has_the_hall_as_a_stop_with_who_comes_when(office: Office) -> None:
    home, first, second = day_with_guests(office)
    (sheet,) = _artefacts.route_sheets(material(office))
    visit, hall = sheet.stops
    assert isinstance(visit, SheetStop)
    assert visit.reference == home
    assert isinstance(hall, SiteStop)
    assert (hall.number, hall.reference, hall.name, hall.address) == (2, "SITE-1", "灯台自治公民館", NEAR.address)
    assert (hall.opens_s, hall.closes_s, hall.start_s) == (ONE, 15 * HOUR_S, ONE - 600)
    assert (hall.depart_s, hall.location, hall.visit_type) == (15 * HOUR_S + 300, (NEAR.lat, NEAR.lon), "")
    assert hall.guests == (
        SiteGuest(ONE, first, "試験 11", "シケン 11", 1, 0, "new_card", "chair", ("interpreter_sign",)),
        SiteGuest(HALF_PAST_ONE, second, "試験 12", "シケン 12", 2, 0, "new_card", "yes", ()),
    )
    assert sum(stop.drive_s for stop in sheet.stops) + sheet.drive_home_s == sheet.travel_s
    assert sheet.sketch.stops == ((1, visit.location), (2, hall.location))


def hall_of(sheet: RouteSheet) -> SiteStop:
    return next(stop for stop in sheet.stops if isinstance(stop, SiteStop))


def test_the_hall_is_named_in_the_language_of_the_sheet(sqlite_office: Office) -> None:
    day_with_guests(sqlite_office)
    (sheet,) = _artefacts.route_sheets(material(sqlite_office, "en"))
    assert hall_of(sheet).name == "Todai Hall"


def test_a_place_held_is_on_the_sheet_as_long_as_it_is_held(sqlite_office: Office) -> None:
    small_city(sqlite_office)
    a_session(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1)
    sessions.hold_place(sqlite_office, reference, "SITE-1", TWO)
    for minutes, expected in ((9, [reference]), (10, [])):
        then = at(sqlite_office, NOW.replace(minute=minutes))
        (sheet,) = _artefacts.route_sheets(material(then))
        assert [guest.reference for guest in hall_of(sheet).guests] == expected


def test_the_map_has_the_hall_as_a_numbered_stop_by_reference(sqlite_office: Office) -> None:
    day_with_guests(sqlite_office)
    (route,) = _artefacts.day_map(material(sqlite_office)).routes
    visit, hall = route.stops
    assert (visit.site, visit.promised) == (False, window("10:00"))
    assert hall == MapStop(
        number=2,
        reference="SITE-1",
        location=(NEAR.lat, NEAR.lon),
        promised=(ONE, 15 * HOUR_S),
        arrive_s=hall.arrive_s,
        depart_s=15 * HOUR_S + 300,
        site=True,
    )


def test_the_calls_tell_the_guests_where_to_come_and_when(office: Office) -> None:
    home, first, second = day_with_guests(office)
    found = calls.list_calls(office, TUESDAY, language="ja")

    def told(entry: CallEntry) -> tuple[str, tuple[int, int], str, str]:
        return entry.reference, entry.promised, entry.hall, entry.hall_address

    assert [told(entry) for entry in found.calls] == [
        (home, window("10:00"), "", ""),
        (first, (ONE, ONE), "灯台自治公民館", NEAR.address),
        (second, (HALF_PAST_ONE, HALF_PAST_ONE), "灯台自治公民館", NEAR.address),
    ]
    (route,) = planning.show(office, TUESDAY).plan.routes
    assert [entry.latest_useful_s for entry in found.calls] == [
        route.start_s,
        route.stops[0].depart_s,
        route.stops[0].depart_s,
    ]


def test_a_guest_who_calls_off_is_on_no_list_and_the_place_is_free(office: Office) -> None:
    home, first, second = day_with_guests(office)
    logged = calls.log_call(office, first, "cancelled")
    assert (logged.day, logged.cancelled) == (TUESDAY, True)
    assert [entry.reference for entry in calls.list_calls(office, TUESDAY, language="ja").calls] == [home, second]
    assert taken(office) == [(HALF_PAST_ONE, "promised", second)]
    assert booking_of(office, first).status == "cancelled"
    require_kept(office)


def test_a_call_to_a_guest_is_kept_and_shown_as_the_last_one(sqlite_office: Office) -> None:
    _, first, _ = day_with_guests(sqlite_office)
    assert calls.log_call(sqlite_office, first, "no_answer").outcome is CallOutcome.NO_ANSWER
    assert calls.log_call(sqlite_office, first, "reached").attempts == 2
    found = calls.list_calls(sqlite_office, TUESDAY, language="ja").calls
    assert {entry.reference: entry.last_outcome for entry in found}[first] == "reached"


def test_the_published_files_of_a_day_with_a_session_are_drawn(sqlite_office: Office) -> None:
    _, first, _ = day_with_guests(sqlite_office)
    done = publishing.publish(sqlite_office, TUESDAY, language="ja")
    sheet = (done.folder / "route-sheets.html").read_text(encoding="utf-8")
    assert "灯台自治公民館" in sheet
    assert first in sheet
    drawn = (done.folder / "route-map.html").read_text(encoding="utf-8")
    assert "SITE-1" in drawn
    assert first not in drawn
    assert "灯台自治公民館" not in drawn


def test_a_session_cancelled_is_driven_past_and_nobody_is_called(sqlite_office: Office) -> None:
    home, _, _ = day_with_guests(sqlite_office)
    sessions.cancel(sqlite_office, "SITE-1", why="rain")
    (sheet,) = _artefacts.route_sheets(material(sqlite_office))
    assert [stop.reference for stop in sheet.stops] == [home]
    assert [entry.reference for entry in calls.list_calls(sqlite_office, TUESDAY, language="ja").calls] == [home]


# -- what was done -----------------------------------------------------------------------------------------------------


def on_the_day(office: Office) -> Office:
    return at(office, NOW.replace(day=24, hour=16))


def test_who_came_is_logged_like_any_visit(office: Office) -> None:
    _, first, second = day_with_guests(office)
    later = on_the_day(office)
    assert field.log_visit(later, Outcome(first, "visited", people=1)).people == 1
    assert field.log_visit(later, Outcome(second, "no_show")).people == 0
    assert [booking_of(office, each).status for each in (first, second)] == ["visited", "no_show"]
    assert taken(office) == [(ONE, "done", first), (HALF_PAST_ONE, "done", second)]
    with reading(office.engine) as session:
        rows = session.exec(select(VisitOutcome)).all()
    assert {(row.day, row.outcome, row.people) for row in rows} == {(TUESDAY, "visited", 1), (TUESDAY, "no_show", 0)}
    with pytest.raises(Refused, match="NO_VISIT_TO_LOG"):
        field.log_visit(later, Outcome(first, "visited"))


def test_a_place_cancelled_at_the_door_is_free_again(office: Office) -> None:
    _, first, second = day_with_guests(office)
    publishing.publish(office, TUESDAY, language="ja")
    field.log_visit(on_the_day(office), Outcome(first, "cancelled"))
    assert taken(office) == [(HALF_PAST_ONE, "promised", second)]
    assert booking_of(office, first).status == "cancelled"
    assert planning.show(office, TUESDAY).outdated is True


def test_a_place_to_come_is_not_logged_before_its_day(sqlite_office: Office) -> None:
    _, first, _ = day_with_guests(sqlite_office)
    with pytest.raises(Refused, match="VISIT_IN_FUTURE"):
        field.log_visit(sqlite_office, Outcome(first, "visited"))
    assert taken(sqlite_office)[0] == (ONE, "promised", first)


def test_somebody_who_did_not_come_may_have_another_place(sqlite_office: Office) -> None:
    _, first, _ = day_with_guests(sqlite_office)
    today = at(sqlite_office, NOW.replace(day=24, hour=13, minute=40))
    field.log_visit(today, Outcome(first, "no_show"))
    sessions.take_place(today, first, "SITE-1", TWO)
    assert (TWO, "promised", first) in taken(sqlite_office)
    assert booking_of(sqlite_office, first).status == "confirmed"


def test_people_served_in_a_hall_count_where_they_live(office: Office) -> None:
    _, first, second = day_with_guests(office)
    with writing(office.engine) as session:
        session.add(DistrictRow(name="灯台", towns=[NEAR.name]))
        session.add(DistrictRow(name="石臼", towns=[MIDDLE.name]))
    change_booking(office, first, district="石臼", people=6)
    change_booking(office, second, district="灯台", people=7)
    for each in (first, second):
        field.log_visit(on_the_day(office), Outcome(each, "visited"))
    shown = coverage(office, TUESDAY, TUESDAY, language="ja")
    assert {district.name: district.served.value for district in shown.districts} == {"灯台": 7, "石臼": 6}
