"""Options that several commands share, and those made from the phone script's table of answers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import typer

from bookings.answers import SCRIPT

JSON = typer.Option(False, "--json", help="help.option.json")
ACCEPT = typer.Option([], "--accept", metavar="CODE", help="help.option.accept")
WHY = typer.Option("", "--why", metavar="TEXT", help="help.option.why")
KEY = typer.Option("", "--key", metavar="TEXT", help="help.option.key")
REFERENCE = typer.Argument(..., metavar="REF", help="help.option.reference")
OUT = typer.Option(None, "--out", metavar="DIR", help="help.option.out")
VERSION = typer.Option("standing", "--version", metavar="N|standing|published", help="help.option.version")


def with_answers(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option for every answer of the phone script; they arrive together as ``answers``.

    The table of answers is the only place that knows them: an answer added there is an option here.
    """
    own = [parameter for name, parameter in inspect.signature(command).parameters.items() if name != "answers"]
    answers = [
        inspect.Parameter(
            question.field,
            inspect.Parameter.KEYWORD_ONLY,
            default=typer.Option(
                "", f"--{question.field.replace('_', '-')}", help=question.word_key, metavar=_metavar(question.choices)
            ),
            annotation=str,
        )
        for question in SCRIPT
    ]

    def with_options(**values: Any) -> None:
        given = {question.field: values.pop(question.field) for question in SCRIPT}
        command(**values, answers={field: text for field, text in given.items() if text})

    with_options.__signature__ = inspect.Signature([*own, *answers])  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in [*own, *answers]}
    with_options.__name__ = command.__name__
    with_options.__doc__ = command.__doc__
    return with_options


def _metavar(choices: tuple[str, ...]) -> str:
    return "|".join(choices) if choices else "TEXT"
