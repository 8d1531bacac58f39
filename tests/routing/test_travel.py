"""Where travel times come from."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from routing.errors import TravelError
from routing.problem import Place
from routing.travel import (
    Around,
    CachedTravel,
    EstimatedTravel,
    Leg,
    LegTravel,
    SpeedBand,
    parameters_sha256,
)

CITY_HALL = Place("hall", 31.719519, 131.061497)
FUEMIZU = Place("fuemizu", 31.932513, 131.1297)

coordinates = st.builds(Place, st.just("x"), st.floats(31.5, 32.0), st.floats(130.9, 131.4))


def test_the_farthest_town_is_just_over_an_hour_away() -> None:
    matrix = EstimatedTravel().matrix([CITY_HALL, FUEMIZU])
    assert matrix.seconds == ((0, 3606), (3606, 0))
    assert matrix.metres == ((0, 33_054), (33_054, 0))


def test_no_other_town_of_the_real_city_is_farther(shared_data: Path) -> None:
    with (shared_data / "gazetteer_miyakonojo.csv").open(encoding="utf-8-sig", newline="") as stream:
        towns = [Place(row["town"], float(row["lat"]), float(row["lon"])) for row in csv.DictReader(stream)]
    travel = EstimatedTravel()
    to_town = {town.id: travel.matrix([CITY_HALL, town]).seconds[0][1] or 0 for town in towns}
    assert max(zip(to_town.values(), to_town, strict=True)) == (3606, "高崎町笛水")


@given(coordinates, coordinates)
def test_seconds_are_the_geodesic_times_detour_over_speed_rounded_up(here: Place, there: Place) -> None:
    exact = geodesic((here.lat, here.lon), (there.lat, there.lon)).meters * 1.35 / (33 / 3.6)
    seconds = EstimatedTravel().matrix([here, there]).seconds[0][1]
    assert seconds is not None
    assert seconds - 1 - 0.05 <= exact <= seconds + 0.05  # coordinates count to a ten-millionth part of a circle


def test_the_same_place_is_no_way_and_the_way_back_is_as_long() -> None:
    again = Place("again", CITY_HALL.lat, CITY_HALL.lon)
    seconds = EstimatedTravel().matrix([CITY_HALL, again, FUEMIZU]).seconds
    assert seconds == ((0, 0, 3606), (0, 0, 3606), (3606, 3606, 0))


def test_bands_are_driven_one_after_the_other_and_farther_is_never_sooner() -> None:
    travel = EstimatedTravel(detour=1.0, speed_kmh=60.0, bands=(SpeedBand(5000, 20), SpeedBand(10_000, 40)))
    places = [Place("0", 31.0, 131.0), *(Place(str(i), 31.0 + i / 1000, 131.0) for i in range(4, 200, 5))]
    matrix = travel.matrix(places)
    assert list(matrix.seconds[0]) == sorted(matrix.seconds[0], key=lambda seconds: seconds or 0)
    metres = matrix.metres[0][-1]
    assert metres is not None
    assert matrix.seconds[0][-1] == math.ceil(900 + 450 + (metres - 10_000) / (60 / 3.6) - 0.02)


@pytest.mark.parametrize(
    "build",
    [
        lambda: EstimatedTravel(detour=0.9),
        lambda: EstimatedTravel(speed_kmh=0),
        lambda: EstimatedTravel(speed_kmh=float("nan")),
        lambda: EstimatedTravel(bands=(SpeedBand(10, 20), SpeedBand(5, 20))),
        lambda: SpeedBand(0, 20),
    ],
)
def test_parameters_out_of_range_are_refused(build: object) -> None:
    with pytest.raises(TravelError) as caught:
        build()  # type: ignore[operator]
    assert caught.value.code == "BAD_TRAVEL_PARAMETER"


def test_the_hash_of_parameters_tells_sources_apart() -> None:
    assert parameters_sha256(EstimatedTravel()) == parameters_sha256(EstimatedTravel(1.35, 33))
    assert parameters_sha256(EstimatedTravel()) != parameters_sha256(EstimatedTravel(1.36))


class Store:
    """A cache that counts."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str, Leg], LegTravel] = {}
        self.stored: list[int] = []

    def lookup(self, source: str, parameters: str, legs: Iterable[Leg]) -> Mapping[Leg, LegTravel]:
        return {leg: self.kept[source, parameters, leg] for leg in legs if (source, parameters, leg) in self.kept}

    def store(self, source: str, parameters: str, legs: Mapping[Leg, LegTravel]) -> None:
        self.stored.append(len(legs))
        self.kept.update({(source, parameters, leg): travel for leg, travel in legs.items()})


def test_a_cache_asks_its_source_only_for_what_it_lacks_and_changes_no_number() -> None:
    store = Store()
    places = [CITY_HALL, FUEMIZU, Place("near", 31.72, 131.07)]
    for travel in (EstimatedTravel(), EstimatedTravel(1.5)):
        cached = CachedTravel(travel, store.lookup, store.store)
        assert cached.matrix(places[:2]) == travel.matrix(places[:2])
        assert cached.matrix(places) == travel.matrix(places)
        assert cached.matrix(places) == travel.matrix(places)
    assert store.stored == [2, 4, 2, 4]
    assert (cached.name, cached.is_estimate, cached.parameters["detour"]) == ("estimate", True, 1.5)


def test_coordinates_are_the_same_to_a_millionth_of_a_degree() -> None:
    store = Store()
    cached = CachedTravel(EstimatedTravel(), store.lookup, store.store)
    cached.matrix([CITY_HALL, FUEMIZU])
    cached.matrix([Place("x", CITY_HALL.lat + 4e-7, CITY_HALL.lon), FUEMIZU])
    assert store.stored == [2]


class Wrong(EstimatedTravel):
    def around(self, place: Place, others: Sequence[Place]) -> Around:
        return Around((), (), (), ())


def test_a_source_that_answers_with_the_wrong_size_is_refused() -> None:
    store = Store()
    with pytest.raises(TravelError) as caught:
        CachedTravel(Wrong(), store.lookup, store.store).matrix([CITY_HALL, FUEMIZU])
    assert caught.value.code == "TRAVEL_MATRIX_SIZE"
    assert store.stored == []


@given(
    st.lists(
        st.tuples(st.floats(31.5, 32.1, allow_nan=False), st.floats(130.8, 131.4, allow_nan=False)),
        min_size=1,
        max_size=12,
    )
)
def test_ways_around_one_place_are_those_of_the_matrix_to_the_second(points: list[tuple[float, float]]) -> None:
    places = [Place(str(number), lat, lon) for number, (lat, lon) in enumerate(points)]
    source = EstimatedTravel(bands=(SpeedBand(2_000, 20.0), SpeedBand(9_000, 35.0)))
    table = source.matrix(places)
    around = source.around(places[0], places)
    assert (around.there_s, around.there_m) == (table.seconds[0], table.metres[0])
    assert (around.back_s, around.back_m) == (around.there_s, around.there_m)
