"""``outreach booking ledger`` and ``outreach booking decline``: what came of every contact, and "none suited"."""

from __future__ import annotations

import errno
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from outreach.terminal.context import Terminal, terminal_of
from outreach.terminal.options import JSON, KEY, REFERENCE, WHY
from outreach.terminal.parsing import day_of, reference_of

if TYPE_CHECKING:
    from outreach.services.ledger import Axis, Ledger, Tally


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("decline", help="help.booking.decline")(decline)
    app.command("ledger", help="help.booking.ledger")(ledger)


class Breakdown(StrEnum):
    """What ``--by`` takes: the axes of the ledger, known here without loading it."""

    REASON = "reason"
    DISTRICT = "district"
    CHANNEL = "channel"
    AGE = "age"


_CODE_NAMES = {"reason": "result", "district": "district", "channel": "channel", "age": "age_band"}
"""What a line of each breakdown is called in JSON, and by its column."""

_COUNTS = ("contacts", "people", "people_unknown")


def decline(
    ctx: typer.Context,
    reference: str = REFERENCE,
    why: str = WHY,
    key: str = KEY,
    as_json: bool = JSON,
) -> None:
    """Keep that none of the windows read out suited."""
    terminal = terminal_of(ctx)
    from outreach.services.ledger import decline as keep_declined

    done = keep_declined(terminal.office, reference_of(reference), why=why, key=key)
    if as_json:
        terminal.json(done)
        return
    terminal.say("terminal.ledger.declined", reference=done.reference)


def ledger(
    ctx: typer.Context,
    first: str = typer.Option(..., "--from", metavar="DATE", help="help.ledger.from"),
    last: str = typer.Option(..., "--to", metavar="DATE", help="help.ledger.to"),
    by: Breakdown = typer.Option(None, "--by", metavar="reason|district|channel|age", help="help.ledger.by"),
    out: Path = typer.Option(None, "--out", metavar="FILE", help="help.ledger.out"),
    as_json: bool = JSON,
) -> None:
    """Count every contact of a period by what came of it."""
    terminal = terminal_of(ctx)
    from outreach.services.ledger import Axis
    from outreach.services.ledger import ledger as count

    counted = count(terminal.office, day_of(first), day_of(last))
    axes = tuple(Axis) if by is None else (Axis(by.value),)
    if out is not None:
        _write(terminal, counted, out)
    if as_json:
        terminal.json(_as_json(counted, axes, whole=by is None))
        return
    terminal.say("terminal.ledger.head", first=counted.first, last=counted.last, contacts=counted.total.contacts)
    if counted.total.contacts:
        for axis in axes:
            _table(terminal, counted, axis)


def _write(terminal: Terminal, counted: Ledger, out: Path) -> None:
    """Write the cross table; a folder of that name is left alone."""
    from outreach.services.ledger import ledger_csv
    from outreach.services.publishing import write_together

    if out.is_dir():
        raise IsADirectoryError(errno.EISDIR, "a folder where a file is to be written")
    write_together(out.parent, {out.name: ledger_csv(counted, terminal.words)})
    terminal.progress("terminal.written", file=str(out))
    terminal.progress("terminal.ledger.internal")


def _as_json(counted: Ledger, axes: tuple[Axis, ...], *, whole: bool) -> dict[str, object]:
    """The ledger as JSON has it: codes, ``null`` for what is not known; the cross table only with all breakdowns."""
    shown: dict[str, object] = {"from": counted.first, "to": counted.last, **_counts(counted.total)}
    for axis in axes:
        shown[f"by_{axis.value}"] = [
            {
                _CODE_NAMES[axis.value]: line.code,
                **({"rule": line.rule} if axis.value == Breakdown.REASON else {}),
                **_counts(line.tally),
            }
            for line in counted.by(axis)
        ]
    if whole:
        shown["rows"] = [
            {
                "result": contact.result,
                "rule": contact.rule,
                "district": contact.district,
                "channel": contact.channel,
                "age_band": contact.age_band,
                **_counts(tally),
            }
            for contact, tally in counted.rows
        ]
    return shown


def _counts(tally: Tally) -> dict[str, object]:
    return {name: getattr(tally, name) for name in _COUNTS}


def _table(terminal: Terminal, counted: Ledger, axis: Axis) -> None:
    """One breakdown with its sums last."""
    from outreach.services.ledger import line_words, rule_words

    words = terminal.words
    with_rule = axis.value == Breakdown.REASON
    columns = (_CODE_NAMES[axis.value], *(("rule",) if with_rule else ()), *_COUNTS)
    rows: list[list[object]] = [
        [
            line_words(counted, axis, line.code, words),
            *((rule_words(line, words),) if with_rule else ()),
            *_counts(line.tally).values(),
        ]
        for line in counted.by(axis)
    ]
    rows.append([words.say("ledger.total"), *(("",) if with_rule else ()), *_counts(counted.total).values()])
    terminal.table([f"ledger.column.{name}" for name in columns], rows)
