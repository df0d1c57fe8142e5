"""How kept objects and reasons are named to people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.integration.importing.store import rows_where

_NAMES = {
    "sales_orderline": "SELECT l.id, o.number || ' / ' || CAST(l.ordinal AS text) FROM sales_orderline l"
    " JOIN sales_order o ON o.id = l.order_id",
    "sales_order": "SELECT l.id, l.number FROM sales_order l",
    "sales_payment": "SELECT l.id, COALESCE(l.external_id, CAST(l.paid_on AS text)) FROM sales_payment l",
    "sales_receivable": "SELECT l.id, COALESCE(l.external_id, CAST(l.due_on AS text)) FROM sales_receivable l",
    "customers_contact": "SELECT l.id, l.name FROM customers_contact l",
    "customers_customer": "SELECT l.id, l.name FROM customers_customer l",
    "customers_tag": "SELECT l.id, l.label FROM customers_tag l",
    "catalog_characteristic": "SELECT l.id, l.name FROM catalog_characteristic l",
    "quality_lot": "SELECT l.id, p.code || ' ' || l.number FROM quality_lot l JOIN catalog_product p ON p.id = l.product_id",
    "quality_movement": "SELECT l.id, l.number FROM quality_movement l",
    "quality_readingseries": "SELECT l.id, p.code || ' ' || o.number || ' ' || l.parameter FROM quality_readingseries l"
    " JOIN quality_lot o ON o.id = l.lot_id JOIN catalog_product p ON p.id = o.product_id",
    "catalog_product": "SELECT l.id, l.code FROM catalog_product l",
}


def object_label(table: str) -> str:
    """What kind of thing a table holds, for people."""
    return {
        "sales_orderline": _("Order line"),
        "sales_order": _("Document"),
        "sales_payment": _("Payment"),
        "sales_receivable": _("Receivable"),
        "customers_contact": _("Contact"),
        "customers_customer": _("Customer"),
        "customers_customertag": _("Tag on a customer"),
        "customers_tag": _("Tag"),
        "catalog_product": _("Product"),
        "catalog_characteristic": _("Characteristic"),
        "quality_lot": pgettext("lot", "Lot"),
        "quality_epcislink": pgettext("lot", "Event told by another company"),
        "quality_lotevent": pgettext("lot", "Decision about a lot"),
        "quality_lotreservation": pgettext("lot", "Reservation of a lot"),
        "quality_lotshipment": pgettext("lot", "Shipment of a lot"),
        "quality_movement": pgettext("lot", "Posting"),
        "quality_movementline": pgettext("lot", "Posting"),
        "quality_readingseries": pgettext("reading", "Series"),
        "quality_testresult": pgettext("test", "Result"),
        "service_case": pgettext("service", "Case"),
    }.get(table, table)


def object_names(table: str, ids: Iterable[int]) -> Iterator[tuple[int, str]]:
    """`Customer 江苏三木` for each id that is still there."""
    select = _NAMES.get(table)
    if select is None:
        return
    for row_id, name in rows_where(select, "l.id", ids):
        yield row_id, f"{object_label(table)} {name}"


def reason_text(reason: str) -> str:
    """Why something was kept, as a sentence."""
    code, _colon, table = reason.partition(":")
    if code == "needed_by":
        return _("Still referred to: %(kind)s") % {"kind": object_label(table)}
    return {
        "changed_since": _("Changed since the import, by hand or by another import"),
        "sealed": _("Sealed in the evidence log"),
        "merged_since": _("Merged since the import"),
        "removed_since": _("Removed since the import; there is nothing to restore"),
    }.get(code, code)
