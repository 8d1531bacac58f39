"""Bookings from a file: every finding with its row and column, and then all of the rows or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from bookings.answers import SCRIPT, Kind
from bookings.errors import FileRefused
from bookings.findings import Finding, Severity
from bookings.intake import IntakeResult, take
from bookings.privacy import require_clean
from bookings.spreadsheets import Table, read_table, write_csv, write_xlsx
from bookings.statuses import LIVE, Status
from outreach.errors import BadInput, Busy
from outreach.programme.clock import TOKYO
from outreach.services._intake_city import Call, intake_context
from outreach.services._intake_writes import SAID_ON, write
from outreach.services.handing_over import (
    NUMBER_COLUMN,
    RECEIVED_COLUMN,
    TOWN_COLUMN,
    known_numbers,
    remember,
)
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.words import LANGUAGES, Words

ACCEPT_COLUMN = "accept"
"""A column that is no answer: codes accepted by name for its row, by commas."""

REASON_COLUMN = "household_reason"
"""Why a second booking of a household is taken."""

_LONGEST_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to. ``references`` are empty after a dry run.

    ``known``: how many requests of the form outside were taken in before, by their numbers, and are not taken again.
    """

    rows: int
    references: tuple[str, ...]
    statuses: tuple[Status, ...]
    findings: tuple[Finding, ...]
    known: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    """One row: what was said, and for a request of the form outside its number and when it came."""

    call: Call
    number: str = ""
    received_at: datetime | None = None


class ImportRefused(BadInput):
    """A file with findings that speak against it; nothing of it was taken."""


def import_bookings(
    office: Office, data: bytes, *, name: str, accept: Collection[str] = (), dry_run: bool = False
) -> Imported:
    """Take a file of bookings (CSV or XLSX, headers of the template in either language).

    Rows that a rule turns down are stored as such, as on the phone; rows that lack answers become drafts. An error or a
    confirm that was not accepted, refuses the whole file; but a request of the form outside (a row with a number) is
    taken as a draft then, for somebody to phone about, and is taken only once however often the file comes.

    Raises:
        ImportRefused: ``IMPORT_REFUSED`` with every finding.
        FileRefused: when the file cannot be read, or a column is none of ours.
        PrivacyError: when the file's name holds a My Number.
    """
    require_clean(name, "file_name")
    table = read_table(data, name=name)
    private = [finding for finding in table.findings if finding.severity is Severity.ERROR]
    if private:
        raise ImportRefused("IMPORT_REFUSED", findings=private, count=len(private))
    fields = _fields(table)
    with reading(office.engine) as session:
        known = set(known_numbers(session))
    rows: list[_Row] = []
    results, findings, skipped = [], list(table.findings), 0
    seen: dict[tuple[str, str], str] = {}
    for line in table.rows:
        row = _row(line.cells, fields, accept, line.number)
        if row.number and row.number in known:
            skipped += 1
            continue
        known.add(row.number)
        result = _take(office, row, seen, line.number)
        rows.append(row)
        results.append(result)
        findings += [_placed(finding, line.number, fields) for finding in result.findings]
    keeps = _keeps(rows, results, len(table.findings))
    against = [finding for finding, refuses in zip(findings, keeps, strict=True) if refuses]
    if against:
        raise ImportRefused("IMPORT_REFUSED", findings=against, count=len(against))
    statuses = tuple(result.status for result in results)
    if dry_run:
        return Imported(len(rows), (), statuses, tuple(findings), skipped)
    references = []
    try:
        with writing(office.engine) as session:
            for row, result in zip(rows, results, strict=True):
                booking = write(session, office, row.call, result, None, row.received_at)
                if row.received_at is not None:
                    said_on = row.received_at.astimezone(TOKYO).date()
                    booking.wishes = {**booking.wishes, SAID_ON: said_on.isoformat()}
                references.append(booking.reference)
                if row.number:
                    remember(session, office, row.number, row.received_at or office.now())
    except IntegrityError as error:
        raise Busy("DAY_BUSY") from error
    return Imported(len(rows), tuple(references), statuses, tuple(findings), skipped)


def _keeps(rows: list[_Row], results: list[IntakeResult], of_table: int) -> list[bool]:
    """Which findings refuse the file: errors that are no rule's refusal, and confirms nobody accepted.

    Nobody is there any more to correct what came from the form outside: its rows refuse nothing but what is private.
    """
    keeps = [False] * of_table
    for row, result in zip(rows, results, strict=True):
        for finding in result.findings:
            if row.number and not result.privacy:
                keeps.append(False)
            elif finding.severity is Severity.ERROR:
                keeps.append(result.status is not Status.TURNED_DOWN)
            else:
                keeps.append(finding.severity is Severity.CONFIRM and finding.code in result.open_confirms)
    return keeps


