"""Looks at what a command said in both languages: a code, a sentence, what to do; nothing raw, nothing foreign."""

from __future__ import annotations

import re
from pathlib import Path

from tests.outreach.terminal.conftest import Console, Said

LEFT_OPEN = re.compile(r"\{[a-z_]*[}:]|\b(error|finding|reason|terminal|help|answer|status|severity)\.[A-Z_a-z]+")
"""A field nobody filled in, or a key nobody put into words."""

KANA = re.compile(r"[ぁ-ゖァ-ヺ]")

FAMILIAR = re.compile(
    r"""outreach(\ [a-z]+)*(\.toml)?    # commands, the rules file
    |(?<![A-Za-z])--?[a-z][a-z-]*      # options
    |[A-Z][A-Z0-9]*(_[A-Z0-9]+)+|^[A-Z]+(?=:\ )   # codes and environment variables
    |\$[\w.\[\]]*                      # the path of a value in a file
    |[\w.-]+\.(csv|geojson|xlsx|json|toml|pdf|html|sqlite3)|/[\w./-]+
    |(?<![A-Za-z])([a-z]+_)+[a-z]+     # codes of choices
    |\b[A-Z][0-9]{5}\b|\b[0-9a-f]{10,64}\b|SITE-[\dN]+|van-\d|s-\d+|backups
    |CSV|XLSX|JSON|TOML|PDF|HTML|GeoJSON|Excel|MB|SQLite|UTF-8|JIS|Geolonia|Schema|My\ Number|ID
    """,
    re.VERBOSE | re.MULTILINE,
)
"""What is written in Latin letters in Japanese too."""

FOREIGN = re.compile(r"[A-Za-z]{3,}")


def foreign_words(japanese: str, *, allowed: tuple[str, ...] = ()) -> list[str]:
    """Words in a Japanese text that are neither commands, codes nor names."""
    found = FOREIGN.findall(FAMILIAR.sub(" ", japanese))
    return [word for word in found if word not in allowed]


def assert_well_put(said: Said, code: str, lang: str, *, allowed: tuple[str, ...] = ()) -> None:
    """The error is led by its code; it says what is wrong and what to do, in one language."""
    text = "\n".join(said.told)
    lines = [line for line in said.told if line.strip()]
    head = next((line for line in lines if re.search(rf"(\A|\s){code}: ", line)), "")
    assert head, f"{code} is not told: {text}"
    sentence = head.partition(f"{code}: ")[2]
    after = lines[lines.index(head) + 1 :]
    assert sentence.strip(), text
    assert after, f"{code} says nothing of what to do: {text}"
    assert "Traceback" not in text
    assert LEFT_OPEN.search(text) is None, text
    if lang == "ja":
        assert KANA.search(sentence), text
        assert foreign_words(text, allowed=allowed) == [], text


def assert_refused(
    console: Console, arguments: list[str], code: str, status: int, *, allowed: tuple[str, ...] = ()
) -> None:
    """Both languages refuse with the code, in words, with the exit status, and nothing is stored."""
    before = console.stored()
    files = files_of(console.home)
    for lang in ("ja", "en"):
        said = console(*arguments, lang=lang)
        assert (said.status, said.out) == (status, ""), said
        assert_well_put(said, code, lang, allowed=allowed)
    assert console.stored() == before
    assert files_of(console.home) == files


def files_of(home: Path) -> list[str]:
    """Every file under a home."""
    return sorted(str(path.relative_to(home)) for path in home.rglob("*"))
