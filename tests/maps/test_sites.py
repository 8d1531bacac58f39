"""A hall on paper and on the map: who comes when, where they are to come, and nothing more of anybody."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from maps.call_list import call_list_html, call_list_pdf, call_list_xlsx
from maps.route_map import draw_day_map
from maps.sheets import route_sheets_html, route_sheets_pdf
from maps.views import CallList, RouteSheet, SiteGuest, SiteStop
from outreach.words import LANGUAGES, Words
from tests.maps.conftest import Say
from tests.maps.examples import KNOWN_DAY
from tests.maps.known import CALL, CALL_LIST, FIRST, SHEET, clock
from tests.maps.pdf import page_count, page_texts, pieces, squeezed
from tests.maps.test_sheets import PAYLOADS

GUEST = SiteGuest(
    start_s=clock("13:00"),
    reference="H10472",
    name="児玉 花子",
    kana="コダマ ハナコ",
    people=3,
    under_15=1,
    visit_type="card_renewal",
    access="chair",
    needs=("interpreter_sign",),
)

HALL = SiteStop(
    number=2,
    reference="SITE-3",
    opens_s=clock("13:00"),
    closes_s=clock("15:00"),
    drive_s=900,
    arrive_s=clock("12:40"),
    start_s=clock("12:50"),
    depart_s=clock("15:05"),
    leave_by_s=clock("16:10"),
    name="姫川自治公民館",
    address="見本市姫川町1番地",
    visit_type="",
    guests=(
        GUEST,
        replace(
            GUEST,
            start_s=clock("13:30"),
            reference="P20391",
            name="𠮷田 實",
            kana="ヨシダ ミノル",
            people=1,
            under_15=0,
            access="yes",
            needs=(),
        ),
    ),
    location=(31.8, 131.1),
)

DAY = replace(SHEET, stops=(FIRST, HALL), sketch=replace(SHEET.sketch, stops=((1, FIRST.location), (2, HALL.location))))


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Words:
    return Words(request.param)


def crowded(count: int) -> RouteSheet:
    """The day with that many guests in the hall, two at a time."""
    guests = tuple(
        replace(
            GUEST, start_s=clock("13:00") + 300 * (number // 2), reference=f"A{number:05d}", name=f"来客 {number}号"
        )
        for number in range(count)
    )
    return replace(DAY, stops=(FIRST, replace(HALL, guests=guests)))


def test_the_sheet_says_of_a_hall_what_a_crew_needs() -> None:
    shown = "".join(page_texts(route_sheets_pdf([DAY], Words("ja"))))
    for text in (
        "会場で受け付ける時間", "13:00～15:00", "12:50から会場の準備をします。", "運転 15分", "姫川自治公民館",
        "見本市姫川町1番地", "予約 2件（4人）", "SITE-3", "コダマ ハナコ", "児玉 花子 様", "3人（うち15歳未満 1人）",
        "カードの更新", "いすがあれば行ける、手話通訳", "来た", "来なかった", "13:30", "ヨシダ ミノル", "1人",
    ):  # fmt: skip
        assert squeezed(text) in shown, text


def test_the_english_sheet_says_it_in_english() -> None:
    shown = "".join(page_texts(route_sheets_pdf([DAY], Words("en"))))
    for text in (
        "Receiving residents", "13:00–15:00", "Set up from 12:50.", "2 bookings, 4 people", "Card renewal",
        "Came", "Did not come", "Who comes",
    ):  # fmt: skip
        assert squeezed(text) in shown, text


def test_the_page_for_the_tablet_says_the_same(words: Words) -> None:
    page = squeezed(route_sheets_html([DAY], words))
    for text in ("SITE-3", "姫川自治公民館", "13:30", words("sheet.site.came"), words("sheet.label.hours")):
        assert squeezed(text) in page


def test_the_front_page_has_the_hall_in_the_order_of_the_day(words: Words) -> None:
    front = page_texts(route_sheets_pdf([DAY], words))[0]
    assert "SITE-3" in front


def test_an_empty_hall_says_so(words: Words) -> None:
    empty = replace(DAY, stops=(replace(HALL, number=1, guests=()),))
    shown = "".join(page_texts(route_sheets_pdf([empty], words)))
    assert squeezed(words("sheet.site.nobody")) in shown
    assert squeezed(words("sheet.site.came")) not in shown
    assert "<table" not in route_sheets_html([empty], words)


def test_a_session_for_one_thing_names_it(words: Words) -> None:
    lesson = replace(DAY, stops=(replace(HALL, number=1, visit_type="smartphone_help", guests=()),))
    assert squeezed(words("visit_type.smartphone_help")) in "".join(page_texts(route_sheets_pdf([lesson], words)))


def test_a_long_list_goes_on_over_pages_and_nobody_is_split_or_lost(words: Words) -> None:
    pdf = route_sheets_pdf([crowded(40)], words)
    pages = page_texts(pdf)
    assert page_count(pdf) > 4
    for number in range(40):
        (page,) = [page for page in pages if f"A{number:05d}" in page]
        assert squeezed(f"来客 {number}号") in page
    heads = [page for page in pages if "A000" in page]
    assert all(squeezed(words("sheet.label.guest")) in page for page in heads)


def test_nothing_on_a_hall_s_page_is_smaller_than_twelve_points(words: Words) -> None:
    found = pieces(route_sheets_pdf([crowded(20)], words))
    assert min(piece.size for page in found for piece in page) >= 11.99


def test_equal_halls_give_equal_bytes(words: Words) -> None:
    assert route_sheets_pdf([crowded(12)], words) == route_sheets_pdf([crowded(12)], words)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_in_a_name_comes_to_life(payload: str) -> None:
    hostile = replace(
        HALL,
        name=payload,
        address=payload,
        reference=payload,
        visit_type=payload,
        guests=(replace(GUEST, name=payload, kana=payload, reference=payload, visit_type=payload, needs=(payload,)),),
    )
    assert route_sheets_pdf([replace(DAY, stops=(hostile,))], Words("ja"))
    page = route_sheets_html([replace(DAY, stops=(hostile,))], Words("ja"))
    assert "<script" not in page
    assert "onload='x'>" not in page
    assert "<img" not in page


AT_HALL = replace(
    CALL, promised=(clock("13:00"), clock("13:00")), hall="姫川自治公民館", hall_address="見本市姫川町1番地"
)
CALLS = replace(CALL_LIST, calls=(AT_HALL, *CALL_LIST.calls[1:]))


def test_the_calls_say_where_to_come_and_when_in_words() -> None:
    shown = "".join(page_texts(call_list_pdf(CALLS, Words("ja"))))
    assert squeezed("午後1時から") in shown
    assert squeezed("会場へ来ていただく：姫川自治公民館（見本市姫川町1番地）") in shown
    assert squeezed("午後1時から1時の間") not in shown
    english = "".join(page_texts(call_list_pdf(CALLS, Words("en"))))
    assert squeezed("at 13:00") in english
    assert squeezed("Comes to: 姫川自治公民館") in english


def test_a_hall_without_an_address_is_named_alone() -> None:
    calls = replace(CALLS, calls=(replace(AT_HALL, hall_address=""),))
    assert "会場へ来ていただく：姫川自治公民館<" in call_list_html(calls, Words("ja"))


def test_the_line_for_halls_is_said_only_where_somebody_comes_to_one(words: Words) -> None:
    line = words("calls.script.hall", city="", office="", day=CALL_LIST.stamp.date)
    assert line in call_list_html(CALLS, words)
    assert line not in call_list_html(CALL_LIST, words)


def test_the_excel_file_has_time_and_hall_in_one_cell() -> None:
    book = load_workbook(io.BytesIO(call_list_xlsx(CALLS, Words("ja"))))
    cells = [cell.value for row in book.active.iter_rows() for cell in row if cell.value]
    assert "午後1時から　会場へ来ていただく：姫川自治公民館（見本市姫川町1番地）" in cells


def test_a_list_of_halls_alone_is_a_list(words: Words) -> None:
    alone = CallList(CALL_LIST.stamp, (), (replace(AT_HALL, phone="", second_phone="", fax="0986-00-0555"),))
    assert squeezed("姫川自治公民館") in "".join(page_texts(call_list_pdf(alone, words)))


def test_the_map_says_when_a_session_receives(say: Say) -> None:
    route = KNOWN_DAY.routes[0]
    hall = replace(route.stops[0], reference="SITE-3", promised=(clock("13:00"), clock("15:00")), site=True)
    drawn = draw_day_map(replace(KNOWN_DAY, routes=(replace(route, stops=(hall,)),)), say)
    assert f">{say('map.stop.session', start_s=clock('13:00'), end_s=clock('15:00'))}</td>" in drawn
    assert f">{say('map.stop.promised', start_s=clock('13:00'), end_s=clock('15:00'))}</td>" not in drawn
