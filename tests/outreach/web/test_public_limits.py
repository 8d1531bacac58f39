"""What strangers try at the public form: to learn who has a booking, to send too much, to leave a My Number behind."""

from __future__ import annotations

import html
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlmodel import col, func, select

from bookings.models import Booking, BookingFinding
from outreach.programme.rules import amended
from outreach.services import public_form, tries
from outreach.services.office import Office
from outreach.storage.engine import reading
from outreach.storage.web_tables import WebSession
from outreach.web.app import create_app
from tests.conftest import Soak
from tests.outreach.city import NEAR
from tests.outreach.web.conftest import serving
from tests.outreach.web.residents import (
    GOOD,
    NEXT_TUESDAY,
    Resident,
    at_home,
    neighbour,
    put_days,
    resident,
    values_of,
)
from tests.privacy_vectors import ON_ONE_LINE, Vector


def limited(office: Office, **limits: int) -> Office:
    return replace(office, rules=amended(office.rules, {"web": limits}))


def bookings_of(office: Office) -> list[Booking]:
    with reading(office.engine) as session:
        return list(session.exec(select(Booking).order_by(col(Booking.id))).all())


def story(somebody: Resident) -> list[tuple[int, str]]:
    """Everything a visitor is shown from sending to the last page, without what is theirs alone."""
    pages: list[Any] = [somebody.send()]
    window = values_of(pages[0], "window")[-1]
    pages.append(somebody.post("/book/hold", {"window": window, "key": "k"}))
    pages.append(somebody.follow(somebody.post("/book/confirm", {"window": window, "key": "k"})))
    return [(page.status_code, _without_own(page.text)) for page in pages]


def _without_own(text: str) -> str:
    text = re.sub(r'(nonce|value)="[^"]*"', "", html.unescape(text))
    text = re.sub(r"/my/[A-Za-z0-9_-]+", "", text)
    # Which windows are free depends on everybody's; that they are offered and taken does not.
    text = re.sub(r'<p class="choice">.*?</p>|あと\d+', "", text, flags=re.DOTALL)
    text = re.sub(r"\d+月\d+日（.よう日）<br>[0-9:から]+の間", "WINDOW", text)
    return re.sub(r"[A-HJ-NPR-Z]\d{5}", "REF", text)


def test_a_stranger_cannot_tell_a_household_that_has_a_booking(app: FastAPI, sqlite_web_office: Office) -> None:
    with ExitStack() as stack:
        resident(stack, app).send()
        at_the_same_door = story(resident(stack, app, phone="0991-24-0001", name="別の人"))
        at_another_door = story(resident(stack, app, **neighbour(5)))
    assert at_the_same_door == at_another_door
    first, second, third = bookings_of(sqlite_web_office)
    assert (second.status, third.status) == ("confirmed", "confirmed")
    assert first.household_key == second.household_key
    assert public_form.for_the_call_centre(sqlite_web_office) == (second.reference,)
    with reading(sqlite_web_office.engine) as session:
        (finding,) = session.exec(select(BookingFinding).where(BookingFinding.code == "DUPLICATE_HOUSEHOLD")).all()
    assert (finding.booking_id, finding.accepted_by) == (second.id, "web")


def test_a_stranger_cannot_tell_a_phone_that_has_a_booking(app: FastAPI) -> None:
    with ExitStack() as stack:
        resident(stack, app).send()
        known = story(resident(stack, app, **{**neighbour(5), "phone": GOOD["phone"]}))
        unknown = story(resident(stack, app, **neighbour(6)))
    assert known == unknown


@pytest.mark.heavy(take=1)
@pytest.mark.parametrize(
    ("limits", "same"),
    [
        ({"public_per_phone": 2}, {"phone": GOOD["phone"]}),
        ({"public_per_address": 2}, {"address": GOOD["address"]}),
        ({"public_per_ip": 2}, {}),
    ],
)
def test_only_so_many_requests_a_day(sqlite_web_office: Office, limits: dict[str, int], same: dict[str, str]) -> None:
    app = create_app(limited(sqlite_web_office, **limits))
    with ExitStack() as stack:
        for number in range(1, 3):
            assert resident(stack, app, **{**neighbour(number), **same}).send().url.path == "/book/windows"
        one_more = resident(stack, app, **{**neighbour(3), **same})
        one_more.walk()
        refused = one_more.post("/book/send")
        assert refused.status_code == 429
        assert "0991-22-0100" in refused.text
        assert len(bookings_of(sqlite_web_office)) == 2
        assert one_more.get("/book/check").status_code == 200  # nothing typed is lost


