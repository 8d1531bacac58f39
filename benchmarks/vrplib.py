"""Reads Solomon's text files and solutions as VRPLIB has them; distances become tenths, truncated.

That is how the literature counts: Euclidean distance cut off (not rounded) after one decimal, the sum of all legs
minimised, vans free. One tenth of a unit is one second of ours, so a cost of 617.1 is 6171 here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from benchmarks.case import Case, Goods
from benchmarks.days import DATE
from routing.problem import DayProblem, Place, Shift, Visit, Window

SCALE = 10


@dataclass(frozen=True, slots=True)
class Customer:
    """One line of the table; the first is the depot. Times and distances as in the file."""

    number: int
    x: int
    y: int
    demand: int
    ready: int
    due: int
    service: int


@dataclass(frozen=True, slots=True)
class Instance:
    """One file."""

    name: str
    vans: int
    capacity: int
    depot: Customer
    customers: tuple[Customer, ...]


def read_instance(text: str) -> Instance:
    """A file of Solomon's.

    Raises:
        ValueError: where it is none, with what is wrong.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    heads = [at for at, words in enumerate(lines) if words[0] in ("NUMBER", "CUST")]
    if len(heads) != 2:
        raise ValueError("not a file of Solomon's: the heads of its two tables are not there")
    vans, capacity = map(int, lines[heads[0] + 1])
    rows = [tuple(map(int, words)) for words in lines[heads[1] + 1 :]]
    if any(len(row) != 7 for row in rows) or [row[0] for row in rows] != list(range(len(rows))):
        raise ValueError("customers are not seven whole numbers each, numbered from 0")
    depot, *customers = (Customer(*row) for row in rows)
    return Instance(lines[0][0], vans, capacity, depot, tuple(customers))


def read_cost(text: str) -> int:
    """The cost of a solution file, in tenths.

    Raises:
        ValueError: where it names none.
    """
    for line in text.splitlines():
        words = line.split()
        if words and words[0] == "Cost":
            return round(float(words[1]) * SCALE)
    raise ValueError("no line begins with Cost")


def read_routes(text: str) -> list[tuple[int, ...]]:
    """The routes of a solution file, as numbers of customers."""
    return [
        tuple(map(int, line.partition(":")[2].split()))
        for line in text.splitlines()
        if line.startswith("Route") and ":" in line
    ]


def instance_at(folder: Path, name: str) -> Instance:
    """An instance of a folder."""
    return read_instance((folder / f"{name}.txt").read_text(encoding="ascii"))


def distance(one: Customer, other: Customer) -> int:
    """Tenths, cut off. By whole numbers: no floating point decides which way a tenth falls."""
    return math.isqrt(SCALE**2 * ((one.x - other.x) ** 2 + (one.y - other.y) ** 2))


def case_of(instance: Instance, customers: int) -> Case:
    """The first customers of an instance as a day: all required, every van alike."""
    chosen = (instance.depot, *instance.customers[:customers])
    places = tuple(Place(f"c{each.number}", each.x / SCALE**2, each.y / SCALE**2) for each in chosen)
    depot = instance.depot
    hours = (depot.ready * SCALE, depot.due * SCALE)
    return Case(
        name=f"{instance.name}.{customers}",
        problem=DayProblem(
            date=DATE,
            places=places,
            travel_s=tuple(tuple(distance(one, other) for other in chosen) for one in chosen),
            shifts=tuple(Shift(f"van-{n + 1}", "c0", "c0", *hours, (f"{n}a", f"{n}b")) for n in range(instance.vans)),
            visits=tuple(_visit(each) for each in chosen[1:]),
            travel_source="Solomon, truncated to one decimal",
        ),
        goods=Goods({f"c{each.number}": each.demand for each in chosen[1:]}, instance.capacity),
    )


def _visit(customer: Customer) -> Visit:
    window = Window(customer.ready * SCALE, customer.due * SCALE)
    place = f"c{customer.number}"
    return Visit(place, place, customer.service * SCALE, (window,), required=True)
