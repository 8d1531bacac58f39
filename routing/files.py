"""Day problems and plans as files: the formats ``outreach-day/1`` and ``outreach-plan/1``, read and written exactly.

Reading refuses anything the formats do not say, with a code and a JSON path (:class:`routing.errors.DayFileError`).
``read(write(value)) == value`` for every value. The hashes are SHA-256 over canonical JSON: sorted keys, no spaces,
UTF-8; the plan's leaves out ``certificate.seconds`` and all words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from routing import json_values as js
from routing.errors import PlanError, ProblemError
from routing.plan import BreakTaken, Certificate, DayPlan, PlanStatus, Reason, Route, Stop, Unassigned
from routing.problem import (
    DAY_S,
    DEFAULT_DROP_PENALTY_S,
    DEFAULT_MAX_LEG_S,
    MAX_DURATION_S,
    MAX_PENALTY_S,
    Break,
    DayProblem,
    Place,
    Shift,
    Visit,
    Window,
    clock_text,
)
from routing.travel.source import TravelSource

DAY_FORMAT = "outreach-day/1"
PLAN_FORMAT = "outreach-plan/1"

MAX_OBJECTIVE_S = 2**53 - 1
"""Largest sum a plan file may carry: exact in every reader of JSON."""

Words = Callable[[str, Mapping[str, object]], tuple[str, str]]
"""Gives the sentence and the action for a reason code and its values."""

T = TypeVar("T")


# ---------------------------------------------------------------------------------------------------- the day file


def read_problem(content: str | bytes, *, travel: TravelSource | None = None) -> DayProblem:
    """Read a day file.

    Args:
        content: the file as text or UTF-8 bytes.
        travel: fills ``travel_s`` where the file leaves it out; ``travel_source`` is then this source's name.

    Raises:
        DayFileError: with code, values and JSON path; ``TRAVEL_MISSING`` where neither file nor source knows travel.
        TravelError: when the source cannot answer.
    """
    day = js.object_at(
        js.parse(content),
        "$",
        required=("format", "date", "places", "shifts", "visits"),
        optional=("travel_s", "travel_source", "max_leg_s"),
    )
    _require_format(day["format"], DAY_FORMAT)
    date = js.date_at(day["date"], "$.date")
    places = js.items_at(day["places"], "$.places", _read_place)
    shifts = js.items_at(day["shifts"], "$.shifts", _read_shift)
    visits = js.items_at(day["visits"], "$.visits", _read_visit)
    max_leg_s = js.integer_at(day.get("max_leg_s", DEFAULT_MAX_LEG_S), "$.max_leg_s", 0, MAX_DURATION_S)
    travel_source = _or_none(day.get("travel_source"), "$.travel_source", js.text_at)
    if "travel_s" in day:
        travel_s = js.items_at(day["travel_s"], "$.travel_s", _read_row)
    elif travel is not None:
        travel_s, travel_source = travel.matrix(places).seconds, travel.name
    else:
        js.refuse("TRAVEL_MISSING", "$.travel_s", "left out, and there is no travel source to fill it")
    return _built("$", lambda: DayProblem(date, places, travel_s, shifts, visits, max_leg_s, travel_source))


def write_problem(problem: DayProblem) -> str:
    """The day file of ``problem``, every key written out."""
    return _laid_out(_problem_document(problem))


def problem_sha256(problem: DayProblem) -> str:
    """SHA-256 of the problem's canonical JSON, as hexadecimal text."""
    return _sha256(_problem_document(problem))


def _read_place(value: object, path: str) -> Place:
    found = js.object_at(value, path, required=("id", "lat", "lon"))
    identifier = js.text_at(found["id"], f"{path}.id")
    lat, lon = js.number_at(found["lat"], f"{path}.lat"), js.number_at(found["lon"], f"{path}.lon")
    return _built(path, lambda: Place(identifier, lat, lon))


def _read_row(value: object, path: str) -> tuple[int | None, ...]:
    row = js.list_at(value, path)
    if all(type(seconds) is int and 0 <= seconds <= MAX_DURATION_S for seconds in row):
        return tuple(row)  # type: ignore[arg-type]  # the usual case, without a call for each of many numbers
    return js.items_at(row, path, lambda seconds, at: _or_none(seconds, at, _read_duration))


