"""Marks a day as changed where no plan is stored for it: its version is raised, what was published is outdated."""

from __future__ import annotations

from sqlmodel import Session, select

from outreach.services.office import Office
from outreach.storage.tables import Publication, ServiceDay


def touch_day(session: Session, office: Office, row: ServiceDay) -> None:
    """Raise a day's version because what it stands on changed: no plan made for what it was will be stored."""
    row.version += 1
    session.add(row)
    session.flush()
    mark_outdated(session, office, row)


def mark_outdated(session: Session, office: Office, row: ServiceDay) -> None:
    """Mark what was published for the day as outdated: people hold sheets of what is no longer so."""
    if row.published_plan_id is None:
        return
    for publication in session.exec(
        select(Publication).where(Publication.plan_version_id == row.published_plan_id)
    ).all():
        if publication.outdated_at is None:
            publication.outdated_at = office.now()
            session.add(publication)
