from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.programme.toml_lines import key_lines, line_of

EXAMPLE = '''# comment with [table] and key = 1

top = 1
"quoted key" = "a # b"
[shift]  # a header
start = "08:30"
lunch . min = 60
text = """first
[not.a.header]
not = "a key"
"""
after = \'\'\'
x = 1
\'\'\'
list = [
  "a",  # one, two
  [1, 2],
  { name = "b", days = ["c"] },
]
when = 2026-12-01 08:30:00
[[bands]]
km = 3
[[bands]]
km = 5
[bands.more]
speed = 20.5
'''


def test_every_key_table_and_list_item_has_its_own_line() -> None:
    tomllib.loads(EXAMPLE)
    assert key_lines(EXAMPLE) == {
        ("top",): 3,
        ("quoted key",): 4,
        ("shift",): 5,
        ("shift", "start"): 6,
        ("shift", "lunch"): 7,
        ("shift", "lunch", "min"): 7,
        ("shift", "text"): 8,
        ("shift", "after"): 12,
        ("shift", "list"): 15,
        ("shift", "list", 0): 16,
        ("shift", "list", 1): 17,
        ("shift", "list", 1, 0): 17,
        ("shift", "list", 1, 1): 17,
        ("shift", "list", 2): 18,
        ("shift", "list", 2, "name"): 18,
        ("shift", "list", 2, "days"): 18,
        ("shift", "list", 2, "days", 0): 18,
        ("shift", "when"): 20,
        ("bands",): 21,
        ("bands", 0): 21,
        ("bands", 0, "km"): 22,
        ("bands", 1): 23,
        ("bands", 1, "km"): 24,
        ("bands", 1, "more"): 25,
        ("bands", 1, "more", "speed"): 26,
    }


def test_windows_line_ends_count_once() -> None:
    assert key_lines("a = 1\r\n\r\nb = [\r\n1]\r\n") == {("a",): 1, ("b",): 3, ("b", 0): 4}


@pytest.mark.parametrize(
    "value",
    [
        r'"a \" = \\"',
        "'a \\'",
        '"""a " "" \\""" b"""',
        '""""quoted""""',
        "'''''two'''''",
        '""',
        "[]",
        "{}",
        "[ # c ]\n]",
        "-1_000",
        "inf",
        "2026-12-01T08:30:00+09:00",
        "true# not content",
    ],
)
def test_the_key_after_any_value_is_found(value: str) -> None:
    text = f"a = {value}\nafter = 1\n"
    tomllib.loads(text)
    assert key_lines(text)[("after",)] == text.count("\n")


def test_a_path_that_is_not_there_stands_at_the_nearest_table_around_it() -> None:
    lines = key_lines("\n[shift]\nstart = 1\n")
    assert line_of(lines, ("shift", "start")) == 3
    assert line_of(lines, ("shift", "end", 2)) == 2
    assert line_of(lines, ("windows", "first")) == 1


scalars = st.one_of(
    st.integers(-1000, 1000).map(str),
    st.booleans().map(lambda value: str(value).lower()),
    st.text("ab[]{}#,='. \\", max_size=8).map(lambda text: '"' + text.replace("\\", "\\\\") + '"'),
    st.text('ab[]{}#,=". \\', max_size=8).map(lambda text: f"'{text}'"),
    st.text('ab\n[]=#"\\', max_size=8).map(lambda text: f"'''{text}'''"),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3).map(lambda items: "[" + ", # x ]\n".join([*items, "]"])),
    max_leaves=6,
)


@given(st.lists(st.tuples(st.sampled_from(["a", "b-c", '"d.e"', "f.g"]), values), max_size=5))
def test_lines_are_those_the_text_was_written_on(entries: list[tuple[str, Any]]) -> None:
    text, expected = "", {}
    for number, (key, value) in enumerate(entries):
        text += f"\n[t{number}]\n"
        expected[(f"t{number}", *[part.strip('"') for part in ([key] if '"' in key else key.split("."))])] = (
            text.count("\n") + 1
        )
        text += f"{key} = {value} # end\n"
    tomllib.loads(text)
    found = key_lines(text)
    assert {path: found[path] for path in expected} == expected
