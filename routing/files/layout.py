"""What day and plan files share: the format's name, an optional value, and JSON laid out for people and for hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import TypeVar

from routing import json_values as js

T = TypeVar("T")


def require_format(value: object, expected: str) -> None:
    """Refuse (``WRONG_FORMAT``) a file that says it is something else."""
    if js.text_at(value, "$.format") != expected:
        js.refuse("WRONG_FORMAT", "$.format", f"expected {expected}", expected=expected)


def or_none(value: object, path: str, read: Callable[[object, str], T]) -> T | None:
    """``None`` where the file has null, else what ``read`` makes of the value."""
    return None if value is None else read(value, path)


def sha256(document: Mapping[str, object]) -> str:
    """SHA-256 of the canonical JSON: sorted keys, no spaces, UTF-8; as hexadecimal text."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def laid_out(document: Mapping[str, object]) -> str:
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
