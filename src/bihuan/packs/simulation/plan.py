"""What is to be made, and what the steps hand on to each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .model import Model, spring_festivals

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CUSTOMER_YEARS_A_BLOCK = 3_000
WARM_UP_DAYS = 0


@dataclass(frozen=True, slots=True)
class SoldProduct:
    """A product of the catalog as the simulation needs it; `price` in money a unit."""

    id: int
    code: str
    family: str
    unit: str
    price: float


@dataclass(frozen=True, slots=True)
class Seller:
    """A salesperson by user id, in a team."""

    user_id: int
    team_id: int


@dataclass(frozen=True)
class Plan:
    """One made company. Facts depend on these values alone.

    `first_ids` holds, by table, the number that the first row gets. `run` counts made companies in one database.
    """

    pack: str
    model: Model
    customers: int
    years: int
    seed: int
    until: date
    run: int = 1
    products: tuple[SoldProduct, ...] = ()
    sellers: tuple[Seller, ...] = ()
    team_of_province: Mapping[str, int] = field(default_factory=dict)
    tags: tuple[int, ...] = ()
    competitors: tuple[int, ...] = ()

    @property
    def start(self) -> date:
        """The first day of the history."""
        return self.until - timedelta(days=self.days - 1)

    @property
    def days(self) -> int:
        return round(self.years * 365.25)

    @property
    def block_size(self) -> int:
        """Customers made at once: it bounds memory, and depends on the plan only, so that results do too."""
        return max(100, min(2_000, CUSTOMER_YEARS_A_BLOCK // max(1, self.years)))

    @property
    def prefix(self) -> str:
        """What external numbers begin with; a second made company in one database gets its own."""
        return self.model.number if self.run == 1 else f"{self.model.number}{self.run}-"

    def rng(self, step: str, block: int) -> np.random.Generator:
        """Chance of its own for each step and block, so that a new step leaves the others as they are."""
        name = int.from_bytes(step.encode("utf-8"), "big") % (2**63)
        return np.random.default_rng([self.seed, self.run, name, block])


@dataclass(frozen=True)
class Calendar:
    """The days of the history as arrays; index 0 is the plan's first day. Some days beyond the end are included."""

    texts: NDArray[np.object_]
    """ISO dates."""
    month: Ints
    weekday: Ints
    festival: Floats
    """How far orders fall (or rise) around Spring Festival; 1 is an ordinary day."""


AFTER = 400
BEFORE = 30


def calendar_of(plan: Plan) -> Calendar:
    days = plan.days
    first = np.datetime64(plan.start)
    stamps = dates_from(plan.start, np.arange(days))
    festival = np.ones(days)
    offsets = np.arange(days)
    for new_year in spring_festivals():
        at = (np.datetime64(new_year) - first).astype(int)
        away = offsets - at
        festival[(away >= -28) & (away < -8)] *= 1.35  # stocking up
        festival[(away >= -8) & (away < -2)] *= 0.45
        festival[(away >= -2) & (away < 10)] *= 0.03
        festival[(away >= 10) & (away < 20)] *= 0.60
    all_days = dates_from(plan.start, np.arange(-BEFORE, days + AFTER))
    texts = np.array([str(one) for one in all_days], dtype=object)
    return Calendar(
        texts=texts,
        month=(stamps.astype("datetime64[M]").astype(int) % 12).astype(np.int64),
        weekday=((stamps.astype(int) + 3) % 7).astype(np.int64),
        festival=festival,
    )


@dataclass
class Table:
    """Rows of one table as columns. A column is a sequence of the rows' values, or one value for all rows."""

    name: str
    columns: dict[str, Any]
    rows: int


@dataclass
class Block:
    """A block of customers on its way through the steps. Arrays are indexed by the customer's place in the block."""

    plan: Plan
    calendar: Calendar
    index: int
    first: int
    """How many customers came before this block."""
    count: int
    next_ids: dict[str, int]
    """By table, the number of the next row; steps move it on."""
    values: dict[str, Any] = field(default_factory=dict)
    tables: list[Table] = field(default_factory=list)
    truths: list[dict[str, Any]] = field(default_factory=list)

    def rng(self, step: str) -> np.random.Generator:
        return self.plan.rng(step, self.index)

    def take_ids(self, table: str, rows: int) -> Ints:
        """Fresh row numbers, rising."""
        first = self.next_ids.get(table, 1)
        self.next_ids[table] = first + rows
        return np.arange(first, first + rows, dtype=np.int64)

    def add(self, table: str, rows: int, columns: dict[str, Any]) -> None:
        if rows:
            self.tables.append(Table(table, columns, rows))

    def dates(self, days: Ints) -> list[str]:
        """ISO dates of day indexes (0 is the plan's first day)."""
        texts = self.calendar.texts
        found: list[str] = texts[np.clip(days + BEFORE, 0, len(texts) - 1)].tolist()
        return found


def dates_from(first: date, offsets: Any) -> NDArray[np.datetime64]:
    """The dates so many days after a date (before it, where negative)."""
    return np.datetime64(first, "D") + np.asarray(offsets).astype("timedelta64[D]")


def pick(rng: np.random.Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """`size` indexes by weight."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    return np.searchsorted(edges, rng.random(size) * edges[-1], side="right").astype(np.int64)


def as_list(values: Iterable[Any]) -> list[Any]:
    """A column ready to be bound: Python values, no numpy scalars."""
    return values.tolist() if isinstance(values, np.ndarray) else list(values)
