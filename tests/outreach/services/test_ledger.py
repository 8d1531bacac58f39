"""The ledger adds up to every contact there was; what waited past its date is unmet; erasure changes no old ledger."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from datetime import date as Date
from typing import Any

import pytest
from sqlmodel import col, select

from bookings.eligibility import Circumstances, EligibilityRules, Verdict, judge
from bookings.errors import PrivacyError
from bookings.models import Booking, BookingChange, DistrictRow
from bookings.statuses import STEPS, IllegalStep, Status
from bookings.wareki import AgeBand
from bookings.wishes import Wishes, read_wishes
from outreach.errors import BadInput, NotFound
from outreach.programme.clock import TOKYO
from outreach.programme.rules import amended
from outreach.services import reception
from outreach.services._history import note_booking
from outreach.services._tallies import RESULT_OF, band_at_contact, total_of
from outreach.services.ledger import (
    Axis,
    Contact,
    District,
    Ledger,
    Result,
    Tally,
    decline,
    ledger,
    ledger_csv,
    line_words,
    move_unmet,
    rule_words,
)
from outreach.services.lookup import show
from outreach.services.office import Office
from outreach.services.retention import erase_due
from outreach.storage.engine import reading, writing
from outreach.words import LANGUAGES, Words
from tests.outreach.city import NOW, a_booking, put_bookings, small_city
from tests.outreach.services.promised import at, booking_of

NOVEMBER = (Date(2026, 11, 1), Date(2026, 11, 30))
TODAY = NOW.date()


def put(office: Office, *bookings: Booking) -> tuple[str, ...]:
    with writing(office.engine) as session:
        session.add_all(bookings)
        session.flush()
        return tuple(booking.reference for booking in bookings)


def districts(office: Office, *names: str) -> None:
    with writing(office.engine) as session:
        session.add_all([DistrictRow(name=name, name_en=f"{name}-en", towns=[name]) for name in names])


def lines(counted: Ledger, axis: Axis) -> dict[tuple[str | None, str | None], tuple[int, int, int]]:
    return {
        (line.code, line.rule): (line.tally.contacts, line.tally.people, line.tally.people_unknown)
        for line in counted.by(axis)
    }


def known_city(office: Office) -> None:
    """One booking in every status, two turned down by one rule and one by another."""
    districts(office, "山手", "海辺")
    one_of_each = [a_booking(number, status=status.value) for number, status in enumerate(Status, start=1)]
    for booking in one_of_each:
        booking.refused_by = "NOT_RESIDENT" if booking.status == Status.TURNED_DOWN else None
    draft = next(booking for booking in one_of_each if booking.status == Status.DRAFT)
    draft.people = draft.district = draft.birth_year = None
    visited = next(booking for booking in one_of_each if booking.status == Status.VISITED)
    visited.district, visited.channel, visited.birth_year, visited.people = "海辺", "web", 1937, 5
    requested = next(booking for booking in one_of_each if booking.status == Status.REQUESTED)
    requested.district, requested.birth_year = "山手", 1960
    turned: dict[str, Any] = {"status": "turned_down", "people": 1}
    put(
        office,
        *one_of_each,
        a_booking(21, refused_by="NOT_RESIDENT", **turned),
        a_booking(22, refused_by="MOVING_SOON", channel="counter", **turned),
    )


def test_every_status_has_its_result_and_every_result_its_words() -> None:
    assert set(RESULT_OF) == set(Status)
    assert set(RESULT_OF.values()) == set(Result)
    for language in LANGUAGES:
        assert all(Words(language).has(f"ledger.result.{result}") for result in Result)
        assert all(Words(language).has(f"ledger.age.{band.name}") for band in AgeBand)


def test_every_rule_that_can_turn_down_has_its_words() -> None:
    strict = EligibilityRules(no_parking=Verdict.REFUSE, guardianship=Verdict.REFUSE)
    against = {"resident": "no", "moving_soon": "yes", "parent_present": "no", "guardianship": "yes", "parking": "no"}
    codes = judge(Circumstances(against, people=2, under_15=1), strict).refusals
    assert len(codes) == len(against)
    for language in LANGUAGES:
        assert [code for code in codes if not Words(language).has(f"ledger.rule.{code}")] == []


def test_the_known_city_is_counted_as_it_is(office: Office) -> None:
    known_city(office)
    counted = ledger(office, *NOVEMBER)
    assert counted.total == Tally(12, 2 * 8 + 5 + 1 + 1, 1)
    assert lines(counted, Axis.REASON) == {
        ("booked", None): (1, 2, 0),
        ("visited", None): (1, 5, 0),
        ("no_show", None): (1, 2, 0),
        ("waiting", None): (2, 4, 0),
        ("turned_down", "MOVING_SOON"): (1, 1, 0),
        ("turned_down", "NOT_RESIDENT"): (2, 3, 0),
        ("declined", None): (1, 2, 0),
        ("unmet", None): (1, 2, 0),
        ("cancelled", None): (1, 2, 0),
        ("cut_off", None): (1, 0, 1),
    }
    assert list(lines(counted, Axis.REASON)) == [
        *(("booked", None), ("visited", None), ("no_show", None), ("waiting", None)),
        *(("turned_down", "MOVING_SOON"), ("turned_down", "NOT_RESIDENT")),
        *(("declined", None), ("unmet", None), ("cancelled", None), ("cut_off", None)),
    ]
    assert lines(counted, Axis.DISTRICT) == {
        ("山手", None): (1, 2, 0),
        ("海辺", None): (1, 5, 0),
        (None, None): (10, 16, 1),
    }
    assert [line.code for line in counted.by(Axis.DISTRICT)] == ["山手", "海辺", None]
    assert lines(counted, Axis.CHANNEL) == {
        ("counter", None): (1, 1, 0),
        ("phone", None): (10, 17, 1),
        ("web", None): (1, 5, 0),
    }
    assert lines(counted, Axis.AGE) == {
        ("65-74", None): (1, 2, 0),
        ("85-plus", None): (1, 5, 0),
        (None, None): (10, 16, 1),
    }


def test_the_ledger_is_the_same_twice(sqlite_office: Office) -> None:
    known_city(sqlite_office)
    assert ledger(sqlite_office, *NOVEMBER) == ledger(sqlite_office, *NOVEMBER)


def drawn(rng: random.Random, number: int) -> Booking:
    """Any booking at all, received around November."""
    received = datetime(2026, 10, 25, tzinfo=TOKYO) + timedelta(minutes=rng.randrange(45 * 24 * 60))
    status = rng.choice(list(Status))
    return a_booking(
        number,
        status=status.value,
        refused_by=rng.choice(["NOT_RESIDENT", "MOVING_SOON", "NO_PARKING", None]),
        people=rng.choice([None, 1, 2, 6, 30]),
        district=rng.choice([None, "山手", "海辺", "=昔の地区"]),
        channel=rng.choice(["phone", "web", "counter", "paper", "hall"]),
        birth_year=rng.choice([None, *range(1920, 2027, 7)]),
        age_band=rng.choice(["", "85-plus"]),
        received_at=received,
        wishes=Wishes(latest=rng.choice([None, Date(2026, 11, 25), Date(2026, 11, 1)])).to_plain(),
    )


@pytest.mark.parametrize("seed", range(12))
def test_any_mixture_of_bookings_adds_up_exactly(sqlite_office: Office, seed: int) -> None:
    rng = random.Random(seed)
    districts(sqlite_office, "海辺", "山手")
    bookings = [drawn(rng, number) for number in range(1, rng.randrange(2, 120))]
    expected = [(b.people, b.received_at.astimezone(TOKYO).date()) for b in bookings]
    put(sqlite_office, *bookings)
    first = Date(2026, 10, 20) + timedelta(days=rng.randrange(20))
    last = first + timedelta(days=rng.randrange(40))
    inside = [people for people, day in expected if first <= day <= last]
    counted = ledger(sqlite_office, first, last)
    total = Tally(len(inside), sum(people or 0 for people in inside), inside.count(None))
    assert counted.total == total
    assert total_of(tally for _, tally in counted.rows) == total
    for axis in Axis:
        assert total_of(line.tally for line in counted.by(axis)) == total
        assert len(lines(counted, axis)) == len(counted.by(axis))
    days = [ledger(sqlite_office, first + timedelta(days=n), first + timedelta(days=n)) for n in range(3)]
    assert total_of(day.total for day in days) == ledger(sqlite_office, first, first + timedelta(days=2)).total


# -- a ledger that does not add up -------------------------------------------------------------------------------------

VISITED = Contact(Result.VISITED, None, None, "phone", None)
GOOD = Ledger(*NOVEMBER, Tally(3, 7, 1), ((VISITED, Tally(3, 7, 1)),))


@pytest.mark.parametrize("total", [Tally(4, 8, 1), Tally(3, 8, 1), Tally(3, 7, 0)])
def test_a_ledger_that_does_not_add_up_cannot_exist(total: Tally) -> None:
    with pytest.raises(ValueError, match="does not add up"):
        replace(GOOD, total=total)


def test_a_breakdown_that_loses_a_contact_cannot_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Ledger.by

    def leaky(self: Ledger, axis: Axis) -> Any:
        return whole(self, axis)[1:] if axis is Axis.AGE else whole(self, axis)

    monkeypatch.setattr(Ledger, "by", leaky)
    with pytest.raises(ValueError, match="the breakdown by age does not add up"):
        replace(GOOD)


def test_a_ledger_with_two_rows_alike_an_empty_row_or_a_period_backwards_cannot_exist() -> None:
    half = (VISITED, Tally(1, 2))
    with pytest.raises(ValueError, match="two rows"):
        replace(GOOD, total=Tally(2, 4), rows=(half, half))
    with pytest.raises(ValueError, match="counts nothing"):
        replace(GOOD, rows=(*GOOD.rows, (replace(VISITED, channel="web"), Tally())))
    with pytest.raises(ValueError, match="before it begins"):
        replace(GOOD, last=Date(2026, 10, 31))


@pytest.mark.parametrize("counts", [(1, 0, 0), (1, 3, 1), (1, 1, 2), (1, 1, -1), (-1, 0, 0)])
def test_a_tally_of_impossible_counts_cannot_exist(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="people"):
        Tally(*counts)


def test_only_what_was_turned_down_has_a_rule() -> None:
    with pytest.raises(ValueError, match="has no rule"):
        replace(VISITED, rule="NOT_RESIDENT")


# -- days and ages -----------------------------------------------------------------------------------------------------


def test_a_day_is_a_day_in_japan_and_both_ends_are_included(office: Office) -> None:
    midnight = datetime(2026, 11, 1, tzinfo=TOKYO)
    moments = [midnight - timedelta(seconds=1), midnight, midnight + timedelta(hours=1), midnight + timedelta(days=1)]
    put(office, *(a_booking(n, received_at=moment.astimezone(UTC)) for n, moment in enumerate(moments, start=1)))
    counts = [ledger(office, day, day).total.contacts for day in (Date(2026, 10, 31), *NOVEMBER, Date(2026, 11, 2))]
    assert counts == [1, 2, 0, 1]
    assert ledger(office, Date(2026, 10, 31), Date(2026, 11, 2)).total.contacts == 4


def test_the_whole_calendar_can_be_asked_for(office: Office) -> None:
    put_bookings(office, 2)
    assert ledger(office, Date.min, Date.max).total.contacts == 2
    assert ledger(office, Date.min, Date.min).total.contacts == 0


def test_a_period_backwards_is_refused_and_moves_nothing(sqlite_office: Office) -> None:
    (reference,) = put(sqlite_office, waiting(1, latest=Date(2026, 11, 1)))
    with pytest.raises(BadInput) as refusal:
        ledger(sqlite_office, Date(2026, 12, 1), Date(2026, 11, 1))
    assert refusal.value.code == "PERIOD_BACKWARDS"
    assert booking_of(sqlite_office, reference).status == Status.REQUESTED


def test_the_age_is_that_of_the_local_year_of_the_contact() -> None:
    last_hour = datetime(2026, 12, 31, 14, 59, tzinfo=UTC)
    assert band_at_contact(1942, last_hour) is AgeBand.FROM_75
    assert band_at_contact(1942, last_hour + timedelta(minutes=1)) is AgeBand.FROM_85
    assert band_at_contact(2027, last_hour) is AgeBand.UNDER_15
    assert band_at_contact(None, last_hour) is None


# -- in words ----------------------------------------------------------------------------------------------------------


def test_the_table_for_excel_holds_every_row_in_words_and_runs_no_formula(sqlite_office: Office) -> None:
    known_city(sqlite_office)
    put(sqlite_office, a_booking(31, district='=HYPERLINK("x")', received_at=datetime(2026, 11, 2, tzinfo=TOKYO)))
    counted = ledger(sqlite_office, *NOVEMBER)
    for language, head, known in (("en", "Result", "海辺-en"), ("ja", "結果", "海辺")):
        data = ledger_csv(counted, Words(language))
        assert data.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        assert (rows[0][0], len(rows)) == (head, 1 + len(counted.rows))
        assert sum(int(row[5]) for row in rows[1:]) == 13
        assert {row[8] for row in rows[1:]} == {"2026-11-01"}
        assert known in {row[2] for row in rows}
        assert {row[2] for row in rows if "HYPERLINK" in row[2]} == {'\'=HYPERLINK("x")'}


def test_codes_nobody_knows_any_more_stand_for_themselves() -> None:
    words = Words("en")
    assert line_words(GOOD, Axis.CHANNEL, "pigeon", words) == "pigeon"
    assert line_words(replace(GOOD, districts=(District("山"),)), Axis.DISTRICT, "山", words) == "山"
    turned_down = replace(VISITED, result=Result.TURNED_DOWN)
    assert rule_words(replace(turned_down, rule="OLD_RULE"), words) == "OLD_RULE"
    assert rule_words(turned_down, words) == "Rule not recorded"
    assert rule_words(VISITED, words) == ""


# -- declined ----------------------------------------------------------------------------------------------------------


def test_a_request_whose_windows_did_not_suit_is_declined_with_its_reason(office: Office) -> None:
    (reference,) = put_bookings(office, 1)
    done = decline(office, reference, why="施設に入る")
    assert (done.reference, done.status_before) == (reference, "requested")
    change = show(office, reference).history[-1]
    told = (change.what, change.status_before, change.status_after, change.why, change.who, change.channel)
    assert told == ("status", "requested", "declined", "施設に入る", "tester", "phone")
    assert lines(ledger(office, *NOVEMBER), Axis.REASON) == {("declined", None): (1, 2, 0)}


@pytest.mark.parametrize("status", sorted({*Status} - {Status.REQUESTED}))
def test_nothing_but_a_request_is_declined(sqlite_office: Office, status: Status) -> None:
    (reference,) = put(sqlite_office, a_booking(1, status=status.value))
    with pytest.raises(IllegalStep) as refusal:
        decline(sqlite_office, reference)
    assert refusal.value.code == "STATUS_STEP"
    assert Status.DECLINED not in STEPS[status]
    assert booking_of(sqlite_office, reference).status == status


def test_a_reason_with_a_my_number_declines_nothing(sqlite_office: Office) -> None:
    (reference,) = put_bookings(sqlite_office, 1)
    with pytest.raises(PrivacyError):
        decline(sqlite_office, reference, why="番号は1234 5678 9018")
    assert booking_of(sqlite_office, reference).status == Status.REQUESTED
    assert show(sqlite_office, reference).history == ()


def test_an_unknown_reference_is_told(sqlite_office: Office) -> None:
    with pytest.raises(NotFound) as refusal:
        decline(sqlite_office, "H10472")
    assert refusal.value.code == "BOOKING_UNKNOWN"


# -- unmet -------------------------------------------------------------------------------------------------------------


def waiting(number: int, *, received: Date = Date(2026, 10, 1), text: str = "", **wishes: Any) -> Booking:
    said = read_wishes(text, today=received) if text else Wishes(**wishes)
    noon = datetime(received.year, received.month, received.day, 12, tzinfo=TOKYO)
    return a_booking(number, received_at=noon, wishes=said.to_plain(), wishes_text=text)


def on(office: Office, day: Date, hour: int = 0) -> Office:
    return at(office, datetime(day.year, day.month, day.day, hour, tzinfo=TOKYO))


@pytest.mark.parametrize(
    ("received", "text", "last_day"),
    [
        (Date(2026, 10, 1), "", Date(2026, 12, 1)),
        (Date(2026, 12, 31), "", Date(2027, 2, 28)),
        (Date(2027, 12, 29), "", Date(2028, 2, 29)),
        (Date(2027, 12, 31), "", Date(2028, 2, 29)),
        (Date(2026, 8, 31), "", Date(2026, 10, 31)),
        (Date(2026, 11, 30), "午前", Date(2027, 1, 30)),
        (Date(2026, 11, 10), "火曜日", Date(2027, 1, 10)),
        (Date(2026, 11, 10), "11月24日か11月26日", Date(2026, 11, 26)),
        (Date(2026, 11, 10), "11月30日", Date(2026, 11, 30)),
        (Date(2026, 11, 10), "11月30日まで", Date(2026, 11, 30)),
        (Date(2027, 2, 1), "2月28日", Date(2027, 2, 28)),
    ],
)
def test_a_request_is_unmet_on_the_day_after_its_last(
    sqlite_office: Office, received: Date, text: str, last_day: Date
) -> None:
    (reference,) = put(sqlite_office, waiting(1, received=received, text=text))
    assert move_unmet(on(sqlite_office, last_day, 23)) == ()
    assert move_unmet(on(sqlite_office, last_day + timedelta(days=1))) == (reference,)
    assert booking_of(sqlite_office, reference).status == Status.UNMET
    (change,) = show(sqlite_office, reference).history
    assert (change.what, change.status_before, change.status_after) == ("unmet", "requested", "unmet")
    assert change.details == {"last_day": last_day.isoformat()}
    assert all(Words(language).has(f"history.{change.what}") for language in LANGUAGES)


def test_the_horizon_is_the_citys(sqlite_office: Office) -> None:
    (reference,) = put(sqlite_office, waiting(1, received=Date(2026, 11, 30)))
    office = replace(sqlite_office, rules=amended(sqlite_office.rules, {"booking": {"horizon_months": 3}}))
    assert move_unmet(on(office, Date(2027, 2, 28))) == ()
    assert move_unmet(on(office, Date(2027, 3, 1))) == (reference,)


def test_days_beside_weekdays_have_no_end_and_a_limit_ends_both(sqlite_office: Office) -> None:
    plain = read_wishes("11月24日", today=TODAY)
    either = replace(plain, weekdays=read_wishes("火曜日", today=TODAY).weekdays)
    limited, named = replace(either, latest=Date(2026, 11, 19)), replace(plain, latest=Date(2026, 12, 24))
    received = datetime(2026, 11, 10, tzinfo=TOKYO)
    bookings = [
        a_booking(number, received_at=received, wishes=wishes.to_plain())
        for number, wishes in enumerate((either, limited, named), start=1)
    ]
    first, second, third = put(sqlite_office, *bookings)
    assert move_unmet(on(sqlite_office, Date(2026, 11, 20))) == (second,)
    assert move_unmet(on(sqlite_office, Date(2026, 11, 25))) == (third,)
    assert move_unmet(on(sqlite_office, Date(2027, 1, 11))) == (first,)


def test_the_day_received_is_a_day_in_japan(sqlite_office: Office) -> None:
    night = datetime(2026, 10, 1, 0, 30, tzinfo=TOKYO).astimezone(UTC)  # still 30 September in UTC
    (reference,) = put(sqlite_office, a_booking(1, received_at=night))
    assert move_unmet(on(sqlite_office, Date(2026, 12, 1), 23)) == ()
    assert move_unmet(on(sqlite_office, Date(2026, 12, 2))) == (reference,)


@pytest.mark.parametrize("before", [Status.DRAFT, Status.NO_SHOW, Status.UNMET])
def test_a_request_taken_up_again_waits_from_then_on(office: Office, before: Status) -> None:
    (reference,) = put(office, waiting(1, received=Date(2026, 9, 1), latest=Date(2026, 9, 20)))
    later = on(office, Date(2026, 11, 10))
    with writing(office.engine) as session:
        booking = session.exec(select(Booking)).one()
        note_booking(session, later, booking, "edited", status_before=before.value)
    assert move_unmet(on(office, Date(2027, 1, 10))) == ()
    assert move_unmet(on(office, Date(2027, 1, 11))) == (reference,)


@pytest.mark.parametrize("before", [None, "requested", "held"])
def test_an_edit_or_a_hold_that_lapsed_does_not_begin_it_anew(office: Office, before: str | None) -> None:
    (reference,) = put(office, waiting(1, received=Date(2026, 9, 1)))
    with writing(office.engine) as session:
        note_booking(session, office, session.exec(select(Booking)).one(), "edited", status_before=before)
    assert move_unmet(office) == (reference,)


def test_only_what_waits_is_moved(sqlite_office: Office) -> None:
    put(
        sqlite_office,
        *(
            a_booking(number, status=status.value, received_at=datetime(2025, 1, 1, tzinfo=TOKYO))
            for number, status in enumerate(sorted({*Status} - {Status.REQUESTED}), start=1)
        ),
    )
    assert move_unmet(sqlite_office) == ()
    with reading(sqlite_office.engine) as session:
        assert session.exec(select(BookingChange)).all() == []


def test_nothing_is_written_when_nothing_is_to_be_moved(sqlite_office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    put_bookings(sqlite_office, 2)

    def refused(*_: object) -> None:
        raise AssertionError("a write transaction for nothing")

    monkeypatch.setattr("outreach.services.ledger.writing", refused)
    assert move_unmet(sqlite_office) == ()
    assert ledger(sqlite_office, *NOVEMBER).total.contacts == 2


def test_the_ledger_moves_them_first(office: Office) -> None:
    put(office, waiting(1, received=Date(2026, 11, 2), latest=Date(2026, 11, 5)), a_booking(2))
    assert lines(ledger(office, *NOVEMBER), Axis.REASON) == {("waiting", None): (1, 2, 0), ("unmet", None): (1, 2, 0)}
    assert move_unmet(office) == ()


# -- erasure -----------------------------------------------------------------------------------------------------------


def aged_city(office: Office) -> None:
    """Ended bookings of every age, one of unknown age; nothing is waiting, so that time alone changes nothing."""
    known_city(office)
    ended = ("visited", "cancelled", "declined", "unmet")
    put(
        office,
        *(
            a_booking(40 + n, status=ended[n % 4], birth_year=year, people=n % 3 or None)
            for n, year in enumerate([None, *range(1916, 2027, 10)])
        ),
    )
    with writing(office.engine) as session:
        for booking in session.exec(select(Booking).where(col(Booking.status).in_(["requested", "held"]))).all():
            session.delete(booking)


def test_the_ledger_of_an_old_period_is_the_same_after_erasure(office: Office) -> None:
    aged_city(office)
    later = on(office, TODAY + timedelta(days=91), 8)
    before = ledger(later, *NOVEMBER)
    assert {line.code for line in before.by(Axis.AGE)} == {*AgeBand, None}
    erased = erase_due(later).references
    assert len(erased) == before.total.contacts - 1  # a confirmed booking lives
    with reading(office.engine) as session:
        rows = session.exec(select(Booking).where(col(Booking.reference).in_(erased))).all()
        assert {row.birth_year for row in rows} == {None}
        assert {row.age_band for row in rows} == {*AgeBand, ""}
    assert ledger(later, *NOVEMBER) == before


def test_what_is_written_into_an_erased_draft_is_erased_again(office: Office) -> None:
    small_city(office)
    call = reception.Call({"name": "星野 あかり", "birth_year": "昭和8年"})
    reference = reception.add(office, call).reference
    assert erase_due(on(office, TODAY + timedelta(days=91))).references == (reference,)
    reception.edit(on(office, TODAY + timedelta(days=95)), reference, reception.Call({"name": "星野 あかり"}))
    counted = ledger(on(office, TODAY + timedelta(days=100)), *NOVEMBER)
    assert lines(counted, Axis.AGE) == {("85-plus", None): (1, 0, 1)}
    assert erase_due(on(office, TODAY + timedelta(days=185))).references == ()
    assert erase_due(on(office, TODAY + timedelta(days=186))).references == (reference,)
    assert booking_of(office, reference).name == ""
    assert ledger(office, *NOVEMBER) == counted
