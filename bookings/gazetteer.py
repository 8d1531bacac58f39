"""The towns of the city in memory: found at the start of an address, by reading, or by a few typed letters."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from bookings.place_names import (
    counted_in_digits,
    fold,
    is_kana,
    kana_key,
    kana_stem,
    romaji_key,
    romaji_letters,
    town_key,
)
from bookings.towns import Town, merge_towns, read_towns

__all__ = ["Gazetteer", "Town", "merge_towns", "read_towns"]

City = tuple[str, str]

_EARTH_RADIUS_M = 6_371_008.8
_COUNTY = re.compile(r"^(.+?郡)(.+[町村])$")
_FORMER_IN_FRONT = re.compile(r"^(.{1,6}?[町村])(?!\d+丁目)(.+)$")
_NUMBERED = re.compile(r"^(.+?)(\d{1,2})丁目$")


class Gazetteer:
    """An index over towns; those of ``home`` are where visits go, all others only tell another city by name.

    Args:
        towns: of any number of cities; 277,000 take a few seconds.
        home: prefecture and city as the gazetteer writes them, such as ``("宮崎県", "都城市")``.
        former_counties: counties (北諸県郡) that the home city's former municipalities belonged to. Counties of the
            home prefecture that appear in ``towns`` count as well.
        source: what results name as their source.
    """

    def __init__(
        self, towns: Iterable[Town], home: City, *, former_counties: Collection[str] = (), source: str = "gazetteer"
    ) -> None:
        self.towns = tuple(towns)
        self.home = home
        self.source = source
        self._keys: dict[str, str] = {}
        self._index_home([town for town in self.towns if (town.prefecture, town.city) == home])
        self._index_elsewhere(town for town in self.towns if (town.prefecture, town.city) != home)
        self.counties = frozenset(
            {fold(county) for county in former_counties}
            | {
                fold(match[1])
                for prefecture, city in {*self._other_cities.values(), home}
                if prefecture == home[0] and (match := _COUNTY.match(city))
            }
        )
        self.home_names = _city_names(home[1])
        self._points: NDArray[np.float64] | None = None

    # -- what is where ---------------------------------------------------------------------------------------------

    @property
    def home_towns(self) -> tuple[Town, ...]:
        """The home city's towns, without their 小字, in the order of the gazetteer."""
        return self._home_towns

    def named(self, key: str) -> tuple[Town, ...]:
        """Home towns of exactly this key (see :func:`bookings.place_names.town_key`); two are two different places."""
        return self._home.get(key, ())

    def at_start(self, folded: str) -> tuple[int, tuple[Town, ...]]:
        """The longest home town that ``folded`` begins with: the length of its key and the towns of that name."""
        for length in range(min(self._longest, len(folded)), 0, -1):
            if towns := self._home.get(folded[:length]):
                return length, towns
        return 0, ()

    def koaza(self, town: Town, folded: str) -> tuple[int, Town | None]:
        """The longest 小字 of ``town`` that ``folded`` begins with, and its length."""
        known = self._koaza.get(town.key, {})
        for length in range(min(max(map(len, known), default=0), len(folded)), 0, -1):
            if found := known.get(folded[:length]):
                return length, found
        return 0, None

    def numbered(self, base: str) -> dict[int, Town]:
        """The 丁目 of a name without it: 鷹尾 -> {1: 鷹尾一丁目, ...}."""
        return self._numbered.get(base, {})

    def former_of(self, town: Town) -> str:
        """The former municipality in front of a home town's name, folded, or ""."""
        return self._former.get(town.town, "")

    def of_former(self, former: str) -> tuple[Town, ...]:
        """Home towns that carry the name of a former municipality (folded) in front."""
        return tuple(town for town in self._home_towns if former and self._former.get(town.town) == former)

    def starting_with(self, folded: str) -> tuple[Town, ...]:
        """Home towns whose name begins so."""
        return tuple(town for town in self._home_towns if self._key(town.town).startswith(folded))

    def ending_with(self, folded: str) -> tuple[Town, ...]:
        """Home towns whose name ends so, but is longer."""
        return tuple(
            town for town in self._home_towns if (key := self._key(town.town)).endswith(folded) and key != folded
        )

    def similar(self, folded: str, limit: int = 5, at_least: float = 0.5) -> list[tuple[float, Town]]:
        """Home towns by likeness of their characters, best first, with a score of 0-1."""
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(folded[:40])
        scored: list[tuple[float, Town]] = []
        for town in self._home_towns:
            matcher.set_seq1(self._key(town.town))
            if matcher.real_quick_ratio() >= at_least and matcher.quick_ratio() >= at_least:
                score = matcher.ratio()
                if score >= at_least:
                    scored.append((score, town))
        scored.sort(key=lambda pair: (-pair[0], pair[1].town))
        return scored[:limit]

    # -- other cities ----------------------------------------------------------------------------------------------

    def other_city_at_start(self, folded: str) -> City | None:
        """The other city of the gazetteer whose name ``folded`` begins with, county written or not."""
        for length in range(min(self._longest_city, len(folded)), 1, -1):
            if city := self._other_cities.get(folded[:length]):
                return city
        return None

    def elsewhere(self, folded: str) -> tuple[City, ...]:
        """Other cities that have a town of exactly this name."""
        return tuple(sorted(self._elsewhere.get(folded, ())))

    # -- search ----------------------------------------------------------------------------------------------------

    def by_kana(self, reading: str) -> tuple[Town, ...]:
        """Home towns with this reading; チョウ and マチ, and a former municipality in front, may be left out."""
        key = kana_key(reading)
        return self._by_kana.get(key, ()) or self._by_kana.get(kana_stem(key), ())

    def suggest(self, prefix: str, limit: int = 10) -> tuple[Town, ...]:
        """Home towns for what was typed so far, in kanji, kana or romaji; names that begin so come before parts."""
        if is_kana(prefix):
            query = "kana:" + kana_key(prefix)
        elif prefix.isascii() and romaji_key(prefix):
            query = "romaji:" + romaji_key(prefix)
        elif key := town_key(prefix):
            query = "kanji:" + key
        else:
            return ()
        found: dict[str, tuple[int, int, Town]] = {}
        position = bisect_left(self._typed, (query, -1, -1))
        while position < len(self._typed) and self._typed[position][0].startswith(query):
            _, rank, index = self._typed[position]
            town = self._home_towns[index]
            found[town.town] = min(found.get(town.town, (rank, index, town)), (rank, index, town))
            position += 1
        return tuple(town for _, _, town in sorted(found.values(), key=lambda entry: entry[:2])[: max(0, limit)])

    def nearest(self, lat: float, lon: float, limit: int = 1) -> list[tuple[float, Town]]:
        """The towns (of any city) nearest to a point, with their straight distance in metres."""
        if not self.towns:
            return []
        if self._points is None:
            self._points = np.radians(np.array([(town.lat, town.lon) for town in self.towns], dtype=np.float64))
        here = np.radians([lat, lon])
        half = (
            np.sin((self._points[:, 0] - here[0]) / 2) ** 2
            + np.cos(here[0]) * np.cos(self._points[:, 0]) * np.sin((self._points[:, 1] - here[1]) / 2) ** 2
        )
        distances_m = 2 * _EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
        order = np.argsort(distances_m, kind="stable")[: max(0, limit)]
        return [(float(distances_m[index]), self.towns[int(index)]) for index in order]

    # -- building --------------------------------------------------------------------------------------------------

    def _key(self, name: str) -> str:
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = town_key(name)
        return key

    def _index_home(self, rows: list[Town]) -> None:
        whole: dict[str, list[Town]] = {}
        self._koaza: dict[str, dict[str, Town]] = {}
        parts: dict[str, list[Town]] = {}
        for row in rows:
            if row.koaza:
                parts.setdefault(row.town, []).append(row)
                self._koaza.setdefault(self._key(row.town), {})[fold(counted_in_digits(row.koaza))] = row
            else:
                whole.setdefault(row.town, []).append(row)
        for name, koazas in parts.items():
            # A town known only by its 小字 stands at their middle.
            if name not in whole:
                lat = sum(row.lat for row in koazas) / len(koazas)
                lon = sum(row.lon for row in koazas) / len(koazas)
                whole[name] = [replace(koazas[0], koaza="", lat=lat, lon=lon)]

        self._home_towns = tuple(town for same in whole.values() for town in same)
        by_key: dict[str, list[Town]] = {}
        for town in self._home_towns:
            by_key.setdefault(self._key(town.town), []).append(town)
        self._home = {key: tuple(same) for key, same in by_key.items()}
        self._longest = max(map(len, self._home), default=0)

        self._numbered: dict[str, dict[int, Town]] = {}
        self._former: dict[str, str] = {}
        for key, same in self._home.items():
            if match := _NUMBERED.match(key):
                self._numbered.setdefault(match[1], {})[int(match[2])] = same[0]
            front = _FORMER_IN_FRONT.match(key)
            for town in same:
                if town.former and key.startswith(fold(town.former)):
                    self._former[town.town] = fold(town.former)
                elif front and front[1] not in self._home:
                    self._former[town.town] = front[1]
        self._index_typing()

    def _index_typing(self) -> None:
        """What a clerk may type for each town, sorted: whole names (rank 0) and names without what is in front (1)."""
        typed: list[tuple[str, int, int]] = []
        by_kana: dict[str, list[Town]] = {}
        for index, town in enumerate(self._home_towns):
            key, former = self._key(town.town), self._former.get(town.town, "")
            official = fold(town.town)
            typed += [(f"kanji:{key}", 0, index), (f"kanji:{official}", 0, index)]
            if former:
                typed += [(f"kanji:{key.removeprefix(former)}", 1, index)]
            readings = list(_shortened(kana_key(town.kana), ("チョウ", "マチ"), bool(former)))
            typed += [(f"kana:{reading}", rank, index) for rank, reading in readings]
            for spoken in {stem for _, reading in readings for stem in (reading, kana_stem(reading))}:
                by_kana.setdefault(spoken, []).append(town)
            # Cut before vowels are shortened: takazakicho + omuta must not become takazakich + omuta.
            names = list(_shortened(romaji_letters(town.romaji), ("cho", "machi"), bool(former)))
            typed += [(f"romaji:{romaji_key(name)}", rank, index) for rank, name in names]
        self._typed = sorted(set(typed))
        self._by_kana = {reading: tuple(towns) for reading, towns in by_kana.items() if reading}

    def _index_elsewhere(self, rows: Iterable[Town]) -> None:
        cities: dict[City, City] = {}  # one tuple per city, not one per town
        elsewhere: dict[str, tuple[City, ...]] = {}
        for row in rows:
            city = (row.prefecture, row.city)
            city = cities.setdefault(city, city)
            key = self._key(row.town)
            known = elsewhere.get(key, ())
            if city not in known:
                elsewhere[key] = (*known, city)
        self._elsewhere = elsewhere
        self._other_cities: dict[str, City] = {}
        # Of two cities of one name (府中市) the one of the home prefecture counts, else the first by prefecture.
        for city in sorted(cities, key=lambda city: (city[0] != self.home[0], city)):
            for name in _city_names(city[1]):
                self._other_cities.setdefault(name, city)
        self._longest_city = max(map(len, self._other_cities), default=0)


def _city_names(city: str) -> tuple[str, ...]:
    """The folded ways to write a city: with its county and without."""
    match = _COUNTY.match(city)
    return (fold(city), fold(match[2])) if match else (fold(city),)


def _shortened(reading: str, endings: tuple[str, str], has_former: bool) -> Iterator[tuple[int, str]]:
    """A reading as typed: whole, and behind a former municipality also with its チョウ left out or without it."""
    if not reading:
        return
    yield 0, reading
    if has_former:
        for ending in endings:
            front, found, behind = reading.partition(ending)
            if found and front and behind:
                yield 0, front + behind
                yield 1, behind
                return
