"""How a metric is spread over the customers that somebody sees."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

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
    """One query over the current values of the customers that the actor reaches."""
    rows = metric_rows_visible_to(actor)
    texts = list(rows.annotate(one=KeyTextTransform(definition.name, "values")).values_list("one", flat=True))
    known = [text for text in texts if text is not None]
    numbers = None if definition.unit in TEXT_UNITS - {"text"} else as_numbers(known)
    if numbers is None:
        counted = Counter(map(str, known))
        largest = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:SHOWN_CLASSES]
        if definition.unit == "class":
            largest.sort()
        return Distribution(len(known), len(texts), tuple(Bin(name, count) for name, count in largest))
    numbers.sort()
    if not numbers:
        return Distribution(0, len(texts), ())
    return Distribution(
        len(numbers),
        len(texts),
        histogram(numbers, definition.unit),
        quantile(numbers, 5),
        quantile(numbers, 50),
        quantile(numbers, 95),
    )


def as_numbers(texts: Sequence[object]) -> list[Decimal] | None:
    """The values as numbers, or None where one of them is none."""
    try:
        return [Decimal(str(text)) for text in texts]
    except InvalidOperation:
        return None


def quantile(ordered: Sequence[Decimal], percent: int) -> Decimal:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def histogram(ordered: Sequence[Decimal], unit: str) -> tuple[Bin, ...]:
    """At most twelve bins of a round width from the 2nd to the 90th percentile; the outer ones take what
    lies beyond, since money is spread over powers of ten."""
    low, high = quantile(ordered, 2), quantile(ordered, 90)
    width = round_width((high - low) / BINS, whole=unit in ("count", "days", "score"))
    if width == 0:
        return (Bin(write(unit, low), len(ordered)),)
    first = math.floor(low / width)
    last = max(first, math.ceil(high / width) - 1)
    counts = Counter(min(max(math.floor(value / width), first), last) for value in ordered)
    return tuple(
        Bin(bin_label(width * place, width * (place + 1), unit, place == first, place == last), counts[place])
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
