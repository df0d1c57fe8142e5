"""What is known of one customer at a date, read from the database: the same rows that the lake's rowsets hold."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from django.db.models import Count, Q, QuerySet, Sum

from bihuan.catalog.models import Unit
from bihuan.customers.models import Customer, CustomerFact
from bihuan.sales.models import Order, OrderLine, Receivable
from bihuan.sales.owing import after_credits

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the customer with the sums of its lines; `cost` is None where no line's cost is known."""

    order_id: int
    number: str
    on: date
    amount: Decimal
    costed_amount: Decimal | None
    cost: Decimal | None
    volume: Decimal
    purchases: int


@dataclass(frozen=True, slots=True)
class Bought:
    product_id: int
    code: str
    name: str
    grade: str
    amount: Decimal

    @property
    def is_customised(self) -> bool:
        return "custom" in self.grade.lower() or "定制" in self.grade


@dataclass(frozen=True, slots=True)
class Delivery:
    order_id: int
    number: str
    promised_on: date
    delivered_on: date | None
    contracted: Decimal
    delivered: Decimal

    @property
    def is_on_time(self) -> bool:
        return self.delivered_on is not None and self.delivered_on <= self.promised_on


@dataclass(frozen=True, slots=True)
class Due:
    due_on: date
    settled_on: date | None
    amount: Decimal
    outstanding: Decimal


class CustomerRows:
    """One customer's rows as known at `as_of`, each kind read when first asked for."""

    def __init__(self, customer: Customer, as_of: date) -> None:
        self.customer = customer
        self.as_of = as_of

    def start(self, days: int) -> date:
        """The day before the window's first: the window is (start, as_of]."""
        return self.as_of - timedelta(days=days)

    @cached_property
    def documents(self) -> list[Document]:
        lines = OrderLine.objects.filter(customer=self.customer, ordered_on__lte=self.as_of)
        is_purchase = Q(order__kind=Order.Kind.ORDER, kind=OrderLine.Kind.SALE)
        sums = (
            lines.values("order_id", "order__number", "ordered_on")
            .annotate(
                amounts=Sum("amount"),
                costed=Sum("amount", filter=Q(cost__isnull=False)),
                costs=Sum("cost"),
                purchases=Count("id", filter=is_purchase),
            )
            .order_by("ordered_on", "order_id")
        )
        volumes = self._volumes(lines)
        return [
            Document(
                one["order_id"],
                one["order__number"],
                one["ordered_on"],
                one["amounts"],
                one["costed"],
                one["costs"],
                volumes.get((one["order_id"], one["ordered_on"]), ZERO),
                one["purchases"],
            )
            for one in sums
        ]

    def _volumes(self, lines: QuerySet[OrderLine]) -> dict[tuple[int, date], Decimal]:
        """Quantities in the company's base unit, by document and day."""
        factors = dict(Unit.objects.values_list("code", "in_base_units"))
        sums = (
            lines.exclude(kind=OrderLine.Kind.ADJUSTMENT)
            .values_list("order_id", "ordered_on", "product__unit")
            .annotate(quantities=Sum("quantity"))
            .order_by()
        )
        found: dict[tuple[int, date], Decimal] = {}
        for order_id, on, unit, quantity in sums:
            found[order_id, on] = found.get((order_id, on), ZERO) + quantity * factors.get(unit, 1)
        return found

    def documents_in(self, days: int | None, until_days: int = 0) -> list[Document]:
        """Documents of (as_of - days, as_of - until_days]; without days all of them."""
        if days is None:
            return self.documents
        return [one for one in self.documents if self.start(days) < one.on <= self.start(until_days)]

    @cached_property
    def purchase_days(self) -> list[date]:
        return sorted({one.on for one in self.documents if one.purchases})

    @cached_property
    def gaps(self) -> list[int]:
        days = self.purchase_days
        return [(later - earlier).days for earlier, later in pairwise(days)]

    @cached_property
    def since(self) -> date | None:
        in_file = self.customer.customer_since
        known = self.purchase_days[:1]
        if in_file and in_file <= self.as_of:
            known.append(in_file)
        return min(known, default=None)

    def products(self, days: int) -> list[Bought]:
        """What was bought of each product in the window, net, where positive; largest first."""
        lines = OrderLine.objects.filter(
            customer=self.customer, ordered_on__gt=self.start(days), ordered_on__lte=self.as_of
        )
        sums = lines.values("product_id", "product__code", "product__name", "product__grade").annotate(
            amounts=Sum("amount")
        )
        found = [
            Bought(
                one["product_id"],
                one["product__code"],
                one["product__name"],
                one["product__grade"],
                one["amounts"],
            )
            for one in sums
            if one["amounts"] > 0
        ]
        return sorted(found, key=lambda one: (-one.amount, one.code))

    def deliveries(self, days: int) -> list[Delivery]:
        """Sale lines promised in the window and not cancelled, whose day has passed or which were delivered."""
        lines = (
            OrderLine.objects.filter(
                customer=self.customer,
                kind=OrderLine.Kind.SALE,
                ordered_on__lte=self.as_of,
                promised_on__gt=self.start(days),
                promised_on__lte=self.as_of,
            )
            .annotate(
                cancelled=Sum(
                    "cancelled_by__quantity",
                    filter=Q(cancelled_by__ordered_on__lte=self.as_of, cancelled_by__customer__isnull=False),
                )
            )
            .values_list(
                "order_id",
                "order__number",
                "promised_on",
                "delivered_on",
                "quantity",
                "delivered_quantity",
                "cancelled",
            )
            .order_by("promised_on", "id")
        )
        found = []
        for order_id, number, promised, delivered_on, quantity, delivered, cancelled in lines:
            contracted = quantity + (cancelled or ZERO)
            if delivered_on is not None and delivered_on > self.as_of:
                delivered_on = None
            if promised is None or contracted <= 0 or (delivered_on is None and promised == self.as_of):
                continue
            got = ZERO
            if delivered_on is not None:
                got = contracted if delivered is None else min(delivered, contracted)
            found.append(Delivery(order_id, number, promised, delivered_on, contracted, got))
        return found

    @cached_property
    def dues(self) -> list[Due]:
        rows = Receivable.objects.filter(customer=self.customer, issued_on__lte=self.as_of)
        found = []
        for row in rows.order_by("due_on", "id"):
            settled = row.settled_on if row.settled_on and row.settled_on <= self.as_of else None
            if settled:
                left = ZERO
            elif row.settled_on is None:
                left = row.amount - row.settled_amount
            else:
                left = row.amount
            found.append(Due(row.due_on, settled, row.amount, left))
        left_of = after_credits([one.outstanding for one in found])
        return [
            replace(one, outstanding=left) for one, left in zip(found, left_of, strict=True) if one.amount > 0
        ]

    def fact(self, name: str) -> tuple[object, date | None] | None:
        """The newest value of a fact known at the date, and its date; the industry of the record has none."""
        row = CustomerFact.objects.filter(customer=self.customer, name=name, as_of__lte=self.as_of)
        newest = row.order_by("-as_of").values_list("value", "as_of").first()
        if newest is None and name == "industry" and self.customer.industry:
            return self.customer.industry.replace('"', ""), None
        return newest
