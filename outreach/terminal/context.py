"""What a command has at hand: settings, words, the office, and how to print."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from datetime import date as Date
from datetime import datetime
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from outreach.programme.settings import Settings, settings_from
from outreach.words import Words

if TYPE_CHECKING:
    from outreach.services.office import Office


LOOKING = frozenset({"show", "list", "template", "match", "check", "export", "seen"})
"""Commands (their last word) that neither write nor plan: to them it is all one whether the rules changed."""


@dataclass(frozen=True)
class Start:
    """What a run begins with: the environment, and words for whatever goes wrong before its options are read."""

    environ: Mapping[str, str]
    words: Words


@dataclass
class Terminal:
    """One run of the terminal. ``who`` goes into the history of what is changed; ``verb`` ends the command's name."""

    settings: Settings
    words: Words
    who: str = "terminal"
    verb: str = ""

    @classmethod
    def opened(cls, environ: Mapping[str, str], home: str | None, lang: str | None) -> Terminal:
        """The terminal the options and the environment ask for."""
        settings = settings_from(environ, home, lang)
        who = environ.get("USER") or environ.get("USERNAME") or "terminal"
        terminal = cls(settings, Words(settings.language), who)
        if settings.now is not None:
            terminal.progress("terminal.fixed_clock", now=settings.now.strftime("%Y-%m-%d %H:%M"))
        return terminal

    @cached_property
    def office(self) -> Office:
        """The installation, opened when a command first needs it; if that one writes or plans, under today's rules.

        Raises:
            Refused: ``RULES_BREAK_PROMISES`` when the rules changed and promises break under them.
        """
        from outreach.services.office import open_office

        office = open_office(self.settings, who=self.who, channel="terminal")
        if self.verb not in LOOKING:
            from outreach.terminal.rechecked import notice_rules

            try:
                notice_rules(self, office)
            except BaseException:
                office.engine.dispose()
                raise
        return office

    def close(self) -> None:
        """Let go of the database, if a command opened it."""
        if "office" in self.__dict__:
            self.office.engine.dispose()

    def say(self, key: str, **values: object) -> None:
        """Print a sentence to stdout: it is the command's result."""
        typer.echo(self.words.say(key, **values))

    def progress(self, key: str, **values: object) -> None:
        """Print a sentence to stderr: it is not part of the result."""
        typer.echo(self.words.say(key, **values), err=True)

    def json(self, data: object) -> None:
        """Print a value as JSON, for programs."""
        print_json(data)

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
        """Print rows as a table; ``headings`` are catalog keys. Wide characters are counted as wide."""
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.table import Table

        table = Table(box=SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
        for heading in headings:
            table.add_column(self.words.say(heading), overflow="fold")
        for row in rows:
            table.add_row(*("" if cell is None else str(cell) for cell in row))
        width = None if sys.stdout.isatty() else 160
        Console(file=sys.stdout, width=width, markup=False, highlight=False, emoji=False).print(table)

    def clock(self, seconds: int | None) -> str:
        """Seconds since midnight as HH:MM, nothing for ``None``."""
        return "" if seconds is None else self.words.clock(seconds)


def print_json(data: object) -> None:
    """Print a value as one JSON document on stdout."""
    typer.echo(json.dumps(plain(data), ensure_ascii=False, indent=2))


def plain(value: Any) -> Any:
    """A value as JSON has it: dataclasses as objects, dates in ISO form, sets sorted, enums by value."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (Date, datetime)):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    return value


def terminal_of(ctx: typer.Context) -> Terminal:
    """The terminal of a command's context."""
    found = ctx.find_root().obj
    assert isinstance(found, Terminal)
    found.verb = ctx.info_name or ""
    return found
