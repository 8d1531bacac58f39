"""The day file: a day problem as ``outreach-day/1``, read and written exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from routing import json_values as js
from routing.errors import ProblemError
from routing.files import layout
from routing.problem import (
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

T = TypeVar("T")


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
    layout.require_format(day["format"], DAY_FORMAT)
    date = js.date_at(day["date"], "$.date")
    places = js.items_at(day["places"], "$.places", _read_place)
    shifts = js.items_at(day["shifts"], "$.shifts", _read_shift)
    visits = js.items_at(day["visits"], "$.visits", _read_visit)
    max_leg_s = js.integer_at(day.get("max_leg_s", DEFAULT_MAX_LEG_S), "$.max_leg_s", 0, MAX_DURATION_S)
    travel_source = layout.or_none(day.get("travel_source"), "$.travel_source", js.text_at)
    if "travel_s" in day:
        travel_s = js.items_at(day["travel_s"], "$.travel_s", _read_row)
    elif travel is not None:
        travel_s, travel_source = travel.matrix(places).seconds, travel.name
    else:
        js.refuse("TRAVEL_MISSING", "$.travel_s", "left out, and there is no travel source to fill it")
    return _built("$", lambda: DayProblem(date, places, travel_s, shifts, visits, max_leg_s, travel_source))


def write_problem(problem: DayProblem) -> str:
    """The day file of ``problem``, every key written out."""
    return layout.laid_out(_problem_document(problem))


def problem_sha256(problem: DayProblem) -> str:
    """SHA-256 of the problem's canonical JSON, as hexadecimal text."""
    return layout.sha256(_problem_document(problem))


def _read_place(value: object, path: str) -> Place:
    found = js.object_at(value, path, required=("id", "lat", "lon"))
    identifier = js.text_at(found["id"], f"{path}.id")
    lat, lon = js.number_at(found["lat"], f"{path}.lat"), js.number_at(found["lon"], f"{path}.lon")
    return _built(path, lambda: Place(identifier, lat, lon))


def _read_row(value: object, path: str) -> tuple[int | None, ...]:
    row = js.list_at(value, path)
    if all(type(seconds) is int and 0 <= seconds <= MAX_DURATION_S for seconds in row):
        return tuple(row)  # type: ignore[arg-type]  # the usual case, without a call for each of many numbers
    return js.items_at(row, path, lambda seconds, at: layout.or_none(seconds, at, _read_duration))


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
    break_ = layout.or_none(found.get("break"), f"{path}.break", _read_break)
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
        "pinned_shift": layout.or_none(found.get("pinned_shift"), f"{path}.pinned_shift", js.text_at),
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


def _built(path: str, build: Callable[[], T]) -> T:
    """Let a value check itself, and give its refusal the path in the file."""
    try:
        return build()
    except ProblemError as error:
        js.refuse(error.code, error.at(path).path, str(error), **error.values)
