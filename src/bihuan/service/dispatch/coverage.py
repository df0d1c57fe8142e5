"""How many of the foremost customers a station reaches within the promised hours: figures, the list behind them, a picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from math import cos, radians

from bihuan.customers.queries import customers_visible_to
from bihuan.customers.records import SITE
from bihuan.kernel.actor import Actor

from ..models import Station
from .document import Dispatching
from .places import Point, nearest, point_of
from .records import STATION

MOST_FAR = 50
KM_PER_DEGREE = 111.2
WIDTH = 900


@dataclass(frozen=True, slots=True)
class Far:
    """A customer that no station reaches in time; `station` is the nearest, None where the customer's place is not known."""

    customer_id: int
    customer: str
    place: str
    station: str = ""
    way: timedelta | None = None

    @property
    def hours(self) -> str:
        return "" if self.way is None else f"{self.way.total_seconds() / 3600:.1f}"


@dataclass
class Reach:
    station: Station
    point: Point
    customers: int = 0


@dataclass(frozen=True, slots=True)
class Dot:
    """In the picture's units; `count` customers at one place."""

    x: float
    y: float
    radius: float
    count: int
    is_reached: bool


@dataclass
class Coverage:
    """`share` of the customers whose place is known or not: who cannot be placed counts as not reached."""

    reaches: list[Reach]
    total: int = 0
    reached: int = 0
    unknown: int = 0
    far: list[Far] = field(default_factory=list)
    far_count: int = 0
    is_seen: bool = True
    wanted: float = 0.8
    hours: float = 4
    dots: list[Dot] = field(default_factory=list)
    circles: list[tuple[float, float, float, str]] = field(default_factory=list)
    height: float = 0

    @property
    def share(self) -> float | None:
        return self.reached / self.total if self.total else None

    @property
    def percent(self) -> str:
        return "" if self.share is None else f"{self.share * 100:.0f}"

    @property
    def is_enough(self) -> bool:
        return self.share is not None and self.share >= self.wanted


def coverage_of(actor: Actor, document: Dispatching) -> Coverage:
    """Of the customers that the actor sees. A customer with sites counts by the site that is reached first.

    Who sees tiers less far than customers is shown the stations alone. Three queries; places are reckoned once each.
    """
    stations = list(STATION.visible_to(actor).filter(is_active=True).distinct().order_by("name"))
    found = Coverage(
        [Reach(one, Point(one.latitude, one.longitude)) for one in stations],
        wanted=document.circle_share,
        hours=document.circle.total_seconds() / 3600,
    )
    found.is_seen = actor.may("decision") and actor.scope("decision") >= actor.scope("customer")
    places: dict[Point, tuple[int, bool]] = {}
    if found.is_seen and document.circle_tiers:
        places = _count(actor, document, found)
    _draw(found, places, document.travel.reach_km(document.circle))
    return found


def _count(actor: Actor, document: Dispatching, found: Coverage) -> dict[Point, tuple[int, bool]]:
    rows = customers_visible_to(actor).filter(standing__tier__in=document.circle_tiers, merged_into=None)
    sites: dict[int, list[Point]] = defaultdict(list)
    of_sites = SITE.visible_to(actor).filter(customer__in=rows.order_by().values("pk"))
    for key, north, east, city, region in of_sites.values_list(
        "customer_id", "latitude", "longitude", "city", "region"
    ):
        if (point := point_of(north, east, city, region)) is not None:
            sites[key].append(point)
    homes = list(enumerate(one.point for one in found.reaches))
    known: dict[Point, tuple[int, timedelta] | None] = {}
    counted: dict[Point, tuple[int, bool]] = {}
    for key, name, short, city, region in rows.order_by("name").values_list(
        "pk", "name", "short_name", "city", "region"
    ):
        found.total += 1
        points = sites.get(key) or [one for one in [point_of(None, None, city, region)] if one is not None]
        best: tuple[timedelta, int, Point] | None = None
        for point in points:
            if point not in known:
                known[point] = nearest(point, homes, document.travel)
            if (way := known[point]) is not None and (best is None or way[1] < best[0]):
                best = way[1], way[0], point
        place = city or region
        if not points:
            found.unknown += 1
            _far(found, Far(key, short or name, place))
            continue
        is_reached = best is not None and best[0] <= document.circle
        at = best[2] if best is not None else points[0]
        counted[at] = (counted.get(at, (0, is_reached))[0] + 1, is_reached)
        if is_reached and best is not None:
            found.reached += 1
            found.reaches[best[1]].customers += 1
        else:
            station = found.reaches[best[1]].station.name if best is not None else ""
            _far(found, Far(key, short or name, place, station, best[0] if best is not None else None))
    return counted


def _far(found: Coverage, one: Far) -> None:
    found.far_count += 1
    if len(found.far) < MOST_FAR:
        found.far.append(one)


def _draw(found: Coverage, places: dict[Point, tuple[int, bool]], reach_km: float) -> None:
    """Positions in a picture of `WIDTH`: degrees east shrunk by the cosine of the middle latitude, so that circles are round."""
    points = [*places, *(one.point for one in found.reaches)]
    if not points:
        return
    margin = reach_km / KM_PER_DEGREE if found.reaches else 1.0
    north, south = _span([one.latitude for one in points], margin)
    middle = cos(radians((north + south) / 2))
    east, west = _span([one.longitude * middle for one in points], margin)
    scale = WIDTH / (east - west)
    found.height = round((north - south) * scale, 1)

    def at(point: Point) -> tuple[float, float]:
        return round((point.longitude * middle - west) * scale, 1), round((north - point.latitude) * scale, 1)

    found.circles = [
        (*at(one.point), round(reach_km / KM_PER_DEGREE * scale, 1), one.station.name)
        for one in found.reaches
    ]
    found.dots = [
        Dot(*at(point), radius=round(min(4 + count**0.5, 14), 1), count=count, is_reached=is_reached)
        for point, (count, is_reached) in places.items()
    ]


def _span(values: Sequence[float], margin: float) -> tuple[float, float]:
    return max(values) + margin, min(values) - margin
