"""Cases as records: fields with their classes.

What was asked and answered is public within the company; the cause that was found is technical. What happened has a
class for each event.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from .access import restrict_cases
from .models import Case
from .promised import promised_now

PUBLIC = FieldClass.PUBLIC
CASE = register_record(
    RecordSpec(
        name="case",
        model=Case,
        restrict=restrict_cases,
        title_field="number",
        fields=(
            FieldSpec("number", _("Number"), PUBLIC, in_search=True),
            FieldSpec("title", pgettext_lazy("case", "Title"), PUBLIC, in_search=True),
            FieldSpec("text", pgettext_lazy("case", "What happened"), PUBLIC, in_list=False),
            FieldSpec("kind", _("Kind"), PUBLIC, kind="choice", choices=lambda: promised_now().kind_labels()),
            FieldSpec(
                "status", _("Status"), PUBLIC, kind="choice", choices=lambda: promised_now().category_labels()
            ),
            FieldSpec("customer", _("Customer"), PUBLIC, path="customer__name"),
            FieldSpec("contact", _("Contact"), PUBLIC, path="contact__name"),
            FieldSpec(
                "severity",
                _("Severity"),
                PUBLIC,
                kind="choice",
                choices=lambda: promised_now().severity_labels(),
            ),
            FieldSpec(
                "urgency",
                _("Urgency"),
                PUBLIC,
                kind="choice",
                choices=lambda: promised_now().urgency_labels(),
            ),
            FieldSpec(
                "channel",
                _("Channel"),
                PUBLIC,
                kind="choice",
                choices=lambda: promised_now().channel_labels(),
            ),
            FieldSpec("owner", pgettext_lazy("case", "Handled by"), PUBLIC, path="owner__name"),
            FieldSpec("team", _("Team"), PUBLIC, path="team__name"),
            FieldSpec("opened_at", pgettext_lazy("case", "Opened"), PUBLIC, kind="moment"),
            FieldSpec("next_due_at", pgettext_lazy("case", "Due next"), PUBLIC, kind="moment"),
            FieldSpec(
                "next_due_kind",
                pgettext_lazy("case", "What is due"),
                PUBLIC,
                kind="choice",
                choices=lambda: promised_now().clock_labels(),
            ),
            FieldSpec("solved_at", pgettext_lazy("case", "Solved at"), PUBLIC, kind="moment"),
            FieldSpec("closed_at", pgettext_lazy("case", "Closed at"), PUBLIC, kind="moment"),
            FieldSpec("solution", pgettext_lazy("case", "Solution"), PUBLIC, in_list=False),
            FieldSpec("cause", pgettext_lazy("case", "Cause"), FieldClass.TECHNICAL, in_list=False),
            FieldSpec("satisfaction", pgettext_lazy("case", "Satisfaction"), PUBLIC, kind="number"),
        ),
    )
)

from . import records_investigation  # noqa: E402, F401  found by the same name
from .dispatch import records as _of_dispatch  # noqa: E402, F401  found by the same name
from .objection import records as _objection_records  # noqa: E402, F401  found by the same name
from .review import record as _of_review  # noqa: E402, F401  found by the same name
