"""What every test may lean on: the shared data, and the size of heavy tests."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.browsers import browser as browser

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SOAKING = os.environ.get("OUTREACH_SOAK") == "1"
SEED = int(os.environ.get("OUTREACH_SEED", "20261121"))

settings.register_profile(
    "outreach",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("outreach")


IN_MEMORY = Path("/dev/shm")
ROOM_BYTES = 4 << 30
"""Free memory from which on the tests' folders are there: no test is about the disk's own slowness."""


def pytest_configure() -> None:
    """Keep the tests' folders in memory where there is room; ``--basetemp`` and pytest's own variable go first."""
    if IN_MEMORY.is_dir() and os.access(IN_MEMORY, os.W_OK) and shutil.disk_usage(IN_MEMORY).free >= ROOM_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


@pytest.fixture(scope="session", autouse=True)
def _once() -> None:
    """What does not differ from test to test is done once a process."""
    from tests.outreach import once

    once.compile_once()
    once.read_rules_once()
    once.scan_source_once()


def seeded(name: str) -> random.Random:
    """Randomness of its own for a test, the same in every process of a run."""
    return random.Random(f"{SEED}/{name}")


def taken(test: str, variants: Iterable[str], take: int, *, everything: bool = SOAKING) -> frozenset[str]:
    """The variants of a test that run: all of them under ``make soak``, else ``take`` by the seed.

    It hangs on nothing but the seed, the test's name and the names of its variants: all workers take the same.
    """
    names = sorted(set(variants))
    return frozenset(names if everything else seeded(test).sample(names, min(take, len(names))))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of the variants of a test marked ``heavy(take=n)`` run those :func:`taken`; the others are deselected, no skips.

    Of variants named on the command line it takes from those.
    """
    variants: dict[str, list[pytest.Item]] = {}
    for item in items:
        mark = item.get_closest_marker("heavy")
        if mark and "take" in mark.kwargs:
            variants.setdefault(item.nodeid.partition("[")[0], []).append(item)
    left: set[pytest.Item] = set()
    for test, found in variants.items():
        take = min(item.get_closest_marker("heavy").kwargs["take"] for item in found)  # type: ignore[union-attr]
        run = taken(test, [item.nodeid for item in found], take)
        for item in found:
            item.user_properties.append(("variants", f"{len(run)} of {len(found)}"))
        left |= {item for item in found if item.nodeid not in run}
    if left:
        config.hook.pytest_deselected(items=[item for item in items if item in left])
        items[:] = [item for item in items if item not in left]


@dataclass
class Soak:
    """How much of a heavy test runs, and its seeded randomness."""

    rng: random.Random
    table: Callable[[str, object], None]

    def count(self, full: int, *, part: int = 20) -> int:
        """``full`` under ``make soak``, a twentieth (or another part) of it otherwise; noted for the closing table."""
        count = full if SOAKING else max(1, round(full / part))
        self.table("count", f"{count} of {full}")
        return count


@pytest.fixture
def soak(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Soak:
    """A seeded sample of a heavy test: every run of the same seed does the same."""
    return Soak(rng=seeded(request.node.nodeid), table=record_property)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the project; tests that need it skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs ../shared/data, which is not here")
    return SHARED_DATA


_unwelcome_skips: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Where nothing may be skipped (CI), remember every skip but those for the shared data."""
    if report.skipped and os.environ.get("OUTREACH_NO_SKIPS") == "1" and "../shared/data" not in str(report.longrepr):
        _unwelcome_skips.append(report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _unwelcome_skips and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The table of the heavy tests: what ran how often, and what it measured."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.stats.get(outcome, []):
            if report.when == "call" and report.user_properties:
                measured = ", ".join(f"{name}: {value}" for name, value in report.user_properties)
                terminalreporter.write_line(f"{outcome} {report.nodeid} in {report.duration:.0f} s | {measured}")
    for nodeid in _unwelcome_skips:
        terminalreporter.write_line(f"skipped where nothing may be: {nodeid}", red=True)


def pytest_report_header() -> str:
    return f"outreach: seed {SEED} (OUTREACH_SEED), heavy tests {'in full' if SOAKING else 'as a seeded sample'}"
