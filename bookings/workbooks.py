"""Opens an XLSX file from outside: refuses what is dangerous in it, gives back its cells and hidden texts."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from xml.etree import ElementTree

from bookings.errors import FileRefused

_MACRO_NAMES = (".xlsm", ".xltm", ".xlsb", ".xlam")
_MOST_UNPACKED_BYTES = 60_000_000
_MOST_PARTS = 1000
_MOST_RATIO = 200
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = (
    *(
        KeyError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        OSError,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ),
    *(zipfile.BadZipFile, zlib.error, struct.error, ElementTree.ParseError),
)
# Attributes that hold what a person typed: names of sheets and tables, tips, alternative texts, links, number formats,
# and ``v``, where a pivot table keeps a copy of the cells it was made from.
_TOLD = {"name", "displayName", "display", "tooltip", "location", "prompt", "promptTitle", "error", "errorTitle"} | {
    *("title", "descr", "author", "Target", "alt", "formatCode", "codeName", "totalsRowLabel", "caption", "v"),
    *("comment", "user", "val:inputCells"),
}
_UNIQUE_ID = re.compile(r"\{[0-9A-Fa-f-]{36}\}")
_LONG_NUMBER = re.compile(r"[0-9]{11,12}(?:\.0+)?|[0-9](?:\.[0-9]+)?[Ee]\+?1[01]")
_DECIMAL = re.compile(r"-?[0-9]*\.[0-9]+(?:[eE][+-]?[0-9]+)?")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as text. ``number``: it is a whole number in the file; ``fraction``: one with decimals."""

    row: int
    column: int
    text: str
    formula: bool = False
    number: bool = False
    fraction: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet and its cells that are not empty, row by row."""

    name: str
    visible: bool
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class HiddenText:
    """A text outside the cells.

    ``kind``: comment, sheet, string (a cell's text, perhaps of a deleted cell), number (a cell's, of twelve digits with
    leading zeros, as the file has it behind any format) or file.
    """

    kind: str
    text: str
    row: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Workbook:
    """All that an XLSX file says."""

    sheets: tuple[Sheet, ...]
    hidden_texts: tuple[HiddenText, ...]


def open_workbook(data: bytes, *, name: str, most_rows: int) -> Workbook:
    """Read every sheet of an XLSX file, formulas unread.

    Raises:
        FileRefused: ``FILE_MACROS``, ``FILE_OLD_EXCEL`` (also one with a password), ``FILE_UNPACKS_TOO_LARGE``,
            ``FILE_UNSAFE`` (entities in its XML), ``FILE_TOO_MANY_ROWS`` (``most``), ``FILE_BROKEN``; with ``name``.
    """
    _require_harmless(data, name)
    return _or_broken(name, lambda: Workbook(tuple(_sheets(data, name, most_rows)), tuple(_hidden_texts(data))))


def names_of_sheets(data: bytes, *, name: str) -> tuple[str, ...]:
    """The names of all sheets of an XLSX file, in order.

    Raises:
        FileRefused: as :func:`open_workbook`.
    """
    _require_harmless(data, name)

    def read() -> tuple[str, ...]:
        from openpyxl import load_workbook

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        names = tuple(book.sheetnames)
        book.close()
        return names

    return _or_broken(name, read)


def _or_broken(name: str, read: Callable[[], Result]) -> Result:
    from openpyxl.utils.exceptions import InvalidFileException  # here: who opens no file does not wait for its reader

    try:
        return read()
    except FileRefused:
        raise
    except (*_BROKEN, InvalidFileException) as error:
        # Not chained: the text of a parser's error may repeat a part of the file.
        raise FileRefused("FILE_BROKEN", f"not a readable XLSX file ({type(error).__name__})", name=name) from None


def _require_harmless(data: bytes, name: str) -> None:
    if name.lower().endswith(_MACRO_NAMES):
        raise FileRefused("FILE_MACROS", "a file type that can hold macros", name=name)
    if data.startswith(_OLE):
        raise FileRefused("FILE_OLD_EXCEL", "an XLS file, or one with a password", name=name)
    _or_broken(name, lambda: _require_harmless_parts(data, name))


def _require_harmless_parts(data: bytes, name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = archive.infolist()
        unpacked = sum(part.file_size for part in parts)
        steep = any(part.file_size > 1_000_000 and part.file_size > _MOST_RATIO * part.compress_size for part in parts)
        if len(parts) > _MOST_PARTS or unpacked > _MOST_UNPACKED_BYTES or steep:
            raise FileRefused("FILE_UNPACKS_TOO_LARGE", "unpacks to far more than a table", name=name)
        if any(part.filename.lower().endswith(("vbaproject.bin", ".vba")) for part in parts):
            raise FileRefused("FILE_MACROS", "holds macros", name=name)
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                content = archive.read(part)
                if part.filename == "[Content_Types].xml" and b"macroEnabled" in content:
                    raise FileRefused("FILE_MACROS", "says that it holds macros", name=name)
                if b"<!DOCTYPE" in content or b"<!ENTITY" in content or content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
                    raise FileRefused("FILE_UNSAFE", "XML with entities", name=name)


def _sheets(data: bytes, name: str, most_rows: int) -> Iterator[Sheet]:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that do not matter here
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False, data_only=False)
        try:
            for sheet in book.worksheets:
                sheet.reset_dimensions()  # the size a file claims need not be true
                rows = []
                for row in sheet.iter_rows():
                    cells = tuple(cell for raw in row if (cell := _cell(raw)) is not None)
                    if cells:
                        rows.append(cells)
                    if len(rows) > most_rows + 1:
                        raise FileRefused("FILE_TOO_MANY_ROWS", f"over {most_rows} rows", name=name, most=most_rows)
                yield Sheet(sheet.title, sheet.sheet_state == "visible", tuple(rows))
        finally:
            book.close()


def _cell(raw: Any) -> Cell | None:
    if raw.value is None:
        return None
    if raw.data_type == "f":
        return Cell(raw.row, raw.column, str(raw.value), formula=True)
    value = raw.value
    fraction = isinstance(value, float) and not value.is_integer()
    whole = isinstance(value, (int, float)) and not isinstance(value, bool) and not fraction
    text = _text(value)
    if whole and set(raw.number_format or "") == {"0"}:  # a number shown with leading zeros is meant with them
        text = text.zfill(len(raw.number_format))
    return Cell(raw.row, raw.column, text, number=whole, fraction=fraction) if text else None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        if value.time() == time(0):
            return value.date().isoformat()
        return value.replace(microsecond=0).isoformat(" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes = round(value.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return str(value)


def _hidden_texts(data: bytes) -> Iterator[HiddenText]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        yield HiddenText("file", archive.comment.decode("utf-8", errors="replace"))
        for part in archive.infolist():
            yield HiddenText("file", part.filename)
            if part.filename.lower().endswith((".xml", ".rels", ".vml")) and part.filename != "[Content_Types].xml":
                yield from _texts_of_part(part.filename, archive.read(part))


def _texts_of_part(filename: str, content: bytes) -> Iterator[HiddenText]:
    lower = filename.lower()
    if "theme" in lower:
        return
    whole = {"si", "comment", "threadedComment", "p"}  # elements whose runs make one text
    kind = "string" if lower.endswith("sharedstrings.xml") else "sheet" if lower.endswith("workbook.xml") else "file"
    cells = (
        "row" if lower.startswith("xl/worksheets/") else ""
    )  # other parts keep copies in rows that nobody else reads
    depth = 0
    for event, element in ElementTree.iterparse(io.BytesIO(content), events=("start", "end")):
        tag = element.tag.rpartition("}")[2]
        if event == "start":
            depth += tag in whole or tag == cells
            continue
        depth -= tag in whole or tag == cells
        if tag == cells:
            yield from _long_numbers(element)  # all other cells are read by openpyxl
            element.clear()
            continue
        yield from (HiddenText(kind, told) for told in _told_by_attributes(element, tag, lower))
        if tag in whole:
            text = "".join(element.itertext())
            if tag in {"comment", "threadedComment"}:
                row, column = _place(element.get("ref", ""))
                yield HiddenText("comment", text, row, column)
            else:
                yield HiddenText(kind, text)
            element.clear()
        elif depth == 0 and element.text and _DECIMAL.fullmatch(element.text.strip()) is None:
            yield HiddenText(kind, element.text)


def _told_by_attributes(element: ElementTree.Element, tag: str, part: str) -> Iterator[str]:
    """What people may have typed into the attributes of an element; of what others put into the file, all of them."""
    foreign = part.startswith(("customxml/", "docprops/"))
    for key, told in element.attrib.items():
        name = key.rpartition("}")[2]
        if name == "Target" and element.get("TargetMode") != "External":
            continue  # the name of another part
        if name in _TOLD or f"{name}:{tag}" in _TOLD or (foreign and _UNIQUE_ID.fullmatch(told) is None):
            yield told


def _long_numbers(row: ElementTree.Element) -> Iterator[HiddenText]:
    """Numbers of eleven or twelve digits among the cells of a row: as a date openpyxl would not show them."""
    for cell in row:
        if cell.get("t", "n") == "n":
            for value in cell:
                written = (value.text or "").strip()
                if value.tag.endswith("}v") and _LONG_NUMBER.fullmatch(written) and float(written).is_integer():
                    place = _place(cell.get("r", ""))
                    yield HiddenText("number", f"{int(float(written)):012d}", *place)


def _place(reference: str) -> tuple[int | None, str | None]:
    found = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", reference)
    return (int(found[2]), found[1]) if found else (None, None)


def letter_of(column: int) -> str:
    """The letter of a column counted from 1, as a spreadsheet shows it."""
    from openpyxl.utils import get_column_letter

    return get_column_letter(column)