def _read_shift(value: object, path: str) -> Shift:
    found = js.object_at(
        value,
        path,
        required=("id", "start_place", "end_place", "start", "end", "crew"),
        optional=("break", "skills"),
    )
    identifier = js.text_at(found["id"], f"{path}.id")
    start_place = js.text_at(found["start_place"], f"{path}.start_place")
    end_place = js.text_at(found["end_place"], f"{path}.end_place")
    start_s, end_s = js.time_at(found["start"], f"{path}.start"), js.time_at(found["end"], f"{path}.end")
    crew: Any = js.items_at(found["crew"], f"{path}.crew", js.text_at)  # Shift counts the heads
    break_ = _or_none(found.get("break"), f"{path}.break", _read_break)
    skills = js.texts_at(found.get("skills", []), f"{path}.skills")
    return _built(path, lambda: Shift(identifier, start_place, end_place, start_s, end_s, crew, skills, break_))


def _read_break(value: object, path: str) -> Break:
    found = js.object_at(value, path, required=("duration_s", "earliest_start", "latest_start"))
    duration_s = js.integer_at(found["duration_s"], f"{path}.duration_s", 1, MAX_DURATION_S)
    earliest_s = js.time_at(found["earliest_start"], f"{path}.earliest_start")
    latest_s = js.time_at(found["latest_start"], f"{path}.latest_start")
    return _built(path, lambda: Break(duration_s, earliest_s, latest_s))


def _read_visit(value: object, path: str) -> Visit:
    found = js.object_at(
        value,
        path,
        required=("id", "place", "service_s", "windows"),
        optional=("needs", "pinned_shift", "required", "long_leg_ok", "drop_penalty_s"),
    )
    fields: dict[str, Any] = {
        "id": js.text_at(found["id"], f"{path}.id"),
        "place": js.text_at(found["place"], f"{path}.place"),
        "service_s": _read_duration(found["service_s"], f"{path}.service_s"),
        "windows": js.items_at(found["windows"], f"{path}.windows", _read_window),
        "needs": js.texts_at(found.get("needs", []), f"{path}.needs"),
        "pinned_shift": _or_none(found.get("pinned_shift"), f"{path}.pinned_shift", js.text_at),
        "required": js.flag_at(found.get("required", False), f"{path}.required"),
        "long_leg_ok": js.flag_at(found.get("long_leg_ok", False), f"{path}.long_leg_ok"),
        "drop_penalty_s": js.integer_at(
            found.get("drop_penalty_s", DEFAULT_DROP_PENALTY_S), f"{path}.drop_penalty_s", 0, MAX_PENALTY_S
        ),
    }
    return _built(path, lambda: Visit(**fields))


def _read_window(value: object, path: str) -> Window:
    times = js.items_at(value, path, js.time_at)
    if len(times) != 2:
        js.refuse("WINDOW_NOT_A_PAIR", path, f"a window is two times, not {len(times)}", count=len(times))
    return _built(path, lambda: Window(*times))


def _read_duration(value: object, path: str) -> int:
    return js.integer_at(value, path, 0, MAX_DURATION_S)


def _problem_document(problem: DayProblem) -> dict[str, object]:
    return {
        "format": DAY_FORMAT,
        "date": problem.date.isoformat(),
        "max_leg_s": problem.max_leg_s,
        "travel_source": problem.travel_source,
        "places": [{"id": place.id, "lat": float(place.lat), "lon": float(place.lon)} for place in problem.places],
        "travel_s": [list(row) for row in problem.travel_s],
        "shifts": [_shift_document(shift) for shift in problem.shifts],
        "visits": [_visit_document(visit) for visit in problem.visits],
    }


def _shift_document(shift: Shift) -> dict[str, object]:
    return {
        "id": shift.id,
        "start_place": shift.start_place,
        "end_place": shift.end_place,
        "start": clock_text(shift.start_s),
        "end": clock_text(shift.end_s),
        "break": None
        if shift.break_ is None
        else {
            "duration_s": shift.break_.duration_s,
            "earliest_start": clock_text(shift.break_.earliest_start_s),
            "latest_start": clock_text(shift.break_.latest_start_s),
        },
        "crew": list(shift.crew),
        "skills": sorted(shift.skills),
    }


