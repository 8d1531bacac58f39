"""Names are kept as written and found in every writing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.errors import BookingsError
from bookings.names import characters_outside, fold, read_kana, storable, town_kana_key


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("髙﨑　花子", "高崎花子"),
        ("渡邉", "渡辺"),
        ("渡邊", "渡辺"),
        ("齋藤", "斉藤"),
        ("齊藤", "斉藤"),
        ("斎藤", "斉藤"),
        ("澤田", "沢田"),
        ("濵田", "浜田"),
        ("𠮷田", "吉田"),
        ("ｻﾄｳ ﾊﾅｺ", "さとうはなこ"),
        ("ＳＭＩＴＨ", "smith"),
        ("妻ヶ丘", "妻ケ丘"),
        ("葛\U000e0100城", "葛城"),
    ],
)
def test_variants_are_found(written: str, searched: str) -> None:
    assert fold(written) == fold(searched)


def test_other_names_stay_apart() -> None:
    assert len({fold(name) for name in ("佐藤", "左藤", "大田", "太田", "渡部", "渡辺")}) == 6


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "kana"),
    [
        ("たかさき はなこ", "タカサキ　ハナコ"),
        ("ﾀｶｻｷ　ﾊﾅｺ", "タカサキ　ハナコ"),
        ("  さとう ", "サトウ"),
        ("ス-ザン", "スーザン"),
        ("か\u309bき", "ガキ"),
        ("マリア・テレサ", "マリア・テレサ"),
    ],
)
def test_a_reading_becomes_full_katakana(text: str, kana: str) -> None:
    assert read_kana(text) == kana


@pytest.mark.parametrize(
    ("text", "code", "values"),
    [
        ("", "KANA_MISSING", {}),
        ("　", "KANA_MISSING", {}),
        ("高崎", "KANA_INVALID", {"position": 1}),
        ("タカサキ花子", "KANA_INVALID", {"position": 5}),
        ("Sato", "KANA_INVALID", {"position": 1}),
        ("さとう2", "KANA_INVALID", {"position": 4}),
    ],
)
def test_what_is_no_kana_is_refused(text: str, code: str, values: dict[str, int]) -> None:
    with pytest.raises(BookingsError) as refused:
        read_kana(text)
    assert (refused.value.code, dict(refused.value.values)) == (code, values)


@given(st.text())
def test_any_text_is_a_reading_or_a_refusal(text: str) -> None:
    def outcome() -> str:
        try:
            kana = read_kana(text)
        except BookingsError as refused:
            return refused.code
        return "stays" if read_kana(kana) == kana else f"{kana!r} changes when read again"

    assert outcome() in {"stays", "KANA_MISSING", "KANA_INVALID"}


@pytest.mark.parametrize(
    ("reading", "typed"),
    [
        ("ヒメギチョウ", "ひめぎ"),
        ("ミヤコジマチョウ", "ﾐﾔｺｼﾞﾏ"),
        ("マエダチョウ", "まえだまち"),
        ("アヤメバル", "あやめばる"),
        ("ゴジッチョウ", "ごじっちょう"),
    ],
)
def test_towns_are_found_without_their_suffix(reading: str, typed: str) -> None:
    assert town_kana_key(reading) == town_kana_key(typed)


def test_a_town_that_is_only_a_suffix_keeps_it() -> None:
    assert (town_kana_key("マチ"), town_kana_key("ゴジッチョウ")) == ("マチ", "ゴジッチョウ")


def test_characters_a_font_lacks_are_named_once_and_in_order() -> None:
    covered = {ord(char) for char in "田太郎"}
    assert characters_outside("𠮷田 髙太郎𠮷\n", covered) == ("𠮷", "髙")


def test_what_no_database_takes_is_dropped_and_the_rest_stays() -> None:
    assert storable("山\x00田\ud800\t花子\n𠮷") == "山田\t花子\n𠮷"
