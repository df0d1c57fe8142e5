"""Certificates as records. A certificate is made to be handed out: whoever may see it, may read it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from ..access import restrict_certificates
from ..models import Certificate

PUBLIC = FieldClass.PUBLIC
CERTIFICATE = register_record(
    RecordSpec(
        name="certificate",
        model=Certificate,
        restrict=restrict_certificates,
        title_field="number",
        fields=(
            FieldSpec("number", _("Certificate number"), PUBLIC, in_search=True),
            FieldSpec(
                "kind", _("Kind"), PUBLIC, kind="choice", choices=lambda: dict(Certificate.Kind.choices)
            ),
            FieldSpec("lot", pgettext_lazy("lot", "Lot"), PUBLIC, path="lot__number"),
            FieldSpec("product", _("Product"), PUBLIC, path="lot__product__name"),
            FieldSpec("customer", _("Customer"), PUBLIC, path="customer__name"),
            FieldSpec("version", _("Version"), PUBLIC, kind="number"),
            FieldSpec("issued_at", pgettext_lazy("certificate", "Issued at"), PUBLIC, kind="moment"),
            FieldSpec("changed_at", _("Changed since it was signed"), PUBLIC, kind="moment"),
        ),
    )
)
