"""Notices that the city's rules changed under plans that stand: what makes them legal is no longer what it was.

Only driving and the crews' rest make plans legal. The service time of a promise is stored with it and stays.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from sqlmodel import Session

from outreach.services._days import lunch_break
from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import RulesInForce

if TYPE_CHECKING:
    from outreach.services._recheck import DayRechecked, Progress

_THE_ROW = 1


def legality_sha256(office: Office) -> str:
    """A hash of exactly what the rules say about which plans are legal: leg limit, driving times, lunch."""
    lunch = lunch_break(office.rules)
    canonical = json.dumps(
        {
            "max_leg_s": office.rules.travel.max_leg_s,
            "lunch": None if lunch is None else [lunch.duration_s, lunch.earliest_start_s, lunch.latest_start_s],
            "travel_source": office.travel.name,
            "travel_parameters": office.travel.parameters,
        },
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def remember_rules(office: Office) -> None:
    """Keep what the rules are, where nothing was kept yet: before the first plan there is none to look through."""
    with reading(office.engine) as session:
        if session.get(RulesInForce, _THE_ROW) is not None:
            return
    with writing(office.engine) as session:
        if session.get(RulesInForce, _THE_ROW) is None:
            _put(session, office)


def notice_rules(office: Office, *, progress: Progress | None = None) -> tuple[DayRechecked, ...]:
    """Look through the days from today on, if the rules are no longer those the plans were last looked through under.

    One small read where nothing changed. Of several that notice the same change, one looks through the days.
    """
    digest = legality_sha256(office)
    with reading(office.engine) as session:
        row = session.get(RulesInForce, _THE_ROW)
    if row is None:
        remember_rules(office)
        return ()
    if row.sha256 == digest:
        return ()
    from outreach.services._recheck import recheck, touch_days  # they bring the solver along

    with writing(office.engine) as session:
        row = session.get_one(RulesInForce, _THE_ROW)
        if row.sha256 == digest:
            return ()
        row.sha256, row.since = digest, office.now()
        session.add(row)
        days = touch_days(session, office, office.clock.today(), None, "rules_change", {})
    return recheck(office, days, cause="rules_change", progress=progress)


def _put(session: Session, office: Office) -> None:
    session.add(RulesInForce(id=_THE_ROW, sha256=legality_sha256(office), since=office.now()))
