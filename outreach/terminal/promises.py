"""``outreach booking``: windows held for a caller, promised, moved and given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from outreach.terminal.context import Terminal, plain, terminal_of
from outreach.terminal.options import ACCEPT, JSON, KEY, REFERENCE, WHY
from outreach.terminal.parsing import day_of, reference_of, window_of

if TYPE_CHECKING:
    from outreach.services.slots import Ask


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("hold", help="help.booking.hold")(hold)
    app.command("confirm", help="help.booking.confirm")(confirm)
    app.command("move", help="help.booking.move")(move)
    app.command("cancel", help="help.booking.cancel")(cancel)


DATE = typer.Option(..., "--date", metavar="YYYY-MM-DD", help="help.option.date")
WINDOW = typer.Option(..., "--window", metavar="HH:MM-HH:MM", help="help.option.window")


def hold(
    ctx: typer.Context,
    reference: str = REFERENCE,
    date: str = DATE,
    window: str = WINDOW,
    accept: list[str] = ACCEPT,
    why: str = WHY,
    key: str = KEY,
    as_json: bool = JSON,
) -> None:
    """Keep a window for the caller for a few minutes."""
    terminal = terminal_of(ctx)
    from outreach.services import desk

    with saying_why_not(terminal, as_json):
        done = desk.hold(
            terminal.office,
            reference_of(reference),
            day_of(date),
            window_of(window),
            accept=_codes(accept),
            why=why,
            key=key,
        )
    until = done.until.astimezone(terminal.office.now().tzinfo)
    if as_json:
        terminal.json({**_plain(terminal, done), "until": until.isoformat()})
        return
    terminal.say(
        "terminal.booking.held",
        reference=done.reference,
        date=done.day,
        opens_s=done.opens_s,
        closes_s=done.closes_s,
        until=f"{until:%H:%M}",
    )


def confirm(
    ctx: typer.Context,
    reference: str = REFERENCE,
    date: str = typer.Option("", "--date", metavar="YYYY-MM-DD", help="help.option.date"),
    window: str = typer.Option("", "--window", metavar="HH:MM-HH:MM", help="help.option.window"),
    accept: list[str] = ACCEPT,
    why: str = WHY,
    key: str = KEY,
    as_json: bool = JSON,
) -> None:
    """Promise the window that is held, or the one named; it is kept with every window promised before."""
    terminal = terminal_of(ctx)
    from outreach.errors import BadInput
    from outreach.services import desk

    if bool(date) != bool(window):
        raise BadInput("DATE_AND_WINDOW")
    with saying_why_not(terminal, as_json):
        done = desk.confirm(
            terminal.office,
            reference_of(reference),
            day_of(date) if date else None,
            window_of(window) if window else None,
            accept=_codes(accept),
            why=why,
            key=key,
        )
    _tell_confirmed(terminal, done, as_json)


def move(
    ctx: typer.Context,
    reference: str = REFERENCE,
    date: str = DATE,
    window: str = WINDOW,
    accept: list[str] = ACCEPT,
    why: str = WHY,
    key: str = KEY,
    as_json: bool = JSON,
) -> None:
    """Move a promised booking to another window."""
    terminal = terminal_of(ctx)
    from outreach.services import desk

    with saying_why_not(terminal, as_json):
        done = desk.move(
            terminal.office,
            reference_of(reference),
            day_of(date),
            window_of(window),
            accept=_codes(accept),
            why=why,
            key=key,
        )
    _tell_confirmed(terminal, done, as_json)


def cancel(
    ctx: typer.Context,
    reference: str = REFERENCE,
    why: str = WHY,
    key: str = KEY,
    as_json: bool = JSON,
) -> None:
    """Cancel a booking; a promised window becomes free."""
    terminal = terminal_of(ctx)
    from outreach.services import desk

    done = desk.cancel(terminal.office, reference_of(reference), why=why, key=key)
    if as_json:
        terminal.json(done)
        return
    terminal.say("terminal.booking.cancelled", reference=done.reference)
    if done.freed_day is not None:
        terminal.say("terminal.booking.freed", date=done.freed_day)
    if done.waiting:
        terminal.say("terminal.booking.waiting_fits", reference=done.waiting)
    if done.late:
        terminal.progress("terminal.booking.late_cancel", date=done.freed_day)
    if done.published:
        terminal.progress("terminal.plan.outdated")


@contextmanager
def saying_why_not(terminal: Terminal, as_json: bool, asking: Callable[[str], Ask] | None = None) -> Iterator[None]:
    """Beside the refusal of a window: the sentence to say, and windows that work instead.

    Args:
        asking: for whom windows are looked for instead, by reference; the booking as it stands when not given.
    """
    from outreach.services.desk import WindowRefused

    try:
        yield
    except WindowRefused as error:
        from outreach.services.slots import Ask, refusal_of
        from outreach.spoken import say_refusal

        words = terminal.words
        reference = str(error.values["reference"])
        ask = Ask(reference) if asking is None else asking(reference)
        refused, instead = refusal_of(terminal.office, error, ask)
        sentence = say_refusal(refused, words)
        if as_json:
            near = [{"date": s.day, "window": [words.clock(s.opens_s), words.clock(s.closes_s)]} for s in instead]
            terminal.json({"code": error.code, "reason": refused.reason, "sentence": sentence, "instead": near})
        else:
            terminal.say("terminal.booking.say", sentence=sentence)
            for slot in instead:
                shown = words.say(
                    "terminal.slots.read_window", date=slot.day, opens_s=slot.opens_s, closes_s=slot.closes_s
                )
                typer.echo(f"  {shown}")
        raise


def _tell_confirmed(terminal: Terminal, done: object, as_json: bool) -> None:
    from outreach.services.desk import Confirmation

    assert isinstance(done, Confirmation)
    if as_json:
        terminal.json(_plain(terminal, done))
        return
    if done.requoted:
        terminal.say("terminal.booking.requoted")
    terminal.say(
        "terminal.booking.confirmed",
        reference=done.reference,
        date=done.day,
        opens_s=done.opens_s,
        closes_s=done.closes_s,
    )
    if done.moved_from is not None:
        day, opens_s, closes_s = done.moved_from
        if opens_s == closes_s:  # a place at a hall: a time, no window
            terminal.say("terminal.session.instead_of", date=day, opens_s=opens_s)
        else:
            terminal.say("terminal.booking.moved", date=day, opens_s=opens_s, closes_s=closes_s)


def _plain(terminal: Terminal, done: object) -> dict[str, object]:
    shown = plain(done)
    assert isinstance(shown, dict)
    return {**shown, "window": [terminal.clock(shown["opens_s"]), terminal.clock(shown["closes_s"])]}


def _codes(accept: list[str]) -> list[str]:
    return [code.strip().upper() for code in accept]
