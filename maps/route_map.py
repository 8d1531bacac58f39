"""Draws the day's routes as one stand-alone map: numbered stops, a colour, a shape and a layer for every van.

The map carries references and times, never names of people.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import folium

from maps.base_map import (
    LAND,
    LINE,
    PADDING,
    Translate,
    all_points,
    bearing,
    depot_sign,
    depot_svg,
    extent,
    facts,
    line,
    made_at_words,
    page_words,
    place_name,
    plain_map,
    polygon,
    sign,
)
from maps.offline import stand_alone
from maps.plain_text import inert
from maps.styles import INK, RouteStyle, route_style
from maps.views import DayMap, MapLeftOut, MapRoute, MapStop, Point

_LEFT_OUT = (
    '<svg viewBox="0 0 40 40" width="30" height="30" aria-hidden="true">'
    f'<circle cx="20" cy="20" r="17" fill="#fff" stroke="{INK}" stroke-width="3" stroke-dasharray="7 4"/>'
    f'<path d="M13 13 27 27M27 13 13 27" stroke="{INK}" stroke-width="4" stroke-linecap="round"/></svg>'
)
_PROPOSAL = (
    '<svg viewBox="0 0 40 40" width="30" height="30" aria-hidden="true">'
    f'<circle cx="20" cy="20" r="16.5" fill="#fff" stroke="{INK}" stroke-width="2.5"/></svg>'
)
_SHORTEST_ARROW = 0.04
"""A leg shorter than this part of the map's diagonal carries no arrow: it would lie under the numbers."""


def draw_day_map(day_map: DayMap, translate: Translate) -> str:
    """Return the routes of one day as one HTML file that requests nothing.

    Args:
        day_map: what to show.
        translate: puts keys and values into words; ``map.language`` names its language.

    Raises:
        MapsError: when there is nothing to draw, a place is not on the globe, or the file would reach outside.
    """
    places = _places(day_map)
    drawn = plain_map(places)
    _draw_background(drawn, day_map, translate)
    for number, route in enumerate(day_map.routes):
        _draw_route(drawn, number, route, math.dist(*extent(places)), translate)
    for depot in day_map.depots:
        depot_sign(depot, translate).add_to(drawn)
    _draw_left_out(drawn, day_map.left_out, translate)
    folium.LayerControl(collapsed=False, sort_layers=False).add_to(drawn)
    return stand_alone(
        drawn,
        "route_map.html",
        say=translate,
        words=page_words(translate),
        first_view=extent(places),
        padding=PADDING,
        title=translate("map.title", day=day_map.stamp.date),
        stamp=day_map.stamp,
        made=made_at_words(day_map.stamp.made_at, translate),
        routes=[(route, route_style(route.style)) for route in day_map.routes],
        left_out=[(visit, _reason(visit, translate)) for visit in day_map.left_out],
        depots=day_map.depots,
        stops=sum(len(route.stops) for route in day_map.routes),
        proposals=any(stop.promised is None for route in day_map.routes for stop in route.stops),
        drawing=_legend_drawings(day_map.routes),
        stop_words=lambda stop: stop_words(stop, translate),
    )


def stop_words(stop: MapStop, translate: Translate) -> str:
    """The promised window in words, when a session receives residents, or that nothing is promised yet."""
    if stop.promised is None:
        return translate("map.stop.proposal")
    key = "map.stop.session" if stop.site else "map.stop.promised"
    return translate(key, start_s=stop.promised[0], end_s=stop.promised[1])


def _places(day_map: DayMap) -> list[Point]:
    """What the map shows first: the work of the day; on a day without any, the city."""
    work = [
        *(point for route in day_map.routes for point in route.path),
        *(stop.location for route in day_map.routes for stop in route.stops),
        *(visit.location for visit in day_map.left_out),
    ]
    depots = [depot.location for depot in day_map.depots]
    if work:
        return work + depots
    lines = all_points(day_map.boundary) + [point for _, rings in day_map.districts for point in all_points(rings)]
    return lines + depots


def _draw_background(drawn: folium.Map, day_map: DayMap, translate: Translate) -> None:
    if day_map.boundary:
        polygon(day_map.boundary, stroke=False, fill=True, fill_color=LAND, fill_opacity=1).add_to(drawn)
    if day_map.districts:
        layer = folium.FeatureGroup(name=_layer_name("districts", "", translate("map.layer.districts")))
        for name, rings in day_map.districts:
            if rings:
                polygon(rings, color=LINE, weight=1.3, fill=False).add_to(layer)
                place_name(name, rings).add_to(layer)
        layer.add_to(drawn)
    if day_map.boundary:
        polygon(day_map.boundary, color=INK, weight=2.5, fill=False).add_to(drawn)


