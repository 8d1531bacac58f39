"""``outreach visit``: what happened at the door."""

from pathlib import Path

import typer

from outreach.terminal.context import terminal_of
from outreach.terminal.options import JSON, KEY
from outreach.terminal.parsing import bytes_of, clock_of, reference_of


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.callback()(lambda: None)
    app.command("log", help="help.visit.log")(log)


def log(
    ctx: typer.Context,
    reference: str = typer.Argument("", metavar="REF", help="help.option.reference"),
    outcome: str = typer.Argument("", metavar="visited|no-show|cancelled", help="help.visit.outcome"),
    people: int = typer.Option(None, "--people", metavar="N", help="help.visit.people"),
    start: str = typer.Option("", "--start", metavar="HH:MM", help="help.visit.start"),
    end: str = typer.Option("", "--end", metavar="HH:MM", help="help.visit.end"),
    note: str = typer.Option("", "--note", metavar="TEXT", help="help.option.note"),
    key: str = KEY,
    file: Path = typer.Option(None, "--file", metavar="FILE", help="help.visit.file"),
    as_json: bool = JSON,
) -> None:
    """Log one visit, or with --file a whole sheet."""
    terminal = terminal_of(ctx)
    from outreach.errors import BadInput
    from outreach.services.field import Outcome, log_sheet, log_visit

    if (file is None) == (not reference):
        raise BadInput("VISIT_OR_FILE")
    if file is not None:
        logged = log_sheet(terminal.office, bytes_of(file), name=file.name)
    else:
        entry = Outcome(
            reference=reference_of(reference),
            outcome=outcome,
            people=people,
            start_s=clock_of(start) if start else None,
            end_s=clock_of(end) if end else None,
            note=note,
        )
        logged = (log_visit(terminal.office, entry, key=key),)
    if as_json:
        terminal.json({"visits": logged})
        return
    for visit in logged:
        terminal.say(
            "terminal.visit.logged",
            reference=visit.reference,
            status=terminal.words.say(f"status.{visit.status.value}"),
            people=visit.people,
        )
