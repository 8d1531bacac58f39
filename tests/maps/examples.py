"""A small fictional day and a small fictional coverage, known by heart; the tests change one thing at a time."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from maps.views import (
    Cell,
    CoverageDistrict,
    CoverageMap,
    DayMap,
    MapDepot,
    MapLeftOut,
    MapRoute,
    MapStop,
    PlanStamp,
    Ring,
)

JAPAN = timezone(timedelta(hours=9))
HALL = (35.10, 134.10)


def square(south: float, west: float, size: float = 0.1) -> Ring:
    """A district of one square, closed."""
    north, east = south + size, west + size
    return ((south, west), (south, east), (north, east), (north, west), (south, west))


STAMP = PlanStamp(
    date=date(2026, 11, 24),
    version=3,
    sha256="a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90",
    made_at=datetime(2026, 11, 21, 14, 30, tzinfo=JAPAN),
    city_name="みどり野市",
    office_name="みどり野市役所 市民課",
    office_phone="0999-00-0000",
    travel_is_estimate=True,
)

KNOWN_DAY = DayMap(
    stamp=STAMP,
    routes=(
        MapRoute(
            shift="van-1",
            van_name="さくら号",
            style=0,
            path=(HALL, (35.14, 134.06), (35.17, 134.15), HALL),
            stops=(
                MapStop(1, "H10472", (35.14, 134.06), (34200, 36000), 34500, 37500),
                MapStop(2, "P20391", (35.17, 134.15), (39600, 41400), 39700, 42100),
            ),
            travel_s=4920,
            break_=(43200, 46800),
        ),
        MapRoute(
            shift="van-2",
            van_name="Tsubaki",
            style=1,
            path=(HALL, (35.06, 134.16), HALL),
            stops=(MapStop(1, "K30018", (35.06, 134.16), None, 36000, 38400),),
            travel_s=1800,
            break_=None,
        ),
    ),
    depots=(MapDepot("市役所", HALL),),
    left_out=(MapLeftOut("R40555", (35.19, 134.02), "LEG_TOO_LONG", (("driving_s", 4000), ("limit_s", 3600))),),
    boundary=(square(35.0, 134.0, 0.2),),
    districts=(("中央地区", (square(35.0, 134.0),)), ("北地区", (square(35.1, 134.0),))),
)

_NORTH = CoverageDistrict(
    name="北地区",
    rings=(square(35.1, 134.0),),
    population=4000,
    aged_65=1600,
    served=Cell(24),
    waiting=Cell(6),
    turned_down=Cell(None),
    per_1000=15.0,
    driving_s=1260,
    nothing=False,
)

KNOWN_COVERAGE = CoverageMap(
    city_name="みどり野市",
    first_day=date(2026, 10, 1),
    last_day=date(2026, 10, 31),
    made_at=datetime(2026, 11, 21, 14, 30, tzinfo=JAPAN),
    threshold=5,
    travel_is_estimate=True,
    districts=(
        CoverageDistrict(
            "中央地区", (square(35.0, 134.0),), 12000, 3000, Cell(90), Cell(12), Cell(7), 30.0, 300, nothing=False
        ),
        _NORTH,
        CoverageDistrict(
            "東地区",
            (square(35.0, 134.1),),
            2500,
            1100,
            Cell(None),
            Cell(0),
            Cell(None, complement=True),
            None,
            1800,
            nothing=False,
        ),
        CoverageDistrict("山里", (square(35.1, 134.1),), 180, 110, Cell(0), Cell(0), Cell(0), 0.0, None, nothing=True),
    ),
    total_served=Cell(117),
    total_waiting=Cell(18),
    total_turned_down=Cell(12),
    boundary=(square(35.0, 134.0, 0.2),),
    depots=(MapDepot("市役所", HALL),),
)
