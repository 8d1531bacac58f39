"""An address finds its town or says why not; never a wrong town."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from geopy.exc import ConfigurationError, GeocoderQueryError, GeocoderUnavailable
from hypothesis import given
from hypothesis import strategies as st

from bookings.findings import Finding, Severity
from bookings.gazetteer import Gazetteer, merge_towns, read_towns
from bookings.geocoding import (
    AddressMatch,
    Candidate,
    GazetteerGeocoder,
    Level,
    Located,
    MatchedTown,
    Reason,
    choose,
    match_address,
    pin,
)
from bookings.place_names import number_in_kanji
from tests.bookings import little_city

LITTLE = little_city.gazetteer()


def match(text: str) -> AddressMatch:
    return match_address(text, LITTLE)


def codes(found: AddressMatch) -> list[str]:
    return [finding.code for finding in found.findings]


class Square:
    """A boundary of one degree around a corner."""

    def __init__(self, lat: float, lon: float) -> None:
        self.lat, self.lon = lat, lon

    def contains(self, lat: float, lon: float) -> bool:
        return self.lat <= lat <= self.lat + 1 and self.lon <= lon <= self.lon + 1


# -- a town that is written in full ------------------------------------------------------------------------------------


def test_a_full_address_finds_its_town() -> None:
    assert match("静岡県星見市月影町１２番地の３ コーポ空201号室") == AddressMatch(
        input="静岡県星見市月影町１２番地の３ コーポ空201号室",
        normalised="静岡県星見市月影町12-3 コーポ空201号室",
        result=MatchedTown("月影町", "12-3 コーポ空201号室", Level.TOWN, 34.7, 138.0, "gazetteer"),
        candidates=(),
        findings=(Finding("address", "ADDRESS_TOWN_ONLY", Severity.CONFIRM, {"town": "月影町"}),),
        household_key="月影町|12-3-コポ空201",
    )


@pytest.mark.parametrize(
    ("text", "town", "rest"),
    [
        ("月影町5", "月影町", "5"),
        ("星見市北月影町5-3", "北月影町", "5-3"),
        ("静岡県 星見市 若竹２丁目 5", "若竹二丁目", "5"),
        ("若竹町6街区2号", "若竹町", "6街区2号"),
        ("風ヶ丘5", "風ケ丘", "5"),
        ("風が丘5", "風ケ丘", "5"),
        ("朝市町5", "朝市町", "5"),
        ("五十鈴町二十九の四", "五十鈴町", "29-4"),
        ("五十鈴町三四〇五", "五十鈴町", "3405"),
        ("深沢町月影5", "深沢町月影", "5"),
        ("深沢町大字月影5", "深沢町月影", "5"),
        ("月影町 公民館の裏", "月影町", "公民館の裏"),
        ("月影町甲12", "月影町", "甲12"),
    ],
)
def test_the_town_is(text: str, town: str, rest: str) -> None:
    result = match(text).result

    assert result is not None
    assert (result.town, result.rest) == (town, rest)


def test_a_part_of_a_town_is_as_exact_as_a_block() -> None:
    found = match("深沢町清水字奥屋敷12")

    assert found.result == MatchedTown("深沢町清水", "奥屋敷12", Level.BLOCK, 34.805, 138.105, "gazetteer")
    assert found.findings == ()


def test_an_address_without_a_number_warns() -> None:
    found = match("月影町")

    assert [(finding.code, finding.severity) for finding in found.findings] == [
        ("ADDRESS_NO_NUMBER", Severity.WARNING),
        ("ADDRESS_TOWN_ONLY", Severity.CONFIRM),
    ]
    assert found.household_key == ""


def test_a_postal_code_of_another_town_asks() -> None:
    found = match("〒437-1102 月影町5")

    assert found.findings[0] == Finding(
        "address",
        "ADDRESS_POSTAL_CODE_DIFFERS",
        Severity.CONFIRM,
        {"written": "4371102", "town": "月影町", "expected": "4370001"},
    )
    assert codes(match("〒437-0001 月影町5")) == codes(match("〒437-0000 月影町5")) == ["ADDRESS_TOWN_ONLY"]


def test_the_address_from_before_the_merger_is_taken_with_a_warning() -> None:
    gazetteer = Gazetteer(little_city.towns(), little_city.HOME, former_counties=["深山郡"])
    found = match_address("深山郡深沢町大字月影5", gazetteer)

    assert found.result is not None
    assert found.result.town == "深沢町月影"
    assert found.findings[0] == Finding(
        "address", "ADDRESS_OLD_NAME", Severity.WARNING, {"written": "深山郡深沢町", "town": "深沢町月影"}
    )


def test_the_prefecture_vouches_for_a_county_nobody_named() -> None:
    assert codes(match("静岡県深山郡深沢町月影5")) == ["ADDRESS_OLD_NAME", "ADDRESS_TOWN_ONLY"]


def test_a_county_that_may_be_anywhere_is_asked_about() -> None:
    found = match("深山郡深沢町月影5")

    assert found.result is None
    assert found.candidates[0] == Candidate("深沢町月影", "フカザワチョウツキカゲ", Reason.OLD_COUNTY, 0.97)
    assert codes(found) == ["ADDRESS_TOWN_UNSURE"]


# -- candidates and no result ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code", "first", "reason"),
    [
        ("若竹2-5-1", "ADDRESS_AMBIGUOUS", "若竹二丁目", Reason.CHOME_AS_HYPHEN),
        ("若竹5-1", "ADDRESS_TOWN_UNSURE", "若竹町", Reason.SUFFIX_DROPPED),
        ("若竹5丁目1", "ADDRESS_UNKNOWN_TOWN", "若竹一丁目", Reason.OTHER_CHOME),
        ("清水5", "ADDRESS_TOWN_UNSURE", "深沢町清水", Reason.FORMER_DROPPED),
        ("月影5", "ADDRESS_AMBIGUOUS", "月影町", Reason.SUFFIX_DROPPED),
        ("深沢町5", "ADDRESS_AMBIGUOUS", "深沢町清水", Reason.OF_FORMER),
        ("月影町西5", "ADDRESS_TOWN_UNSURE", "月影町", Reason.MORE_TEXT),
        ("つきかげちょう5", "ADDRESS_TOWN_UNSURE", "月影町", Reason.READING),
        ("Tsukikage 5-3", "ADDRESS_AMBIGUOUS", "月影町", Reason.READING),
        ("kazegaoka 12", "ADDRESS_TOWN_UNSURE", "風ケ丘", Reason.READING),
        ("風が5", "ADDRESS_UNKNOWN_TOWN", "風ケ丘", Reason.BEGINS_ALIKE),
        ("朝市5", "ADDRESS_TOWN_UNSURE", "朝市町", Reason.SUFFIX_DROPPED),
        ("月影丁5", "ADDRESS_UNKNOWN_TOWN", "月影町", Reason.SIMILAR),
        ("深択町清水5", "ADDRESS_UNKNOWN_TOWN", "深沢町清水", Reason.SIMILAR),
    ],
)
def test_what_is_not_written_in_full_has_candidates(text: str, code: str, first: str, reason: Reason) -> None:
    found = match(text)

    assert found.result is None
    assert codes(found) == [code]
    assert (found.candidates[0].town, found.candidates[0].reason) == (first, reason)


def test_two_towns_that_fit_are_both_named() -> None:
    assert match("月影5").findings == (
        Finding("address", "ADDRESS_AMBIGUOUS", Severity.ERROR, {"towns": ["月影町", "深沢町月影"]}),
    )


def test_nothing_like_a_town_has_no_candidate() -> None:
    found = match("どこか5")

    assert (found.result, found.candidates) == (None, ())
    assert found.findings == (Finding("address", "ADDRESS_UNKNOWN_TOWN", Severity.ERROR, {"town": "どこか"}),)


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "ADDRESS_EMPTY"), (" 　", "ADDRESS_EMPTY"), ("静岡県星見市", "ADDRESS_NO_TOWN"), ("5-3", "ADDRESS_NO_TOWN")],
)
def test_an_address_without_a_town_says_so(text: str, code: str) -> None:
    assert codes(match(text)) == [code]


def test_one_name_at_two_places_is_never_guessed() -> None:
    towns = little_city.towns()
    gazetteer = Gazetteer([*towns, replace(towns[0], lat=34.9)], little_city.HOME)
    found = match_address("月影町5", gazetteer)

    assert found.result is None
    assert codes(found) == ["ADDRESS_AMBIGUOUS"]
    assert choose("月影町5", "月影町", gazetteer) == found


# -- another city ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("海鳴市渚町5", "静岡県海鳴市"),
        ("渚町5", "静岡県海鳴市"),
        ("霧里町大谷5", "静岡県東雲郡霧里町"),
        ("東雲郡霧里町大谷5", "静岡県東雲郡霧里町"),
        ("福岡県大牟田市月影町5", "福岡県大牟田市"),
        ("大牟田市月影町5", "大牟田市"),
        ("えびの市月影町5", "えびの市"),
        ("四日市市月影町5", "四日市市"),
        ("遠野郡山里村月影町5", "遠野郡山里村"),
        ("山里村月影5", "山里村"),
        ("月影町 海鳴市5", "静岡県海鳴市"),
        ("月影町5-3 海鳴市", "静岡県海鳴市"),
        ("月影町5-3（大牟田市）", "大牟田市"),
        ("愛知県星見市月影町5", "愛知県星見市"),
        ("愛知県", "愛知県"),
    ],
)
def test_another_city_is_named_and_refused(text: str, city: str) -> None:
    found = match(text)

    assert (found.result, found.candidates) == (None, ())
    assert found.findings == (Finding("address", "ADDRESS_OTHER_CITY", Severity.ERROR, {"city": city}),)


@pytest.mark.parametrize(
    "text", ["月影町5 市営住宅201号", "月影町5-3 星見市営団地2棟", "月影町5-3 静岡県営住宅101号室"]
)
def test_a_public_housing_block_is_no_other_city(text: str) -> None:
    result = match(text).result

    assert result is not None
    assert result.town == "月影町"


def test_a_county_town_is_at_home_with_and_without_its_county() -> None:
    gazetteer = Gazetteer(little_city.towns(), ("静岡県", "東雲郡霧里町"))

    for text in ("静岡県東雲郡霧里町大谷5", "霧里町大谷5", "大谷5"):
        result = match_address(text, gazetteer).result
        assert result is not None
        assert result.town == "大谷"


# -- a person decides --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "town", "rest"),
    [
        ("若竹2-5-1", "若竹二丁目", "5-1"),
        ("若竹2-5-1", "若竹町", "2-5-1"),
        ("月影5", "深沢町月影", "5"),
        ("月影町西5", "月影町", "西5"),
    ],
)
def test_a_clerk_chooses_among_candidates(text: str, town: str, rest: str) -> None:
    result = choose(text, town, LITTLE).result

    assert result is not None
    assert (result.town, result.rest) == (town, rest)


@pytest.mark.parametrize(("text", "town"), [("海鳴市渚町5", "月影町"), ("月影町5", "若竹町"), ("月影5", "五十鈴町")])
def test_nobody_can_choose_what_was_not_proposed(text: str, town: str) -> None:
    assert choose(text, town, LITTLE) == match(text)


def test_a_chosen_town_gives_the_key_of_the_full_address() -> None:
    assert choose("若竹2-5-1", "若竹二丁目", LITTLE).household_key == match("若竹二丁目5-1").household_key


def test_a_pin_replaces_the_middle_of_the_town() -> None:
    here = pin(34.7123, 138.0456, "sato", "赤い屋根")
    found = match_address("月影町5", LITTLE, pins={"月影町|5": here})

    assert found.result == MatchedTown("月影町", "5", Level.PINNED, 34.7123, 138.0456, "pin:sato")
    assert found.findings == ()
    assert found.located == Located(34.7123, 138.0456, Level.PINNED, "pin:sato", "月影町5")


def test_a_pin_answers_for_a_town_nobody_knows() -> None:
    found = match_address("どこか5", LITTLE, pins={"どこか|5": pin(34.7, 138.0, "sato")})

    assert found.result == MatchedTown("どこか", "5", Level.PINNED, 34.7, 138.0, "pin:sato")


def test_a_pin_is_found_by_the_text_where_there_is_no_number() -> None:
    found = match_address("月影町 公民館の裏", LITTLE, pins={"月影町 公民館の裏": pin(34.7, 138.0, "sato")})

    assert found.result is not None
    assert found.result.level is Level.PINNED


def test_a_pin_does_not_bring_another_city_home() -> None:
    assert codes(match_address("海鳴市渚町5", LITTLE, pins={"渚町|5": pin(34.7, 138.0, "sato")})) == [
        "ADDRESS_OTHER_CITY"
    ]


def test_a_pin_needs_a_name_and_a_place_in_japan() -> None:
    with pytest.raises(ValueError, match="name"):
        pin(34.7, 138.0, "")
    with pytest.raises(ValueError, match="Japan"):
        pin(138.0, 34.7, "sato")


@pytest.mark.parametrize(
    ("text", "pins"),
    [
        ("月影町5", {}),
        ("月影町5", {"月影町|5": pin(40.0, 140.0, "sato")}),
        ("どこか5", {"どこか|5": pin(40.0, 140.0, "sato")}),
    ],
)
def test_a_place_outside_the_boundary_is_refused(text: str, pins: dict[str, Located]) -> None:
    found = match_address(text, LITTLE, boundary=Square(36.0, 138.0), pins=pins)

    assert found.result is None
    assert codes(found) == ["OUTSIDE_BOUNDARY"]
    assert found.findings[0].severity is Severity.ERROR


def test_a_place_inside_the_boundary_is_taken() -> None:
    assert match_address("月影町5", LITTLE, boundary=Square(34.0, 138.0)).result is not None


# -- geopy -------------------------------------------------------------------------------------------------------------


def test_geopy_gets_a_location_with_what_it_rests_on() -> None:
    location = GazetteerGeocoder(LITTLE).geocode("星見市月影町５", timeout=1)

    assert (location.address, location.latitude, location.longitude) == ("静岡県星見市月影町5", 34.7, 138.0)
    assert location.raw == {
        "town": "月影町",
        "rest": "5",
        "level": "town",
        "source": "gazetteer",
        "text": "星見市月影町5",
    }


def test_geopy_gets_a_list_when_it_asks_for_more_than_one() -> None:
    geocoder = GazetteerGeocoder(LITTLE)

    assert [location.latitude for location in geocoder.geocode("月影町5", exactly_one=False)] == [34.7]
    assert [location.raw["town"] for location in geocoder.reverse((34.71, 138.0), exactly_one=False)][:2] == [
        "北月影町",
        "月影町",
    ]


@pytest.mark.parametrize("text", ["月影5", "海鳴市渚町5", "どこか"])
def test_geopy_gets_none_rather_than_a_guess(text: str) -> None:
    assert GazetteerGeocoder(LITTLE).geocode(text) is None
    assert GazetteerGeocoder(LITTLE).geocode(text, exactly_one=False) is None


def test_geopy_finds_the_nearest_town() -> None:
    location = GazetteerGeocoder(LITTLE).reverse("34.7049, 138.0151")

    assert location.address == "静岡県星見市朝市町"
    assert location.raw["distance_m"] == 14
    assert GazetteerGeocoder(LITTLE, boundary=Square(34.0, 138.0)).reverse((36.0, 138.0)) is None


@pytest.mark.parametrize("query", ["", "  ", None, 5])
def test_geopy_refuses_what_is_no_address(query: object) -> None:
    with pytest.raises(GeocoderQueryError):
        GazetteerGeocoder(LITTLE).geocode(query)  # type: ignore[arg-type]


@pytest.mark.parametrize("query", ["月影町", ("a", "b"), [float("nan"), 3.0]])
def test_geopy_refuses_what_is_no_point(query: object) -> None:
    with pytest.raises(GeocoderQueryError):
        GazetteerGeocoder(LITTLE).reverse(query)  # type: ignore[arg-type]


def test_geopy_never_reaches_a_network() -> None:
    geocoder = GazetteerGeocoder(LITTLE)

    for ask in (geocoder.adapter.get_json, geocoder.adapter.get_text):
        with pytest.raises(GeocoderUnavailable):
            ask("https://example.org/", timeout=1, headers={})


def test_geopy_needs_towns() -> None:
    with pytest.raises(ConfigurationError):
        GazetteerGeocoder(Gazetteer([], little_city.HOME))


@given(
    st.lists(
        st.sampled_from(
            [
                "静岡県",
                "愛知県",
                "星見市",
                "海鳴市",
                "深山郡",
                "深沢町",
                "月影",
                "町",
                "若竹",
                "清水",
                "2",
                "5-3",
                " ",
                "丁目",
                "字",
                "奥屋敷",
            ]
        ),
        max_size=8,
    ).map("".join)
    | st.text(max_size=40)
)
def test_a_result_always_rests_on_the_text(text: str) -> None:
    found = match(text)

    assert (found.result is None) == any(finding.severity is Severity.ERROR for finding in found.findings) or (
        codes(found) == ["ADDRESS_TOWN_UNSURE"]
    )
    if found.result is not None:
        assert found.candidates == ()
        stem = found.result.town.replace("二丁目", "").replace("一丁目", "")
        assert stem in found.normalised.replace(" ", "").replace("字", "").replace("ヶ", "ケ")


# -- the real city -----------------------------------------------------------------------------------------------------

HOME = ("宮崎県", "都城市")


@pytest.fixture(scope="module")
def city(shared_data: Path) -> Gazetteer:
    """都城市 alone, as most cities will load it."""
    name = "gazetteer_miyakonojo.csv"
    return Gazetteer(read_towns((shared_data / name).read_bytes(), name=name), HOME)


@pytest.fixture(scope="module")
def prefecture(shared_data: Path, city: Gazetteer) -> Gazetteer:
    """都城市 among all the cities of its prefecture."""
    name = "mlit_isj_oaza_45_2023_cp932.csv"
    return Gazetteer(merge_towns(read_towns((shared_data / name).read_bytes(), name=name), city.towns), HOME)


@pytest.fixture(scope="module")
def facilities(shared_data: Path) -> list[tuple[str, str]]:
    """Real addresses of schools and offices with the town expected; one has no expectation."""
    text = (shared_data / "addresses_miyakonojo.csv").read_text(encoding="utf-8-sig")
    rows = [(row["address_raw"], row["town_expected"]) for row in csv.DictReader(io.StringIO(text))]
    return [row for row in rows if row[1]]


def chome_the_other_way(text: str) -> str:
    def swap(found: re.Match[str]) -> str:
        value = found[1]
        return (
            "0１２３４５６７８９"["〇一二三四五六七八九".index(value)]
            if value in "一二三四五"
            else number_in_kanji(int(value))
        ) + "丁目"

    return re.sub(r"([一二三四五１２３４５])丁目", swap, text)


def long_dashes(text: str) -> str:
    dashes = iter("―—–‐−‑─ｰ" * 9)
    return re.sub(r"[－ー-]", lambda _: next(dashes), text)


def half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def without_prefecture(text: str) -> str:
    return text.removeprefix("宮崎県")


def without_city(text: str) -> str:
    return text.removeprefix("宮崎県都城市")


def the_other_ke(text: str) -> str:
    return text.translate(str.maketrans("ヶケ", "ケヶ"))


NOTATIONS: list[Callable[[str], str]] = [
    str,
    chome_the_other_way,
    long_dashes,
    half_width,
    without_prefecture,
    without_city,
    the_other_ke,
    lambda text: half_width(long_dashes(without_city(chome_the_other_way(the_other_ke(text))))),
    lambda text: " ".join(without_prefecture(text)),
    lambda text: text.replace("ヶ", "が").replace("之", "の").replace("都城市", "都城市大字"),
]


@pytest.mark.parametrize("gazetteer_name", ["city", "prefecture"])
def test_real_addresses_find_their_towns_in_every_notation(
    request: pytest.FixtureRequest, facilities: list[tuple[str, str]], gazetteer_name: str
) -> None:
    gazetteer: Gazetteer = request.getfixturevalue(gazetteer_name)
    wrong, missing, tried = [], [], 0
    for written, expected in facilities:
        for notation in NOTATIONS:
            text = notation(written)
            result = match_address(text, gazetteer).result
            tried += 1
            if result is None:
                missing.append((text, expected))
            elif result.town != expected:
                wrong.append((text, expected, result.town))

    assert tried == 59 * len(NOTATIONS)
    assert wrong == []
    assert missing == []


@pytest.mark.parametrize("gazetteer_name", ["city", "prefecture"])
@pytest.mark.parametrize("front", ["", "都城市", "宮崎県都城市"])
@pytest.mark.parametrize(
    ("text", "first", "rest"),
    [
        ("鷹尾４－１８－１１", "鷹尾四丁目", "18-11"),
        ("都原１１－５", "都原町", "11-5"),
        ("大牟田２０９３－２５", "高崎町大牟田", "2093-25"),
    ],
)
def test_the_three_hard_ones_put_the_right_town_first(
    request: pytest.FixtureRequest, gazetteer_name: str, front: str, text: str, first: str, rest: str
) -> None:
    gazetteer: Gazetteer = request.getfixturevalue(gazetteer_name)
    found = match_address(front + text, gazetteer)

    assert found.result is None
    assert found.candidates[0].town == first
    assert found.findings == (Finding("address", "ADDRESS_TOWN_UNSURE", Severity.CONFIRM, {"town": first}),)
    chosen = choose(front + text, first, gazetteer).result
    assert chosen is not None
    assert (chosen.town, chosen.rest) == (first, rest)


SAME_NAME_TRAPS = {
    "前田７５８": ["前田町", "高崎町前田"],
    "都城市前田７５８": ["前田町", "高崎町前田"],
    "高城町前田７５８": None,
    "山田町前田５": None,
    "高崎町石山５": None,
    "山之口町山田５": None,
    "都５－３": None,
    "都中町５－３": None,
    "都城町５－３": None,
    "横町５－３": None,
    "北横市町５－３": None,
    "西東町５－３": None,
    "東５－３": None,
    "下東町５－３": None,
    "高崎町７５８": None,
    "山田町９７２８": None,
    "山田９７２８": None,
    "鷹尾町４－１８": None,
    "鷹尾六丁目１８－１１": None,
    "下川東５丁目３３５１": None,
    "祝吉１－５－１": ["祝吉一丁目", "祝吉町"],
    "郡元４－５－１": ["郡元四丁目", "郡元町"],
    "都原町西５": None,
    "前田町二丁目５": None,
    "大牟田町５": None,
    "川東３３５１": None,
}
OTHER_CITY_TRAPS = {
    "大牟田市２０９３－２５": "大牟田市",
    "福岡県大牟田市不知火町１－５": "福岡県大牟田市",
    "福岡県大牟田２０９３－２５": "福岡県",
    "宮崎市前田町５": "宮崎市",
    "宮崎県宮崎市高松町５": "宮崎市",
    "宮崎市高岡町内山５": "宮崎市",
    "三股町樺山４６４２": "三股町",
    "三股町大字樺山４６４２": "三股町",
    "北諸県郡三股町樺山４６４２": "三股町",
    "宮崎県北諸県郡三股町大字宮村５": "三股町",
    "鹿児島県曽於市末吉町二之方１９８０": "曽於市",
    "曽於市財部町南俣５": "曽於市",
    "鹿児島県霧島市国分中央３丁目": "霧島市",
    "小林市前田町５": "小林市",
    "日南市東町５": "日南市",
    "えびの市大字原田５": "えびの市",
    "東京都千代田区丸の内１－１": "東京都",
    "山形県東置賜郡高畠町高城町石山５": "山形県",
    "鹿児島県薩摩川内市高城町５": "薩摩川内市",
    "長野県上伊那郡高城町石山３６６１": "長野県",
    "岩手県下閉伊郡山田町山田５": "岩手県",
    "前田町 宮崎市５": "宮崎市",
    "前田町５－３ 宮崎市": "宮崎市",
    "姫城町６街区２１号（日南市）": "日南市",
    "鹿児島県都城市前田町５": "鹿児島県",
    "都城市宮崎市高松町５": "宮崎市",
    "延岡市大王町５": "延岡市",
    "西諸県郡高原町西麓５": "高原町",
    "国富町本庄５": "国富町",
    "四日市市諏訪町１－５": "四日市市",
}


@pytest.mark.parametrize("gazetteer_name", ["city", "prefecture"])
@pytest.mark.parametrize("text", SAME_NAME_TRAPS)
def test_a_same_name_trap_has_no_result(request: pytest.FixtureRequest, gazetteer_name: str, text: str) -> None:
    found = match_address(text, request.getfixturevalue(gazetteer_name))

    assert found.result is None
    assert codes(found)[0] in ("ADDRESS_AMBIGUOUS", "ADDRESS_UNKNOWN_TOWN", "ADDRESS_TOWN_UNSURE")
    if towns := SAME_NAME_TRAPS[text]:
        assert found.findings == (Finding("address", "ADDRESS_AMBIGUOUS", Severity.ERROR, {"towns": towns}),)


@pytest.mark.parametrize("gazetteer_name", ["city", "prefecture"])
@pytest.mark.parametrize("text", OTHER_CITY_TRAPS)
def test_an_other_city_trap_is_named_and_has_no_result(
    request: pytest.FixtureRequest, gazetteer_name: str, text: str
) -> None:
    found = match_address(text, request.getfixturevalue(gazetteer_name))

    assert (found.result, found.candidates) == (None, ())
    assert codes(found) == ["ADDRESS_OTHER_CITY"]
    assert OTHER_CITY_TRAPS[text] in str(found.findings[0].values["city"])


def test_an_unknown_county_of_an_old_address_is_asked_about(city: Gazetteer, prefecture: Gazetteer) -> None:
    old = "北諸県郡高崎町大字大牟田１１７９－１"

    # The prefecture's file names the county (三股町 is still in it), and so does the prefecture's name in front.
    for text, gazetteer in ((old, prefecture), ("宮崎県" + old, city)):
        found = match_address(text, gazetteer)
        assert found.result is not None
        assert (found.result.town, codes(found)) == ("高崎町大牟田", ["ADDRESS_OLD_NAME", "ADDRESS_TOWN_ONLY"])
    assert (match_address(old, city).result, match_address("下閉伊郡山田町山田５", prefecture).result) == (None, None)


def test_no_town_of_another_city_of_the_prefecture_is_taken_for_ours(city: Gazetteer, prefecture: Gazetteer) -> None:
    mistaken = [
        text
        for town in prefecture.towns
        if town.city != "都城市"
        for text in (f"{town.city}{town.town}５－３", f"宮崎県{town.city}{town.town}５－３")
        for gazetteer in (city, prefecture)
        if codes(match_address(text, gazetteer)) != ["ADDRESS_OTHER_CITY"]
    ]

    assert mistaken == []


@pytest.mark.parametrize("home", [("石川県", "加賀市"), ("静岡県", "御前崎市")])
def test_every_town_of_another_customer_finds_itself(shared_data: Path, home: tuple[str, str]) -> None:
    name = "gazetteer_kaga_omaezaki.csv"
    gazetteer = Gazetteer(read_towns((shared_data / name).read_bytes(), name=name), home)
    lost = []
    for town in gazetteer.towns:
        if (town.prefecture, town.city) == home:
            result = match_address(f"{town.city}{town.town}{town.koaza}５番地３", gazetteer).result
            if result is None or (result.town, result.lat, result.lon) != (town.town, town.lat, town.lon):
                lost.append(town)

    assert lost == []
