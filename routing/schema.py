"""JSON Schemas (draft 2020-12) of the day file and the plan file, for editors and for other offices' programs.

The readers in :mod:`routing.files` are the law; a schema says what JSON Schema can say. Beyond it are: keys given
twice, whole numbers written with a fraction (``60.0``), size and nesting, dates of the calendar, times in the wrong
order, ids named twice or unknown, and the size of the matrix.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from routing.files import DAY_FORMAT, MAX_OBJECTIVE_S, PLAN_FORMAT
from routing.json_values import MAX_TEXT
from routing.plan import PlanStatus, Reason
from routing.problem import (
    DEFAULT_DROP_PENALTY_S,
    DEFAULT_MAX_LEG_S,
    MAX_DURATION_S,
    MAX_PENALTY_S,
)

_DRAFT = "https://json-schema.org/draft/2020-12/schema"

# "$" alone also matches before a last line feed in some engines; no character may follow.
_END = r"(?![\s\S])"
_TEXT = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT, "pattern": rf"^[^\u0000-\u001f\u007f]+{_END}"}
_TIME = {"type": "string", "pattern": rf"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?{_END}"}
_DATE = {"type": "string", "format": "date", "pattern": rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}{_END}"}


def day_schema() -> dict[str, object]:
    """The schema of ``outreach-day/1``."""
    place = _object({"id": _TEXT, "lat": _number(-90, 90), "lon": _number(-180, 180)})
    rest = _object(
        {"duration_s": _integer(1, MAX_DURATION_S), "earliest_start": _TIME, "latest_start": _TIME},
    )
    shift = _object(
        {
            "id": _TEXT,
            "start_place": _TEXT,
            "end_place": _TEXT,
            "start": _TIME,
            "end": _TIME,
            "crew": {**_list(_TEXT), "minItems": 2, "maxItems": 2, "uniqueItems": True},
        },
        {"break": {**_or_null(rest), "default": None}, "skills": _set_of_texts()},
    )
    window = {**_list(_TIME), "minItems": 2, "maxItems": 2}
    visit = _object(
        {
            "id": _TEXT,
            "place": _TEXT,
            "service_s": _integer(0, MAX_DURATION_S),
            "windows": {
                **_list(window),
                "minItems": 1,
                "description": "When service may begin, both ends included; any one of them.",
            },
        },
        {
            "needs": _set_of_texts(),
            "pinned_shift": {**_or_null(_TEXT), "default": None},
            "required": {"type": "boolean", "default": False},
            "long_leg_ok": {"type": "boolean", "default": False},
            "drop_penalty_s": {**_integer(0, MAX_PENALTY_S), "default": DEFAULT_DROP_PENALTY_S},
        },
    )
    row = _list({"type": ["integer", "null"], "minimum": 0, "maximum": MAX_DURATION_S})
    return {
        "$schema": _DRAFT,
        "title": DAY_FORMAT,
        **_object(
            {
                "format": {"const": DAY_FORMAT},
                "date": _DATE,
                "places": _list(place),
                "shifts": _list(shift),
                "visits": _list(visit),
            },
            {
                "max_leg_s": {**_integer(0, MAX_DURATION_S), "default": DEFAULT_MAX_LEG_S},
                "travel_source": {**_or_null(_TEXT), "default": None},
                "travel_s": {
                    **_list(row),
                    "description": "Seconds from place i to place j, in the order of places; null: unreachable.",
                },
            },
        ),
    }


def plan_schema() -> dict[str, object]:
    """The schema of ``outreach-plan/1``."""
    total = _integer(0, MAX_OBJECTIVE_S)
    taken = _object({"start": _TIME, "end": _TIME})
    stop = _object({"visit": _TEXT, "arrive": _TIME, "start": _TIME, "depart": _TIME})
    route = _object(
        {"shift": _TEXT, "start": _TIME, "end": _TIME, "travel_s": total, "stops": _list(stop)},
        {"break": {**_or_null(taken), "default": None}},
    )
    plain = {"anyOf": [{"type": ["number", "boolean", "null"]}, _TEXT, _list(_TEXT)]}
    unassigned = _object(
        {"visit": _TEXT, "reason": {"enum": [reason.value for reason in Reason]}},
        {
            "values": {"type": "object", "propertyNames": _TEXT, "additionalProperties": plain, "default": {}},
            "sentence": {"type": "string"},
            "action": {"type": "string"},
        },
    )
    certificate = _object(
        {
            "method": _TEXT,
            "seconds": _number(0, MAX_DURATION_S),
            "versions": {"type": "object", "propertyNames": _TEXT, "additionalProperties": _TEXT},
        }
    )
    return {
        "$schema": _DRAFT,
        "title": PLAN_FORMAT,
        **_object(
            {
                "format": {"const": PLAN_FORMAT},
                "date": _DATE,
                "status": {"enum": [status.value for status in PlanStatus]},
                "objective_s": _or_null(total),
                "certificate": certificate,
                "routes": _list(route),
                "unassigned": _list(unassigned),
            },
            {
                "lower_bound_s": {**_or_null(total), "default": None},
                "problem_sha256": {
                    **_or_null({"type": "string", "pattern": rf"^[0-9a-f]{{64}}{_END}"}),
                    "default": None,
                },
            },
        ),
    }


def schemas_text() -> str:
    """Both schemas as one JSON object, by format name: what ``outreach solve --schema`` prints."""
    return json.dumps({DAY_FORMAT: day_schema(), PLAN_FORMAT: plan_schema()}, indent=2, ensure_ascii=False) + "\n"


def _object(required: Mapping[str, object], optional: Mapping[str, object] | None = None) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Mapping[str, object]) -> dict[str, object]:
    return {"type": "array", "items": dict(items)}


def _set_of_texts() -> dict[str, object]:
    return {**_list(_TEXT), "uniqueItems": True, "default": []}


def _integer(least: int, most: int) -> dict[str, object]:
    return {"type": "integer", "minimum": least, "maximum": most}


def _number(least: float, most: float) -> dict[str, object]:
    return {"type": "number", "minimum": least, "maximum": most}


def _or_null(schema: Mapping[str, object]) -> dict[str, object]:
    return {"anyOf": [dict(schema), {"type": "null"}]}
