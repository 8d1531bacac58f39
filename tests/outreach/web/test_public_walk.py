"""The whole public form in a real browser: by keyboard alone, narrow, enlarged, without script, with hostile texts."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Soak
from tests.maps.payloads import PAYLOADS
from tests.outreach.web.conftest import Served
from tests.outreach.web.residents import GOOD, at_home, put_days
from tests.outreach.web.watching import Watched, watched

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("OUTREACH_SHOTS", "")
"""A folder to leave pictures of every page in, for somebody to look at."""

PLAIN = {"width": 1366, "height": 768}
NARROW = {"width": 320, "height": 640}
ENLARGED = {"width": 683, "height": 384}
"""What is left of 1366 x 768 at 200 %."""

Open = Callable[..., Watched]


@pytest.fixture
def open_page(browser: Any, served: Served) -> Iterator[Open]:
    """Opens pages of a browser of their own, watched."""
    contexts: list[Any] = []

    def open_one(language: str = "ja", *, size: dict[str, int] | None = None, script: bool = True) -> Watched:
        context = browser.new_context(
            viewport=size or PLAIN, java_script_enabled=script, base_url=served.address, locale=language
        )
        contexts.append(context)
        context.add_cookies([{"name": "lang", "value": language, "url": served.address}])
        return watched(context.new_page(), expected=(409, 422))

    put_days(served.office)
    yield open_one
    for context in contexts:
        context.close()


def picture(page: Any, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def path_of(page: Any) -> str:
    return str(page.url).partition("//")[2].partition("/")[2].partition("?")[0]


def press(page: Any, button: str) -> None:
    """Click a button and wait for the page behind it: the one that is left must not be looked at any more."""
    with page.expect_navigation():
        page.click(button)


def begun(open_page: Open) -> Watched:
    """A browser at the first question."""
    seen = open_page()
    seen.page.goto("/book")
    seen.page.check("#consent")
    press(seen.page, "main form button")
    return seen


class Hands:
    """Somebody who has a keyboard and nothing else."""

    def __init__(self, seen: Watched) -> None:
        self.seen, self.page = seen, seen.page

    def reach(self, wanted: str) -> None:
        """Press Tab until the element with that selector has the focus, and see that it shows."""
        for _ in range(60):
            if self.page.evaluate("s => document.activeElement.matches(s)", wanted):
                shown = self.page.evaluate(
                    "() => { const s = getComputedStyle(document.activeElement.closest('.choice') ||"
                    " document.activeElement); return s.outlineStyle !== 'none' || s.boxShadow !== 'none'; }"
                )
                assert shown, f"the focus on {wanted} cannot be seen"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never comes to {wanted} on {path_of(self.page)}")

    def press(self, wanted: str, key: str = "Enter") -> None:
        """Reach a button or link and press it; wait for the page behind it."""
        self.reach(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.seen.focused()

    def fill(self, answers: dict[str, str]) -> None:
        """Answer the fields of a page in the order in which Tab comes to them."""
        names: list[str] = self.page.evaluate(
            "() => [...new Set([...document.querySelectorAll('#answers input, #answers textarea')]"
            ".filter(e => e.type !== 'hidden').map(e => e.name))]"
        )
        for name in names:
            kind = self.page.evaluate("n => document.querySelector(`#answers [name=${n}]`).type", name)
            if kind == "radio":
                self.reach(f"[name={name}]")
                self.page.keyboard.press("Space")
                for _ in range(10):
                    if (
                        self.page.evaluate("n => document.querySelector(`[name=${n}]:checked`).value", name)
                        == (answers[name])
                    ):
                        break
                    self.page.keyboard.press("ArrowDown")
            elif kind == "checkbox":
                for value in filter(None, answers[name].split("\n")):
                    self.reach(f"[name={name}][value={value}]")
                    self.page.keyboard.press("Space")
            elif answers[name]:
                self.reach(f"[name={name}]")
                self.page.keyboard.press("Control+A")
                self.page.keyboard.type(answers[name])


def fits(page: Any) -> None:
    """Nothing is wider than the window."""
    wide = page.evaluate(
        "() => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right >"
        " document.documentElement.clientWidth + 1 && !e.closest('.visually-hidden'))"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    assert wide == [], path_of(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.heavy(take=1)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_form_is_walked_by_keyboard_alone(open_page: Open, language: str) -> None:
    seen = open_page(language)
    hands, page = Hands(seen), seen.page
    answers = {**GOOD, "caller": "family", "people": "3", "under_15": "1", "wish_never": "mon"}
    page.goto("/book")
    picture(page, f"{language}-start")
    hands.reach("#consent")
    page.keyboard.press("Space")
    hands.press("main button")
    while path_of(page) != "book/check":
        hands.fill(answers)
        name = path_of(page).rpartition("/")[2]
        picture(page, f"{language}-{name}")
        if name == "phone":  # once with Enter in a field
            hands.press("[name=second_phone]")
        else:
            hands.press("button[value=next]:not([tabindex])")
    picture(page, f"{language}-check")
    hands.press("form[action='/book/send'] button")
    assert path_of(page) == "book/windows"
    picture(page, f"{language}-windows")
    hands.reach("[name=window]")
    page.keyboard.press("ArrowDown")
    hands.press("form[action='/book/hold'] button")
    picture(page, f"{language}-held")
    hands.press("form[action='/book/confirm'] button")
    assert path_of(page) == "book/done"
    picture(page, f"{language}-done")
    hands.press("a[href*='/my/']")
    hands.reach("#digits")
    page.keyboard.type("0000")
    hands.press("main button")
    assert page.is_visible("#digits-error")
    picture(page, f"{language}-own-wrong")
    hands.reach("#digits")
    page.keyboard.type("0118")
    # A wrong answer is told with 403, which the console repeats.
    seen.complaints[:] = [told for told in seen.complaints if "403" not in told]
    hands.press("main button")
    assert path_of(page) == "own"
    picture(page, f"{language}-own")
    for name in ("window", "people", "wishes", "cancel"):
        page.goto(f"/own/{name}")
        picture(page, f"{language}-own-{name}")
    hands.press("main button")
    assert path_of(page) == "own"
    picture(page, f"{language}-own-cancelled")
    assert (seen.complaints, seen.foreign) == ([], [])


@pytest.mark.heavy(take=1)
@pytest.mark.parametrize(("name", "size"), [("320", NARROW), ("200", ENLARGED)])
@pytest.mark.parametrize("script", [True, False])
def test_every_page_fits_narrow_and_enlarged_with_and_without_script(
    open_page: Open, name: str, size: dict[str, int], script: bool
) -> None:
    seen = open_page("ja", size=size, script=script)
    page = seen.page
    page.goto("/book")
    fits(page)
    picture(page, f"{name}-start")
    page.check("#consent")
    press(page, "main form button")
    answers = {**GOOD, "caller": "family", "people": "3", "under_15": "1", "name": "磯" * 60, "address": "灯台12番地3"}
    while path_of(page) != "book/check":
        step = path_of(page).rpartition("/")[2]
        press(page, "button[value=next]:not([tabindex])")  # first wrong, to see the error
        fits(page)
        picture(page, f"{name}-{step}-wrong")
        if path_of(page).rpartition("/")[2] != step:
            continue
        for field in page.query_selector_all("#answers input:not([type=hidden]), #answers textarea"):
            key, kind = field.get_attribute("name"), field.get_attribute("type")
            value = "灯台町" if key == "town" else answers[key]
            if kind == "radio":
                page.check(f"[name={key}][value='{value}']")
            elif kind != "checkbox":
                field.fill(value)
        press(page, "button[value=next]:not([tabindex])")
    fits(page)
    picture(page, f"{name}-check")
    press(page, "form[action='/book/send'] button")
    fits(page)
    picture(page, f"{name}-windows")
    press(page, "form[action='/book/hold'] button")
    fits(page)
    press(page, "form[action='/book/confirm'] button")
    fits(page)
    picture(page, f"{name}-done")
    assert path_of(page) == "book/done"
    assert (seen.complaints, seen.foreign) == ([], [])


def test_what_is_typed_is_kept_while_it_is_typed(open_page: Open) -> None:
    seen = begun(open_page)
    page = seen.page
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.check("[name=caller][value=helper]")
    page.reload()
    assert page.is_checked("[name=caller][value=helper]")
    assert seen.complaints == []


def test_the_browsers_own_way_back_leads_to_the_questions_after_a_wrong_answer_too(open_page: Open) -> None:
    seen = begun(open_page)
    page = seen.page
    press(page, "button[value=next]:not([tabindex])")
    assert page.is_visible("#caller-error")
    page.check("[name=caller][value=family]")
    press(page, "button[value=next]:not([tabindex])")
    assert path_of(page) == "book/q/caller_name"
    page.fill("[name=caller_name]", "磯貝 実")
    page.go_back()
    assert path_of(page) == "book/q/caller"
    assert page.is_checked("[name=caller][value=family]")
    page.go_forward()
    assert page.input_value("[name=caller_name]") == "磯貝 実"
    assert seen.complaints == []


def test_the_browsers_own_way_back_from_the_end_sends_nothing_again(open_page: Open, served: Served) -> None:
    seen = open_page()
    page = seen.page
    with ExitStack() as stack:
        session = at_home(stack, served, 1).browser.http.cookies["outreach"]
    page.context.add_cookies([{"name": "outreach", "value": session, "url": served.address}])
    page.goto("/book/windows")
    press(page, "form[action='/book/hold'] button")
    assert path_of(page) == "book/hold"
    page.reload()  # a page like any other: nothing is sent again, nobody is asked whether it may be
    assert page.is_visible("form[action='/book/confirm'] button")
    press(page, "form[action='/book/confirm'] button")
    assert path_of(page) == "book/done"
    page.go_back()
    assert path_of(page) == "book/done"
    assert (seen.complaints, seen.foreign) == ([], [])


def test_a_my_number_is_gone_from_the_page_and_from_every_file(open_page: Open, served: Served) -> None:
    seen = begun(open_page)
    page = seen.page
    page.check("[name=caller][value=family]")
    press(page, "button[value=next]:not([tabindex])")
    page.fill("[name=caller_name]", "磯貝 123456789018")
    press(page, "button[value=next]:not([tabindex])")
    assert page.input_value("[name=caller_name]") == ""
    assert page.is_visible("#caller_name-error")
    assert "123456789018" not in page.content()
    picture(page, "my-number")
    for path in served.office.settings.home.rglob("*"):
        assert not path.is_file() or b"123456789018" not in path.read_bytes()


@pytest.mark.heavy
def test_hostile_texts_stay_texts(open_page: Open, soak: Soak) -> None:
    """Every text field of the form holds the payload; every page that shows it is opened."""
    usable = [payload for payload in PAYLOADS if "\x00" not in payload]
    for payload in soak.rng.sample(usable, min(len(usable), soak.count(60, part=60))):
        seen = open_page()
        page = seen.page
        page.goto("/book")
        page.check("#consent")
        press(page, "main form button")
        short = payload[:90]
        answers = {**GOOD, "caller": "family", "people": "1", "kana": ""} | dict.fromkeys(
            ("caller_name", "name", "building", "landmark", "wish_text", "note"), short
        )
        while path_of(page) != "book/check":
            for field in page.query_selector_all("#answers input:not([type=hidden]), #answers textarea"):
                key, kind = field.get_attribute("name"), field.get_attribute("type")
                if kind == "radio":
                    page.check(f"[name={key}][value='{answers[key]}']")
                elif kind != "checkbox":
                    field.fill(answers[key])
            before = page.url
            press(page, "button[value=next]:not([tabindex])")
            assert page.url != before, (payload, page.inner_text("main"))
        assert page.inner_text("dl").count(short.strip()[:8].split("\u2028")[0].strip()) >= 1
        press(page, "form[action='/book/send'] button")
        if path_of(page) == "book/windows":
            press(page, "form[action='/book/hold'] button")
            press(page, "form[action='/book/confirm'] button")
        link = page.get_attribute("a[href*='/my/']", "href")
        page.goto(link)
        page.fill("#digits", "0118")
        press(page, "main form button")
        assert path_of(page) == "own"
        for path in ("/own/wishes", "/own/people", "/own"):
            page.goto(path)
            assert page.evaluate("window.pwned === undefined")
            assert page.is_visible("header.top")
        page.goto("/own/cancel")
        press(page, "button.button-danger")
        assert (seen.complaints, seen.foreign) == ([], [])
        page.context.close()
