"""``outreach van``: out of service, and back."""

import typer

from outreach.terminal.context import terminal_of
from outreach.terminal.options import JSON
from outreach.terminal.parsing import day_of


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("down", help="help.van.down")(down)
    app.command("up", help="help.van.up")(up)


def down(
    ctx: typer.Context,
    van: str = typer.Argument(..., metavar="VAN", help="help.shift.van"),
    first: str = typer.Option("", "--from", metavar="DATE", help="help.van.from"),
    last: str = typer.Option("", "--to", metavar="DATE", help="help.van.to"),
    reason: str = typer.Option("", "--reason", metavar="TEXT", help="help.van.reason"),
    as_json: bool = JSON,
) -> None:
    """Take a van out of service; says what was planned anew, and whom to phone where that cannot be."""
    terminal = terminal_of(ctx)
    from outreach.services.fleet import van_down
    from outreach.terminal.rechecked import Progress, end_broken, tell_rechecked

    begin = day_of(first) if first else terminal.office.clock.today()
    end = day_of(last) if last else None
    days = van_down(terminal.office, van, begin, end, reason=reason, progress=Progress(terminal))
    tell_rechecked(terminal, days)
    if as_json:
        terminal.json({"days": days})
    else:
        terminal.say("terminal.fleet.done")
    end_broken(days)


def up(
    ctx: typer.Context,
    van: str = typer.Argument(..., metavar="VAN", help="help.shift.van"),
    first: str = typer.Option("", "--from", metavar="DATE", help="help.van.up_from"),
    as_json: bool = JSON,
) -> None:
    """Put a van back into service."""
    terminal = terminal_of(ctx)
    from outreach.services.fleet import van_up
    from outreach.terminal.rechecked import Progress, end_broken, tell_rechecked

    begin = day_of(first) if first else terminal.office.clock.today()
    done = van_up(terminal.office, van, begin, progress=Progress(terminal))
    tell_rechecked(terminal, done.days)
    if as_json:
        terminal.json({"van": van, "from": begin, "periods_ended": done.periods, "days": done.days})
    else:
        terminal.say("terminal.fleet.done")
    end_broken(done.days)
