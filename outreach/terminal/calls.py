"""``outreach calls``: the pre-visit calls listed and logged."""

from pathlib import Path

import typer

from outreach.terminal.context import terminal_of
from outreach.terminal.options import JSON, KEY, OUT
from outreach.terminal.parsing import day_of, reference_of


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("list", help="help.calls.list")(list_)
    app.command("log", help="help.calls.log")(log)


def list_(
    ctx: typer.Context,
    date: str = typer.Argument(..., metavar="DATE", help="help.option.date"),
    out: Path = OUT,
    as_json: bool = JSON,
) -> None:
    """List the calls of a day by the latest useful time; with --out also write the files."""
    terminal = terminal_of(ctx)
    from outreach.services.calls import list_calls
    from outreach.services.publishing import CALLS
    from outreach.terminal.sheets import write_part

    if out is not None:
        write_part(terminal, date, out, CALLS, as_json)
        return
    found = list_calls(terminal.office, day_of(date), language=terminal.settings.language)
    if as_json:
        terminal.json(found)
        return
    words = terminal.words
    terminal.table(
        (
            "terminal.column.latest_call",
            "terminal.column.reference",
            "terminal.column.kana",
            "terminal.column.phone",
            "terminal.column.window",
            "terminal.column.van",
            "terminal.column.last_call",
        ),
        (
            (
                words.clock(entry.latest_useful_s),
                entry.reference,
                entry.kana or entry.name,
                entry.phone or entry.second_phone or entry.fax or entry.mail,
                words.window(*entry.promised),
                entry.van_name,
                words.say(f"call_outcome.{entry.last_outcome}"),
            )
            for entry in (*found.calls, *found.without_phone)
        ),
    )


def log(
    ctx: typer.Context,
    reference: str = typer.Argument(..., metavar="REF", help="help.option.reference"),
    outcome: str = typer.Argument(
        ..., metavar="reached|no_answer|left_message|call_again|cancelled", help="help.calls.outcome"
    ),
    note: str = typer.Option("", "--note", metavar="TEXT", help="help.option.note"),
    key: str = KEY,
    as_json: bool = JSON,
) -> None:
    """Keep how a call ended."""
    terminal = terminal_of(ctx)
    from outreach.services.calls import log_call

    done = log_call(terminal.office, reference_of(reference), outcome, note=note, key=key)
    if as_json:
        terminal.json(done)
        return
    terminal.say(
        "terminal.calls.logged",
        reference=done.reference,
        outcome=terminal.words.say(f"call_outcome.{done.outcome.value}"),
        attempts=done.attempts,
    )
    if done.cancelled:
        terminal.say("terminal.booking.cancelled", reference=done.reference)
