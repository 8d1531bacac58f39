from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from maps.errors import MapsError
from maps.fonts import GETA, bundled_font, covered_characters, font_family, printable, unprintable

ROOT = Path(__file__).resolve().parents[2]


def test_the_bundled_font_is_ipaexgothic() -> None:
    assert bundled_font().name == "ipaexg.ttf"
    assert font_family() == "IPAexGothic"
    assert font_family(bundled_font()) == "IPAexGothic"


@pytest.mark.parametrize("character", list("髙﨑邉〓□①～▼→☎アあ漢Aé"))
def test_characters_of_names_and_of_our_own_sheets_are_covered(character: str) -> None:
    assert character in covered_characters()


def test_the_rare_form_of_yoshi_is_reported_once() -> None:
    assert unprintable("𠮷田と𠮷川") == ("𠮷",)


def test_unprintable_characters_are_reported_in_their_order() -> None:
    assert unprintable("한𠮷") == ("한", "𠮷")


@pytest.mark.parametrize("text", ["", "児玉 花子", "髙﨑 邉", "一行\n二行", "か\u3099き", "葛\U000e0100飾"])
def test_what_prints_is_not_reported(text: str) -> None:
    assert unprintable(text) == ()


def test_an_unprintable_character_becomes_a_geta() -> None:
    assert printable("𠮷田") == f"{GETA}田"


def test_a_letter_and_its_mark_become_one_character() -> None:
    assert printable("か\u3099ハ\u309a") == "がパ"


def test_a_variation_selector_leaves_the_plain_form() -> None:
    assert printable("葛\U000e0100飾") == "葛飾"


def test_compatibility_ideographs_stay_as_written() -> None:
    assert printable("﨑神") == "﨑神"


def test_an_unusable_font_is_refused_with_its_code(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    for file in (broken, tmp_path / "absent.ttf"):
        with pytest.raises(MapsError) as refused:
            covered_characters(file)
        assert refused.value.code == "FONT_MISSING"


def test_looking_for_the_font_and_importing_the_drawing_modules_loads_nothing_heavy() -> None:
    code = (
        "import sys, maps.sheets, maps.call_list, maps.fonts; maps.fonts.bundled_font();"
        "print([n for n in ('matplotlib', 'matplotlib_fontja', 'typst', 'xlsxwriter', 'jinja2', 'fontTools', 'segno')"
        " if n in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
