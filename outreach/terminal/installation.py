"""``outreach init``, ``doctor``, ``backup``, ``restore``: an installation set up, looked over, copied, put back."""

from pathlib import Path

import typer

from outreach.terminal.context import terminal_of
from outreach.terminal.options import JSON


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init", help="help.init")(init)
    app.command("doctor", help="help.doctor")(doctor)
    app.command("backup", help="help.backup")(backup)
    app.command("restore", help="help.restore")(restore)


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


def backup(
    ctx: typer.Context,
    to: Path = typer.Option(None, "--to", metavar="DIR", help="help.backup.to"),
    as_json: bool = JSON,
) -> None:
    """Copy the database."""
    terminal = terminal_of(ctx)
    from outreach.services import backups

    made = backups.make(terminal.settings, to)
    if as_json:
        terminal.json(made)
        return
    terminal.say("terminal.backup.made", file=str(made.file), kilobytes=-(-made.size_bytes // 1024))


def restore(
    ctx: typer.Context,
    file: Path = typer.Argument(..., metavar="FILE", help="help.restore.file"),
    as_json: bool = JSON,
) -> None:
    """Put a backup back."""
    terminal = terminal_of(ctx)
    from outreach.services import backups

    done = backups.restore(terminal.settings, file)
    if as_json:
        terminal.json(done)
        return
    terminal.say("terminal.restore.done", file=str(done.file), revision=done.revision)
