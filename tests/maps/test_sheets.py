from __future__ import annotations

import re
import tempfile
from dataclasses import fields, replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from maps.errors import MapsError
from maps.paper import clean
from maps.sheets import route_sheets_html, route_sheets_pdf
from maps.views import RouteSheet
from outreach.words import LANGUAGES, Words
from routing.certificate import Says
from tests.maps.known import FIRST, SECOND, SHEET, STAMP, longest_stop, nine_stops
from tests.maps.pdf import page_count, page_texts, pieces, squeezed

PAYLOADS = (
    '#eval("1+1") #panic() $x$ *b* _i_ @ref <label>',
    "${alert(1)} `${1}` {{7*7}} {0} {name}",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "\"></style></p><svg onload='x'>",
    "\\u{41} \\ // /* */ =cmd|' /C calc'!A0",
)


@pytest.fixture(params=LANGUAGES)
def words(request: pytest.FixtureRequest) -> Words:
    return Words(request.param)


def test_the_sheet_says_everything_a_crew_needs() -> None:
    front, *stops = page_texts(route_sheets_pdf([SHEET], Words("ja")))
    for text in (
        "訪問ルート表", "1号車", "11月24日（火よう日）", "黒木 健、長友 さくら", "市役所", "計画 第3版　0123456789",
        "出発の予定", "09:02", "出発の期限", "09:12", "12:00～13:00", "15:27", "142分", "背景パネル", "申請書",
        "運転時間は、直線距離から計算した見積もりです。", "11月21日（土よう日） 14:05 作成", "09:30～10:00",
        "13:30～14:00",
        "H10472", "P20391",
    ):  # fmt: skip
        assert squeezed(text) in front
    shown = "".join(stops)
    for text in (
        "運転 18分", "09:30～10:00", "09:20", "早く着きます。09:30まで待ちます。", "10:35", "コダマ ハナコ",
        "児玉 花子 様",
        "見本市姫川町6街区21号", "郵便局の西どなり", "0986-00-0123", "090-0000-0456", "3人（うち15歳未満 1人）",
        "新しいカード",
        "いすがあれば行ける", "車を1台とめられる", "写真つきの書類 1つ", "日本語", "話せた",
        "犬がいます。門の前で電話してください。",
        "訪問した", "不在", "取消し", "会えた人数", "H10472", "番地まで正確", "休憩　12:00～13:00",
        "遠い訪問先（責任者の承認ずみ）",
        "コーポ見本 203号室", "必要なこと", "車いす、oxygen_free_room", "まだ聞いていません",
        "帰り　運転 62分　→　市役所　15:27 着の予定",
    ):  # fmt: skip
        assert squeezed(text) in shown


def test_the_sheet_says_how_good_the_whole_day_is(words: Words) -> None:
    sheet = replace(nine_stops(), certificate="certificate.AT_MOST", saving_min=6)
    said = words("sheet.certificate", statement=words("certificate.AT_MOST", minutes=6))
    assert "6" in said
    assert squeezed(said) in page_texts(route_sheets_pdf([sheet], words))[0]
    assert said in route_sheets_html([sheet], words)


@pytest.mark.parametrize(("stops", "kit"), [(2, 24), (9, 12), (9, 24), (12, 12)])
def test_that_line_never_costs_a_page(words: Words, stops: int, kit: int) -> None:
    day = nine_stops()
    many = tuple(replace(day.stops[at % 9], number=at + 1) for at in range(stops))
    sheet = replace(day, stops=many, kit=tuple(f"kit {number}" for number in range(kit)))
    pages = len(page_texts(route_sheets_pdf([sheet], words)))
    for says in Says:
        told = replace(sheet, certificate=f"certificate.{says.value}", saving_min=123)
        assert len(page_texts(route_sheets_pdf([told], words))) == pages


def test_the_english_sheet_says_it_in_english() -> None:
    shown = "".join(page_texts(route_sheets_pdf([SHEET], Words("en"))))
    for text in (
        "Route sheet", "Tue 24 Nov 2026", "Plan version 3 · 0123456789", "Leave by (latest)", "drive 18 min",
        "You arrive early: wait until 09:30.", "3 people, 1 under 15", "One paper with photo", "Break 12:00–13:00",
        "Driving times are estimates from straight distances.", "Need help? 市民課 訪問係, tel. 0986-00-0100",
    ):  # fmt: skip
        assert squeezed(text) in shown


def test_every_page_carries_the_office_number_the_plan_and_its_number(words: Words) -> None:
    pages = page_texts(route_sheets_pdf([nine_stops()], words))
    for number, page in enumerate(pages, start=1):
        assert squeezed(words("sheet.page", page=number, pages=len(pages))) in page
        assert "0986-00-0100" in page
        assert "0123456789" in page


