"""``outreach serve``: looks through the installation, then goes on as the programme that serves its pages."""

from __future__ import annotations

import errno
import os
import runpy
import socket
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import typer

from outreach.errors import BadInput, PermissionDenied, Refused
from outreach.programme.clock import NOW_VARIABLE
from outreach.programme.settings import (
    DATABASE_VARIABLE,
    HOME_VARIABLE,
    LANGUAGE_VARIABLE,
    SERVE_DEMO_VARIABLE,
    SERVE_HTTPS_VARIABLE,
    SERVE_PARTS_VARIABLE,
    Settings,
)
from outreach.terminal.context import Terminal, terminal_of
from outreach.terminal.options import JSON

if TYPE_CHECKING:
    from outreach.services.demo_served import DemoAccount

PARTS = ("desk", "public")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
EVERY_INTERFACE = ("0.0.0.0", "::")


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve", help="help.serve")(serve)


def serve(
    ctx: typer.Context,
    host: str = typer.Option("127.0.0.1", "--host", metavar="HOST", help="help.serve.host"),
    port: int = typer.Option(8000, "--port", metavar="N", min=1, max=65535, help="help.serve.port"),
    workers: int = typer.Option(1, "--workers", metavar="N", min=1, max=64, help="help.serve.workers"),
    only: str = typer.Option("", "--only", metavar="desk|public", help="help.serve.only"),
    demo: bool = typer.Option(False, "--demo", help="help.serve.demo"),
    behind_https: bool = typer.Option(False, "--behind-https", help="help.serve.behind_https"),
    as_json: bool = JSON,
) -> None:
    """Serve the pages until told to stop (Ctrl-C, SIGTERM)."""
    terminal = terminal_of(ctx)
    if only and only not in PARTS:
        raise BadInput("SERVE_PART_UNKNOWN", known=list(PARTS))
    require_free(host, port)
    accounts: tuple[DemoAccount, ...] = ()
    settings = terminal.settings
    if demo:
        from outreach.services.demo_served import demo_to_serve

        ready = demo_to_serve(settings, terminal.words, terminal.progress)
        settings, accounts = ready.settings, ready.accounts
        terminal = Terminal(settings, terminal.words, terminal.who, terminal.verb)
    hosts = terminal.office.rules.web.hosts  # opened: what is wrong with the installation is told here
    if workers > 1 and settings.database_file is not None:
        raise Refused("SERVE_WORKERS", workers=workers)
    _warn(terminal, host, hosts, behind_https)
    _tell(terminal, f"http://{_in_address(host)}:{port}/", accounts, as_json)
    terminal.close()
    become(
        ("--host", host, "--port", str(port), "--workers", str(workers)),
        environment(settings, only=only, demo=demo, behind_https=behind_https),
    )


def environment(settings: Settings, *, only: str, demo: bool, behind_https: bool) -> dict[str, str]:
    """What the serving processes are told: the settings as they were read here, whatever the variables said."""
    return {
        HOME_VARIABLE: str(settings.home),
        DATABASE_VARIABLE: settings.database_url,
        LANGUAGE_VARIABLE: settings.language,
        NOW_VARIABLE: settings.now.isoformat() if settings.now is not None else "",
        SERVE_PARTS_VARIABLE: only,
        SERVE_DEMO_VARIABLE: "1" if demo else "",
        SERVE_HTTPS_VARIABLE: "1" if behind_https else "",
    }


def require_free(host: str, port: int) -> None:
    """Refuse an address nobody could be served at.

    Raises:
        Refused: ``PORT_TAKEN``.
        PermissionDenied: ``PORT_FORBIDDEN`` (below 1024, on most systems).
        BadInput: ``HOST_UNUSABLE``.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if os.name == "posix":  # as the server does; on Windows it would mean something else
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "errno", None)
        if reason == errno.EADDRINUSE:
            raise Refused("PORT_TAKEN", port=port) from error
        if reason in (errno.EACCES, errno.EPERM):
            raise PermissionDenied("PORT_FORBIDDEN", port=port) from error
        raise BadInput("HOST_UNUSABLE") from error


def become(arguments: Sequence[str], environ: Mapping[str, str]) -> None:
    """Go on as ``python -m outreach.web`` in this very process.

    The database's libraries are loaded here already; a process of its own would load them again, which takes a third
    of the three seconds within which the first page is to be answered. The same on POSIX and Windows.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os.environ.update(environ)
    sys.argv = ["outreach.web", *arguments]
    runpy.run_module("outreach.web", run_name="__main__", alter_sys=True)


def _warn(terminal: Terminal, host: str, hosts: Sequence[str], behind_https: bool) -> None:
    if host in EVERY_INTERFACE or host not in hosts:
        terminal.progress("terminal.serve.hosts", hosts=list(hosts))
    if host not in LOOPBACK and not behind_https:
        terminal.progress("terminal.serve.plain")


def _tell(terminal: Terminal, address: str, accounts: tuple[DemoAccount, ...], as_json: bool) -> None:
    if as_json:
        terminal.json({"address": address, "home": terminal.settings.home, "accounts": accounts})
        return
    terminal.say("terminal.serve.address", address=address)
    for account in accounts:
        role = terminal.words.say(f"web.role.{account.role}")
        terminal.say("terminal.serve.account", name=account.name, password=account.password, role=role)


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
