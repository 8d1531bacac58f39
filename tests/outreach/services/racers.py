"""Clerks who all want the same place at the same moment, on threads and in processes; light to import."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from bookings.errors import BookingsError
from outreach.errors import OutreachError
from outreach.programme.rules import Rules
from outreach.programme.settings import Settings
from outreach.services import desk
from outreach.services.office import Office, open_office
from tests.outreach.city import MORNING, TUESDAY


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


def confirm_many(settings: Settings, rules: Rules, references: Sequence[str]) -> list[str]:
    """What one process does: some clerks on threads of their own, all for the same window."""
    office = replace(open_office(settings), rules=rules)
    try:
        return at_once([confirming(office, reference) for reference in references])
    finally:
        office.engine.dispose()


def confirming(office: Office, reference: str) -> Callable[[], object]:
    """One clerk's attempt."""
    return lambda: desk.confirm(office, reference, TUESDAY, MORNING)
