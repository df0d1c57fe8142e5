"""Customers, their contacts and sites as records: fields with their classes, one scope for all three.

Facts of the file have a class each, see `facts_catalogue`.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from .access import restrict_by_customer, restrict_customers
from .models import Contact, Customer, Site

PUBLIC, CONTACT_CLASS, COMMERCIAL = FieldClass.PUBLIC, FieldClass.CONTACT, FieldClass.COMMERCIAL

CUSTOMER = register_record(
    RecordSpec(
        name="customer",
        model=Customer,
        restrict=restrict_customers,
        fields=(
            FieldSpec("name", pgettext_lazy("company", "Name"), PUBLIC, in_search=True, editable=True),
            FieldSpec("short_name", _("Short name"), PUBLIC, in_search=True, editable=True),
            FieldSpec("name_en", _("English name"), PUBLIC, in_search=True, editable=True),
            FieldSpec("external_id", pgettext_lazy("of a customer", "Number"), PUBLIC, in_search=True),
            FieldSpec("credit_code", _("Credit code"), PUBLIC, in_search=True, editable=True),
            FieldSpec(
                "status",
                _("Status"),
                PUBLIC,
                kind="choice",
                editable=True,
                choices=lambda: dict(Customer.Status.choices),
            ),
            FieldSpec("industry", _("Industry"), PUBLIC, editable=True),
            FieldSpec("kind", pgettext_lazy("of a customer", "Kind"), PUBLIC, editable=True),
            FieldSpec("country", _("Country"), PUBLIC, editable=True),
            FieldSpec("region", _("Region"), PUBLIC, editable=True),
            FieldSpec("city", _("City"), PUBLIC, editable=True),
            FieldSpec("owner_a", _("Owner A"), PUBLIC, path="owner_a__name", editable=True),
            FieldSpec("owner_b", _("Owner B"), PUBLIC, path="owner_b__name", editable=True),
            FieldSpec("customer_since", _("Customer since"), PUBLIC, kind="date", editable=True),
            FieldSpec("completeness", _("Completeness"), PUBLIC, kind="number"),
            FieldSpec("verified_on", _("Verified on"), PUBLIC, kind="date"),
            FieldSpec("phone", _("Telephone"), CONTACT_CLASS, in_search=True, editable=True),
            FieldSpec("email", _("Mail"), CONTACT_CLASS, in_search=True, editable=True),
            FieldSpec("address", _("Address"), CONTACT_CLASS, in_search=True, editable=True),
            FieldSpec("website", _("Website"), CONTACT_CLASS, editable=True),
            FieldSpec("note", _("Remarks"), COMMERCIAL, in_list=False, editable=True),
        ),
    )
)
CONTACT = register_record(
    RecordSpec(
        name="contact",
        model=Contact,
        restrict=restrict_by_customer,
        fields=(
            FieldSpec("name", pgettext_lazy("person", "Name"), PUBLIC, editable=True),
            FieldSpec("title", _("Job title"), PUBLIC, editable=True),
            FieldSpec(
                "chain_role",
                _("Part in decisions"),
                PUBLIC,
                kind="choice",
                editable=True,
                choices=lambda: dict(Contact.ChainRole.choices),
            ),
            FieldSpec("phone", _("Telephone"), CONTACT_CLASS, editable=True),
            FieldSpec("email", _("Mail"), CONTACT_CLASS, editable=True),
            FieldSpec("wechat", _("WeChat"), CONTACT_CLASS, editable=True),
            FieldSpec("is_primary", _("First contact"), PUBLIC, kind="bool", editable=True),
            FieldSpec("is_active", _("Still there"), PUBLIC, kind="bool"),
            FieldSpec("note", _("Remarks"), COMMERCIAL, in_list=False, editable=True),
        ),
    )
)
SITE = register_record(
    RecordSpec(
        name="site",
        model=Site,
        restrict=restrict_by_customer,
        fields=(
            FieldSpec("name", pgettext_lazy("place", "Name"), PUBLIC, editable=True),
            FieldSpec("kind", pgettext_lazy("of a place", "Kind"), PUBLIC, editable=True),
            FieldSpec("region", _("Region"), PUBLIC, editable=True),
            FieldSpec("city", _("City"), PUBLIC, editable=True),
            FieldSpec("address", _("Address"), CONTACT_CLASS, editable=True),
        ),
    )
)
