"""Addresses are taken apart and put into one form, however they were written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.addresses import household_key, normalise
from bookings.place_names import (
    counted_in_digits,
    fold,
    is_kana,
    kana_key,
    kana_stem,
    kanji_number,
    number_in_kanji,
    romaji_key,
    town_key,
)

# Pieces of which people make addresses, so that hypothesis finds the joints between them.
PIECES = st.sampled_from(
    [
        *"〒0159０５９-－ー―‐一二十百千万の之ヶケがﾄﾞ ゙　、（）()・.市町村郡区県字甲イ髙高階F",
        *(
            "宮崎県",
            "都城市",
            "北諸県郡",
            "高崎町",
            "大字",
            "丁目",
            "番地",
            "番",
            "号",
            "号室",
            "街区",
            "千六百五十九",
            "都原町",
        ),
        *("ﾏﾝｼｮﾝ", "コーポ", "201号室", "885-0094", "\u200b", "\t", "\x00"),
    ]
)
WRITTEN = st.lists(PIECES, max_size=14).map("".join)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("宮崎県都城市姫城町６街区２１号", ("宮崎県", "都城市", "姫城町", "6街区21号", "")),
        ("宮崎県都城市山之口町富吉１６５９番地の１", ("宮崎県", "都城市", "山之口町富吉", "1659-1", "")),
        ("山之口町富吉千六百五十九番地の一", ("", "", "山之口町富吉", "1659-1", "")),
        ("鷹尾４－１８－１１", ("", "", "鷹尾", "4-18-11", "")),
        ("下川東２丁目３３５１", ("", "", "下川東二丁目", "3351", "")),
        ("祝吉一丁目５番地１", ("", "", "祝吉一丁目", "5-1", "")),
        ("御池町５８４４ー２９１", ("", "", "御池町", "5844-291", "")),
        ("御池町5844一291", ("", "", "御池町", "5844-291", "")),
        ("御池町５８４４―２９１", ("", "", "御池町", "5844-291", "")),
        ("一万城町１１２号３番", ("", "", "一万城町", "112-3", "")),
        ("五十町二十九の四", ("", "", "五十町", "29-4", "")),
        ("千町四千九百六十二番地", ("", "", "千町", "4962", "")),
        ("都原町5-3マンション203号", ("", "", "都原町", "5-3", "マンション203号")),
        ("都原町5-3-203号室", ("", "", "都原町", "5-3", "203号室")),
        ("都原町 3405番地 ｺｰﾎﾟ山田 2F", ("", "", "都原町", "3405", "コーポ山田 2F")),
        ("都 原 町 5 - 1 2", ("", "", "都原町", "5-12", "")),
        ("都原町5番 3号", ("", "", "都原町", "5-3", "")),
        ("都原町5番地 203号室", ("", "", "都原町", "5", "203号室")),
        ("都原町 コーポ山田201号室", ("", "", "都原町", "", "コーポ山田201号室")),
        ("宮崎県 都城市 高崎町 大牟田 1179", ("宮崎県", "都城市", "高崎町大牟田", "1179", "")),
        ("北諸県郡三股町大字樺山123", ("", "北諸県郡三股町", "樺山", "123", "")),
        ("横市町5", ("", "", "横市町", "5", "")),
        ("四日市市諏訪町1-5", ("", "四日市市", "諏訪町", "1-5", "")),
        ("南横市町７０９７－２", ("", "", "南横市町", "7097-2", "")),
        ("", ("", "", "", "", "")),
    ],
)
def test_an_address_is_cut_into(text: str, parts: tuple[str, ...]) -> None:
    address = normalise(text)

    assert (address.prefecture, address.city, address.town, address.number, address.building) == parts


def test_the_text_stays_as_it_was_typed() -> None:
    assert normalise(" 姫城町６街区２１号 ").text == " 姫城町６街区２１号 "


def test_街区_is_shown_as_written_and_compared_by_its_numbers() -> None:
    address = normalise("姫城町６街区２１号")

    assert address.normalised == "姫城町6街区21号"
    assert address.household_key == normalise("姫城町6-21").household_key


def test_a_postal_code_in_front_is_set_apart() -> None:
    address = normalise("〒８８５－００９４　宮崎県都城市都原町３４０５")

    assert (address.postal_code, address.normalised) == ("8850094", "宮崎県都城市都原町3405")


def test_a_number_of_seven_digits_behind_a_town_is_no_postal_code() -> None:
    assert normalise("都原町8850094").postal_code == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("鷹尾四丁目18-11", "鷹尾4-18-11"),
        ("下川東２丁目3351", "宮崎県都城市下川東二丁目３３５１番地"),
        ("妻ヶ丘町27街区15号", "妻ケ丘町27-15"),
        ("髙崎町前田758", "高崎町前田七百五十八番地"),
        ("都原町5-3 203号室", "都原町5番3号203号"),
        ("都原町5-3-203", "都原町5-3 203号室"),
        ("都原町5-3 ハイツ原 203", "都原町5-3ハイツ原203号室"),
        ("山の口町花木5", "山之口町花木5"),
    ],
)
def test_one_door_has_one_key(one: str, other: str) -> None:
    assert normalise(one).household_key == normalise(other).household_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("都原町5-3", "都原町5-4"),
        ("都原町5-3 201号室", "都原町5-3 202号室"),
        ("都原町201", "都原町201号室"),
        ("都原町15-3", "都原町1-53"),
        ("大聖寺東町イ5", "大聖寺東町ロ5"),
        ("前田町758", "高崎町前田758"),
    ],
)
def test_two_doors_have_two_keys(one: str, other: str) -> None:
    assert normalise(one).household_key != normalise(other).household_key


def test_a_town_alone_is_no_household() -> None:
    assert normalise("都原町").household_key == ""
    assert household_key("都原町", "", "") == ""
    assert household_key("都原町", "公民館の裏") == ""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("千六百五十九", 1659),
        ("一六五九", 1659),
        ("三〇", 30),
        ("十", 10),
        ("二十", 20),
        ("百二", 102),
        ("一万二千六百八十", 12680),
        ("九千七百二十八", 9728),
        ("十十", None),
        ("百千", None),
        ("一二十", None),
        ("万", None),
        ("", None),
        ("一" * 10, None),
        ("山", None),
    ],
)
def test_kanji_numerals_are_worth(text: str, value: int | None) -> None:
    assert kanji_number(text) == value


def test_numbers_to_99_come_back_from_kanji() -> None:
    assert [kanji_number(number_in_kanji(value)) for value in range(1, 100)] == list(range(1, 100))


@pytest.mark.parametrize(
    "name", ["五十町", "千町", "一万城町", "八幡町", "高城町四家", "三股町", "一番町", "三の丸", "二之方"]
)
def test_numerals_in_a_name_stay(name: str) -> None:
    assert counted_in_digits(name) == name


def test_names_are_compared_without_their_variants() -> None:
    assert town_key("髙﨑町 縄瀨") == town_key("高崎町縄瀬")
    assert town_key("妻ヶ丘町") == town_key("妻が丘町") == town_key("妻ケ丘町")
    assert town_key("下川東二丁目") == town_key("下川東２丁目")
    assert town_key("大字樺山") == town_key("樺山")
    assert town_key("都島町") != town_key("都原町")


def test_readings_are_compared_in_one_kana() -> None:
    assert kana_key("みやこばる ﾁｮｳ") == "ミヤコバルチョウ"
    assert kana_stem("ミヤコバルチョウ") == "ミヤコバル"
    assert kana_stem("サカエマチ") == "サカエ"
    assert kana_stem("マチ") == "マチ"
    assert romaji_key("Ōmuta") == romaji_key("Oomuta") == "omuta"
    assert is_kana("みやこ バル１")
    assert not is_kana("都バル")
    assert not is_kana("12")


@given(WRITTEN | st.text(max_size=60))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text)
    twice = normalise(once.normalised)

    assert twice.normalised == once.normalised


@given(WRITTEN)
def test_the_parts_make_the_whole(text: str) -> None:
    address = normalise(text)

    whole = f"{address.prefecture}{address.city}{address.town}{address.number} {address.building}".strip()
    assert address.normalised == whole
    assert address.text == text


@given(st.text(max_size=80))
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@pytest.mark.parametrize(
    "piece", ["一", "千", "5-", "5 ", "番地", "市", "郡", "5番 ", "の", "号室", " ", "-", "〒", "1丁目", "ー1", "字"]
)
def test_a_very_long_text_is_read_in_one_go(piece: str) -> None:
    # 50,000 characters of any piece: anything quadratic would take minutes here, not a moment.
    text = piece * (50_000 // len(piece))

    assert normalise(text).text == text
