"""Quality cost by the PAF model: prevention, appraisal, internal and external failure, as shares of sales. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

CATEGORIES = ("prevention", "appraisal", "internal", "external")
ZERO = Decimal(0)


def as_percent(share: Decimal | None) -> str:
    """A share with two places of a percent; empty for none."""
    if share is None:
        return ""
    return f"{(share * 100).quantize(Decimal('0.01'), ROUND_HALF_UP):f}%"


@dataclass(frozen=True)
class CostLine:
    """One month, product, customer or cause: its costs by category, and the sales they are measured against.

    `sales` None: not to be seen, or none to measure against.
    """

    key: str
    label: str
    amounts: Mapping[str, Decimal]
    sales: Decimal | None = None

    @property
    def total(self) -> Decimal:
        return sum(self.amounts.values(), ZERO)

    def amount(self, category: str) -> Decimal:
        return self.amounts.get(category, ZERO)

    def share(self, category: str = "") -> Decimal | None:
        """Of sales; without a category of all four together. Exact: nothing is rounded before it is written."""
        if self.sales is None or self.sales <= 0:
            return None
        return (self.amount(category) if category else self.total) / self.sales

    @property
    def four(self) -> list[tuple[Decimal, str]]:
        """Amount and share of each category, in their order."""
        return [(self.amount(one), as_percent(self.share(one))) for one in CATEGORIES]

    @property
    def all_four(self) -> str:
        """The share of all four together, written."""
        return as_percent(self.share())


def cost_lines(
    rows: Iterable[tuple[str, str, str, Decimal]], sales: Mapping[str, Decimal] | None = None
) -> list[CostLine]:
    """Lines from sums as (key, label, category, amount), in the order in which the keys came."""
    amounts: dict[str, dict[str, Decimal]] = {}
    labels: dict[str, str] = {}
    for key, label, category, amount in rows:
        labels.setdefault(key, label)
        own = amounts.setdefault(key, {})
        own[category] = own.get(category, ZERO) + amount
    return [
        CostLine(key, labels[key], own, None if sales is None else sales.get(key, ZERO))
        for key, own in amounts.items()
    ]


def together(lines: Iterable[CostLine], sales: Decimal | None) -> CostLine:
    """All lines as one, against all sales."""
    amounts: dict[str, Decimal] = {}
    for line in lines:
        for category, amount in line.amounts.items():
            amounts[category] = amounts.get(category, ZERO) + amount
    return CostLine("", "", amounts, sales)
