"""Reads ``outreach.toml`` into :class:`Rules`, or refuses it with everything that is wrong, by key and line."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from outreach.errors import BadInput
from outreach.programme.rules import Rules, overlaid, rules_data
from outreach.programme.rules_schema import bounds_at, keys_at, range_text
from outreach.programme.rules_text import write_rules
from outreach.programme.toml_lines import KeyPath, key_lines, line_of

__all__ = ["RuleFinding", "RulesError", "load_rules", "read_rules", "write_rules"]

MAX_BYTES = 1_000_000
"""A rules file is a few thousand characters; beyond this it is something else."""

_SYNTAX_PLACE = re.compile(r"at line (\d+), column (\d+)")


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """One thing wrong with a rules file.

    Attributes:
        code: stable identifier; the words are ``finding.<code>.sentence`` and ``.action``.
        key: the key at fault as written in the file (``windows.last_start``), ``""`` for the file as a whole.
        line: 1-based line of that key, or of the table it is missing from.
        values: what the sentence needs, the key as ``rule`` included.
    """

    code: str
    key: str
    line: int
    values: Mapping[str, object] = field(default_factory=dict)


class RulesError(BadInput):
    """A rules file that cannot be taken: code ``RULES_REFUSED``, and in ``findings`` all that is wrong with it."""

    def __init__(self, findings: Sequence[RuleFinding], *, name: str) -> None:
        super().__init__("RULES_REFUSED", findings=findings, name=name, count=len(findings))


def load_rules(path: Path) -> Rules:
    """Read the rules of a file in UTF-8, with or without a byte order mark.

    Raises:
        BadInput: ``RULES_MISSING`` when there is no such file.
        RulesError: as :func:`read_rules`; ``RULE_ENCODING`` when it is not UTF-8, ``RULE_FILE_TOO_LARGE`` over a
            megabyte.
        OSError: when it cannot be read for any other reason.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise BadInput("RULES_MISSING", name=path.name) from None
    if len(content) > MAX_BYTES:
        raise RulesError([_finding("RULE_FILE_TOO_LARGE", (), 1, kilobytes=MAX_BYTES // 1000)], name=path.name)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        raise RulesError([_finding("RULE_ENCODING", (), line)], name=path.name) from None
    return read_rules(text, name=path.name)


def read_rules(text: str, *, name: str) -> Rules:
    """Read rules from TOML; what the text leaves out keeps its default.

    Args:
        text: the file's text.
        name: the file's name, for the sentence of the error.

    Raises:
        RulesError: with every finding; where the text holds what must never be kept, with those findings only, and
            without the name if that is where it stands.
    """
    private = list(_private_findings(text, name))
    if private:
        raise RulesError(private, name="" if private[0].line == 0 else name)
    try:
        data = tomllib.loads(text)
        lines = key_lines(text)
    except tomllib.TOMLDecodeError as wrong:
        raise RulesError([_syntax_finding(text, str(wrong))], name=name) from None
    except RecursionError:
        raise RulesError([_finding("RULE_SYNTAX", (), 1, column=1)], name=name) from None
    hidden = list(_private_values(data, lines))
    if hidden:
        raise RulesError(hidden, name=name)
    try:
        return Rules.model_validate(overlaid(rules_data(Rules()), data))
    except ValidationError as wrong:
        findings = [found for error in wrong.errors() for found in _findings(error, lines)]
        raise RulesError(sorted(findings, key=lambda found: found.line), name=name) from None


# -- what must never be kept -------------------------------------------------------------------------------------------


def _private_findings(text: str, name: str) -> Iterator[RuleFinding]:
    """Look at the name and at every line as it stands, comments included, before anything else reads it."""
    if _private_code(name) is not None:
        yield _finding("RULE_PRIVATE_IN_NAME", (), 0)
        return
    for number, line in enumerate(text.split("\n"), start=1):
        code = _private_code(line)
        if code is not None:
            yield _finding(code, (), number)


def _private_values(data: Any, lines: dict[KeyPath, int], path: KeyPath = ()) -> Iterator[RuleFinding]:
    """Look at what the strings mean: escapes and line ends may have parted what belongs together."""
    if isinstance(data, dict):
        for key, value in data.items():
            code = _private_code(key)
            if code is not None:
                # The key is not repeated: it is what must not be kept.
                yield _finding(code, path, line_of(lines, (*path, key)))
            else:
                yield from _private_values(value, lines, (*path, key))
    elif isinstance(data, list):
        for place, value in enumerate(data):
            yield from _private_values(value, lines, (*path, place))
    elif isinstance(data, str | int) and not isinstance(data, bool):
        code = _private_code(str(data))
        if code is not None:
            yield _finding(code, path, line_of(lines, path))


def _private_code(text: str) -> str | None:
    """Return the code for what must never be kept in ``text``, or ``None``; the intake library is the guard."""
    from bookings.privacy import inspect  # only when a file is read: it brings the readers of digits in every writing

    errors = [found.code for found in inspect(text, "rules") if found.severity == "error"]
    if not errors:
        return None
    return "RULE_MY_NUMBER" if "MY_NUMBER" in errors else "RULE_PRIVATE"


# -- findings ----------------------------------------------------------------------------------------------------------

_CODES: Mapping[str, str] = {
    "missing": "RULE_MISSING",
    "int_type": "RULE_NOT_A_WHOLE_NUMBER",
    "int_from_float": "RULE_NOT_A_WHOLE_NUMBER",
    "float_type": "RULE_NOT_A_NUMBER",
    "finite_number": "RULE_NOT_A_NUMBER",
    "string_type": "RULE_NOT_A_TEXT",
    "bool_type": "RULE_NOT_TRUE_OR_FALSE",
    "tuple_type": "RULE_NOT_A_LIST",
    "model_type": "RULE_NOT_A_TABLE",
    "string_pattern_mismatch": "RULE_NOT_IN_FORM",
    "string_too_short": "RULE_EMPTY",
    "string_too_long": "RULE_TOO_LONG",
    "too_long": "RULE_TOO_LONG",
}
"""Our code for each of pydantic's that the models can give; the rest stand in :func:`_findings`."""

_BOUNDS = frozenset({"greater_than_equal", "less_than_equal"})


def _findings(error: Any, lines: dict[KeyPath, int]) -> Iterator[RuleFinding]:
    kind, path, context = error["type"], tuple(error["loc"]), error.get("ctx", {})
    line = line_of(lines, path)
    if kind == "RULE_CONTRADICTIONS":
        for found in context["found"]:
            where = tuple(found["path"])
            yield _finding(found["code"], where, line_of(lines, where), **found["values"])
    elif kind == "extra_forbidden":
        known = keys_at(path[:-1])
        near = difflib.get_close_matches(str(path[-1]), known, n=1)
        if near:
            yield _finding("RULE_UNKNOWN_KEY_NEAR", path, line, nearest=near[0])
        else:
            yield _finding("RULE_UNKNOWN_KEY", path, line, known=known)
    elif kind in _BOUNDS:
        allowed = range_text(bounds_at(path))
        yield _finding("RULE_OUT_OF_RANGE", path, line, found=error["input"], allowed=allowed)
    elif kind == "literal_error":
        choices = [choice.strip("'") for choice in re.findall(r"'[^']*'", context["expected"])]
        yield _finding("RULE_NOT_ONE_OF", path, line, allowed=choices)
    else:
        yield _finding(_CODES.get(kind, kind if kind.startswith("RULE_") else "RULE_REFUSED"), path, line)


def _syntax_finding(text: str, message: str) -> RuleFinding:
    place = _SYNTAX_PLACE.search(message)
    if place is None:  # "at end of document"
        return _finding("RULE_SYNTAX", (), text.count("\n") + 1, column=1)
    return _finding("RULE_SYNTAX", (), int(place[1]), column=int(place[2]))


def _finding(code: str, path: KeyPath, line: int, **values: object) -> RuleFinding:
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
    return RuleFinding(code, key, line, {"rule": key, **values})
