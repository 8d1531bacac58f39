"""The public form as a service: drafts that end, what is asked, and what is handed over from outside."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from sqlmodel import col, select

from bookings.errors import PrivacyError
from bookings.models import Booking
from bookings.spreadsheets import read_table
from outreach.errors import OutreachError, Refused
from outreach.programme.rules import Rules
from outreach.services import accounts, handing_over, public_form
from outreach.services._public_questions import NONE_OF_THESE, pages_for, script_answers, spoken_wishes
from outreach.services.booking_import import Imported, import_bookings
from outreach.services.office import Office
from outreach.services.public_form import Form, Outcome
from outreach.services.retention import erase_due
from outreach.storage.engine import reading
from outreach.storage.web_tables import HandedOver, PublicForm
from outreach.words import Words
from tests.outreach.city import NEAR, small_city
from tests.outreach.web.residents import GOOD

ANSWERS = {name: text for name, text in GOOD.items() if text}


def later(office: Office, **time: float) -> Office:
    return replace(office, settings=replace(office.settings, now=office.now() + timedelta(**time)))


def typed(office: Office, **changed: str) -> Form:
    """A form with every page answered."""
    form = public_form.begin(office, accounts.open_session(office).session.key)
    answers = {name: text for name, text in {**ANSWERS, **changed}.items() if text}
    for _ in range(40):
        page = public_form.ask(office, form, language="ja").unfinished
        if page is None:
            return form
        saved = public_form.save(office, form, page.name, answers, language="ja", forwards=True)
        assert saved.problems == ()
        form = saved.asked.form
    raise AssertionError("the form has no end")


def send(office: Office, form: Form, *, offers_windows: bool = False, ip: str = "192.0.2.1") -> Form:
    sent = public_form.send(office, form, ip=ip, language="ja", offers_windows=offers_windows)
    assert sent.wrong is None
    return sent.form


def outside(office: Office, count: int = 2) -> list[str]:
    """Requests taken without offering windows; the numbers their residents were told."""
    return [
        send(
            office,
            typed(office, phone=f"0991-23-{number:04d}", address=f"{NEAR.name}{number}番地", name=f"試験 {number}"),
            ip=f"192.0.2.{number}",
        ).number
        for number in range(1, count + 1)
    ]


def bookings_of(office: Office) -> list[Booking]:
    with reading(office.engine) as session:
        return list(session.exec(select(Booking).order_by(col(Booking.id))).all())


def rows_of(office: Office) -> list[HandedOver]:
    with reading(office.engine) as session:
        return list(session.exec(select(HandedOver).order_by(col(HandedOver.id))).all())


@pytest.fixture
def town(office: Office) -> Office:
    """The small city, on both databases."""
    small_city(office)
    return office


@pytest.fixture
def lite(sqlite_office: Office) -> Office:
    """The same on SQLite alone."""
    small_city(sqlite_office)
    return sqlite_office


# -- drafts ------------------------------------------------------------------------------------------------------------


def test_a_draft_ends_an_hour_after_it_was_last_touched(town: Office) -> None:
    form = public_form.begin(town, accounts.open_session(town).session.key)
    touched = later(town, minutes=50)
    public_form.save(touched, form, "caller", {"caller": "self"}, language="ja", forwards=True)
    kept = public_form.find(later(town, minutes=109), form.key)
    assert kept is not None
    assert kept.answers == {"caller": "self"}
    over = later(town, minutes=110)
    assert public_form.find(over, form.key) is None
    with pytest.raises(Refused, match="FORM_OVER"):
        public_form.save(over, form, "caller", {"caller": "family"}, language="ja", forwards=True)


def test_drafts_that_ended_are_erased_when_the_next_begins(lite: Office) -> None:
    public_form.begin(lite, "a" * 64)
    public_form.begin(later(lite, hours=1), "b" * 64)
    with reading(lite.engine) as session:
        assert [row.id_sha256 for row in session.exec(select(PublicForm)).all()] == ["b" * 64]


def test_the_session_of_somebody_at_home_lasts_as_long_as_the_draft(lite: Office) -> None:
    opened = accounts.open_session(lite)
    assert accounts.session_of(later(lite, minutes=59), opened.id) is not None
    assert accounts.session_of(later(lite, minutes=120), opened.id) is None


def test_a_number_among_the_answers_leaves_the_others_of_its_page(lite: Office) -> None:
    form = public_form.begin(lite, "a" * 64)
    form = replace(form, answers={"people": "1"})
    given = {"name": "磯貝 １２３４－５６７８－９０１８", "kana": "いそがい"}
    saved = public_form.save(lite, form, "name", given, language="ja", forwards=True)
    assert [(problem.field, problem.code) for problem in saved.problems] == [("name", "MY_NUMBER")]
    assert saved.asked.form.answers == {"kana": "いそがい"}
    assert saved.given_back == {}


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({"people": "1"}, set()),
        ({"people": "2"}, {"under_15"}),
        ({"people": "2", "under_15": "1"}, {"under_15", "parent_present"}),
        ({"people": "1", "under_15": "1"}, set()),
        ({"people": "x" * 9}, set()),
        ({"caller": "family"}, {"caller_name"}),
    ],
)
def test_who_is_asked_what(answers: dict[str, str], asked: set[str]) -> None:
    always = {page.name for page in pages_for({}, Rules(), towns=None)}
    assert {page.name for page in pages_for(answers, Rules(), towns=None)} - always == asked


def test_only_answers_of_pages_that_are_asked_are_sent() -> None:
    answers = {**ANSWERS, "people": "1", "under_15": "2", "fax": "0991-23-0119"}
    found = script_answers(answers, pages_for(answers, Rules(), towns=None), language="en")
    assert "under_15" not in found
    assert "fax" not in found
    assert (found["channel"], found["language"]) == ("web", "en")


def test_wishes_are_said_as_on_the_phone() -> None:
    assert spoken_wishes({"wish_half": "any"}) == ""
    assert spoken_wishes({"wish_half": "afternoon", "wish_never": "mon\nsun", "wish_text": " 12月 "}) == (
        "午後。月曜日、日曜日はだめ。12月"
    )


def test_a_choice_nobody_offered_is_no_answer(lite: Office) -> None:
    form = public_form.begin(lite, "a" * 64)
    saved = public_form.save(lite, form, "caller", {"caller": "mayor"}, language="ja", forwards=True)
    assert [problem.code for problem in saved.problems] == ["ANSWER_NEEDED"]
    assert saved.asked.form.answers == {}


# -- outside -----------------------------------------------------------------------------------------------------------


def test_outside_a_request_is_kept_under_a_number_and_makes_no_booking(town: Office) -> None:
    form = typed(town)
    sent = send(town, form)
    assert sent.outcome is Outcome.OUTSIDE
    assert send(town, sent).number == sent.number
    (row,) = rows_of(town)
    assert (row.number, row.exported_at) == (sent.number, None)
    assert row.answers["name"] == GOOD["name"]
    assert bookings_of(town) == []
    kept = public_form.find(town, form.key)
    assert kept is not None
    assert kept.answers == {}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_file_goes_straight_into_the_import(town: Office, tmp_path: Path, ending: str) -> None:
    numbers = outside(town)
    file = tmp_path / f"requests.{ending}"
    done = handing_over.export_requests(town, file, Words("ja"))
    assert done.numbers == tuple(numbers)
    taken = import_bookings(later(town, days=3), file.read_bytes(), name=file.name)
    assert (taken.rows, taken.known) == (2, 0)
    first, second = bookings_of(town)
    assert (first.status, first.channel, first.name, first.phone_e164) == (
        *("requested", "web", "試験 1", "+81991230001"),
    )
    assert first.received_at == town.now()
    assert second.name == "試験 2"
    again = import_bookings(later(town, days=4), file.read_bytes(), name=file.name)
    assert again == Imported(0, (), (), (), 2)
    assert len(bookings_of(town)) == 2


def test_what_was_meant_by_next_week_stays_the_week_after_the_request(lite: Office, tmp_path: Path) -> None:
    send(lite, typed(lite, wish_text="来週の水曜日"))
    file = tmp_path / "requests.csv"
    handing_over.export_requests(lite, file, Words("ja"))
    import_bookings(later(lite, days=4), file.read_bytes(), name=file.name)
    (booking,) = bookings_of(lite)
    assert booking.wishes["days"] == [["2026-11-25", ["afternoon", "morning"]]]
    assert booking.wishes["said_on"] == "2026-11-20"


def test_each_request_is_exported_once_unless_again(lite: Office, tmp_path: Path) -> None:
    numbers = outside(lite, 1)
    for name, again, expected in (("a.csv", False, numbers), ("b.csv", False, []), ("c.csv", True, numbers)):
        done = handing_over.export_requests(lite, tmp_path / name, Words("en"), again=again)
        assert list(done.numbers) == expected
    assert read_table((tmp_path / "b.csv").read_bytes(), name="b.csv").rows == ()
    assert (tmp_path / "c.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_a_request_counts_as_exported_only_when_its_file_is_whole(lite: Office, tmp_path: Path) -> None:
    outside(lite, 1)
    (tmp_path / "file").write_text("a file where a folder is needed")
    with pytest.raises((NotADirectoryError, FileExistsError)):
        handing_over.export_requests(lite, tmp_path / "file" / "requests.csv", Words("ja"))
    with pytest.raises(IsADirectoryError):
        handing_over.export_requests(lite, tmp_path, Words("ja"))
    assert [row.exported_at for row in rows_of(lite)] == [None]


def test_one_unclear_address_keeps_no_other_request_out(lite: Office, tmp_path: Path) -> None:
    send(lite, typed(lite, address="灯台12番地3", town=NONE_OF_THESE))
    send(lite, typed(lite, phone="0991-23-0200"), ip="192.0.2.9")
    file = tmp_path / "requests.csv"
    handing_over.export_requests(lite, file, Words("ja"))
    taken = import_bookings(lite, file.read_bytes(), name=file.name)
    assert [status.value for status in taken.statuses] == ["draft", "requested"]
    assert public_form.for_the_call_centre(lite) == (taken.references[0],)


def test_a_town_that_was_chosen_outside_is_the_town_inside(lite: Office, tmp_path: Path) -> None:
    send(lite, typed(lite, address="灯台12番地3", town=NEAR.name))
    file = tmp_path / "requests.csv"
    handing_over.export_requests(lite, file, Words("ja"))
    import_bookings(lite, file.read_bytes(), name=file.name)
    assert [(booking.town, booking.status) for booking in bookings_of(lite)] == [(NEAR.name, "requested")]


def test_outside_without_a_gazetteer_addresses_are_taken_as_they_are(sqlite_office: Office) -> None:
    assert send(sqlite_office, typed(sqlite_office)).outcome is Outcome.OUTSIDE


def test_excel_may_write_the_moment_in_its_own_way(lite: Office, tmp_path: Path) -> None:
    outside(lite, 1)
    file = tmp_path / "requests.xlsx"
    handing_over.export_requests(lite, file, Words("ja"))
    book = openpyxl.load_workbook(file)
    sheet = book.active
    assert sheet is not None
    column = next(cell.column for cell in sheet[1] if cell.value == "received_at")
    sheet.cell(2, column).value = "2026/11/20 15:30"
    changed = io.BytesIO()
    book.save(changed)
    import_bookings(lite, changed.getvalue(), name="requests.xlsx")
    assert bookings_of(lite)[0].received_at == datetime.fromisoformat("2026-11-20T15:30+09:00")


def test_a_moment_nobody_can_read_refuses_the_file(lite: Office) -> None:
    data = "name,number,received_at\r\n試験,W-1,yesterday\r\n".encode()
    with pytest.raises(OutreachError) as refused:
        import_bookings(lite, data, name="requests.csv")
    assert [finding.code for finding in refused.value.findings] == ["RECEIVED_UNREADABLE"]


def test_what_was_handed_over_is_erased_outside_a_week_later(lite: Office, tmp_path: Path) -> None:
    outside(lite, 1)
    handing_over.export_requests(lite, tmp_path / "requests.csv", Words("ja"))
    outside_later = send(lite, typed(lite, phone="0991-23-0300", name="まだ 外"), ip="192.0.2.8")
    erase_due(later(lite, days=6))
    assert [bool(row.answers) for row in rows_of(lite)] == [True, True]
    erase_due(later(lite, days=7))
    exported, waiting = rows_of(lite)
    assert exported.answers == {}
    assert (waiting.number, waiting.answers["name"]) == (outside_later.number, "まだ 外")


def test_a_file_name_with_a_my_number_is_refused(lite: Office, tmp_path: Path) -> None:
    with pytest.raises(PrivacyError):
        handing_over.export_requests(lite, tmp_path / "123456789018.csv", Words("ja"))
    assert list(tmp_path.glob("*.csv")) == []
