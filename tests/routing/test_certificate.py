"""What a bound says in words, and what becomes of a bound on a smaller day."""

from __future__ import annotations

from dataclasses import replace

import pytest

from outreach.words import LANGUAGES, Words
from routing.certificate import Says, Statement, bounded, statement_of
from routing.files import plan_sha256, read_plan, write_plan
from routing.plan import Certificate, DayPlan, PlanStatus
from routing.solver import SearchBudget, solve_day
from tests.routing.days import day, four_visits, visit, window

OPTIMAL = solve_day(four_visits, budget=SearchBudget(solutions=50))
CROWDED = day((visit("A"), visit("B", windows=(window("03:00", "03:10"),))))
"""B can never be served."""
ONE_LEFT_OUT = solve_day(CROWDED, budget=SearchBudget(solutions=50))


def known(plan: DayPlan, gap_s: int | None) -> DayPlan:
    """The plan with a bound so much below its objective."""
    assert plan.objective_s is not None
    bound_s = None if gap_s is None else plan.objective_s - gap_s
    status = PlanStatus.OPTIMAL if gap_s == 0 else PlanStatus.FEASIBLE
    return replace(plan, status=status, lower_bound_s=bound_s)


def test_the_gap_is_what_is_between_objective_and_bound() -> None:
    assert OPTIMAL.objective_s == OPTIMAL.travel_s == 3000
    assert (known(OPTIMAL, 300).gap_s, known(OPTIMAL, 300).gap) == (300, 0.1)
    assert (known(OPTIMAL, 0).gap_s, known(OPTIMAL, 0).gap) == (0, 0.0)
    assert (known(OPTIMAL, None).gap_s, known(OPTIMAL, None).gap) == (None, None)
    nothing = replace(OPTIMAL, objective_s=0, lower_bound_s=0, routes=())
    assert (nothing.gap_s, nothing.gap) == (0, 0.0)
    assert replace(OPTIMAL, objective_s=None).gap_s is None


@pytest.mark.parametrize(
    ("gap_s", "says", "saving_s", "minutes"),
    [
        (0, Says.PROVED, None, 0),
        (1, Says.AT_MOST, 1, 1),
        (60, Says.AT_MOST, 60, 1),
        (301, Says.AT_MOST, 301, 6),
        (2999, Says.AT_MOST, 2999, 50),
        (3000, Says.UNKNOWN, None, 0),
        (None, Says.UNKNOWN, None, 0),
        (-1, Says.UNKNOWN, None, 0),
    ],
)
def test_a_plan_with_everybody_on_it_says_how_much_driving_could_be_saved(
    gap_s: int | None, says: Says, saving_s: int | None, minutes: int
) -> None:
    said = statement_of(four_visits, known(OPTIMAL, gap_s))
    assert (said, said.minutes) == (Statement(says, saving_s), minutes)


def test_a_gap_as_large_as_a_visit_left_out_says_that_one_might_fit() -> None:
    assert (ONE_LEFT_OUT.travel_s, ONE_LEFT_OUT.objective_s) == (1200, 61_200)
    said = {gap_s: statement_of(CROWDED, known(ONE_LEFT_OUT, gap_s)).says for gap_s in (0, 600, 1200, 1201, 60_000)}
    assert said == {
        0: Says.PROVED,
        600: Says.AT_MOST,
        1200: Says.UNKNOWN,
        1201: Says.ONE_MORE,
        60_000: Says.ONE_MORE,
    }


def test_a_small_penalty_may_hide_in_a_small_gap() -> None:
    """One visit more would save its penalty and cost two legs at most."""
    cheap = replace(CROWDED, visits=tuple(replace(v, drop_penalty_s=7500) for v in CROWDED.visits))
    plan = replace(ONE_LEFT_OUT, objective_s=1200 + 7500)
    assert [statement_of(cheap, known(plan, gap_s)).says for gap_s in (299, 300)] == [Says.AT_MOST, Says.ONE_MORE]


def test_a_plan_that_was_not_found_says_so() -> None:
    nothing = replace(OPTIMAL, routes=(), objective_s=None, lower_bound_s=None)
    assert statement_of(four_visits, replace(nothing, status=PlanStatus.INFEASIBLE)).says is Says.CONFLICT
    assert statement_of(four_visits, replace(nothing, status=PlanStatus.UNKNOWN)).says is Says.NOT_FOUND


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_statement_has_its_sentence(language: str) -> None:
    words = Words(language)
    sentences = {words.say(f"certificate.{says.value}", minutes=6) for says in Says}
    assert len(sentences) == len(Says)
    assert "6" in words.say("certificate.AT_MOST", minutes=6)


def test_the_sentences_are_those_of_the_issue() -> None:
    words = Words("en")
    assert words.say("certificate.PROVED") == "No shorter way exists for these promises: proved."
    assert words.say("certificate.AT_MOST", minutes=6) == "At most 6 minutes could be saved."
    assert words.say("certificate.AT_MOST", minutes=1) == "At most 1 minute could be saved."


def test_a_bound_of_a_larger_day_is_taken_over_less_what_was_left_out() -> None:
    by = replace(known(ONE_LEFT_OUT, 100), certificate=Certificate("branch-and-price", 1.5, {"ortools": "9"}))
    alone = replace(CROWDED, visits=CROWDED.visits[:1])
    plan = known(replace(ONE_LEFT_OUT, objective_s=1200, unassigned=()), None)
    taken = bounded(plan, by, less_s=60_000)
    assert (taken.status, taken.lower_bound_s, taken.certificate) == (PlanStatus.FEASIBLE, 1100, by.certificate)
    assert statement_of(alone, taken) == Statement(Says.AT_MOST, 100)
    assert bounded(plan, known(by, 0), less_s=60_000).status is PlanStatus.OPTIMAL


def test_a_bound_that_does_not_hold_or_is_not_known_changes_nothing() -> None:
    plan = known(OPTIMAL, 100)
    assert bounded(plan, known(OPTIMAL, -1)) == plan
    assert bounded(plan, known(OPTIMAL, None)) == plan
    assert bounded(plan, OPTIMAL, less_s=10**9).lower_bound_s == 0


def test_a_plan_file_gives_the_whole_certificate_back() -> None:
    plan = replace(
        known(OPTIMAL, 42), certificate=Certificate("branch-and-price", 2.5, {"ortools": "9.15", "numba": "0.65"})
    )
    again = read_plan(write_plan(plan))
    assert again == plan
    assert (again.gap_s, again.problem_sha256 is not None) == (42, True)
    assert plan_sha256(again) != plan_sha256(known(OPTIMAL, 41))


def test_a_day_without_shifts_is_best_left_alone() -> None:
    plan = solve_day(replace(four_visits, shifts=()), budget=SearchBudget(solutions=1))
    assert statement_of(replace(four_visits, shifts=()), plan).says is Says.PROVED
