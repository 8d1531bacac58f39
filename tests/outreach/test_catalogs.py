"""The two languages say the same things, all of them, and nothing nobody asks for."""

from __future__ import annotations

import ast
import gettext
import io
import re
import string
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from bookings.answers import SCRIPT
from outreach import error_index
from outreach.error_index import source_files
from outreach.locales.__main__ import compile_catalog
from outreach.programme.rules_text import rule_keys
from outreach.words import LANGUAGES, Words

LOCALES = Path(__file__).resolve().parents[2] / "outreach" / "locales"

NAMESPACES = (
    "error",
    "finding",
    "reason",
    "violation",
    "sheet",
    "calls",
    "map",
    "coverage",
    "rule",
    "help",
    "terminal",
)
"""A string in the source that begins with one of these and a dot is a key, when it is handed to a function."""

CODED = ("error.", "finding.", "reason.", "violation.")
"""Their keys are made from codes at run time: such a key is in use as long as its code stands in the source."""

TOLD_DIFFERENTLY = frozenset({"year", "first_year", "last_year", "hour", "hour_24"})
"""Fields of which a language may need one and not the other: 午後2時 and 14:00, a date with its year or without."""

OTHER_TEXTS = ("*.html", "*.typ", "*.j2", "*.txt")

_KEY = re.compile(r"[a-z_]+(\.[A-Za-z0-9_]+)+\Z")


