"""Bookings from a file: every finding with its row and column, and then all of the rows or none."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.exc import IntegrityError

from bookings.answers import SCRIPT, Kind
from bookings.errors import FileRefused
from bookings.findings import Finding, Severity
from bookings.intake import IntakeResult, take
from bookings.privacy import require_clean
from bookings.spreadsheets import Table, read_table, write_csv, write_xlsx
from bookings.statuses import LIVE, Status
from outreach.errors import BadInput, Busy
from outreach.services._intake_city import Call, intake_context
from outreach.services.office import Office
from outreach.services.reception import write_new
from outreach.storage.engine import writing
from outreach.words import LANGUAGES, Words

ACCEPT_COLUMN = "accept"
"""A column that is no answer: codes accepted by name for its row, by commas."""

REASON_COLUMN = "household_reason"
"""Why a second booking of a household is taken."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to. ``references`` are empty after a dry run."""

    rows: int
    references: tuple[str, ...]
    statuses: tuple[Status, ...]
    findings: tuple[Finding, ...]


class ImportRefused(BadInput):
    """A file with findings that speak against it; nothing of it was taken."""


def import_bookings(
    office: Office, data: bytes, *, name: str, accept: Collection[str] = (), dry_run: bool = False
) -> Imported:
    """Take a file of bookings (CSV or XLSX, headers of the template in either language).

    Rows that a rule turns down are stored as such, as on the phone; rows that lack answers become drafts. An error or a
    confirm that was not accepted, refuses the whole file.

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
    calls, results, findings = [], [], list(table.findings)
    seen: dict[tuple[str, str], str] = {}
    for row in table.rows:
        call = _call(row.cells, fields, accept)
        result = _take(office, call, seen, row.number)
        calls.append(call)
        results.append(result)
        findings += [_placed(finding, row.number, fields) for finding in result.findings]
    against = [f for f, keeps in zip(findings, _keeps(findings, results, len(table.findings)), strict=True) if keeps]
    if against:
        raise ImportRefused("IMPORT_REFUSED", findings=against, count=len(against))
    statuses = tuple(result.status for result in results)
    if dry_run:
        return Imported(len(calls), (), statuses, tuple(findings))
    try:
        with writing(office.engine) as session:
            references = tuple(
                write_new(session, office, call, result).reference for call, result in zip(calls, results, strict=True)
            )
    except IntegrityError as error:
        raise Busy("DAY_BUSY") from error
    return Imported(len(calls), references, statuses, tuple(findings))


def _keeps(findings: list[Finding], results: list[IntakeResult], of_table: int) -> list[bool]:
    """Which findings refuse the file: errors that are no rule's refusal, and confirms nobody accepted."""
    keeps = [False] * of_table
    for result in results:
        for finding in result.findings:
            if finding.severity is Severity.ERROR:
                keeps.append(result.status is not Status.TURNED_DOWN)
            else:
                keeps.append(finding.severity is Severity.CONFIRM and finding.code in result.open_confirms)
    return keeps


def _take(office: Office, call: Call, seen: dict[tuple[str, str], str], row: int) -> IntakeResult:
    """Take one row; households of earlier rows of the same file count as living."""
    context = intake_context(office, call, existing=None)
    known = context.household_live

    def household_live(key: str, kind: str) -> tuple[str, ...]:
        earlier = seen.get((key, kind))
        return known(key, kind) + ((earlier,) if earlier else ())

    result = take(call.answers, context=replace(context, household_live=household_live))
    request = result.request
    if request is not None and request.household_key and result.status in LIVE:
        seen.setdefault((request.household_key, request.visit_type), f"#{row}")
    return result


def _fields(table: Table) -> dict[str, str]:
    """The answer's field behind each header of the file, in either language or by the field's own name.

    Raises:
        FileRefused: ``COLUMN_UNKNOWN`` or ``COLUMN_TWICE``.
    """
    known = {ACCEPT_COLUMN: ACCEPT_COLUMN, REASON_COLUMN: REASON_COLUMN}
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


def _call(cells: Mapping[str, str], fields: Mapping[str, str], accept: Collection[str]) -> Call:
    answers = {fields[header]: text for header, text in cells.items() if text.strip()}
    codes = answers.pop(ACCEPT_COLUMN, "").replace("、", ",").split(",")
    reason = answers.pop(REASON_COLUMN, "")
    return Call(
        answers=answers,
        accept=frozenset(accept) | {code.strip().upper() for code in codes if code.strip()},
        household_reason=reason,
    )


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
