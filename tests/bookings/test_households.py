"""Two bookings for one door have one key, however the door was written; a hamlet without a number has none."""

from __future__ import annotations

import pytest

from bookings.address_match import match_address
from bookings.gazetteer import Gazetteer
from bookings.households import household_key, with_building
from bookings.towns import Town

TOWNS = tuple(
    Town("東雲県", "白瀬市", town, kana, "", lat, 143.46)
    for town, kana, lat in (
        ("緑町", "ミドリチョウ", 38.23),
        ("若葉二丁目", "ワカバニチョウメ", 38.24),
        ("松ヶ丘", "マツガオカ", 38.25),
        ("奥平", "オクダイラ", 38.40),
    )
)
GAZETTEER = Gazetteer(TOWNS, ("東雲県", "白瀬市"))


def key(address: str, building: str = "") -> str | None:
    return household_key(match_address(with_building(address, building), GAZETTEER))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("緑町3-5", "白瀬市緑町３番地の５"),
        ("緑町3-5", "緑町三番地の五"),
        ("松ヶ丘12", "松ケ丘１２番地"),
        ("若葉2丁目18-11", "若葉二丁目１８番１１号"),
        ("緑町3-5 203号室", "緑町3-5 203"),
    ],
)
def test_one_door_has_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)
    assert key(one) is not None


def test_the_room_counts_wherever_it_was_said() -> None:
    assert key("緑町3-5", "203号室") == key("緑町3-5 203号室")


def test_the_building_said_twice_is_one_building() -> None:
    assert key("緑町3-5 コーポ緑 203", "コーポ緑２０３") == key("緑町3-5 コーポ緑 203")


@pytest.mark.parametrize(("one", "other"), [("緑町3-5", "緑町3-6"), ("緑町3-5", "松ヶ丘3-5")])
def test_another_door_has_another_key(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_two_rooms_are_two_households() -> None:
    assert key("緑町3-5", "201") != key("緑町3-5", "202")


@pytest.mark.parametrize("address", ["奥平", "白瀬市奥平", "六本木1-2-3", ""])
def test_without_a_number_or_a_town_there_is_no_key(address: str) -> None:
    assert key(address) is None
