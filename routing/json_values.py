"""Reads untrusted JSON into plain values: bounded, strict, and with the JSON path of whatever is wrong.

Python's ``json`` lets through what a file exchanged between offices must not carry: doubled keys, NaN, numbers of a
million digits, half a surrogate pair, nesting that ends the interpreter. Here each is a code and a path.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date
from typing import NoReturn, TypeVar

from routing.errors import DayFileError

MAX_FILE_BYTES = 4_000_000
"""A day with 700 places has a matrix of about 2.5 MB; what is larger is not a day."""

MAX_TEXT = 200
"""Longest id, name or method, in characters."""

_MAX_NUMBER_CHARACTERS = 40
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Unreadable:
    """Stands where the parser met a number it must not make; refused with its path when the reader gets there."""

    code: str


class _Object(dict[str, object]):
    """A JSON object that remembers a key written twice."""

    doubled: str | None = None


def parse(content: str | bytes) -> object:
    """The JSON value of ``content`` (UTF-8, with or without BOM).

    Raises:
        DayFileError: ``DAY_FILE_TOO_LARGE``, ``NOT_UTF8``, ``NESTED_TOO_DEEPLY``, ``NOT_JSON`` (line and column).
    """
    if len(content) > MAX_FILE_BYTES:
        refuse("DAY_FILE_TOO_LARGE", "$", f"more than {MAX_FILE_BYTES} bytes", limit=MAX_FILE_BYTES)
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        refuse("NOT_UTF8", "$", f"not UTF-8 at byte {error.start}", byte=error.start)
    try:
        return json.loads(
            text,
            object_pairs_hook=_object_of,
            parse_int=_integer_of,
            parse_float=_float_of,
            parse_constant=lambda _: _Unreadable("NOT_A_NUMBER"),
        )
    except RecursionError:
        refuse("NESTED_TOO_DEEPLY", "$", "nested too deeply")
    except json.JSONDecodeError as error:
        refuse("NOT_JSON", "$", error.msg, line=error.lineno, column=error.colno)


def refuse(code: str, path: str, message: str, **values: object) -> NoReturn:
    """Raise the :class:`DayFileError` of ``code`` at ``path``."""
    raise DayFileError(code, f"{path}: {message}", path=path, **values)


def object_at(
    value: object, path: str, *, required: Collection[str], optional: Collection[str] = ()
) -> Mapping[str, object]:
    """An object with all of the required keys and none unknown.

    Raises:
        DayFileError: ``WRONG_TYPE``, ``DUPLICATE_KEY``, ``UNKNOWN_KEY``, ``MISSING_KEY``.
    """
    found = free_object_at(value, path)
    for key in found:
        if key not in required and key not in optional:
            refuse("UNKNOWN_KEY", key_path(path, key), "unknown key", key=shown(key))
    for key in required:
        if key not in found:
            refuse("MISSING_KEY", path, f"key {key} is missing", key=key)
    return found


def free_object_at(value: object, path: str) -> Mapping[str, object]:
    """An object with any keys, each once."""
    if not isinstance(value, _Object):
        _refuse_type(value, path, "object")
    if value.doubled is not None:
        refuse("DUPLICATE_KEY", key_path(path, value.doubled), "key given twice", key=shown(value.doubled))
    return value


def list_at(value: object, path: str) -> Sequence[object]:
    """A list."""
    if not isinstance(value, list):
        _refuse_type(value, path, "array")
    return value


def items_at(value: object, path: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
    """A list whose items ``read`` reads, each with its own path."""
    return tuple(read(item, f"{path}[{index}]") for index, item in enumerate(list_at(value, path)))


def text_at(value: object, path: str) -> str:
    """Text of 1 to 200 characters without control characters or half surrogate pairs."""
    if not isinstance(value, str):
        _refuse_type(value, path, "string")
    if not 0 < len(value) <= MAX_TEXT or _CONTROL.search(value):
        refuse("BAD_TEXT", path, f"text of 1..{MAX_TEXT} characters without control characters", most=MAX_TEXT)
    return value


def choice_at(value: object, path: str, choices: Collection[str]) -> str:
    """One of a few words."""
    text = text_at(value, path)
    if text not in choices:
        refuse("NOT_A_CHOICE", path, f"not one of {', '.join(choices)}", choices=tuple(choices))
    return text


def texts_at(value: object, path: str) -> frozenset[str]:
    """A list of texts, each once, as a set."""
    seen: set[str] = set()
    for index, text in enumerate(items_at(value, path, text_at)):
        if text in seen:
            refuse("DUPLICATE_ITEM", f"{path}[{index}]", "listed twice", item=shown(text))
        seen.add(text)
    return frozenset(seen)


def flag_at(value: object, path: str) -> bool:
    """``true`` or ``false``."""
    if not isinstance(value, bool):
        _refuse_type(value, path, "boolean")
    return value


def integer_at(value: object, path: str, least: int, most: int) -> int:
    """A whole number written without fraction or exponent, between two bounds."""
    if isinstance(value, bool) or not isinstance(value, int):
        _refuse_type(value, path, "integer")
    if not least <= value <= most:
        refuse("NUMBER_OUT_OF_RANGE", path, f"not in {least}..{most}", value=value, least=least, most=most)
    return value


def number_at(value: object, path: str) -> float:
    """Any finite number."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        _refuse_type(value, path, "number")
    return float(value)


