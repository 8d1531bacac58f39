"""A whole call at the desk in a real browser, by keyboard alone, in both languages: every key press is counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from outreach.services import accounts, lookup
from outreach.services.desk import confirm
from outreach.services.office import Office
from outreach.web.guard.cookies import _SESSION
from tests.outreach.city import MORNING, NEAR, TUESDAY, put_bookings
from tests.outreach.web.conftest import PASSWORD, Served, put_account, serving
from tests.outreach.web.watching import Watched, watched

pytestmark = pytest.mark.browser

MOST_PRESSES = 25
SCREEN = {"width": 1366, "height": 768}
MY_NUMBER = "123456789018"


@dataclass
class Clerk:
    """A clerk who has a keyboard and nothing else, and counts what is pressed beyond the text that is typed."""

    seen: Watched
    presses: int = 0

    @property
    def page(self) -> Any:
        return self.seen.page

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.presses += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)
        self.press("Enter")

    def settled(self) -> None:
        """Wait until all that was typed is kept and shown."""
        self.seen.settled()

    def wait(self, script: str) -> None:
        """Wait until an expression is true; asked again and again: the page's policy forbids Playwright's own way."""
        for _ in range(400):
            if self.page.evaluate(script):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"never came true: {script}")

    def shows(self, selector: str) -> str:
        return str(self.page.inner_text(selector))


@pytest.fixture(params=["ja", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desk(sqlite_web_office: Office, language: str) -> Iterator[Served]:
    speaking = replace(sqlite_web_office, settings=replace(sqlite_web_office.settings, language=language))
    put_account(speaking, "sato", "clerk")
    put_account(speaking, "tanaka", "clerk")
    yield from serving(speaking)


@pytest.fixture
def clerk(browser: Any, desk: Served) -> Iterator[Clerk]:
    """A clerk who has signed in."""
    yield from at_desk(browser, desk, "sato")


@pytest.fixture
def colleague(browser: Any, desk: Served) -> Iterator[Clerk]:
    """Another, in a browser of their own."""
    yield from at_desk(browser, desk, "tanaka")


def at_desk(browser: Any, desk: Served, name: str, *, expected: tuple[int, ...] = (409, 412, 422)) -> Iterator[Clerk]:
    context = browser.new_context(viewport=SCREEN)
    opened = accounts.open_session(desk.office, name)
    context.add_cookies([{"name": _SESSION, "value": opened.id, "url": desk.address}])
    clerk = Clerk(watched(context.new_page(), expected=expected))
    clerk.page.goto(f"{desk.address}/desk")
    clerk.settled()
    yield clerk
    context.close()


def sign_in(clerk: Clerk, desk: Served, name: str) -> None:
    """By keyboard, as everybody does in the morning."""
    clerk.page.context.clear_cookies()
    clerk.page.goto(f"{desk.address}/login")
    clerk.seen.focused()
    clerk.page.keyboard.type(name)
    clerk.page.keyboard.press("Tab")
    clerk.page.keyboard.type(PASSWORD)
    clerk.page.keyboard.press("Enter")
    clerk.page.wait_for_url("**/desk")
    clerk.settled()


def take_a_call(clerk: Clerk) -> str:
    """Every question of the script, asked of everybody: a digit for a choice, Enter after a text."""
    for choice in ("1", "1", "1", "2"):
        clerk.press(choice)
    for text in ("2", "0", "山田 花子", "やまだ はなこ", "昭和15", NEAR.address):
        clerk.type(text)
    clerk.press("1")
    clerk.type("0991-22-3344")
    for choice in ("1", "1", "1"):
        clerk.press(choice)
    clerk.type("来週の午前")
    clerk.press("1")
    clerk.wait("document.querySelector('.win') !== null && document.querySelectorAll('.mark.open').length === 1")
    clerk.settled()
    return clerk.shows("#reference")


def test_a_booking_takes_at_most_25_key_presses_beyond_its_text(clerk: Clerk, desk: Served) -> None:
    sign_in(clerk, desk, "sato")
    reference = take_a_call(clerk)
    assert clerk.page.evaluate("document.activeElement.id") == "windows"
    clerk.press("1")
    clerk.wait("document.activeElement.id === 'confirm'")
    clerk.press("Enter")
    clerk.wait("document.querySelector('#kept').classList.contains('is-promised')")
    assert clerk.presses <= MOST_PRESSES
    booking = lookup.show(desk.office, reference).booking
    assert (booking.status, booking.open_answers) == ("confirmed", ["landmark"])  # asked where only the town is known
    assert reference in clerk.shows("#kept-say")
    assert clerk.seen.complaints == []
    assert clerk.seen.foreign == []


def test_the_page_is_never_more_than_one_screen(clerk: Clerk) -> None:
    take_a_call(clerk)
    clerk.press("1")
    clerk.wait("document.activeElement.id === 'confirm'")
    high, wide = clerk.page.evaluate("[document.documentElement.scrollHeight, document.documentElement.scrollWidth]")
    assert (high, wide) <= (SCREEN["height"], SCREEN["width"])


@pytest.mark.heavy(take=1)
def test_another_wish_none_suited_and_cancelling_have_a_key_each(clerk: Clerk, desk: Served) -> None:
    reference = take_a_call(clerk)
    clerk.press("w")
    clerk.type("ぐにゃぐにゃ")
    clerk.wait("document.querySelector('#doubts') !== null && document.activeElement.id === 'windows'")
    assert "ぐにゃぐにゃ" in clerk.shows("#doubts")
    clerk.press("n")
    clerk.wait("document.activeElement.id === 'why'")
    clerk.press("Escape")
    clerk.press("c")  # nothing is kept yet
    assert clerk.page.evaluate("document.activeElement.id") == "windows"
    clerk.press("1")
    clerk.wait("document.activeElement.id === 'confirm'")
    clerk.press("c")
    clerk.wait("document.activeElement.id === 'why'")
    clerk.page.keyboard.type("c")  # a letter like any other where one types
    assert (clerk.shows("#why-of")[:1] in "予C", clerk.page.input_value("#why")) == (True, "c")
    clerk.press("Enter")
    clerk.wait("document.querySelector('#kept').hidden")
    assert lookup.show(desk.office, reference).booking.status == "cancelled"
    assert clerk.seen.complaints == []


@pytest.mark.heavy(take=1)
def test_who_was_reached_goes_to_the_end_of_the_call_list(clerk: Clerk, desk: Served) -> None:
    early, late = put_bookings(desk.office, 2)
    for reference, window in ((early, MORNING), (late, (46800, 48600))):
        confirm(desk.office, reference, TUESDAY, window, accept=["LEAD_TIME"])
    clerk.page.goto(f"{desk.address}/desk/calls?day={TUESDAY.isoformat()}")
    clerk.settled()
    rows = "Array.from(document.querySelectorAll('.call'), (row) => row.dataset.reference).join()"
    assert clerk.page.evaluate(rows) == f"{early},{late}"
    clerk.press("1")
    clerk.wait(f"{rows} === '{late},{early}'")
    assert clerk.page.evaluate("document.activeElement.dataset.reference") == late
    clerk.page.reload()
    clerk.settled()
    assert clerk.page.evaluate(rows) == f"{late},{early}"
    assert clerk.seen.complaints == []


@pytest.mark.heavy(take=1)
def test_a_call_that_is_cut_off_leaves_a_draft(clerk: Clerk, desk: Served) -> None:
    clerk.press("2")
    clerk.wait("/^[A-Z][0-9]{5}$/.test(document.querySelector('#reference').textContent)")
    reference = clerk.shows("#reference")
    clerk.page.goto("about:blank")
    booking = lookup.show(desk.office, reference).booking
    assert (booking.status, booking.answers) == ("draft", {"caller": "family"})


@pytest.mark.heavy(take=1)
def test_a_my_number_is_gone_from_the_page_and_in_nothing_that_is_kept(clerk: Clerk, desk: Served) -> None:
    clerk.press("2")
    clerk.page.focus("#a-note")
    clerk.type(MY_NUMBER)
    clerk.wait("document.querySelector('#m-note').classList.contains('error')")
    clerk.settled()
    assert clerk.page.input_value("#a-note") == ""
    assert MY_NUMBER not in clerk.page.content()
    reference = clerk.shows("#reference")
    assert "note" not in lookup.show(desk.office, reference).booking.answers


@pytest.mark.heavy(take=1)
def test_two_clerks_on_one_record_see_each_other_and_the_second_sees_the_difference(
    clerk: Clerk, colleague: Clerk, desk: Served
) -> None:
    reference = take_a_call(clerk)
    colleague.page.add_init_script("window.setInterval = () => 0")  # what others do is seen on saving, not before
    colleague.page.goto(f"{desk.address}/desk/b/{reference}")
    colleague.settled()
    assert "sato" in colleague.shows("#beside")
    clerk.page.focus("#a-people")
    clerk.page.keyboard.press("Control+a")
    clerk.type("3")
    clerk.settled()
    colleague.page.focus("#a-people")
    colleague.page.keyboard.press("Control+a")
    colleague.type("4")
    colleague.wait("!document.querySelector('#diff').hidden")
    assert "2 → 3" in colleague.shows("#diff")
    colleague.press("Enter")  # keep mine
    colleague.wait("document.querySelector('#diff').hidden")
    colleague.settled()
    assert lookup.show(desk.office, reference).booking.people == 4


@pytest.mark.heavy(take=1)
def test_keys_of_an_input_method_that_is_composing_are_left_alone(clerk: Clerk) -> None:
    clerk.page.focus("#a-name")
    clerk.page.evaluate(
        """() => {
          const field = document.querySelector('#a-name');
          field.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', bubbles: true, isComposing: true}));
          field.dispatchEvent(new KeyboardEvent('keydown', {key: 'F9', bubbles: true, isComposing: true}));
        }"""
    )
    assert clerk.page.evaluate("document.activeElement.id") == "a-name"
    assert clerk.page.url.endswith("/desk")


@pytest.mark.heavy(take=1)
def test_a_house_is_pinned_by_keyboard_on_the_small_map(clerk: Clerk, desk: Served) -> None:
    reference = take_a_call(clerk)
    frame = clerk.page.frame_locator("#pin")
    frame.locator(".folium-map").focus()
    clerk.press("ArrowRight")
    clerk.page.wait_for_timeout(500)
    clerk.press("Enter")
    clerk.wait("document.querySelector('#level').textContent.length > 0")
    clerk.settled()
    clerk.page.wait_for_timeout(500)
    clerk.settled()
    assert lookup.show(desk.office, reference).booking.location_level == "pinned"


@pytest.mark.heavy(take=1)
def test_a_caller_is_found_by_phone_name_town_and_reference(clerk: Clerk) -> None:
    reference = take_a_call(clerk)
    for text in ("0991223344", "ヤマダさま", "とうだい", reference.lower()):
        clerk.press("F4")
        clerk.page.keyboard.type(text)
        clerk.press("Enter")
        clerk.wait("document.activeElement.closest('#found') !== null")
        assert reference in clerk.shows("#found")
        clerk.press("Escape")


@pytest.mark.heavy(take=1)
def test_a_login_that_ended_keeps_what_was_typed_on_the_page(clerk: Clerk, desk: Served) -> None:
    clerk.press("2")
    clerk.settled()
    accounts.end_sessions(desk.office, "sato")
    clerk.page.focus("#a-name")
    clerk.type("山田 花子")
    clerk.wait("document.querySelector('#saved').classList.contains('error')")
    assert clerk.page.input_value("#a-name") == "山田 花子"
