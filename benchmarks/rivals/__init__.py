"""Everybody who solves the days: the product and three others, each on one thread, with one question put to all.

A solver is a module with ``NAME``, ``version()`` (``None`` where it is not installed), ``refuses(case)`` (why it cannot
have this day, or ``None``) and ``solve(case, seconds)``, seconds of CPU where it can count them.
"""

from __future__ import annotations

from typing import Protocol

from benchmarks.case import Answer, Case
from benchmarks.rivals import ortools, ours, proof, pyvrp, vroom


class Solver(Protocol):
    """What a module here looks like."""

    NAME: str

    def version(self) -> str | None:
        """Its version, ``None`` where it is not installed."""

    def refuses(self, case: Case) -> str | None:
        """Why it cannot have this day, or ``None``."""

    def warm(self) -> None:
        """Load and compile everything, so that this is not measured."""

    def solve(self, case: Case, seconds: float) -> Answer:
        """The best day it finds in so many seconds."""


SOLVERS: dict[str, Solver] = {module.NAME: module for module in (ours, proof, ortools, vroom, pyvrp)}

MISSING = "not installed (requirements/bench.txt): left out"


def installed(names: tuple[str, ...]) -> dict[str, str]:
    """Of these solvers those that are here, with their versions."""
    versions = {name: SOLVERS[name].version() for name in names}
    return {name: version for name, version in versions.items() if version is not None}
