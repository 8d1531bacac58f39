"""Who may have a visit: the city's rules as values, judged on the answers, told as findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bookings.findings import Finding, Severity


class Verdict(StrEnum):
    """What a rule does when an answer runs against it: turn the booking down, ask until accepted, or nothing."""

    REFUSE = "refuse"
    ASK = "ask"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True)
class EligibilityRules:
    """The city's rules on who may have a visit. The defaults are those of DOMAIN.md.

    ``moving_months`` is the number of months the clerk names in the question; the answer is yes or no. A question that
    was not answered, or answered with ``unknown``, runs against no rule: it stays open. ``group_visit_types`` are the
    visit types with no upper bound by household but a least number of people.
    """

    not_resident: Verdict = Verdict.REFUSE
    moving_soon: Verdict = Verdict.REFUSE
    moving_months: int = 2
    no_parking: Verdict = Verdict.ASK
    child_without_parent: Verdict = Verdict.REFUSE
    child_age: int = 15
    guardianship: Verdict = Verdict.ASK
    people_most: int = 6
    group_least: int = 5
    group_visit_types: frozenset[str] = frozenset({"group"})

    def __post_init__(self) -> None:
        for name in ("moving_months", "child_age", "people_most", "group_least"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the rules look at: choices by field (only those that were answered) and the numbers of people."""

    choices: Mapping[str, str]
    people: int | None = None
    under_15: int | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say: ``refusals`` are the codes of the rules that turn it down, in the script's order."""

    refusals: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def refused_by(self) -> str | None:
        """The first of them, which the booking keeps."""
        return self.refusals[0] if self.refusals else None


def judge(circumstances: Circumstances, rules: EligibilityRules) -> Judgement:
    """Judge one booking by every rule.

    A rule that asks gives a confirm; a rule that refuses gives an error finding with the same code and names the
    refusal. The number of people is no refusal: ``TOO_MANY_PEOPLE`` and ``GROUP_TOO_SMALL`` are errors that name the
    other kind of visit, and the booking stays a draft until one of the two is changed.
    """
    said = circumstances.choices
    children = circumstances.under_15 or 0
    broken: tuple[tuple[str, str, Verdict, bool, dict[str, object]], ...] = (
        ("resident", "NOT_RESIDENT", rules.not_resident, said.get("resident") == "no", {}),
        (
            "moving_soon",
            "MOVING_SOON",
            rules.moving_soon,
            said.get("moving_soon") == "yes",
            {"months": rules.moving_months},
        ),
        (
            "parent_present",
            "CHILD_WITHOUT_PARENT",
            rules.child_without_parent,
            children > 0 and said.get("parent_present") == "no",
            {"age": rules.child_age, "under_15": children},
        ),
        ("guardianship", "GUARDIANSHIP", rules.guardianship, said.get("guardianship") == "yes", {}),
        ("parking", "NO_PARKING", rules.no_parking, said.get("parking") == "no", {}),
    )
    findings = [*_numbers(circumstances, rules)]
    refusals: list[str] = []
    for field, code, verdict, against, values in broken:
        if not against or verdict is Verdict.IGNORE:
            continue
        if verdict is Verdict.REFUSE:
            refusals.append(code)
            findings.append(Finding(field, code, Severity.ERROR, values))
        else:
            findings.append(Finding(field, code, Severity.CONFIRM, values))
    return Judgement(tuple(refusals), tuple(findings))


def _numbers(circumstances: Circumstances, rules: EligibilityRules) -> list[Finding]:
    people, children = circumstances.people, circumstances.under_15
    if people is None:
        return []
    findings = []
    values = {"people": people, "people_most": rules.people_most, "group_least": rules.group_least}
    if circumstances.choices.get("visit_type") in rules.group_visit_types:
        if people < rules.group_least:
            findings.append(Finding("people", "GROUP_TOO_SMALL", Severity.ERROR, values))
    elif people > rules.people_most:
        findings.append(Finding("people", "TOO_MANY_PEOPLE", Severity.ERROR, values))
    if children is not None and children > people:
        findings.append(
            Finding("under_15", "CHILDREN_OVER_PEOPLE", Severity.ERROR, {"under_15": children, "people": people})
        )
    return findings
