"""Where travel times come from: one protocol, the estimator, and a cache that any store can stand behind."""

from routing.travel.cached import CachedTravel, Leg, LegTravel, Point
from routing.travel.estimate import EstimatedTravel, SpeedBand
from routing.travel.source import Around, TravelMatrix, TravelSource, parameters_sha256

__all__ = [
    "Around",
    "CachedTravel",
    "EstimatedTravel",
    "Leg",
    "LegTravel",
    "Point",
    "SpeedBand",
    "TravelMatrix",
    "TravelSource",
    "parameters_sha256",
]
