"""Finds the town an address lies in, or says why not: a wrong town is worse than none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate

from bookings.addresses import Address, household_key, normalise
from bookings.findings import Finding, Severity
from bookings.gazetteer import Gazetteer
from bookings.located import AddressMatch, Boundary, Candidate, Level, Located, MatchedTown, Reason
from bookings.place_names import KANJI_NUMERALS, PREFECTURES, counted_in_digits, fold, is_kana, kanji_number, town_key
from bookings.towns import Town

MAX_CANDIDATES = 8

# How alike a town of ours must be before 高埼町前田 is taken for a slip of the pen and not for a town called 高埼町.
_SLIP_OF_THE_PEN = 0.75
# What is longer than this is no town's name; keeps the work on nonsense small.
_LONGEST_LOCALITY = 80

_OTHER_CITY = re.compile(r"[^\d市]{1,7}市市?(?![町場街])|市[^\d市]{1,5}市(?![町場街])")
_COUNTY_TOWN = re.compile(r"([^\d市郡]{1,6}郡)([^\d市]{1,7}?[町村])")
_BARE_TOWN = re.compile(r"([^\d]{1,6}?[町村])(?=[^\d])")
_LOT_MARKS = re.compile(r"(?:字|小字|[甲乙丙丁イロハニホ](?=$|[\s\d]))")
_KANJI_RUN = re.compile(f"[{KANJI_NUMERALS}]{{1,9}}$")


# How sure each reason is; only ranks. What was misspelt ranks below all of them, by likeness.
_SCORES = {
    Reason.OLD_COUNTY: 0.97,
    Reason.SAME_NAME: 0.96,
    Reason.CHOME_AS_HYPHEN: 0.95,
    Reason.SUFFIX_DROPPED: 0.94,
    Reason.FORMER_DROPPED: 0.93,
    Reason.MORE_TEXT: 0.9,
    Reason.READING: 0.9,
    Reason.OF_FORMER: 0.85,
    Reason.OTHER_CHOME: 0.8,
    Reason.FRONT_DROPPED: 0.75,
    Reason.BEGINS_ALIKE: 0.7,
}


def match_address(
    text: str,
    gazetteer: Gazetteer,
    *,
    boundary: Boundary | None = None,
    pins: Mapping[str, Located] | None = None,
) -> AddressMatch:
    """Find the town of an address in the home city; ambiguous, unknown and foreign ones get no result.

    Args:
        text: as typed.
        gazetteer: the towns; only those of its home city can be a result.
        boundary: refuses points outside (``OUTSIDE_BOUNDARY``).
        pins: points set by persons, by :attr:`AddressMatch.household_key`, or by :attr:`AddressMatch.normalised` where
            that key is empty; a pin replaces the town's middle and answers every question about the town, but not
            that another city was written.
    """
    return _Search(normalise(text), gazetteer, boundary, {} if pins is None else pins).run()


def choose(
    text: str,
    town: str,
    gazetteer: Gazetteer,
    *,
    boundary: Boundary | None = None,
    pins: Mapping[str, Located] | None = None,
) -> AddressMatch:
    """The same address once a clerk has chosen the town from the candidates.

    ``town`` must be a candidate of :func:`match_address`, else the match comes back unchanged; another city written in
    the text has no candidates and stays refused.
    """
    address = normalise(text)
    found = _Search(address, gazetteer, boundary, {} if pins is None else pins).run()
    reason = next((candidate.reason for candidate in found.candidates if candidate.town == town), None)
    meant = [known for known in gazetteer.named(town_key(town)) if known.town == town]
    if reason is None or len(meant) != 1:
        return found  # one name at two places: only a pin can tell
    return _Search(address, gazetteer, boundary, {} if pins is None else pins).take(meant[0], reason)


class _Search:
    """One address on its way to a town; every step either ends the search or hands on to the next."""

    def __init__(
        self, address: Address, gazetteer: Gazetteer, boundary: Boundary | None, pins: Mapping[str, Located]
    ) -> None:
        self.address = address
        self.gazetteer = gazetteer
        self.boundary = boundary
        self.pins = pins
        self.in_home_city = False
        # The place as written, with 丁目 in digits and without spaces; ``gaps`` says where spaces stood, because a
        # space parts a town from what follows it. ``folded`` has the same length, character by character.
        pieces = counted_in_digits((address.city + address.town)[:_LONGEST_LOCALITY]).split(" ")
        self.written = "".join(pieces)
        self.gaps = frozenset(accumulate(len(piece) for piece in pieces[:-1]))
        self.folded = fold(self.written)

    def run(self) -> AddressMatch:
        if self.address.prefecture not in ("", self.gazetteer.home[0]):
            return self._other_city(self.address.prefecture + self._city_written())
        self._drop_home_city()
        if not self.folded:
            code = "ADDRESS_NO_TOWN" if self.address.normalised else "ADDRESS_EMPTY"
            return self._refuse(Finding("address", code, Severity.ERROR))
        if behind := self._city_behind(self.address.building):
            return self._other_city(behind)
        if by_name := self._by_name():
            return by_name
        if county := _COUNTY_TOWN.match(self.folded):
            return self._old_county(county)
        return self._foreign() or self._guess()

    # -- the steps -------------------------------------------------------------------------------------------------

    def _drop_home_city(self) -> None:
        # The 47 prefectures were taken off already; a home that lies in none of them (a demo's) is known here alone.
        prefecture = fold(self.gazetteer.home[0])
        if not self.address.prefecture and self.folded.startswith(prefecture):
            self._cut(len(prefecture))
        for name in sorted(self.gazetteer.home_names, key=len, reverse=True):
            if self.folded.startswith(name) and not (name[-1] in "町村" and self.gazetteer.named(self.folded)):
                self.in_home_city = True
                self._cut(len(name))
                return

    def _cut(self, length: int) -> None:
        self.folded, self.written = self.folded[length:], self.written[length:]
        self.gaps = frozenset(gap - length for gap in self.gaps if gap > length)

    def _old_county(self, county: re.Match[str]) -> AddressMatch:
        """北諸県郡高崎町大牟田 from before the merger, or 北諸県郡三股町, which is another town hall."""
        former, written = county[2], self.written[: county.end()]
        towns = self.gazetteer.of_former(former)
        if not towns:
            known = self.gazetteer.other_city_at_start(self.folded)
            return self._other_city("".join(known) if known else written)
        self._cut(len(county[1]))
        length, same = self.gazetteer.at_start(self.folded)
        if not same or not self._ends_at(length, same[0]) or same[0] not in towns:
            return self._undecided([(Reason.OF_FORMER, town) for town in towns])
        if len(same) > 1 or not (county[1] in self.gazetteer.counties or self.address.prefecture or self.in_home_city):
            # The same two names may stand one behind the other in another prefecture (下閉伊郡山田町山田).
            return self._undecided([(Reason.OLD_COUNTY, town) for town in same])
        old = Finding("address", "ADDRESS_OLD_NAME", Severity.WARNING, {"written": written, "town": same[0].town})
        return self._take_at(length, same[0], [old])

    def _by_name(self) -> AddressMatch | None:
        """A town's full name in front, and nothing behind it that could make it another town."""
        length, same = self.gazetteer.at_start(self.folded)
        if not same:
            return None
        if city := self._city_behind(self.written[length:].lstrip("(")):
            return self._other_city(city)
        if not self._ends_at(length, same[0]):
            return None
        if len(same) > 1:
            exact = [town for town in same if town.town == self.address.town]
            if len(exact) != 1:
                return self._undecided([(Reason.SAME_NAME, town) for town in same])
            same = tuple(exact)
        return self._take_at(length, same[0], [])

    def _foreign(self) -> AddressMatch | None:
        """Another city's name in front, whether the gazetteer knows that city or not."""
        known = self.gazetteer.other_city_at_start(self.folded)
        if known and not self.gazetteer.starting_with(self.folded):
            return self._other_city("".join(known))
        if (city := _OTHER_CITY.match(self.folded)) and not self.gazetteer.starting_with(city[0]):
            return self._other_city(self.address.prefecture + self.written[: city.end()])
        bare = _BARE_TOWN.match(self.folded)
        if bare and not self.in_home_city and not self.gazetteer.of_former(bare[1]):
            alike = self.gazetteer.similar(self.folded, 1, _SLIP_OF_THE_PEN)
            length, _ = self.gazetteer.at_start(self.folded)
            if not alike and not length:
                return self._other_city(self.address.prefecture + self.written[: bare.end()])
        return None

    def _guess(self) -> AddressMatch:
        """Something was left out, or misspelt: candidates, never a result."""
        likely = self._likely()
        if not likely and not self.in_home_city:
            first_word = self.folded[: min(self.gaps, default=len(self.folded))]
            if cities := self.gazetteer.elsewhere(self.folded) or self.gazetteer.elsewhere(first_word):
                return self._other_city("・".join("".join(city) for city in cities[:3]))
        return self._undecided(likely)

    def _likely(self) -> list[tuple[Reason, Town]]:
        """What may be meant by the written name, by rules that leave little doubt, best first."""
        gazetteer, name = self.gazetteer, self.folded
        likely: list[tuple[Reason, Town]] = []
        numbers = re.findall(r"\d+", self.address.number)
        chome = gazetteer.numbered(name)
        if chome and len(numbers) >= 2 and len(numbers[0]) <= 2 and int(numbers[0]) in chome:
            likely.append((Reason.CHOME_AS_HYPHEN, chome[int(numbers[0])]))
        for suffix in ("町", "村"):
            likely += [(Reason.SUFFIX_DROPPED, town) for town in gazetteer.named(name + suffix)]
        likely += [
            (Reason.FORMER_DROPPED, town)
            for town in gazetteer.ending_with(name)
            if (former := gazetteer.former_of(town)) and former + name == town.key
        ]
        likely += [(Reason.OF_FORMER, town) for town in gazetteer.of_former(name)]
        likely += [(Reason.MORE_TEXT, town) for town in gazetteer.at_start(name)[1]]
        reading = self.written.removesuffix("町")
        if is_kana(reading):
            likely += [(Reason.READING, town) for town in gazetteer.by_kana(reading)]
        elif reading.isascii() and re.search("[A-Za-z]{3}", reading):
            likely += [(Reason.READING, town) for town in gazetteer.suggest(reading, MAX_CANDIDATES)]
        return likely

    def _less_likely(self) -> list[tuple[float, Reason, Town]]:
        gazetteer, name = self.gazetteer, self.folded
        base = re.sub(r"\d+丁目.*$", "", name)
        found = [(_SCORES[Reason.OTHER_CHOME], Reason.OTHER_CHOME, town) for town in gazetteer.numbered(base).values()]
        for ending in dict.fromkeys((name, name + "町")):
            found += [
                (_SCORES[Reason.FRONT_DROPPED], Reason.FRONT_DROPPED, town) for town in gazetteer.ending_with(ending)
            ]
        found += [(_SCORES[Reason.BEGINS_ALIKE], Reason.BEGINS_ALIKE, town) for town in gazetteer.starting_with(name)]
        found += [(0.69 * score, Reason.SIMILAR, town) for score, town in gazetteer.similar(name, MAX_CANDIDATES, 0.5)]
        if is_kana(self.written):
            found += [(0.7, Reason.READING, town) for town in gazetteer.suggest(self.written)]
        return found

    # -- what stands behind a name ---------------------------------------------------------------------------------

    def _ends_at(self, length: int, town: Town) -> bool:
        """Whether the name really ends there: the end, a space, a 小字 or a lot mark, but not 西 of 都原町西."""
        behind = self.folded[length:]
        if not behind or length in self.gaps:
            return True
        if self.gazetteer.koaza(town, behind.removeprefix("字"))[1] is not None:
            return True
        return _LOT_MARKS.match(behind) is not None or _kanji_lot(behind) is not None

    def _city_behind(self, text: str) -> str:
        """The name of another city in what was written behind the town or the number, or ""."""
        folded = fold(text)
        prefecture = next((name for name in PREFECTURES if folded.startswith(name)), "")
        folded = folded.removeprefix(prefecture)
        if folded.startswith(self.gazetteer.home_names) and prefecture in ("", self.gazetteer.home[0]):
            return ""
        if known := self.gazetteer.other_city_at_start(folded):
            return "".join(known)
        match = _COUNTY_TOWN.match(folded) or _OTHER_CITY.match(folded)
        city = text[len(prefecture) :][: match.end()] if match else ""
        return prefecture + city if city or prefecture not in ("", self.gazetteer.home[0]) else ""

    def _city_written(self) -> str:
        if self.address.city:
            return self.address.city
        match = _OTHER_CITY.match(self.folded) or _COUNTY_TOWN.match(self.folded) or _BARE_TOWN.match(self.folded)
        return self.written[: match.end()] if match else ""

    # -- endings ---------------------------------------------------------------------------------------------------

    def _take_at(self, length: int, town: Town, findings: list[Finding]) -> AddressMatch:
        """Take the town whose name ends at ``length``, with what stands between it and the number."""
        lot = self.written[length:].removeprefix("字")
        koaza_length, koaza = self.gazetteer.koaza(town, fold(lot))
        point = koaza or town
        if not self.address.number and (value := _kanji_lot(lot[koaza_length:])) is not None:
            lot = f"{lot[:koaza_length]}{value}"
        rest = f"{lot}{self.address.number} {self.address.building}".strip()
        number = f"{lot}{self.address.number}"
        return self._found(town, point, number, rest, findings)

    def take(self, town: Town, reason: Reason) -> AddressMatch:
        """Take a town that a person chose; a 丁目 that was written as the first number leaves the number."""
        self._drop_home_city()
        length, same = self.gazetteer.at_start(self.folded)
        if town in same:
            return self._take_at(length, town, [])
        number = self.address.number
        if reason is Reason.CHOME_AS_HYPHEN:
            number = number.partition("-")[2]
        rest = f"{number} {self.address.building}".strip()
        return self._found(town, town, number, rest, [])

    def _found(self, town: Town, point: Town, number: str, rest: str, findings: list[Finding]) -> AddressMatch:
        key = household_key(town.town, number, self.address.building)
        level = Level.BLOCK if point.koaza else Level.TOWN
        result = MatchedTown(town.town, rest, level, point.lat, point.lon, self.gazetteer.source)
        if pinned := self._pin(key):
            result = replace(result, level=pinned.level, lat=pinned.lat, lon=pinned.lon, source=pinned.source)
        if not re.search(r"\d", number):
            findings = [*findings, Finding("address", "ADDRESS_NO_NUMBER", Severity.WARNING, {"town": town.town})]
        written_code = self.address.postal_code
        if town.postal_code and written_code not in ("", *town.postal_code.split("/")) and written_code[3:] != "0000":
            values = {"written": written_code, "town": town.town, "expected": town.postal_code}
            findings = [*findings, Finding("address", "ADDRESS_POSTAL_CODE_DIFFERS", Severity.CONFIRM, values)]
        if self.boundary is not None and not self.boundary.contains(result.lat, result.lon):
            outside = Finding("address", "OUTSIDE_BOUNDARY", Severity.ERROR, {"lat": result.lat, "lon": result.lon})
            return self._refuse(outside, *findings, key=key)
        if result.level is Level.TOWN:
            findings = [*findings, Finding("address", "ADDRESS_TOWN_ONLY", Severity.CONFIRM, {"town": town.town})]
        return AddressMatch(self.address.text, self.address.normalised, result, (), tuple(findings), key)

    def _undecided(self, likely: list[tuple[Reason, Town]]) -> AddressMatch:
        """Candidates and no result: one likely town is asked about, several are listed, none is an unknown town."""
        if pinned := self._pin(self.address.household_key):
            return self._pinned(pinned)
        scored = [(_SCORES[reason], reason, town) for reason, town in likely] + self._less_likely()
        best: dict[str, Candidate] = {}
        for score, reason, town in scored:
            if town.town not in best or best[town.town].score < score:
                best[town.town] = Candidate(town.town, town.kana, reason, round(score, 3))
        candidates = sorted(best.values(), key=lambda candidate: -candidate.score)[:MAX_CANDIDATES]
        likely_names = {town.town for _, town in likely}
        names = list(dict.fromkeys(candidate.town for candidate in candidates if candidate.town in likely_names))
        if len(names) == 1 and likely[0][0] is not Reason.SAME_NAME:
            finding = Finding("address", "ADDRESS_TOWN_UNSURE", Severity.CONFIRM, {"town": names[0]})
        elif names:
            finding = Finding("address", "ADDRESS_AMBIGUOUS", Severity.ERROR, {"towns": names})
        else:
            finding = Finding("address", "ADDRESS_UNKNOWN_TOWN", Severity.ERROR, {"town": self.address.town})
        return self._refuse(finding, candidates=tuple(candidates))

    def _pin(self, key: str) -> Located | None:
        keys = (key, self.address.household_key, self.address.normalised)
        return next((self.pins[name] for name in keys if name and name in self.pins), None)

    def _pinned(self, pinned: Located) -> AddressMatch:
        """A person knows where it is, whatever the town is called."""
        if self.boundary is not None and not self.boundary.contains(pinned.lat, pinned.lon):
            return self._refuse(
                Finding("address", "OUTSIDE_BOUNDARY", Severity.ERROR, {"lat": pinned.lat, "lon": pinned.lon})
            )
        result = MatchedTown(self.address.town, self.address.rest, pinned.level, pinned.lat, pinned.lon, pinned.source)
        return AddressMatch(self.address.text, self.address.normalised, result, (), (), self.address.household_key)

    def _other_city(self, city: str) -> AddressMatch:
        return self._refuse(Finding("address", "ADDRESS_OTHER_CITY", Severity.ERROR, {"city": city}))

    def _refuse(
        self, *findings: Finding, candidates: tuple[Candidate, ...] = (), key: str | None = None
    ) -> AddressMatch:
        return AddressMatch(
            self.address.text,
            self.address.normalised,
            None,
            candidates,
            findings,
            self.address.household_key if key is None else key,
        )


def _kanji_lot(behind: str) -> int | None:
    """A house number in bare kanji numerals right behind the town: 都原町三四〇五."""
    return kanji_number(behind) if _KANJI_RUN.fullmatch(behind) else None
