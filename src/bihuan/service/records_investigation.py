"""Investigations and quality costs as records: fields with their classes.

That there is an investigation, who leads it and what is due is public within the company; what was found is technical.
What quality cost is commercial.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.access import restrict_by_customer
from bihuan.kernel.actor import FieldClass
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from .investigation_access import restrict_investigations
from .investigation_clocks import step_labels
from .models import Factor, Investigation, QualityCost
from .promised import promised_now

PUBLIC, TECHNICAL, COMMERCIAL = FieldClass.PUBLIC, FieldClass.TECHNICAL, FieldClass.COMMERCIAL
INVESTIGATION = register_record(
    RecordSpec(
        name="investigation",
        model=Investigation,
        restrict=restrict_investigations,
        title_field="number",
        fields=(
            FieldSpec("number", _("Number"), PUBLIC, in_search=True),
            FieldSpec("title", pgettext_lazy("case", "Title"), PUBLIC, in_search=True),
            FieldSpec(
                "kind", _("Kind"), PUBLIC, kind="choice", choices=lambda: dict(Investigation.Kind.choices)
            ),
            FieldSpec(
                "severity", _("Severity"), PUBLIC, kind="choice",
                choices=lambda: promised_now().severity_labels(),
            ),
            FieldSpec("product", _("Product"), PUBLIC, path="product__name"),
            FieldSpec("defect", _("Defect"), TECHNICAL),
            FieldSpec("owner", pgettext_lazy("investigation", "Led by"), PUBLIC, path="owner__name"),
            FieldSpec("team", _("Team"), PUBLIC, path="team__name"),
            FieldSpec("opened_at", pgettext_lazy("investigation", "Opened at"), PUBLIC, kind="moment"),
            FieldSpec("next_due_at", pgettext_lazy("case", "Due next"), PUBLIC, kind="moment"),
            FieldSpec(
                "next_due_kind", pgettext_lazy("case", "What is due"), PUBLIC, kind="choice",
                choices=lambda: step_labels(promised_now()),
            ),
            FieldSpec("closed_at", pgettext_lazy("case", "Closed at"), PUBLIC, kind="moment"),
            FieldSpec("first_closed_at", _("First closed at"), PUBLIC, kind="moment"),
        ),
    )
)  # fmt: skip
QUALITY_COST = register_record(
    RecordSpec(
        name="quality_cost",
        model=QualityCost,
        restrict=restrict_by_customer,
        title_field="incurred_on",
        fields=(
            FieldSpec("incurred_on", _("Date"), PUBLIC, kind="date"),
            FieldSpec(
                "category", _("Category"), PUBLIC, kind="choice",
                choices=lambda: dict(QualityCost.Category.choices),
            ),
            FieldSpec("amount", _("Amount"), COMMERCIAL, kind="money"),
            FieldSpec("customer", _("Customer"), PUBLIC, path="customer__name"),
            FieldSpec("product", _("Product"), PUBLIC, path="product__name"),
            FieldSpec(
                "factor", pgettext_lazy("case", "Cause"), PUBLIC, kind="choice",
                choices=lambda: dict(Factor.choices),
            ),
            FieldSpec("case", _("Case"), PUBLIC, path="case__number"),
            FieldSpec("investigation", _("Investigation"), PUBLIC, path="investigation__number"),
            FieldSpec("text", _("Note"), COMMERCIAL),
            FieldSpec("created_by", _("Entered by"), PUBLIC),
        ),
    )
)  # fmt: skip