def _draw_route(drawn: folium.Map, number: int, route: MapRoute, diagonal: float, translate: Translate) -> None:
    style = route_style(route.style)
    layer = folium.FeatureGroup(name=_layer_name(f"van-{number}", style.badge(size=22), route.van_name))
    if len(route.path) > 1:
        line(route.path, color=INK, weight=7, dash_array=style.dash, line_cap="butt").add_to(layer)
        line(route.path, color=style.fill, weight=4.5, dash_array=style.dash, line_cap="butt").add_to(layer)
    for middle, degrees in _arrows(route, _SHORTEST_ARROW * diagonal):
        sign(middle, _arrow_svg(style, degrees), kind="arrow", size=22, lift=-500).add_to(layer)
    for stop in route.stops:
        _stop_sign(route, stop, style, translate).add_to(layer)
    layer.add_to(drawn)


def _stop_sign(route: MapRoute, stop: MapStop, style: RouteStyle, translate: Translate) -> folium.Marker:
    heading = translate("map.stop.title", van=route.van_name, number=stop.number, reference=stop.reference)
    rows = [
        (translate("map.stop.window_label"), stop_words(stop, translate)),
        (translate("map.stop.arrive_label"), translate("map.clock", time_s=stop.arrive_s)),
        (translate("map.stop.depart_label"), translate("map.clock", time_s=stop.depart_s)),
    ]
    proposal = "" if stop.promised else " proposal"
    html = (
        f'<i class="leader"></i>{style.badge(str(stop.number))}'
        f'<span class="unseen">{inert(heading)}: {inert(stop_words(stop, translate))}</span>'
    )
    return sign(
        stop.location,
        html,
        kind=f"badge{proposal}",
        title=f"{stop.reference}  {stop_words(stop, translate)}",
        popup=facts(heading, rows),
    )


def _draw_left_out(drawn: folium.Map, visits: Sequence[MapLeftOut], translate: Translate) -> None:
    if not visits:
        return
    layer = folium.FeatureGroup(name=_layer_name("left-out", _LEFT_OUT, translate("map.layer.left_out")))
    for visit in visits:
        heading = translate("map.left_out.title", reference=visit.reference)
        reason = _reason(visit, translate)
        sign(
            visit.location,
            f'<i class="leader"></i>{_LEFT_OUT}<span class="unseen">{inert(heading)}</span>',
            kind="badge left-out",
            title=heading,
            popup=facts(heading, [(translate("map.left_out.reason_label"), reason)]),
            size=30,
        ).add_to(layer)
    layer.add_to(drawn)


def _reason(visit: MapLeftOut, translate: Translate) -> str:
    return translate(f"reason.{visit.reason}.sentence", **dict(visit.values))


def _layer_name(key: str, drawing: str, name: str) -> str:
    """What the layer control shows. ``key`` keeps layers of the same name apart, which Folium would merge."""
    return f'<span class="layer-name" data-layer="{key}">{drawing}<span>{inert(name)}</span></span>'


def _arrow_svg(style: RouteStyle, degrees: float) -> str:
    return (
        f'<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><polygon points="12,1.5 22,21 12,16 2,21" '
        f'transform="rotate({degrees:.0f} 12 12)" fill="{style.fill}" stroke="{INK}" stroke-width="1.8"/></svg>'
    )


def _arrows(route: MapRoute, shortest: float) -> list[tuple[Point, float]]:
    """Where arrows lie and where they point: in the middle of every leg of at least ``shortest`` degrees."""
    arrows = []
    for leg in _legs(route):
        lengths = [math.dist(start, end) for start, end in pairwise(leg)]
        total = sum(lengths)
        if total < shortest or total == 0:
            continue
        left = total / 2
        for (start, end), length in zip(pairwise(leg), lengths, strict=True):
            if left <= length:
                part = left / length
                middle = (start[0] + part * (end[0] - start[0]), start[1] + part * (end[1] - start[1]))
                arrows.append((middle, bearing(start, end)))
                break
            left -= length
    return arrows


def _legs(route: MapRoute) -> list[Sequence[Point]]:
    """The path cut at its stops: at the point nearest to each, in driving order."""
    cuts = [0]
    for stop in route.stops:
        candidates = range(cuts[-1], len(route.path))
        if candidates:
            cuts.append(min(candidates, key=lambda index: (math.dist(route.path[index], stop.location), index)))
    cuts.append(len(route.path) - 1)
    return [route.path[start : end + 1] for start, end in pairwise(cuts) if end > start]


def _legend_drawings(routes: Sequence[MapRoute]) -> dict[str, object]:
    """The small drawings the legend shows, made by this library."""
    from markupsafe import Markup

    return {
        "badges": [Markup(route_style(route.style).badge(size=30)) for route in routes],
        "lines": [Markup(route_style(route.style).sample()) for route in routes],
        "depot": Markup(depot_svg()),
        "left_out": Markup(_LEFT_OUT),
        "proposal": Markup(_PROPOSAL),
    }
