"""What the lake knows of products."""

from __future__ import annotations

from bihuan.kernel.analytics.registry import Column, Dataset, registry

registry.add_dataset(
    Dataset(
        name="products",
        room="catalog",
        columns=(
            Column("id", "int"),
            Column("code", "text"),
            Column("name", "text"),
            Column("family", "text"),
            Column("grade", "text"),
            Column("unit", "text"),
        ),
        select="SELECT id, code, name, family, grade, unit FROM catalog_product",
    )
)
