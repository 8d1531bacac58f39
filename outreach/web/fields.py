"""Reads the fields of a form: UTF-8, so many and so long and no more; anything else is a 4xx with a sentence."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from outreach.errors import BadInput

MOST_FIELDS = 80
LONGEST_FIELD = 4_000
FORM, JSON = "application/x-www-form-urlencoded", "application/json"

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


async def _fields(request: Request) -> Mapping[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if not body:
        found: dict[str, str] = {}
    elif kind == JSON:
        found = _of_json(body)
    elif kind == FORM:
        found = _of_form(body)
    else:
        raise BadInput("FORM_UNREADABLE")
    if len(found) > MOST_FIELDS or any(len(value) > LONGEST_FIELD for value in found.values()):
        raise BadInput("FORM_TOO_LARGE")
    for text in (*found, *found.values()):
        if "\x00" in text or any(0xD800 <= ord(letter) <= 0xDFFF for letter in text):
            raise BadInput("FORM_UNREADABLE")
    return found


Fields = Annotated[Mapping[str, str], Depends(_fields)]
"""The fields a request brought, each once; where a name comes several times, its values stand on lines of their own."""


def _of_form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            strict_parsing=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as error:
        raise BadInput("FORM_UNREADABLE") from error
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


def _of_json(body: bytes) -> dict[str, str]:
    try:
        found = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BadInput("FORM_UNREADABLE") from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise BadInput("FORM_UNREADABLE")
    return found


def takes(*names: str) -> dict[str, Any]:
    """What a route's description says of its form (``openapi_extra``): the fields it reads, all of them texts.

    The description is served nowhere; the tests that send nonsense to every route read it.
    """
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in names}}
    return {"requestBody": {"content": {FORM: {"schema": schema}, JSON: {"schema": schema}}}}
