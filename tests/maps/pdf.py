"""Reads PDFs back: the texts of each page, and where and how large each piece of text stands."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any

from pypdf import PdfReader

MM = 72 / 25.4


@dataclass(frozen=True)
class Piece:
    text: str
    size: float
    x_mm: float
    y_mm: float


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page without white space and break marks: what a search in a viewer would find."""
    return [squeezed(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]


def page_count(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)


def squeezed(text: str) -> str:
    return "".join(text.replace("\u200b", "").split())


def pieces(pdf: bytes) -> list[list[Piece]]:
    """Every piece of text of each page with its size in points and its place from the lower left."""
    found: list[list[Piece]] = []
    for page in PdfReader(io.BytesIO(pdf)).pages:
        here: list[Piece] = []

        def visit(text: str, cm: Any, tm: Any, font: Any, size: float, here: list[Piece] = here) -> None:
            if text.strip():
                scale = math.sqrt(abs((tm[0] * tm[3] - tm[1] * tm[2]) * (cm[0] * cm[3] - cm[1] * cm[2])))
                x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
                y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
                here.append(Piece(text.strip(), size * scale, x / MM, y / MM))

        page.extract_text(visitor_text=visit)
        found.append(here)
    return found
