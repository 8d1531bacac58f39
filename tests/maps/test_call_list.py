from __future__ import annotations

import io
import re
import zipfile
from dataclasses import fields, replace
from typing import Any

import pytest
from openpyxl import load_workbook

from maps.call_list import call_list_html, call_list_pdf, call_list_xlsx, window_in_words
from maps.views import CallList
from outreach.words import LANGUAGES, Words
from tests.maps.known import CALL, CALL_LIST, STAMP, clock
from tests.maps.pdf import page_texts, pieces, squeezed
from tests.maps.test_sheets import PAYLOADS

FORMULAS = ("=1+1", "+81", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x","y")')


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Words:
    return Words(request.param)


@pytest.mark.parametrize(
    ("first", "last", "japanese", "english"),
    [
        ("10:00", "10:30", "午前10時から10時30分の間", "between 10:00 and 10:30"),
        ("9:30", "10:00", "午前9時30分から10時の間", "between 9:30 and 10:00"),
        ("11:30", "12:00", "午前11時30分から昼の12時の間", "between 11:30 and 12:00"),
        ("12:30", "13:00", "昼の12時30分から午後1時の間", "between 12:30 and 13:00"),
        ("13:05", "15:00", "午後1時5分から3時の間", "between 13:05 and 15:00"),
    ],
)
def test_a_window_is_written_as_it_is_spoken(first: str, last: str, japanese: str, english: str) -> None:
    promised = (clock(first), clock(last))
    assert window_in_words(promised, Words("ja")) == japanese
    assert window_in_words(promised, Words("en")) == english


def test_the_list_says_everything_a_caller_needs() -> None:
    shown = "".join(page_texts(call_list_pdf(CALL_LIST, Words("ja"))))
    for text in (
        "訪問前の電話リスト", "11月24日（火よう日）", "計画 第3版　0123456789", "見本市の市民課 訪問係です。",
        "職員が2人でうかがいます。名札をつけています。", "お金は、かかりません。",
        "12けたの番号は、電話で言わないでください。",
        "08:50まで", "コダマ ハナコ", "児玉 花子 様", "0986-00-0123", "別の電話 090-0000-0456",
        "午前10時から10時30分の間",
        "1号車", "3人　新しいカード", "写真つきの書類 1つ", "いすがあれば行ける", "日本語", "話せた", "出ない",
        "かけ直す", "取消し",
        "電話をくれた人：家族　児玉 誠", "前の電話：出なかった", "連絡：耳が遠い方です。", "電話できない方",
        "ファクス", "0986-00-0555",
        "shizuka.kawano@example.jp", "手話", "送った",
    ):  # fmt: skip
        assert squeezed(text) in shown


def test_the_order_given_is_kept_and_those_without_a_phone_come_last(words: Words) -> None:
    for shown in (
        "".join(page_texts(call_list_pdf(CALL_LIST, words))),
        call_list_html(CALL_LIST, words),
        "".join(str(value) for row in _rows(call_list_xlsx(CALL_LIST, words)) for value in row),
    ):
        assert shown.index("H10472") < shown.index("P20391") < shown.index("K30118")
        assert shown.index("P20391") < shown.index(words("calls.without_phone")[:5]) < shown.index("K30118")


def test_nothing_is_smaller_than_twelve_points_and_the_phone_is_the_largest_of_its_row(words: Words) -> None:
    found = [piece for page in pieces(call_list_pdf(CALL_LIST, words)) for piece in page]
    assert min(piece.size for piece in found) >= 11.99
    (phone,) = [piece for piece in found if piece.text == "0986-00-0123"]
    (name,) = [piece for piece in found if piece.text.startswith("児玉 花子")]
    assert phone.size > name.size


def test_no_resident_is_split_over_two_pages(words: Words) -> None:
    calls = tuple(
        replace(CALL, reference=f"A{n}0000", name=f"住民 {n}号", phone=f"0986-00-100{n}", note=f"連絡その{n}")
        for n in range(1, 10)
    )
    pages = page_texts(call_list_pdf(replace(CALL_LIST, calls=calls), words))
    assert len(pages) > 2
    for call in calls:
        homes = [
            [number for number, page in enumerate(pages) if squeezed(text) in page]
            for text in (call.reference, call.name, call.phone, call.note)
        ]
        assert homes == [homes[0]] * 4
        assert len(homes[0]) == 1


def test_every_page_repeats_the_heading_the_plan_and_the_office(words: Words) -> None:
    calls = tuple(replace(CALL, reference=f"A{n}0000") for n in range(12))
    pages = page_texts(call_list_pdf(replace(CALL_LIST, calls=calls, without_phone=()), words))
    for number, page in enumerate(pages, start=1):
        for text in (words("calls.label.window"), "0123456789", "0986-00-0100"):
            assert squeezed(text) in page
        assert squeezed(words("sheet.page", page=number, pages=len(pages))) in page


def test_the_longest_texts_stay_on_their_page(words: Words) -> None:
    texts = [field.name for field in fields(CALL) if field.type == "str" and field.name not in {"reference", "access"}]
    longest = replace(CALL, **dict.fromkeys(texts, "W" * 500))
    pdf = call_list_pdf(
        replace(CALL_LIST, calls=(longest, CALL), without_phone=(replace(longest, fax="", mail="W" * 500),)), words
    )
    for here in pieces(pdf):
        (foot,) = [piece.y_mm for piece in here if "0986-00-0100" in piece.text]
        assert min(piece.y_mm for piece in here) >= foot - 1
        assert all(11.9 < piece.x_mm < 285 for piece in here)


def test_a_name_the_font_lacks_has_its_reading_in_large() -> None:
    found = [piece for page in pieces(call_list_pdf(CALL_LIST, Words("ja"))) for piece in page]
    (name,) = [piece for piece in found if "田 實" in piece.text]
    (kana,) = [piece for piece in found if piece.text == "ヨシダ ミノル"]
    assert name.text == "〓田 實 様"
    assert kana.size > name.size


def test_a_day_without_calls_says_so(words: Words) -> None:
    empty = CallList(STAMP, (), ())
    assert squeezed(words("calls.none")) in "".join(page_texts(call_list_pdf(empty, words)))
    assert words("calls.none") in call_list_html(empty, words)
    assert [words("calls.none")] in [[value for value in row if value] for row in _rows(call_list_xlsx(empty, words))]


def test_somebody_without_any_contact_is_named_as_such() -> None:
    lost = replace(CALL, phone="", second_phone="", fax="", mail="")
    shown = "".join(page_texts(call_list_pdf(replace(CALL_LIST, without_phone=(lost,)), Words("ja"))))
    assert squeezed(Words("ja")("calls.no_contact")) in shown


def test_equal_lists_give_equal_bytes(words: Words) -> None:
    for draw in (call_list_pdf, call_list_html, call_list_xlsx):
        assert draw(CALL_LIST, words) == draw(CALL_LIST, words)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_is_never_read_as_markup(payload: str) -> None:
    dirty = replace(CALL_LIST, calls=(replace(CALL, name=payload, note=payload, caller_name=payload),))
    shown = "".join(page_texts(call_list_pdf(dirty, Words("ja"))))
    assert squeezed(payload) in shown
    page = call_list_html(dirty, Words("ja"))
    assert "<script" not in page
    assert "<img" not in page
    assert "onload='x'>" not in page
    assert page.count("</style>") == 1


def test_the_html_requests_nothing_and_runs_nothing(words: Words) -> None:
    page = call_list_html(CALL_LIST, words)
    assert "default-src 'none'; style-src 'sha256-" in page
    assert not re.search(r"<script|<link|<img|<iframe|\bsrc=|url\(|@import|javascript:|style=\"|https?:", page)
    assert set(re.findall(r'href="(\w+):', page)) == {"tel"}


def test_phones_are_text_and_keep_their_zero() -> None:
    cells = {cell.value: cell for row in _sheet(call_list_xlsx(CALL_LIST, Words("ja"))).iter_rows() for cell in row}
    for phone in ("0986-00-0123", "090-0000-0456", "0986-00-0555"):
        assert cells[phone].data_type == "s"
        assert cells[phone].number_format == "@"


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_text_like_a_formula_stays_a_text(formula: str) -> None:
    texts = [field.name for field in fields(CALL) if field.type == "str"]
    dirty = replace(CALL, **dict.fromkeys(texts, formula))
    book = call_list_xlsx(replace(CALL_LIST, calls=(dirty,), without_phone=(dirty,)), Words("en"))
    sheet = _sheet(book)
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    risky = [cell for cell in cells if cell.value == formula[:12] or cell.value == formula]
    assert len(risky) >= 10
    assert all(cell.quotePrefix and cell.number_format == "@" for cell in risky)
    assert "<f>" not in zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert "hyperlink" not in zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()


def test_the_sheet_prints_on_a4_in_landscape_with_its_headings_on_every_page(words: Words) -> None:
    sheet = _sheet(call_list_xlsx(CALL_LIST, words))
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.paperSize == 9
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToWidth in {None, 1}  # one page wide is Excel's default
    assert sheet.page_setup.fitToHeight == 0
    first, last = (int(part) for part in re.findall(r"\d+", sheet.print_title_rows))
    assert first == last
    assert [cell.value for cell in sheet[first]][:4] == [
        words(f"calls.label.{name}") for name in ("call_by", "kana", "name", "phone")
    ]


def test_the_file_carries_the_time_of_the_list_and_none_of_the_machine() -> None:
    book = load_workbook(io.BytesIO(call_list_xlsx(CALL_LIST, Words("ja"))))
    assert book.properties.created.isoformat() == "2026-11-21T05:05:00"
    later = replace(CALL_LIST, stamp=replace(STAMP, made_at=STAMP.made_at.replace(hour=15)))
    assert call_list_xlsx(later, Words("ja")) != call_list_xlsx(CALL_LIST, Words("ja"))


def test_the_excel_file_keeps_a_character_the_font_lacks() -> None:
    assert "𠮷田 實 様" in [value for row in _rows(call_list_xlsx(CALL_LIST, Words("ja"))) for value in row]


def _sheet(book: bytes) -> Any:
    return load_workbook(io.BytesIO(book)).worksheets[0]


def _rows(book: bytes) -> list[list[object]]:
    return [list(row) for row in _sheet(book).iter_rows(values_only=True)]
