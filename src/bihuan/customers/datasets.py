"""What the lake knows of customers: who they are, and the facts of their files."""

from __future__ import annotations

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.analytics.registry import Column, Dataset, registry

registry.add_dataset(
    Dataset(
        name="customers",
        room="customers",
        columns=(
            Column("id", "int"),
            Column("external_id", "text"),
            Column("name", "text"),
            Column("status", "text"),
            Column("industry", "text"),
            Column("kind", "text"),
            Column("region", "text"),
            Column("customer_since", "date"),
        ),
        # Merged customers are pointers: their rows moved to the survivor.
        select="""
            SELECT id, external_id, name, status, industry, kind, region, customer_since
            FROM customers_customer WHERE merged_into_id IS NULL
        """,
    )
)
registry.add_dataset(
    Dataset(
        name="customer_facts",
        room="customers",
        columns=(
            Column("customer_id", "int"),
            Column("section", "text"),
            Column("name", "text"),
            Column("value", "text", FieldClass.COMMERCIAL),
            Column("as_of", "date"),
        ),
        select="SELECT customer_id, section, name, CAST(value AS VARCHAR) AS value, as_of FROM customers_customerfact",
    )
)
