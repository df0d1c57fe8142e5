"""Words for what is written into the journal."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bihuan.audit.wording import name_actions

name_actions(
    {
        "certificate.issued": _("Issued a certificate"),
        "certificate.superseded": _("Superseded a certificate"),
        "certificate.first_signed": _("Signed a 3.2 certificate as the first"),
        "certificate.declined": _("Declined a 3.2 certificate's second signature"),
        "certificate.results_changed": _("Results of a certificate changed"),
        "certificate.limits_changed": _("Limits that a certificate lists changed"),
        "certificate.lot_gone": _("A lot of a certificate is for its order no longer"),
        "certificate.as_signed": _("A certificate says again what is so"),
        "certificate_template.changed": _("Changed a customer's certificate template"),
        "certificates.changed": _("Changed how certificates look"),
        "publication.changed": _("Changed what is published of lots"),
    }
)
