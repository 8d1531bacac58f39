"""The documents that repeat the code are what the code says now; ``python -m tests.docs.generate`` writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from outreach import error_index
from outreach.error_index import source_files
from routing.check import ViolationCode
from routing.plan import Reason
from tests.docs.examples import BLOCKS
from tests.docs.generate import (
    CONCEPTS,
    DOCS,
    FOLDERS,
    ROOT,
    block_names,
    documents,
    errors_text,
    first_sentence,
    modules_text,
    reason_values,
    with_blocks,
)


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_the_committed_file_is_what_the_code_makes_of_it(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == documents()[path](), "run: python -m tests.docs.generate"


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_code_has_a_row_in_the_list_of_codes(language: str) -> None:
    sentences = errors_text(language).rpartition("\n## ")[0]  # the last section is the values
    rows = {line.split("`")[1] for line in sentences.splitlines() if line.startswith("| `")}
    index = error_index.code_index(source_files())
    everything = index.errors | index.findings | {str(code) for code in ViolationCode} | {str(code) for code in Reason}
    assert everything - rows == set()


def test_the_values_of_a_reason_are_read_from_its_docstring() -> None:
    values = reason_values()
    assert list(values) == [reason.value for reason in Reason]
    assert values["NO_SHIFT"] == ()
    assert values["LEG_TOO_LONG"] == ("driving_s", "limit_s")
    assert values["CONFLICT"] == ("with", "because")


def test_a_code_told_in_one_section_has_no_empty_row_in_another() -> None:
    rows = [line for line in errors_text("en").splitlines() if line.startswith("| `BIRTH_YEAR_IN_FUTURE` |")]
    assert [row.count("|  |") for row in rows] == [0]


def test_a_code_that_is_both_a_reason_and_a_violation_has_both_its_values() -> None:
    rows = [line for line in errors_text("en").splitlines() if "`LEG_TOO_LONG` | `" in line]
    assert rows == [
        "| reason | `LEG_TOO_LONG` | `driving_s`, `limit_s` |",
        "| violation | `LEG_TOO_LONG` | `visit`, `shift`, `from_place`, `to_place`, `driving_s`, `limit_s` |",
    ]


def test_every_python_folder_of_the_product_is_in_the_list_of_modules() -> None:
    packages = ("outreach", "routing", "bookings", "maps", "benchmarks")
    folders = {
        path.parent.relative_to(ROOT).as_posix()
        for package in packages
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts
    }
    assert folders == {folder for folder, _ in FOLDERS}
    assert "| `routing/schedule.py` | " in modules_text()


def test_a_module_that_does_not_say_what_it_is_for_is_refused(tmp_path: Path) -> None:
    (tmp_path / "silent.py").write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="does not say what it is for"):
        first_sentence(tmp_path / "silent.py")


def test_every_worked_example_stands_in_the_concepts_once() -> None:
    assert sorted(block_names(CONCEPTS.read_text(encoding="utf-8"))) == sorted(BLOCKS)


def test_a_wrong_number_in_a_block_is_replaced() -> None:
    text = "before\n<!-- computed: reference -->\nH10473\n<!-- end -->\nafter\n"
    assert with_blocks(text) == f"before\n<!-- computed: reference -->\n{BLOCKS['reference']()}\n<!-- end -->\nafter\n"


def test_a_block_nobody_computes_is_an_error() -> None:
    with pytest.raises(KeyError):
        with_blocks("<!-- computed: nothing -->\n<!-- end -->")


def test_the_documents_lie_where_the_links_expect_them() -> None:
    assert {path.parent for path in documents()} == {DOCS}