@cache
def texts_of(language: str) -> dict[str, dict[str, str]]:
    """File -> key -> text."""
    found = {}
    for path in sorted((LOCALES / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as stream:
            found[path.name] = {str(entry.id): str(entry.string) for entry in read_po(stream) if entry.id}
    return found


@cache
def all_texts(language: str) -> dict[str, str]:
    return {key: text for texts in texts_of(language).values() for key, text in texts.items()}


@cache
def source() -> tuple[ast.AST, ...]:
    return tuple(node for path in source_files() for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def strings_in_source() -> frozenset[str]:
    """Every literal string, and every key-like word of the templates."""
    found = {node.value for node in source() if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    root = LOCALES.parents[1]
    for package in ("maps", "outreach"):
        for pattern in OTHER_TEXTS:
            for path in (root / package).rglob(pattern):
                found.update(re.findall(r"[a-z_]+(?:\.[A-Za-z0-9_]+)+", path.read_text(encoding="utf-8")))
    return frozenset(found)


@cache
def keys_made_at_run_time() -> re.Pattern[str]:
    """What f-strings (``f"map.level.{level}"``), sums and ``code_word(translate, "map.level", level)`` can become.

    Only those that begin with a literal ``something.`` count: otherwise any key would do.
    """
    patterns = set()
    for node in source():
        if isinstance(node, ast.JoinedStr):
            parts = [re.escape(str(part.value)) if isinstance(part, ast.Constant) else None for part in node.values]
            text = "".join(r"[A-Za-z0-9_.]+" if part is None else str(part) for part in parts)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and isinstance(node.left, ast.Constant):
            text = re.escape(str(node.left.value)) + r"[A-Za-z0-9_.]+"
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "code_word":
            areas = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            text = "|".join(re.escape(area) + r"\.[A-Za-z0-9_.]+" for area in areas)
        else:
            continue
        if re.match(r"[a-z_]+\\\.", text):
            patterns.add(text)
    for package in ("maps", "outreach"):
        for path in (LOCALES.parents[1] / package).rglob("*.html"):
            # What a template joins: say('map.colour.' ~ style.colour_key), say("status." + booking.status)
            for start in re.findall(r"[\"']((?:[a-z_]+\.)+)[\"'] [~+]", path.read_text(encoding="utf-8")):
                patterns.add(re.escape(start) + r"[A-Za-z0-9_.]+")
    for path in (LOCALES.parents[1] / "outreach").rglob("*.html"):
        # say("deskpage.column." + head)
        for start in re.findall(r"""["']((?:[a-z_]+\.)+)["'] [+~]""", path.read_text(encoding="utf-8")):
            patterns.add(re.escape(start) + r"[A-Za-z0-9_.]+")
    return re.compile("|".join(f"(?:{pattern})" for pattern in sorted(patterns)))


def entries_of(compiled: bytes) -> dict[str, str]:
    """What a compiled catalog says; its header is left out, for it may hold the moment of compiling."""
    catalog: dict[str, str] = gettext.GNUTranslations(io.BytesIO(compiled))._catalog  # type: ignore[attr-defined]
    return {key: text for key, text in catalog.items() if key}


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_files() -> None:
    assert {language: sorted(texts_of(language)) for language in LANGUAGES} == dict.fromkeys(
        LANGUAGES, sorted(texts_of("ja"))
    )


def test_both_languages_have_the_same_keys_in_the_same_files() -> None:
    for name in texts_of("ja"):
        assert sorted(texts_of("ja")[name]) == sorted(texts_of("en")[name]), name


def test_no_key_stands_in_two_files() -> None:
    for language in LANGUAGES:
        counts = Counter(key for texts in texts_of(language).values() for key in texts)
        assert [key for key, count in counts.items() if count > 1] == []


def test_no_text_is_empty_but_an_action_and_a_place_may_be() -> None:
    for language in LANGUAGES:
        assert [key for key, text in all_texts(language).items() if not text and not key.endswith(".action")] == []


def test_both_languages_use_the_same_fields() -> None:
    different = {}
    for key, text in all_texts("ja").items():
        fields = fields_of(text) ^ fields_of(all_texts("en").get(key, text))
        if fields - TOLD_DIFFERENTLY:
            different[key] = sorted(fields)
    assert different == {}


def test_every_text_can_be_filled_in() -> None:
    """Fields are plain names, and their specs are those of ``outreach.words`` or of Python's numbers."""
    wrong = []
    for language in LANGUAGES:
        for key, text in all_texts(language).items():
            for _, name, spec, conversion in string.Formatter().parse(text):
                if name is None:
                    continue
                known = (
                    "|" in (spec or "")
                    or spec in ("", "minutes", "clock", "date", "era")
                    or re.match(r"[,.0-9]", spec or "")
                )
                if not (name.isidentifier() and known and conversion is None):
                    wrong.append((language, key))
    assert wrong == []


def test_japanese_is_japanese_and_english_is_english() -> None:
    """A text left in the other language is found by its letters; names and codes are allowed to be short."""
    kana = re.compile(r"[ぁ-ゖ]{2,}")
    assert [key for key, text in all_texts("en").items() if kana.search(text)] == []
    sentences = {
        key: text
        for key, text in all_texts("ja").items()
        if key.startswith(CODED) and key.endswith((".sentence", ".action")) and text
    }
    assert [key for key, text in sentences.items() if not kana.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_compiled_catalogs_are_those_of_the_sources(language: str) -> None:
    folder = LOCALES / language / "LC_MESSAGES"
    stale = [
        path.name
        for path in sorted(folder.glob("*.po"))
        if not path.with_suffix(".mo").is_file()
        or entries_of(path.with_suffix(".mo").read_bytes()) != entries_of(compile_catalog(path))
    ]
    assert stale == [], "run: .venv/bin/python -m outreach.locales"
    assert sorted(path.stem for path in folder.glob("*.mo")) == sorted(path.stem for path in folder.glob("*.po"))


def test_every_key_asked_for_in_the_source_exists() -> None:
    assert sorted(set(_keys_asked_for()) - set(all_texts("ja"))) == []


def _keys_asked_for() -> Iterator[str]:
    namespaces = {*NAMESPACES, *(key.partition(".")[0] for key in all_texts("ja"))}
    for node in source():
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            text = node.args[0].value
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            asks = called in ("say", "translate", "words", "has", "_")
            if asks and isinstance(text, str) and _KEY.match(text) and text.partition(".")[0] in namespaces:
                yield text


def test_every_code_has_its_words() -> None:
    index = error_index.code_index(source_files())
    texts = all_texts("ja")
    errors = [
        code
        for code in index.errors
        if not any(f"{space}.{code}.sentence" in texts for space in ("error", "finding", "reason"))
    ]
    findings = [
        code
        for code in index.findings
        if not any(f"{space}.{code}.sentence" in texts for space in ("finding", "reason", "error"))
    ]
    assert (sorted(errors), sorted(findings)) == ([], [])


def test_every_sentence_with_an_action_has_its_pair() -> None:
    texts = all_texts("ja")
    actions = {key.removesuffix(".action") for key in texts if key.endswith(".action") and key.startswith(CODED)}
    sentences = {key.removesuffix(".sentence") for key in texts if key.endswith(".sentence") and key.startswith(CODED)}
    assert sorted(actions - sentences) == []
    assert sorted(stem for stem in sentences - actions if not stem.startswith("violation.")) == []


def test_no_text_is_left_over() -> None:
    said = strings_in_source()
    made = keys_made_at_run_time()
    of_rules = set(rule_keys())
    of_answers = {
        key for question in SCRIPT for key in (question.word_key, *map(question.choice_key, question.choices))
    }
    left_over = []
    for key in all_texts("ja"):
        rest = key.partition(".")[2]
        code, _, last = rest.partition(".")
        if key.startswith(CODED) and last in ("sentence", "action"):
            used = code in said or key in said
        elif key.startswith("rule.") and not key.startswith("rule.document."):
            used = key in said or key in of_rules
        elif key in of_answers:
            used = True
        else:
            used = key in said or made.fullmatch(key) is not None
        if not used:
            left_over.append(key)
    assert sorted(left_over) == []


@pytest.mark.parametrize(
    ("said", "instead_of"),
    [("仮押さえ", "取り置き"), ("仮押さえ", "仮おさえ"), ("取消し", "取りやめ"), ("取消し", "取り消し[^まてたな]")],
)
def test_a_thing_has_one_word_in_japanese(said: str, instead_of: str) -> None:
    """What the glossary does not name: clerks read the paper, the desk and the terminal side by side."""
    words = Words("ja")
    texts = {key: words.template(key) for key in sorted(words.keys())}
    assert [key for key, text in texts.items() if re.search(instead_of, text)] == []
    assert any(said in text for text in texts.values())