def _visit_document(visit: Visit) -> dict[str, object]:
    return {
        "id": visit.id,
        "place": visit.place,
        "service_s": visit.service_s,
        "windows": [[clock_text(window.opens_s), clock_text(window.closes_s)] for window in visit.windows],
        "needs": sorted(visit.needs),
        "pinned_shift": visit.pinned_shift,
        "required": visit.required,
        "long_leg_ok": visit.long_leg_ok,
        "drop_penalty_s": visit.drop_penalty_s,
    }


# --------------------------------------------------------------------------------------------------- the plan file


def read_plan(content: str | bytes) -> DayPlan:
    """Read a plan file. Sentences and actions are skipped; whether the plan keeps its day is the checker's business.

    Raises:
        DayFileError: with code, values and JSON path.
    """
    plan = js.object_at(
        js.parse(content),
        "$",
        required=("format", "date", "status", "objective_s", "certificate", "routes", "unassigned"),
        optional=("lower_bound_s", "problem_sha256"),
    )
    _require_format(plan["format"], PLAN_FORMAT)
    return DayPlan(
        date=js.date_at(plan["date"], "$.date"),
        status=PlanStatus(js.choice_at(plan["status"], "$.status", [status.value for status in PlanStatus])),
        objective_s=_or_none(plan["objective_s"], "$.objective_s", _read_sum),
        lower_bound_s=_or_none(plan.get("lower_bound_s"), "$.lower_bound_s", _read_sum),
        problem_sha256=_or_none(plan.get("problem_sha256"), "$.problem_sha256", _read_hash),
        certificate=_read_certificate(plan["certificate"], "$.certificate"),
        routes=js.items_at(plan["routes"], "$.routes", _read_route),
        unassigned=js.items_at(plan["unassigned"], "$.unassigned", _read_unassigned),
    )


def write_plan(plan: DayPlan, words: Words | None = None) -> str:
    """The plan file of ``plan``; with ``words``, each unassigned visit says its sentence and action.

    Raises:
        PlanError: ``TIME_OUT_OF_RANGE`` for a time that is not of this day (a broken plan can hold one).
    """
    document = _plan_document(plan)
    if words is not None:
        said = [words(left_out.reason.value, left_out.values) for left_out in plan.unassigned]
        document["unassigned"] = [
            {**_unassigned_document(left_out), "sentence": sentence, "action": action}
            for left_out, (sentence, action) in zip(plan.unassigned, said, strict=True)
        ]
    return _laid_out(document)


def plan_sha256(plan: DayPlan) -> str:
    """SHA-256 of the plan's canonical JSON without ``certificate.seconds`` and without words."""
    document = _plan_document(replace(plan, certificate=replace(plan.certificate, seconds=0.0)))
    certificate = document["certificate"]
    assert isinstance(certificate, dict)
    del certificate["seconds"]
    return _sha256(document)


def _read_certificate(value: object, path: str) -> Certificate:
    found = js.object_at(value, path, required=("method", "seconds", "versions"))
    seconds = js.number_at(found["seconds"], f"{path}.seconds")
    if not 0 <= seconds <= MAX_DURATION_S:
        js.refuse("NUMBER_OUT_OF_RANGE", f"{path}.seconds", "not in range", value=seconds, least=0, most=MAX_DURATION_S)
    versions = js.free_object_at(found["versions"], f"{path}.versions")
    return Certificate(
        method=js.text_at(found["method"], f"{path}.method"),
        seconds=seconds,
        versions={
            js.text_at(name, f"{path}.versions"): js.text_at(version, js.key_path(f"{path}.versions", name))
            for name, version in versions.items()
        },
    )


def _read_route(value: object, path: str) -> Route:
    found = js.object_at(value, path, required=("shift", "start", "end", "travel_s", "stops"), optional=("break",))
    return Route(
        shift=js.text_at(found["shift"], f"{path}.shift"),
        start_s=js.time_at(found["start"], f"{path}.start"),
        end_s=js.time_at(found["end"], f"{path}.end"),
        travel_s=_read_sum(found["travel_s"], f"{path}.travel_s"),
        break_=_or_none(found.get("break"), f"{path}.break", _read_break_taken),
        stops=js.items_at(found["stops"], f"{path}.stops", _read_stop),
    )


def _read_break_taken(value: object, path: str) -> BreakTaken:
    found = js.object_at(value, path, required=("start", "end"))
    return BreakTaken(js.time_at(found["start"], f"{path}.start"), js.time_at(found["end"], f"{path}.end"))


