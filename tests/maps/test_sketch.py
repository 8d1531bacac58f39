from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.qr import geo_uri, qr_svg
from maps.sketch import BADGE_MM, draw
from maps.views import Sketch
from tests.maps.known import SKETCH

WIDTH, HEIGHT = 104.0, 96.0
NUMBERS = re.compile(r"-?\d+(?:\.\d+)?")


def test_a_sketch_without_a_place_is_not_drawn() -> None:
    assert draw(Sketch((), (), (), SKETCH.lines), WIDTH, HEIGHT) is None


def test_north_is_up_and_east_is_right() -> None:
    drawing = draw(SKETCH, WIDTH, HEIGHT)
    assert drawing is not None
    (_, east), (_, north) = drawing.badges
    assert east[0] > north[0]
    assert north[1] < east[1]


def test_a_kilometre_is_as_long_to_the_east_as_to_the_north() -> None:
    middle, reach = (31.7, 131.0), 0.05
    squeeze = math.cos(math.radians(middle[0]))
    places = ((middle[0] + reach, middle[1]), (middle[0], middle[1] + reach / squeeze), middle)
    drawing = draw(Sketch((), tuple(enumerate(places, 1)), (), ()), WIDTH, HEIGHT)
    assert drawing is not None
    north, east, here = (spot for _, spot in drawing.badges)
    assert math.dist(north, here) == pytest.approx(math.dist(east, here), rel=0.01)


@given(
    st.lists(st.tuples(st.floats(31.5, 31.9), st.floats(130.8, 131.3)), min_size=1, max_size=9),
    st.lists(st.tuples(st.floats(30, 33), st.floats(129, 133)), min_size=2, max_size=30),
)
def test_everything_drawn_lies_inside_the_frame(
    places: list[tuple[float, float]], ring: list[tuple[float, float]]
) -> None:
    sketch = Sketch(tuple(places), tuple(enumerate(places, 1)), (places[0],), (tuple(ring),))
    drawing = draw(sketch, WIDTH, HEIGHT)
    assert drawing is not None
    for element in ET.fromstring(drawing.svg):
        numbers = [float(number) for number in NUMBERS.findall(element.get("d", ""))]
        assert all(-0.01 <= x <= WIDTH + 0.01 for x in numbers[0::2])
        assert all(-0.01 <= y <= HEIGHT + 0.01 for y in numbers[1::2])
    for _, (x, y) in drawing.badges:
        assert BADGE_MM / 2 <= x <= WIDTH - BADGE_MM / 2
        assert BADGE_MM / 2 <= y <= HEIGHT - BADGE_MM / 2


@pytest.mark.parametrize("count", [2, 6, 9])
def test_stops_at_one_place_have_badges_side_by_side(count: int) -> None:
    place = (31.72, 131.06)
    drawing = draw(Sketch((), tuple((number, place) for number in range(1, count + 1)), (), ()), WIDTH, HEIGHT)
    assert drawing is not None
    spots = [spot for _, spot in drawing.badges]
    nearest = min(math.dist(a, b) for index, a in enumerate(spots) for b in spots[:index])
    assert nearest > BADGE_MM


def test_a_fine_district_line_is_thinned_to_what_can_be_seen() -> None:
    ring = tuple((31.7 + 0.1 * math.sin(i / 5000), 131.06 + 0.1 * math.cos(i / 5000)) for i in range(31_416))
    drawing = draw(replace(SKETCH, lines=(ring,)), WIDTH, HEIGHT)
    assert drawing is not None
    assert len(drawing.svg) < 60_000


@pytest.mark.parametrize(
    ("point", "uri"),
    [
        ((31.719519, 131.061497), "geo:31.719519,131.061497"),
        ((31.5, 131.0), "geo:31.5,131"),
        ((-0.00000001, 0.0), "geo:0,0"),
    ],
)
def test_a_place_is_written_as_a_geo_uri(point: tuple[float, float], uri: str) -> None:
    assert geo_uri(point) == uri


def test_the_drawn_code_holds_exactly_the_modules_of_the_uri() -> None:
    import segno

    text = "geo:31.719519,131.061497"
    svg = ET.fromstring(qr_svg(text))
    side = int(svg.get("viewBox", "").split()[2])
    dark = {
        (int(x), int(float(y) - 0.5))
        for element in svg
        if element.get("stroke")
        for x, y in _dark_modules(element.get("d", ""))
    }
    expected = segno.make(text, error="M", micro=False)
    assert side == len(expected.matrix) + 8
    assert dark == {(x + 4, y + 4) for y, row in enumerate(expected.matrix) for x, module in enumerate(row) if module}


def _dark_modules(path: str) -> list[tuple[float, float]]:
    """The modules that a path of horizontal strokes ("M4 4.5h7m1 0h1") covers."""
    modules: list[tuple[float, float]] = []
    x = y = 0.0
    for command, arguments in re.findall(r"([Mmh])([^Mmh]*)", path):
        numbers = [float(number) for number in NUMBERS.findall(arguments)]
        if command == "h":
            modules += [(x + step, y) for step in range(int(numbers[0]))]
            x += numbers[0]
        else:
            x, y = (numbers[0], numbers[1]) if command == "M" else (x + numbers[0], y + numbers[1])
    return modules
