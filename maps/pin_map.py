"""Draws the small map on which a clerk pins a house by hand: by a click, or with the arrow keys and Enter.

The page around it frames the map in a sandbox. The map tells it where the pin was set by a message of two numbers, and
is told nothing.
"""

from __future__ import annotations

from branca.element import MacroElement
from folium.template import Template

from maps.base_map import LAND, LINE, PADDING, Translate, all_points, depot_sign, page_words, plain_map, polygon, sign
from maps.offline import stand_alone
from maps.plain_text import inert
from maps.styles import INK
from maps.views import PinMap, Point

NEAR_DEGREES = 0.012
"""About a kilometre around a pin is shown first: enough to see the next towns."""


def draw_pin_map(view: PinMap, translate: Translate) -> str:
    """Return the map as one HTML file that requests nothing.

    Raises:
        MapsError: when there is nothing to draw, or the file would reach outside.
    """
    places = _places(view)
    drawn = plain_map(places)
    if view.boundary:
        polygon(view.boundary, stroke=False, fill=True, fill_color=LAND, fill_opacity=1).add_to(drawn)
    for _, rings in view.districts:
        if rings:
            polygon(rings, color=LINE, weight=1.3, fill=False).add_to(drawn)
    if view.boundary:
        polygon(view.boundary, color=INK, weight=2.5, fill=False).add_to(drawn)
    for name, location in view.towns:
        sign(location, f"<span>{inert(name)}</span>", kind="place-name", size=0).add_to(drawn)
    for depot in view.depots:
        depot_sign(depot, translate).add_to(drawn)
    _Pinning(view.pin).add_to(drawn)
    corners = _corners(view.pin) if view.pin is not None else places
    return stand_alone(
        drawn,
        "pin_map.html",
        say=translate,
        words=page_words(translate),
        first_view=[
            (min(lat for lat, _ in corners), min(lon for _, lon in corners)),
            (max(lat for lat, _ in corners), max(lon for _, lon in corners)),
        ],
        padding=PADDING,
        title=translate("map.pin.title"),
    )


def _places(view: PinMap) -> list[Point]:
    lines = all_points(view.boundary) + [point for _, rings in view.districts for point in all_points(rings)]
    return [
        *lines,
        *(location for _, location in view.towns),
        *(depot.location for depot in view.depots),
        *([view.pin] if view.pin else []),
    ]


def _corners(pin: Point) -> list[Point]:
    lat, lon = pin
    return [(lat - NEAR_DEGREES, lon - NEAR_DEGREES), (lat + NEAR_DEGREES, lon + NEAR_DEGREES)]


class _Pinning(MacroElement):
    """The pin: set by a click, or by Enter where the cross in the middle is; arrow keys move the map under it."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
        (function () {
          const map = {{ this._parent.get_name() }};
          const frame = map.getContainer();
          const first = {{ this.pin|tojson }};
          const icon = L.divIcon({className: "house-pin", html: "<i></i>", iconSize: [26, 26], iconAnchor: [13, 26]});
          let pin = null;
          function put(point, tell) {
            if (pin) { pin.setLatLng(point); } else { pin = L.marker(point, {icon: icon, keyboard: false}).addTo(map); }
            if (tell) { window.parent.postMessage({pin: [point.lat, point.lng]}, "*"); }
          }
          if (first) { put(L.latLng(first[0], first[1]), false); }
          map.on("click", function (event) { put(event.latlng, true); });
          frame.addEventListener("keydown", function (event) {
            if (event.key === "Enter" && event.target === frame) {
              event.preventDefault();
              put(map.getCenter(), true);
            }
          });
        }());
        {% endmacro %}
        """
    )

    def __init__(self, pin: Point | None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Pinning"
        self.pin = None if pin is None else [round(pin[0], 6), round(pin[1], 6)]
