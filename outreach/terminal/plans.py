"""``outreach plan``: a day's plan made, improved, shown, checked, pinned, explained, exported, published, reopened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from outreach.terminal.certificates import plan_json, said
from outreach.terminal.context import Terminal, plain, terminal_of
from outreach.terminal.options import JSON, VERSION, WHY
from outreach.terminal.parsing import day_of, reference_of

if TYPE_CHECKING:
    from outreach.services.improving import Improvement
    from outreach.services.planning import PlanView

DAY = typer.Argument(..., metavar="DATE", help="help.option.date")


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("make", help="help.plan.make")(make)
    app.command("show", help="help.plan.show")(show)
    app.command("check", help="help.plan.check")(check)
    app.command("export", help="help.plan.export")(export)
    app.command("improve", help="help.plan.improve")(improve)
    app.command("publish", help="help.plan.publish")(publish)
    app.command("reopen", help="help.plan.reopen")(reopen)
    app.command("pin", help="help.plan.pin")(pin)
    app.command("explain", help="help.plan.explain")(explain)


def make(
    ctx: typer.Context,
    date: str = DAY,
    seconds: float = typer.Option(None, "--seconds", metavar="N", min=0.1, max=3600.0, help="help.plan.seconds"),
    accept_broken: bool = typer.Option(False, "--accept-broken", help="help.plan.accept_broken"),
    why: str = WHY,
    as_json: bool = JSON,
) -> None:
    """Plan a day anew; promises are kept, waiting bookings proposed where they fit."""
    terminal = terminal_of(ctx)
    from outreach.services.planning import PromisesConflict
    from outreach.services.planning import make as plan

    budget = seconds or terminal.office.rules.solver.make_seconds
    terminal.progress("terminal.plan.searching", seconds=f"{budget:g}")
    try:
        view = plan(terminal.office, day_of(date), seconds=seconds, accept_broken=accept_broken, why=why)
    except PromisesConflict as conflict:
        if as_json:
            terminal.json({"stored": False, "code": conflict.code, **conflict.values, "to_phone": conflict.to_phone})
        raise
    _show(terminal, view, as_json)


def improve(
    ctx: typer.Context,
    date: str = typer.Argument("", metavar="[DATE]", help="help.plan.improve_date"),
    first: str = typer.Option("", "--from", metavar="DATE", help="help.plan.improve_from"),
    last: str = typer.Option("", "--to", metavar="DATE", help="help.plan.improve_to"),
    seconds: float = typer.Option(
        None, "--seconds", metavar="N", min=0.1, max=3600.0, help="help.plan.improve_seconds"
    ),
    as_json: bool = JSON,
) -> None:
    """Search standing plans again for less driving; no promised window moves."""
    terminal = terminal_of(ctx)
    from outreach.errors import BadInput
    from outreach.services.improving import improve as search
    from outreach.terminal.rechecked import end_broken, tell_rechecked

    if date and (first or last):
        raise BadInput("DATE_OR_PERIOD")
    done = search(
        terminal.office,
        first=day_of(date or first) if date or first else None,
        last=day_of(date or last) if date or last else None,
        seconds=seconds,
        progress=lambda day, number, count: terminal.progress(
            "terminal.improve.searching", date=day, number=number, count=count
        ),
    )
    looked_at = [day.rechecked for day in done.days if day.rechecked is not None]
    tell_rechecked(terminal, looked_at)
    if as_json:
        days = [{**plain(day), "saved_s": day.saved_s} for day in done.days]
        terminal.json({"lapsed": done.lapsed, "unmet": done.unmet, "days": days})
    else:
        _print_improved(terminal, done)
    end_broken(looked_at)


def _print_improved(terminal: Terminal, done: Improvement) -> None:
    words = terminal.words
    if done.days:
        terminal.table(
            (
                "terminal.column.date",
                "terminal.column.driving_before",
                "terminal.column.driving_after",
                "terminal.column.ghosts_freed",
                "terminal.column.result",
                "terminal.column.certificate",
            ),
            (
                (
                    words.date(day.day),
                    words.say("terminal.improve.minutes", seconds=day.before_s),
                    words.say("terminal.improve.minutes", seconds=day.after_s),
                    words.listing(list(day.ghosts_freed)),
                    words.say(f"terminal.improve.skipped.{day.skipped.value}")
                    if day.skipped is not None and day.version is None
                    else words.say(f"terminal.improve.result.{day.result.value}"),
                    "" if day.statement is None else said(terminal, day.statement),
                )
                for day in done.days
            ),
        )
    terminal.say(
        "terminal.improve.total",
        days=len(done.days),
        saved_s=sum(day.saved_s for day in done.days if day.rechecked is None),
        lapsed=len(done.lapsed),
        unmet=len(done.unmet),
    )


def show(ctx: typer.Context, date: str = DAY, version: str = VERSION, as_json: bool = JSON) -> None:
    """Show a stored version of a day's plan."""
    terminal = terminal_of(ctx)
    from outreach.services.planning import show as look_up

    _show(terminal, look_up(terminal.office, day_of(date), version), as_json)


