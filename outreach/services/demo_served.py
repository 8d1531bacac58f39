"""The demo as pages: the fictional city with its fortnight of calls and two accounts, in a home of its own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from outreach.errors import NotFound
from outreach.programme.settings import Settings
from outreach.services import accounts
from outreach.services.demo import Progress, demo_settings, run_demo
from outreach.services.office import Office, open_office
from outreach.words import Words

FOLDER = "demo"
"""Below the home: a real city's own things are not touched."""

READY = "READY-TO-SERVE"
"""A file that is written last: a demo without it was interrupted, and is made anew."""

_LETTERS = "abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demo with the password it has until the next start."""

    name: str
    role: str
    password: str


@dataclass(frozen=True, slots=True)
class DemoServed:
    """A demo that can be served: its settings, with the clock that stands still, and who may sign in."""

    settings: Settings
    accounts: tuple[DemoAccount, ...]


def demo_to_serve(settings: Settings, words: Words, progress: Progress) -> DemoServed:
    """Set the demo up, once, below the home, and give its accounts new passwords at every start.

    Raises:
        Refused: ``HOME_NOT_DEMO`` where there is something else already.
    """
    folder = settings.home / FOLDER
    own = demo_settings(replace(settings, home=(folder / "home").absolute()))
    if not (folder / READY).is_file():
        run_demo(replace(settings, now=own.now), folder, words, progress)
        (folder / READY).touch()
    office = open_office(own, who="demo")
    try:
        return DemoServed(own, tuple(_account(office, role) for role in ("clerk", "manager")))
    finally:
        office.engine.dispose()


def _account(office: Office, role: str) -> DemoAccount:
    password = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    try:
        accounts.set_password(office, role, password, must_change=False)
        accounts.enable(office, role)
    except NotFound:
        accounts.add(office, role, role, password, must_change=False)
    return DemoAccount(role, role, password)
