"""``outreach user``: accounts for the pages. A password is typed hidden or read from stdin, never an argument."""

import sys
from typing import TYPE_CHECKING

import typer

from outreach.errors import BadInput
from outreach.terminal.context import Terminal, terminal_of
from outreach.terminal.options import JSON

if TYPE_CHECKING:
    from outreach.services.accounts import AccountView

NAME = typer.Argument(..., metavar="NAME", help="help.user.name")
ROLE = typer.Option(..., "--role", metavar="ROLE", help="help.user.role_of")
FROM_STDIN = typer.Option(False, "--password-stdin", help="help.user.password_stdin")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("add", help="help.user.add")(add)
    app.command("list", help="help.user.list")(list_)
    app.command("disable", help="help.user.disable")(disable)
    app.command("enable", help="help.user.enable")(enable)
    app.command("role", help="help.user.role")(role)
    app.command("password", help="help.user.password")(password)
    app.command("sign-out", help="help.user.sign_out")(sign_out)


def add(
    ctx: typer.Context,
    name: str = NAME,
    role: str = ROLE,
    display: str = typer.Option("", "--display", metavar="NAME", help="help.user.display"),
    password_stdin: bool = FROM_STDIN,
    as_json: bool = JSON,
) -> None:
    """Make an account."""
    terminal = terminal_of(ctx)
    from bookings.privacy import require_clean
    from outreach.services import accounts

    # Before anybody types a password for nothing.
    accounts.role_of(role)
    accounts.account_name(name)
    require_clean(display, "display")
    made = accounts.add(terminal.office, name, role, _password(terminal, password_stdin), display_name=display)
    _tell(terminal, made, "terminal.user.added", as_json)


def list_(ctx: typer.Context, as_json: bool = JSON) -> None:
    """List all accounts."""
    terminal = terminal_of(ctx)
    from outreach.services import accounts

    found = accounts.listed(terminal.office)
    if as_json:
        terminal.json(found)
        return
    zone, words = terminal.office.now().tzinfo, terminal.words
    terminal.table(
        [f"terminal.column.{name}" for name in ("account", "name", "role", "since", "status")],
        (
            (
                account.name,
                account.display_name,
                words.say(f"web.role.{account.role.value}"),
                f"{account.created_at.astimezone(zone):%Y-%m-%d}",
                words.say("terminal.user.is_open" if account.disabled_at is None else "terminal.user.is_disabled"),
            )
            for account in found
        ),
    )


def disable(ctx: typer.Context, name: str = NAME, as_json: bool = JSON) -> None:
    """Disable an account and end its sessions at once."""
    terminal = terminal_of(ctx)
    from outreach.services import accounts

    _tell(terminal, accounts.disable(terminal.office, name), "terminal.user.disabled", as_json)


def enable(ctx: typer.Context, name: str = NAME, as_json: bool = JSON) -> None:
    """Let a disabled account in again."""
    terminal = terminal_of(ctx)
    from outreach.services import accounts

    _tell(terminal, accounts.enable(terminal.office, name), "terminal.user.enabled", as_json)


def role(
    ctx: typer.Context,
    name: str = NAME,
    role: str = typer.Argument(..., metavar="ROLE", help="help.user.role_of"),
    as_json: bool = JSON,
) -> None:
    """Give an account another role."""
    terminal = terminal_of(ctx)
    from outreach.services import accounts

    _tell(terminal, accounts.set_role(terminal.office, name, role), "terminal.user.role_set", as_json)


def password(
    ctx: typer.Context,
    name: str = NAME,
    password_stdin: bool = FROM_STDIN,
    as_json: bool = JSON,
) -> None:
    """Give an account a new password, to be changed at the next login."""
    terminal = terminal_of(ctx)
    from outreach.services import accounts

    done = accounts.set_password(terminal.office, name, _password(terminal, password_stdin))
    _tell(terminal, done, "terminal.user.password_set", as_json)


def sign_out(ctx: typer.Context, name: str = NAME, as_json: bool = JSON) -> None:
    """End every session of an account."""
    terminal = terminal_of(ctx)
    from outreach.services import accounts

    ended = accounts.end_sessions(terminal.office, name)
    if as_json:
        terminal.json({"name": accounts.account_name(name), "ended": ended})
    else:
        terminal.say("terminal.user.signed_out", count=ended)


def _password(terminal: Terminal, from_stdin: bool) -> str:
    """The password, typed twice without being shown, or the first line of stdin.

    Raises:
        BadInput: ``PASSWORD_UNASKED`` where nobody types, ``PASSWORDS_DIFFER``.
    """
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadInput("PASSWORD_UNASKED")
    typed, again = (
        typer.prompt(terminal.words.say(key), hide_input=True, err=True)
        for key in ("terminal.user.type_password", "terminal.user.type_again")
    )
    if typed != again:
        raise BadInput("PASSWORDS_DIFFER")
    return str(typed)


def _tell(terminal: Terminal, account: "AccountView", key: str, as_json: bool) -> None:
    if as_json:
        terminal.json(account)
    else:
        terminal.say(key, name=account.name, role=terminal.words.say(f"web.role.{account.role.value}"))
