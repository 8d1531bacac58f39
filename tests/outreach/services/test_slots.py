"""Windows that are offered can be kept; windows that are not have a sentence a clerk can say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date as Date

import pytest

from bookings.wishes import read_wishes
from outreach.errors import BadInput, NotFound, Refused
from outreach.programme.clock import instant_from
from outreach.services import desk, publishing, slots
from outreach.services.office import Office
from outreach.services.reception import Call
from outreach.services.slots import Ask, NotOffered
from outreach.spoken import say_refusal
from outreach.words import Words
from tests.outreach.city import FAR, MIDDLE, MORNING, NEAR, TUESDAY, WEDNESDAY, put_bookings, small_city
from tests.outreach.services.promised import (
    at,
    booking_of,
    change_booking,
    one_van_city,
    promised,
    quick,
    require_kept,
    window,
)

TODAY = Date(2026, 11, 20)


@pytest.fixture
def city(office: Office) -> Office:
    """The small city without lead time: both vans drive on Tuesday and Wednesday."""
    office = quick(office)
    small_city(office)
    return office


def windows_of(found: slots.SlotsFound, day: Date) -> list[str]:
    return [Words("en").clock(offer.opens_s) for offer in sorted(found.quotes, key=_by_time) if offer.day == day]


def _by_time(offer: slots.Offer) -> tuple[Date, int]:
    return offer.day, offer.opens_s


def reasons(found: slots.SlotsFound, day: Date) -> dict[str, str]:
    return {
        "" if entry.opens_s is None else Words("en").clock(entry.opens_s): entry.reason
        for entry in found.refused
        if entry.day == day
    }


def test_on_empty_days_with_shifts_every_window_of_the_grid_is_offered(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    found = slots.find(city, Ask(reference))
    grid = [Words("en").clock(opens_s) for opens_s, _ in city.calendar.windows(TUESDAY)]
    assert (windows_of(found, TUESDAY), windows_of(found, WEDNESDAY)) == (grid, grid)
    assert [offer.rank for offer in found.quotes] == list(range(1, 25))
    # Days on which no van is planned are refused as a whole.
    assert {entry.reason for entry in found.refused} == {"DAY_WITHOUT_SHIFT"}


def test_what_is_offered_can_be_held_and_what_is_not_cannot(city: Office) -> None:
    promised(city, "10:00", "10:00", "13:30")
    (reference,) = put_bookings(city, 1, first=9)
    found = slots.find(city, Ask(reference))
    offered = set(windows_of(found, TUESDAY))
    assert "10:00" not in offered
    for opens_s, closes_s in city.calendar.windows(TUESDAY):
        if Words("en").clock(opens_s) in offered:
            desk.hold(city, reference, TUESDAY, (opens_s, closes_s))
            require_kept(city)
        else:
            with pytest.raises(desk.WindowRefused):
                desk.hold(city, reference, TUESDAY, (opens_s, closes_s))


def test_a_window_that_others_fill_is_refused_with_their_town_and_the_nearest_that_works(city: Office) -> None:
    promised(city, "10:00", "10:00", town=MIDDLE)
    (reference,) = put_bookings(city, 1, first=9)
    found = slots.explain(city, Ask(reference), TUESDAY, MORNING)
    (refused,) = found.refused
    assert (found.quotes, refused.reason, refused.verdict) == ((), "CROWDED_OUT", "IMPOSSIBLE")
    assert refused.values["town"] == MIDDLE.name
    assert refused.nearest == slots.Slot(TUESDAY, *window("09:30")) or refused.nearest == slots.Slot(
        TUESDAY, *window("10:30")
    )
    sentence = say_refusal(refused, Words("ja"))
    assert sentence.startswith("11月24日（火よう日）の午前は、車がもう石臼町（")
    assert "試験" not in sentence  # nobody's name


def test_no_name_phone_or_reference_of_anybody_else_is_in_a_refusal(city: Office) -> None:
    others = promised(city, "10:00", "10:00")
    (reference,) = put_bookings(city, 1, first=9)
    found = slots.find(city, Ask(reference), thorough=True)
    for entry in (*found.refused, *slots.explain(city, Ask(reference), TUESDAY, MORNING).refused):
        for language in ("ja", "en"):
            told = f"{say_refusal(entry, Words(language))} {dict(entry.values)}"
            assert not any(other in told for other in others)
            assert "0991" not in told


def test_wished_windows_come_first_and_alone_where_there_are_enough(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    found = slots.find(city, Ask(reference, wish="水曜の午後"))
    assert {offer.day for offer in found.quotes} == {WEDNESDAY}
    assert all(offer.wished and offer.opens_s >= 12 * 3600 for offer in found.quotes)


def test_where_no_wished_window_works_others_follow_and_say_so(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    found = slots.find(city, Ask(reference, wish="11月23日"))  # a holiday
    assert [offer.wished for offer in found.quotes] == [False] * 24
    assert reasons(found, Date(2026, 11, 23)) == {"": "HOLIDAY"}
    (holiday,) = [entry for entry in found.refused if entry.day == Date(2026, 11, 23)]
    assert say_refusal(holiday, Words("en")) == (
        "On Mon 23 Nov 2026 no van goes out: it is a holiday (勤労感謝の日)."
        " It can come on Tue 24 Nov 2026 between 09:30 and 10:00."
    )


def test_days_that_never_work_are_not_offered(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    change_booking(city, reference, wishes=read_wishes("火曜はだめ", today=TODAY).to_plain())
    found = slots.find(city, Ask(reference))
    assert windows_of(found, TUESDAY) == []
    explained = slots.explain(city, Ask(reference), TUESDAY, MORNING)
    assert [entry.reason for entry in explained.refused] == ["AGAINST_WISH"]


def test_a_booking_is_not_in_its_own_way_when_it_moves(city: Office) -> None:
    (reference,) = promised(city, "10:00")
    found = slots.find(city, Ask(reference))
    assert "10:00" in windows_of(found, TUESDAY)


def test_lead_time_and_published_days_are_refused_as_days(city: Office) -> None:
    office = quick(city, booking={"clerk_lead_working_days": 3})
    (reference,) = put_bookings(office, 1)
    assert reasons(slots.explain(office, Ask(reference), TUESDAY), TUESDAY) == {"": "LEAD_TIME"}
    promised(city, "10:00", first=5)
    publishing.publish(city, TUESDAY, language="ja")
    assert reasons(slots.find(city, Ask(reference)), TUESDAY) == {"": "DAY_PUBLISHED"}


def test_what_needs_nobody_has_is_proved_impossible(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    change_booking(city, reference, needs=["lift"])
    found = slots.find(city, Ask(reference))
    assert found.quotes == ()
    assert {entry.reason for entry in found.refused if entry.day == TUESDAY} == {"NEEDS_UNMET"}
    assert {entry.verdict for entry in found.refused if entry.day == TUESDAY} == {"IMPOSSIBLE"}


def test_somebody_on_the_phone_without_a_booking_gets_windows_too(city: Office) -> None:
    found = slots.find(city, Ask(call=Call({"address": NEAR.address, "people": "2"})))
    assert len(windows_of(found, TUESDAY)) == 12


def test_more_people_take_longer_and_fit_less_often(city: Office) -> None:
    one_van = city
    promised(one_van, "09:30", "10:30", "11:30", "13:00", "14:00", "15:00")
    promised(one_van, "09:30", "10:30", "11:30", "13:00", "14:00", first=11)
    few = slots.find(one_van, Ask(call=Call({"address": NEAR.address, "people": "1"})), last=TUESDAY)
    many = slots.find(one_van, Ask(call=Call({"address": NEAR.address, "people": "6"})), last=TUESDAY)
    assert set(windows_of(many, TUESDAY)) < set(windows_of(few, TUESDAY))


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"address": "どこにもない町1番地", "people": "2"}, "PLACE_UNKNOWN"),
        ({"address": NEAR.address}, "PEOPLE_NEEDED"),
        ({"address": NEAR.address, "people": "2", "resident": "no"}, "NOT_ELIGIBLE"),
    ],
)
def test_an_unusable_question_says_what_is_missing(city: Office, answers: dict[str, str], code: str) -> None:
    with pytest.raises((BadInput, Refused)) as refusal:
        slots.find(city, Ask(call=Call(answers)))
    assert refusal.value.code == code


def test_a_wish_in_the_past_and_an_unknown_booking_are_refused(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    with pytest.raises(BadInput) as wish:
        slots.find(city, Ask(reference, wish="11月3日"))
    assert wish.value.code == "WISH_UNUSABLE"
    with pytest.raises(NotFound) as unknown:
        slots.find(city, Ask("Z99999"))
    assert unknown.value.code == "BOOKING_UNKNOWN"
    desk.cancel(city, reference)
    with pytest.raises(Refused) as ended:
        slots.find(city, Ask(reference))
    assert ended.value.code == "BOOKING_ENDED"


def test_today_no_window_that_is_over_is_offered(city: Office) -> None:
    (reference,) = put_bookings(city, 1)
    noon = at(city, instant_from("2026-11-24T12:10"))
    found = slots.find(noon, Ask(reference), last=TUESDAY)
    assert min(windows_of(found, TUESDAY)) > "12:10"
    assert [entry.reason for entry in slots.explain(noon, Ask(reference), TUESDAY, MORNING).refused] == ["WINDOW_PAST"]


# -- the reserve -------------------------------------------------------------------------------------------------------


def test_the_last_place_of_a_half_day_is_kept_for_urgent_cases(city: Office) -> None:
    from outreach.services.shifts import remove_shift

    remove_shift(city, TUESDAY, "van-2")
    office = quick(city, promises={"reserve_visits": 1, "reserve_visit_min": 40})
    promised(office, "09:30", "10:30", "11:30")
    (usual, urgent) = put_bookings(office, 2, first=8)
    found = slots.find(office, Ask(usual), last=TUESDAY, thorough=True)
    with_reserve = set(windows_of(found, TUESDAY))
    without = set(windows_of(slots.find(quick(city), Ask(usual), last=TUESDAY, thorough=True), TUESDAY))
    assert with_reserve < without
    taken = sorted(without - with_reserve)[0]
    assert reasons(found, TUESDAY)[taken] == "RESERVED"
    with pytest.raises(desk.WindowRefused) as refusal:
        desk.hold(office, usual, TUESDAY, window(taken))
    assert refusal.value.reason == "RESERVED"
    assert desk.hold(office, urgent, TUESDAY, window(taken), accept=["URGENT"]).day == TUESDAY
    require_kept(office)


# -- groups ------------------------------------------------------------------------------------------------------------


def test_a_group_is_offered_half_days_and_has_its_van_to_itself(city: Office) -> None:
    (group, other) = put_bookings(city, 2)
    change_booking(city, group, visit_type="group", people=12)
    found = slots.find(city, Ask(group))
    assert windows_of(found, TUESDAY) == ["09:30", "13:00"]
    desk.confirm(city, group, TUESDAY, window("09:30"))
    promise = next(p for p in _state(city).promises if p.reference == group)
    assert (promise.service_s, promise.pinned_van) == (150 * 60, promise.pinned_van)
    assert promise.pinned_van in ("van-1", "van-2")
    # The other van stays free, the group's is away for the morning.
    desk.confirm(city, other, TUESDAY, window("10:00"))
    require_kept(city)
    route = _state(city).standing.plan.route_of(other)  # type: ignore[union-attr]
    assert route is not None
    assert route.shift != promise.pinned_van


def test_a_group_larger_than_its_half_day_is_refused_with_the_minutes(city: Office) -> None:
    (group,) = put_bookings(city, 1)
    change_booking(city, group, visit_type="group", people=40)
    with pytest.raises(Refused) as refusal:
        slots.find(city, Ask(group))
    assert (refusal.value.code, refusal.value.values) == ("GROUP_TOO_LARGE", {"people": 40, "minutes": 150})
    with pytest.raises(Refused):
        desk.hold(city, group, TUESDAY, window("09:30"))
    assert booking_of(city, group).status == "requested"


def _state(office: Office):  # type: ignore[no-untyped-def]
    from tests.outreach.services.promised import state_of

    return state_of(office)


# -- remote visits -----------------------------------------------------------------------------------------------------


def test_a_far_visit_is_led_to_the_day_that_goes_there_already(city: Office) -> None:
    far = promised(city, "13:30", day=WEDNESDAY, town=FAR)
    (reference,) = put_bookings(city, 1, first=9, town=FAR)
    found = slots.find(city, Ask(reference))
    assert found.quotes[0].day == WEDNESDAY
    assert found.quotes[0].detour_s < min(offer.detour_s for offer in found.quotes if offer.day == TUESDAY)
    assert far


# -- sentences ---------------------------------------------------------------------------------------------------------

VALUES = {
    "town": "高崎町",
    "town_en": "Takasaki",
    "driving_s": 2280,
    "earliest": WEDNESDAY,
    "latest": WEDNESDAY,
    "holiday": "勤労感謝の日",
}


def test_the_sentence_of_the_design_is_said_in_both_languages() -> None:
    thursday = Date(2026, 11, 26)
    later = slots.Slot(thursday, *window("11:30"))
    refused = NotOffered(thursday, *MORNING, "CROWDED_OUT", "IMPOSSIBLE", VALUES, later)
    assert say_refusal(refused, Words("en")) == (
        "On Thu 26 Nov 2026 in the morning the van is already promised in Takasaki, 38 minutes away."
        " That day it can come between 11:30 and 12:00."
    )
    assert say_refusal(refused, Words("ja")) == (
        "11月26日（木よう日）の午前は、車がもう高崎町（38分ほど離れた所）へうかがう約束になっています。"
        "同じ日の11:30から12:00の間ならうかがえます。"
    )


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_reason_has_a_sentence_without_a_field_left_open(language: str) -> None:
    words = Words(language)
    keys = sorted(filter(re.compile(r"say\.[A-Z]").match, words.keys()))
    assert len(keys) > 20
    for key in keys:
        refused = NotOffered(TUESDAY, *MORNING, key.removeprefix("say."), "IMPOSSIBLE", VALUES)
        for entry in (refused, replace(refused, opens_s=None, closes_s=None)):
            sentence = say_refusal(entry, words)
            assert "{" not in sentence
            assert sentence.endswith(words.say("say.nothing_else"))


def test_one_van_city_is_what_it_says(sqlite_office: Office) -> None:
    one_van_city(sqlite_office)
    (reference,) = put_bookings(sqlite_office, 1)
    office = quick(sqlite_office)
    assert {offer.van for offer in slots.find(office, Ask(reference), last=TUESDAY).quotes} == {"van-1"}


def test_a_weekday_no_van_goes_out_on_is_refused_in_one_sentence(city: Office) -> None:
    """Sundays are no service days here: the next one says why, and the nearest day that works."""
    (reference,) = put_bookings(city, 1)
    found = slots.find(city, Ask(reference, wish="日曜"))
    sundays = [entry for entry in found.refused if entry.day.weekday() == 6]
    assert [(entry.opens_s, entry.verdict) for entry in sundays] == [(None, "IMPOSSIBLE")]
    assert (sundays[0].nearest is not None) == bool(found.quotes)
