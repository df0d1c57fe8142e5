"""Words for what is written into the journal."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from bihuan.audit.wording import name_actions

name_actions(
    {
        "customer.created": pgettext_lazy("journal", "Created a customer"),
        "customer.edited": pgettext_lazy("journal", "Changed a customer"),
        "customer.renamed": pgettext_lazy("journal", "Renamed a customer"),
        "customer.noted": pgettext_lazy("journal", "Noted something of a customer"),
        "customer.verified": pgettext_lazy("journal", "Verified a customer's data"),
        "customer.handed_over": pgettext_lazy("journal", "Handed over a customer"),
        "customer.all_handed_over": pgettext_lazy("journal", "Handed over all customers of a person"),
        "customer.put_back": pgettext_lazy("journal", "Took back a change of many customers"),
        "customer.tagged": pgettext_lazy("journal", "Changed a customer's tags"),
        "customer.name_added": pgettext_lazy("journal", "Added another name of a customer"),
        "customer.name_removed": pgettext_lazy("journal", "Removed another name of a customer"),
        "customer.relation_added": pgettext_lazy("journal", "Added a relation between customers"),
        "customer.relation_removed": pgettext_lazy("journal", "Removed a relation between customers"),
        "customer.competitor_recorded": pgettext_lazy("journal", "Noted a competitor"),
        "customer.competitor_removed": pgettext_lazy("journal", "Removed a competitor"),
        "customer.fact_recorded": pgettext_lazy("journal", "Noted a fact of a customer"),
        "contact.created": pgettext_lazy("journal", "Added a contact"),
        "contact.edited": pgettext_lazy("journal", "Changed a contact"),
        "contact.deactivated": pgettext_lazy("journal", "Noted that a contact left"),
        "contact.reactivated": pgettext_lazy("journal", "Noted that a contact is back"),
        "site.created": pgettext_lazy("journal", "Added a site"),
        "site.edited": pgettext_lazy("journal", "Changed a site"),
        "duplicate.find": pgettext_lazy("journal", "Looked for duplicates"),
        "duplicate.dismiss": pgettext_lazy("journal", "Declared records no duplicates"),
        "duplicate.reopen": pgettext_lazy("journal", "Opened a dismissed duplicate again"),
        "duplicate.merge": pgettext_lazy("journal", "Merged duplicates"),
        "duplicate.merged_into": pgettext_lazy("journal", "Was merged into another record"),
        "duplicate.undo": pgettext_lazy("journal", "Undid a merge"),
    }
)
