"""Seeded My Numbers in every listed notation, and what to look for where one of them might have been left behind."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bookings.digits import plain_digits
from tests.bookings import my_numbers
from tests.bookings.my_numbers import WEIGHTS, a_my_number, in_fours

CIRCLED = str.maketrans("0123456789", "⓪①②③④⑤⑥⑦⑧⑨")
ARABIC_INDIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")

NOTATIONS: dict[str, Callable[[str, random.Random], str]] = {
    **my_numbers.NOTATIONS,
    "tabs": lambda number, _: in_fours(number, "\t"),
    "circled digits": lambda number, _: number.translate(CIRCLED),
    "Arabic-Indic digits": lambda number, _: number.translate(ARABIC_INDIC),
}
"""The ten notations of the acceptance, and three more."""

ON_ONE_LINE = {name: write for name, write in NOTATIONS.items() if name not in {"broken over lines", "tabs"}}
"""Those that a file name, a key or a command's argument can hold."""

_WINDOW = 8  # so many digits of a number are more than chance, and more than anybody may keep
_ENCODINGS = ("utf-8", "utf-16-le", "cp932")


@dataclass(frozen=True)
class Vector:
    """One My Number as it is written."""

    number: str
    written: str

    @classmethod
    def drawn(cls, notation: str, rng: random.Random) -> Vector:
        """A fresh number in the given notation."""
        number = a_my_number(rng)
        return cls(number, NOTATIONS[notation](number, rng))

    def traces(self) -> frozenset[str]:
        """Whatever of it must be nowhere: eight of its digits in a row, the notation, and what the notation means."""
        whole = {self.written, unicodedata.normalize("NFKC", self.written), plain_digits(self.written), self.number}
        fours = {in_fours(self.number, sign) for sign in "- ・"}
        return frozenset({*whole, *fours, *(self.number[at : at + _WINDOW] for at in range(12 - _WINDOW + 1))})

    def traces_in(self, text: str) -> list[str]:
        """Those of its traces that stand in a text."""
        return sorted(trace for trace in self.traces() if trace in text)

    def traces_under(self, *folders: Path) -> list[str]:
        """Paths under the folders whose name or bytes (free pages and journals included) hold a trace of it."""
        wanted = [found for trace in self.traces() for found in _encoded(trace)]
        return [
            str(path)
            for folder in folders
            for path in sorted(folder.rglob("*"))
            if self.traces_in(path.name) or (path.is_file() and _holds(path.read_bytes(), wanted))
        ]


def _encoded(text: str) -> Iterator[bytes]:
    for encoding in _ENCODINGS:
        try:
            yield text.encode(encoding)
        except UnicodeEncodeError:
            continue


def _holds(content: bytes, wanted: Iterable[bytes]) -> bool:
    return any(trace in content for trace in wanted)


def with_check_digit(eleven: str) -> str:
    """The My Number that begins with eleven digits."""
    remainder = sum(int(digit) * weight for digit, weight in zip(eleven, WEIGHTS, strict=True)) % 11
    return eleven + str(0 if remainder <= 1 else 11 - remainder)


def that_looks_like_a_phone(rng: random.Random) -> str:
    """A My Number that begins as phones do, with and without the country in front; there is no plus."""
    head = rng.choice(["090", "080", "070", "050", "0986", "03", "06", "0120", "81", "8190", "81986", "0081", "010"])
    return with_check_digit(f"{head}{rng.randrange(10**11):011d}"[:11])


def that_is_hardly_a_moment(rng: random.Random) -> str:
    """A My Number that begins with a date of our years, and whose time of day is none."""
    day = f"{rng.randrange(1990, 2050)}{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}"
    return with_check_digit(f"{day}{rng.choice(['24', '31', '99', '07', '12'])}{rng.randrange(6, 10)}")
