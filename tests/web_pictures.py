"""The pictures in docs/desk.md and docs/public-form.md: ``python -m tests.web_pictures`` takes them anew.

They show the small city of the tests on a clock that stands still; nobody in them exists.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

from outreach.programme.settings import DATABASE_FILE
from outreach.services import publishing
from outreach.services.installation import init
from outreach.services.office import Office, open_office
from outreach.storage.engine import sqlite_url
from outreach.words import LANGUAGES, Words
from tests.browsers import ALONE, CHROMIUM
from tests.outreach.city import NEAR, TUESDAY, demo_rules, settings_of
from tests.outreach.services.promised import promised, quick
from tests.outreach.web.conftest import serving, weeks_of_shifts
from tests.outreach.web.looking import PHONE, Looked, looking, with_session
from tests.outreach.web.residents import GOOD
from tests.outreach.web.stored import signed_in_as

IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
LARGEST = 150_000
"""Bytes of a picture."""

NAMES = ("desk-call", "desk-promised", "desk-calls", "form-question", "form-windows", "form-done")

CALL = {
    "caller": "family",
    "visit_type": "new_card",
    "people": "2",
    "under_15": "0",
    "name": "山田花子",
    "kana": "ヤマダハナコ",
    "birth_year": "昭和12年",
    "address": NEAR.address,
    "phone": "0991-22-334",
}


def file_of(name: str, language: str) -> str:
    """``desk-call.png``, ``desk-call.ja.png``: English has no mark, as all documents here."""
    return f"{name}.png" if language == "en" else f"{name}.{language}.png"


PARTS = ("desk", "form")


def take(browser: Any, office: Office, folder: Path, language: str, *, parts: Iterable[str] = PARTS) -> None:
    """Take all pictures of one language over a city that :func:`city` has made."""
    for served in serving(office):
        if "desk" in parts:
            with looking(browser, served, language=language, reduced_motion="reduce") as looked:
                _desk(looked, folder, language)
        if "form" in parts:
            with looking(browser, served, language=language, screen={**PHONE, "width": 400}) as looked:
                _form(looked, folder, language)


def city(office: Office) -> Office:
    """The small city with some weeks of shifts, and calls to make on a published day."""
    weeks_of_shifts(office)
    promised(quick(office), "10:00", "11:30", "13:30")
    publishing.publish(quick(office), TUESDAY, language="ja")
    return office


def _save(looked: Looked, file: Path, *, whole: bool = False) -> None:
    looked.page.evaluate("document.querySelector('.banner')?.remove()")  # it says that the clock stands still
    taken = Image.open(io.BytesIO(looked.page.screenshot(full_page=whole)))
    taken.convert("RGB").quantize(160).save(file, optimize=True)


def _wait(looked: Looked, true: str) -> None:
    for _ in range(400):
        if looked.page.evaluate(true):
            looked.settled()
            return
        looked.page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {true}")


def _answer(looked: Looked, name: str, text: str) -> None:
    field = looked.page.locator(f"#a-{name}")
    if field.evaluate("e => e.tagName") == "SELECT":
        field.select_option(text)
    else:
        field.fill(text)
    field.press("Enter")


def _desk(looked: Looked, folder: Path, language: str) -> None:
    with_session(looked, signed_in_as(looked.served.office, "clerk").id)
    looked.open("/desk")
    for name, text in CALL.items():
        _answer(looked, name, text)
    _wait(looked, "document.querySelector('.win') !== null && document.querySelector('.mark.error') !== null")
    _save(looked, folder / file_of("desk-call", language))
    _answer(looked, "phone", "0991-22-3344")
    _wait(looked, "document.querySelector('.mark.error') === null && document.querySelector('.win') !== null")
    looked.page.keyboard.press("F2")
    looked.page.keyboard.press("1")
    _wait(looked, "document.activeElement.id === 'confirm'")
    _save(looked, folder / file_of("desk-promised", language))
    looked.open(f"/desk/calls?day={TUESDAY}")
    _save(looked, folder / file_of("desk-calls", language))


def _form(looked: Looked, folder: Path, language: str) -> None:
    page = looked.page
    looked.open("/book")
    page.check("#consent")
    _next(looked, "main button.button")
    while "/book/q/" in page.url:
        for field in page.locator("#answers :is(input, textarea):not([type=hidden])").all():
            answer, kind = GOOD[field.get_attribute("name")], field.get_attribute("type")
            if kind == "radio" and field.get_attribute("value") == answer:
                field.check()
            elif kind not in ("radio", "checkbox"):
                field.fill(answer)
        if page.url.endswith("/access"):
            _save(looked, folder / file_of("form-question", language))
        _next(looked, "button.button[value=next]")
    _next(looked, "form[action='/book/send'] button")
    _save(looked, folder / file_of("form-windows", language))
    _next(looked, "main form button.button")
    _next(looked, "main form button.button")
    _save(looked, folder / file_of("form-done", language))


def _next(looked: Looked, button: str) -> None:
    with looked.page.expect_navigation():
        looked.page.locator(button).first.click()
    looked.settled()


@contextmanager
def an_office(home: Path) -> Iterator[Office]:
    """An office of its own for the pictures."""
    settings = settings_of(home, sqlite_url(home / DATABASE_FILE))
    init(settings, Words("ja"), rules=demo_rules())
    office = open_office(settings, who="tester", channel="phone")
    yield city(office)
    office.engine.dispose()


def main() -> int:
    """Take every picture anew."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ALONE)
        for language in LANGUAGES:
            with tempfile.TemporaryDirectory() as home, an_office(Path(home)) as office:
                take(browser, office, IMAGES, language)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
