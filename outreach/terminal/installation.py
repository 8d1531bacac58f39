"""``outreach init`` and ``outreach doctor``: an installation set up, and looked over."""

import typer

from outreach.terminal.context import terminal_of
from outreach.terminal.options import JSON


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init", help="help.init")(init)
    app.command("doctor", help="help.doctor")(doctor)


def init(
    ctx: typer.Context,
    demo: bool = typer.Option(False, "--demo", help="help.init.demo"),
    as_json: bool = JSON,
) -> None:
    """Set up a home, or bring it up to date."""
    terminal = terminal_of(ctx)
    if demo:
        from outreach.services.demo import init_demo

        made = init_demo(terminal.settings, terminal.words)
        if as_json:
            terminal.json(made)
            return
        terminal.say("terminal.init.demo", home=str(made.home), city=str(made.city_files))
        return
    from outreach.services.installation import init as set_up

    done = set_up(terminal.settings, terminal.words)
    if as_json:
        terminal.json(done)
        return
    terminal.say(
        "terminal.init.rules_written" if done.rules_written else "terminal.init.rules_kept",
        file=str(terminal.settings.rules_file),
    )
    if done.backup is not None:
        terminal.say("terminal.init.upgraded", file=str(done.backup))
    elif done.database_made:
        terminal.say("terminal.init.database")
    else:
        terminal.say("terminal.init.current")


def doctor(ctx: typer.Context, as_json: bool = JSON) -> None:
    """Say what is wrong with this installation."""
    terminal = terminal_of(ctx)
    from outreach.services.installation import doctor as examine

    found = examine(terminal.settings, terminal.words)
    if as_json:
        terminal.json({"diagnoses": found})
    else:
        for diagnosis in found:
            mark = terminal.words.say(f"doctor.level.{diagnosis.level}")
            typer.echo(f"{mark}  {terminal.words.say(f'doctor.{diagnosis.code}', **diagnosis.values)}")
    if any(diagnosis.level == "error" for diagnosis in found):
        raise typer.Exit(1)
