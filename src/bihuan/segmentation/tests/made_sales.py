"""A small made company with all that makes metrics hard: cancellations, unknown costs, late deliveries, gaps."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bihuan.catalog.models import Product
from bihuan.customers.models import Customer, CustomerFact
from bihuan.sales.models import Order, OrderLine, Receivable

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FIRST = date(2023, 6, 1)
DAYS = 1000
TIMES = [Decimal(1), Decimal(1), Decimal("0.5"), Decimal(2)]
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}


def make_sales(seed: int = 1, customers: int = 40, orders: int = 600) -> None:
    """Customers (some without any order), products, documents with lines, receivables and facts, all by `seed`."""
    chance = random.Random(seed)
    buyers = Customer.objects.bulk_create(
        Customer(
            external_id=f"K{number}",
            name=f"Made customer {number}",
            customer_since=chance.choice(
                [None, FIRST - timedelta(days=chance.randrange(900)), day_in(chance)]
            ),
            **STAMPS,
        )
        for number in range(customers)
    )
    products = Product.objects.bulk_create(
        Product(
            code=f"P{number}",
            name=f"Made product {number}",
            grade=chance.choice(["", "98 %", "custom 7", "定制"]),
            **STAMPS,
        )
        for number in range(12)
    )
    favourites = {buyer.pk: chance.sample(products, 4) for buyer in buyers}
    active = buyers[: customers - 3]
    documents: list[Order] = []
    lines: list[OrderLine] = []
    for number in range(orders):
        on = day_in(chance)
        buyer = chance.choice([*active, None])
        kind = chance.choices(["order", "credit_note", "adjustment"], [90, 6, 4])[0]
        documents.append(
            Order(
                number=f"D{number}",
                kind=kind,
                customer=buyer,
                ordered_on=on,
                ordered_at=datetime(on.year, on.month, on.day, 9, tzinfo=UTC),
                **STAMPS,
            )
        )
    documents = Order.objects.bulk_create(documents)
    for document in documents:
        bought = products if document.customer_id is None else favourites[document.customer_id]
        for ordinal in range(1, chance.randrange(2, 6)):
            lines.append(make_line(chance, document, ordinal, chance.choice(bought)))
    lines = OrderLine.objects.bulk_create(lines)
    cancel_some(chance, lines)
    Receivable.objects.bulk_create(make_receivable(chance, one) for one in documents if one.customer_id)
    CustomerFact.objects.bulk_create(
        CustomerFact(customer=buyer, section="capability", name=name, value=value, as_of=on)
        for buyer in buyers[:-1]
        for name, value, on in (
            ("annual_purchases", chance.randrange(1, 900), FIRST + timedelta(days=chance.randrange(400))),
            ("annual_purchases", str(chance.randrange(1, 900)) + ".5", FIRST + timedelta(days=401)),
            ("annual_purchases", chance.randrange(1, 900), FIRST + timedelta(days=DAYS - 30)),
            ("credit_grade", chance.choice(["甲", "乙 “quoted”", "C"]), day_in(chance)),
            ("employees", chance.randrange(5, 5000), day_in(chance)),
        )
        if chance.random() < 0.7
    )


def day_in(chance: random.Random) -> date:
    return FIRST + timedelta(days=chance.randrange(DAYS))


def make_line(chance: random.Random, document: Order, ordinal: int, product: Product) -> OrderLine:
    sign = (
        -1
        if document.kind == "credit_note"
        else chance.choice([1, 1, 1, -1])
        if document.kind == "adjustment"
        else 1
    )
    quantity = Decimal(sign * chance.randrange(1, 4000)) / 4
    price = Decimal(chance.randrange(1, 900000)) / 1000
    kinds = {"order": OrderLine.Kind.SALE, "credit_note": OrderLine.Kind.CANCELLATION}
    promised = document.ordered_on + timedelta(days=chance.randrange(40)) if chance.random() < 0.7 else None
    delivered = None
    if promised and chance.random() < 0.85:
        delivered = promised + timedelta(days=chance.choice([-3, -1, 0, 0, 1, 6, 30]))
    return OrderLine(
        order=document,
        ordinal=ordinal,
        kind=kinds.get(document.kind, OrderLine.Kind.ADJUSTMENT),
        customer_id=document.customer_id,
        ordered_on=document.ordered_on,
        product=product,
        quantity=quantity,
        price=price,
        amount=quantity * price,
        cost=quantity * price * Decimal("0.61") if chance.random() < 0.6 else None,
        promised_on=promised,
        delivered_on=delivered,
        delivered_quantity=quantity * chance.choice(TIMES) if delivered and chance.random() < 0.8 else None,
    )


def cancel_some(chance: random.Random, lines: list[OrderLine]) -> None:
    """Cancel some sale lines, wholly or in part, days or months later, in a credit note each."""
    for number, line in enumerate(
        one for one in lines if one.kind == OrderLine.Kind.SALE and chance.random() < 0.06
    ):
        on = line.ordered_on + timedelta(days=chance.choice([0, 2, 40, 200]))
        note = Order.objects.create(
            number=f"C{number}",
            kind="credit_note",
            customer_id=line.customer_id,
            ordered_on=on,
            ordered_at=datetime(on.year, on.month, on.day, 9, tzinfo=UTC),
            **STAMPS,
        )
        quantity = -line.quantity * chance.choice(TIMES[:3])
        OrderLine.objects.create(
            order=note,
            ordinal=1,
            kind=OrderLine.Kind.CANCELLATION,
            customer_id=line.customer_id,
            ordered_on=on,
            product=line.product,
            quantity=quantity,
            price=line.price,
            amount=quantity * line.price,
            cost=None if line.cost is None else quantity * line.price * Decimal("0.61"),
            cancels=line,
        )


def make_receivable(chance: random.Random, document: Order) -> Receivable:
    due = document.ordered_on + timedelta(days=chance.choice([0, 30, 60, 90]))
    amount = Decimal(chance.randrange(-50000, 900000)) / 100
    settled = due + timedelta(days=chance.choice([-20, -1, 0, 1, 15, 100])) if chance.random() < 0.7 else None
    return Receivable(
        customer=document.customer,
        order=document,
        amount=amount,
        settled_amount=amount if settled else (amount / 4 if amount > 0 and chance.random() < 0.3 else 0),
        issued_on=document.ordered_on,
        due_on=due,
        settled_on=settled,
        **STAMPS,
    )


def end_at(day: date) -> None:
    """Make the database one that ends on that day: what came later was not recorded yet."""
    OrderLine.objects.filter(ordered_on__gt=day).delete()
    Receivable.objects.filter(issued_on__gt=day).delete()
    Order.objects.filter(ordered_on__gt=day).delete()
    CustomerFact.objects.filter(as_of__gt=day).delete()
    OrderLine.objects.filter(delivered_on__gt=day).update(delivered_on=None, delivered_quantity=None)
    Receivable.objects.filter(settled_on__gt=day).update(settled_on=None, settled_amount=0)
    Customer.objects.filter(customer_since__gt=day).update(customer_since=None)
