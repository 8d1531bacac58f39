"""The city that ships is whole, hangs together, is plainly invented, and its calls show what a fortnight brings."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import numpy as np
import pytest
from shapely.geometry import shape

from bookings.districts import Districts, read_districts
from bookings.findings import Finding, Severity
from bookings.gazetteer import Gazetteer
from bookings.intake import IntakeContext, IntakeResult, IntakeRules, take
from bookings.located import Level, Located
from bookings.statuses import Status
from bookings.towns import Town, read_towns
from bookings.wishes import Wishes
from outreach import demo
from outreach.demo import make_city
from outreach.programme.calendar import ServiceCalendar
from outreach.programme.clock import instant_from
from outreach.programme.for_libraries import eligibility_rules, travel_estimate
from outreach.programme.rules import Rules
from outreach.programme.rules_file import read_rules
from outreach.services._fleet_file import FleetRows, read_fleet
from routing.problem import Place


def text_of(name: str) -> str:
    return demo.city_file(name).read_text(encoding="utf-8")


@lru_cache
def rules() -> Rules:
    return read_rules(text_of("outreach.toml"), name="outreach.toml")


@lru_cache
def towns() -> tuple[Town, ...]:
    return read_towns(demo.city_file("towns.csv").read_bytes(), name="towns.csv")


@lru_cache
def districts() -> Districts:
    return read_districts(demo.city_file("districts.geojson").read_bytes(), "districts.geojson")


@lru_cache
def fleet() -> FleetRows:
    return read_fleet(demo.city_file("fleet.toml").read_bytes(), name="fleet.toml")


def minutes_from_depots(lat: float, lon: float) -> list[int]:
    depots = [Place(depot.id, depot.lat, depot.lon) for depot in fleet().depots.values()]
    matrix = travel_estimate(rules()).matrix([Place("here", lat, lon), *depots])
    return [(seconds or 0) // 60 for seconds in matrix.seconds[0][1:]]


# -- the city ----------------------------------------------------------------------------------------------------------


def test_every_file_of_the_city_ships() -> None:
    for name in (*demo.CITY_FILES, "calls.toml"):
        assert demo.city_file(name).is_file()
    with pytest.raises(FileNotFoundError):
        demo.city_file("../__init__.py.txt")


def test_the_city_fills_35_by_35_km_with_sixty_towns() -> None:
    assert len(towns()) == 60
    boundary = districts().boundary
    assert boundary is not None
    west, south, east, north = boundary.bounds
    sides_km = ((east - west) * make_city.KM_PER_DEGREE[1], (north - south) * make_city.KM_PER_DEGREE[0])
    assert all(33 < side <= 35.1 for side in sides_km)


def test_every_town_has_its_names_and_lies_in_its_own_district() -> None:
    assert all(town.kana and town.romaji and town.postal_code.startswith("000") for town in towns())
    listed = [town for district in districts().districts for town in district.towns]
    assert sorted(listed) == sorted(town.town for town in towns())
    for town in towns():
        by_list, by_point = districts().district_of(None, None, town.town), districts().district_of(town.lat, town.lon)
        assert by_list is not None
        assert by_list == by_point
        assert districts().contains(town.lat, town.lon)


def test_the_districts_fill_the_boundary_without_overlap() -> None:
    boundary = districts().boundary
    areas = [district.polygon for district in districts().districts if district.polygon is not None]
    assert boundary is not None
    assert len(areas) == 10
    assert sum(area.area for area in areas) == pytest.approx(boundary.area, rel=1e-4)
    assert districts().findings == ()


def test_the_script_draws_the_districts_that_ship() -> None:
    rows = list(csv.DictReader(io.StringIO(text_of("towns.csv"))))
    drawn = make_city.city_features(rows, np.random.default_rng(make_city.SEED))
    shipped = json.loads(text_of("districts.geojson"))["features"]
    assert [feature["properties"] for feature in drawn] == [feature["properties"] for feature in shipped]
    for new, old in zip(drawn, shipped, strict=True):
        difference = shape(new["geometry"]).symmetric_difference(shape(old["geometry"])).area
        assert difference < 1e-6


def test_same_name_traps_and_merged_towns_are_there() -> None:
    names = {town.town for town in towns()}
    assert {"緑町", "鷺沢町緑", "大平町", "鷺沢町大平", "八重町前田", "南浦町前田"} <= names
    assert sum(bool(town.former) for town in towns()) == 26


def test_a_hamlet_lies_beyond_an_hour_from_every_depot() -> None:
    far = [town.town for town in towns() if min(minutes_from_depots(town.lat, town.lon)) >= 60]
    assert far == ["霧谷町奥平"]


# -- fleet and rules ---------------------------------------------------------------------------------------------------


def test_the_fleet_is_two_depots_three_vans_and_ten_people() -> None:
    rows = fleet()
    assert (len(rows.depots), len(rows.vans), len(rows.staff)) == (2, 3, 10)


def test_every_service_day_of_the_next_fortnight_has_its_shifts() -> None:
    calendar = ServiceCalendar(rules())
    open_days = calendar.service_days(date(2026, 11, 24), date(2026, 12, 7))
    vans = Counter(shift.day for _, shift in fleet().shifts)
    assert {day: vans[day] for day in open_days} == {day: 2 if day.weekday() == 5 else 3 for day in open_days}
    assert all(calendar.is_service_day(day) for day in vans)


def test_no_crew_is_on_leave_on_two_vans_or_both_in_training() -> None:
    rows = fleet()
    for _, shift in rows.shifts:
        assert not all(rows.staff[person].trainee for person in shift.crew)
        for leave in rows.leave:
            assert not (leave.staff_id in shift.crew and leave.first_day <= shift.day <= leave.last_day)
    people = Counter((shift.day, person) for _, shift in rows.shifts for person in shift.crew)
    assert set(people.values()) == {1}


def test_the_vans_go_out_next_on_tuesday() -> None:
    assert ServiceCalendar(rules()).next_service_day(instant_from(demo.NOW).date()) == date(2026, 11, 24)


# -- the calls ---------------------------------------------------------------------------------------------------------


class _OnePin(dict[str, Located]):
    """A pin that stands for whatever household the address turns out to be, as at the desk."""

    def __init__(self, point: Located) -> None:
        super().__init__({"": point})

    def __missing__(self, key: str) -> Located:
        return self[""]

    def __contains__(self, key: object) -> bool:
        return True

    def get(self, key: str, default: Any = None) -> Any:
        return self[key]


def far(located: Located) -> tuple[Finding, ...]:
    minutes = min(minutes_from_depots(located.lat, located.lon))
    return (Finding("address", "LONG_LEG", Severity.CONFIRM),) if minutes >= 60 else ()


@lru_cache
def taken() -> tuple[tuple[demo.DemoCall, IntakeResult, IntakeResult], ...]:
    """Every call with what intake makes of it at first, and once the clerk has added what the findings ask for."""
    calendar = ServiceCalendar(rules())
    gazetteer = Gazetteer(towns(), (rules().city.prefecture, rules().city.name))
    live: dict[tuple[str, str], list[str]] = {}
    results = []
    for number, call in enumerate(demo.calls()):
        city = IntakeContext(
            gazetteer=gazetteer,
            today=call.at.date(),
            rules=IntakeRules(area_code=rules().city.area_code, eligibility=eligibility_rules(rules())),
            boundary=districts(),
            household_live=lambda key, kind: tuple(live.get((key, kind), ())),
            closed_reason=lambda day: None if calendar.is_service_day(day) else "CLOSED",
            location_findings=far,
        )
        first = second = take(call.answers, context=city)
        if call.has_second_step:
            pins = _OnePin(Located(*call.pin, Level.PINNED, f"pin:{call.who}")) if call.pin else {}
            added = replace(city, accepted=call.accept, chosen_town=call.town, household_reason=call.reason, pins=pins)
            second = take({**call.answers, **call.corrected}, context=added)
        if second.status is Status.REQUESTED and second.request and second.request.household_key:
            live.setdefault((second.request.household_key, second.request.visit_type), []).append(f"call {number}")
        results.append((call, first, second))
    return tuple(results)


def test_the_calls_come_in_order_in_office_hours_before_the_demos_now() -> None:
    times = [call.at for call in demo.calls()]
    assert times == sorted(times)
    assert times[-1] < instant_from(demo.NOW)
    calendar = ServiceCalendar(rules())
    assert all(calendar.is_working_day(time.date()) and 8 <= time.hour < 17 for time in times)


def test_a_second_step_is_needed_wherever_the_clerk_takes_one() -> None:
    for call, first, second in taken():
        if call.has_second_step:
            assert (first.status, second.status) == (Status.DRAFT, Status.REQUESTED), call.at


def test_the_fortnight_brings_every_kind_of_call() -> None:
    first = Counter(finding.code for _, result, _ in taken() for finding in result.findings)
    expected = {
        *("ADDRESS_AMBIGUOUS", "ADDRESS_OTHER_CITY", "ADDRESS_TOWN_UNSURE", "ADDRESS_UNKNOWN_TOWN", "ERA_ENDED"),
        *("CHILD_WITHOUT_PARENT", "DUPLICATE_HOUSEHOLD", "GROUP_TOO_SMALL", "GUARDIANSHIP", "LONG_LEG", "MOVING_SOON"),
        *("MY_NUMBER", "NOT_RESIDENT", "NO_PARKING", "NO_PHONE", "PEOPLE_RANGE", "PHONE_TOO_SHORT", "TOO_MANY_PEOPLE"),
        *("TWELVE_DIGITS", "WISH_CLOSED_DAY", "WISH_IN_PAST", "WISH_UNREAD"),
    }
    assert expected - first.keys() == set()
    statuses = Counter(result.status for _, _, result in taken())
    assert statuses == {Status.REQUESTED: 56, Status.DRAFT: 8, Status.TURNED_DOWN: 3}


def test_a_window_read_out_is_wished_for_in_time_and_on_the_grid() -> None:
    calendar = ServiceCalendar(rules())
    for call, _, result in taken():
        for day, opens_s in call.confirm:
            assert result.status is Status.REQUESTED, call.at
            assert result.request is not None
            assert (opens_s, opens_s + 1800) in calendar.windows(day), call.at
            assert day >= calendar.earliest_day(result.request.channel, call.at), call.at
            half = "morning" if opens_s < 12 * 3600 else "afternoon"
            assert half in Wishes.from_plain(result.request.wishes).half_days(day), call.at


def test_tuesday_has_three_vans_full_of_promises_and_the_days_after_have_some() -> None:
    promised = Counter(call.confirm[0][0] for call in demo.calls() if call.confirm and not call.cancel)
    assert promised[date(2026, 11, 24)] == 17
    assert all(promised[date(2026, 11, day)] >= 4 for day in (25, 26, 27))


def test_what_happens_later_happens_to_a_promise_and_before_the_demos_now() -> None:
    now = instant_from(demo.NOW)
    for call in demo.calls():
        later: list[datetime] = [attempt.at for attempt in call.call_log] + ([call.visit.at] if call.visit else [])
        assert all(call.at < at <= now for at in later)
        assert not later or call.confirm
    assert sum(call.visit is not None for call in demo.calls()) == 7


def test_the_numbers_to_call_belong_to_nobody() -> None:
    for call in demo.calls():
        for name in ("phone", "second_phone", "fax"):
            if spoken := call.answers.get(name):
                digits = re.sub(r"\D", "", spoken.translate(str.maketrans("０１２３４５６７８９", "0123456789")))
                assert re.match(r"0991|0120000|81991|[2-4]\d{5}$", digits), call.at
