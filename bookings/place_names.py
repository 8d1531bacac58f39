"""Folds the many ways a Japanese place name is written into one comparable key: variants, numerals, readings."""

from __future__ import annotations

import re
import unicodedata

KANJI_NUMERALS = "〇零一二三四五六七八九十百千万壱弐参拾"

PREFECTURES = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県",
    "栃木県", "群馬県", "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県",
    "石川県", "福井県", "山梨県", "長野県", "岐阜県", "静岡県", "愛知県", "三重県",
    "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県", "鳥取県", "島根県",
    "岡山県", "広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県",
    "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
)  # fmt: skip

# One shape for characters that people write either way. Only for comparing: what was written is kept beside it.
_VARIANTS = (
    "髙﨑嵜濵濱邉邊澤廣嶋嶌櫻冨眞藏篭桧瀨繩穗萬龍栁德條舘壽當曾國簑槇渕淵齋齊斎圓寳寶惠榮豐鹽靜關氣圡邨埜彌稻壹貳參",
    "高崎崎浜浜辺辺沢広島島桜富真蔵籠檜瀬縄穂万竜柳徳条館寿当曽国蓑槙淵淵斉斉斉円宝宝恵栄豊塩静関気土村野弥稲壱弐参",
)
# 妻ヶ丘 妻ケ丘 妻が丘, 山之口 山の口 山ノ口: the small connecting syllables.
_FOLDED = str.maketrans(
    {**dict(zip(*_VARIANTS, strict=True)), **dict.fromkeys("ヶケがガヵ", "ケ"), **dict.fromkeys("のノ之乃", "之")}
)
_DIGITS = {character: value for value, character in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "壱": 1,
    "弐": 2,
    "参": 3,
}
_TENS = {"十": 10, "拾": 10, "百": 100, "千": 1000}
_KANJI_RUN = re.compile(f"[{KANJI_NUMERALS}]+")
_COUNTED = re.compile(r"丁目|条|番地|番(?![町丁])|号|街区")
_TAIL_AFTER_NO = re.compile(f"[のノ-][{KANJI_NUMERALS}]{{1,9}}(?![一-龥々ぁ-んァ-ヶ])")
_NOT_A_WORD = re.compile(r"(?![一-龥々ぁ-んァ-ヶ])")
_NUMBERED_PART = re.compile(r"(?<!\d)(\d{1,2})(丁目|条)")
_HIRAGANA = str.maketrans({code: code + 0x60 for code in range(ord("ぁ"), ord("ゖ") + 1)})
_KANA_VARIANTS = str.maketrans("ヂヅヲヰヱ", "ジズオイエ")


def kanji_number(text: str) -> int | None:
    """The value of kanji numerals, 千六百五十九 or 一六五九; None when they do not form one (十十, or over nine)."""
    if not text or len(text) > 9:
        return None
    if all(character in _DIGITS for character in text):
        return int("".join(str(_DIGITS[character]) for character in text))
    total = myriads = digit = 0
    smallest_unit = 10_000
    seen_digit = False
    for character in text:
        if character in _DIGITS:
            if seen_digit:
                return None
            digit, seen_digit = _DIGITS[character], True
        elif character == "万":
            if myriads or not (total or digit):
                return None
            myriads, total, digit, seen_digit, smallest_unit = (total + digit) * 10_000, 0, 0, False, 10_000
        elif character in _TENS:
            unit = _TENS[character]
            if unit >= smallest_unit or (seen_digit and digit == 0):
                return None
            total += (digit if seen_digit else 1) * unit
            digit, seen_digit, smallest_unit = 0, False, unit
        else:
            return None
    return myriads + total + digit


def number_in_kanji(value: int) -> str:
    """1-99 as an official name writes it: 4 is 四, 12 is 十二."""
    if not 1 <= value <= 99:
        raise ValueError(f"only 1-99 are written in town names, not {value}")
    ones = "〇一二三四五六七八九"
    tens, one = divmod(value, 10)
    return ("" if tens == 0 else "十" if tens == 1 else ones[tens] + "十") + (ones[one] if one else "")


def counted_in_digits(text: str) -> str:
    """Kanji numerals that count (二丁目, 千六百五十九番地の一, 二十九の四) become digits; names (五十町) stay."""

    def digits(match: re.Match[str]) -> str:
        start, end = match.span()
        if _COUNTED.match(text, end) is None and _TAIL_AFTER_NO.match(text, end) is None:
            before = text[max(0, start - 3) : start]
            continues = before.endswith(("番地", "番", "号", "街区", "丁目")) or (
                len(before) >= 2
                and before[-1] in "のノ-"
                and (before[-2].isdigit() or before[-2] in KANJI_NUMERALS or before.endswith(("地の", "番の", "号の")))
            )
            if not continues or _NOT_A_WORD.match(text, end) is None:
                return match[0]
        value = kanji_number(match[0])
        return match[0] if value is None else str(value)

    return _KANJI_RUN.sub(digits, text)


def counted_in_kanji(town: str) -> str:
    """The official form of a numbered town: 下川東2丁目 -> 下川東二丁目."""

    def kanji(match: re.Match[str]) -> str:
        value = int(match[1])
        return (number_in_kanji(value) if value else match[1]) + match[2]

    return _NUMBERED_PART.sub(kanji, town)


def fold(text: str) -> str:
    """Character by character (lengths stay equal): variants, connecting ケ and 之, capital letters."""
    folded = text.translate(_FOLDED)
    lowered = folded.lower()
    return lowered if len(lowered) == len(folded) else folded


def town_key(name: str) -> str:
    """The comparable form of a town's name: NFKC, digits before 丁目, variants folded, no spaces, no leading 大字."""
    text = counted_in_digits(unicodedata.normalize("NFKC", name).replace(" ", ""))
    return fold(text.removeprefix("大字"))


def kana_key(reading: str) -> str:
    """A reading in folded katakana without spaces: みやこばるちょう and ﾐﾔｺﾊﾞﾙﾁｮｳ alike."""
    text = unicodedata.normalize("NFKC", reading).translate(_HIRAGANA).translate(_KANA_VARIANTS)
    return "".join(character for character in text if not character.isspace() and character not in "ー-・")


def kana_stem(key: str) -> str:
    """A kana key without its ending チョウ or マチ (五十町 ゴジッチョウ keeps its small ッ: ゴジッ)."""
    for ending in ("チョウ", "マチ"):
        if key.endswith(ending) and len(key) > len(ending):
            return key.removesuffix(ending)
    return key


def romaji_letters(text: str) -> str:
    """Small letters and digits only, no macrons: Ōmuta is omuta."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).lower()
    return "".join(character for character in plain if character.isascii() and character.isalnum())


def romaji_key(text: str) -> str:
    """Letters with long vowels short, and one n before b, m and p: Ōmuta and Oomuta, Hommachi and Honmachi alike."""
    short = romaji_letters(text).replace("ou", "o").replace("oo", "o").replace("uu", "u")
    return short.replace("mb", "nb").replace("mm", "nm").replace("mp", "np")


def is_kana(text: str) -> bool:
    """Whether a text is kana only (spaces and digits aside), so that it can be a reading."""
    letters = [character for character in kana_key(text) if not character.isdigit()]
    return bool(letters) and all("ァ" <= character <= "ヺ" for character in letters)
