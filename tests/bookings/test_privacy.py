"""What must never be kept is refused in every writing, and harmless numbers pass."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.digits import find_runs
from bookings.errors import PrivacyError
from bookings.findings import Severity
from bookings.known_numbers import is_made_of_known_numbers
from bookings.privacy import inspect, passes_check_digit, require_clean, scan_many
from tests.bookings.my_numbers import HARMLESS, NOTATIONS, a_my_number, in_fours
from tests.conftest import Soak

VALID = "123456789018"


def codes(text: str) -> list[str]:
    return [finding.code for finding in inspect(text, "note")]


def test_the_check_digit_is_the_one_of_the_ordinance() -> None:
    assert [passes_check_digit(number) for number in (VALID, "983205673214", "983205673210")] == [True, True, False]


@pytest.mark.heavy
@pytest.mark.parametrize("notation", NOTATIONS)
def test_a_my_number_is_refused_in_every_notation(notation: str, soak: Soak) -> None:
    write = NOTATIONS[notation]
    vectors = [write(a_my_number(soak.rng), soak.rng) for _ in range(soak.count(4000))]
    assert [text for text in vectors if codes(text) != ["MY_NUMBER"]] == []


@pytest.mark.heavy
def test_of_harmless_notes_at_most_one_in_two_hundred_is_stopped(soak: Soak) -> None:
    notes = [note(soak.rng) for note in HARMLESS for _ in range(500)]  # 2,000: cheap enough to run in full always
    stopped = [note for note in notes if any(found.severity is Severity.ERROR for found in inspect(note, "note"))]
    asked = [note for note in notes if inspect(note, "note")]
    soak.table("stopped", len(stopped))
    assert len(stopped) <= 10
    assert len(asked) <= 20


@pytest.mark.parametrize(
    "text",
    [
        *("第一1234-5678-9018", "① 1234 5678 9018", "1. 1234 5678 9018", "3人、1234-5678-9018、0986-23-2111"),
        *("1234-5678-9018-0986-23-2111", "885-8555 1234 5678 9018", "123456-789018", "1234一5678一9018"),
        *(
            "1234の5678の9018",
            "①②③④⑤⑥⑦⑧⑨⓪①⑧",
            "١٢٣٤٥٦٧٨٩٠١٨",
            "𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗𝟎𝟏𝟖",
            "一二三四五六七八九○一八",
            "x123456789018y",
        ),
        *("❶❷❸❹❺❻❼❽❾⓿❶❽", "1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣9️⃣0️⃣1️⃣8️⃣", "2026-11-21 1234-5678-9018", "1 2 3 4 5 6 7 8 9 0 1 8"),
        *("123456789018 983205673214", "IMG_123456789018.jpg", "1234/5678\\9018", "(1234)(5678)(9018)"),
    ],
)
def test_a_my_number_is_found_beside_other_things(text: str) -> None:
    assert codes(text) == ["MY_NUMBER"]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "885-8555 0986-23-2111",
            "23-2111 24-3000",
            "0986 23 2111 0986 24 3000",
            "1. 090-1234-5678",
            "6-21 0986-23-2111",
        ),
        *("202611211030", "2026-11-21 10:30-11:00", "20261121_103000", "12/10 12/11 12/14", "3、4、5、10、11、12、17"),
        *(
            "31.719519, 131.061497",
            "10:00 11:00 12:00",
            "8858555 12345678",
            "12345678 12345678",
            "+81 90 1234 5678",
            "",
        ),
        *("姫城町6街区21号", "千六百五十九番地の一", "H10472", "2026年11月21日10時30分", "+1 650 253 0000 2"),
    ],
)
def test_well_formed_other_numbers_pass(text: str) -> None:
    assert codes(text) == []


def test_a_timestamp_is_exempt_only_if_there_is_such_a_moment() -> None:
    moments = [f"2026{month:02d}21{hour:02d}30" for month in range(1, 25) for hour in range(0, 40, 3)]
    real = [moment for moment in moments if int(moment[4:6]) <= 12 and int(moment[8:10]) < 24]
    assert [moment for moment in real if codes(moment)] == []
    assert {code for moment in moments if moment not in real for code in codes(moment)} == {
        "MY_NUMBER",
        "TWELVE_DIGITS",
    }
    assert all(codes(moment) for moment in moments if moment not in real)


def test_a_phone_of_twelve_digits_needs_its_plus() -> None:
    passing = next(
        number for last in range(10**4) if passes_check_digit(number := f"8190123{last:05d}") and number[4] != "0"
    )
    assert (codes("+" + passing), codes(passing)) == ([], ["MY_NUMBER"])


def test_twelve_digits_that_fail_the_check_are_asked_about() -> None:
    findings = [inspect(text, "note") for text in ("983205673210", "9832-0567-3210", "番号 9832 0567 3210 です")]
    assert [[(found.code, found.severity) for found in finding] for finding in findings] == [
        [("TWELVE_DIGITS", Severity.CONFIRM)]
    ] * 3


def test_twelve_digits_within_more_that_touch_are_left_alone() -> None:
    assert codes(VALID + "5") == []
    assert codes("5" + VALID) == []


@pytest.mark.parametrize(
    "text", ["12345678901234567890123", "1234 5678 9012 3456 7890 123", "１２３４-5678-9012-3456-7890-123"]
)
def test_an_application_id_is_refused(text: str) -> None:
    assert codes(text) == ["APPLICATION_ID"]


@pytest.mark.parametrize(
    "text",
    [
        "暗証番号は1234",
        "PIN 1234",
        "ピンは１２３４です",
        "暗証番号：一二三四",
        "my pin is 12-34",
        "1234 is my PIN",
        "パスワード ABC123",
    ],
)
def test_a_pin_is_refused(text: str) -> None:
    assert codes(text) == ["PIN"]


@pytest.mark.parametrize(
    "text",
    [
        "PIN reset 2026-12-03",
        "暗証番号を3回間違えた",
        "PIN: 0986-23-2111",
        "opinion 1234",
        "暗証番号 2026年に設定",
        "pinky 1234",
    ],
)
def test_talk_about_pins_passes(text: str) -> None:
    assert codes(text) == []


def test_a_diagnosis_is_asked_about_and_everyday_words_are_not() -> None:
    assert [codes(text) for text in ("祖母は認知症です", "がんで入院", "肺癌", "has dementia", "ﾊﾟｰｷﾝｿﾝ")] == [
        ["DIAGNOSIS_WORD"]
    ] * 5
    assert [codes(text) for text in ("がんばります", "通院のため", "cancel", "ガンダム", "車いす")] == [[]] * 5


def test_require_clean_names_the_field_and_not_the_digits(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), pytest.raises(PrivacyError) as refused:
        require_clean(f"番号 {in_fours(VALID, '-')}", "note")
    assert (refused.value.code, dict(refused.value.values)) == ("MY_NUMBER", {"field": "note"})
    assert not any(part in f"{refused.value!r} {refused.value} {caplog.text}" for part in ("1234", "5678", "9018"))


def test_require_clean_lets_a_confirm_pass() -> None:
    require_clean("983205673210", "note")


def test_scan_many_looks_into_keys_and_everything_nested() -> None:
    values = {
        "a": ["x", {"b": VALID}],
        "c": 123456789018,
        "d": 123456789018.0,
        VALID: "x",
        "e": VALID.encode(),
        "f": None,
    }
    assert [(finding.field, finding.code) for finding in scan_many(values)] == [
        *(("a", "MY_NUMBER"), ("c", "MY_NUMBER"), ("d", "MY_NUMBER"), ("key", "MY_NUMBER"), ("e", "MY_NUMBER"))
    ]


def test_scan_many_survives_deep_nesting() -> None:
    nested: object = VALID
    for _ in range(20_000):
        nested = [nested]
    assert [finding.code for finding in scan_many({"deep": nested})] == ["MY_NUMBER"]


def test_findings_hold_no_values() -> None:
    texts = (VALID, "983205673210", "PIN 1234", "認知症", "12345678901234567890123")
    assert [dict(found.values) for text in texts for found in inspect(text, "note")] == [{}] * 5


@given(st.text())
def test_any_text_is_inspected(text: str) -> None:
    assert all(finding.field == "note" for finding in inspect(text, "note"))


@given(st.text(st.sampled_from("0123456789０一○①+-ー・ /:.\n\u200bあ番"), max_size=60))
def test_any_row_of_digits_is_inspected(text: str) -> None:
    assert len(inspect(text, "note")) <= 5
    assert all(isinstance(is_made_of_known_numbers(run), bool) for run in find_runs(text))


@given(st.text(st.characters(categories=["Lo"], max_codepoint=0x30FF), max_size=8), st.integers(0, 10**11 - 1))
def test_words_around_a_my_number_do_not_hide_it(word: str, eleven: int) -> None:
    number = next(full for last in range(10) if passes_check_digit(full := f"{eleven:011d}{last}"))
    if codes(number):  # one in 30,000 is a plausible timestamp
        assert "MY_NUMBER" in codes(f"{word}は{in_fours(number, '-')}だ{word}")


@pytest.mark.parametrize(
    "piece", ["1 ", "0986-23-2111 ", "一", "12-", "暗証番号", "1234 5678 ", "\u200b1", "○一", "1/2 ", "pin "]
)
def test_a_hundred_thousand_characters_are_read_to_the_end(piece: str) -> None:
    long = piece * (100_000 // len(piece))
    assert "MY_NUMBER" in [finding.code for finding in inspect(f"{long}です。{VALID}", "note")]
