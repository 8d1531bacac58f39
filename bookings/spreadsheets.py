"""Reads and writes the tables of clerks, CSV and XLSX: checked for what must not be kept, and made harmless."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import xlsxwriter

from bookings.errors import FileRefused
from bookings.findings import Finding, Severity
from bookings.privacy import inspect, require_clean
from bookings.workbooks import Cell, Sheet, Workbook, letter_of, names_of_sheets, open_workbook

_ENCODINGS = ("utf-8-sig", "cp932")
_DELIMITERS = (",", "\t", ";")
# What a spreadsheet may run as a formula, plain and full width, also behind blanks. Our apostrophe is one more.
_RUNS = re.compile(r"'*[\s\u200b\ufeff]*[=+\-@\t\r＝＋－＠−﹢﹣﹦﹫]")
_ELEVEN_DIGITS = re.compile(r"[1-9][0-9]{10}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MADE_ON = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the same bytes on every day
_WIDEST_CHARACTERS = 50
_LONGEST_XLSX_TEXT = 32_767


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a file may be; a table of bookings is far below."""

    bytes: int = 5_000_000
    rows: int = 5_000
    columns: int = 100
    characters: int = 5_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty: its number as a spreadsheet shows it, and its texts by header."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the row of headers on top.

    ``findings`` are those of :mod:`bookings.privacy`, on every text of the file, with row and column. A cell with an
    error among them is empty here: what must not be kept goes no further than this module.
    """

    headers: tuple[str, ...]
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...] = field(default=())


def read_table(data: bytes, *, name: str, sheet: str | None = None, limits: Limits = Limits()) -> Table:
    """Read a CSV file (UTF-8, UTF-16 with its mark, CP932; comma, tab or semicolon) or one sheet of an XLSX file.

    Without ``sheet`` the first visible one with anything in it is read; all sheets are checked for privacy.

    Raises:
        PrivacyError: when the file's name holds what must not be kept (field ``file_name``).
        FileRefused: ``FILE_EMPTY``, ``FILE_TOO_LARGE`` (``megabytes``), ``FILE_ENCODING``, ``CSV_BROKEN`` (``row``),
            ``FILE_TOO_MANY_ROWS``, ``FILE_TOO_MANY_COLUMNS`` (``most``), ``FILE_CELL_TOO_LONG`` (``row``, ``column``,
            ``most``), ``FILE_HEADER_TWICE`` (``column``), ``FILE_HEADER_EMPTY`` (``column``), ``FILE_SHEET_UNKNOWN``
            (``known``), ``FILE_FORMULA`` (``row``, ``column``) and those of :func:`bookings.workbooks.open_workbook`.
    """
    require_clean(name, "file_name")
    if not data.strip():
        raise FileRefused("FILE_EMPTY", "the file is empty", name=name)
    if len(data) > limits.bytes:
        raise FileRefused("FILE_TOO_LARGE", "over the limit", name=name, megabytes=limits.bytes // 1_000_000)
    if not _is_workbook(data, name):
        return _table(_csv_rows(data, name, limits), (), name, limits)
    book = open_workbook(data, name=name, most_rows=limits.rows)
    chosen = _choose(book, sheet, name)
    formula = next((cell for row in chosen.rows for cell in row if cell.formula), None)
    if formula is not None:
        raise FileRefused("FILE_FORMULA", "a formula", name=name, row=formula.row, column=letter_of(formula.column))
    return _table(chosen.rows, tuple(_findings_elsewhere(book, chosen)), name, limits)


def sheet_names(data: bytes, *, name: str) -> tuple[str, ...]:
    """The names of the sheets of an XLSX file, in order; for a CSV file its own name without the ending.

    Raises:
        PrivacyError: when the file's name or a sheet's name holds what must not be kept.
        FileRefused: as :func:`read_table`.
    """
    require_clean(name, "file_name")
    if not _is_workbook(data, name):
        return (name.rpartition(".")[0] or name,)
    names = names_of_sheets(data, name=name)
    for sheet in names:
        require_clean(sheet, "sheet_name")
    return names


def write_csv(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV file for Excel: UTF-8 with BOM, CRLF. What would run as a formula gets an apostrophe in front."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    for row in (headers, *rows):
        writer.writerow([_harmless(_plain(value)) for value in row])
    return b"\xef\xbb\xbf" + text.getvalue().encode("utf-8")


def write_xlsx(sheets: Mapping[str, tuple[Sequence[str], Iterable[Sequence[object]]]]) -> bytes:
    """An XLSX file of sheets by name, each with headers and rows; texts are never formulas, links or numbers.

    Numbers stay numbers, dates become ISO text. Equal input gives equal bytes.
    """
    out = io.BytesIO()
    options = dict.fromkeys(("strings_to_formulas", "strings_to_numbers", "strings_to_urls"), False)
    book = xlsxwriter.Workbook(out, {"in_memory": True, **options})
    book.set_properties({"created": _MADE_ON})
    bold = book.add_format({"bold": True, "num_format": "@", "text_wrap": True, "valign": "top"})
    text = book.add_format({"num_format": "@", "valign": "top"})
    for title, (headers, rows) in sheets.items():
        page = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", "_", _CONTROLS.sub("", title))[:31].strip("'") or None)
        page.freeze_panes(1, 0)
        widths = [0] * len(headers)
        for number, row in enumerate((headers, *rows)):
            for column, value in enumerate(row):
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    page.write_number(number, column, value)
                elif plain := _plain(value)[:_LONGEST_XLSX_TEXT]:
                    page.write_string(number, column, plain, text if number else bold)
                if column < len(widths):
                    widths[column] = max(widths[column], _width(_plain(value)))
        for column, width in enumerate(widths):  # new rows typed below stay text too: phones keep their zero
            page.set_column(column, column, min(width, _WIDEST_CHARACTERS) + 2, text)
    book.close()
    return out.getvalue()


def _is_workbook(data: bytes, name: str) -> bool:
    spreadsheet = (".xlsx", ".xls", ".xlsm", ".xltm", ".xlsb", ".xlam")
    return data.startswith((b"PK", b"\xd0\xcf\x11\xe0")) or name.lower().endswith(spreadsheet)


def _choose(book: Workbook, sheet: str | None, name: str) -> Sheet:
    if sheet is None:
        filled = [candidate for candidate in book.sheets if candidate.visible and candidate.rows]
        if not filled:
            raise FileRefused("FILE_EMPTY", "no visible sheet with cells", name=name)
        return filled[0]
    found = next((candidate for candidate in book.sheets if candidate.name == sheet), None)
    if found is None:
        known = [candidate.name for candidate in book.sheets if not inspect(candidate.name, "sheet_name")]
        raise FileRefused("FILE_SHEET_UNKNOWN", "no such sheet", name=name, known=known)
    if not found.rows:
        raise FileRefused("FILE_EMPTY", "the sheet is empty", name=name)
    return found


def _csv_rows(data: bytes, name: str, limits: Limits) -> tuple[tuple[Cell, ...], ...]:
    text = _decoded(data, name)
    first = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").split("\n", 1)[0])
    delimiter = max(_DELIMITERS, key=first.count)
    rows: list[tuple[Cell, ...]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, texts in enumerate(reader, start=1):
            cells = tuple(Cell(number, column, cell) for column, cell in enumerate(texts, start=1) if cell.strip())
            if cells:
                rows.append(cells)
            if len(rows) > limits.rows + 1:
                raise FileRefused("FILE_TOO_MANY_ROWS", f"over {limits.rows} rows", name=name, most=limits.rows)
    except csv.Error:
        raise FileRefused("CSV_BROKEN", "not a table", name=name, row=number + 1) from None
    return tuple(rows)


def _decoded(data: bytes, name: str) -> str:
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # what Excel calls Unicode text
    for encoding in ("utf-16",) if marked else _ENCODINGS:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise FileRefused("FILE_ENCODING", "neither UTF-8 nor CP932 text", name=name)


def _table(rows: tuple[tuple[Cell, ...], ...], elsewhere: tuple[Finding, ...], name: str, limits: Limits) -> Table:
    if not rows:
        raise FileRefused("FILE_EMPTY", "no row", name=name)
    columns = max(cell.column for row in rows for cell in row)
    if columns > limits.columns:
        raise FileRefused("FILE_TOO_MANY_COLUMNS", f"{columns} columns", name=name, most=limits.columns)
    for cell in (cell for row in rows for cell in row if len(cell.text) > limits.characters):
        raise FileRefused(
            "FILE_CELL_TOO_LONG",
            "a cell over the limit",
            name=name,
            row=cell.row,
            column=letter_of(cell.column),
            most=limits.characters,
        )
    headers, findings = _headers(rows[0], name)
    used = {cell.column for row in rows[1:] for cell in row}
    unnamed = sorted(used - headers.keys())
    if unnamed:
        raise FileRefused("FILE_HEADER_EMPTY", "cells under no header", name=name, column=letter_of(unnamed[0]))
    read: list[Row] = []
    for row in rows[1:]:
        texts = dict.fromkeys(headers.values(), "")
        for cell in row:
            found = _inspect_cell(cell, headers[cell.column])
            findings += found
            if not any(finding.severity is Severity.ERROR for finding in found):
                texts[headers[cell.column]] = _without_apostrophe(cell.text)
        read.append(Row(row[0].row, texts))
    return Table(tuple(headers.values()), tuple(read), (*findings, *elsewhere))


def _headers(row: tuple[Cell, ...], name: str) -> tuple[dict[int, str], list[Finding]]:
    """The header of each column, and what is wrong with them; an unclean header is known by its letter."""
    headers: dict[int, str] = {}
    findings: list[Finding] = []
    for cell in row:
        letter = letter_of(cell.column)
        found = _inspect_cell(cell, letter)
        findings += found
        header = letter if found else _without_apostrophe(cell.text).strip()
        if header in headers.values():
            raise FileRefused("FILE_HEADER_TWICE", "two columns of one name", name=name, column=header)
        headers[cell.column] = header
    return headers, findings


def _inspect_cell(cell: Cell, column: str) -> list[Finding]:
    """Privacy findings of one cell, with its place; a number that lost its leading zero gets it back for the check.

    A spreadsheet drops that zero also in a CSV file; there eleven digits with a zero in front are a phone.
    """
    if cell.fraction:
        return []
    lost_zero = cell.number or _ELEVEN_DIGITS.fullmatch(cell.text.strip()) is not None
    text = cell.text.strip().zfill(12) if lost_zero and len(cell.text.strip()) == 11 else cell.text
    found = inspect(text, column)
    if text is not cell.text:  # eleven digits alone are no finding
        found = tuple(finding for finding in found if finding.severity is Severity.ERROR)
    return [Finding(finding.field, finding.code, finding.severity, {}, cell.row, column) for finding in found]


def _findings_elsewhere(book: Workbook, chosen: Sheet) -> Iterator[Finding]:
    """Findings outside the sheet that is read: other sheets, comments, names, properties, strings of deleted cells."""
    seen = {finding.code for row in chosen.rows for cell in row for finding in _inspect_cell(cell, "")}
    for sheet in book.sheets:
        for row in sheet.rows if sheet is not chosen else ():
            for cell in row:
                for finding in _inspect_cell(cell, letter_of(cell.column)):
                    seen.add(finding.code)
                    yield Finding("sheet", finding.code, finding.severity, {}, finding.row, finding.column)
    for hidden in book.hidden_texts:
        for finding in inspect(hidden.text, hidden.kind):
            if hidden.kind in {"string", "number"} and finding.code in seen:  # said already, with its cell
                continue
            if hidden.kind == "number" and finding.severity is not Severity.ERROR:  # eleven digits with a zero in front
                continue
            seen.add(finding.code)
            yield Finding(hidden.kind, finding.code, finding.severity, {}, hidden.row, hidden.column)


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return _CONTROLS.sub("", value.isoformat() if isinstance(value, date) else str(value))


def _harmless(text: str) -> str:
    return "'" + text if _RUNS.match(text) else text


def _without_apostrophe(text: str) -> str:
    return text[1:] if text.startswith("'") and _RUNS.match(text) else text


def _width(text: str) -> int:
    """Columns the longest line takes, a full-width character counting two."""
    return max((sum(1 if char.isascii() else 2 for char in line) for line in text.split("\n")), default=0)
