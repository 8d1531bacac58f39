from __future__ import annotations

from bookings.answers import QUESTIONS
from bookings.eligibility import EligibilityRules, Verdict
from outreach.programme.for_libraries import eligibility_rules, travel_estimate
from outreach.programme.rules import Access, Rules, VisitTypes, amended
from routing.travel import EstimatedTravel, SpeedBand


def test_the_default_rules_fill_the_intakes_own_defaults() -> None:
    assert eligibility_rules(Rules()) == EligibilityRules(group_visit_types=frozenset({"group", "smartphone_help"}))


def test_the_citys_rules_reach_the_intake() -> None:
    changes = {"eligibility": {"not_resident": "ask", "moving_months": 3}, "people": {"home_most": 4}}
    filled = eligibility_rules(amended(Rules(), changes))
    assert (filled.not_resident, filled.moving_months, filled.people_most) == (Verdict.ASK, 3, 4)


def test_the_default_rules_fill_the_estimators_own_defaults() -> None:
    assert travel_estimate(Rules()) == EstimatedTravel()


def test_the_citys_speeds_reach_the_estimator() -> None:
    changes = {"travel": {"detour": 1.5, "speed_bands": [{"up_to_km": 2.5, "speed_kmh": 20}]}}
    assert travel_estimate(amended(Rules(), changes)) == EstimatedTravel(1.5, 33.0, (SpeedBand(2500, 20.0),))


def test_the_rules_know_every_visit_type_and_every_access_a_booking_can_have() -> None:
    assert set(VisitTypes.model_fields) == set(QUESTIONS["visit_type"].choices)
    assert set(Access.model_fields) == set(QUESTIONS["access"].choices)
