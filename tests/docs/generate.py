"""Writes what the documents take from the code: ``python -m tests.docs.generate`` (or ``make docs``) after any change.

Whole files: the rules, the codes and the list of modules. In docs/concepts.md only what stands between
``<!-- computed: name -->`` and ``<!-- end -->``. Tests compare the files with the same functions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from outreach.error_index import error_document
from outreach.programme.rules_text import rules_document
from outreach.words import Words
from routing.check import NAMES
from tests.docs.examples import BLOCKS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
CONCEPTS = DOCS / "concepts.md"

_BLOCK = re.compile(r"(<!-- computed: (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

_EMPTY_ROW = re.compile(r"\| `(\w+)` \|(?:  \|)+")

_VALUES = {
    "en": (
        "Values",
        "What each reason and each violation carries, in files and with `--json`. Times of day are texts (`09:30`); "
        "`_s` is whole seconds. A reason carries those of its values that apply.",
        ("", "Code", "Values"),
        ("reason", "violation"),
    ),
    "ja": (
        "コードに付く値",
        "理由と計画の誤りに付く値です（ファイルと `--json` の中）。時刻は `09:30` の形の文字、`_s` は秒です。"
        "理由には、その場合に当てはまる値だけが付きます。",
        ("", "コード", "値"),
        ("理由", "計画の誤り"),
    ),
}

FOLDERS = (
    ("outreach/terminal", "the commands"),
    ("outreach/web", "the pages"),
    ("outreach/web/guard", "what stands between the network and the pages"),
    ("outreach/web/desk", "what a clerk has in front"),
    ("outreach/web/public", "the form for residents"),
    ("outreach/services", "the use cases"),
    ("outreach/programme", "how the city runs"),
    ("outreach/storage", "the database"),
    ("outreach/demo", "the fictional city"),
    ("outreach/locales", "the catalogs"),
    ("outreach", "what both faces share"),
    ("bookings", "what a resident asked for"),
    ("routing", "where the vans go"),
    ("routing/checking", "the rules of the independent checker"),
    ("routing/files", "the two file formats"),
    ("routing/quote", "windows that can be kept"),
    ("routing/solver", "the only home of OR-Tools"),
    ("routing/solver/exact", "days proven optimal: branch and price"),
    ("routing/travel", "driving times"),
    ("maps", "what people look at"),
    ("benchmarks", "measuring"),
    ("benchmarks/rivals", "who is measured, ours first"),
)
"""Every folder of Python modules, in the order of the list."""


def documents() -> Mapping[Path, Callable[[], str]]:
    """Every generated file with what makes its text."""
    return {
        DOCS / "rules.md": lambda: rules_document(Words("en")),
        DOCS / "rules.ja.md": lambda: rules_document(Words("ja")),
        DOCS / "errors.md": lambda: errors_text("en"),
        DOCS / "errors.ja.md": lambda: errors_text("ja"),
        DOCS / "modules.md": modules_text,
        CONCEPTS: lambda: with_blocks(CONCEPTS.read_text(encoding="utf-8")),
    }


@lru_cache
def errors_text(language: str) -> str:
    """All codes in words, and the values that reasons and violations carry."""
    title, intro, heads, kinds = _VALUES[language]
    violations = {str(code): names for code, names in NAMES.items()}
    rows = [
        f"| {kind} | `{code}` | {', '.join(f'`{name}`' for name in names) or '-'} |"
        for kind, carried in zip(kinds, (reason_values(), violations), strict=True)
        for code, names in carried.items()
    ]
    head = [f"## {title}", "", intro, "", f"| {' | '.join(heads)} |", "|---|---|---|"]
    sentences = _without_echoes(error_document(Words(language)))
    return sentences.rstrip("\n") + "\n\n" + "\n".join([*head, *rows]) + "\n"


def _without_echoes(document: str) -> str:
    """The list without empty rows of codes that have their words in another section (raised here, reported there).

    A code that has no words anywhere keeps its empty row: that is a gap to be seen.
    """
    lines = document.splitlines()
    told = {line.split("`")[1] for line in lines if line.startswith("| `") and not _EMPTY_ROW.fullmatch(line)}
    kept = [line for line in lines if not (found := _EMPTY_ROW.fullmatch(line)) or found[1] not in told]
    return "\n".join(kept) + "\n"


def reason_values() -> dict[str, tuple[str, ...]]:
    """The value names of every reason, as the docstring under each member of ``routing.plan.Reason`` has them."""
    tree = ast.parse((ROOT / "routing" / "plan.py").read_text(encoding="utf-8"))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Reason")
    found: dict[str, tuple[str, ...]] = {}
    code = ""
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            code = node.targets[0].id
            found[code] = ()
        elif code and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found[code] = tuple(dict.fromkeys(re.findall(r"``(\w+)``", str(node.value.value))))
    return found


def modules_text() -> str:
    """Every module with the sentence it opens with."""
    lines = [
        "# Modules",
        "",
        "This page is generated from the first sentence of every module. [Architecture](architecture.md) says how "
        "they hang together and where a change goes.",
    ]
    for folder, meaning in FOLDERS:
        lines += ["", f"## `{folder}/`: {meaning}", "", "| Module | What it is for |", "|---|---|"]
        for path in sorted((ROOT / folder).glob("*.py")):
            lines.append(f"| `{path.relative_to(ROOT).as_posix()}` | {first_sentence(path)} |")
    lines += ["", "## The front door", "", "| Module | What it is for |", "|---|---|"]
    lines.append(f"| `cli.py` | {first_sentence(ROOT / 'cli.py')} |")
    return "\n".join(lines) + "\n"


def first_sentence(path: Path) -> str:
    """The opening paragraph of a module's docstring in Markdown.

    Raises:
        ValueError: for a module that does not say what it is for.
    """
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if not text:
        raise ValueError(f"{path} does not say what it is for")
    words = " ".join(text.split("\n\n")[0].split())
    words = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", words).replace("``", "`")
    return words.replace("|", "\\|")


def with_blocks(text: str) -> str:
    """``text`` with every computed block filled anew.

    Raises:
        KeyError: for a block nobody computes.
    """
    return _BLOCK.sub(lambda found: f"{found[1]}{BLOCKS[found['name']]()}\n{found[3]}", text)


def block_names(text: str) -> Iterator[str]:
    """The computed blocks a document has, in their order."""
    return (found["name"] for found in _BLOCK.finditer(text))


def main() -> None:
    """Write every generated file that is not what it should be."""
    for path, make in documents().items():
        text = make()
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"written: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
