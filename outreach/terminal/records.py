"""``outreach booking seen``: who looked at or changed a booking."""

import typer

from outreach.terminal.context import terminal_of
from outreach.terminal.options import JSON, REFERENCE
from outreach.terminal.parsing import day_of, reference_of


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("seen", help="help.booking.seen")(seen)


def seen(
    ctx: typer.Context,
    reference: str = REFERENCE,
    first: str = typer.Option("", "--from", metavar="DATE", help="help.booking.seen.from"),
    last: str = typer.Option("", "--to", metavar="DATE", help="help.booking.seen.to"),
    as_json: bool = JSON,
) -> None:
    """Show who looked at or changed a booking, the latest first."""
    terminal = terminal_of(ctx)
    from outreach.services import access_log, lookup

    office, words = terminal.office, terminal.words
    wanted = reference_of(reference)
    lookup.show(office, wanted)  # a reference nobody has is told
    found = access_log.looked_at(
        office,
        reference=wanted,
        first=day_of(first) if first else None,
        last=day_of(last) if last else None,
    )
    zone = office.now().tzinfo
    if as_json:
        terminal.json(
            [
                {
                    "at": look.at.astimezone(zone).isoformat(),
                    "who": look.who,
                    "role": look.role,
                    "what": look.what,
                    "change": look.change,
                    "page": look.page,
                    "allowed": look.allowed,
                }
                for look in found
            ]
        )
        return
    terminal.table(
        [f"terminal.column.{name}" for name in ("at", "account", "role", "did", "page")],
        (
            (
                f"{look.at.astimezone(zone):%Y-%m-%d %H:%M}",
                look.who,
                words.say(f"web.role.{look.role}") if look.role else "",
                words.say(f"access.{look.what}")
                + (f": {words.say(f'history.{look.change}')}" if look.change else "")
                + ("" if look.allowed else f" ({words.say('access.refused')})"),
                words.say(f"channel.{look.page}") if words.has(f"channel.{look.page}") else look.page,
            )
            for look in found
        ),
    )
