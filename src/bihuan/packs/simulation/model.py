"""How the customers of an industry behave, read from the pack's `simulation.yaml`; and words for names."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).with_name("data")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the customers. `revenue` is the median of a year in money, `spread` the sigma of its logarithm.

    `orders` a year, `regularity` the shape of the gamma distribution of gaps (1 is pure chance), `lines` the mean
    of an order, `assortment` the mean number of products bought, `years` the mean time as a customer.
    """

    id: str
    share: float
    revenue: float
    spread: float
    orders: float
    regularity: float
    lines: float
    assortment: float
    years: float


@dataclass(frozen=True, slots=True)
class Place:
    """A city with its province; `weight` is how much industry it has."""

    province: str
    city: str
    short: str
    weight: float


@dataclass(frozen=True)
class Model:
    """An industry's `simulation.yaml`. Shares and weights sum to one; the season has mean one."""

    number: str
    price_places: int
    quantity_places: int
    segments: tuple[Segment, ...]
    industries: tuple[Mapping[str, Any], ...]
    season: tuple[float, ...]
    lead_median: float
    lead_spread: float
    terms: Mapping[int, float]
    weigh_tolerance: float
    teams: Mapping[str, tuple[str, ...]]
    competitors: tuple[str, ...]
    facts: tuple[Mapping[str, Any], ...]


def read_model(path: Path) -> Model:
    """The model of a pack. Raises KeyError or ValueError where the file lacks something."""
    text = yaml.safe_load(path.read_text(encoding="utf-8"))
    segments = tuple(Segment(**one) for one in text["segments"])
    season = [float(one) for one in text["season"]]
    for name, shares in (
        ("segments", [one.share for one in segments]),
        ("terms", list(text["terms"].values())),
    ):
        if abs(sum(shares) - 1) > 1e-6:
            raise ValueError(f"{path.parent.name}/{path.name}: {name} sum to {sum(shares)}, not to 1")
    if len(season) != 12:
        raise ValueError(f"{path.parent.name}/{path.name}: season needs twelve months")
    mean = sum(season) / 12
    return Model(
        number=text["number"],
        price_places=text["places"]["price"],
        quantity_places=text["places"]["quantity"],
        segments=segments,
        industries=tuple(text["industries"]),
        season=tuple(one / mean for one in season),
        lead_median=text["lead_days"]["median"],
        lead_spread=text["lead_days"]["spread"],
        terms={int(days): share for days, share in text["terms"].items()},
        weigh_tolerance=text["weigh_tolerance"],
        teams={team: tuple(provinces) for team, provinces in text["teams"].items()},
        competitors=tuple(text["competitors"]),
        facts=tuple(text["facts"]),
    )


@cache
def words() -> Mapping[str, Any]:
    """Surnames, stems, streets, prefixes: what made names consist of."""
    found: Mapping[str, Any] = yaml.safe_load((DATA / "names.yaml").read_text(encoding="utf-8"))
    return found


@cache
def staff_words() -> Mapping[str, Any]:
    found: Mapping[str, Any] = yaml.safe_load((DATA / "staff.yaml").read_text(encoding="utf-8"))
    return found


@cache
def places() -> tuple[Place, ...]:
    """Real cities by name, from the packaged list of divisions; provinces without listed cities stand for themselves."""
    weights, unused = words()["provinces"], frozenset(words()["unused_provinces"])
    divisions = files("bihuan.customers.matching").joinpath("data", "regions.csv")
    rows = list(csv.reader(divisions.read_text(encoding="utf-8").splitlines()))
    provinces = {code: (full, short) for code, full, short in rows if len(code) == 2 and full not in unused}
    cities: dict[str, list[tuple[str, str]]] = {code: [] for code in provinces}
    for code, full, short in rows:
        if len(code) == 4 and code[:2] in cities:
            cities[code[:2]].append((full, short))
    found = []
    for code, (province, short) in provinces.items():
        inside = cities[code] or [(province, short)]
        weight = float(weights.get(province, 1)) / sum(1 / (rank + 2) for rank in range(len(inside)))
        # Codes follow importance roughly: the capital first.
        found += [
            Place(province, city, city_short, weight / (rank + 2))
            for rank, (city, city_short) in enumerate(inside)
        ]
    return tuple(found)


@cache
def spring_festivals() -> tuple[date, ...]:
    return tuple(words()["spring_festival"])
