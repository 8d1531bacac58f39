"""Names as people write them and as people search for them: kana, variant characters, what a font cannot print."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

import jaconv

from bookings.errors import BookingsError

# The plain character of each word stands first, then the ways families and old papers write it.
_WRITTEN_ALIKE = (
    "高髙 崎﨑碕嵜 辺邊邉 斉齊斎齋齎 沢澤 浜濱濵 浅淺 桜櫻 広廣 国國圀 島嶋嶌 徳德 真眞 渕淵渊 "
    "吉𠮷 竜龍 滝瀧 桧檜 関關 栄榮 恵惠 実實 寿壽 万萬 与與 会會 伝傳 円圓 富冨 柳栁桺 橋槗 "
    "槙槇 黒黑 亀龜 豊豐 頼賴 鉄鐵 静靜 児兒 凛凜 条條 来來 検檢 塩鹽 収收 暁曉 晃晄 巌巖 "
    "庄莊荘 祢禰 尭堯 遥遙 珠珎 弥彌 館舘 芦蘆 鴎鷗 篭籠 諌諫 薮藪 桑桒 寛寬 清淸 青靑 礼禮 "
    "瀬瀨 増增 曽曾 彦彥 穂穗 郎郞 薫薰 横橫 為爲 内內 録錄 剣劍劔剱 経經 総總惣 応應 蔵藏 "
    "県縣 ケヶ カヵ"
)
_VARIANTS = str.maketrans({variant: group[0] for group in _WRITTEN_ALIKE.split() for variant in group[1:]})
_VOICED = str.maketrans({"\u309b": "\u3099", "\u309c": "\u309a"})  # typed after its kana, not on it
_LONG_MARK_AFTER_KANA = re.compile(r"(?<=[ァ-ヺ])[\-\u2010-\u2015\u2212\u2500~〜]")
_KANA = re.compile(r"[ァ-ヺー・ヽヾ ]+")
_SAME_SOUND = str.maketrans({"ヂ": "ジ", "ヅ": "ズ", "ヲ": "オ", "ヰ": "イ", "ヱ": "エ"})


def storable(text: str) -> str:
    """The text without what no database takes: control characters (but tab and line break) and halves of surrogates.

    They come from broken pastes and files, never from a person's hand.
    """
    return "".join(
        character for character in text if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cs")
    )


def fold(text: str) -> str:
    """The form two writings of one name share, for searching only: 髙﨑 and 高崎, さとう and ｻﾄｳ; no spaces.

    Folding twice changes nothing.
    """
    folded = _katakana(text).translate(_VARIANTS)
    folded = unicodedata.normalize("NFKC", folded.casefold())
    return _katakana("".join(folded.split())).translate(_VARIANTS).casefold()


def read_kana(text: str) -> str:
    """The reading of a name in full-width katakana, its parts one space apart.

    Raises:
        BookingsError: ``KANA_MISSING``; ``KANA_INVALID`` (value ``position``: the first character, from 1, that is not
            kana) for kanji, letters and digits.
    """
    kana = " ".join(_LONG_MARK_AFTER_KANA.sub("ー", _katakana(text)).split())
    if not kana:
        raise BookingsError("KANA_MISSING", "no reading")
    readable = _KANA.match(kana)
    if readable is None or readable.end() < len(kana) or not any("ァ" <= char <= "ヺ" for char in kana):
        raise BookingsError(
            "KANA_INVALID", "a reading is written in kana", position=readable.end() + 1 if readable else 1
        )
    return kana.replace(" ", "　")


def town_kana_key(text: str) -> str:
    """The reading of a town as it is searched: katakana without spaces and without the チョウ or マチ at its end.

    五十町 stays ゴジッチョウ, whose チョウ nobody leaves out.
    """
    key = fold(text).translate(_SAME_SOUND)
    shorter = re.sub(r"(?<=[^ッ])(?:チョウ|マチ)$", "", key)
    return shorter or key


def characters_outside(text: str, covered: Container[int]) -> tuple[str, ...]:
    """The characters of ``text``, each once and in order, whose code points are not in ``covered``: 𠮷 in most fonts.

    Spaces, line ends and invisible characters need no glyph.
    """
    return tuple(
        dict.fromkeys(
            char
            for char in text
            if ord(char) not in covered and unicodedata.category(char) not in {"Cc", "Cf", "Zs", "Zl", "Zp", "Mn"}
        )
    )


def _katakana(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text.translate(_VOICED))
    plain = "".join(char for char in plain if unicodedata.category(char) != "Cf" and not _is_variation_selector(char))
    # A voicing mark that a kanji or letter carries by mistake stands alone after NFKC; kana have taken theirs in.
    return unicodedata.normalize("NFKC", str(jaconv.hira2kata(plain)))


def _is_variation_selector(char: str) -> bool:
    return 0xFE00 <= ord(char) <= 0xFE0F or 0xE0100 <= ord(char) <= 0xE01EF
