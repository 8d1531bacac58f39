"""Writes the call list as an Excel file: text cells only, ready to print on A4, the same bytes for the same list."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from maps.paper import Content

UNTICKED, TICKED = "□", "■"
"""What stands in a tick cell, and what the cell's list offers instead."""

_COLUMNS: tuple[tuple[str, float], ...] = (
    ("call_by", 11), ("kana", 17), ("name", 17), ("phone", 19), ("second_phone", 16), ("window", 25), ("van", 9),
    ("people", 8), ("type", 18), ("papers", 20), ("access", 15), ("language", 10), ("caller", 16),
    ("last_outcome", 13), ("note", 28), ("reference", 10),
)  # fmt: skip
_TICK_WIDTH = 9
_WRITTEN = {"phone": "fax", "second_phone": "mail"}
_FROM_ENTRY = {"last_outcome": "last"}
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def workbook_bytes(content: Content, made_at: datetime) -> bytes:
    """The list as XLSX, landscape A4, one page wide, the header row repeated on every printed page.

    Every cell is a string in text format: a phone number keeps its zero, and a text that looks like a formula stays a
    text, also when it is edited. ``made_at`` is the only time in the file.
    """
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False},
    )
    book.set_properties({"title": content["title"], "created": made_at.astimezone(UTC).replace(tzinfo=None)})
    page = _Page(book, content)
    page.head()
    page.rows(content["calls"], content["ticks"], written=False)
    page.rows(content["without_phone"], content["ticks_in_writing"], written=True)
    page.printing()
    book.close()
    return target.getvalue()


class _Page:
    """The one worksheet, filled from the top."""

    def __init__(self, book: Any, content: Content) -> None:
        self._content = content
        self._sheet = book.add_worksheet(content["sheet_name"])
        self._row = 0
        self._header = 0
        self._width = len(_COLUMNS) + len(content["ticks"])
        base = {"font_size": 12, "num_format": "@", "valign": "top", "text_wrap": True}
        self._plain = book.add_format(base | {"border": 1})
        self._quoted = book.add_format(base | {"border": 1, "quote_prefix": True})
        self._phone = book.add_format(base | {"border": 1, "font_size": 16})
        self._phone_quoted = book.add_format(base | {"border": 1, "font_size": 16, "quote_prefix": True})
        self._tick = book.add_format(base | {"border": 1, "font_size": 18, "align": "center", "text_wrap": False})
        self._label = book.add_format(base | {"border": 1, "bg_color": "#E6E6E6", "bold": True})
        self._line = book.add_format({"font_size": 12, "num_format": "@"})
        self._title = book.add_format({"font_size": 18, "num_format": "@"})
        for column, (_, width) in enumerate(_COLUMNS):
            self._sheet.set_column(column, column, width)
        self._sheet.set_column(len(_COLUMNS), self._width - 1, _TICK_WIDTH)

    def head(self) -> None:
        content = self._content
        self._write_line(f"{content['title']}　{content['date']}", self._title)
        for line in (
            content["banner"],
            f"{content['plan']}　{content['made']}　{content['office']}",
            content["sorted"],
        ):
            if line:
                self._write_line(line, self._line)
        self._write_line(content["script_title"], self._line)
        for number, line in enumerate(content["script"], start=1):
            self._write_line(f"{number}. {line}", self._line)

    def rows(self, entries: Sequence[Content], ticks: Sequence[str], *, written: bool) -> None:
        """The header row and a row for each resident; those reached in writing have fax and mail for the phones."""
        labels = self._content["labels"]
        if written:
            if not entries:
                return
            self._row += 1
            self._write_line(self._content["without_phone_title"], self._title)
        else:
            self._header = self._row
        for column, (name, _) in enumerate(_COLUMNS):
            shown = _WRITTEN.get(name, name) if written else name
            self._sheet.write_string(self._row, column, labels[shown], self._label)
        for column, tick in enumerate(ticks, start=len(_COLUMNS)):
            self._sheet.write_string(self._row, column, tick, self._label)
        self._row += 1
        first = self._row
        for entry in entries:
            for column, (name, _) in enumerate(_COLUMNS):
                shown = _WRITTEN.get(name, name) if written else _FROM_ENTRY.get(name, name)
                self._write_cell(column, entry[_FROM_ENTRY.get(shown, shown)], large=name == "phone")
            for column in range(len(_COLUMNS), len(_COLUMNS) + len(ticks)):
                self._sheet.write_string(self._row, column, UNTICKED, self._tick)
            self._row += 1
        if not entries:
            self._write_line(self._content["nobody"], self._line)
            return
        self._sheet.data_validation(
            first,
            len(_COLUMNS),
            self._row - 1,
            len(_COLUMNS) + len(ticks) - 1,
            {"validate": "list", "source": [UNTICKED, TICKED]},
        )

    def printing(self) -> None:
        sheet, content = self._sheet, self._content
        sheet.ignore_errors({"number_stored_as_text": f"A1:{_letter(self._width - 1)}{self._row + 1}"})
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(self._header)
        sheet.freeze_panes(self._header + 1, 3)
        sheet.print_area(0, 0, self._row, self._width - 1)
        # "&" starts a code in Excel's header and footer.
        sheet.set_footer(f"&L{content['office'].replace('&', '&&')}&R&P / &N"[:255])

    def _write_cell(self, column: int, text: str, *, large: bool) -> None:
        if text.startswith(_STARTS_FORMULA):
            shape = self._phone_quoted if large else self._quoted
        else:
            shape = self._phone if large else self._plain
        self._sheet.write_string(self._row, column, text, shape)

    def _write_line(self, text: str, shape: Any) -> None:
        self._sheet.write_string(self._row, 0, text, shape)
        self._row += 1


def _letter(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))
