"""Runs the commands of a tutorial in order and compares what they print with what the document shows.

A ``console`` block holds ``$ `` lines, each with the output it shows below; no output shown, none compared. ``…``
stands for any text within a line, alone for any lines. The banner of the fixed clock is left out. A ``csv`` block goes
into the file its info string names. ``python -m tests.tutorial docs/tutorial.md`` writes the output shown anew.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from outreach.terminal.app import run

BANNERS = ("※ 時計は", "Note: the clock stands at")


@dataclass(frozen=True)
class Step:
    """One command of a document; ``line`` is where it stands, ``first`` the index of the first line of its output."""

    line: int
    first: int
    command: str
    shown: tuple[str, ...]


@dataclass(frozen=True)
class Given:
    """A file a document gives: its name and content."""

    line: int
    name: str
    content: str


def parts_of(document: str) -> Iterator[Step | Given]:
    """Every command and every file of a document, in order."""
    lines = document.splitlines()
    position = 0
    while position < len(lines):
        info = lines[position].removeprefix("```") if lines[position].startswith("```") else ""
        start = position + 1
        if not info:
            position += 1
            continue
        end = next(number for number in range(start, len(lines)) if lines[number] == "```")
        if info == "console":
            yield from _steps(lines, start, end)
        elif info.startswith("csv "):
            yield Given(start, info.removeprefix("csv "), "\n".join(lines[start:end]) + "\n")
        position = end + 1


def _steps(lines: list[str], start: int, end: int) -> Iterator[Step]:
    command_at = [number for number in range(start, end) if lines[number].startswith("$ ")]
    for number, following in zip(command_at, [*command_at[1:], end], strict=True):
        command = lines[number].removeprefix("$ ")
        shown = number + 1
        while command.endswith("\\"):
            command = command.removesuffix("\\") + lines[shown].strip()
            shown += 1
        yield Step(number + 1, shown, command, tuple(lines[shown:following]))


class Shell:
    """Just enough of a shell for a tutorial: ``export``, ``cp`` and ``outreach``, in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"HOME": str(folder), "PWD": str(folder)}

    def __call__(self, command: str) -> tuple[int, list[str]]:
        """Run a command; returns its status and the lines it printed, banner left out."""
        words = shlex.split(command)
        if words[0] == "export":
            self.environ.update(dict(word.split("=", 1) for word in words[1:]))
            return 0, []
        if words[0] == "cp":
            shutil.copyfile(self.folder / words[1], self.folder / words[2])
            return 0, []
        assert words[0] == "outreach", command
        printed = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            status = run(words[1:], self.environ)
        return status, [line.rstrip() for line in printed.getvalue().splitlines() if not line.startswith(BANNERS)]

    def write(self, given: Given) -> None:
        """Put a file of the document into the folder, as Excel saves it."""
        (self.folder / given.name).write_text("\ufeff" + given.content, encoding="utf-8")


def agrees(shown: tuple[str, ...], printed: list[str]) -> bool:
    """Whether what a document shows is what was printed."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line.rstrip()).replace("…", ".*") + r"\n" for line in shown
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed)) is not None


def tell(document: str, shell: Shell, look: Callable[[Step, int, list[str]], None]) -> None:
    """Go through a document; ``look`` sees every command with its status and what it printed."""
    for part in parts_of(document):
        if isinstance(part, Given):
            shell.write(part)
        else:
            look(part, *shell(part.command))


MASKS = (
    (re.compile(r"(version \d+, |第\d+版　)[0-9a-f]{10,64}"), r"\1…"),
    (re.compile(r"\d+ MB"), "… MB"),
    (re.compile(r"SQLite [\d.]+(, journal mode \w+|（\w+ モード）)"), "SQLite …"),
)
"""What differs from computer to computer; so does the folder."""


def masked(line: str, folder: Path) -> str:
    """A line as a document shows it."""
    line = line.replace(str(folder), "…")
    for pattern, text in MASKS:
        line = pattern.sub(text, line)
    return line


def written_anew(document: str, folder: Path) -> str:
    """The document with the output of every command that shows any and now prints something else."""
    lines = document.splitlines()
    changes: list[tuple[Step, list[str]]] = []

    def look(step: Step, _: int, printed: list[str]) -> None:
        if step.shown and not agrees(step.shown, printed):
            changes.append((step, [masked(line, folder) for line in printed]))

    tell(document, Shell(folder), look)
    for step, printed in reversed(changes):
        lines[step.first : step.first + len(step.shown)] = printed
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    for name in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as made:
            text = written_anew(Path(name).read_text(encoding="utf-8"), Path(made))
        Path(name).write_text(text, encoding="utf-8")
