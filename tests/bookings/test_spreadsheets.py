"""Tables are read with the place of everything wrong, and written so that nothing in them runs."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from bookings.errors import FileRefused, PrivacyError
from bookings.findings import Finding
from bookings.spreadsheets import Limits, Row, Table, read_table, sheet_names, write_csv, write_xlsx

VALID = "123456789018"
HEADERS = ["name", "phone"]


def csv_of(text: str, encoding: str = "utf-8") -> bytes:
    return text.encode(encoding)


def xlsx_of(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "bookings"
    sheet.append(HEADERS)
    sheet.append(["佐藤", "0986-23-2111"])
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def page(book: openpyxl.Workbook) -> Worksheet:
    sheet = book["bookings"]
    assert isinstance(sheet, Worksheet)
    return sheet


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    """The same archive with one part added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return out.getvalue()


def refusal(data: bytes, name: str = "list.csv", **options: object) -> tuple[str, dict[str, object]]:
    with pytest.raises(FileRefused) as refused:
        read_table(data, name=name, **options)  # type: ignore[arg-type]
    return refused.value.code, {key: value for key, value in refused.value.values.items() if key != "name"}


def places(findings: tuple[Finding, ...]) -> set[tuple[str, str, int | None, str | None]]:
    return {(finding.field, finding.code, finding.row, finding.column) for finding in findings}


EXPECTED = Table(("name", "phone"), (Row(2, {"name": "髙﨑", "phone": "0986-23-2111"}),))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_in_every_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    text = f"name{delimiter}phone\r\n髙﨑{delimiter}0986-23-2111\r\n"
    assert read_table(csv_of(text, encoding), name="list.csv") == EXPECTED


def test_rows_have_the_number_a_spreadsheet_shows() -> None:
    table = read_table(csv_of('name,phone\n\n"a\nb",1\n,\nc,2\n'), name="list.csv")
    assert [(row.number, row.cells["phone"]) for row in table.rows] == [(3, "1"), (5, "2")]


def test_short_rows_have_empty_cells() -> None:
    assert read_table(csv_of("name,phone\na\n"), name="x.csv").rows[0].cells == {"name": "a", "phone": ""}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ("FILE_EMPTY", {})),
        (b"\r\n,,\r\n", ("FILE_EMPTY", {})),
        (b"a,b\n\x81\n\xff\xfd", ("FILE_ENCODING", {})),
        (b"a,b\n\x00,1\n", ("FILE_ENCODING", {})),
        (b'a,b\n"1,2\n', ("CSV_BROKEN", {"row": 2})),
        (b"a,a\n1,2\n", ("FILE_HEADER_TWICE", {"column": "a"})),
        (b"a,b\n1,2,3\n", ("FILE_HEADER_EMPTY", {"column": "C"})),
        (b"a,b\n" + b"1,2\n" * 11, ("FILE_TOO_MANY_ROWS", {"most": 10})),
        (b"a,b,c,d,e\n", ("FILE_TOO_MANY_COLUMNS", {"most": 4})),
        (b"a,b\n1," + b"x" * 51, ("FILE_CELL_TOO_LONG", {"row": 2, "column": "B", "most": 50})),
        (b"a" * 1001, ("FILE_TOO_LARGE", {"megabytes": 0})),
    ],
)
def test_a_bad_csv_is_refused(data: bytes, expected: tuple[str, dict[str, object]]) -> None:
    assert refusal(data, limits=Limits(bytes=1000, rows=10, columns=4, characters=50)) == expected


def test_an_xlsx_gives_texts() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        for value in (3, 3.0, 2.5, date(2026, 12, 3), datetime(2026, 12, 3, 10, 30), True):  # noqa: DTZ001
            page(book).append(["x", value])
        page(book).append(["x", 986232111])
        page(book).cell(page(book).max_row, 2).number_format = "0000000000"

    table = read_table(xlsx_of(fill), name="list.xlsx")
    assert [row.cells["phone"] for row in table.rows] == [
        *("0986-23-2111", "3", "3", "2.5", "2026-12-03", "2026-12-03 10:30:00", "TRUE", "0986232111")
    ]


def test_a_sheet_is_chosen_by_name_and_the_first_visible_one_otherwise() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        hidden = book.create_sheet("secret", 0)
        hidden.append(["x"])
        hidden.sheet_state = "hidden"
        book.create_sheet("second").append(["other"])

    data = xlsx_of(fill)
    assert read_table(data, name="a.xlsx").headers == ("name", "phone")
    assert read_table(data, name="a.xlsx", sheet="second").headers == ("other",)
    assert sheet_names(data, name="a.xlsx") == ("secret", "bookings", "second")
    assert refusal(data, "a.xlsx", sheet="third") == ("FILE_SHEET_UNKNOWN", {"known": ["secret", "bookings", "second"]})


