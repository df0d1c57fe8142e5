"""What people call the kinds of import and their fields."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KIND_LABELS: dict[str, str | Promise] = {
    "orders": _("Order lines"),
    "customers": _("Customers"),
    "contacts": _("Contacts"),
    "products": _("Products"),
    "payments": _("Payments"),
    "receivables": _("Receivables"),
    "plant": _("A plant's records"),
}
FIELD_LABELS: dict[str, str | Promise] = {
    "external_id": _("Number"),
    "name": _("Name"),
    "short_name": _("Short name"),
    "name_en": _("English name"),
    "credit_code": _("Unified social credit code"),
    "status": _("Status"),
    "industry": _("Industry"),
    "kind": _("Kind"),
    "country": _("Country"),
    "region": _("Region"),
    "city": _("City"),
    "address": _("Address"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "website": _("Website"),
    "customer_since": _("Customer since"),
    "owner_a": _("Owner A"),
    "owner_b": _("Deputy B"),
    "tags": _("Tags"),
    "note": _("Remarks"),
    "customer_id": _("Customer number"),
    "customer_name": _("Customer name"),
    "title": _("Post"),
    "chain_role": _("Part in decisions"),
    "wechat": _("WeChat"),
    "is_primary": _("Main contact"),
    "is_active": _("Active"),
    "code": _("Code"),
    "family": _("Family"),
    "grade": _("Grade"),
    "unit": _("Unit"),
    "list_price": _("List price"),
    "description": _("Description"),
    "number": _("Document number"),
    "line_id": _("Line's own number"),
    "line_place": _("Place in the document"),
    "ordered_at": _("Order date"),
    "product_code": _("Product code"),
    "product_name": _("Product name"),
    "quantity": _("Quantity"),
    "price": _("Price"),
    "amount": _("Amount"),
    "cost": _("Cost"),
    "currency": _("Currency"),
    "promised_on": _("Promised on"),
    "delivered_on": _("Delivered on"),
    "delivered_quantity": _("Delivered quantity"),
    "paid_on": _("Paid on"),
    "method": _("Method"),
    "order_number": _("Document number"),
    "settled_amount": _("Settled amount"),
    "issued_on": _("Issued on"),
    "due_on": _("Due on"),
    "settled_on": _("Settled on"),
}


def missing_text(missing: list[str]) -> str:
    """Fields that no column gives, for people: `a/b` means that one of them suffices."""
    return "; ".join(
        " / ".join(f"{FIELD_LABELS.get(name, name)} ({name})" for name in one.split("/")) for one in missing
    )
