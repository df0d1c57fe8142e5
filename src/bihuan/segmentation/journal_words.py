"""Words for what is written into the journal."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from bihuan.audit.wording import name_actions, name_objects

name_objects(
    {
        "proposal": pgettext_lazy("journal", "Tier proposals"),
    }
)
name_actions(
    {
        "refresh_metrics": pgettext_lazy("journal", "Computed metrics"),
        "customers.scored": pgettext_lazy("journal", "Computed health and tags of customers"),
        "proposal.put": pgettext_lazy("journal", "Put a proposal before the committee"),
        "proposal.withdrawn": pgettext_lazy("journal", "Withdrew a proposal"),
        "tier.approved": pgettext_lazy("journal", "Approved a tier"),
        "tier.refused": pgettext_lazy("journal", "Refused a tier"),
    }
)
