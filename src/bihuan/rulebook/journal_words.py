"""Words for what is written into the journal."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from bihuan.audit.wording import name_actions, name_objects

name_objects(
    {
        "policyversion": pgettext_lazy("journal", "Policy versions"),
    }
)
name_actions(
    {
        "policy.drafted": pgettext_lazy("journal", "Drafted a policy"),
        "policy.draft_changed": pgettext_lazy("journal", "Changed a draft of a policy"),
        "policy.approved": pgettext_lazy("journal", "Approved a policy"),
        "policy.withdrawn": pgettext_lazy("journal", "Withdrew a policy"),
        "policy.ended": pgettext_lazy("journal", "Ended a policy"),
    }
)
