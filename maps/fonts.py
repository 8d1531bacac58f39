"""The font of what is printed: where it lies, which characters it has, and what stands in for the others."""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from collections.abc import Container
from functools import lru_cache
from pathlib import Path

from maps.errors import MapsError

GETA = "〓"
"""Printed for a character the font lacks, as Japanese type-setters have always done."""

_MARKED = re.compile(r".[\u0300-\u036f\u3099\u309a]+", re.DOTALL)
_VARIATION = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def bundled_font() -> Path:
    """The file of IPAexGothic inside the installed package matplotlib-fontja.

    The package is looked up, not imported: importing it would load and set up matplotlib.

    Raises:
        MapsError: ``FONT_MISSING`` when the package or its file is not there.
    """
    spec = importlib.util.find_spec("matplotlib_fontja")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        file = Path(folder) / "fonts" / "ipaexg.ttf"
        if file.is_file():
            return file
    raise MapsError("FONT_MISSING", "no ipaexg.ttf: matplotlib-fontja is not installed")


def font_family(font: Path | None = None) -> str:
    """The family name a font file gives itself, in English where it has one (the bundled font by default).

    Raises:
        MapsError: ``FONT_MISSING`` when the file is absent or not a font.
    """
    return _facts(font or bundled_font())[0]


def covered_characters(font: Path | None = None) -> Container[str]:
    """The characters that a font file (the bundled one by default) has a shape for.

    Raises:
        MapsError: ``FONT_MISSING`` when the file is absent or not a font.
    """
    return _facts(font or bundled_font())[1]


def unprintable(text: str, font: Path | None = None) -> tuple[str, ...]:
    """The characters of ``text`` that would print as 〓, each once, in the order they appear (𠮷 of 𠮷田)."""
    covered = covered_characters(font)
    return tuple(dict.fromkeys(character for character in _settled(text) if not _prints(character, covered)))


def printable(text: str, font: Path | None = None) -> str:
    """``text`` as the font can print it.

    A letter and its mark become one character (か + ゛ = が), variation selectors go (the plain form of 葛󠄀 prints),
    and a character without a shape becomes 〓. Compatibility ideographs such as 﨑 stay as they were written.
    """
    covered = covered_characters(font)
    return "".join(character if _prints(character, covered) else GETA for character in _settled(text))


def _settled(text: str) -> str:
    composed = _MARKED.sub(lambda match: unicodedata.normalize("NFC", match.group()), text)
    return _VARIATION.sub("", composed)


def _prints(character: str, covered: Container[str]) -> bool:
    return character == "\n" or character in covered


@lru_cache(maxsize=8)
def _facts(font: Path) -> tuple[str, frozenset[str]]:
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with font.open("rb") as file, TTFont(file, lazy=True, fontNumber=0) as opened:
            family = opened["name"].getDebugName(1) or font.stem
            return family, frozenset(map(chr, opened.getBestCmap()))
    except (OSError, TTLibError) as error:
        raise MapsError("FONT_MISSING", f"{font} is not a readable font file", path=str(font)) from error
