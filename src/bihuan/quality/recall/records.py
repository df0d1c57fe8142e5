"""Recalls and who is to be told as records. Whom one spoke to is a contact; of which lot it is, the lot's own record says."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.access import restrict_by_customer
from bihuan.kernel.actor import FieldClass
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from ..models import Recall, RecallEntry
from .access import restrict_recalls

PUBLIC, CONTACT = FieldClass.PUBLIC, FieldClass.CONTACT
RECALL = register_record(
    RecordSpec(
        name="recall",
        model=Recall,
        restrict=restrict_recalls,
        title_field="number",
        fields=(
            FieldSpec("number", pgettext_lazy("recall", "Number"), PUBLIC, in_search=True),
            FieldSpec("reason", pgettext_lazy("recall", "Reason"), PUBLIC),
            FieldSpec("level", pgettext_lazy("recall", "Class"), PUBLIC, kind="choice", choices=lambda: dict(Recall.Level.choices)),
            FieldSpec("asked", pgettext_lazy("recall", "Asked of customers"), PUBLIC, kind="choice", choices=lambda: dict(Recall.Asked.choices)),
            FieldSpec("started_at", pgettext_lazy("recall", "Started"), PUBLIC, kind="moment"),
            FieldSpec("started_by", pgettext_lazy("recall", "Started by"), PUBLIC),
            FieldSpec("closed_at", pgettext_lazy("recall", "Closed"), PUBLIC, kind="moment"),
        ),
    )
)  # fmt: skip
RECALL_ENTRY = register_record(
    RecordSpec(
        name="recall_entry",
        model=RecallEntry,
        restrict=restrict_by_customer,
        title_field="customer",
        fields=(
            FieldSpec("recall", pgettext_lazy("recall", "Recall"), PUBLIC, path="recall__number"),
            FieldSpec("customer", _("Customer"), PUBLIC, path="customer__name"),
            FieldSpec("owner", _("Owner A"), PUBLIC, path="customer__owner_a__name"),
            FieldSpec("quantity", pgettext_lazy("recall", "Shipped"), PUBLIC, kind="quantity"),
            FieldSpec("unit", _("Unit"), PUBLIC, kind="unit"),
            FieldSpec("state", pgettext_lazy("recall", "Progress"), PUBLIC, kind="choice", choices=lambda: dict(RecallEntry.State.choices)),
            FieldSpec("told_at", pgettext_lazy("recall", "Told at"), PUBLIC, kind="moment"),
            FieldSpec("told_via", pgettext_lazy("recall", "Told by"), PUBLIC, kind="choice", choices=lambda: dict(RecallEntry.Via.choices)),
            FieldSpec("told_whom", pgettext_lazy("recall", "Told whom"), CONTACT),
            FieldSpec("found", pgettext_lazy("recall", "Found and kept apart"), PUBLIC, kind="quantity"),
            FieldSpec("returned", pgettext_lazy("recall", "Returned"), PUBLIC, kind="quantity"),
            FieldSpec("used_up", pgettext_lazy("recall", "Used up"), PUBLIC, kind="quantity"),
        ),
    )
)  # fmt: skip
