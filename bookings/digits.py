"""Finds digits in any writing: full width, kanji, circled, spaced, hyphenated, broken over lines.

A text is cut into *runs*: digits with nothing but separators between them. A run is a row of *groups* (digits that
touch) with a *gap* between each two. What the digits mean is for :mod:`bookings.known_numbers` and
:mod:`bookings.privacy` to say.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

TIGHT, SPACE, PUNCTUATION, LINE = 1, 2, 3, 4
"""How strongly a gap parts two groups: a hyphen or dot, a space, a comma or other sign, a line break."""

_EDGE = 9  # a change of writing parts more than any sign when a number ends there, and not at all inside one
_KANJI_DIGITS = {
    **{kanji: str(value) for value, kanji in enumerate("〇一二三四五六七八九")},
    "零": "0",
    "壱": "1",
    "壹": "1",
    "弌": "1",
    "弐": "2",
    "貳": "2",
    "貮": "2",
    "弍": "2",
    "参": "3",
    "參": "3",
    "弎": "3",
    "肆": "4",
    "伍": "5",
    "陸": "6",
    "漆": "7",
    "柒": "7",
    "捌": "8",
    "玖": "9",
}
_ROUND_ZEROS = "○◯⚪⭕"
# Letters by their class that people take for a dash, a dot or a blank. の joins the parts of a number read aloud.
_LETTERS_THAT_PART = {**dict.fromkeys("ーㅡᅳˉˍꞏᐧのノ", TIGHT), **dict.fromkeys("\u115f\u1160\u3164\uffa0", SPACE)}
_TIGHT_SIGNS = frozenset("-.・·‧•∙⋅/⁄_:~〜−─━│|()=+*'’`゠\\")


@dataclass(frozen=True, slots=True)
class Group:
    """Digits that touch and are written alike.

    ``plus``: a plus sign stands directly before them. ``parted``: something invisible stands among them.
    """

    digits: str
    script: str
    plus: bool = False
    parted: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """What parts two groups: its signs (invisible ones left out), and its strength seen from inside and outside.

    Where only the writing changes (第一1234) the gap has no sign; a number may run across it (inside 0) or end at it.
    """

    signs: str
    inside: int
    outside: int


@dataclass(frozen=True, slots=True)
class Run:
    """Groups of digits with only separators between them; ``gaps[i]`` follows ``groups[i]``."""

    groups: tuple[Group, ...]
    gaps: tuple[Gap, ...]

    def part(self, start: int, end: int) -> Run:
        """The groups from ``start`` up to and without ``end``, as a run of its own."""
        return Run(self.groups[start:end], self.gaps[start : max(start, end - 1)])

    def digit_count(self) -> int:
        """Digits in the whole run."""
        return sum(len(group.digits) for group in self.groups)


def find_runs(text: str) -> Iterator[Run]:
    """Every run of digits of ``text``, in order; takes time linear in its length."""
    return _runs(_atoms(text))


def find_doubtful_runs(text: str) -> Iterator[Run]:
    """The runs again as they read if 一 is a dash (1234一5678), and if ○ is a zero (一二○四): both are typed so.

    Yields nothing for texts in which neither can be.
    """
    if "一" in text:
        yield from _runs(("gap", "-", TIGHT) if atom == ("digit", "1", "kanji") else atom for atom in _atoms(text))
    if any(sign in text for sign in _ROUND_ZEROS):
        yield from _runs(
            ("digit", "0", "kanji") if atom[0] == "gap" and atom[1] in _ROUND_ZEROS else atom for atom in _atoms(text)
        )


def may_hold_digits(text: str, least: int = 12) -> bool:
    """Whether ``text`` may hold that many digits; quick, for the many cells that hold none, and never wrongly False."""
    if text.isascii():
        return len(text) >= least and len(_ASCII_DIGITS.findall(text)) >= least
    return len(_MAYBE_DIGITS.findall(text)) * _MOST_DIGITS_OF_A_CHARACTER >= least


def plain_digits(text: str) -> str:
    """The text in NFKC with every digit of any writing as 0-9 and invisible characters dropped; the rest stays."""
    return "".join(value for kind, value, _ in _atoms(text) if kind != "nothing")


_ASCII_DIGITS = re.compile(r"[0-9]")
_MOST_DIGITS_OF_A_CHARACTER = 3
# Letters of every day are no digits, save the kanji that are; all the rest may be.
_MAYBE_DIGITS = re.compile(
    rf"[0-9{''.join(_KANJI_DIGITS)}]"
    r"|[^\x00-\x7f\u3000-\u3002\u3005\u3008-\u3011\u3041-\u30ff\u4e00-\u9fff\uff66-\uff9f]"
)

Atom = tuple[str, str, object]
"""A kind (digit, gap, nothing, other), the characters it stands for, and the script of a digit or strength of a gap."""


def _atoms(text: str) -> Iterator[Atom]:
    for character in text:
        yield from _atoms_of(character)


@lru_cache(maxsize=4096)
def _atoms_of(character: str) -> tuple[Atom, ...]:
    script = _script(character)
    if script == "other":
        value = unicodedata.numeric(character, None)
        if value is not None and value == int(value) and 0 <= value < 100:
            return tuple(("digit", digit, script) for digit in str(int(value)))
    return tuple(_atom(plain, script) for plain in unicodedata.normalize("NFKC", character))


def _script(character: str) -> str:
    if character in _KANJI_DIGITS:
        return "kanji"
    if "0" <= character <= "9":
        return "ascii"
    if "０" <= character <= "９":
        return "full width"
    # 十 百 千 have a value but are no digits: 三十二日 is no row of digits.
    return "other" if unicodedata.category(character) in {"No", "Nd", "Nl", "So"} else "letter"


def _atom(character: str, script: str) -> Atom:
    if character in _KANJI_DIGITS:
        return ("digit", _KANJI_DIGITS[character], "kanji")
    value = unicodedata.digit(character, None)
    if value is not None:
        return ("digit", str(value), script)
    if character in _LETTERS_THAT_PART:
        return ("gap", character, _LETTERS_THAT_PART[character])
    category = unicodedata.category(character)
    if category in {"Cf", "Mn", "Me"}:  # zero-width spaces, soft hyphens, variation selectors, keycaps, strokes
        return ("nothing", character, 0)
    if character in "\n\r\x0b\x0c\x85\u2028\u2029":
        return ("gap", character, LINE)
    if category == "Zs" or category[0] == "C" or character == "\u2800":
        return ("gap", character, SPACE)
    if character in _TIGHT_SIGNS or category == "Pd":
        return ("gap", character, TIGHT)
    if category[0] in "PS":
        return ("gap", character, PUNCTUATION)
    return ("other", character, None)


def _runs(atoms: Iterable[Atom]) -> Iterator[Run]:
    groups: list[Group] = []
    gaps: list[Gap] = []
    digits: list[str] = []
    script: object = None
    plus = parted = invisible = False
    signs: list[str] = []
    strength = 0
    previous = ""

    def close_group() -> None:
        groups.append(Group("".join(digits), str(script), plus, parted))
        digits.clear()

    for kind, value, extra in atoms:
        if kind == "nothing":
            invisible = True
            continue
        if kind == "digit":
            if digits and not signs and extra != script:
                close_group()
                gaps.append(Gap("", 0, _EDGE))
                script, plus, parted = extra, False, False
            elif signs or not digits:
                if digits:
                    close_group()
                    gaps.append(Gap("".join(signs), strength, strength))
                script, plus, parted = extra, previous == "+", False
                signs, strength = [], 0
            else:
                parted = parted or invisible
            digits.append(value)
            invisible = False
        elif kind == "gap":
            if digits:
                signs.append(value)
                strength = max(strength, int(str(extra)))
        else:
            if digits:
                close_group()
                yield Run(tuple(groups), tuple(gaps))
                groups, gaps = [], []
            signs, strength = [], 0
        previous = value
    if digits:
        close_group()
        yield Run(tuple(groups), tuple(gaps))
