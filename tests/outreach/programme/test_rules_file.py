from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from outreach.errors import BadInput, finding_action, finding_sentence, present
from outreach.programme.rules import Rules, amended, rules_data
from outreach.programme.rules_file import RulesError, load_rules, read_rules
from outreach.programme.rules_text import rule_keys, rules_document, write_rules
from outreach.words import Words

NAME = "outreach.toml"
LANGUAGES = [Words("ja"), Words("en")]


def refusal(text: str, name: str = NAME) -> RulesError:
    with pytest.raises(RulesError) as refused:
        read_rules(text, name=name)
    return refused.value


def found_in(text: str) -> list[tuple[str, str, int]]:
    return [(found.code, found.key, found.line) for found in refusal(text).findings]  # type: ignore[attr-defined]


def test_an_empty_file_is_the_defaults() -> None:
    assert read_rules("", name=NAME) == Rules()


def test_a_file_changes_what_it_names_and_keeps_the_rest() -> None:
    text = "[shift]\nstart = 09:00:00\n\n[visit_types.pin_reset]\nfirst_person_min = 5\n"
    text += "[service_days]\nclosed_dates = [2026-12-25]\n"
    rules = read_rules(text, name=NAME)
    assert rules == amended(
        Rules(),
        {
            "shift": {"start": "09:00"},
            "visit_types": {"pin_reset": {"first_person_min": 5}},
            "service_days": {"closed_dates": ["2026-12-25"]},
        },
    )


@pytest.mark.parametrize("words", LANGUAGES, ids=["ja", "en"])
def test_the_written_file_reads_back_equal(words: Words) -> None:
    rules = amended(
        Rules(),
        {
            "city": {"name": 'A "city" \\ with\ttab　', "language": "en", "phone": "0986-00-0000"},
            "travel": {"speed_bands": [{"up_to_km": 0.5, "speed_kmh": 15}, {"up_to_km": 3, "speed_kmh": 24.5}]},
            "service_days": {"closed_dates": ["2026-12-25", "2027-08-13..2027-08-15"], "closed_every_year": []},
            "access": {"wheelchair": {"needs": ["wheelchair", "two-steps"]}},
            "shift": {"lunch_min": 45},
        },
    )
    assert read_rules(write_rules(rules, words), name=NAME) == rules
    assert read_rules(write_rules(Rules(), words).replace("\n", "\r\n"), name=NAME) == Rules()


@pytest.mark.parametrize("words", LANGUAGES, ids=["ja", "en"])
def test_every_key_of_the_written_file_has_its_meaning_beside_it(words: Words) -> None:
    lines = write_rules(Rules(), words).splitlines()
    for section, fields in rules_data(Rules()).items():
        for key, value in fields.items():
            meaning = words.say(f"rule.{section}.{key}")
            if isinstance(value, dict):
                assert f"[{section}.{key}]  # {meaning}" in lines
            else:
                assert any(
                    line == f"# {meaning}" and lines[place + 1].startswith(f"{key} = ")
                    for place, line in enumerate(lines)
                )


