"""The day file and the plan file: exact round trips, and every wrong file refused with code and path."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date as Date
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import DayFileError, PlanError
from routing.files import plan_sha256, problem_sha256, read_plan, read_problem, write_plan, write_problem
from routing.json_values import MAX_FILE_BYTES
from routing.plan import Certificate, DayPlan, PlanStatus, Reason, Unassigned
from routing.schema import day_schema, plan_schema, schemas_text
from routing.travel import EstimatedTravel
from tests.routing.days import DATA, four_visits, random_day

SAMPLE_DAY = (DATA / "sample_day.json").read_text(encoding="utf-8")
SAMPLE_PLAN = (DATA / "sample_plan.json").read_text(encoding="utf-8")
Document = dict[str, Any]
Change = Callable[[Document], object]

DAY_VALIDATOR = jsonschema.Draft202012Validator(day_schema(), format_checker=jsonschema.FormatChecker())
PLAN_VALIDATOR = jsonschema.Draft202012Validator(plan_schema(), format_checker=jsonschema.FormatChecker())


def refused(read: Callable[[str | bytes], object], content: str | bytes) -> tuple[str, str]:
    with pytest.raises(DayFileError) as caught:
        read(content)
    return caught.value.code, caught.value.path


def day_with(change: Change) -> str:
    document = json.loads(SAMPLE_DAY)
    change(document)
    return json.dumps(document)


def plan_with(change: Change) -> str:
    document = json.loads(SAMPLE_PLAN)
    change(document)
    return json.dumps(document)


def put(*keys: Any) -> Change:
    """``put("visits", 0, "id", 5)`` sets ``visits[0].id`` to 5."""

    def change(document: Document) -> None:
        target: Any = document
        for key in keys[:-2]:
            target = target[key]
        target[keys[-2]] = keys[-1]

    return change


def drop(*keys: Any) -> Change:
    def change(document: Document) -> None:
        target: Any = document
        for key in keys[:-1]:
            target = target[key]
        del target[keys[-1]]

    return change


# -------------------------------------------------------------------------------------------------- what is right


def test_the_sample_day_of_the_design_is_read_with_its_defaults() -> None:
    problem = read_problem(SAMPLE_DAY)
    assert problem.date == Date(2026, 11, 24)
    assert problem.visits[1].needs == frozenset()
    assert problem.visits[1].drop_penalty_s == 60_000
    assert read_problem(write_problem(problem)) == problem


def test_the_sample_plan_of_the_design_is_read_and_its_words_are_skipped() -> None:
    plan = read_plan(SAMPLE_PLAN)
    assert plan.unassigned == (Unassigned("P20391", Reason.LEG_TOO_LONG, {"driving_s": 4000, "limit_s": 3600}),)
    assert read_plan(write_plan(plan)) == plan


def test_words_are_written_beside_the_reasons_and_change_no_hash() -> None:
    plan = read_plan(SAMPLE_PLAN)
    text = write_plan(plan, lambda reason, values: (f"{reason} {values['driving_s']}", "what"))
    assert json.loads(text)["unassigned"][0]["sentence"] == "LEG_TOO_LONG 4000"
    assert read_plan(text) == plan
    assert plan_sha256(read_plan(text)) == plan_sha256(plan)


def test_the_plans_hash_leaves_out_seconds_and_nothing_else() -> None:
    plan = read_plan(SAMPLE_PLAN)
    slower = replace(plan, certificate=replace(plan.certificate, seconds=9.5))
    other = replace(plan, certificate=replace(plan.certificate, method="other"))
    assert plan_sha256(slower) == plan_sha256(plan)
    assert plan_sha256(other) != plan_sha256(plan)


def test_hashes_stand_still() -> None:
    assert problem_sha256(read_problem(SAMPLE_DAY)) == (
        "89421e4784abeb840be7c7b01f673c5ed8a130702631998d1f671250f39a389f"
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_random_day_survives_the_round_trip_exactly(seed: int) -> None:
    problem = random_day(random.Random(seed), visits=7, vans=3)
    text = write_problem(problem)
    again = read_problem(text.encode())
    assert again == problem
    assert (problem_sha256(again), write_problem(again)) == (problem_sha256(problem), text)
    DAY_VALIDATOR.validate(json.loads(text))


def test_a_byte_order_mark_is_no_trouble() -> None:
    assert read_problem(b"\xef\xbb\xbf" + SAMPLE_DAY.encode()) == read_problem(SAMPLE_DAY)
    assert read_problem("\ufeff" + SAMPLE_DAY) == read_problem(SAMPLE_DAY)


def test_left_out_travel_is_filled_by_the_source() -> None:
    travel = EstimatedTravel()
    problem = read_problem(day_with(drop("travel_s")), travel=travel)
    assert problem.travel_s == travel.matrix(problem.places).seconds
    assert problem.travel_source == "estimate"


def test_a_time_outside_the_day_is_not_written() -> None:
    plan = read_plan(SAMPLE_PLAN)
    with pytest.raises(PlanError) as caught:
        write_plan(replace(plan, routes=(replace(plan.routes[0], end_s=86_400),)))
    assert caught.value.code == "TIME_OUT_OF_RANGE"


plain_values = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.text("aあ1", min_size=1, max_size=5),
    st.lists(st.text("bい2", min_size=1, max_size=5), max_size=3).map(tuple),
)  # fmt: skip


@given(st.dictionaries(st.text("abc", min_size=1, max_size=4), plain_values, max_size=4))
def test_values_of_a_reason_survive_the_round_trip(values: dict[str, object]) -> None:
    plan = DayPlan(
        Date(2026, 11, 24), PlanStatus.UNKNOWN, None, None, None, Certificate("x", 0.0), (),
        (Unassigned("A", Reason.CROWDED_OUT, values),),
    )  # fmt: skip
    assert read_plan(write_plan(plan)) == plan


# -------------------------------------------------------------------------------------------------- what is wrong

WRONG_BYTES: list[tuple[str | bytes, str]] = [
    ("", "NOT_JSON"),
    ("{", "NOT_JSON"),
    ("[" * 100_000, "NESTED_TOO_DEEPLY"),
    ('{"a":' * 100_000, "NESTED_TOO_DEEPLY"),
    ("[" * 10_000_000, "DAY_FILE_TOO_LARGE"),
    (" " * (MAX_FILE_BYTES + 1), "DAY_FILE_TOO_LARGE"),
    (b"\xff\xfe{\x00}\x00", "NOT_UTF8"),
    ("{'a': 1}", "NOT_JSON"),
    ("1" * 1_000_000, "NUMBER_TOO_LONG"),
    ("null", "WRONG_TYPE"),
    ("[]", "WRONG_TYPE"),
    ("NaN", "NOT_A_NUMBER"),
]


@pytest.mark.parametrize(("content", "code"), WRONG_BYTES, ids=range(len(WRONG_BYTES)))
def test_bytes_that_are_no_file_of_ours_are_refused_at_the_root(content: str | bytes, code: str) -> None:
    assert refused(read_problem, content) == (code, "$")
    assert refused(read_plan, content) == (code, "$")


# The last column says whether the JSON Schema must refuse the file too.
WINDOW, PENALTY = "$.visits[1].windows[0]", "$.visits[0].drop_penalty_s"
WRONG_DAYS: list[tuple[str, Change, str, str, bool]] = [
    ("another format", put("format", "outreach-day/2"), "WRONG_FORMAT", "$.format", True),
    ("unknown key", put("vists", []), "UNKNOWN_KEY", "$.vists", True),
    ("unknown key in a visit", put("visits", 0, "note", "x"), "UNKNOWN_KEY", "$.visits[0].note", True),
    ("a key that is no name", put("visits", 0, "a b", "x"), "UNKNOWN_KEY", "$.visits[0]['a b']", True),
    ("missing key", drop("visits"), "MISSING_KEY", "$", True),
    ("missing id", drop("places", 1, "id"), "MISSING_KEY", "$.places[1]", True),
    ("id is a number", put("visits", 0, "id", 5), "WRONG_TYPE", "$.visits[0].id", True),
    ("id is empty", put("visits", 0, "id", ""), "BAD_TEXT", "$.visits[0].id", True),
    ("id is endless", put("visits", 0, "id", "x" * 201), "BAD_TEXT", "$.visits[0].id", True),
    ("id holds a line feed", put("visits", 0, "id", "a\nb"), "BAD_TEXT", "$.visits[0].id", True),
    ("id twice", put("visits", 1, "id", "H10472"), "DUPLICATE_ID", "$.visits[1].id", False),
    ("no such day", put("date", "2026-02-30"), "BAD_DATE", "$.date", True),
    ("date with a line feed", put("date", "2026-11-24\n"), "BAD_DATE", "$.date", True),
    ("date as week", put("date", "2026-W48-2"), "BAD_DATE", "$.date", True),
    ("full width digits", put("shifts", 0, "start", "０８:30"), "BAD_TIME", "$.shifts[0].start", True),
    ("24:00", put("shifts", 0, "end", "24:00"), "BAD_TIME", "$.shifts[0].end", True),
    ("time with a line feed", put("shifts", 0, "end", "17:15\n"), "BAD_TIME", "$.shifts[0].end", True),
    ("negative time", put("shifts", 0, "start", "-1:00"), "BAD_TIME", "$.shifts[0].start", True),
    ("time as seconds", put("shifts", 0, "start", 30600), "WRONG_TYPE", "$.shifts[0].start", True),
    ("shift backwards", put("shifts", 0, "end", "08:30"), "SHIFT_BACKWARDS", "$.shifts[0]", False),
    ("crew of one", put("shifts", 0, "crew", ["s-01"]), "CREW_NOT_TWO", "$.shifts[0].crew", True),
    ("the same person twice", put("shifts", 0, "crew", ["a", "a"]), "CREW_NOT_TWO", "$.shifts[0].crew", True),
    ("skill twice", put("shifts", 0, "skills", ["a", "a"]), "DUPLICATE_ITEM", "$.shifts[0].skills[1]", True),
    ("unknown depot", put("shifts", 0, "end_place", "x"), "UNKNOWN_PLACE", "$.shifts[0].end_place", False),
    (
        "break backwards",
        put("shifts", 0, "break", "latest_start", "11:00"),
        "BREAK_BACKWARDS",
        "$.shifts[0].break",
        False,
    ),
    (
        "break of nothing",
        put("shifts", 0, "break", "duration_s", 0),
        "NUMBER_OUT_OF_RANGE",
        "$.shifts[0].break.duration_s",
        True,
    ),
    (
        "windows backwards",
        put("visits", 0, "windows", 0, 1, "09:00"),
        "WINDOW_BACKWARDS",
        "$.visits[0].windows[0]",
        False,
    ),
    ("no window", put("visits", 1, "windows", []), "NO_WINDOW", "$.visits[1].windows", True),
    (
        "window of three",
        put("visits", 1, "windows", 0, ["09:00"] * 3),
        "WINDOW_NOT_A_PAIR",
        "$.visits[1].windows[0]",
        True,
    ),
    ("true is no number", put("visits", 0, "service_s", True), "WRONG_TYPE", "$.visits[0].service_s", True),
    ("half a second", put("visits", 0, "service_s", 2400.5), "WRONG_TYPE", "$.visits[0].service_s", True),
    ("a float", put("visits", 0, "service_s", 2400.0), "WRONG_TYPE", "$.visits[0].service_s", False),
    ("negative service", put("visits", 0, "service_s", -1), "NUMBER_OUT_OF_RANGE", "$.visits[0].service_s", True),
    ("a number as text", put("visits", 0, "service_s", "2400"), "WRONG_TYPE", "$.visits[0].service_s", True),
    ("required by word", put("visits", 0, "required", "yes"), "WRONG_TYPE", "$.visits[0].required", True),
    ("required by null", put("visits", 0, "required", None), "WRONG_TYPE", "$.visits[0].required", True),
    ("needs null", put("visits", 0, "needs", None), "WRONG_TYPE", "$.visits[0].needs", True),
    ("unknown place", put("visits", 0, "place", "p9"), "UNKNOWN_PLACE", "$.visits[0].place", False),
    ("pinned nowhere", put("visits", 0, "pinned_shift", "x"), "UNKNOWN_SHIFT", "$.visits[0].pinned_shift", False),
    (
        "penalty negative",
        put("visits", 0, "drop_penalty_s", -5),
        "NUMBER_OUT_OF_RANGE",
        "$.visits[0].drop_penalty_s",
        True,
    ),
    ("latitude of 91", put("places", 0, "lat", 91), "COORDINATE_OUT_OF_RANGE", "$.places[0].lat", True),
    ("latitude as text", put("places", 0, "lat", "31.7"), "WRONG_TYPE", "$.places[0].lat", True),
    ("latitude true", put("places", 0, "lat", True), "WRONG_TYPE", "$.places[0].lat", True),
    ("a row too few", drop("travel_s", 2), "MATRIX_SIZE", "$.travel_s", False),
    ("a number too few", drop("travel_s", 1, 2), "MATRIX_SIZE", "$.travel_s[1]", False),
    ("negative travel", put("travel_s", 1, 2, -1), "NUMBER_OUT_OF_RANGE", "$.travel_s[1][2]", True),
    ("travel true", put("travel_s", 1, 2, True), "WRONG_TYPE", "$.travel_s[1][2]", True),
    ("travel null", put("travel_s", None), "WRONG_TYPE", "$.travel_s", True),
    ("travel missing", drop("travel_s"), "TRAVEL_MISSING", "$.travel_s", False),
    ("limit of a year", put("max_leg_s", 31_536_000), "NUMBER_OUT_OF_RANGE", "$.max_leg_s", True),
    ("places as object", put("places", {}), "WRONG_TYPE", "$.places", True),
]


@pytest.mark.parametrize(
    ("change", "code", "path", "schema_knows"),
    [case[1:] for case in WRONG_DAYS],
    ids=[case[0] for case in WRONG_DAYS],
)
def test_a_wrong_day_is_refused_with_code_and_path(change: Change, code: str, path: str, schema_knows: bool) -> None:
    text = day_with(change)
    assert refused(read_problem, text) == (code, path)
    assert DAY_VALIDATOR.is_valid(json.loads(text)) is not schema_knows


WRONG_PLANS: list[tuple[str, Change, str, str, bool]] = [
    ("a day file", put("format", "outreach-day/1"), "WRONG_FORMAT", "$.format", True),
    ("status of ours", put("status", "GOOD"), "NOT_A_CHOICE", "$.status", True),
    ("objective true", put("objective_s", True), "WRONG_TYPE", "$.objective_s", True),
    ("objective negative", put("objective_s", -1), "NUMBER_OUT_OF_RANGE", "$.objective_s", True),
    ("objective beyond doubles", put("objective_s", 2**53), "NUMBER_OUT_OF_RANGE", "$.objective_s", True),
    ("hash of another kind", put("problem_sha256", "A" * 64), "BAD_HASH", "$.problem_sha256", True),
    ("no certificate", put("certificate", None), "WRONG_TYPE", "$.certificate", True),
    ("negative seconds", put("certificate", "seconds", -1), "NUMBER_OUT_OF_RANGE", "$.certificate.seconds", True),
    ("version a number", put("certificate", "versions", {"a": 1}), "WRONG_TYPE", "$.certificate.versions.a", True),
    ("stop without depart", drop("routes", 0, "stops", 0, "depart"), "MISSING_KEY", "$.routes[0].stops[0]", True),
    ("reason of ours", put("unassigned", 0, "reason", "LAZY"), "NOT_A_CHOICE", "$.unassigned[0].reason", True),
    ("nested values", put("unassigned", 0, "values", {"a": {}}), "WRONG_TYPE", "$.unassigned[0].values.a", True),
    ("sentence a number", put("unassigned", 0, "sentence", 5), "WRONG_TYPE", "$.unassigned[0].sentence", True),
    ("unknown key", put("routes", 0, "van", "x"), "UNKNOWN_KEY", "$.routes[0].van", True),
]


@pytest.mark.parametrize(
    ("change", "code", "path", "schema_knows"),
    [case[1:] for case in WRONG_PLANS],
    ids=[case[0] for case in WRONG_PLANS],
)
def test_a_wrong_plan_is_refused_with_code_and_path(change: Change, code: str, path: str, schema_knows: bool) -> None:
    text = plan_with(change)
    assert refused(read_plan, text) == (code, path)
    assert PLAN_VALIDATOR.is_valid(json.loads(text)) is not schema_knows


@pytest.mark.parametrize(
    ("old", "new", "code", "path"),
    [
        ('"max_leg_s": 3600', '"max_leg_s": 3600, "max_leg_s": 60', "DUPLICATE_KEY", "$.max_leg_s"),
        ('"id": "p1"', '"id": "p1", "id": "p1"', "DUPLICATE_KEY", "$.places[1].id"),
        ('"max_leg_s": 3600', '"max_leg_s": 1e999', "NOT_A_NUMBER", "$.max_leg_s"),
        ('"max_leg_s": 3600', '"max_leg_s": NaN', "NOT_A_NUMBER", "$.max_leg_s"),
        ('"lat": 31.7195', '"lat": -Infinity', "NOT_A_NUMBER", "$.places[0].lat"),
        ('"max_leg_s": 3600', '"max_leg_s": ' + "9" * 5000, "NUMBER_TOO_LONG", "$.max_leg_s"),
        ('"lat": 31.7195', '"lat": 31.' + "7" * 5000, "NUMBER_TOO_LONG", "$.places[0].lat"),
        ('"id": "p1"', '"id": "\\ud800"', "BAD_TEXT", "$.places[1].id"),
        ('"id": "p1"', '"id": "p1", "\\udfff": 1', "UNKNOWN_KEY", "$.places[1]['?']"),
        ('"id": "p1"', '"id": "\\u0000"', "BAD_TEXT", "$.places[1].id"),
    ],
)
def test_what_only_raw_json_can_hold_is_refused_at_its_place(old: str, new: str, code: str, path: str) -> None:
    assert old in SAMPLE_DAY
    assert refused(read_problem, SAMPLE_DAY.replace(old, new, 1)) == (code, path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 100_000) | st.floats(-5, 5) | st.text(max_size=3) | st.just("09:30"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


def spots(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    return [path, *(spot for key, value in inner for spot in spots(value, (*path, key)))]


@given(st.data())
def test_reader_and_schema_agree_where_any_value_is_put_anywhere(data: st.DataObject) -> None:
    files: tuple[tuple[str, Callable[[str | bytes], object], Any], ...] = (
        (SAMPLE_DAY, read_problem, DAY_VALIDATOR),
        (SAMPLE_PLAN, read_plan, PLAN_VALIDATOR),
    )
    sample, read, validator = data.draw(st.sampled_from(files))
    document = json.loads(sample)
    spot = data.draw(st.sampled_from([spot for spot in spots(document) if spot]))
    put(*spot, data.draw(json_values))(document)
    beyond_schema = {
        "DUPLICATE_ID", "UNKNOWN_PLACE", "UNKNOWN_SHIFT", "MATRIX_SIZE", "WINDOW_BACKWARDS", "BREAK_BACKWARDS",
        "SHIFT_BACKWARDS",
    }  # fmt: skip
    refusal: DayFileError | None = None
    try:
        read(json.dumps(document))
    except DayFileError as error:
        refusal = error
    if refusal is None:
        assert validator.is_valid(document)
    elif refusal.code not in beyond_schema and refusal.values != {"expected": "integer", "found": "number"}:
        assert not validator.is_valid(document), refusal


def test_the_schemas_are_schemas_and_say_which_format_they_are() -> None:
    both = json.loads(schemas_text())
    assert list(both) == ["outreach-day/1", "outreach-plan/1"]
    for schema in both.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    DAY_VALIDATOR.validate(json.loads(write_problem(four_visits)))
