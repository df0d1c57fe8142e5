"""From where somebody sets out: the visit before on that day, else the home station. Pure: no database, no clock.

A kit that lies at the station is fetched there, unless it was taken along to the visit before. From one day to the next everybody is
at home again. Where the place of a visit is not known, the station stands for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from .places import Point, TravelTime

HOME, VISIT, STATION = "home", "visit", "station"
"""Straight from the station; from the visit before; from there by way of the station, for the kit."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A visit as a place where somebody is from `starts_at` to `ends_at`; `kit`: the key of what was taken along."""

    starts_at: datetime
    ends_at: datetime
    place: Point
    kit: int | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """`origin`: HOME, VISIT or STATION."""

    length: timedelta
    origin: str = HOME


def way_to(
    place: Point, leaves_at: datetime, home: Point, stays: Iterable[Stay], travel: TravelTime, zone: tzinfo,
    fetches: int | None = None,
) -> Way:  # fmt: skip
    """How long the way to `place` takes for who leaves at that moment. `fetches`: the key of a kit of the station's that is needed."""
    day = leaves_at.astimezone(zone).date()
    before = max(
        (one for one in stays if one.ends_at <= leaves_at and one.ends_at.astimezone(zone).date() == day),
        key=lambda one: one.ends_at,
        default=None,
    )
    if before is None:
        return Way(travel(home, place))
    if fetches is not None and fetches != before.kit:
        return Way(travel(before.place, home) + travel(home, place), STATION)
    return Way(travel(before.place, place), VISIT)


def first_out_of_reach(
    place: Point, ends_at: datetime, stays: Iterable[Stay], travel: TravelTime, zone: tzinfo
) -> Stay | None:
    """The next visit of the day, if who ends here then would come too late to it."""
    day = ends_at.astimezone(zone).date()
    after = min(
        (one for one in stays if one.starts_at >= ends_at and one.starts_at.astimezone(zone).date() == day),
        key=lambda one: one.starts_at,
        default=None,
    )
    if after is None or ends_at + travel(place, after.place) <= after.starts_at:
        return None
    return after
