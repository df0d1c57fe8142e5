"""How a metric is spread over the customers that somebody sees."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models.fields.json import KeyTextTransform

from bihuan.kernel.actor import Actor
from bihuan.kernel.analytics.registry import TEXT_UNITS
from bihuan.kernel.pages.values import write

from .queries import Definition, metric_rows_visible_to

BINS = 12
SHOWN_CLASSES = 20


@dataclass(frozen=True, slots=True)
class Bin:
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """`n` customers have a value out of `total`; quantiles are empty for texts."""

    n: int
    total: int
    bins: tuple[Bin, ...]
    low: Decimal | None = None
    median: Decimal | None = None
    high: Decimal | None = None

    @property
    def share(self) -> Decimal | None:
        return Decimal(self.n) / self.total if self.total else None


def distribution_of(actor: Actor, definition: Definition) -> Distribution:
    """One query over the current values of the customers that the actor reaches, read in pieces: what is kept of a
    customer is one number of eight bytes."""
    rows = metric_rows_visible_to(actor).annotate(one=KeyTextTransform(definition.name, "values"))
    numbers, is_numeric = array("d"), definition.unit not in TEXT_UNITS - {"text"}
    counted: Counter[str] = Counter()
    total = known = 0
    values: Iterator[Any] = rows.values_list("one", flat=True).iterator(chunk_size=5000)
    for value in values:
        total += 1
        if value is None:
            continue
        known += 1
        if definition.unit in TEXT_UNITS:
            counted[str(value)] += 1
        if is_numeric:
            try:
                numbers.append(float(value))
            except ValueError:
                is_numeric = False
    if not is_numeric:
        largest = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN_CLASSES]
        if definition.unit == "class":
            largest.sort()
        return Distribution(known, total, tuple(Bin(name, count) for name, count in largest))
    if not known:
        return Distribution(0, total, ())
    ordered = array("d", sorted(numbers))
    return Distribution(
        known,
        total,
        histogram(ordered, definition.unit),
        quantile(ordered, 5),
        quantile(ordered, 50),
        quantile(ordered, 95),
    )


def quantile(ordered: Sequence[float], percent: int) -> Decimal:
    return Decimal(str(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]))


def histogram(ordered: Sequence[float], unit: str) -> tuple[Bin, ...]:
    """At most twelve bins of a round width from the 2nd to the 90th percentile; the outer ones take what
    lies beyond, since money is spread over powers of ten."""
    low, high = quantile(ordered, 2), quantile(ordered, 90)
    width = round_width((high - low) / BINS, whole=unit in ("count", "days", "score"))
    if width == 0:
        return (Bin(write(unit, low), len(ordered)),)
    first = math.floor(low / width)
    last = max(first, math.ceil(high / width) - 1)
    # A border and a value that are written alike are the same float: cutting the ordered values is exact.
    inner = [bisect_left(ordered, float(width * place)) for place in range(first + 1, last + 1)]
    cuts = [0, *inner, len(ordered)]
    return tuple(
        Bin(
            bin_label(width * place, width * (place + 1), unit, place == first, place == last),
            cuts[place - first + 1] - cuts[place - first],
        )
        for place in range(first, last + 1)
    )


def bin_label(start: Decimal, end: Decimal, unit: str, is_first: bool, is_last: bool) -> str:
    kind = "money_whole" if unit == "money" and abs(end) >= 100 else unit
    if is_last and not is_first:
        return f"≥ {write(kind, start)}"
    if is_first and not is_last:
        return f"< {write(kind, end)}"
    return f"{write(kind, start)} – {write(kind, end)}"


def round_width(width: Decimal, whole: bool) -> Decimal:
    """The next of 1, 2, 5 times a power of ten that is not smaller; at least 1 where values are whole."""
    if width <= 0:
        return Decimal(0)
    if whole and width <= 1:
        return Decimal(1)
    power = Decimal(10) ** width.adjusted()
    return next(step * power for step in (1, 2, 5, 10) if step * power >= width)