def _take(office: Office, row: _Row, seen: dict[tuple[str, str], str], line: int) -> IntakeResult:
    """Take one row; households of earlier rows of the same file count as living, "next week" is as it was said."""
    context = intake_context(office, row.call, existing=None)
    if row.received_at is not None:
        context = replace(context, today=row.received_at.astimezone(TOKYO).date())
    known = context.household_live

    def household_live(key: str, kind: str) -> tuple[str, ...]:
        earlier = seen.get((key, kind))
        return known(key, kind) + ((earlier,) if earlier else ())

    result = take(row.call.answers, context=replace(context, household_live=household_live))
    request = result.request
    if request is not None and request.household_key and result.status in LIVE:
        seen.setdefault((request.household_key, request.visit_type), f"#{line}")
    return result


def _fields(table: Table) -> dict[str, str]:
    """The answer's field behind each header of the file, in either language or by the field's own name.

    Raises:
        FileRefused: ``COLUMN_UNKNOWN`` or ``COLUMN_TWICE``.
    """
    known = {name: name for name in (ACCEPT_COLUMN, REASON_COLUMN, TOWN_COLUMN, NUMBER_COLUMN, RECEIVED_COLUMN)}
    for question in SCRIPT:
        known[question.field] = question.field
        for language in LANGUAGES:
            known[Words(language).say(question.word_key)] = question.field
    fields: dict[str, str] = {}
    for header in table.headers:
        field = known.get(header.strip())
        if field is None:
            raise FileRefused("COLUMN_UNKNOWN", "a column that is no answer", column=header[:40])
        if field in fields.values():
            raise FileRefused("COLUMN_TWICE", "two columns for one answer", column=header[:40])
        fields[header] = field
    return fields


def _row(cells: Mapping[str, str], fields: Mapping[str, str], accept: Collection[str], line: int) -> _Row:
    answers = {fields[header]: text for header, text in cells.items() if text.strip()}
    codes = answers.pop(ACCEPT_COLUMN, "").replace("、", ",").split(",")
    reason, town = answers.pop(REASON_COLUMN, ""), answers.pop(TOWN_COLUMN, "").strip()
    number, received = answers.pop(NUMBER_COLUMN, "").strip(), answers.pop(RECEIVED_COLUMN, "")
    call = Call(
        answers=answers,
        accept=frozenset(accept) | {code.strip().upper() for code in codes if code.strip()},
        household_reason=reason,
        chosen_town=town,
    )
    return _Row(call, number[:_LONGEST_NUMBER], _instant(received, line))


def _instant(text: str, line: int) -> datetime | None:
    """When a request came, as the export wrote it (or Excel after it: with a blank, without the zone).

    Raises:
        ImportRefused: ``IMPORT_REFUSED`` where it cannot be read.
    """
    if not text.strip():
        return None
    try:
        instant = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        found = Finding(RECEIVED_COLUMN, "RECEIVED_UNREADABLE", Severity.ERROR, {}, line, RECEIVED_COLUMN)
        raise ImportRefused("IMPORT_REFUSED", findings=[found], count=1) from None
    return instant if instant.tzinfo else instant.replace(tzinfo=TOKYO)


def _placed(finding: Finding, row: int, fields: Mapping[str, str]) -> Finding:
    """The finding with its row and the header of its column."""
    column = next((header for header, field in fields.items() if field == finding.field), finding.field)
    return replace(finding, row=row, column=column)


def template(words: Words, *, as_csv: bool) -> bytes:
    """The empty file, its headers in the language of ``words``; the workbook says on a second sheet what each takes."""
    headers = [words.say(question.word_key) for question in SCRIPT]
    if as_csv:
        return write_csv(headers, [])
    guide = [
        [
            words.say(question.word_key),
            words.say("terminal.yes") if question.needed else "",
            words.listing([words.say(question.choice_key(choice)) for choice in question.choices])
            if question.kind is Kind.CHOICE
            else words.say(f"terminal.kind.{question.kind.value}"),
        ]
        for question in SCRIPT
    ]
    return write_xlsx(
        {
            words.say("terminal.template.sheet"): (headers, []),
            words.say("terminal.template.guide"): (
                [words.say(f"terminal.template.{name}") for name in ("answer", "needed", "takes")],
                guide,
            ),
        }
    )
