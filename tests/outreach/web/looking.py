"""Looks at pages through a real browser: what it complains of, what it asks for, what axe finds, what is too wide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from outreach.web.guard.cookies import _SESSION
from outreach.web.visitor import LANGUAGE_COOKIE
from tests.outreach.web.conftest import Served

SCREEN = {"width": 1366, "height": 768}
"""The clerks' screens."""
PHONE = {"width": 320, "height": 640}
ENLARGED = {"width": 683, "height": 384}
"""The clerks' screens at 200 %: a browser that enlarges has half the room."""

_TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth, inside = (e) => {
    for (let up = e.parentElement; up; up = up.parentElement) {
      if (["auto", "scroll", "hidden"].includes(getComputedStyle(up).overflowX)) { return true; }
    }
    return false;
  };
  return [...document.querySelectorAll("body *")].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width > 0 && (box.right > room + 1 || box.left < -1) && !inside(e)
      && !e.closest(".visually-hidden, .skip");
  }).map((e) => e.tagName + "." + e.className);
}"""


@dataclass
class Looked:
    """A browser page on the running pages, with everything it asked for and complained of."""

    page: Any
    served: Served
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)
    waited_for: set[Any] = field(default_factory=set)

    def open(self, path: str) -> int:
        """Show a page; its status."""
        self.asked.clear()
        self.complaints.clear()
        self.sizes.clear()
        self.waited_for.clear()
        answer = self.page.goto(self.served.address + path)
        self.settled()
        return int(answer.status)

    def settled(self) -> None:
        """Wait until everything asked for has come, and nothing more was asked for a quarter of a second.

        What our pages ask for by themselves they ask for at once; Playwright's "networkidle" waits twice as long.
        """
        quiet = 0
        for _ in range(600):
            quiet = 0 if self.waited_for else quiet + 1
            if quiet > 5:
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"still waiting after 30 s for {sorted(asked.url for asked in self.waited_for)}")

    def asks(self, request: Any) -> None:
        """Note a request that begins."""
        self.asked.append(request.url)
        self.waited_for.add(request)

    def came(self, request: Any) -> None:
        """Note a request that is answered."""
        self.waited_for.discard(request)

    def failed(self, request: Any) -> None:
        """Note a request that failed; one that a newer one took the place of did not."""
        self.waited_for.discard(request)
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.url} {request.failure}")

    def serious_faults(self) -> list[str]:
        """What axe calls serious or critical, with the elements."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in found
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]

    def too_wide(self) -> list[str]:
        """Elements that stick out of the window, those apart that scroll by themselves."""
        found: list[str] = self.page.evaluate(_TOO_WIDE)
        return found

    def height(self) -> int:
        """How high the whole page is, in pixels."""
        return int(self.page.evaluate("document.documentElement.scrollHeight"))

    def weight(self) -> int:
        """Bytes of the page and all it asked for, the map apart."""
        return sum(size for address, size in self.sizes.items() if "/pin" not in address)

    def asked_elsewhere(self) -> list[str]:
        """Requests to any other host."""
        return [address for address in self.asked if not address.startswith((self.served.address, "data:", "about:"))]


@contextmanager
def looking(
    browser: Any, served: Served, *, language: str = "ja", screen: dict[str, int] = SCREEN, **options: Any
) -> Iterator[Looked]:
    """A fresh browser in one language, watched."""
    context = browser.new_context(viewport=screen, **options)
    context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": served.address}])
    page = context.new_page()
    looked = Looked(page, served)
    page.on("request", looked.asks)
    page.on("requestfinished", looked.came)
    page.on("requestfailed", looked.failed)
    page.on("pageerror", lambda error: looked.complaints.append(f"error: {error}"))
    page.on("console", lambda said: looked.complaints.append(said.text) if said.type == "error" else None)
    page.on("response", lambda answer: looked.sizes.update({answer.url: int(answer.headers.get("content-length", 0))}))
    try:
        yield looked
    finally:
        context.close()


def with_session(looked: Looked, identity: str) -> Looked:
    """The same browser with a session that was opened elsewhere."""
    looked.page.context.add_cookies([{"name": _SESSION, "value": identity, "url": looked.served.address}])
    return looked
