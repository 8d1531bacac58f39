"""``outreach solve`` and ``outreach check``: a day and its plan as files, without a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from outreach.terminal.certificates import certificate_json, said
from outreach.terminal.context import Terminal, terminal_of
from outreach.terminal.options import JSON
from outreach.terminal.parsing import bytes_of

if TYPE_CHECKING:
    from outreach.services.exchange import Certified
    from routing.check import Violation


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("solve", help="help.solve")(solve)
    app.command("check", help="help.check")(check)


def solve(
    ctx: typer.Context,
    day: Path = typer.Argument(None, metavar="DAY.json", help="help.solve.day"),
    out: Path = typer.Option(None, "--out", metavar="PLAN.json", help="help.solve.out"),
    seconds: float = typer.Option(10.0, "--seconds", metavar="N", min=0.1, max=3600.0, help="help.solve.seconds"),
    schema: bool = typer.Option(False, "--schema", help="help.solve.schema"),
) -> None:
    """Solve a day file and print or write the plan."""
    terminal = terminal_of(ctx)
    if schema:
        from routing.schema import schemas_text

        typer.echo(schemas_text(), nl=False)
        return
    if day is None:
        from outreach.errors import BadInput

        raise BadInput("DAY_FILE_NEEDED")
    from outreach.services.exchange import solve_file
    from outreach.services.publishing import write_together

    solved = solve_file(bytes_of(day), seconds=seconds, language=terminal.settings.language)
    if out is None:
        typer.echo(solved.text)
    else:
        write_together(out.parent, {out.name: solved.text.encode("utf-8")})
        terminal.progress("terminal.written", file=str(out))
    terminal.progress("terminal.certificate.plan", statement=said(terminal, solved.statement))
    if not solved.found:
        raise typer.Exit(1)


def check(
    ctx: typer.Context,
    day: Path = typer.Argument(..., metavar="DAY.json", help="help.check.day"),
    plan: Path = typer.Argument(..., metavar="PLAN.json", help="help.check.plan"),
    certificate: bool = typer.Option(False, "--certificate", help="help.check.certificate"),
    as_json: bool = JSON,
) -> None:
    """Check a plan file against its day file with code that did not make it."""
    terminal = terminal_of(ctx)
    from outreach.services.exchange import certify_files, check_files

    if not certificate:
        print_violations(terminal, check_files(bytes_of(day), bytes_of(plan)), as_json)
        return
    certified = certify_files(bytes_of(day), bytes_of(plan))
    if as_json:
        shown = {"violations": _violations(certified.violations), "certificate": certificate_json(terminal, certified)}
        terminal.json(shown)
    else:
        _say_violations(terminal, certified.violations)
        _say_certificate(terminal, certified)
    if certified.violations or not certified.checked.holds:
        raise typer.Exit(1)


def _say_certificate(terminal: Terminal, certified: Certified) -> None:
    """What the plan claims, and what adding up and trying everything say of it."""
    plan, checked = certified.plan, certified.checked
    terminal.say("terminal.certificate.plan", statement=said(terminal, certified.statement))
    if checked.derived_s is not None:
        key = "objective_right" if checked.objective_is_right else "objective_wrong"
        terminal.say(f"terminal.certificate.{key}", derived_s=checked.derived_s, objective_s=plan.objective_s)
    terminal.say(
        f"terminal.certificate.{checked.verdict.value}", optimum_s=checked.optimum_s, objective_s=checked.derived_s
    )
    for shift, visits in checked.better:
        typer.echo(f"  {shift}: {terminal.words.listing(visits)}")


def print_violations(terminal: Terminal, violations: tuple[Violation, ...], as_json: bool) -> None:
    """Print what a checker found, one line each; the exit status is 1 where it found anything."""
    if as_json:
        terminal.json({"violations": _violations(violations)})
    else:
        _say_violations(terminal, violations)
    if violations:
        raise typer.Exit(1)


def _violations(violations: tuple[Violation, ...]) -> list[dict[str, object]]:
    return [{"code": v.code, "visit": v.visit, "shift": v.shift, "values": v.values} for v in violations]


def _say_violations(terminal: Terminal, violations: tuple[Violation, ...]) -> None:
    for violation in violations:
        sentence = terminal.words.say(
            f"violation.{violation.code.value}.sentence",
            **{"visit": violation.visit or "", "shift": violation.shift or "", **violation.values},
        )
        typer.echo(f"{violation.code.value}: {sentence}")
    if not violations:
        terminal.say("terminal.check.silent")
