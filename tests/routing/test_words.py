"""Every code this library can speak has its sentence and its action in both languages, with the values it carries."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import routing
from outreach.words import LANGUAGES, Words
from routing.plan import Reason

SOURCES = [
    path
    for path in Path(routing.__file__).parent.rglob("*.py")
    if path.name not in ("check.py", "violations.py") and "checking" not in path.parts
]
RAISED = re.compile(r'(?:refuse|Error|_Unreadable|_require_known)\(\s*"([A-Z][A-Z0-9_]+)"')
INFEASIBLE = re.compile(r'Infeasible\(\s*"([A-Z][A-Z0-9_]+)"')

VALUES: dict[str, dict[str, object]] = {
    "NEEDS_UNMET": {"missing": ("wheelchair",)},
    "LEG_TOO_LONG": {"driving_s": 4000, "limit_s": 3600},
    "OUTSIDE_SHIFT": {"return_s": 63_000, "shift_end_s": 62_100},
    "CROWDED_OUT": {"best_detour_s": None, "drop_penalty_s": 60_000},
    "CONFLICT": {"with": ()},
    "PINNED_ELSEWHERE": {"pinned_shift": "van-2"},
    "WINDOW_MISSED": {"earliest_start_s": 40_200, "latest_close_s": 39_600},
    "SHIFT_OVER": {"return_s": 63_000, "shift_end_s": 62_100},
}


def codes(pattern: re.Pattern[str]) -> set[str]:
    return {code for path in SOURCES for code in pattern.findall(path.read_text(encoding="utf-8"))}


def test_the_search_for_codes_finds_them() -> None:
    assert {"WINDOW_BACKWARDS", "NOT_JSON", "SOLVER_KILLED", "UNKNOWN_PLACE", "NUMBER_TOO_LONG"} <= codes(RAISED)
    assert {"PINNED_ELSEWHERE", "NO_ROOM", "WINDOW_MISSED"} <= codes(INFEASIBLE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_has_its_words(language: str) -> None:
    words = Words(language)
    keys = {f"error.{code}.{part}" for code in codes(RAISED) for part in ("sentence", "action")}
    assert keys - words.keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_said_with_the_values_it_carries(language: str) -> None:
    words = Words(language)
    for code in {reason.value for reason in Reason} | codes(INFEASIBLE):
        for part in ("sentence", "action"):
            assert words.say(f"reason.{code}.{part}", **VALUES.get(code, {}))