def _show(terminal: Terminal, view: PlanView, as_json: bool) -> None:
    if as_json:
        import json

        from outreach.services.publishing import unassigned_words
        from routing.files import write_plan

        terminal.json(
            {
                "date": view.day,
                "version": view.number,
                "made_by": view.made_by,
                "sha256": view.sha256,
                "standing": view.standing,
                "published": view.published,
                "closed": view.closed,
                "published_version": view.published_number,
                "outdated": view.outdated,
                "proposals": view.proposals,
                "broken": [person.reference for person in view.broken],
                "certificate": plan_json(terminal, view.plan, view.statement),
                "plan": json.loads(write_plan(view.plan, unassigned_words(terminal.settings.language))),
            }
        )
        return
    words = terminal.words
    terminal.say("terminal.plan.head", date=view.day, version=view.number, sha256=view.sha256[:10])
    terminal.say("terminal.plan.state.published" if view.published else "terminal.plan.state.standing")
    if view.outdated:
        terminal.say("terminal.recheck.published_outdated", version=view.published_number)
    print_plan(terminal, view)
    for left in view.plan.unassigned:
        typer.echo(f"  {left.visit}: {words.say(f'reason.{left.reason.value}.sentence', **left.values)}")
    if view.proposals:
        terminal.say("terminal.plan.proposals", references=words.listing(list(view.proposals)))
    for person in view.broken:
        terminal.say(
            "terminal.plan.broken",
            reference=person.reference,
            kana=person.kana or person.name,
            phone=person.phone,
            opens_s=person.opens_s,
            closes_s=person.closes_s,
        )


def print_plan(terminal: Terminal, view: PlanView) -> None:
    """The routes as a table: one line a stop, by reference."""
    words = terminal.words
    rows: list[tuple[object, ...]] = []
    for route in view.plan.routes:
        van = view.vans.get(route.shift, route.shift)
        rows.append((van, "", words.say("terminal.plan.departs"), "", words.clock(route.start_s), ""))
        shown_break = route.break_ is None
        for number, stop in enumerate(route.stops, start=1):
            if route.break_ is not None and not shown_break and route.break_.start_s < stop.start_s:
                rows.append(_break_row(terminal, route.break_.start_s, route.break_.end_s))
                shown_break = True
            window = view.problem.visit_by_id[stop.visit].windows[0]
            role = view.roles.get(stop.visit, "promised")
            promised = words.window(window.opens_s, window.closes_s)
            rows.append(
                (
                    "",
                    number,
                    f"{stop.visit} {view.towns.get(stop.visit, '')}",
                    promised if role == "promised" else words.say(f"stop_role.{role}"),
                    words.clock(stop.arrive_s),
                    f"{words.clock(stop.start_s)}-{words.clock(stop.depart_s)}",
                )
            )
        if route.break_ is not None and not shown_break and route.break_.start_s < route.end_s:
            rows.append(_break_row(terminal, route.break_.start_s, route.break_.end_s))
            shown_break = True
        rows.append(("", "", words.say("terminal.plan.returns"), "", words.clock(route.end_s), ""))
        if route.break_ is not None and not shown_break:
            rows.append(_break_row(terminal, route.break_.start_s, route.break_.end_s))
    terminal.table(
        (
            "terminal.column.van",
            "terminal.column.number",
            "terminal.column.stop",
            "terminal.column.window",
            "terminal.column.arrive",
            "terminal.column.service",
        ),
        rows,
    )
    terminal.say(
        "terminal.plan.total",
        stops=sum(len(route.stops) for route in view.plan.routes),
        vans=len(view.plan.routes),
        travel_s=view.plan.travel_s,
    )
    terminal.say("terminal.certificate.plan", statement=said(terminal, view.statement))
    if view.problem.travel_source == "estimate":
        terminal.say("terminal.plan.estimate")


