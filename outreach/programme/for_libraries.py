"""Fills what the libraries declare of a city's rules: their own small value types, so that they never read the file."""

from __future__ import annotations

from bookings.eligibility import EligibilityRules, Verdict
from outreach.programme.rules import Rules
from routing.travel import EstimatedTravel, SpeedBand


def eligibility_rules(rules: Rules) -> EligibilityRules:
    """Return who may have a visit, as the intake judges it."""
    eligibility, people = rules.eligibility, rules.people
    kinds = type(rules.visit_types).model_fields
    return EligibilityRules(
        not_resident=Verdict(eligibility.not_resident),
        moving_soon=Verdict(eligibility.moving_soon),
        moving_months=eligibility.moving_months,
        no_parking=Verdict(eligibility.no_parking),
        child_without_parent=Verdict(eligibility.child_without_parent),
        guardianship=Verdict(eligibility.guardianship),
        people_most=people.home_most,
        group_least=people.group_least,
        group_visit_types=frozenset(code for code in kinds if getattr(rules.visit_types, code).for_groups),
    )


def travel_estimate(rules: Rules) -> EstimatedTravel:
    """Return the estimator of travel times that the city's detour and speeds make."""
    travel = rules.travel
    bands = (SpeedBand(round(band.up_to_km * 1000), band.speed_kmh) for band in travel.speed_bands)
    return EstimatedTravel(travel.detour, travel.speed_kmh, tuple(bands))