def time_at(value: object, path: str) -> int:
    """A time of day ``HH:MM`` or ``HH:MM:SS`` as seconds since midnight."""
    if not isinstance(value, str):
        _refuse_type(value, path, "HH:MM")
    match = _TIME.fullmatch(value)
    if match is None:
        refuse("BAD_TIME", path, "not a time of day HH:MM or HH:MM:SS", text=shown(value))
    hours, minutes, seconds = match.groups(default="0")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def date_at(value: object, path: str) -> Date:
    """A calendar day ``YYYY-MM-DD``."""
    if not isinstance(value, str):
        _refuse_type(value, path, "YYYY-MM-DD")
    try:
        if _DATE.fullmatch(value) is not None:
            return Date.fromisoformat(value)
    except ValueError:
        pass  # the form is right, the day does not exist
    refuse("BAD_DATE", path, "not a day YYYY-MM-DD of the calendar", text=shown(value))


def plain_at(value: object, path: str) -> object:
    """A text, whole or other finite number, flag or null, or a list of texts (as a tuple)."""
    if isinstance(value, list):
        return items_at(value, path, text_at)
    if isinstance(value, str):
        return text_at(value, path)
    if value is not None and not isinstance(value, (bool, int, float)):
        _refuse_type(value, path, "string, number, boolean, null or array of strings")
    return value


def key_path(path: str, key: str) -> str:
    """The JSON path of ``key`` inside the object at ``path``."""
    return f"{path}.{key}" if _PLAIN_KEY.fullmatch(key) and len(key) <= MAX_TEXT else f"{path}[{shown(key)!r}]"


def shown(text: str) -> str:
    """Text of a stranger, cut and made harmless to print."""
    return _CONTROL.sub("?", text[:40])


def _refuse_type(value: object, path: str, expected: str) -> NoReturn:
    if isinstance(value, _Unreadable):
        refuse(value.code, path, "a number nobody can use")
    found = next(name for kind, name in _KINDS if isinstance(value, kind))
    refuse("WRONG_TYPE", path, f"expected {expected}, found {found}", expected=expected, found=found)


_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
    (object, "null"),
)


def _object_of(pairs: list[tuple[str, object]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        found.doubled = next(_doubled(key for key, _ in pairs))
    return found


def _doubled(keys: Iterator[str]) -> Iterator[str]:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            yield key
        seen.add(key)


def _integer_of(text: str) -> int | _Unreadable:
    return int(text) if len(text) <= _MAX_NUMBER_CHARACTERS else _Unreadable("NUMBER_TOO_LONG")


def _float_of(text: str) -> float | _Unreadable:
    if len(text) > _MAX_NUMBER_CHARACTERS:
        return _Unreadable("NUMBER_TOO_LONG")
    number = float(text)
    return number if math.isfinite(number) else _Unreadable("NOT_A_NUMBER")
