"""``outreach demo``: a fictional city, two weeks of calls, one published day."""

from dataclasses import replace
from pathlib import Path

import typer

from outreach.programme.settings import language_asked_for
from outreach.terminal.context import Terminal, terminal_of
from outreach.terminal.options import JSON
from outreach.terminal.plans import print_plan
from outreach.words import Words


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", help="help.demo")(demo)


def demo(
    ctx: typer.Context,
    out: Path = typer.Option(Path("demo-out"), "--out", metavar="DIR", help="help.demo.out"),
    lang: str = typer.Option("", "--lang", metavar="ja|en", help="help.option.lang"),
    as_json: bool = JSON,
) -> None:
    """Run the whole story on a city that ships with the product."""
    terminal = _speaking(terminal_of(ctx), lang)
    from outreach.services.demo import run_demo

    def progress(key: str, **values: object) -> None:
        terminal.progress(key, **values)

    story = run_demo(terminal.settings, out, terminal.words, progress)
    if as_json:
        terminal.json(story)
        return
    _print_refusals(terminal, story.refused)
    terminal.say("terminal.demo.plan", date=story.day, version=story.view.number)
    print_plan(terminal, story.view)
    terminal.say("terminal.demo.files")
    for path in story.files:
        typer.echo(f"  {path}")


def _speaking(terminal: Terminal, lang: str) -> Terminal:
    """The terminal in the language asked for behind the command; without one, as it is."""
    if not lang:
        return terminal
    language = language_asked_for(lang)
    return Terminal(replace(terminal.settings, language=language), Words(language), terminal.who)


def _print_refusals(terminal: Terminal, refused: object) -> None:
    from outreach.services.demo import DemoOutcome

    rows = []
    for outcome in refused if isinstance(refused, tuple) else ():
        assert isinstance(outcome, DemoOutcome)
        rows.append(
            (outcome.number, outcome.reference or "-", terminal.words.say(f"status.{outcome.status}"), outcome.sentence)
        )
    terminal.table(
        ("terminal.column.call", "terminal.column.reference", "terminal.column.status", "terminal.column.reason"),
        rows,
        title=terminal.words.say("terminal.demo.refused"),
    )
