"""The plain background both maps stand on: the city's outline and district lines, with no tile from anywhere."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

import folium
from branca.element import MacroElement
from folium.template import Template

from maps.errors import MapsError
from maps.plain_text import inert
from maps.styles import INK
from maps.views import MapDepot, Point, Ring

Translate = Callable[..., str]
"""``Words.say``: the text of a key with its values."""

PADDING = 26
"""Pixels left free around what a map shows first."""

LAND = "#ffffff"
LINE = "#8c8c8c"

_DEPOT = (
    '<svg viewBox="0 0 40 40" width="34" height="34" aria-hidden="true">'
    f'<path d="M3 19 20 4 37 19 33 19 33 36 7 36 7 19Z" fill="{INK}" stroke="#fff" stroke-width="2"/>'
    '<rect x="15" y="22" width="10" height="14" fill="#fff"/></svg>'
)


def plain_map(places: Sequence[Point]) -> folium.Map:
    """Return an empty map around ``places``, without tiles, attribution or link; the page's script fits it to them.

    Raises:
        MapsError: ``MAP_WITHOUT_PLACES`` when there is none, ``MAP_PLACE_IMPOSSIBLE`` when one is not on the globe.
    """
    (south, west), (north, east) = extent(places)
    return folium.Map(
        location=((south + north) / 2, (west + east) / 2),
        zoom_start=11,
        min_zoom=7,
        max_zoom=18,
        tiles=None,
        zoom_control=False,
        attribution_control=False,
        zoom_snap=0.1,
        zoom_delta=0.5,
        wheel_px_per_zoom_level=90,
    )


def extent(places: Sequence[Point]) -> tuple[Point, Point]:
    """Return the south-western and north-eastern corner around ``places``.

    Raises:
        MapsError: ``MAP_WITHOUT_PLACES`` when there is none, ``MAP_PLACE_IMPOSSIBLE`` when one is not on the globe.
    """
    if not places:
        raise MapsError("MAP_WITHOUT_PLACES", "a map needs a place, a boundary or a district")
    for latitude, longitude in places:
        if not (abs(latitude) <= 85 and abs(longitude) <= 180):
            raise MapsError(
                "MAP_PLACE_IMPOSSIBLE",
                f"no such place: {latitude}, {longitude}",
                latitude=latitude,
                longitude=longitude,
            )
    return (
        (min(latitude for latitude, _ in places), min(longitude for _, longitude in places)),
        (max(latitude for latitude, _ in places), max(longitude for _, longitude in places)),
    )


def all_points(rings: Iterable[Ring]) -> list[Point]:
    """Every corner of ``rings``."""
    return [point for ring in rings for point in ring]


def polygon(rings: Sequence[Ring], *, clickable: bool = False, **look: Any) -> folium.Polygon:
    """Return one shape out of ``rings``: parts and holes both come out right, by the even-odd rule."""
    shape = folium.Polygon(
        [_short(ring) for ring in rings], fill_rule="evenodd", bubbling_mouse_events=False, smooth_factor=0.5, **look
    )
    if not clickable:
        shape.options["interactive"] = False
    return shape


def line(path: Sequence[Point], **look: Any) -> folium.PolyLine:
    """Return a line through ``path`` that takes no clicks."""
    poly_line: Any = folium.PolyLine
    drawn: folium.PolyLine = poly_line(_short(path), smooth_factor=0.5, **look)
    drawn.options["interactive"] = False
    return drawn


def sign(
    location: Point, html: str, *, kind: str, title: str = "", popup: str = "", size: int = 34, lift: int = 0
) -> folium.Marker:
    """Return a marker made of ``html`` (no picture file), reachable by keyboard when it has something to say.

    Args:
        location: where its middle lies.
        html: what it shows; made of our own drawings and ``inert`` texts.
        kind: its class in the style sheet.
        title: plain text shown beside it on hovering and read by screen readers.
        popup: HTML shown on click or Enter.
        size: its width and height in pixels; 0 lets the style sheet decide.
        lift: z-index offset, where signs overlap.
    """
    marker = folium.Marker(
        _short([location])[0],
        icon=folium.DivIcon(
            html=html,
            icon_size=(size, size),
            icon_anchor=(size // 2, size // 2),
            popup_anchor=(0, -(size // 2) if size else -20),
            class_name=kind,
        ),
        keyboard=bool(popup or title),
        interactive=bool(popup or title),
        rise_on_hover=bool(popup or title),
        z_index_offset=lift,
    )
    if title:
        _Title(title).add_to(marker)
    if popup:
        bubble(popup).add_to(marker)
    return marker


class _Said(MacroElement):
    """HTML bound to its parent as a JSON string: unlike Folium's own, it passes through no template literal."""

    def __init__(self, html: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.html = html


class _Title(_Said):
    """What hovering over a sign tells."""

    _template = Template(
        "{% macro script(this, kwargs) %}{{ this._parent.get_name() }}.bindTooltip("
        '{{ this.html|tojavascript }}, {direction: "top", offset: [0, -16], className: "map-tip"});{% endmacro %}'
    )

    def __init__(self, text: str) -> None:
        super().__init__(inert(text))
        self._name = "Title"


class _Bubble(_Said):
    """What a click or Enter on a sign or shape opens."""

    _template = Template(
        "{% macro script(this, kwargs) %}{{ this._parent.get_name() }}.bindPopup("
        '{{ this.html|tojavascript }}, {minWidth: 180, maxWidth: 340, className: "map-bubble"});{% endmacro %}'
    )

    def __init__(self, html: str) -> None:
        super().__init__(html)
        self._name = "Bubble"


def bubble(html: str) -> _Bubble:
    """Return a popup for a sign or a shape; ``html`` is made of our own tags and ``inert`` texts."""
    return _Bubble(html)


def facts(heading: str, rows: Sequence[tuple[str, str]]) -> str:
    """Return a heading with named values as HTML for a popup; every text is made inert."""
    listed = "".join(f"<dt>{inert(name)}</dt><dd>{inert(value)}</dd>" for name, value in rows)
    return f"<h2>{inert(heading)}</h2><dl>{listed}</dl>"


def place_name(name: str, rings: Sequence[Ring], *, second_line: str = "", popup: str = "") -> folium.Marker:
    """Return the label of a district, inside its largest part."""
    below = f"<b>{inert(second_line)}</b>" if second_line else ""
    html = f"<span>{inert(name)}{below}</span>"
    kind = "place-name chip" if second_line else "place-name"
    return sign(label_point(rings), html, kind=kind, popup=popup, size=0, lift=0 if popup else -400)


def depot_sign(depot: MapDepot, translate: Translate) -> folium.Marker:
    """Return the house where vans start and end."""
    return sign(
        depot.location,
        f'{_DEPOT}<span class="unseen">{inert(translate("map.depot.title", name=depot.name))}</span>',
        kind="depot",
        title=translate("map.depot.title", name=depot.name),
        lift=-200,
    )


def depot_svg() -> str:
    """The house of the depots as inline SVG, for the legend."""
    return _DEPOT


def label_point(rings: Sequence[Ring]) -> Point:
    """Return a point inside the largest of ``rings``: its middle where that lies inside, else another one."""
    from shapely.geometry import Point as Spot
    from shapely.geometry import Polygon

    parts = [Polygon([(lon, lat) for lat, lon in ring]).buffer(0) for ring in rings if len(ring) >= 4]
    largest = max(parts, key=lambda part: float(part.area), default=None)
    if largest is None or largest.is_empty:
        return rings[0][0]
    middle: Spot = largest.centroid if largest.contains(largest.centroid) else largest.representative_point()
    return (float(middle.y), float(middle.x))


def bearing(start: Point, end: Point) -> float:
    """Return the direction of a straight piece on the drawn map: degrees clockwise from north (up)."""
    east = math.radians(end[1] - start[1])
    north = _mercator(end[0]) - _mercator(start[0])
    return math.degrees(math.atan2(east, north)) % 360


def _mercator(latitude: float) -> float:
    return math.asinh(math.tan(math.radians(latitude)))


def made_at_words(made_at: datetime, translate: Translate) -> str:
    """When an artefact was made, in words, in the time zone it carries."""
    return translate(
        "map.stamp.made",
        year=made_at.year,
        day=made_at.date(),
        time_s=made_at.hour * 3600 + made_at.minute * 60 + made_at.second,
    )


def page_words(translate: Translate) -> dict[str, str]:
    """The words the page's own script puts on Leaflet's controls."""
    return {
        name: translate(f"map.control.{name}") for name in ("zoom_in", "zoom_out", "close", "layers", "map_keyboard")
    }


def _short(points: Sequence[Point]) -> list[Point]:
    """Coordinates to a tenth of a metre: a map of a city needs no more, and the file stays small."""
    return [(round(latitude, 6), round(longitude, 6)) for latitude, longitude in points]
