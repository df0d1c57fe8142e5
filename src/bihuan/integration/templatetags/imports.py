"""Words for the counts of an import."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def count_label(name: str) -> str:
    """What a count counts."""
    return {
        "rows": _("Rows"),
        "created": _("Created"),
        "updated": _("Updated"),
        "unchanged": _("Unchanged"),
        "refused": _("Refused"),
        "exact_duplicates": _("Exact duplicates (kept, marked)"),
        "cancellations": _("Cancellations"),
        "unassigned": _("Without a customer"),
        "customers": _("Customers"),
        "orders": _("Documents"),
    }.get(name, name)
