"""Curves behind some readings of a made plant: points through the making of the newest lots and of those that a cause was planted on.

The mean of a curve is the lot's reading. A reading that keeps its limits wavers about its level; one beyond them was right at first
and went astray on the way, as a valve or a controller does. Written by the quality room's own keeper, sealed as any series is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from bihuan.quality.models import Lot
from bihuan.quality.series.content import Parameter
from bihuan.quality.series.keeping import SeriesKeeper

from .book import MadeLot
from .chance import LIMIT_AT, places
from .growing import Node, Planted, Stream
from .model import PlantModel, StepOf

NEWEST = 3
"""Of each product so many of the newest finished lots have curves, and what they were made of."""
BEFORE = 1
"""And so many before a planted one, to be compared with."""
WAVERS, FOLLOWS, MOST = 0.4, 0.97, 0.95
"""Spread about the level and its bound, in standard deviations between lots; how far a point follows the one before."""
RIGHT, ASTRAY = 0.35, 0.5
"""Parts of the time: until where a reading that went astray was right, from where it stays where it went."""


@dataclass(frozen=True, slots=True)
class Curves:
    """What was read through the making of a lot. `times`: microseconds since 1970 in UTC; a column a parameter."""

    lot: MadeLot
    parameters: tuple[Parameter, ...]
    times: np.ndarray
    columns: tuple[np.ndarray, ...]


def curves_of(
    rng: np.random.Generator, model: PlantModel, streams: Sequence[Stream], levels: Sequence[Sequence[Sequence[Node]]], planted: Sequence[Planted],
) -> list[Curves]:  # fmt: skip
    """The curves of a plant whose readings are drawn and whose causes are planted, lot by lot."""
    found = []
    for stream, several in zip(streams, levels, strict=True):
        finished = _with_curves(stream, [one.node for one in planted])
        for number, step in enumerate(model.steps):
            if step.series:
                nodes = {
                    id(node): node for one in finished for node in [one.at_step(len(several) - 1 - number)]
                }
                found += [_curves(rng, step, node) for node in nodes.values()]
    return found


def _with_curves(stream: Stream, spoilt: Sequence[Node]) -> list[Node]:
    places_of = {id(node): place for place, node in enumerate(stream.nodes)}
    wanted = set(range(max(0, len(stream.nodes) - NEWEST), len(stream.nodes)))
    for node in spoilt:
        if id(node) in places_of:
            place = places_of[id(node)]
            wanted |= set(range(max(0, place - BEFORE), place + 1))
    return [stream.nodes[place] for place in sorted(wanted)]


def _curves(rng: np.random.Generator, step: StepOf, node: Node) -> Curves:
    every = int(step.series["every"] * 1_000_000)
    count = int(step.series["hours"] * 3_600_000_000 / every)
    last = int(node.at.astype("datetime64[us]").astype(np.int64))
    times = last - np.arange(count - 1, -1, -1, dtype=np.int64) * every
    parameters, columns = [], []
    for name in step.series["of"]:
        at, one = next((at, one) for at, one in enumerate(step.readings) if one["name"] == name)
        digits, away = places(one["sd"]), LIMIT_AT * one["sd"]
        parameters.append(
            Parameter(
                one["step"], one["name"], one["unit"], float(one["set"]), round(one["set"] - away, digits),
                round(one["set"] + away, digits),
            )
        )  # fmt: skip
        columns.append(np.round(one["set"] + one["sd"] * course(rng, node.z[at], count), digits + 1))
    return Curves(node.made, tuple(parameters), times, tuple(columns))


def course(rng: np.random.Generator, level: float, count: int) -> np.ndarray:
    """`count` points in standard deviations between lots, with `level` as their mean."""
    noise = rng.normal(0, WAVERS * (1 - FOLLOWS**2) ** 0.5, count)
    wave = np.empty(count)
    before = 0.0
    for at, one in enumerate(noise.tolist()):
        before = FOLLOWS * before + one
        wave[at] = before
    wave = np.clip(wave - wave.mean(), -MOST, MOST)
    if abs(level) <= LIMIT_AT:
        return level + wave - wave.mean()
    share = np.clip((np.linspace(0, 1, count) - RIGHT) / (ASTRAY - RIGHT), 0, 1)
    share = share * share * (3 - 2 * share)
    return level * share / share.mean() + wave - wave.mean()


@contextmanager
def series_keeper(now: datetime) -> Iterator[SeriesKeeper]:
    """Files go again where the company comes to nothing."""
    keeper = SeriesKeeper(import_id=None, now=now)
    try:
        yield keeper
    except BaseException:
        keeper.forget()
        raise


def keep_curves(keeper: SeriesKeeper, curves: Sequence[Curves]) -> int:
    """Write and seal them, once lots are in the database; how many series."""
    lots = Lot.objects.in_bulk([one.lot.id for one in curves])
    return sum(
        keeper.keep(lots[one.lot.id], one.parameters, one.times, one.columns).created for one in curves
    )


__all__ = ["Curves", "course", "curves_of", "keep_curves", "series_keeper"]
