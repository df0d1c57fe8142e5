"""Orders, payments and receivables as records: fields with their classes, scope by customer.

Quantities and dates are public within the company (dispatch needs them); prices, amounts and costs are commercial.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bihuan.customers.access import restrict_by_customer
from bihuan.kernel.actor import FieldClass
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from .models import Order, Payment, Receivable

ORDER = register_record(
    RecordSpec(
        name="order",
        model=Order,
        restrict=restrict_by_customer,
        title_field="number",
        fields=(
            FieldSpec("number", _("Number"), FieldClass.PUBLIC, in_search=True),
            FieldSpec(
                "kind", _("Kind"), FieldClass.PUBLIC, kind="choice", choices=lambda: dict(Order.Kind.choices)
            ),
            FieldSpec("customer", _("Customer"), FieldClass.PUBLIC, path="customer__name"),
            FieldSpec("ordered_on", _("Date"), FieldClass.PUBLIC, kind="date"),
            FieldSpec("country", _("Country"), FieldClass.PUBLIC),
            FieldSpec("line_count", _("Lines"), FieldClass.PUBLIC, kind="number"),
            FieldSpec("amount", _("Amount"), FieldClass.COMMERCIAL, kind="money"),
            FieldSpec("currency", _("Currency"), FieldClass.COMMERCIAL),
            FieldSpec("note", _("Note"), FieldClass.COMMERCIAL, in_list=False),
        ),
    )
)
PAYMENT = register_record(
    RecordSpec(
        name="payment",
        model=Payment,
        restrict=restrict_by_customer,
        title_field="paid_on",
        fields=(
            FieldSpec("paid_on", _("Date"), FieldClass.COMMERCIAL, kind="date"),
            FieldSpec("customer", _("Customer"), FieldClass.PUBLIC, path="customer__name"),
            FieldSpec("amount", _("Amount"), FieldClass.COMMERCIAL, kind="money"),
            FieldSpec("method", _("Paid by"), FieldClass.COMMERCIAL),
            FieldSpec("note", _("Note"), FieldClass.COMMERCIAL, in_list=False),
        ),
    )
)
RECEIVABLE = register_record(
    RecordSpec(
        name="receivable",
        model=Receivable,
        restrict=restrict_by_customer,
        title_field="due_on",
        fields=(
            FieldSpec("due_on", _("Due"), FieldClass.COMMERCIAL, kind="date"),
            FieldSpec("customer", _("Customer"), FieldClass.PUBLIC, path="customer__name"),
            FieldSpec("issued_on", _("Issued"), FieldClass.COMMERCIAL, kind="date"),
            FieldSpec("amount", _("Amount"), FieldClass.COMMERCIAL, kind="money"),
            FieldSpec("settled_amount", _("Settled"), FieldClass.COMMERCIAL, kind="money"),
            FieldSpec("settled_on", _("Settled on"), FieldClass.COMMERCIAL, kind="date"),
        ),
    )
)
