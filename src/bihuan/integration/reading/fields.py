"""What can be imported: the kinds, their fields, and the words by which people call them.

Words are compared narrow, case-folded and without spaces or punctuation (`header_key`). A field's own name is always
one of its words.
"""

from __future__ import annotations

from collections.abc import Mapping

from bihuan.integration.reading.field import Field, header_key, without_unit
from bihuan.integration.reading.field_words import (
    CONTACTS,
    CUSTOMERS,
    ORDERS,
    PAYMENTS,
    PRODUCTS,
    RECEIVABLES,
)

__all__ = ["KINDS", "NEEDS", "TOTAL_WORDS", "Field", "field_of", "header_key", "without_unit"]

KINDS: Mapping[str, tuple[Field, ...]] = {
    "customers": CUSTOMERS,
    "contacts": CONTACTS,
    "products": PRODUCTS,
    "orders": ORDERS,
    "payments": PAYMENTS,
    "receivables": RECEIVABLES,
}
# At least one field of each group must be mapped, beyond those that are required by themselves.
NEEDS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "customers": (),
    "contacts": (("customer_id", "customer_name"),),
    "products": (),
    "orders": (("product_code", "product_name"), ("quantity", "amount"), ("price", "amount")),
    "payments": (("customer_id", "customer_name", "order_number"),),
    "receivables": (("customer_id", "customer_name", "order_number"),),
}
TOTAL_WORDS = frozenset(
    {
        "合计",
        "总计",
        "共计",
        "小计",
        "累计",
        "汇总",
        "本页合计",
        "本月合计",
        "总合计",
        "合计金额",
        "总额",
        "合  计",
        "总  计",
        "合 计",
        "总 计",
        "小 计",
    }
    | {"合計", "總計", "共計", "小計", "累計", "匯總", "總額"}
    | {"total", "totals", "grand total", "subtotal", "sub total", "sub-total", "sum", "summe", "gesamt"}
)


def field_of(kind: str, name: str) -> Field | None:
    """The field of that name, if the kind has it."""
    return next((one for one in KINDS[kind] if one.name == name), None)
