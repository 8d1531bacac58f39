"""Every relative link leads somewhere, every file named exists, and every command shown is one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from outreach.terminal.app import build
from outreach.words import Words
from tests.docs.generate import ROOT
from tests.docs.markdown import anchors, code_spans, commands, links

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
OUR_FOLDERS = ("outreach/", "routing/", "bookings/", "maps/", "tests/", "benchmarks/", "docs/", ".ci/")
TREE = build(Words("en"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def below(target: str) -> bool:
    return not re.match(r"[a-z]+:", target)


def mistake(words: tuple[str, ...]) -> str | None:
    """What the terminal would not understand of a command: a noun, a verb or an option."""
    command: Any = TREE
    for position, word in enumerate(words):
        if word.startswith("-"):
            option = word.partition("=")[0]
            if option not in {name for parameter in command.params for name in parameter.opts} | {"--help"}:
                return option
        elif getattr(command, "commands", None) and not _is_value(command, words[:position]):
            if word not in command.commands:
                return word
            command = command.commands[word]
    return None


def _is_value(command: Any, before: tuple[str, ...]) -> bool:
    """Whether the word behind ``before`` belongs to the option in front of it (``--lang ja``)."""
    taking = {
        name for parameter in command.params if not getattr(parameter, "is_flag", False) for name in parameter.opts
    }
    return bool(before) and before[-1] in taking


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_relative_link_and_image_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    missing = [link for link in links(text) if below(link) and not _leads_somewhere(path, link)]
    assert missing == []


def _leads_somewhere(path: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = path.parent / name if name else path
    if not target.exists():
        return False
    return not anchor or target.suffix != ".md" or anchor in anchors(target.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_file_named_in_the_text_exists(path: Path) -> None:
    spans = [span.split("::")[0] for span in code_spans(path.read_text(encoding="utf-8"))]
    ours = [span for span in spans if span.startswith(OUR_FOLDERS) and re.fullmatch(r"[\w./-]+", span)]
    not_yet = {"outreach/web", "routing/quote"}  # named as places that are still free
    assert [span for span in ours if span not in not_yet and not _exists(span)] == []


def _exists(name: str) -> bool:
    return (ROOT / name).exists() or (ROOT / f"{name}.py").exists()


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_command_shown_is_one(path: Path) -> None:
    wrong = [(shown.text, mistake(shown.words)) for shown in commands(path.read_text(encoding="utf-8"))]
    assert [pair for pair in wrong if pair[1] is not None] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=named)
def test_every_make_target_shown_is_one(path: Path) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    shown = set(re.findall(r"(?:`|^)make ([a-z-]+)", path.read_text(encoding="utf-8"), re.MULTILINE))
    assert shown - targets == set()


def test_the_readme_shows_every_verb_of_every_noun() -> None:
    for name in ("README.md", "README.ja.md"):
        shown = {each.words[:2] for each in commands((ROOT / name).read_text(encoding="utf-8"))}
        known = {words[: len(verb)] for words in shown for verb in _verbs()}
        assert {verb for verb in _verbs() if verb not in known} == set()


def _verbs() -> Iterator[tuple[str, ...]]:
    for noun, command in TREE.commands.items():
        inner = getattr(command, "commands", None)
        yield from ([(noun,)] if not inner else [(noun, verb) for verb in inner])


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("outreach booking add --people 2", None),
        ("outreach --lang ja plan make 2026-11-24", None),
        ("outreach --home=x doctor", None),
        ("outreach bookings add", "bookings"),
        ("outreach booking ad", "ad"),
        ("outreach booking add --peopel 2", "--peopel"),
    ],
)
def test_a_wrong_command_in_a_document_is_found(command: str, wrong: str | None) -> None:
    (shown,) = commands(f"```sh\n{command}   # why\n```\n")
    assert mistake(shown.words) == wrong


def test_commands_are_found_wherever_a_document_shows_them() -> None:
    block = "OUTREACH_LANG=en .venv/bin/outreach solve \\\n  day.json > plan.json\nls outreach\n"
    text = f"Run `outreach init` or\n```sh\n{block}```\n"
    assert [shown.words for shown in commands(text)] == [("solve", "day.json", "plan.json"), ("init",)]


def test_a_link_inside_code_is_no_link() -> None:
    text = "[a](b.md) `[c](d.md)` ![e](f.png)\n```text\n[g](h.md)\n```\n"
    assert list(links(text)) == ["b.md", "f.png"]
