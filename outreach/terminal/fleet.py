"""``outreach fleet``: depots, vans and staff."""

from pathlib import Path

import typer

from outreach.terminal.context import terminal_of
from outreach.terminal.options import JSON
from outreach.terminal.parsing import bytes_of


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import", help="help.fleet.import")(import_)
    app.command("show", help="help.fleet.show")(show)
    app.command("template", help="help.fleet.template")(template)


def import_(
    ctx: typer.Context,
    file: Path = typer.Argument(..., metavar="FILE", help="help.fleet.file"),
    as_json: bool = JSON,
) -> None:
    """Take a fleet file (TOML or XLSX), all or nothing."""
    terminal = terminal_of(ctx)
    from outreach.services.fleet import import_fleet
    from outreach.terminal.rechecked import Progress, end_broken, tell_rechecked

    done = import_fleet(terminal.office, bytes_of(file), name=file.name, progress=Progress(terminal))
    tell_rechecked(terminal, done.days)
    if as_json:
        terminal.json(done)
    else:
        terminal.say(
            "terminal.fleet.imported", depots=done.depots, vans=done.vans, staff=done.staff, shifts=done.shifts
        )
    end_broken(done.days)


def show(ctx: typer.Context, as_json: bool = JSON) -> None:
    """Show the fleet."""
    terminal = terminal_of(ctx)
    from outreach.services.fleet import show as look_up

    fleet, words = look_up(terminal.office), terminal.words
    if as_json:
        terminal.json(
            {
                name: [row.model_dump() for row in getattr(fleet, name)]
                for name in ("depots", "vans", "staff", "down", "leave")
            }
        )
        return
    terminal.table(
        ("terminal.column.depot", "terminal.column.name", "terminal.column.place"),
        ((depot.id, depot.name, f"{depot.lat:.5f}, {depot.lon:.5f}") for depot in fleet.depots),
    )
    terminal.table(
        ("terminal.column.van", "terminal.column.name", "terminal.column.depot", "terminal.column.skills"),
        ((van.id, van.name, van.depot_id, words.listing(van.skills)) for van in fleet.vans),
    )
    terminal.table(
        ("terminal.column.staff", "terminal.column.name", "terminal.column.skills", "terminal.column.trainee"),
        (
            (person.id, person.name, words.listing(person.skills), words.say("terminal.yes") if person.trainee else "")
            for person in fleet.staff
        ),
    )
    for period in fleet.down:
        terminal.say("terminal.fleet.down", van=period.van_id, first=period.first_day, last=str(period.last_day or ""))
    for away in fleet.leave:
        terminal.say("terminal.fleet.leave", staff=away.staff_id, first=away.first_day, last=away.last_day)


def template(
    ctx: typer.Context,
    out: Path = typer.Argument(Path("fleet.xlsx"), metavar="FILE", help="help.fleet.template_file"),
) -> None:
    """Write the empty workbook for ``fleet import``."""
    from outreach.services.fleet import template as make
    from outreach.services.publishing import write_together

    write_together(out.parent, {out.name: make()})
    terminal_of(ctx).progress("terminal.written", file=str(out))
