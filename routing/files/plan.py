"""The plan file: a day plan as ``outreach-plan/1``, read and written exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from routing import json_values as js
from routing.errors import PlanError
from routing.files import layout
from routing.plan import BreakTaken, Certificate, DayPlan, PlanStatus, Reason, Route, Stop, Unassigned
from routing.problem import DAY_S, MAX_DURATION_S

PLAN_FORMAT = "outreach-plan/1"

MAX_OBJECTIVE_S = 2**53 - 1
"""Largest sum a plan file may carry: exact in every reader of JSON."""

Words = Callable[[str, Mapping[str, object]], tuple[str, str]]
"""Gives the sentence and the action for a reason code and its values."""


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
    layout.require_format(plan["format"], PLAN_FORMAT)
    return DayPlan(
        date=js.date_at(plan["date"], "$.date"),
        status=PlanStatus(js.choice_at(plan["status"], "$.status", [status.value for status in PlanStatus])),
        objective_s=layout.or_none(plan["objective_s"], "$.objective_s", _read_sum),
        lower_bound_s=layout.or_none(plan.get("lower_bound_s"), "$.lower_bound_s", _read_sum),
        problem_sha256=layout.or_none(plan.get("problem_sha256"), "$.problem_sha256", _read_hash),
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
    return layout.laid_out(document)


def plan_sha256(plan: DayPlan) -> str:
    """SHA-256 of the plan's canonical JSON without ``certificate.seconds`` and without words."""
    document = _plan_document(replace(plan, certificate=replace(plan.certificate, seconds=0.0)))
    certificate = document["certificate"]
    assert isinstance(certificate, dict)
    del certificate["seconds"]
    return layout.sha256(document)


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
        break_=layout.or_none(found.get("break"), f"{path}.break", _read_break_taken),
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


def _full_time(seconds: int) -> str:
    if not 0 <= seconds < DAY_S:
        raise PlanError("TIME_OUT_OF_RANGE", f"{seconds} s is not a time of this day", value=seconds)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
