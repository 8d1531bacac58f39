"""Opens a CSV file from a clerk's PC: finds its encoding, and names every bad row by its number."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bookings.errors import FileRefused
from bookings.findings import Finding

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
        """Each row that is not blank with its number as a spreadsheet shows it (the header is row 1)."""
        reader = csv.reader(io.StringIO(self.text, newline=""))
        try:
            for number, row in enumerate(reader, start=1):
                if number > 1 and any(row) and "".join(row).strip():
                    yield number, row
        except csv.Error as error:
            raise FileRefused("CSV_BROKEN", f"csv: {error}", name=self.name, row=reader.line_num) from error


def read_table(data: bytes, *, name: str) -> Table:
    """Decode a CSV file (UTF-8 with or without BOM, else CP932) and read its header.

    Raises:
        FileRefused: ``FILE_EMPTY``, ``FILE_ENCODING`` or ``CSV_BROKEN``.
    """
    text = decode(data, name=name)
    try:
        header = next(csv.reader(io.StringIO(text, newline="")), [])
    except csv.Error as error:
        raise FileRefused("CSV_BROKEN", f"csv: {error}", name=name, row=1) from error
    return Table(tuple(cell.strip() for cell in header), text, name)


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
