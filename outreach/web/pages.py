"""Renders pages: templates with every text escaped, the words of one language, the request's nonce and token."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from outreach.services.office import Office
from outreach.web.visitor import Visitor, language_of, words_of

STATIC: Mapping[str, str] = {
    "style.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "book.js": "text/javascript; charset=utf-8",
}
"""The files pages are made of, and what they are."""


def page(request: Request, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """A page, or a part of one, in the visitor's language.

    Templates know: ``say`` and ``words``; ``visitor`` (or none); ``token`` for the hidden field of a form; ``nonce``
    for a script; ``static(name)``; ``city`` (the rules' section); ``now`` where the clock stands still; ``demo``.
    """
    words = words_of(request)
    visitor = getattr(request.state, "visitor", None)
    office: Office = request.app.state.office
    known: dict[str, Any] = {
        "say": words.say,
        "words": words,
        "lang": words.language,
        "visitor": visitor if isinstance(visitor, Visitor) else Visitor("", language_of(request)),
        "token": visitor.session.csrf if isinstance(visitor, Visitor) and visitor.session else "",
        "nonce": request.state.nonce,
        "static": static_address,
        "city": office.rules.city,
        "city_name": office.rules.city.name if words.language == "ja" else office.rules.city.name_en,
        "office_name": office.rules.city.office if words.language == "ja" else office.rules.city.office_en,
        "fixed_now": office.settings.now,
        "demo": request.app.state.demo,
        "path": request.url.path,
    }
    return HTMLResponse(_environment().get_template(template).render({**known, **values}), status_code=status)


def static_bytes(name: str) -> bytes | None:
    """The bytes of a file that pages are made of."""
    return _file(name) if name in STATIC else None


def static_address(name: str) -> str:
    """The address of such a file; its hash is part of it, so that a browser may keep it for ever."""
    return f"/static/{name}?v={hashlib.sha256(_file(name)).hexdigest()[:12]}"


@lru_cache(maxsize=len(STATIC))
def _file(name: str) -> bytes:
    return (resources.files("outreach.web") / "static" / name).read_bytes()


def load_templates() -> None:
    """Compile every template, so that nobody waits for one."""
    environment = _environment()
    for name in environment.list_templates():
        environment.get_template(name)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("outreach.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
