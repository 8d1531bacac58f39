"""The command tree, its help in the chosen language, and the one place where an error becomes a sentence."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperGroup

from outreach.errors import present
from outreach.programme.settings import HOME_VARIABLE, settings_from
from outreach.terminal import (
    addresses,
    bookings,
    calls,
    demo,
    districts,
    files,
    fleet,
    gazetteer,
    installation,
    maps,
    plans,
    sheets,
    shifts,
    staff,
    vans,
    visits,
)
from outreach.terminal.context import Terminal
from outreach.words import Words


class Boundary(TyperGroup):
    """Every command runs inside: whatever is raised ends as code, sentence, what to do next, and an exit status."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; nothing but a sentence ever leaves."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            if type(error).__module__.startswith("typer"):
                raise  # usage errors and exits have their own words
            raise typer.Exit(tell(error, _words_of(ctx))) from error
        except KeyboardInterrupt:
            raise typer.Exit(130) from None


def tell(error: BaseException, words: Words) -> int:
    """Write an error to stderr in words and return its exit status."""
    shown = present(error, words)
    for line in (f"{shown.code}: {shown.sentence}", *(f"  - {detail}" for detail in shown.details), shown.action):
        if line:
            typer.echo(line, err=True)
    for person in getattr(error, "to_phone", ()):
        window = f"{words.clock(person.opens_s)}-{words.clock(person.closes_s)}"
        typer.echo(f"  {person.reference}  {window}  {person.kana or person.name}  {person.phone}", err=True)
    return shown.exit_status


def _words_of(ctx: Any) -> Words:
    terminal = ctx.find_root().obj
    return terminal.words if isinstance(terminal, Terminal) else Words("en")


def build(words: Words) -> Any:
    """The whole command tree with its help in one language."""
    app = typer.Typer(
        cls=Boundary,
        help="help.outreach",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_options)
    for module in (demo, installation, files, sheets):
        module.add_to(app)
    for name, module in _NOUNS.items():
        noun = typer.Typer(help=f"help.{name}", no_args_is_help=True, rich_markup_mode=None)
        module.add_to(noun)
        app.add_typer(noun, name=name)
    command = typer.main.get_command(app)
    _put_into_words(command, words)
    return command


_NOUNS: Mapping[str, Any] = {
    "gazetteer": gazetteer,
    "district": districts,
    "address": addresses,
    "booking": bookings,
    "visit": visits,
    "fleet": fleet,
    "shift": shifts,
    "van": vans,
    "staff": staff,
    "plan": plans,
    "calls": calls,
    "map": maps,
}


def _options(
    ctx: typer.Context,
    home: str = typer.Option(
        "", "--home", help="help.option.home", metavar="DIR", envvar=HOME_VARIABLE, show_envvar=False
    ),
    lang: str = typer.Option("", "--lang", help="help.option.lang", metavar="ja|en"),
) -> None:
    ctx.obj = Terminal.opened(home or None, lang or None)


def _put_into_words(command: Any, words: Words) -> None:
    """Replace every help key of the tree by its text."""
    for text in ("help", "short_help"):
        key = getattr(command, text, None)
        if key and words.has(key):
            setattr(command, text, words.say(key))
    for parameter in command.params:
        key = getattr(parameter, "help", None)
        if key and words.has(key):
            parameter.help = words.say(key)
    for below in getattr(command, "commands", {}).values():
        _put_into_words(below, words)


def run(arguments: list[str], environ: Mapping[str, str]) -> int:
    """Run the terminal and return the exit status."""
    try:
        words = Words(settings_from(environ, None, _language_asked(arguments)).language)
    except Exception as error:
        return tell(error, Words("en"))
    command = build(words)
    try:
        status = command.main(args=arguments, prog_name="outreach", standalone_mode=False)
    except typer.Exit as done:
        return done.exit_code
    except Exception as error:
        return _usage(error, words)
    return status if isinstance(status, int) else 0


def _language_asked(arguments: list[str]) -> str | None:
    """The value of ``--lang`` before the commands are built, for their help."""
    for position, argument in enumerate(arguments):
        if argument == "--lang" and position + 1 < len(arguments):
            return arguments[position + 1]
        if argument.startswith("--lang="):
            return argument.partition("=")[2]
    return None


def _usage(error: Exception, words: Words) -> int:
    """A wrong option or a missing argument: what the parser says of it, and where help is."""
    show = getattr(error, "show", None)
    if show is None:
        return tell(error, words)
    show(file=sys.stderr)
    return int(getattr(error, "exit_code", 2))
