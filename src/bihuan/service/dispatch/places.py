"""Where things are: points on earth, how far apart, how long the road takes. Pure: no database, no clock."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import Protocol

EARTH_KM = 6371.0088
"""Mean radius of the earth (IUGG)."""
_ENDS = (
    "特别行政区",
    "维吾尔自治区",
    "壮族自治区",
    "回族自治区",
    "自治区",
    "自治州",
    "地区",
    "省",
    "市",
    "盟",
)


@dataclass(frozen=True, slots=True)
class Point:
    """Degrees, north and east positive. `is_exact`: given for the place itself; False for the middle of its city."""

    latitude: float
    longitude: float
    is_exact: bool = True


class TravelTime(Protocol):
    """How long the way from one point to another takes. A route service may take the place of ours."""

    def __call__(self, start: Point, end: Point) -> timedelta: ...


@dataclass(frozen=True, slots=True)
class ByRoad:
    """Great-circle distance × `road_factor` at `kmh`; `road_factor` is how much longer roads are than the straight line.
    Never less than `least`: getting off and through a town takes its time, and a city's middle is not the place itself."""

    road_factor: float = 1.3
    kmh: float = 60.0
    least: timedelta = timedelta(minutes=30)

    def __call__(self, start: Point, end: Point) -> timedelta:
        hours = distance_km(start, end) * self.road_factor / self.kmh
        return max(self.least, timedelta(minutes=round(hours * 60)))

    def reach_km(self, within: timedelta) -> float:
        """How far, in a straight line, one comes in that time."""
        return within.total_seconds() / 3600 * self.kmh / self.road_factor


def distance_km(start: Point, end: Point) -> float:
    """Along the great circle (haversine formula)."""
    north, east = radians(end.latitude - start.latitude), radians(end.longitude - start.longitude)
    chord = (
        sin(north / 2) ** 2 + cos(radians(start.latitude)) * cos(radians(end.latitude)) * sin(east / 2) ** 2
    )
    return 2 * EARTH_KM * asin(min(1.0, sqrt(chord)))


def city_point(*names: str) -> Point | None:
    """The middle of the first of these cities (or the capital of the province) that the table knows."""
    known = _cities()
    for name in names:
        if (found := known.get(_plain(name))) is not None:
            return found
    return None


def point_of(latitude: float | None, longitude: float | None, *names: str) -> Point | None:
    """The place itself where it was given, else its city."""
    if latitude is not None and longitude is not None and abs(latitude) <= 90 and abs(longitude) <= 180:
        return Point(latitude, longitude)
    return city_point(*names)


def nearest(
    point: Point, others: Iterable[tuple[int, Point]], travel: TravelTime
) -> tuple[int, timedelta] | None:
    """Which of these is reached first, and in what time."""
    return min(
        ((key, travel(other, point)) for key, other in others), key=lambda one: (one[1], one[0]), default=None
    )


@cache
def _cities() -> dict[str, Point]:
    text = files(__package__).joinpath("data", "cities.csv").read_text(encoding="utf-8")
    rows = csv.reader(text.splitlines())
    return {name: Point(float(north), float(east), is_exact=False) for name, north, east in rows}


def _plain(name: str) -> str:
    plain = name.strip()
    for end in _ENDS:
        if plain.endswith(end) and len(plain) - len(end) >= 2:
            return plain[: -len(end)]
    return plain
