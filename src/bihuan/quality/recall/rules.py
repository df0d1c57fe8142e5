"""Effectiveness of a recall and where its amount is: pure, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

NONE = Decimal(0)
# Within how many hours all are to be told, by class: what the Measures for Food Recall (食品召回管理办法, art. 13) give for starting one.
HOURS = {"1": 24, "2": 48, "3": 72}


@dataclass(frozen=True, slots=True)
class Sums:
    """A lot's postings added up, in its own unit. `weight`: of one unit, in the common unit. None: never told.

    `passed`: of what was used, how much is in other lots; the rest was lost in making them.
    """

    made: Decimal | None
    stock: Decimal | None
    shipped: Decimal
    used: Decimal
    lost: Decimal
    passed: Decimal | None
    weight: Decimal | None


@dataclass(frozen=True, slots=True)
class Whole:
    """Where the amount of a lot is, also that which is in other lots by now; in the lot's unit.

    `gap`: what cannot be told: rounding, or lots whose amounts or shares were never told (`unknown` of them).
    """

    made: Decimal
    stock: Decimal
    shipped: Decimal
    lost: Decimal
    gap: Decimal
    unknown: int


def spread(lot: int, shares: Mapping[int, float | None], sums: Mapping[int, Sums]) -> Whole | None:
    """The lot's amount over everything it went into: its share of each lot's stock, shipments and losses.

    None where the lot's own amount was never told.
    """
    own = sums.get(lot)
    if own is None or own.made is None or not own.weight:
        return None
    stock = shipped = lost = NONE
    unknown = 0
    for key, share in shares.items():
        one = sums.get(key)
        if one is None or share is None or one.stock is None or one.weight is None or one.passed is None:
            unknown += 1
            continue
        part = Decimal(repr(share)) * one.weight / own.weight
        stock += part * one.stock
        shipped += part * one.shipped
        lost += part * (one.lost + one.used - one.passed)
    return Whole(own.made, stock, shipped, lost, own.made - stock - shipped - lost, unknown)


@dataclass(frozen=True, slots=True)
class Told:
    """An entry as effectiveness sees it."""

    unit: str
    quantity: Decimal
    accounted: Decimal
    told_at: datetime | None


@dataclass(frozen=True, slots=True)
class Effect:
    """`told` of `count` were told; `by_unit`: unit, shipped, accounted for. `median`, `longest`: from the start until told, the
    longest also of those who still wait. `late`: who was told later than the class gives, or waits longer."""

    count: int
    told: int
    by_unit: tuple[tuple[str, Decimal, Decimal], ...]
    median: timedelta | None
    longest: timedelta | None
    late: int

    @property
    def told_share(self) -> float | None:
        return self.told / self.count if self.count else None

    @property
    def accounted_shares(self) -> list[tuple[str, Decimal, Decimal, float]]:
        return [(unit, whole, part, float(part / whole)) for unit, whole, part in self.by_unit if whole]


def effect(entries: Iterable[Told], *, level: str, started: datetime, until: datetime) -> Effect:
    """How well the list was worked through by `until` (now, or when the recall was closed)."""
    rows = list(entries)
    took = [one.told_at - started for one in rows if one.told_at is not None]
    waited = [(one.told_at or until) - started for one in rows]
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for one in rows:
        whole, part = sums.get(one.unit, (NONE, NONE))
        sums[one.unit] = (whole + one.quantity, part + one.accounted)
    given = timedelta(hours=HOURS[level])
    return Effect(
        count=len(rows),
        told=len(took),
        by_unit=tuple((unit, *both) for unit, both in sorted(sums.items())),
        median=_median(took),
        longest=max(waited) if waited else None,
        late=sum(one > given for one in waited),
    )


def _median(times: list[timedelta]) -> timedelta | None:
    ordered = sorted(times)
    half = len(ordered) // 2
    if not ordered:
        return None
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
