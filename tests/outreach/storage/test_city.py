"""The small city that other tests stand on is what it says it is."""

from __future__ import annotations

from outreach.services import fleet, shifts
from outreach.services._days import read_shifts
from outreach.services.gazetteer import gazetteer_of
from outreach.services.office import Office
from outreach.storage.engine import reading
from tests.outreach.city import FAR, MIDDLE, NEAR, TUESDAY, WEDNESDAY, put_bookings, small_city


def test_the_small_city_has_three_towns_a_depot_two_vans_four_people_and_both_days(office: Office) -> None:
    small_city(office)
    view = fleet.show(office)
    assert ([d.id for d in view.depots], [v.id for v in view.vans], [s.id for s in view.staff]) == (
        ["hall"],
        ["van-1", "van-2"],
        ["s-01", "s-02", "s-03", "s-04"],
    )
    listed = shifts.list_shifts(office, TUESDAY, WEDNESDAY)
    assert [(s.day, s.van_id, s.crew) for s in listed] == [
        (TUESDAY, "van-1", ("s-01", "s-02")),
        (TUESDAY, "van-2", ("s-03", "s-04")),
        (WEDNESDAY, "van-1", ("s-01", "s-02")),
        (WEDNESDAY, "van-2", ("s-03", "s-04")),
    ]
    with reading(office.engine) as session:
        assert [shift.id for shift in read_shifts(session, office.rules, TUESDAY)] == ["van-1", "van-2"]


def test_every_town_of_the_small_city_is_found_by_its_address(office: Office) -> None:
    small_city(office)
    gazetteer = gazetteer_of(office)
    assert [town.town for town in gazetteer.towns] == [NEAR.name, MIDDLE.name, FAR.name]


def test_bookings_of_the_small_city_have_references_of_their_own(office: Office) -> None:
    small_city(office)
    assert put_bookings(office, 3) == ("B00001", "C00002", "D00003")
