"""A map's file holds all it needs, asks for nothing, links nowhere, and is the same every time."""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import folium
import pytest
from markupsafe import Markup

from maps import offline
from maps.base_map import PADDING, extent, page_words, plain_map
from maps.errors import MapsError
from maps.offline import stand_alone
from tests.maps.conftest import WatchedPage, say_in
from tests.maps.examples import HALL

WORDS: dict[str, Any] = {
    "say": say_in("en"),
    "words": page_words(say_in("en")),
    "first_view": extent([HALL]),
    "padding": PADDING,
    "title": "A map",
}


def page(drawn: folium.Map, **values: object) -> str:
    return stand_alone(drawn, "map_page.html", **{**WORDS, **values})


def with_tiles() -> folium.Map:
    drawn = plain_map([HALL])
    folium.TileLayer("https://tile.example.com/{z}/{x}/{y}.png", attr="nobody").add_to(drawn)
    return drawn


def with_popup() -> folium.Map:
    drawn = plain_map([HALL])
    folium.Marker(HALL, popup="Folium's own popup needs jQuery").add_to(drawn)
    return drawn


def with_plugin() -> folium.Map:
    from folium.plugins import Fullscreen

    drawn = plain_map([HALL])
    Fullscreen().add_to(drawn)
    return drawn


def test_the_head_names_language_charset_viewport_and_title() -> None:
    written = page(plain_map([HALL]))
    assert written.startswith('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n')
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in written
    assert re.findall(r"<title>(.*?)</title>", written) == ["A map"]


def test_no_address_is_left_but_the_names_of_xml_spaces() -> None:
    written = page(plain_map([HALL]))
    assert set(re.findall(r"https?://[^\s\"'<>)]+", written)) == {"http://www.w3.org/2000/svg"}
    assert "sourceMappingURL" not in written
    assert "leafletjs" not in written
    assert "openstreetmap" not in written.lower()


def test_leaflets_authors_are_still_named() -> None:
    assert "(c) 2010-2022 Vladimir Agafonkin, (c) 2010-2011 CloudMade" in page(plain_map([HALL]))


def test_only_the_scripts_of_the_file_may_run() -> None:
    written = page(plain_map([HALL]))
    policy = html.unescape(re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', written)[0])
    scripts = re.findall(r"<script>(.*?)</script>", written, flags=re.DOTALL)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts]
    assert policy.split("; ") == [
        "default-src 'none'",
        "script-src " + " ".join(hashes),
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_two_maps_of_the_same_are_the_same_bytes() -> None:
    assert page(plain_map([HALL])) == page(plain_map([HALL]))


def test_another_process_with_other_hashes_draws_the_same_bytes() -> None:
    program = (
        "import hashlib; from tests.maps.conftest import say_in; from tests.maps.examples import KNOWN_DAY;"
        "from maps.route_map import draw_day_map;"
        "print(hashlib.sha256(draw_day_map(KNOWN_DAY, say_in('ja')).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("drawn", "code"),
    [
        (with_tiles, "MAP_REFERS_OUTSIDE"),
        (with_popup, "MAP_ASSET_MISSING"),
        (with_plugin, "MAP_ASSET_UNKNOWN"),
    ],
)
def test_a_map_that_needs_more_than_leaflet_is_refused(drawn: Any, code: str) -> None:
    with pytest.raises(MapsError) as refused:
        page(drawn())
    assert refused.value.code == code


@pytest.mark.parametrize(
    "fragment",
    [
        '<a href="https://example.com/">out</a>',
        '<a href="other.html">beside</a>',
        '<img src="//example.com/x.png">',
        '<img srcset="x.png 2x">',
        '<b style="background: url(x.png)">x</b>',
        "<style>@import 'x.css';</style>",
        '<form action="#"></form>',
        '<b onclick="x()">x</b>',
        '<svg><use xlink:href="x.svg#a"/></svg>',
        '<iframe title="x"></iframe>',
    ],
)
def test_a_page_that_would_reach_outside_is_refused(fragment: str) -> None:
    with pytest.raises(MapsError) as refused:
        page(plain_map([HALL]), title=Markup(fragment))
    assert refused.value.code == "MAP_REFERS_OUTSIDE"


def test_without_leaflet_the_missing_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    offline._leaflet_script.cache_clear()
    monkeypatch.setattr(offline.resources, "files", lambda package: tmp_path)
    with pytest.raises(MapsError) as refused:
        page(plain_map([HALL]))
    assert (refused.value.code, refused.value.values) == ("MAP_ASSET_MISSING", {"asset": "leaflet.js"})


@pytest.mark.browser
def test_even_leaflets_own_marker_asks_for_no_picture(browser_page: WatchedPage) -> None:
    drawn = plain_map([HALL])
    folium.Marker(HALL).add_to(drawn)
    shown = browser_page.open(page(drawn))
    shown.wait_for_function("document.querySelector('img.leaflet-marker-icon').naturalWidth > 0")
    assert [address for address in browser_page.requests if not address.startswith("data:")] == [browser_page.address]
    assert browser_page.complaints == []
