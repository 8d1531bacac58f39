"""What every use case is given: the city's rules, calendar and clock, its database, and who is acting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy import Engine

from outreach.errors import NotFound, Refused
from outreach.programme.calendar import ServiceCalendar
from outreach.programme.clock import Clock
from outreach.programme.for_libraries import travel_estimate
from outreach.programme.rules import Rules
from outreach.programme.rules_file import load_rules
from outreach.programme.settings import Settings
from outreach.storage.engine import open_engine
from outreach.storage.migrate import HEAD, current_revision
from routing.travel import EstimatedTravel


@dataclass(frozen=True)
class Office:
    """One installation at work. ``who`` and ``channel`` go into the history of everything that is changed.

    ``repeatable``: searches are bounded by a number of solutions instead of seconds, so that the same steps give the
    same plans on every machine (demo, tests).
    """

    settings: Settings
    rules: Rules
    engine: Engine
    who: str = "terminal"
    channel: str = "terminal"
    repeatable: bool = False

    @property
    def clock(self) -> Clock:
        """The clock to ask; it may stand still (``OUTREACH_NOW``)."""
        return self.settings.clock

    def now(self) -> datetime:
        """The present instant, aware, in Japanese time."""
        return self.clock.now()

    @cached_property
    def calendar(self) -> ServiceCalendar:
        """Service days, working days and windows under the city's rules."""
        return ServiceCalendar(self.rules)

    @cached_property
    def travel(self) -> EstimatedTravel:
        """The source of driving times under the city's rules, without the cache."""
        return travel_estimate(self.rules)

    def acting_as(self, who: str, channel: str) -> Office:
        """The same office with somebody else at the desk."""
        return replace(self, who=who, channel=channel)


def open_office(settings: Settings, *, who: str = "terminal", channel: str = "terminal") -> Office:
    """Open an installation that ``init`` has made.

    Raises:
        NotFound: ``HOME_NOT_SET_UP`` where there is no rules file or no database.
        RulesError: when the rules file is wrong.
        Refused: ``DATABASE_OLD`` or ``DATABASE_NEWER`` when its tables are not this programme's.
    """
    if not settings.rules_file.is_file():
        raise NotFound("HOME_NOT_SET_UP", home=str(settings.home))
    rules = load_rules(settings.rules_file)
    database = settings.database_file
    if database is not None and not database.is_file():
        raise NotFound("HOME_NOT_SET_UP", home=str(settings.home))
    engine = open_engine(settings.database_url)
    try:
        _require_current(engine, settings)
    except BaseException:
        engine.dispose()
        raise
    return Office(settings=settings, rules=rules, engine=engine, who=who, channel=channel)


def _require_current(engine: Engine, settings: Settings) -> None:
    """The tables are those this programme is written for."""
    revision = current_revision(engine)
    if revision is None:
        raise NotFound("HOME_NOT_SET_UP", home=str(settings.home))
    if revision != HEAD:
        raise Refused("DATABASE_OLD" if revision < HEAD else "DATABASE_NEWER", found=revision, expected=HEAD)
