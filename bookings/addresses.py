"""Reads an address as people write it and puts it into one form: town, number, building, and the key of a household."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from bookings.place_names import PREFECTURES, counted_in_digits, counted_in_kanji, fold, town_key

# Every dash that keyboards and phones produce; the long vowel mark and the kanji 一 only count between digits.
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―⁃−─━﹘﹣－᠆˗⸺⸻～〜~", "-"))
_DASH_LIKE = re.compile(r"(?<=\d) ?[-ー一・·.] ?(?=\d)")
_DASH_RUN = re.compile(r"-{2,}")
_NO_BETWEEN = re.compile(r"(?<=\d)[のノ](?=\d)")
_SPACES = re.compile(r"\s+")
_COMMAS = re.compile(r"[、,，。]")
_POSTAL_CODE = re.compile(r"〒? ?(\d{3})-?(\d{4})(?![\d-]) ?")
_OAZA = re.compile(r"(^|(?<=[都道府県市町村区郡 ]))大字")
_PREFECTURE = re.compile("|".join(PREFECTURES))
# 横市町 and 古市場 are towns with 市 inside; 四日市市 is a city with two.
_CITY = re.compile(r"[^\d市 ]{1,7}市市?(?![町場街])|市[^\d市 ]{1,5}市(?![町場街])")
_COUNTY_TOWN = re.compile(r"[^\d市郡 ]{1,6}郡 ?[^\d市 ]{1,7}?[町村](?=[^\d町村-]|$)")
_DIGITS = re.compile(r"\d+")
_OF_THE_TOWN = re.compile(r" ?(?:丁目|条|線|地割|区)")
_UNIT = re.compile(r"番地|番|号室|号|街区")
_KEY_PARTS = re.compile(r"\d+|[^\d\s-]+")
_LAST_CHOME = re.compile(r"(?<!\d)(\d{1,3})丁目$")
_MOST_PASSES = 20
_EDGES = " -()[]「」/"


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart without knowing any gazetteer; every part but ``text`` is in the normalised form.

    ``text`` is what was typed, untouched. ``prefecture`` and ``city`` are empty when they were not written. ``town`` is
    everything between the city and the number, numbered towns in kanji (下川東二丁目). ``number`` has hyphens
    (1659番地の1 -> 1659-1) except where 街区 is written, which is kept (6街区21号). ``building`` holds building and
    room. ``normalised`` puts the parts together again; normalising it once more changes nothing.
    """

    text: str
    postal_code: str
    prefecture: str
    city: str
    town: str
    number: str
    building: str
    normalised: str

    @property
    def household_key(self) -> str:
        """Town, number and building or room as one key; prefer the key of the match, which knows the official town."""
        return household_key(self.town or self.city, self.number, self.building)

    @property
    def rest(self) -> str:
        """Number and building as shown after the town's name."""
        return f"{self.number} {self.building}".strip()


def normalise(text: str) -> Address:
    """Take an address apart and put it into one form.

    Pure, total and linear in the length of ``text``: any string gives an :class:`Address`, at worst one with all of it
    in ``town``. Full and half width, dashes, kanji numerals, 番地 番 号 の, spaces, 大字 and a leading postal code are
    dealt with; ヶ/ケ, 髙/高 and the like stay as written here and are folded only in keys.
    """
    address = _read(text)
    for _ in range(_MOST_PASSES):
        again = _read(address.normalised)
        if again.normalised == address.normalised:
            break
        # Only nonsense (5大字二丁目) reads differently once more; what stands still is the one form.
        address = replace(again, text=text, postal_code=address.postal_code or again.postal_code)
    return address


def _read(text: str) -> Address:
    plain = _one_width(text)
    postal_code = ""
    if match := _POSTAL_CODE.match(plain):
        postal_code, plain = match[1] + match[2], plain[match.end() :].lstrip(_EDGES)
    plain = _OAZA.sub("", plain)

    prefecture = city = ""
    if match := _PREFECTURE.match(plain):
        prefecture, plain = match[0], plain[match.end() :].lstrip(_EDGES)
    plain = _NO_BETWEEN.sub("-", counted_in_digits(plain))
    if match := _COUNTY_TOWN.match(plain) or _CITY.match(plain):
        city, plain = match[0].replace(" ", ""), plain[match.end() :].lstrip(_EDGES)

    town, number, building = _split(plain)
    if number:
        town = town.replace(" ", "")
    town = counted_in_kanji(town.strip(_EDGES))
    building = building.strip(_EDGES)
    normalised = f"{prefecture}{city}{town}{number} {building}".strip()
    return Address(text, postal_code, prefecture, city, town, number, building, normalised)


