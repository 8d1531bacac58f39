"""Watches a page of the real browser: what it asks for, and what it complains of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Watched:
    """A page that writes down what it asks for and what it complains of."""

    page: Any
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    answered: int = 0

    def settled(self) -> None:
        """Wait until everything asked for was answered, and nothing more was asked for some moments."""
        quiet = 0
        for _ in range(600):
            quiet = quiet + 1 if self.answered >= len(self.requests) else 0
            if quiet > 8:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"still waiting after 30 s for one of {self.requests[-3:]}")

    def focused(self) -> None:
        """Wait for the focus that a page just opened gives itself: what is typed before it has come is lost."""
        if self.page.locator("[autofocus]").count():
            self.page.wait_for_selector("[autofocus]:focus")

    @property
    def foreign(self) -> list[str]:
        """Requests that would leave this computer."""
        return [url for url in self.requests if not url.startswith(("http://127.0.0.1:", "data:", "blob:"))]


def watched(page: Any, *, expected: tuple[int, ...] = ()) -> Watched:
    """Watch a page; answers with an ``expected`` status are no complaint (Chromium's console names every 4xx)."""
    seen = Watched(page)
    page.on("request", lambda request: seen.requests.append(request.url))

    def answered(_: object) -> None:
        seen.answered += 1

    page.on("requestfinished", answered)
    page.on("requestfailed", answered)
    page.on("pageerror", lambda error: seen.complaints.append(f"error: {error}"))

    def console(message: Any) -> None:
        if not any(f"status of {status}" in message.text for status in expected):
            seen.complaints.append(f"console: {message.text}")

    page.on("console", console)
    return seen
