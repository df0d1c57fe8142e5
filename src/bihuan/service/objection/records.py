"""Objections as records: fields with their classes.

What the customer says is public within the company; what was agreed and how much is commercial; what samples showed is technical
and stands in rows and events of that class.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from ..models import Objection
from .access import restrict_objections
from .wording import FIELD_WORDS

PUBLIC, TECHNICAL, COMMERCIAL = FieldClass.PUBLIC, FieldClass.TECHNICAL, FieldClass.COMMERCIAL


def _field(name: str, field_class: FieldClass = PUBLIC, **more: object) -> FieldSpec:
    return FieldSpec(name, FIELD_WORDS[name], field_class, **more)  # type: ignore[arg-type]


OBJECTION = register_record(
    RecordSpec(
        name="objection",
        model=Objection,
        restrict=restrict_objections,
        title_field="number",
        fields=(
            FieldSpec("number", _("Number"), PUBLIC, in_search=True),
            FieldSpec("case", _("Case"), PUBLIC, path="case__number"),
            FieldSpec("customer", _("Customer"), PUBLIC, path="case__customer__name"),
            FieldSpec(
                "stage", _("Stage"), PUBLIC, kind="choice", choices=lambda: dict(Objection.Stage.choices)
            ),
            _field("raised_on", kind="date"),
            _field("received_on", kind="date"),
            _field("contract"),
            _field("product", path="product__name"),
            _field("lot"),
            _field("specification"),
            _field("about", kind="choice", choices=lambda: dict(Objection.About.choices)),
            _field("defect"),
            _field("unit"),
            _field("quantity_delivered", kind="number"),
            _field("quantity_claimed", kind="number"),
            _field("location", in_list=False),
            _field("remedy_wanted", in_list=False),
            _field("resale_chain", in_list=False),
            _field("amount_claimed", COMMERCIAL, kind="money"),
            FieldSpec("quantity_accepted", _("Quantity accepted"), PUBLIC, kind="number"),
            FieldSpec("amount_accepted", _("Amount agreed"), COMMERCIAL, kind="money"),
            FieldSpec("opened_at", pgettext_lazy("case", "Opened"), PUBLIC, kind="moment"),
            FieldSpec("closed_at", pgettext_lazy("case", "Closed at"), PUBLIC, kind="moment"),
        ),
    )
)
