"""``outreach slots``: windows that can be promised, and why others cannot."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date as Date
from typing import TYPE_CHECKING

import typer

from outreach.terminal.context import Terminal, terminal_of
from outreach.terminal.options import ACCEPT, JSON
from outreach.terminal.parsing import day_of, point_of, reference_of, window_of

if TYPE_CHECKING:
    from outreach.services.slots import Ask, NotOffered, Offer, SlotsFound


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("find", help="help.slots.find")(find)
    app.command("explain", help="help.slots.explain")(explain)


REFERENCE = typer.Argument("", metavar="[REF]", help="help.slots.reference")
ADDRESS = typer.Option("", "--address", metavar="TEXT", help="help.slots.address")
PEOPLE = typer.Option("", "--people", metavar="N", help="help.slots.people")
UNDER_15 = typer.Option("", "--under-15", metavar="N", help="help.slots.under_15")
ACCESS = typer.Option("", "--access", metavar="yes|chair|wheelchair|no", help="help.slots.access")
TYPE = typer.Option("", "--type", metavar="TYPE", help="help.slots.type")
TOWN = typer.Option("", "--town", metavar="TEXT", help="help.booking.town")
AT = typer.Option("", "--at", metavar="LAT,LON", help="help.booking.at")
WISH = typer.Option("", "--wish", metavar="TEXT", help="help.slots.wish")


def find(
    ctx: typer.Context,
    reference: str = REFERENCE,
    address: str = ADDRESS,
    people: str = PEOPLE,
    under_15: str = UNDER_15,
    access: str = ACCESS,
    visit_type: str = TYPE,
    town: str = TOWN,
    at: str = AT,
    wish: str = WISH,
    first: str = typer.Option("", "--from", metavar="YYYY-MM-DD", help="help.slots.from"),
    last: str = typer.Option("", "--to", metavar="YYYY-MM-DD", help="help.slots.to"),
    thorough: bool = typer.Option(False, "--thorough", help="help.slots.thorough"),
    limit: int = typer.Option(0, "--limit", metavar="N", min=0, help="help.slots.limit"),
    accept: list[str] = ACCEPT,
    as_json: bool = JSON,
) -> None:
    """List the windows that can be kept."""
    terminal = terminal_of(ctx)
    from outreach.errors import BadInput
    from outreach.services import slots

    begin, end = day_of(first) if first else None, day_of(last) if last else None
    if begin is not None and end is not None and end < begin:
        raise BadInput("PERIOD_BACKWARDS", first=begin, last=end)
    found = slots.find(
        terminal.office,
        _ask(reference, address, people, under_15, access, visit_type, town, at, wish, accept),
        first=begin,
        last=end,
        thorough=thorough,
        most=limit or None,
    )
    _doubt_wish(terminal, wish)
    _show(terminal, found, as_json, none="terminal.slots.none")


def explain(
    ctx: typer.Context,
    reference: str = REFERENCE,
    date: str = typer.Option(..., "--date", metavar="YYYY-MM-DD", help="help.option.date"),
    window: str = typer.Option("", "--window", metavar="HH:MM-HH:MM", help="help.option.window"),
    address: str = ADDRESS,
    people: str = PEOPLE,
    under_15: str = UNDER_15,
    access: str = ACCESS,
    visit_type: str = TYPE,
    town: str = TOWN,
    at: str = AT,
    wish: str = WISH,
    accept: list[str] = ACCEPT,
    as_json: bool = JSON,
) -> None:
    """Say why windows of a day are offered or not."""
    terminal = terminal_of(ctx)
    from outreach.services import slots

    found = slots.explain(
        terminal.office,
        _ask(reference, address, people, under_15, access, visit_type, town, at, wish, accept),
        day_of(date),
        window_of(window) if window else None,
    )
    _doubt_wish(terminal, wish)
    _show(terminal, found, as_json)


def _ask(
    reference: str,
    address: str,
    people: str,
    under_15: str,
    access: str,
    visit_type: str,
    town: str,
    at: str,
    wish: str,
    accept: list[str],
) -> Ask:
    from outreach.errors import BadInput
    from outreach.services.reception import Call
    from outreach.services.slots import Ask

    codes = frozenset(code.strip().upper() for code in accept)
    if reference:
        return Ask(reference=reference_of(reference), wish=wish, accept=codes)
    if not address:
        raise BadInput("ASK_FOR_WHOM")
    given = {
        "address": address,
        "people": people,
        "under_15": under_15,
        "access": access,
        "visit_type": visit_type,
    }
    call = Call(
        answers={field: text for field, text in given.items() if text},
        accept=codes,
        chosen_town=town,
        pin=point_of(at) if at else None,
    )
    return Ask(call=call, wish=wish, accept=codes)


def _doubt_wish(terminal: Terminal, wish: str) -> None:
    """Say what of a wish was not understood: the windows are then offered as if it had not been said."""
    if not wish.strip():
        return
    from bookings.wishes import read_wishes
    from outreach.errors import finding_action, finding_sentence

    for finding in read_wishes(wish, today=terminal.office.clock.today()).findings:
        severity = terminal.words.say(f"severity.{finding.severity.value}")
        typer.echo(f"{severity} {finding.code}: {finding_sentence(finding, terminal.words)}", err=True)
        action = finding_action(finding, terminal.words)
        if action:
            typer.echo(f"    {action}", err=True)


def _show(terminal: Terminal, found: SlotsFound, as_json: bool, *, none: str = "") -> None:
    """Exit status 1 where nothing can be offered; ``none`` is the sentence for it."""
    if as_json:
        terminal.json(slots_as_json(terminal, found))
    else:
        if none and not found.quotes:
            terminal.say(none)
        _print_offers(terminal, found.quotes)
        _print_places(terminal, found)
        print_refused(terminal, found.refused)
    if not found.quotes:
        raise typer.Exit(1)


def _print_offers(terminal: Terminal, offers: Iterable[Offer]) -> None:
    words = terminal.words
    rows = [
        (
            offer.rank,
            words.date(offer.day),
            words.window(offer.opens_s, offer.closes_s),
            -(-offer.detour_s // 60),
            offer.slack_s // 60,
            words.say("terminal.slots.yes" if offer.wished else "terminal.slots.no"),
        )
        for offer in offers
    ]
    if rows:
        columns = ("rank", "day", "slot", "detour", "slack", "wished")
        terminal.table([f"terminal.column.{name}" for name in columns], rows)


def _print_places(terminal: Terminal, found: SlotsFound) -> None:
    words = terminal.words
    for place in found.places:
        typer.echo(
            words.say(
                "terminal.slots.place",
                session=place.session,
                name=place.name_en if words.language == "en" and place.name_en else place.name,
                date=place.day,
                start_s=place.start_s,
                free=place.free,
            )
        )


FOLDED_FROM = 3
"""So many days that are refused in the same words are one line: a screen of them hides what is offered."""


def print_refused(terminal: Terminal, refused: Iterable[NotOffered]) -> None:
    """Each refusal with the sentence to say; windows of a day that have the same sentence together.

    Days that differ in nothing but their date are one line, with the sentence of the first of them.
    """
    from outreach.spoken import say_refusal

    words = terminal.words
    together: dict[tuple[Date, str], list[str]] = {}
    for entry in refused:
        when = "" if entry.opens_s is None else words.window(entry.opens_s, entry.closes_s or 0)
        together.setdefault((entry.day, say_refusal(entry, words)), []).append(when)
    alike: dict[tuple[str, ...], list[Date]] = {}
    for (day, sentence), windows in together.items():
        alike.setdefault((sentence.replace(words.date(day), ""), *windows), []).append(day)
    rows: list[tuple[str, str, str]] = []
    for (day, sentence), windows in together.items():
        days = alike[sentence.replace(words.date(day), ""), *windows]
        when = words.date(day)
        if len(days) >= FOLDED_FROM:
            if day != days[0]:
                continue
            when = words.say("terminal.slots.several_days", first=day, last=days[-1], days=len(days))
        rows.append((when, words.listing([window for window in windows if window]), sentence))
    if rows:
        terminal.table([f"terminal.column.{name}" for name in ("day", "slot", "why_not")], rows)


def slots_as_json(terminal: Terminal, found: SlotsFound) -> dict[str, object]:
    """Quotes and refusals as the format of the issue has them, places of halls beside."""
    from outreach.spoken import say_refusal

    words = terminal.words
    return {
        "quotes": [
            {
                "date": offer.day.isoformat(),
                "window": [words.clock(offer.opens_s), words.clock(offer.closes_s)],
                "detour_s": offer.detour_s,
                "rank": offer.rank,
            }
            for offer in found.quotes
        ],
        "refused": [
            {
                "date": entry.day.isoformat(),
                "window": None
                if entry.opens_s is None
                else [words.clock(entry.opens_s), words.clock(entry.closes_s or 0)],
                "reason": entry.reason,
                "sentence": say_refusal(entry, words),
            }
            for entry in found.refused
        ],
        "places": [
            {
                "session": place.session,
                "name": place.name,
                "date": place.day.isoformat(),
                "start": words.clock(place.start_s),
                "free": place.free,
                "driving_s": place.driving_s,
            }
            for place in found.places
        ],
    }
