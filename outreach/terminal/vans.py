"""``outreach van``: out of service, and back."""

import typer

from outreach.terminal.context import Terminal, terminal_of
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
    """Take a van out of service; says which days counted on it and whom to phone if they cannot be planned anew."""
    terminal = terminal_of(ctx)
    from outreach.services.fleet import van_down

    begin = day_of(first) if first else terminal.office.clock.today()
    at_risk = van_down(terminal.office, van, begin, day_of(last) if last else None, reason=reason)
    print_days_at_risk(terminal, at_risk, as_json)


def print_days_at_risk(terminal: Terminal, at_risk: tuple[object, ...], as_json: bool) -> None:
    """The days that counted on what is gone, with everybody promised on it."""
    from outreach.services.fleet import DayAtRisk

    if as_json:
        terminal.json({"days": at_risk})
        return
    terminal.say("terminal.fleet.done")
    for day in at_risk:
        assert isinstance(day, DayAtRisk)
        terminal.say("terminal.fleet.at_risk", date=day.day, van=day.van_id, count=len(day.to_phone))
        for person in day.to_phone:
            window = f"{terminal.clock(person.opens_s)}-{terminal.clock(person.closes_s)}"
            typer.echo(f"  {person.reference}  {window}  {person.kana or person.name}  {person.phone}")


def up(
    ctx: typer.Context,
    van: str = typer.Argument(..., metavar="VAN", help="help.shift.van"),
    first: str = typer.Option("", "--from", metavar="DATE", help="help.van.up_from"),
    as_json: bool = JSON,
) -> None:
    """Put a van back into service."""
    terminal = terminal_of(ctx)
    from outreach.services.fleet import van_up

    begin = day_of(first) if first else terminal.office.clock.today()
    ended = van_up(terminal.office, van, begin)
    if as_json:
        terminal.json({"van": van, "from": begin, "periods_ended": ended})
        return
    terminal.say("terminal.fleet.done")
