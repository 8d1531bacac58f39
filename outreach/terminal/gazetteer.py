"""``outreach gazetteer``: the city's towns."""

from pathlib import Path

import typer

from outreach.terminal.context import terminal_of
from outreach.terminal.options import JSON
from outreach.terminal.parsing import bytes_of


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import", help="help.gazetteer.import")(import_)
    app.command("list", help="help.gazetteer.list")(list_)


def import_(
    ctx: typer.Context,
    file: Path = typer.Argument(..., metavar="FILE", help="help.gazetteer.file"),
    as_json: bool = JSON,
) -> None:
    """Take a file of towns, all or nothing."""
    terminal = terminal_of(ctx)
    from outreach.services.gazetteer import import_gazetteer

    done = import_gazetteer(terminal.office, bytes_of(file), name=file.name)
    if as_json:
        terminal.json(done)
    else:
        terminal.say("terminal.gazetteer.imported", rows=done.rows, home_towns=done.home_towns)


def list_(ctx: typer.Context, as_json: bool = JSON) -> None:
    """List the city's towns."""
    terminal = terminal_of(ctx)
    from outreach.services.gazetteer import list_towns

    towns = list_towns(terminal.office)
    if as_json:
        terminal.json(
            [
                {
                    "town": town.town,
                    "kana": town.kana,
                    "romaji": town.romaji,
                    "postal_code": town.postal_code,
                    "lat": town.lat,
                    "lon": town.lon,
                }
                for town in towns
            ]
        )
        return
    terminal.table(
        ("terminal.column.town", "terminal.column.kana", "terminal.column.romaji", "terminal.column.place"),
        ((town.town, town.kana, town.romaji, f"{town.lat:.5f}, {town.lon:.5f}") for town in towns),
    )