def _break_row(terminal: Terminal, start_s: int, end_s: int) -> tuple[object, ...]:
    words = terminal.words
    return ("", "", words.say("terminal.plan.break"), "", words.clock(start_s), f"-{words.clock(end_s)}")


def check(ctx: typer.Context, date: str = DAY, version: str = VERSION, as_json: bool = JSON) -> None:
    """Check a stored plan against the day as it is now."""
    terminal = terminal_of(ctx)
    from outreach.services.planning import check_standing
    from outreach.terminal.files import print_violations

    print_violations(terminal, check_standing(terminal.office, day_of(date), version), as_json)


def export(
    ctx: typer.Context,
    date: str = DAY,
    out: Path = typer.Option(Path("."), "--out", metavar="DIR", help="help.option.out"),
    version: str = VERSION,
    as_json: bool = JSON,
) -> None:
    """Write a version as day and plan files."""
    terminal = terminal_of(ctx)
    from outreach.services.publishing import export as write

    written = write(terminal.office, day_of(date), out, version=version)
    if as_json:
        terminal.json(written)
        return
    for name in written.files:
        typer.echo(str(out / name))


def publish(ctx: typer.Context, date: str = DAY, why: str = WHY, as_json: bool = JSON) -> None:
    """Publish the standing plan: files for crews and call centre; the day closes to new promises."""
    terminal = terminal_of(ctx)
    from outreach.services.publishing import publish as release

    done = release(terminal.office, day_of(date), language=terminal.settings.language, why=why)
    if as_json:
        terminal.json(done)
        return
    terminal.say("terminal.plan.published", date=done.day, version=done.number)
    for name in done.files:
        typer.echo(f"  {done.folder / name}")


def reopen(ctx: typer.Context, date: str = DAY, why: str = WHY, as_json: bool = JSON) -> None:
    """Open a published day to promises again; a reason is needed."""
    terminal = terminal_of(ctx)
    from outreach.services.planning import reopen as open_again

    open_again(terminal.office, day_of(date), why=why)
    if as_json:
        terminal.json({"date": day_of(date), "closed": False})
        return
    terminal.say("terminal.plan.reopened", date=day_of(date))


def pin(
    ctx: typer.Context,
    date: str = DAY,
    reference: str = typer.Argument(..., metavar="REF", help="help.option.reference"),
    van: str = typer.Option("", "--van", metavar="VAN", help="help.plan.van"),
    free: bool = typer.Option(False, "--free", help="help.plan.free"),
    why: str = WHY,
    as_json: bool = JSON,
) -> None:
    """Fix a promised visit to one van, or free it."""
    terminal = terminal_of(ctx)
    from outreach.errors import BadInput
    from outreach.services.planning import pin as fix

    if bool(van) == free:
        raise BadInput("PIN_VAN_OR_FREE")
    view = fix(terminal.office, day_of(date), reference_of(reference), None if free else van, why=why)
    _show(terminal, view, as_json)


def explain(
    ctx: typer.Context,
    reference: str = typer.Argument(..., metavar="REF", help="help.option.reference"),
    as_json: bool = JSON,
) -> None:
    """Say why a visit is on its van at its time, or on none."""
    terminal = terminal_of(ctx)
    from outreach.services.planning import explain as reason
    from routing.plan import Unassigned

    view, found = reason(terminal.office, reference_of(reference))
    words = terminal.words
    if as_json:
        terminal.json({"date": view.day, "version": view.number, "explanation": found})
        return
    if isinstance(found, Unassigned):
        typer.echo(words.say(f"reason.{found.reason.value}.sentence", **found.values))
        typer.echo(words.say(f"reason.{found.reason.value}.action", **found.values))
        return
    terminal.say(
        "terminal.explain.stop",
        reference=found.visit,
        date=view.day,
        van=view.vans.get(found.shift, found.shift),
        start_s=found.start_s,
        detour_s=found.detour_s,
    )
    terminal.say("terminal.explain.slack", latest_start_s=found.latest_start_s, slack_s=found.slack_s)
    for other in found.elsewhere:
        van = view.vans.get(other.shift, other.shift)
        if other.detour_s is None:
            terminal.say("terminal.explain.not_on", van=van, why=words.say(f"not_on.{other.code}", **other.values))
        else:
            terminal.say("terminal.explain.also_on", van=van, detour_s=other.detour_s)