def test_a_formula_is_refused_with_its_place() -> None:
    data = xlsx_of(lambda book: page(book).append(["x", "=1+1"]))
    assert refusal(data, "a.xlsx") == ("FILE_FORMULA", {"row": 3, "column": "B"})


def test_macros_old_files_and_bombs_are_refused() -> None:
    plain = xlsx_of(lambda _: None)
    assert refusal(plain, "a.xlsm")[0] == "FILE_MACROS"
    assert refusal(with_part(plain, "xl/vbaProject.bin", b"x"), "a.xlsx")[0] == "FILE_MACROS"
    assert refusal(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 99, "a.xls")[0] == "FILE_OLD_EXCEL"
    assert refusal(with_part(plain, "xl/media/a.bin", b"\0" * 5_000_000), "a.xlsx")[0] == "FILE_UNPACKS_TOO_LARGE"
    assert refusal(with_part(plain, "xl/x.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'), "a.xlsx")[0] == "FILE_UNSAFE"
    assert refusal(plain[: len(plain) // 2], "a.xlsx")[0] == "FILE_BROKEN"
    assert refusal(b"PK\x03\x04 no zip", "a.xlsx")[0] == "FILE_BROKEN"
    assert refusal(with_part(plain, "xl/worksheets/sheet1.xml", b"<worksheet><a>"), "a.xlsx")[0] == "FILE_BROKEN"


def test_a_my_number_in_a_csv_is_found_with_its_place_and_goes_no_further() -> None:
    table = read_table(csv_of("name,phone\n佐藤,1\n鈴木,1234-5678-9018\n"), name="list.csv")
    assert places(table.findings) == {("phone", "MY_NUMBER", 3, "phone")}
    assert table.rows[1].cells == {"name": "鈴木", "phone": ""}


def test_a_my_number_in_a_header_is_named_by_its_column() -> None:
    table = read_table(csv_of(f"name,{VALID}\n佐藤,1\n"), name="list.csv")
    assert places(table.findings) == {("B", "MY_NUMBER", 1, "B")}
    assert table.headers == ("name", "B")


def test_a_my_number_in_the_file_name_is_refused() -> None:
    for call in (read_table, sheet_names):
        with pytest.raises(PrivacyError) as refused:
            call(b"a,b\n", name=f"{VALID}.csv")
        assert (refused.value.code, dict(refused.value.values)) == ("MY_NUMBER", {"field": "file_name"})


def _in_properties(book: openpyxl.Workbook) -> None:
    book.properties.description = f"番号 {VALID}"


def _in_hidden_sheet(book: openpyxl.Workbook) -> None:
    sheet = book.create_sheet("old")
    sheet.sheet_state = "veryHidden"
    sheet["C7"] = VALID


def _in_comment(book: openpyxl.Workbook) -> None:
    page(book)["B2"].comment = Comment("1234 5678\n9018", "clerk")


def _in_number(book: openpyxl.Workbook) -> None:
    page(book).append(["x", 123456789018])


def _in_number_without_its_zero(book: openpyxl.Workbook) -> None:
    page(book).append(["x", 12345678901 + 0])


def _in_footer(book: openpyxl.Workbook) -> None:
    footer = page(book).oddFooter
    assert footer is not None
    assert footer.center is not None
    footer.center.text = VALID


def _in_sheet_name(book: openpyxl.Workbook) -> None:
    book.create_sheet(VALID)


def _in_tip(book: openpyxl.Workbook) -> None:
    page(book)["A2"].hyperlink = f"https://example.invalid/{VALID}"


@pytest.mark.parametrize(
    ("fill", "place"),
    [
        (_in_properties, ("file", "MY_NUMBER", None, None)),
        (_in_hidden_sheet, ("sheet", "MY_NUMBER", 7, "C")),
        (_in_comment, ("comment", "MY_NUMBER", 2, "B")),
        (_in_number, ("phone", "MY_NUMBER", 3, "phone")),
        (_in_footer, ("file", "MY_NUMBER", None, None)),
        (_in_sheet_name, ("sheet", "MY_NUMBER", None, None)),
        (_in_tip, ("file", "MY_NUMBER", None, None)),
    ],
)
def test_a_my_number_is_found_wherever_a_workbook_can_hide_it(
    fill: Callable[[openpyxl.Workbook], None], place: tuple[str, str, int | None, str | None]
) -> None:
    table = read_table(xlsx_of(fill), name="list.xlsx")
    assert place in places(table.findings)
    assert not any(part in repr(table) for part in (VALID, "5678", "9018"))


def test_a_number_that_lost_its_leading_zero_is_still_a_my_number() -> None:
    table = read_table(xlsx_of(lambda book: page(book).append(["x", 23456789013])), name="list.xlsx")
    assert places(table.findings) == {("phone", "MY_NUMBER", 3, "phone")}


def test_a_text_left_over_from_a_deleted_cell_is_found() -> None:
    data = write_xlsx({"a": (HEADERS, [["佐藤", "1"]])})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        strings = archive.read("xl/sharedStrings.xml")
    left_over = strings.replace(b"</sst>", f"<si><t>{VALID}</t></si></sst>".encode())
    table = read_table(with_part(data, "xl/sharedStrings.xml", left_over), name="a.xlsx")
    assert places(table.findings) == {("string", "MY_NUMBER", None, None)}


def test_a_sheet_name_that_is_a_my_number_is_refused() -> None:
    with pytest.raises(PrivacyError) as refused:
        sheet_names(xlsx_of(_in_sheet_name), name="a.xlsx")
    assert dict(refused.value.values) == {"field": "sheet_name"}


def test_an_ordinary_workbook_has_no_findings() -> None:
    assert read_table(xlsx_of(lambda _: None), name="list.xlsx").findings == ()
    ours = write_xlsx({"a": (HEADERS, [["佐藤", "+819012345678"]])})
    assert read_table(ours, name="list.xlsx").findings == ()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "＝", "＋", "－", "＠", " =", "'="])
def test_what_would_run_is_made_harmless_and_comes_back(start: str) -> None:
    text = f'{start}cmd("x")'
    data = write_csv(HEADERS, [[text, "1"]])
    line = data.decode("utf-8-sig").split("\r\n", 1)[1]
    assert line.lstrip('"').startswith("'")
    assert read_table(data, name="a.csv").rows[0].cells["name"] == text


def test_a_csv_is_for_excel() -> None:
    assert write_csv(HEADERS, [["髙﨑", None], [date(2026, 12, 3), 2]]) == (
        b"\xef\xbb\xbf" + "name,phone\r\n髙﨑,\r\n2026-12-03,2\r\n".encode()
    )


def test_an_xlsx_holds_texts_and_numbers_but_no_formula_or_link() -> None:
    rows: list[list[object]] = [["=1+1", "0986232111"], ["https://example.invalid", 3], [date(2026, 12, 3), None]]
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx({"a/b": (HEADERS, rows)})))
    sheet = book["a_b"]
    assert [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        [("=1+1", "s"), ("0986232111", "s")],
        [("https://example.invalid", "s"), (3, "n")],
        [("2026-12-03", "s"), (None, "n")],
    ]
    assert sheet["A2"].hyperlink is None


