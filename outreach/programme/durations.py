"""What the rules say about one visit: how long it takes, what the crew must bring, how hard it is to leave out."""

from __future__ import annotations

from outreach.errors import BadInput
from outreach.programme.rules import AccessLevel, Rules, VisitType

UNKNOWN_ACCESS = "yes"
"""An open question about access adds nothing; the booking shows it as open."""


def service_s(rules: Rules, visit_type: str, people: int, under_15: int = 0, access: str | None = None) -> int:
    """Return the seconds a crew works at a visit: setting up, everybody in turn, packing.

    set-up + first person + each next person + packing, plus what the access and each person under 15 adds. It does not
    depend on the day, and once a visit is promised its seconds are stored and no rule change alters them.

    Args:
        rules: the city's rules.
        visit_type: a code of ``rules.visit_types``.
        people: how many people are served, at least one.
        under_15: how many of them are under 15.
        access: ``yes``, ``chair``, ``wheelchair``, ``no``; ``None`` where it was not asked.

    Raises:
        BadInput: ``VISIT_TYPE_UNKNOWN``, ``ACCESS_UNKNOWN``, ``PEOPLE_IMPOSSIBLE``.
    """
    kind, level = _visit_type(rules, visit_type), _access(rules, access)
    if people < 1 or not 0 <= under_15 <= people:
        raise BadInput("PEOPLE_IMPOSSIBLE", people=people, under_15=under_15)
    minutes = kind.set_up_min + kind.first_person_min + (people - 1) * kind.each_next_min + kind.packing_min
    return (minutes + level.extra_min + under_15 * rules.people.under_15_extra_min) * 60


def service_minutes(rules: Rules, visit_type: str, people: int, under_15: int = 0, access: str | None = None) -> int:
    """Return :func:`service_s` in minutes, which it always is in whole."""
    return service_s(rules, visit_type, people, under_15, access) // 60


def needs_of(rules: Rules, visit_type: str, access: str | None = None) -> tuple[str, ...]:
    """Return what a visit requires of van and crew, sorted: the needs of its type and those of its access.

    Raises:
        BadInput: ``VISIT_TYPE_UNKNOWN``, ``ACCESS_UNKNOWN``.
    """
    return tuple(sorted({*_visit_type(rules, visit_type).needs, *_access(rules, access).needs}))


def drop_penalty_s(rules: Rules, visit_type: str) -> int:
    """Return what leaving out a waiting visit weighs, in seconds of driving, by the priority of its type.

    Raises:
        BadInput: ``VISIT_TYPE_UNKNOWN``.
    """
    penalties = rules.penalties
    by_priority = {"high": penalties.high_s, "normal": penalties.normal_s, "low": penalties.low_s}
    return by_priority[_visit_type(rules, visit_type).priority]


def is_group(rules: Rules, visit_type: str) -> bool:
    """Whether a visit of that type is for a group at one place.

    Raises:
        BadInput: ``VISIT_TYPE_UNKNOWN``.
    """
    return _visit_type(rules, visit_type).for_groups


def _visit_type(rules: Rules, code: str) -> VisitType:
    found = rules.visit_types.of(code)
    if found is None:
        raise BadInput("VISIT_TYPE_UNKNOWN", known=list(type(rules.visit_types).model_fields))
    return found


def _access(rules: Rules, code: str | None) -> AccessLevel:
    found = rules.access.of(UNKNOWN_ACCESS if code is None else code)
    if found is None:
        raise BadInput("ACCESS_UNKNOWN", known=list(type(rules.access).model_fields))
    return found
