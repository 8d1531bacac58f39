"""``outreach sheets``: the route sheets of a day, written again."""

from pathlib import Path

import typer

from outreach.terminal.context import Terminal, terminal_of
from outreach.terminal.options import JSON, OUT
from outreach.terminal.parsing import day_of


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("sheets", help="help.sheets")(sheets)


def sheets(
    ctx: typer.Context,
    date: str = typer.Argument(..., metavar="DATE", help="help.option.date"),
    out: Path = OUT,
    as_json: bool = JSON,
) -> None:
    """Write the route sheets of the published plan, or of the standing one where none is published."""
    from outreach.services.publishing import SHEETS

    write_part(terminal_of(ctx), date, out, SHEETS, as_json)


def write_part(terminal: Terminal, date: str, out: Path | None, part: str, as_json: bool) -> None:
    """Write one part of a day's artefacts and print the files' paths."""
    from outreach.services.publishing import artefacts

    done = artefacts(terminal.office, day_of(date), out, language=terminal.settings.language, parts={part})
    if done.outdated:
        terminal.progress("terminal.plan.outdated")
    if as_json:
        terminal.json(done)
        return
    for name in done.files:
        typer.echo(str(done.folder / name))