def household_key(town: str, number: str, building: str = "") -> str:
    """One door, one key: 鷹尾四丁目 + 18-11 and 鷹尾 + 4-18-11 alike, 203号, 203号室 and a third -203 alike.

    Empty when neither number nor building is known: such addresses must not be taken for one household.
    """
    has_number = _DIGITS.search(number) is not None
    if not (has_number or building):
        return ""
    key = town_key(town)
    # Digits and lot marks (甲 イ, a 小字) count, units do not: 6街区21号 is 6-21.
    parts = _KEY_PARTS.findall(_UNIT.sub("-", fold(number)))
    if match := _LAST_CHOME.search(key):
        key, parts = key[: match.start()], [match[1], *parts]
    door = fold(building).replace(" ", "").replace("-", "").replace("ー", "")
    door = door.removesuffix("号室").removesuffix("号").removesuffix("室")
    if not has_number:
        door = f"室{door}"  # room 201 is not house number 201
    return f"{key}|{'-'.join(part for part in (*parts, door) if part)}"


def _one_width(text: str) -> str:
    """NFKC (half-width kana, full-width digits), one kind of dash, one kind of space, nothing unprintable."""
    composed = unicodedata.normalize("NFKC", text).translate(_DASHES)
    visible = "".join(
        character for character in composed if character.isspace() or unicodedata.category(character)[0] != "C"
    )
    # Dropping an unprintable may bring a base and its mark together, so compose again.
    spaced = _SPACES.sub(" ", _COMMAS.sub(" ", unicodedata.normalize("NFKC", visible))).strip(_EDGES)
    if len(spaced) > 9 and spaced[1::2].isspace() and " " not in spaced[::2]:
        spaced = spaced[::2]  # 都 城 市 姫 城 町: spread out to fill a form
    return _DASH_RUN.sub("-", _DASH_LIKE.sub("-", spaced))


def _split(plain: str) -> tuple[str, str, str]:
    """Cut the text after the city into town, number and building."""
    start = _number_start(plain)
    if start is None:
        return plain, "", ""
    parts, end = _number_parts(plain, start)
    head, tail = plain[:start], plain[end:]
    if parts[-1][1] == "号室":
        room = "".join(parts[-1])
        if len(parts) == 1:
            # A room with no house number: the word before it, if set apart, is the building's name.
            town, _, name = ("", "", "") if " " not in head else head.rpartition(" ")
            return town or head, "", (name if town else "") + room + tail
        parts, tail = parts[:-1], room + tail
    if any(unit == "街区" for _, unit in parts):
        number = "".join(digits + (unit or "-") for digits, unit in parts).removesuffix("-")
    else:
        number = "-".join(digits for digits, _ in parts)
    return head, number, tail


def _number_start(plain: str) -> int | None:
    """Where the first number stands that is not part of a town's name (二丁目, 北一条)."""
    for match in _DIGITS.finditer(plain):
        if _OF_THE_TOWN.match(plain, match.end()) is None:
            return match.start()
    return None


def _number_parts(plain: str, start: int) -> tuple[list[tuple[str, str]], int]:
    """The numbers from ``start`` on with their units, and where they end: 6街区21号 -> [(6, 街区), (21, 号)]."""
    parts: list[tuple[str, str]] = []
    position = start
    while match := _DIGITS.match(plain, position):
        unit_match = _UNIT.match(plain, match.end())
        unit = unit_match[0] if unit_match else ""
        parts.append((match[0].lstrip("0") or "0", unit))
        position = match.end() + len(unit)
        if unit == "号室":
            break
        joint = plain[position : position + 1]
        joined = joint in ("-", "の", "ノ") or (joint == " " and unit in ("番", "街区"))
        if not (joined or unit):
            break
        following = position + 1 if joined else position
        next_number = _DIGITS.match(plain, following)
        if next_number is None or (following > position and plain[position] == " " and _is_room(plain, next_number)):
            break
        position = following
    return parts, position


def _is_room(plain: str, number: re.Match[str]) -> bool:
    return plain.startswith(("号室", "号棟", "棟", "階", "F"), number.end())
