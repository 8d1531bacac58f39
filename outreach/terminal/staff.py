"""``outreach staff``: leave."""

import typer

from outreach.terminal.context import terminal_of
from outreach.terminal.options import JSON
from outreach.terminal.parsing import day_of


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.callback()(lambda: None)
    app.command("leave", help="help.staff.leave")(leave)


def leave(
    ctx: typer.Context,
    staff: str = typer.Argument(..., metavar="STAFF", help="help.staff.staff"),
    first: str = typer.Option(..., "--from", metavar="DATE", help="help.staff.from"),
    last: str = typer.Option("", "--to", metavar="DATE", help="help.staff.to"),
    as_json: bool = JSON,
) -> None:
    """Enter leave; shifts the person is on lose their crew."""
    terminal = terminal_of(ctx)
    from outreach.services.fleet import staff_leave
    from outreach.terminal.rechecked import Progress, end_broken, tell_rechecked

    begin = day_of(first)
    end = day_of(last) if last else begin
    days = staff_leave(terminal.office, staff, begin, end, progress=Progress(terminal))
    tell_rechecked(terminal, days)
    if as_json:
        terminal.json({"days": days})
    else:
        terminal.say("terminal.fleet.done")
    end_broken(days)
