"""Results and readings beside their limits: pure, no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from bihuan.kernel.time import local_date

from ..deciding import is_outside
from ..models import ProcessReading, TestResult

OUTSIDE, INSIDE, OPEN, MISSING, UNLIMITED = "outside", "inside", "open", "missing", "unlimited"
ORDER = (OUTSIDE, MISSING, OPEN, INSIDE, UNLIMITED)


class Limits(NamedTuple):
    """What a characteristic is held to in a period. `rank`: 0 the product's limits, 1 its specification, 2 a customer's own."""

    rank: int
    customer: int | None
    customer_name: str
    characteristic: int
    code: str
    name: str
    unit: str
    lower: Decimal | None
    upper: Decimal | None
    valid_from: date
    valid_to: date | None
    row: int = 0  # its id in the catalogue (rank 0) or among specifications


@dataclass(slots=True)
class Line:
    """A characteristic of a lot: its result that stands (None: not tested) and the limits of that day (None: none).

    `verdict`: outside, inside, open (a text, or another unit than the limits': nobody can tell), missing (limits, no result),
    unlimited. `earlier`: results of the same that also stand, wait to be verified, or were declared invalid.
    """

    characteristic: int
    code: str
    name: str
    unit: str
    result: TestResult | None
    limits: Limits | None
    verdict: str
    earlier: Sequence[TestResult] = ()

    @property
    def is_outside(self) -> bool:
        return self.verdict == OUTSIDE

    @property
    def is_own(self) -> bool:
        return self.limits is not None and self.limits.rank == 2


@dataclass(slots=True)
class Reading:
    """A parameter of a step: what was read, by statistic. `is_outside`: a value, mean, median or extreme breaks its limits."""

    parameter: str
    unit: str
    values: list[ProcessReading]
    set_point: float | None
    lower: float | None
    upper: float | None
    is_outside: bool

    @property
    def has_limits(self) -> bool:
        return self.lower is not None or self.upper is not None

    @property
    def is_guided(self) -> bool:
        return self.set_point is not None or self.has_limits


@dataclass(slots=True)
class Step:
    name: str
    readings: list[Reading]

    @property
    def is_guided(self) -> bool:
        return any(one.is_guided for one in self.readings)


def limits_on(rows: Iterable[Limits], day: date, customer: int | None) -> dict[int, Limits]:
    """Of a product's specifications those in force on the day, by characteristic; the customer's own before the general."""
    fitting = [
        one
        for one in rows
        if one.customer in (None, customer)
        and one.valid_from <= day
        and (one.valid_to is None or one.valid_to > day)
    ]
    fitting.sort(key=lambda one: (one.rank, one.valid_from))
    return {one.characteristic: one for one in fitting}


def judge(
    results: Iterable[TestResult], rows: Collection[Limits], customer: int | None, now: datetime
) -> list[Line]:
    """Each characteristic that was tested or has limits today, what deviates first. Several results that stand (samples) are
    judged one by one; the worst speaks."""
    by_characteristic: dict[int, list[TestResult]] = {}
    for one in results:
        by_characteristic.setdefault(one.characteristic_id, []).append(one)
    lines = []
    for several in by_characteristic.values():
        standing = [one for one in several if one.counts]
        judged = []
        for one in sorted(standing, key=lambda one: (one.tested_at, one.pk), reverse=True):
            limits = limits_on(rows, local_date(one.tested_at), customer).get(one.characteristic_id)
            judged.append((ORDER.index(verdict(one, limits)), one, limits))
        if not judged:
            continue
        rank, result, limits = min(judged, key=lambda one: one[0])
        rest = [one for one in several if one is not result]
        about = result.characteristic
        unit = result.unit or about.unit
        lines.append(Line(about.pk, about.code, about.name, unit, result, limits, ORDER[rank], rest))
    tested = {one.characteristic for one in lines}
    for key, limits in limits_on(rows, local_date(now), customer).items():
        if key not in tested:
            void = by_characteristic.get(key, ())
            lines.append(Line(key, limits.code, limits.name, limits.unit, None, limits, MISSING, void))
    return sorted(lines, key=lambda one: (ORDER.index(one.verdict), one.code))


def verdict(result: TestResult, limits: Limits | None) -> str:
    if limits is None or (limits.lower is None and limits.upper is None):
        return UNLIMITED
    if result.value is None or (result.unit and limits.unit and result.unit != limits.unit):
        return OPEN
    if is_outside(result, limits):
        return OUTSIDE
    if result.is_below_detection and limits.upper is not None and result.value > float(limits.upper):
        return OPEN  # the method does not see as far down as the limit lies
    return INSIDE


S = ProcessReading.Statistic
JUDGED = frozenset({S.VALUE, S.MEAN, S.MEDIAN, S.MINIMUM, S.MAXIMUM})


def steps(rows: Iterable[ProcessReading]) -> list[Step]:
    """Readings by step in the order they were brought, one line a parameter; those out of their limits first in a step."""
    found: dict[str, dict[str, list[ProcessReading]]] = {}
    for one in rows:
        found.setdefault(one.step, {}).setdefault(one.parameter, []).append(one)
    made = []
    for name, parameters in found.items():
        readings = [_reading(parameter, several) for parameter, several in parameters.items()]
        made.append(Step(name, sorted(readings, key=lambda one: not one.is_outside)))
    return made


def _reading(parameter: str, several: list[ProcessReading]) -> Reading:
    guide = next(
        (
            one
            for one in several
            if one.set_point is not None or one.lower is not None or one.upper is not None
        ),
        several[0],
    )
    broken = any(
        one.value is not None
        and one.statistic in JUDGED
        and (
            (guide.lower is not None and one.value < guide.lower)
            or (guide.upper is not None and one.value > guide.upper)
        )
        for one in several
    )
    return Reading(parameter, guide.unit, several, guide.set_point, guide.lower, guide.upper, broken)
