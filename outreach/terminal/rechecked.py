"""Says what became of the days that a change concerned: what was planned anew, what breaks, and whom to phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Date
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from outreach.services._plans import ToPhone
    from outreach.services._recheck import DayRechecked
    from outreach.services.office import Office
    from outreach.terminal.context import Terminal


class Progress:
    """Says before each day that another plan is looked for; used as what a service calls."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal

    def __call__(self, day: Date, number: int, count: int) -> None:
        """Say it on stderr."""
        self.terminal.progress("terminal.recheck.searching", date=day, number=number, count=count)


def tell_rechecked(terminal: Terminal, days: Sequence[DayRechecked]) -> None:
    """Say on stderr what became of the days; broken promises with everybody to phone."""
    kept = sum(day.outcome.value == "kept" for day in days)
    if kept:
        terminal.progress("terminal.recheck.kept", count=kept)
    for day in days:
        if day.outcome.value == "remade":
            terminal.progress("terminal.recheck.remade", date=day.day, version=day.version)
        if day.outdated:
            terminal.progress("terminal.recheck.outdated", date=day.day)
    for day in days:
        if not day.keeps_promises:
            how = "undecided" if day.outcome.value == "undecided" else "proved" if day.proved else "not_found"
            terminal.progress(f"terminal.recheck.{how}", date=day.day, iso=day.day.isoformat())
            _tell_people(terminal, day.to_phone, day.broken)


def _tell_people(terminal: Terminal, people: Sequence[ToPhone], broken: Sequence[str]) -> None:
    for person in people:
        window = terminal.words.window(person.opens_s, person.closes_s)
        typer.echo(f"  {person.reference}  {window}  {person.kana or person.name}  {person.phone}", err=True)
    # A hall's session has its own reference; those to phone are the people with a place in it.
    for reference in sorted(set(broken) - {person.reference for person in people}):
        typer.echo(f"  {reference}", err=True)


def end_broken(days: Sequence[DayRechecked]) -> None:
    """End with status 1 where a promise is broken: the command was done, and the answer to "all kept?" is no."""
    if not all(day.keeps_promises for day in days):
        raise typer.Exit(1)


def notice_rules(terminal: Terminal, office: Office) -> None:
    """Look through the days if the rules changed, and say so.

    Raises:
        Refused: ``RULES_BREAK_PROMISES`` when promises break under the new rules: they come first. The command that
            was entered is not run; entered again it is.
    """
    from outreach.errors import Refused
    from outreach.services.rules_in_force import notice_rules as look_through

    days = look_through(office, progress=Progress(terminal))
    if not days:
        return
    terminal.progress("terminal.recheck.rules", count=len(days))
    tell_rechecked(terminal, days)
    broken = sum(not day.keeps_promises for day in days)
    if broken:
        raise Refused("RULES_BREAK_PROMISES", count=broken)
