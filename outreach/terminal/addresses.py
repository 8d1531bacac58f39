"""``outreach address``: what the system makes of an address."""

import typer

from outreach.terminal.context import terminal_of
from outreach.terminal.options import JSON


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.callback()(lambda: None)
    app.command("match", help="help.address.match")(match)


def match(
    ctx: typer.Context,
    text: str = typer.Argument(..., metavar="TEXT", help="help.address.text"),
    as_json: bool = JSON,
) -> None:
    """Match one address as typed."""
    terminal = terminal_of(ctx)
    from outreach.errors import finding_action, finding_sentence
    from outreach.services.gazetteer import match as match_address
    from outreach.terminal.bookings import told

    found = match_address(terminal.office, text)
    if as_json:
        terminal.json(
            {
                "input": found.input,
                "normalised": found.normalised,
                "result": found.result,
                "candidates": found.candidates,
                "findings": told(found.findings, terminal.words),
            }
        )
    else:
        if found.result is not None:
            level = terminal.words.say(f"level.{found.result.level.value}")
            typer.echo(f"{found.result.town}  {found.result.rest}  ({level})")
        for candidate in found.candidates:
            typer.echo(f"  ? {candidate.town}  {candidate.kana}")
        for finding in found.findings:
            typer.echo(f"{finding.code}: {finding_sentence(finding, terminal.words)}", err=True)
            action = finding_action(finding, terminal.words)
            if action:
                typer.echo(f"  {action}", err=True)
    if found.result is None:
        raise typer.Exit(1)
