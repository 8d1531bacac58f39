"""Makes text from files harmless where it is drawn: in HTML, inside Folium's scripts, and in table cells."""

from __future__ import annotations

import re
import unicodedata

_LIVE = re.compile(r"[^0-9A-Za-z \u00a0-\U0010ffff.,_-]")
_FORMULA = re.compile(r"^\s*[=+\-@＝＋－＠]")


def visible(text: str) -> str:
    """Return ``text`` without control, direction and surrogate characters; breaks become spaces."""
    kept = (
        " " if character.isspace() or unicodedata.category(character) in ("Zl", "Zp") else character
        for character in text
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs")
    )
    return "".join(kept)


def inert(text: str) -> str:
    r"""Return ``text`` as HTML that means itself, in a page, an attribute or a JavaScript string of any kind.

    Every ASCII sign that any of them could read as its own (``< & " ' ` $ { \ :`` and their like) is written as a
    character reference, so that neither escaping twice nor a template literal can bring it to life.
    """
    return _LIVE.sub(lambda found: f"&#{ord(found[0])};", visible(text))


def plain_cell(text: str) -> str:
    """Return ``text`` as a table cell that a spreadsheet never takes for a formula: an apostrophe stands before one."""
    shown = visible(text)
    return f"'{shown}" if _FORMULA.match(shown) else shown
