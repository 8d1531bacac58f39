"""The coverage map and its table tell what may be told: rates in classes, small counts withheld, nothing hidden."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.coverage_map import coverage_csv, draw_coverage_map
from maps.coverage_table import count_words, coverage_rows, look_of, shades, total_row
from maps.errors import MapsError
from maps.views import Cell, CoverageDistrict, CoverageMap
from tests.maps.conftest import Say, WatchedPage, say_in
from tests.maps.examples import KNOWN_COVERAGE, square
from tests.maps.payloads import PAYLOADS

CENTRE, NORTH, EAST, HILLS = KNOWN_COVERAGE.districts


def with_rates(rates: list[float]) -> list[CoverageDistrict]:
    return [replace(CENTRE, name=str(number), per_1000=rate) for number, rate in enumerate(rates)]


def named(text: str) -> CoverageMap:
    return replace(
        KNOWN_COVERAGE,
        city_name=text,
        banner=text,
        districts=tuple(replace(district, name=text) for district in KNOWN_COVERAGE.districts),
        depots=tuple(replace(depot, name=text) for depot in KNOWN_COVERAGE.depots),
    )


def cells(written: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))


def test_the_csv_twin_is_this() -> None:
    assert (
        coverage_csv(KNOWN_COVERAGE, say_in("en"))
        == (
            "\ufeffdistrict,population,aged 65+,people served,people waiting,people turned down,"
            'people served per 1000 aged 65+,"driving from depot (min, estimate)",remark,first day,last day\r\n'
            "中央地区,12000,3000,90,12,7,30.0,5,,2026-10-01,2026-10-31\r\n"
            "北地区,4000,1600,24,6,fewer than 5,15.0,21,,2026-10-01,2026-10-31\r\n"
            "東地区,2500,1100,fewer than 5,0,－,－,30,withheld (small count),2026-10-01,2026-10-31\r\n"
            "山里,180,110,0,0,0,0.0,cannot be reached,nothing yet,2026-10-01,2026-10-31\r\n"
            "Whole city,18680,5810,117,18,12,20.1,,,2026-10-01,2026-10-31\r\n"
        ).encode()
    )


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+81", "'+81"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝１＋１", "'＝１＋１"),
        ("－３", "'－３"),
        ("\t=1", "' =1"),
        ("  =1", "'  =1"),
        ("\r\n=1", "'  =1"),
        ("\x00=1", "'=1"),
        ('a",=1,"b', 'a",=1,"b'),
        ("中央\n地区", "中央 地区"),
        ("中央", "中央"),
    ],
)
def test_a_name_is_never_a_formula(name: str, cell: str) -> None:
    rows = cells(coverage_csv(named(name), say_in("en")))
    assert [row[0] for row in rows[1:-1]] == [cell] * 4
    assert {len(row) for row in rows} == {11}


def test_a_suppressed_count_hides_the_rate_that_would_give_it_away() -> None:
    careless = replace(EAST, per_1000=2.7)
    row = coverage_rows(replace(KNOWN_COVERAGE, districts=(careless,)), say_in("en"))[0]
    assert (row.served, row.per_1000, row.look) == ("fewer than 5", "－", "suppressed")


def test_a_suppressed_sum_has_no_rate() -> None:
    assert total_row(replace(KNOWN_COVERAGE, total_served=Cell(None, complement=True)), say_in("en")).per_1000 == "－"


@pytest.mark.parametrize(
    ("cell", "words"),
    [(Cell(None), "5 人未満"), (Cell(None, complement=True), "－"), (Cell(0), "0"), (Cell(1234), "1,234")],
)
def test_a_count_in_words(cell: Cell, words: str) -> None:
    assert count_words(cell, 5, say_in("ja")) == words


def test_looks_tell_nothing_from_withheld_from_nobody() -> None:
    nobody = replace(CENTRE, aged_65=0, per_1000=None)
    classes = shades(KNOWN_COVERAGE.districts)
    assert [look_of(district, classes) for district in (*KNOWN_COVERAGE.districts, nobody)] == [
        "1",
        "0",
        "suppressed",
        "nothing",
        "nobody",
    ]


def test_a_district_with_nothing_makes_no_class() -> None:
    assert [(shade.low, shade.high) for shade in shades(KNOWN_COVERAGE.districts)] == [(15.0, 15.0), (30.0, 30.0)]


def test_ten_rates_make_five_classes_of_two() -> None:
    districts = with_rates([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 300.0])
    assert [(shade.low, shade.high) for shade in shades(districts)] == [(0, 1), (2, 3), (4, 5), (6, 7), (8, 300)]


@given(st.lists(st.floats(min_value=0, max_value=5000, allow_nan=False), max_size=60))
def test_every_rate_lies_in_exactly_one_class(rates: list[float]) -> None:
    districts = with_rates(rates)
    classes = shades(districts)
    assert len(classes) == min(5, len({round(rate, 1) for rate in rates}))
    for district, rate in zip(districts, rates, strict=True):
        holding = [str(n) for n, shade in enumerate(classes) if shade.low <= round(rate, 1) <= shade.high]
        assert holding == [look_of(district, classes)]


def test_it_is_the_same_every_time(say: Say) -> None:
    assert draw_coverage_map(KNOWN_COVERAGE, say) == draw_coverage_map(KNOWN_COVERAGE, say)


def test_a_coverage_without_any_place_is_refused(say: Say) -> None:
    bare = replace(KNOWN_COVERAGE, boundary=(), depots=(), districts=(replace(CENTRE, rings=()),))
    with pytest.raises(MapsError) as refused:
        draw_coverage_map(bare, say)
    assert refused.value.code == "MAP_WITHOUT_PLACES"


@pytest.mark.browser
def test_it_shows_the_districts_and_asks_for_nothing(browser_page: WatchedPage, say: Say) -> None:
    shown = browser_page.open(draw_coverage_map(KNOWN_COVERAGE, say))
    rows = [*coverage_rows(KNOWN_COVERAGE, say), total_row(KNOWN_COVERAGE, say)]
    assert [
        row.locator("th, td").all_inner_texts() for row in shown.locator(".twin tbody tr, .twin tfoot tr").all()
    ] == [
        [r.name, r.population, r.aged_65, r.served, r.waiting, r.turned_down, r.per_1000, r.driving, r.remark]
        for r in rows
    ]
    assert shown.locator(".place-name").all_inner_texts() == [
        f"{name}\n{rate}" for name, rate in (("中央地区", "30.0"), ("北地区", "15.0"), ("東地区", "－"), ("山里", "0"))
    ]
    assert [shown.locator(f"path.district-{look}").get_attribute("fill") for look in ("0", "1")] == [
        "#e6f0fa",
        "#b5d3ec",
    ]
    assert [shown.locator(f"path.district-{look}").get_attribute("fill") for look in ("nothing", "suppressed")] == [
        "url(#nothing)",
        "url(#suppressed)",
    ]
    districts = say("coverage.legend.districts", districts=1)
    assert shown.locator(".classes li").all_inner_texts() == [
        f"{words} {districts}"
        for words in (
            say("coverage.legend.one", low=15.0),
            say("coverage.legend.one", low=30.0),
            say("coverage.legend.nothing"),
            say("coverage.legend.suppressed"),
        )
    ]
    assert shown.locator(".totals dd").all_inner_texts() == ["117", "18", "12", "20.1"]
    assert browser_page.asked_only_for_the_file()
    assert browser_page.complaints == []


@pytest.mark.browser
def test_a_district_tells_its_numbers_on_click_and_on_enter(browser_page: WatchedPage, say: Say) -> None:
    shown = browser_page.open(draw_coverage_map(KNOWN_COVERAGE, say))
    expected = ["24", "6", say("coverage.fewer_than", threshold=5), "15.0", "1,600", "21"]
    shown.locator(".place-name").nth(1).focus()
    shown.keyboard.press("Enter")
    assert shown.locator(".map-bubble dd").all_inner_texts() == expected
    shown.keyboard.press("Escape")
    shown.wait_for_selector(".map-bubble", state="detached")
    box = shown.locator("path.district-0").bounding_box()
    shown.mouse.click(box["x"] + 15, box["y"] + 15)
    assert shown.locator(".map-bubble dd").all_inner_texts() == expected


@pytest.mark.browser
def test_a_text_stays_a_text_in_every_field(browser_page: WatchedPage) -> None:
    everything = " ".join(PAYLOADS)
    coverage = replace(
        named(everything),
        districts=tuple(
            replace(CENTRE, name=payload, rings=(square(35.0, 134 + n / 5),)) for n, payload in enumerate(PAYLOADS)
        ),
    )
    shown = browser_page.open(draw_coverage_map(coverage, say_in("en")))
    texts = [
        "".join(" " if c in "\u2028\u2029" else c for c in payload if c not in "\x00\u202e") for payload in PAYLOADS
    ]
    assert shown.locator(".twin tbody th").all_text_contents() == texts
    assert [text.removesuffix("30.0") for text in shown.locator(".place-name > span").all_text_contents()] == texts
    for number in (0, 2, 5, 9):
        shown.locator(".place-name").nth(number).focus()
        shown.keyboard.press("Enter")
        shown.wait_for_function(
            "text => document.querySelector('.map-bubble h2')?.textContent === text", arg=texts[number]
        )
    assert shown.evaluate("window.pwned") is None
    assert shown.locator("a[href]:not([href='#']):not([href='#close']), iframe, base, form").count() == 0
    assert browser_page.asked_only_for_the_file()
    assert browser_page.complaints == []
