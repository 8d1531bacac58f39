"""A reason for leaving a visit out is refuted exactly where trying the visit alone refutes it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from routing.check import ViolationCode, check
from routing.plan import Reason, Unassigned
from routing.problem import Break, Visit, Window
from tests.conftest import Soak
from tests.routing.check.days import DAWN_S, Day, empty_plan, random_day


@pytest.mark.heavy
def test_what_fits_alone_is_what_trying_finds(soak: Soak) -> None:
    told: set[tuple[Reason, bool]] = set()
    template = random_day(soak.rng)
    for _ in range(soak.count(8000)):
        day, visit = tight_day(template, soak.rng)
        fits_without_break = day.without_breaks.can_drive(day.without_breaks.problem.shifts[0], (visit,))
        fits = day.can_drive(day.problem.shifts[0], (visit,))
        true = {
            Reason.OUTSIDE_SHIFT: not fits_without_break,
            Reason.BREAK_IN_THE_WAY: fits_without_break and not fits,
            Reason.CROWDED_OUT: fits,
        }
        for reason, is_true in true.items():
            assert is_refuted(day, visit, reason) == (not is_true), (reason, day)
            told.add((reason, is_true))
    assert len(told) == 6


def is_refuted(day: Day, visit: Visit, reason: Reason) -> bool:
    plan = replace(
        empty_plan(day.problem, ()), objective_s=visit.drop_penalty_s, unassigned=(Unassigned(visit.id, reason),)
    )
    codes = [violation.code for violation in check(day.problem, plan)]
    assert set(codes) <= {ViolationCode.REASON_FALSE}
    return codes != []


def tight_day(template: Day, rng: random.Random) -> tuple[Day, Visit]:
    """One visit and one shift hardly long enough for it, with a break that is often in the way."""
    unit_s = template.unit_s
    start, there, back, service = rng.randint(0, 5), rng.randint(0, 6), rng.randint(0, 6), rng.randint(1, 5)
    length = rng.randint(1, 6)
    end = start + there + service + back + rng.randint(0, length + 3)
    earliest = rng.randint(max(0, start - 2), end)
    rest = Break(length * unit_s, at(unit_s, earliest), at(unit_s, earliest + rng.randint(0, 4)))
    opens = start + there + rng.randint(-3, 6)
    windows = [Window(at(unit_s, opens), at(unit_s, opens + rng.randint(0, 4)))]
    if rng.random() < 0.3:
        windows.append(Window(at(unit_s, opens + 6), at(unit_s, opens + 8)))
    visit = Visit("V1", "p1", service * unit_s, tuple(windows))
    shift = replace(
        template.problem.shifts[0],
        start_place="hall",
        end_place="branch",
        start_s=at(unit_s, start),
        end_s=at(unit_s, max(end, start + 1)),
        break_=rest,
    )
    size = len(template.problem.places)
    travel_s = [[0] * size for _ in range(size)]
    hall, branch, place = (template.problem.place_index[one] for one in ("hall", "branch", "p1"))
    travel_s[hall][place], travel_s[place][branch] = there * unit_s, back * unit_s
    roads = tuple(tuple(row) for row in travel_s)
    return template.with_problem(shifts=(shift,), visits=(visit,), travel_s=roads), visit


def at(unit_s: int, units: int) -> int:
    return DAWN_S + units * unit_s
