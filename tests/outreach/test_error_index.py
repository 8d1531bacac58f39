from __future__ import annotations

from pathlib import Path

from outreach import error_index
from outreach.error_index import error_document, source_files
from outreach.words import Words

SOURCE = """
class CityError(Exception): ...
class Refused(CityError): ...
class Elsewhere(Refused):
    def __init__(self): super().__init__("ITS_OWN", "text")
class NoError: ...

def f(code):
    raise Refused("A_CODE", "a message", value="NOT_A_CODE")
    raise Elsewhere("ONE" if code else "OTHER", van="X")
    raise module.Refused("QUALIFIED")
    raise NoError("NOT_AN_ERROR")
    raise ValueError("SOME TEXT")
    yield Finding("people", "FIELD_CODE", Severity.ERROR)
    yield RuleFinding(code="KEYWORD_CODE", key="x")
    yield _finding("HELPED", ("a",), 1)
    other("NOT_CALLED_SO")
"""


def test_codes_are_found_where_errors_are_made_and_findings_reported(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SOURCE, encoding="utf-8")
    index = error_index.code_index([tmp_path / "a.py"])
    assert index.errors == {"A_CODE", "ITS_OWN", "ONE", "OTHER", "QUALIFIED"}
    assert index.findings == {"FIELD_CODE", "KEYWORD_CODE", "HELPED"}


def test_an_error_class_may_stand_in_another_file(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("class Base(Exception): ...\n", encoding="utf-8")
    (tmp_path / "b.py").write_text(
        "from a import Base\nclass Own(Base): ...\nraise Own('FAR_CODE')\n", encoding="utf-8"
    )
    assert error_index.code_index(sorted(tmp_path.glob("*.py"))).errors == {"FAR_CODE"}


def test_the_products_own_source_is_scanned() -> None:
    names = {"/".join(path.parts[-2:]) for path in source_files()}
    assert {"outreach/errors.py", "routing/errors.py", "bookings/errors.py", "maps/errors.py"} <= names
    index = error_index.code_index(source_files())
    assert {"NOW_UNREADABLE", "RULES_REFUSED", "WINDOW_BACKWARDS"} <= index.errors
    assert {"RULE_SYNTAX", "RULE_UNKNOWN_KEY_NEAR"} <= index.findings


def test_the_document_tells_every_code_in_both_languages() -> None:
    for language in ("ja", "en"):
        words = Words(language)
        document = error_document(words)
        for code in ("UNEXPECTED", "DISK_FULL", "RULE_SYNTAX", "HOLIDAY", "NOW_UNREADABLE"):
            assert document.count(f"| `{code}` | ") == 1
        row = next(line for line in document.splitlines() if line.startswith("| `RULE_OUT_OF_RANGE` | "))
        assert "{rule}" in row
        assert "{found}" in row
        assert words.say("error.UNEXPECTED.sentence") in document
