"""Words for what is written into the journal."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from bihuan.audit.wording import name_actions

name_actions(
    {
        "order.posted": pgettext_lazy("journal", "Posted a credit note"),
        "order.reversed": pgettext_lazy("journal", "Reversed a credit note"),
    }
)