def test_only_so_many_forms_are_begun_an_hour(sqlite_web_office: Office) -> None:
    """Each is a row in a table; whoever only begins them fills it no further."""
    app = create_app(limited(sqlite_web_office, public_per_ip=1))
    with ExitStack() as stack:
        for _ in range(tries.STARTS_A_REQUEST):
            assert resident(stack, app).begin().status_code == 200
        with reading(sqlite_web_office.engine) as session:
            before = session.exec(select(func.count()).select_from(WebSession)).one()
        refused = resident(stack, app).post("/book", {"consent": "yes"})
        assert refused.status_code == 429
        assert "0991-22-0100" in refused.text
        with reading(sqlite_web_office.engine) as session:
            assert session.exec(select(func.count()).select_from(WebSession)).one() == before


def test_a_request_that_cannot_be_counted_is_not_taken(
    app: FastAPI, sqlite_web_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limits.errors import StorageError

    from outreach.storage.counted import CountedInDatabase

    def broken(*_: object, **__: object) -> int:
        raise StorageError(OSError("no disk"))

    with ExitStack() as stack:
        somebody = resident(stack, app)
        somebody.walk()
        for name in ("get", "incr"):
            monkeypatch.setattr(CountedInDatabase, name, broken)
        assert somebody.post("/book/send").status_code == 503
    assert bookings_of(sqlite_web_office) == []


@pytest.mark.heavy
def test_a_my_number_in_any_field_is_refused_and_nowhere(
    app: FastAPI, sqlite_web_office: Office, soak: Soak, caplog: pytest.LogCaptureFixture
) -> None:
    """In every notation, in every text field of every page: gone from the page, in no table, file or log."""
    home = sqlite_web_office.settings.home
    fields = [(field, page) for page, names in _TEXTS.items() for field in names]
    for _ in range(soak.count(200)):
        field, page = soak.rng.choice(fields)
        vector = Vector.drawn(soak.rng.choice(sorted(ON_ONE_LINE)), soak.rng)
        with ExitStack() as stack:
            somebody = resident(stack, app, caller="family", reach="writing" if page == "writing" else "phone")
            asked = somebody.walk(until=page)
            typed = {**somebody.typed(asked), field: f"メモ {vector.written}"}
            told = somebody.post(f"/book/q/{page}", typed)
            assert told.status_code == 422
            assert f'id="{field}-error"' in told.text
            for shown in (told, somebody.get(f"/book/q/{page}"), somebody.get("/book/check")):
                assert vector.traces_in(html.unescape(shown.text)) == []
            somebody.post(f"/book/q/{page}", {**typed, "go": "back"})
            somebody.browser.as_json(f"/book/q/{page}", {**typed, "go": "save"})
        assert vector.traces_under(home) == []
        assert vector.traces_in(caplog.text) == []


_TEXTS = {
    "caller_name": ("caller_name",),
    "name": ("name", "kana"),
    "birth_year": ("birth_year",),
    "address": ("address", "building"),
    "landmark": ("landmark",),
    "phone": ("phone", "second_phone"),
    "writing": ("fax", "mail"),
    "wishes": ("wish_text",),
    "note": ("note",),
}


def test_an_illness_is_not_stored_but_can_be_put_right(app: FastAPI, sqlite_web_office: Office) -> None:
    with ExitStack() as stack:
        somebody = resident(stack, app)
        somebody.walk(until="note")
        told = somebody.post("/book/q/note", {"note": "認知症です", "go": "next"})
        assert told.status_code == 422
        assert "認知症です</textarea>" in told.text
        assert "認知症" not in somebody.get("/book/q/note").text


@pytest.mark.heavy
def test_thirty_at_home_for_one_window_make_one_promise(sqlite_web_office: Office, soak: Soak) -> None:
    """Over HTTP, each with a session of their own: one 201, for all others 409 and a sentence."""
    people, races = max(6, soak.count(30)), soak.count(20)
    office = limited(sqlite_web_office, public_per_ip=10_000)
    days = office.calendar.service_days(NEXT_TUESDAY, NEXT_TUESDAY + timedelta(days=45))[:races]
    put_days(office, *days, vans=("van-1",))
    with contextmanager(serving)(office) as served:
        for race, day in enumerate(days):
            with ExitStack() as stack:
                racers = [at_home(stack, served, race * people + number + 1) for number in range(people)]
                answers = _all_at_once(racers, {"window": f"{day} 36000 37800", "key": "k"})
            assert sorted(answer.status_code for answer in answers) == [201] + [409] * (people - 1)
            for answer in answers:
                assert answer.status_code == 201 or 'role="alert"' in answer.text
                assert NEAR.name not in answer.text


def _all_at_once(racers: list[Resident], choice: dict[str, str]) -> list[Any]:
    start = threading.Barrier(len(racers))

    def run(racer: Resident) -> Any:
        start.wait()
        return racer.post("/book/hold", choice)

    with ThreadPoolExecutor(len(racers)) as pool:
        return list(pool.map(run, racers))
