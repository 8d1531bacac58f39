"""How each van looks, by number: a colour safe for colour-blind eyes, a shape and a line."""

from __future__ import annotations

from dataclasses import dataclass

INK = "#1a1a1a"
PAPER = "#ffffff"

_COLOURS = (
    ("blue", "#0072b2", PAPER),
    ("orange", "#e69f00", "#000000"),
    ("green", "#009e73", "#000000"),
    ("pink", "#cc79a7", "#000000"),
    ("black", "#000000", PAPER),
    ("sky", "#56b4e9", "#000000"),
    ("red", "#d55e00", "#000000"),
)
"""Okabe and Ito's colours (2008) without yellow, each with the writing that reads at 4.5:1 or better upon it."""

_SHAPES = (
    ("circle", '<circle cx="20" cy="20" r="16.5" {paint}/>', 20.0),
    ("square", '<rect x="4.5" y="4.5" width="31" height="31" rx="2" {paint}/>', 20.0),
    ("diamond", '<polygon points="20,1.5 38.5,20 20,38.5 1.5,20" {paint}/>', 20.0),
    ("triangle", '<polygon points="20,1.5 38.5,36 1.5,36" {paint}/>', 25.0),
    ("hexagon", '<polygon points="10.5,3.5 29.5,3.5 39,20 29.5,36.5 10.5,36.5 1,20" {paint}/>', 20.0),
    ("pentagon", '<polygon points="20,1.5 38.5,15.5 31.5,37 8.5,37 1.5,15.5" {paint}/>', 21.5),
    ("drop", '<polygon points="1.5,4 38.5,4 20,38.5" {paint}/>', 15.5),
)
"""Drawn on 40 x 40, with the height of the number's middle."""

_DASHES = (None, "20 6", "9 5", "20 5 5 5", "32 6", "14 4", "20 4 4 4 4 4")


@dataclass(frozen=True, slots=True)
class RouteStyle:
    """The look of one van: ``colour_key`` and ``shape_key`` name words, ``fill`` and ``writing`` are hex colours."""

    colour_key: str
    fill: str
    writing: str
    shape_key: str
    shape: str
    middle: float
    dash: str | None

    def badge(self, text: str = "", *, size: int = 34) -> str:
        """Return the shape as inline SVG, ``size`` pixels wide, with a short text (a stop's number) in it."""
        paint = f'fill="{self.fill}" stroke="{INK}" stroke-width="2"'
        number = (
            f'<text x="20" y="{self.middle}" fill="{self.writing}" text-anchor="middle" '
            f'dominant-baseline="central" font-size="{18 if len(text) < 2 else 15}" font-weight="700">{text}</text>'
            if text.isalnum()
            else ""
        )
        shape = self.shape.format(paint=paint)
        return f'<svg viewBox="0 0 40 40" width="{size}" height="{size}" aria-hidden="true">{shape}{number}</svg>'

    def sample(self, *, width: int = 44) -> str:
        """Return a piece of the line as inline SVG, for the legend."""
        dash = f' stroke-dasharray="{self.dash}"' if self.dash else ""
        line = f'<line x1="2" y1="7" x2="{width - 2}" y2="7" stroke-linecap="butt"{dash}'
        return (
            f'<svg viewBox="0 0 {width} 14" width="{width}" height="14" aria-hidden="true">'
            f'{line} stroke="{INK}" stroke-width="7"/>{line} stroke="{self.fill}" stroke-width="4.5"/></svg>'
        )


def route_style(number: int) -> RouteStyle:
    """Return look number ``number`` (0 or more): seven share neither colour nor shape, 49 never share both."""
    turn, place = divmod(number, len(_COLOURS))
    colour_key, fill, writing = _COLOURS[place]
    shape_key, shape, middle = _SHAPES[(place + turn) % len(_SHAPES)]
    return RouteStyle(colour_key, fill, writing, shape_key, shape, middle, _DASHES[place])
