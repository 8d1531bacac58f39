"""Dives, and what the search counts as work."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.booked import book_day
from benchmarks.days import SERVICE_MIN, generate_day
from routing.solver.anytime import best_day
from routing.solver.budget import SearchBudget
from routing.solver.exact.columns import Columns
from routing.solver.exact.diving import dive
from routing.solver.exact.master import Master
from routing.solver.exact.prove import Proved
from routing.solver.spending import Spending
from tests.routing.exact.proofs import ENOUGH, network


@pytest.mark.parametrize("seed", range(4))
def test_a_dive_that_turns_back_ends_with_routes_that_go_together(seed: int) -> None:
    net = network(generate_day(14, 3, seed))
    columns = Columns(net, Master(net), Spending(ENOUGH))
    assert columns.rough()
    routes = dive(net, columns.master, 0, Spending(ENOUGH))
    assert routes
    served = Counter(visit for _, numbers in routes for visit in numbers)
    driven = Counter(lane for lane, _ in routes)
    assert set(served.values()) == {1}
    assert [lane for lane, count in driven.items() if count > net.counts[lane]] == []
    for lane, numbers in routes:
        assert net.driving_s(lane, numbers) > 0


def test_a_dive_that_may_go_on_serves_everybody_who_fits() -> None:
    net = network(generate_day(14, 3, 1))
    columns = Columns(net, Master(net), Spending(ENOUGH))
    assert columns.rough()
    routes = dive(net, columns.master, net.ceiling_s, Spending(ENOUGH))
    assert routes is not None
    assert sorted(visit for _, numbers in routes for visit in numbers) == list(range(14))


@pytest.mark.parametrize("seed", [1, 2])
def test_where_more_wait_than_fit_every_bound_told_lies_below_the_best_day(seed: int) -> None:
    net = network(book_day(24, 2, seed, service_min=SERVICE_MIN, over_full=True))
    told: list[Proved] = []
    best = best_day(net, Spending(SearchBudget(solutions=3000)), tell=told.append)
    assert best.optimal
    assert best.routes is not None
    assert len([visit for _, numbers in best.routes for visit in numbers]) < 24
    assert max(state.bound_s for state in told) <= best.cost_s
    assert sorted((state.cost_s for state in told), reverse=True) == [state.cost_s for state in told]


def test_labels_count_as_steps_where_steps_are_counted() -> None:
    spending = Spending(SearchBudget(solutions=10))
    spending.count_labels(4_999)
    assert spending.left == 10
    spending.count_labels(25_000)
    assert spending.left == 5
    assert spending.labels(1_500_000) == 1_500_000


def test_when_time_is_up_few_labels_may_be_made() -> None:
    spending = Spending(SearchBudget(cpu_seconds=1e-9))
    assert spending.over
    assert spending.labels(1_500_000) == 300_000
    assert spending.labels(400) == 400