@pytest.mark.parametrize("words", LANGUAGES, ids=["ja", "en"])
def test_the_document_has_a_row_for_every_key(words: Words) -> None:
    document = rules_document(words)
    for key in rule_keys():
        assert words.say(key).replace("|", "\\|") in document
    rows = [line for line in document.splitlines() if line.startswith("| `")]
    plain = sum(
        len(fields) for section, fields in rules_data(Rules()).items() if section not in ("visit_types", "access")
    )
    assert len(rows) == plain + 7 + 2
    assert all(row.count(" | ") == 3 for row in rows)
    assert "| `lunch_min` | `60` | 0-180 | " in document
    assert "| `retention_days` | `90` | 1-3650 | " in document


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[city]\nname = 3\n", ("RULE_NOT_A_TEXT", "city.name", 2)),
        ('[city]\nname = ""\n', ("RULE_EMPTY", "city.name", 2)),
        (f'[city]\nname = "{"あ" * 101}"\n', ("RULE_TOO_LONG", "city.name", 2)),
        ('[city]\nphone = "0986"\n', ("RULE_NOT_IN_FORM", "city.phone", 2)),
        ('[city]\nlangauge = "ja"\n', ("RULE_UNKNOWN_KEY_NEAR", "city.langauge", 2)),
        ('[city]\nmayor = "x"\n', ("RULE_UNKNOWN_KEY", "city.mayor", 2)),
        ("\n[towns]\n", ("RULE_UNKNOWN_KEY", "towns", 2)),
        ("city = 3\n", ("RULE_NOT_A_TABLE", "city", 1)),
        ("[[shift]]\nstart = '09:00'\n", ("RULE_NOT_A_TABLE", "shift", 1)),
        ('[shift]\nstart = "25:00"\n', ("RULE_NOT_A_TIME", "shift.start", 2)),
        ('[shift]\nstart = "9:00"\n', ("RULE_NOT_A_TIME", "shift.start", 2)),
        ("[shift]\nstart = 9\n", ("RULE_NOT_A_TIME", "shift.start", 2)),
        ("[shift]\nstart = 09:00:30\n", ("RULE_NOT_A_TIME", "shift.start", 2)),
        ("[shift]\nlunch_min = 181\n", ("RULE_OUT_OF_RANGE", "shift.lunch_min", 2)),
        ("[shift]\nlunch_min = -1\n", ("RULE_OUT_OF_RANGE", "shift.lunch_min", 2)),
        ("[shift]\nlunch_min = 60.0\n", ("RULE_NOT_A_WHOLE_NUMBER", "shift.lunch_min", 2)),
        ('[shift]\nlunch_min = "60"\n', ("RULE_NOT_A_WHOLE_NUMBER", "shift.lunch_min", 2)),
        ("[shift]\nlunch_min = true\n", ("RULE_NOT_A_WHOLE_NUMBER", "shift.lunch_min", 2)),
        ('[travel]\ndetour = "1.35"\n', ("RULE_NOT_A_NUMBER", "travel.detour", 2)),
        ("[travel]\ndetour = nan\n", ("RULE_NOT_A_NUMBER", "travel.detour", 2)),
        ("[travel]\ndetour = 0.9\n", ("RULE_OUT_OF_RANGE", "travel.detour", 2)),
        ("[travel]\nspeed_bands = [\n{ up_to_km = 3 }]\n", ("RULE_MISSING", "travel.speed_bands.1.speed_kmh", 3)),
        ("[service_days]\nclosed_on_holidays = 1\n", ("RULE_NOT_TRUE_OR_FALSE", "service_days.closed_on_holidays", 2)),
        ("[service_days]\nsaturdays = 1\n", ("RULE_NOT_A_LIST", "service_days.saturdays", 2)),
        ("[service_days]\nsaturdays = [\n1,\n6]\n", ("RULE_OUT_OF_RANGE", "service_days.saturdays.2", 4)),
        ('[service_days]\nweekdays = ["Mon"]\n', ("RULE_NOT_ONE_OF", "service_days.weekdays.1", 2)),
        ('[service_days]\nclosed_dates = ["2026-02-30"]\n', ("RULE_NOT_A_DATE", "service_days.closed_dates.1", 2)),
        ("[service_days]\nopen_dates = [2026-12-01T00:00:00]\n", ("RULE_NOT_A_DATE", "service_days.open_dates.1", 2)),
        (
            '[service_days]\nclosed_dates = ["2026-12-02..2026-12-01"]\n',
            ("RULE_PERIOD_BACKWARDS", "service_days.closed_dates.1", 2),
        ),
        (
            '[service_days]\nclosed_every_year = ["02-30"]\n',
            ("RULE_NOT_A_YEARLY_PERIOD", "service_days.closed_every_year.1", 2),
        ),
        ('[visit_types.new_card]\npriority = "urgent"\n', ("RULE_NOT_ONE_OF", "visit_types.new_card.priority", 2)),
        ('[access.no]\nneeds = ["Tail Lift"]\n', ("RULE_NOT_IN_FORM", "access.no.needs.1", 2)),
        ("[privacy]\nsmall_cell_threshold = 2\n", ("RULE_OUT_OF_RANGE", "privacy.small_cell_threshold", 2)),
        ("[travel]\n\nmax_leg_min = 250\n", ("RULE_PENALTY_TOO_LOW", "penalties.low_s", 1)),
        ('[windows]\nlast_start = "17:00"\n', ("RULE_WINDOWS_OUTSIDE_SHIFT", "windows.last_start", 2)),
        ("[city\n", ("RULE_SYNTAX", "", 1)),
        ("[city]\nname = 'x'\nname = 'y'\n", ("RULE_SYNTAX", "", 3)),
        ("\n\nname =", ("RULE_SYNTAX", "", 3)),
        ("x = " + "[" * 100_000, ("RULE_SYNTAX", "", 1)),
    ],
)
def test_a_wrong_file_is_refused_with_key_line_and_sentence(text: str, expected: tuple[str, str, int]) -> None:
    assert found_in(text) == [expected]
    finding = refusal(text).findings[0]
    for words in LANGUAGES:
        sentence = finding_sentence(finding, words)
        assert sentence.startswith(words.say("error.place.line", line=expected[2]))
        assert not sentence.endswith(words.say("error.UNTOLD.sentence", code=expected[0]))
        assert finding_action(finding, words) != ""


