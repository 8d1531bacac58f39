"""Labels against the schedule: the routes they list are those that can be driven, at their price, and no others."""

from __future__ import annotations

import random
import subprocess
import sys
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

from routing.plan import Route
from routing.problem import DayProblem
from routing.schedule import schedule_route
from routing.solver.compiled import compiled, inlined
from routing.solver.exact.cuts import Cut, cut_bits, violated
from routing.solver.exact.labels import ENDLESS, SCALE, Prices
from routing.solver.exact.network import Network
from routing.solver.exact.pricing import Pricer
from routing.solver.ruin import Ruiner
from tests.conftest import Soak
from tests.routing.exact.proofs import network, task_of
from tests.routing.ruled_days import ruled_day

ROOT = Path(__file__).parents[3]


def prices(net: Network, rng: random.Random | None = None, cuts: list[Cut] | None = None) -> Prices:
    """Random prices and charges, or none at all."""
    lanes, size = len(net.counts), net.size
    charges = [rng.randrange(1, 900) * SCALE for _ in cuts] if rng is not None and cuts is not None else []
    lo, hi, table, _ = cut_bits(cuts or [], charges, size)
    visit = [rng.randrange(3000) * SCALE + rng.randrange(SCALE) if rng else 0 for _ in range(size)]
    lane = [-rng.randrange(500) * SCALE if rng else 0 for _ in range(lanes)]
    return Prices(np.array(visit, dtype=np.int64), np.array(lane, dtype=np.int64), lo, hi, table, SCALE)


def driven(problem: DayProblem, net: Network, lane: int) -> dict[frozenset[int], int]:
    """The shortest legal order of every set of visits on a lane, tried one by one with the schedule as the judge."""
    shift = problem.shift_by_id[net.shifts[lane][0]]
    best: dict[frozenset[int], int] = {}
    for length in range(1, net.size + 1):
        for order in permutations(range(net.size), length):
            route = schedule_route(problem, shift, [net.visits[number] for number in order])
            if isinstance(route, Route):
                key = frozenset(order)
                best[key] = min(best.get(key, route.travel_s), route.travel_s)
    return best


def listed(net: Network, lane: int, asked: Prices, ceiling: int) -> dict[frozenset[int], int]:
    stops = Pricer(net).every_route(lane, asked, ceiling, most_labels=100_000, most=100_000)
    assert stops is not None
    routes = [tuple(visit for visit in row if visit >= 0) for row in stops.tolist()]
    assert len({frozenset(numbers) for numbers in routes}) == len(routes)
    return {frozenset(numbers): net.driving_s(lane, numbers) for numbers in routes}


@pytest.mark.heavy
def test_the_routes_listed_are_those_that_can_be_driven(soak: Soak) -> None:
    compared = 0
    for _ in range(soak.count(200)):
        problem = ruled_day(soak.rng, visits=5, shifts=2)
        if not task_of(problem).shifts:
            continue
        net = network(problem)
        for lane in range(len(net.counts)):
            expected = driven(problem, net, lane)
            assert listed(net, lane, prices(net), ENDLESS) == expected
            compared += len(expected)
    soak.table("routes", compared)
    assert compared > 0


@pytest.mark.heavy
def test_below_a_ceiling_nothing_is_missing_and_the_cheapest_is_found_by_pricing(soak: Soak) -> None:
    """With random prices and charges: the list below a ceiling and the least reduced cost are those of all routes."""
    negative = 0
    for _ in range(soak.count(200)):
        problem = ruled_day(soak.rng, visits=5, shifts=1)
        if not task_of(problem).shifts:
            continue
        net = network(problem)
        cuts = [(0, 1, 2), (1, 2, 3), (0, 3, 4)]
        asked = prices(net, soak.rng, cuts)
        charges = {cut: int(asked.cut[0, 1 << place]) for place, cut in enumerate(_by_charge(asked, cuts))}
        reduced = {
            served: SCALE * driving_s
            - int(asked.lane[0])
            - sum(int(asked.visit[number]) for number in served)
            + sum(charge for cut, charge in charges.items() if len(served.intersection(cut)) >= 2)
            for served, driving_s in driven(problem, net, 0).items()
        }
        ceiling = soak.rng.randrange(-3000, 3000) * SCALE
        assert set(listed(net, 0, asked, ceiling)) == {served for served, cost in reduced.items() if cost < ceiling}
        found = Pricer(net).price(asked, quick=False)
        assert found.exact
        assert int(found.least[0]) == min([0, *reduced.values()])
        quick = Pricer(net).price(asked, quick=True)
        assert all(reduced[frozenset(numbers)] < 0 for _, numbers in quick.routes)
        negative += int(found.least[0]) < 0
    soak.table("negative", negative)
    assert negative > 0


def _by_charge(asked: Prices, cuts: list[Cut]) -> list[Cut]:
    """The cuts in the order of their bits."""
    places: dict[int, Cut] = {}
    for cut in cuts:
        common = int(asked.cut_lo[cut[0]]) & int(asked.cut_lo[cut[1]]) & int(asked.cut_lo[cut[2]])
        places[common.bit_length() - 1] = cut
    return [places[place] for place in sorted(places)]


def test_a_circle_of_halves_is_cut_off() -> None:
    assert violated([(0, 1), (1, 2), (0, 2)], [0.5, 0.5, 0.5], 3) == [(0, 1, 2)]
    assert violated([(0, 1), (1, 2)], [0.5, 0.5], 3) == []
    assert violated([(0, 1, 2)], [1.0], 3) == []


@pytest.mark.heavy
def test_days_of_ruin_and_recreation_can_be_driven(soak: Soak) -> None:
    for number in range(soak.count(200)):
        problem = ruled_day(soak.rng, visits=soak.rng.randrange(4, 12), shifts=soak.rng.randrange(1, 4))
        if not task_of(problem).shifts:
            continue
        net = network(problem)
        ruiner = Ruiner(net, [], seed=number, steps=200)
        ruiner.work(200)
        result = ruiner.result
        for lane, numbers in (*result.routes, *result.seen):
            shift = problem.shift_by_id[net.shifts[lane][0]]
            route = schedule_route(problem, shift, [net.visits[visit] for visit in numbers])
            assert isinstance(route, Route)
            assert route.travel_s == net.driving_s(lane, numbers)


WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None
from benchmarks.days import generate_day
from routing.solver.compiled import is_compiled
from tests.routing.exact.proofs import optimum
assert not is_compiled()
print(optimum(generate_day(8, 2, 4)))
"""


def test_without_numba_a_small_day_is_proved_all_the_same() -> None:
    from benchmarks.days import generate_day
    from tests.routing.exact.proofs import optimum

    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMBA], cwd=ROOT, check=True, capture_output=True, text=True, timeout=300
    )
    assert int(done.stdout) == optimum(generate_day(8, 2, 4))


def test_where_no_folder_may_be_written_to_loops_are_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nowhere:
        @staticmethod
        def njit(*, cache: bool = False, **options: bool) -> object:
            if cache:
                raise RuntimeError("cannot cache function: no locator available")
            return lambda function: (function, options)

    monkeypatch.setattr("routing.solver.compiled.numba", Nowhere)
    assert compiled(len) == (len, {"nogil": True})
    assert inlined(len) == (len, {"nogil": True, "forceinline": True})
