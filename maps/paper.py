"""What every printed artefact shares: words, clean texts, the PDF compiler and the print HTML."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from maps.errors import MapsError
from maps.fonts import bundled_font, font_family, printable
from maps.views import PlanStamp

Translate = Callable[..., str]
"""Gives the text of a key in one language, its fields filled in; ``KeyError`` where the catalogs have no such key."""

Content = dict[str, Any]
"""Texts and numbers ready to print: what a template reads, JSON through and through."""

PAGE, PAGES = "@page@", "@pages@"
"""Stand in the foot's text where the template counts."""

TEMPLATES = Path(__file__).parent / "templates"

_ELLIPSIS = "…"
_SPACES = re.compile(r"[^\S\u3000]+")
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def clean(text: str, limit: int, lines_kept: int = 5) -> str:
    """``text`` without characters that are invisible or steer the line (controls, bidi marks), cut to ``limit``.

    Up to ``lines_kept`` lines stay lines, more run on behind " / ". A cut text ends in "…": a sheet of fixed size
    never drops words unseen.
    """
    lines = [line for line in (_SPACES.sub(" ", line).strip() for line in text.splitlines()) if line]
    kept = "".join(
        character
        for character in ("\n" if len(lines) <= lines_kept else " / ").join(lines)
        if character == "\n" or unicodedata.category(character) not in _UNSEEN
    )
    return kept if len(kept) <= limit else kept[: limit - 1].rstrip() + _ELLIPSIS


def one_line(text: str, limit: int) -> str:
    """``clean`` for a text that stands in one line, such as a name: its line breaks become spaces."""
    return clean(" ".join(text.splitlines()), limit)


def code_word(translate: Translate, namespace: str, code: str) -> str:
    """The word for a code (``access.wheelchair``), the code itself where the catalogs do not know it."""
    try:
        return translate(f"{namespace}.{code}")
    except KeyError:
        return one_line(code, 40)


def stamp_content(stamp: PlanStamp, translate: Translate) -> Content:
    """The lines every artefact carries: day, plan version and hash, office, estimate line, banner."""
    return {
        "lang": translate("sheet.lang"),
        "date": translate("sheet.date", day=stamp.date),
        "plan": translate("sheet.plan", version=stamp.version, hash=stamp.sha256[:10]),
        "made": _made(stamp, translate),
        "city": one_line(stamp.city_name, 40),
        "office": translate(
            "sheet.office", office=one_line(stamp.office_name, 40), phone=one_line(stamp.office_phone, 24)
        ),
        "estimate": translate("sheet.estimate") if stamp.travel_is_estimate else "",
        "banner": one_line(stamp.banner, 80),
        "page": translate("sheet.page", page=PAGE, pages=PAGES),
    }


def _made(stamp: PlanStamp, translate: Translate) -> str:
    """When the paper was made, and when the office answers its phone."""
    made = stamp.made_at
    text = translate("sheet.made", day=made.date(), at_s=made.hour * 3600 + made.minute * 60)
    if stamp.office_hours is None:
        return text
    hours = translate("sheet.office_hours", opens_s=stamp.office_hours[0], closes_s=stamp.office_hours[1])
    return f"{text}　{hours}"


def compile_pdf(template: str, content: Content, font: Path | None = None) -> bytes:
    """Typeset ``content`` with one of our typst templates.

    The content goes in as JSON data and is never read as markup. Only the given font (a file; IPAexGothic by default)
    and no time of day enter the result: equal content gives equal bytes on every machine.

    Raises:
        MapsError: ``FONT_MISSING`` for an unusable font, ``PAPER_FAILED`` when typst refuses the page.
    """
    import typst

    file = font or bundled_font()
    data = {**_printable(content, file), "font": font_family(file)}
    try:
        return typst.compile(
            TEMPLATES / template,
            root=TEMPLATES,
            font_paths=_font_book(file.parent),
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs={"content": json.dumps(data, ensure_ascii=False)},
            timestamp=0,
        )
    except typst.TypstError as error:
        raise MapsError("PAPER_FAILED", f"typst could not set {template}", template=template) from error


def render_html(template: str, content: Content) -> str:
    """Fill one of our HTML templates: a page with its style inside, no script, and leave to request nothing at all."""
    style = _css(content)
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    # The style is our own file plus texts in CSS escapes, so it may stand in <style> as it is.
    page = _environment().get_template(template).render(**content, style=drawn(style), style_hash=digest)
    return str(page)


def drawn(source: str) -> object:
    """SVG or CSS of our own making, without a word of anybody else's in it, to stand unescaped in a page."""
    from markupsafe import Markup

    return Markup(source)


def dialled(phone: str) -> str:
    """A phone number as a ``tel:`` link takes it: digits, a leading +, nothing else; empty if there is no digit."""
    digits = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", phone))
    return f"+{digits}" if digits and phone.strip().startswith(("+", "＋")) else digits


def _printable(value: Any, font: Path) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else printable(value, font)
    if isinstance(value, Mapping):
        return {key: _printable(part, font) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(part, font) for part in value]
    return value


@lru_cache(maxsize=4)
def _font_book(folder: Path) -> Any:
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


@lru_cache(maxsize=1)
def _environment() -> Any:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _css(content: Content) -> str:
    """The print style: the foot of every page comes from CSS margin boxes, so its texts are written in CSS escapes."""
    before, page, after = re.split(f"{PAGE}|{PAGES}", content["page"])
    numbers = f"{_css_text(before)} counter(page) {_css_text(page)} counter(pages) {_css_text(after)}"
    foot = (TEMPLATES / "paper.css").read_text(encoding="utf-8")
    return (
        foot.replace("--foot-office", _css_text(content["office"]))
        .replace("--foot-page", numbers)
        .replace("--head-title", _css_text(content["running"]))
        .replace("--head-banner", _css_text(content["banner"]))
    )


def _css_text(text: str) -> str:
    """A CSS string that holds ``text`` and nothing else, every character that is not a plain letter escaped."""
    return '"' + "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in text) + '"'
