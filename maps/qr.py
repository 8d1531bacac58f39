"""A place as a QR code that a phone's camera opens in its own map, without any network of ours."""

from __future__ import annotations

import io

from maps.views import Point


def geo_uri(point: Point) -> str:
    """The place as a ``geo:`` URI (RFC 5870): latitude, longitude, WGS 84, six decimals (about 10 cm)."""
    return f"geo:{_degrees(point[0])},{_degrees(point[1])}"


def qr_svg(text: str) -> str:
    """``text`` as a stand-alone SVG of vectors with the quiet zone of four modules that scanners ask for.

    Error correction M: a drop of rain or a crease does not hide the place.
    """
    import segno

    drawing = io.BytesIO()
    code = segno.make(text, error="M", micro=False)
    code.save(
        drawing,
        kind="svg",
        border=4,
        xmldecl=False,
        omitsize=True,
        nl=False,
        svgclass=None,
        lineclass=None,
        light="#fff",
    )
    return drawing.getvalue().decode("utf-8")


def _degrees(value: float) -> str:
    shown = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown
