"""Turns a Folium map into one stand-alone HTML file that requests nothing, links nowhere and is the same every time.

Leaflet comes from the installed package XStatic-Leaflet and is written into the file; every other script and style
sheet Folium names is one our drawings do not use and is left out, and a name this module does not know is refused.
A content security policy lets only the scripts of this file run, by their hashes, and forbids all network.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from maps.errors import MapsError
from maps.plain_text import visible

if TYPE_CHECKING:
    import folium
    from jinja2 import Environment

LEAFLET = frozenset(
    {
        "npm/leaflet@1.9.3/dist/leaflet.js",
        "npm/leaflet@1.9.3/dist/leaflet.css",
    }
)
"""What Folium 0.20 would fetch and we take from the installed package, by path: from which host does not matter."""

UNUSED = frozenset(
    {
        "jquery-3.7.1.min.js",
        "npm/bootstrap@5.2.2/dist/js/bootstrap.bundle.min.js",
        "npm/bootstrap@5.2.2/dist/css/bootstrap.min.css",
        "ajax/libs/Leaflet.awesome-markers/2.0.2/leaflet.awesome-markers.js",
        "ajax/libs/Leaflet.awesome-markers/2.0.2/leaflet.awesome-markers.css",
        "bootstrap/3.0.0/css/bootstrap-glyphicons.css",
        "npm/@fortawesome/fontawesome-free@6.2.0/css/all.min.css",
        "gh/python-visualization/folium/folium/templates/leaflet.awesome.rotate.min.css",
    }
)
"""What Folium 0.20 puts on every page and our drawings do without: jQuery, Bootstrap and icon fonts."""

_USES_UNUSED = re.compile(r"\$\(|\bjQuery\(|\bAwesomeMarkers\.\w+\(")
"""Calls, not words: a text made ``inert`` holds no bracket, and a van may be called what it likes."""

_OUTSIDE_IN_SCRIPT = re.compile(r"https?:|[\"'`]//")
_OUTSIDE_IN_STYLE = re.compile(r"@import|url\(\s*[\"']?(?!data:|#)[^)]*\)", re.IGNORECASE)
_REFERRING = frozenset(
    {"action", "archive", "background", "cite", "code", "codebase", "data", "formaction", "href", "icon", "longdesc"}
    | {"manifest", "ping", "poster", "profile", "src", "srcdoc", "srcset", "usemap", "xlink:href"}
)
_LEAFLET_NOTICE = (
    "Leaflet 1.9.3, a JS library for interactive maps. (c) 2010-2022 Vladimir Agafonkin, (c) 2010-2011 CloudMade. "
    "BSD 2-Clause License; see the package XStatic-Leaflet."
)


def stand_alone(folium_map: folium.Map, template: str, **values: object) -> str:
    """Return one HTML file with ``folium_map`` in it.

    Args:
        folium_map: a map whose elements need nothing but Leaflet; its ids are renamed by their order.
        template: a template of this package that extends ``map_page.html``.
        **values: what the template writes around the map; plain strings are escaped. Every page needs ``say``
            (the translation), ``title``, ``words`` (``base_map.page_words``), ``first_view`` (two corners) and
            ``padding`` (pixels).

    Raises:
        MapsError: ``MAP_ASSET_UNKNOWN`` when Folium names a file this module does not know,
            ``MAP_ASSET_MISSING`` when Leaflet is not installed or the map uses a library that is left out,
            ``MAP_REFERS_OUTSIDE`` when anything in the file would be requested or linked.
    """
    fix_ids(folium_map)
    parts = _taken_apart(folium_map.get_root().render())
    environment = _environment()
    page_script = environment.get_template("map_page.js").render(map_name=folium_map.get_name(), **values)
    scripts = [_leaflet_script(), *parts.scripts, str(page_script)]
    html = environment.get_template(template).render(
        map_div=_trusted("".join(parts.body)),
        policy=_policy(scripts),
        scripts=[_trusted(script) for script in scripts],
        styles=[
            _trusted(style)
            for style in (_leaflet_style(), *parts.styles, environment.get_template("map_page.css").render())
        ],
        **values,
    )
    _refuse_references(html)
    return html


def fix_ids(folium_map: folium.Map) -> None:
    """Number the map's elements in their order, in place of Folium's random ids: equal maps give equal bytes."""
    waiting: list[Any] = [folium_map.get_root()]
    number = 0
    while waiting:
        element = waiting.pop()
        element._id = str(number)
        number += 1
        waiting.extend(reversed(element._children.values()))


@dataclass(slots=True)
class _Parts:
    """Folium's page taken apart: what stays of it."""

    styles: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    """Sorts Folium's page into styles, scripts and body, and judges every file it names."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.parts = _Parts()
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        address = named.get("src") if tag == "script" else named.get("href") if tag == "link" else None
        if address is not None:
            if urlsplit(address).path.lstrip("/") not in LEAFLET | UNUSED:
                raise MapsError("MAP_ASSET_UNKNOWN", f"Folium names a file we do not know: {address}", asset=address)
        elif tag in ("style", "script"):
            (self.parts.styles if tag == "style" else self.parts.scripts).append("")
        elif tag not in ("html", "head", "body", "meta", "title"):
            self.parts.body.append(self.get_starttag_text() or "")
        if tag in ("style", "script", "body"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()
        elif self._inside == ["body"]:
            self.parts.body.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        within = self._inside[-1] if self._inside else ""
        if within == "style" and self.parts.styles:
            self.parts.styles[-1] += data
        elif within == "script" and data.strip():
            self.parts.scripts[-1] += data
        elif within == "body" and data.strip():
            self.parts.body.append(data)


def _taken_apart(html: str) -> _Parts:
    reader = _Reader()
    reader.feed(html.replace("\r\n", "\n").replace("\r", "\n"))
    reader.close()
    for script in reader.parts.scripts:
        if found := _USES_UNUSED.search(script):
            raise MapsError("MAP_ASSET_MISSING", f"the map calls {found[0]!r}, which is left out", asset=found[0])
        if found := _OUTSIDE_IN_SCRIPT.search(script):
            raise MapsError("MAP_REFERS_OUTSIDE", f"the map's script holds {found[0]!r}", where="script")
    return reader.parts


class _References(HTMLParser):
    """Reads a finished page and refuses whatever a browser would fetch, follow or run beside the known scripts."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            outside = name in _REFERRING and not (value or "").startswith(("data:", "#"))
            if outside or name.startswith("on") or (name == "style" and _OUTSIDE_IN_STYLE.search(value or "")):
                raise MapsError("MAP_REFERS_OUTSIDE", f"<{tag} {name}=...> would reach outside", where=f"{tag} {name}")
        if tag in ("iframe", "object", "embed", "base", "form"):
            raise MapsError("MAP_REFERS_OUTSIDE", f"<{tag}> has no place on a map", where=tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "style" and (found := _OUTSIDE_IN_STYLE.search(data)):
            raise MapsError("MAP_REFERS_OUTSIDE", f"a style holds {found[0]!r}", where="style")


def _refuse_references(html: str) -> None:
    reader = _References()
    reader.feed(html)
    reader.close()


def _policy(scripts: list[str]) -> str:
    """The content security policy: nothing from anywhere, and no script but these."""
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


@lru_cache(maxsize=1)
def _leaflet_script() -> str:
    """Leaflet without its source map, its link home and its guess where its images lie."""
    source = _leaflet_file("leaflet.js").decode("utf-8")
    source = re.sub(r"^/\* @preserve.*?\*/", f"/* {_LEAFLET_NOTICE} */", source, count=1, flags=re.DOTALL)
    source = re.sub(r"\n?//# sourceMappingURL=\S*\s*$", "", source)
    source = re.sub(r"prefix:'<a href=\"https://leafletjs\.com\".*?Leaflet</a>\"", 'prefix:""', source, count=1)
    left = {found for found in re.findall(r"https?://[\w.]+", source) if found != "http://www.w3.org"}
    if left or "sourceMappingURL" in source or "</script" in source:
        raise MapsError("MAP_REFERS_OUTSIDE", f"Leaflet still names {sorted(left)}", where="leaflet.js")
    icons = ",".join(
        f'{option}:"{_image(name)}"'
        for option, name in (
            ("iconUrl", "marker-icon.png"),
            ("iconRetinaUrl", "marker-icon-2x.png"),
            ("shadowUrl", "marker-shadow.png"),
        )
    )
    return f'{source}\nL.Icon.Default.imagePath="";L.Icon.Default.mergeOptions({{{icons}}});\n'


@lru_cache(maxsize=1)
def _leaflet_style() -> str:
    """Leaflet's style sheet with its images inside and without its comments."""
    style = re.sub(r"/\*.*?\*/", "", _leaflet_file("leaflet.css").decode("utf-8"), flags=re.DOTALL)
    return re.sub(r"url\(images/([\w.-]+)\)", lambda found: f"url({_image(found[1])})", style)


def _image(name: str) -> str:
    return "data:image/png;base64," + base64.b64encode(_leaflet_file(f"images/{name}")).decode("ascii")


def _leaflet_file(path: str) -> bytes:
    try:
        file = resources.files("xstatic.pkg.leaflet") / "data"
        for part in path.split("/"):
            file = file / part
        return file.read_bytes().replace(b"\r\n", b"\n") if path.endswith((".js", ".css")) else file.read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise MapsError("MAP_ASSET_MISSING", f"XStatic-Leaflet has no {path}", asset=path) from error


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """The templates of this package: everything escaped, nothing undefined, control characters dropped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    def shown(value: object) -> object:
        return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    return Environment(
        loader=PackageLoader("maps", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _trusted(html: str) -> str:
    """Mark HTML made by this library, its texts already escaped, so that the template leaves it as it is."""
    from markupsafe import Markup

    return Markup(html)
