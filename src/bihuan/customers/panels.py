"""What this room hangs into pages: menu, palette, Today, and the customer's own panels."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.pages import journal
from bihuan.kernel.pages.registry import (
    Suggestion,
    menu_item,
    next_action,
    palette_action,
    palette_search,
    panel,
    today_section,
)

from . import bulk_actions, journal_words, lists, queries  # noqa: F401
from .duplicates import panels as duplicates_panels  # noqa: F401  (its menu entry and its card on Today)
from .models import Customer
from .records import CONTACT, CUSTOMER, SITE
from .rules import PARTS, completeness, missing_parts
from .search import searched

CHANGED_DAYS, CHANGED_LINES = 14, 8

menu_item(
    lists.CUSTOMERS.title,
    "customers",
    "building-factory-2",
    object="customer",
    section="work",
    order=20,
    thumb=True,
    keys="g c",
)
menu_item(
    gettext_lazy("Hand over"),
    "hand_over",
    "arrows-exchange",
    object="customer",
    action="hand_over",
    section="data",
    order=60,
)
palette_action(
    gettext_lazy("New customer"),
    "customer_create",
    "plus",
    object="customer",
    action="create",
    words="new customer add 新建 新增 客户 xjkh",
    dialog=True,
    keys="n",
)


@palette_search
def find_customers(actor: Actor, text: str) -> list[dict[str, Any]]:
    rows = searched(actor, queries.customers_visible_to(actor), text).order_by("name", "pk")
    return [
        {
            "label": name,
            "hint": city or region or number or "",
            "url": reverse("customer", args=[pk]),
            "icon": "building-factory-2",
        }
        for pk, name, city, region, number in rows.values_list("pk", "name", "city", "region", "external_id")[
            :8
        ]
    ]


@today_section(
    title=gettext_lazy("Changed at my customers"),
    template="customers/panels/changed_today.html",
    name="changed_customers",
    object="customer",
    icon="history",
    order=50,
    place="side",
)
def changed_customers_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows = queries.changed_at_mine(actor, moment - timedelta(days=CHANGED_DAYS), CHANGED_LINES)
    return {"rows": rows} if rows else None


@panel(
    "customer",
    title=gettext_lazy("Decision chain"),
    template="customers/panels/chain.html",
    name="chain",
    object="contact",
    icon="users",
    order=5,
)
def chain_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any]:
    return {
        "contacts": queries.contacts_of(actor, customer),
        "readable": {one.name for one in CONTACT.readable(actor)},
        "may_add": actor.may("contact", "create"),
        "may_edit": actor.may("contact", "edit"),
    }


@panel(
    "customer",
    title=gettext_lazy("Timeline"),
    template="customers/panels/timeline.html",
    name="happened",
    object="customer",
    icon="timeline",
    order=15,
)
def happened_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any]:
    """Only the frame: the happenings come with the kit's own request."""
    return {}


@panel(
    "customer",
    title=gettext_lazy("Particulars"),
    template="customers/panels/particulars.html",
    name="particulars",
    object="customer",
    icon="id",
    order=20,
    place="side",
)
def particulars_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any]:
    readable = {one.name for one in CUSTOMER.readable(actor)}
    names = (
        "short_name", "name_en", "credit_code", "industry", "kind", "country", "region", "city", "customer_since",
        "address", "phone", "email", "website",
    )  # fmt: skip
    rows = [(CUSTOMER.by_name[name], getattr(customer, name)) for name in names if name in readable]
    former = list(
        customer.names.order_by("-valid_to", "id").values_list("pk", "kind", "name", "valid_to")[:20]
    )
    kinds = dict(customer.names.model.Kind.choices)
    return {
        "rows": [(field, value) for field, value in rows if value not in (None, "")],
        "former": [(key, kinds.get(kind, kind), name, until) for key, kind, name, until in former],
        "note": customer.note if "note" in readable else "",
        "sees_note": "note" in readable,
        "may_edit": actor.may("customer", "edit"),
    }


@panel(
    "customer",
    title=gettext_lazy("Sites"),
    template="customers/panels/sites.html",
    name="sites",
    object="site",
    icon="map-pin",
    order=25,
    place="side",
)
def sites_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any] | None:
    sites, may_add = queries.sites_of(actor, customer), actor.may("site", "create")
    if not sites and not may_add:
        return None
    return {
        "sites": sites,
        "sees_address": SITE.may_read(actor, "address"),
        "may_add": may_add,
        "may_edit": actor.may("site", "edit"),
    }


@panel(
    "customer",
    title=gettext_lazy("Relations"),
    template="customers/panels/relations.html",
    name="relations",
    object="customer",
    icon="sitemap",
    order=30,
    place="side",
)
def relations_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any] | None:
    kin, may_edit = queries.relations_of(actor, customer), actor.may("customer", "edit")
    return {"kin": kin, "may_edit": may_edit} if kin or may_edit else None


@panel(
    "customer",
    title=gettext_lazy("From the file"),
    template="customers/panels/facts.html",
    name="facts",
    object="customer",
    icon="clipboard-list",
    order=35,
    place="side",
)
def facts_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any] | None:
    sections, may_edit = queries.facts_of(actor, customer), actor.may("customer", "edit")
    if not sections and not may_edit:
        return None
    secret = [
        f"fact:{fact.row.name}"
        for section in sections
        for fact in section.facts
        if fact.field_class is FieldClass.SECRET
    ]
    if secret:
        journal.tell_read(request, customer, secret)
    return {"sections": sections, "may_edit": may_edit}


@panel(
    "customer",
    title=gettext_lazy("Competitors"),
    template="customers/panels/competitors.html",
    name="competitors",
    object="customer",
    classes=[FieldClass.COMMERCIAL],
    icon="target",
    order=40,
    place="side",
)
def competitors_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any] | None:
    rows, may_edit = queries.competitors_of(customer), actor.may("customer", "edit")
    return {"rows": rows, "may_edit": may_edit} if rows or may_edit else None


@next_action("customer")
def completing_suggestion(actor: Actor, customer: Customer, moment: datetime) -> Suggestion | None:
    """Without an owner nobody calls; an incomplete record comes last of all. No query: the page's own row is used."""
    if not actor.may("customer", "edit"):
        return None
    if customer.owner_a_id is None:
        return Suggestion(40, _("Name an owner"), "user-plus", reason=_("nobody looks after this customer"))
    if not hasattr(customer, "has_contact"):
        return None
    values = queries.completeness_values(customer)
    missing = max(missing_parts(values), key=lambda part: part.weight, default=None)
    if missing is None or completeness(values) >= lists.INCOMPLETE:
        return None
    return Suggestion(
        90,
        _("Add what is missing: %(part)s") % {"part": missing.label},
        "pencil",
        url=reverse("customer_edit", args=[customer.pk]),
        reason=_("%(count)s of %(all)s parts of the record are there")
        % {"count": len(PARTS) - len(missing_parts(values)), "all": len(PARTS)},
    )
