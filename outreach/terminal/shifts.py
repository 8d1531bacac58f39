"""``outreach shift``: which van drives on which day with whom."""

import typer

from outreach.terminal.context import plain, terminal_of
from outreach.terminal.options import JSON
from outreach.terminal.parsing import clock_of, day_of


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("add", help="help.shift.add")(add)
    app.command("remove", help="help.shift.remove")(remove)
    app.command("list", help="help.shift.list")(list_)


def add(
    ctx: typer.Context,
    date: str = typer.Argument(..., metavar="DATE", help="help.option.date"),
    van: str = typer.Option(..., "--van", metavar="VAN", help="help.shift.van"),
    crew: list[str] = typer.Option(..., "--crew", metavar="STAFF", help="help.shift.crew"),
    start: str = typer.Option("", "--start", metavar="HH:MM", help="help.shift.start"),
    end: str = typer.Option("", "--end", metavar="HH:MM", help="help.shift.end"),
    replace: bool = typer.Option(False, "--replace", help="help.shift.replace"),
    as_json: bool = JSON,
) -> None:
    """Add a shift: one van, a crew of exactly two, one day."""
    terminal = terminal_of(ctx)
    from outreach.errors import BadInput
    from outreach.services.shifts import ShiftRequest, add_shift
    from outreach.terminal.rechecked import Progress, end_broken, tell_rechecked

    people = [person.strip() for entry in crew for person in entry.split(",") if person.strip()]
    if len(people) != 2:
        raise BadInput("CREW_NOT_TWO", people=len(people))
    request = ShiftRequest(
        day_of(date),
        van,
        (people[0], people[1]),
        clock_of(start) if start else None,
        clock_of(end) if end else None,
    )
    done = add_shift(terminal.office, request, replace=replace, progress=Progress(terminal))
    tell_rechecked(terminal, done.days)
    shift = done.shift
    if as_json:
        terminal.json({**plain(shift), "days": done.days})
    else:
        names = terminal.words.listing(list(shift.crew_names))
        terminal.say("terminal.shift.added", date=shift.day, van=shift.van_name, crew=names)
    end_broken(done.days)


def remove(
    ctx: typer.Context,
    date: str = typer.Argument(..., metavar="DATE", help="help.option.date"),
    van: str = typer.Option(..., "--van", metavar="VAN", help="help.shift.van"),
    as_json: bool = JSON,
) -> None:
    """Remove a shift."""
    terminal = terminal_of(ctx)
    from outreach.services.shifts import remove_shift
    from outreach.terminal.rechecked import Progress, end_broken, tell_rechecked

    days = remove_shift(terminal.office, day_of(date), van, progress=Progress(terminal))
    tell_rechecked(terminal, days)
    if as_json:
        terminal.json({"date": day_of(date), "van": van, "days": days})
    else:
        terminal.say("terminal.shift.removed", date=day_of(date), van=van)
    end_broken(days)


def list_(
    ctx: typer.Context,
    first: str = typer.Option("", "--from", metavar="DATE", help="help.shift.from"),
    last: str = typer.Option("", "--to", metavar="DATE", help="help.shift.to"),
    as_json: bool = JSON,
) -> None:
    """List shifts, two weeks from today on without a period."""
    terminal = terminal_of(ctx)
    from datetime import timedelta

    from outreach.services.shifts import list_shifts

    begin = day_of(first) if first else terminal.office.clock.today()
    end = day_of(last) if last else begin + timedelta(days=13)
    rows = list_shifts(terminal.office, begin, end)
    words = terminal.words
    if as_json:
        terminal.json(rows)
        return
    terminal.table(
        ("terminal.column.date", "terminal.column.van", "terminal.column.shift", "terminal.column.crew"),
        (
            (
                words.date(row.day),
                row.van_name,
                f"{words.clock(row.start_s)}-{words.clock(row.end_s)}",
                words.listing(list(row.crew_names)) if len(row.crew) == 2 else words.say("terminal.shift.incomplete"),
            )
            for row in rows
        ),
    )
