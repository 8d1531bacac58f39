"""The command tree, its help in the chosen language, and the one place where an error becomes a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import typer
from typer.core import TyperGroup

from outreach.errors import BadInput, OutreachError, present
from outreach.programme.clock import NOW_VARIABLE
from outreach.programme.settings import DATABASE_VARIABLE, LANGUAGE_VARIABLE, settings_from
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
    serving,
    sessions,
    sheets,
    shifts,
    slots,
    staff,
    users,
    vans,
    visits,
)
from outreach.terminal.context import Start, Terminal
from outreach.terminal.typed import refuse_private
from outreach.terminal.usage import command_of, page_of, put_into_words, usage_error
from outreach.words import Words

INTERRUPTED, BROKEN_PIPE = 130, 141
"""Exit statuses after Ctrl-C, and when nobody reads the output any more (``| head``): what a shell says of them."""


class Boundary(TyperGroup):
    """Every command runs inside: whatever is raised ends as code, sentence, what to do next, and an exit status."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; nothing but a sentence ever leaves."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise typer.Exit(BROKEN_PIPE) from None  # nobody reads on: nothing to tell
        except Exception as error:
            if _is_of_parser(error):
                raise  # usage errors and exits are told by :func:`run`
            raise typer.Exit(tell(error, _words_of(ctx))) from error


def _is_of_parser(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] == "typer"


def tell(error: BaseException, words: Words) -> int:
    """Write an error to stderr in words and return its exit status."""
    shown = present(error, words)
    for line in (f"{shown.code}: {shown.sentence}", *(f"  - {detail}" for detail in shown.details), shown.action):
        if line:
            typer.echo(line, err=True)
    for person in getattr(error, "to_phone", ()):
        window = words.window(person.opens_s, person.closes_s)
        typer.echo(f"  {person.reference}  {window}  {person.kana or person.name}  {person.phone}", err=True)
    return shown.exit_status


def _words_of(ctx: Any) -> Words:
    found = ctx.find_root().obj
    assert isinstance(found, Start | Terminal)
    return found.words


def build(words: Words) -> Any:
    """The whole command tree with its help in one language."""
    app = typer.Typer(
        cls=Boundary,
        help="help.outreach",
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback(no_args_is_help=True)(_options)
    for module in (demo, installation, serving, files, sheets):
        module.add_to(app)
    for name, module in _NOUNS.items():
        noun = typer.Typer(help=f"help.{name}", no_args_is_help=True, rich_markup_mode=None)
        module.add_to(noun)
        app.add_typer(noun, name=name)
    command = typer.main.get_command(app)
    put_into_words(command, words)
    return command


_NOUNS: Mapping[str, Any] = {
    "gazetteer": gazetteer,
    "district": districts,
    "address": addresses,
    "booking": bookings,
    "visit": visits,
    "fleet": fleet,
    "shift": shifts,
    "session": sessions,
    "van": vans,
    "staff": staff,
    "plan": plans,
    "calls": calls,
    "map": maps,
    "slots": slots,
    "user": users,
}


def _options(
    ctx: typer.Context,
    home: str = typer.Option("", "--home", help="help.option.home", metavar="DIR"),
    lang: str = typer.Option("", "--lang", help="help.option.lang", metavar="ja|en"),
) -> None:
    assert isinstance(ctx.obj, Start)
    ctx.obj = terminal = Terminal.opened(ctx.obj.environ, home or None, lang or None)
    ctx.call_on_close(terminal.close)


def run(arguments: list[str], environ: Mapping[str, str]) -> int:
    """Run the terminal and return the exit status."""
    words = _words_before(arguments, environ)
    command: Any = None
    try:
        command = build(words)
        refuse_private(arguments, environ)
        start = Start(environ, words)
        status = command.main(args=arguments, prog_name="outreach", standalone_mode=False, obj=start)
    except typer.Exit as done:
        return done.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return BROKEN_PIPE
    except Exception as error:
        page = page_of(error)
        if page is not None:
            typer.echo(page, err=True)
            return BadInput.exit_status
        asked = command_of(command, arguments)
        if "--json" in arguments and asked in bookings.TAKING:
            bookings.print_nothing_stored(error, words)
        return tell(usage_error(error, asked) or error, words)
    return status if isinstance(status, int) else 0


def _words_before(arguments: list[str], environ: Mapping[str, str]) -> Words:
    """The language before the commands are built, for their help."""
    home, lang = _option_of(arguments, "--home"), _option_of(arguments, "--lang")
    try:
        return Words(settings_from(environ, home, lang).language)
    except OutreachError:
        # A wrong option or variable is told by the command itself, in the language that is left.
        without = dict.fromkeys((LANGUAGE_VARIABLE, NOW_VARIABLE, DATABASE_VARIABLE), "")
        return Words(settings_from({**environ, **without}).language)


def _option_of(arguments: list[str], name: str) -> str | None:
    """The value of one of our own options; they stand before the first noun."""
    waiting = iter(arguments)
    for argument in waiting:
        option, equals, value = argument.partition("=")
        if not argument.startswith("-"):
            return None
        if option == name:
            return value if equals else next(waiting, None)
        if option in ("--home", "--lang") and not equals:
            next(waiting, None)
    return None
