"""``outreach session``: the van stands at a hall for some hours, and residents book places in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from outreach.terminal.context import Terminal, plain, terminal_of
from outreach.terminal.options import ACCEPT, JSON, KEY, WHY
from outreach.terminal.parsing import clock_of, day_of, point_of, reference_of

if TYPE_CHECKING:
    from outreach.services.sessions import SessionEnded, SessionView


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("add", help="help.session.add")(add)
    app.command("list", help="help.session.list")(list_)
    app.command("show", help="help.session.show")(show)
    app.command("book", help="help.session.book")(book)
    app.command("cancel", help="help.session.cancel")(cancel)


SESSION = typer.Argument(..., metavar="SITE-N", help="help.session.reference")


def add(
    ctx: typer.Context,
    date: str = typer.Argument(..., metavar="DATE", help="help.option.date"),
    name: str = typer.Option(..., "--name", metavar="TEXT", help="help.session.name"),
    opens: str = typer.Option(..., "--from", metavar="HH:MM", help="help.session.from"),
    closes: str = typer.Option(..., "--to", metavar="HH:MM", help="help.session.to"),
    name_en: str = typer.Option("", "--name-en", metavar="TEXT", help="help.session.name_en"),
    address: str = typer.Option("", "--address", metavar="TEXT", help="help.session.address"),
    at: str = typer.Option("", "--at", metavar="LAT,LON", help="help.session.at"),
    van: str = typer.Option("", "--van", metavar="VAN", help="help.session.van"),
    seats: int = typer.Option(1, "--seats", metavar="N", help="help.session.seats"),
    minutes: int = typer.Option(None, "--minutes", metavar="N", help="help.session.minutes"),
    visit_type: str = typer.Option("", "--type", metavar="TYPE", help="help.session.type"),
    why: str = WHY,
    key: str = KEY,
    as_json: bool = JSON,
) -> None:
    """Add a session, if its day can keep it with every promise it has."""
    terminal = terminal_of(ctx)
    from outreach.errors import BadInput
    from outreach.services import sessions

    if minutes == 0:  # to the service it means "as the city's windows"
        raise BadInput("SESSION_MINUTES_IMPOSSIBLE", least=sessions.SHORTEST_MIN, most=sessions.LONGEST_MIN)
    request = sessions.SessionRequest(
        day=day_of(date),
        name=name,
        opens_s=clock_of(opens),
        closes_s=clock_of(closes),
        van=van,
        name_en=name_en,
        address=address,
        at=point_of(at) if at else None,
        seats=seats,
        minutes=minutes or 0,
        visit_type=visit_type.strip().replace("-", "_"),
    )
    done = sessions.add(terminal.office, request, why=why, key=key)
    if as_json:
        terminal.json(done)
        return
    terminal.say(
        "terminal.session.added",
        session=done.reference,
        name=done.named(terminal.words.language),
        date=done.day,
        opens_s=done.opens_s,
        closes_s=done.closes_s,
        van=done.van_name,
        places=done.free,
    )


def list_(
    ctx: typer.Context,
    first: str = typer.Option("", "--from", metavar="DATE", help="help.session.first"),
    last: str = typer.Option("", "--to", metavar="DATE", help="help.session.last"),
    as_json: bool = JSON,
) -> None:
    """List sessions with their places, from today to the end of the horizon without a period."""
    terminal = terminal_of(ctx)
    from outreach.services.sessions import list_sessions

    office, words = terminal.office, terminal.words
    begin = day_of(first) if first else office.clock.today()
    end = day_of(last) if last else max(begin, office.calendar.latest_day(office.now()))
    rows = list_sessions(office, begin, end)
    if as_json:
        terminal.json(rows)
        return
    terminal.table(
        (
            "terminal.column.session",
            "terminal.column.date",
            "terminal.column.hours",
            "terminal.column.hall",
            "terminal.column.van",
            "terminal.column.taken",
            "terminal.column.free",
            "terminal.column.status",
        ),
        (
            (
                row.reference,
                words.date(row.day),
                f"{words.clock(row.opens_s)}-{words.clock(row.closes_s)}",
                row.named(words.language),
                row.van_name,
                row.taken,
                row.free,
                words.say(f"session_state.{row.state}"),
            )
            for row in rows
        ),
    )


def show(ctx: typer.Context, session: str = SESSION, as_json: bool = JSON) -> None:
    """Show one session with everybody in its places."""
    terminal = terminal_of(ctx)
    from outreach.services.sessions import show as look_up

    card, words = look_up(terminal.office, session), terminal.words
    if as_json:
        terminal.json({**_plain(card.session), "guests": plain(card.guests)})
        return
    _head(terminal, card.session)
    terminal.table(
        ("terminal.column.start", "terminal.column.free", "terminal.column.taken"),
        ((words.clock(start.start_s), start.free, start.taken) for start in card.session.starts),
    )
    if not card.guests:
        terminal.say("terminal.session.nobody")
        return
    terminal.table(
        (
            "terminal.column.start",
            "terminal.column.reference",
            "terminal.column.kana",
            "terminal.column.people",
            "terminal.column.service",
            "terminal.column.phone",
            "terminal.column.status",
        ),
        (
            (
                words.clock(guest.start_s),
                guest.reference,
                guest.kana or guest.name,
                guest.people,
                words.say(f"visit_type.{guest.visit_type}"),
                guest.phone,
                words.say(f"place_state.{guest.state}"),
            )
            for guest in card.guests
        ),
    )


def _head(terminal: Terminal, view: SessionView) -> None:
    words = terminal.words
    typer.echo(f"{view.reference}  {words.say(f'session_state.{view.state}')}  {view.named(words.language)}")
    hours = f"{words.clock(view.opens_s)}-{words.clock(view.closes_s)}"
    typer.echo(f"  {words.date(view.day)}  {hours}  {view.van_name}  {view.address}".rstrip())
    if view.visit_type:
        terminal.say("terminal.session.only_for", type=words.say(f"visit_type.{view.visit_type}"))


def book(
    ctx: typer.Context,
    reference: str = typer.Argument(..., metavar="REF", help="help.option.reference"),
    session: str = SESSION,
    start: str = typer.Argument(..., metavar="HH:MM", help="help.session.start"),
    hold: bool = typer.Option(False, "--hold", help="help.session.hold"),
    accept: list[str] = ACCEPT,
    why: str = WHY,
    key: str = KEY,
    as_json: bool = JSON,
) -> None:
    """Promise somebody a place, or hold it; a visit or place they had before is given up for it."""
    terminal = terminal_of(ctx)
    from outreach.services.sessions import hold_place, take_place

    keep = hold_place if hold else take_place
    done = keep(
        terminal.office,
        reference_of(reference),
        session,
        clock_of(start),
        accept=[code.strip().upper() for code in accept],
        why=why,
        key=key,
    )
    until = None if done.until is None else done.until.astimezone(terminal.office.now().tzinfo)
    if as_json:
        terminal.json({**_plain(done), "start": terminal.clock(done.start_s), "until": until and until.isoformat()})
        return
    values = {
        "reference": done.reference,
        "name": done.named(terminal.words.language),
        "session": done.session,
        "date": done.day,
        "start_s": done.start_s,
    }
    if until is not None:
        terminal.say("terminal.session.held", **values, until=f"{until:%H:%M}")
    else:
        terminal.say("terminal.session.booked", **values)
    if done.moved_from is not None:
        day, opens_s, _ = done.moved_from
        terminal.say("terminal.session.instead_of", date=day, opens_s=opens_s)


def cancel(
    ctx: typer.Context,
    session: str = SESSION,
    why: str = typer.Option(..., "--why", metavar="TEXT", help="help.option.why"),
    key: str = KEY,
    as_json: bool = JSON,
) -> None:
    """Cancel a session and list everybody who must be phoned."""
    terminal = terminal_of(ctx)
    from outreach.services.sessions import cancel as end

    done = end(terminal.office, session, why=why, key=key)
    if as_json:
        terminal.json(done)
        return
    terminal.say("terminal.session.cancelled", session=done.reference, date=done.day)
    _tell_ended(terminal, done)


def _tell_ended(terminal: Terminal, done: SessionEnded) -> None:
    for person in done.to_phone:
        terminal.say(
            "terminal.session.broken" if person.reference in done.broken else "terminal.session.let_go",
            reference=person.reference,
            kana=person.kana or person.name,
            phone=person.phone,
            start_s=person.opens_s,
        )
    if done.ghost:
        terminal.progress("terminal.session.ghost", date=done.day)
    if done.published:
        terminal.progress("terminal.session.outdated", date=done.day)


def _plain(value: object) -> dict[str, object]:
    found = plain(value)
    assert isinstance(found, dict)
    return found
