"""Travel times with the database behind them: what a source once computed is read, the rest is computed and kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select as sql_select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from outreach.services.office import Office
from outreach.storage.engine import reading, writing
from outreach.storage.tables import TravelTime
from routing.problem import Place
from routing.travel import CachedTravel, Leg, LegTravel, TravelMatrix

_COLUMNS = tuple(
    col(column)
    for column in (
        TravelTime.from_lat,
        TravelTime.from_lon,
        TravelTime.to_lat,
        TravelTime.to_lon,
        TravelTime.seconds,
        TravelTime.metres,
    )
)

_ROWS_AT_ONCE = 500
"""Rows of one insert: seven values each, well under what either database takes."""


def travel_matrix(office: Office, places: Sequence[Place]) -> TravelMatrix:
    """Driving between all of ``places``. Uses short transactions of its own, so it is called between transactions."""

    def lookup(source: str, parameters_sha256: str, legs: Iterable[Leg]) -> Mapping[Leg, LegTravel]:
        wanted = set(legs)
        latitudes = sorted({point[0] for leg in wanted for point in leg})
        longitudes = sorted({point[1] for leg in wanted for point in leg})
        with reading(office.engine) as session:
            # Columns, not objects: a day of fifteen visits has some three hundred legs.
            rows = session.execute(
                sql_select(*_COLUMNS).where(
                    col(TravelTime.source) == source,
                    col(TravelTime.parameters_sha256) == parameters_sha256,
                    col(TravelTime.from_lat).in_(latitudes),
                    col(TravelTime.to_lat).in_(latitudes),
                    col(TravelTime.from_lon).in_(longitudes),
                    col(TravelTime.to_lon).in_(longitudes),
                )
            ).all()
        known = {((row[0], row[1]), (row[2], row[3])): (row[4], row[5]) for row in rows}
        return {leg: travel for leg, travel in known.items() if leg in wanted}

    def store(source: str, parameters_sha256: str, legs: Mapping[Leg, LegTravel]) -> None:
        rows = [
            {
                "source": source,
                "parameters_sha256": parameters_sha256,
                "from_lat": start[0],
                "from_lon": start[1],
                "to_lat": end[0],
                "to_lon": end[1],
                "seconds": seconds,
                "metres": metres,
            }
            for (start, end), (seconds, metres) in legs.items()
        ]
        insert = postgresql.insert if office.engine.dialect.name == "postgresql" else sqlite.insert
        with writing(office.engine) as session:
            for first in range(0, len(rows), _ROWS_AT_ONCE):
                # Somebody else may have computed the same leg meanwhile; both got the same number.
                statement = insert(TravelTime).on_conflict_do_nothing()
                session.connection().execute(statement, rows[first : first + _ROWS_AT_ONCE])

    return CachedTravel(office.travel, lookup, store).matrix(places)
