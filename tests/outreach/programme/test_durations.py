from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.errors import BadInput
from outreach.programme.durations import drop_penalty_s, is_group, needs_of, service_minutes, service_s
from outreach.programme.rules import Rules, amended

RULES = Rules()


@pytest.mark.parametrize(
    ("people", "under_15", "access", "minutes"),
    [
        (1, 0, "yes", 30),
        (2, 0, "yes", 40),
        (6, 0, "yes", 80),
        (1, 0, "chair", 30),
        (1, 0, "wheelchair", 40),
        (1, 0, "no", 40),
        (2, 1, "yes", 45),
        (3, 2, "no", 70),
        (1, 0, None, 30),
    ],
)
def test_a_visit_takes_set_up_everybody_in_turn_and_packing(
    people: int, under_15: int, access: str | None, minutes: int
) -> None:
    assert service_minutes(RULES, "new_card", people, under_15, access) == minutes
    assert service_s(RULES, "new_card", people, under_15, access) == minutes * 60


def test_the_minutes_of_one_type_change_only_that_type() -> None:
    rules = amended(RULES, {"visit_types": {"pin_reset": {"first_person_min": 5}}})
    assert service_minutes(rules, "pin_reset", 1) == 20
    assert service_minutes(rules, "new_card", 1) == 30


@given(st.integers(1, 49), st.sampled_from(["yes", "chair", "wheelchair", "no"]))
def test_one_more_person_never_takes_less_time(people: int, access: str) -> None:
    assert service_s(RULES, "group", people + 1, 0, access) == service_s(RULES, "group", people, 0, access) + 600


@pytest.mark.parametrize(("people", "under_15"), [(0, 0), (-1, 0), (1, 2), (1, -1)])
def test_impossible_numbers_of_people_are_refused(people: int, under_15: int) -> None:
    with pytest.raises(BadInput) as refused:
        service_s(RULES, "new_card", people, under_15)
    assert (refused.value.code, refused.value.values) == ("PEOPLE_IMPOSSIBLE", {"people": people, "under_15": under_15})


@pytest.mark.parametrize("code", ["", "passport", "of", "model_fields", "New_Card"])
def test_an_unknown_visit_type_or_access_is_refused(code: str) -> None:
    with pytest.raises(BadInput) as refused:
        drop_penalty_s(RULES, code)
    assert refused.value.code == "VISIT_TYPE_UNKNOWN"
    with pytest.raises(BadInput) as refused:
        service_s(RULES, "new_card", 1, 0, code)
    assert refused.value.code == "ACCESS_UNKNOWN"


def test_the_penalty_follows_the_priority_of_the_type() -> None:
    assert [drop_penalty_s(RULES, code) for code in ("card_renewal", "new_card", "smartphone_help")] == [
        120_000,
        60_000,
        30_000,
    ]
    assert drop_penalty_s(amended(RULES, {"visit_types": {"new_card": {"priority": "low"}}}), "new_card") == 30_000


def test_needs_are_those_of_the_type_and_of_the_access_together() -> None:
    rules = amended(
        RULES,
        {
            "visit_types": {"new_card": {"needs": ["tablet", "camera"]}},
            "access": {"wheelchair": {"needs": ["wheelchair", "tablet"]}},
        },
    )
    assert needs_of(rules, "new_card", "wheelchair") == ("camera", "tablet", "wheelchair")
    assert needs_of(rules, "new_card") == ("camera", "tablet")
    assert needs_of(rules, "unknown", "yes") == ()


def test_groups_are_what_the_rules_call_so() -> None:
    assert [code for code in type(RULES.visit_types).model_fields if is_group(RULES, code)] == [
        "smartphone_help",
        "group",
    ]
