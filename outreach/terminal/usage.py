"""The command line's own words in the chosen language: the frame of every help page, and what is wrong with a call.

Typer's parser speaks English and repeats what was typed. Here its pages get our headings, and its errors become codes
like every other, without the text of an argument: that may hold a person's data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import typer

from outreach.errors import BadInput, OutreachError
from outreach.words import Words

_PARSERS_HELP = "Show this message and exit."
_NOTES = re.compile(r"  \[(?P<notes>[^\[\]]*)\]\Z")
_KIND = re.compile(r" <[a-z ]+>\Z")
_OPTION = re.compile(r"--?[a-z][a-z-]*\Z")


def put_into_words(command: Any, words: Words) -> None:
    """Replace every help key of a command tree by its text, and the parser's headings by ours."""
    command.context_class = _context_in(words, command.context_class)
    command.options_metavar = words.say("help.page.options_place")
    if hasattr(command, "commands"):
        command.subcommand_metavar = words.say("help.page.command_place")
    for text in ("help", "short_help"):
        key = getattr(command, text, None)
        if key and words.has(key):
            setattr(command, text, words.say(key))
    for parameter in command.params:
        key = getattr(parameter, "help", None)
        if key and words.has(key):
            parameter.help = words.say(key)
    for below in getattr(command, "commands", {}).values():
        put_into_words(below, words)


def _context_in(words: Words, base: Any) -> Any:
    """The parser's context class with pages in one language."""

    class Page(base.formatter_class):  # type: ignore[misc]
        """A help page: the parser says what stands where, this says it in words."""

        def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
            """The first line."""
            super().write_usage(prog, args, prefix=words.say("help.page.usage") + " ")

        def write_heading(self, heading: str) -> None:
            """A heading: arguments, options or commands."""
            super().write_heading(words.say(f"help.page.{heading.lower()}"))

        def write_dl(self, rows: Any, *args: Any, **more: Any) -> None:
            """A list of names with what they mean."""
            super().write_dl([(_KIND.sub("", name), _noted(text, words)) for name, text in rows], *args, **more)

    return type("Context", (base,), {"formatter_class": Page})


def _noted(text: str, words: Words) -> str:
    """The help of one option: ours, with the parser's remarks (default, range) behind it."""
    if text == _PARSERS_HELP:
        return words.say("help.page.help")
    found = _NOTES.search(text)
    if found is None:
        return text
    notes = [_note(note, words) for note in found["notes"].split("; ") if note != "required"]  # the usage line says so
    return text[: found.start()] + (f"  [{words.listing(notes)}]" if notes else "")


def _note(note: str, words: Words) -> str:
    default = note.removeprefix("default: ")
    return words.say("help.page.default", value=default) if default != note else note


def usage_error(error: Exception, command: str) -> OutreachError | None:
    """A call that cannot be understood, as one of our errors; ``None`` for any other exception.

    ``command`` is the command asked for (``outreach plan make``): not every error of the parser knows it.
    """
    if not hasattr(error, "format_message"):
        return None
    kind = type(error).__name__
    if kind == "NoSuchOption":
        near = sorted(getattr(error, "possibilities", None) or ())
        if near:
            return BadInput("OPTION_MISSPELT", option=_option_of(error), near=near, command=command)
        return BadInput("OPTION_UNKNOWN", option=_option_of(error), command=command)
    if kind == "BadOptionUsage":
        return BadInput("OPTION_WRONGLY_GIVEN", option=_option_of(error), command=command)
    if kind == "MissingParameter":
        return BadInput("ARGUMENT_MISSING", argument=_name_of(error), command=command)
    if kind == "BadParameter":
        return BadInput("ARGUMENT_UNREADABLE", argument=_name_of(error), command=command)
    known = getattr(getattr(getattr(error, "ctx", None), "command", None), "commands", None)
    if known is not None:
        return BadInput("COMMAND_UNKNOWN", known=list(known), command=command)
    return BadInput("ARGUMENTS_TOO_MANY", command=command)


def command_of(tree: Any, arguments: Iterable[str]) -> str:
    """The command that a call asks for, as far as its words name one."""
    names = ["outreach"]
    for word in arguments:
        below = getattr(tree, "commands", {}).get(word)
        if below is not None:
            tree = below
            names.append(word)
    return " ".join(names)


def page_of(error: Exception) -> str | None:
    """The help page that a noun without its verb is answered with; ``None`` for any other error."""
    context = getattr(error, "ctx", None)
    asks = type(error).__name__ == "NoArgsIsHelpError" or getattr(error, "message", "") == "Missing command."
    return str(context.get_help()) if asks and context is not None else None


def _option_of(error: Exception) -> str:
    """The option as it was typed, if it looks like one: anything else may be a person's data."""
    name = str(getattr(error, "option_name", ""))
    return name if _OPTION.match(name) else "--..."


def _name_of(error: Exception) -> str:
    parameter = getattr(error, "param", None)
    if parameter is None:
        return "-"
    if isinstance(parameter, typer.core.TyperOption):
        return str(parameter.opts[0])
    return str(parameter.metavar or parameter.name)
