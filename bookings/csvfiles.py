"""Opens a CSV file from a clerk's PC: finds its encoding, refuses what must never be kept, names bad rows by number."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bookings.digits import may_hold_digits
from bookings.errors import FileRefused
from bookings.findings import Finding, Severity
from bookings.privacy import inspect

# The State's code of a town: its municipality's five digits, which stand in the row too, and seven more.
_TOWN_CODE = re.compile(r"[0-9]{12}")
_MUNICIPALITY_CODE = re.compile(r"[0-9]{5,6}")

# A file with a wrong column would otherwise give one finding for each of 277,000 rows.
MAX_FINDINGS = 200


class RowsRefused(FileRefused):
    """A file was understood but some of it is wrong; nothing was taken. ``findings`` names every bad row."""

    def __init__(self, code: str, message: str, findings: Iterable[Finding], **values: object) -> None:
        self.findings = tuple(findings)
        super().__init__(code, message, count=len(self.findings), **values)


@dataclass(frozen=True, slots=True)
class Table:
    """The header of a CSV file and its text; rows are read when asked for."""

    header: tuple[str, ...]
    text: str
    name: str

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that is not blank with its number as a spreadsheet shows it (the header is row 1).

        Raises:
            RowsRefused: with the code of the first cell that holds what must never be kept, and its place.
        """
        reader = csv.reader(io.StringIO(self.text, newline=""))
        try:
            for number, row in enumerate(reader, start=1):
                if number > 1 and any(row) and "".join(row).strip():
                    _refuse_private(row, number, self.header, self.name)
                    yield number, row
        except csv.Error as error:
            raise FileRefused("CSV_BROKEN", f"csv: {error}", name=self.name, row=reader.line_num) from error


def read_table(data: bytes, *, name: str) -> Table:
    """Decode a CSV file (UTF-8 with or without BOM, else CP932) and read its header.

    Raises:
        FileRefused: ``FILE_EMPTY``, ``FILE_ENCODING`` or ``CSV_BROKEN``.
        RowsRefused: when a header holds what must never be kept.
    """
    text = decode(data, name=name)
    try:
        header = next(csv.reader(io.StringIO(text, newline="")), [])
    except csv.Error as error:
        raise FileRefused("CSV_BROKEN", f"csv: {error}", name=name, row=1) from error
    _refuse_private(header, 1, (), name)
    return Table(tuple(cell.strip() for cell in header), text, name)


def _refuse_private(row: Sequence[str], number: int, header: Sequence[str], name: str) -> None:
    """Refuse a row of which a cell holds an error of :mod:`bookings.privacy`; a town's code is none."""
    for place, cell in enumerate(row):
        if not may_hold_digits(cell) or _is_town_code(cell, row):
            continue
        for found in inspect(cell, "cell"):
            if found.severity is Severity.ERROR:
                column = header[place] if place < len(header) else str(place + 1)
                finding = Finding(found.field, found.code, found.severity, {}, number, column)
                raise RowsRefused(found.code, "a cell holds what must never be kept", [finding], name=name)


def _is_town_code(cell: str, row: Sequence[str]) -> bool:
    written = cell.strip()
    return _TOWN_CODE.fullmatch(written) is not None and any(
        _MUNICIPALITY_CODE.fullmatch(other.strip()) and written.startswith(other.strip()[:5]) for other in row
    )


def decode(data: bytes, *, name: str) -> str:
    """The text of a file in UTF-8 (with or without BOM) or CP932.

    Raises:
        FileRefused: ``FILE_EMPTY`` or ``FILE_ENCODING``.
    """
    if not data.strip():
        raise FileRefused("FILE_EMPTY", "the file is empty", name=name)
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise FileRefused("FILE_ENCODING", "neither UTF-8 nor CP932 text", name=name)