def test_each_sheet_counts_its_own_pages() -> None:
    alone = len(page_texts(route_sheets_pdf([SHEET], Words("ja"))))
    both = page_texts(route_sheets_pdf([SHEET, nine_stops()], Words("ja")))
    assert f"1/{alone}ページ" in both[0]
    assert f"{alone}/{alone}ページ" in both[alone - 1]
    assert f"1/{len(both) - alone}ページ" in both[alone]


def test_nothing_is_smaller_than_twelve_points(words: Words) -> None:
    sheets = [SHEET, nine_stops(), replace(SHEET, stops=(longest_stop(),), stamp=replace(STAMP, banner="見本"))]
    found = [piece for page in pieces(route_sheets_pdf(sheets, words)) for piece in page]
    assert len(found) > 300
    assert min(piece.size for piece in found) >= 11.99


def test_the_promised_window_is_the_largest_text_of_a_stop_but_its_number() -> None:
    found = pieces(route_sheets_pdf([SHEET], Words("ja")))[1]
    largest = sorted(found, key=lambda piece: -piece.size)
    assert [piece.text for piece in largest[:2]] == ["1", "09:30～10:00"]


def test_no_stop_is_split_over_two_pages(words: Words) -> None:
    sheet = nine_stops()
    pages = page_texts(route_sheets_pdf([sheet], words))[1:]
    for stop in sheet.stops:
        texts = (
            stop.name,
            stop.kana,
            stop.address,
            stop.phone,
            stop.second_phone,
            stop.landmark,
            stop.note,
            stop.reference,
        )
        homes = [[number for number, page in enumerate(pages) if squeezed(text) in page] for text in texts]
        assert homes == [homes[0]] * len(texts)
        assert len(homes[0]) == 1


def test_two_ordinary_stops_share_a_page(words: Words) -> None:
    assert len(page_texts(route_sheets_pdf([replace(SHEET, stops=nine_stops().stops[:4], break_=None)], words))) == 3


def test_the_break_stands_between_the_stops_it_parts() -> None:
    shown = "".join(page_texts(route_sheets_pdf([nine_stops()], Words("ja")))[1:])
    assert shown.index("連絡その4") < shown.index("休憩12:00～13:00") < shown.index("住民5号")
    assert shown.count("休憩12:00～13:00") == 1


def test_a_break_after_the_last_stop_stands_before_the_way_home() -> None:
    shown = "".join(page_texts(route_sheets_pdf([replace(SHEET, stops=(FIRST,))], Words("ja")))[1:])
    assert shown.index("門の前で") < shown.index("休憩12:00～13:00") < shown.index("帰り")


@pytest.mark.parametrize("widest", [False, True])
def test_a_stop_with_the_longest_texts_stays_whole_and_inside_its_page(words: Words, widest: bool) -> None:
    stop = longest_stop()
    if widest:
        texts = ("name", "kana", "address", "building", "landmark", "phone", "second_phone", "note")
        stop = replace(stop, **dict.fromkeys(texts, "W" * 500), needs=("W" * 99,) * 9)
    sheet = replace(SHEET, stops=(stop,), stamp=replace(STAMP, banner="W" * 200))
    pdf = route_sheets_pdf([sheet], words)
    (page,) = [text for text in page_texts(pdf)[1:] if words("sheet.outcome.visited").replace(" ", "") in text]
    for text in (words("sheet.label.needs"), words("sheet.label.end_time"), "XXXXXXXXXXX…", "13:30"):
        assert squeezed(text) in page
    for here in pieces(pdf):
        # Below the stops stands the foot alone; right of the margin nothing begins.
        assert all(piece.y_mm > 8 and 14.9 < piece.x_mm < 195 for piece in here)
        assert all(
            len(run) * 0.93 * piece.size / 72 * 25.4 < 181
            for piece in here
            for run in piece.text.split()
            if set(run) == {"W"}
        )


def test_a_page_never_grows_past_its_foot(words: Words) -> None:
    for sheet in (nine_stops(), replace(SHEET, stops=(longest_stop(),))):
        for here in pieces(route_sheets_pdf([sheet], words)):
            (foot,) = [piece.y_mm for piece in here if "0986-00-0100" in piece.text]
            assert min(piece.y_mm for piece in here) >= foot - 1


def test_a_character_the_font_lacks_prints_as_geta_with_the_reading_in_large() -> None:
    pdf = route_sheets_pdf([SHEET], Words("ja"))
    found = [piece for page in pieces(pdf) for piece in page]
    (name,) = [piece for piece in found if "田 實" in piece.text]
    (kana,) = [piece for piece in found if piece.text == "ヨシダ ミノル"]
    assert name.text == "〓田 實 様"
    assert kana.size > name.size
    assert "〓は、この紙に印刷できない文字です。" in "".join(page_texts(pdf))


