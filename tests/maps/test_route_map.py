"""The day's map shows every stop, van and time by reference, and nothing in a name comes to life."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from maps.base_map import bearing, label_point
from maps.errors import MapsError
from maps.route_map import draw_day_map
from maps.views import DayMap, MapDepot, MapLeftOut
from tests.conftest import Soak
from tests.maps.conftest import Say, WatchedPage, say_in
from tests.maps.examples import HALL, KNOWN_DAY, STAMP, square
from tests.maps.payloads import PAYLOADS

EMPTY_DAY = replace(KNOWN_DAY, routes=(), left_out=())


def day_named(text: str) -> DayMap:
    """The known day with ``text`` in every place where text comes from a file."""
    routes = tuple(
        replace(
            route,
            van_name=text,
            shift=text,
            stops=tuple(replace(stop, reference=text) for stop in route.stops),
        )
        for route in KNOWN_DAY.routes
    )
    return replace(
        KNOWN_DAY,
        stamp=replace(STAMP, city_name=text, office_name=text, office_phone=text, banner=text, sha256=text),
        routes=routes,
        depots=tuple(replace(depot, name=text) for depot in KNOWN_DAY.depots),
        left_out=(MapLeftOut(text, (35.19, 134.02), "LEG_TOO_LONG", (("place", text),)),),
        districts=tuple((text, rings) for _, rings in KNOWN_DAY.districts),
    )


def test_it_is_the_same_every_time(say: Say) -> None:
    assert draw_day_map(KNOWN_DAY, say) == draw_day_map(KNOWN_DAY, say)


def test_it_is_drawn_without_boundary_districts_or_depots(say: Say) -> None:
    bare = replace(KNOWN_DAY, boundary=(), districts=(), depots=())
    assert draw_day_map(bare, say).count("L.polygon(") == 0


def test_a_day_without_work_shows_the_city(say: Say) -> None:
    assert "[[35.0, 134.0], [35.2, 134.2]]" in draw_day_map(EMPTY_DAY, say)


def test_a_day_with_nothing_at_all_is_refused(say: Say) -> None:
    with pytest.raises(MapsError) as refused:
        draw_day_map(replace(EMPTY_DAY, depots=(), boundary=(), districts=()), say)
    assert refused.value.code == "MAP_WITHOUT_PLACES"


@pytest.mark.parametrize("place", [(95.0, 134.0), (35.0, 181.0), (float("nan"), 134.0), (134.1, 35.1)])
def test_a_place_that_is_not_on_the_globe_is_refused(place: tuple[float, float]) -> None:
    with pytest.raises(MapsError) as refused:
        draw_day_map(replace(KNOWN_DAY, depots=(MapDepot("x", place),)), say_in("en"))
    assert refused.value.code == "MAP_PLACE_IMPOSSIBLE"


def test_every_leg_long_enough_carries_one_arrow() -> None:
    drawn = draw_day_map(KNOWN_DAY, say_in("en"))
    assert drawn.count('"className": "arrow"') == 5
    degrees = re.findall(r"transform=\\\"rotate\((\d+) 12 12\)", drawn)
    south_east = round(bearing(HALL, (35.06, 134.16)))
    assert degrees[3:] == [str(south_east), str(south_east + 180)]


def test_a_road_path_is_cut_at_its_stops_into_legs_with_one_arrow_each() -> None:
    first = KNOWN_DAY.routes[0]
    corners = first.path
    between = [
        (start[0] + part / 10 * (end[0] - start[0]), start[1] + part / 10 * (end[1] - start[1]))
        for start, end in pairwise(corners)
        for part in range(10)
    ]
    dense = (*between, corners[-1])
    drawn = draw_day_map(replace(KNOWN_DAY, routes=(replace(first, path=dense),)), say_in("en"))
    assert drawn.count('"className": "arrow"') == 3


@pytest.mark.parametrize(
    ("end", "degrees"),
    [((35.2, 134.1), 0), ((35.1, 134.2), 90), ((35.0, 134.1), 180), ((35.1, 134.0), 270)],
)
def test_a_bearing_counts_clockwise_from_north(end: tuple[float, float], degrees: int) -> None:
    assert round(bearing(HALL, end), 6) == degrees


def test_a_name_stands_inside_the_largest_part_of_its_district() -> None:
    latitude, longitude = label_point([square(10, 10, 1), square(0, 0, 4)])
    assert (latitude, longitude) == (2, 2)


def test_a_name_stands_inside_a_horseshoe() -> None:
    horseshoe = ((0, 0), (0, 9), (9, 9), (9, 6), (2, 6), (2, 3), (9, 3), (9, 0), (0, 0))
    latitude, longitude = label_point([horseshoe])
    assert not (latitude > 2 and 3 < longitude < 6)


def test_a_reason_is_put_into_words_with_its_values() -> None:
    assert draw_day_map(KNOWN_DAY, say_in("en")).count("LEG_TOO_LONG.sentence") == 2


@pytest.mark.browser
def test_it_shows_the_day_and_asks_for_nothing(browser_page: WatchedPage, say: Say) -> None:
    shown = browser_page.open(draw_day_map(KNOWN_DAY, say))
    assert shown.locator(".badge:not(.left-out)").all_inner_texts() == [
        f"{number}\n{say('map.stop.title', van=van, number=number, reference=reference)}: {window}"
        for number, van, reference, window in (
            (1, "さくら号", "H10472", say("map.stop.promised", start_s=34200, end_s=36000)),
            (2, "さくら号", "P20391", say("map.stop.promised", start_s=39600, end_s=41400)),
            (1, "Tsubaki", "K30018", say("map.stop.proposal")),
        )
    ]
    assert shown.locator(".leaflet-control-layers-overlays label").all_inner_texts() == [
        say("map.layer.districts"),
        "さくら号",
        "Tsubaki",
        say("map.layer.left_out"),
    ]
    assert shown.locator(".vans b").all_inner_texts() == ["さくら号", "Tsubaki"]
    assert shown.locator(".vans p").all_inner_texts() == [
        say("map.van.work", stops=2, travel_s=4920),
        say("map.van.break", start_s=43200, end_s=46800),
        say("map.van.work", stops=1, travel_s=1800),
    ]
    assert shown.locator(".leaflet-control-scale-line").count() == 1
    assert (
        shown.locator("footer p").first.inner_text().split()
        == (
            say("map.stamp.plan", version=3, hash="a1b2c3d4e5", year=2026, day=STAMP.date)
            + " "
            + say("map.stamp.made", year=2026, day=STAMP.made_at.date(), time_s=52200)
        ).split()
    )
    assert shown.locator(".estimate").inner_text() == say("map.estimate")
    assert shown.locator("html").get_attribute("lang") == say("map.language")
    assert shown.locator("a[href]:not([href='#'])").count() == 0
    assert browser_page.asked_only_for_the_file()
    assert browser_page.complaints == []


@pytest.mark.browser
def test_a_layer_is_switched_by_keyboard(browser_page: WatchedPage) -> None:
    shown = browser_page.open(draw_day_map(KNOWN_DAY, say_in("en")))
    box = shown.get_by_label("さくら号")
    box.focus()
    shown.keyboard.press("Space")
    assert shown.locator(".badge svg text").all_text_contents() == ["1"]
    shown.keyboard.press("Space")
    assert shown.locator(".badge svg text").count() == 3


@pytest.mark.browser
def test_a_stop_tells_its_times_on_enter_and_closes_by_its_named_button(browser_page: WatchedPage, say: Say) -> None:
    shown = browser_page.open(draw_day_map(KNOWN_DAY, say))
    shown.locator(".badge").first.focus()
    shown.keyboard.press("Enter")
    assert shown.locator(".map-bubble h2").inner_text() == say(
        "map.stop.title", van="さくら号", number=1, reference="H10472"
    )
    assert shown.locator(".map-bubble dd").all_inner_texts() == [
        say("map.stop.promised", start_s=34200, end_s=36000),
        "09:35",
        "10:25",
    ]
    shown.get_by_role("button", name=say("map.control.close")).click()
    shown.wait_for_selector(".map-bubble", state="detached")
    assert browser_page.complaints == []


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 600])
def test_no_stop_lies_under_the_list_of_layers(browser_page: WatchedPage, width: int) -> None:
    browser_page.page.set_viewport_size({"width": width, "height": 900})
    corner = replace(KNOWN_DAY, left_out=(replace(KNOWN_DAY.left_out[0], location=(35.19, 134.19)),))
    shown = browser_page.open(draw_day_map(corner, say_in("en")))
    layers = shown.locator(".leaflet-control-layers").bounding_box()
    for sign in shown.locator(".badge").all():
        box = sign.bounding_box()
        assert box["x"] + box["width"] <= layers["x"] or box["y"] >= layers["y"] + layers["height"]


@pytest.mark.browser
def test_paper_shows_the_whole_day(browser_page: WatchedPage) -> None:
    shown = browser_page.open(draw_day_map(KNOWN_DAY, say_in("en")))
    shown.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    frame = shown.locator(".map-frame").bounding_box()
    assert (round(frame["width"]), round(frame["height"])) == (round(190 * 96 / 25.4), round(145 * 96 / 25.4))
    for sign in shown.locator(".badge").all():
        box = sign.bounding_box()
        assert frame["x"] <= box["x"] <= frame["x"] + frame["width"] - box["width"]
        assert frame["y"] <= box["y"] <= frame["y"] + frame["height"] - box["height"]
    shown.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert shown.locator(".map-frame").bounding_box()["height"] > 600


@pytest.mark.browser
def test_stops_at_one_place_move_apart(browser_page: WatchedPage) -> None:
    route = KNOWN_DAY.routes[0]
    same = tuple(replace(stop, location=(35.14, 134.06)) for stop in (*route.stops, *route.stops))
    crowded = replace(
        KNOWN_DAY, routes=(replace(route, stops=tuple(replace(s, number=n + 1) for n, s in enumerate(same))),)
    )
    shown = browser_page.open(draw_day_map(crowded, say_in("en")))
    boxes = [shape.bounding_box() for shape in shown.locator(".badge:not(.left-out) svg").all()]
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes if box]
    apart = [
        ((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2) ** 0.5
        for place, one in enumerate(middles)
        for other in middles[place + 1 :]
    ]
    assert len(apart) == 6
    assert min(apart) > 33


def shown_text(payload: str) -> str:
    """What a browser should show of ``payload``: itself, without what cannot be seen."""
    return "".join(" " if c in "\u2028\u2029" else c for c in payload if c not in "\x00\u202e")


@pytest.mark.browser
def test_a_text_stays_a_text_in_every_field(browser_page: WatchedPage) -> None:
    days = [day_named(payload) for payload in PAYLOADS]
    day = replace(
        day_named(" ".join(PAYLOADS)),
        routes=tuple(replace(day.routes[0], style=number) for number, day in enumerate(days)),
        depots=tuple(replace(day.depots[0], location=(35.0, 134 + n / 100)) for n, day in enumerate(days)),
        left_out=tuple(replace(day.left_out[0], location=(35.3, 134 + n / 100)) for n, day in enumerate(days)),
        districts=tuple((payload, (square(35.2, 134 + n / 5),)) for n, payload in enumerate(PAYLOADS)),
    )
    shown = browser_page.open(draw_day_map(day, say_in("en")))
    texts = [shown_text(payload) for payload in PAYLOADS]
    assert shown.locator(".vans b").all_text_contents() == texts
    assert shown.locator(".layer-name[data-layer^='van-'] > span").all_text_contents() == texts
    assert shown.locator(".place-name > span").all_text_contents() == texts
    assert shown.locator(".left-out .unseen").all_text_contents() == [
        say_in("en")("map.left_out.title", reference=text) for text in texts
    ]
    assert shown.locator("caption").all_text_contents()[:-1] == [f" {text}" for text in texts]
    assert_harmless(browser_page)


@pytest.mark.browser
@pytest.mark.heavy
def test_one_payload_everywhere_leaves_the_map_working(browser_page: WatchedPage, soak: Soak) -> None:
    for payload in soak.rng.sample(PAYLOADS, soak.count(len(PAYLOADS))):
        shown = browser_page.open(draw_day_map(day_named(payload), say_in("en")))
        for badge in shown.locator(".badge").all():
            badge.focus()
            shown.keyboard.press("Enter")
            shown.wait_for_selector(".map-bubble h2")
        shown.locator(".leaflet-control-layers input").nth(1).uncheck()
        assert shown.locator(".badge:not(.left-out)").count() == 1
        assert_harmless(browser_page)


def assert_harmless(browser_page: WatchedPage) -> None:
    shown = browser_page.page
    assert shown.evaluate("window.pwned") is None
    assert shown.locator("a[href]:not([href='#']):not([href='#close']), iframe, base, form").count() == 0
    assert browser_page.asked_only_for_the_file()
    assert browser_page.complaints == []