def test_equal_tables_are_equal_bytes() -> None:
    tables = {"a": (HEADERS, [["x", "1"]]), "b": (HEADERS, [])}
    assert write_xlsx(tables) == write_xlsx(tables)


words = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co"]), min_size=1, max_size=12).filter(
    lambda text: bool(text.strip()) and not any(map(str.isdigit, text))
)


@given(st.lists(st.tuples(words, words), min_size=1, max_size=5))
def test_what_was_written_is_read_back(rows: list[tuple[str, str]]) -> None:
    table = read_table(write_csv(HEADERS, rows), name="a.csv")
    assert [tuple(row.cells.values()) for row in table.rows] == rows


@given(st.lists(st.tuples(words, words), min_size=1, max_size=3))
def test_a_workbook_is_read_back(rows: list[tuple[str, str]]) -> None:
    plain = [tuple("x" + text for text in row) for row in rows]
    table = read_table(write_xlsx({"a": (HEADERS, plain)}), name="a.xlsx")
    assert [tuple(row.cells.values()) for row in table.rows] == plain


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.xlsx", "a.xlsm", "a"]))
def test_any_bytes_are_a_table_or_a_refusal(data: bytes, name: str) -> None:
    def outcome() -> str:
        try:
            return f"{len(read_table(data, name=name).headers)} headers"
        except FileRefused as refused:
            return refused.code

    assert re.fullmatch(r"[1-9][0-9]* headers|FILE_[A-Z_]+|CSV_BROKEN", outcome())
