"""``outreach district``: districts and the city's boundary."""

from pathlib import Path

import typer

from outreach.terminal.context import terminal_of
from outreach.terminal.options import JSON
from outreach.terminal.parsing import bytes_of


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import", help="help.district.import")(import_)
    app.command("list", help="help.district.list")(list_)


def import_(
    ctx: typer.Context,
    file: Path = typer.Argument(..., metavar="FILE", help="help.district.file"),
    as_json: bool = JSON,
) -> None:
    """Take a file of districts, of the boundary, or of both."""
    terminal = terminal_of(ctx)
    from outreach.errors import finding_sentence
    from outreach.services.gazetteer import import_districts

    done = import_districts(terminal.office, bytes_of(file), name=file.name)
    if as_json:
        terminal.json(done)
        return
    terminal.say(
        "terminal.district.imported",
        districts=done.districts,
        boundary=terminal.words.say("terminal.boundary.known" if done.boundary else "terminal.boundary.missing"),
    )
    for finding in done.findings:
        typer.echo(finding_sentence(finding, terminal.words), err=True)


def list_(ctx: typer.Context, as_json: bool = JSON) -> None:
    """List the districts."""
    terminal = terminal_of(ctx)
    from outreach.services.gazetteer import list_districts

    found = list_districts(terminal.office)
    if as_json:
        terminal.json(
            [
                {
                    "name": district.name,
                    "name_en": district.name_en,
                    "population": district.population,
                    "aged_65": district.aged_65,
                    "towns": list(district.towns),
                    "has_area": district.polygon is not None,
                }
                for district in found.districts
            ]
        )
        return
    terminal.table(
        ("terminal.column.district", "terminal.column.population", "terminal.column.aged_65"),
        ((district.name, district.population, district.aged_65) for district in found.districts),
    )
