"""Seeded My Numbers in the notations people use, and harmless notes that look like them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
KANJI = str.maketrans("0123456789", "〇一二三四五六七八九")
LEGAL_KANJI = str.maketrans("0123456789", "零壱弐参四五六七八九")
HYPHENS = ("-", "‐", "‑", "–", "—", "―", "−", "ー", "ｰ", "・", ".", ",", "/", "_", "～", "ㅡ")
BLANKS = (" ", "\u3000", "\u00a0", "\u2003", "\t")

WEIGHTS = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)

Note = Callable[[random.Random], str]


def a_my_number(rng: random.Random) -> str:
    """Twelve digits with a right check digit; the formula is written out again, apart from the code under test.

    The one in 30,000 that is a moment of our years is drawn again: as ``YYYYMMDDhhmm`` it is exempt on purpose.
    """
    while True:
        digits = [rng.randrange(10) for _ in range(11)]
        remainder = sum(digit * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11
        number = "".join(map(str, digits)) + str(0 if remainder <= 1 else 11 - remainder)
        if not _is_moment(number):
            return number


def _is_moment(number: str) -> bool:
    try:
        return datetime.strptime(number, "%Y%m%d%H%M").year > 0  # noqa: DTZ007
    except ValueError:
        return False


def in_fours(number: str, between: str) -> str:
    return between.join(number[at : at + 4] for at in (0, 4, 8))


def mixed(number: str, rng: random.Random) -> str:
    scripts = [str.maketrans({}), FULL_WIDTH, KANJI]
    between = ["", "", "", "", "-", " ", "・", "\u200b", "ー"]
    return "".join(digit.translate(rng.choice(scripts)) + rng.choice(between) for digit in number)


NOTATIONS: dict[str, Callable[[str, random.Random], str]] = {
    "plain": lambda number, _: number,
    "full width": lambda number, _: number.translate(FULL_WIDTH),
    "spaced in fours": lambda number, rng: in_fours(number, rng.choice(BLANKS)),
    "hyphens of every kind": lambda number, rng: in_fours(number, rng.choice(HYPHENS)),
    "kanji numerals": lambda number, rng: number.translate(rng.choice([KANJI, LEGAL_KANJI])),
    "middle dots": lambda number, rng: in_fours(number, rng.choice("・·･•")),
    "mixed": mixed,
    "inside Japanese": lambda number, rng: (
        f"番号は{in_fours(number, rng.choice(['', '-', ' ']))}です。電話は0986-23-2111。"
    ),
    "broken over lines": lambda number, rng: in_fours(number, rng.choice(["\n", "\r\n", "\n\n", "-\n"])),
    "zero-width spaces": lambda number, rng: rng.choice(["\u200b", "\u2060", "\ufeff", "\u00ad"]).join(number),
}
"""The ten notations of the acceptance."""


def _timestamp(rng: random.Random) -> str:
    moment = datetime(2021, 1, 1) + timedelta(minutes=rng.randrange(8 * 365 * 24 * 60))  # noqa: DTZ001
    shape = rng.choice(["%Y%m%d%H%M", "%Y%m%d%H%M", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y%m%d_%H%M", "%Y%m%d%H%M%S"])
    return rng.choice(["受付 {}", "{} に電話あり", "IMG_{}.jpg", "{} 2人"]).format(moment.strftime(shape))


def _phone_abroad(rng: random.Random) -> str:
    national = rng.choice(["90", "80", "70"]) + f"{rng.randrange(10**8):08d}"
    if rng.random() < 0.3:
        national = f"986{rng.randrange(20, 100)}{rng.randrange(10**4):04d}"
    fours = f"{national[:2]}-{national[2:6]}-{national[6:]}"
    shape = rng.choice([f"+81{national}", f"+81-{fours}", f"＋81 {fours.replace('-', ' ')}", f"+81(0){national}"])
    return rng.choice(["電話 {}", "{} は息子さん", "携帯{}、午前中"]).format(shape)


def _phone(rng: random.Random) -> str:
    mobile = f"{rng.choice(['090', '080', '070'])}-{rng.randrange(1000, 10000)}-{rng.randrange(10000):04d}"
    landline = f"0986-{rng.randrange(20, 100)}-{rng.randrange(10000):04d}"
    return rng.choice(
        [mobile, landline, landline.removeprefix("0986-"), mobile.replace("-", ""), landline.replace("-", "")]
    )


def _postal(rng: random.Random) -> str:
    return rng.choice(["885-{:04d}", "〒885-{:04d}", "885{:04d}"]).format(rng.randrange(10000))


def _side_by_side(rng: random.Random) -> str:
    separator = rng.choice([" ", "、", " / ", "\n", ", ", "　"])
    return separator.join([rng.choice([_postal, _phone])(rng), _phone(rng)])


def _postal_and_insurance(rng: random.Random) -> str:
    insurance = f"{rng.randrange(10**8):08d}"
    shape = rng.choice(["{} {}", "{} 保険証 {}", "{}、{}", "{}\n{}", "{} 記号{}"])
    return shape.format(_postal(rng), insurance)


HARMLESS: Sequence[Note] = (_timestamp, _phone_abroad, _side_by_side, _postal_and_insurance)
"""A quarter each of the harmless notes of the acceptance."""
