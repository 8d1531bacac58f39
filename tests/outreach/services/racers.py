"""Clerks who all want the same place at the same moment, on threads and in processes; light to import."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date as Date

from bookings.errors import BookingsError
from outreach.errors import OutreachError
from outreach.programme.rules import Rules
from outreach.programme.settings import Settings
from outreach.services import desk, slots
from outreach.services.office import Office, open_office
from routing import quote as _quote  # noqa: F401 - loaded before the processes are forked, not in each of them
from tests.outreach import once
from tests.outreach.city import MORNING, TUESDAY

STARTS_IN_S = 0.5
"""How long after a race was called all processes have their threads at the line."""

once.compile_once()  # in every process that races, however many offices it opens

Slot = tuple[Date, int, int]


@dataclass(frozen=True)
class Ran:
    """How one clerk's race ended.

    ``code``: ``won``, ``none`` (nothing was offered any more) or the code of the refusal. ``refused``: the windows that
    were refused on the way, each with its code. ``seconds``: from the start to the end.
    """

    reference: str
    code: str
    refused: tuple[tuple[Slot, str], ...] = ()
    seconds: float = 0.0


Race = Callable[[Office, str], Ran]


def outcome(attempt: Callable[[], object]) -> str:
    """The code an attempt ends with, or ``won``."""
    try:
        attempt()
    except (OutreachError, BookingsError) as error:
        return error.code
    return "won"


def at_once(attempts: Sequence[Callable[[], object]]) -> list[str]:
    """Run them on as many threads, all from the same moment on."""
    start = threading.Barrier(len(attempts))

    def run(attempt: Callable[[], object]) -> str:
        start.wait()
        return outcome(attempt)

    with ThreadPoolExecutor(len(attempts)) as pool:
        return list(pool.map(run, attempts))


def confirming(office: Office, reference: str) -> Callable[[], object]:
    """One clerk's attempt."""
    return lambda: desk.confirm(office, reference, TUESDAY, MORNING)


# -- in processes ------------------------------------------------------------------------------------------------------

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.outreach.storage.child", "tests.outreach.storage.promiser", __name__])


@contextmanager
def stables(processes: int) -> Iterator[Executor]:
    """Processes that have imported all this, to race in."""
    with ProcessPoolExecutor(processes, mp_context=_context) as pool:
        yield pool


def race_in(
    stable: Executor, processes: int, office: Office, race: Callable[..., Ran], references: Sequence[str], *more: object
) -> list[Ran]:
    """All of ``references`` at once, dealt out to the processes, each on a thread of its own."""
    starts_at = time.monotonic() + STARTS_IN_S  # this clock is the machine's, the same in all processes
    shares = [references[at::processes] for at in range(processes)]
    running = [
        stable.submit(_race_here, office.settings, office.rules, race, share, more, starts_at) for share in shares
    ]
    return [ran for share in running for ran in share.result()]


def _race_here(
    settings: Settings,
    rules: Rules,
    race: Callable[..., Ran],
    references: Sequence[str],
    more: Sequence[object],
    starts_at: float,
) -> list[Ran]:
    office = replace(open_office(settings, who="tester", channel="phone"), rules=rules)

    def run(reference: str) -> Ran:
        time.sleep(max(0.0, starts_at - time.monotonic()))
        begun = time.monotonic()
        return replace(race(office, reference, *more), seconds=time.monotonic() - begun)

    try:
        with ThreadPoolExecutor(len(references)) as pool:
            return list(pool.map(run, references))
    finally:
        office.engine.dispose()


def hold_this(office: Office, reference: str, day: Date, opens_s: int, closes_s: int) -> Ran:
    """A clerk who wants one window and no other."""
    code = outcome(lambda: desk.hold(office, reference, day, (opens_s, closes_s)))
    return Ran(reference, code)


def hold_any(office: Office, reference: str) -> Ran:
    """A clerk who asks what there is and holds the best that is still free, until nothing is offered."""
    refused: list[tuple[Slot, str]] = []
    while True:
        offers = slots.find(office, slots.Ask(reference=reference)).quotes
        if not offers:
            return Ran(reference, "none", tuple(refused))
        for offer in offers:
            slot = (offer.day, offer.opens_s, offer.closes_s)
            code = outcome(lambda slot=slot: desk.hold(office, reference, slot[0], slot[1:]))  # type: ignore[misc]
            if code == "won":
                return Ran(reference, "won", tuple(refused))
            refused.append((slot, code))
            if not code.startswith("WINDOW_"):
                return Ran(reference, code, tuple(refused))