def _read_stop(value: object, path: str) -> Stop:
    found = js.object_at(value, path, required=("visit", "arrive", "start", "depart"))
    return Stop(
        visit=js.text_at(found["visit"], f"{path}.visit"),
        arrive_s=js.time_at(found["arrive"], f"{path}.arrive"),
        start_s=js.time_at(found["start"], f"{path}.start"),
        depart_s=js.time_at(found["depart"], f"{path}.depart"),
    )


def _read_unassigned(value: object, path: str) -> Unassigned:
    found = js.object_at(value, path, required=("visit", "reason"), optional=("values", "sentence", "action"))
    values: Mapping[str, object] = {}
    if "values" in found:
        values = js.free_object_at(found["values"], f"{path}.values")
    for words in ("sentence", "action"):
        if not isinstance(found.get(words, ""), str):
            js.refuse("WRONG_TYPE", f"{path}.{words}", "words are text", expected="string", found="other")
    return Unassigned(
        visit=js.text_at(found["visit"], f"{path}.visit"),
        reason=Reason(js.choice_at(found["reason"], f"{path}.reason", [reason.value for reason in Reason])),
        values={
            js.text_at(name, f"{path}.values"): js.plain_at(item, js.key_path(f"{path}.values", name))
            for name, item in values.items()
        },
    )


def _read_sum(value: object, path: str) -> int:
    return js.integer_at(value, path, 0, MAX_OBJECTIVE_S)


def _read_hash(value: object, path: str) -> str:
    text = js.text_at(value, path)
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        js.refuse("BAD_HASH", path, "not 64 lower-case hexadecimal digits")
    return text


def _plan_document(plan: DayPlan) -> dict[str, object]:
    return {
        "format": PLAN_FORMAT,
        "date": plan.date.isoformat(),
        "status": plan.status.value,
        "objective_s": plan.objective_s,
        "lower_bound_s": plan.lower_bound_s,
        "problem_sha256": plan.problem_sha256,
        "certificate": {
            "method": plan.certificate.method,
            "seconds": float(plan.certificate.seconds),
            "versions": dict(sorted(plan.certificate.versions.items())),
        },
        "routes": [_route_document(route) for route in plan.routes],
        "unassigned": [_unassigned_document(left_out) for left_out in plan.unassigned],
    }


def _route_document(route: Route) -> dict[str, object]:
    taken = route.break_
    return {
        "shift": route.shift,
        "start": _full_time(route.start_s),
        "end": _full_time(route.end_s),
        "travel_s": route.travel_s,
        "break": None if taken is None else {"start": _full_time(taken.start_s), "end": _full_time(taken.end_s)},
        "stops": [
            {
                "visit": stop.visit,
                "arrive": _full_time(stop.arrive_s),
                "start": _full_time(stop.start_s),
                "depart": _full_time(stop.depart_s),
            }
            for stop in route.stops
        ],
    }


def _unassigned_document(left_out: Unassigned) -> dict[str, object]:
    return {"visit": left_out.visit, "reason": left_out.reason.value, "values": dict(left_out.values)}


# ------------------------------------------------------------------------------------------------- what both share


def _require_format(value: object, expected: str) -> None:
    if js.text_at(value, "$.format") != expected:
        js.refuse("WRONG_FORMAT", "$.format", f"expected {expected}", expected=expected)


def _or_none(value: object, path: str, read: Callable[[object, str], T]) -> T | None:
    return None if value is None else read(value, path)


def _built(path: str, build: Callable[[], T]) -> T:
    """Let a value check itself, and give its refusal the path in the file."""
    try:
        return build()
    except ProblemError as error:
        js.refuse(error.code, error.at(path).path, str(error), **error.values)


def _full_time(seconds: int) -> str:
    if not 0 <= seconds < DAY_S:
        raise PlanError("TIME_OUT_OF_RANGE", f"{seconds} s is not a time of this day", value=seconds)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _sha256(document: Mapping[str, object]) -> str:
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _laid_out(document: Mapping[str, object]) -> str:
    """JSON a person can read: one line for each place, shift, visit, route and row of the matrix."""
    lines = []
    for key, value in document.items():
        if isinstance(value, list) and value:
            rows = ",\n  ".join(json.dumps(item, ensure_ascii=False, allow_nan=False) for item in value)
            text = f"[\n  {rows}\n ]"
        else:
            text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        lines.append(f" {json.dumps(key)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
