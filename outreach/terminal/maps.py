"""``outreach map``: the route map of a day, and the coverage map of a period."""

from pathlib import Path

import typer

from outreach.terminal.context import terminal_of
from outreach.terminal.options import JSON, OUT
from outreach.terminal.parsing import day_of


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("route", help="help.map.route")(route)
    app.command("coverage", help="help.map.coverage")(coverage)


def route(
    ctx: typer.Context,
    date: str = typer.Argument(..., metavar="DATE", help="help.option.date"),
    out: Path = OUT,
    as_json: bool = JSON,
) -> None:
    """Write the route map of a day."""
    from outreach.services.publishing import MAP
    from outreach.terminal.sheets import write_part

    write_part(terminal_of(ctx), date, out, MAP, as_json)


def coverage(
    ctx: typer.Context,
    first: str = typer.Option(..., "--from", metavar="DATE", help="help.map.from"),
    last: str = typer.Option(..., "--to", metavar="DATE", help="help.map.to"),
    out: Path = OUT,
    as_json: bool = JSON,
) -> None:
    """Write the coverage map of a period with its table."""
    terminal = terminal_of(ctx)
    from outreach.services.coverage import coverage as count
    from outreach.services.coverage import write_coverage

    office, language = terminal.office, terminal.settings.language
    folder = out or office.settings.published / "coverage" / f"{first}_{last}-{language}"
    files = write_coverage(office, day_of(first), day_of(last), folder, language=language)
    if as_json:
        shown = count(office, day_of(first), day_of(last), language=language)
        terminal.json(
            {
                "from": first,
                "to": last,
                "districts": [
                    {
                        "name": district.name,
                        "served": district.served.value,
                        "waiting": district.waiting.value,
                        "turned_down": district.turned_down.value,
                        "per_1000": district.per_1000,
                        "driving_s": district.driving_s,
                        "nothing": district.nothing,
                    }
                    for district in shown.districts
                ],
                "files": [str(folder / name) for name in files],
            }
        )
        return
    for name in files:
        typer.echo(str(folder / name))