def test_all_findings_come_at_once_in_the_order_of_the_lines() -> None:
    text = "[windows]\nstep_min = 3\n[city]\nname = 1\nmayor = 2\n[shift]\nend = 5\n"
    assert found_in(text) == [
        ("RULE_OUT_OF_RANGE", "windows.step_min", 2),
        ("RULE_NOT_A_TEXT", "city.name", 4),
        ("RULE_UNKNOWN_KEY", "city.mayor", 5),
        ("RULE_NOT_A_TIME", "shift.end", 7),
    ]


def test_the_refusal_is_bad_input_and_names_the_file_and_every_line() -> None:
    shown = present(refusal("[windows]\nstep_min = 3\n[city]\nlangauge = 'ja'\n"), Words("en"))
    assert (shown.code, shown.exit_status, shown.http_status) == ("RULES_REFUSED", 2, 422)
    assert shown.sentence == "The rules file outreach.toml cannot be taken: 2 things to correct. Nothing was changed."
    assert shown.details == (
        "Line 2: windows.step_min is 3, which is out of range.",
        "Line 4: There is no key city.langauge.",
    )
    assert finding_action(refusal("[city]\nlangauge = 'ja'\n").findings[0], Words("en")) == "Did you mean language?"


MY_NUMBER = "123456789018"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'[city]\nname = "{MY_NUMBER}"\n', 2),
        ("[city]\n# 1234-5678-9018\n", 2),
        ("# １２３４　５６７８　９０１８\n", 1),
        (f"[city]\nhall_lat = {MY_NUMBER}\n", 2),
        ("[city]\nhall_lat = 1234_5678_9018\n", 2),
        ('[city]\n\nname = "1234\\u00356789018"\n', 3),
        ('[city]\nname = """12345\\\n  6789018"""\n', 2),
        ("[city]\n'1234 5678 9018' = 1\n", 2),
        (f"[{MY_NUMBER}]\n", 1),
        (f"[city\nbroken {MY_NUMBER}", 2),
    ],
)
def test_a_my_number_anywhere_in_the_file_is_refused_and_not_repeated(text: str, line: int) -> None:
    error = refusal(text)
    assert [(found.code, found.line) for found in error.findings] == [("RULE_MY_NUMBER", line)]  # type: ignore[attr-defined]
    for words in LANGUAGES:
        shown = present(error, words)
        told = " ".join([shown.sentence, shown.action, *shown.details, str(error), repr(error.findings)])
        assert not any(part in told for part in (MY_NUMBER, "1234", "9018", "１２３４"))


