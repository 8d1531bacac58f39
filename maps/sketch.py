"""Draws the small route map: district lines, the path, numbered stops and depots, in millimetres on paper."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from maps.views import Point, Sketch

Spot = tuple[float, float]
"""Millimetres from the left and from the top of the drawing."""

BADGE_MM = 6.6
"""Diameter of a stop's badge: two digits of 12 points fit in."""

_MARGIN_MM = 9.0
_LEAST_SPAN_KM = 0.8
_LEAST_STEP_MM = 0.3
_KM_PER_DEGREE = 111.2
_SCALES_KM = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A sketch laid out on ``width`` x ``height`` millimetres.

    ``svg`` holds everything that is not text. ``badges`` are the stops' numbers with the middle of each badge;
    ``scale`` is the length of the scale bar in kilometres, drawn from ``scale_at`` (its right end, at the bottom).
    """

    width: float
    height: float
    svg: str
    badges: tuple[tuple[int, Spot], ...]
    scale: str
    scale_at: Spot


def draw(sketch: Sketch, width: float, height: float) -> Drawing | None:
    """Lay a sketch out on paper, north up; ``None`` when it has no place at all.

    The frame holds the path, the stops and the depots; district lines are cut off at its edge. Badges that would
    cover each other are moved apart, with a thin line back to their place.
    """
    places = (*sketch.path, *(point for _, point in sketch.stops), *sketch.depots)
    if not places:
        return None
    sheet = _Projection(places, width, height)
    path = _polylines([sheet.spot(point) for point in sketch.path], width, height)
    depots = [sheet.spot(point) for point in sketch.depots]
    stops = [(number, sheet.spot(point)) for number, point in sketch.stops]
    badges = _spread([spot for _, spot in stops], depots, width, height)
    bar = max((km for km in _SCALES_KM if km * sheet.mm_per_km <= width / 3), default=_SCALES_KM[0])
    bar_end = (width - 4.0, height - 4.0)

    parts = [f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>']
    for ring in sketch.lines:
        parts += _strokes(_polylines([sheet.spot(point) for point in ring], width, height), "#8a8a8a", 0.25)
    parts += _strokes(path, "#000", 0.8)
    parts += [_square(spot) for spot in depots]
    for (_, place), badge in zip(stops, badges, strict=True):
        if math.dist(place, badge) > 0.5:
            parts += _strokes([[place, badge]], "#000", 0.25)
            parts.append(f'<circle cx="{place[0]:.2f}" cy="{place[1]:.2f}" r="0.9" fill="#000"/>')
    parts += _strokes([[(bar_end[0] - bar * sheet.mm_per_km, bar_end[1]), bar_end]], "#000", 0.9)
    parts.append(
        f'<rect x="0.15" y="0.15" width="{width - 0.3:g}" height="{height - 0.3:g}" fill="none" stroke="#666" '
        f'stroke-width="0.3"/>'
    )
    return Drawing(
        width,
        height,
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">{"".join(parts)}</svg>',
        tuple((number, badge) for (number, _), badge in zip(stops, badges, strict=True)),
        f"{bar:g}",
        bar_end,
    )


class _Projection:
    """Degrees to millimetres: equirectangular about the middle of the places, true to shape at a city's size."""

    def __init__(self, places: Sequence[Point], width: float, height: float) -> None:
        lats, lons = [point[0] for point in places], [point[1] for point in places]
        self._lat = (min(lats) + max(lats)) / 2
        self._lon = (min(lons) + max(lons)) / 2
        self._squeeze = math.cos(math.radians(self._lat))
        span_x = max((max(lons) - min(lons)) * self._squeeze * _KM_PER_DEGREE, _LEAST_SPAN_KM)
        span_y = max((max(lats) - min(lats)) * _KM_PER_DEGREE, _LEAST_SPAN_KM)
        self._middle = (width / 2, height / 2)
        self.mm_per_km = min((width - 2 * _MARGIN_MM) / span_x, (height - 2 * _MARGIN_MM) / span_y)

    def spot(self, point: Point) -> Spot:
        east = (point[1] - self._lon) * self._squeeze * _KM_PER_DEGREE
        north = (point[0] - self._lat) * _KM_PER_DEGREE
        return self._middle[0] + east * self.mm_per_km, self._middle[1] - north * self.mm_per_km


def _polylines(spots: Sequence[Spot], width: float, height: float) -> list[list[Spot]]:
    """The parts of a line inside the frame, without points too near to each other to see."""
    lines: list[list[Spot]] = []
    start: Spot | None = None
    for spot in spots:
        if start is None:
            start = spot
            continue
        if math.dist(start, spot) < _LEAST_STEP_MM and spot is not spots[-1]:
            continue
        inside = _clipped(start, spot, width, height)
        if inside is not None:
            if lines and lines[-1][-1] == inside[0]:
                lines[-1].append(inside[1])
            else:
                lines.append(list(inside))
        start = spot
    return lines


def _clipped(start: Spot, end: Spot, width: float, height: float) -> tuple[Spot, Spot] | None:
    """The part of a segment inside the frame (Liang and Barsky 1984)."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    enters, leaves = 0.0, 1.0
    for step, room in ((-dx, start[0]), (dx, width - start[0]), (-dy, start[1]), (dy, height - start[1])):
        if step == 0:
            if room < 0:
                return None
        elif step < 0:
            enters = max(enters, room / step)
        else:
            leaves = min(leaves, room / step)
    if enters > leaves:
        return None
    first = start if enters == 0 else (start[0] + enters * dx, start[1] + enters * dy)
    last = end if leaves == 1 else (start[0] + leaves * dx, start[1] + leaves * dy)
    return first, last


def _spread(places: Sequence[Spot], depots: Sequence[Spot], width: float, height: float) -> list[Spot]:
    """Middles of the badges: at their places where there is room, else pushed apart step by step."""
    apart, edge = BADGE_MM + 0.5, BADGE_MM / 2 + 0.5
    # A badge starts a hair off its place, each in another direction (the golden angle), so that equal places part.
    spots = [
        (x + 0.01 * math.cos(2.39996 * index), y + 0.01 * math.sin(2.39996 * index))
        for index, (x, y) in enumerate(places)
    ]
    for _ in range(200):
        moved = False
        for index, spot in enumerate(spots):
            others = [(other, 0.5) for position, other in enumerate(spots) if position != index]
            for other, share in (*others, *((depot, 1.0) for depot in depots)):
                gap = math.dist(spot, other)
                if gap < apart - 0.01:
                    direction = ((spot[0] - other[0]) / gap, (spot[1] - other[1]) / gap) if gap else (1.0, 0.0)
                    push = (apart - gap) * share
                    spot = (spot[0] + direction[0] * push, spot[1] + direction[1] * push)
                    moved = True
            spots[index] = (min(max(spot[0], edge), width - edge), min(max(spot[1], edge), height - edge))
        if not moved:
            break
    return spots


def _strokes(lines: Iterable[Sequence[Spot]], colour: str, thickness: float) -> list[str]:
    return [
        f'<path d="M{" ".join(f"{x:.2f} {y:.2f}" for x, y in line)}" fill="none" stroke="{colour}" '
        f'stroke-width="{thickness:g}" stroke-linejoin="round" stroke-linecap="round"/>'
        for line in lines
    ]


def _square(spot: Spot) -> str:
    x, y = spot
    return (
        f'<rect x="{x - 2:.2f}" y="{y - 2:.2f}" width="4" height="4" fill="#000"/>'
        f'<rect x="{x - 0.8:.2f}" y="{y - 0.8:.2f}" width="1.6" height="1.6" fill="#fff"/>'
    )
