"""A real browser that may reach nothing, and the words of both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from outreach.words import Words

Say = Callable[..., str]


def say_in(language: str) -> Say:
    """``Words.say``, with one plain sentence for the reasons of another library."""
    words = Words(language)

    def say(key: str, **values: object) -> str:
        if key.startswith("reason."):
            return f"{key} {sorted(values.items())}"
        return words.say(key, **values)

    return say


@pytest.fixture(params=["ja", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def say(language: str) -> Say:
    return say_in(language)


@dataclass
class WatchedPage:
    """A browser page that writes down whatever it asks for and complains of."""

    page: Any
    folder: Path
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, html: str) -> Any:
        """Show ``html`` as a file and return the page."""
        file = self.folder / "map.html"
        file.write_text(html, encoding="utf-8")
        self.requests.clear()
        self.complaints.clear()
        self.page.goto(file.as_uri())
        self.address = file.as_uri()
        return self.page

    def asked_only_for_the_file(self) -> bool:
        """Whether the one request was the file itself."""
        return self.requests == [self.address]


@pytest.fixture
def browser_page(browser: Any, tmp_path: Path) -> Iterator[WatchedPage]:
    """A fresh page of a browser for which no host but 127.0.0.1 exists."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    watched = WatchedPage(page, tmp_path)
    page.on("request", lambda request: watched.requests.append(request.url))
    page.on("requestfailed", lambda request: watched.complaints.append(f"failed: {request.url}"))
    page.on("console", lambda message: watched.complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: watched.complaints.append(f"error: {error}"))

    def refuse(dialog: Any) -> None:
        watched.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", refuse)
    yield watched
    page.close()