def test_a_my_number_in_the_name_is_refused_without_the_name() -> None:
    error = refusal("", name=f"{MY_NUMBER}.toml")
    assert [found.code for found in error.findings] == ["RULE_PRIVATE_IN_NAME"]
    assert error.values == {"name": "", "count": 1}


def test_other_numbers_that_must_not_be_kept_are_refused_as_such() -> None:
    assert found_in("# 12345678901234567890123\n") == [("RULE_PRIVATE", "", 1)]


def test_a_file_with_a_byte_order_mark_or_windows_line_ends_is_read(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes('\ufeff[city]\r\nname = "霧島台市"\r\n'.encode())
    assert load_rules(path).city.name == "霧島台市"


def test_a_file_in_another_encoding_is_refused_by_line(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes('[city]\n# x\nname = "都城市"\n'.encode("cp932"))
    with pytest.raises(RulesError) as refused:
        load_rules(path)
    assert [(found.code, found.line) for found in refused.value.findings] == [("RULE_ENCODING", 3)]  # type: ignore[attr-defined]


def test_a_missing_file_and_a_huge_one_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        load_rules(tmp_path / NAME)
    assert (refused.value.code, refused.value.values) == ("RULES_MISSING", {"name": NAME})
    (tmp_path / NAME).write_bytes(b"#" * 1_000_001)
    with pytest.raises(RulesError) as too_large:
        load_rules(tmp_path / NAME)
    assert [found.code for found in too_large.value.findings] == ["RULE_FILE_TOO_LARGE"]


BASE = rules_data(Rules())
leaves = [
    (section, key) for section, fields in BASE.items() for key, value in fields.items() if not isinstance(value, dict)
]
junk = st.one_of(
    st.integers(-5, 2000),
    st.floats(-10, 100, allow_nan=False),
    st.booleans(),
    st.sampled_from(["", "ja", "ask", "10:00", "2026-12-01", "12-29..01-03", "mon", "x" * 200]),
    st.lists(st.sampled_from([1, 2, 9, "mon", "sun", "2026-12-01", "01-01"]), max_size=3),
    st.just({"a": 1}),
)


@given(st.dictionaries(st.sampled_from(leaves), junk, min_size=1, max_size=4))
def test_whatever_is_written_gives_rules_or_findings_with_words(entries: dict[tuple[str, str], Any]) -> None:
    changes: dict[str, dict[str, Any]] = {}
    for (section, key), value in entries.items():
        changes.setdefault(section, {})[key] = value
    text = ""
    for section, fields in changes.items():
        text += f"[{section}]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in fields.items())
    try:
        expected: Rules | None = amended(Rules(), changes)
    except ValidationError:
        expected = None
    if expected is not None:
        assert read_rules(text, name=NAME) == expected
        return
    error = refusal(text)
    assert error.findings
    lines = text.count("\n")
    for found in error.findings:
        assert 1 <= found.line <= lines  # type: ignore[attr-defined]
        for words in LANGUAGES:
            assert words.say("error.UNTOLD.sentence", code=found.code) not in finding_sentence(found, words)
        assert found.code != "RULE_REFUSED"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{ a = 1 }"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def test_a_file_cut_off_anywhere_is_read_as_far_as_it_goes_or_refused_in_words() -> None:
    text = write_rules(Rules(), Words("ja"))
    codes = set()
    for cut in random.Random(1).sample(range(len(text)), 60):
        try:
            read_rules(text[:cut], name=NAME)
        except RulesError as refused:
            codes |= {found.code for found in refused.findings}
    assert "RULE_SYNTAX" in codes
    assert codes <= {"RULE_SYNTAX", "RULE_OUT_OF_RANGE", "RULE_PENALTY_TOO_LOW", "RULE_PENALTIES_OUT_OF_ORDER"}