def test_the_html_keeps_that_character() -> None:
    assert SECOND.name in route_sheets_html([SHEET], Words("ja"))


def test_a_sheet_without_stops_or_places_can_be_printed(words: Words) -> None:
    empty = replace(SHEET, stops=(), kit=(), break_=None, sketch=replace(SHEET.sketch, path=(), stops=(), depots=()))
    assert words("sheet.title").replace(" ", "") in page_texts(route_sheets_pdf([empty], words))[0]
    assert "<svg" not in route_sheets_html([empty], words)


def test_no_sheet_at_all_is_refused(words: Words) -> None:
    with pytest.raises(ValueError, match="at least one"):
        route_sheets_pdf([], words)
    with pytest.raises(ValueError, match="at least one"):
        route_sheets_html([], words)


def test_equal_sheets_give_equal_bytes_and_leave_nothing_behind(
    words: Words, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert route_sheets_pdf([SHEET], words) == route_sheets_pdf([SHEET], words)
    assert route_sheets_html([SHEET], words) == route_sheets_html([SHEET], words)
    assert list(tmp_path.iterdir()) == []


def test_thirty_sheets_make_one_file() -> None:
    sheets = [replace(SHEET, van_name=f"{number}号車") for number in range(1, 31)]
    assert page_count(route_sheets_pdf(sheets, Words("ja"))) == 30 * page_count(route_sheets_pdf([SHEET], Words("ja")))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_is_never_read_as_markup(payload: str) -> None:
    sheet = _with_every_text(payload)
    shown = "".join(page_texts(route_sheets_pdf([sheet], Words("ja")))[1:])
    # Phones and references end earlier than names do.
    assert shown.count(squeezed(payload)[:9]) >= 9
    assert squeezed(clean(payload, 40).rstrip("…")) in shown


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_adds_no_element_and_no_attribute_to_the_html(payload: str) -> None:
    plain, dirty = (_Skeleton(route_sheets_html([_with_every_text(text)], Words("en"))) for text in ("x", payload))
    assert [tag for tag in dirty.tags if tag != "a"] == [tag for tag in plain.tags if tag != "a"]
    assert dirty.attributes <= {
        "aria-label", "charset", "class", "content", "cx", "cy", "d", "fill", "font-size", "height", "href",
        "http-equiv",
        "lang", "name", "paint-order", "r", "role", "stroke", "stroke-linecap", "stroke-linejoin", "stroke-width",
        "text-anchor", "transform", "viewbox", "width", "x", "xmlns", "y",
    }  # fmt: skip
    assert payload.split()[0][:9] in "".join(dirty.texts)


def test_the_html_requests_nothing_and_runs_nothing(words: Words) -> None:
    page = route_sheets_html([SHEET, nine_stops()], words)
    assert "default-src 'none'; style-src 'sha256-" in page
    assert not re.search(r"<script|<link|<img|<iframe|\bsrc=|url\(|@import|javascript:|style=\"", page)
    assert set(re.findall(r'href="(\w+):', page)) == {"tel", "geo"}
    assert set(re.findall(r"https?://[^\"\s<]+", page)) == {"http://www.w3.org/2000/svg"}


def test_the_html_style_holds_the_texts_of_the_foot_in_escapes_only() -> None:
    evil = replace(STAMP, office_name="</style><script>alert(1)</script>", banner='"; } body { display: none')
    page = route_sheets_html([replace(SHEET, stamp=evil)], Words("ja"))
    assert page.count("</style>") == 1
    assert "body { display: none" not in page.split("</style>")[0]
    assert "alert" not in page.split("</style>")[0].replace("\\", "").split("}", 1)[0].split("script", 1)[0]


def test_a_font_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MapsError) as refused:
        route_sheets_pdf([SHEET], Words("ja"), font=tmp_path / "absent.ttf")
    assert refused.value.code == "FONT_MISSING"


class _Skeleton(HTMLParser):
    """Tags, attribute names and texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def _with_every_text(text: str) -> RouteSheet:
    """The known sheet with ``text`` wherever a person or the city may have written something."""
    fixed = {"reference"}
    stop = replace(
        FIRST,
        **{field.name: text for field in fields(FIRST) if field.type == "str" and field.name not in fixed},
        needs=(text,),
    )
    return replace(
        SHEET,
        van_name=text,
        crew=(text, text),
        start_depot=text,
        end_depot=text,
        kit=(text,),
        stops=(stop,),
        stamp=replace(STAMP, city_name=text, office_name=text, banner=text),
    )
