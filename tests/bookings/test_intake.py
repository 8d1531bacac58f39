"""One call, all findings at once: what is stored, what waits for a word, what is turned down, what is never kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from bookings.answers import QUESTIONS, SCRIPT, Kind, Question, choice_words, read_choice
from bookings.findings import Finding, Severity
from bookings.gazetteer import Gazetteer
from bookings.intake import IntakeContext, IntakeResult, IntakeRules, take
from bookings.located import Level, Located
from bookings.models import Booking
from bookings.request import KEPT_BY_THE_APPLICATION, BookingRequest, columns
from bookings.statuses import Status
from bookings.towns import Town

MY_NUMBER = "1234-5678-9018"
TODAY = date(2026, 11, 20)
TOWNS = tuple(
    Town("東雲県", "白瀬市", town, kana, "", 38.23 + index / 100, 143.46, former=former)
    for index, (town, kana, former) in enumerate(
        (
            ("緑町", "ミドリチョウ", ""),
            ("若葉二丁目", "ワカバニチョウメ", ""),
            ("大平町", "オオヒラチョウ", ""),
            ("鷺沢町大平", "サギサワチョウオオヒラ", "鷺沢町"),
            ("霧谷町奥平", "キリタニチョウオクダイラ", "霧谷町"),
        )
    )
)
CITY = IntakeContext(
    gazetteer=Gazetteer(TOWNS, ("東雲県", "白瀬市")),
    today=TODAY,
    rules=IntakeRules(area_code="0991"),
    district=lambda lat, lon, town: "中央" if town == "緑町" else None,
)
ENOUGH = {"name": "髙﨑　みどり", "phone": "２３－４５６７", "address": "緑町３番地の５", "people": "二人"}


def called(changes: Mapping[str, str | None] | None = None, **context: Any) -> IntakeResult:
    """The sufficient call with some answers changed (None: not given), in a city changed likewise."""
    answers = {**ENOUGH, **(changes or {})}
    return take({name: text for name, text in answers.items() if text is not None}, context=replace(CITY, **context))


def codes(result: IntakeResult) -> list[tuple[str, str]]:
    return [(finding.field, finding.code) for finding in result.findings]


def request_of(result: IntakeResult) -> BookingRequest:
    assert result.request is not None
    return result.request


TOWN_ONLY = ("address", "ADDRESS_TOWN_ONLY")


# -- enough ------------------------------------------------------------------------------------------------------------


def test_name_phone_address_and_people_are_enough_to_be_requested() -> None:
    result = called()
    assert result.status is Status.REQUESTED
    assert codes(result) == [TOWN_ONLY]
    assert [finding.severity for finding in result.findings] == [Severity.WARNING]


def test_the_four_answers_fill_their_columns() -> None:
    values = columns(request_of(called()))
    told = {name: value for name, value in values.items() if value != getattr(BookingRequest(), name)}
    del told["open_answers"]
    assert told == {
        "answers": ENOUGH,
        "name": "髙﨑 みどり",
        "name_folded": "高崎ミドリ",
        "people": 2,
        "phone_e164": "+81991234567",
        "phone_spoken": "23-4567",
        "address_written": "緑町３番地の５",
        "address_normalised": "緑町3-5",
        "town": "緑町",
        "district": "中央",
        "household_key": "緑町|3-5",
        "lat": 38.23,
        "lon": 143.46,
        "location_level": "town",
        "location_source": "gazetteer",
        "needs": [],
    }


def test_the_other_answers_stay_open_in_the_order_of_the_script() -> None:
    assert called().open_answers == (
        *("caller", "visit_type", "resident", "moving_soon", "under_15", "kana", "birth_year", "landmark", "parking"),
        *("access", "papers", "application_form", "wishes", "heard_from"),
    )


@pytest.mark.parametrize("missing", sorted(ENOUGH))
def test_without_one_of_the_four_it_stays_a_draft(missing: str) -> None:
    result = called({missing: None})
    assert (result.status, result.missing, result.errors) == (Status.DRAFT, (missing,), ())


def test_a_call_cut_off_leaves_what_was_said() -> None:
    result = take({"kana": "たかさき"}, context=CITY)
    assert (result.status, request_of(result).kana, result.findings) == (Status.DRAFT, "タカサキ", ())


def test_blank_answers_are_no_answers() -> None:
    assert called({"note": "　 ", "fax": ""}) == called()


@pytest.mark.parametrize("way", [{"fax": "0991-23-4568"}, {"mail": "midori@example.jp"}])
def test_a_deaf_resident_is_reached_in_writing(way: dict[str, str]) -> None:
    result = called({"phone": None, **way})
    assert (result.status, result.missing) == (Status.REQUESTED, ())
    assert codes(result) == [TOWN_ONLY, ("phone", "NO_PHONE")]


def test_a_full_call_leaves_nothing_open() -> None:
    full = {
        "caller": "family",
        "caller_name": "髙﨑 一郎",
        "visit_type": "new_card",
        "resident": "yes",
        "moving_soon": "no",
        "under_15": "１人",
        "parent_present": "はい",
        "guardianship": "no",
        "kana": "ﾀｶｻｷ ﾐﾄﾞﾘ",
        "birth_year": "昭和12年",
        "building": "コーポ緑２０３",
        "landmark": "赤い屋根",
        "parking": "あり",
        "second_phone": "0991-24-0001",
        "fax": "0991-24-0002",
        "mail": "a@example.jp",
        "access": "wheelchair",
        "needs": "wheelchair、interpreter_en",
        "papers": "two_without",
        "application_form": "no",
        "language": "en",
        "wishes": "火曜の午前",
        "note": "犬がいます",
        "channel": "phone",
        "heard_from": "hall",
    }
    result = called(full)
    assert (result.status, result.open_answers, codes(result)) == (Status.REQUESTED, (), [TOWN_ONLY])
    request = request_of(result)
    assert request.kana == "タカサキ　ミドリ"
    assert (request.birth_year, request.under_15, request.caller) == (1937, 1, "family")
    assert (request.needs, request.access, request.language) == (("wheelchair", "interpreter_en"), "wheelchair", "en")
    assert request.wishes["weekdays"] == [[1, ["morning"]]]
    assert request.household_key == "緑町|3-5-コポ緑203"


# -- every column ------------------------------------------------------------------------------------------------------


def test_intake_and_application_fill_every_column_of_a_booking() -> None:
    table = set(Booking.__table__.columns.keys())  # type: ignore[attr-defined]
    filled = set(columns(BookingRequest()))
    assert filled | KEPT_BY_THE_APPLICATION == table
    assert not filled & KEPT_BY_THE_APPLICATION


def test_an_empty_request_has_the_defaults_of_the_table() -> None:
    row = Booking(reference="A00000", status="draft")
    stored = {column.name: getattr(row, column.name) for column in fields(BookingRequest)}
    assert columns(BookingRequest()) == stored


def test_a_request_refuses_what_cannot_be() -> None:
    with pytest.raises(ValueError, match="0 people"):
        BookingRequest(people=0)
    with pytest.raises(ValueError, match="longitude"):
        BookingRequest(lat=38.0)


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"people": "0"}, "PEOPLE_NOT_POSITIVE"),
        ({"people": "-1"}, "PEOPLE_NOT_POSITIVE"),
        ({"people": "40"}, "TOO_MANY_PEOPLE"),
        ({"people": "２〜３人"}, "PEOPLE_RANGE"),
        ({"people": "9999"}, "PEOPLE_TOO_MANY"),
        ({"phone": "0991-23-456"}, "PHONE_TOO_SHORT"),
        ({"phone": "0991-AB-4567"}, "PHONE_LETTERS"),
        ({"second_phone": "999"}, "PHONE_TOO_SHORT"),
        ({"kana": "高崎"}, "KANA_INVALID"),
        ({"birth_year": "昭和65年"}, "ERA_ENDED"),
        ({"birth_year": "12"}, "ERA_MISSING"),
        ({"birth_year": "2027"}, "BIRTH_YEAR_IN_FUTURE"),
        ({"address": "六本木1-2-3"}, "ADDRESS_UNKNOWN_TOWN"),
        ({"address": "大平 20-1"}, "ADDRESS_AMBIGUOUS"),
        ({"address": "汐見市中央町3-1"}, "ADDRESS_OTHER_CITY"),
        ({"mail": "midori@example"}, "MAIL_INVALID"),
        ({"caller": "the cat"}, "CHOICE_UNKNOWN"),
        ({"access": "unknown"}, "CHOICE_UNKNOWN"),
        ({"needs": "車いす！"}, "NEED_UNKNOWN"),
        ({"note": "あ" * 1001}, "TEXT_TOO_LONG"),
        ({"name": "あ" * 121}, "TEXT_TOO_LONG"),
        ({"wishes": "11月19日"}, "WISH_IN_PAST"),
        ({"wishes": "2月30日"}, "WISH_DATE_IMPOSSIBLE"),
        ({"under_15": "3", "people": "2"}, "CHILDREN_OVER_PEOPLE"),
        ({"visit_type": "group", "people": "4"}, "GROUP_TOO_SMALL"),
        ({"favourite_colour": "blue"}, "ANSWER_UNKNOWN_FIELD"),
    ],
)
def test_an_answer_that_cannot_be_keeps_the_draft(answer: dict[str, str], code: str) -> None:
    result = called(answer)
    assert result.status is Status.DRAFT
    assert [finding.code for finding in result.errors] == [code]
    assert request_of(result).answers == {**ENOUGH, **answer}


def test_all_errors_come_at_once() -> None:
    result = called({"people": "0", "phone": "12", "address": "六本木1", "kana": "高", "birth_year": "昭和65年"})
    assert [finding.field for finding in result.errors] == ["people", "kana", "birth_year", "phone", "address"]


def test_an_answer_that_cannot_be_read_is_still_open() -> None:
    result = called({"people": "２〜３人"})
    assert (result.missing, request_of(result).people) == (("people",), None)


def test_seven_people_are_pointed_to_a_group_visit() -> None:
    (finding,) = called({"people": "7"}).errors
    assert finding == Finding(
        "people", "TOO_MANY_PEOPLE", Severity.ERROR, {"people": 7, "people_most": 6, "group_least": 5}
    )
    assert called({"people": "7", "visit_type": "group"}).status is Status.REQUESTED


def test_a_need_that_nobody_offers_names_what_there_is() -> None:
    rules = replace(CITY.rules, known_needs=frozenset({"wheelchair"}))
    (finding,) = called({"needs": "helicopter"}, rules=rules).errors
    assert finding.values == {"needs": ["helicopter"], "known": ["wheelchair"]}


@pytest.mark.parametrize("none", ["0", "０人", "なし", "いません"])
def test_no_children_is_an_answer(none: str) -> None:
    result = called({"under_15": none})
    assert (request_of(result).under_15, result.errors) == (0, ())
    assert "under_15" not in result.open_answers


# -- confirms and warnings ---------------------------------------------------------------------------------------------


def test_an_open_question_keeps_the_draft_until_it_is_accepted_by_name() -> None:
    waiting = called({"parking": "no"})
    assert (waiting.status, waiting.open_confirms) == (Status.DRAFT, ("NO_PARKING",))
    accepted = called({"parking": "no"}, accepted=frozenset({"NO_PARKING", "LONG_LEG"}))
    assert (accepted.status, accepted.open_confirms) == (Status.REQUESTED, ())
    assert accepted.accepted == {"NO_PARKING"}


def test_a_far_place_waits_for_the_managers_word() -> None:
    def far(located: Located) -> tuple[Finding, ...]:
        return (Finding("address", "LONG_LEG", Severity.CONFIRM, {"driving_s": 4020, "limit_s": 3600}),)

    waiting = called({"address": "霧谷町奥平12"}, location_findings=far)
    assert (waiting.status, waiting.open_confirms) == (Status.DRAFT, ("LONG_LEG",))
    accepted = called({"address": "霧谷町奥平12"}, location_findings=far, accepted=frozenset({"LONG_LEG"}))
    assert (accepted.status, accepted.accepted) == (Status.REQUESTED, frozenset({"LONG_LEG"}))


def test_a_hamlet_without_number_or_landmark_is_asked_about() -> None:
    waiting = called({"address": "霧谷町奥平"})
    assert (waiting.status, waiting.open_confirms) == (Status.DRAFT, ("ADDRESS_TOWN_ONLY",))
    assert request_of(waiting).household_key is None
    assert called({"address": "霧谷町奥平", "landmark": "水車小屋の隣"}).status is Status.REQUESTED


def test_a_strict_city_asks_about_every_place_known_to_its_town_only() -> None:
    rules = replace(CITY.rules, ask_for_town_level=True)
    assert called(rules=rules).open_confirms == ("ADDRESS_TOWN_ONLY",)


def test_the_likely_town_is_taken_once_it_is_accepted() -> None:
    waiting = called({"address": "若葉２－１８－１１"})
    assert (waiting.status, waiting.open_confirms) == (Status.DRAFT, ("ADDRESS_TOWN_UNSURE",))
    assert request_of(waiting).town is None
    accepted = called({"address": "若葉２－１８－１１"}, accepted=frozenset({"ADDRESS_TOWN_UNSURE"}))
    assert (accepted.status, request_of(accepted).town) == (Status.REQUESTED, "若葉二丁目")
    assert request_of(accepted).household_key == request_of(called({"address": "若葉二丁目18-11"})).household_key


def test_the_clerk_chooses_between_two_towns() -> None:
    asked = called({"address": "大平 20-1"})
    assert asked.match is not None
    assert {candidate.town for candidate in asked.match.candidates} == {"大平町", "鷺沢町大平"}
    chosen = called({"address": "大平 20-1"}, chosen_town="鷺沢町大平")
    assert (chosen.status, request_of(chosen).town) == (Status.REQUESTED, "鷺沢町大平")


def test_a_pin_answers_the_question_about_the_place() -> None:
    pinned = Located(38.2345, 143.4567, Level.PINNED, "pin:desk-1")
    request = request_of(called(pins={"緑町|3-5": pinned}))
    assert (request.lat, request.lon, request.location_source) == (38.2345, 143.4567, "pin:desk-1")
    assert codes(called(pins={"緑町|3-5": pinned})) == []


def test_a_wish_on_a_closed_day_warns_and_is_kept() -> None:
    def closed(day: date) -> str | None:
        return "HOLIDAY" if day == date(2026, 11, 23) else None

    result = called({"wishes": "11月23日か11月24日"}, closed_reason=closed)
    assert result.status is Status.REQUESTED
    assert Finding(
        "wishes", "WISH_CLOSED_DAY", Severity.WARNING, {"days": ["2026-11-23"], "reason": "HOLIDAY"}
    ) in list(result.findings)
    assert request_of(result).wishes_text == "11月23日か11月24日"


def test_a_week_is_not_taken_for_its_sunday() -> None:
    def closed(day: date) -> str | None:
        return "NOT_A_SERVICE_WEEKDAY" if day.weekday() >= 5 else None

    assert codes(called({"wishes": "来週"}, closed_reason=closed)) == [TOWN_ONLY]


def test_characters_no_sheet_can_print_are_named() -> None:
    result = called({"name": "𠮷田　花"}, unprintable=lambda text: "".join(char for char in text if ord(char) > 0xFFFF))
    assert Finding("name", "CHARACTERS_UNPRINTABLE", Severity.WARNING, {"characters": ["𠮷"]}) in list(result.findings)
    assert request_of(result).name == "𠮷田 花"


# -- households --------------------------------------------------------------------------------------------------------


def test_a_second_booking_of_a_household_needs_a_reason() -> None:
    def live(key: str, visit_type: str) -> tuple[str, ...]:
        return ("H10472",) if (key, visit_type) == ("緑町|3-5", "unknown") else ()

    asked = called(household_live=live)
    assert asked.open_confirms == ("DUPLICATE_HOUSEHOLD",)
    assert asked.findings[-1].values == {"references": ["H10472"]}
    unreasoned = called(household_live=live, accepted=frozenset({"DUPLICATE_HOUSEHOLD"}))
    assert unreasoned.status is Status.DRAFT
    assert [finding.code for finding in unreasoned.errors] == ["HOUSEHOLD_REASON_MISSING"]
    reasoned = called(
        household_live=live, accepted=frozenset({"DUPLICATE_HOUSEHOLD"}), household_reason="二世帯で別の日を希望"
    )
    assert (reasoned.status, request_of(reasoned).household_reason) == (Status.REQUESTED, "二世帯で別の日を希望")
    assert called({"visit_type": "pin_reset"}, household_live=live).status is Status.REQUESTED


def test_the_same_phone_alone_warns() -> None:
    result = called(phone_live=lambda e164: ("P20391",) if e164 == "+81991234567" else ())
    assert result.status is Status.REQUESTED
    assert result.findings[-1] == Finding("phone", "SAME_PHONE", Severity.WARNING, {"references": ["P20391"]})


def test_the_same_phone_at_the_same_door_is_said_once() -> None:
    result = called(household_live=lambda key, kind: ("H10472",), phone_live=lambda e164: ("H10472",))
    assert codes(result) == [TOWN_ONLY, ("address", "DUPLICATE_HOUSEHOLD")]


# -- rules -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({"resident": "no"}, "NOT_RESIDENT"),
        ({"moving_soon": "yes"}, "MOVING_SOON"),
        ({"under_15": "1", "parent_present": "no"}, "CHILD_WITHOUT_PARENT"),
    ],
)
def test_a_rule_turns_the_booking_down_and_is_named(answers: dict[str, str], code: str) -> None:
    result = called(answers)
    assert (result.status, result.refused_by) == (Status.TURNED_DOWN, code)
    assert request_of(result).refused_by == code


def test_who_is_not_eligible_is_turned_down_before_the_rest_is_asked() -> None:
    assert take({"resident": "no", "name": "髙﨑"}, context=CITY).status is Status.TURNED_DOWN


def test_an_error_comes_before_the_rules() -> None:
    assert called({"resident": "no", "phone": "12"}).status is Status.DRAFT


def test_guardianship_waits_for_the_manager() -> None:
    assert called({"guardianship": "yes"}).open_confirms == ("GUARDIANSHIP",)


# -- what is never kept ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [question.field for question in SCRIPT])
def test_a_my_number_in_any_answer_leaves_nothing_to_store(name: str) -> None:
    result = called({name: f"番号は {MY_NUMBER} です"})
    assert (result.privacy, result.request, result.match) == (True, None, None)
    assert (name, "MY_NUMBER") in codes(result)
    assert MY_NUMBER not in repr(result)


def test_a_my_number_in_the_reason_or_in_a_field_name_leaves_nothing_to_store() -> None:
    assert called(household_reason=MY_NUMBER).privacy
    result = called({MY_NUMBER: "x"})
    assert result.privacy
    assert MY_NUMBER not in repr(result)


def test_twelve_digits_that_are_no_my_number_are_held_back_until_accepted() -> None:
    asked = called({"note": "契約 983205673210"})
    assert (asked.status, asked.withheld, asked.open_confirms) == (Status.DRAFT, ("note",), ("TWELVE_DIGITS",))
    assert "983205673210" not in repr(asked)
    accepted = called({"note": "契約 983205673210"}, accepted=frozenset({"TWELVE_DIGITS"}))
    assert (accepted.status, request_of(accepted).note) == (Status.REQUESTED, "契約 983205673210")


def test_a_diagnosis_is_held_back_until_accepted() -> None:
    asked = called({"note": "糖尿病です"})
    assert (asked.withheld, request_of(asked).note) == (("note",), "")
    assert "note" not in request_of(asked).answers


# -- the script --------------------------------------------------------------------------------------------------------


def test_the_script_asks_in_its_order() -> None:
    assert [question.order for question in SCRIPT] == list(range(1, len(SCRIPT) + 1))
    assert list(QUESTIONS) == [question.field for question in SCRIPT]
    assert [question.field for question in SCRIPT if question.needed] == ["people", "name", "address", "phone"]


def test_a_choice_without_choices_is_no_question() -> None:
    with pytest.raises(ValueError, match="choices"):
        Question("colour", 1, Kind.CHOICE)


@pytest.mark.parametrize(
    ("field", "text", "choice"),
    [
        ("caller", "family", "family"),
        ("caller", " Hall-Head ", "hall_head"),
        ("visit_type", "ＮＥＷ＿ＣＡＲＤ", "new_card"),
        ("resident", "はい", "yes"),
        ("parking", "なし", "no"),
        ("parking", "○", "yes"),
        ("access", "はい", None),
        ("language", "klingon", None),
    ],
)
def test_a_choice_is_read_by_code_or_by_a_plain_yes_or_no(field: str, text: str, choice: str | None) -> None:
    assert read_choice(QUESTIONS[field], text) == choice


def test_a_choice_is_read_by_the_citys_words() -> None:
    japanese = {"access.wheelchair": "車いす", "access.no": "難しい", "caller.self": "本人", "caller.family": "本人"}
    words = choice_words(lambda key: japanese.get(key, key))
    assert read_choice(QUESTIONS["access"], "車 いす", words) == "wheelchair"
    assert read_choice(QUESTIONS["caller"], "本人", words) is None
    assert request_of(called({"access": "車いす"}, choice_words=words)).access == "wheelchair"
