"""Reads what a Markdown file shows as code and where it links to."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
_PROGRAM = re.compile(r"^(?:\$ )?(?:\w+=\S+ )*(?:\S*/)?outreach(?= |$)")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command as a document shows it."""

    text: str
    words: tuple[str, ...]


def commands(text: str) -> Iterator[Shown]:
    """Every ``outreach ...`` line of a code block and every ``outreach ...`` code span, without comments."""
    for block in _FENCE.findall(text):
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            yield from _command(line.strip())
    for span in _SPAN.findall(_FENCE.sub("", text)):
        yield from _command(span.strip())


def _command(line: str) -> Iterator[Shown]:
    found = _PROGRAM.match(line)
    if found:
        words = shlex.split(line[found.end() :], comments=True)
        plain = [word for word in words if not re.fullmatch(r"[\d&]*[<>|].*", word)]
        yield Shown(line, tuple(plain))


def links(text: str) -> Iterator[str]:
    """Every target of a link or an image outside of code."""
    yield from _LINK.findall(_SPAN.sub("", _FENCE.sub("", text)))


def anchors(text: str) -> set[str]:
    """The anchors that headings make, as GitHub writes them."""
    headings = _HEADING.findall(_FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def code_spans(text: str) -> Iterator[str]:
    """Every code span outside of code blocks."""
    yield from _SPAN.findall(_FENCE.sub("", text))
