"""Lists every code the product can answer with, found in its source, for docs/errors.md and for the catalogs' tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import outreach
from outreach.words import Words

PACKAGES = ("routing", "bookings", "maps", "outreach", "cli.py")

_CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\Z")


@dataclass(frozen=True, slots=True)
class CodeIndex:
    """The codes found: ``errors`` are raised, ``findings`` reported about an input."""

    errors: frozenset[str]
    findings: frozenset[str]


def source_files(root: Path | None = None) -> list[Path]:
    """Return the product's Python files under ``root``, the folder of the packages (default: that of this one)."""
    base = Path(outreach.__file__).resolve().parents[1] if root is None else root
    files: list[Path] = []
    for name in PACKAGES:
        path = base / name
        files.extend([path] if path.is_file() else sorted(path.rglob("*.py")))
    return files


def code_index(files: Iterable[Path]) -> CodeIndex:
    """Scan the source for ``SomeError("CODE", ...)`` and ``SomeFinding(..., "CODE", ...)``.

    A class counts as an error when its ancestors, as written in the source, end in a class named ``...Error`` or
    ``Exception``; a callable counts as making findings when its name ends in ``finding``.
    """
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    classes = [node for node in nodes if isinstance(node, ast.ClassDef)]
    error_names = _error_class_names(classes)
    errors: set[str] = set()
    findings: set[str] = set()
    for definition in classes:
        if definition.name in error_names:
            errors.update(_codes_of_itself(definition))
    for call in (node for node in nodes if isinstance(node, ast.Call)):
        name = _last_name(call.func)
        if name in error_names:
            errors.update(_codes(call.args[:1]))
        elif name.lower().endswith("finding"):
            keyword = [item.value for item in call.keywords if item.arg == "code"]
            findings.update(_codes([*call.args, *keyword]))
    return CodeIndex(errors=frozenset(errors), findings=frozenset(findings))


def error_document(words: Words) -> str:
    """Return docs/errors.md: every code with its sentence and what to do, in the language of ``words``.

    Fields stand in the sentences as ``{name}``. Codes come from the source and from the catalogs together, so that one
    without words shows as a gap here and fails the test of the catalogs.
    """
    index = code_index(source_files())
    catalog = _codes_by_namespace(words)
    sections = (
        ("errors", "error", index.errors | catalog["error"]),
        ("findings", "finding", index.findings | catalog["finding"]),
        ("reasons", "reason", catalog["reason"]),
        ("violations", "violation", catalog["violation"]),
    )
    lines = [f"# {words.say('help.errors.title')}", "", words.say("help.errors.intro"), ""]
    for section, namespace, codes in sections:
        lines += [f"## {words.say(f'help.errors.{section}')}", ""]
        lines += [f"| {words.say('help.errors.code')} | {words.say('help.errors.sentence')} "]
        with_action = namespace != "violation"
        lines[-1] += f"| {words.say('help.errors.action')} |" if with_action else "|"
        lines.append("|---|---|---|" if with_action else "|---|---|")
        for code in sorted(codes):
            cells = [f"`{code}`", _template(words, f"{namespace}.{code}.sentence")]
            if with_action:
                cells.append(_template(words, f"{namespace}.{code}.action"))
            lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def _codes_by_namespace(words: Words) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {"error": set(), "finding": set(), "reason": set(), "violation": set()}
    for key in sorted(words.keys()):
        namespace, _, rest = key.partition(".")
        code, _, last = rest.partition(".")
        if namespace in found and last == "sentence":
            found[namespace].add(code)
    return found


def _template(words: Words, key: str) -> str:
    """The text as the catalog has it, its fields unfilled."""
    return words.template(key).replace("{{", "{").replace("}}", "}") if words.has(key) else ""


def _error_class_names(classes: Iterable[ast.ClassDef]) -> set[str]:
    bases = {definition.name: [_last_name(base) for base in definition.bases] for definition in classes}

    def is_error(name: str, seen: frozenset[str] = frozenset()) -> bool:
        if name in ("Exception", "BaseException"):
            return True
        return name not in seen and any(is_error(base, seen | {name}) for base in bases.get(name, ()))

    return {name for name in bases if is_error(name)}


def _codes_of_itself(definition: ast.ClassDef) -> Iterator[str]:
    """Yield the codes an error class gives itself: ``super().__init__("CODE", ...)``."""
    for call in (node for node in ast.walk(definition) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "__init__":
            yield from _codes(call.args[:1])


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _codes(arguments: Iterable[ast.expr]) -> Iterator[str]:
    """Yield the literal codes among arguments, both sides of ``"A" if ... else "B"`` included."""
    for argument in arguments:
        if isinstance(argument, ast.IfExp):
            yield from _codes([argument.body, argument.orelse])
        elif isinstance(argument, ast.Constant) and isinstance(argument.value, str) and _CODE.match(argument.value):
            yield argument.value
