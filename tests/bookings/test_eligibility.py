"""The city's rules turn down, ask or stay silent; what was not answered runs against no rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bookings.eligibility import Circumstances, EligibilityRules, Judgement, Verdict, judge
from bookings.findings import Finding, Severity

RULES = EligibilityRules()
A_HOUSEHOLD = Circumstances(
    choices={"visit_type": "new_card", "resident": "yes", "moving_soon": "no", "parking": "yes", "guardianship": "no"},
    people=3,
    under_15=1,
)


def answered(people: int | None = 3, under_15: int | None = 1, **choices: str) -> Circumstances:
    return Circumstances({**A_HOUSEHOLD.choices, **choices}, people, under_15)


def test_an_ordinary_household_is_welcome() -> None:
    assert judge(A_HOUSEHOLD, RULES) == Judgement((), ())


def test_nothing_said_runs_against_no_rule() -> None:
    assert judge(Circumstances({}), RULES) == Judgement((), ())


def test_unknown_runs_against_no_rule() -> None:
    unknown = dict.fromkeys(("resident", "moving_soon", "parking", "guardianship", "parent_present"), "unknown")
    assert judge(answered(**unknown), RULES) == Judgement((), ())


@pytest.mark.parametrize(
    ("choices", "finding"),
    [
        ({"resident": "no"}, Finding("resident", "NOT_RESIDENT", Severity.ERROR)),
        ({"moving_soon": "yes"}, Finding("moving_soon", "MOVING_SOON", Severity.ERROR, {"months": 2})),
        (
            {"parent_present": "no"},
            Finding("parent_present", "CHILD_WITHOUT_PARENT", Severity.ERROR, {"age": 15, "under_15": 1}),
        ),
    ],
)
def test_a_refusing_rule_turns_the_booking_down(choices: dict[str, str], finding: Finding) -> None:
    assert judge(answered(**choices), RULES) == Judgement((finding.code,), (finding,))


@pytest.mark.parametrize(
    ("choices", "finding"),
    [
        ({"guardianship": "yes"}, Finding("guardianship", "GUARDIANSHIP", Severity.CONFIRM)),
        ({"parking": "no"}, Finding("parking", "NO_PARKING", Severity.CONFIRM)),
    ],
)
def test_an_asking_rule_waits_for_a_word(choices: dict[str, str], finding: Finding) -> None:
    assert judge(answered(**choices), RULES) == Judgement((), (finding,))


def test_the_city_chooses_what_a_rule_does() -> None:
    strict = replace(RULES, no_parking=Verdict.REFUSE, guardianship=Verdict.IGNORE, moving_soon=Verdict.ASK)
    judged = judge(answered(parking="no", guardianship="yes", moving_soon="yes"), strict)
    assert judged.refused_by == "NO_PARKING"
    assert [(finding.code, finding.severity) for finding in judged.findings] == [
        ("MOVING_SOON", Severity.CONFIRM),
        ("NO_PARKING", Severity.ERROR),
    ]


def test_the_first_rule_of_the_script_names_the_refusal() -> None:
    assert judge(answered(resident="no", moving_soon="yes"), RULES).refused_by == "NOT_RESIDENT"


def test_a_parent_matters_only_where_a_child_is() -> None:
    assert judge(answered(under_15=0, parent_present="no"), RULES) == Judgement((), ())


@pytest.mark.parametrize(
    ("visit_type", "people", "codes"),
    [
        ("new_card", 6, []),
        ("new_card", 7, ["TOO_MANY_PEOPLE"]),
        ("unknown", 40, ["TOO_MANY_PEOPLE"]),
        ("group", 12, []),
        ("group", 5, []),
        ("group", 4, ["GROUP_TOO_SMALL"]),
    ],
)
def test_the_number_of_people_decides_between_home_and_group(visit_type: str, people: int, codes: list[str]) -> None:
    judged = judge(answered(people=people, under_15=0, visit_type=visit_type), RULES)
    assert judged.refused_by is None
    assert [finding.code for finding in judged.findings] == codes


def test_too_many_people_names_both_numbers() -> None:
    (finding,) = judge(answered(people=9), RULES).findings
    assert finding.values == {"people": 9, "people_most": 6, "group_least": 5}


def test_more_children_than_people_cannot_be() -> None:
    (finding,) = judge(answered(people=2, under_15=3), RULES).findings
    assert finding == Finding("under_15", "CHILDREN_OVER_PEOPLE", Severity.ERROR, {"under_15": 3, "people": 2})


def test_rules_without_a_number_are_refused() -> None:
    with pytest.raises(ValueError, match="people_most must be at least 1, not 0"):
        replace(RULES, people_most=0)
