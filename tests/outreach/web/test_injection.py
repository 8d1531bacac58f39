"""Texts that try to come to life: in every field, on every page of the desk, in a real browser, none does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bookings.models import Booking
from outreach.services import accounts, desk, publishing
from outreach.services.office import Office
from outreach.storage.engine import writing
from tests.conftest import Soak
from tests.outreach.city import NEAR, WEDNESDAY, a_booking
from tests.outreach.web.conftest import Served, put_account
from tests.outreach.web.payloads import PAYLOADS
from tests.outreach.web.watching import Watched, watched

pytestmark = pytest.mark.browser

TEXTS = ("name", "kana", "caller_name", "address_written", "building", "landmark", "fax", "mail", "note", "wishes_text")
ANSWERS = ("name", "kana", "caller_name", "address", "building", "landmark", "fax", "mail", "note", "wishes", "needs")
WINDOWS = ((34200, 36000), (37800, 39600), (48600, 50400))


def hostile(number: int, payload: str) -> Booking:
    """A booking with the text in every field, as it would stand in the table had it come in."""
    texts = dict.fromkeys(TEXTS, payload)
    return a_booking(number, town=NEAR, answers=dict.fromkeys(ANSWERS, payload), **texts)


@pytest.fixture
def manager(browser: Any, served: Served) -> Iterator[Watched]:
    put_account(served.office, "manager", "manager")
    opened = accounts.open_session(served.office, "manager")
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.add_cookies([{"name": "outreach", "value": opened.id, "url": served.address}])
    yield watched(context.new_page(), expected=(409,))
    context.close()


def opened_quietly(manager: Watched, address: str) -> None:
    """Open a page; nothing on it may have come to life."""
    manager.page.goto(address)
    manager.page.wait_for_load_state("networkidle")
    assert manager.page.evaluate("typeof window.pwned") == "undefined", address
    assert manager.complaints == [], address
    assert manager.foreign == [], address


@pytest.mark.heavy
def test_no_text_comes_to_life_on_any_page(manager: Watched, served: Served, soak: Soak) -> None:
    count = soak.count(len(PAYLOADS))
    chosen = soak.rng.sample(PAYLOADS, count)
    rows = [hostile(number, payload) for number, payload in enumerate(chosen, start=1)]
    references = [row.reference for row in rows]
    with writing(served.office.engine) as session:
        session.add_all(rows)
    for reference, window in zip(references, WINDOWS, strict=False):
        desk.confirm(served.office, reference, WEDNESDAY, window, accept=["LEAD_TIME"])
    for reference, payload in zip(references, chosen, strict=True):
        opened_quietly(manager, f"{served.address}/desk/b/{reference}")
        assert manager.page.input_value("#a-note") == " ".join(payload.split("\n"))
        frame = manager.page.frame_locator("#pin")
        assert frame.locator(".leaflet-control-zoom-in").count() == 1
        manager.page.fill("#search", reference)
        manager.page.press("#search", "Enter")
        manager.page.locator("#found a").first.wait_for()
        assert manager.page.evaluate("typeof window.pwned") == "undefined"
    for path in ("/desk/waiting", f"/desk/calls?day={WEDNESDAY.isoformat()}", f"/desk/b/{references[0]}/paper"):
        opened_quietly(manager, f"{served.address}{path}")


def test_no_personal_text_is_in_any_map_file(sqlite_web_office: Office) -> None:
    office = sqlite_web_office
    rows = [hostile(number, f"ひみつ{number}") for number in (1, 2, 3)]
    references = [row.reference for row in rows]
    with writing(office.engine) as session:
        session.add_all(rows)
    for reference, window in zip(references, WINDOWS, strict=True):
        desk.confirm(office, reference, WEDNESDAY, window, accept=["LEAD_TIME"])
    from outreach.services.pin_map import pin_map

    published = publishing.publish(office, WEDNESDAY, language="ja")
    maps = [name for name in published.files if "map" in name]
    assert maps
    texts = [(published.folder / name).read_text(encoding="utf-8") for name in maps]
    texts.append(pin_map(office, references[0], language="ja"))
    assert [text for text in texts if "ひみつ" in text or "0991-22-000" in text] == []
