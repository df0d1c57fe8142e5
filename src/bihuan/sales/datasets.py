"""What the lake knows of sales: lines of documents, payments, receivables."""

from __future__ import annotations

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.analytics.registry import Column, Dataset, registry

COMMERCIAL = FieldClass.COMMERCIAL
SALE, CANCELLATION, ADJUSTMENT = 1, 2, 3

registry.add_dataset(
    Dataset(
        name="order_lines",
        room="sales",
        part_by="ordered_on",
        columns=(
            Column("id", "int"),
            Column("order_id", "int"),
            Column("is_order", "bool"),
            Column("kind", "int"),
            Column("customer_id", "int"),
            Column("ordered_on", "date"),
            Column("product_id", "int"),
            Column("quantity", "fixed", COMMERCIAL),
            Column("volume", "fixed", COMMERCIAL),  # the quantity in the company's base unit
            Column("price", "fixed", COMMERCIAL),
            Column("amount", "fixed", COMMERCIAL),
            Column("cost", "fixed", COMMERCIAL),
            Column("promised_on", "date"),
            Column("delivered_on", "date"),
            Column("delivered_quantity", "fixed", COMMERCIAL),
            Column("cancels_id", "int"),
        ),
        select="""
            SELECT line.id, line.order_id, document.kind = 'order' AS is_order, line.kind, line.customer_id,
                   line.ordered_on, line.product_id, line.quantity,
                   CAST(line.quantity AS HUGEINT) * coalesce(unit.in_base_units, 1000000) // 1000000 AS volume, line.price, line.amount, line.cost,
                   line.promised_on, line.delivered_on, line.delivered_quantity, line.cancels_id
            FROM sales_orderline AS line JOIN sales_order AS document ON document.id = line.order_id
            LEFT JOIN catalog_product AS product ON product.id = line.product_id
            LEFT JOIN catalog_unit AS unit ON unit.code = product.unit
        """,
    )
)
registry.add_dataset(
    Dataset(
        name="payments",
        room="sales",
        part_by="paid_on",
        columns=(
            Column("id", "int"),
            Column("customer_id", "int"),
            Column("order_id", "int"),
            Column("amount", "fixed", COMMERCIAL),
            Column("paid_on", "date"),
        ),
        select="SELECT id, customer_id, order_id, amount, paid_on FROM sales_payment",
    )
)
registry.add_dataset(
    Dataset(
        name="receivables",
        room="sales",
        part_by="issued_on",
        columns=(
            Column("id", "int"),
            Column("customer_id", "int"),
            Column("order_id", "int"),
            Column("amount", "fixed", COMMERCIAL),
            Column("settled_amount", "fixed", COMMERCIAL),
            Column("issued_on", "date"),
            Column("due_on", "date"),
            Column("settled_on", "date"),
        ),
        select="""
            SELECT id, customer_id, order_id, amount, settled_amount, issued_on, due_on, settled_on
            FROM sales_receivable
        """,
    )
)
