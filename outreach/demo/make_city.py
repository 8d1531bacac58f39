"""Draws the outline and the districts of the fictional city around its towns; run once, its result ships.

Everything is invented: the city lies in the open sea east of Honshu, so that no point of it is anybody's house. The
same seed draws the same city: ``python -m outreach.demo.make_city`` writes ``city/districts.geojson`` anew.
"""

from __future__ import annotations

import csv
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely import MultiPoint, Point, Polygon, STRtree, unary_union, voronoi_polygons
from shapely.geometry import mapping

SEED = 20261126
CITY_NAME = "白瀬市"
SIDE_KM = 35.0
CENTRE = (38.266, 143.517)
"""Middle of the square of ``SIDE_KM`` that the city fills, in degrees; the dense centre lies south-west of it."""
KM_PER_DEGREE = (110.99, 111.32 * math.cos(math.radians(CENTRE[0])))
WRINKLES = 300
"""Points strewn over the city, each taken by the district of its nearest town: they make the borders crooked."""

CITY = Path(__file__).parent / "city"


@dataclass(frozen=True, slots=True)
class Quarter:
    """One district: its names, its people, and how its towns are told: by names, or by the merged town in front."""

    name: str
    name_en: str
    population: int
    aged_65: int
    towns: tuple[str, ...] = ()
    former: str = ""


QUARTERS = (
    Quarter(
        "中央",
        "Chuo",
        21840,
        5890,
        towns=(
            *("本町", "大手町", "緑町", "桜町", "栄町", "旭町", "宮前町"),
            *("若葉一丁目", "若葉二丁目", "若葉三丁目"),
        ),
    ),
    Quarter("北部", "Hokubu", 13260, 3980, towns=("北原町", "上北原町", "柳町", "千石町", "松ヶ丘", "泉町")),
    Quarter("西部", "Seibu", 10470, 3250, towns=("西町", "川原町", "竹之内町", "五十鈴町", "横田町", "南横田町")),
    Quarter("東部", "Tobu", 11920, 3340, towns=("東町", "上東町", "大平町", "桑畑町", "三ツ石町", "鍛冶屋町")),
    Quarter("南部", "Nanbu", 9380, 3190, towns=("浜田町", "塩浜町", "港町", "八幡町", "汐入町", "砂原町")),
    Quarter("鷺沢", "Sagisawa", 5610, 2360, former="鷺沢町"),
    Quarter("八重", "Yae", 4270, 1840, former="八重町"),
    Quarter("南浦", "Minamiura", 4930, 2270, former="南浦町"),
    Quarter("高嶺", "Takamine", 2140, 1120, former="高嶺町"),
    Quarter("霧谷", "Kiritani", 680, 430, former="霧谷町"),
)


def main() -> None:
    """Write ``city/districts.geojson``."""
    with (CITY / "towns.csv").open(encoding="utf-8", newline="") as lines:
        towns = list(csv.DictReader(lines))
    features = city_features(towns, np.random.default_rng(SEED))
    lines_of_file = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    text = f'{{"type": "FeatureCollection", "features": [\n{lines_of_file}\n]}}\n'
    (CITY / "districts.geojson").write_text(text, encoding="utf-8", newline="\n")


def city_features(towns: list[dict[str, str]], rng: np.random.Generator) -> list[dict[str, Any]]:
    """Return the boundary and the districts as GeoJSON features, the districts in the order of ``QUARTERS``."""
    outline = _outline(rng)
    quarter_of = [_quarter_of(town["town"], town["former"]) for town in towns]
    town_points = np.array([_to_km(float(town["lat"]), float(town["lon"])) for town in towns])
    areas = _areas(outline, town_points, quarter_of, rng)
    boundary = _feature(outline, kind="boundary", name=CITY_NAME)
    districts = [
        _feature(
            area,
            kind="district",
            name=quarter.name,
            name_en=quarter.name_en,
            population=quarter.population,
            aged_65=quarter.aged_65,
            towns=[town["town"] for town, index in zip(towns, quarter_of, strict=True) if QUARTERS[index] == quarter],
        )
        for quarter, area in zip(QUARTERS, areas, strict=True)
    ]
    return [boundary, *districts]


def _outline(rng: np.random.Generator) -> Polygon:
    """A rounded square with a wavy edge, in km from its middle."""
    angles = np.linspace(0, 2 * math.pi, 180, endpoint=False)
    waves = sum(
        amplitude * np.sin(count * angles + phase)
        for count, amplitude, phase in zip(
            range(3, 15), rng.uniform(0.002, 0.012, 12), rng.uniform(0, 2 * math.pi, 12), strict=True
        )
    )
    rounded = (np.abs(np.cos(angles)) ** 6 + np.abs(np.sin(angles)) ** 6) ** (-1 / 6)
    radii = SIDE_KM / 2 * rounded * (0.97 + waves)
    points = np.column_stack([radii * np.cos(angles), radii * np.sin(angles)]).clip(-SIDE_KM / 2, SIDE_KM / 2)
    return Polygon(points)


def _areas(
    outline: Polygon, town_points: NDArray[np.float64], quarter_of: list[int], rng: np.random.Generator
) -> list[Polygon]:
    """Cut the outline into small cells and give each to the quarter of the nearest town."""
    strewn = rng.uniform(-SIDE_KM / 2, SIDE_KM / 2, (WRINKLES, 2))
    cells = voronoi_polygons(MultiPoint(np.vstack([town_points, strewn])), extend_to=outline.buffer(5)).geoms
    nearest = STRtree([Point(point) for point in town_points])
    of_quarter: list[list[Polygon]] = [[] for _ in QUARTERS]
    for cell in cells:
        of_quarter[quarter_of[int(nearest.nearest(cell.centroid))]].append(cell)
    return [unary_union(part).intersection(outline) for part in of_quarter]


def _quarter_of(town: str, former: str) -> int:
    return next(
        index
        for index, quarter in enumerate(QUARTERS)
        if town in quarter.towns or (former and quarter.former == former)
    )


def _to_km(lat: float, lon: float) -> tuple[float, float]:
    return (lon - CENTRE[1]) * KM_PER_DEGREE[1], (lat - CENTRE[0]) * KM_PER_DEGREE[0]


def _feature(area: Polygon, **properties: Any) -> dict[str, Any]:
    """The area in degrees, to the metre."""
    geometry = mapping(area)
    rings = [
        [[round(CENTRE[1] + x / KM_PER_DEGREE[1], 5), round(CENTRE[0] + y / KM_PER_DEGREE[0], 5)] for x, y in ring]
        for ring in geometry["coordinates"]
    ]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": rings}}


if __name__ == "__main__":
    main()
