"""Every page in a real browser: nothing axe calls serious, nothing wider than the window, light, quiet, at home."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from outreach.services import desk, publishing
from outreach.services.office import Office
from outreach.web.guard.cookies import _SESSION
from outreach.web.pages import STATIC
from tests.conftest import Soak
from tests.outreach.city import MORNING, TUESDAY, WEDNESDAY, put_bookings
from tests.outreach.services.promised import promised, quick
from tests.outreach.web.conftest import HOST, Served
from tests.outreach.web.looking import ENLARGED, PHONE, SCREEN, Looked, looking, with_session
from tests.outreach.web.residents import Resident, put_days, values_of
from tests.outreach.web.stored import routes_of, signed_in_as

pytestmark = pytest.mark.browser

HEAVIEST = 150_000
"""Bytes of a page without its map."""

NOT_SHOWN = {
    "/": "leads on",
    "/healthz": "one word for a machine",
    "/language": "leads back",
    "/static/{name}": "part of every page",
    "/book/send": "leads on",
    "/book/confirm": "leads on",
    "/desk/b/{reference}/state": "for the script",
    "/desk/pin": "a map, tested with the maps; the desk shows it in its frame",
    "/desk/pin/{reference}": "a map, tested with the maps; the desk shows it in its frame",
}
"""GET routes that are no page to look at, and why."""

ANYBODYS = ("/style", "/style?as=public", "/style?as=desk", "/login", "/book", "/nothing-here")
CLERKS = ("/desk", "/desk/waiting", f"/desk/calls?day={TUESDAY}", "/account")
OF_EVERY_KIND = {"caller", "people", "address", "wishes"}
"""Questions with one of each kind of field: always looked at, of the others half."""


@pytest.fixture(params=["ja", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def is_sound(looked: Looked, path: str, *, status: int = 200) -> None:
    """Show a page and look at everything that every page must be."""
    assert looked.open(path) == status, path
    assert [said for said in looked.complaints if f"status of {status}" not in said] == [], path
    assert looked.serious_faults() == [], path
    assert looked.too_wide() == [], path
    assert 0 < looked.weight() < HEAVIEST, path
    assert looked.asked_elsewhere() == [], path


def identity(http: TestClient) -> str:
    """The session a test client has been given."""
    return next(cookie.value or "" for cookie in http.cookies.jar if cookie.name == _SESSION)


@pytest.fixture
def resident(app: FastAPI) -> Iterator[Resident]:
    """Somebody who fills in the form on the same installation, without a screen."""
    with TestClient(app, base_url=HOST) as http:
        yield Resident(http)


@pytest.fixture
def sqlite_office(sqlite_office: Office) -> Office:
    """With short searches."""
    return quick(sqlite_office)


def a_full_desk(office: Office) -> dict[str, str]:
    """A booking of every kind a clerk meets, by its status; Tuesday is published, so there are calls to make."""
    confirmed, _ = promised(office, "10:00", "13:30")
    held, waiting = put_bookings(office, 2, first=3)
    desk.hold(office, held, WEDNESDAY, MORNING)
    publishing.publish(office, TUESDAY, language="ja")
    return {"confirmed": confirmed, "held": held, "requested": waiting}


def test_every_page_is_looked_at(app: FastAPI) -> None:
    shown = {urlsplit(path).path for path in (*ANYBODYS, *CLERKS, *FORM_PAGES, *OWN_PAGES)}
    shown |= {"/desk/b/{reference}", "/desk/b/{reference}/paper", "/book/q/{name}", "/my/{token}", "/records"}
    shown |= {"/book/check", "/book/windows", "/book/hold", "/book/done"}
    pages = {route.path for route in routes_of(app) if "GET" in route.methods}
    assert pages - shown - set(NOT_SHOWN) == set()


FORM_PAGES = ("/book/check",)
OWN_PAGES = ("/own", "/own/window", "/own/window?more=1", "/own/people", "/own/wishes", "/own/cancel")


@pytest.mark.heavy(take=1)
def test_pages_for_anybody_are_sound(browser: Any, served: Served, language: str) -> None:
    with looking(browser, served, language=language, screen=PHONE) as looked:
        for path in ANYBODYS:
            is_sound(looked, path, status=404 if path == "/nothing-here" else 200)


@pytest.mark.heavy(take=1)
def test_the_form_is_sound_on_a_small_telephone(
    browser: Any, served: Served, resident: Resident, language: str, soak: Soak
) -> None:
    put_days(served.office)
    with looking(browser, served, language=language, screen=PHONE) as looked:
        resident.walk()
        with_session(looked, identity(resident.browser.http))
        others = sorted(set(resident.visited) - OF_EVERY_KIND)
        assert set(resident.visited) >= OF_EVERY_KIND
        for name in (*sorted(OF_EVERY_KIND), *soak.rng.sample(others, soak.count(len(others), part=2))):
            is_sound(looked, f"/book/q/{name}")
        for path in FORM_PAGES:
            is_sound(looked, path)
        windows = resident.follow(resident.post("/book/send"))
        is_sound(looked, "/book/windows")
        choice = {"window": values_of(windows, "window")[0], "key": values_of(windows, "key")[0]}
        held = resident.post("/book/hold", choice)
        is_sound(looked, "/book/hold")
        resident.post("/book/confirm", {**choice, "key": values_of(held, "key")[0]})
        is_sound(looked, "/book/done")
        (own,) = re.findall(r'href="[^"]*?(/my/[^"]+)"', resident.get("/book/done").text)
        with looking(browser, served, language=language, screen=PHONE) as at_home:
            is_sound(at_home, own)
            at_home.page.fill("#digits", resident.answers["phone"][-4:])
            at_home.page.press("#digits", "Enter")
            at_home.page.wait_for_url("**/own")
            for path in OWN_PAGES:
                is_sound(at_home, path)


@pytest.mark.heavy(take=1)
def test_a_question_answered_wrongly_is_sound(browser: Any, served: Served, resident: Resident, language: str) -> None:
    page = resident.walk(until="phone")
    with looking(browser, served, language=language, screen=PHONE) as looked:
        with_session(looked, identity(resident.browser.http))
        looked.open(page.url.path)
        looked.page.fill("[name=phone]", "0991")
        with looked.page.expect_navigation():
            looked.page.press("[name=phone]", "Enter")
        assert looked.page.locator("[aria-invalid=true]").count() == 1
        assert looked.serious_faults() == []
        assert looked.too_wide() == []


@pytest.mark.heavy(take=1)
def test_the_desk_is_sound_and_one_screen(browser: Any, served: Served, language: str) -> None:
    known = a_full_desk(served.office)
    clerk = signed_in_as(served.office, "clerk")
    with looking(browser, served, language=language) as looked:
        with_session(looked, clerk.id)
        for path in (*CLERKS, *(f"/desk/b/{reference}" for reference in known.values())):
            is_sound(looked, path)
            assert path == "/account" or looked.height() <= SCREEN["height"], path
        is_sound(looked, f"/desk/b/{known['confirmed']}/paper")


@pytest.mark.heavy(take=1)
def test_the_records_are_sound(browser: Any, served: Served, language: str) -> None:
    manager = signed_in_as(served.office, "manager")
    with looking(browser, served, language=language) as looked:
        is_sound(with_session(looked, manager.id), "/records")


def test_the_desk_at_twice_its_size_is_one_column(browser: Any, served: Served) -> None:
    clerk = signed_in_as(served.office, "clerk")
    with looking(browser, served, screen=ENLARGED) as looked:
        is_sound(with_session(looked, clerk.id), "/desk")
        columns = looked.page.evaluate("getComputedStyle(document.querySelector('.desk-grid')).gridTemplateColumns")
        assert len(columns.split()) == 1


def test_the_confirmation_prints_on_one_page_without_buttons(browser: Any, served: Served) -> None:
    known = a_full_desk(served.office)
    with looking(browser, served) as looked:
        with_session(looked, signed_in_as(served.office, "clerk").id)
        looked.open(f"/desk/b/{known['confirmed']}/paper")
        assert looked.page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
        looked.page.emulate_media(media="print")
        assert looked.page.locator("button:visible, nav:visible").count() == 0
        assert known["confirmed"] in looked.page.inner_text("main")


def test_whoever_wants_no_movement_gets_none(browser: Any, served: Served) -> None:
    with looking(browser, served, reduced_motion="reduce") as looked:
        looked.open("/style")
        assert looked.page.evaluate("getComputedStyle(document.querySelector('.button')).transitionDuration") == "0s"


def test_findings_show_without_colours(browser: Any, served: Served) -> None:
    with looking(browser, served, forced_colors="active") as looked:
        looked.open("/style?as=desk")
        signs = looked.page.evaluate(
            "[...document.querySelectorAll('.mark')].map(e => getComputedStyle(e, '::before').content)"
        )
        assert [sign.partition("/")[0].strip() for sign in signs] == ['"✓"', '"×"', '"?"', '"!"']
        assert looked.serious_faults() == []


CONTRASTS = """() => {
  const styles = getComputedStyle(document.documentElement), value = (name) => styles.getPropertyValue(name).trim();
  const light = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const ratio = (a, b) => {
    const [x, y] = [light(value(a)), light(value(b))].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  };
  const papers = ["--paper", "--ground", "--blue-pale"];
  const found = {};
  for (const ink of ["--text", "--text-second", "--text-quiet", "--blue", "--red", "--green", "--amber"]) {
    for (const paper of papers) { found[ink + " on " + paper] = ratio(ink, paper); }
  }
  for (const kind of ["red", "green", "amber"]) { found[kind] = ratio("--" + kind, `--${kind}-pale`); }
  return found;
}"""


def test_every_ink_is_read_on_every_paper(browser: Any, served: Served) -> None:
    with looking(browser, served) as looked:
        looked.open("/style")
        ratios = looked.page.evaluate(CONTRASTS)
        assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}


def test_the_style_sheet_asks_for_nothing(app: FastAPI) -> None:
    with TestClient(app, base_url=HOST) as http:
        sheet = http.get("/static/style.css").text
    assert re.findall(r"url\(|@import|@font-face|https?:", sheet) == []


def test_every_class_is_known_to_the_style_sheet_or_to_a_script() -> None:
    web = resources.files("outreach.web")
    known = "".join((web / "static" / name).read_text(encoding="utf-8") for name in STATIC)
    used: set[str] = set()
    for template in Path(str(web / "templates")).rglob("*.html"):
        for classes in re.findall(r'class="([^"]*)"', template.read_text(encoding="utf-8")):
            used |= set(re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", classes).split())
    assert {name for name in used if not name.endswith("-") and name not in known} == set()
