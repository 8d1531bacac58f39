"""Rows for the tests of the tables: a small world, and for every constraint a row that breaks it and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session

import outreach.storage.tables  # (fills the metadata)
import outreach.storage.web_tables  # noqa: F401
from bookings.models import AwareTime, metadata

AT = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
DAY = date(2026, 11, 24)
TABLES = metadata.tables

Row = dict[str, Any]

BOOKING: Row = {
    **{name: "" for name, column in TABLES["booking"].columns.items() if not column.nullable},
    "id": 3,
    "reference": "D00003",
    "status": "requested",
    "household_number": 0,
    "household_key": "灯台町|3",
    "under_15": 0,
    "revision": 1,
    "long_leg_ok": False,
    "received_at": AT,
    "changed_at": AT,
}

STOP: Row = {"id": 2, "plan_version_id": 1, "booking_id": 2, "van_id": "van-1", "position": 2, "role": "promised"}
SITE: Row = {"id": 2, "number": 2, "service_day_id": 1, "van_id": "van-1", "state": "open", "set_up_s": 600}
PLACE: Row = {"id": 2, "site_session_id": 1, "start_s": 37800, "length_s": 1800, "seat": 1, "state": "free"}
VISIT: Row = {"id": 2, "booking_id": 2, "service_day_id": 1, "state": "promised", "promised_at": AT}
OUTCOME: Row = {"id": 2, "booking_id": 2, "day": DAY, "outcome": "visited", "people": 2, "at": AT}
CREW: Row = {"id": 2, "shift_id": 1, "seat": 2, "day": DAY, "staff_id": "s-02"}
SHIFT: Row = {"id": 3, "day": date(2026, 11, 25), "van_id": "van-1", "start_s": 30600, "end_s": 62100}
VERSION: Row = {"id": 2, "service_day_id": 1, "number": 2, "made_by": "make", "made_at": AT}
TOWN: Row = {"id": 2, **dict.fromkeys(("prefecture", "city", "town", "koaza"), "a"), "lat": 31.5, "lon": 131.5}
FINDING: Row = {"id": 2, "booking_id": 1, "field": "note", "code": "Y", "severity": "warning", "details": {}}
DEPOT: Row = {"id": "other", "name": "支所", "lat": 31.7, "lon": 131.1}
DAY_ROW: Row = {"id": 2, "day": date(2026, 11, 25)}
CALL: Row = {"id": 1, "booking_id": 1, "day": DAY, "at": AT, "outcome": "reached"}
CHANGE: Row = {"id": 1, "service_day_id": 1, "at": AT}
LEAVE: Row = {"id": 2, "staff_id": "s-01", "first_day": DAY, "last_day": DAY}
ACCOUNT: Row = {"id": 2, "name": "ito", "role": "clerk"}
LOOK: Row = {"id": 1, "at": AT, "who": "sato", "reference": "B00001", "what": "view"}
DOWN: Row = {"id": 1, "van_id": "van-1", "first_day": DAY, "last_day": DAY}

WORLD: list[tuple[str, Row]] = [
    ("booking", {**BOOKING, "id": 1, "reference": "B00001", "household_key": "灯台町|1"}),
    ("booking", {**BOOKING, "id": 2, "reference": "C00002", "household_key": "灯台町|2"}),
    ("booking_finding", {"id": 1, "booking_id": 1, "field": "note", "code": "X", "severity": "warning", "details": {}}),
    ("town", {"id": 1, **dict.fromkeys(("prefecture", "city", "town", "koaza"), "a"), "lat": 31.5, "lon": 131.5}),
    ("district", {"id": 1, "name": "中央", "population": 10, "aged_65": 3}),
    ("depot", {"id": "hall", "name": "市役所", "lat": 31.7, "lon": 131.1}),
    ("van", {"id": "van-1", "name": "1号車", "depot_id": "hall"}),
    ("van", {"id": "van-2", "name": "2号車", "depot_id": "hall"}),
    ("staff", {"id": "s-01", "name": "青木"}),
    ("staff", {"id": "s-02", "name": "井上"}),
    ("staff_leave", {"id": 1, "staff_id": "s-02", "first_day": DAY, "last_day": DAY}),
    ("shift", {"id": 1, "day": DAY, "van_id": "van-1", "start_s": 30600, "end_s": 62100}),
    ("shift", {"id": 2, "day": DAY, "van_id": "van-2", "start_s": 30600, "end_s": 62100}),
    ("shift_crew", {"id": 1, "shift_id": 1, "seat": 1, "day": DAY, "staff_id": "s-01"}),
    ("service_day", {"id": 1, "day": DAY, "version": 1, "closed": False}),
    ("plan_version", {"id": 1, "service_day_id": 1, "number": 1, "made_by": "make", "made_at": AT}),
    (
        "plan_stop",
        {"id": 1, "plan_version_id": 1, "booking_id": 1, "van_id": "van-1", "position": 1, "role": "promised"},
    ),
    ("visit", {"id": 1, "booking_id": 1, "service_day_id": 1, "state": "promised", "promised_at": AT}),
    ("site_session", {"id": 1, "number": 1, "service_day_id": 1, "van_id": "van-2", "state": "open"}),
    (
        "plan_stop",
        {"id": 3, "plan_version_id": 1, "site_session_id": 1, "van_id": "van-2", "position": 1, "role": "promised"},
    ),
    ("site_place", {**PLACE, "id": 1, "start_s": 36000, "state": "promised", "booking_id": 1}),
    ("visit_outcome", {"id": 1, "booking_id": 1, "day": DAY, "outcome": "visited", "people": 2, "at": AT}),
    ("account", {"id": 1, "name": "sato", "role": "clerk"}),
    ("web_session", {"id_sha256": "a", "account_id": 1}),
    ("counted_tries", {"key": "a", "tries": 1}),
    ("public_form", {"id_sha256": "a"}),
    ("own_link", {"token_sha256": "a", "booking_id": 1}),
    ("handed_over", {"id": 1, "number": "W00001"}),
]
"""A row of each table that the cases below collide with. Columns not named are filled in by :func:`full`."""

CASES: list[tuple[str, str, Row]] = [
    ("ck_booking_both_coordinates", "booking", {**BOOKING, "lat": 31.5}),
    ("ck_booking_people_positive", "booking", {**BOOKING, "people": 0}),
    ("ck_booking_people_positive", "booking", {**BOOKING, "people": -1}),
    ("ck_booking_status_known", "booking", {**BOOKING, "status": "waiting"}),
    ("ck_booking_status_known", "booking", {**BOOKING, "status": "REQUESTED"}),
    ("ck_booking_under_15_not_negative", "booking", {**BOOKING, "under_15": -1}),
    ("pk_booking", "booking", {**BOOKING, "id": 1}),
    ("uq_booking_reference", "booking", {**BOOKING, "reference": "B00001"}),
    ("uq_booking_live_household", "booking", {**BOOKING, "household_key": "灯台町|1"}),
    ("ck_boundary_only_one", "boundary", {"id": 2}),
    ("ck_depot_on_earth", "depot", {**DEPOT, "lat": 91.0}),
    ("ck_depot_on_earth", "depot", {**DEPOT, "lon": -181.0}),
    ("pk_depot", "depot", {**DEPOT, "id": "hall"}),
    ("ck_district_people_add_up", "district", {"id": 2, "name": "北", "population": 10, "aged_65": 11}),
    ("ck_district_people_add_up", "district", {"id": 2, "name": "北", "population": -1, "aged_65": None}),
    ("ck_district_people_add_up", "district", {"id": 2, "name": "北", "population": None, "aged_65": -1}),
    ("uq_district_name", "district", {"id": 2, "name": "中央"}),
    ("ck_pin_on_earth", "pin", {"household_key": "x", "lat": 91.0, "lon": 0.0, "set_at": AT}),
    (
        "fk_service_day_published_plan_id_plan_version",
        "service_day",
        {**DAY_ROW, "published_plan_id": 9},
    ),
    (
        "fk_service_day_standing_plan_id_plan_version",
        "service_day",
        {**DAY_ROW, "standing_plan_id": 9},
    ),
    ("uq_service_day_day", "service_day", {"id": 2, "day": DAY}),
    ("pk_staff", "staff", {"id": "s-01"}),
    ("ck_town_on_earth", "town", {**TOWN, "lat": -90.5}),
    ("uq_town_prefecture_city_town_koaza_lat_lon", "town", TOWN),
    ("fk_booking_change_booking_id_booking", "booking_change", {"id": 1, "booking_id": 9, "at": AT}),
    ("ck_booking_finding_severity_known", "booking_finding", {**FINDING, "severity": "fatal"}),
    ("fk_booking_finding_booking_id_booking", "booking_finding", {**FINDING, "booking_id": 9}),
    ("uq_booking_finding_booking_id_field_code", "booking_finding", {**FINDING, "code": "X"}),
    (
        "ck_call_attempt_outcome_known",
        "call_attempt",
        {**CALL, "outcome": "busy"},
    ),
    (
        "fk_call_attempt_booking_id_booking",
        "call_attempt",
        {**CALL, "booking_id": 9},
    ),
    ("ck_plan_version_made_by_known", "plan_version", {**VERSION, "made_by": "magic"}),
    ("fk_plan_version_service_day_id_service_day", "plan_version", {**VERSION, "service_day_id": 9}),
    ("uq_plan_version_service_day_id_number", "plan_version", {**VERSION, "number": 1}),
    (
        "fk_service_day_change_service_day_id_service_day",
        "service_day_change",
        {**CHANGE, "service_day_id": 9},
    ),
    (
        "ck_staff_leave_forwards",
        "staff_leave",
        {**LEAVE, "last_day": date(2026, 11, 23)},
    ),
    ("fk_staff_leave_staff_id_staff", "staff_leave", {**LEAVE, "staff_id": "s-99"}),
    (
        "uq_staff_leave_staff_id_first_day_last_day",
        "staff_leave",
        {**LEAVE, "staff_id": "s-02"},
    ),
    ("fk_van_depot_id_depot", "van", {"id": "van-3", "name": "3号車", "depot_id": "nowhere"}),
    ("ck_visit_outcome_forwards", "visit_outcome", {**OUTCOME, "start_s": 36000, "end_s": 35999}),
    ("ck_visit_outcome_outcome_known", "visit_outcome", {**OUTCOME, "outcome": "maybe"}),
    ("ck_visit_outcome_people_not_negative", "visit_outcome", {**OUTCOME, "people": -1}),
    ("fk_visit_outcome_booking_id_booking", "visit_outcome", {**OUTCOME, "booking_id": 9}),
    ("uq_visit_outcome_booking_id_day", "visit_outcome", {**OUTCOME, "booking_id": 1}),
    ("ck_plan_stop_forwards", "plan_stop", {**STOP, "arrive_s": 36001, "start_s": 36000, "depart_s": 38400}),
    ("ck_plan_stop_forwards", "plan_stop", {**STOP, "arrive_s": 36000, "start_s": 36000, "depart_s": 35999}),
    ("ck_plan_stop_role_known", "plan_stop", {**STOP, "role": "spare"}),
    ("fk_plan_stop_booking_id_booking", "plan_stop", {**STOP, "booking_id": 9}),
    ("fk_plan_stop_plan_version_id_plan_version", "plan_stop", {**STOP, "plan_version_id": 9}),
    ("uq_plan_stop_plan_version_id_booking_id", "plan_stop", {**STOP, "booking_id": 1, "van_id": "van-2"}),
    ("uq_plan_stop_plan_version_id_van_id_position", "plan_stop", {**STOP, "position": 1}),
    ("fk_publication_plan_version_id_plan_version", "publication", {"id": 1, "plan_version_id": 9, "at": AT}),
    ("ck_shift_within_the_day", "shift", {**SHIFT, "start_s": -1}),
    ("ck_shift_within_the_day", "shift", {**SHIFT, "end_s": 30600}),
    ("ck_shift_within_the_day", "shift", {**SHIFT, "end_s": 86400}),
    ("fk_shift_van_id_van", "shift", {**SHIFT, "van_id": "van-9"}),
    ("uq_shift_day_van_id", "shift", {**SHIFT, "day": DAY}),
    (
        "ck_van_down_forwards",
        "van_down",
        {**DOWN, "last_day": date(2026, 11, 23)},
    ),
    ("fk_van_down_van_id_van", "van_down", {**DOWN, "van_id": "van-9"}),
    ("ck_visit_service_takes_time", "visit", {**VISIT, "service_s": 0}),
    ("ck_visit_state_known", "visit", {**VISIT, "state": "lost"}),
    ("ck_visit_window_forwards", "visit", {**VISIT, "opens_s": 36000, "closes_s": 35999}),
    ("ck_visit_window_forwards", "visit", {**VISIT, "opens_s": -1}),
    ("ck_visit_window_forwards", "visit", {**VISIT, "closes_s": 86400}),
    ("fk_visit_booking_id_booking", "visit", {**VISIT, "booking_id": 9}),
    ("fk_visit_pinned_van_id_van", "visit", {**VISIT, "pinned_van_id": "van-9"}),
    ("fk_visit_service_day_id_service_day", "visit", {**VISIT, "service_day_id": 9}),
    ("uq_visit_one_promise", "visit", {**VISIT, "booking_id": 1}),
    ("ck_visit_hold_expires", "visit", {**VISIT, "state": "held", "expires_at": None}),
    ("ck_plan_stop_one_owner", "plan_stop", {**STOP, "booking_id": None}),
    ("ck_plan_stop_one_owner", "plan_stop", {**STOP, "plan_version_id": 2, "site_session_id": 1}),
    ("fk_plan_stop_site_session_id_site_session", "plan_stop", {**STOP, "booking_id": None, "site_session_id": 9}),
    (
        "uq_plan_stop_plan_version_id_site_session_id",
        "plan_stop",
        {**STOP, "booking_id": None, "site_session_id": 1},
    ),
    ("ck_site_session_state_known", "site_session", {**SITE, "state": "full"}),
    ("ck_site_session_forwards", "site_session", {**SITE, "closes_s": 36000}),
    ("ck_site_session_forwards", "site_session", {**SITE, "closes_s": 86400}),
    ("ck_site_session_set_up_within_the_day", "site_session", {**SITE, "set_up_s": 36001}),
    ("ck_site_session_set_up_within_the_day", "site_session", {**SITE, "packing_s": -1}),
    ("ck_site_session_on_earth", "site_session", {**SITE, "lat": 91.0}),
    ("uq_site_session_number", "site_session", {**SITE, "number": 1}),
    ("fk_site_session_service_day_id_service_day", "site_session", {**SITE, "service_day_id": 9}),
    ("fk_site_session_van_id_van", "site_session", {**SITE, "van_id": "van-9"}),
    ("ck_site_place_state_known", "site_place", {**PLACE, "state": "sold", "booking_id": 2}),
    ("ck_site_place_taken_by_somebody", "site_place", {**PLACE, "booking_id": 2}),
    ("ck_site_place_taken_by_somebody", "site_place", {**PLACE, "state": "promised"}),
    ("ck_site_place_hold_expires", "site_place", {**PLACE, "state": "held", "booking_id": 2}),
    ("ck_site_place_is_a_place", "site_place", {**PLACE, "seat": 0}),
    ("ck_site_place_is_a_place", "site_place", {**PLACE, "start_s": 86400}),
    ("ck_site_place_is_a_place", "site_place", {**PLACE, "length_s": 0}),
    ("fk_site_place_site_session_id_site_session", "site_place", {**PLACE, "site_session_id": 9}),
    ("fk_site_place_booking_id_booking", "site_place", {**PLACE, "state": "promised", "booking_id": 9}),
    ("uq_site_place_site_session_id_start_s_seat", "site_place", {**PLACE, "start_s": 36000}),
    ("uq_site_place_one_promise", "site_place", {**PLACE, "state": "promised", "booking_id": 1}),
    ("ck_account_role_known", "account", {**ACCOUNT, "role": "king"}),
    ("ck_account_role_known", "account", {**ACCOUNT, "role": "Clerk"}),
    ("pk_account", "account", {**ACCOUNT, "id": 1}),
    ("uq_account_name", "account", {**ACCOUNT, "name": "sato"}),
    ("fk_web_session_account_id_account", "web_session", {"id_sha256": "b", "account_id": 9}),
    ("pk_web_session", "web_session", {"id_sha256": "a"}),
    ("ck_counted_tries_counted", "counted_tries", {"key": "b", "tries": -1}),
    ("pk_counted_tries", "counted_tries", {"key": "a"}),
    ("ck_record_access_what_known", "record_access", {**LOOK, "what": "steal"}),
    ("pk_public_form", "public_form", {"id_sha256": "a"}),
    ("fk_own_link_booking_id_booking", "own_link", {"token_sha256": "b", "booking_id": 9}),
    ("pk_own_link", "own_link", {"token_sha256": "a", "booking_id": 1}),
    ("uq_handed_over_number", "handed_over", {"id": 2, "number": "W00001"}),
    ("ck_rules_in_force_only_one", "rules_in_force", {"id": 2, "since": AT}),
    ("ck_shift_crew_two_seats", "shift_crew", {**CREW, "seat": 3}),
    ("ck_shift_crew_two_seats", "shift_crew", {**CREW, "seat": 0}),
    ("fk_shift_crew_shift_id_shift", "shift_crew", {**CREW, "shift_id": 9}),
    ("fk_shift_crew_staff_id_staff", "shift_crew", {**CREW, "staff_id": "s-99"}),
    ("uq_shift_crew_day_staff_id", "shift_crew", {**CREW, "shift_id": 2, "seat": 1, "staff_id": "s-01"}),
    ("uq_shift_crew_shift_id_seat", "shift_crew", {**CREW, "seat": 1}),
]
"""The constraint that must refuse, the table, the row. All else about the row is right."""

FILLED: Mapping[str, Any] = {
    "opens_s": 36000,
    "closes_s": 37800,
    "service_s": 2400,
    "arrive_s": 36000,
    "start_s": 36000,
    "depart_s": 38400,
    "lat": 31.5,
    "lon": 131.5,
    "version": 1,
}
"""What a column not named in a row gets, so that nothing but the named is wrong."""


def full(table: str, row: Row) -> Row:
    """``row`` with every other column that must not be empty filled in."""
    whole = dict(row)
    for name, column in TABLES[table].columns.items():
        if name in whole or column.nullable or (column.primary_key and column.autoincrement is True):
            continue
        kind = column.type.python_type if not isinstance(column.type, AwareTime) else datetime
        whole[name] = FILLED.get(name, {int: 0, bool: False, dict: {}, datetime: AT}.get(kind, ""))
    return whole


def put_world(session: Session) -> None:
    """Store the world."""
    for table, row in WORLD:
        session.connection().execute(insert(TABLES[table]).values(full(table, row)))
