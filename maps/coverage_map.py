"""Draws who was reached, by district, as one stand-alone map with its table beneath.

Districts are shaded by people served per 1,000 residents aged 65 and over; districts with nothing at all stand out by
a pattern, and so do those whose count is withheld for being small.
"""

from __future__ import annotations

from collections.abc import Sequence

import folium

from maps.base_map import (
    LAND,
    PADDING,
    Translate,
    all_points,
    bubble,
    depot_sign,
    depot_svg,
    extent,
    facts,
    made_at_words,
    page_words,
    place_name,
    plain_map,
    polygon,
)
from maps.coverage_table import CoverageRow, Shade, coverage_csv, coverage_rows, shades, total_row
from maps.offline import stand_alone
from maps.plain_text import inert
from maps.styles import INK
from maps.views import CoverageDistrict, CoverageMap

__all__ = ["coverage_csv", "draw_coverage_map"]

_BLUES = ("#e6f0fa", "#b5d3ec", "#78aedb", "#3a7fbd", "#0b4a86")
"""Five blues in even steps of lightness: told apart without colour vision and in black print."""

_PATTERN = {"nothing": "url(#nothing)", "suppressed": "url(#suppressed)", "nobody": "#d9d9d9"}
_PATTERNS_SVG = (
    '<svg class="patterns" width="0" height="0" style="position:absolute" aria-hidden="true"><defs>'
    '<pattern id="nothing" width="12" height="12" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="12" height="12" fill="#fff4e5"/><rect width="4.5" height="12" fill="#d55e00"/></pattern>'
    '<pattern id="suppressed" width="10" height="10" patternUnits="userSpaceOnUse">'
    '<rect width="10" height="10" fill="#fff"/><circle cx="3" cy="3" r="1.6" fill="#595959"/>'
    '<circle cx="8" cy="8" r="1.6" fill="#595959"/></pattern></defs></svg>'
)


def draw_coverage_map(coverage: CoverageMap, translate: Translate) -> str:
    """Return the coverage map as one HTML file that requests nothing.

    Args:
        coverage: what to show; withheld counts are already ``None`` in it.
        translate: puts keys and values into words; ``map.language`` names its language.

    Raises:
        MapsError: when there is nothing to draw, a place is not on the globe, or the file would reach outside.
    """
    classes = shades(coverage.districts)
    rows = coverage_rows(coverage, translate)
    places = (
        all_points(coverage.boundary)
        + [point for district in coverage.districts for point in all_points(district.rings)]
        + [depot.location for depot in coverage.depots]
    )
    drawn = plain_map(places)
    if coverage.boundary:
        polygon(coverage.boundary, color=INK, weight=1, fill=True, fill_color=LAND, fill_opacity=1).add_to(drawn)
    for district, row in sorted(zip(coverage.districts, rows, strict=True), key=lambda pair: pair[1].look == "nothing"):
        _draw_district(drawn, district, row, translate)
    if coverage.boundary:
        polygon(coverage.boundary, color=INK, weight=3, fill=False).add_to(drawn)
    names = folium.FeatureGroup(name=inert(translate("coverage.layer.names")))
    for district, row in zip(coverage.districts, rows, strict=True):
        if district.rings:
            popup = _facts(row, translate)
            place_name(district.name, district.rings, second_line=_short_words(row), popup=popup).add_to(names)
    names.add_to(drawn)
    for depot in coverage.depots:
        depot_sign(depot, translate).add_to(drawn)
    folium.LayerControl(collapsed=False).add_to(drawn)
    return stand_alone(
        drawn,
        "coverage_map.html",
        say=translate,
        words=page_words(translate),
        first_view=extent(places),
        padding=PADDING,
        title=translate("coverage.title", city=coverage.city_name),
        coverage=coverage,
        made=made_at_words(coverage.made_at, translate),
        rows=rows,
        total=total_row(coverage, translate),
        legend=_legend(classes, rows, translate),
        drawing=_drawings(),
    )


def _draw_district(drawn: folium.Map, district: CoverageDistrict, row: CoverageRow, translate: Translate) -> None:
    if not district.rings:
        return
    standing_out = row.look == "nothing"
    shape = polygon(
        district.rings,
        clickable=True,
        color="#a63c00" if standing_out else INK,
        weight=3 if standing_out else 1,
        fill=True,
        fill_color=_fill(row.look),
        fill_opacity=1,
        class_name=f"district district-{row.look}",
    )
    bubble(_facts(row, translate)).add_to(shape)
    shape.add_to(drawn)


def _fill(look: str) -> str:
    return _PATTERN[look] if look in _PATTERN else _BLUES[int(look)]


def _short_words(row: CoverageRow) -> str:
    """What stands under a district's name: its rate, or the mark of a number not told."""
    return "0" if row.look == "nothing" else row.per_1000


def _facts(row: CoverageRow, translate: Translate) -> str:
    values = [
        (translate("coverage.table.served"), row.served),
        (translate("coverage.table.waiting"), row.waiting),
        (translate("coverage.table.turned_down"), row.turned_down),
        (translate("coverage.table.per_1000"), row.per_1000),
        (translate("coverage.table.aged_65"), row.aged_65),
        (translate("coverage.table.driving"), row.driving),
    ]
    if row.remark:
        values.append((translate("coverage.table.remark"), row.remark))
    return facts(row.name, values)


def _legend(
    classes: Sequence[Shade], rows: Sequence[CoverageRow], translate: Translate
) -> list[tuple[object, str, int]]:
    """The legend's entries: swatch, words, and how many districts look so."""
    from markupsafe import Markup

    entries = [
        (
            str(number),
            translate(
                "coverage.legend.range" if shade.low < shade.high else "coverage.legend.one",
                low=shade.low,
                high=shade.high,
            ),
        )
        for number, shade in enumerate(classes)
    ]
    entries.extend((look, translate(f"coverage.legend.{look}")) for look in _PATTERN)
    counts = {look: sum(row.look == look for row in rows) for look, _ in entries}
    return [
        (
            Markup(
                '<svg width="44" height="26" aria-hidden="true">'
                f'<rect x="1" y="1" width="42" height="24" fill="{_fill(look)}" stroke="{INK}" '
                'stroke-width="1.5"/></svg>'
            ),
            words,
            counts[look],
        )
        for look, words in entries
        if counts[look] or look != "nobody"
    ]


def _drawings() -> dict[str, object]:
    from markupsafe import Markup

    return {"patterns": Markup(_PATTERNS_SVG), "depot": Markup(depot_svg())}
