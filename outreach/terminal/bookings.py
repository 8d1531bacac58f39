"""``outreach booking``: calls taken, corrected, looked up, confirmed, cancelled, imported."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from outreach.terminal import ledger, promises, records
from outreach.terminal.context import Terminal, plain, print_json, terminal_of
from outreach.terminal.options import ACCEPT, JSON, KEY, REFERENCE, WHY, with_answers
from outreach.terminal.parsing import bytes_of, point_of, reference_of

if TYPE_CHECKING:
    from bookings.findings import Finding
    from outreach.services.reception import Call, Taken
    from outreach.words import Words


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("add", help="help.booking.add")(with_answers(add))
    app.command("edit", help="help.booking.edit")(with_answers(edit))
    app.command("show", help="help.booking.show")(show)
    app.command("list", help="help.booking.list")(list_)
    promises.add_to(app)
    app.command("import", help="help.booking.import")(import_)
    app.command("export-requests", help="help.booking.export_requests")(export_requests)
    app.command("template", help="help.booking.template")(template)
    app.command("erase", help="help.booking.erase")(erase)
    ledger.add_to(app)
    records.add_to(app)


TOWN = typer.Option("", "--town", metavar="TEXT", help="help.booking.town")
AT = typer.Option("", "--at", metavar="LAT,LON", help="help.booking.at")
REASON = typer.Option("", "--household-reason", metavar="TEXT", help="help.booking.household_reason")


def add(
    ctx: typer.Context,
    ask: bool = typer.Option(False, "--ask", help="help.booking.ask"),
    accept: list[str] = ACCEPT,
    town: str = TOWN,
    at: str = AT,
    household_reason: str = REASON,
    key: str = KEY,
    as_json: bool = JSON,
    answers: dict[str, str] | None = None,
) -> None:
    """Take a new booking."""
    terminal = terminal_of(ctx)
    from outreach.services.reception import add as take

    given = dict(answers or {})
    if ask and sys.stdin.isatty():
        given |= _asked(terminal, given)
    call = _call(given, accept, town, at, household_reason, "")
    _tell(terminal, lambda: take(terminal.office, call, key=key), as_json)


def edit(
    ctx: typer.Context,
    reference: str = REFERENCE,
    accept: list[str] = ACCEPT,
    town: str = TOWN,
    at: str = AT,
    household_reason: str = REASON,
    why: str = WHY,
    key: str = KEY,
    as_json: bool = JSON,
    answers: dict[str, str] | None = None,
) -> None:
    """Change or add answers of a booking; a promised window is quoted again where the visit changes."""
    terminal = terminal_of(ctx)
    from outreach.services.reception import edit as change
    from outreach.services.slots import as_edited

    call = _call(answers or {}, accept, town, at, household_reason, why)
    with promises.saying_why_not(terminal, as_json, lambda changed: as_edited(terminal.office, changed, call)):
        _tell(terminal, lambda: change(terminal.office, reference_of(reference), call, key=key), as_json)
    if not as_json:
        _tell_kept(terminal, reference_of(reference))


def _tell_kept(terminal: Terminal, reference: str) -> None:
    """That the window read out before the change is still the one: what the caller asks next."""
    from outreach.services.lookup import show as look_up

    card, words = look_up(terminal.office, reference), terminal.words
    if card.promise is not None:
        day, opens_s, closes_s = card.promise
        terminal.say("terminal.booking.kept", date=day, window=words.window(opens_s, closes_s))


def _call(answers: dict[str, str], accept: list[str], town: str, at: str, reason: str, why: str) -> Call:
    from outreach.services.reception import Call

    return Call(
        answers=answers,
        accept=frozenset(code.strip().upper() for code in accept),
        household_reason=reason,
        chosen_town=town,
        pin=point_of(at) if at else None,
        why=why,
    )


def _asked(terminal: Terminal, given: dict[str, str]) -> dict[str, str]:
    """Ask what was not given as an option, in the order of the script; an empty answer leaves it open."""
    from bookings.answers import SAY_FIRST, SCRIPT

    for key in SAY_FIRST:
        terminal.progress(key)
    found: dict[str, str] = {}
    for question in SCRIPT:
        if question.field in given:
            continue
        label = terminal.words.say(question.word_key)
        if question.choices:
            choices = terminal.words.listing([terminal.words.say(question.choice_key(c)) for c in question.choices])
            label = f"{label} ({choices})"
        text = typer.prompt(label, default="", show_default=False, err=True)
        if text.strip():
            found[question.field] = text
    return found


def _tell(terminal: Terminal, taking: Callable[[], Taken], as_json: bool) -> None:
    """Take a call and print what became of it.

    The exit status is 0 also for a draft that only lacks answers, 1 where something waits for a word or a rule says no,
    and 2 where an answer holds what must never be kept: then nothing is stored.
    """
    from outreach.errors import finding_action, finding_sentence

    words = terminal.words
    try:
        taken = taking()
    except Exception as error:
        if as_json:
            print_nothing_stored(error, words)
        raise
    if as_json:
        terminal.json(
            {
                "reference": taken.reference,
                "status": taken.status.value,
                "findings": told(taken.findings, words),
                "open_answers": list(taken.open_answers),
                "open_confirms": list(taken.open_confirms),
                "refused_by": taken.refused_by,
                "candidates": plain(taken.candidates),
            }
        )
    else:
        terminal.say(
            "terminal.booking.taken", reference=taken.reference, status=words.say(f"status.{taken.status.value}")
        )
        for finding in taken.findings:
            typer.echo(
                f"{words.say(f'severity.{finding.severity.value}')} {finding.code}: {finding_sentence(finding, words)}",
                err=True,
            )
            action = finding_action(finding, words)
            if action:
                typer.echo(f"    {action}", err=True)
        for candidate in taken.candidates:
            typer.echo(f"    ? {candidate.town} {candidate.kana}", err=True)
        if taken.open_confirms:
            terminal.progress("terminal.booking.open_confirms", codes=words.listing(list(taken.open_confirms)))
        if "DUPLICATE_HOUSEHOLD" in taken.open_confirms:
            terminal.progress("terminal.booking.household_reason")
        if taken.open_answers:
            asked = words.listing([words.say(f"answer.{name}") for name in taken.open_answers])
            terminal.progress("terminal.booking.open_answers", answers=asked)
    if not taken.is_good:
        raise typer.Exit(1)


TAKING = ("outreach booking add", "outreach booking edit")
"""Commands whose JSON says also that nothing was stored."""


def print_nothing_stored(error: Exception, words: Words) -> None:
    """Print, where an answer holds what must never be kept, that there is no booking, and why."""
    from bookings.errors import PrivacyError
    from bookings.findings import Finding, Severity

    if isinstance(error, PrivacyError):
        found = Finding(str(error.values["field"]), error.code, Severity.ERROR)
        print_json({"reference": None, "status": None, "findings": told((found,), words)})


def told(findings: Iterable[Finding], words: Words) -> list[dict[str, object]]:
    """Findings as JSON has them, each with its sentence."""
    from outreach.errors import finding_sentence

    return [
        {
            **{
                name: plain(getattr(finding, name)) for name in ("field", "code", "severity", "values", "row", "column")
            },
            "sentence": finding_sentence(finding, words),
        }
        for finding in findings
    ]


def show(ctx: typer.Context, reference: str = REFERENCE, as_json: bool = JSON) -> None:
    """Show one booking with its promise, findings and history."""
    terminal = terminal_of(ctx)
    from bookings.answers import SCRIPT
    from outreach.errors import Because, finding_sentence
    from outreach.services.lookup import show as look_up

    card = look_up(terminal.office, reference_of(reference))
    booking, words = card.booking, terminal.words
    if as_json:
        terminal.json(
            {
                "reference": booking.reference,
                "status": booking.status,
                "promise": _promise(card.promise),
                "answers": booking.answers,
                "town": booking.town,
                "district": booking.district,
                "lat": booking.lat,
                "lon": booking.lon,
                "level": booking.location_level,
                "people": booking.people,
                "open_answers": booking.open_answers,
                "findings": [
                    {"field": f.field, "code": f.code, "severity": f.severity, "accepted_by": f.accepted_by}
                    for f in card.findings
                ],
                "history": [
                    {
                        "at": change.at.astimezone(terminal.office.now().tzinfo).isoformat(),
                        "who": change.who,
                        "channel": change.channel,
                        "what": change.what,
                        "status_before": change.status_before,
                        "status_after": change.status_after,
                        "why": change.why,
                        "details": change.details,
                    }
                    for change in card.history
                ],
            }
        )
        return
    typer.echo(f"{booking.reference}  {words.say(f'status.{booking.status}')}")
    if card.promise is not None:
        day, opens_s, closes_s = card.promise
        typer.echo(f"  {words.date(day)}  {words.window(opens_s, closes_s)}")
    elif booking.status == "held":
        typer.echo(f"  {words.say('terminal.booking.hold_over')}")
    for question in SCRIPT:
        answer = booking.answers.get(question.field, "")
        if answer in question.choices:
            answer = words.say(question.choice_key(answer))
        if answer or question.field in booking.open_answers:
            typer.echo(f"  {words.say(question.word_key)}: {answer or words.say('terminal.open')}")
    for finding in card.findings:
        accepted = f"  ({words.say('terminal.accepted_by', who=finding.accepted_by)})" if finding.accepted_by else ""
        sentence = finding_sentence(Because(finding.code, finding.details), words)
        typer.echo(f"  {words.say(f'severity.{finding.severity}')} {finding.code}: {sentence}{accepted}")
    for change in card.history:
        at = change.at.astimezone(terminal.office.now().tzinfo)
        status = words.say(f"status.{change.status_after}") if change.status_after else ""
        typer.echo(
            f"  {at:%Y-%m-%d %H:%M}  {change.who}  {words.say(f'history.{change.what}')}  {status}  {change.why}"
        )


def _promise(promise: tuple[object, int, int] | None) -> object:
    if promise is None:
        return None
    from routing.problem import clock_text

    return {"date": str(promise[0]), "window": [clock_text(promise[1]), clock_text(promise[2])]}


def list_(
    ctx: typer.Context,
    status: list[str] = typer.Option([], "--status", metavar="STATUS", help="help.booking.status"),
    search: str = typer.Option("", "--search", metavar="TEXT", help="help.booking.search"),
    town: str = typer.Option("", "--in-town", metavar="TEXT", help="help.booking.in_town"),
    limit: int = typer.Option(200, "--limit", metavar="N", min=1, max=10000, help="help.booking.limit"),
    as_json: bool = JSON,
) -> None:
    """List bookings, the newest first."""
    terminal = terminal_of(ctx)
    from outreach.services.lookup import Search, find, status_of

    statuses = frozenset(status_of(text) for text in status)
    rows = find(terminal.office, Search(statuses=statuses, text=search, town=town, limit=limit))
    words = terminal.words
    if as_json:
        terminal.json(
            [
                {
                    "reference": b.reference,
                    "status": b.status,
                    "town": b.town,
                    "people": b.people,
                    "visit_type": b.visit_type,
                    "received_at": b.received_at.astimezone(terminal.office.now().tzinfo).isoformat(),
                }
                for b in rows
            ]
        )
        return
    terminal.table(
        (
            "terminal.column.reference",
            "terminal.column.status",
            "terminal.column.kana",
            "terminal.column.town",
            "terminal.column.people",
            "terminal.column.wishes",
        ),
        (
            (b.reference, words.say(f"status.{b.status}"), b.kana or b.name, b.town, b.people, b.wishes_text)
            for b in rows
        ),
    )


def import_(
    ctx: typer.Context,
    file: Path = typer.Argument(..., metavar="FILE", help="help.booking.file"),
    accept: list[str] = ACCEPT,
    dry_run: bool = typer.Option(False, "--dry-run", help="help.booking.dry_run"),
    as_json: bool = JSON,
) -> None:
    """Take bookings from a CSV or XLSX file, all or nothing."""
    terminal = terminal_of(ctx)
    from outreach.errors import finding_sentence
    from outreach.services.booking_import import import_bookings

    codes = [code.strip().upper() for code in accept]
    done = import_bookings(terminal.office, bytes_of(file), name=file.name, accept=codes, dry_run=dry_run)
    if as_json:
        terminal.json(
            {
                "rows": done.rows,
                "known": done.known,
                "references": list(done.references),
                "statuses": [status.value for status in done.statuses],
                "findings": told(done.findings, terminal.words),
            }
        )
        return
    terminal.say("terminal.booking.dry_run" if dry_run else "terminal.booking.imported", rows=done.rows)
    if done.known:
        terminal.say("terminal.booking.known_requests", requests=done.known)
    for finding in done.findings:
        typer.echo(f"{finding.code}: {finding_sentence(finding, terminal.words)}", err=True)


def export_requests(
    ctx: typer.Context,
    file: Path = typer.Argument(..., metavar="FILE", help="help.booking.requests_file"),
    again: bool = typer.Option(False, "--again", help="help.booking.again"),
    as_json: bool = JSON,
) -> None:
    """Write what the public form took that stands alone, as a file for ``booking import``."""
    terminal = terminal_of(ctx)
    from outreach.services.handing_over import export_requests as write

    done = write(terminal.office, file, terminal.words, again=again)
    if as_json:
        terminal.json(done)
        return
    terminal.say("terminal.booking.exported_requests", requests=len(done.numbers))
    terminal.progress("terminal.written", file=str(file))


def template(
    ctx: typer.Context,
    out: Path = typer.Argument(Path("bookings.xlsx"), metavar="FILE", help="help.booking.template_file"),
) -> None:
    """Write the empty file for ``booking import`` (XLSX, or CSV by its ending)."""
    terminal = terminal_of(ctx)
    from outreach.services.booking_import import template as make
    from outreach.services.publishing import write_together

    write_together(out.parent, {out.name: make(terminal.words, as_csv=out.suffix.lower() == ".csv")})
    terminal.progress("terminal.written", file=str(out))


def erase(
    ctx: typer.Context,
    dry_run: bool = typer.Option(False, "--dry-run", help="help.booking.dry_run"),
    as_json: bool = JSON,
) -> None:
    """Erase personal data of bookings that ended longer ago than the rules let it be kept (for a nightly cron line)."""
    terminal = terminal_of(ctx)
    from outreach.services.retention import erase_due

    done = erase_due(terminal.office, dry_run=dry_run)
    if as_json:
        terminal.json(done)
        return
    key = "terminal.booking.would_erase" if dry_run else "terminal.booking.erased"
    terminal.say(key, bookings=len(done.references), days=len(done.days), before=done.before)
